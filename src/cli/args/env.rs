//! `captui env`: what can be typed, and its help.

use std::path::PathBuf;

use clap::ArgGroup;
use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use clap_complete::engine::ArgValueCandidates;

use crate::capture::endpoint::ClientFeature;
use crate::cli::args::bulk::Dump;
use crate::cli::names;

/// `captui env …`
#[derive(Debug, Subcommand)]
pub enum EnvCommand {
    /// List the environments
    #[command(after_help = "Examples:
  captui env list
  captui env list --json")]
    List,
    /// Show an environment: where it is, who calls, and where the secret is, never the secret itself
    #[command(after_help = "Examples:
  captui env show
  captui env show dev --json")]
    Show(Named),
    /// Add an environment to the configuration
    #[command(
        after_help = "The secret never stands on a command line or in the configuration. Name where it is; or name \
nothing, and it is asked for without being shown, or read from standard input, and kept in a file of its own that \
only you may read. The configuration keeps its comments.

Examples:
  captui env add dev --domain my-app.us-dev.janraincapture.com --client-id 0123… --class dev
  captui env add prod --domain my-app.janraincapture.com --client-id 0123… --class prod --secret-env CAPTURE_SECRET
  captui env add prod --domain my-app.janraincapture.com --client-id 0123… --class prod --secret-command pass show prod
  vault read -field=secret capture/dev | captui env add dev --domain … --client-id … --class dev"
    )]
    Add(Add),
    /// Make a call that changes nothing, entityType.list, and say what came of it
    #[command(after_help = "Examples:
  captui env test
  captui env test prod")]
    Test(Named),
    /// Make an environment the one that is used when --env names none
    #[command(after_help = "Examples:
  captui env use dev
  captui env use sandbox")]
    Use {
        /// Its name; `sandbox` for the sandbox inside captui
        #[arg(add = ArgValueCandidates::new(names::environments))]
        name: String,
    },
    /// Take an environment out of the configuration, with its secret if captui keeps that in a file
    #[command(after_help = "Examples:
  captui env remove dev
  captui env remove dev --yes")]
    Remove {
        /// Its name
        #[arg(add = ArgValueCandidates::new(names::environments))]
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Take over the clients of the vendor's Python tools: of ~/.janrain-capture, or a file like it
    #[command(
        after_help = "Each client becomes an environment of the same name, completed by its cluster; a cluster with a \
client of its own, too. Secrets go into files that only you may read. The class follows the domain (us-dev, eu-dev, \
dev and eval are dev, all else is prod, and so read-only) unless --class says it. An environment that is there is \
asked for, or replaced with --replace; nothing is called.

Exit codes: 0 all are there, 1 some could not be taken over: which and why is said.

Examples:
  captui env import
  captui env import ~/.janrain-capture --dry-run
  captui env import team.yaml --class dev --replace"
    )]
    Import(Import),
    /// Write everything that the service tells of an environment into a folder
    #[command(
        after_help = "Readable JSON files: for each type its schema, rules, combined uniquenesses and what each \
client may read and write; clients without secrets; settings, those that are secrets by their names masked. \
manifest.json comes last, with check sums and what this client may not see. With --records also all records, packed, \
each type with a manifest of its own. The same command goes on with a dump that was interrupted.

A client that may not list entity types, as one with direct_read_access, names each with --type.

Exit codes: 0 everything there is for this client, 1 records are not as many as the service counts, 130 interrupted.

Examples:
  captui env dump today --env prod
  captui env dump ~/capture-2027 --env prod --records --rate 4
  captui env dump users --env reader --type user --records"
    )]
    Dump(Dump),
}

/// `captui env show`, `captui env test`
#[derive(Debug, Args)]
pub struct Named {
    /// Its name [default: that of --env, or the default one]
    #[arg(add = ArgValueCandidates::new(names::environments))]
    pub name: Option<String>,
}

/// `captui env add`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("secret").args(["secret_env", "secret_command", "secret_file"])))]
pub struct Add {
    /// Its name: what --env takes
    pub name: String,
    /// The Capture domain: my-app.us-dev.janraincapture.com
    #[arg(long, value_name = "HOST")]
    pub domain: String,
    /// The API client's id
    #[arg(long, value_name = "ID")]
    pub client_id: String,
    /// How careful to be
    #[arg(long)]
    pub class: Class,
    /// How the client identifies itself
    #[arg(long, default_value = "basic")]
    pub auth: Auth,
    /// The secret is in this environment variable
    #[arg(long, value_name = "VARIABLE")]
    pub secret_env: Option<String>,
    /// The secret is what this program prints, run without a shell: all words up to the end, or to a `;`
    #[arg(long, value_name = "WORD", num_args = 1.., allow_hyphen_values = true, value_terminator = ";")]
    pub secret_command: Option<Vec<String>>,
    /// The secret is in this file, which nobody but you may read (mode 600)
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Whether every call that changes something is refused from now on [default: true for prod]
    #[arg(long, value_name = "BOOL")]
    pub set_read_only: Option<bool>,
    /// What the client may do, if you know it; separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = feature)]
    pub features: Vec<ClientFeature>,
    /// Use it when --env names none
    #[arg(long)]
    pub default: bool,
    /// Put it in the place of the one of this name
    #[arg(long)]
    pub replace: bool,
}

/// How careful to be in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Class {
    /// Nothing in it matters
    Sandbox,
    /// Mistakes cost time
    Dev,
    /// Real customers' data
    Prod,
}

/// How a client identifies itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// With its secret, in a header
    Basic,
    /// By a signature (janrain-signed)
    Signed,
    /// With its secret among the parameters
    Params,
}

/// `captui env import`
#[derive(Debug, Args)]
pub struct Import {
    /// The file [default: that of JANRAIN_CONFIG, or ~/.janrain-capture]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How careful to be in all of them
    #[arg(long)]
    pub class: Option<Class>,
    /// Put them in the place of those of the same names, without asking
    #[arg(long)]
    pub replace: bool,
    /// Say what would become of each, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

fn feature(text: &str) -> Result<ClientFeature, String> {
    ClientFeature::from_name(text).ok_or_else(|| {
        let known = ClientFeature::ALL.map(ClientFeature::name).join(", ");
        format!("the features are {known}")
    })
}

//! `captui sandbox`: what can be typed, and its help.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use crate::capture::sample::Fill;
use crate::cli::args::tls::Tls;
use crate::sandbox::faults::Rule;
use crate::sandbox::host_name::HostName;

/// `captui sandbox …`
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve the sandbox until Ctrl-C; prints one line with its address and a client when it is ready
    #[command(
        after_help = "Faults, to see how a client takes a bad service. FAULT is one of
  504, 510, code=N  the service's error with this code, in HTTP 200
  http-502          a gateway's page with this HTTP status: 403, 500–504 or 510
  latency:TIME      the answer comes that much later: 300ms, 5s
  slow:TIME         the answer's body takes so long to come
  truncated         the answer breaks off
  reset             the connection is reset in place of an answer
  wrong-type        the answer calls itself HTML
latency, slow, truncated, reset, wrong-type, 504 and http-504 do the work and then spoil the answer; \
the others refuse it. FAULT:before leaves the work undone (latency:TIME:before waits before it), \
FAULT:after does it. \
OPERATION is a name, a beginning such as entity.*, or * for all; of several rules the first that hits \
decides. A client asks for a fault in one call with the header X-Captui-Fault: FAULT, or for none with \
X-Captui-Fault: none.

HTTPS, for clients that speak nothing else, under the host that they ask for. --tls keeps a small authority \
in DIR/tls, which signs a certificate for localhost, the address and every --host-name; no system and no browser \
is told to trust it. Give its certificate, the ca_file of the first line, to the client:
  curl --cacert FILE
  REQUESTS_CA_BUNDLE=FILE     Python's requests
  SSL_CERT_FILE=FILE          Python's urllib, Ruby, Go, captui
  NODE_EXTRA_CA_CERTS=FILE    Node.js
A line such as `127.0.0.1 my-app.janraincapture.com` in /etc/hosts leads the client here, curl without it by \
--connect-to my-app.janraincapture.com:443:127.0.0.1:PORT. A client that names no port wants --listen 127.0.0.1:443, \
which may need the right to take that port.

Examples:
  captui sandbox serve --listen 127.0.0.1:8080
  captui sandbox serve --listen 127.0.0.1:8443 --tls --host-name my-app.janraincapture.com
  captui sandbox serve --data :memory: --json
  captui sandbox serve --fault 'entity.create=504@10%' --fault '*=latency:300ms'
  captui sandbox serve --fault 'entity.*=reset:before@1%' --fault-seed 7"
    )]
    Serve(Serve),
    /// Tell what the sandbox holds and which servers run on it
    #[command(after_help = "Examples:
  captui sandbox status
  captui sandbox status --show-secret --json")]
    Status(Status),
    /// Put everything back to the first content, after a snapshot of what there is
    #[command(
        after_help = "The owner client keeps its id and its secret, so that programs that use it go on. Everything \
else goes: entity types, records, clients, settings, tokens. Servers may be running on the sandbox.

Examples:
  captui sandbox reset
  captui sandbox reset --bare --yes"
    )]
    Reset(Reset),
    /// Add believable records to an entity type
    #[command(
        after_help = "Records fit their schema; those that clash with a unique value there is are left out and the \
next are tried. Every password is `correct horse battery staple`.

Examples:
  captui sandbox seed user --count 1000
  captui sandbox seed user_test --count 20 --fill everything --seed 7"
    )]
    Seed(Seed),
    /// Keep a copy of everything, also while servers run on it
    #[command(after_help = "Examples:
  captui sandbox snapshot before-the-test
  captui sandbox snapshot --output ~/sandbox-today.db
  captui sandbox snapshot --list")]
    Snapshot(TakeSnapshot),
    /// Put a snapshot in place of what there is, after a snapshot of that
    #[command(
        after_help = "The clients come with the rest: the owner client is the snapshot's. Servers may be running on \
the sandbox; each of their calls sees the old state or the new.

Examples:
  captui sandbox restore before-the-test
  captui sandbox restore ~/sandbox-today.db --yes"
    )]
    Restore(Restore),
    /// Copy entity types of another environment, without their records
    #[command(
        after_help = "Rules and combined uniqueness come along if the client there may read them.

Examples:
  captui sandbox copy-schema --from dev
  captui sandbox copy-schema --from dev user customer --replace"
    )]
    CopySchema(CopySchema),
}

/// `captui sandbox serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The folder that keeps the records, or :memory: to keep nothing [default: captui's own]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// Begin a new sandbox with the default entity type `user` alone and no records, as the service does
    #[arg(long)]
    pub bare: bool,
    /// Listen on an address that other machines can reach
    #[arg(long)]
    pub allow_remote: bool,
    /// A further host to answer to, such as my-app.janraincapture.com; may be repeated
    #[arg(long, value_name = "HOST")]
    pub host_name: Vec<HostName>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub tls: Tls,
    /// Let calls go wrong: OPERATION=FAULT, or OPERATION=FAULT@10% for a share of them; may be repeated
    #[arg(long, value_name = "RULE")]
    pub fault: Vec<Rule>,
    /// The number that decides which calls a share hits: the same calls under the same number [default: a random one,
    /// told at the start]
    #[arg(long, value_name = "N", requires = "fault")]
    pub fault_seed: Option<u32>,
}

/// Which sandbox.
#[derive(Debug, Args)]
pub struct Data {
    /// The folder that keeps the sandbox [default: captui's own]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
}

/// `captui sandbox status`
#[derive(Debug, Args)]
pub struct Status {
    /// Also tell the owner client's secret
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox reset`
#[derive(Debug, Args)]
pub struct Reset {
    /// Begin again with the default entity type `user` alone and no records, as the service does
    #[arg(long)]
    pub bare: bool,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox snapshot`
#[derive(Debug, Args)]
pub struct TakeSnapshot {
    /// The snapshot's name: letters, digits, `.`, `_` and `-` [default: the present instant]
    #[arg(conflicts_with_all = ["output", "list"])]
    pub name: Option<String>,
    /// Write it to this file instead of the sandbox's own snapshots
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    pub output: Option<PathBuf>,
    /// List the sandbox's snapshots
    #[arg(long)]
    pub list: bool,
    /// Overwrite what is there
    #[arg(long, conflicts_with = "list")]
    pub force: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A snapshot's name, or a file
    #[arg(value_name = "NAME|FILE")]
    pub snapshot: String,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox seed`
#[derive(Debug, Args)]
pub struct Seed {
    /// The entity type
    pub type_name: String,
    /// How many records
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: u64,
    /// The number that the first record is made from, the next from the next: the same numbers give the same values
    /// [default: the number of records there are, plus 1]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// How much of each record is filled
    #[arg(long, value_enum, default_value_t = Filling::Typical)]
    pub fill: Filling,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// How much of a record is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Filling {
    /// What the entity type insists on
    Required,
    /// What a real record has
    Typical,
    /// Every attribute
    Everything,
}

impl From<Filling> for Fill {
    fn from(filling: Filling) -> Self {
        match filling {
            Filling::Required => Self::RequiredOnly,
            Filling::Typical => Self::Typical,
            Filling::Everything => Self::Everything,
        }
    }
}

/// `captui sandbox copy-schema`
#[derive(Debug, Args)]
pub struct CopySchema {
    /// The environment to copy from, one of the configuration; nothing is changed there
    #[arg(long, value_name = "ENV")]
    pub from: String,
    /// Only these entity types
    #[arg(value_name = "TYPE")]
    pub types: Vec<String>,
    /// Put a type in place of one that differs, whose records go
    #[arg(long)]
    pub replace: bool,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

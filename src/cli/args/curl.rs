//! `captui curl`: what can be typed, and its help.

use clap::Args;

use crate::cli::args::pasted::Pasted;

/// `captui curl`
#[derive(Debug, Args)]
#[command(
    after_help = "The command is read as curl and its shell would read it (sh, cmd.exe, PowerShell), and sent by \
captui: nothing is run. Standard error says what became of each of its parts.

It goes to the environment. Credentials that are elided, placeholders or variables are those of the environment's \
client; the command's own are used where its host is the environment's. Of a command for another host, the sandbox \
and an environment that --env names take the call with their own client; else you are asked, or say \
--host-of-command. No secret ever goes to a host that it is not for. A write in production asks first, and what \
removes something for good asks for the environment's name.

Exit codes: as those of `captui call`; 2 also when the command is not whole: a file, a variable or a part is missing.

Examples:
  captui curl \"curl -u id:secret https://my-app.janraincapture.com/entity.count -d type_name=user\"
  captui curl --env dev -- -d type_name=user https://my-app.us-dev.janraincapture.com/entity.count
  pbpaste | captui curl --dry-run
  captui curl --show wire --set type_name=user_test < sample.sh"
)]
pub struct Curl {
    /// The whole command in one word; - for standard input, which is also read when nothing is given
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// The command's words as they are, behind --
    #[arg(last = true, value_name = "WORD", conflicts_with = "command")]
    pub words: Vec<String>,
    /// Read the files that the command sends, without asking
    #[arg(long)]
    pub allow_files: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub how: Pasted,
}

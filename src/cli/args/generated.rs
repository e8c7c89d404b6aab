//! What is made from the definition of the commands itself: completions, manual pages, the list of commands.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

/// `captui completions`
#[derive(Debug, Args)]
#[command(
    after_help = "The shell then asks captui itself, so that the completions are always those of the program that is \
installed, with the names of your environments and of the entity types in your history. Nobody is called for that.

Examples:
  source <(captui completions bash)     in ~/.bashrc
  source <(captui completions zsh)      in ~/.zshrc, behind compinit
  captui completions fish > ~/.config/fish/completions/captui.fish
  captui completions powershell | Out-String | Invoke-Expression     in $PROFILE
  eval (captui completions elvish | slurp)                           in rc.elv"
)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

/// A shell that completes words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is a shell of its name")]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    Elvish,
}

impl Shell {
    /// Its name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
            Self::Elvish => "elvish",
        }
    }
}

/// `captui man`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  captui man | man -l -
  captui man record create | man -l -
  captui man -o /usr/local/share/man/man1")]
pub struct Man {
    /// The command whose page it is [default: captui itself]
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

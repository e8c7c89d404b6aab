//! The user's own editor or pager: the terminal is lent to it, with a file that only the user can read, for as long as it runs.
//!
//! The command is what `$VISUAL` or `$EDITOR` says, with its arguments, run by a shell as git does; else `vi`. The file is
//! alone in a folder of its own, which is removed whatever happens. While the editor runs, keys and Ctrl-C are its own;
//! jobs go on, and what they tell waits. Deliberately absent: what the text is and what becomes of it.

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::Permissions;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use crate::json::bytes::Bytes;
use crate::tui::effect::EditedFile;
use crate::tui::viewer::Outside;
use crate::tui::viewer::Program;

/// The editor's exit status when the shell does not know it.
const NOT_FOUND: i32 = 127;

/// The command that edits a file: the first of `$VISUAL` and `$EDITOR` that says something, else `vi`.
pub fn command(variable: impl Fn(&str) -> Option<String>) -> String {
    let said = |name| variable(name).filter(|command: &String| !command.trim().is_empty());
    said("VISUAL")
        .or_else(|| said("EDITOR"))
        .unwrap_or_else(|| "vi".to_owned())
}

/// The programs of the user's that the terminal is lent to.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The command that edits a file.
    pub editor: String,
    /// The command that shows one.
    pub pager: String,
}

impl Programs {
    /// What the process's environment says: see [`command`]; `$PAGER`, else `less`.
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Self {
        let pager = variable("PAGER").filter(|command| !command.trim().is_empty());
        Self {
            pager: pager.unwrap_or_else(|| "less".to_owned()),
            editor: command(variable),
        }
    }
}

/// Lets one of `programs` show a copy of this text, and says why it could not. The terminal must have been left.
pub async fn show(programs: &Programs, file: &Outside) -> Result<(), String> {
    let (what, command) = match file.program {
        Program::Pager => ("pager", &programs.pager),
        Program::Editor => ("editor", &programs.editor),
    };
    let text = file.bytes.clone();
    run(what, command, "answer.json", text).await.map(drop)
}

/// Lets `command` edit the file, and gives its text afterwards, or why there is none. The terminal must have been left.
pub async fn edit(command: &str, file: &EditedFile) -> Result<String, String> {
    let text = Bytes::from(file.text.reveal());
    let (path, _folder) = run("editor", command, &file.name, text).await?;
    std::fs::read_to_string(&path).map_err(failed)
}

fn failed(error: io::Error) -> String {
    format!("the file for it could not be used: {error}")
}

/// Runs `command` with a file of this text. Gives the file, and the folder that it lies in and goes with.
async fn run(
    what: &str,
    command: &str,
    name: &str,
    text: Bytes,
) -> Result<(PathBuf, TempDir), String> {
    let folder = tempfile::Builder::new()
        .prefix("captui-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(failed)?;
    let path = folder.path().join(name);
    let place = path.clone();
    // As much as a disk takes is more than the loop can wait for.
    tokio::task::spawn_blocking(move || write(&place, &text))
        .await
        .map_err(|error| error.to_string())?
        .map_err(failed)?;
    let status = Command::new("sh")
        .stdin(keyboard())
        .arg("-c")
        .arg(format!("{command} \"$@\""))
        .arg(command)
        .arg(&path)
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|error| format!("the shell that runs the {what} does not start: {error}"))?;
    match status.code() {
        Some(0) => Ok((path, folder)),
        Some(NOT_FOUND) => Err(format!(
            "there is no {what} `{command}`: set {} to one that there is",
            what.to_uppercase()
        )),
        Some(code) => Err(format!("the {what} `{command}` ended with status {code}")),
        None => Err(format!("the {what} `{command}` was ended by a signal")),
    }
}

/// Where the user types: what came through a pipe instead is no keys for another program either.
fn keyboard() -> Stdio {
    let terminal = || File::open("/dev/tty").map_or_else(|_| Stdio::null(), Stdio::from);
    if io::stdin().is_terminal() {
        Stdio::inherit()
    } else {
        terminal()
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)
}

#[cfg(test)]
mod tests {
    use crate::capture::secret::Secret;

    use super::*;

    #[test]
    fn the_first_variable_that_says_something_wins() {
        for (visual, editor, expected) in [
            (Some("code --wait"), Some("nano"), "code --wait"),
            (Some(" "), Some("nano"), "nano"),
            (None, Some(""), "vi"),
            (None, None, "vi"),
        ] {
            let variable = |name: &str| match name {
                "VISUAL" => visual.map(str::to_owned),
                _ => editor.map(str::to_owned),
            };
            assert_eq!(command(variable), expected);
        }
    }

    #[tokio::test]
    async fn what_the_editor_wrote_comes_back_and_nothing_stays() {
        let place = tempfile::tempdir().expect("a folder");
        let seen = place.path().join("seen");
        let file = EditedFile {
            name: "user.jsonc".to_owned(),
            text: Secret::new("{}\n".to_owned()),
        };
        let script = |then: &str| {
            let seen = seen.display();
            format!("f() {{ ls -l \"$2\" > '{seen}'; echo \"$2\" >> '{seen}'; {then} }}; f --flag")
        };
        let result = edit(&script("printf '[1]' > \"$2\";"), &file).await;
        assert_eq!(result, Ok("[1]".to_owned()));
        let said = std::fs::read_to_string(&seen).expect("was run");
        assert!(said.starts_with("-rw-------"), "{said}");
        let path = said.lines().last().expect("has a path");
        assert!(path.ends_with("/user.jsonc"), "{path}");
        assert!(!Path::new(path).exists());

        let result = edit(&script("exit 3;"), &file).await;
        assert!(result.is_err_and(|reason| reason.ends_with("ended with status 3")));
        let result = edit("no-such-editor-here", &file).await;
        assert!(result.is_err_and(|reason| reason.starts_with("there is no editor")));
        let result = edit("kill -9 $$ #", &file).await;
        assert!(result.is_err_and(|reason| reason.ends_with("by a signal")));
    }
}

//! Copying: the text is handed to the terminal, which may be on another machine, and to a program of this one that
//! holds a clipboard, if there is any. No terminal says whether it took a text, so what was done is told, not that it
//! worked.

use std::env;
use std::io;
use std::io::Write;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;

use crate::tui::effect::Copied;

/// Longer texts are not handed to the terminal: some close up on them, and most refuse them.
const MOST_FOR_TERMINAL: usize = 72 << 10;

/// How long a program may take to accept a text.
const PATIENCE: Duration = Duration::from_secs(2);

/// A program that takes a text on its standard input.
struct Holder {
    /// The variable that is set where it works.
    present: &'static str,
    command: &'static [&'static str],
    /// Where the text is then.
    place: &'static str,
}

/// In the order in which they are tried. Those of a desktop only work where its variable is set; tmux beside them, since
/// it is not the desktop's.
const HOLDERS: &[Holder] = &[
    Holder {
        present: "WAYLAND_DISPLAY",
        command: &["wl-copy"],
        place: "the clipboard (wl-copy)",
    },
    Holder {
        present: "DISPLAY",
        command: &["xclip", "-selection", "clipboard"],
        place: "the clipboard (xclip)",
    },
    Holder {
        present: "DISPLAY",
        command: &["xsel", "--clipboard", "--input"],
        place: "the clipboard (xsel)",
    },
    Holder {
        present: "WSL_DISTRO_NAME",
        command: &["clip.exe"],
        place: "the clipboard (clip.exe)",
    },
    Holder {
        present: "HOME",
        command: &["pbcopy"],
        place: "the clipboard (pbcopy)",
    },
];

const TMUX: Holder = Holder {
    present: "TMUX",
    command: &["tmux", "load-buffer", "-w", "-"],
    place: "tmux's buffer",
};

/// The programs that a text would be handed to, as far as the variables say; they need not be there.
pub(super) fn programs(variable: impl Fn(&str) -> Option<String>) -> Vec<&'static str> {
    HOLDERS
        .iter()
        .chain([&TMUX])
        .filter(|holder| variable(holder.present).is_some_and(|value| !value.is_empty()))
        .filter_map(|holder| holder.command.first().copied())
        .collect()
}

/// Hands a text to the terminal by the escape sequence OSC 52. Nothing happens where it is too long.
pub(super) fn tell_terminal(text: &str) -> io::Result<()> {
    if text.len() <= MOST_FOR_TERMINAL {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))?;
    }
    Ok(())
}

/// Hands a text to the programs of this machine that hold one, and says in a sentence where it is now. Blocks.
pub(super) fn tell_programs(copied: &Copied) -> Result<String, String> {
    let text = copied.text.reveal();
    let mut places = Vec::new();
    if text.len() <= MOST_FOR_TERMINAL {
        places.push("the terminal (OSC 52)");
    }
    places.extend(HOLDERS.iter().find_map(|holder| holder.take(text)));
    places.extend(TMUX.take(text));
    let (what, size) = (&copied.what, text.len());
    if places.is_empty() {
        return Err(format!(
            "{what} was not copied: {size} bytes are too many for the terminal, and no wl-copy, xclip or tmux is here"
        ));
    }
    Ok(format!(
        "copied {what} ({size} bytes) to {}",
        places.join(", ")
    ))
}

/// Programs that tell what was copied; the variable as in [`Holder`].
const TELLERS: &[(&str, &[&str])] = &[
    ("WAYLAND_DISPLAY", &["wl-paste", "--no-newline"]),
    ("DISPLAY", &["xclip", "-selection", "clipboard", "-out"]),
    ("DISPLAY", &["xsel", "--clipboard", "--output"]),
    ("HOME", &["pbpaste"]),
    ("TMUX", &["tmux", "show-buffer"]),
];

/// What other programs copied, as a program of this machine tells it: a terminal does not. Blocks.
pub(super) fn read() -> Result<String, String> {
    for (present, command) in TELLERS {
        if env::var_os(present).is_none_or(|value| value.is_empty()) {
            continue;
        }
        let told = command.split_first().and_then(|(program, arguments)| {
            let told = Command::new(program)
                .args(arguments)
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .output();
            told.ok().filter(|told| told.status.success())
        });
        if let Some(told) = told {
            return Ok(String::from_utf8_lossy(&told.stdout).into_owned());
        }
    }
    Err("no program here tells what was copied: paste with the terminal's own key".to_owned())
}

impl Holder {
    /// The place, when the program took the text.
    fn take(&self, text: &str) -> Option<&'static str> {
        env::var_os(self.present).filter(|value| !value.is_empty())?;
        let (program, arguments) = self.command.split_first()?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        // Its end closes the pipe, which is the end of the text.
        let written = child.stdin.take()?.write_all(text.as_bytes());
        let ended_well = wait(&mut child);
        (written.is_ok() && ended_well).then_some(self.place)
    }
}

/// Whether the program ended well in time. Those that go on to hold the text do so in a child of theirs.
fn wait(child: &mut Child) -> bool {
    let until = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < until => sleep(Duration::from_millis(5)),
            Ok(None) | Err(_) => {
                // It may have ended meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

//! What the explorer finds around it: the terminal, the locale, and the programs that it would run. For `captui doctor`.
//!
//! It looks at the environment's variables, the search path and the terminal's size. Deliberately absent: asking the
//! terminal itself, whose answer would be typed into the shell if it came late; and running any program.

use std::env;
use std::path::Path;

use rustix::fs::Access;
use rustix::fs::access;

use crate::config::look::Depth;
use crate::config::look::LookSettings;
use crate::tui::clipboard;
use crate::tui::editor::Programs;
use crate::tui::layout::SMALLEST;
use crate::tui::theme::depth;

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What is told.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// What to do about it, where it keeps the explorer from working.
    pub remedy: Option<String>,
    /// What could be better, where that is not the explorer's to say.
    pub advice: Option<String>,
}

impl Fact {
    fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            remedy: None,
            advice: None,
        }
    }

    fn wrong(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    fn but(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }
}

/// Terminals known to take a copied text by OSC 52, by what `TERM` or `TERM_PROGRAM` begins with.
const TAKE_OSC_52: &[&str] = &[
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "kitty",
    "rio",
    "WezTerm",
    "wezterm",
    "xterm-ghostty",
    "xterm-kitty",
];

/// Terminals known to tell keys by kitty's protocol, in the same way.
const KITTY_KEYS: &[&str] = &[
    "alacritty",
    "foot",
    "ghostty",
    "rio",
    "xterm-ghostty",
    "xterm-kitty",
];

/// Everything found; `variable` gives the value of an environment variable that is set.
pub fn facts(look: &LookSettings, variable: impl Fn(&str) -> Option<String>) -> Vec<Fact> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let known = |terminals: &[&str]| {
        ["TERM", "TERM_PROGRAM"]
            .iter()
            .filter_map(|name| set(name))
            .any(|said| terminals.iter().any(|known| said.starts_with(known)))
    };
    let around = match (set("TMUX"), set("STY"), set("ZELLIJ")) {
        (Some(_), ..) => Some("tmux"),
        (_, Some(_), _) => Some("GNU screen"),
        (.., Some(_)) => Some("zellij"),
        _ => None,
    };
    let programs = Programs::find(&variable);
    vec![
        term(set("TERM")),
        Fact::new("COLORTERM", set("COLORTERM").unwrap_or("not set".into())),
        size(),
        Fact::new("multiplexer", around.unwrap_or("none known")),
        Fact::new(
            "over SSH",
            yes_no(set("SSH_CONNECTION").is_some() || set("SSH_TTY").is_some()),
        ),
        colours(*look, &variable),
        characters(*look, &variable),
        motion(*look, &variable),
        Fact::new("mouse", yes_no(look.mouse)),
        osc_52(around, known(TAKE_OSC_52)),
        Fact::new(
            "kitty keyboard",
            if known(KITTY_KEYS) && around.is_none() {
                "known to have it; not needed"
            } else {
                "not known, not asked, not needed"
            },
        ),
        clipboard_programs(&variable),
        program("editor", &programs.editor, "VISUAL or EDITOR"),
        program("pager", &programs.pager, "PAGER"),
    ]
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn term(term: Option<String>) -> Fact {
    let fact = Fact::new("TERM", term.clone().unwrap_or("not set".into()));
    match term.as_deref() {
        None => fact.wrong("the explorer needs to know the terminal: TERM=xterm-256color fits most"),
        Some("dumb") => fact.wrong(
            "the explorer cannot be drawn here: start captui from a terminal; the commands work without one",
        ),
        Some(_) => fact,
    }
}

fn size() -> Fact {
    let size = [
        rustix::termios::tcgetwinsize(rustix::stdio::stdout()),
        rustix::termios::tcgetwinsize(rustix::stdio::stderr()),
        rustix::termios::tcgetwinsize(rustix::stdio::stdin()),
    ];
    let Some(size) = size.into_iter().flatten().find(|size| size.ws_col > 0) else {
        return Fact::new("size", "no terminal here");
    };
    let fact = Fact::new("size", format!("{}×{}", size.ws_col, size.ws_row));
    let (columns, rows) = SMALLEST;
    if size.ws_col < columns || size.ws_row < rows {
        fact.but(format!("the explorer needs {columns}×{rows}"))
    } else {
        fact
    }
}

fn colours(look: LookSettings, variable: impl Fn(&str) -> Option<String>) -> Fact {
    let decided = depth::colours(&look, variable);
    let theme = look.theme.name();
    let (count, why) = (decided.what.name(), decided.why);
    let fact = Fact::new("colours", format!("{count} ({why}), theme {theme}"));
    if look.theme != LookSettings::default().theme
        && matches!(decided.what, Depth::Of16 | Depth::None)
    {
        fact.but(format!(
            "`{theme}` needs 256 colours: `colours` in [look] can say that they are there"
        ))
    } else {
        fact
    }
}

fn characters(look: LookSettings, variable: impl Fn(&str) -> Option<String>) -> Fact {
    let decided = depth::ascii(&look, variable);
    let what = if decided.what { "ASCII" } else { "UTF-8" };
    let fact = Fact::new("characters", format!("{what} ({})", decided.why));
    if decided.what && look.ascii.is_none() {
        fact.but("with a UTF-8 locale, such as LANG=C.UTF-8, everything is shown as it is")
    } else {
        fact
    }
}

fn motion(look: LookSettings, variable: impl Fn(&str) -> Option<String>) -> Fact {
    let decided = depth::motion(&look, variable);
    Fact::new(
        "motion",
        format!("{} ({})", yes_no(decided.what), decided.why),
    )
}

fn osc_52(around: Option<&str>, is_known: bool) -> Fact {
    let name = "copying by OSC 52";
    match around {
        Some("tmux") => {
            Fact::new(name, "as tmux is set").but("tmux needs: set -g set-clipboard on")
        }
        Some(other) => Fact::new(name, format!("not known through {other}")),
        None if is_known => Fact::new(name, "this terminal is known to take it"),
        None => Fact::new(name, "not known of this terminal, tried all the same"),
    }
}

fn clipboard_programs(variable: impl Fn(&str) -> Option<String>) -> Fact {
    let names: Vec<&str> = clipboard::programs(&variable)
        .into_iter()
        .filter(|name| is_there(name))
        .collect();
    let found = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    Fact::new("clipboard programs", found)
}

/// Only the program of a command is told: its arguments may say more than is good.
fn program(name: &'static str, command: &str, variables: &str) -> Fact {
    let program = command.split_whitespace().next().unwrap_or_default();
    let fact = Fact::new(name, program);
    // What a shell has to take apart first is not looked for.
    if is_there(program) || program.contains(['"', '\'', '$', '=', '~', '\\']) {
        fact
    } else {
        fact.but(format!(
            "there is no such program: set {variables} to one that there is"
        ))
    }
}

/// Whether this user can run a program of this name or path.
fn is_there(program: &str) -> bool {
    let runs = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if program.contains('/') {
        return runs(Path::new(program));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    !program.is_empty() && env::split_paths(&path).any(|folder| runs(&folder.join(program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)], name: &str) -> Fact {
        let facts = facts(&LookSettings::default(), |wanted| {
            let found = variables.iter().find(|(key, _)| *key == wanted);
            found.map(|(_, value)| (*value).to_owned())
        });
        let found = facts.into_iter().find(|fact| fact.name == name);
        found.expect("is told")
    }

    #[test]
    fn what_keeps_the_explorer_from_working_has_a_remedy() {
        assert!(told(&[], "TERM").remedy.is_some());
        assert!(told(&[("TERM", "dumb")], "TERM").remedy.is_some());
        assert_eq!(told(&[("TERM", "foot")], "TERM").remedy, None);
        let missing = told(&[("EDITOR", "no-such-editor --token s3cret")], "editor");
        assert_eq!(missing.value, "no-such-editor");
        assert!(
            missing
                .advice
                .is_some_and(|words| words.contains("no such program"))
        );
        assert_eq!(told(&[("EDITOR", "sh -x")], "editor").advice, None);
    }

    #[test]
    fn what_is_around_the_terminal_counts() {
        let tmux = [("TERM", "xterm-kitty"), ("TMUX", "/tmp/t,1,0")];
        assert_eq!(told(&tmux, "multiplexer").value, "tmux");
        assert!(told(&tmux, "copying by OSC 52").advice.is_some());
        assert!(
            told(&tmux[..1], "copying by OSC 52")
                .value
                .contains("is known")
        );
        assert!(
            told(&tmux[..1], "kitty keyboard")
                .value
                .starts_with("known")
        );
        assert!(
            told(&[("LANG", "C")], "characters")
                .value
                .contains("LANG is C")
        );
        let plain = told(&[("NO_COLOR", "1")], "colours");
        assert_eq!(plain.value, "none (NO_COLOR is set), theme terminal");
    }
}

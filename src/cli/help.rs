//! What stands below a command's options in its help, in parts: for the manual pages and the list of commands, which
//! are made of the same definition as the help itself.
//!
//! ```text
//! prose, in paragraphs           a line with a margin is one of a list
//! Exit codes: …                  one paragraph
//! Examples:                      and a line with a margin for each
//!   captui …
//! ```

use clap::Command;

/// The parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// The lines before all else.
    pub(super) prose: Vec<String>,
    /// What the exit codes mean here, if that is said.
    pub(super) exit_codes: Option<String>,
    /// Commands, perhaps with a remark behind them.
    pub(super) examples: Vec<String>,
}

impl Notes {
    /// Those of a command.
    pub(super) fn of(command: &Command) -> Self {
        let help = command
            .get_after_long_help()
            .or_else(|| command.get_after_help());
        help.map_or_else(Self::default, |help| Self::read(&help.to_string()))
    }

    fn read(help: &str) -> Self {
        const EXIT_CODES: &str = "Exit codes:";
        let mut notes = Self::default();
        for paragraph in help.trim().split("\n\n") {
            if let Some(examples) = paragraph.strip_prefix("Examples:") {
                let lines = examples.lines().map(str::trim);
                let lines = lines.filter(|line| !line.is_empty());
                notes.examples.extend(lines.map(str::to_owned));
            } else if let Some(codes) = paragraph.strip_prefix(EXIT_CODES) {
                let words: Vec<&str> = codes.split_whitespace().collect();
                notes.exit_codes = Some(words.join(" "));
            } else {
                if !notes.prose.is_empty() {
                    notes.prose.push(String::new());
                }
                notes.prose.extend(paragraph.lines().map(str::to_owned));
            }
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_read_in_parts() {
        let notes = Notes::read(
            "One.\nMore.\n\n  a    b\n\nExit codes: 0 ok,\n1 not.\n\nExamples:\n  captui x\n  captui y   why\n",
        );
        assert_eq!(notes.prose, ["One.", "More.", "", "  a    b"]);
        assert_eq!(notes.exit_codes.as_deref(), Some("0 ok, 1 not."));
        assert_eq!(notes.examples, ["captui x", "captui y   why"]);
        assert_eq!(Notes::read(""), Notes::default());
    }
}

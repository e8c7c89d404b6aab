//! A JSON text being edited, with what is known of it: the side of a draft and of a design that shows them as JSON.
//!
//! ```text
//!  text ──keys, paste──▶ JsonText ──read──▶ what it says, or the place of its fault ──▶ Verdict ──view──▶ the screen
//! ```
//!
//! Deliberately absent: what the text is of, and so what is wrong with its values: who shows it puts that into the verdict.

pub mod editor;
pub mod read;
pub mod view;

use crate::json::document::Fault;
use crate::json::lenient::LeftOut;
use crate::json::repair::Hunk;
use crate::tui::json_text::editor::Editor;
use crate::tui::panes::line_input::is_left_out;

/// Texts up to this are checked with every key, larger ones when typing ends.
const CHECKED_AT_ONCE: usize = 64 << 10;

/// A JSON text being edited.
pub struct JsonText {
    /// The text.
    pub editor: Editor,
    /// Whether keys go to it.
    pub typing: bool,
    /// What is known of it.
    pub verdict: Verdict,
}

/// What is known of a text.
#[derive(Default)]
pub struct Verdict {
    /// Where it stops being JSON.
    pub fault: Option<Fault>,
    /// What is wrong with values: lines from 0, and sentences.
    pub problems: Vec<(usize, String)>,
    /// What is in the text and not sent.
    pub left_out: LeftOut,
    /// Attributes that only the service gives.
    pub dropped: Vec<String>,
    /// Whether the fault is one of spelling, which a repair may help with.
    pub misspelt: bool,
    /// Whether the text changed since and is too large to be checked with every key.
    pub outdated: bool,
}

impl Verdict {
    /// Of a text that is too large to be checked with every key.
    pub fn outdated() -> Self {
        Self {
            outdated: true,
            ..Self::default()
        }
    }
}

impl JsonText {
    /// A text that nobody types yet.
    pub fn new(text: &str) -> Self {
        Self {
            editor: Editor::new(text),
            typing: false,
            verdict: Verdict::default(),
        }
    }

    /// Whether it is short enough to be checked with every key.
    pub fn is_checked_at_once(&self) -> bool {
        self.editor.size() <= CHECKED_AT_ONCE
    }

    /// Puts a pasted text in at the cursor, without what steers a terminal.
    pub fn paste(&mut self, text: &str) {
        self.typing = true;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let is_kept = |c: &char| !is_left_out(*c);
        let kept: String = text.chars().filter(is_kept).collect();
        self.editor.insert(&kept);
    }

    /// Puts the cursor where the text stops being JSON.
    pub fn go_to_fault(&mut self) {
        if let Some(fault) = &self.verdict.fault {
            self.editor.go_to(fault.line - 1, fault.column - 1);
        }
    }

    /// Goes to the next line with a problem, or the one before; round the end.
    pub fn go_to_problem(&mut self, forward: bool) {
        let (here, _) = self.editor.cursor();
        let mut lines: Vec<usize> = self
            .verdict
            .problems
            .iter()
            .map(|(line, _)| *line)
            .collect();
        lines.sort_unstable();
        let next = if forward {
            lines.iter().find(|line| **line > here).or(lines.first())
        } else {
            lines
                .iter()
                .rev()
                .find(|line| **line < here)
                .or(lines.last())
        };
        match next {
            Some(line) => self.editor.go_to(*line, 0),
            None => self.go_to_fault(),
        }
    }

    /// How many problems are known.
    pub fn problem_count(&self) -> usize {
        self.verdict.problems.len() + usize::from(self.verdict.fault.is_some())
    }
}

/// A repair to be looked at before it is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What is repaired: the draft, or a field's name.
    pub what: String,
    /// How many changes there are.
    pub count: usize,
    /// The changed lines.
    pub hunks: Vec<Hunk>,
}

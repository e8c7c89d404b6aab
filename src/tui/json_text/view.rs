//! Draws a JSON text: the text, and below it what is wrong or left out, without taking the cursor along.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::layout::Size;

use crate::json::document::Fault;
use crate::json::locate;
use crate::json::sanitize;
use crate::tui::json_text::JsonText;
use crate::tui::json_text::editor::Marks;
use crate::tui::json_text::read::sentence;
use crate::tui::keys::keymap::keyed;
use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// The most lines below the text.
const MOST_LINES: usize = 5;

/// A line below the text.
struct Said {
    tone: Tone,
    /// Whether a sentence begins here.
    first: bool,
    text: String,
}

/// How a line below the text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    /// Something is wrong.
    Error,
    /// Something to know.
    Note,
}

/// The lines below the text, as far as there is room.
struct Below {
    lines: Vec<Said>,
    width: usize,
    most: usize,
}

impl Below {
    /// Adds a sentence, if all of it fits or nothing is there yet.
    fn say(&mut self, tone: Tone, sentence: &str) {
        let wrapped = sanitize::wrap(&sanitize::clean(sentence), self.width);
        let fits = self.lines.len() + wrapped.len() <= self.most;
        if fits || self.lines.is_empty() {
            self.put(tone, wrapped.into_iter().take(self.most));
        }
    }

    fn put(&mut self, tone: Tone, lines: impl Iterator<Item = String>) {
        self.lines.extend(lines.enumerate().map(|(at, text)| Said {
            tone,
            first: at == 0,
            text,
        }));
    }
}

impl JsonText {
    /// Tells the editor how many lines it has in an area of this size, which what is said below it decides.
    pub fn fit(&mut self, size: Size) {
        let below = self.below(size.width, size.height).len();
        self.editor
            .set_height(usize::from(size.height).saturating_sub(below));
    }

    /// Draws the text. `hide` gives a line without its secrets: they are masked while nobody edits a text that does not
    /// parse; one that parses has stand-ins.
    pub fn view(
        &self,
        hide: &dyn Fn(&str) -> String,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let below = self.below(area.width, area.height);
        let height = area.height.saturating_sub(below.len() as u16);
        let fault = self.verdict.fault.as_ref();
        let marks = Marks {
            fault: fault.map(|fault| (fault.line - 1, fault.column - 1)),
            problem: &|line| self.verdict.problems.iter().any(|(at, _)| *at == line),
            typing: self.typing,
            focused,
            masked: (fault.is_some() && !self.typing).then_some(hide),
        };
        self.editor
            .draw(buf, Rect { height, ..area }, theme, &marks);
        let lines = below.iter().zip(area.y + height..area.bottom());
        for (said, y) in lines {
            let (mark, style) = match said.tone {
                Tone::Error => (theme.glyphs.error, theme.error),
                Tone::Note => (theme.glyphs.separator, theme.dim),
            };
            if said.first {
                text::put(buf, area.x + 1, y, 1, mark, style);
            }
            let room = area.width.saturating_sub(4);
            text::put(buf, area.x + 3, y, room, &said.text, style);
        }
    }

    /// The lines below the text: the fault, or the problems from the cursor's line on, and what is left out.
    fn below(&self, width: u16, height: u16) -> Vec<Said> {
        let mut below = Below {
            lines: Vec::new(),
            width: usize::from(width.saturating_sub(4)).max(1),
            most: MOST_LINES.min(usize::from(height) / 3),
        };
        match &self.verdict.fault {
            Some(fault) => self.about_fault(fault, &mut below),
            None => self.about_values(&mut below),
        }
        below.lines
    }

    fn about_fault(&self, fault: &Fault, below: &mut Below) {
        below.say(Tone::Error, &sentence(fault));
        if self.verdict.misspelt && !self.typing {
            below.say(
                Tone::Note,
                &keyed("<form.repair> repairs it, after a look at what that changes"),
            );
        }
        if !self.editor.shows(fault.line - 1) && below.lines.len() + 2 <= below.most {
            let excerpt = locate::excerpt(&self.editor.text(), fault.offset, below.width);
            let caret = excerpt.caret_line();
            below.put(Tone::Note, [excerpt.line, caret].into_iter());
        }
    }

    fn about_values(&self, below: &mut Below) {
        let verdict = &self.verdict;
        if verdict.outdated {
            below.say(
                Tone::Note,
                "a text of this size is checked when typing ends",
            );
        }
        let (here, _) = self.editor.cursor();
        let from = verdict.problems.iter().filter(|(line, _)| *line >= here);
        let before = verdict.problems.iter().filter(|(line, _)| *line < here);
        for (line, reason) in from.chain(before).take(MOST_LINES) {
            below.say(Tone::Error, &format!("line {}: {reason}", line + 1));
        }
        if !verdict.dropped.is_empty() {
            let names = verdict.dropped.join(", ");
            below.say(
                Tone::Note,
                &format!("not sent: {names}, which only the service gives"),
            );
        }
        if let Some(words) = verdict.left_out.in_words() {
            below.say(Tone::Note, &format!("not sent: {words}"));
        }
    }
}

//! What the sheets over the panes have in common that talk with the service: where they lie, what they said last, and what
//! a key asks of the root. Used by the rules and the access schemas of an entity type; their pages are their own.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::capture::request::ApiRequest;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// The most columns of a sheet.
const WIDEST: u16 = 120;

/// Rows below it: the status line and the footer, which tell of the sheet while it is there.
const BELOW: u16 = 2;

/// The most rows that what was said takes.
const MOST_SAID: usize = 2;

/// What is said of a verb that has no meaning on the page shown.
pub const NOT_HERE: &str = "that does nothing here: <rules.help> lists the keys";

/// What is said of a verb while a call runs: what the answer is for must not change before it comes.
pub const WAITING: &str = "the service is being asked: <rules.close> cancels";

/// What a key asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing, or it was done here.
    Open,
    /// Close the sheet.
    Close,
    /// Cancel the call that runs.
    Cancel,
    /// Show the keys.
    Help,
    /// Make this call, which only reads.
    Ask(ApiRequest),
    /// Make this call, which changes something; what it does, in a few lines.
    Send(ApiRequest, Vec<String>),
    /// Ask whether to make this call, which takes something away.
    Remove {
        /// The call.
        request: ApiRequest,
        /// The question.
        title: String,
        /// What it means.
        lines: Vec<String>,
        /// The answer that makes the call: `Delete`.
        go_on: &'static str,
    },
}

/// What plain characters are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// They are written.
    Text,
    /// They narrow a list, but for Space.
    Narrowing,
}

/// What just happened, in a sentence; and what was warned of, which the same key then does.
#[derive(Debug, Default)]
pub struct Foot {
    said: Option<Said>,
    warned: Option<&'static str>,
    /// What was warned of by the key before.
    before: Option<&'static str>,
}

#[derive(Debug)]
struct Said {
    good: bool,
    text: String,
}

impl Foot {
    /// A key was pressed: what was said before is over.
    pub fn heard(&mut self) {
        self.said = None;
        self.before = self.warned.take();
    }

    /// Says what happened; `good` when it is what was wanted.
    pub fn say(&mut self, good: bool, text: impl Into<String>) {
        let text = text.into();
        self.said = Some(Said { good, text });
    }

    /// Whether something that loses what was done is meant: it was warned of by the key before. Else it is now.
    pub fn is_meant(&mut self, warning: &'static str) -> bool {
        if self.before == Some(warning) {
            return true;
        }
        self.warned = Some(warning);
        self.say(false, warning);
        false
    }

    /// The inside of the sheet without the rows for what was said, whose marks are all as wide.
    pub fn above(&self, screen: Rect) -> Rect {
        let body = body(screen);
        let more = self.said_rows("-", body.width).len().saturating_sub(1) as u16;
        Rect {
            height: body.height.saturating_sub(more),
            ..body
        }
    }

    /// What was said, after a mark, on the rows that it takes.
    fn said_rows(&self, mark: &str, width: u16) -> Vec<String> {
        let Some(said) = &self.said else {
            return Vec::new();
        };
        let line = format!("{mark} {}", sanitize::clean_lines(&keyed(&said.text)));
        let mut lines = sanitize::wrap(&line, usize::from(width).max(1));
        if lines.len() > MOST_SAID {
            // The last row takes the rest, which is cut with a sign.
            let rest = lines.split_off(MOST_SAID - 1).join(" ");
            lines.push(text::fit(&rest, width));
        }
        lines
    }

    /// Draws it at the bottom of a sheet.
    pub fn view(&self, waiting: bool, theme: &Theme, screen: Rect, buf: &mut Buffer) {
        let (mark, style) = match &self.said {
            Some(said) if said.good => (theme.glyphs.ok, theme.ok),
            Some(_) => (theme.glyphs.warning, theme.warning),
            None => (theme.glyphs.running, theme.running),
        };
        let body = body(screen);
        let mut lines = self.said_rows(mark, body.width);
        if lines.is_empty() && waiting {
            lines.push(keyed(&format!(
                "{mark} asking the service: <rules.close> cancels"
            )));
        }
        let top = (body.bottom() + 1).saturating_sub(lines.len() as u16);
        for (line, y) in lines.iter().zip(top..=body.bottom()) {
            text::put(buf, body.x, y, body.width, line, style);
        }
    }
}

/// Where a sheet lies: between the header and the status line, or in the middle of a larger screen.
fn area(screen: Rect) -> Rect {
    if screen.width > WIDEST {
        centred(screen, WIDEST, screen.height.saturating_sub(2 * BELOW))
    } else {
        let header = u16::from(screen.height > 1);
        Rect {
            y: screen.y + header,
            height: screen.height.saturating_sub(header + BELOW),
            ..screen
        }
    }
}

/// The inside of a sheet, without the row for what was said.
pub fn body(screen: Rect) -> Rect {
    let area = area(screen);
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(3),
    }
}

/// Draws the empty sheet.
pub fn frame(title: &str, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    popup(buf, area(screen), title, theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_warning_by_the_key_before_is_meant() {
        let mut foot = Foot::default();
        assert!(!foot.is_meant("a"));
        foot.heard();
        assert!(!foot.is_meant("b"), "it was warned of another");
        foot.heard();
        foot.heard();
        assert!(!foot.is_meant("b"), "another key came between");
        foot.heard();
        assert!(foot.is_meant("b"));
        foot.heard();
        assert!(!foot.is_meant("b"), "it was meant once");
    }
}

//! How a verdict looks, in whichever pane it is shown.

use ratatui::style::Style;

use crate::exchange::Verdict;
use crate::tui::theme::Theme;

/// The glyph and style of a verdict; the words beside it say the same.
pub fn mark(verdict: Verdict, theme: &Theme) -> (&'static str, Style) {
    match verdict {
        Verdict::Ok => (theme.glyphs.ok, theme.ok),
        Verdict::Error | Verdict::NotCapture | Verdict::NotSent => {
            (theme.glyphs.error, theme.error)
        }
        Verdict::Unknown => (theme.glyphs.warning, theme.warning),
    }
}

//! The line at the bottom: the mode, and which keys there are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// One key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint<'a> {
    /// The key as people write it: `F5`, `↵`.
    pub key: &'a str,
    /// What it does, in a word.
    pub label: &'a str,
}

/// Draws the mode and the hints, the most important first, and `help` at the right end. A hint is whole or not there;
/// those on the right go first, the help last.
pub fn draw_hints(
    buffer: &mut Buffer,
    area: Rect,
    mode: &str,
    hints: &[Hint<'_>],
    help: &Hint<'_>,
    theme: &Theme,
) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let help_width = hint_width(help).min(area.width);
    let right = area.right() - u16::from(area.width > help_width);
    let help_at = right - help_width;
    draw_hint(buffer, help_at, area.y, help_width, help, theme);

    // Two cells between hints, also before the help.
    let end = help_at.saturating_sub(2);
    let mut at = area.x + 1;
    let mode_width = text::width_up_to(mode, area.width);
    if mode_width > 0 && at + mode_width <= end {
        at = text::put(buffer, at, area.y, mode_width, mode, theme.title_focused) + 2;
    }
    for hint in hints {
        let wide = hint_width(hint);
        if at.saturating_add(wide) > end {
            break;
        }
        draw_hint(buffer, at, area.y, wide, hint, theme);
        at += wide + 2;
    }
}

fn hint_width(hint: &Hint<'_>) -> u16 {
    const LONGEST: u16 = 1000;
    text::width_up_to(hint.key, LONGEST) + 1 + text::width_up_to(hint.label, LONGEST)
}

fn draw_hint(buffer: &mut Buffer, x: u16, y: u16, cells: u16, hint: &Hint<'_>, theme: &Theme) {
    let spans = [
        Span::styled(hint.key, theme.hint_key),
        Span::raw(" "),
        Span::styled(hint.label, theme.hint_text),
    ];
    text::put_spans(buffer, x, y, cells, &spans);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(buffer: &Buffer) -> String {
        buffer
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn hints_go_whole_and_help_stays() {
        let hint = |key, label| Hint { key, label };
        let hints = [hint("F5", "send"), hint("↵", "edit"), hint("/", "find")];
        let mut all = String::new();
        for width in [0, 1, 4, 6, 7, 14, 20, 30, 50] {
            let area = Rect::new(0, 0, width, 1);
            let mut buffer = Buffer::empty(area);
            draw_hints(
                &mut buffer,
                area,
                "NAV",
                &hints,
                &hint("?", "help"),
                &Theme::monochrome(),
            );
            all.push_str(&row(&buffer));
            all.push_str("|\n");
        }
        insta::assert_snapshot!(all);
    }
}

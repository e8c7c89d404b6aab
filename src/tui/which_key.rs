//! What the next key may be, when the beginning of a sequence waits for it: a small list above the footer that comes only
//! when somebody hesitates.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::tui::model::Model;
use crate::tui::overlays::popup;
use crate::tui::theme::Theme;
use crate::tui::update::refusal;
use crate::tui::widgets::text;

/// How long somebody knows what comes next.
const KNOWS: Duration = Duration::from_millis(300);

/// Cells of an entry, with what is between two.
const ENTRY: u16 = 58;

/// Cells of a key.
const KEY: usize = 5;

/// Whether it is still to come.
pub fn is_awaited(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| !has_come(since, now))
}

fn has_come(since: Timestamp, now: Timestamp) -> bool {
    let waited = now.duration_since(since);
    Duration::try_from(waited).is_ok_and(|waited| waited >= KNOWS)
}

/// Draws the list at the bottom of `area`, if somebody hesitates.
pub fn view(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if !model
        .pressed_since
        .is_some_and(|since| has_come(since, model.session.now))
    {
        return;
    }
    let entries = model.keymap.after(&model.scopes(), &model.pressed);
    let columns = (area.width.saturating_sub(4) / ENTRY).max(1);
    let rows = u16::try_from(entries.len())
        .unwrap_or(u16::MAX)
        .div_ceil(columns);
    let height = (rows + 2).min(area.height);
    let frame = Rect {
        y: area.bottom() - height,
        height,
        ..area
    };
    let pressed: Vec<String> = model.pressed.iter().map(ToString::to_string).collect();
    let title = format!("{} … and then", pressed.join(" "));
    let inside = popup(buf, frame, &title, theme);
    for (at, (key, spec)) in entries.iter().enumerate() {
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        let (column, row) = (at / rows, at % rows);
        if row >= inside.height {
            continue;
        }
        let x = inside.x + column * ENTRY;
        let style = match refusal(model, spec.action) {
            Some(_) => theme.dim,
            None => theme.text,
        };
        let spans = [
            Span::styled(format!("{key:<KEY$}"), theme.hint_key),
            Span::styled(spec.title, style),
        ];
        let widest = if columns > 1 { ENTRY - 2 } else { u16::MAX };
        let room = inside.right().saturating_sub(x).min(widest);
        text::put_spans(buf, x, inside.y + row, room, &spans);
    }
}

//! Drawing the comparison of two calls: which calls they are, then what differs, side by side where there are columns for
//! that.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line as TextLine;
use ratatui::text::Span;

use crate::exchange::Exchange;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::layout::inside;
use crate::tui::layout::within_margin;
use crate::tui::masking;
use crate::tui::overlays::call_compare::CallCompare;
use crate::tui::overlays::call_compare::lines::Line;
use crate::tui::theme::Theme;
use crate::tui::verdict;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;
use crate::worker::compare::Compared;
use crate::worker::compare::in_brief;

/// From this width on both values stand beside each other.
const WIDE: u16 = 100;

/// How the lines are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    /// Everything on lines of so many cells.
    One(usize),
    /// The path, A and B beside each other.
    Three { path: usize, value: usize },
}

impl Columns {
    /// The cells of a line.
    pub(super) fn whole(self) -> usize {
        match self {
            Self::One(cells) => cells,
            Self::Three { path, value } => path + 2 * (value + GAP),
        }
    }
}

/// Cells between two columns.
const GAP: usize = 2;

/// The columns on a screen of this size.
pub(super) fn columns(screen: Rect) -> Columns {
    // The last one is the scroll bar's.
    let cells = usize::from(body(screen).width).saturating_sub(1).max(8);
    if screen.width < WIDE {
        return Columns::One(cells);
    }
    let path = (cells * 3 / 10).min(48);
    let value = ((cells - path) / 2).saturating_sub(GAP);
    Columns::Three { path, value }
}

/// Between the header and the lines at the foot of the screen.
fn frame(screen: Rect) -> Rect {
    Rect {
        y: screen.y + 1,
        height: screen.height.saturating_sub(3),
        ..screen
    }
}

fn body(screen: Rect) -> Rect {
    within_margin(inside(frame(screen)))
}

/// Rows of the head: both calls, what they are if that must be said, and an empty one.
fn head_rows(compared: Option<&Compared>) -> u16 {
    3 + u16::from(compared.is_some_and(|compared| compared.is_previous))
}

/// How many lines there is room for.
pub(super) fn room(screen: Rect, compared: Option<&Compared>) -> u16 {
    body(screen).height.saturating_sub(head_rows(compared))
}

impl CallCompare {
    /// Draws it. `masks` says whether personal data is masked, as far as it is told.
    pub fn view(&self, masks: bool, theme: &Theme, screen: Rect, buf: &mut Buffer) {
        let rect = frame(screen);
        text::fill(buf, rect, theme.text);
        let count = self.compared().map(Compared::count);
        let frame = PaneFrame {
            title: "Two calls compared",
            notes: count.into_iter().map(TextLine::from).collect(),
            bottom_notes: masks
                .then(|| TextLine::from(keyed(masking::NOTE)))
                .into_iter()
                .collect(),
            focused: true,
        };
        let area = within_margin(frame.draw(buf, rect, theme));
        let Some(compared) = self.compared() else {
            let line = format!(
                "{} comparing the calls: {} leaves",
                theme.glyphs.running,
                keyed("<calls.close>")
            );
            text::put(buf, area.x, area.y, area.width, &line, theme.dim);
            return;
        };
        self.head(compared, theme, area, buf);
        let taken = head_rows(Some(compared)).min(area.height);
        let rows = Rect {
            y: area.y + taken,
            height: area.height - taken,
            ..area
        };
        scroll::draw_bar(buf, rows, self.offset, self.lines.len(), theme);
        let columns = columns(screen);
        let shown = self.lines.iter().skip(self.offset);
        for (line, y) in shown.zip(rows.y..rows.bottom()) {
            let row = Rect {
                y,
                height: 1,
                width: rows.width.saturating_sub(1),
                ..rows
            };
            draw(line, columns, theme, row, buf);
        }
    }

    /// Which calls they are, the chosen one marked.
    fn head(&self, compared: &Compared, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let mut y = area.y;
        for (side, (letter, call)) in ["A", "B"].into_iter().zip(&compared.calls).enumerate() {
            let chosen = side == self.side;
            let mark = if chosen { ">" } else { " " };
            let style = if chosen {
                theme.title_focused
            } else {
                theme.text
            };
            let (sign, verdict) = verdict::mark(call.verdict(), theme);
            let spans = [
                Span::styled(format!("{mark} {letter}  "), theme.accent),
                Span::styled(format!("{sign} "), verdict),
                Span::styled(sanitize::clean(&call_line(call)).into_owned(), style),
            ];
            text::put_spans(buf, area.x, y, area.width, &spans);
            y += 1;
        }
        if compared.is_previous {
            let line =
                &keyed("no call is marked (<history.mark>): A is the last one of the same kind");
            text::put(
                buf,
                area.x + 2,
                y,
                area.width.saturating_sub(2),
                line,
                theme.dim,
            );
        }
    }
}

/// The call in a line, with the time that it began at here.
fn call_line(call: &Exchange) -> String {
    let began = call.started.to_zoned(TimeZone::system());
    let mut words = in_brief(call);
    let at = usize::from(call.id.is_some());
    words.insert(at, began.strftime("%Y-%m-%d %H:%M:%S").to_string());
    words.join("  ")
}

fn draw(line: &Line, columns: Columns, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let put = |buf: &mut Buffer, x: usize, cells: usize, text: &str, style: Style| {
        let x = row.x.saturating_add(x as u16);
        let cells = row.right().saturating_sub(x).min(cells as u16);
        text::put(buf, x, row.y, cells, text, style)
    };
    let whole = usize::from(row.width);
    match line {
        Line::Blank => {}
        Line::Heading(title, count) => {
            let end = put(buf, 0, whole, title, theme.accent);
            let from = usize::from(end - row.x) + 2;
            put(buf, from, whole, count, theme.dim);
        }
        Line::Note(note) => {
            put(buf, 2, whole, note, theme.warning);
        }
        Line::Path(path) => {
            put(buf, 2, whole, path, theme.json_key);
        }
        Line::Value {
            side,
            first,
            text,
            there,
        } => {
            let style = side_style(*side, *there, theme);
            if *first {
                put(buf, 4, 1, sign(*side), style);
            }
            put(buf, 6, whole, text, style);
        }
        Line::Both {
            path,
            values,
            there,
        } => {
            let Columns::Three {
                path: path_cells,
                value: cells,
            } = columns
            else {
                return;
            };
            put(buf, 2, path_cells.saturating_sub(2), path, theme.json_key);
            for (side, text) in values.iter().enumerate() {
                let x = path_cells + GAP + side * (cells + GAP);
                put(buf, x, cells, text, side_style(side, there[side], theme));
            }
        }
    }
}

fn sign(side: usize) -> &'static str {
    if side == 0 { "-" } else { "+" }
}

fn side_style(side: usize, is_there: bool, theme: &Theme) -> Style {
    match (is_there, side) {
        (false, _) => theme.dim,
        (true, 0) => theme.error,
        (true, _) => theme.ok,
    }
}

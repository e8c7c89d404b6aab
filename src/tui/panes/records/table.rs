//! Drawing the table: the id, then as many columns as there is room for, each as wide as what stands in it on this page.
//! Only cells in sight are made and measured, so that neither the number of attributes nor of records matters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::json::sanitize;
use crate::tui::panes::records::columns::Cell;
use crate::tui::panes::records::columns::Kind;
use crate::tui::panes::records::search::Search;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// The widest a column gets while there are others.
const WIDEST: u16 = 32;

/// The most that a long name alone widens a column to.
const WIDEST_NAME: u16 = 20;

/// The least of a column that is worth showing.
const LEAST: u16 = 10;

/// Between two columns.
const GAP: u16 = 2;

/// A column in sight.
struct Column<'s> {
    path: AttrPath,
    def: Option<&'s AttrDef>,
    name: String,
    x: u16,
    width: u16,
    /// Its cells, for the rows in sight.
    cells: Vec<Cell>,
}

/// How the table is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether the keys are meant for it.
    pub focused: bool,
    /// Whether what it shows is of before.
    pub dimmed: bool,
}

/// Draws the header and the records in sight.
pub fn draw(search: &Search, theme: &Theme, area: Rect, look: Look, buf: &mut Buffer) {
    let records = search.records();
    let height = usize::from(area.height.saturating_sub(1));
    let width = inner(area.width);
    let first = search.cursor.offset.min(records.len());
    let in_sight = &records[first..(first + height).min(records.len())];
    let (columns, more) = lay_out(search, in_sight, area.x, width);
    header(search, &columns, more, theme, area, buf);
    for row in 0..in_sight.len() {
        let y = area.y + 1 + row as u16;
        for column in &columns {
            draw_cell(column, row, y, theme, look, buf);
        }
        if first + row == search.cursor.at {
            buf.set_style(Rect::new(area.x, y, width, 1), theme.selected(look.focused));
        }
    }
    let rows = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    scroll::draw_bar(buf, rows, first, records.len(), theme);
}

/// A column stays free on the right, and one for the bar and for the arrow above it.
fn inner(width: u16) -> u16 {
    width.saturating_sub(2)
}

/// The first column to show after the id on so much room, so that there is none left on the right while there are
/// columns out of sight on the left.
pub fn settle(search: &Search, width: u16) -> usize {
    let records = search.records();
    let cursor = search.cursor;
    let first = cursor.offset.min(records.len());
    let in_sight = &records[first..(first + cursor.height).min(records.len())];
    let taken = |path: &AttrPath| {
        let cells = in_sight.iter().map(|record| search.cell(record, path));
        wanted(&name(search, path), cells.map(|cell| cell.text)) + GAP
    };
    let Some(mut room) = inner(width).checked_sub(taken(&AttrPath::root().child("id"))) else {
        return search.first_column;
    };
    let last = search.columns.len().saturating_sub(1);
    let chosen = search.first_column.min(last);
    for path in search.columns.iter().skip(chosen) {
        match room.checked_sub(taken(path)) {
            Some(rest) => room = rest,
            None => return chosen,
        }
    }
    let mut settled = chosen;
    while let Some(path) = settled.checked_sub(1).and_then(|at| search.columns.get(at)) {
        match room.checked_sub(taken(path)) {
            Some(rest) => room = rest,
            None => break,
        }
        settled -= 1;
    }
    settled
}

/// How wide a column is to be for its name and its cells.
fn wanted(name: &str, cells: impl Iterator<Item = impl AsRef<str>>) -> u16 {
    let widths = cells.map(|cell| text::width_up_to(cell.as_ref(), WIDEST));
    let widest = widths.max().unwrap_or(0);
    widest.max(text::width_up_to(name, WIDEST_NAME)).max(1)
}

/// The columns in sight, and whether there are more to the right.
fn lay_out<'s>(
    search: &'s Search,
    in_sight: &[Json],
    x: u16,
    width: u16,
) -> (Vec<Column<'s>>, bool) {
    let right = x + width;
    let id = AttrPath::root().child("id");
    let chosen = search
        .columns
        .get(search.first_column..)
        .unwrap_or_default();
    let mut at = x;
    let mut columns: Vec<Column> = Vec::new();
    for path in std::iter::once(&id).chain(chosen) {
        if at >= right {
            widen_last(&mut columns, right);
            return (columns, true);
        }
        let def = search.schema.get(path);
        let cells: Vec<Cell> = in_sight
            .iter()
            .map(|record| search.cell(record, path))
            .collect();
        let name = name(search, path);
        let wanted = wanted(&name, cells.iter().map(|cell| &cell.text));
        let room = right - at;
        if room < wanted.min(LEAST) && columns.len() > 1 {
            // Too little of it would be seen.
            widen_last(&mut columns, right);
            return (columns, true);
        }
        columns.push(Column {
            path: path.clone(),
            def,
            name,
            x: at,
            width: wanted.min(room),
            cells,
        });
        at = at.saturating_add(wanted + GAP);
    }
    widen_last(&mut columns, right);
    (columns, false)
}

/// The last column has the room that is left.
fn widen_last(columns: &mut [Column], right: u16) {
    let Some(last) = columns.last_mut() else {
        return;
    };
    let room = right.saturating_sub(last.x);
    let widest = last
        .cells
        .iter()
        .map(|cell| text::width_up_to(&cell.text, room))
        .max()
        .unwrap_or(0);
    let name = text::width_up_to(&last.name, room);
    last.width = last.width.max(widest).max(name).min(room);
}

/// A column's name; what the records are sorted by has an arrow.
fn name(search: &Search, path: &AttrPath) -> String {
    let sort = search
        .found
        .as_ref()
        .map_or(&search.query.sort, |found| &found.query.sort);
    let arrow = match (sort.by == *path, sort.descending) {
        (true, true) => " ↓",
        (true, false) => " ↑",
        (false, _) => "",
    };
    format!("{}{arrow}", path.dotted())
}

fn header(
    search: &Search,
    columns: &[Column],
    more: bool,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    for column in columns {
        let shown = tail(&column.name, column.width);
        let style = if column.def.is_some() {
            theme.label.patch(theme.accent)
        } else {
            // Not in the schema any more.
            theme.warning
        };
        let x = if is_number(column) {
            column.x + column.width - (sanitize::width(&shown) as u16).min(column.width)
        } else {
            column.x
        };
        text::put(buf, x, area.y, column.width, &shown, style);
    }
    // Where columns are out of sight, there is an arrow.
    if more && area.width > 2 {
        text::put(buf, area.right() - 1, area.y, 1, "→", theme.hint_key);
    }
    if search.first_column > 0
        && let Some(second) = columns.get(1)
    {
        text::put(buf, second.x - 1, area.y, 1, "←", theme.hint_key);
    }
}

/// A name cut at its front, where paths are alike: `…ss.city`.
pub fn tail(name: &str, width: u16) -> String {
    let clean = sanitize::clean(name);
    let all = sanitize::width(&clean);
    let room = usize::from(width);
    if all <= room {
        return clean.into_owned();
    }
    let mut rest: &str = &clean;
    while sanitize::width(rest) + 1 > room {
        let mut chars = rest.chars();
        if chars.next().is_none() {
            break;
        }
        rest = chars.as_str();
    }
    format!("…{rest}")
}

fn is_number(column: &Column) -> bool {
    let numbers = column.cells.iter().filter(|cell| cell.kind == Kind::Number);
    let is_id = column.path.dotted() == "id";
    is_id || (numbers.count() > 0 && column.cells.iter().all(|cell| cell.kind != Kind::Value))
}

fn draw_cell(column: &Column, row: usize, y: u16, theme: &Theme, look: Look, buf: &mut Buffer) {
    let Some(cell) = column.cells.get(row) else {
        return;
    };
    let style = if look.dimmed {
        theme.dim
    } else {
        style(cell, theme)
    };
    match cell.kind {
        Kind::Number => {
            let right = column.x + column.width;
            text::put_right(buf, right, y, column.width, &cell.text, style);
        }
        Kind::Value | Kind::Note => {
            text::put(buf, column.x, y, column.width, &cell.text, style);
        }
    }
}

fn style(cell: &Cell, theme: &Theme) -> Style {
    match cell.kind {
        Kind::Value | Kind::Number => theme.value,
        Kind::Note => theme.placeholder,
    }
}

//! The differences of two calls as lines that fit: a value stands on as many as it needs, but no more than a few.

use std::borrow::Cow;

use crate::exchange::comparison::Difference;
use crate::json::sanitize;
use crate::tui::overlays::call_compare::view::Columns;
use crate::worker::compare::Compared;

/// The most lines of one value.
const MOST: usize = 6;

/// What stands where a call has no value.
const NOT_THERE: &str = "not there";

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Blank,
    /// A part, and how much differs in it.
    Heading(&'static str, String),
    /// Something to know.
    Note(String),
    /// Where a value stands, where both values are below.
    Path(String),
    /// A line of a value of A (0) or B (1); the first has a sign.
    Value {
        side: usize,
        first: bool,
        text: String,
        there: bool,
    },
    /// A line of both values beside each other, with a line of the path.
    Both {
        path: String,
        values: [String; 2],
        there: [bool; 2],
    },
}

/// All lines; none while there is nothing to tell.
pub(super) fn lines(compared: Option<&Compared>, columns: Columns) -> Vec<Line> {
    let Some(compared) = compared else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let whole = columns.whole();
    for told in compared.told() {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(told.title, told.count));
        for note in &told.notes {
            let rows = sanitize::wrap(note, whole.saturating_sub(2).max(1));
            lines.extend(rows.into_iter().map(Line::Note));
        }
        for difference in &told.differences {
            match columns {
                Columns::One(_) => below(difference, whole, &mut lines),
                Columns::Three { path, value } => beside(difference, path, value, &mut lines),
            }
        }
    }
    lines
}

fn wrapped(text: &str, cells: usize) -> Vec<String> {
    // No more is looked at than can be shown.
    let shown = sanitize::brief(text, cells * MOST * 4);
    let mut lines = sanitize::wrap(&sanitize::clean(&shown), cells);
    if lines.len() > MOST {
        let rest = lines.split_off(MOST - 1).concat();
        lines.push(sanitize::truncate(&format!("{rest} "), cells));
    }
    lines
}

/// Where it is; of what says nothing of the calls, that too.
fn path(difference: &Difference) -> Cow<'_, str> {
    let path = match difference.path.as_str() {
        "" => "the whole",
        path => path,
    };
    if difference.given {
        Cow::Owned(format!("{path} (does not count)"))
    } else {
        Cow::Borrowed(path)
    }
}

fn below(difference: &Difference, cells: usize, lines: &mut Vec<Line>) {
    let indent = cells.saturating_sub(2).max(1);
    lines.extend(
        wrapped(&path(difference), indent)
            .into_iter()
            .map(Line::Path),
    );
    let room = cells.saturating_sub(6).max(1);
    for (side, value) in difference.values.iter().enumerate() {
        let texts = wrapped(value.as_deref().unwrap_or(NOT_THERE), room);
        for (at, text) in texts.into_iter().enumerate() {
            lines.push(Line::Value {
                side,
                first: at == 0,
                text,
                there: value.is_some(),
            });
        }
    }
}

fn beside(difference: &Difference, path_cells: usize, cells: usize, lines: &mut Vec<Line>) {
    let sides = difference.values.each_ref();
    let there = sides.map(Option::is_some);
    let mut paths = wrapped(&path(difference), path_cells).into_iter();
    let mut values = sides.map(|value| {
        let text = value.as_deref().unwrap_or(NOT_THERE);
        wrapped(text, cells).into_iter()
    });
    loop {
        let path = paths.next();
        let texts = values.each_mut().map(Iterator::next);
        if path.is_none() && texts.iter().all(Option::is_none) {
            return;
        }
        lines.push(Line::Both {
            path: path.unwrap_or_default(),
            values: texts.map(Option::unwrap_or_default),
            there,
        });
    }
}

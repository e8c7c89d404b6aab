//! Drawing a comparison: A and B beside each other where there are columns for both, else each row with both in it; and
//! below what the difference under the cursor comes to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::layout::inside;
use crate::tui::layout::within_margin;
use crate::tui::overlays::schema_compare::CompareSheet;
use crate::tui::overlays::schema_compare::Side;
use crate::tui::overlays::schema_compare::rows::Mark;
use crate::tui::overlays::schema_compare::rows::Row;
use crate::tui::risk;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// From this width on both stand beside each other.
const WIDE: u16 = 100;

/// Where everything of it is.
pub(super) struct Places {
    /// The frame of A, or of both.
    left: Rect,
    /// The frame of B, when it has one.
    right: Option<Rect>,
    /// The inside of the left frame: the rows.
    pub(super) rows: Rect,
    /// The frame of what the difference comes to.
    below: Rect,
}

impl Places {
    /// On a screen of this size.
    pub(super) fn new(screen: Rect) -> Self {
        let body = screen.height.saturating_sub(3);
        let below_height = 9.min(body / 2);
        let above = Rect {
            y: screen.y + 1,
            height: body - below_height,
            ..screen
        };
        let below = Rect {
            y: above.bottom(),
            height: below_height,
            ..screen
        };
        let (left, right) = if screen.width < WIDE {
            (above, None)
        } else {
            let half = above.width / 2;
            let left = Rect {
                width: half,
                ..above
            };
            let right = Rect {
                x: above.x + half,
                width: above.width - half,
                ..above
            };
            (left, Some(right))
        };
        Self {
            left,
            right,
            rows: within_margin(inside(left)),
            below,
        }
    }
}

impl CompareSheet {
    /// Draws it.
    pub fn view(&self, theme: &Theme, screen: Rect, buf: &mut Buffer) {
        let places = Places::new(screen);
        for rect in [places.left, places.below].into_iter().chain(places.right) {
            text::fill(buf, rect, theme.text);
        }
        if let Some(right) = places.right {
            frame("A", &self.a, true).draw(theme, places.left, buf);
            frame("B", &self.b, false).draw(theme, right, buf);
            let right = within_margin(inside(right));
            self.list(
                theme,
                places.rows,
                |row| side(row, row.a.as_ref(), theme),
                buf,
            );
            self.list(theme, right, |row| side(row, row.b.as_ref(), theme), buf);
        } else {
            let title = format!("A {} · B {}", self.a.name, self.b.name);
            let frame = PaneFrame {
                title: &title,
                focused: true,
                ..PaneFrame::default()
            };
            frame.draw(buf, places.left, theme);
            self.list(theme, places.rows, |row| both(row, theme), buf);
        }
        self.below(theme, places.below, buf);
    }

    fn list(
        &self,
        theme: &Theme,
        area: Rect,
        line: impl Fn(&Row) -> Line<'static>,
        buf: &mut Buffer,
    ) {
        let view = self.cursor.view(self.shown.len(), true);
        list::draw(buf, area, view, theme, |at| {
            let row = self.shown.get(at).and_then(|at| self.all.get(*at));
            row.map(&line).unwrap_or_default()
        });
    }

    /// How many differ, in words.
    pub(super) fn counts(&self) -> String {
        if self.is_equal() {
            return format!("equal: {} attributes say the same", self.diff.equal);
        }
        let count = |mark| {
            let is_it = |row: &&Row| row.begins && row.mark == mark;
            self.all.iter().filter(is_it).count()
        };
        let differ = match count(Mark::Differs) {
            1 => "1 differs".to_owned(),
            count => format!("{count} differ"),
        };
        format!(
            "{} only in A · {} only in B · {differ} · {} equal",
            count(Mark::OnlyInA),
            count(Mark::OnlyInB),
            self.diff.equal
        )
    }

    fn below(&self, theme: &Theme, rect: Rect, buf: &mut Buffer) {
        let additions = if self.additions_only {
            "plans add only"
        } else {
            ""
        };
        let frame = PaneFrame {
            title: "Differences",
            notes: vec![Line::from(self.counts())],
            focused: false,
            bottom_notes: [additions, "order means nothing"]
                .into_iter()
                .filter(|note| !note.is_empty())
                .map(Line::from)
                .collect(),
        };
        let area = within_margin(frame.draw(buf, rect, theme));
        let lines = self.sentences(theme);
        let wrapped = lines.iter().flat_map(|(line, style)| {
            let clean = sanitize::clean_lines(line);
            let lines = sanitize::wrap(&clean, usize::from(area.width.saturating_sub(2)).max(1));
            lines.into_iter().map(move |line| (line, *style))
        });
        let wrapped: Vec<(String, Style)> = wrapped.collect();
        for ((line, style), y) in wrapped.iter().zip(area.y..area.bottom()) {
            text::put(buf, area.x, y, area.width, line, *style);
        }
        scroll::draw_bar(buf, area, 0, wrapped.len(), theme);
    }

    /// What the difference under the cursor is, and what making A like B would take.
    fn sentences(&self, theme: &Theme) -> Vec<(String, Style)> {
        if self.is_equal() {
            let line = format!("{} and {} say the same.", self.a.name, self.b.name);
            return vec![(line, theme.ok)];
        }
        let Some(row) = self.row() else {
            return Vec::new();
        };
        let differences = &self.diff.differences;
        let found = differences
            .iter()
            .find(|difference| row.path.starts_with(&difference.path) && row.mark != Mark::Equal);
        let Some(difference) = found else {
            let text = format!(
                "{}: the same in both. {} goes to the next",
                row.path.dotted(),
                keyed("<compare.next>")
            );
            return vec![(text, theme.dim)];
        };
        let mut lines = vec![(difference.path.dotted(), theme.title_focused)];
        let told = difference.kind.to_lines(self.names());
        lines.extend(told.into_iter().map(|line| (line, theme.text)));
        let path = &difference.path;
        for step in self.plan.steps.iter().filter(|step| step.path == *path) {
            let (glyph, word) = risk::mark(step.risk);
            lines.push((format!("A → B {glyph} {word}: {}", step.what()), theme.dim));
        }
        for refused in self.plan.refused.iter().filter(|it| it.path == *path) {
            let text = format!(
                "A → B {} {}: {}",
                theme.glyphs.error, refused.what, refused.reason
            );
            lines.push((text, theme.warning));
        }
        lines
    }
}

/// The frame of one side.
struct SideFrame {
    title: String,
    note: String,
    focused: bool,
}

fn frame(letter: &str, side: &Side, focused: bool) -> SideFrame {
    let count = side.schema.own_attr_defs().count();
    SideFrame {
        title: format!("{letter}  {}", side.name),
        note: match count {
            1 => "1 attribute".to_owned(),
            count => format!("{count} attributes"),
        },
        focused,
    }
}

impl SideFrame {
    fn draw(&self, theme: &Theme, rect: Rect, buf: &mut Buffer) {
        let frame = PaneFrame {
            title: &self.title,
            notes: vec![Line::from(self.note.as_str())],
            focused: self.focused,
            bottom_notes: Vec::new(),
        };
        frame.draw(buf, rect, theme);
    }
}

fn style(mark: Mark, theme: &Theme) -> Style {
    match mark {
        Mark::Equal => theme.dim,
        Mark::OnlyInA => theme.error,
        Mark::OnlyInB => theme.ok,
        Mark::Differs => theme.warning,
    }
}

/// Columns of a name.
const NAME: usize = 24;

fn name_spans(row: &Row, theme: &Theme) -> Vec<Span<'static>> {
    let style = style(row.mark, theme);
    let name = row.path.name().unwrap_or_default();
    let name = format!("{}{}", "  ".repeat(row.depth()), sanitize::clean(name));
    vec![
        Span::styled(format!("{} ", row.mark.sign()), style),
        Span::styled(format!("{name:<NAME$} "), style),
    ]
}

/// A row as one of the two has it: empty when it does not.
fn side(row: &Row, has: Option<&String>, theme: &Theme) -> Line<'static> {
    let Some(has) = has else {
        return Line::default();
    };
    let mut spans = name_spans(row, theme);
    let style = match row.mark {
        Mark::Equal => theme.dim,
        Mark::OnlyInA | Mark::OnlyInB | Mark::Differs => theme.text,
    };
    spans.push(Span::styled(has.clone(), style));
    Line::from(spans)
}

/// A row as both have it.
fn both(row: &Row, theme: &Theme) -> Line<'static> {
    let mut spans = name_spans(row, theme);
    match (&row.a, &row.b) {
        (Some(a), Some(b)) if row.mark == Mark::Differs && a != b => {
            spans.push(Span::styled(a.clone(), theme.text));
            spans.push(Span::styled(" → ", theme.dim));
            spans.push(Span::styled(b.clone(), theme.text));
        }
        (a, b) => {
            let style = if row.mark == Mark::Equal {
                theme.dim
            } else {
                theme.text
            };
            let has = a.as_ref().or(b.as_ref()).cloned();
            spans.push(Span::styled(has.unwrap_or_default(), style));
        }
    }
    Line::from(spans)
}

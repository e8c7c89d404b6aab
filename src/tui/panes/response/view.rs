//! Draws the response.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::sanitize;
use crate::tui::effect::Jobs;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::response::ResponsePane;
use crate::tui::panes::response::Shown;
use crate::tui::panes::response::Tab;
use crate::tui::panes::response::body::Body;
use crate::tui::panes::response::page::Page;
use crate::tui::panes::response::summary::Summary;
use crate::tui::panes::response::timing;
use crate::tui::session::Session;
use crate::tui::session::View;
use crate::tui::theme::Theme;
use crate::tui::verdict;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// Columns that a label of the summary takes.
const LABEL: u16 = 9;

/// The parts of the pane, from top to bottom.
pub(super) struct Parts {
    pub(super) tabs: Rect,
    pub(super) summary: Rect,
    pub(super) rule: Rect,
    pub(super) tree: Rect,
}

/// Where the parts are: the summary takes what it needs, but leaves the body half of the pane.
pub(super) fn parts(summary: &Summary, area: Rect) -> Parts {
    let slice = |from: u16, height: u16| {
        let from = from.min(area.height);
        Rect {
            y: area.y + from,
            height: height.min(area.height - from),
            ..area
        }
    };
    let wanted = summary_rows(summary, area.width).len() as u16;
    let rows = wanted.min((area.height.saturating_sub(2)) * 3 / 5).max(1);
    Parts {
        tabs: slice(0, 1),
        summary: slice(1, rows),
        rule: slice(1 + rows, 1),
        tree: slice(2 + rows, area.height),
    }
}

/// The tab whose name is drawn at `column`.
pub(super) fn tab_at(column: u16) -> Option<Tab> {
    let at = name_at(Tab::ALL.iter().map(|tab| tab.name()), column)?;
    Tab::ALL.get(at).copied()
}

/// The place of the name that is drawn at `column` of a row of names.
fn name_at(names: impl Iterator<Item = &'static str>, column: u16) -> Option<usize> {
    let mut x = 0;
    names.enumerate().find_map(|(at, name)| {
        let width = name.len() as u16 + 2;
        let hit = (x..x + width).contains(&column);
        x += width;
        hit.then_some(at)
    })
}

/// Of a longer line of the summary only the head is shown, in bytes.
const LONGEST_LINE: usize = 4 << 10;

/// The rows of a summary below its headline: the label on the first row of each text, then the wrapped text.
fn summary_rows(summary: &Summary, width: u16) -> Vec<(&'static str, String)> {
    let mut rows = vec![("", String::new())];
    let room = width.saturating_sub(LABEL).max(8);
    let mut before = "";
    for line in &summary.lines {
        // A service may say anything at any length; all of it is in the body below.
        let brief = sanitize::brief(&line.text, LONGEST_LINE);
        let clean = sanitize::clean(&brief);
        for (index, wrapped) in sanitize::wrap(&clean, room.into()).into_iter().enumerate() {
            let label = if index == 0 && line.label != before {
                line.label
            } else {
                ""
            };
            rows.push((label, wrapped));
        }
        before = line.label;
    }
    rows
}

/// What the pane's words depend on beside itself.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Where the calls go.
    pub session: &'a Session,
    /// The view that the pane stands in.
    pub view: View,
    /// What runs.
    pub jobs: &'a Jobs,
}

impl ResponsePane {
    /// Draws the pane.
    pub fn view(
        &self,
        around: Around<'_>,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let Around {
            session,
            view,
            jobs,
        } = around;
        match &self.shown {
            _ if self.shows_wire() => return self.view_wire(theme, area, focused, buf),
            Some(shown) => self.view_shown(shown, theme, area, focused, buf),
            None if self.waiting.is_none() => view_empty(session, view, theme, area, buf),
            None => {}
        }
        let Some(running) = self.waiting.and_then(|waiting| jobs.get(waiting.job)) else {
            return;
        };
        if self.shown.is_some() {
            dim(buf, area);
        }
        let elapsed = session.now.duration_since(running.since);
        // A quick answer must not flicker.
        if elapsed.as_millis() < 150 {
            return;
        }
        let ticks = (elapsed.as_millis() / 100) as usize;
        let row = Rect { height: 1, ..area };
        text::fill(buf, row, theme.text);
        let previous = if self.shown.is_some() {
            "   below: the previous answer"
        } else {
            ""
        };
        let spans = [
            Span::styled(
                format!("{} {}", theme.glyphs.spin(ticks), running.title),
                theme.running,
            ),
            Span::styled(format!("   {:.1} s", elapsed.as_secs_f64()), theme.text),
            Span::styled(keyed("   <app.back> cancels"), theme.hint_text),
            Span::styled(previous, theme.dim),
        ];
        text::put_spans(buf, area.x, area.y, area.width, &spans);
        if let Some(seen) = &self.seen
            && area.height > 1
        {
            let row = Rect {
                y: area.y + 1,
                ..row
            };
            text::fill(buf, row, theme.text);
            let since = elapsed.unsigned_abs();
            let line = timing::so_far(seen, since, theme.glyphs.separator);
            text::put(
                buf,
                row.x,
                row.y,
                row.width,
                &format!("  {line}"),
                theme.dim,
            );
        }
    }

    fn view_shown(
        &self,
        shown: &Shown,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let parts = parts(&shown.summary, area);
        self.view_tabs(theme, parts.tabs, buf);
        match self.tab {
            Tab::Answer => {
                let top = shown.summary_top;
                view_summary(&shown.summary, top, theme, parts.summary, buf);
                let rule = theme.glyphs.rule.repeat(parts.rule.width.into());
                if parts.rule.height > 0 {
                    text::put(
                        buf,
                        parts.rule.x,
                        parts.rule.y,
                        parts.rule.width,
                        &rule,
                        theme.border,
                    );
                }
                view_body(shown, theme, parts.tree, focused, buf);
            }
            Tab::Request => view_page(&shown.request, theme, below_tabs(area), focused, buf),
            Tab::Headers => view_page(&shown.headers, theme, below_tabs(area), focused, buf),
            Tab::Timing => view_timing(shown, theme, below_tabs(area), focused, buf),
            // Drawn by `view_wire`.
            Tab::Wire => {}
        }
    }

    fn view_wire(&self, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
        self.view_tabs(theme, Rect { height: 1, ..area }, buf);
        let mut below = below_tabs(area);
        if self.has_leaves() && below.height > 0 {
            let names = self.wire.iter().map(|leaf| leaf.name);
            let row = Rect { height: 1, ..below };
            put_tabs(names, self.leaf, theme, row, buf);
            below = below_tabs(below);
        }
        if let Some(leaf) = self.wire.get(self.leaf) {
            view_page(&leaf.page, theme, below, focused, buf);
        } else {
            let line = "Choose an entity type: what its form is going to send appears here.";
            paragraphs::put(buf, below, &[(line.to_owned(), theme.dim)]);
        }
    }

    /// Whether what is going to be sent has several pages, with a row of their own for the names.
    pub(super) fn has_leaves(&self) -> bool {
        self.tab == Tab::Wire && self.wire.len() > 1
    }

    /// The page whose name is drawn at `column` of that row.
    pub(super) fn leaf_at(&self, column: u16) -> Option<usize> {
        name_at(self.wire.iter().map(|leaf| leaf.name), column)
    }

    fn view_tabs(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let at = Tab::ALL.iter().position(|tab| *tab == self.tab);
        let names = Tab::ALL.iter().map(|tab| tab.name());
        put_tabs(names, at.unwrap_or(0), theme, area, buf);
    }
}

/// Names in a row, the chosen one in quotes.
fn put_tabs(
    names: impl Iterator<Item = &'static str>,
    chosen: usize,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let mut spans = Vec::new();
    for (at, name) in names.enumerate() {
        if at == chosen {
            let (open, close) = (theme.glyphs.open_quote, theme.glyphs.close_quote);
            spans.push(Span::styled(format!("{open}{name}{close}"), theme.accent));
        } else {
            spans.push(Span::styled(format!(" {name} "), theme.dim));
        }
    }
    text::put_spans(buf, area.x, area.y, area.width, &spans);
}

fn view_empty(session: &Session, view: View, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let next = if view == View::Schema {
        "<app.send> creates the type that is designed, or plans what changes a stored one: the answer appears here."
    } else if session.read_only {
        "This environment is read-only: creating records is refused."
    } else if session.type_name.is_some() {
        "Fill in the form and press <app.send>: the answer appears here."
    } else {
        "Choose an entity type, fill in its form, press <app.send>: the answer appears here."
    };
    let lines = [
        ("No answer yet.".to_owned(), theme.text),
        (keyed(next), theme.dim),
    ];
    paragraphs::put(buf, area, &lines);
}

/// Draws the verdict on one line, as far as `width` goes: for a pane that is only a strip.
pub fn strip(summary: &Summary, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (mark, style) = verdict::mark(summary.verdict, theme);
    let mut spans = vec![Span::styled(format!("{mark} {}", summary.headline), style)];
    for line in &summary.lines {
        match line.label {
            "id" | "uuid" => spans.push(Span::styled(
                format!("  {} {}", line.label, line.text),
                theme.text,
            )),
            // What captui knows better stands first, where there is little room.
            "why" => spans.insert(1, Span::styled(format!("  {}", line.text), theme.text)),
            "server" | "reason" | "answer" => {
                spans.push(Span::styled(format!("  {}", line.text), theme.text));
            }
            _ => {}
        }
    }
    let end = text::put_spans(buf, area.x, area.y, area.width, &spans);
    facts(summary, theme, end, area, buf);
}

/// Draws the facts at the right end of a line that is taken up to column `taken`: as many as fit whole.
fn facts(summary: &Summary, theme: &Theme, taken: u16, area: Rect, buf: &mut Buffer) {
    let room = area.right().saturating_sub(taken + 2);
    let separator = format!(" {} ", theme.glyphs.separator);
    for count in (1..=summary.facts.len()).rev() {
        let line = summary.facts[..count].join(&separator);
        if sanitize::width(&line) <= room.into() {
            text::put_right(buf, area.right(), area.y, room, &line, theme.dim);
            return;
        }
    }
}

/// How many rows of the summary stand below its headline: all, and those there is room for. Where that is not enough, the
/// last row tells how many more there are.
fn summary_room(summary: &Summary, width: u16, height: u16) -> (usize, usize) {
    let all = summary_rows(summary, width).len() - 1;
    let room = usize::from(height).saturating_sub(1);
    (all, room)
}

/// How far the summary can be scrolled in a pane at `area`, and how far one step goes.
pub(super) fn summary_scroll(summary: &Summary, area: Rect) -> (usize, usize) {
    let part = parts(summary, area).summary;
    let (all, room) = summary_room(summary, part.width, part.height);
    (all.saturating_sub(room), room.saturating_sub(1).max(1))
}

/// Draws the summary, its rows below the headline from the `top`th on.
fn view_summary(summary: &Summary, top: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (mark, style) = verdict::mark(summary.verdict, theme);
    if area.height == 0 {
        return;
    }
    let bold = style.add_modifier(Modifier::BOLD);
    let headline = format!("{mark} {}", summary.headline);
    let end = text::put(buf, area.x, area.y, area.width, &headline, bold);
    facts(summary, theme, end, area, buf);
    let rows = summary_rows(summary, area.width);
    let (all, room) = summary_room(summary, area.width, area.height);
    let top = top.min(all.saturating_sub(room));
    let beside = area.width.saturating_sub(LABEL);
    for ((label, line), y) in rows.iter().skip(1 + top).zip(area.y + 1..area.bottom()) {
        let left = all - top;
        if left > room && y + 1 == area.bottom() {
            let more = left - room + 1;
            let note = format!("{more} more rows: ) goes on");
            text::put(buf, area.x + LABEL, y, beside, &note, theme.hint_key);
            break;
        }
        text::put(buf, area.x, y, LABEL, label, theme.dim);
        let style = if *label == "field" {
            theme.accent
        } else {
            theme.text
        };
        text::put(buf, area.x + LABEL, y, beside, line, style);
    }
}

fn view_body(shown: &Shown, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
    match &shown.body {
        Body::Shown(viewer) => viewer.view(theme, focused, buf),
        Body::None => {
            paragraphs::put(buf, area, &[("no body".to_owned(), theme.dim)]);
        }
        Body::Unread => {
            let line = format!("{} reading the answer", theme.glyphs.running);
            paragraphs::put(buf, area, &[(line, theme.dim)]);
        }
    }
}

fn view_page(page: &Page, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
    let rows = page.rows();
    list::draw(
        buf,
        area,
        page.cursor.view(rows.len(), focused),
        theme,
        |at| Line::styled(rows.get(at).map_or("", String::as_str), theme.text),
    );
}

fn view_timing(shown: &Shown, theme: &Theme, area: Rect, focused: bool, buf: &mut Buffer) {
    let rows = &shown.timing;
    let view = shown.timing_at.view(rows.count(), focused);
    list::draw(buf, area, view, theme, |at| {
        rows.line(at, area.width, theme)
    });
}

/// The pane without the row of tabs.
pub(super) fn below_tabs(area: Rect) -> Rect {
    let tabs = area.height.min(1);
    Rect {
        y: area.y + tabs,
        height: area.height - tabs,
        ..area
    }
}

fn dim(buf: &mut Buffer, area: Rect) {
    buf.set_style(area, Style::new().add_modifier(Modifier::DIM));
}

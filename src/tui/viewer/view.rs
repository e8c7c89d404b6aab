//! Draws a viewer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line as TextLine;
use ratatui::text::Span;

use crate::tui::layout;
use crate::tui::layout::within_margin;
use crate::tui::panes::line_input::LineInput;
use crate::tui::theme::Theme;
use crate::tui::viewer::Viewer;
use crate::tui::viewer::filter::FilterLine;
use crate::tui::viewer::marks::Marks;
use crate::tui::viewer::search::SearchLine;
use crate::tui::viewer::writing::Line;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::text;

/// Columns that what is written keeps beside what is said of it.
const WRITTEN: u16 = 20;

/// The parts of a viewer's area, from top to bottom.
pub(super) struct Parts {
    /// The text.
    pub(super) text: Rect,
    /// What is wrong with it, if anything.
    pub(super) fault: Rect,
    /// The line that is being written, if one is.
    pub(super) line: Rect,
    /// What is said below it.
    pub(super) below: Rect,
}

/// The inside of a sheet that lies over `area`.
pub(super) fn inside_sheet(area: Rect) -> Rect {
    within_margin(layout::inside(area))
}

impl Viewer {
    /// Where the parts are.
    pub(super) fn parts(&self) -> Parts {
        let area = self.area;
        let mut left = area.height;
        let mut take = |wanted: bool, keep: u16| {
            let height = u16::from(wanted && left > keep);
            left -= height;
            height
        };
        let line = take(self.line.is_some(), 0);
        let is_filter = matches!(self.line, Some(Line::Filter { .. }));
        let below = take(is_filter, 2);
        let fault = take(self.fault().is_some(), 1);
        let slice = |y: u16, height: u16| Rect { y, height, ..area };
        Parts {
            text: slice(area.y, left),
            fault: slice(area.y + left, fault),
            line: slice(area.y + left + fault, line),
            below: slice(area.y + left + fault + line, below),
        }
    }

    /// Draws the viewer where it was told to be.
    pub fn view(&self, theme: &Theme, focused: bool, buf: &mut Buffer) {
        let parts = self.parts();
        let text = self.text();
        let hits = self.hits.as_ref();
        let marks = hits.map(|hits| Marks::new(&hits.search, &text.document));
        text.view(marks.as_ref(), theme, parts.text, focused, buf);
        self.view_fault(theme, parts.fault, buf);
        match &self.line {
            Some(Line::Search(line)) => self.view_search(line, theme, parts.line, buf),
            Some(Line::Filter { line, .. }) => {
                let rest = written("jq ", &line.input, 0, theme, parts.line, buf);
                text::fill(buf, rest, theme.text);
                view_filter_help(line, theme, parts.below, buf);
            }
            Some(Line::SaveAs(input)) => {
                written("save as ", input, 0, theme, parts.line, buf);
            }
            None => {}
        }
        if let Some(sheet) = &self.sheet {
            text::fill(buf, self.over, theme.text);
            let notes = sheet.notes(text).into_iter().map(TextLine::from);
            let frame = PaneFrame {
                title: &sheet.title(),
                bottom_notes: notes.collect(),
                focused,
                ..PaneFrame::default()
            };
            frame.draw(buf, self.over, theme);
            let inside = inside_sheet(self.over);
            sheet.view(text, marks.as_ref(), theme, inside, buf);
        }
    }

    fn view_fault(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let Some(fault) = self.fault().filter(|_| area.height > 0) else {
            return;
        };
        let (line, column, reason) = (fault.line, fault.column, &fault.reason);
        let words = format!(
            "{} line {line} column {column}: {reason}",
            theme.glyphs.error
        );
        text::put(buf, area.x, area.y, area.width, &words, theme.error);
    }

    /// The search as it is written, what came of it, and its switches as far as there is room.
    fn view_search(&self, line: &SearchLine, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let mut spans = Vec::new();
        match (&line.error, &self.hits) {
            (Some(error), _) => spans.push(Span::styled(format!(" {error} "), theme.error)),
            (None, Some(hits)) => {
                let words = format!(" {} ", hits.in_words(self.document()));
                spans.push(Span::styled(words, theme.accent));
            }
            (None, None) => {}
        }
        for (key, state) in line.switches() {
            spans.push(Span::styled(format!(" {key} "), theme.hint_key));
            spans.push(Span::styled(state, theme.hint_text));
        }
        let said = TextLine::from(spans);
        let most = area.width.saturating_sub(WRITTEN);
        let wide = text::line_width(&said, most).min(most);
        let rest = written("/", &line.input, wide, theme, area, buf);
        text::put_line(buf, rest.x, rest.y, rest.width, &said);
    }
}

/// Draws what is written behind a label and leaves `keep` columns at its right, which it gives back.
fn written(
    label: &str,
    input: &LineInput,
    keep: u16,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    if area.height == 0 {
        return area;
    }
    let x = text::put(buf, area.x, area.y, area.width, label, theme.accent);
    let room = area.right().saturating_sub(x);
    let keep = keep.min(room);
    let place = Rect {
        x,
        width: room - keep,
        ..area
    };
    input.view(place, buf);
    Rect {
        x: place.right(),
        width: keep,
        ..area
    }
}

/// What is wrong with a filter, else what could come next.
fn view_filter_help(line: &FilterLine, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    if let Some(error) = &line.error {
        let words = format!("{} {error}", theme.glyphs.error);
        text::put(buf, area.x, area.y, area.width, &words, theme.error);
        return;
    }
    let mut spans = Vec::new();
    for (candidate, is_chosen) in line.offered() {
        let style = if is_chosen { theme.found } else { theme.accent };
        spans.push(Span::styled(candidate.text.clone(), style));
        spans.push(Span::styled(format!(" {}   ", candidate.detail), theme.dim));
    }
    text::put_spans(buf, area.x, area.y, area.width, &spans);
}

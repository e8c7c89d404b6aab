//! A document as indented text, line by line, of which only the lines in sight are made.
//!
//! A line is known by the node that it begins or ends, so that one step further costs the same wherever one is: nothing
//! counts the lines above. Used by the viewer's text view. Deliberately absent: folds, which are the tree's.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::line;
use crate::tui::viewer::marks::Marks;
use crate::tui::viewer::page;
use crate::tui::widgets::text;

/// Cells a level is indented by.
const INDENT: usize = 2;

/// A document as indented text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pretty {
    /// The first line on the screen; the first of all when nobody has moved yet.
    top: Option<At>,
    height: usize,
}

/// A line: that which begins a node, or which ends a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Begin(NodeId),
    End(NodeId),
}

impl At {
    fn node(self) -> NodeId {
        match self {
            Self::Begin(node) | Self::End(node) => node,
        }
    }
}

impl Pretty {
    /// The node that the first line on the screen is about.
    pub fn node(&self, document: &Document) -> Option<NodeId> {
        Some(self.first(document)?.node())
    }

    fn first(&self, document: &Document) -> Option<At> {
        self.top.or_else(|| document.root().map(At::Begin))
    }

    /// Begins the screen with this node.
    pub fn begin(&mut self, document: &Document, node: NodeId) {
        self.top = Some(At::Begin(node));
        self.clamp(document);
    }

    /// Scrolls.
    pub fn go(&mut self, document: &Document, to: Move) {
        let Some(top) = self.first(document) else {
            return;
        };
        let page = self.height.saturating_sub(1).max(1) as isize;
        self.top = match to {
            Move::By(lines) => Some(step(document, top, lines)),
            Move::Pages(pages) => Some(step(document, top, pages * page)),
            Move::First => None,
            Move::Last => last(document),
        };
        self.clamp(document);
    }

    /// Fits the lines into `area`.
    pub fn fit(&mut self, document: &Document, area: Rect) {
        self.height = area.height.into();
        self.clamp(document);
    }

    /// Leaves no empty lines below that could be filled.
    fn clamp(&mut self, document: &Document) {
        let Some(mut top) = self.top else { return };
        let mut below = top;
        for _ in 1..self.height.max(1) {
            match after(document, below) {
                Some(next) => below = next,
                None => match before(document, top) {
                    Some(previous) => top = previous,
                    None => break,
                },
            }
        }
        self.top = Some(top);
    }

    /// Draws the lines in sight.
    pub fn view(
        &self,
        document: &Document,
        marks: Option<&Marks<'_>>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let mut at = self.first(document);
        let mut shown = 0;
        let top = at.map_or(0, |at| place(document, at));
        for y in area.y..area.bottom() {
            let Some(here) = at else { break };
            let width = area.width.saturating_sub(1);
            let line = line_at(document, here, width, marks, theme);
            text::put_line(buf, area.x, y, width, &line);
            shown = place(document, here).saturating_sub(top);
            at = after(document, here);
        }
        if self.top.is_some() || at.is_some() {
            page::draw_bar(buf, area, top, shown.max(1), document.bytes().len(), theme);
        }
    }
}

/// Where a line stands in the text as it came, in bytes.
fn place(document: &Document, at: At) -> usize {
    match at {
        At::Begin(node) => document.offset(node),
        At::End(node) => document.range(node).end,
    }
}

fn is_open(document: &Document, node: NodeId) -> bool {
    matches!(document.kind(node), Kind::Object | Kind::Array) && document.has_children(node)
}

/// The next line; none at the end of what is read.
fn after(document: &Document, at: At) -> Option<At> {
    match at {
        At::Begin(node) if is_open(document, node) => document.child(node, 0).map(At::Begin),
        At::Begin(node) | At::End(node) => {
            let parent = document.parent(node);
            let next = document.after(node);
            match (next, parent) {
                (Some(next), _) if document.parent(next) == parent => Some(At::Begin(next)),
                (_, Some(parent)) => Some(At::End(parent)),
                (_, None) => None,
            }
        }
    }
}

/// The line before; none at the beginning.
fn before(document: &Document, at: At) -> Option<At> {
    let node = match at {
        At::End(node) => {
            let count = document.child_count(node);
            return Some(end_of(
                document,
                document.child(node, count.checked_sub(1)?)?,
            ));
        }
        At::Begin(node) => node,
    };
    match (document.parent(node), document.place(node)) {
        (Some(parent), 0) => Some(At::Begin(parent)),
        (Some(parent), place) => {
            let sibling = document.child(parent, place - 1)?;
            Some(end_of(document, sibling))
        }
        (None, _) => {
            let before = document.offset(node).checked_sub(1)?;
            let root = document.root_of(document.node_at(before)?);
            (root != node).then(|| end_of(document, root))
        }
    }
}

/// The last line of a node.
fn end_of(document: &Document, node: NodeId) -> At {
    if is_open(document, node) {
        At::End(node)
    } else {
        At::Begin(node)
    }
}

fn last(document: &Document) -> Option<At> {
    let length = document.edge().checked_sub(1)?;
    let node = document.node_at(length).or_else(|| document.root())?;
    Some(end_of(document, document.root_of(node)))
}

fn step(document: &Document, from: At, by: isize) -> At {
    let mut at = from;
    for _ in 0..by.unsigned_abs() {
        let next = if by > 0 {
            after(document, at)
        } else {
            before(document, at)
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

fn line_at(
    document: &Document,
    at: At,
    width: u16,
    marks: Option<&Marks<'_>>,
    theme: &Theme,
) -> Line<'static> {
    let node = at.node();
    let depth = document.depth(node).saturating_mul(INDENT);
    let indent = " ".repeat(depth.min(usize::from(width) / 2));
    let mut spans = vec![Span::raw(indent)];
    let kind = document.kind(node);
    let brackets = match kind {
        Kind::Object => ["{", "}"],
        _ => ["[", "]"],
    };
    let next = document.after(node);
    let comma = match (next, document.parent(node)) {
        (Some(next), Some(parent)) if document.parent(next) == Some(parent) => ",",
        _ => "",
    };
    if let At::End(_) = at {
        let close = format!("{}{comma}", brackets[1]);
        spans.push(Span::styled(close, theme.json_punctuation));
        return Line::from(spans);
    }
    let limit = (usize::from(width) + 1) * 4;
    if let Some(key) = document.key_text_head(node, limit) {
        let found = marks.map_or_else(Vec::new, |marks| marks.in_key(document, node, limit));
        spans.extend(line::marked(&key, theme.json_key, &found, theme));
        spans.push(Span::styled(": ", theme.json_punctuation));
    }
    match kind {
        Kind::Object | Kind::Array if is_open(document, node) => {
            spans.push(Span::styled(brackets[0], theme.json_punctuation));
        }
        Kind::Object | Kind::Array => {
            let both = format!("{}{}{comma}", brackets[0], brackets[1]);
            spans.push(Span::styled(both, theme.json_punctuation));
        }
        _ => {
            let text = document.text_head(node, limit);
            let found = marks.map_or_else(Vec::new, |marks| marks.in_value(document, node, limit));
            let style = line::scalar_style(kind, theme);
            spans.extend(line::marked(&text, style, &found, theme));
            spans.push(Span::styled(comma, theme.json_punctuation));
        }
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::json::print;
    use crate::json::print::Form;

    fn lines(document: &Document) -> Vec<String> {
        let mut at = document.root().map(At::Begin);
        let mut lines = Vec::new();
        let theme = Theme::monochrome();
        while let Some(here) = at {
            let line = line_at(document, here, 200, None, &theme);
            lines.push(line.to_string());
            at = after(document, here);
        }
        lines
    }

    #[test]
    fn the_lines_are_those_of_the_text_printed() {
        let text = r#"{"a":[1,{"b":[],"c":{}},[[2]]],"d":"x\ny","e":null}"#;
        let document = Document::parse(text);
        let printed = String::from_utf8(print::print(text.as_bytes(), Form::Indented));
        let printed = printed.expect("stays text");
        assert_eq!(lines(&document).join("\n"), printed);
    }

    #[test]
    fn one_goes_back_the_way_one_came() {
        let document = Document::parse(r#"{"a":[1,{"b":[],"c":{}},[[2]]],"d":"x"}"#);
        let mut way = vec![At::Begin(document.root().expect("is there"))];
        while let Some(next) = after(&document, way[way.len() - 1]) {
            way.push(next);
        }
        assert_eq!(last(&document), way.last().copied());
        for pair in way.windows(2) {
            assert_eq!(before(&document, pair[1]), Some(pair[0]));
        }
        assert_eq!(before(&document, way[0]), None);
        let mut pretty = Pretty::default();
        pretty.fit(&document, Rect::new(0, 0, 40, 5));
        pretty.go(&document, Move::Last);
        assert_eq!(
            pretty.top,
            Some(way[way.len() - 5]),
            "the screen stays full"
        );
        pretty.go(&document, Move::Pages(-99));
        assert_eq!(pretty.first(&document), Some(way[0]));
    }
}

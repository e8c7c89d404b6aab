//! One node of a document on the screen: its indentation, the mark that folds it, its key and its value, in the colours
//! of its kind. Only what is shown of a long value is looked at.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::rows::Rows;
use crate::json::sanitize;
use crate::tui::theme::Theme;
use crate::tui::viewer::marks::Marks;

/// Cells a level is indented by.
const INDENT: usize = 2;

/// What rows are made of.
#[derive(Clone, Copy)]
pub struct Lines<'a> {
    /// The document.
    pub document: &'a Document,
    /// Which of its nodes are folded.
    pub rows: &'a Rows,
    /// How many cells there are.
    pub width: u16,
    /// What is looked for, if anything.
    pub marks: Option<&'a Marks<'a>>,
    /// How things look.
    pub theme: &'a Theme,
}

impl Lines<'_> {
    /// The node on one line, which may be longer than the screen is wide.
    pub fn one(&self, node: NodeId) -> Line<'static> {
        let mut spans = self.head(node);
        // Enough bytes for the widest row of ordinary text; the drawing cuts by cells.
        let limit = (usize::from(self.width) + 1) * 4;
        spans.extend(self.value(node, limit));
        Line::from(spans)
    }

    /// The node on as many lines as its value takes, at most `most`.
    pub fn wrapped(&self, node: NodeId, most: usize) -> Vec<Line<'static>> {
        let head = self.head(node);
        let width = usize::from(self.width).max(1);
        let limit = width.saturating_mul(4).saturating_mul(most.max(1));
        let hang = (self.indent(node) + 2 * INDENT).min(width / 2);
        let mut lines = Vec::new();
        let mut line = Line::default();
        let mut used = 0;
        for span in head.into_iter().chain(self.value(node, limit)) {
            let clean = sanitize::clean(&span.content).into_owned();
            let mut rest = clean.as_str();
            while !rest.is_empty() {
                let (fits, more) = sanitize::split_at(rest, width.saturating_sub(used));
                line.push_span(Span::styled(fits.to_owned(), span.style));
                used += sanitize::width(fits);
                rest = more;
                if rest.is_empty() {
                    break;
                }
                if fits.is_empty() && used <= hang {
                    // Not even one character fits.
                    break;
                }
                lines.push(std::mem::take(&mut line));
                line.push_span(Span::raw(" ".repeat(hang)));
                used = hang;
                if lines.len() == most {
                    return lines;
                }
            }
        }
        lines.push(line);
        lines
    }

    /// Cells before what stands behind the mark that folds a node.
    pub fn mark_end(&self, node: NodeId) -> usize {
        self.indent(node) + INDENT
    }

    /// Cells before the node's mark. Deep nodes are indented no further than half the width: their path tells the rest.
    fn indent(&self, node: NodeId) -> usize {
        let depth = self.document.depth(node);
        depth
            .saturating_mul(INDENT)
            .min(usize::from(self.width) / 2)
    }

    /// Everything before the value.
    fn head(&self, node: NodeId) -> Vec<Span<'static>> {
        let (document, theme) = (self.document, self.theme);
        let mark = match (
            Rows::can_fold(document, node),
            self.rows.is_folded(document, node),
        ) {
            (true, true) => theme.glyphs.folded,
            (true, false) => theme.glyphs.unfolded,
            (false, _) => " ",
        };
        let mut spans = vec![
            Span::raw(" ".repeat(self.indent(node))),
            Span::styled(format!("{mark} "), theme.accent),
        ];
        let limit = (usize::from(self.width) + 1) * 4;
        if let Some(key) = document.key_text_head(node, limit) {
            let found = self
                .marks
                .map_or_else(Vec::new, |marks| marks.in_key(document, node, limit));
            spans.extend(marked(&key, theme.json_key, &found, theme));
            spans.push(Span::styled(": ", theme.json_punctuation));
        } else if document.parent(node).is_some() && document.kind(node) != Kind::Broken {
            let place = format!("[{}] ", document.place(node));
            spans.push(Span::styled(place, theme.json_punctuation));
        }
        spans
    }

    fn value(&self, node: NodeId, limit: usize) -> Vec<Span<'static>> {
        let (document, theme) = (self.document, self.theme);
        let kind = document.kind(node);
        let style = scalar_style(kind, theme);
        match kind {
            Kind::Object => vec![Span::styled(
                container("{}", document.child_count(node), "key"),
                style,
            )],
            Kind::Array => vec![Span::styled(
                container("[]", document.child_count(node), "item"),
                style,
            )],
            _ => {
                let text = document.text_head(node, limit);
                let found = self
                    .marks
                    .map_or_else(Vec::new, |marks| marks.in_value(document, node, limit));
                marked(&text, style, &found, theme)
            }
        }
    }
}

/// `text` in pieces: those at the places found stand out.
pub fn marked(
    text: &str,
    style: Style,
    found: &[Range<usize>],
    theme: &Theme,
) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut at = 0;
    for place in found {
        let (Some(before), Some(hit)) = (text.get(at..place.start), text.get(place.clone())) else {
            continue;
        };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(hit.to_owned(), theme.found));
        at = place.end;
    }
    spans.push(Span::styled(
        text.get(at..).unwrap_or_default().to_owned(),
        style,
    ));
    spans
}

fn container(brackets: &str, count: usize, unit: &str) -> String {
    match count {
        0 => brackets.to_owned(),
        1 => format!("{brackets} 1 {unit}"),
        _ => format!("{brackets} {count} {unit}s"),
    }
}

/// The style of a value of this kind.
pub fn scalar_style(kind: Kind, theme: &Theme) -> Style {
    match kind {
        Kind::String => theme.json_string,
        Kind::Number => theme.json_number,
        Kind::True | Kind::False | Kind::Null => theme.json_literal,
        Kind::Object | Kind::Array => theme.json_punctuation,
        Kind::Broken => theme.json_broken,
    }
}

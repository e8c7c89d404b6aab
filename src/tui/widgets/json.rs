//! A JSON document as a tree: one row a node, folds, colours by kind. Only the rows in sight are looked at, and of a
//! long value only what is shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::rows::Rows;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;

/// Cells a level is indented by.
const INDENT: usize = 2;

/// A document, its folds and which part of it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    /// The document.
    pub document: &'a Document,
    /// The folds of this view of it.
    pub rows: &'a Rows,
    /// The first row shown.
    pub offset: usize,
    /// The selected row.
    pub selected: usize,
    /// Whether the tree has the focus.
    pub focused: bool,
}

/// Where a click hit a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The row.
    pub row: usize,
    /// Whether it was at or before the mark that folds and unfolds.
    pub on_mark: bool,
}

impl Tree<'_> {
    /// Draws the rows in sight.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        let view = list::View {
            rows: self.rows.len(),
            offset: self.offset,
            selected: Some(self.selected),
            focused: self.focused,
        };
        list::draw(buffer, area, view, theme, |row| {
            let node = self.rows.node_at(row);
            node.map_or_else(Line::default, |node| self.line(node, area.width, theme))
        });
    }

    /// What stands at a place on the screen, drawn in `area`.
    pub fn hit(&self, area: Rect, place: Position) -> Option<Hit> {
        let row = list::row_at(area, self.offset, self.rows.len(), place)?;
        let node = self.rows.node_at(row)?;
        let mark = self.indent(node, area.width) + INDENT;
        let on_mark = Rows::can_fold(self.document, node) && usize::from(place.x - area.x) < mark;
        Some(Hit { row, on_mark })
    }

    fn line(&self, node: NodeId, width: u16, theme: &Theme) -> Line<'static> {
        let document = self.document;
        // Enough bytes for the widest row of ordinary text; the drawing cuts by cells.
        let limit = (usize::from(width) + 1) * 4;
        let glyphs = &theme.glyphs;
        let mark = match (Rows::can_fold(document, node), self.rows.is_folded(node)) {
            (true, true) => glyphs.folded,
            (true, false) => glyphs.unfolded,
            (false, _) => " ",
        };
        let indent = " ".repeat(self.indent(node, width));
        let mut spans = vec![
            Span::raw(indent),
            Span::styled(format!("{mark} "), theme.accent),
        ];
        if let Some(key) = document.key_text_head(node, limit) {
            spans.push(Span::styled(key.into_owned(), theme.json_key));
            spans.push(Span::styled(": ", theme.json_punctuation));
        } else if document.parent(node).is_some() && document.kind(node) != Kind::Broken {
            let place = format!("[{}] ", document.place(node));
            spans.push(Span::styled(place, theme.json_punctuation));
        }
        spans.push(match document.kind(node) {
            Kind::Object => Span::styled(
                container("{}", document.child_count(node), "key"),
                theme.json_punctuation,
            ),
            Kind::Array => Span::styled(
                container("[]", document.child_count(node), "item"),
                theme.json_punctuation,
            ),
            kind => Span::styled(
                document.text_head(node, limit).into_owned(),
                scalar_style(kind, theme),
            ),
        });
        Line::from(spans)
    }

    /// Cells before the node's mark. Deep nodes are indented no further than half the width: their path tells the rest.
    fn indent(&self, node: NodeId, width: u16) -> usize {
        let depth = self.document.depth(node);
        depth.saturating_mul(INDENT).min(usize::from(width) / 2)
    }
}

fn container(brackets: &str, count: usize, unit: &str) -> String {
    match count {
        0 => brackets.to_owned(),
        1 => format!("{brackets} 1 {unit}"),
        _ => format!("{brackets} {count} {unit}s"),
    }
}

fn scalar_style(kind: Kind, theme: &Theme) -> Style {
    match kind {
        Kind::String => theme.json_string,
        Kind::Number => theme.json_number,
        Kind::True | Kind::False | Kind::Null => theme.json_literal,
        Kind::Object | Kind::Array => theme.json_punctuation,
        Kind::Broken => theme.json_broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    const TEXT: &str = "{\"argument_name\": \"attributes\", \"code\": 200, \"big\": 1e400, \"a\\u001b\": \"x\u{202e}y\\n\", \
        \"statuses\": [{\"status\": \"active and rather long\"}, {\"status\": null}], \"none\": [], \"cut\": \"ha";

    fn drawn(tree: Tree<'_>, width: u16, height: u16) -> String {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        tree.draw(&mut buffer, area, &Theme::monochrome());
        let rows = buffer.content().chunks(usize::from(width.max(1)));
        rows.map(|row| {
            row.iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
                + "|\n"
        })
        .collect()
    }

    #[test]
    fn a_document_is_drawn_as_it_came() {
        let document = Document::parse(TEXT.as_bytes().to_vec());
        let mut rows = Rows::new(&document);
        let fold = document.find("statuses[0]").expect("is there");
        rows.fold(&document, fold);
        let tree = |offset| Tree {
            document: &document,
            rows: &rows,
            offset,
            selected: 1,
            focused: true,
        };
        let all = [
            drawn(tree(0), 46, 14),
            drawn(tree(2), 24, 5),
            drawn(tree(0), 7, 3),
            drawn(tree(0), 1, 1),
        ];
        insta::assert_snapshot!(all.join("----\n"));
    }

    #[test]
    fn clicks_find_rows_and_marks() {
        let document = Document::parse(br#"{"a":{"b":1}}"#.to_vec());
        let rows = Rows::new(&document);
        let tree = Tree {
            document: &document,
            rows: &rows,
            offset: 0,
            selected: 0,
            focused: true,
        };
        let area = Rect::new(5, 5, 20, 5);
        let hit = |x, y| tree.hit(area, Position::new(x, y));
        assert_eq!(
            hit(7, 6),
            Some(Hit {
                row: 1,
                on_mark: true
            })
        );
        assert_eq!(
            hit(9, 6),
            Some(Hit {
                row: 1,
                on_mark: false
            })
        );
        assert_eq!(
            hit(5, 7),
            Some(Hit {
                row: 2,
                on_mark: false
            })
        );
        assert_eq!(hit(5, 8), None);
        assert_eq!(hit(4, 6), None);
    }

    #[test]
    fn a_huge_value_or_depth_costs_one_row() {
        let mut text = b"[\"".to_vec();
        text.resize(5_000_000, b'x');
        text.extend(b"\",");
        text.extend("[".repeat(100_000).bytes());
        let document = Document::parse(text);
        let rows = Rows::new(&document);
        let tree = Tree {
            document: &document,
            rows: &rows,
            offset: rows.len() - 2,
            selected: 0,
            focused: false,
        };
        assert_eq!(
            drawn(tree, 18, 2),
            "         ▾ [0] […│|\n           [0] []█|\n"
        );
        let first = Tree { offset: 1, ..tree };
        assert!(drawn(first, 14, 1).starts_with("    [0] \"xx"));
    }

    proptest! {
        #[test]
        fn any_text_at_any_size_is_drawn(
            pieces in prop::collection::vec("\\PC{0,6}|[\\[\\]{}:,\"\\\\\u{0}-\u{a0}\u{200b}-\u{202e}漢🌞🇧៘ا\u{301}]{1,6}", 0..20),
            (width, height, offset, selected) in (0_u16..60, 0_u16..8, 0_usize..9, 0_usize..9),
        ) {
            let quoted = serde_json::to_string(&pieces).expect("strings are JSON");
            for text in [pieces.concat(), quoted] {
                let document = Document::parse(text.into_bytes());
                let rows = Rows::new(&document);
                let tree = Tree { document: &document, rows: &rows, offset, selected, focused: true };
                let shown = drawn(tree, width, height);
                prop_assert!(!shown.replace('\n', "").contains(char::is_control));
            }
        }
    }
}

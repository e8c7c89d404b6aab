//! JSON as people write it: read leniently, with the place of what cannot be taken, and with places found by path.

use std::collections::HashSet;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::json::document::Document;
use crate::json::document::Fault;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::lenient;
use crate::json::lenient::LeftOut;
use crate::json::locate::line_and_column;

/// The value that `text` is, read leniently, and what was left out of it.
pub fn json(text: &str) -> Result<(Json, LeftOut), Fault> {
    let reading = lenient::read(text)?;
    let document = Document::parse(reading.text.as_bytes());
    if let Some(twice) = repeated_key(&document) {
        let key = document.key_text(twice).unwrap_or_default();
        let reason = format!("the key {key} stands here for the second time: only one can be sent");
        return Err(fault(text, document.offset(twice), reason));
    }
    match Json::parse(&reading.text) {
        Ok(json) => Ok((json, reading.left_out)),
        Err(error) => Err(Fault {
            offset: offset_of(text, error.line, error.column),
            line: error.line,
            column: error.column,
            reason: error.reason,
        }),
    }
}

/// A fault at a place of the text, in bytes.
pub fn fault(text: &str, offset: usize, reason: String) -> Fault {
    let (line, column) = line_and_column(text.as_bytes(), offset);
    Fault {
        offset,
        line,
        column,
        reason,
    }
}

fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let mut rest = text;
    for _ in 1..line {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    let before = rest.char_indices().nth(column.saturating_sub(1));
    text.len() - rest.len() + before.map_or(rest.len(), |(at, _)| at)
}

/// The first member whose key another of the same object has already.
fn repeated_key(document: &Document) -> Option<NodeId> {
    let objects = document
        .nodes()
        .filter(|node| document.kind(*node) == Kind::Object);
    for object in objects {
        let mut seen = HashSet::new();
        for member in document.children(object) {
            if !seen.insert(document.key(member)) {
                return Some(member);
            }
        }
    }
    None
}

/// What stands at a path of a record, or the nearest thing around it.
pub fn node_at(document: &Document, path: &AttrPath) -> Option<NodeId> {
    let mut node = document.root()?;
    for segment in &path.0 {
        let Some(member) = document.member(node, &segment.name) else {
            break;
        };
        node = member;
        let element = match segment.element {
            Some(Element::Index(index)) => document.children(node).nth(index),
            Some(Element::Id(id)) => document.children(node).find(|child| {
                let own = document.member(*child, "id");
                own.is_some_and(|own| document.text(own) == id.to_string())
            }),
            None => continue,
        };
        match element {
            Some(element) => node = element,
            None => break,
        }
    }
    Some(node)
}

/// A fault and its place, in words.
pub fn sentence(fault: &Fault) -> String {
    format!(
        "line {} column {}: {}",
        fault.line, fault.column, fault.reason
    )
}

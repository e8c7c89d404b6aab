//! What of a document is copied, and as what. Used by the viewer's verbs that copy; where the text goes is the
//! program's affair. Deliberately absent: calls and tickets, which are the response's.

use crate::capture::filter::completion::quote;
use crate::capture::filter::completion::spell;
use crate::capture::path::AttrPath;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::literal::decode_bytes;
use crate::json::print;
use crate::json::print::Form;
use crate::tui::viewer::words;

/// The longest text that is copied, in bytes: clipboards and those who paste from them choke on more.
pub const LONGEST: usize = 8 << 20;

/// What is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yank {
    /// The value, indented.
    Value,
    /// What a string says.
    Said,
    /// The value on one line.
    Line,
    /// The key.
    Key,
    /// The path as attribute paths are written.
    AttrPath,
    /// The path as a jq filter.
    JqPath,
    /// A condition for `entity.find` that finds records with this value.
    Filter,
}

/// The text, with what it is in words; or why there is none.
pub fn text(document: &Document, node: NodeId, yank: Yank) -> Result<(String, String), String> {
    let length = document.range(node).len();
    let takes_value = matches!(yank, Yank::Value | Yank::Said | Yank::Line | Yank::Filter);
    if takes_value && length > LONGEST {
        return Err(too_long("this value", length));
    }
    let (what, text) = match yank {
        Yank::Value => ("the value", printed(document, node, Form::Indented)),
        Yank::Line => ("the value", printed(document, node, Form::Compact)),
        Yank::Said => match document.string(node) {
            Some(said) => ("what the string says", said.into_owned()),
            None => ("the value", document.text(node).into_owned()),
        },
        Yank::Key => match document.key(node) {
            Some(key) => ("the key", key.into_owned()),
            None => return Err("this has no key: it is an element or the whole".to_owned()),
        },
        Yank::AttrPath => ("the path", path_of_attribute(document, node)?),
        Yank::JqPath => ("the jq path", document.jq_path(node)),
        Yank::Filter => ("the filter", filter(document, node)?),
    };
    if text.len() > LONGEST {
        return Err(too_long(what, text.len()));
    }
    // A path means a place in each of several documents.
    let is_path = matches!(yank, Yank::AttrPath | Yank::JqPath);
    let number = words::document_number(document, document.root_of(node)).filter(|_| is_path);
    let within = number.map(|number| format!(" in document {}", words::count(number)));
    Ok((format!("{what}{}", within.unwrap_or_default()), text))
}

/// Why a text is not copied.
pub fn too_long(what: &str, length: usize) -> String {
    let length = words::bytes(length);
    format!("{what} has {length}, more than a clipboard takes: <viewer.save> saves it as a file")
}

fn printed(document: &Document, node: NodeId, form: Form) -> String {
    decode_bytes(&print::print(document.raw(node), form)).into_owned()
}

fn path_of_attribute(document: &Document, node: NodeId) -> Result<String, String> {
    let path = document.path_below(record_of(document, node), node);
    if path.is_empty() {
        return Err("this is the whole: it has no path".to_owned());
    }
    Ok(path)
}

/// How many members of an answer are looked at for `stat`, which is one of few.
const MEMBERS: usize = 64;

/// The record that a node is in: that of an answer which brings one or several, else the outermost node.
fn record_of(document: &Document, node: NodeId) -> NodeId {
    let above = above(document, node);
    let root = above[0];
    let key = above.get(1).and_then(|node| document.key(*node));
    let mut members = document.children(root).take(MEMBERS);
    let is_answer = members.any(|member| document.key(member).is_some_and(|key| key == "stat"));
    let record = match key.as_deref() {
        Some("result") if is_answer => above.get(1),
        Some("results") if is_answer => above.get(2),
        _ => None,
    };
    // The record itself has a path in the answer.
    record
        .filter(|record| **record != node)
        .copied()
        .unwrap_or(root)
}

/// The node and all that it is in, the outermost first.
fn above(document: &Document, node: NodeId) -> Vec<NodeId> {
    let lineage = document.lineage(node, usize::MAX).into_iter();
    let mut above: Vec<NodeId> = lineage.map(|step| step.node).collect();
    above.reverse();
    above
}

fn filter(document: &Document, node: NodeId) -> Result<String, String> {
    let record = record_of(document, node);
    let steps = above(document, node);
    let below = steps.iter().skip_while(|step| **step != record).skip(1);
    // Elements are not named: a filter means any of them.
    let names = below.filter_map(|step| document.key(*step));
    let path = names.fold(AttrPath::root(), |path, name| path.child(name));
    let name = spell(&path).ok_or_else(|| "no filter can name this attribute".to_owned())?;
    let value = match document.kind(node) {
        Kind::String => quote(&document.string(node).unwrap_or_default()),
        Kind::Number | Kind::True | Kind::False => document.text(node).into_owned(),
        Kind::Null => return Ok(format!("{name} is null")),
        Kind::Object | Kind::Array | Kind::Broken => {
            return Err("a filter compares single values: go to one".to_owned());
        }
    };
    Ok(format!("{name} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_copy_says_what_it_is() {
        let document = Document::parse(
            r#"{"stat":"ok","results":[{"a":{"b c":1.00,"d":"O'N\"\u00e9"},"p":[{"q":null}],"t":true}]}"#,
        );
        let copied = |path: &str, yank| {
            let node = document.find(path).expect(path);
            text(&document, node, yank).map(|(_, text)| text)
        };
        for (path, yank, expected) in [
            ("results[0].a.d", Yank::Said, "O'N\"é"),
            ("results[0].a.d", Yank::Line, r#""O'N\"\u00e9""#),
            ("results[0].a.d", Yank::Filter, "a.d = 'O\\'N\"é'"),
            ("results[0].a.d", Yank::AttrPath, "a.d"),
            ("results[0].a.d", Yank::JqPath, ".results[0].a.d"),
            ("results[0].p[0].q", Yank::Filter, "p.q is null"),
            ("results[0].p[0].q", Yank::AttrPath, "p[0].q"),
            ("results[0].t", Yank::Filter, "t = true"),
            ("results[0].p", Yank::Line, r#"[{"q":null}]"#),
            (
                "results[0].p",
                Yank::Value,
                "[\n  {\n    \"q\": null\n  }\n]",
            ),
            ("results[0]", Yank::AttrPath, "results[0]"),
            ("stat", Yank::Key, "stat"),
            ("stat", Yank::Filter, "stat = 'ok'"),
            ("results[0].a[\"b c\"]", Yank::Key, "b c"),
        ] {
            assert_eq!(
                copied(path, yank).as_deref(),
                Ok(expected),
                "{path} {yank:?}"
            );
        }
        for (path, yank, reason) in [
            ("results[0]", Yank::Key, "has no key"),
            ("", Yank::AttrPath, "has no path"),
            ("results[0].p", Yank::Filter, "single values"),
            ("results[0].a[\"b c\"]", Yank::Filter, "can name"),
        ] {
            let refused = copied(path, yank).expect_err(path);
            assert!(refused.contains(reason), "{refused}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_copied() {
        let document = Document::parse(format!("[\"{}\"]", "x".repeat(LONGEST)));
        let node = document.find("[0]").expect("is there");
        for yank in [Yank::Value, Yank::Said, Yank::Line, Yank::Filter] {
            let refused = text(&document, node, yank).expect_err("is too long");
            assert!(refused.contains("8.3 MB"), "{refused}");
        }
        assert!(text(&document, node, Yank::JqPath).is_ok());
    }
}

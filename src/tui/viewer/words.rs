//! Numbers and places in words, as the viewer writes them.

use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::sanitize;

/// How many steps of a path are shown at most.
const MOST_STEPS: usize = 64;

/// How much of a key is looked at for a path, in bytes.
const MOST_OF_KEY: usize = 200;

/// A number of bytes, exact when it is small: `234 B`, `3.7 MB`.
pub fn bytes(count: usize) -> String {
    const UNITS: [(usize, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let unit = UNITS.iter().find(|(size, _)| count >= *size);
    match unit {
        Some((size, name)) => {
            let tenths = count / (size / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{count} B"),
    }
}

/// A number with its digits in groups of three: `1 204`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// How many hundredths a part is of a whole.
pub fn percent(part: usize, whole: usize) -> usize {
    (part as u128 * 100 / whole.max(1) as u128) as usize
}

/// The node's path as JSONPath on at most `cells` cells, cut at its beginning, after its document's number where there are
/// several. However deep the node and however long its keys, only what is shown is looked at.
pub fn path(document: &Document, node: NodeId, cells: usize) -> String {
    let mut tail = String::new();
    let mut at = node;
    let mut steps = 0;
    while let Some(parent) = document.parent(at) {
        if steps == MOST_STEPS || sanitize::width(&tail) > cells {
            return cut(&tail, cells, true);
        }
        tail.insert_str(0, &step(document, at));
        at = parent;
        steps += 1;
    }
    let number = document_number(document, at);
    let number = number.map(|number| format!("document {}: ", count(number)));
    let whole = format!("{}${tail}", number.unwrap_or_default());
    cut(&whole, cells, false)
}

/// Which of several documents a root is, from 1; `None` where there is but one.
pub fn document_number(document: &Document, root: NodeId) -> Option<usize> {
    (document.document_count() > 1).then(|| document.place(root) + 1)
}

fn step(document: &Document, node: NodeId) -> String {
    let Some(text) = document.key_text_head(node, MOST_OF_KEY) else {
        return format!("[{}]", document.place(node));
    };
    let name = text.trim_matches('"');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = !name.is_empty()
        && name.chars().all(plain)
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name {
        format!(".{name}")
    } else {
        format!("[{}]", sanitize::clean(&text))
    }
}

/// The end of a text, on at most `cells` cells.
fn cut(text: &str, cells: usize, always: bool) -> String {
    if !always && sanitize::width(text) <= cells {
        return text.to_owned();
    }
    let mut from = text.len();
    for (at, _) in text.char_indices().rev() {
        if sanitize::width(&text[at..]) + 1 > cells {
            break;
        }
        from = at;
    }
    format!("…{}", &text[from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_readable() {
        for (number, words) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (3_749_999, "3.7 MB"),
            (1_250_000_000, "1.2 GB"),
        ] {
            assert_eq!(bytes(number), words);
        }
        assert_eq!(count(7), "7");
        assert_eq!(count(1_204), "1\u{202f}204");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn a_path_is_cut_at_its_beginning() {
        let document = Document::parse(r#"{"results":[{"a b":{"city":1}}]}"#);
        let node = document
            .find(r#"results[0]["a b"].city"#)
            .expect("is there");
        assert_eq!(path(&document, node, 40), r#"$.results[0]["a b"].city"#);
        assert_eq!(path(&document, node, 12), r#"…"a b"].city"#);
        let root = document.root().expect("is there");
        assert_eq!(path(&document, root, 12), "$");
    }

    #[test]
    fn a_path_in_one_of_several_documents_says_in_which() {
        let document = Document::parse("{\"a\":1}\n{\"a\":{\"b\":2}}\n3");
        let paths: Vec<String> = (0..document.len())
            .filter_map(|at| document.node(at))
            .map(|node| path(&document, node, 40))
            .collect();
        assert_eq!(
            paths,
            [
                "document 1: $",
                "document 1: $.a",
                "document 2: $",
                "document 2: $.a",
                "document 2: $.a.b",
                "document 3: $",
            ]
        );
        let node = document.node(4).expect("is there");
        assert_eq!(path(&document, node, 8), "…: $.a.b");
    }

    #[test]
    fn depth_and_long_keys_cost_nothing() {
        let deep = Document::parse("[".repeat(100_000));
        let last = deep.node(99_999).expect("is there");
        assert_eq!(sanitize::width(&path(&deep, last, 30)), 30);
        let long = Document::parse(format!("{{\"{}\":1}}", "k".repeat(1 << 20)));
        let node = long.node(1).expect("is there");
        assert_eq!(sanitize::width(&path(&long, node, 30)), 30);
    }
}

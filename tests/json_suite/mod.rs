//! The document engine against the cases of a public suite of JSON parsing tests, in steps of every kind: a text that
//! is to be refused has its fault named, one that is to be accepted has none, and whatever comes is opened.

use captui::json::bytes::Bytes;
use captui::json::document::Document;
use captui::json::rows::Rows;

const CASES: &str = include_str!("cases.txt");

/// The bytes of a case: see the head of the table.
fn bytes(written: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = written.as_bytes();
    let mut since = 0;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'\\', [b'\\', after @ ..]) => {
                bytes.push(b'\\');
                rest = after;
            }
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("are digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("are digits"));
                rest = after;
            }
            (b'|', [b'*', after @ ..]) => {
                let length = after
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                let (digits, after) = after.split_at(length);
                let times = std::str::from_utf8(digits).expect("are digits");
                let part = bytes.split_off(since);
                bytes.extend(part.repeat(times.parse().expect("is a number")));
                since = bytes.len();
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

fn cases() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let lines = CASES.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let (name, written) = line.split_once(' ').unwrap_or((line, ""));
        (name, bytes(written))
    })
}

#[test]
fn the_table_is_read_as_it_is_meant() {
    assert_eq!(bytes(r#"["\\\x00"]"#), b"[\"\\\0\"]");
    assert_eq!(bytes(r"[|*3]|*2x"), b"[[[]]x");
    let count = |mark: &str| cases().filter(|(name, _)| name.starts_with(mark)).count();
    assert_eq!((count("y_"), count("n_"), count("i_")), (95, 188, 35));
}

#[test]
fn every_case_is_opened_and_judged_as_the_suite_asks() {
    for (name, bytes) in cases() {
        let document = Document::parse(bytes.clone());
        match (name.split_once('_').map(|(mark, _)| mark), document.fault()) {
            (Some("y"), Some(fault)) => panic!("{name} is JSON: {fault:?}"),
            (Some("n"), None) => panic!("{name} is no JSON"),
            (_, Some(fault)) => {
                assert!(fault.offset <= bytes.len(), "{name}: {fault:?}");
                assert!(fault.line > 0 && fault.column > 0, "{name}: {fault:?}");
                assert!(!fault.reason.is_empty(), "{name}: {fault:?}");
            }
            _ => {}
        }
    }
}

#[test]
fn every_case_is_shown_to_its_end() {
    for (name, bytes) in cases() {
        let document = Document::parse(bytes.clone());
        let mut rows = Rows::new(&document);
        assert_eq!(rows.len(), document.len(), "{name}");
        let last = rows.len().saturating_sub(20);
        for node in rows
            .window(&document, 0)
            .take(20)
            .chain(rows.window(&document, last))
        {
            let _ = (
                document.text_head(node, 200),
                document.key_text_head(node, 200),
            );
            assert!(document.range(node).end <= bytes.len(), "{name}");
            assert!(
                document.path_tail(node, 5).len() <= bytes.len() + 40,
                "{name}"
            );
            assert_eq!(document.node(document.number(node)), Some(node), "{name}");
        }
        rows.fold_all(&document);
        // A letter that is not shown anywhere is lost.
        let shown: Vec<_> = document
            .nodes()
            .take_while(|node| document.offset(*node) < 200)
            .flat_map(|node| [Some(document.range(node)), document.key_range(node)])
            .flatten()
            .collect();
        let is_shown = |at: &usize| shown.iter().any(|range| range.contains(at));
        let letters = (0..bytes.len().min(200)).filter(|at| bytes[*at].is_ascii_alphanumeric());
        assert_eq!(letters.filter(|at| !is_shown(at)).count(), 0, "{name}");
    }
}

#[test]
fn the_size_of_steps_changes_nothing() {
    for (name, bytes) in cases().filter(|(_, bytes)| bytes.len() < 10_000) {
        let whole = Document::parse(bytes.clone());
        let (mut document, mut indexer) = Document::open(Bytes::from(bytes));
        while let Some(piece) = indexer.as_mut().and_then(|indexer| indexer.step(1)) {
            document.absorb(piece);
        }
        assert!(document.is_complete(), "{name}");
        assert_eq!(document.faults(), whole.faults(), "{name}");
        assert!(document.nodes().eq(whole.nodes()), "{name}");
    }
}

//! A long text in rows of a width, of which only those in sight are made.
//!
//! Where a row begins depends on all before it in its line, and a line may be a gigabyte long. So the text is laid out
//! in blocks of a fixed length, each from its own beginning: any row, also the one before another, costs no more than a
//! block. The price is a row now and then that ends early. Used by the raw view and the sheet that shows a value.
//! Nothing is copied but what is shown.

use unicode_segmentation::UnicodeSegmentation;

use crate::json::literal::decode_bytes;
use crate::json::sanitize;

/// Rows of plain text that a block holds.
const ROWS_A_BLOCK: usize = 32;

/// The longest escape in bytes: two halves of a character.
const LONGEST_ESCAPE: usize = 12;

/// Whether escapes of JSON are shown as they are written or as what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escapes {
    /// As they are written.
    #[default]
    Written,
    /// As what they say.
    Read,
}

/// A long text in rows of a width.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a> {
    bytes: &'a [u8],
    width: usize,
    escapes: Escapes,
}

/// A row of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Whether its text is what stands in the source, byte for byte.
    pub is_plain: bool,
    /// What stands there, clean for the screen.
    pub text: String,
}

impl Row {
    fn at(start: usize) -> Self {
        Self {
            start,
            is_plain: true,
            text: String::new(),
        }
    }
}

impl<'a> Flow<'a> {
    /// `bytes` in rows of `width` cells.
    pub fn new(bytes: &'a [u8], width: u16, escapes: Escapes) -> Self {
        Self {
            bytes,
            width: usize::from(width).max(1),
            escapes,
        }
    }

    /// Up to `count` rows from the one on that holds the byte at `offset`.
    pub fn rows(&self, offset: usize, count: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let start = self.row_of(offset);
        let mut block = self.block_of(start);
        while rows.len() < count && self.bound(block) < self.bytes.len() {
            let more = self.block(block).into_iter();
            rows.extend(more.filter(|row| row.start >= start));
            block += 1;
        }
        rows.truncate(count);
        rows
    }

    /// Where the row begins that holds the byte at `offset`; the last one for places beyond the end.
    pub fn row_of(&self, offset: usize) -> usize {
        let last = self.bytes.len().saturating_sub(1);
        let offset = offset.min(last);
        let mut block = self.block_of(offset);
        loop {
            let rows = self.block(block);
            let held = rows.iter().rev().find(|row| row.start <= offset);
            match held {
                Some(row) => return row.start,
                None if block == 0 => return 0,
                // The block begins with a line end that is the row's before.
                None => block -= 1,
            }
        }
    }

    /// Where the row begins that is `by` rows further down than the one at `start`, or up; the first or the last when
    /// there are not so many.
    pub fn step(&self, start: usize, by: isize) -> usize {
        let count = by.unsigned_abs();
        if by >= 0 {
            let rows = self.rows(start, count + 1);
            return rows.last().map_or(start, |row| row.start);
        }
        let mut left = count;
        let mut block = self.block_of(start);
        let mut before = start;
        loop {
            let rows = self.block(block);
            let limit = before;
            for row in rows.iter().rev().filter(|row| row.start < limit) {
                before = row.start;
                left -= 1;
                if left == 0 {
                    return before;
                }
            }
            if block == 0 {
                return before;
            }
            block -= 1;
        }
    }

    /// Where the first row begins of the last `height` rows.
    pub fn last_page(&self, height: usize) -> usize {
        let last = self.row_of(self.bytes.len());
        match height {
            0 | 1 => last,
            more => self.step(last, -(more as isize - 1)),
        }
    }

    fn block_length(&self) -> usize {
        (self.width * ROWS_A_BLOCK).max(1024)
    }

    fn block_of(&self, offset: usize) -> usize {
        let block = offset / self.block_length();
        // Its beginning may lie before its place, never behind it: see `bound`.
        if self.bound(block + 1) <= offset {
            block + 1
        } else {
            block
        }
    }

    /// Where a block begins: at its place, or before it where that would cut a character or an escape.
    fn bound(&self, block: usize) -> usize {
        let at = block.saturating_mul(self.block_length());
        if at >= self.bytes.len() {
            return self.bytes.len();
        }
        let mut bound = at;
        while bound > 0 && at - bound < 3 && self.bytes[bound] & 0xc0 == 0x80 {
            bound -= 1;
        }
        if self.escapes == Escapes::Read {
            bound = self.before_escape(bound);
        }
        bound
    }

    /// `at`, or where the escape begins that it is inside of.
    fn before_escape(&self, at: usize) -> usize {
        let from = at.saturating_sub(LONGEST_ESCAPE * 2);
        // From a place surely outside of an escape: behind anything that is none of its characters.
        let none = |byte: &u8| !(byte.is_ascii_alphanumeric() || b"\\\"/".contains(byte));
        let outside = self.bytes[from..at].iter().rposition(none);
        let mut here =
            outside.map_or_else(|| self.before_backslashes(from), |near| from + near + 1);
        while here < at {
            let length = unit(&self.bytes[here..], self.escapes).0;
            if here + length > at {
                return here;
            }
            here += length;
        }
        at
    }

    /// A place at or before `at` that no backslash stands before, as far as a block reaches.
    fn before_backslashes(&self, at: usize) -> usize {
        let lowest = at.saturating_sub(self.block_length());
        let run = self.bytes[lowest..at].iter().rev();
        let run = run.take_while(|byte| **byte == b'\\').count();
        // An odd one begins an escape that goes on here.
        at - run % 2
    }

    /// Whether what stands before `at` ends a line.
    fn is_line_end(&self, at: usize) -> bool {
        let written = self.bytes[..at].ends_with(b"\n");
        let said = self.escapes == Escapes::Read && self.bytes[..at].ends_with(b"\\n");
        written || (said && self.before_backslashes(at - 1) != at - 1)
    }

    fn block(&self, block: usize) -> Vec<Row> {
        let (start, end) = (self.bound(block), self.bound(block + 1));
        let (text, places) = self.decoded(start, end);
        let mut rows = Vec::new();
        let mut row = Row::at(start);
        let mut used = 0;
        let mut at = 0;
        for (index, cluster) in text.grapheme_indices(true) {
            let source = place_of(&places, &mut at, index);
            if cluster == "\n" || cluster == "\r\n" {
                let next = place_of(&places, &mut at, index + cluster.len());
                let belongs_before = source == start && start > 0 && !self.is_line_end(start);
                let ended = std::mem::replace(&mut row, Row::at(next));
                if !belongs_before {
                    rows.push(ended);
                }
                used = 0;
                continue;
            }
            let clean = sanitize::clean(cluster);
            let mut shown = clean.as_ref();
            // What stands for a character may be wider than a row.
            loop {
                let wide = sanitize::width(shown);
                if used + wide > self.width && used > 0 {
                    rows.push(std::mem::replace(&mut row, Row::at(source)));
                    used = 0;
                }
                if wide <= self.width {
                    row.is_plain &= source == row.start + row.text.len() && shown == cluster;
                    row.text.push_str(shown);
                    used += wide;
                    break;
                }
                shown = "…";
            }
        }
        if !row.text.is_empty() {
            rows.push(row);
        }
        rows
    }

    /// The text of a block, and where its characters stand: the byte in the text and the one in the source of each
    /// piece from which on they differ.
    fn decoded(&self, start: usize, end: usize) -> (String, Vec<(usize, usize)>) {
        let mut text = String::with_capacity(end - start);
        let mut places = Vec::new();
        let mut at = start;
        while at < end {
            // Plain text in one go.
            let plain = self.bytes[at..end]
                .iter()
                .position(|byte| !byte.is_ascii() || *byte == b'\\')
                .unwrap_or(end - at);
            places.push((text.len(), at));
            if plain > 0 {
                text.extend(
                    self.bytes[at..at + plain]
                        .iter()
                        .map(|byte| char::from(*byte)),
                );
                at += plain;
                continue;
            }
            let (length, said) = unit(&self.bytes[at..end], self.escapes);
            if let Some(said) = said {
                text.push(said);
            } else {
                let written = &self.bytes[at..at + length];
                text.push_str(&decode_bytes(written));
            }
            at += length;
        }
        places.push((text.len(), end));
        (text, places)
    }
}

/// Where the character at `index` of a decoded text stands. `at` is the piece that the last question led to.
fn place_of(places: &[(usize, usize)], at: &mut usize, index: usize) -> usize {
    while places.get(*at + 1).is_some_and(|next| next.0 <= index) {
        *at += 1;
    }
    places
        .get(*at)
        .map_or(0, |(text, source)| source + (index - text))
}

/// The length of the character or escape that `bytes` begin with, and what it says; none for what is shown as written.
fn unit(bytes: &[u8], escapes: Escapes) -> (usize, Option<char>) {
    let Some(first) = bytes.first() else {
        return (0, None);
    };
    if *first == b'\\' && escapes == Escapes::Read {
        return escape(bytes);
    }
    if first.is_ascii() {
        return (1, Some(char::from(*first)));
    }
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(c) => (c.len_utf8(), Some(c)),
        None => (1, None),
    }
}

/// The length of the escape that `bytes` begin with, and what it says; none for a lone surrogate and what is no escape.
fn escape(bytes: &[u8]) -> (usize, Option<char>) {
    let said = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(c @ (b'"' | b'\\' | b'/')) => char::from(*c),
        Some(b'u') => return hexadecimal(bytes),
        _ => return (1, None),
    };
    (2, Some(said))
}

fn hexadecimal(bytes: &[u8]) -> (usize, Option<char>) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 4)?;
        let digits = std::str::from_utf8(digits).ok()?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| plain)
    };
    let Some(first) = unit(2) else {
        return (1, None);
    };
    let second = (bytes.get(6..8) == Some(b"\\u")).then(|| unit(8)).flatten();
    let pair = [first, second.unwrap_or_default()];
    match char::decode_utf16(pair).next() {
        Some(Ok(c)) => (if c.len_utf16() == 2 { 12 } else { 6 }, Some(c)),
        _ => (6, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn texts(rows: &[Row]) -> Vec<&str> {
        rows.iter().map(|row| row.text.as_str()).collect()
    }

    #[test]
    fn lines_are_cut_by_cells_and_say_where_they_are() {
        let flow = Flow::new("ab漢字c\r\n\nd\u{1b}é".as_bytes(), 4, Escapes::Written);
        let rows = flow.rows(0, 9);
        assert_eq!(texts(&rows), ["ab漢", "字c", "", "d␛é"]);
        assert_eq!(rows[1].start, 5);
        assert_eq!(flow.row_of(6), 5);
        assert_eq!(flow.row_of(999), rows[3].start);
        assert_eq!(flow.step(0, 2), rows[2].start);
        assert_eq!(flow.step(rows[3].start, -2), rows[1].start);
        assert_eq!(flow.step(rows[1].start, -9), 0);
        assert_eq!(flow.last_page(3), rows[1].start);
        assert!(Flow::new(b"", 4, Escapes::Written).rows(0, 3).is_empty());
    }

    #[test]
    fn escapes_are_read_or_not() {
        let text = r"a\u00e9\ud83d\ude00\n\\n\ud800 \q".as_bytes();
        let read = Flow::new(text, 20, Escapes::Read).rows(0, 9);
        assert_eq!(texts(&read), ["aé😀", r"\n\ud800 \q"]);
        let written = Flow::new(text, 40, Escapes::Written).rows(0, 9);
        assert_eq!(texts(&written), [r"a\u00e9\ud83d\ude00\n\\n\ud800 \q"]);
    }

    #[test]
    fn the_end_of_a_long_line_is_as_near_as_its_beginning() {
        let mut text = vec![b'x'; 50 << 20];
        text.extend_from_slice("\u{200b}".repeat(1 << 20).as_bytes());
        let flow = Flow::new(&text, 40, Escapes::Read);
        let top = flow.last_page(20);
        let rows = flow.rows(top, 20);
        assert_eq!(rows.len(), 20);
        assert!(rows.iter().all(|row| sanitize::width(&row.text) <= 40));
        assert!(rows[19].text.ends_with("⟨U+200B⟩"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_row_is_met_once_in_either_direction(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["a", "\\n", "\\\\", "\\u00e9", "\\ud83d\\ude00", "漢", "\n", "\r\n", "\u{200b}", "e\u{301}", "word "]),
                0..300,
            ),
            width in 1_u16..30,
            read in any::<bool>(),
        ) {
            let text = pieces.concat();
            let escapes = if read { Escapes::Read } else { Escapes::Written };
            let flow = Flow::new(text.as_bytes(), width, escapes);
            let all = flow.rows(0, usize::MAX / 2);
            prop_assert!(all.iter().all(|row| sanitize::width(&row.text) <= usize::from(width)));
            prop_assert!(all.windows(2).all(|pair| pair[0].start < pair[1].start));
            for (at, row) in all.iter().enumerate() {
                prop_assert_eq!(flow.row_of(row.start), row.start);
                let next = all.get(at + 1).unwrap_or(row);
                prop_assert_eq!(flow.step(row.start, 1), next.start);
                let before = if at == 0 { row } else { &all[at - 1] };
                prop_assert_eq!(flow.step(row.start, -1), before.start);
            }
        }
    }
}

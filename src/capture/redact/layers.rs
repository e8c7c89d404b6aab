//! A text as it reads once its escapes are undone, with the way back to where each byte stands.
//!
//! What must not leave may stand in a text percent-encoded, with JSON's escapes, as HTML's entities, or in several of these
//! at once (a form in a form). Whoever looks for something looks into every layer, and replaces the place in the text as
//! it is. Used by [`crate::capture::redact::find`]; which values are looked for is not known here.

use std::borrow::Cow;
use std::ops::Range;

/// Escapes within escapes are undone so often; more than that nobody writes.
const MOST_LAYERS: usize = 5;

/// A text with some escapes undone.
#[derive(Debug)]
pub(super) struct Layer<'a> {
    /// What it reads. Not always UTF-8: an escape may stand for any byte.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Where each byte begins and ends in the text; empty for the text itself.
    places: Vec<(usize, usize)>,
}

impl Layer<'_> {
    /// The place in the text that a place in this layer stands for.
    pub(super) fn place(&self, found: Range<usize>) -> Range<usize> {
        match (
            self.places.get(found.start),
            self.places.get(found.end.saturating_sub(1)),
        ) {
            (Some((start, _)), Some((_, end))) => *start..*end,
            _ => found,
        }
    }
}

/// The text itself, and below it each layer with one more level of escapes undone.
pub(super) fn layers(text: &str) -> Vec<Layer<'_>> {
    let mut layers = vec![Layer {
        bytes: Cow::Borrowed(text.as_bytes()),
        places: Vec::new(),
    }];
    while layers.len() <= MOST_LAYERS
        && let Some(last) = layers.last()
        && let Some(next) = undone(last)
    {
        layers.push(next);
    }
    layers
}

/// The layer with one level of escapes undone; `None` when there is none in it.
fn undone<'a>(layer: &Layer<'_>) -> Option<Layer<'a>> {
    let source = &layer.bytes;
    memchr::memchr3(b'%', b'\\', b'&', source)?;
    let mut bytes = Vec::with_capacity(source.len());
    let mut places = Vec::with_capacity(source.len());
    let mut at = 0;
    let mut found = false;
    while at < source.len() {
        let escape = match source[at] {
            b'%' => percent(&source[at..]),
            b'\\' => backslash(&source[at..]),
            b'&' => entity(&source[at..]),
            _ => None,
        };
        let (read, length) = match escape {
            Some((read, length)) => {
                found = true;
                (read, length)
            }
            None => (Read::Byte(source[at]), 1),
        };
        let place = layer.place(at..at + length);
        let mut push = |byte: u8| {
            bytes.push(byte);
            places.push((place.start, place.end));
        };
        match read {
            Read::Byte(byte) => push(byte),
            Read::Char(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(push),
        }
        at += length;
    }
    found.then_some(Layer {
        bytes: Cow::Owned(bytes),
        places,
    })
}

/// What an escape stands for.
enum Read {
    Byte(u8),
    Char(char),
}

fn hex(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

/// `%40`
fn percent(text: &[u8]) -> Option<(Read, usize)> {
    let byte = u8::try_from(hex(text.get(1..3)?)?).ok()?;
    Some((Read::Byte(byte), 3))
}

/// `\u0040`, `\x40`, `\/`, `\n`
fn backslash(text: &[u8]) -> Option<(Read, usize)> {
    let read = match text.get(1)? {
        b'u' => return unicode(text),
        b'x' => return Some((Read::Byte(u8::try_from(hex(text.get(2..4)?)?).ok()?), 4)),
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' | b'f' => b' ',
        other @ (b'"' | b'\\' | b'/' | b'\'') => *other,
        _ => return None,
    };
    Some((Read::Byte(read), 2))
}

fn unicode(text: &[u8]) -> Option<(Read, usize)> {
    let unit = |at: usize| hex(text.get(at + 2..at + 6)?);
    let high = unit(0)?;
    if let Some(c) = char::from_u32(high) {
        return Some((Read::Char(c), 6));
    }
    let low = (text.get(6..8) == Some(br"\u")).then(|| unit(6)).flatten();
    let pair = low.and_then(|low| {
        let (high, low) = (u16::try_from(high).ok()?, u16::try_from(low).ok()?);
        char::decode_utf16([high, low]).next()?.ok()
    });
    Some(match pair {
        Some(c) => (Read::Char(c), 12),
        None => (Read::Char(char::REPLACEMENT_CHARACTER), 6),
    })
}

/// `&#64;`, `&#x40;`, `&amp;`
fn entity(text: &[u8]) -> Option<(Read, usize)> {
    const LONGEST: usize = 10;
    let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&text[1..end]).ok()?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "commat" => '@',
        "period" => '.',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => hex(digits.as_bytes())?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((Read::Char(c), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_leads_back_to_the_text() {
        for (text, read) in [
            ("plain", vec!["plain"]),
            ("a%40b", vec!["a%40b", "a@b"]),
            (r"a\u0040b", vec![r"a\u0040b", "a@b"]),
            (
                r"\ud83d\ude00\ud800",
                vec![r"\ud83d\ude00\ud800", "😀\u{fffd}"],
            ),
            ("a&#64;b&amp;&#x40;", vec!["a&#64;b&amp;&#x40;", "a@b&@"]),
            ("%255Cu0040", vec!["%255Cu0040", "%5Cu0040", r"\u0040", "@"]),
            ("100% \\q & co", vec!["100% \\q & co"]),
        ] {
            let layers = layers(text);
            let seen: Vec<_> = layers
                .iter()
                .map(|layer| String::from_utf8_lossy(&layer.bytes))
                .collect();
            assert_eq!(seen, read);
            let last = layers.last().expect("there is the text");
            assert_eq!(last.place(0..last.bytes.len()), 0..text.len(), "{text}");
        }
        let layers = layers("x%2540y");
        assert_eq!(layers[2].place(1..2), 1..6);
        assert_eq!(layers[2].place(2..3), 6..7);
    }
}

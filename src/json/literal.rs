//! What literals of JSON say, and bytes as text.
//!
//! Used by the document engine and by whoever shows bytes that need not be text. Deliberately absent: cleaning for the
//! screen, which is [`crate::json::sanitize`]'s.

use std::borrow::Cow;
use std::fmt::Write;

/// The first `limit` bytes, less a character that would be cut in two.
pub(crate) fn head(bytes: &[u8], limit: usize) -> &[u8] {
    if bytes.len() <= limit {
        return bytes;
    }
    let is_continuation = |at: usize| bytes[at] & 0xc0 == 0x80;
    let mut end = limit;
    while end > 0 && limit - end < 3 && is_continuation(end) {
        end -= 1;
    }
    &bytes[..if is_continuation(end) { limit } else { end }]
}

/// Bytes as text; those that are not UTF-8 as `\xNN`.
pub fn decode_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// What a string literal says. Anything that is no valid escape stays as written.
pub(crate) fn unquote(literal: &[u8]) -> Cow<'_, str> {
    let inner = literal.strip_prefix(b"\"").unwrap_or(literal);
    let inner = decode_bytes(inner.strip_suffix(b"\"").unwrap_or(inner));
    if !literal.contains(&b'\\') {
        return inner;
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner.as_ref();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (said, length) = read_escape(&rest[at..]);
        match said {
            Some(c) => out.push(c),
            None => out.push_str(&rest[at..at + length]),
        }
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character an escape at the start of `text` stands for and the escape's length; none and the length of what to
/// keep as written for a lone surrogate, or for the `\xNN` of a byte that is not UTF-8.
fn read_escape(text: &str) -> (Option<char>, usize) {
    let simple = match text.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return read_unicode_escape(text),
        Some(c @ (b'"' | b'\\' | b'/')) => char::from(*c),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn read_unicode_escape(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (None, 1);
    };
    if let (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) = (first, unit(6)) {
        let c = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(c), 12);
    }
    (char::from_u32(first), 6)
}

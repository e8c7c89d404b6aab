//! Looking at bytes of JSON quickly: where a string, a gap, a word ends.
//!
//! Used by the strict reader and by the cursor that trusts it. Eight bytes are looked at together, without
//! unsafe code: the intrinsics of the processor need it. Deliberately absent: judging what is found.

/// What stands between tokens.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// The first place from `at` on that is no space, or the end.
#[inline]
pub(super) fn gap_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    // Most gaps are none, or the line break and indent of a pretty-printed text.
    while let Some(byte) = bytes.get(at) {
        if !is_space(*byte) {
            return at;
        }
        at += 1;
    }
    at
}

/// The first place from `at` on that is a quote, a backslash or a control character, or the end.
#[inline]
pub(super) fn string_stop(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if let Some(stop) = stop_in(*chunk) {
            return at + stop;
        }
        at += WIDTH;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..0x20) {
            return at;
        }
        at += 1;
    }
    at
}

/// How many bytes are looked at together.
const WIDTH: usize = 8;

/// The first quote, backslash or control character.
#[inline]
fn stop_in(chunk: [u8; WIDTH]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES * 0x80;
    let word = u64::from_le_bytes(chunk);
    // Each difference has the high bit of a byte set where it is what is looked for, or where a lower one is: the
    // lowest is exact, and only that is looked at. Bytes with a high bit of their own are none of them.
    let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    let found = (quote | backslash | control) & !word & HIGHS;
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// The place after the closing quote of a string that begins before `at`, if it is before `limit`; the string is known
/// to be right.
pub(super) fn string_end(bytes: &[u8], at: usize, limit: usize) -> Option<usize> {
    let bytes = &bytes[..limit.min(bytes.len())];
    let mut at = at;
    loop {
        at = string_stop(bytes, at);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where the line that `at` is in ends: at its line break or at the end of the text, without a carriage return.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = &rest[..length];
    at + line.strip_suffix(b"\r").unwrap_or(line).len()
}

/// Line breaks in `bytes`, and characters after the last one; a byte that is not UTF-8 counts as one.
pub(super) fn lines_and_characters(bytes: &[u8]) -> (u64, u64) {
    let lines = memchr::memchr_iter(b'\n', bytes).count();
    let start = match lines {
        0 => 0,
        _ => memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1),
    };
    let rest = &bytes[start..];
    let characters = match std::str::from_utf8(rest) {
        Ok(text) => text.chars().count(),
        Err(_) => rest
            .utf8_chunks()
            .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
            .sum(),
    };
    (lines as u64, characters as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stops_are_found_where_bytes_say(bytes in prop::collection::vec(any::<u8>(), 0..70), at in 0_usize..70) {
            let at = at.min(bytes.len());
            let plain = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(string_stop(&bytes, at), plain.map_or(bytes.len(), |found| at + found));
        }

        #[test]
        fn lines_and_characters_are_counted(text in "[a-zé漢😀\n]{0,80}") {
            let last = text.rsplit('\n').next().unwrap_or_default();
            let expected = (text.matches('\n').count() as u64, last.chars().count() as u64);
            prop_assert_eq!(lines_and_characters(text.as_bytes()), expected);
        }
    }

    #[test]
    fn a_byte_that_is_no_text_counts_as_a_character() {
        assert_eq!(lines_and_characters(b"\n\xff\xff\xc3a"), (1, 4));
    }

    #[test]
    fn every_special_byte_stops_at_every_place() {
        for place in 0..40 {
            for byte in 0..=255_u8 {
                let mut bytes = [b'x'; 40];
                bytes[place] = byte;
                let stops = matches!(byte, b'"' | b'\\' | 0..0x20);
                assert_eq!(string_stop(&bytes, 0), if stops { place } else { 40 });
            }
        }
    }
}

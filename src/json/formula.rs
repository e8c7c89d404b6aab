//! Cells that no program takes for a formula: one that begins like one gets an apostrophe before it, as OWASP's ASVS
//! 1.2.10 says. Used by whoever writes tables that spread-sheets may open.

use std::borrow::Cow;

/// What a formula begins with, also in the forms that spread-sheets take for these.
const STARTS: [char; 13] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\0', '|', '＝', '＋', '－', '＠',
];

/// A text that no program takes for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text
        .trim_start_matches([' ', '"', '\''])
        .starts_with(STARTS)
        || text.starts_with(STARTS)
    {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that was guarded so. A text that never was comes as it is: those alone have an apostrophe that would get one.
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if matches!(guarded(rest), Cow::Owned(_)) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        for text in [
            "=1+1", "+1", "-1", "@x", "\tx", "\rx", "\0x", " =1", "\"=1", "＝1", "|cmd",
        ] {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(unguarded(&guarded(text)), text);
        }
        for text in ["", "a=1", "1", "(1)", "ä", "‹email 1›"] {
            assert_eq!(guarded(text), text);
            assert_eq!(unguarded(text), text);
        }
        for text in ["'a", "''", "'=1", "''=1"] {
            assert_eq!(unguarded(&guarded(text)), text);
        }
    }
}

//! Where a curl command begins in a pasted text, and which shell it was written for.

use std::ops::Range;

use crate::curl::lex::Dialect;
use crate::curl::lex::Margin;
use crate::curl::lex::is_blank;

/// How much of a command is looked at for marks of its shell.
const LOOKED_AT: usize = 64 * 1024;

/// The beginning of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The word `curl`, with a path before it.
    pub(super) word: Range<usize>,
    /// Where its line begins.
    pub(super) line: usize,
    pub(super) dialect: Dialect,
    pub(super) margin: Margin,
}

/// The first command at or after byte `from`.
pub(super) fn find(text: &str, from: usize) -> Option<Start> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = memchr::memchr2(b'c', b'C', bytes.get(at..)?) {
        let here = at + found;
        at = here + 1;
        let is_word = bytes
            .get(here..here + 4)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"curl"));
        if is_word && let Some(start) = command_at(text, here) {
            return Some(start);
        }
    }
    None
}

fn command_at(text: &str, here: usize) -> Option<Start> {
    let before = text[..here].chars().next_back();
    let is_path = matches!(before, Some('/' | '\\'));
    let stands_free = before.is_none_or(|c| {
        is_blank(c)
            || matches!(
                c,
                '\n' | '\r' | '`' | '$' | '>' | '|' | ';' | '&' | '(' | '"' | '\''
            )
    });
    if !is_path && !stands_free {
        return None;
    }
    let rest = &text[here + 4..];
    let after = rest.strip_prefix(".exe").unwrap_or(rest);
    let after = after
        .strip_prefix(['"', '\''])
        .filter(|_| matches!(before, Some('"' | '\'' | '/' | '\\')))
        .unwrap_or(after);
    let end = text.len() - after.len();
    if !begins_arguments(after) {
        return None;
    }
    let line = text[..here].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let word_start = if is_path {
        text[line..here]
            .rfind(|c| is_blank(c) || matches!(c, '>' | '$' | '`'))
            .map_or(line, |at| {
                line + at + text[line + at..].chars().next().map_or(1, char::len_utf8)
            })
    } else {
        here
    };
    let margin = margin(&text[line..here]);
    Some(Start {
        word: word_start..end,
        line,
        dialect: dialect(text, line..here, end),
        margin,
    })
}

/// Whether what follows the word `curl` looks like arguments rather than a sentence.
fn begins_arguments(after: &str) -> bool {
    if !after.starts_with(|c: char| is_blank(c) || matches!(c, '\n' | '\r')) {
        return false;
    }
    let rest = after.trim_start_matches(is_blank);
    if let Some(next) = rest.strip_prefix(['\\', '^', '`'])
        && !next.starts_with('"')
    {
        return next.trim_start_matches(is_blank).starts_with(['\n', '\r']);
    }
    if rest.starts_with([
        '-', '\u{2013}', '\u{2014}', '"', '\'', '\u{201c}', '\u{2018}', '$', '{', '^',
    ]) || rest.starts_with("&quot;")
        || rest.starts_with("&#39;")
    {
        return true;
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let word = &rest[..end];
    word.contains('/') || word.contains("://") || word.starts_with("localhost")
}

/// What the beginning of the first line says about the others.
fn margin(before: &str) -> Margin {
    let text = before.trim_start_matches(is_blank);
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..digits].parse().ok();
    let text = text[digits..]
        .trim_start_matches(['.', ':', '|', ')'])
        .trim_start_matches(is_blank);
    Margin {
        number,
        quoted: text.starts_with("> ") || text.starts_with('$'),
        ticked: text.ends_with('`') && !text.ends_with("``"),
    }
}

fn dialect(text: &str, before: Range<usize>, word_end: usize) -> Dialect {
    let prompt = text[before].trim();
    let mut end = text.len().min(word_end + LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let command = &text[word_end..end];
    let first_line = command.split(['\n', '\r']).next().unwrap_or_default();
    let has_exe = text.as_bytes()[..word_end].ends_with(b".exe");
    match first_line.trim_end_matches(is_blank).chars().next_back() {
        Some('\\') => return Dialect::Posix,
        Some('^') => return Dialect::Cmd,
        Some('`') if !prompt.ends_with('`') && first_line.len() < command.len() => {
            return Dialect::PowerShell;
        }
        _ => {}
    }
    if prompt.starts_with("PS ") && prompt.ends_with('>') {
        return Dialect::PowerShell;
    }
    let is_cmd_prompt = prompt.ends_with('>') && prompt.get(1..3) == Some(":\\");
    if is_cmd_prompt || first_line.contains("^\"") {
        return Dialect::Cmd;
    }
    let has_single = first_line.contains('\'');
    if has_exe {
        return if has_single {
            Dialect::PowerShell
        } else {
            Dialect::Cmd
        };
    }
    let doubled = ["{\"\"", ":\"\"", "\"\":", "[\"\""];
    if !has_single
        && doubled.iter().any(|mark| first_line.contains(mark))
        && !first_line.contains("\\\"")
    {
        return Dialect::Cmd;
    }
    Dialect::Posix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_and_sentences_are_not() {
        for text in [
            "curl -X POST",
            "  $ curl https://h/entity",
            "see:\n```sh\ncurl \\\n -d a=b",
            "user@host:~$ /usr/bin/curl h/entity",
            "A=b curl 'https://h'",
            "PS C:\\x> curl.exe -d a",
            "`curl -d a https://h`",
            "Curl -d a",
            "\"C:\\Program Files\\curl.exe\" -d a",
            "curl &quot;https://h&quot;",
        ] {
            assert!(find(text, 0).is_some(), "{text}");
        }
        for text in [
            "written using Curl, but",
            "the curl command",
            "libcurl -d",
            "curly /x",
            "curl",
            "",
            "the Curl command will be converted",
        ] {
            assert_eq!(find(text, 0), None, "{text}");
        }
    }

    #[test]
    fn shells_are_told_apart() {
        for (text, dialect) in [
            ("curl -d a \\\n b", Dialect::Posix),
            ("curl -d a ^\r\n b", Dialect::Cmd),
            ("curl -d a `\n b", Dialect::PowerShell),
            ("`curl -d a`", Dialect::Posix),
            ("PS C:\\> curl.exe -d \"a\"", Dialect::PowerShell),
            ("C:\\Users\\x>curl -d a", Dialect::Cmd),
            ("curl.exe -d 'a'", Dialect::PowerShell),
            ("curl.exe -d \"a\"", Dialect::Cmd),
            ("curl -d \"{\"\"a\"\":1}\"", Dialect::Cmd),
            ("curl ^\"https://h^\"", Dialect::Cmd),
            ("curl -d \"{\\\"a\\\":\\\"\\\"}\"", Dialect::Posix),
        ] {
            let start = find(text, 0).expect("is a command");
            assert_eq!(start.dialect, dialect, "{text}");
        }
    }
}

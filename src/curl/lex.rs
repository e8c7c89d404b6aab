//! The words of a pasted command: what the shell it was written for would hand to curl, and where each word stands.
//!
//! Three shells are read: POSIX `sh` (with the `$'…'` of its larger relatives), `cmd.exe` and PowerShell. What
//! documents and terminals do to commands is undone and noted: line ends of all kinds, no-break spaces, smart quotes,
//! HTML entities, prompts and numbers at the beginning of lines. Nothing is expanded or run: a variable stands in its
//! word as it was written. Reading takes time in proportion to the length of the text. What the words mean to curl is
//! not here.

mod cursor;
mod posix;
mod windows;

use std::ops::Range;

use crate::curl::account::Account;

/// The shell a command was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `sh`, `bash`, `zsh`.
    Posix,
    /// `cmd.exe`, with the quoting of the C library's programs.
    Cmd,
    /// PowerShell calling a program.
    PowerShell,
}

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, in bytes of the pasted text, quotes included.
    pub range: Range<usize>,
    /// What the program gets. Bytes that are not UTF-8 become U+FFFD.
    pub text: String,
    /// Variables and substitutions that stand in `text` as they were written: `$SECRET`, `$(pass show x)`.
    pub variables: Vec<String>,
}

/// What the command reads on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stdin {
    /// This file.
    File(String),
    /// This text, from the command itself.
    Text(String),
}

/// A command in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lexed {
    /// The words, in order.
    pub words: Vec<Word>,
    /// What stands between the words, or is not read as it stands.
    pub noise: Vec<Account>,
    /// What is redirected into the command.
    pub stdin: Option<Stdin>,
    /// Where the command ends, in bytes of the text.
    pub end: usize,
}

/// How the lines of a paste begin, beside the command itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margin {
    /// The number of the first line, when lines are numbered.
    pub number: Option<u64>,
    /// Whether lines begin with `>`: a shell's second prompt, or a quotation.
    pub quoted: bool,
    /// Whether the command stands between back-ticks, as code inside a sentence does.
    pub ticked: bool,
}

/// Reads the command that begins at byte `start` of `text`, up to where its shell would end it. A missing back-slash at
/// the end of a line is forgiven when the next line goes on with an option or a URL.
pub fn lex(text: &str, start: usize, dialect: Dialect, margin: Margin) -> Lexed {
    let cursor = cursor::Cursor::new(text, start, margin);
    match dialect {
        Dialect::Posix => posix::read(cursor),
        Dialect::Cmd => windows::read_cmd(cursor),
        Dialect::PowerShell => windows::read_powershell(cursor),
    }
}

/// Whether `text` holds what a reader of pasted text may take for a page's source.
pub(super) fn holds_entity(text: &str) -> bool {
    cursor::holds_entity(text)
}

/// What shells, documents and chat programs put between words.
pub(super) fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{feff}'
    )
}

/// A word being read.
struct Draft {
    start: usize,
    bytes: Vec<u8>,
    variables: Vec<String>,
}

impl Draft {
    fn new(start: usize) -> Self {
        Self {
            start,
            bytes: Vec::new(),
            variables: Vec::new(),
        }
    }

    fn push(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn variable(&mut self, text: &str) {
        self.push_str(text);
        self.variables.push(text.to_owned());
    }

    fn finish(self, end: usize) -> Word {
        Word {
            range: self.start..end,
            text: String::from_utf8(self.bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            variables: self.variables,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, dialect: Dialect) -> Vec<String> {
        let lexed = lex(text, 0, dialect, Margin::default());
        lexed.words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn posix_words() {
        for (text, expected) in [
            ("a b\tc", &["a", "b", "c"][..]),
            (r"'a b' c\ d", &["a b", "c d"]),
            (r"'it'\''s'", &["it's"]),
            (r#""a \"b\" \$ \x \\""#, &[r#"a "b" $ \x \"#]),
            ("a \\\n  b", &["a", "b"]),
            ("a \\  \t\n b", &["a", "b"]),
            ("a \\\r\n b", &["a", "b"]),
            ("a\\\nb", &["ab"]),
            ("a\\\n-b", &["a", "-b"]),
            ("a \\", &["a"]),
            ("a\u{a0}b\u{2003}\u{feff}c", &["a", "b", "c"]),
            (r"$'a\tb\x41\u00e9\'\101'", &["a\tbA\u{e9}'A"]),
            ("''", &[""]),
            ("a # b 'c", &["a"]),
            ("a#b", &["a#b"]),
            ("a\n-b\nc", &["a", "-b"]),
            ("a | b", &["a"]),
            ("a && b", &["a"]),
            ("a; b", &["a"]),
            ("a 2>/dev/null >x b 2>&1", &["a", "b"]),
            (
                "-u id:<secret> <your id>",
                &["-u", "id:<secret>", "<your id>"],
            ),
            ("http://h/x?a=1&b=2 c", &["http://h/x?a=1&b=2", "c"]),
            ("http://h/x?a=1& b", &["http://h/x?a=1"]),
            (
                "\u{201c}a b\u{201d} \u{2018}{\u{201c}x\u{201d}: \u{201c}it\u{2019}s\u{201d}}\u{2019}",
                &["a b", r#"{"x": "it's"}"#],
            ),
            ("'{\u{201c}a\u{201d}:1}'", &["{\u{201c}a\u{201d}:1}"]),
            ("a 'b c\nd", &["a", "b c"]),
            ("&quot;a b&quot; &#39;c&#39;", &["a b", "c"]),
            ("'&quot;' \"x\"", &["&quot;", "x"]),
        ] {
            assert_eq!(words(text, Dialect::Posix), expected, "{text:?}");
        }
    }

    #[test]
    fn windows_words() {
        for (text, expected) in [
            ("a ^\r\n  b ^\n c", &["a", "b", "c"][..]),
            (r#""{""a"":""b c""}""#, &[r#"{"a":"b c"}"#]),
            (
                r#""{\"a\":1}" C:\x\ "y\\""#,
                &[r#"{"a":1}"#, r"C:\x\", r"y\"],
            ),
            (r#"^"a ^\^"b^\^"^" ^%20"#, &[r#"a "b""#, "%20"]),
            (r#""a^b" 'c'"#, &["a^b", "'c'"]),
            ("a & b", &["a"]),
            ("a\nb", &["a"]),
        ] {
            assert_eq!(words(text, Dialect::Cmd), expected, "{text:?}");
        }
        for (text, expected) in [
            ("a `\r\n  b", &["a", "b"][..]),
            ("'it''s' \"a`\"b `$x `n\"", &["it's", "a\"b $x \n"]),
            (r#"'{\"a\":1}'"#, &[r#"{"a":1}"#]),
            (r#"'{"a":1}' "x""y""#, &[r#"{"a":1}"#, "x\"y"]),
            ("a | b", &["a"]),
        ] {
            assert_eq!(words(text, Dialect::PowerShell), expected, "{text:?}");
        }
    }

    #[test]
    fn variables_stand_as_they_were_written() {
        let text = r#"-u "$ID:${SECRET}" $(pass show x) `date` '$no' \$no"#;
        let lexed = lex(text, 0, Dialect::Posix, Margin::default());
        let variables: Vec<&str> = lexed
            .words
            .iter()
            .flat_map(|word| &word.variables)
            .map(String::as_str)
            .collect();
        assert_eq!(variables, ["$ID", "${SECRET}", "$(pass show x)", "`date`"]);
        let lexed = lex("\"$env:ID $x\"", 0, Dialect::PowerShell, Margin::default());
        assert_eq!(lexed.words[0].variables, ["$env:ID", "$x"]);
    }

    #[test]
    fn what_a_command_reads() {
        let read = |text| lex(text, 0, Dialect::Posix, Margin::default());
        let here = read("a -d @- <<'END' -x\nl1\n l2\nEND\nafter");
        assert_eq!(here.stdin, Some(Stdin::Text("l1\n l2\n".to_owned())));
        assert_eq!(here.words.len(), 4);
        assert_eq!(here.end, here_end("a -d @- <<'END' -x\nl1\n l2\nEND"));
        let file = read("a < 'b c' d");
        assert_eq!(file.stdin, Some(Stdin::File("b c".to_owned())));
        assert_eq!(file.words.len(), 2);
    }

    fn here_end(text: &str) -> usize {
        text.len()
    }

    #[test]
    fn margins_are_left_out() {
        let text = "1  a 'x\n2    y' \\\n3  -b\n4  c";
        let margin = Margin {
            number: Some(1),
            ..Margin::default()
        };
        let lexed = lex(text, 3, Dialect::Posix, margin);
        let words: Vec<&str> = lexed.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words, ["a", "x\n   y", "-b"]);
        let lexed = lex("a \\\n> -b\n", 0, Dialect::Posix, Margin::default());
        assert_eq!(lexed.words.len(), 2);
    }
}

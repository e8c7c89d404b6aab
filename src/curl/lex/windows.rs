//! Words as programs on Windows get them, from `cmd.exe` and from PowerShell.

use crate::curl::account::Fate;
use crate::curl::lex::Draft;
use crate::curl::lex::Lexed;
use crate::curl::lex::Word;
use crate::curl::lex::cursor::Cursor;
use crate::curl::lex::cursor::is_parameter;
use crate::curl::lex::is_blank;

/// Reads a line of `cmd.exe`: it takes out the carets, and the program's C library splits the rest into words.
pub(super) fn read_cmd(cursor: Cursor<'_>) -> Lexed {
    let mut reader = Cmd {
        cursor,
        quoted: false,
    };
    let mut words = Vec::new();
    while reader.skip_between() {
        let word = reader.word();
        words.push(word);
    }
    Lexed {
        words,
        end: reader.cursor.at,
        noise: reader.cursor.noise,
        stdin: None,
    }
}

struct Cmd<'a> {
    cursor: Cursor<'a>,
    /// Whether the shell is inside quotes, where a caret is a caret.
    quoted: bool,
}

impl Cmd<'_> {
    /// Passes over what stands between words; says whether one follows.
    fn skip_between(&mut self) -> bool {
        loop {
            match self.cursor.peek() {
                None | Some('&' | '|') => return false,
                Some('\n') if !self.cursor.goes_on() => return false,
                Some('\n') => {
                    let start = self.cursor.at;
                    while self.cursor.peek().is_some_and(|c| c == '\n' || is_blank(c)) {
                        self.cursor.bump();
                    }
                    self.cursor.note(
                        start..start + 1,
                        Fate::Translated(
                            "a line without ^ at its end: the next one goes on all the same".into(),
                        ),
                    );
                }
                Some('^') => match self.cursor.continuation('^') {
                    Some(length) => self.cursor.take_continuation(length),
                    None => return true,
                },
                Some('<' | '>') => self.redirection(),
                Some(c) if is_blank(c) => self.cursor.take_blank(),
                Some(_) => return true,
            }
        }
    }

    fn redirection(&mut self) {
        let start = self.cursor.at;
        while matches!(self.cursor.peek(), Some('<' | '>' | '&')) {
            self.cursor.bump();
        }
        while self.cursor.peek().is_some_and(is_blank) {
            self.cursor.take_blank();
        }
        self.word();
        self.cursor.note(
            start..self.cursor.at,
            Fate::Ignored("where curl's output goes".into()),
        );
    }

    /// The next character that reaches the program, as the shell leaves it.
    fn next(&mut self) -> Option<char> {
        loop {
            let c = self.cursor.peek()?;
            if self.quoted || c != '^' {
                if c == '\n' && !self.quoted {
                    return None;
                }
                self.cursor.bump();
                self.quoted ^= c == '"';
                return Some(c);
            }
            self.cursor.bump();
            let escaped = self.cursor.bump()?;
            if escaped != '\n' {
                return Some(escaped);
            }
            // A line end that follows an escaped one is meant.
            if self.cursor.peek() == Some('\n') {
                return self.cursor.bump();
            }
        }
    }

    /// Reads a word by the rules of the C library: quotes toggle, `""` inside quotes and `\"` are a quote.
    fn word(&mut self) -> Word {
        let mut draft = Draft::new(self.cursor.at);
        let mut inside = false;
        let mut slashes = 0_usize;
        while let Some(c) = self.cursor.peek() {
            if !inside && !self.quoted && self.ends_word(c, &draft) {
                break;
            }
            let Some(c) = self.next() else { break };
            if c == '\\' {
                slashes += 1;
                continue;
            }
            if c == '"' {
                draft.push_str(&"\\".repeat(slashes / 2));
                let literal = slashes % 2 == 1;
                slashes = 0;
                if literal {
                    draft.push('"');
                } else if inside && self.sees_quote() {
                    self.next();
                    draft.push('"');
                } else {
                    inside = !inside;
                }
                continue;
            }
            draft.push_str(&"\\".repeat(std::mem::take(&mut slashes)));
            if !inside && is_blank(c) {
                break;
            }
            draft.push(c);
        }
        draft.push_str(&"\\".repeat(slashes));
        if inside {
            self.cursor.note(
                draft.start..self.cursor.at,
                Fate::Refused("a quote in this word is never closed: something is missing".into()),
            );
            self.quoted = false;
        }
        draft.finish(self.cursor.at)
    }

    /// Whether the program sees another quote next, bare or behind a caret.
    fn sees_quote(&self) -> bool {
        self.cursor.sees("\"") || (!self.quoted && self.cursor.sees("^\""))
    }

    fn ends_word(&self, c: char, draft: &Draft) -> bool {
        match c {
            '&' => !(draft.bytes.contains(&b'?') && is_parameter(&self.cursor.rest()[1..])),
            '<' | '>' => self.cursor.stand_in().is_none(),
            '|' | '\n' => true,
            '^' => self.cursor.continuation('^').is_some(),
            _ => is_blank(c),
        }
    }
}

/// Reads a command of PowerShell.
pub(super) fn read_powershell(cursor: Cursor<'_>) -> Lexed {
    let mut reader = PowerShell {
        cursor,
        unclosed: false,
    };
    let mut words = Vec::new();
    while reader.skip_between() {
        let word = reader.word();
        words.push(word);
    }
    Lexed {
        words,
        end: reader.cursor.at,
        noise: reader.cursor.noise,
        stdin: None,
    }
}

struct PowerShell<'a> {
    cursor: Cursor<'a>,
    /// Whether a quote was found not to be closed any more.
    unclosed: bool,
}

impl PowerShell<'_> {
    fn skip_between(&mut self) -> bool {
        loop {
            match self.cursor.peek() {
                None | Some('|' | ';' | '&' | ')') => return false,
                Some('#') => {
                    let start = self.cursor.at;
                    let length = self.cursor.line_length();
                    self.cursor.skip(length);
                    self.cursor
                        .note(start..start + length, Fate::Ignored("comments".into()));
                }
                Some('\n') if !self.cursor.goes_on() => return false,
                Some('\n') => {
                    let start = self.cursor.at;
                    while self.cursor.peek().is_some_and(|c| c == '\n' || is_blank(c)) {
                        self.cursor.bump();
                    }
                    self.cursor.note(
                        start..start + 1,
                        Fate::Translated(
                            "a line without ` at its end: the next one goes on all the same".into(),
                        ),
                    );
                }
                Some('`') => match self.cursor.continuation('`') {
                    Some(length) => self.cursor.take_continuation(length),
                    None => return true,
                },
                Some(c) if is_blank(c) => self.cursor.take_blank(),
                Some(_) => return true,
            }
        }
    }

    fn word(&mut self) -> Word {
        let mut draft = Draft::new(self.cursor.at);
        while let Some(c) = self.cursor.peek() {
            match c {
                '\n' | '|' | ';' => break,
                '&' if !(draft.bytes.contains(&b'?') && is_parameter(&self.cursor.rest()[1..])) => {
                    break;
                }
                '`' if self.cursor.continuation('`').is_some() => break,
                '`' => self.tick(&mut draft),
                '\'' | '\u{2018}'..='\u{201b}' | '"' | '\u{201c}'..='\u{201e}' => {
                    self.quoted(&mut draft, c);
                }
                '$' => self.dollar(&mut draft),
                _ if is_blank(c) => break,
                _ => {
                    draft.push(c);
                    self.cursor.bump();
                }
            }
        }
        draft.finish(self.cursor.at)
    }

    fn dollar(&mut self, draft: &mut Draft) {
        if let Some(length) = self.cursor.variable() {
            let text = self.cursor.skip(length);
            draft.variable(text);
        } else {
            draft.push('$');
            self.cursor.bump();
        }
    }

    fn tick(&mut self, draft: &mut Draft) {
        self.cursor.bump();
        let Some(c) = self.cursor.bump() else { return };
        draft.push(match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            other => other,
        });
    }

    fn quoted(&mut self, draft: &mut Draft, open: char) {
        let start = self.cursor.at;
        let length = draft.bytes.len();
        self.cursor.bump();
        let inside = self.cursor.at;
        if !self.unclosed && self.until_closed(draft, is_double(open)) {
            return;
        }
        self.unclosed = true;
        draft.bytes.truncate(length);
        self.cursor.at = inside;
        let rest = self.cursor.line_length();
        let line = self.cursor.skip(rest);
        draft.push_str(line);
        self.cursor.note(
            start..self.cursor.at,
            Fate::Refused(
                "this quote is never closed: something is missing, and the line is read to its end"
                    .into(),
            ),
        );
    }

    /// PowerShell takes curly quotes for plain ones everywhere.
    fn until_closed(&mut self, draft: &mut Draft, double: bool) -> bool {
        while let Some(c) = self.cursor.peek() {
            if double && c == '`' {
                self.tick(draft);
            } else if double && c == '$' {
                self.dollar(draft);
            } else if is_quote(c) && is_double(c) == double {
                self.cursor.bump();
                let twice = self
                    .cursor
                    .peek()
                    .is_some_and(|next| is_quote(next) && is_double(next) == double);
                if !twice {
                    return true;
                }
                self.cursor.bump();
                draft.push(c);
            } else if c == '\\' && self.cursor.sees("\\\"") {
                // Windows PowerShell does not quote for the program, so its users write \" for a quote.
                self.cursor.bump();
                self.cursor.bump();
                draft.push('"');
            } else {
                draft.push(c);
                self.cursor.bump();
            }
        }
        false
    }
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '\u{201c}'..='\u{201e}')
}

fn is_quote(c: char) -> bool {
    is_double(c) || matches!(c, '\'' | '\u{2018}'..='\u{201b}')
}

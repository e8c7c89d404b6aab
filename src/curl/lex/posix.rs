//! Words as `sh` reads them, with the `$'…'` of larger shells and the quotes that documents put in their place.

use crate::curl::account::Fate;
use crate::curl::lex::Draft;
use crate::curl::lex::Lexed;
use crate::curl::lex::Stdin;
use crate::curl::lex::Word;
use crate::curl::lex::cursor::Cursor;
use crate::curl::lex::cursor::begins_option;
use crate::curl::lex::cursor::is_parameter;
use crate::curl::lex::is_blank;

const AMPERSAND: &str = "an & without quotes belongs to the URL, though sh ends the command there";

pub(super) fn read(cursor: Cursor<'_>) -> Lexed {
    let mut reader = Reader {
        cursor,
        words: Vec::new(),
        stdin: None,
        here: None,
        unclosed: Vec::new(),
    };
    while !reader.skip_between() {
        reader.next();
    }
    Lexed {
        end: reader.cursor.at,
        words: reader.words,
        noise: reader.cursor.noise,
        stdin: reader.stdin,
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    words: Vec<Word>,
    stdin: Option<Stdin>,
    /// The word that ends the lines after this one, which the command reads.
    here: Option<String>,
    /// The quotes that are known not to be closed any more, so that nobody looks for their ends again.
    unclosed: Vec<Quote>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    Single,
    Double,
    Ansi,
    SmartSingle,
    SmartDouble,
}

impl Quote {
    fn open(c: char) -> Option<Self> {
        match c {
            '\'' => Some(Self::Single),
            '"' => Some(Self::Double),
            '\u{2018}'..='\u{201b}' => Some(Self::SmartSingle),
            '\u{201c}'..='\u{201f}' => Some(Self::SmartDouble),
            _ => None,
        }
    }

    /// Whether `c` closes a quote that a document made, if it stands at the end of a word.
    fn may_close(self, c: char) -> bool {
        match self {
            Self::SmartSingle => matches!(c, '\'' | '\u{2018}'..='\u{201b}'),
            Self::SmartDouble => matches!(c, '"' | '\u{201c}'..='\u{201f}'),
            Self::Single | Self::Ansi => c == '\'',
            Self::Double => c == '"',
        }
    }
}

impl Reader<'_> {
    /// Passes over what stands between words; says whether the command ends here.
    fn skip_between(&mut self) -> bool {
        loop {
            match self.cursor.peek() {
                None | Some('|' | ';' | ')') => return true,
                Some('&') => return !self.cursor.sees("&>"),
                Some('`') if self.cursor.margin.ticked => return true,
                Some('#') => {
                    let start = self.cursor.at;
                    let length = self.cursor.line_length();
                    self.cursor.skip(length);
                    self.cursor
                        .note(start..start + length, Fate::Ignored("comments".into()));
                }
                Some('\\') => match self.cursor.continuation('\\') {
                    Some(length) => self.cursor.take_continuation(length),
                    None => return false,
                },
                Some('\n') if self.here.is_some() => {
                    self.take_here_document();
                    return true;
                }
                Some('\n') if !self.cursor.goes_on() => return true,
                Some('\n') => self.take_lost_line_end(),
                Some(c) if is_blank(c) => self.cursor.take_blank(),
                Some(_) => return false,
            }
        }
    }

    /// Takes a line end that a shell would end the command at.
    fn take_lost_line_end(&mut self) {
        let start = self.cursor.at;
        while self.cursor.peek().is_some_and(|c| c == '\n' || is_blank(c)) {
            self.cursor.bump();
        }
        self.cursor.skip_prompt();
        self.cursor.note(
            start..start + 1,
            Fate::Translated(
                "a line without \\ at its end: the next one goes on all the same".into(),
            ),
        );
    }

    /// Reads a word or a redirection.
    fn next(&mut self) {
        let start = self.cursor.at;
        if !matches!(self.cursor.peek(), Some('<' | '>' | '&')) || self.cursor.stand_in().is_some()
        {
            let word = self.word();
            let numbers_stream = word.text.bytes().all(|byte| byte.is_ascii_digit())
                && word.range.len() == word.text.len();
            let redirects = numbers_stream
                && (self.cursor.sees(">") || self.cursor.sees("<"))
                && !word.text.is_empty();
            if !redirects {
                self.words.push(word);
                return;
            }
        }
        self.redirection(start);
    }

    fn redirection(&mut self, start: usize) {
        let length = self
            .cursor
            .rest()
            .find(|c| !matches!(c, '<' | '>' | '&' | '-' | '|'))
            .unwrap_or(self.cursor.rest().len());
        let operator = self.cursor.skip(length.clamp(1, 3).min(length.max(1)));
        while self.cursor.peek().is_some_and(is_blank) {
            self.cursor.take_blank();
        }
        let target = match self.cursor.peek() {
            None | Some('\n' | '|' | ';' | ')' | '<' | '>' | '&') => String::new(),
            Some(_) => self.word().text,
        };
        let fate = if operator.starts_with("<<<") {
            self.stdin = Some(Stdin::Text(target + "\n"));
            "what the command reads stands in it"
        } else if operator.starts_with("<<") {
            self.here = Some(target);
            "what the command reads stands below it"
        } else if operator.starts_with('<') {
            self.stdin = Some(Stdin::File(target));
            "what the command reads is in a file"
        } else {
            "where curl's output goes"
        };
        self.cursor
            .note(start..self.cursor.at, Fate::Ignored(fate.into()));
    }

    /// Reads the lines after this one up to the word that ends them.
    fn take_here_document(&mut self) {
        self.cursor.bump();
        let Some(end) = self.here.take() else { return };
        let start = self.cursor.at;
        let mut text = String::new();
        while self.cursor.peek().is_some() {
            let length = self.cursor.line_length();
            let line = self.cursor.skip(length);
            if line.trim_end() == end {
                break;
            }
            text.push_str(line);
            if self.cursor.bump().is_some() {
                text.push('\n');
            }
        }
        self.stdin = Some(Stdin::Text(text));
        self.cursor.note(
            start..self.cursor.at,
            Fate::Translated("the lines that the command reads".into()),
        );
    }

    fn word(&mut self) -> Word {
        let mut draft = Draft::new(self.cursor.at);
        while let Some(c) = self.cursor.peek() {
            match c {
                '&' if self.parameter_follows(&draft) => {
                    let at = self.cursor.at;
                    draft.push('&');
                    self.cursor.bump();
                    self.cursor
                        .note(at..at + 1, Fate::Translated(AMPERSAND.into()));
                }
                '\n' | '|' | ';' | ')' | '&' => break,
                '<' | '>' => match self.cursor.stand_in() {
                    Some(length) => {
                        let text = self.cursor.skip(length);
                        draft.push_str(text);
                    }
                    None => break,
                },
                '`' if self.cursor.margin.ticked => break,
                '`' => self.ticks(&mut draft),
                '$' => self.dollar(&mut draft, true),
                '\\' => {
                    if !self.escape(&mut draft) {
                        break;
                    }
                }
                _ if is_blank(c) => break,
                _ => {
                    if let Some(quote) = Quote::open(c) {
                        self.quoted(&mut draft, quote);
                    } else {
                        draft.push(c);
                        self.cursor.bump();
                    }
                }
            }
        }
        draft.finish(self.cursor.at)
    }

    /// Whether an `&` here separates the parameters of a URL.
    fn parameter_follows(&self, draft: &Draft) -> bool {
        let is_url = draft.bytes.contains(&b'?');
        let after = self.cursor.rest().trim_start_matches("&amp;");
        is_url && is_parameter(after.strip_prefix('&').unwrap_or(after))
    }

    /// Reads what follows a back-slash outside quotes; says whether the word goes on.
    fn escape(&mut self, draft: &mut Draft) -> bool {
        if let Some(length) = self.cursor.continuation('\\') {
            self.cursor.take_continuation(length);
            let begins = begins_option(self.cursor.rest()) || self.cursor.sees("http");
            if begins {
                let at = self.cursor.at;
                self.cursor.note(
                    at..at,
                    Fate::Translated(
                        "a line that goes on without a blank is read as a new word".into(),
                    ),
                );
            }
            return !begins;
        }
        self.cursor.bump();
        if let Some(c) = self.cursor.bump() {
            draft.push(c);
        }
        true
    }

    fn ticks(&mut self, draft: &mut Draft) {
        let inner = &self.cursor.rest()[1..];
        let end = inner
            .find(['`', '\n'])
            .filter(|end| inner[*end..].starts_with('`'));
        if let Some(end) = end {
            let text = self.cursor.skip(end + 2);
            draft.variable(text);
        } else {
            draft.push('`');
            self.cursor.bump();
        }
    }

    fn dollar(&mut self, draft: &mut Draft, outside: bool) {
        if outside && self.cursor.sees("$'") {
            self.cursor.bump();
            self.quoted(draft, Quote::Ansi);
        } else if outside && self.cursor.sees("$\"") {
            self.cursor.bump();
        } else if let Some(length) = self.cursor.variable() {
            let text = self.cursor.skip(length);
            draft.variable(text);
        } else {
            draft.push('$');
            self.cursor.bump();
        }
    }

    /// Reads a quoted part; of one that is never closed, the rest of the line.
    fn quoted(&mut self, draft: &mut Draft, quote: Quote) {
        let start = self.cursor.at;
        let (bytes, variables) = (draft.bytes.len(), draft.variables.len());
        let (noise, margin) = (self.cursor.noise.len(), self.cursor.margin);
        self.cursor.bump();
        if !self.unclosed.contains(&quote) {
            let inside = self.cursor.at;
            if self.until_closed(draft, quote) {
                return;
            }
            self.unclosed.push(quote);
            draft.bytes.truncate(bytes);
            draft.variables.truncate(variables);
            self.cursor.noise.truncate(noise);
            self.cursor.margin = margin;
            self.cursor.at = inside;
        }
        let length = self.cursor.line_length();
        let line = self.cursor.skip(length);
        let kept = line.trim_end_matches(is_blank);
        draft.push_str(
            kept.strip_suffix('\\')
                .unwrap_or(line)
                .trim_end_matches(is_blank),
        );
        self.cursor.note(
            start..self.cursor.at,
            Fate::Refused(
                "this quote is never closed: something is missing, and the line is read to its end"
                    .into(),
            ),
        );
    }

    fn until_closed(&mut self, draft: &mut Draft, quote: Quote) -> bool {
        let start = self.cursor.at;
        let mut changed = false;
        loop {
            if matches!(quote, Quote::Single | Quote::Double) {
                draft.push_str(self.cursor.plain_run());
            }
            let Some(c) = self.cursor.peek() else { break };
            match (quote, c) {
                (Quote::Double, '\\') => self.escape_in_double(draft),
                (Quote::Ansi, '\\') => self.escape_in_ansi(draft),
                (Quote::Double, '$') => self.dollar(draft, false),
                (Quote::Double, '`') => self.ticks(draft),
                (Quote::SmartDouble, '\\')
                    if self.cursor.rest()[1..].starts_with(|c| quote.may_close(c)) =>
                {
                    self.cursor.bump();
                    self.cursor.bump();
                    draft.push('"');
                }
                (Quote::Single | Quote::Double | Quote::Ansi, _) => {
                    self.cursor.bump();
                    if quote.may_close(c) {
                        return true;
                    }
                    draft.push(c);
                }
                (Quote::SmartSingle | Quote::SmartDouble, _) => {
                    self.cursor.bump();
                    if quote.may_close(c) && self.at_end_of_word() {
                        self.note_smart(start, changed);
                        return true;
                    }
                    let plain = match Quote::open(c) {
                        Some(Quote::SmartSingle) => '\'',
                        Some(Quote::SmartDouble) => '"',
                        _ => c,
                    };
                    changed |= plain != c;
                    draft.push(plain);
                }
            }
        }
        false
    }

    fn note_smart(&mut self, start: usize, changed: bool) {
        let fate = if changed {
            "a document's curly quotes are read as plain ones, inside the value too"
        } else {
            "a document's curly quotes are read as plain ones"
        };
        // The opening quote has three bytes.
        self.cursor
            .note(start - 3..start, Fate::Translated(fate.into()));
    }

    fn at_end_of_word(&self) -> bool {
        self.cursor
            .peek()
            .is_none_or(|c| is_blank(c) || matches!(c, '\n' | '\\' | '|' | ';' | '&'))
    }

    fn escape_in_double(&mut self, draft: &mut Draft) {
        self.cursor.bump();
        match self.cursor.peek() {
            Some('\n') => {
                self.cursor.bump();
            }
            Some(c @ ('"' | '\\' | '$' | '`')) => {
                self.cursor.bump();
                draft.push(c);
            }
            _ => draft.push('\\'),
        }
    }

    fn escape_in_ansi(&mut self, draft: &mut Draft) {
        self.cursor.bump();
        let Some(c) = self.cursor.bump() else {
            draft.push('\\');
            return;
        };
        match c {
            'n' => draft.push('\n'),
            't' => draft.push('\t'),
            'r' => draft.push('\r'),
            'a' => draft.push('\u{7}'),
            'b' => draft.push('\u{8}'),
            'e' | 'E' => draft.push('\u{1b}'),
            'f' => draft.push('\u{c}'),
            'v' => draft.push('\u{b}'),
            '\\' | '\'' | '"' | '?' => draft.push(c),
            '0'..='7' => {
                let first = c.to_digit(8).unwrap_or_default();
                let value = self.digits(8, 2, first);
                draft.bytes.push((value & 0xff) as u8);
            }
            'x' => match self.digits_or_none(16, 2) {
                Some(value) => draft.bytes.push(value as u8),
                None => draft.push_str("\\x"),
            },
            'u' | 'U' => {
                let length = if c == 'u' { 4 } else { 8 };
                match self.digits_or_none(16, length) {
                    Some(value) => {
                        draft.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    None => draft.push_str(if c == 'u' { "\\u" } else { "\\U" }),
                }
            }
            other => {
                draft.push('\\');
                draft.push(other);
            }
        }
    }

    fn digits_or_none(&mut self, radix: u32, most: usize) -> Option<u32> {
        self.cursor.peek()?.to_digit(radix)?;
        Some(self.digits(radix, most, 0))
    }

    fn digits(&mut self, radix: u32, most: usize, first: u32) -> u32 {
        let mut value = first;
        for _ in 0..most {
            let Some(digit) = self.cursor.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            value = value.wrapping_mul(radix).wrapping_add(digit);
            self.cursor.bump();
        }
        value
    }
}

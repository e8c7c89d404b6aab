//! A text of many lines with line numbers, colours and a selection: how JSON is edited.
//!
//! The text area keeps the text, the cursor and the way back; drawing is our own, because only what is on the screen may
//! be looked at, however long the text, and because nothing of it may steer the terminal.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::style::Style;
use tui_textarea::CursorMove;
use tui_textarea::TextArea;
use unicode_segmentation::UnicodeSegmentation;

use crate::json::sanitize;
use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// How many edits can be taken back.
const STEPS: usize = 10_000;

/// How many lines away a bracket is looked for.
const BRACKET_LINES: usize = 2_000;

/// Cells a level is indented by.
const INDENT: &str = "  ";

/// A text being edited.
pub struct Editor {
    area: TextArea<'static>,
    /// Texts that were put in place of each other as a whole, before and after this one.
    back: Vec<TextArea<'static>>,
    forth: Vec<TextArea<'static>>,
    /// The first line on the screen.
    top: usize,
    /// How many lines are on the screen.
    height: usize,
}

/// What is drawn into the lines of the text.
pub struct Marks<'a> {
    /// Where the text stops being JSON: line from 0 and column in characters from 0.
    pub fault: Option<(usize, usize)>,
    /// Whether a line, from 0, has a problem.
    pub problem: &'a dyn Fn(usize) -> bool,
    /// Whether keys go to the text.
    pub typing: bool,
    /// Whether the pane has the focus.
    pub focused: bool,
    /// What a line looks like without its secrets, while those are to be masked.
    pub masked: Option<&'a dyn Fn(&str) -> String>,
}

impl Editor {
    /// An editor of `text`, the cursor at its beginning.
    pub fn new(text: &str) -> Self {
        Self {
            area: area_of(text),
            back: Vec::new(),
            forth: Vec::new(),
            top: 0,
            height: 1,
        }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// The text before the cursor.
    pub fn text_before_cursor(&self) -> String {
        let (line, column) = self.cursor();
        let mut text = self.area.lines()[..line].join("\n");
        if line > 0 {
            text.push('\n');
        }
        text.extend(self.area.lines()[line].chars().take(column));
        text
    }

    /// How many bytes the text has, more or less.
    pub fn size(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + 1).sum()
    }

    /// The cursor's line and column in characters, from 0.
    pub fn cursor(&self) -> (usize, usize) {
        let at = self.area.cursor();
        (at.0, at.1)
    }

    /// Puts another text in place of this one, as one step for undo; the cursor stays on its line.
    pub fn replace(&mut self, text: &str) {
        let (line, _) = self.cursor();
        let old = std::mem::replace(&mut self.area, area_of(text));
        self.back.push(old);
        self.forth.clear();
        self.go_to(line, 0);
    }

    /// Takes the last edit back; `false` when there is none.
    pub fn undo(&mut self) -> bool {
        let done = self.area.undo();
        if !done && let Some(before) = self.back.pop() {
            self.forth.push(std::mem::replace(&mut self.area, before));
            self.keep_in_view();
            return true;
        }
        self.keep_in_view();
        done
    }

    /// Does again what was taken back; `false` when there is nothing.
    pub fn redo(&mut self) -> bool {
        let done = self.area.redo();
        if !done && let Some(after) = self.forth.pop() {
            self.back.push(std::mem::replace(&mut self.area, after));
            self.keep_in_view();
            return true;
        }
        self.keep_in_view();
        done
    }

    /// Puts the cursor on a line and column, from 0.
    pub fn go_to(&mut self, line: usize, column: usize) {
        let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area
            .move_cursor(CursorMove::Jump(small(line), small(column)));
        // Further than a jump reaches.
        for _ in usize::from(small(line))..line {
            self.area.move_cursor(CursorMove::Down);
        }
        self.keep_in_view();
    }

    /// Moves the cursor by lines.
    pub fn step(&mut self, by: isize) {
        let (line, column) = self.cursor();
        let last = self.area.lines().len() - 1;
        match by {
            1 => self.area.move_cursor(CursorMove::Down),
            -1 => self.area.move_cursor(CursorMove::Up),
            by => self.go_to(line.saturating_add_signed(by).min(last), column),
        }
        self.keep_in_view();
    }

    /// Moves the cursor by a screen.
    pub fn page(&mut self, forward: bool) {
        let by = self.height.saturating_sub(1).max(1) as isize;
        self.step(if forward { by } else { -by });
    }

    /// Moves the cursor sideways.
    pub fn side(&mut self, forward: bool) {
        self.area.move_cursor(if forward {
            CursorMove::Forward
        } else {
            CursorMove::Back
        });
    }

    /// Moves the cursor to the first or the last line.
    pub fn end(&mut self, last: bool) {
        self.area.move_cursor(if last {
            CursorMove::Bottom
        } else {
            CursorMove::Top
        });
        self.keep_in_view();
    }

    /// Scrolls without the cursor, as far as it stays in sight.
    pub fn scroll(&mut self, by: i16) {
        let last = self.area.lines().len().saturating_sub(1);
        self.top = self.top.saturating_add_signed(by.into()).min(last);
        let (line, column) = self.cursor();
        let lowest = (self.top + self.height.saturating_sub(1)).min(last);
        let inside = line.clamp(self.top, lowest);
        if inside != line {
            self.go_to(inside, column);
        }
    }

    /// Puts the cursor where the screen was clicked.
    pub fn click(&mut self, column: u16, row: u16) {
        let line = self.top + usize::from(row);
        let Some(content) = self.area.lines().get(line) else {
            return;
        };
        let at = usize::from(column).saturating_sub(self.gutter());
        let (before, _) = sanitize::split_at(content, at);
        let characters = before.chars().count();
        self.go_to(line, characters);
    }

    /// Types a key.
    pub fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::PageDown => self.page(true),
            KeyCode::PageUp => self.page(false),
            // As in shells; the text area would take it for undo.
            KeyCode::Char('u') if control => {
                self.area.delete_line_by_head();
            }
            // Line breaks are Enter's.
            KeyCode::Char('m' | 'j') if control => {}
            KeyCode::Char('\n' | '\r') => {}
            // The brackets close on the level they belong to.
            KeyCode::Char(c @ ('}' | ']')) => self.closing(c),
            _ => {
                self.area.input(key);
            }
        }
        self.changed();
    }

    /// Puts text in at the cursor.
    pub fn insert(&mut self, text: &str) {
        self.area.insert_str(text);
        self.changed();
    }

    /// Indents, or inserts blanks up to where an indentation ends.
    pub fn indent(&mut self) {
        self.insert(INDENT);
    }

    /// Breaks the line and indents the new one like it, deeper after an opening bracket.
    pub fn break_line(&mut self) {
        let before = self.before_cursor();
        let mut indent: String = before.chars().take_while(|c| *c == ' ').collect();
        if before.trim_end().ends_with(['{', '[']) {
            indent.push_str(INDENT);
        }
        self.area.insert_newline();
        self.area.insert_str(indent);
        self.changed();
    }

    fn closing(&mut self, bracket: char) {
        let before = self.before_cursor();
        if before.ends_with(INDENT) && before.trim().is_empty() {
            for _ in 0..INDENT.len() {
                self.area.delete_char();
            }
        }
        self.area.insert_char(bracket);
    }

    fn before_cursor(&self) -> String {
        let (line, column) = self.cursor();
        let line = self.area.lines().get(line);
        line.map_or_else(String::new, |line| line.chars().take(column).collect())
    }

    fn changed(&mut self) {
        self.forth.clear();
        self.keep_in_view();
    }

    /// Whether a line, from 0, is on the screen.
    pub fn shows(&self, line: usize) -> bool {
        (self.top..self.top + self.height).contains(&line)
    }

    /// Tells how many lines are on the screen.
    pub fn set_height(&mut self, height: usize) {
        if height != self.height {
            self.height = height.max(1);
            self.keep_in_view();
        }
    }

    fn keep_in_view(&mut self) {
        let (line, _) = self.cursor();
        let margin = usize::from(self.height > 6);
        let lowest = (line + margin + 1).saturating_sub(self.height);
        let most = self.area.lines().len().saturating_sub(self.height);
        self.top = self
            .top
            .clamp(
                lowest.min(line),
                line.saturating_sub(margin).max(lowest.min(line)),
            )
            .min(most.max(lowest.min(line)));
    }

    // ---- Drawing ----

    /// Cells of the line numbers, with the blanks around them.
    fn gutter(&self) -> usize {
        self.area.lines().len().to_string().len().max(2) + 3
    }

    /// Draws the lines in sight.
    pub fn draw(&self, buf: &mut Buffer, area: Rect, theme: &Theme, marks: &Marks<'_>) {
        let gutter = self.gutter().min(usize::from(area.width));
        let room = Rect {
            x: area.x + gutter as u16,
            width: area.width.saturating_sub(gutter as u16),
            ..area
        };
        let (cursor_line, cursor_column) = self.cursor();
        let partner = self.partner();
        let selection = self.area.selection_range();
        let left = self.left(usize::from(room.width));
        let lines = self.area.lines().iter().enumerate().skip(self.top);
        for ((number, line), y) in lines.zip(area.y..area.bottom()) {
            let wrong = (marks.problem)(number) || marks.fault.is_some_and(|(at, _)| at == number);
            let style = match (wrong, number == cursor_line) {
                (true, _) => theme.error,
                (false, true) => theme.accent,
                (false, false) => theme.dim,
            };
            let mark = if wrong { theme.glyphs.error } else { " " };
            text::put(buf, area.x, y, gutter as u16, mark, theme.error);
            let shown = (number + 1).to_string();
            text::put_right(
                buf,
                area.x + gutter as u16 - 1,
                y,
                gutter as u16 - 1,
                &shown,
                style,
            );
            let special = |column: usize| {
                let here = (number, column);
                if marks.focused && here == (cursor_line, cursor_column) {
                    let cursor = Style::new().add_modifier(Modifier::REVERSED);
                    return Some(if marks.typing {
                        cursor
                    } else {
                        theme.selection
                    });
                }
                if marks.fault == Some(here) {
                    return Some(theme.error.add_modifier(Modifier::UNDERLINED));
                }
                if selection.is_some_and(|(from, to)| from <= here && here < to) {
                    return Some(theme.selection_unfocused);
                }
                partner
                    .filter(|partner| partner.contains(&here))
                    .map(|_| theme.accent.add_modifier(Modifier::UNDERLINED))
            };
            let place = Rect {
                y,
                height: 1,
                ..room
            };
            let masked = marks.masked.map(|mask| mask(line));
            let line = masked.as_deref().unwrap_or(line);
            draw_line(buf, place, left, line, theme, &special);
        }
    }

    /// The first column on the screen: none is cut off at the left unless the cursor is beyond the right.
    fn left(&self, width: usize) -> usize {
        let at = sanitize::width(&sanitize::clean(&self.before_cursor()));
        at.saturating_sub(width.saturating_sub(4))
    }

    /// The bracket at the cursor, or just before it, and the one that belongs to it.
    fn partner(&self) -> Option<[(usize, usize); 2]> {
        let (line, column) = self.cursor();
        let brackets = brackets(self.area.lines().get(line)?);
        let at = |column: usize| brackets.iter().position(|(at, _)| *at == column);
        let own = at(column).or_else(|| at(column.checked_sub(1)?))?;
        let (column, bracket) = brackets[own];
        let forward = matches!(bracket, '{' | '[');
        let mut depth = 0_usize;
        let lines = self.area.lines();
        for away in 0..BRACKET_LINES {
            let number = if forward {
                line + away
            } else {
                line.checked_sub(away)?
            };
            let found = self::brackets(lines.get(number)?);
            let mut inside: Vec<_> = found
                .into_iter()
                .filter(|(at, _)| {
                    away > 0
                        || if forward {
                            *at >= column
                        } else {
                            *at <= column
                        }
                })
                .collect();
            if !forward {
                inside.reverse();
            }
            for (at, c) in inside {
                if matches!(c, '{' | '[') == forward {
                    depth += 1;
                } else {
                    depth = depth.checked_sub(1)?;
                }
                if depth == 0 {
                    return Some([(line, column), (number, at)]);
                }
            }
        }
        None
    }
}

fn area_of(text: &str) -> TextArea<'static> {
    let lines = text
        .split('\n')
        .map(|line| line.trim_end_matches('\r').to_owned());
    let mut area = TextArea::new(lines.collect());
    area.set_max_histories(STEPS);
    area
}

/// The brackets of a line that stand outside strings and comments, with their columns in characters.
fn brackets(line: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let pieces = pieces(line);
    let mut column = 0;
    for (text, piece) in pieces {
        if piece == Piece::Punctuation {
            let own = text.chars().enumerate();
            let own = own.filter(|(_, c)| matches!(c, '{' | '}' | '[' | ']'));
            found.extend(own.map(|(at, c)| (column + at, c)));
        }
        column += text.chars().count();
    }
    found
}

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Key,
    String,
    Number,
    Literal,
    Punctuation,
    Comment,
    Other,
}

/// A line in pieces. No string of JSON goes over a line's end, so that every line tells all of itself.
fn pieces(line: &str) -> Vec<(&str, Piece)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let (length, piece) = match c {
            '"' => {
                let length = string_length(rest);
                let is_key = rest[length..].trim_start().starts_with(':');
                (length, if is_key { Piece::Key } else { Piece::String })
            }
            '#' => (rest.len(), Piece::Comment),
            '/' if rest.starts_with("//") => (rest.len(), Piece::Comment),
            '/' if rest.starts_with("/*") => {
                let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
                (length, Piece::Comment)
            }
            '{' | '}' | '[' | ']' | ',' | ':' => (1, Piece::Punctuation),
            '-' | '0'..='9' => {
                let is_part =
                    |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
                (length_while(rest, is_part), Piece::Number)
            }
            c if c.is_alphabetic() => {
                let length = length_while(rest, char::is_alphanumeric);
                let is_literal = matches!(&rest[..length], "true" | "false" | "null");
                (
                    length,
                    if is_literal {
                        Piece::Literal
                    } else {
                        Piece::Other
                    },
                )
            }
            c if c.is_whitespace() => (length_while(rest, char::is_whitespace), Piece::Other),
            c => (c.len_utf8(), Piece::Other),
        };
        let (piece_text, after) = rest.split_at(length);
        pieces.push((piece_text, piece));
        rest = after;
    }
    pieces
}

fn length_while(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn style_of(piece: Piece, theme: &Theme) -> Style {
    match piece {
        Piece::Key => theme.json_key,
        Piece::String => theme.json_string,
        Piece::Number => theme.json_number,
        Piece::Literal => theme.json_literal,
        Piece::Punctuation => theme.json_punctuation,
        Piece::Comment => theme.dim,
        Piece::Other => theme.text,
    }
}

/// Draws a line from the cell `left` on; `special` gives the style of a column that has one of its own.
fn draw_line(
    buf: &mut Buffer,
    place: Rect,
    left: usize,
    line: &str,
    theme: &Theme,
    special: &dyn Fn(usize) -> Option<Style>,
) {
    let (mut column, mut cell) = (0, 0);
    let end = left + usize::from(place.width);
    for (piece_text, piece) in pieces(line) {
        let style = style_of(piece, theme);
        for cluster in piece_text.graphemes(true) {
            if cell >= end {
                return;
            }
            let shown = sanitize::clean(cluster);
            let width = sanitize::width(&shown);
            let count = cluster.chars().count();
            let own = (column..column + count).find_map(special);
            if cell >= left {
                let x = place.x + (cell - left) as u16;
                let room = (end - cell) as u16;
                let style = own.map_or(style, |own| style.patch(own));
                text::put(buf, x, place.y, room, &shown, style);
            }
            cell += width;
            column += count;
        }
    }
    // The cursor and a fault may stand after the last character.
    if let Some(own) = special(column)
        && (left..end).contains(&cell)
    {
        text::put(buf, place.x + (cell - left) as u16, place.y, 1, " ", own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_its_pieces() {
        let line = r#"  "a\"": [-1.5e3, "x", true, nix], // {"#;
        let kinds: Vec<_> = pieces(line)
            .into_iter()
            .filter(|(text, _)| !text.trim().is_empty() && *text != ",")
            .collect();
        assert_eq!(
            kinds,
            [
                (r#""a\"""#, Piece::Key),
                (":", Piece::Punctuation),
                ("[", Piece::Punctuation),
                ("-1.5e3", Piece::Number),
                (r#""x""#, Piece::String),
                ("true", Piece::Literal),
                ("nix", Piece::Other),
                ("]", Piece::Punctuation),
                ("// {", Piece::Comment),
            ]
        );
        assert_eq!(
            pieces(line)
                .iter()
                .map(|(text, _)| *text)
                .collect::<String>(),
            line
        );
    }

    #[test]
    fn a_bracket_finds_the_one_it_belongs_to() {
        let mut editor = Editor::new("{\n  \"é{\": [1, [2]],\n  \"b\": {}\n}");
        for (cursor, partner) in [
            ((0, 0), Some([(0, 0), (3, 0)])),
            ((3, 1), Some([(3, 0), (0, 0)])),
            ((1, 8), Some([(1, 8), (1, 15)])),
            ((1, 4), None),
            ((2, 2), None),
        ] {
            editor.go_to(cursor.0, cursor.1);
            assert_eq!(editor.partner(), partner, "{cursor:?}");
        }
    }

    #[test]
    fn another_text_is_one_step() {
        let mut editor = Editor::new("a");
        editor.insert("x");
        editor.replace("b\nc");
        editor.insert("y");
        assert_eq!(editor.text(), "yb\nc");
        for text in ["b\nc", "xa", "a"] {
            assert!(editor.undo());
            assert_eq!(editor.text(), text);
        }
        assert!(!editor.undo());
        for text in ["xa", "b\nc", "yb\nc"] {
            assert!(editor.redo());
            assert_eq!(editor.text(), text);
        }
        assert!(!editor.redo());
    }

    #[test]
    fn lines_are_indented_as_they_are_typed() {
        let mut editor = Editor::new("{\"a\": [");
        editor.go_to(0, 99);
        editor.break_line();
        editor.insert("1");
        editor.break_line();
        for c in [']', '}'] {
            editor.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
        assert_eq!(editor.text(), "{\"a\": [\n  1\n]}");
    }
}

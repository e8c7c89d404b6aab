//! A question before something that cannot be taken back, in three strengths: two answers to choose from; the same with
//! leave not to be asked for a while; and a word to type, which only somebody who means it types (design D.7).
//!
//! The answer that changes nothing is chosen at first, and the key that opened the question does not answer it, so that
//! a held key confirms nothing.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::capture::delta::PlannedCall;
use crate::capture::request::ApiRequest;
use crate::history::query::Query;
use crate::json::sanitize;
use crate::tui::action::Action;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::theme::Theme;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;
use crate::worker::plan::JournalId;

/// How wide a question is at most.
const WIDTH: u16 = 64;

/// How many cells its lines have where the screen is wide enough.
pub const LINE: usize = WIDTH as usize - 4;

/// How an answer is chosen, from the most words to the fewest.
const BUTTON_HINTS: [&str; 3] = [
    "   ← → choose, Enter decides, Esc stays",
    "   ← → choose, Enter decides",
    "   ← → Enter",
];

/// A question with two answers.
#[derive(Debug)]
pub struct Confirm {
    /// What is about to happen.
    pub title: String,
    /// What it means.
    pub lines: Vec<String>,
    /// The answer that changes nothing: `Stay`.
    pub keep: &'static str,
    /// The answer that goes on: `Leave`.
    pub go_on: &'static str,
    /// Whether the answer that goes on is chosen.
    pub chosen: bool,
    /// What must be typed to go on; then nothing can be chosen.
    pub typed: Option<Typed>,
    /// Whether not to ask again for a while; `None` where that is not offered.
    pub quiet: Option<bool>,
    /// What is done before, if that is wanted; `None` where nothing is offered.
    pub also: Option<Also>,
    /// What to go on with.
    pub then: Then,
}

/// Something to do before going on.
#[derive(Debug)]
pub struct Also {
    /// What: `write the values to user.ndjson first`.
    pub label: String,
    /// Whether it is wanted.
    pub on: bool,
}

/// A word to type.
#[derive(Debug)]
pub struct Typed {
    /// The word.
    expected: String,
    /// What is typed so far.
    entered: String,
}

/// What happens when the question is answered so that things go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// A verb.
    Act(Action),
    /// These calls are made, in order.
    Send(Vec<PlannedCall>),
    /// These calls are copied as curl commands, with secrets.
    CopyCurl(Vec<ApiRequest>),
    /// This pasted text goes into the field that is edited.
    Paste(String),
    /// This pasted call is made.
    SendPasted(Box<ApiRequest>),
    /// The plan that is shown is applied; its values can be written into this file first.
    ApplyPlan(String),
    /// This plan, which was begun, is forgotten.
    ForgetPlan(JournalId),
    /// The calls of the history that this means are removed from it.
    PurgeHistory(Query),
    /// The call that is to be sent again, which the model holds, goes.
    Replay,
    /// This call is made for the sheet that lies below: rules, or an access schema.
    SendOfSheet(Box<ApiRequest>),
}

/// What a key did to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Keep things as they are.
    Keep,
    /// Go on.
    GoOn,
}

impl Confirm {
    /// A question with two answers to choose from.
    pub fn new(
        title: impl Into<String>,
        lines: Vec<String>,
        [keep, go_on]: [&'static str; 2],
        then: Then,
    ) -> Self {
        Self {
            title: title.into(),
            lines,
            keep,
            go_on,
            chosen: false,
            typed: None,
            quiet: None,
            also: None,
            then,
        }
    }

    /// The same question, with leave not to be asked again for a while.
    #[must_use]
    pub fn may_be_quiet(self) -> Self {
        Self {
            quiet: Some(false),
            ..self
        }
    }

    /// The same question, answered only by typing a word.
    #[must_use]
    pub fn typing(self, expected: impl Into<String>) -> Self {
        Self {
            typed: Some(Typed {
                expected: expected.into(),
                entered: String::new(),
            }),
            ..self
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        if key.code == KeyCode::Esc {
            return Reply::Keep;
        }
        if let (Some(also), KeyCode::Tab) = (&mut self.also, key.code) {
            also.on = !also.on;
            return Reply::Open;
        }
        if let Some(typed) = &mut self.typed {
            return typed.key(key);
        }
        match key.code {
            KeyCode::Left | KeyCode::Char('h') => self.chosen = false,
            KeyCode::Right | KeyCode::Char('l') => self.chosen = true,
            KeyCode::Tab | KeyCode::BackTab => self.chosen = !self.chosen,
            KeyCode::Char(' ') => self.quiet = self.quiet.map(|quiet| !quiet),
            KeyCode::Enter if self.chosen => return Reply::GoOn,
            KeyCode::Enter => return Reply::Keep,
            _ => {}
        }
        Reply::Open
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let inside_width = usize::from(WIDTH.min(area.width).saturating_sub(4)).max(1);
        let wrapped =
            |line: &String| sanitize::wrap(&sanitize::clean_lines(line), inside_width).len();
        let rows: usize = self.lines.iter().map(wrapped).sum();
        let own = 4 + u16::from(self.quiet.is_some()) + 2 * u16::from(self.also.is_some());
        let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(own);
        let frame = centred(area, WIDTH, height);
        let inside = popup(buf, frame, &self.title, theme);
        let mut y = inside.bottom().saturating_sub(1);
        let text_area = Rect {
            height: inside.height.saturating_sub(own - 2),
            ..inside
        };
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| (line.clone(), theme.text))
            .collect();
        paragraphs::put(buf, text_area, &lines);
        let spans = match &self.typed {
            Some(typed) => typed.spans(self.go_on, theme),
            None => self.buttons(inside.width, theme),
        };
        text::put_spans(buf, inside.x, y, inside.width, &spans);
        if let Some(also) = &self.also {
            y = y.saturating_sub(2);
            let mark = if also.on { "x" } else { " " };
            let spans = [
                Span::styled("Tab", theme.hint_key),
                Span::styled(format!(" [{mark}] {}", also.label), theme.text),
            ];
            text::put_spans(buf, inside.x, y, inside.width, &spans);
        }
        if let Some(quiet) = self.quiet {
            y = y.saturating_sub(1);
            let mark = if quiet { "x" } else { " " };
            let spans = [
                Span::styled(format!("[{mark}] do not ask for 10 minutes   "), theme.text),
                Span::styled("Space", theme.hint_key),
                Span::styled(" changes", theme.dim),
            ];
            text::put_spans(buf, inside.x, y, inside.width, &spans);
        }
    }

    /// The answers, and how to choose one in as many words as there is room for.
    fn buttons(&self, width: u16, theme: &Theme) -> Vec<Span<'static>> {
        let button = |name: &str, chosen: bool| {
            let style = if chosen { theme.selection } else { theme.text };
            Span::styled(format!("[ {name} ]"), style)
        };
        let mut spans = vec![
            button(self.keep, !self.chosen),
            Span::raw("  "),
            button(self.go_on, self.chosen),
        ];
        let taken: usize = spans.iter().map(Span::width).sum();
        let room = usize::from(width).saturating_sub(taken);
        let mut hints = BUTTON_HINTS.into_iter();
        let fits = hints.find(|hint| sanitize::width(hint) <= room);
        spans.extend(fits.map(|hint| Span::styled(hint, theme.dim)));
        spans
    }
}

impl Typed {
    fn key(&mut self, key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.entered.clear();
            }
            // No longer than it takes to see that it is something else.
            KeyCode::Char(c)
                if !c.is_control()
                    && !key.modifiers.contains(KeyModifiers::CONTROL)
                    && self.entered.chars().count() <= self.expected.chars().count() =>
            {
                self.entered.push(c);
            }
            KeyCode::Backspace => drop(self.entered.pop()),
            KeyCode::Enter if self.entered == self.expected => return Reply::GoOn,
            _ => {}
        }
        Reply::Open
    }

    fn spans(&self, go_on: &str, theme: &Theme) -> Vec<Span<'static>> {
        let right = self.entered == self.expected;
        let style = if right { theme.ok } else { theme.value };
        let wanted = format!("type {} to go on: ", sanitize::clean(&self.expected));
        let end = if right {
            format!("  Enter: {go_on}   Esc stays")
        } else {
            "   Esc stays".to_owned()
        };
        vec![
            Span::styled(wanted, theme.text),
            Span::styled(format!("{}▏", sanitize::clean(&self.entered)), style),
            Span::styled(end, theme.dim),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Cell;

    use crate::tui::action::app;

    fn press(confirm: &mut Confirm, codes: &[KeyCode]) -> Vec<Reply> {
        let key = |code: &KeyCode| KeyEvent::new(*code, KeyModifiers::NONE);
        codes.iter().map(|code| confirm.key(key(code))).collect()
    }

    fn question() -> Confirm {
        let then = Then::Act(Action::App(app::Action::Quit));
        Confirm::new("Leave?", Vec::new(), ["Stay", "Leave"], then)
    }

    #[test]
    fn a_held_key_confirms_nothing() {
        use KeyCode::Char;
        use KeyCode::Enter;
        for code in [Char('D'), Char(' '), KeyCode::F(5), Char('a'), Char('9')] {
            let mut chosen = question().may_be_quiet();
            let mut typed = question().typing("a1b2c3");
            for confirm in [&mut chosen, &mut typed] {
                assert_eq!(press(confirm, &[code; 40]), [Reply::Open; 40], "{code:?}");
            }
            assert_eq!(press(&mut typed, &[Enter; 3]), [Reply::Open; 3]);
        }
        assert_eq!(press(&mut question(), &[Enter]), [Reply::Keep]);
    }

    #[test]
    fn the_hint_beside_the_answers_is_whole() {
        let theme = Theme::monochrome();
        for (go_on, hint) in [
            ("Send", "← → choose, Enter decides, Esc stays"),
            ("Send anything", "← → choose, Enter decides"),
            ("Leave and lose the draft", "← → Enter"),
        ] {
            let then = Then::Act(Action::App(app::Action::Quit));
            let question = Confirm::new("Leave?", Vec::new(), ["Cancel", go_on], then);
            let area = Rect::new(0, 0, 80, 24);
            let mut buf = Buffer::empty(area);
            question.view(&theme, area, &mut buf);
            let cells = buf.content.iter().map(Cell::symbol);
            let screen: String = cells.collect();
            assert!(screen.contains(hint), "{go_on}: {screen}");
        }
    }

    #[test]
    fn who_means_it_can_go_on() {
        use KeyCode::Char;
        let mut chosen = question().may_be_quiet();
        let replies = press(&mut chosen, &[Char(' '), KeyCode::Right, KeyCode::Enter]);
        assert_eq!(replies.last(), Some(&Reply::GoOn));
        assert_eq!(chosen.quiet, Some(true));
        let mut typed = question().typing("ab");
        let keys = [
            Char('x'),
            KeyCode::Backspace,
            Char('a'),
            Char('b'),
            KeyCode::Enter,
        ];
        assert_eq!(press(&mut typed, &keys).last(), Some(&Reply::GoOn));
        assert_eq!(press(&mut typed, &[KeyCode::Esc]), [Reply::Keep]);
    }
}

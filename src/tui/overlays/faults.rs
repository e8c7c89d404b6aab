//! What may go wrong on purpose in the embedded sandbox: one fault, in a share of the calls, of all operations or of
//! the one that the form sends. More is for `captui sandbox serve`.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::endpoint::Endpoint;
use crate::sandbox::faults::Fault;
use crate::sandbox::faults::Operations;
use crate::sandbox::faults::Rule;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::text;

/// Nothing goes wrong.
const NONE: &str = "none";

/// The faults offered, and what each does. The first is none.
const FAULTS: &[(&str, &str)] = &[
    (NONE, "every call is answered as it should be"),
    ("504", "error 504, a timeout; the work is done"),
    ("510", "error 510, too many calls; not done"),
    ("code=402", "error 402, the client is refused"),
    ("http-502", "a gateway's page of HTML; not done"),
    ("http-510", "the same with HTTP status 510"),
    ("latency:3s", "the answer comes 3 seconds later"),
    ("slow:10s", "the answer trickles in over 10 seconds"),
    ("truncated", "the answer breaks off; the work is done"),
    ("reset", "the connection is reset; the work is done"),
    ("reset:before", "the connection is reset; not done"),
    ("wrong-type", "the answer calls itself HTML"),
];

const SHARES: &[u8] = &[10, 50, 100];

/// Rows below the list: an empty one, the share, the operations, the keys.
const FOOT: u16 = 4;

/// The choice.
#[derive(Debug)]
pub struct FaultMenu {
    cursor: ListCursor,
    /// The place of the share.
    share: usize,
    /// Whether only the call that creates a record is meant.
    only_create: bool,
    /// The fault that is set now.
    set: String,
}

/// What a key did to the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Leave it as it was.
    Close,
    /// Let this go wrong.
    Set(Vec<Rule>),
}

impl FaultMenu {
    /// The choice as it stands.
    pub fn new(rules: &[Rule]) -> Self {
        let rule = rules.first();
        let set = rule.map_or_else(|| NONE.to_owned(), |rule| rule.fault.to_string());
        let mut cursor = ListCursor::default();
        let at = FAULTS.iter().position(|(name, _)| *name == set);
        cursor.put(at.unwrap_or(0), FAULTS.len());
        let share = rule.map_or(100, |rule| rule.share);
        let place = SHARES.iter().position(|offered| *offered == share);
        Self {
            cursor,
            share: place.unwrap_or(SHARES.len() - 1),
            only_create: rule.is_some_and(|rule| rule.operations != Operations::All),
            set,
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        let rows = FAULTS.len();
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.cursor.go(Move::By(-1), rows),
            KeyCode::Down | KeyCode::Char('j') => self.cursor.go(Move::By(1), rows),
            KeyCode::Home => self.cursor.go(Move::First, rows),
            KeyCode::End | KeyCode::Char('G') => self.cursor.go(Move::Last, rows),
            KeyCode::Left | KeyCode::Char('h') => self.share = self.share.saturating_sub(1),
            KeyCode::Right | KeyCode::Char('l') => {
                self.share = (self.share + 1).min(SHARES.len() - 1);
            }
            KeyCode::Tab | KeyCode::BackTab => self.only_create = !self.only_create,
            KeyCode::Enter => return Reply::Set(self.rules()),
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Close,
            _ => {}
        }
        Reply::Open
    }

    /// The choice as rules; none for no fault.
    fn rules(&self) -> Vec<Rule> {
        let (name, _) = FAULTS[self.cursor.at];
        // All but `none` are faults: a test reads them.
        let fault: Option<Fault> = name.parse().ok();
        let rule = fault.map(|fault| Rule {
            operations: self.operations(),
            fault,
            share: SHARES[self.share],
        });
        rule.into_iter().collect()
    }

    fn operations(&self) -> Operations {
        if self.only_create {
            Operations::One(Endpoint::EntityCreate)
        } else {
            Operations::All
        }
    }

    /// Draws the choice in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let frame = centred(area, 64, FAULTS.len() as u16 + FOOT + 2);
        let inside = popup(buf, frame, "Faults of the sandbox", theme);
        let rows = Rect {
            height: inside.height.saturating_sub(FOOT),
            ..inside
        };
        let mut cursor = self.cursor;
        cursor.height = rows.height.into();
        cursor.fit(FAULTS.len());
        list::draw(buf, rows, cursor.view(FAULTS.len(), true), theme, |row| {
            let (name, meaning) = FAULTS[row];
            let mark = if name == self.set {
                theme.glyphs.dot
            } else {
                " "
            };
            Line::from(vec![
                Span::styled(format!("{mark} {name:<13}"), theme.text),
                Span::styled(meaning, theme.dim),
            ])
        });
        let operations = match self.operations() {
            Operations::All => "all operations".to_owned(),
            only => only.to_string(),
        };
        let lines = [
            (
                "in",
                format!("{} % of the calls", SHARES[self.share]),
                "← →",
            ),
            ("of", operations, "Tab"),
        ];
        let mut y = rows.bottom() + 1;
        for (label, value, key) in lines {
            let spans = [
                Span::styled(format!("  {label} {value:<21}"), theme.text),
                Span::styled(key, theme.hint_key),
                Span::styled(" changes", theme.hint_text),
            ];
            text::put_spans(buf, inside.x, y, inside.width, &spans);
            y += 1;
        }
        let keys = "  ↑ ↓ choose, Enter sets, Esc leaves it as it was";
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    #[test]
    fn what_is_offered_are_faults() {
        for (at, (name, _)) in FAULTS.iter().enumerate() {
            let fault = name.parse::<Fault>().map(|fault| fault.to_string());
            assert_eq!(fault.ok().as_deref(), (at > 0).then_some(*name));
        }
    }

    #[test]
    fn a_choice_opens_as_it_was_set() {
        let press = |menu: &mut FaultMenu, code| menu.key(KeyEvent::new(code, KeyModifiers::NONE));
        let mut menu = FaultMenu::new(&[]);
        assert_eq!(press(&mut menu, KeyCode::Enter), Reply::Set(Vec::new()));
        for code in [KeyCode::Down, KeyCode::Left, KeyCode::Left, KeyCode::Tab] {
            assert_eq!(press(&mut menu, code), Reply::Open);
        }
        let Reply::Set(rules) = press(&mut menu, KeyCode::Enter) else {
            panic!("sets");
        };
        let words: Vec<String> = rules.iter().map(Rule::to_string).collect();
        assert_eq!(words, ["entity.create=504@10%"]);
        assert_eq!(FaultMenu::new(&rules).rules(), rules);
        assert_eq!(press(&mut menu, KeyCode::Esc), Reply::Close);
    }
}

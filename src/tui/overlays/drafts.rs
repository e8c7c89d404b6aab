//! The list of kept drafts, of all environments: what each is for, when it was changed, how much is set. Only those of
//! this environment open; the others are dimmed.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::drafts::kept::Of;
use crate::drafts::kept::Summary;
use crate::tui::drafts::clock;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// Rows below the list: an empty one and the keys.
const FOOT: u16 = 2;

/// The fewest rows that the list has, so that it does not jump when a draft goes.
const FEWEST_ROWS: usize = 3;

const WIDTH: u16 = 76;

/// Rows that a page key moves.
const PAGE: isize = 10;

/// The list, with its cursor.
#[derive(Debug)]
pub struct DraftList {
    environment: String,
    cursor: ListCursor,
}

/// What a key did to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing beyond the list.
    Nothing,
    /// Close it.
    Close,
    /// Open the draft of this row.
    Open(usize),
    /// Throw the draft of this row away.
    Discard(usize),
    /// Bring back what was thrown away last.
    BringBack,
}

impl DraftList {
    /// The list as seen from this environment.
    pub fn new(environment: &str) -> Self {
        Self {
            environment: environment.to_owned(),
            cursor: ListCursor::default(),
        }
    }

    /// Handles a key, with this many drafts in the list.
    pub fn key(&mut self, key: KeyEvent, rows: usize) -> Reply {
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.cursor.go(Move::By(-1), rows),
            KeyCode::Down | KeyCode::Char('j') => self.cursor.go(Move::By(1), rows),
            KeyCode::PageUp => self.cursor.go(Move::By(-PAGE), rows),
            KeyCode::PageDown => self.cursor.go(Move::By(PAGE), rows),
            KeyCode::Home => self.cursor.go(Move::First, rows),
            KeyCode::End | KeyCode::Char('G') => self.cursor.go(Move::Last, rows),
            KeyCode::Enter if rows > 0 => return Reply::Open(self.cursor.at),
            KeyCode::Char('d') if rows > 0 => return Reply::Discard(self.cursor.at),
            KeyCode::Char('u') => return Reply::BringBack,
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Close,
            _ => {}
        }
        Reply::Nothing
    }

    /// Keeps the cursor on its draft in a list that has changed.
    pub fn follow(&mut self, before: &[Summary], now: &[Summary]) {
        let on = before.get(self.cursor.at);
        let same = on.and_then(|on| now.iter().position(|other| other.file == on.file));
        self.cursor.put(same.unwrap_or(self.cursor.at), now.len());
    }

    /// Draws the list in the middle of `area`.
    pub fn view(
        &self,
        drafts: &[Summary],
        now: Timestamp,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let rows = drafts.len().max(FEWEST_ROWS) as u16;
        let height = rows
            .saturating_add(FOOT + 2)
            .min(area.height.saturating_sub(2));
        let inside = popup(
            buf,
            centred(area, WIDTH, height),
            &title(drafts.len()),
            theme,
        );
        let rows = Rect {
            height: inside.height.saturating_sub(FOOT),
            ..inside
        };
        if drafts.is_empty() {
            let line = "Nothing is kept. What is typed or designed and not sent yet, is.";
            paragraphs::put(buf, rows, &[(line.to_owned(), theme.dim)]);
        }
        let mut cursor = self.cursor;
        cursor.height = rows.height.into();
        cursor.fit(drafts.len());
        list::draw(buf, rows, cursor.view(drafts.len(), true), theme, |row| {
            self.row(&drafts[row], now, theme)
        });
        let keys = "Enter opens   d discards   u brings back   Esc closes";
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }

    fn row(&self, draft: &Summary, now: Timestamp, theme: &Theme) -> Line<'static> {
        let key = &draft.key;
        let here = key.environment == self.environment;
        let style = if here { theme.text } else { theme.dim };
        let what = match key.of {
            Of::Record(id) => format!("id {id}"),
            Of::NewRecord => "new".to_owned(),
            Of::NewType => "new type".to_owned(),
            Of::Schema => "schema".to_owned(),
        };
        let name = if draft.type_name.is_empty() {
            "without a name"
        } else {
            &draft.type_name
        };
        let count = match (key.of.is_design(), draft.set) {
            (true, _) if draft.is_unread => "   unread JSON  ".to_owned(),
            (false, set) => format!("{set:>4} set  "),
            (true, 1) => "   1 change  ".to_owned(),
            (true, set) => format!("{set:>4} changes  "),
        };
        let note = match (here, draft.in_doubt) {
            (false, _) => format!("in {}", key.environment),
            (true, true) => format!("{} outcome unknown", theme.glyphs.warning),
            (true, false) => String::new(),
        };
        // Each a column and a cell of room.
        let cell = |text: &str, cells: u16| {
            let shown = text::fit(text, cells);
            let room = cells + 1 - text::width_up_to(&shown, cells);
            format!("{shown}{}", " ".repeat(room.into()))
        };
        Line::from(vec![
            Span::styled(cell(name, 20), style),
            Span::styled(cell(&what, 14), style),
            Span::styled(cell(&clock(draft.changed, now), 12), theme.dim),
            Span::styled(count, style),
            Span::styled(note, theme.warning),
        ])
    }
}

fn title(count: usize) -> String {
    match count {
        0 => "Drafts".to_owned(),
        count => format!("Drafts · {count}"),
    }
}

//! What F5 would send: every call with its arguments, and what is worth knowing before. Made of a list of calls; the
//! form makes that list, and the root sends it.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::capture::delta::Plan;
use crate::capture::endpoint::Endpoint;
use crate::capture::redact;
use crate::json::sanitize;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::overlays::scroll_step;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// How wide it is at most.
const WIDTH: u16 = 110;

/// How many characters of an argument are shown: what it says in full is on the wire and in the answer's request.
const MOST_OF_ARGUMENT: usize = 4_000;

/// The calls that would be made, scrolled to some row.
#[derive(Debug)]
pub struct PlanSheet {
    /// What they do to which record: `update user 11649`.
    title: String,
    lines: Vec<(Role, String)>,
    /// Whether a stored record is written, which may be done in more than one way.
    has_ways: bool,
    offset: usize,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug)]
enum Role {
    Call,
    Argument,
    Note,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing, or it scrolled.
    Open,
    /// Close it.
    Close,
    /// Close it and send.
    Send,
    /// Send in the next way, and show that.
    NextMode,
    /// Refuse when the record was changed, or do not, and show that.
    Guard,
}

impl PlanSheet {
    /// The sheet for a plan.
    pub fn new(title: String, plan: &Plan) -> Self {
        let notes = plan.notes.iter().map(|note| (Role::Note, note.clone()));
        let mut lines: Vec<(Role, String)> = notes.collect();
        for (at, call) in plan.calls.iter().enumerate() {
            let name = call.request.endpoint.name();
            lines.push((Role::Call, format!("{}  {name}: {}", at + 1, call.what)));
            for (name, value) in redact::args(&call.request).iter() {
                let value: String = value.chars().take(MOST_OF_ARGUMENT).collect();
                lines.push((Role::Argument, format!("{name} = {value}")));
            }
        }
        if plan.calls.is_empty() {
            lines.push((
                Role::Note,
                "Nothing changed: there is nothing to send.".to_owned(),
            ));
        }
        let mut endpoints = plan.calls.iter().map(|call| call.request.endpoint);
        Self {
            title,
            lines,
            has_ways: !endpoints.any(|one| one == Endpoint::EntityCreate),
            offset: 0,
        }
    }

    /// Handles a key, on a screen of this size.
    pub fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let step = match key.code {
            KeyCode::Char('s') if control => return Reply::Send,
            KeyCode::Char('g') if control && self.has_ways => return Reply::Guard,
            KeyCode::F(5) => return Reply::Send,
            KeyCode::Char('m') if self.has_ways => return Reply::NextMode,
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'p') => return Reply::Close,
            code => match scroll_step(code) {
                Some(step) => step,
                None => return Reply::Open,
            },
        };
        let frame = frame(screen, usize::MAX);
        let rows = self.rows(frame.width.saturating_sub(4).into()).len();
        let inside = usize::from(frame.height).saturating_sub(4);
        let last = scroll::max_offset(rows, inside);
        self.offset = self.offset.saturating_add_signed(step).min(last);
        Reply::Open
    }

    fn rows(&self, cells: usize) -> Vec<(Role, String)> {
        let mut rows = Vec::new();
        for (role, line) in &self.lines {
            let indent = match role {
                Role::Call | Role::Note => "",
                Role::Argument => "     ",
            };
            let room = cells.saturating_sub(indent.len()).max(1);
            let lines = sanitize::wrap(&sanitize::clean_lines(line), room);
            let lines = lines
                .into_iter()
                .map(|line| (*role, format!("{indent}{line}")));
            rows.extend(lines);
        }
        rows
    }

    /// Draws the sheet in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let width = WIDTH.min(area.width.saturating_sub(2));
        let rows = self.rows(width.saturating_sub(4).into());
        let frame = frame(area, rows.len());
        let inside = popup(buf, frame, &self.title, theme);
        let body = Rect {
            height: inside.height.saturating_sub(2),
            ..inside
        };
        scroll::draw_bar(buf, body, self.offset, rows.len(), theme);
        let style = |role: Role| -> Style {
            match role {
                Role::Call => theme.accent,
                Role::Argument => theme.text,
                Role::Note => theme.warning,
            }
        };
        let visible = rows.iter().skip(self.offset);
        for ((role, row), y) in visible.zip(body.y..body.bottom()) {
            text::put(buf, body.x, y, body.width, row, style(*role));
        }
        let keys = if self.has_ways {
            "F5 sends  m mode  ^G guard  ↑↓ scroll  Esc closes"
        } else {
            "F5 sends  ↑↓ scroll  Esc closes"
        };
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}

/// The sheet's frame, with room for so many rows if the screen has it.
fn frame(screen: Rect, rows: usize) -> Rect {
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(4);
    let width = WIDTH.min(screen.width.saturating_sub(2));
    centred(screen, width, height.min(screen.height.saturating_sub(2)))
}

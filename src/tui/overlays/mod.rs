//! What lies over the panes: a stack, of which the top one gets the keys.

pub mod confirm;
pub mod difference;
pub mod drafts;
pub mod faults;
pub mod help;
pub mod menu;
pub mod open_record;
pub mod paste;
pub mod plan;

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::layout::within_margin;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::difference::Difference;
use crate::tui::overlays::drafts::DraftList;
use crate::tui::overlays::faults::FaultMenu;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::menu::Menu;
use crate::tui::overlays::open_record::OpenRecord;
use crate::tui::overlays::paste::PasteSheet;
use crate::tui::overlays::plan::PlanSheet;
use crate::tui::theme::Theme;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::text;

/// One thing that lies over the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The keys of a pane.
    Help(Help),
    /// A question before something that cannot be taken back.
    Confirm(Confirm),
    /// What a change would do, before it is made.
    Difference(Difference),
    /// What may go wrong on purpose.
    Faults(FaultMenu),
    /// What would be sent.
    Plan(PlanSheet),
    /// What a pasted text was taken for.
    Paste(Box<PasteSheet>),
    /// Which record to open.
    OpenRecord(Box<OpenRecord>),
    /// With what the draft is filled.
    Fill(Menu),
    /// Which drafts are kept.
    Drafts(DraftList),
}

/// The middle of `area`, at most `width` by `height`.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// How far a key scrolls what an overlay shows; `None` for any other key.
pub fn scroll_step(code: KeyCode) -> Option<isize> {
    match code {
        KeyCode::Down | KeyCode::Char('j') => Some(1),
        KeyCode::Up | KeyCode::Char('k') => Some(-1),
        KeyCode::PageDown | KeyCode::Char(' ') => Some(10),
        KeyCode::PageUp => Some(-10),
        KeyCode::Home => Some(isize::MIN),
        KeyCode::End => Some(isize::MAX),
        _ => None,
    }
}

/// Draws an empty popup with a title, and gives the area inside.
pub fn popup(buf: &mut Buffer, area: Rect, title: &str, theme: &Theme) -> Rect {
    text::fill(buf, area, theme.text);
    let frame = PaneFrame {
        title,
        focused: true,
        ..PaneFrame::default()
    };
    within_margin(frame.draw(buf, area, theme))
}

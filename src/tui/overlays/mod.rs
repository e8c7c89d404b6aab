//! What lies over the panes: a stack, of which the top one gets the keys.

pub mod confirm;
pub mod faults;
pub mod help;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::layout::within_margin;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::faults::FaultMenu;
use crate::tui::overlays::help::Help;
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
    /// What may go wrong on purpose.
    Faults(FaultMenu),
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

//! Everything that can happen to the program.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::tui::panes::response::body::Body;
use crate::worker::job::Event;

/// One thing that happened.
#[derive(Debug)]
pub enum Msg {
    /// A key, a mouse event, a paste, a resize, a change of focus.
    Terminal(crossterm::event::Event),
    /// A job got on or ended.
    Worker(Event),
    /// The body of this exchange's answer was read.
    BodyRead(Arc<Exchange>, Body),
    /// Time went by while something is shown that changes with it.
    Tick,
    /// The shell continued the stopped process.
    Continued,
}

/// What reaches a pane: one of its verbs, or raw input while it edits text, or the end of a job it asked for.
#[derive(Debug)]
pub enum PaneEvent<A> {
    /// One of the pane's own verbs.
    Act(A),
    /// A key, only while the pane edits text.
    Key(crossterm::event::KeyEvent),
    /// Text pasted.
    Paste(String),
    /// A click at this place inside the pane's content, from its upper left corner.
    Click {
        /// Columns from the left.
        column: u16,
        /// Rows from the top.
        row: u16,
    },
    /// The wheel, by this many rows, down when positive.
    Scroll(i16),
}

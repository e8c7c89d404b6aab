//! Everything that can happen to the program.

use std::sync::Arc;

use crate::capture::schema::infer::Inferred;
use crate::capture::schema::infer::reading::ReadError;
use crate::drafts::desk;
use crate::exchange::Exchange;
use crate::paste::Pasted;
use crate::tui::feed;
use crate::tui::panes::response::body::Body;
use crate::tui::schema_text::SchemaText;
use crate::tui::viewer::work::Told;
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
    /// A file was brought, or more of a stream.
    Feed(feed::Told),
    /// Work for a viewer got on or ended.
    Viewer(Told),
    /// What other programs copied, or why it cannot be read.
    ClipboardRead(Result<String, String>),
    /// What a long pasted text was taken for.
    PasteRead(String, Box<Pasted>),
    /// Files were read, or why one could not be.
    FilesRead(Vec<(String, Result<Vec<u8>, String>)>),
    /// The schema to compare with was read, or why not.
    SchemaRead(Result<Box<SchemaText>, String>),
    /// What sample data says of a schema, or why nothing.
    Inferred(Result<Box<Inferred>, ReadError>),
    /// What files and folders there are whose paths begin with what was typed.
    PathsFound(String, Vec<String>),
    /// A text was copied, or was not; said in a sentence.
    Copied(Result<String, String>),
    /// The user's own editor ended: the file's text, or why there is none.
    Edited(Result<String, String>),
    /// The program ended that a text was shown in, or could not be used.
    Shown(Result<(), String>),
    /// What the desk that keeps drafts tells.
    Drafts(desk::Event),
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

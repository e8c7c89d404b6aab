//! The panes. Each owns its state, its verbs and its drawing, reads the session, and knows no other pane: what it wants
//! of the rest of the program it returns as an outcome, and the root decides what that means.

pub mod files;
pub mod form;
pub mod history;
pub mod line_input;
pub mod list_cursor;
pub mod records;
pub mod response;
pub mod schema;
pub mod types;

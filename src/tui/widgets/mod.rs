//! What panes are drawn with: text, frames, lists.
//!
//! Each is a function of its arguments onto a buffer, without memory of its own: what was drawn never decides what
//! happens next. They know the theme and the document engine, and nothing of Capture. Everything foreign goes through
//! [`text`], which cleans, clips and never panics, whatever the size.

pub mod calendar;
pub mod list;
pub mod pane_frame;
pub mod paragraphs;
pub mod scroll;
pub mod status;
pub mod text;

//! The editors of single fields, beyond the one text area: what each kind of value needs to be a pleasure to enter.
//!
//! The form's `typing` owns the text area and asks here what to put into it, what to say about it, and how to take it
//! into the field; `update` and `view` hand over to the calendar while it is open. Deliberately absent: what is allowed,
//! which `capture::value` alone knows.

pub mod brackets;
pub mod calendar;
pub mod choice;
pub mod long;
pub mod note;
pub mod password;
pub mod text;

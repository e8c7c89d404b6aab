//! A document engine for JSON of any shape and size, without Capture and without a terminal.
//!
//! A [`document::Document`] keeps [`bytes`] exactly as they came and an [`index`] of what stands where, made in pieces;
//! [`rows::Rows`] says which line of a folded view is which node, [`search`] finds text, [`literal`] says what strings
//! say; [`lenient`] reads what people write by hand, [`repair`] makes JSON of what
//! is none, and [`locate`] says where; [`sanitize`] says what of any foreign text may reach a screen. [`query`] filters a
//! document, [`inspect`] reads one value, [`profile`] and [`table`] an array of objects, [`difference`] two documents. [`formula`] keeps cells of tables from being computed.
//! Used by the terminal program and by the commands' output. Deliberately absent: building values (see
//! `capture::json`), colours, and anything recursive: depth is chosen by whoever sends the document. Only filters
//! recurse, in a process of their own.

pub mod bytes;
pub mod check;
pub mod difference;
pub mod document;
pub mod formula;
pub mod index;
pub mod inspect;
pub mod lenient;
pub mod literal;
pub mod locate;
pub mod print;
mod processors;
pub mod profile;
pub mod query;
pub mod repair;
pub mod rows;
pub mod sanitize;
pub mod search;
pub mod table;

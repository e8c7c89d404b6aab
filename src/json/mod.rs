//! A document engine for JSON of any shape, without Capture and without a terminal.
//!
//! A [`document::Document`] keeps the bytes exactly as they came and an index of what stands where; [`rows::Rows`] says
//! which line of a folded view is which node; [`lenient`] reads what people write by hand, [`repair`] makes JSON of what
//! is none, and [`locate`] says where; [`sanitize`] says what of any foreign text may reach a screen. Used by the
//! terminal program and by the commands' output. Deliberately absent: building values (see `capture::json`), colours,
//! and anything recursive: depth is chosen by whoever sends the document.

pub mod document;
pub mod lenient;
pub mod locate;
pub mod repair;
pub mod rows;
pub mod sanitize;

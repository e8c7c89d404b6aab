//! All tests from outside, in one program: see `support` for what they share.

mod cli;
mod curl;
mod filter;
mod fuzz;
mod hostile;
mod json_suite;
mod planted;
mod recording;
mod sandbox;
mod support;
mod terminal;
mod tidy;
mod timeline;
mod tui;
mod view;

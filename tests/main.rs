//! All tests from outside, in one program: see `support` for what they share.

mod cli;
mod curl;
mod fuzz;
mod sandbox;
mod support;
mod terminal;
mod tidy;
mod tui;

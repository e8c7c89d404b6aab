//! The explorer without a terminal and without a runtime: keys in, screen out, the real sandbox behind it.

mod driver;
mod journeys;
mod pictures;

//! Measures the sandbox where it has to keep up: durable creates over HTTP beside plain SQLite and PostgreSQL in the same
//! run, and look-ups that must not cost more when there are more records.
//!
//! `cargo bench --bench sandbox` takes about a minute; `-- --large` adds a million records to the look-ups, `-- creates`
//! and `-- lookups` measure only one of the two. Times on a shared machine mean little alone: the goals are ratios of
//! medians, taken in turn. It never fails because of a time.

mod creates;
#[path = "../figures/mod.rs"]
mod figures;
mod lookups;
mod postgres;
mod server;

use std::process::ExitCode;

use crate::figures::Result;

/// Rounds that count; every program has its turn in each.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    figures::main("sandbox", measure)
}

fn measure() -> Result<()> {
    let asked = |name: &str| std::env::args().skip(1).any(|arg| arg == name);
    let only = ["creates", "lookups"].into_iter().find(|part| asked(part));
    if only != Some("lookups") {
        creates::measure()?;
    }
    if only != Some("creates") {
        lookups::measure(asked("--large"))?;
    }
    Ok(())
}

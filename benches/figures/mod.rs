//! What the measurements share: medians, ratios and how they are printed. Used by every bench; measures nothing itself.

use std::process::ExitCode;

/// Why something could not be measured.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs `measure` when `cargo bench` asks for it; `cargo test --all-targets` starts benches too, with a binary that is
/// not optimised.
pub(crate) fn main(name: &str, measure: impl FnOnce() -> Result<()>) -> ExitCode {
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("{name}: only measured by `cargo bench`");
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The middle one, the upper of two.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// How many times `theirs` `ours` is.
pub(crate) fn ratio(ours: Option<f64>, theirs: Option<f64>) -> Option<f64> {
    ours.zip(theirs)
        .filter(|(_, theirs)| *theirs > 0.0)
        .map(|(ours, theirs)| ours / theirs)
}

/// A figure in a table.
pub(crate) fn cell(figure: Option<f64>) -> String {
    match figure {
        None => "-".to_owned(),
        Some(large) if large >= 1000.0 => format!("{large:.0}"),
        Some(small) => format!("{small:.2}"),
    }
}

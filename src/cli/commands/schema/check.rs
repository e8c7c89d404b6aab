//! `captui schema check`: every problem of a schema, at once.

use std::fmt::Write;

use crate::capture::json::Json;
use crate::capture::schema::diagram::Summary;
use crate::cli::args::schema::Source;
use crate::cli::commands::schema::object;
use crate::cli::commands::schema::source;
use crate::cli::commands::schema::source::Loaded;
use crate::cli::commands::types::count;
use crate::cli::output;
use crate::cli::session::Stop;

pub(super) async fn check(
    source: &Source,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let loaded = source::load(source, environment).await?;
    if json {
        output::print_json(&as_json(&loaded))?;
    } else {
        output::print(&as_text(&loaded))?;
    }
    if loaded.problems.is_empty() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// How many there are without the built-in ones, as diagrams and comparisons count them.
fn attributes(loaded: &Loaded) -> usize {
    Summary::of(&loaded.as_given()).attributes
}

fn as_text(loaded: &Loaded) -> String {
    let mut text = format!(
        "{}: {}, {}\n",
        loaded.label,
        match loaded.problems.len() {
            0 => "no problem".to_owned(),
            problems => count(problems, "problem"),
        },
        count(attributes(loaded), "attribute"),
    );
    for problem in &loaded.problems {
        let _ = writeln!(text, "  {problem}");
    }
    text
}

fn as_json(loaded: &Loaded) -> Json {
    let problems = loaded.problems.iter().map(|problem| {
        object([
            ("path", problem.path.slashed().into()),
            ("reason", problem.reason.as_str().into()),
        ])
    });
    object([
        ("source", loaded.label.as_str().into()),
        ("attributes", (attributes(loaded) as i64).into()),
        ("problems", Json::Array(problems.collect())),
    ])
}

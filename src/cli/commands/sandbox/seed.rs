//! `captui sandbox seed`: many believable records.

use std::io;
use std::io::IsTerminal;
use std::io::Write;

use jiff::Timestamp;

use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::cli::args::sandbox::Seed;
use crate::cli::commands::sandbox::data_dir;
use crate::cli::commands::sandbox::failed;
use crate::cli::commands::sandbox::number;
use crate::cli::commands::sandbox::object;
use crate::cli::commands::sandbox::open;
use crate::cli::commands::sandbox::tell;
use crate::cli::commands::types::count;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox::grow;
use crate::sandbox::grow::GrowError;
use crate::sandbox::grow::Grown;
use crate::sandbox::grow::Growth;

/// Adds records; a failure when fewer could be added than were asked for.
pub(in crate::cli) fn seed(seed: &Seed, json: bool) -> Result<(), Stop> {
    let folder = data_dir(seed.data.data.as_deref())?;
    let store = open(&folder)?;
    let growth = Growth {
        type_name: seed.type_name.clone(),
        count: seed.count,
        seed: seed.seed,
        fill: seed.fill.into(),
    };
    let shown = io::stderr().is_terminal();
    let grown = grow::grow(&store, &growth, Timestamp::now(), |added| {
        if shown {
            show(&format!("{added} of {}", seed.count));
        }
    });
    if shown {
        show("");
    }
    let grown = grown.map_err(|error| match error {
        GrowError::UnknownType(_) => Failure::new(FailureKind::NotFound, error.to_string())
            .hint("captui sandbox status tells which there are"),
        GrowError::Store(error) => failed(&error, &folder),
    })?;
    tell(json, as_json(&grown), &as_text(&seed.type_name, &grown))?;
    if grown.added < seed.count {
        return Err(too_few(&grown, seed.count).into());
    }
    Ok(())
}

/// Shows how far it has come, in place of what was shown before.
fn show(text: &str) {
    // When nobody listens on standard error there is nowhere to say so.
    let _ = write!(io::stderr(), "\r\u{1b}[K{text}");
}

fn as_json(grown: &Grown) -> Json {
    object([
        ("added", number(grown.added)),
        ("seed", number(grown.seed)),
        ("next_seed", number(grown.next_seed)),
        ("clashes", number(grown.clashes)),
        ("refused", number(grown.refused)),
    ])
}

fn as_text(type_name: &str, grown: &Grown) -> String {
    let added = count(usize::try_from(grown.added).unwrap_or(usize::MAX), "record");
    let mut text = format!("added {added} to {type_name}, from seed {}", grown.seed);
    if grown.clashes > 0 {
        text = format!(
            "{text}; {} clashed with a unique value and were left out",
            grown.clashes
        );
    }
    if grown.refused > 0 {
        text = format!(
            "{text}; {} did not fit the entity type and were left out",
            grown.refused
        );
    }
    text
}

fn too_few(grown: &Grown, wanted: u64) -> Failure {
    let kind = if grown.clashes > 0 {
        FailureKind::Conflict
    } else {
        FailureKind::Service
    };
    let failure = Failure::new(
        kind,
        format!("only {} of {wanted} records could be added", grown.added),
    );
    match &grown.refusal {
        Some(ApiError { description, .. }) => failure.because(description),
        None => failure.because("no more different values were found for what must be unique"),
    }
}

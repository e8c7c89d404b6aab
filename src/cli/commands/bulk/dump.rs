//! `captui env dump`: everything that an environment tells, into a folder.

use crate::capture::json::Json;
use crate::cli::args::bulk;
use crate::cli::commands::bulk::pace;
use crate::cli::output;
use crate::cli::progress::grouped;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::worker::dump::Dump;
use crate::worker::dump::Dumped;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// Carries out the command.
pub(in crate::cli) async fn dump(dump: bulk::Dump, session: &Session) -> Result<(), Stop> {
    let work = Dump {
        folder: dump.folder,
        types: dump.types,
        records: dump.records,
        pace: pace(&dump.pace),
    };
    let dumped = match session.run(Job::Dump(Box::new(work))).await? {
        Output::Dumped(dumped) => dumped,
        other => unreachable!("dumping gives what came of it, not {other:?}"),
    };
    if session.json() {
        output::print_json(&summary(&dumped))?;
    }
    for (what, why) in &dumped.left_out {
        output::note(&format!("left out: {what}: {why}"));
    }
    let types = match dumped.types.len() {
        1 => "1 entity type".to_owned(),
        many => format!("{many} entity types"),
    };
    let records = dumped.records.map_or(String::new(), |(records, _)| {
        format!(" and {} records", grouped(records))
    });
    output::note(&format!("{types}{records} in {}", dumped.folder.display()));
    match dumped.records {
        Some((_, incomplete)) if incomplete > 0 => {
            output::note("the records of some types are not as many as the service counts");
            Err(Stop::Found)
        }
        _ => Ok(()),
    }
}

fn summary(dumped: &Dumped) -> Json {
    let left_out = dumped.left_out.iter().map(|(what, why)| {
        let left: [(&str, Json); 2] =
            [("what", what.as_str().into()), ("why", why.as_str().into())];
        left.into_iter().collect()
    });
    let types = dumped.types.iter().map(|name| name.as_str().into());
    [
        ("folder", Json::from(dumped.folder.display().to_string())),
        ("types", Json::Array(types.collect())),
        (
            "records",
            dumped
                .records
                .map_or(Json::Null, |(records, _)| records.cast_signed().into()),
        ),
        ("left_out", Json::Array(left_out.collect())),
    ]
    .into_iter()
    .collect()
}

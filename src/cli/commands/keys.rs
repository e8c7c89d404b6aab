//! `captui keys`: the verbs of the explorer, with the keys in force and the commands that do the same. What they are is the
//! explorer's to say; the program's entry brings it.

use std::fmt::Write as _;

use crate::capture::json::Json;
use crate::cli::VerbKeys;
use crate::cli::VerbTable;
use crate::cli::commands::env::folders;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::config::Config;
use crate::failure::Failure;

/// Prints them.
pub(in crate::cli) fn print(table: VerbTable, json: bool) -> Result<(), Stop> {
    let config = Config::load(Some(&folders()?))?;
    let verbs = table(&config).map_err(Failure::first_of)?;
    if json {
        let verbs = verbs.iter().map(to_json).collect();
        return Ok(output::print_json(&Json::Array(verbs))?);
    }
    let width = |of: fn(&VerbKeys) -> usize| verbs.iter().map(of).max().unwrap_or(0);
    let keys = |verb: &VerbKeys| verb.keys.join(", ");
    let (ids, widest) = (
        width(|verb| verb.id.len()),
        width(|verb| verb.keys.join(", ").chars().count()),
    );
    let mut text = String::new();
    let mut place = "";
    for verb in &verbs {
        if place != verb.place {
            place = verb.place;
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{place}");
        }
        let twin = verb
            .command
            .map_or(String::new(), |it| format!("  (captui {it})"));
        let line = format!(
            "  {:ids$}  {:widest$}  {}{twin}",
            verb.id,
            keys(verb),
            verb.title
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    Ok(output::print(&text)?)
}

fn to_json(verb: &VerbKeys) -> Json {
    let keys = verb.keys.iter().map(|keys| Json::from(keys.as_str()));
    [
        ("verb", Json::from(verb.id)),
        ("place", Json::from(verb.place)),
        ("keys", Json::Array(keys.collect())),
        ("title", Json::from(verb.title)),
        ("command", verb.command.map_or(Json::Null, Json::from)),
    ]
    .into_iter()
    .collect()
}

//! `captui explain`: the catalogue of error codes.

use crate::capture::error::CATALOGUE;
use crate::capture::error::CodeInfo;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::cli::args::read_code;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// Prints what a code means.
pub(in crate::cli) fn explain(code: &str, json: bool) -> Result<(), Stop> {
    let known = read_code(code).ok_or_else(|| unknown_word(code))?;
    let info = known.info().ok_or_else(|| unknown_code(known))?;
    if json {
        output::print_json(&to_json(info))?;
    } else {
        output::print(&to_text(info))?;
    }
    Ok(())
}

fn unknown_word(word: &str) -> Failure {
    let failure = Failure::new(
        FailureKind::Usage,
        format!("`{word}` is neither a code nor the word for one"),
    );
    match nearest(word, CATALOGUE.iter().filter_map(|row| row.name)) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure,
    }
}

fn unknown_code(code: ErrorCode) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("the code {code} is not published"),
    )
    .because(format!("its range is for: {}", code.family()))
}

fn to_text(info: &CodeInfo) -> String {
    let mut text = format!(
        "{} {}\n\n{}\n",
        info.code,
        info.name.unwrap_or("(its word is not published)"),
        info.meaning
    );
    let mut list = |title: &str, items: &[&str]| {
        if !items.is_empty() {
            text.extend(["\n", title, "\n"]);
            text.extend(items.iter().map(|item| format!("  - {item}\n")));
        }
    };
    list("Usual causes", info.causes);
    list("What to do", info.remedy);
    list("Also in the answer", info.extra_fields);
    text
}

fn to_json(info: &CodeInfo) -> Json {
    let list = |items: &[&str]| Json::Array(items.iter().map(|item| Json::from(*item)).collect());
    [
        ("code", Json::from(info.code.0)),
        ("name", info.name.map_or(Json::Null, Json::from)),
        ("meaning", Json::from(info.meaning)),
        ("causes", list(info.causes)),
        ("remedy", list(info.remedy)),
        ("extra_fields", list(info.extra_fields)),
    ]
    .into_iter()
    .collect()
}

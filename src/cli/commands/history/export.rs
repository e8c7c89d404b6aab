//! `captui history export`: calls for other people and programs.

use jiff::Zoned;

use crate::capture::redact::sharing::Sharing;
use crate::cli::args::history::ExportCalls;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::exchange::ExchangeId;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::query::Page;
use crate::history::query::parse::QueryError;
use crate::history::query::parse::parse;
use crate::worker::handover::Calls;
use crate::worker::handover::HandOver;
use crate::worker::job::Job;
use crate::worker::job::Output;

pub(super) async fn export(arguments: ExportCalls, session: &Session) -> Result<(), Stop> {
    let work = HandOver {
        calls: Calls::Kept(which(&arguments, session).await?),
        about: None,
        schemas: Vec::new(),
        format: arguments.format,
        sharing: if arguments.unmasked {
            Sharing::Unmasked
        } else {
            Sharing::Masked
        },
        file: arguments.output,
    };
    match session.run(Job::HandOver(Box::new(work))).await? {
        Output::HandedOver(text) => Ok(output::print_document(text.reveal())?),
        Output::Written { file, .. } => {
            output::note(&format!("written: {}", file.display()));
            Ok(())
        }
        other => unreachable!("handing over gives a text or a file, not {other:?}"),
    }
}

/// The calls that are meant, in the order in which they are named, else in that of sending.
async fn which(arguments: &ExportCalls, session: &Session) -> Result<Vec<ExchangeId>, Stop> {
    let numbers: Option<Vec<i64>> = arguments
        .which
        .iter()
        .map(|word| word.parse().ok())
        .collect();
    if let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) {
        return Ok(numbers.into_iter().map(ExchangeId).collect());
    }
    let text = arguments.which.join(" ");
    let query = parse(&text, &Zoned::now()).map_err(QueryError::into_failure)?;
    let limit = if text.is_empty() { 1 } else { arguments.limit };
    let page = Page::newest(limit.saturating_add(1));
    let mut rows = match session.run(Job::History { query, page }).await? {
        Output::History(rows) => rows,
        other => unreachable!("asking the history gives rows, not {other:?}"),
    };
    if rows.is_empty() {
        let what = if text.is_empty() {
            "the history holds no call".to_owned()
        } else {
            format!("the history has no call with `{text}`")
        };
        return Err(Failure::new(FailureKind::NotFound, what).into());
    }
    if rows.len() > limit && !text.is_empty() {
        output::note(&format!(
            "only the newest {limit} of the calls that are meant are in it: --limit takes more"
        ));
    }
    rows.truncate(limit);
    Ok(rows.iter().rev().map(|row| row.id).collect())
}

//! The jobs on the history: reading it, counting, and taking out of it for good.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::store::History;
use crate::history::store::HistoryError;
use crate::history::store::Purged;
use crate::worker::handover::kept_schema;
use crate::worker::job::JobError;
use crate::worker::job::Output;
use crate::worker::job::Progress;
use crate::worker::services::Services;
use crate::worker::services::blocking;

/// Which exchanges a question means.
pub(super) async fn list(
    query: Query,
    page: Page,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    let cancel = cancel.clone();
    let listed = ask(services, progress, move |history| {
        history.list_while(&query, page, &|| !cancel.is_cancelled())
    })
    .await?;
    Ok(Output::History(listed.unwrap_or_default()))
}

/// How many exchanges a question means.
pub(super) async fn count(
    query: Query,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    let cancel = cancel.clone();
    let count = ask(services, progress, move |history| {
        history.count_while(&query, &|| !cancel.is_cancelled())
    })
    .await?;
    Ok(Output::Count(count.unwrap_or_default()))
}

/// Removes exchanges. Not given up halfway: what is removed must also be gone from the index and the log.
pub(super) async fn purge(
    query: Query,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let purged = ask(services, progress, move |history| history.purge(&query)).await?;
    Ok(Output::Purged(purged.unwrap_or(Purged {
        exchanges: 0,
        files: 0,
        before: 0,
        after: 0,
    })))
}

/// A record through time.
pub(super) async fn timeline(
    key: RecordKey,
    keys: PrimaryKeys,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let timeline = ask(services, progress, move |history| {
        let keys = if keys.0.is_empty() {
            let schema = kept_schema(history, &key.environment, &key.type_name);
            schema.as_ref().map(PrimaryKeys::of).unwrap_or_default()
        } else {
            keys
        };
        history.timeline(&key, &keys)
    })
    .await?;
    Ok(Output::Timeline(Arc::new(timeline.unwrap_or_default())))
}

/// One exchange, whole.
pub(super) async fn open(
    id: ExchangeId,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let history = services.kept_history(progress).await;
    let found = blocking(move || kept(history.as_deref(), id)).await;
    found.map(Output::Exchange).map_err(JobError::Failed)
}

/// An exchange of the history. Blocks.
pub(super) fn kept(history: Option<&History>, id: ExchangeId) -> Result<Arc<Exchange>, Failure> {
    let gone = || {
        let message = format!("the history has no exchange {}", id.0);
        Failure::new(FailureKind::NotFound, message)
    };
    match history.ok_or_else(gone)?.get(id) {
        Ok(Some(exchange)) => Ok(Arc::new(exchange)),
        Ok(None) => Err(gone()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Asks the history in another thread; `None` when there is none.
async fn ask<T: Send + 'static>(
    services: &Services,
    progress: &impl Fn(Progress),
    question: impl FnOnce(&History) -> Result<T, HistoryError> + Send + 'static,
) -> Result<Option<T>, JobError> {
    let Some(history) = services.kept_history(progress).await else {
        return Ok(None);
    };
    let answer = blocking(move || question(&history)).await;
    answer
        .map(Some)
        .map_err(|error| JobError::Failed(unreadable(&error)))
}

fn unreadable(error: &HistoryError) -> Failure {
    Failure::new(
        FailureKind::Internal,
        format!("the history cannot be read: {error}"),
    )
}

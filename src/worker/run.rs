//! Carrying out one job, for the worker and for the command line alike.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::secret::Secret;
use crate::config::columns;
use crate::config::columns::Columns;
use crate::curl;
use crate::curl::export::Shown;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Outcome;
use crate::exchange::Sender;
use crate::exchange::Stage;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::query::Query;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::Output;
use crate::worker::job::Progress;
use crate::worker::services::Services;
use crate::worker::services::blocking;
use crate::worker::services::history_failure;

/// Carries out `job`. A cancel is heard at any time; a call that had begun then comes back as an exchange that says
/// whether it may have happened.
pub async fn run(
    job: Job,
    services: &Services,
    progress: impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    progress(Progress::Started);
    match job {
        Job::ListTypes => list_types(services, &progress, cancel).await,
        Job::LoadType(name) => load_type(name, services, &progress, cancel).await,
        Job::Send(request) => call(&request, services, &progress, cancel)
            .await
            .map(Output::Exchange),
        Job::SendAll(requests) => send_all(&requests, services, &progress, cancel).await,
        Job::History(query) => or_cancel(list_history(query, services, &progress), cancel).await,
        Job::OpenExchange(id) => or_cancel(open_exchange(id, services, &progress), cancel).await,
        Job::ExportCurl { requests, secrets } => services
            .sender(&progress, cancel)
            .await
            .map(|sender| Output::Curl(Secret::new(commands(&requests, sender, secrets)))),
        Job::DescribeSender => services
            .sender(&progress, cancel)
            .await
            .map(|sender| Output::Sender(Arc::new(sender.masked()))),
        Job::SetFaults(rules) => services
            .set_faults(rules, &progress, cancel)
            .await
            .map(Output::Faults),
        Job::ReadColumns => or_cancel(read_columns(services), cancel).await,
        Job::KeepColumns { type_name, columns } => {
            or_cancel(keep_columns(type_name, columns, services), cancel).await
        }
    }
}

/// One call after the other, up to the first that does not go well. What was done is told also when the rest was not: it
/// cannot be taken back.
async fn send_all(
    requests: &[ApiRequest],
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    let mut made: Vec<Arc<Exchange>> = Vec::with_capacity(requests.len());
    for request in requests {
        match call(request, services, progress, cancel).await {
            Ok(exchange) | Err(JobError::Cancelled(Some(exchange))) => made.push(exchange),
            Err(error) if made.is_empty() => return Err(error),
            Err(JobError::Failed(failure)) => {
                progress(Progress::Notice(failure.message));
                break;
            }
            Err(_) => break,
        }
        if made.last().map(|last| last.verdict()) != Some(Verdict::Ok) {
            break;
        }
    }
    Ok(Output::Exchanges(made))
}

/// The calls as curl commands.
fn commands(requests: &[ApiRequest], sender: &Sender, secrets: bool) -> String {
    let shown = match &sender.credentials {
        None => Shown::Nothing,
        Some(credentials) if secrets => Shown::Secrets(credentials, Timestamp::now()),
        Some(credentials) => Shown::Redacted(credentials),
    };
    let commands = requests
        .iter()
        .map(|request| curl::export::export(request, &sender.domain, shown));
    commands.collect::<Vec<_>>().join("\n\n")
}

async fn list_types(
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    let request = ApiRequest::new(Endpoint::TypeList);
    let exchange = call(&request, services, progress, cancel).await?;
    let names = answer(&exchange).and_then(|answer| {
        let results = answer.get("results")?.as_array()?;
        results
            .iter()
            .map(|name| Some(name.as_str()?.to_owned()))
            .collect()
    });
    match names {
        Some(names) => Ok(Output::Types { names, exchange }),
        None => Err(JobError::Exchange(exchange)),
    }
}

async fn load_type(
    name: String,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", name);
    let exchange = call(&request, services, progress, cancel).await?;
    match answer(&exchange).map(EntityType::from_json) {
        Some(Ok((schema, problems))) => Ok(Output::Type {
            schema: Arc::new(schema),
            problems,
            exchange,
        }),
        Some(Err(_)) | None => Err(JobError::Exchange(exchange)),
    }
}

async fn list_history(
    query: Query,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let Some(history) = services.history(progress).await else {
        return Ok(Output::History(Vec::new()));
    };
    blocking(move || history.list(&query))
        .await
        .map(Output::History)
        .map_err(|error| JobError::Failed(history_failure(&error)))
}

async fn open_exchange(
    id: ExchangeId,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let gone = || {
        JobError::Failed(Failure::new(
            FailureKind::NotFound,
            format!("the history has no exchange {}", id.0),
        ))
    };
    let history = services.history(progress).await.ok_or_else(gone)?;
    match blocking(move || history.get(id)).await {
        Ok(Some(exchange)) => Ok(Output::Exchange(Arc::new(exchange))),
        Ok(None) => Err(gone()),
        Err(error) => Err(JobError::Failed(history_failure(&error))),
    }
}

/// Without a folder for state none were chosen before, and what is chosen is good until the end.
async fn read_columns(services: &Services) -> Result<Output, JobError> {
    let environment = services.environment().name.clone();
    let columns = match services.state_folder() {
        Some(folder) => blocking(move || columns::read(&folder, &environment)).await,
        None => Columns::default(),
    };
    Ok(Output::Columns(columns))
}

async fn keep_columns(
    type_name: String,
    columns: Vec<String>,
    services: &Services,
) -> Result<Output, JobError> {
    let Some(folder) = services.state_folder() else {
        return Ok(Output::Columns(Columns::from([(type_name, columns)])));
    };
    let environment = services.environment().name.clone();
    let kept = blocking(move || {
        columns::keep(&folder, &environment, &type_name, &columns)?;
        Ok(columns::read(&folder, &environment))
    });
    kept.await.map(Output::Columns).map_err(|error: io::Error| {
        let message = "the chosen columns are good until you leave: they could not be kept";
        JobError::Failed(Failure::new(FailureKind::Internal, message).because(error))
    })
}

/// One call. A cancelled one comes back as an error, with how far it came.
async fn call(
    request: &ApiRequest,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Arc<Exchange>, JobError> {
    let exchange = services.send(request, progress, cancel).await?;
    match &exchange.outcome {
        Outcome::Failed(error) if error.stage == Stage::Cancelled => {
            Err(JobError::Cancelled(Some(exchange)))
        }
        Outcome::Answered(_) | Outcome::Failed(_) => Ok(exchange),
    }
}

async fn or_cancel(
    work: impl Future<Output = Result<Output, JobError>>,
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    cancel
        .run_until_cancelled(work)
        .await
        .unwrap_or(Err(JobError::Cancelled(None)))
}

fn answer(exchange: &Exchange) -> Option<&Json> {
    match exchange.answer()? {
        Answer::Ok(json) => Some(json),
        Answer::Error(_) | Answer::NotCapture(_) => None,
    }
}

//! Carrying out one job, for the worker and for the command line alike.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::request::Wire;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::secret::Secret;
use crate::config::columns;
use crate::config::columns::Columns;
use crate::config::paths::from_home;
use crate::curl;
use crate::curl::export::Shown;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sender;
use crate::exchange::Stage;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::handover::Here;
use crate::handover::Item;
use crate::worker::compare;
use crate::worker::compare::Compare;
use crate::worker::dump;
use crate::worker::export;
use crate::worker::filter;
use crate::worker::filter::Limits;
use crate::worker::handover;
use crate::worker::handover::Calls as HandedOver;
use crate::worker::handover::HandOver;
use crate::worker::history;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::Output;
use crate::worker::job::Progress;
use crate::worker::load;
use crate::worker::load::rollback;
use crate::worker::plan::Calls;
use crate::worker::plan::JournalId;
use crate::worker::plan::StepProgress;
use crate::worker::plan::apply;
use crate::worker::plan::export as values;
use crate::worker::plan::journal;
use crate::worker::plan::journal::Place;
use crate::worker::plan::rehearse;
use crate::worker::plan::survey;
use crate::worker::services::Keep;
use crate::worker::services::Services;
use crate::worker::services::blocking;
use crate::worker::verify;

/// Carries out `job`. A cancel is heard at any time; a call that had begun then comes back as an exchange that says
/// whether it may have happened.
pub async fn run(
    job: Job,
    services: &Services,
    progress: impl Fn(Progress) + Sync,
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    // Whoever listens, all jobs are compiled once: they are a good part of the program.
    let progress: &(dyn Fn(Progress) + Sync) = &progress;
    Box::pin(carry_out(job, services, &progress, cancel)).await
}

async fn carry_out(
    job: Job,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    progress(Progress::Started);
    match job {
        Job::ListTypes => list_types(services, progress, cancel).await,
        Job::LoadType(name) => load_type(name, services, progress, cancel).await,
        Job::Send(request) => call(&request, services, progress, cancel)
            .await
            .map(Output::Exchange),
        Job::SendTo {
            environment,
            request,
        } => send_to(&environment, &request, services, progress, cancel).await,
        Job::SendAll(requests) => send_all(&requests, services, progress, cancel).await,
        Job::History { query, page } => {
            or_cancel(
                history::list(query, page, services, progress, cancel),
                cancel,
            )
            .await
        }
        Job::CountHistory(query) => {
            or_cancel(history::count(query, services, progress, cancel), cancel).await
        }
        Job::PurgeHistory(query) => history::purge(query, services, progress).await,
        Job::RecordTimeline { key, keys } => {
            or_cancel(history::timeline(key, keys, services, progress), cancel).await
        }
        Job::OpenExchange(id) => or_cancel(history::open(id, services, progress), cancel).await,
        Job::Compare(work) => or_cancel(compare(*work, services, progress), cancel).await,
        Job::ExportCurl { requests, secrets } => services
            .sender(progress, cancel)
            .await
            .map(|sender| Output::Curl(Secret::new(commands(&requests, sender, secrets)))),
        Job::ExportWire { request, secrets } => services
            .sender(progress, cancel)
            .await
            .map(|sender| Output::Curl(Secret::new(http_request(&request, sender, secrets)))),
        Job::DescribeSender => services
            .sender(progress, cancel)
            .await
            .map(|sender| Output::Sender(Arc::new(sender.masked()))),
        Job::SetFaults(rules) => services
            .set_faults(rules, progress, cancel)
            .await
            .map(Output::Faults),
        Job::ReadColumns => or_cancel(read_columns(services), cancel).await,
        Job::KeepColumns { type_name, columns } => {
            or_cancel(keep_columns(type_name, columns, services), cancel).await
        }
        Job::SurveyPlan(work) => {
            let mut calls = Service::new(services, progress, cancel);
            let survey = survey::survey(&work, Timestamp::now(), &mut calls).await?;
            Ok(Output::Survey(Arc::new(survey)))
        }
        Job::ExportValues {
            type_name,
            paths,
            file,
        } => {
            let mut calls = Service::new(services, progress, cancel);
            let records = values::export(&type_name, &paths, &file, &mut calls).await?;
            Ok(Output::Written {
                file,
                records: Some(records),
            })
        }
        Job::LoadTypeFrom {
            environment,
            type_name,
        } => load_type_from(&environment, type_name, services, progress, cancel).await,
        Job::HandOver(work) => or_cancel(hand_over(*work, services, progress), cancel).await,
        Job::Filter { input, program } => {
            let limits = Limits::for_input(input.0.len());
            let tell = |results| progress(Progress::Results(results));
            let own = services.own_program();
            filter::filter(own, &program, input.0, limits, tell, cancel)
                .await
                .map(|filtered| Output::Filtered(Arc::new(filtered)))
        }
        Job::Export(work) => export::export(*work, services, progress, cancel)
            .await
            .map(|exported| Output::Exported(Box::new(exported))),
        Job::Dump(work) => dump::dump(*work, services, progress, cancel)
            .await
            .map(|dumped| Output::Dumped(Box::new(dumped))),
        Job::Verify(work) => verify::verify(*work, services, progress, cancel)
            .await
            .map(|verified| Output::Verified(Box::new(verified))),
        Job::PrepareLoad(work) => {
            let prepared = load::prepare(*work, services, progress, cancel).await;
            prepared.map(Output::Prepared)
        }
        Job::WriteVerdicts(prepared) => load::write_verdicts(prepared).await.map(Output::Verdicts),
        Job::Load(prepared) => {
            let loaded = load::load(prepared, services, progress, cancel).await;
            loaded.map(|loaded| Output::Loaded(Arc::new(loaded)))
        }
        Job::PlanRollback(work) => {
            let plan = rollback::plan(*work, services).await?;
            Ok(Output::RollbackPlan(Box::new(plan)))
        }
        Job::RollBack(plan) => {
            let done = rollback::roll_back(*plan, services, progress, cancel).await;
            done.map(|done| Output::RolledBack(Arc::new(done)))
        }
        Job::WriteFile { file, text } => or_cancel(write_file(file, || text), cancel).await,
        Job::WriteSchema { file, schema, form } => {
            or_cancel(write_file(file, move || form.text(&schema)), cancel).await
        }
        Job::DryRun(work) => {
            let mut calls = Service::new(services, progress, cancel);
            or_cancel(
                async {
                    let rehearsal = rehearse::rehearse(&work, Timestamp::now(), &mut calls).await?;
                    Ok(Output::Rehearsal(Arc::new(rehearsal)))
                },
                cancel,
            )
            .await
        }
        Job::ApplyPlan(work) => {
            let place = journals(services)?;
            let mut calls = Service::new(services, progress, cancel);
            let applied = apply::apply(&work, &place, &mut calls).await?;
            Ok(Output::Applied(Arc::new(applied)))
        }
        Job::ResumePlan { id, agreed } => {
            let place = journals(services)?;
            let mut calls = Service::new(services, progress, cancel);
            let applied = apply::resume(&id, agreed, &place, &mut calls).await?;
            Ok(Output::Applied(Arc::new(applied)))
        }
        Job::ListPlans => or_cancel(list_plans(services, progress), cancel).await,
        Job::ForgetPlan(id) => or_cancel(forget_plan(id, services, progress), cancel).await,
    }
}

/// How the jobs on plans reach the service.
struct Service<'a, P> {
    services: &'a Services,
    progress: &'a P,
    cancel: &'a CancellationToken,
}

impl<'a, P: Fn(Progress)> Service<'a, P> {
    fn new(services: &'a Services, progress: &'a P, cancel: &'a CancellationToken) -> Self {
        Self {
            services,
            progress,
            cancel,
        }
    }
}

impl<P: Fn(Progress)> Calls for Service<'_, P> {
    async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
        let keep = match request.endpoint {
            // A page of all records, or one record of a copy.
            Endpoint::EntityFind | Endpoint::EntityUpdate | Endpoint::EntityReplace => {
                Keep::Trouble
            }
            _ => Keep::All,
        };
        make(request, keep, self.services, self.progress, self.cancel).await
    }

    fn tell(&mut self, progress: StepProgress) {
        (self.progress)(Progress::Step(progress));
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

/// The call as HTTP 1.1 says it; a signed one is signed for this moment.
fn http_request(request: &ApiRequest, sender: &Sender, secrets: bool) -> String {
    let wire = sender.wire(request, Timestamp::now());
    let whole = Wire {
        headers: sender.all_headers(&wire),
        ..wire
    };
    let shown = if secrets { whole } else { whole.redacted() };
    let headers = shown.headers.iter();
    let headers: String = headers
        .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
        .collect();
    format!(
        "{} {} HTTP/1.1\r\n{headers}\r\n{}",
        shown.method, shown.path, shown.body
    )
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

/// Another environment is opened for this one call, and closed again.
async fn send_to(
    environment: &str,
    request: &ApiRequest,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    if environment == services.environment().name {
        let exchange = call(request, services, progress, cancel).await;
        return exchange.map(Output::Exchange);
    }
    let other = services.of(environment).map_err(JobError::Failed)?;
    let exchange = call(request, &other, progress, cancel).await;
    other.settle(progress).await;
    // An embedded sandbox waits for its calls when it is stopped.
    blocking(move || drop(other)).await;
    exchange.map(Output::Exchange)
}

/// Another environment is opened for this one call, and closed again.
async fn load_type_from(
    environment: &str,
    type_name: String,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Output, JobError> {
    if environment == services.environment().name {
        return load_type(type_name, services, progress, cancel).await;
    }
    let other = services.of(environment).map_err(JobError::Failed)?;
    let output = load_type(type_name, &other, progress, cancel).await;
    // What is still written into the history would be lost with it.
    other.settle(progress).await;
    // An embedded sandbox waits for its calls when it is stopped.
    blocking(move || drop(other)).await;
    output
}

/// Writes a text that is made where nobody waits for it.
async fn write_file(
    file: PathBuf,
    text: impl FnOnce() -> String + Send + 'static,
) -> Result<Output, JobError> {
    let written = blocking(move || {
        let file = file.to_str().map_or_else(|| file.clone(), from_home);
        // Whole, so that people find it.
        let file = std::path::absolute(&file).unwrap_or(file);
        values::write(&file, text()).map(|()| file)
    });
    let written = written.await;
    let file = written.map_err(JobError::Failed)?;
    Ok(Output::Written {
        file,
        records: None,
    })
}

/// Where the journals of plans are. Without a folder for state no plan is applied: nobody could go on with it.
fn journals(services: &Services) -> Result<Place, JobError> {
    services.journals().ok_or_else(|| {
        let message = "a plan is only applied where it can be noted how far it has come";
        let failure = Failure::new(FailureKind::Usage, message);
        JobError::Failed(failure.hint("give captui a home folder: nothing was sent"))
    })
}

async fn list_plans(services: &Services, progress: &impl Fn(Progress)) -> Result<Output, JobError> {
    let Some(place) = services.journals() else {
        return Ok(Output::Plans(Vec::new()));
    };
    let (plans, notices) = blocking(move || journal::list(&place)).await;
    for notice in notices {
        progress(Progress::Notice(notice));
    }
    Ok(Output::Plans(plans))
}

async fn forget_plan(
    id: JournalId,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let place = journals(services)?;
    let forgotten = blocking(move || journal::forget(&place, &id)).await;
    forgotten.map_err(JobError::Failed)?;
    list_plans(services, progress).await
}

/// Brings together what is handed over, and writes it, where nobody waits for it.
async fn hand_over(
    work: HandOver,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let history = services.kept_history(progress).await;
    let config = services.config().clone();
    let done = blocking(move || {
        let history = history.as_deref();
        let exchanges = match &work.calls {
            HandedOver::Shown(exchange) => vec![Arc::clone(exchange)],
            HandedOver::Kept(ids) => ids
                .iter()
                .map(|id| history::kept(history, *id))
                .collect::<Result<_, _>>()?,
        };
        let item = |exchange: Arc<Exchange>| {
            let environment = config.environment(Some(&exchange.environment)).ok();
            let schema = handover::schema_of(&exchange, &work.schemas, history);
            handover::item(exchange, environment, schema, work.about.clone())
        };
        let items: Vec<Item> = exchanges.into_iter().map(item).collect();
        let here = Here {
            now: Timestamp::now(),
            zone: TimeZone::system(),
        };
        handover::hand_over(&work, &items, &here)
    });
    done.await.map_err(JobError::Failed)
}

/// Finds two calls and compares them, where nobody waits for it.
async fn compare(
    work: Compare,
    services: &Services,
    progress: &impl Fn(Progress),
) -> Result<Output, JobError> {
    let history = services.kept_history(progress).await;
    let compared = blocking(move || compare::find_and_compare(&work, history.as_deref()));
    let compared = compared.await.map_err(JobError::Failed)?;
    Ok(Output::Compared(Arc::new(compared)))
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
    make(request, Keep::All, services, progress, cancel).await
}

/// One call, kept in the history as `keep` says.
pub(super) async fn make(
    request: &ApiRequest,
    keep: Keep,
    services: &Services,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Arc<Exchange>, JobError> {
    let exchange = services.send(request, keep, progress, cancel).await?;
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

//! Running jobs from the command line: one after another, cancelled by Ctrl-C.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::cli::args::shared::Sent;
use crate::cli::confirm::before_sending;
use crate::cli::output;
use crate::cli::progress::Meter;
use crate::cli::shown;
use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::paths::Paths;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::Output;
use crate::worker::job::Progress;
use crate::worker::plan::StepProgress;
use crate::worker::run::run;
use crate::worker::services::Services;
use crate::worker::services::read_only;

/// Whether nothing may be changed anywhere; set once, when the command line was read.
static READ_ONLY: AtomicBool = AtomicBool::new(false);

/// Refuses from now on every call that changes something, whatever the configuration says.
pub(super) fn be_read_only() {
    READ_ONLY.store(true, Ordering::Relaxed);
}

/// Whether nothing may be changed anywhere.
pub(super) fn is_read_only() -> bool {
    READ_ONLY.load(Ordering::Relaxed)
}

/// What a command works with.
pub(super) struct Session {
    services: Services,
    cancel: CancellationToken,
    /// Whether answers are printed as they came.
    json: bool,
    /// Whether what is going to be sent was asked about.
    agreed: AtomicBool,
}

/// What becomes of the secrets in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrets {
    /// They are masked.
    Masked,
    /// They are shown: somebody asked for them.
    Shown,
}

impl Secrets {
    /// Shown only if they are `wanted`.
    pub(super) fn shown_if(wanted: bool) -> Self {
        if wanted { Self::Shown } else { Self::Masked }
    }

    /// A part of an answer as it is to be shown.
    pub(super) fn of(self, mut json: Json) -> Json {
        if self == Self::Masked && redact::json(&mut json, &[]) {
            output::note("secrets are masked");
        }
        json
    }
}

/// Why a command stops.
pub(super) enum Stop {
    /// Something to tell.
    Failed(Failure),
    /// What was printed is not as it should be: differences, problems.
    Found,
    /// Nobody reads the output, or it cannot be written.
    Output(std::io::Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl Session {
    pub(super) fn new(environment: Option<&str>, json: bool) -> Result<Self, Failure> {
        let paths = Paths::find();
        let mut config = Config::load(paths.as_ref())?;
        if READ_ONLY.load(Ordering::Relaxed) {
            config.make_read_only();
        }
        let services = Services::new(&config, environment, paths)?;
        Ok(Self::with(services, json))
    }

    /// For an environment that need not be of the configuration.
    pub(super) fn within(mut environment: Environment, config: &Config, json: bool) -> Self {
        environment.read_only |= is_read_only();
        let services = Services::within(environment, config, Paths::find());
        Self::with(services, json)
    }

    fn with(services: Services, json: bool) -> Self {
        let cancel = CancellationToken::new();
        tokio::spawn(cancel_on_signal(cancel.clone()));
        Self {
            services,
            cancel,
            json,
            agreed: AtomicBool::new(false),
        }
    }

    /// Sends a call and lets `show` print its answer, or prints it as it came; or does with the call what `sent` says.
    /// Asks before, where that is due and was not done.
    pub(super) async fn send(
        &self,
        request: ApiRequest,
        sent: impl Into<Sent>,
        show: impl FnOnce(&Json) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.send_showing(request, sent, Secrets::Masked, show)
            .await
    }

    /// The same; of an answer whose secrets are asked for, `show` gets them.
    pub(super) async fn send_showing(
        &self,
        request: ApiRequest,
        sent: impl Into<Sent>,
        secrets: Secrets,
        show: impl FnOnce(&Json) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Sent { sending, answers } = sent.into();
        if !sending.is_sent() {
            return shown::tell(request, sending, self).await;
        }
        before_sending(&request, &answers, self)?;
        let exchange = match self.run(Job::Send(request)).await? {
            Output::Exchange(exchange) => exchange,
            other => unreachable!("sending gives an exchange, not {other:?}"),
        };
        match self.tell(&exchange, secrets, show) {
            Err(Stop::Failed(_)) if exchange.failure().is_some() => {
                Err(Stop::Failed(self.failure_of(&exchange).await))
            }
            told => told,
        }
    }

    /// Sends a call that changes something, as [`Session::send`] does, and says that it is `done`. What the answer holds
    /// beside its success is printed.
    pub(super) async fn change(
        &self,
        request: ApiRequest,
        sent: impl Into<Sent>,
        done: &str,
    ) -> Result<(), Stop> {
        let show = |answer: &Json| {
            match answer.get("result") {
                Some(result) => output::print(&output::pretty(result))?,
                None => output::note(done),
            }
            Ok(())
        };
        self.send(request, sent, show).await
    }

    /// Prints an exchange's answer, as [`Session::send`] says.
    pub(super) fn print(
        &self,
        exchange: &Exchange,
        show: impl FnOnce(&Json) -> String,
    ) -> Result<(), Stop> {
        self.tell(exchange, Secrets::Masked, |answer| {
            Ok(output::print(&show(answer))?)
        })
    }

    fn tell(
        &self,
        exchange: &Exchange,
        secrets: Secrets,
        show: impl FnOnce(&Json) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        match &exchange.outcome {
            Outcome::Answered(answered) if self.json => output::print_bytes(&answered.body)?,
            Outcome::Answered(answered) => {
                if let Answer::Ok(answer) = &answered.answer {
                    let masked = match secrets {
                        Secrets::Masked => redact::answer(&exchange.request, answer),
                        Secrets::Shown => None,
                    };
                    show(masked.as_ref().unwrap_or(answer))?;
                    if masked.is_some() {
                        output::note("secrets are masked; --json prints the answer as it came");
                    }
                }
            }
            Outcome::Failed(_) => {}
        }
        exchange
            .failure()
            .map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// Whether answers are printed as they came.
    pub(super) fn json(&self) -> bool {
        self.json
    }

    /// The entity type called `name`, with the call that brought it.
    pub(super) async fn entity_type(
        &self,
        name: &str,
    ) -> Result<(Arc<EntityType>, Arc<Exchange>), Stop> {
        match self.run(Job::LoadType(name.to_owned())).await? {
            Output::Type {
                schema,
                problems,
                exchange,
            } => {
                for problem in problems {
                    output::note(&format!("the schema of `{name}`: {problem}"));
                }
                Ok((schema, exchange))
            }
            other => unreachable!("loading a type gives a type, not {other:?}"),
        }
    }

    /// What the service answers, or why it refused. An error when there is no answer, which the next call would not get
    /// either.
    pub(super) async fn ask(&self, request: ApiRequest) -> Result<Result<Json, Failure>, Stop> {
        let exchange = match self.run(Job::Send(request)).await? {
            Output::Exchange(exchange) => exchange,
            other => unreachable!("sending gives an exchange, not {other:?}"),
        };
        match (&exchange.outcome, exchange.failure()) {
            (Outcome::Failed(_), Some(failure)) => Err(Stop::Failed(failure)),
            (_, Some(failure)) => Ok(Err(failure)),
            (Outcome::Answered(answered), None) => match &answered.answer {
                Answer::Ok(answer) => Ok(Ok(answer.clone())),
                other => unreachable!("an answer without failure is ok, not {other:?}"),
            },
            (Outcome::Failed(_), None) => unreachable!("a failed call is a failure"),
        }
    }

    /// The answer that tells an entity type's rules and combined uniquenesses: all of them, or where that operation is
    /// refused, the rules alone.
    pub(super) async fn properties(&self, type_name: &str) -> Result<Result<Json, Failure>, Stop> {
        let request = |endpoint| ApiRequest::new(endpoint).with("type_name", type_name);
        match self.ask(request(Endpoint::TypeProperties)).await? {
            Err(_) => self.ask(request(Endpoint::TypeRules)).await,
            answer => Ok(answer),
        }
    }

    /// Does work that waits for somebody at the terminal, unless the user ends the program meanwhile.
    pub(super) async fn unless_interrupted<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stop> {
        let work = tokio::task::spawn_blocking(work);
        match self.cancel.run_until_cancelled(work).await {
            Some(done) => {
                Ok(done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
            }
            None => Err(Stop::Failed(without_answer(JobError::Cancelled(None)))),
        }
    }

    /// What a call was probably meant to name that the service does not know. Looked for in the history: no call is made
    /// for it.
    async fn meant(&self, exchange: &Exchange) -> Option<String> {
        let Some(Answer::Error(error)) = exchange.answer() else {
            return None;
        };
        let type_name = exchange.request.args.get("type_name")?;
        let meant = match error.code {
            ErrorCode::UNKNOWN_ENTITY_TYPE => {
                let listed = self.last_seen(Endpoint::TypeList, None).await?;
                let names = listed.get("results")?.as_array()?;
                nearest(type_name, names.iter().filter_map(Json::as_str))?.to_owned()
            }
            ErrorCode::UNKNOWN_ATTRIBUTE => {
                let seen = self.last_seen(Endpoint::TypeView, Some(type_name)).await?;
                let (schema, _) = EntityType::from_json(&seen).ok()?;
                let path = error.attribute_path()?;
                let names: Vec<String> = schema
                    .walk()
                    .iter()
                    .map(|(path, _)| path.dotted())
                    .collect();
                nearest(&path.dotted(), names.iter().map(String::as_str))?.to_owned()
            }
            _ => return None,
        };
        Some(format!("did you mean `{meant}`?"))
    }

    /// The last good answer of this operation that the history has of this environment.
    async fn last_seen(&self, endpoint: Endpoint, type_name: Option<&str>) -> Option<Json> {
        let mut query = Query::only(Condition::Operation(vec![endpoint]))
            .and(Condition::Environment(vec![
                self.environment().name.clone(),
            ]))
            .and(Condition::Verdict(vec![Verdict::Ok]));
        if let Some(type_name) = type_name {
            query = query.and(Condition::Type(vec![type_name.to_owned()]));
        }
        let page = Page::newest(1);
        let calls = run(
            Job::History { query, page },
            &self.services,
            |_| {},
            &self.cancel,
        );
        let Ok(Output::History(calls)) = calls.await else {
            return None;
        };
        let open = Job::OpenExchange(calls.first()?.id);
        let Ok(Output::Exchange(exchange)) = run(open, &self.services, |_| {}, &self.cancel).await
        else {
            return None;
        };
        match exchange.answer()? {
            Answer::Ok(answer) => Some(answer.clone()),
            Answer::Error(_) | Answer::NotCapture(_) => None,
        }
    }

    /// What to tell of a call that failed.
    async fn failure_of(&self, exchange: &Exchange) -> Failure {
        let mut failure = exchange.failure().unwrap_or_else(unexpected);
        if let Some(meant) = self.meant(exchange).await {
            failure.hints.insert(0, meant);
        }
        failure
    }

    /// The environment that calls are sent to.
    pub(super) fn environment(&self) -> &Environment {
        self.services.environment()
    }

    /// A failure where nothing may be changed: to be told before anybody is asked for a yes.
    pub(super) fn may_change(&self) -> Result<(), Failure> {
        let environment = self.environment();
        if environment.read_only {
            return Err(read_only("nothing was sent", environment));
        }
        Ok(())
    }

    /// Takes note that what is going to be sent was asked about.
    pub(super) fn agree(&self) {
        self.agreed.store(true, Ordering::Relaxed);
    }

    /// Whether what is going to be sent was asked about.
    pub(super) fn is_agreed(&self) -> bool {
        self.agreed.load(Ordering::Relaxed)
    }

    /// Carries out a job.
    pub(super) async fn run(&self, job: Job) -> Result<Output, Stop> {
        self.run_telling(job, |_| {}).await
    }

    /// Carries out a job; `tell` hears how far a plan has come.
    pub(super) async fn run_telling(
        &self,
        job: Job,
        tell: impl FnMut(&StepProgress) + Send,
    ) -> Result<Output, Stop> {
        let meter = Meter::new();
        let tell = Mutex::new(tell);
        let progress = |progress| match progress {
            Progress::Notice(text) => {
                meter.clear();
                output::note(&text);
            }
            Progress::Bulk(progress) => meter.show(&progress),
            Progress::Again(waiting) => meter.waits(&waiting),
            Progress::Step(progress) => {
                tell.lock().unwrap_or_else(PoisonError::into_inner)(&progress);
            }
            Progress::Started | Progress::Sent(_) | Progress::Results(_) => {}
        };
        let done = run(job, &self.services, progress, &self.cancel).await;
        // The program may end right after this.
        self.services.settle(&progress).await;
        meter.clear();
        match done {
            Ok(output) => Ok(output),
            Err(JobError::Exchange(exchange)) => {
                if self.json
                    && let Outcome::Answered(answered) = &exchange.outcome
                {
                    output::print_bytes(&answered.body)?;
                }
                Err(Stop::Failed(self.failure_of(&exchange).await))
            }
            Err(error) => Err(Stop::Failed(without_answer(error))),
        }
    }
}

fn without_answer(error: JobError) -> Failure {
    match error {
        JobError::Failed(failure) => failure,
        JobError::Cancelled(None) => Failure::new(
            FailureKind::Interrupted,
            "interrupted before anything was sent",
        ),
        JobError::Cancelled(Some(exchange)) | JobError::Exchange(exchange) => {
            exchange.failure().unwrap_or_else(unexpected)
        }
        JobError::Panicked(message) => Failure::new(FailureKind::Internal, message),
    }
}

/// An answer that says ok and yet lacks what it should hold.
pub(super) fn unexpected() -> Failure {
    Failure::new(
        FailureKind::Service,
        "the service answered ok, but not with what the call asks for",
    )
    .hint("--json prints the answer as it came")
}

/// Waits for Ctrl-C or a request to end, and passes it on.
async fn cancel_on_signal(cancel: CancellationToken) {
    interrupted().await;
    cancel.cancel();
}

/// Ends when the user or the system asks the program to end. Listens from the moment of the call, so that no such wish
/// is lost before somebody waits for it. Needs a tokio runtime.
pub(super) fn interrupted() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminated = {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;
        let streams = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
        async move {
            if let [Ok(mut terminate), Ok(mut interrupt)] = streams {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            } else {
                // Without signal handling the system ends the program itself.
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    terminated
}

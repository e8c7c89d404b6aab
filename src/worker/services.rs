//! What jobs are done with: the environment, its client, the history and the embedded sandbox.
//!
//! Made from the configuration at once, without touching disk or network: each part is opened by the first job that
//! needs it, so that a program that shows a screen is not kept waiting. What could not be opened is tried again by the
//! next job, except the history, which is given up after it was reported once.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::capture::auth::Credentials;
use crate::capture::endpoint::Effect;
use crate::capture::request::ApiRequest;
use crate::client::Client;
use crate::client::ClientError;
use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::environment::Target;
use crate::config::paths::Paths;
use crate::config::paths::create_private;
use crate::exchange::Exchange;
use crate::exchange::Sender;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::store::FILE;
use crate::history::store::History;
use crate::history::store::HistoryError;
use crate::history::store::Limits;
use crate::sandbox;
use crate::sandbox::SpawnError;
use crate::sandbox::faults::Faults;
use crate::sandbox::faults::Rule;
use crate::sandbox::random;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;
use crate::worker::filter;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::plan::journal::Place;

/// A longer answer is shown before it is in the history, in bytes: its words take longer than anybody should wait.
const SHOWN_FIRST: usize = 256 << 10;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What jobs are done with.
pub struct Services {
    config: Config,
    environment: Environment,
    paths: Option<Paths>,
    connection: OnceCell<Connection>,
    history: OnceCell<Option<Arc<History>>>,
    /// What is being written into the history while its answer is shown already; each tells why it did not work.
    writing: tokio::sync::Mutex<JoinSet<Option<String>>>,
    /// What filters are run with.
    program: PathBuf,
    /// What has been told already and need not be told again.
    told: Mutex<Vec<String>>,
}

/// Which exchanges go into the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Every one.
    All,
    /// Only those that did not go well: thousands of the same kind would push out everything else.
    Trouble,
    /// The same, and what went well is not described: see [`Client::send_in_bulk`].
    TroubleInBulk,
    /// The same, and what went well is read in outline: see [`Client::send_outline`].
    TroubleOfOutline,
}

/// A client, and what must live as long as it.
struct Connection {
    client: Client,
    /// The embedded sandbox; dropping it stops it.
    sandbox: Option<sandbox::Handle>,
}

impl Services {
    /// The services for the environment called `environment`, or for the default one. Without `paths` nothing is kept:
    /// no history, and a sandbox in memory. Fails when there is no such environment.
    pub fn new(
        config: &Config,
        environment: Option<&str>,
        paths: Option<Paths>,
    ) -> Result<Self, Failure> {
        let environment = config.environment(environment)?.clone();
        Ok(Self::within(environment, config, paths))
    }

    /// The services for an environment that need not be of the configuration.
    pub fn within(environment: Environment, config: &Config, paths: Option<Paths>) -> Self {
        Self {
            environment,
            config: config.clone(),
            paths,
            connection: OnceCell::new(),
            history: OnceCell::new(),
            writing: tokio::sync::Mutex::default(),
            program: filter::own_program(),
            told: Mutex::new(Vec::new()),
        }
    }

    /// The same, with filters run by the captui in this file: for programs that are not captui themselves.
    #[must_use]
    pub fn with_program(mut self, program: PathBuf) -> Self {
        self.program = program;
        self
    }

    /// The file of this program.
    pub(super) fn own_program(&self) -> PathBuf {
        self.program.clone()
    }

    /// The services for another environment of the same configuration, with the same folders.
    pub(super) fn of(&self, environment: &str) -> Result<Self, Failure> {
        Self::new(&self.config, Some(environment), self.paths.clone())
    }

    /// The environment that calls are sent to.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// All environments, as they are configured.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The folder for what the program remembers; `None` when nothing is kept.
    pub(super) fn state_folder(&self) -> Option<PathBuf> {
        self.paths.as_ref().map(|paths| paths.state.clone())
    }

    /// Where the journals of plans are; `None` when nothing is kept.
    pub(super) fn journals(&self) -> Option<Place> {
        let paths = self.paths.as_ref()?;
        Some(Place {
            folder: paths.plans(),
            environment: self.environment.name.clone(),
            domain: self.whereabouts(),
        })
    }

    /// What the environment's name stands for: the domain.
    pub(super) fn whereabouts(&self) -> String {
        match (&self.environment.target, &self.paths) {
            // It listens at another port every time, and its data stays.
            (Target::Embedded, Some(paths)) => {
                format!("the sandbox in {}", paths.sandbox().display())
            }
            (Target::Embedded, None) => "the sandbox in memory".to_owned(),
            (Target::Remote { domain, .. }, _) => domain.clone(),
        }
    }

    /// Sends one call and keeps the exchange as `keep` says. An error says that nothing was sent.
    pub(super) async fn send(
        &self,
        request: &ApiRequest,
        keep: Keep,
        progress: &impl Fn(Progress),
        cancel: &CancellationToken,
    ) -> Result<Arc<Exchange>, JobError> {
        let writes = request.endpoint.spec().effect != Effect::Read;
        if self.environment.read_only && writes {
            let what = format!("`{}` was not sent", request.endpoint);
            return Err(JobError::Failed(read_only(&what, &self.environment)));
        }
        let connection = self.connection(progress, cancel).await?;
        let leaving = |timing| progress(Progress::Sent(timing));
        let client = &connection.client;
        let mut exchange = match keep {
            Keep::All | Keep::Trouble => client.send(request, leaving, cancel).await,
            Keep::TroubleInBulk => client.send_in_bulk(request, leaving, cancel).await,
            Keep::TroubleOfOutline => client.send_outline(request, leaving, cancel).await,
        };
        if keep != Keep::All && exchange.verdict() == Verdict::Ok {
            return Ok(Arc::new(exchange));
        }
        if !self.config.history.keeps(&self.environment.name) {
            return Ok(Arc::new(exchange));
        }
        let Some(history) = self.history(progress).await else {
            return Ok(Arc::new(exchange));
        };
        if exchange.body().len() > SHOWN_FIRST {
            return Ok(self.keep_meanwhile(history, exchange, progress).await);
        }
        // Lent to the other thread and taken back: a copy of an answer would cost as much as reading it.
        let added;
        (added, exchange) = blocking(move || (history.add(&exchange), exchange)).await;
        match added {
            Ok(id) => exchange.id = Some(id),
            Err(error) => self.tell_once(not_kept(&error), progress),
        }
        Ok(Arc::new(exchange))
    }

    /// Gives the exchange its place in the history now, and writes it there while its long answer is shown.
    async fn keep_meanwhile(
        &self,
        history: Arc<History>,
        mut exchange: Exchange,
        progress: &impl Fn(Progress),
    ) -> Arc<Exchange> {
        let reserving = Arc::clone(&history);
        match blocking(move || reserving.reserve()).await {
            Ok(place) => {
                exchange.id = Some(place);
                let exchange = Arc::new(exchange);
                let kept = Arc::clone(&exchange);
                let write = move || {
                    history
                        .add_at(place, &kept)
                        .err()
                        .map(|error| not_kept(&error))
                };
                self.writing.lock().await.spawn_blocking(write);
                exchange
            }
            Err(error) => {
                self.tell_once(not_kept(&error), progress);
                Arc::new(exchange)
            }
        }
    }

    /// Waits until everything is written that is to be kept. To be called before the program ends.
    pub async fn settle(&self, progress: &impl Fn(Progress)) {
        let mut writing = self.writing.lock().await;
        while let Some(written) = writing.join_next().await {
            // A panic was reported by the panic hook.
            if let Ok(Some(why)) = written {
                self.tell_once(why, progress);
            }
        }
    }

    /// Who sends and where to, with the secret. Nothing is sent.
    pub(super) async fn sender(
        &self,
        progress: &impl Fn(Progress),
        cancel: &CancellationToken,
    ) -> Result<&Sender, JobError> {
        let connection = self.connection(progress, cancel).await?;
        Ok(connection.client.sender())
    }

    /// Lets these things go wrong in the embedded sandbox, under a seed of their own.
    pub(super) async fn set_faults(
        &self,
        rules: Vec<Rule>,
        progress: &impl Fn(Progress),
        cancel: &CancellationToken,
    ) -> Result<Vec<Rule>, JobError> {
        let connection = self.connection(progress, cancel).await?;
        let sandbox = connection.sandbox.as_ref().ok_or_else(|| {
            JobError::Failed(Failure::new(
                FailureKind::Usage,
                format!(
                    "`{}` is not the embedded sandbox: only that one fails on request",
                    self.environment.name
                ),
            ))
        })?;
        let seed = random::seed();
        sandbox.set_faults(Faults { rules, seed });
        Ok(sandbox.faults().rules)
    }

    /// The connection, made by the first who asks.
    async fn connection(
        &self,
        progress: &impl Fn(Progress),
        cancel: &CancellationToken,
    ) -> Result<&Connection, JobError> {
        let connection = self.connection.get_or_try_init(|| self.connect(progress));
        cancel
            .run_until_cancelled(connection)
            .await
            .ok_or(JobError::Cancelled(None))?
            .map_err(JobError::Failed)
    }

    /// The history as far as there is one to read: a file that is not there is not begun for that.
    pub(super) async fn kept_history(&self, progress: &impl Fn(Progress)) -> Option<Arc<History>> {
        self.settle(progress).await;
        let file = self.paths.as_ref()?.state.join(FILE);
        let is_begun = blocking(move || file.exists()).await;
        if is_begun || self.config.history.enabled {
            self.history(progress).await
        } else {
            None
        }
    }

    /// The history, opened by the first who asks; `None` when it cannot be opened.
    async fn history(&self, progress: &impl Fn(Progress)) -> Option<Arc<History>> {
        let open = || async {
            let folder = self.paths.as_ref()?.state.clone();
            let settings = &self.config.history;
            let limits = Limits {
                rows: settings.max_rows,
                age: settings.max_days.map(|days| DAY * days),
                bytes: u64::from(settings.max_megabytes) << 20,
                body: settings.max_body_bytes as usize,
            };
            let opening = move || {
                create_private(&folder).map_err(|source| HistoryError::File {
                    path: folder.clone(),
                    source,
                })?;
                History::open(&folder, limits)
            };
            match blocking(opening).await {
                Ok((history, notice)) => {
                    if let Some(notice) = notice {
                        self.tell_once(notice, progress);
                    }
                    Some(Arc::new(history))
                }
                Err(error) => {
                    self.tell_once(format!("no history is kept: {error}"), progress);
                    None
                }
            }
        };
        self.history.get_or_init(open).await.clone()
    }

    async fn connect(&self, progress: &impl Fn(Progress)) -> Result<Connection, Failure> {
        let name = &self.environment.name;
        match &self.environment.target {
            Target::Embedded => {
                let sandbox = self.start_sandbox(progress).await?;
                let credentials = Credentials::Basic {
                    id: sandbox.client_id.clone(),
                    secret: sandbox.client_secret.clone(),
                };
                let client =
                    Client::new(name, &sandbox.url, Some(credentials), self.config.timeouts)
                        .map_err(|error| client_failure(&error))?;
                Ok(Connection {
                    client,
                    sandbox: Some(sandbox),
                })
            }
            Target::Remote {
                domain,
                credentials,
            } => {
                let credentials = credentials.open().await.map_err(|error| {
                    Failure::new(FailureKind::Usage, error.to_string()).because(format!(
                        "the environment `{name}` needs it; nothing was sent"
                    ))
                })?;
                let (name, domain, timeouts) = (name.clone(), domain.clone(), self.config.timeouts);
                let client =
                    blocking(move || Client::new(name, &domain, Some(credentials), timeouts))
                        .await
                        .map_err(|error| client_failure(&error))?;
                Ok(Connection {
                    client,
                    sandbox: None,
                })
            }
        }
    }

    /// The sandbox on its own data; in memory when that cannot be kept.
    async fn start_sandbox(
        &self,
        progress: &impl Fn(Progress),
    ) -> Result<sandbox::Handle, Failure> {
        let data = self
            .paths
            .as_ref()
            .map_or(StorePath::Memory, |paths| StorePath::Dir(paths.sandbox()));
        match spawn_sandbox(data.clone()).await {
            Err(SpawnError::Store(error @ StoreError::Create { .. })) => {
                self.tell_once(
                    format!("the sandbox keeps nothing: {}", causes(&error)),
                    progress,
                );
                spawn_sandbox(StorePath::Memory).await
            }
            done => done,
        }
        .map_err(|error| match error {
            SpawnError::Store(error) => store_failure(&error, &data),
            error => Failure::new(FailureKind::Internal, causes(&error)),
        })
    }

    fn tell_once(&self, notice: String, progress: &impl Fn(Progress)) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&notice) {
            told.push(notice.clone());
            progress(Progress::Notice(notice));
        }
    }
}

/// Why something is not done in an environment that nothing may be changed in; `what` says what was not.
pub fn read_only(what: &str, environment: &Environment) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!(
            "{what}: the environment `{}` is read-only",
            environment.name
        ),
    )
    .hint("if you mean it: without --read-only, and with read_only = false for this environment in the configuration")
}

async fn spawn_sandbox(data: StorePath) -> Result<sandbox::Handle, SpawnError> {
    let options = sandbox::Options::new(data);
    blocking(move || sandbox::spawn(&options)).await
}

/// What to tell a person when a sandbox's data cannot be opened. A broken database stays where it is: it may hold what
/// somebody still wants to rescue.
pub(crate) fn store_failure(error: &StoreError, data: &StorePath) -> Failure {
    let kind = match error {
        StoreError::Create { .. } => FailureKind::Usage,
        _ => FailureKind::Internal,
    };
    let failure = Failure::new(kind, causes(error));
    match data {
        StorePath::Dir(folder) if error.is_damage() => failure.hint(format!(
            "move {} away, and the next start begins a new sandbox",
            folder.display()
        )),
        StorePath::Dir(_) | StorePath::Memory => failure,
    }
}

/// An error with its causes in one line; a cause that only repeats what it caused is left out.
fn causes(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut text = said.clone();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !words.ends_with(&said) {
            text = format!("{text}: {words}");
            said = words;
        }
        cause = inner.source();
    }
    text
}

/// Does disk or certificate work on another thread: a cancel must be heard meanwhile.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The runtime waits for blocking work, so only a panic ends up here; it goes on in the job's own task.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn client_failure(error: &ClientError) -> Failure {
    let kind = match error {
        ClientError::Domain(_) => FailureKind::Usage,
        ClientError::Tls(_) => FailureKind::Internal,
    };
    Failure::new(kind, error.to_string())
}

fn not_kept(error: &HistoryError) -> String {
    format!("this call is not kept in the history: {error}")
}

//! Presses keys on the model, does the jobs that it asks for, and shows the screen.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::channel;
use std::time::Duration;

use captui::capture::auth::Credentials;
use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::request::ApiRequest;
use captui::capture::request::Call;
use captui::capture::request::HttpParts;
use captui::capture::request::Wire;
use captui::capture::response::Answer;
use captui::capture::schema::EntityType;
use captui::capture::schema::infer::infer;
use captui::capture::schema::infer::reading::Format;
use captui::capture::secret::MASK;
use captui::capture::secret::Secret;
use captui::config::columns::Columns;
use captui::config::environment::Environment;
use captui::curl::export::Shown;
use captui::curl::export::export;
use captui::drafts::desk::Desk;
use captui::drafts::desk::Event as DeskEvent;
use captui::drafts::desk::Pace;
use captui::exchange::Answered;
use captui::exchange::Exchange;
use captui::exchange::ExchangeId;
use captui::exchange::Outcome;
use captui::exchange::Sender;
use captui::exchange::Sent;
use captui::exchange::Verdict;
use captui::exchange::timing::Timing;
use captui::handover::Here;
use captui::handover::Item;
use captui::history::query::Summary;
use captui::history::store::History;
use captui::history::store::Limits;
use captui::history::store::Purged;
use captui::sandbox::pipeline;
use captui::sandbox::store::Store;
use captui::sandbox::store::StorePath;
use captui::tui::effect::Effect;
use captui::tui::feed;
use captui::tui::model::Model;
use captui::tui::msg::Msg;
use captui::tui::overlays::paste;
use captui::tui::panes::history::HistoryPane;
use captui::tui::panes::response::body::Body;
use captui::tui::schema_text;
use captui::tui::theme::Theme;
use captui::tui::update::history;
use captui::tui::update::update;
use captui::tui::view::view;
use captui::tui::viewer::Outside;
use captui::tui::viewer::work;
use captui::tui::viewer::work::Task;
use captui::tui::viewer::work::Work;
use captui::worker::compare;
use captui::worker::handover::Calls as HandedOver;
use captui::worker::handover::HandOver;
use captui::worker::handover::hand_over;
use captui::worker::job::Event;
use captui::worker::job::Job;
use captui::worker::job::JobError;
use captui::worker::job::JobId;
use captui::worker::job::Output;
use captui::worker::plan::Calls;
use captui::worker::plan::StepProgress;
use captui::worker::plan::apply;
use captui::worker::plan::export;
use captui::worker::plan::journal;
use captui::worker::plan::journal::Place;
use captui::worker::plan::rehearse;
use captui::worker::plan::survey;
use crossterm::event::Event as TerminalEvent;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use crossterm::event::MouseButton;
use crossterm::event::MouseEvent;
use crossterm::event::MouseEventKind;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tempfile::TempDir;

/// The explorer on a sandbox in memory.
pub(super) struct Driver {
    pub(super) model: Model,
    store: Store,
    /// The sandboxes of the other environments, by their names.
    others: Vec<(String, Store)>,
    /// The calls made, in their order.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// Bodies to answer the next calls of an operation with, in place of the sandbox's.
    canned: VecDeque<(Endpoint, &'static str)>,
    /// Jobs that are not answered until the test says so.
    pub(super) held: Vec<(JobId, Job)>,
    pub(super) hold: bool,
    /// Answers whose bodies are to be read; the test says when.
    pub(super) unread: Vec<Arc<Exchange>>,
    /// Files that can be read, by their paths.
    pub(super) files: Vec<(String, String)>,
    /// What other programs copied.
    pub(super) clipboard: String,
    /// What was copied.
    pub(super) copied: Vec<String>,
    /// What was said to be copied last.
    pub(super) said_copied: String,
    /// Files that went to the user's editor.
    pub(super) edited: Vec<String>,
    /// Texts that went to the user's pager or editor.
    pub(super) shown: Vec<Outside>,
    /// The filter that was written last and is not run yet.
    filter: Option<Task>,
    pub(super) quit: bool,
    /// The desk that keeps drafts, and what it tells.
    drafts: Option<(Desk, Receiver<DeskEvent>)>,
    now: Timestamp,
    /// The client that the explorer calls as; the sandbox's owner when `None`.
    acting: Option<(String, Secret)>,
    /// What the file of columns would hold.
    pub(super) columns: Columns,
    /// The journals of plans.
    plans: TempDir,
    /// The store that calls are kept in, where a test needs it; else the calls made are listed as they are.
    history: Option<(TempDir, History)>,
}

impl Driver {
    /// The explorer after its start on a screen of this size.
    pub(super) fn new(width: u16, height: u16) -> Self {
        let mut driver = Self::unanswered(width, height);
        driver.answer_all();
        driver
    }

    /// The explorer after its start, with an empty history in a file as the worker has it. The calls of the start are not in
    /// it.
    pub(super) fn with_history(width: u16, height: u16) -> Self {
        let mut driver = Self::new(width, height);
        let folder = tempfile::tempdir().expect("makes a folder");
        let limits = Limits {
            rows: 10_000,
            age: None,
            bytes: 100 << 20,
            body: 1 << 20,
        };
        let (history, _) = History::open(folder.path(), limits).expect("opens");
        driver.history = Some((folder, history));
        driver.exchanges.clear();
        driver.model.history = HistoryPane::default();
        driver.reload_history();
        driver
    }

    /// Lets the explorer look whether there are new calls in the history, as it does after each of its own.
    pub(super) fn reload_history(&mut self) -> &mut Self {
        let mut effects = Vec::new();
        self.model.history.look_for_new();
        history::ask(&mut self.model, &mut effects);
        self.perform(effects);
        self
    }

    fn store_of_history(&self) -> Option<&History> {
        self.history.as_ref().map(|(_, history)| history)
    }

    /// Keeps an exchange that was never made here.
    pub(super) fn keep(&mut self, exchange: &Exchange) -> ExchangeId {
        let history = self.store_of_history().expect("keeps a history");
        history.add(exchange).expect("is kept")
    }

    /// Answers all that was asked for so far, and whatever is from now on.
    pub(super) fn answer_all(&mut self) {
        self.hold = false;
        for (id, job) in std::mem::take(&mut self.held) {
            let result = self.run(job);
            self.send(Msg::Worker(Event::Finished(id, result)));
        }
    }

    /// The explorer as it starts, nothing of what it asks for being answered.
    pub(super) fn unanswered(width: u16, height: u16) -> Self {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("is a time");
        let area = Rect::new(0, 0, width, height);
        let environment = Environment::embedded_sandbox();
        let mut driver = Self {
            model: Model::new(&environment, Theme::sixteen_colours(), area, now),
            store: Store::open(StorePath::Memory)
                .expect("opens")
                .with_bcrypt_cost(4),
            others: Vec::new(),
            exchanges: Vec::new(),
            canned: VecDeque::new(),
            held: Vec::new(),
            hold: true,
            unread: Vec::new(),
            files: Vec::new(),
            clipboard: "a text".to_owned(),
            copied: Vec::new(),
            said_copied: String::new(),
            edited: Vec::new(),
            shown: Vec::new(),
            filter: None,
            quit: false,
            drafts: None,
            now,
            acting: None,
            columns: Columns::new(),
            plans: tempfile::tempdir().expect("makes a folder"),
            history: None,
        };
        let effects = driver.model.start();
        driver.perform(effects);
        driver
    }

    /// The explorer after its start, with drafts kept in this folder. Leaves it to the test when what the desk tells is
    /// heard.
    pub(super) fn with_drafts(width: u16, height: u16, folder: &Path) -> Self {
        let mut driver = Self::new(width, height);
        let (sender, events) = channel();
        let tell = move |event| {
            // The test may have ended.
            let _ = sender.send(event);
        };
        let at_once = Pace {
            pause: Duration::ZERO,
            latest: Duration::ZERO,
        };
        let desk = Desk::open(folder.to_owned(), at_once, tell).expect("a thread can be had");
        driver.drafts = Some((desk, events));
        driver.model.drafts.expect();
        driver
    }

    /// Lets the desk do all it was asked for, and hears what it tells, until nothing more comes of that.
    pub(super) fn settle(&mut self) -> &mut Self {
        loop {
            let Some((desk, events)) = &self.drafts else {
                return self;
            };
            assert!(desk.finisher().finish(), "the disk answers");
            let told: Vec<DeskEvent> = events.try_iter().collect();
            if told.is_empty() {
                return self;
            }
            for event in told {
                self.send(Msg::Drafts(event));
            }
        }
    }

    /// Answers the next call of `endpoint` with this body.
    pub(super) fn answer_with(&mut self, endpoint: Endpoint, body: &'static str) {
        self.canned.push_back((endpoint, body));
    }

    /// Presses keys: names in angle brackets, `<enter>`, `<f5>`, `<c-c>`; anything else is typed.
    pub(super) fn press(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let (key, after) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
                Some((name, after)) => (named(name), after),
                None => (
                    KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE),
                    &rest[first.len_utf8()..],
                ),
            };
            rest = after;
            self.send(Msg::Terminal(TerminalEvent::Key(key)));
        }
        if let Some(task) = self.filter.take() {
            self.work(task);
        }
        self
    }

    /// Brings a file, and lets the program hear of it.
    fn feed(&mut self, task: feed::Task) {
        let mut told = Vec::new();
        feed::carry_out(task, |one| {
            told.push(one);
            true
        });
        for one in told {
            self.send(Msg::Feed(one));
        }
    }

    /// Does a piece of work for a viewer, and lets it hear what came of it.
    fn work(&mut self, task: Task) {
        let mut told = Vec::new();
        let program = Path::new(env!("CARGO_BIN_EXE_captui"));
        work::carry_out(task, program, |one| {
            told.push(one);
            true
        });
        for one in told {
            self.send(Msg::Viewer(one));
        }
    }

    /// The calls made so far.
    pub(super) fn exchanges(&self) -> &[Arc<Exchange>] {
        &self.exchanges
    }

    /// Clicks at a place.
    pub(super) fn click(&mut self, column: u16, row: u16) -> &mut Self {
        self.send(Msg::Terminal(TerminalEvent::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })));
        self
    }

    /// Turns the wheel at a place.
    pub(super) fn wheel(&mut self, column: u16, row: u16, down: bool) -> &mut Self {
        let kind = if down {
            MouseEventKind::ScrollDown
        } else {
            MouseEventKind::ScrollUp
        };
        self.send(Msg::Terminal(TerminalEvent::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })));
        self
    }

    /// Shows this body, however long, as an answer on the whole screen.
    pub(super) fn view_body(&mut self, body: &'static str) {
        self.answer_with(Endpoint::EntityCreate, body);
        self.press("<enter>Ft<f5>3Z");
        let exchange = self.unread.pop().expect("is to be read");
        let body = Body::read(&exchange);
        self.send(Msg::BodyRead(exchange, body));
    }

    /// Lets a message happen a millisecond later, and does what it asks for.
    pub(super) fn send(&mut self, msg: Msg) {
        self.now += Duration::from_millis(1);
        let effects = update(&mut self.model, msg, self.now);
        self.perform(effects);
    }

    /// Lets time go by.
    pub(super) fn wait(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self.send(Msg::Tick);
        self
    }

    /// Ends a job that was held.
    pub(super) fn finish(&mut self, id: JobId, result: Result<Output, JobError>) {
        self.held.retain(|(held, _)| *held != id);
        self.send(Msg::Worker(Event::Finished(id, result)));
    }

    /// What the file at this path holds.
    fn file(&self, path: &str) -> &str {
        let file = self.files.iter().find(|(name, _)| name == path);
        file.map_or(r#"{"givenName":"File"}"#, |(_, text)| text)
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Run(id, job) if self.hold => self.held.push((id, job)),
                Effect::Run(id, job) => {
                    let result = self.run(job);
                    self.send(Msg::Worker(Event::Finished(id, result)));
                }
                Effect::Cancel(id) => {
                    if self.held.iter().any(|(held, _)| *held == id) {
                        self.finish(id, Err(JobError::Cancelled(None)));
                    }
                }
                Effect::ReadBody(exchange, _) => self.unread.push(exchange),
                // A filter is run when nobody types any more.
                Effect::Work(task) if matches!(task.work, Work::Filter(_)) => {
                    self.filter = Some(task);
                }
                Effect::Work(task) => self.work(task),
                Effect::Feed(task) => self.feed(task),
                Effect::Show(text) => self.shown.push(text),
                Effect::ReadClipboard => self.send(Msg::ClipboardRead(Ok(self.clipboard.clone()))),
                Effect::ReadPaste(text) => {
                    let pasted = paste::read(&text);
                    self.send(Msg::PasteRead(text, Box::new(pasted)));
                }
                Effect::ReadSchema(source) => {
                    let text = match source {
                        schema_text::Source::File(path) => self.file(&path).as_bytes().to_vec(),
                        schema_text::Source::Copied => self.clipboard.clone().into_bytes(),
                    };
                    let read = schema_text::read(&text);
                    self.send(Msg::SchemaRead(read.map(Box::new)));
                }
                Effect::Infer(text) => {
                    let inferred = infer(&text, Format::of(&text), self.now);
                    self.send(Msg::Inferred(inferred.map(Box::new)));
                }
                Effect::FindPaths(typed) => {
                    let names = self.files.iter().map(|(path, _)| path.clone());
                    let found = names.filter(|path| path.starts_with(&typed)).collect();
                    self.send(Msg::PathsFound(typed, found));
                }
                Effect::ReadFiles(paths) => {
                    let contents = paths.into_iter().map(|path| {
                        let text = self.file(&path).as_bytes().to_vec();
                        (path, Ok(text))
                    });
                    let contents: Vec<_> = contents.collect();
                    self.send(Msg::FilesRead(contents));
                }
                Effect::Edit(file) => self.edited.push(file.text.reveal().to_owned()),
                Effect::Drafts(command) => {
                    if let Some((desk, _)) = &self.drafts {
                        desk.ask(command);
                    }
                }
                Effect::Copy(copied) => {
                    self.copied.push(copied.text.reveal().to_owned());
                    self.said_copied = copied.what;
                }
                Effect::Quit => self.quit = true,
                Effect::Redraw | Effect::Suspend | Effect::Resume => {}
            }
        }
    }

    /// Does a job as the worker does it.
    pub(super) fn run(&mut self, job: Job) -> Result<Output, JobError> {
        Ok(match job {
            Job::SurveyPlan(work) => {
                let survey = at_once(survey::survey(&work, self.now, self))?;
                Output::Survey(Arc::new(survey))
            }
            Job::DryRun(work) => {
                let rehearsal = at_once(rehearse::rehearse(&work, self.now, self))?;
                Output::Rehearsal(Arc::new(rehearsal))
            }
            Job::ApplyPlan(work) => {
                let place = self.journals();
                Output::Applied(Arc::new(at_once(apply::apply(&work, &place, self))?))
            }
            Job::ResumePlan { id, agreed } => {
                let place = self.journals();
                Output::Applied(Arc::new(at_once(apply::resume(&id, agreed, &place, self))?))
            }
            Job::Filter { input, program } => crate::filter::done(input, program)?,
            Job::ListPlans => Output::Plans(journal::list(&self.journals()).0),
            Job::Export(_) | Job::Dump(_) | Job::Verify(_) => {
                panic!("the explorer runs no job in bulk")
            }
            Job::ForgetPlan(id) => {
                let place = self.journals();
                journal::forget(&place, &id).map_err(JobError::Failed)?;
                Output::Plans(journal::list(&place).0)
            }
            Job::ExportValues {
                type_name,
                paths,
                file,
            } => {
                let records = at_once(export::export(&type_name, &paths, &file, self))?;
                Output::Written {
                    file,
                    records: Some(records),
                }
            }
            Job::HandOver(work) => self.hand_over(&work)?,
            Job::WriteSchema { file, schema, form } => {
                export::write(&file, form.text(&schema)).map_err(JobError::Failed)?;
                Output::Written {
                    file,
                    records: None,
                }
            }
            Job::WriteFile { file, text } => {
                export::write(&file, &text).map_err(JobError::Failed)?;
                Output::Written {
                    file,
                    records: None,
                }
            }
            Job::ListTypes => {
                let exchange = self.call(ApiRequest::new(Endpoint::TypeList));
                let results = result(&exchange).get("results").cloned().expect("is there");
                let names = results.as_array().expect("is a list").iter();
                let names = names.map(|name| name.as_str().expect("is text").to_owned());
                Output::Types {
                    names: names.collect(),
                    exchange,
                }
            }
            // There is but one service here.
            Job::LoadType(name)
            | Job::LoadTypeFrom {
                type_name: name, ..
            } => {
                let request = ApiRequest::new(Endpoint::TypeView).with("type_name", name);
                let exchange = self.call(request);
                let (schema, problems) =
                    EntityType::from_json(&result(&exchange)).expect("is a schema");
                Output::Type {
                    schema: Arc::new(schema),
                    problems,
                    exchange,
                }
            }
            Job::Send(request) => Output::Exchange(self.call(request)),
            Job::SendTo {
                environment,
                request,
            } => Output::Exchange(self.call_in(&environment, request)),
            Job::SendAll(requests) => {
                let mut made: Vec<Arc<Exchange>> = Vec::new();
                for request in requests {
                    made.push(self.call(request));
                    if made.last().map(|last| last.verdict()) != Some(Verdict::Ok) {
                        break;
                    }
                }
                Output::Exchanges(made)
            }
            Job::History { query, page } => Output::History(match self.store_of_history() {
                Some(history) => history.list(&query, page).expect("can be read"),
                None => self.history(),
            }),
            Job::CountHistory(query) => Output::Count(match self.store_of_history() {
                Some(history) => history.count(&query).expect("can be read"),
                None => self.exchanges.len() as u64,
            }),
            Job::PurgeHistory(query) if self.history.is_some() => {
                let history = self.store_of_history().expect("was looked at");
                Output::Purged(history.purge(&query).expect("can be written"))
            }
            Job::Compare(work) => {
                let history = self.store_of_history();
                let compared = compare::find_and_compare(&work, history);
                Output::Compared(Arc::new(compared.map_err(JobError::Failed)?))
            }
            Job::PurgeHistory(_) => {
                let exchanges = std::mem::take(&mut self.exchanges).len() as u64;
                Output::Purged(Purged {
                    exchanges,
                    files: 0,
                    before: 0,
                    after: 0,
                })
            }
            Job::RecordTimeline { key, keys } if self.history.is_some() => {
                let history = self.store_of_history().expect("was looked at");
                let timeline = history.timeline(&key, &keys).expect("can be read");
                Output::Timeline(Arc::new(timeline))
            }
            Job::RecordTimeline { key, keys } => {
                // As they are kept: without secrets.
                let folder = tempfile::tempdir().expect("makes a folder");
                let limits = Limits {
                    rows: u32::MAX,
                    age: None,
                    bytes: 1 << 30,
                    body: 1 << 20,
                };
                let (history, _) = History::open(folder.path(), limits).expect("opens");
                for exchange in &self.exchanges {
                    history.add(exchange).expect("is kept");
                }
                let timeline = history.timeline(&key, &keys).expect("can be read");
                Output::Timeline(Arc::new(timeline))
            }
            Job::OpenExchange(id) if self.history.is_some() => {
                let history = self.store_of_history().expect("was looked at");
                let kept = history.get(id).expect("can be read");
                Output::Exchange(Arc::new(kept.expect("is kept")))
            }
            Job::OpenExchange(id) => {
                let found = self
                    .exchanges
                    .iter()
                    .find(|exchange| exchange.id == Some(id));
                Output::Exchange(Arc::clone(found.expect("was made")))
            }
            Job::SetFaults(rules) => Output::Faults(rules),
            Job::ReadColumns => Output::Columns(self.columns.clone()),
            Job::KeepColumns { type_name, columns } => {
                self.columns.insert(type_name, columns);
                Output::Columns(self.columns.clone())
            }
            Job::ExportWire { .. } => unreachable!("the explorer draws what is sent by itself"),
            Job::PrepareLoad(_)
            | Job::WriteVerdicts(_)
            | Job::Load(_)
            | Job::PlanRollback(_)
            | Job::RollBack(_) => unreachable!("the explorer loads no files"),
            Job::ExportCurl { requests, secrets } => {
                let credentials = Credentials::Basic {
                    id: "the-client".to_owned(),
                    secret: Secret::new("the-secret"),
                };
                let shown = if secrets {
                    Shown::Secrets(&credentials, self.now)
                } else {
                    Shown::Redacted(&credentials)
                };
                let commands = requests
                    .iter()
                    .map(|request| export(request, "http://127.0.0.1:8080", shown));
                Output::Curl(Secret::new(commands.collect::<Vec<_>>().join("\n\n")))
            }
            Job::DescribeSender => Output::Sender(Arc::new(Sender {
                domain: "http://127.0.0.1:8080".to_owned(),
                headers: vec![("Host".to_owned(), "127.0.0.1:8080".to_owned())],
                credentials: Some(Credentials::Signed {
                    id: match &self.acting {
                        Some((id, _)) => id.clone(),
                        None => "the-client".to_owned(),
                    },
                    secret: Secret::new(MASK),
                }),
            })),
        })
    }

    /// As the worker does it, for somebody in a zone two hours ahead.
    fn hand_over(&self, work: &HandOver) -> Result<Output, JobError> {
        let exchanges = match &work.calls {
            HandedOver::Shown(exchange) => vec![Arc::clone(exchange)],
            HandedOver::Kept(ids) => {
                let made = |id: &ExchangeId| {
                    let mut all = self.exchanges.iter();
                    Arc::clone(all.find(|made| made.id == Some(*id)).expect("was made"))
                };
                ids.iter().map(made).collect()
            }
        };
        let items = exchanges.into_iter().map(|exchange| Item {
            schema: work
                .schemas
                .iter()
                .find(|schema| Some(schema.name.as_str()) == exchange.request.args.get("type_name"))
                .map(Arc::clone),
            exchange,
            class: Some("sandbox".to_owned()),
            client: Some("owner".to_owned()),
            about: work.about.clone(),
        });
        let here = Here {
            now: self.now,
            zone: TimeZone::fixed(jiff::tz::offset(2)),
        };
        hand_over(work, &items.collect::<Vec<_>>(), &here).map_err(JobError::Failed)
    }

    /// Where the journals of plans are: in a folder that goes with the driver.
    pub(super) fn journals(&self) -> Place {
        Place {
            folder: self.plans.path().to_owned(),
            environment: "sandbox".to_owned(),
            domain: "http://127.0.0.1:40000".to_owned(),
        }
    }

    fn history(&self) -> Vec<Summary> {
        let summary = |exchange: &Arc<Exchange>| Summary {
            id: exchange.id.expect("is kept"),
            started: exchange.started,
            environment: exchange.environment.clone(),
            endpoint: exchange.request.endpoint,
            type_name: exchange.request.args.get("type_name").map(str::to_owned),
            subject: String::new(),
            verdict: exchange.verdict(),
            code: match exchange.answer() {
                Some(Answer::Error(error)) => Some(error.code),
                _ => None,
            },
            request_id: match exchange.answer() {
                Some(Answer::Error(error)) => error.request_id.clone(),
                _ => None,
            },
            elapsed: exchange.elapsed,
        };
        self.exchanges.iter().rev().map(summary).collect()
    }

    /// Makes a call through the bytes of HTTP, without a socket.
    pub(super) fn call(&mut self, request: ApiRequest) -> Arc<Exchange> {
        let owner = || self.store.owner().expect("is seeded");
        let (id, secret) = self.acting.clone().unwrap_or_else(owner);
        let credentials = Credentials::Basic { id, secret };
        let wire = Wire::new(&request, Some(&credentials), self.now);
        let header = |name| wire.header(name);
        let parts = HttpParts {
            method: wire.method,
            path: &wire.path,
            query: "",
            content_type: header("Content-Type"),
            authorization: header("Authorization"),
            date: header("Date"),
            body: wire.body.as_bytes(),
        };
        let call = Call::read(&parts).expect("is a call");
        let reply = pipeline::answer(&self.store, &call, Ipv4Addr::LOCALHOST.into(), self.now);
        let next = self.canned.front().copied();
        let body = match next {
            Some((endpoint, body)) if endpoint == request.endpoint => {
                self.canned.pop_front();
                body.to_owned()
            }
            _ => reply.body.to_string(),
        };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let redacted = wire.redacted();
        let mut exchange = Exchange {
            id: Some(ExchangeId(self.exchanges.len() as i64 + 1)),
            environment: "sandbox".to_owned(),
            request,
            sent: Sent {
                method: redacted.method.to_owned(),
                url: format!("http://127.0.0.1:40000{}", redacted.path),
                headers: redacted.headers,
                body: redacted.body,
            },
            started: self.now,
            elapsed: Duration::from_millis(41),
            timing: Timing::default(),
            outcome: Outcome::Answered(Answered::read(reply.status, headers, body.into_bytes())),
        };
        if let Some(history) = self.store_of_history() {
            exchange.id = Some(history.add(&exchange).expect("is kept"));
        }
        let exchange = Arc::new(exchange);
        self.exchanges.push(Arc::clone(&exchange));
        exchange
    }

    /// Makes a call to another environment: a sandbox that is begun with the first one.
    pub(super) fn call_in(&mut self, environment: &str, request: ApiRequest) -> Arc<Exchange> {
        let known = self.others.iter().position(|(name, _)| name == environment);
        let at = known.unwrap_or_else(|| {
            let store = Store::open(StorePath::Memory).expect("opens");
            let store = store.with_bcrypt_cost(4);
            self.others.push((environment.to_owned(), store));
            self.others.len() - 1
        });
        std::mem::swap(&mut self.store, &mut self.others[at].1);
        let exchange = self.call(request);
        std::mem::swap(&mut self.store, &mut self.others[at].1);
        let exchange = Arc::new(Exchange {
            environment: environment.to_owned(),
            ..(*exchange).clone()
        });
        if let Some(last) = self.exchanges.last_mut() {
            *last = Arc::clone(&exchange);
        }
        exchange
    }

    /// Pastes a text.
    pub(super) fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Msg::Terminal(TerminalEvent::Paste(text.to_owned())));
        self
    }

    /// Types a text letter by letter, whatever it holds.
    pub(super) fn write(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
            self.send(Msg::Terminal(TerminalEvent::Key(key)));
        }
        self
    }

    /// The last call that was made.
    pub(super) fn last_exchange(&self) -> Arc<Exchange> {
        Arc::clone(self.exchanges.last().expect("a call was made"))
    }

    /// The calls made so far.
    pub(super) fn requests(&self) -> impl Iterator<Item = &ApiRequest> {
        self.exchanges.iter().map(|exchange| &exchange.request)
    }

    /// Creates a record without the explorer, and gives its id.
    pub(super) fn create(&mut self, type_name: &str, attributes: &str) -> i64 {
        let request = ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", type_name)
            .with("attributes", attributes);
        let answer = self.aside(request);
        answer.get("id").and_then(Json::as_i64).expect("is created")
    }

    /// Changes the last record of a type as somebody else would.
    pub(super) fn change_behind(&mut self, type_name: &str, attributes: &str) {
        let uuid = self.stored(type_name).get("uuid").cloned();
        let uuid = uuid.as_ref().and_then(Json::as_str).expect("has one");
        let request = ApiRequest::new(Endpoint::EntityUpdate)
            .with("type_name", type_name)
            .with("uuid", uuid)
            .with("attributes", attributes);
        self.aside(request);
    }

    /// The last record of a type, as it is stored.
    pub(super) fn stored(&mut self, type_name: &str) -> Json {
        let request = ApiRequest::new(Endpoint::EntityFind)
            .with("type_name", type_name)
            .with("sort_on", r#"["-id"]"#)
            .with("max_results", "1");
        let answer = self.aside(request);
        let results = answer.get("results").and_then(Json::as_array);
        results
            .and_then(<[Json]>::first)
            .cloned()
            .expect("is there")
    }

    /// A call that is none of the explorer's, by the sandbox's owner.
    pub(super) fn aside(&mut self, request: ApiRequest) -> Json {
        let (acting, history) = (self.acting.take(), self.history.take());
        let exchange = self.call(request);
        (self.acting, self.history) = (acting, history);
        self.exchanges.pop();
        result(&exchange)
    }

    /// A call by another client, and what it is answered.
    pub(super) fn aside_as(&mut self, client: &(String, Secret), request: ApiRequest) -> Answer {
        let acting = self.acting.replace(client.clone());
        let exchange = self.call(request);
        self.acting = acting;
        self.exchanges.pop();
        exchange.answer().expect("is answered").clone()
    }

    /// A new client with these features, as a JSON array: its id and secret.
    pub(super) fn client(&mut self, description: &str, features: &str) -> (String, Secret) {
        let request = ApiRequest::new(Endpoint::ClientsAdd)
            .with("description", description)
            .with("features", features);
        let answer = self.aside(request);
        let text = |key| answer.get(key).and_then(Json::as_str).expect("is told");
        (
            text("client_id").to_owned(),
            Secret::new(text("client_secret")),
        )
    }

    /// Lets the explorer call as this client from now on.
    pub(super) fn act_as(&mut self, client: &(String, Secret)) {
        self.acting = Some(client.clone());
        self.model.sender = None;
    }

    /// The screen, drawn.
    pub(super) fn buffer(&self) -> Buffer {
        let Rect { width, height, .. } = self.model.area;
        let mut terminal =
            Terminal::new(TestBackend::new(width, height)).expect("nothing can fail");
        terminal
            .draw(|frame| view(&self.model, frame))
            .expect("nothing can fail");
        terminal.backend().buffer().clone()
    }

    /// The screen as text, a line a row.
    pub(super) fn screen(&self) -> String {
        let buffer = self.buffer();
        let rows = (0..buffer.area.height).map(|y| {
            let cells = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol());
            cells.collect::<String>().trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    /// The screen without what is beside a sheet that leaves room there.
    pub(super) fn sheet(&self) -> String {
        let Rect { width, height, .. } = self.model.area;
        let beside = usize::from(width.saturating_sub(120) / 2);
        let above = if beside > 0 { 2 } else { 0 };
        let screen = self.screen();
        let rows = screen.lines().skip(above);
        let rows = rows.take(usize::from(height) - 2 * above);
        let cut = rows.map(|row| row.chars().skip(beside).take(120).collect::<String>());
        cut.collect::<Vec<_>>().join("\n")
    }

    /// Fails with the screen unless `text` is on it.
    pub(super) fn sees(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "no {text:?} on\n{screen}");
        self
    }

    /// Fails with the screen if `text` is on it.
    pub(super) fn sees_no(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} on\n{screen}");
        self
    }
}

impl Calls for Driver {
    async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
        Ok(Driver::call(self, request.clone()))
    }

    fn tell(&mut self, _: StepProgress) {}
}

/// Lets a job that has to wait for nothing but the disk run to its end.
fn at_once<T>(job: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("can be made").block_on(job)
}

fn result(exchange: &Exchange) -> Json {
    match exchange.answer() {
        Some(Answer::Ok(json)) => json.clone(),
        other => panic!("not an answer: {other:?}"),
    }
}

fn named(name: &str) -> KeyEvent {
    let (modifiers, name) = match (name.strip_prefix("c-"), name.strip_prefix("a-")) {
        (Some(name), _) => (KeyModifiers::CONTROL, name),
        (None, Some(name)) => (KeyModifiers::ALT, name),
        (None, None) => (KeyModifiers::NONE, name),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        "backtab" => KeyCode::BackTab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "f1" => KeyCode::F(1),
        "f5" => KeyCode::F(5),
        name => KeyCode::Char(name.chars().next().expect("names a key")),
    };
    KeyEvent::new(code, modifiers)
}

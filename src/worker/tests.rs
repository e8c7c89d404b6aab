use std::time::Duration;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan::Wishes;
use crate::capture::schema::plan::plan;
use crate::client::fake::Fake;
use crate::client::fake::Reply;
use crate::config::Config;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::CredentialSource;
use crate::config::credentials::SecretSource;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::Target;
use crate::config::paths::Paths;
use crate::exchange::Verdict;
use crate::failure::FailureKind;
use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::worker::job::Progress;
use crate::worker::plan::Work;

pub(super) fn services(url: &str, read_only: bool, paths: Option<Paths>) -> Services {
    services_with(&["echo", "secret"], url, read_only, paths)
}

fn services_with(
    secret_command: &[&str],
    url: &str,
    read_only: bool,
    paths: Option<Paths>,
) -> Services {
    let words = secret_command.iter().map(|word| (*word).to_owned());
    let secret = SecretSource::Command(words.collect());
    let config = Config {
        environments: vec![Environment {
            name: "fake".to_owned(),
            class: EnvironmentClass::Dev,
            target: Target::Remote {
                domain: url.to_owned(),
                credentials: CredentialSource {
                    method: AuthMethod::Basic,
                    client_id: "me".to_owned(),
                    secret,
                },
            },
            read_only,
            features: None,
        }],
        ..Config::default()
    };
    Services::new(&config, Some("fake"), paths).expect("the environment exists")
}

fn start(url: &str) -> Worker {
    spawn(services(url, false, None)).expect("a thread")
}

fn create() -> Job {
    Job::Send(ApiRequest::new(Endpoint::EntityCreate).with("attributes", "{}"))
}

fn tell(worker: &Worker, command: Command) {
    worker.commands.send(command).expect("the worker listens");
}

/// The next end of a job, and what was reported before it.
fn next_end(worker: &mut Worker) -> (JobId, Result<Output, JobError>, Vec<Progress>) {
    let mut before = Vec::new();
    loop {
        match worker
            .events
            .blocking_recv()
            .expect("an end is still to come")
        {
            Event::Progress(_, progress) => before.push(progress),
            Event::Finished(id, result) => return (id, result, before),
        }
    }
}

fn wait_until_sent(worker: &mut Worker) {
    while !matches!(
        worker.events.blocking_recv(),
        Some(Event::Progress(_, Progress::Sent(_)))
    ) {}
}

/// Stops the worker and counts the ends it still reports.
fn ends_after_stop(mut worker: Worker) -> Vec<(JobId, Result<Output, JobError>)> {
    tell(&worker, Command::Stop);
    let mut ends = Vec::new();
    while let Some(event) = worker.events.blocking_recv() {
        if let Event::Finished(id, result) = event {
            ends.push((id, result));
        }
    }
    worker.thread.join().expect("the worker ends by itself");
    ends
}

#[test]
fn a_job_ends_once_with_its_answer() {
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","results":["user","b"]}"#));
    let mut worker = start(&fake.url);
    tell(&worker, Command::Run(JobId(7), Job::ListTypes));
    let (id, result, before) = next_end(&mut worker);
    assert_eq!(id, JobId(7));
    assert_eq!(before.first(), Some(&Progress::Started));
    match result {
        Ok(Output::Types { names, exchange }) => {
            assert_eq!(names, ["user", "b"]);
            assert_eq!(exchange.id, None);
        }
        other => panic!("{other:?}"),
    }
    tell(&worker, Command::Cancel(JobId(7)));
    assert!(ends_after_stop(worker).is_empty());
}

#[test]
fn an_answer_that_lacks_what_is_needed_is_an_error_of_the_job() {
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","results":[1]}"#));
    let mut worker = start(&fake.url);
    for job in [Job::ListTypes, Job::LoadType("user".to_owned())] {
        tell(&worker, Command::Run(JobId(1), job));
        assert!(matches!(
            next_end(&mut worker).1,
            Err(JobError::Exchange(_))
        ));
    }
    tell(&worker, Command::Run(JobId(2), create()));
    assert!(matches!(next_end(&mut worker).1, Ok(Output::Exchange(_))));
}

#[test]
fn a_cancelled_write_says_that_it_may_have_happened_and_is_not_repeated() {
    let fake = Fake::start(Reply::Silence);
    let mut worker = start(&fake.url);
    tell(&worker, Command::Run(JobId(1), create()));
    wait_until_sent(&mut worker);
    tell(&worker, Command::Cancel(JobId(1)));
    match next_end(&mut worker) {
        (JobId(1), Err(JobError::Cancelled(Some(exchange))), _) => {
            assert_eq!(exchange.verdict(), Verdict::Unknown);
        }
        other => panic!("{other:?}"),
    }
    assert!(ends_after_stop(worker).is_empty());
    assert!(fake.requests().len() <= 1);
}

#[test]
fn a_stop_ends_what_runs_and_what_waits() {
    let fake = Fake::start(Reply::Silence);
    let mut worker = start(&fake.url);
    let jobs = AT_A_TIME as u64 + 3;
    for id in 0..jobs {
        tell(&worker, Command::Run(JobId(id), create()));
    }
    for _ in 0..AT_A_TIME {
        wait_until_sent(&mut worker);
    }
    let mut ends = ends_after_stop(worker);
    ends.sort_by_key(|(id, _)| *id);
    let ids: Vec<u64> = ends.iter().map(|(id, _)| id.0).collect();
    assert_eq!(ids, (0..jobs).collect::<Vec<_>>());
    let began = ends
        .iter()
        .filter(|(_, end)| matches!(end, Err(JobError::Cancelled(Some(_)))));
    assert_eq!(began.count(), AT_A_TIME);
    let waited = ends
        .iter()
        .filter(|(_, end)| matches!(end, Err(JobError::Cancelled(None))));
    assert_eq!(waited.count(), 3);
}

#[test]
fn dropping_the_commands_stops_too_and_a_job_asked_for_with_the_stop_is_answered() {
    let fake = Fake::start(Reply::Silence);
    let worker = start(&fake.url);
    tell(&worker, Command::Stop);
    let asked = worker
        .commands
        .send(Command::Run(JobId(1), create()))
        .is_ok();
    let Worker {
        commands,
        mut events,
        thread,
    } = worker;
    drop(commands);
    let mut ends = 0;
    while let Some(event) = events.blocking_recv() {
        ends += usize::from(matches!(
            event,
            Event::Finished(JobId(1), Err(JobError::Cancelled(_)))
        ));
    }
    assert_eq!(ends, usize::from(asked));
    thread.join().expect("the worker ends by itself");
}

#[tokio::test]
async fn a_panic_is_the_end_of_its_job_only() {
    let (outbox, mut events) = mpsc::unbounded_channel();
    let mut desk = Desk::new(services("http://127.0.0.1:1", false, None), outbox);
    let task = desk.tasks.spawn(async { panic!("boom {}", 1) });
    desk.under_way
        .insert(task.id(), (JobId(3), CancellationToken::new()));
    let ended = desk.tasks.join_next_with_id().await.expect("one task");
    desk.finish(ended);
    match events.recv().await {
        Some(Event::Finished(JobId(3), Err(JobError::Panicked(message)))) => {
            assert_eq!(message, "boom 1");
        }
        other => panic!("{other:?}"),
    }
    assert!(desk.under_way.is_empty());
}

#[test]
fn a_read_only_environment_sends_no_write() {
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","results":[]}"#));
    let mut worker = spawn(services(&fake.url, true, None)).expect("a thread");
    tell(&worker, Command::Run(JobId(1), create()));
    match next_end(&mut worker).1 {
        Err(JobError::Failed(failure)) => assert_eq!(failure.kind, FailureKind::Usage),
        other => panic!("{other:?}"),
    }
    tell(&worker, Command::Run(JobId(2), Job::ListTypes));
    assert!(next_end(&mut worker).1.is_ok());
    assert_eq!(fake.requests().len(), 1);
}

#[test]
fn calls_are_kept_and_found_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","id":5,"uuid":"needle"}"#));
    let services = services(&fake.url, false, Some(Paths::below(folder.path())));
    let mut worker = spawn(services).expect("a thread");
    tell(&worker, Command::Run(JobId(1), create()));
    let Ok(Output::Exchange(sent)) = next_end(&mut worker).1 else {
        panic!("answered");
    };
    let id = sent.id.expect("kept");
    let query = Query::only(Condition::Phrase("needle".to_owned()));
    let page = Page::newest(10);
    let list = Job::History { query, page };
    tell(&worker, Command::Run(JobId(2), list));
    match next_end(&mut worker).1 {
        Ok(Output::History(rows)) => {
            assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
        }
        other => panic!("{other:?}"),
    }
    tell(&worker, Command::Run(JobId(3), Job::OpenExchange(id)));
    assert!(
        matches!(next_end(&mut worker).1, Ok(Output::Exchange(kept)) if kept.verdict() == Verdict::Ok)
    );
    tell(
        &worker,
        Command::Run(JobId(4), Job::OpenExchange(crate::exchange::ExchangeId(99))),
    );
    assert!(
        matches!(next_end(&mut worker).1, Err(JobError::Failed(failure)) if failure.kind == FailureKind::NotFound)
    );
}

#[test]
fn a_history_that_cannot_be_kept_is_told_once_and_fails_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // A file where the folder should be.
    std::fs::write(folder.path().join("state"), "").expect("writable");
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","results":[]}"#));
    let services = services(&fake.url, false, Some(Paths::below(folder.path())));
    let mut worker = spawn(services).expect("a thread");
    let mut notices = 0;
    for id in 0..3 {
        tell(&worker, Command::Run(JobId(id), Job::ListTypes));
        let (_, result, before) = next_end(&mut worker);
        assert!(result.is_ok());
        notices += before
            .iter()
            .filter(|progress| matches!(progress, Progress::Notice(_)))
            .count();
    }
    assert_eq!(notices, 1);
}

#[test]
fn the_embedded_sandbox_starts_with_the_first_call() {
    let services = Services::new(&Config::default(), None, None).expect("always there");
    let mut worker = spawn(services).expect("a thread");
    tell(
        &worker,
        Command::Run(JobId(1), Job::LoadType("user".to_owned())),
    );
    match next_end(&mut worker).1 {
        Ok(Output::Type {
            schema, problems, ..
        }) => {
            assert_eq!(schema.name, "user");
            assert!(problems.is_empty(), "{problems:?}");
        }
        other => panic!("{other:?}"),
    }
    worker.stop();
}

#[test]
fn the_embedded_sandbox_fails_on_request_and_no_other_does() {
    let rules = vec!["entity.create=reset".parse().expect("is a rule")];
    let services = Services::new(&Config::default(), None, None).expect("always there");
    let mut worker = spawn(services).expect("a thread");
    let mut end = |job| {
        tell(&worker, Command::Run(JobId(1), job));
        next_end(&mut worker).1
    };
    let set = end(Job::SetFaults(rules.clone()));
    assert!(matches!(set, Ok(Output::Faults(now)) if now == rules));
    let Ok(Output::Exchange(cut_off)) = end(create()) else {
        panic!("was sent");
    };
    assert_eq!(cut_off.verdict(), Verdict::Unknown);
    assert!(matches!(end(Job::ListTypes), Ok(Output::Types { .. })));
    let cleared = end(Job::SetFaults(Vec::new()));
    assert!(matches!(cleared, Ok(Output::Faults(now)) if now.is_empty()));
    let Ok(Output::Exchange(answered)) = end(create()) else {
        panic!("was sent");
    };
    assert!(answered.answer().is_some());
    worker.stop();

    let fake = Fake::start(Reply::json(r#"{"stat":"ok"}"#));
    let mut worker = start(&fake.url);
    tell(&worker, Command::Run(JobId(1), Job::SetFaults(rules)));
    match next_end(&mut worker).1 {
        Err(JobError::Failed(failure)) => assert_eq!(failure.kind, FailureKind::Usage),
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_secret_command_that_hangs_can_be_cancelled() {
    let services = services_with(&["sleep", "60"], "http://127.0.0.1:1", false, None);
    let mut worker = spawn(services).expect("a thread");
    let began = std::time::Instant::now();
    tell(&worker, Command::Run(JobId(1), create()));
    tell(&worker, Command::Cancel(JobId(1)));
    assert!(matches!(
        next_end(&mut worker).1,
        Err(JobError::Cancelled(None))
    ));
    // Far from the ten seconds that the command may take, and far above what a busy machine needs.
    assert!(began.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn a_broken_sandbox_is_named_and_stays_where_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths = Paths::below(folder.path());
    let database = paths.sandbox().join("sandbox.db");
    std::fs::create_dir_all(paths.sandbox()).expect("a folder");
    std::fs::write(&database, "not a database ".repeat(500)).expect("writable");
    let services = Services::new(&Config::default(), None, Some(paths.clone()))
        .expect("the sandbox is always there");
    let outcome = run::run(Job::ListTypes, &services, |_| {}, &CancellationToken::new()).await;
    let Err(JobError::Failed(failure)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        failure.message,
        "the sandbox's database failed: file is not a database"
    );
    let place = paths.sandbox().display().to_string();
    assert!(failure.hints[0].contains(&place), "{:?}", failure.hints);
    let kept = std::fs::read_to_string(&database).expect("still there");
    assert!(kept.starts_with("not a database"));
}

#[test]
fn calls_that_belong_together_stop_at_the_first_that_does_not_go_well() {
    let call = ApiRequest::new(Endpoint::EntityUpdate).with("attributes", "{}");
    let job = Job::SendAll(vec![call; 3]);
    for (answer, count) in [
        (r#"{"stat":"ok"}"#, 3),
        (
            r#"{"stat":"error","code":361,"error":"unique_violation"}"#,
            1,
        ),
        ("<html>", 1),
    ] {
        let fake = Fake::start(Reply::json(answer));
        let mut worker = start(&fake.url);
        tell(&worker, Command::Run(JobId(1), job.clone()));
        match next_end(&mut worker).1 {
            Ok(Output::Exchanges(made)) => assert_eq!(made.len(), count, "{answer}"),
            other => panic!("{other:?}"),
        }
        worker.stop();
    }
}

/// Two environments on the one embedded sandbox, as two programs share it.
#[tokio::test]
async fn another_environment_is_asked_while_the_own_one_is_open() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let other = Environment {
        name: "other".to_owned(),
        ..Environment::embedded_sandbox()
    };
    let config = Config {
        environments: vec![Environment::embedded_sandbox(), other],
        ..Config::default()
    };
    let paths = Paths::below(folder.path());
    let services = Services::new(&config, Some("sandbox"), Some(paths)).expect("exists");
    let run = |job| async {
        let cancel = CancellationToken::new();
        run::run(job, &services, |_| {}, &cancel).await
    };
    let create = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "fresh")
        .with("attr_defs", r#"[{"name":"a","type":"string"}]"#);
    run(Job::Send(create)).await.expect("is created");
    for environment in ["other", "sandbox"] {
        let job = Job::LoadTypeFrom {
            environment: environment.to_owned(),
            type_name: "fresh".to_owned(),
        };
        match run(job).await {
            Ok(Output::Type {
                schema, exchange, ..
            }) => {
                assert_eq!(schema.name, "fresh");
                assert_eq!(exchange.environment, environment);
            }
            outcome => panic!("{outcome:?}"),
        }
        let job = Job::SendTo {
            environment: environment.to_owned(),
            request: ApiRequest::new(Endpoint::EntityCount).with("type_name", "fresh"),
        };
        match run(job).await {
            Ok(Output::Exchange(exchange)) => {
                assert_eq!(exchange.environment, environment);
                assert_eq!(exchange.verdict(), Verdict::Ok);
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    let job = Job::LoadTypeFrom {
        environment: "nowhere".to_owned(),
        type_name: "fresh".to_owned(),
    };
    assert!(matches!(run(job).await, Err(JobError::Failed(_))));
}

/// A plan may read and write every record: what went well would push everything else out of the history.
#[tokio::test]
async fn the_records_that_a_plan_goes_through_stay_out_of_the_history() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths = Paths::below(folder.path());
    let services = Services::new(&Config::default(), None, Some(paths)).expect("exists");
    let run = |job| async {
        let cancel = CancellationToken::new();
        run::run(job, &services, |_| {}, &cancel).await
    };
    let Ok(Output::Type { schema, .. }) = run(Job::LoadType("user".to_owned())).await else {
        panic!("the type is there");
    };
    let mut wanted = EntityType::clone(&schema);
    wanted.remove(&AttrPath::root().child("familyName"));
    let plan = plan(Some(&schema), &wanted, &[], &Wishes::default());
    let work = Work {
        plan: Arc::new(plan),
        stored: Some(schema),
        wanted: Arc::new(wanted),
        properties: Vec::new(),
        agreed: None,
    };
    match run(Job::SurveyPlan(Box::new(work))).await {
        Ok(Output::Survey(survey)) => assert!(survey.records > 0),
        other => panic!("{other:?}"),
    }
    let (query, page) = (Query::default(), Page::newest(10));
    match run(Job::History { query, page }).await {
        Ok(Output::History(rows)) => {
            let endpoints: Vec<Endpoint> = rows.iter().map(|row| row.endpoint).collect();
            assert!(endpoints.contains(&Endpoint::TypeView), "{endpoints:?}");
            assert!(!endpoints.contains(&Endpoint::EntityFind), "{endpoints:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_text_is_written_into_a_new_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("design.json");
    let services = services("http://127.0.0.1:1", true, None);
    let run = |text: &str, file: &std::path::Path| {
        let job = Job::WriteFile {
            file: file.to_owned(),
            text: text.to_owned(),
        };
        let services = &services;
        async move { run::run(job, services, |_| {}, &CancellationToken::new()).await }
    };
    match run("[]", &file).await {
        Ok(Output::Written {
            file: written,
            records: None,
        }) => assert_eq!(written, file),
        outcome => panic!("{outcome:?}"),
    }
    for (file, words) in [
        (file.clone(), "exists already"),
        (folder.path().join("no/such/folder"), "could not be written"),
    ] {
        match run("other", &file).await {
            Err(JobError::Failed(failure)) => {
                assert_eq!(failure.kind, FailureKind::Usage);
                assert!(failure.message.contains(words), "{}", failure.message);
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    assert_eq!(std::fs::read_to_string(&file).expect("is there"), "[]");
}

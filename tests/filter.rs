//! jq filters in a process of their own: what they may not do, and that nothing of it reaches the program that asks.

use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use captui::config::Config;
use captui::json::query::evaluate::Cap;
use captui::worker::filter::Filtered;
use captui::worker::filter::Limits;
use captui::worker::filter::Short;
use captui::worker::filter::filter;
use captui::worker::job::Job;
use captui::worker::job::JobError;
use captui::worker::job::Output;
use captui::worker::job::Text;
use captui::worker::run;
use captui::worker::services::Services;
use tokio_util::sync::CancellationToken;

use crate::support::Home;
use crate::support::command;

/// Does the job as the worker does it, with the captui that is tested.
pub(crate) fn done(input: Text, program: String) -> Result<Output, JobError> {
    let services = Services::new(&Config::default(), None, None).expect("always there");
    let services = services.with_program(own());
    let job = Job::Filter { input, program };
    let never = CancellationToken::new();
    wait(run::run(job, &services, |_| (), &never))
}

fn own() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_captui"))
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

fn limits(bytes: usize) -> Limits {
    Limits {
        time: Duration::from_secs(1),
        ..Limits::for_input(bytes)
    }
}

fn filtered_with(program: &str, input: Vec<u8>, limits: Limits) -> Filtered {
    let never = CancellationToken::new();
    let run = filter(own(), program, input.into(), limits, |_| (), &never);
    wait(run).unwrap_or_else(|error| panic!("{program}: {error:?}"))
}

fn filtered(program: &str, input: &str) -> (String, u64, Option<Short>) {
    let found = filtered_with(program, input.as_bytes().to_vec(), limits(input.len()));
    let text = String::from_utf8(found.text.to_vec()).expect("is text");
    (text, found.results, found.short)
}

#[test]
fn results_come_back_as_lines() {
    for (program, input, text, short) in [
        (
            ".results[].id",
            "{\"results\":[{\"id\":1.50},{\"id\":10000000000000000000001}]}",
            "1.50\n10000000000000000000001\n",
            None,
        ),
        ("", "[ 1,2 ]", "[1,2]\n", None),
        (".a", "{\"a\":1} {\"a\":2}", "1\n2\n", None),
        ("empty", "{}", "", None),
        (
            ".[] | .a",
            "[{\"a\":\"é\"},3]",
            "\"é\"\n",
            Some(Short::Failed("cannot index 3 with \"a\"".to_owned())),
        ),
        (
            ".",
            "[",
            "",
            Some(Short::Input(
                "line 1, column 2: value or end of sequence expected".to_owned(),
            )),
        ),
    ] {
        let (found, results, why) = filtered(program, input);
        assert_eq!((found.as_str(), why), (text, short), "{program}");
        assert_eq!(results, text.lines().count() as u64, "{program}");
    }
}

#[test]
fn a_filter_that_is_none_starts_nothing() {
    let never = CancellationToken::new();
    let nowhere = PathBuf::from("/nonexistent/captui");
    let run = filter(
        nowhere,
        ".a |",
        Vec::new().into(),
        limits(0),
        |_| (),
        &never,
    );
    let found = wait(run).expect("nothing was to be started");
    let Some(Short::Syntax(fault)) = found.short else {
        panic!("{found:?}");
    };
    assert_eq!(
        (fault.column, fault.reason.as_str()),
        (5, "a filter belongs here, not the end")
    );
}

#[test]
fn limits_hold() {
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let brief = Limits {
        time: Duration::from_secs(1),
        ..limits(0)
    };
    let small = Limits {
        time: Duration::from_secs(60),
        memory: 1 << 20,
        ..limits(0)
    };
    let time = Short::Time(brief.time);
    let memory = Short::Memory(small.memory);
    for (program, input, limits, short) in [
        ("def f: f; f", "1".to_owned(), brief, time.clone()),
        ("last(range(1; 1e12))", "1".to_owned(), brief, time.clone()),
        ("last(repeat(1))", "1".to_owned(), brief, time),
        (
            "[limit(1e9; repeat(1))]",
            "1".to_owned(),
            small,
            memory.clone(),
        ),
        (
            "reduce range(1e9) as $i (\"x\"; . + .)",
            "1".to_owned(),
            small,
            memory,
        ),
        ("def f: 1 + f; f", "1".to_owned(), small, Short::Recursion),
        (
            "reduce range(1e5) as $i (.; [.]) | tojson",
            "1".to_owned(),
            small,
            Short::Recursion,
        ),
        (
            "fromjson",
            format!("\"{}\"", deep(300_000)),
            small,
            Short::Recursion,
        ),
        (".", deep(10_001), small, Short::Depth(10_000)),
    ] {
        let found = filtered_with(program, input.into_bytes(), limits);
        assert_eq!(found.short, Some(short), "{program}");
    }
}

#[test]
fn results_beyond_the_cap_are_left_out() {
    let cap = Cap {
        bytes: 1000,
        results: 5,
    };
    let limits = Limits { cap, ..limits(0) };
    let found = filtered_with("repeat(1)", b"1".to_vec(), limits);
    assert_eq!(found.text.to_vec(), b"1\n1\n1\n1\n1\n");
    assert_eq!((found.results, found.short), (5, Some(Short::Cut(cap))));
    let found = filtered_with(
        ".[]",
        format!("[1,\"{}\"]", "x".repeat(2000)).into_bytes(),
        limits,
    );
    assert_eq!(found.text.to_vec(), b"1\n");
    assert_eq!(found.short, Some(Short::Cut(cap)));
}

#[test]
fn the_surroundings_are_not_seen() {
    for program in [
        "env",
        "$ENV",
        "input",
        "[inputs]",
        "halt",
        "1 | halt_error",
        "debug",
        "stderr",
        "input_filename",
    ] {
        let (text, _, short) = filtered(program, "1 2");
        assert!(text.is_empty(), "{program}: {text}");
        assert!(
            matches!(short, Some(Short::Syntax(_))),
            "{program}: {short:?}"
        );
    }
}

#[test]
fn a_cancel_ends_the_process_at_once() {
    let cancel = CancellationToken::new();
    let limits = Limits {
        time: Duration::from_secs(600),
        ..limits(0)
    };
    let started = Instant::now();
    let result = wait(async {
        let stop = cancel.clone();
        let told = |_| stop.cancel();
        // It is cancelled as soon as it is heard to run.
        filter(
            own(),
            "repeat(1)",
            b"1".to_vec().into(),
            Limits {
                cap: Cap {
                    bytes: usize::MAX,
                    results: usize::MAX,
                },
                ..limits
            },
            told,
            &cancel,
        )
        .await
    });
    assert!(
        matches!(result, Err(JobError::Cancelled(None))),
        "{result:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn ten_megabytes_are_filtered_as_a_job() {
    let record = "{\"id\":1,\"email\":\"ada@example.com\",\"tags\":[\"a\",\"b\"],\"bio\":\"xxxxxxxxxxxxxxxxxxxx\"}";
    let count = 10_000_000 / record.len();
    let body = format!(
        "{{\"stat\":\"ok\",\"results\":[{}]}}",
        vec![record; count].join(",")
    );
    let input = Text(body.into_bytes().into());
    assert_eq!(
        format!("{input:?}"),
        format!("Text({} bytes)", input.0.len())
    );
    let program = "[.results[] | select(.email | test(\"ada\"))] | length";
    let output = done(input, program.to_owned()).expect("is done");
    let Output::Filtered(found) = output else {
        panic!("{output:?}");
    };
    assert_eq!(found.text.to_vec(), format!("{count}\n").into_bytes());
    assert_eq!(found.short, None);
}

#[test]
fn the_command_is_hidden_and_does_nothing_by_itself() {
    let home = Home::new();
    let help = command::run(&home, &["--help"], "").stdout;
    assert!(!help.contains("__jq"), "{help}");
    let output = command::run(&home, &["__jq"], "{}");
    assert_eq!((output.stdout.as_str(), output.status), ("", Some(7)));
}

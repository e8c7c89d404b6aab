//! `captui schema`: schemas without a screen.

mod access;
mod apply;
mod check;
mod diagram;
mod diff;
mod export;
mod infer;
mod plan;
mod rules;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::run;

/// The real schemas that tests read.
pub(crate) const SAMPLES: [&str; 2] = [
    "schema-user-default-2012.json",
    "schema-test-user1-every-type.json",
];

/// Runs `captui schema …`, which must end with `status`.
pub(crate) fn schema(home: &Home, args: &[&str], status: i32) -> Output {
    schema_with(home, args, "", status)
}

/// As [`schema`], with this standard input.
pub(crate) fn schema_with(home: &Home, args: &[&str], stdin: &str, status: i32) -> Output {
    let output = run(home, &[&["schema"], args].concat(), stdin);
    assert_eq!(
        output.status,
        Some(status),
        "{args:?}: {}{}",
        output.stdout,
        output.stderr
    );
    output
}

/// What a command with `--json` printed.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("{error} in {}", output.stdout))
}

/// The text of a sample.
pub(crate) fn sample(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    fs::read_to_string(file).expect("samples are there")
}

/// Puts a file into the home, where commands find it by this name.
pub(crate) fn put(home: &Home, name: &str, text: &str) {
    fs::write(home.path().join(name), text).expect("a home can be written");
}

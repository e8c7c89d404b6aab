//! The page: what was sent and answered, by operation, argument and error, and which case showed it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use captui::capture::endpoint::ENDPOINTS;
use captui::capture::endpoint::EndpointSpec;
use captui::capture::error::CATALOGUE;
use captui::capture::error::CodeInfo;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::FAMILIES;
use crate::sandbox::conformance::play::Call;
use crate::sandbox::conformance::play::error_fault;

/// The code of an operation that the sandbox does not have.
const NOT_HERE: i64 = 480;

/// A case that ran.
struct Played {
    family: &'static str,
    operation: &'static str,
    chapter: &'static str,
    does: &'static str,
    passed: bool,
}

/// What the cases sent and saw.
#[derive(Default)]
pub(super) struct Coverage {
    cases: Vec<Played>,
    calls: usize,
    /// The operations that did what a case asked for.
    done: BTreeSet<String>,
    /// The same for arguments of them.
    taken: BTreeSet<(String, String)>,
    /// For every operation and argument the cases that sent it and were told something else than "not here".
    arguments: BTreeMap<(String, String), BTreeSet<usize>>,
    /// For every operation and code the cases that saw it.
    codes: BTreeMap<(String, i64), BTreeSet<usize>>,
    /// Error answers that are not as every error answer must be.
    faults: BTreeSet<String>,
}

impl Coverage {
    pub(super) fn add(
        &mut self,
        family: &'static str,
        case: &Case,
        passed: bool,
        calls: Vec<Call>,
    ) {
        let at = self.cases.len();
        self.cases.push(Played {
            family,
            operation: case.operation,
            chapter: case.chapter,
            does: case.does,
            passed,
        });
        for call in calls {
            self.calls += 1;
            if call.code != 0 {
                let seen = self
                    .codes
                    .entry((call.operation.clone(), call.code))
                    .or_default();
                seen.insert(at);
                if let Some(fault) = error_fault(&call.answer) {
                    self.faults
                        .insert(format!("{}: {fault}: {}", call.operation, call.answer));
                }
            }
            if call.code == NOT_HERE {
                continue;
            }
            if call.code == 0 {
                self.done.insert(call.operation.clone());
            }
            for argument in call.arguments {
                let key = (call.operation.clone(), argument);
                if call.code == 0 {
                    self.taken.insert(key.clone());
                }
                self.arguments.entry(key).or_default().insert(at);
            }
        }
    }

    /// Everything that no case shows.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing: Vec<String> = self.faults.iter().cloned().collect();
        for spec in ENDPOINTS {
            let name = spec.endpoint.name();
            if !self.done.contains(name) {
                missing.push(format!("the operation {name}"));
                continue;
            }
            for param in spec.params {
                if !self
                    .arguments
                    .contains_key(&(name.to_owned(), param.name.to_owned()))
                {
                    missing.push(format!("the argument {} of {name}", param.name));
                }
            }
        }
        for info in reachable() {
            if !self.codes.keys().any(|(_, code)| *code == info.code.0) {
                missing.push(format!("the error {}", info.code));
            }
        }
        missing
    }

    pub(super) fn summary(&self) -> String {
        let passed = self.cases.iter().filter(|case| case.passed).count();
        let arguments: usize = ENDPOINTS.iter().map(|spec| spec.params.len()).sum();
        let codes: BTreeSet<i64> = self.codes.keys().map(|(_, code)| *code).collect();
        format!(
            "{passed} of {} cases pass with {} calls; {} operations with {arguments} arguments, {} kinds of error",
            self.cases.len(),
            self.calls,
            ENDPOINTS.len(),
            codes.len()
        )
    }

    fn names(&self, cases: Option<&BTreeSet<usize>>) -> String {
        let names: Vec<String> = cases
            .into_iter()
            .flatten()
            .take(MOST_NAMES)
            .map(|at| format!("{} {}", self.cases[*at].operation, self.cases[*at].does))
            .collect();
        let more = cases.map_or(0, BTreeSet::len).saturating_sub(MOST_NAMES);
        match (names.is_empty(), more) {
            (true, _) => "**none**".to_owned(),
            (_, 0) => names.join("; "),
            _ => format!("{}; and {more} more", names.join("; ")),
        }
    }
}

/// How many cases are named for one thing; `id` and `type_name` are in nearly all.
const MOST_NAMES: usize = 4;

/// The errors that the operations here can raise: all but those of the end users' sign-in.
fn reachable() -> impl Iterator<Item = &'static CodeInfo> {
    CATALOGUE
        .iter()
        .filter(|info| info.families.iter().any(|family| *family != "sign-in"))
}

/// Writes the page beside what the build leaves, and gives its path.
pub(super) fn write(coverage: &Coverage) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("is below the target folder");
    let path = target.join("conformance.md");
    fs::write(&path, render(coverage)).expect("the target folder can be written");
    path
}

fn render(coverage: &Coverage) -> String {
    let mut page = format!(
        "# What the sandbox does, as tested\n\n{}.\n\nMade by the tests; every line is a call that was made.\n",
        coverage.summary()
    );
    write_cases(&mut page, coverage);
    page.push_str("\n## Operations and arguments\n");
    for spec in ENDPOINTS {
        write_operation(&mut page, coverage, spec);
    }
    page.push_str("\n## Errors\n\n| code | word | seen from | in |\n| --- | --- | --- | --- |\n");
    for info in reachable() {
        let seen: Vec<_> = coverage
            .codes
            .iter()
            .filter(|((_, code), _)| *code == info.code.0)
            .collect();
        let operations: Vec<&str> = seen
            .iter()
            .map(|((operation, _), _)| operation.as_str())
            .collect();
        let cases = seen
            .iter()
            .flat_map(|(_, cases)| cases.iter().copied())
            .collect();
        let word = info.name.or(info.own_word).unwrap_or_default();
        let row = format!(
            "| {} | {word} | {} | {} |\n",
            info.code,
            operations.join(", "),
            coverage.names(Some(&cases))
        );
        page.push_str(&row);
    }
    page
}

fn write_cases(page: &mut String, coverage: &Coverage) {
    let mut cases: Vec<&Played> = coverage.cases.iter().collect();
    let place = |family| FAMILIES.iter().position(|(name, _)| *name == family);
    cases.sort_by_key(|case| (place(case.family), case.operation, case.does));
    let mut family = "";
    for case in cases {
        if case.family != family {
            family = case.family;
            let _ = write!(
                page,
                "\n## {family}\n\n| | operation | case | reference |\n| --- | --- | --- | --- |\n"
            );
        }
        let mark = if case.passed { "✓" } else { "✗" };
        let _ = writeln!(
            page,
            "| {mark} | {} | {} | {} |",
            case.operation, case.does, case.chapter
        );
    }
}

fn write_operation(page: &mut String, coverage: &Coverage, spec: &EndpointSpec) {
    let name = spec.endpoint.name();
    let _ = write!(
        page,
        "\n### {name}\n\n{}\n\n| argument or error | shown by |\n| --- | --- |\n",
        spec.summary
    );
    for param in spec.params {
        let key = (name.to_owned(), param.name.to_owned());
        let only_refused = if coverage.taken.contains(&key) {
            ""
        } else {
            " (only with values that are refused)"
        };
        let names = coverage.names(coverage.arguments.get(&key));
        let _ = writeln!(page, "| `{}`{only_refused} | {names} |", param.name);
    }
    for ((operation, code), cases) in &coverage.codes {
        if operation == name {
            let _ = writeln!(page, "| {code} | {} |", coverage.names(Some(cases)));
        }
    }
}

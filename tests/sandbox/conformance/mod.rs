//! What the documentation says, operation by operation, played against the sandbox over HTTP; and a page that shows
//! which case covers which argument and which error.
//!
//! ```text
//!  CASES of every family ─▶ threads ─▶ a fresh sandbox each ─▶ Play: call, ok, refused ─▶ Call…
//!                                                                                          │
//!  target/conformance.md ◀─ page ◀──────────── Coverage: operation × argument × code ◀─────┘
//! ```
//!
//! A case is a function of a few lines that makes calls and says what must come back; it stands in its family's table
//! with the operation it is about and the chapter of the reference it rests on. Every call goes through [`Play`], which
//! notes what was sent and what was answered: the page is made of nothing else.

mod access_schemas;
mod bulk;
mod clients;
mod errors;
mod find;
mod page;
mod passwords;
mod play;
mod records;
mod request_forms;
mod rules;
mod schemas;
mod settings;
mod tokens;
mod versions;
mod writes;

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use crate::sandbox::conformance::page::Coverage;
use crate::sandbox::conformance::play::Play;

/// A documented behaviour.
struct Case {
    /// The operation it is about.
    operation: &'static str,
    /// The chapter of the reference.
    chapter: &'static str,
    /// What the operation does, as the rest of a sentence.
    does: &'static str,
    run: fn(&mut Play),
}

const fn case(
    operation: &'static str,
    chapter: &'static str,
    does: &'static str,
    run: fn(&mut Play),
) -> Case {
    Case {
        operation,
        chapter,
        does,
        run,
    }
}

/// The families, in the order of the page.
const FAMILIES: &[(&str, &[Case])] = &[
    ("Records", records::CASES),
    ("Changing records", writes::CASES),
    ("Finding and filtering", find::CASES),
    ("Many at once", bulk::CASES),
    ("Earlier states", versions::CASES),
    ("Schemas", schemas::CASES),
    ("Rules and properties", rules::CASES),
    ("Access schemas", access_schemas::CASES),
    ("Passwords", passwords::CASES),
    ("API clients", clients::CASES),
    ("Settings", settings::CASES),
    ("Users' tokens", tokens::CASES),
    ("Forms of a request", request_forms::CASES),
    ("Errors", errors::CASES),
];

/// Cases at a time: they mostly wait for their sandbox.
const THREADS: usize = 4;

#[test]
fn the_sandbox_does_what_is_documented() {
    let cases: Vec<(&str, &Case)> = FAMILIES
        .iter()
        .flat_map(|(family, cases)| cases.iter().map(move |case| (*family, case)))
        .collect();
    let next = AtomicUsize::new(0);
    let coverage = Mutex::new(Coverage::default());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((family, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut play = Play::start();
                    let passed = catch_unwind(AssertUnwindSafe(|| (case.run)(&mut play))).is_ok();
                    let calls = play.into_calls();
                    let mut coverage = coverage.lock().expect("nothing panics in here");
                    coverage.add(family, case, passed, calls);
                    if !passed {
                        let name = format!("{} {}", case.operation, case.does);
                        failed.lock().expect("nothing panics in here").push(name);
                    }
                }
            });
        }
    });
    let coverage = coverage.into_inner().expect("nothing panics in here");
    let path = page::write(&coverage);
    println!("{}", path.display());
    println!("{}", coverage.summary());
    let failed = failed.into_inner().expect("nothing panics in here");
    assert!(
        failed.is_empty(),
        "{} cases failed, see above:\n{}",
        failed.len(),
        failed.join("\n")
    );
    let missing = coverage.missing();
    assert!(
        missing.is_empty(),
        "not shown by any case:\n{}",
        missing.join("\n")
    );
}

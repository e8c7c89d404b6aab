//! One judgement for both ends: what `capture::validate` says about a record, the form's user is told, is what the
//! sandbox answers when the record is sent; and what it takes it gives back as `normalise` writes it.
//!
//! Entity types and records are made up, valid and wrong in every way, and sent over HTTP. Some hundred records go
//! through in every run of the tests; `CAPTUI_CASES=20000` asks for that many in each of them.

mod designs;
mod history;
mod model;
mod mutate;
mod plans;
mod schemas;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;

use captui::capture::error::ApiError;
use captui::capture::error::ErrorCode;
use captui::capture::json::Json;
use captui::capture::sample::Fill;
use captui::capture::sample::record;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::schema::attr_defs_to_json;
use captui::capture::validate::Mode;
use captui::capture::validate::normalise;
use captui::capture::validate::validate;
use jiff::Timestamp;
use proptest::collection;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::sample;
use proptest::test_runner::Config;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestRunner;

use crate::sandbox::agreement::mutate::Mutation;
use crate::sandbox::agreement::mutate::mutate;
use crate::sandbox::live::Caller;
use crate::sandbox::live::Live;

/// How many records are sent for one entity type, at most.
const RECORDS: usize = 8;
/// And on average.
const PER_TYPE: u32 = 4;
/// How many records are sent in an ordinary run, about: to be created, and to change others.
const CREATIONS: u32 = 400;
const CHANGES: u32 = 80;

/// A record to send: from which seed, how full, and what is then changed.
type Draft = (u64, Fill, Vec<Mutation>);

fn drafts() -> impl Strategy<Value = (Vec<AttrDef>, Vec<Draft>)> {
    let fill = sample::select(vec![Fill::RequiredOnly, Fill::Typical, Fill::Everything]);
    // Few seeds: the same unique value comes again.
    let draft = (0_u64..40, fill, collection::vec(any::<Mutation>(), 0..4));
    (schemas::attr_defs(), collection::vec(draft, 1..=RECORDS))
}

fn draft_record(schema: &EntityType, (seed, fill, mutations): &Draft) -> Json {
    let mut record = record(schema, *seed, *fill);
    for mutation in mutations {
        mutate(&mut record, schema, *mutation);
    }
    record
}

#[test]
fn what_validate_says_of_a_new_record_is_what_the_sandbox_answers() {
    run(CREATIONS / PER_TYPE, &drafts(), |kind, drafts| {
        for draft in drafts {
            let record = draft_record(&kind.schema, draft);
            kind.new_record(&record)?;
        }
        Ok(())
    });
}

#[test]
fn what_validate_says_of_a_change_is_what_the_sandbox_answers() {
    for (operation, mode) in [
        ("entity.update", Mode::Update),
        ("entity.replace", Mode::Replace),
    ] {
        run(CHANGES / PER_TYPE, &drafts(), |kind, drafts| {
            for (place, draft) in drafts.iter().enumerate() {
                // Something to change: valid whenever the schema allows it.
                let first = record(&kind.schema, draft.0 + 100, Fill::Typical);
                kind.new_record(&first)?;
                let mut patch = draft_record(&kind.schema, draft);
                if let (Mode::Update, Some((_, shown))) = (mode, kind.records.first()) {
                    // Mostly none.
                    let mut which = draft.2.first().map_or(0, |(which, ..)| *which & 0x1111);
                    model::borrow_ids(&mut patch, shown, &kind.schema.attr_defs, &mut which);
                }
                kind.change(operation, mode, place / 2, &patch)?;
            }
            Ok(())
        });
    }
}

/// Runs `case` for so many entity types, each with what `plans` draws for it, against one sandbox. Some values must be
/// refused.
fn run<T: Debug>(
    types: u32,
    plans: &impl Strategy<Value = (Vec<AttrDef>, Vec<T>)>,
    case: impl Fn(&mut Kind, &[T]) -> Result<(), TestCaseError>,
) {
    run_until(types, plans, case, ErrorCode::INVALID_JSON_TYPE);
}

/// The same, where this code must be answered at least once.
fn run_until<T: Debug>(
    types: u32,
    plans: &impl Strategy<Value = (Vec<AttrDef>, Vec<T>)>,
    case: impl Fn(&mut Kind, &[T]) -> Result<(), TestCaseError>,
    refusal: ErrorCode,
) {
    let types = match std::env::var("CAPTUI_CASES") {
        Ok(text) => text.parse::<u32>().expect("CAPTUI_CASES is a number") / PER_TYPE,
        Err(_) => types,
    };
    let config = Config {
        cases: types,
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..Config::default()
    };
    let sandbox = Live::start();
    let talk = RefCell::new(Talk {
        owner: sandbox.owner(),
        types: 0,
        answers: BTreeMap::new(),
    });
    let result = TestRunner::new(config).run(plans, |(attr_defs, plan)| {
        let mut talk = talk.borrow_mut();
        case(&mut Kind::create(&mut talk, attr_defs), &plan)
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    talk.into_inner().report(refusal);
}

/// All calls of one run.
struct Talk {
    owner: Caller,
    types: u64,
    /// How often each code was answered, 0 for success.
    answers: BTreeMap<i64, u64>,
}

impl Talk {
    fn call(&mut self, operation: &str, arguments: &[(&str, &str)]) -> Json {
        let answer = self.owner.call(operation, arguments);
        *self.answers.entry(code(&answer)).or_default() += 1;
        answer
    }

    /// Shows the figures, with `--nocapture`. A run in which nothing is refused, or everything, tells nothing.
    fn report(&self, refusal: ErrorCode) {
        let calls: u64 = self.answers.values().sum();
        println!(
            "{} entity types, {calls} calls, answers by code: {:?}",
            self.types, self.answers
        );
        for code in [0, refusal.0] {
            assert!(
                self.answers.contains_key(&code),
                "never {code}: {:?}",
                self.answers
            );
        }
    }
}

/// The answer's code; 0 for success.
fn code(answer: &Json) -> i64 {
    answer.get("code").and_then(Json::as_i64).unwrap_or(0)
}

/// An entity type in the sandbox, and what its records should be.
struct Kind<'a> {
    talk: &'a mut Talk,
    schema: EntityType,
    /// By id, as the sandbox shows them.
    records: Vec<(i64, Json)>,
}

impl<'a> Kind<'a> {
    /// Creates it under a name of its own and expects the documented echo.
    fn create(talk: &'a mut Talk, attr_defs: Vec<AttrDef>) -> Self {
        talk.types += 1;
        let name = format!("t{}", talk.types);
        let text = attr_defs_to_json(&attr_defs).to_string();
        let arguments = [("type_name", name.as_str()), ("attr_defs", &text)];
        let answer = talk.call("entityType.create", &arguments);
        let schema = EntityType::create(name, attr_defs);
        let expected: Json = [("schema", schema.to_json()), ("stat", "ok".into())]
            .into_iter()
            .collect();
        assert_eq!(answer, expected, "for {text}");
        Self {
            talk,
            schema,
            records: Vec::new(),
        }
    }

    /// Creates a record, or is refused, as `validate` says.
    fn new_record(&mut self, record: &Json) -> Result<(), TestCaseError> {
        let text = record.to_string();
        let arguments = [
            ("type_name", self.schema.name.as_str()),
            ("attributes", &text),
            ("include_record", "true"),
        ];
        let answer = self.talk.call("entity.create", &arguments);
        let expected = self.judge(record, Mode::Create).and_then(|normal| {
            let others = self.records.iter().map(|(_, record)| record);
            self.hold_unique(others.chain([&normal]))?;
            Ok(normal)
        });
        let Some(normal) = self.compare(&answer, expected, &text)? else {
            return Ok(());
        };
        let id = answer.get("id").and_then(Json::as_i64);
        let id = id.ok_or_else(|| TestCaseError::fail(format!("no id in {answer}")))?;
        if let (Some(given), Some(stored)) = (normal.get("created"), answer.get("result")) {
            prop_assert_eq!(stored.get("created"), Some(given), "of {}", text);
        }
        let shown = answer.get("result").cloned().unwrap_or_default();
        self.read_back(id, &shown)?;
        self.records.push((id, shown));
        Ok(())
    }

    /// Updates or replaces the record at `place`, or is refused, as `validate` says.
    fn change(
        &mut self,
        operation: &str,
        mode: Mode,
        place: usize,
        patch: &Json,
    ) -> Result<(), TestCaseError> {
        let Some((id, before)) = self.records.get(place).cloned() else {
            return Ok(());
        };
        let (id_text, text) = (id.to_string(), patch.to_string());
        let arguments = [
            ("type_name", self.schema.name.as_str()),
            ("id", &id_text),
            ("attributes", &text),
            ("include_record", "true"),
        ];
        let answer = self.talk.call(operation, &arguments);
        let expected = self.judge(patch, mode).and_then(|normal| {
            let after = match mode {
                Mode::Update => model::merge(&before, &normal, &self.schema.attr_defs)
                    .map_err(|code| ApiError::new(code, ""))?,
                Mode::Create | Mode::Replace => normal,
            };
            if model::shares_a_local_value(&after, &self.schema.attr_defs) {
                return Err(ApiError::new(ErrorCode::UNIQUE_VIOLATION, ""));
            }
            let others = self.records.iter().filter(|(other, _)| *other != id);
            self.hold_unique(others.map(|(_, record)| record).chain([&after]))?;
            Ok(after)
        });
        let after = match self.compare(&answer, expected, &text)? {
            None => before.clone(),
            Some(_) => answer.get("result").cloned().unwrap_or_default(),
        };
        for kept in ["id", "uuid", "created"] {
            prop_assert_eq!(after.get(kept), before.get(kept));
        }
        self.read_back(id, &after)?;
        self.records[place].1 = after;
        Ok(())
    }

    /// What `validate` and `normalise` say: the record as it is stored, or the first reason why not.
    fn judge(&self, record: &Json, mode: Mode) -> Result<Json, ApiError> {
        // An argument that cannot be a record is refused as an argument, before anybody looks at the schema.
        if mode == Mode::Create && record.as_object().is_none() {
            return Err(ApiError::invalid_argument(
                "attributes",
                "it must be an object",
            ));
        }
        let now = Timestamp::now();
        let found = validate(record, &self.schema, mode, now);
        let normal = normalise(record, &self.schema, mode, now);
        assert_eq!(
            normal.as_ref().err(),
            Some(&found).filter(|found| !found.is_empty())
        );
        normal.map_err(|violations| violations[0].to_api_error())
    }

    /// Code 361 when two of these records share what they may not.
    fn hold_unique<'r>(&self, records: impl Iterator<Item = &'r Json>) -> Result<(), ApiError> {
        if model::shares_a_unique_value(records, &self.schema) {
            return Err(ApiError::new(ErrorCode::UNIQUE_VIOLATION, ""));
        }
        Ok(())
    }

    /// Holds an answer with a `result` against what is expected; the expected record if there is one.
    fn compare(
        &self,
        answer: &Json,
        expected: Result<Json, ApiError>,
        sent: &str,
    ) -> Result<Option<Json>, TestCaseError> {
        let schema = || attr_defs_to_json(&self.schema.attr_defs);
        match expected {
            Err(error) => {
                let field = |name: &str| answer.get(name).and_then(Json::as_str);
                prop_assert_eq!(
                    (code(answer), field("attribute_name")),
                    (error.code.0, error.field("attribute_name")),
                    "{} instead of {}\nto {}\nof {}",
                    answer,
                    error,
                    sent,
                    schema()
                );
                Ok(None)
            }
            Ok(normal) => {
                prop_assert_eq!(code(answer), 0, "{}\nto {}\nof {}", answer, sent, schema());
                let result = answer.get("result").cloned().unwrap_or_default();
                prop_assert_eq!(
                    self.comparable(&result),
                    self.comparable(&normal),
                    "stored of {}\nof {}",
                    sent,
                    schema()
                );
                Ok(Some(normal))
            }
        }
    }

    /// The record's own values, passwords hidden.
    fn comparable(&self, record: &Json) -> Json {
        let own = model::own(record, &self.schema.attr_defs, true);
        model::without_secrets(&own, &self.schema.attr_defs)
    }

    /// Another call shows the record as the last one did.
    fn read_back(&mut self, id: i64, shown: &Json) -> Result<(), TestCaseError> {
        let answer = self.view(id);
        prop_assert_eq!(answer.get("result"), Some(shown));
        Ok(())
    }

    /// What `entity` answers for this record.
    fn view(&mut self, id: i64) -> Json {
        let id = id.to_string();
        let arguments = [("type_name", self.schema.name.as_str()), ("id", &id)];
        self.talk.call("entity", &arguments)
    }
}

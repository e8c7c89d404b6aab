//! A sandbox for the tests of operations: the owner calls, without HTTP and without proving who it is. What is tested
//! with it is what an operation does and answers; the rest of a call's way is tested in `sandbox::tests`.

use jiff::Timestamp;

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::operate;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::StorePath;
use crate::sandbox::store::clients;

/// A call that must be refused: the operation, its arguments, the code, and words that the description has.
pub(crate) type Refusal<'a> = (&'a str, &'a [(&'a str, &'a str)], i64, &'a str);

/// A store in memory, the owner's calls on it, and the time at which they are made.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    owner: Caller,
}

impl Desk {
    /// With the example types and records.
    pub(crate) fn new() -> Self {
        Self::with(FirstContent::Examples)
    }

    /// With the default entity type alone: the first record's id is 1.
    pub(crate) fn bare() -> Self {
        Self::with(FirstContent::Bare)
    }

    fn with(content: FirstContent) -> Self {
        let store = Store::open_with(StorePath::Memory, content)
            .expect("opens")
            .with_bcrypt_cost(4);
        let owner = store.read(clients::owner).expect("has an owner");
        Self {
            store,
            now: "2026-02-28T13:14:15Z".parse().expect("is a time"),
            owner: Caller::Client(owner),
        }
    }

    /// The answer to `operation`, an error's as well.
    pub(crate) fn call(&self, operation: &str, pairs: &[(&str, &str)]) -> Json {
        let spec = ENDPOINTS
            .iter()
            .find(|spec| spec.endpoint.name() == operation)
            .expect("is an operation");
        let mut request = ApiRequest::new(spec.endpoint);
        for (name, value) in pairs {
            request.args.push(*name, *value);
        }
        let context = Context {
            store: &self.store,
            args: &request.args,
            caller: &self.owner,
            now: self.now,
        };
        let checked = request.check(false).map_err(Fault::from);
        let answer = checked.and_then(|()| {
            loop {
                if let Some(answer) = operate(context, spec.endpoint)?.wait()? {
                    return Ok(answer);
                }
            }
        });
        match answer {
            Ok(answer) => answer,
            Err(Fault::Api(error)) => error.to_json(),
            Err(Fault::Store(error)) => panic!("the sandbox itself failed: {error}"),
        }
    }

    /// A call that must succeed.
    pub(crate) fn ok(&self, operation: &str, pairs: &[(&str, &str)]) -> Json {
        let answer = self.call(operation, pairs);
        assert_eq!(
            text(&answer, "stat"),
            "ok",
            "{operation} {pairs:?}: {answer}"
        );
        answer
    }

    /// The code and the words with which a call must be refused.
    pub(crate) fn refused(&self, operation: &str, pairs: &[(&str, &str)]) -> (i64, String) {
        let answer = self.call(operation, pairs);
        let code = answer.get("code").and_then(Json::as_i64);
        let code = code.unwrap_or_else(|| panic!("{operation} {pairs:?}: {answer}"));
        (code, text(&answer, "error_description").to_owned())
    }

    /// The code that a call is answered; `None` for a success.
    pub(crate) fn code(&self, operation: &str, pairs: &[(&str, &str)]) -> Option<i64> {
        let answer = self.call(operation, pairs);
        answer.get("code").and_then(Json::as_i64)
    }

    /// Makes an entity type.
    pub(crate) fn design(&self, name: &str, attr_defs: &str) {
        let pairs = [("type_name", name), ("attr_defs", attr_defs)];
        self.ok("entityType.create", &pairs);
    }

    /// Adds a record and returns its id as text.
    pub(crate) fn create(&self, type_name: &str, attributes: &str) -> String {
        let pairs = [("type_name", type_name), ("attributes", attributes)];
        let answer = self.ok("entity.create", &pairs);
        answer.get("id").expect("a record has an id").to_string()
    }

    /// A record's own attributes.
    pub(crate) fn own(&self, type_name: &str, id: &str) -> Json {
        let answer = self.ok("entity", &[("type_name", type_name), ("id", id)]);
        let mut record = answer.get("result").cloned().expect("there is a result");
        let members = record.as_object_mut().expect("a record is an object");
        for reserved in ["id", "uuid", "created", "lastUpdated"] {
            members.shift_remove(reserved);
        }
        record
    }

    /// Every one of `refusals`, as a call about the type `type_name`.
    pub(crate) fn all_refused(&self, type_name: &str, refusals: &[Refusal<'_>]) {
        for (operation, pairs, code, words) in refusals {
            let pairs = [&[("type_name", type_name)], *pairs].concat();
            let (refused, description) = self.refused(operation, &pairs);
            assert_eq!(refused, *code, "{operation} {pairs:?}: {description}");
            assert!(
                description.contains(words),
                "{operation} {pairs:?}: {description}"
            );
        }
    }
}

pub(crate) fn parse(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

pub(crate) fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}

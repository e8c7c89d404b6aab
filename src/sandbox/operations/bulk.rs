//! `entity.bulkCreate` (reference 2.7): many records in one call, in input order, each refused on its own unless the call
//! says otherwise.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Instant;

use rusqlite::Connection;

use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::sandbox::operations::ATTEMPTS;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::create;
use crate::sandbox::operations::in_time;
use crate::sandbox::operations::json;
use crate::sandbox::operations::keeps_changing;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::seconds;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::records;
use crate::sandbox::store::records::NewRecord;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// What `commit_each` asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commit {
    /// Each record stands or falls alone. `smart` (all at once, one by one when that fails) has the same outcome.
    Each,
    /// One refused record refuses all: the call's answer is that record's error.
    All,
}

/// `entity.bulkCreate`. When the call's time is over before all is written, nothing is (our choice).
pub(crate) fn bulk_create(context: Context<'_>) -> Result<Json, Fault> {
    let commit_each = context.args.get("commit_each");
    let commit = match commit_each.map(str::to_ascii_lowercase).as_deref() {
        None | Some("true" | "smart") => Commit::Each,
        Some("false") => Commit::All,
        Some(_) => {
            let why = "it must be true, false or smart";
            return Err(ApiError::invalid_argument("commit_each", why).into());
        }
    };
    let all = json(context.args, "all_attributes")?;
    let all = all
        .as_ref()
        .and_then(Json::as_array)
        .ok_or_else(|| ApiError::missing_argument("all_attributes"))?;
    let deadline = Instant::now() + seconds(context.args)?;
    for _ in 0..ATTEMPTS {
        let (stored_type, writable) = context.store.read(|transaction| {
            let stored_type = context.find_type(transaction)?;
            let writable = access::writable(transaction, context.caller, &stored_type)?;
            Ok::<_, Fault>((stored_type, writable))
        })?;
        let prepared = all
            .iter()
            .map(|attributes| {
                in_time(deadline)?;
                Ok(create::prepare(
                    attributes,
                    &stored_type,
                    &writable,
                    context.now,
                    context.store.bcrypt_cost,
                ))
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        let adding = Arc::new(Adding {
            stored_type,
            prepared: Mutex::new(prepared),
            commit,
            deadline,
        });
        let together = Arc::clone(&adding);
        let ticket = context
            .store
            .submit(move |transaction| together.together(transaction));
        let outcomes = match ticket.wait() {
            Ok(outcomes) => outcomes,
            Err(Hindered::Fault(fault)) => return Err(fault),
            Err(Hindered::Refused) => context
                .store
                .write(move |transaction| adding.one_by_one(transaction))?,
        };
        if let Some(outcomes) = outcomes {
            return Ok(answer(outcomes));
        }
    }
    Err(keeps_changing().into())
}

/// Records that are checked, on their way to the disk.
struct Adding {
    stored_type: StoredType,
    /// Each, or why it is refused.
    prepared: Mutex<Vec<Result<NewRecord, ApiError>>>,
    commit: Commit,
    deadline: Instant,
}

/// Why records were not added all together.
enum Hindered {
    /// One of them is refused: what becomes of the others is to be found out one by one.
    Refused,
    Fault(Fault),
}

impl From<StoreError> for Hindered {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl Adding {
    /// Adds all records that were not refused already, if no other is: without a savepoint for each, which costs as much as
    /// the work itself. `None` when the entity type has changed since they were checked.
    fn together(&self, transaction: &Connection) -> Result<Option<Vec<Outcome>>, Hindered> {
        if !types::is_current(transaction, &self.stored_type)? {
            return Ok(None);
        }
        let mut prepared = self.prepared();
        if self.commit == Commit::All && prepared.iter().any(Result::is_err) {
            return Err(Hindered::Refused);
        }
        let mut right: Vec<&mut NewRecord> = prepared.iter_mut().flatten().collect();
        let go_on = || in_time(self.deadline).map_err(|error| Hindered::Fault(error.into()));
        let ids = records::add_all(transaction, &self.stored_type, &mut right, go_on)?;
        let mut ids = ids.ok_or(Hindered::Refused)?.into_iter();
        let outcome = |new: &Result<NewRecord, ApiError>| match new {
            Ok(new) => ids.next().map(|id| Ok(Created::new(id, &new.uuid))),
            Err(error) => Some(Err(error.clone())),
        };
        Ok(prepared.iter().map(outcome).collect())
    }

    /// Adds what can be added, each under a savepoint of its own. `None` as above.
    fn one_by_one(&self, transaction: &Connection) -> Result<Option<Vec<Outcome>>, Fault> {
        if !types::is_current(transaction, &self.stored_type)? {
            return Ok(None);
        }
        let mut prepared = self.prepared();
        let mut outcomes = Vec::with_capacity(prepared.len());
        for (place, new) in prepared.drain(..).enumerate() {
            in_time(self.deadline)?;
            let outcome = match new {
                Ok(new) => add_one(transaction, &self.stored_type, new)?,
                Err(error) => Err(error),
            };
            if let (Commit::All, Err(mut error)) = (self.commit, outcome.clone()) {
                error.description = format!("all_attributes[{place}]: {}", error.description);
                return Err(error.into());
            }
            outcomes.push(outcome);
        }
        Ok(Some(outcomes))
    }

    fn prepared(&self) -> MutexGuard<'_, Vec<Result<NewRecord, ApiError>>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a record is called.
#[derive(Clone)]
pub(crate) struct Created {
    id: i64,
    uuid: String,
}

impl Created {
    fn new(id: i64, uuid: &str) -> Self {
        let uuid = uuid.to_owned();
        Self { id, uuid }
    }
}

/// A record, or why it was refused.
type Outcome = Result<Created, ApiError>;

/// Adds a record so that a refused one leaves no trace beside the others of its transaction.
pub(crate) fn add_one(
    transaction: &Connection,
    stored_type: &StoredType,
    mut new: NewRecord,
) -> Result<Outcome, StoreError> {
    let run = |sql| transaction.execute_batch(sql).map_err(StoreError::from);
    run("SAVEPOINT one")?;
    match create::add(transaction, stored_type, &mut new) {
        Ok(id) => {
            run("RELEASE one")?;
            let uuid = new.uuid;
            Ok(Ok(Created { id, uuid }))
        }
        Err(Fault::Api(error)) => {
            run("ROLLBACK TO one; RELEASE one")?;
            Ok(Err(error))
        }
        Err(Fault::Store(error)) => Err(error),
    }
}

/// Two parallel arrays; a refused record's error stands in both.
fn answer(outcomes: Vec<Outcome>) -> Json {
    let (ids, uuids): (Vec<Json>, Vec<Json>) = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Ok(created) => (created.id.into(), created.uuid.into()),
            Err(error) => {
                let error = error.to_json();
                (error.clone(), error)
            }
        })
        .unzip();
    ok([("results", ids.into()), ("uuid_results", uuids.into())])
}

#[cfg(test)]
mod tests {
    use crate::capture::json::Json;
    use crate::sandbox::operations::testing::Desk;

    const ALL: &str =
        r#"[{"mail":"a"},{"mail":"A"},{"nope":1},{"mail":"b","created":"1875-08-02 15:28:31"}]"#;

    fn begin() -> Desk {
        let desk = Desk::bare();
        let mail =
            r#"[{"name":"mail","type":"string","case-sensitive":false,"constraints":["unique"]}]"#;
        desk.design("t", mail);
        desk
    }

    /// The answer's arrays, with the code of each refused record.
    fn outcomes(answer: &Json, key: &str) -> Vec<Result<Json, i64>> {
        let items = answer
            .get(key)
            .and_then(Json::as_array)
            .expect("is an array");
        let outcome = |item: &Json| match item.get("code").and_then(Json::as_i64) {
            Some(code) => Err(code),
            None => Ok(item.clone()),
        };
        items.iter().map(outcome).collect()
    }

    #[test]
    fn each_record_stands_or_falls_alone() {
        for commit in ["", "true", "smart"] {
            let desk = begin();
            let mut pairs = vec![("type_name", "t"), ("all_attributes", ALL)];
            if !commit.is_empty() {
                pairs.push(("commit_each", commit));
            }
            let answer = desk.ok("entity.bulkCreate", &pairs);
            let ids = outcomes(&answer, "results");
            assert_eq!(
                ids,
                [Ok(1.into()), Err(361), Err(223), Ok(2.into())],
                "{commit}"
            );
            let uuids = outcomes(&answer, "uuid_results");
            let codes: Vec<Option<i64>> = uuids.into_iter().map(Result::err).collect();
            assert_eq!(codes, [None, Some(361), Some(223), None]);
            let record = desk.ok("entity", &[("type_name", "t"), ("id", "2")]);
            let created = record
                .get("result")
                .and_then(|record| record.get("created"));
            let expected = "1875-08-02 15:28:31.000000 +0000";
            assert_eq!(created.and_then(Json::as_str), Some(expected));
        }
    }

    #[test]
    fn all_or_none_and_nothing_late() {
        let desk = begin();
        for (extra, code) in [
            (("commit_each", "false"), 361),
            (("commit_each", "perhaps"), 200),
            (("timeout", "0"), 504),
            (("all_attributes", "{}"), 200),
        ] {
            let pairs = [("type_name", "t"), ("all_attributes", ALL), extra];
            assert_eq!(
                desk.code("entity.bulkCreate", &pairs),
                Some(code),
                "{extra:?}"
            );
        }
        let left = desk.ok("entity.count", &[("type_name", "t")]);
        assert_eq!(left.get("total_count").and_then(Json::as_i64), Some(0));
        let fine = r#"[{"mail":"a"},{"mail":"b"}]"#;
        let pairs = [
            ("type_name", "t"),
            ("all_attributes", fine),
            ("commit_each", "false"),
        ];
        desk.ok("entity.bulkCreate", &pairs);
    }
}

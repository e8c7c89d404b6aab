//! Deleting: `entity.delete` of a record or one plural element, `entity.purge` of a whole type, `entity.bulkDelete` of what
//! a filter selects (reference 2.9 and 2.11). What is deleted stays visible to `versions/entity`; what is purged does not.

use std::time::Instant;

use rusqlite::Connection;

use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::sandbox::filter;
use crate::sandbox::filter::Condition;
use crate::sandbox::operations::ATTEMPTS;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::in_time;
use crate::sandbox::operations::keeps_changing;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::path;
use crate::sandbox::operations::seconds;
use crate::sandbox::operations::select;
use crate::sandbox::operations::select::Selection;
use crate::sandbox::operations::unbearable;
use crate::sandbox::operations::written;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::records;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// `entity.delete`.
pub(crate) fn delete(context: Context<'_>) -> Result<Json, Fault> {
    let wanted = path(
        "attribute_name",
        context.args.get("attribute_name").unwrap_or_default(),
    )?;
    for _ in 0..ATTEMPTS {
        let (stored_type, readable, writable) = context.store.read(|transaction| {
            let stored_type = context.find_type(transaction)?;
            let readable = access::readable(transaction, context.caller, &stored_type)?;
            let writable = access::writable(transaction, context.caller, &stored_type)?;
            Ok::<_, Fault>((stored_type, readable, writable))
        })?;
        let (args, caller, now) = (context.args.clone(), context.caller.clone(), context.now);
        let wanted = wanted.clone();
        let done = context.store.write(move |transaction| {
            if !types::is_current(transaction, &stored_type)? {
                return Ok(false);
            }
            let selection = Selection {
                args: &args,
                caller: &caller,
                now,
            };
            let record = select::select(transaction, selection, &stored_type, &readable)?;
            let now = now.as_microsecond();
            if wanted.is_root() {
                records::delete(transaction, &stored_type, &record, now)?;
                return Ok(true);
            }
            let whole = part::whole(&record, &stored_type.schema);
            let element = part::resolve(&whole, &writable, &wanted)?;
            let body = without(&record, &stored_type, &element)?;
            let touch = caller.touches();
            written(records::change(
                transaction,
                &stored_type,
                &record,
                body,
                now,
                touch,
            )?)?;
            Ok::<_, Fault>(true)
        })?;
        if done {
            return Ok(ok([]));
        }
    }
    Err(keeps_changing().into())
}

/// The record's body without the element at a resolved path.
fn without(
    record: &StoredRecord,
    stored_type: &StoredType,
    path: &AttrPath,
) -> Result<Json, ApiError> {
    let mut body = records::shape(&record.body, stored_type.schema.own_attr_defs());
    let is_element = path.0.last().is_some_and(|step| step.element.is_some());
    let id = part::at_mut(&mut body, path)
        .filter(|_| is_element)
        .and_then(|element| element.get("id"))
        .and_then(Json::as_i64)
        .ok_or_else(|| {
            let why = "only a plural element can be deleted, named by its id as in /profiles#123; \
                       entity.replace empties anything else";
            ApiError::invalid_argument("attribute_name", why)
        })?;
    let plural = path.parent().unwrap_or_default();
    if let Some(Json::Array(elements)) = part::at_mut(&mut body, &plural) {
        elements.retain(|one| one.get("id").and_then(Json::as_i64) != Some(id));
    }
    Ok(body)
}

/// `entity.purge`: without `commit=true` nothing happens, and the answer is the same (reference 2.11).
pub(crate) fn purge(context: Context<'_>) -> Result<Json, Fault> {
    let stored_type = context
        .store
        .read(|transaction| context.find_type(transaction))?;
    if flag(context.args, "commit") {
        context.store.write(move |transaction| {
            records::purge(transaction, stored_type.id).map_err(Fault::from)
        })?;
    }
    Ok(ok([]))
}

/// `entity.bulkDelete`. `count` says how many records were deleted, or with a `commit` other than `true` how many would
/// be; the field's name is our choice, since it is not known. When the call's time is over before all are deleted, none is.
pub(crate) fn bulk_delete(context: Context<'_>) -> Result<Json, Fault> {
    let commit = context.args.get("commit").is_none() || flag(context.args, "commit");
    let filter = context.args.get("filter").unwrap_or_default().to_owned();
    if filter.trim().is_empty() {
        let why = "an empty filter would delete everything: entity.purge does that";
        return Err(ApiError::invalid_argument("filter", why).into());
    }
    let deadline = Instant::now() + seconds(context.args)?;
    for _ in 0..ATTEMPTS {
        // Searched by a reader: a filter may take its time, in which nobody could write if the writer searched.
        let search = context.store.read_until(deadline, |transaction| {
            let stored_type = context.find_type(transaction)?;
            let readable = access::readable(transaction, context.caller, &stored_type)?;
            let condition = filter::compile(&filter, &readable, 2, context.now)?;
            let found = records::ids(transaction, stored_type.id, &condition)?;
            Ok::<_, Fault>((stored_type, condition, found))
        });
        let (stored_type, condition, found) = search.map_err(unbearable)?;
        if !commit {
            return Ok(counted(found.len()));
        }
        let now = context.micros();
        let deleted = context.store.write(move |transaction| {
            if !types::is_current(transaction, &stored_type)? {
                return Ok(None);
            }
            let mut deleted = 0;
            for one in found {
                in_time(deadline)?;
                if delete_found(transaction, &stored_type, &condition, one, now)? {
                    deleted += 1;
                }
            }
            Ok::<_, Fault>(Some(deleted))
        })?;
        if let Some(deleted) = deleted {
            return Ok(counted(deleted));
        }
    }
    Err(keeps_changing().into())
}

/// Deletes a record that met the condition when it was as it was `since` then; one that changed meanwhile if it still
/// does. Says whether it is deleted.
fn delete_found(
    transaction: &Connection,
    stored_type: &StoredType,
    condition: &Condition,
    (id, since): (i64, i64),
    now: i64,
) -> Result<bool, StoreError> {
    let Some(record) = records::by_id(transaction, stored_type.id, id)? else {
        return Ok(false);
    };
    let meant =
        record.since == since || records::meets(transaction, stored_type.id, id, condition)?;
    if meant {
        records::delete(transaction, stored_type, &record, now)?;
    }
    Ok(meant)
}

fn counted(count: usize) -> Json {
    ok([("count", i64::try_from(count).unwrap_or(i64::MAX).into())])
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::capture::json::Json;
    use crate::sandbox::filter;
    use crate::sandbox::operations::Fault;
    use crate::sandbox::operations::delete::delete_found;
    use crate::sandbox::operations::testing::Desk;
    use crate::sandbox::store::types;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    const TYPE: &str = r#"[
        {"name":"mail","type":"string","case-sensitive":false,"constraints":["unique"]},
        {"name":"words","type":"plural","attr_defs":[{"name":"word","type":"string"},
            {"name":"parts","type":"plural","attr_defs":[{"name":"part","type":"string"}]}]}]"#;

    fn begin() -> (Desk, String) {
        let desk = Desk::bare();
        desk.design("t", TYPE);
        let id = desk.create(
            "t",
            r#"{"mail":"a","words":[{"word":"x","parts":["p"]},{"word":"y"}]}"#,
        );
        (desk, id)
    }

    fn count(desk: &Desk) -> Option<i64> {
        let answer = desk.ok("entity.count", &[("type_name", "t")]);
        answer.get("total_count").and_then(Json::as_i64)
    }

    #[test]
    fn a_record_or_one_element_goes() {
        let (desk, id) = begin();
        let delete = |path: &str| {
            let pairs = [
                ("type_name", "t"),
                ("id", id.as_str()),
                ("attribute_name", path),
            ];
            desk.code("entity.delete", &pairs)
        };
        for (path, code) in [
            ("mail", 200),
            ("/words", 200),
            ("/words#99", 310),
            ("/nope#2", 223),
            ("/words#2/word", 200),
        ] {
            assert_eq!(delete(path), Some(code), "{path}");
        }
        assert_eq!(delete("/words#2/parts#3"), None);
        assert_eq!(delete("/#4"), None);
        assert_eq!(
            desk.own("t", &id).to_string(),
            r#"{"mail":"a","words":[{"id":2,"parts":[],"word":"x"}]}"#
        );
        assert_eq!(delete(""), None);
        assert_eq!(delete(""), Some(310));
        assert_eq!(count(&desk), Some(0));
        // What was unique is free again.
        desk.create("t", r#"{"mail":"A"}"#);
    }

    #[test]
    fn a_record_that_changed_since_it_was_found_goes_only_if_it_is_still_meant() {
        let (desk, id) = begin();
        let id = id.parse().expect("an id is a number");
        let try_with = |filter: &str| {
            let filter = filter.to_owned();
            let deleted = desk.store.write(move |transaction| {
                let stored_type = types::find(transaction, "t")?.expect("is there");
                let condition = filter::compile(&filter, &stored_type.schema, 2, NOW)?;
                // Nothing has been as it is since 1970.
                let one = (id, 0);
                Ok::<_, Fault>(delete_found(transaction, &stored_type, &condition, one, 0)?)
            });
            deleted.expect("can be tried")
        };
        assert!(!try_with("mail = 'z'"));
        assert_eq!(count(&desk), Some(1));
        assert!(try_with("mail = 'a'"));
        assert!(!try_with("mail = 'a'"));
        assert_eq!(count(&desk), Some(0));
        let (desk, _) = begin();
        assert_eq!(
            desk.code(
                "entity.bulkDelete",
                &[
                    ("type_name", "t"),
                    ("filter", "mail = 'a'"),
                    ("timeout", "0")
                ]
            ),
            Some(504)
        );
        assert_eq!(count(&desk), Some(1));
    }

    #[test]
    fn many_records_go_only_when_it_is_meant() {
        let (desk, _) = begin();
        for mail in ["b", "c", "d"] {
            desk.create("t", &format!(r#"{{"mail":"{mail}"}}"#));
        }
        let bulk = |filter: &str, commit: Option<&str>| {
            let mut pairs = vec![("type_name", "t"), ("filter", filter)];
            pairs.extend(commit.map(|commit| ("commit", commit)));
            let answer = desk.call("entity.bulkDelete", &pairs);
            let number = |key| answer.get(key).and_then(Json::as_i64);
            (number("count"), number("code"))
        };
        assert_eq!(bulk("mail = 'b'", Some("false")), (Some(1), None));
        assert_eq!(count(&desk), Some(4));
        assert_eq!(bulk("mail = 'b' or mail = 'C'", None), (Some(2), None));
        assert_eq!(bulk("mail = 'd'", Some("true")), (Some(1), None));
        assert_eq!(bulk(" ", None), (None, Some(200)));
        assert_eq!(bulk("mail contains 'a'", None), (None, Some(485)));
        assert_eq!(count(&desk), Some(1));
        desk.ok("entity.purge", &[("type_name", "t"), ("commit", "false")]);
        assert_eq!(count(&desk), Some(1));
        desk.ok("entity.purge", &[("type_name", "t"), ("commit", "true")]);
        assert_eq!(count(&desk), Some(0));
    }
}

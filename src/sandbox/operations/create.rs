//! `entity.create` (reference 2.6), also used for the first content of a new database.
//!
//! ```text
//! attributes ─▶ checked and normalised, passwords hashed ─▶ ids, unique values, insert ─▶ commit
//!               in the caller's thread, in parallel         in the writer's transaction, if the schema still holds
//! ```

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::value::date;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::refused;
use crate::sandbox::operations::with;
use crate::sandbox::operations::written;
use crate::sandbox::passwords;
use crate::sandbox::store::records;
use crate::sandbox::store::records::NewRecord;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;
use crate::sandbox::store::writer::Ticket;

/// A record on its way to the disk. `None` when its entity type changed meanwhile, so that all has to begin again.
pub(crate) struct Writing {
    ticket: Ticket<Option<StoredRecord>, Fault>,
    /// The schema in which the record is shown, when it is to be.
    shown: Option<Arc<EntityType>>,
}

/// `entity.create`, up to the point where only the disk is to be waited for.
pub(crate) fn create(context: Context<'_>) -> Result<Writing, Fault> {
    let Context {
        store, args, now, ..
    } = context;
    let attributes =
        json(args, "attributes")?.ok_or_else(|| ApiError::missing_argument("attributes"))?;
    let (stored_type, readable, writable) = store.read(|transaction| {
        let stored_type = context.find_type(transaction)?;
        let readable = access::readable(transaction, context.caller, &stored_type)?;
        let writable = access::writable(transaction, context.caller, &stored_type)?;
        Ok::<_, Fault>((stored_type, readable, writable))
    })?;
    let new = prepare(&attributes, &stored_type, &writable, now, store.bcrypt_cost)?;
    let ticket = store.submit(move |transaction| {
        if types::is_current(transaction, &stored_type)? {
            add(transaction, &stored_type, new.clone()).map(Some)
        } else {
            Ok(None)
        }
    });
    Ok(Writing {
        ticket,
        shown: flag(args, "include_record").then_some(readable),
    })
}

impl Writing {
    /// The answer. Blocks; not for a thread that runs asynchronous tasks.
    pub(crate) fn wait(self) -> Result<Option<Json>, Fault> {
        let record = self.ticket.wait()?;
        Ok(record.map(|record| answer(&record, self.shown.as_deref())))
    }

    /// The answer.
    pub(crate) async fn done(self) -> Result<Option<Json>, Fault> {
        let record = self.ticket.done().await?;
        Ok(record.map(|record| answer(&record, self.shown.as_deref())))
    }
}

fn answer(record: &StoredRecord, shown: Option<&EntityType>) -> Json {
    let answer = ok([
        ("id", record.id.into()),
        ("uuid", record.uuid.as_str().into()),
    ]);
    match shown {
        Some(schema) => with(answer, "result", part::whole(record, schema)),
        None => answer,
    }
}

/// `attributes` as a record to add: transformed by the type's rules, checked, in canonical spelling, passwords hashed. The
/// first violation is answered. `writable` is the type's schema as the caller may write it.
///
/// A `created` among the attributes is honoured (our choice: loaders send it and rely on it); `lastUpdated` is `now`. A
/// `required` attribute that is hidden from the caller is missing (362) all the same (our choice).
pub(crate) fn prepare(
    attributes: &Json,
    stored_type: &StoredType,
    writable: &EntityType,
    now: Timestamp,
    bcrypt_cost: u32,
) -> Result<NewRecord, ApiError> {
    let rules = &stored_type.rules;
    let root = AttrPath::root();
    let mut attributes = Cow::Borrowed(attributes);
    if !rules.is_empty() {
        rules.transform(attributes.to_mut(), &root, writable, true, None, now);
    }
    let mut body =
        validate::normalise(&attributes, writable, Mode::Create, now).map_err(refused)?;
    if *writable != *stored_type.schema {
        let violations = validate::validate(&attributes, &stored_type.schema, Mode::Create, now);
        if !violations.is_empty() {
            return Err(refused(violations));
        }
    }
    rules.check(&body, &root, writable, now, true)?;
    let created = body
        .as_object_mut()
        .and_then(|members| members.shift_remove("created"));
    let created = match created.as_ref().and_then(Json::as_str) {
        None => now,
        // The last hours of the year 9999 are an instant, but none that can be stored.
        Some(created) => date::parse_date_time(created, now).map_err(|reason| {
            let description = format!("/created: {reason}");
            ApiError::new(ErrorCode::INVALID_DATE_TIME, description)
        })?,
    };
    passwords::hash_all(&mut body, &writable.attr_defs, bcrypt_cost)?;
    passwords::keep_history(&mut body, &Json::Null, stored_type);
    Ok(NewRecord {
        uuid: Uuid::new_v4().hyphenated().to_string(),
        created: created.as_microsecond(),
        last_updated: now.as_microsecond(),
        body,
    })
}

/// Adds a prepared record inside the caller's transaction.
pub(crate) fn add(
    transaction: &Connection,
    stored_type: &StoredType,
    new: NewRecord,
) -> Result<StoredRecord, Fault> {
    Ok(written(records::add(transaction, stored_type, new)?)?)
}

#[cfg(test)]
mod tests {
    use crate::sandbox::operations::testing::Desk;

    /// Code 342 for an instant that cannot be stored, rather than another one in its place.
    #[test]
    fn created_is_as_given_or_refused() {
        let desk = Desk::bare();
        desk.design("t", r#"[{"name":"a","type":"string"}]"#);
        for (created, code) in [
            ("0001-01-01 00:00:00 +0000", None),
            ("9999-12-30 00:00:00 +0000", None),
            ("9999-12-31 23:59:59.999999 +0000", Some(342)),
        ] {
            let attributes = format!(r#"{{"created":"{created}"}}"#);
            let pairs = [("type_name", "t"), ("attributes", attributes.as_str())];
            assert_eq!(desk.code("entity.create", &pairs), code, "{created}");
        }
    }
}

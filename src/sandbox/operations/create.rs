//! `entity.create` (reference 2.6), also used for the first content of a new database.
//!
//! ```text
//! attributes ─▶ checked and normalised, passwords hashed ─▶ ids, unique values, insert ─▶ commit
//!               in the caller's thread, in parallel         in the writer's transaction, if the schema still holds
//! ```
//!
//! What it is decided on is read first, or remembered: see `store::basis`.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::value::date;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::duplicate;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::refused;
use crate::sandbox::operations::with;
use crate::sandbox::passwords;
use crate::sandbox::random;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::basis;
use crate::sandbox::store::basis::Basis;
use crate::sandbox::store::basis::Design;
use crate::sandbox::store::basis::Effort;
use crate::sandbox::store::clients;
use crate::sandbox::store::records;
use crate::sandbox::store::records::NewRecord;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;
use crate::sandbox::store::writer::Ticket;

/// A record on its way to the disk. `None` when what was decided on changed meanwhile, so that all has to begin again.
pub(crate) struct Writing {
    ticket: Ticket<Option<Added>, Fault>,
    uuid: String,
    design: Arc<Design>,
}

/// A record that was added.
struct Added {
    id: i64,
    /// The whole of it, when it is to be shown.
    whole: Option<StoredRecord>,
}

/// What must still be so when the record is added.
enum Condition {
    /// The type is the one that was read.
    SameType,
    /// Nothing that decides a create has changed.
    SameRevision(i64),
}

impl Condition {
    fn holds(&self, transaction: &Connection, design: &Design) -> Result<bool, StoreError> {
        match *self {
            Self::SameType => types::is_current(transaction, &design.stored_type),
            Self::SameRevision(revision) => Ok(basis::revision(transaction)? == revision),
        }
    }
}

/// `entity.create`, up to the point where only the disk is to be waited for.
pub(crate) fn create(context: Context<'_>) -> Result<Writing, Fault> {
    let attributes = json(context.args, "attributes")?
        .ok_or_else(|| ApiError::missing_argument("attributes"))?;
    let design = context
        .store
        .read(|transaction| read(transaction, context))?;
    let Context {
        store, args, now, ..
    } = context;
    let condition = Condition::SameType;
    Ok(begin(store, args, now, &attributes, design, condition)?)
}

/// `entity.create` by a client, decided on what is remembered. What is refused so may be right by now: all has to begin
/// again. Neither reads nor waits, and takes next to no time when the call is small.
pub(crate) fn create_on(
    basis: &Basis,
    store: &Store,
    args: &Args,
    attributes: &Json,
    now: Timestamp,
) -> Result<Writing, ApiError> {
    let design = Arc::clone(&basis.design);
    let condition = Condition::SameRevision(basis.revision);
    begin(store, args, now, attributes, design, condition)
}

/// What the call is decided on, from the database. It is remembered for the client's next calls, if they can be quick.
fn read(transaction: &Connection, context: Context<'_>) -> Result<Arc<Design>, Fault> {
    let Context { store, caller, .. } = context;
    if let (Caller::Client(client), Some(name)) = (caller, context.args.get("type_name")) {
        store.bases.forget(&client.id, name);
    }
    let stored_type = context.find_type(transaction)?;
    let design = Arc::new(Design {
        readable: access::readable(transaction, caller, &stored_type)?,
        writable: access::writable(transaction, caller, &stored_type)?,
        stored_type,
    });
    if let Caller::Client(client) = caller
        && let Some(effort) = Effort::of(&design.stored_type)
        && let Some(application) = clients::application(transaction)?
        // Read again: it may have changed since it was let in.
        && let Some((client, old_secret)) = clients::find_with_old_secret(transaction, &client.id)?
    {
        store.bases.keep(Basis {
            revision: basis::revision(transaction)?,
            application,
            client,
            old_secret,
            design: Arc::clone(&design),
            effort,
        });
    }
    Ok(design)
}

fn begin(
    store: &Store,
    args: &Args,
    now: Timestamp,
    attributes: &Json,
    design: Arc<Design>,
    condition: Condition,
) -> Result<Writing, ApiError> {
    let mut new = prepare(
        attributes,
        &design.stored_type,
        &design.writable,
        now,
        store.bcrypt_cost,
    )?;
    let uuid = new.uuid.clone();
    let shown = flag(args, "include_record");
    let of = Arc::clone(&design);
    let ticket = store.submit(move |transaction| {
        if !condition.holds(transaction, &of)? {
            return Ok(None);
        }
        let id = add(transaction, &of.stored_type, &mut new)?;
        let whole = shown.then(|| new.stored(id));
        Ok(Some(Added { id, whole }))
    });
    Ok(Writing {
        ticket,
        uuid,
        design,
    })
}

impl Writing {
    /// The answer. Blocks; not for a thread that runs asynchronous tasks.
    pub(crate) fn wait(self) -> Result<Option<Json>, Fault> {
        let added = self.ticket.wait()?;
        Ok(added.map(|added| answer(added, self.uuid, &self.design.readable)))
    }

    /// The answer.
    pub(crate) async fn done(self) -> Result<Option<Json>, Fault> {
        let added = self.ticket.done().await?;
        Ok(added.map(|added| answer(added, self.uuid, &self.design.readable)))
    }
}

fn answer(added: Added, uuid: String, readable: &EntityType) -> Json {
    let answer = ok([("id", added.id.into()), ("uuid", uuid.into())]);
    match added.whole {
        Some(record) => with(answer, "result", part::whole(&record, readable)),
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
        uuid: random::record_uuid(now).hyphenated().to_string(),
        created: created.as_microsecond(),
        last_updated: now.as_microsecond(),
        body,
    })
}

/// Adds a prepared record inside the caller's transaction, and returns its id.
pub(crate) fn add(
    transaction: &Connection,
    stored_type: &StoredType,
    new: &mut NewRecord,
) -> Result<i64, Fault> {
    Ok(records::add(transaction, stored_type, new)?.ok_or_else(duplicate)?)
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

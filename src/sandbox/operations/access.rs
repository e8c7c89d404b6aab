//! Access schemas (reference 3.3): which attributes of a type a caller may read or write. A hidden attribute is not in the
//! schema that an operation works with, so whatever names it is answered 223, as if there were no such attribute. The
//! operations that set, show and delete an access schema are here too.

use std::sync::Arc;

use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::access::AccessType;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::ATTEMPTS;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::clients::target;
use crate::sandbox::operations::keeps_changing;
use crate::sandbox::operations::named::Named;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::paths;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::access;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// What `entityType.setAccessSchema` tells beside the schema.
const NOTICE: &str =
    "id, uuid, created and lastUpdated are part of every access schema and were added";

/// `entityType.setAccessSchema`. That the notice's key is `notice` is inferred: the documentation speaks of it by that
/// word.
pub(crate) fn set(context: Context<'_>) -> Result<Json, Fault> {
    let access_type = access_type(context.args)?;
    let listed = paths(context.args, "attributes")?
        .ok_or_else(|| ApiError::missing_argument("attributes"))?;
    for _ in 0..ATTEMPTS {
        let (stored_type, client) = subject(context)?;
        check_listed(&listed, &stored_type.schema)?;
        let restricted = restrict(&stored_type.schema, &listed);
        let listed = listed.clone();
        let is_set = context.store.write(move |transaction| {
            // Looked up again: it may have been deleted meanwhile.
            target(transaction, Some(&client), &client)?;
            let current = types::is_current(transaction, &stored_type)?;
            if current {
                access::set(transaction, &client, stored_type.id, access_type, &listed)?;
            }
            Ok::<_, Fault>(current)
        })?;
        if is_set {
            return Ok(ok([
                ("schema", restricted.to_json()),
                ("notice", NOTICE.into()),
            ]));
        }
    }
    Err(keeps_changing().into())
}

/// `entityType.getAccessSchema`. A client without that access schema sees the whole type (our choice): that is what it
/// may do.
pub(crate) fn get(context: Context<'_>) -> Result<Json, Fault> {
    let access_type = access_type(context.args)?;
    let (stored_type, client) = subject(context)?;
    let schema = context
        .store
        .read(|transaction| visible(transaction, &client, &stored_type, access_type))?;
    Ok(ok([("schema", schema.to_json())]))
}

/// `entityType.deleteAccessSchema`. That it is no error when there is none is our choice.
pub(crate) fn delete(context: Context<'_>) -> Result<Json, Fault> {
    let access_type = access_type(context.args)?;
    let (stored_type, client) = subject(context)?;
    context.store.write(move |transaction| {
        access::delete(transaction, &client, stored_type.id, access_type)
    })?;
    Ok(ok([]))
}

/// The type and the id of the client that the call is about.
fn subject(context: Context<'_>) -> Result<(StoredType, String), Fault> {
    let meant = context.args.get("for_client_id");
    context.store.read(|transaction| {
        let stored_type = context.find_type(transaction)?;
        let client = target(transaction, meant, context.caller.client_id())?;
        Ok((stored_type, client.id))
    })
}

fn access_type(args: &Args) -> Result<AccessType, ApiError> {
    const ARGUMENT: &str = "access_type";
    let name = args
        .get(ARGUMENT)
        .ok_or_else(|| ApiError::missing_argument(ARGUMENT))?;
    AccessType::from_name(name).ok_or_else(|| {
        let names = AccessType::ALL.map(AccessType::name).join(", ");
        ApiError::invalid_argument(ARGUMENT, &format!("it must be one of {names}"))
    })
}

/// Code 500 for a reserved attribute, as the documentation warns, and 223 for an unknown one.
fn check_listed(listed: &[AttrPath], schema: &EntityType) -> Result<(), ApiError> {
    for path in listed {
        if let [only] = path.0.as_slice()
            && schema::is_reserved_name(&only.name)
        {
            let description = format!(
                "unexpected internal error: the reserved attribute {} must not be listed, it is in every access schema",
                path.slashed()
            );
            return Err(ApiError::new(ErrorCode::UNEXPECTED_ERROR, description));
        }
        if schema.get(path).is_none() {
            return Err(unknown_attribute(path));
        }
    }
    Ok(())
}

/// The type's schema as the caller may read it.
pub(crate) fn readable(
    transaction: &Connection,
    caller: &Caller,
    stored_type: &StoredType,
) -> Result<Arc<EntityType>, StoreError> {
    visible(
        transaction,
        caller.client_id(),
        stored_type,
        reading(caller),
    )
}

/// Another schema of the type, as it was at some time, as the caller may read it.
pub(crate) fn readable_of(
    transaction: &Connection,
    caller: &Caller,
    type_id: i64,
    schema: EntityType,
) -> Result<EntityType, StoreError> {
    let listed = access::find(transaction, caller.client_id(), type_id, reading(caller))?;
    Ok(match listed {
        None => schema,
        Some(listed) => restrict(&schema, &listed),
    })
}

fn reading(caller: &Caller) -> AccessType {
    match caller {
        Caller::Client(_) => AccessType::Read,
        Caller::User(_) => AccessType::ReadWithToken,
    }
}

/// The type's schema as the caller may write it.
pub(crate) fn writable(
    transaction: &Connection,
    caller: &Caller,
    stored_type: &StoredType,
) -> Result<Arc<EntityType>, StoreError> {
    let access_type = match caller {
        Caller::Client(_) => AccessType::Write,
        Caller::User(_) => AccessType::WriteWithToken,
    };
    visible(transaction, caller.client_id(), stored_type, access_type)
}

/// Without an access schema, everything.
fn visible(
    transaction: &Connection,
    client_id: &str,
    stored_type: &StoredType,
    access_type: AccessType,
) -> Result<Arc<EntityType>, StoreError> {
    let listed = access::find(transaction, client_id, stored_type.id, access_type)?;
    Ok(match listed {
        None => Arc::clone(&stored_type.schema),
        Some(listed) => Arc::new(restrict(&stored_type.schema, &listed)),
    })
}

/// The schema with only the attributes that `listed` names, what lies below them, and the reserved ones.
pub(crate) fn restrict(schema: &EntityType, listed: &[AttrPath]) -> EntityType {
    EntityType {
        name: schema.name.clone(),
        attr_defs: keep(&schema.attr_defs, &Named::new(listed), true),
    }
}

fn keep(defs: &[AttrDef], named: &Named<'_>, top_level: bool) -> Vec<AttrDef> {
    let kept = defs.iter().filter_map(|def| {
        let named = named.member(&def.name);
        if def.is_reserved(top_level) || named.is_some_and(|named| named.whole) {
            return Some(def.clone());
        }
        let named = named?;
        let mut def = def.clone();
        if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
            *inner = keep(inner, named, false);
        }
        Some(def)
    });
    kept.collect()
}

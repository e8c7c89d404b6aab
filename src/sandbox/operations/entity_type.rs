//! Entity types: `entityType`, `entityType.list` and `entityType.create` (reference 3).

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
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::find_type;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::store::Store;
use crate::sandbox::store::types;

/// `entityType`. With `remove_reserved` the answer holds what a caller could send to `entityType.create`: the four
/// reserved attributes are left out, and (our choice) so are the ids of plural elements.
pub(crate) fn view(store: &Store, args: &Args) -> Result<Json, Fault> {
    let stored_type = store.read(|transaction| find_type(transaction, &store.schemas, args))?;
    let schema = if flag(args, "remove_reserved") {
        EntityType {
            name: stored_type.schema.name.clone(),
            attr_defs: without_reserved(&stored_type.schema.attr_defs, true),
        }
        .to_json()
    } else {
        stored_type.schema.to_json()
    };
    Ok(ok([("schema", schema)]))
}

fn without_reserved(attr_defs: &[AttrDef], top_level: bool) -> Vec<AttrDef> {
    let own = attr_defs.iter().filter(|def| !def.is_reserved(top_level));
    own.map(|def| {
        let mut def = def.clone();
        if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
            *inner = without_reserved(inner, false);
        }
        def
    })
    .collect()
}

/// `entityType.list`: names only.
pub(crate) fn list(store: &Store) -> Result<Json, Fault> {
    let names = store.read(types::names)?;
    let names: Vec<Json> = names.into_iter().map(Json::from).collect();
    Ok(ok([("results", names.into())]))
}

/// `entityType.create`.
pub(crate) fn create(store: &Store, args: &Args) -> Result<Json, Fault> {
    let name = args
        .get("type_name")
        .ok_or_else(|| ApiError::missing_argument("type_name"))?;
    let attr_defs =
        json(args, "attr_defs")?.ok_or_else(|| ApiError::missing_argument("attr_defs"))?;
    let schema = design(name, &attr_defs)?;
    let answer = ok([("schema", schema.to_json())]);
    store.write(move |transaction| add(transaction, &schema))?;
    Ok(answer)
}

/// The entity type that `name` and `attr_defs` describe: everything wrong with them in one error.
pub(crate) fn design(name: &str, attr_defs: &Json) -> Result<EntityType, ApiError> {
    if !schema::is_valid_name(name) {
        let why = format!(
            "a name starts with a letter, goes on with letters, digits and _, and has at most {} characters",
            schema::MAX_NAME
        );
        return Err(ApiError::invalid_argument("type_name", &why));
    }
    let (attr_defs, mut problems) = schema::read_attr_defs(attr_defs);
    if let Some(path) = find_reserved(&attr_defs, &AttrPath::root(), true) {
        let path = path.slashed();
        let description = format!("attribute name is reserved: {path}");
        return Err(
            ApiError::new(ErrorCode::RESERVED_ATTRIBUTE, description).with("attribute_name", path)
        );
    }
    problems.extend(schema::check(&attr_defs));
    if !problems.is_empty() {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(ApiError::invalid_argument(
            "attr_defs",
            &problems.join("; "),
        ));
    }
    Ok(EntityType::create(name, attr_defs))
}

/// The first attribute whose name the service keeps for itself: the four at the top, `id` in plurals (reference 4.4).
fn find_reserved(attr_defs: &[AttrDef], path: &AttrPath, top_level: bool) -> Option<AttrPath> {
    attr_defs.iter().find_map(|def| {
        let here = path.child(def.name.clone());
        if top_level && schema::is_reserved_name(&def.name) {
            return Some(here);
        }
        let inner = def.attr_type.attr_defs();
        let element_id = matches!(def.attr_type, AttrType::Plural(_))
            .then(|| inner.iter().find(|def| def.name == "id"))
            .flatten()
            .map(|_| here.child("id"));
        element_id.or_else(|| find_reserved(inner, &here, false))
    })
}

/// Adds a designed type inside the caller's transaction.
pub(crate) fn add(transaction: &Connection, schema: &EntityType) -> Result<(), Fault> {
    if types::add(transaction, schema)? {
        return Ok(());
    }
    let description = format!("entity type already exists: {}", schema.name);
    Err(ApiError::new(ErrorCode::ENTITY_TYPE_EXISTS, description)
        .with("type_name", schema.name.as_str())
        .into())
}

//! Entity types as a whole: `entityType`, `entityType.list`, `entityType.create` and `entityType.delete` (reference 3).
//! What changes a type's attributes is in `attributes`, what looks back in `versions`.

use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::unknown_type;
use crate::sandbox::store::types;

/// `entityType`. With `remove_reserved` the answer holds what a caller could send to `entityType.create`: the four
/// reserved attributes are left out, and (our choice) so are the ids of plural elements.
pub(crate) fn view(context: Context<'_>) -> Result<Json, Fault> {
    let stored_type = context
        .store
        .read(|transaction| context.find_type(transaction))?;
    let schema = if flag(context.args, "remove_reserved") {
        EntityType {
            name: stored_type.schema.name.clone(),
            attr_defs: schema::without_reserved(&stored_type.schema.attr_defs, true),
        }
        .to_json()
    } else {
        stored_type.schema.to_json()
    };
    Ok(ok([("schema", schema)]))
}

/// `entityType.list`: names only.
pub(crate) fn list(context: Context<'_>) -> Result<Json, Fault> {
    let names = context.store.read(types::names)?;
    let names: Vec<Json> = names.into_iter().map(Json::from).collect();
    Ok(ok([("results", names.into())]))
}

/// The argument `type_name`.
pub(crate) fn type_name(context: Context<'_>) -> Result<&str, ApiError> {
    let name = context.args.get("type_name");
    name.ok_or_else(|| ApiError::missing_argument("type_name"))
}

/// `entityType.delete`. Without `commit` everything is checked and nothing deleted, which is answered like success
/// (our choice; an older client's argument `pretend` suggests it). Rules and other properties have to be removed first:
/// how the service says so is not known, code 200 is our choice.
pub(crate) fn delete(context: Context<'_>) -> Result<Json, Fault> {
    let name = type_name(context)?.to_owned();
    let commit = flag(context.args, "commit");
    let now = context.micros();
    context.store.write(move |transaction| {
        let stored_type =
            types::find(transaction, &name)?.ok_or_else(|| unknown_type(&name))?;
        if let count @ 1.. = stored_type.properties.len() {
            let why = format!(
                "it has rules or other properties ({count}): remove them first, with entityType.removeProperty"
            );
            return Err(Fault::Api(ApiError::invalid_argument("type_name", &why)));
        }
        if commit {
            types::delete(transaction, stored_type.id, now)?;
        }
        Ok(())
    })?;
    Ok(ok([]))
}

/// `entityType.create`.
pub(crate) fn create(context: Context<'_>) -> Result<Json, Fault> {
    let name = type_name(context)?;
    let attr_defs =
        json(context.args, "attr_defs")?.ok_or_else(|| ApiError::missing_argument("attr_defs"))?;
    let schema = design(name, &attr_defs)?;
    let answer = ok([("schema", schema.to_json())]);
    let now = context.micros();
    context
        .store
        .write(move |transaction| add(transaction, &schema, now))?;
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
    let attr_defs = read_attr_defs("attr_defs", attr_defs)?;
    Ok(EntityType::create(name, attr_defs))
}

/// The attribute definitions of a caller, which came in argument `name`: everything wrong with them in one error.
pub(crate) fn read_attr_defs(name: &str, attr_defs: &Json) -> Result<Vec<AttrDef>, ApiError> {
    let (attr_defs, mut problems) = schema::read_attr_defs(attr_defs);
    if let Some(path) = find_reserved(&attr_defs, &AttrPath::root(), true) {
        return Err(reserved(&path));
    }
    problems.extend(schema::check(&attr_defs));
    if problems.is_empty() {
        Ok(attr_defs)
    } else {
        Err(broken_design(name, &problems))
    }
}

/// Code 200 with everything that is wrong with the definitions in argument `name`.
pub(crate) fn broken_design(name: &str, problems: &[SchemaProblem]) -> ApiError {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    ApiError::invalid_argument(name, &problems.join("; "))
}

/// Code 234. The words are our choice.
pub(crate) fn reserved(path: &AttrPath) -> ApiError {
    let path = path.slashed();
    let description = format!("attribute name is reserved: {path}");
    ApiError::new(ErrorCode::RESERVED_ATTRIBUTE, description).with("attribute_name", path)
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

/// Adds a designed type inside the caller's transaction, at an instant in microseconds.
pub(crate) fn add(transaction: &Connection, schema: &EntityType, now: i64) -> Result<(), Fault> {
    if types::add(transaction, schema, now)? {
        return Ok(());
    }
    let description = format!("entity type already exists: {}", schema.name);
    Err(ApiError::new(ErrorCode::ENTITY_TYPE_EXISTS, description)
        .with("type_name", schema.name.as_str())
        .into())
}

#[cfg(test)]
mod tests {
    use crate::capture::schema::MAX_DEPTH;
    use crate::sandbox::operations::testing::Desk;

    #[test]
    fn a_type_does_not_become_too_deep_to_be_read() {
        let desk = Desk::bare();
        let attr_defs = |depth: usize| {
            let mut inner = r#"{"name":"a","type":"json"}"#.to_owned();
            for _ in 1..depth {
                inner = format!(r#"{{"name":"a","type":"plural","attr_defs":[{inner}]}}"#);
            }
            format!("[{inner}]")
        };
        let deepest = attr_defs(MAX_DEPTH);
        desk.design("deep", &deepest);
        desk.create("deep", "{}");
        desk.ok("entityType", &[("type_name", "deep")]);
        desk.all_refused(
            "deeper",
            &[(
                "entityType.create",
                &[("attr_defs", &attr_defs(MAX_DEPTH + 1))],
                200,
                "at most 60 deep",
            )],
        );
    }
}

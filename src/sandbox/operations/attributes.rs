//! Changing the attributes of an entity type: `entityType.addAttribute`, `.removeAttribute`, `.setAttributeConstraints`
//! and `.setAttributeDescription` (reference 3). Each is one transaction over the schema and the records, so nobody sees
//! one without the other; a record that is being created meanwhile starts again by itself. There is no operation for
//! what the service publishes none for: renaming, types, lengths, features.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::duplicate;
use crate::sandbox::operations::entity_type;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::path;
use crate::sandbox::operations::strings;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::operations::unknown_type;
use crate::sandbox::store::access as access_schemas;
use crate::sandbox::store::records;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// `entityType.addAttribute`. Records are not rewritten: what is not stored is null, or `[]`.
pub(crate) fn add(context: Context<'_>) -> Result<Json, Fault> {
    let given =
        json(context.args, "attr_def")?.ok_or_else(|| ApiError::missing_argument("attr_def"))?;
    refuse_path_as_name(&given)?;
    let mut defs = entity_type::read_attr_defs("attr_def", &Json::Array(vec![given]))?;
    let def = defs
        .pop()
        .ok_or_else(|| ApiError::missing_argument("attr_def"))?;
    change_type(context, move |transaction, stored_type, now| {
        let path = AttrPath::root().child(&def.name);
        if stored_type.schema.get(&path).is_some() {
            return Err(exists(&path).into());
        }
        if let Some(required) = find_required(&def, &path)
            && records::any(transaction, stored_type.id)?
        {
            return Err(not_filled(&required).into());
        }
        let mut schema = EntityType::clone(&stored_type.schema);
        schema.add(def);
        let now = now.as_microsecond();
        Ok(types::change(transaction, stored_type, schema, now)?)
    })
}

/// No known client adds below an existing object or plural, and no source tells how it would.
fn refuse_path_as_name(attr_def: &Json) -> Result<(), ApiError> {
    let name = attr_def.get("name").and_then(Json::as_str);
    if name.is_some_and(|name| name.contains(['.', '/'])) {
        let why = "`name` is one name, not a path: nothing can be added to an object or plural that is already there";
        return Err(ApiError::invalid_argument("attr_def", why));
    }
    Ok(())
}

/// The first attribute at or below `def` that every record would need a value for; elements there are none yet.
fn find_required(def: &AttrDef, path: &AttrPath) -> Option<AttrPath> {
    if def.has(&Constraint::Required) {
        return Some(path.clone());
    }
    let AttrType::Object(inner) = &def.attr_type else {
        return None;
    };
    let mut inner = inner.iter();
    inner.find_map(|def| find_required(def, &path.child(&def.name)))
}

/// `entityType.removeAttribute`: the attribute goes from the schema, from every record and from all access schemas; what
/// records were before stays for `versions/entity`.
///
/// Our choice: an attribute that a rule or property names is not removed, and neither is the only one of an object or a
/// plural, which could not be created like that either.
pub(crate) fn remove(context: Context<'_>) -> Result<Json, Fault> {
    let path = attribute_name(context)?;
    change_type(context, move |transaction, stored_type, now| {
        own_def(stored_type, &path)?;
        refuse_named(stored_type, &path)?;
        let mut schema = EntityType::clone(&stored_type.schema);
        schema.remove(&path);
        refuse_hollow(&schema, &path)?;
        let now = now.as_microsecond();
        records::strip(transaction, stored_type.id, &path, now)?;
        access_schemas::forget_attribute(transaction, stored_type.id, &path)?;
        Ok(types::change(transaction, stored_type, schema, now)?)
    })
}

fn refuse_named(stored_type: &StoredType, path: &AttrPath) -> Result<(), ApiError> {
    let mut properties = stored_type.properties.iter();
    let names = |named: &AttrPath| named.starts_with(path);
    match properties.find(|property| property.attributes.iter().any(names)) {
        None => Ok(()),
        Some(property) => {
            let why = format!(
                "the {} {} names it: remove that first, with entityType.removeProperty",
                property.kind.name(),
                property.uuid
            );
            Err(ApiError::invalid_argument("attribute_name", &why))
        }
    }
}

fn refuse_hollow(schema: &EntityType, removed: &AttrPath) -> Result<(), ApiError> {
    let holder = removed.parent().unwrap_or_default();
    match schema.get(&holder) {
        Some(def)
            if def
                .attr_type
                .attr_defs()
                .iter()
                .all(|def| def.is_reserved(false)) =>
        {
            let holder = holder.slashed();
            let why = format!("{holder} has no other attribute: remove {holder} itself");
            Err(ApiError::invalid_argument("attribute_name", &why))
        }
        _ => Ok(()),
    }
}

/// `entityType.setAttributeConstraints`. Our choice: when a record there is breaks one of the constraints, nothing
/// changes and the answer is the one for such a record; and no constraints are shown as none, not as `[]`.
pub(crate) fn set_constraints(context: Context<'_>) -> Result<Json, Fault> {
    let path = attribute_name(context)?;
    let names = strings(context.args, "constraints")?
        .ok_or_else(|| ApiError::missing_argument("constraints"))?;
    let constraints: Vec<Constraint> = names
        .iter()
        .map(|name| Constraint::from(name.as_str()))
        .collect();
    change_type(context, move |transaction, stored_type, now| {
        let old = own_def(stored_type, &path)?.clone();
        let mut schema = EntityType::clone(&stored_type.schema);
        if let Some(def) = schema.get_mut(&path) {
            def.constraints = Some(constraints).filter(|constraints| !constraints.is_empty());
        }
        check_constraints(&schema, &path)?;
        let changed = types::change(transaction, stored_type, schema, now.as_microsecond())?;
        hold(transaction, &changed, &path, &old, now)?;
        Ok(changed)
    })
}

/// Refuses constraints that the attribute at `path` cannot have.
fn check_constraints(schema: &EntityType, path: &AttrPath) -> Result<(), ApiError> {
    let own = schema::without_reserved(&schema.attr_defs, true);
    let problems: Vec<SchemaProblem> = schema::check(&own)
        .into_iter()
        .filter(|problem| problem.path == *path)
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(entity_type::broken_design("constraints", &problems))
    }
}

/// Brings the records in line with the constraints that the attribute at `path` has now, or says which they break.
fn hold(
    transaction: &Connection,
    changed: &StoredType,
    path: &AttrPath,
    old: &AttrDef,
    now: Timestamp,
) -> Result<(), Fault> {
    let new = own_def(changed, path)?;
    let added: Vec<&Constraint> = new
        .constraints
        .iter()
        .flatten()
        .filter(|constraint| !old.has(constraint))
        .collect();
    if added.iter().any(|added| **added != Constraint::Unique) {
        check_records(transaction, changed, path, now)?;
    }
    if added.contains(&&Constraint::Unique) {
        if !records::reindex(transaction, changed)? {
            return Err(duplicate().into());
        }
    } else if old.has(&Constraint::Unique) && !new.has(&Constraint::Unique) {
        records::forget_unique(transaction, changed.id, path)?;
    }
    Ok(())
}

/// Refuses when a record breaks a constraint of the attribute at `path`. Each is read as an update that gives every
/// value anew, with a schema that knows nothing but this attribute.
fn check_records(
    transaction: &Connection,
    stored_type: &StoredType,
    path: &AttrPath,
    now: Timestamp,
) -> Result<(), Fault> {
    let schema = access::restrict(&stored_type.schema, std::slice::from_ref(path));
    let own: Vec<AttrDef> = schema.own_attr_defs().cloned().collect();
    records::each(transaction, stored_type.id, |record| {
        let part = records::shape(&record.body, &own);
        let violations = validate::validate(&part, &schema, Mode::Update, now);
        // What is stored was checked when it came; a stored password need not look like one that comes.
        match violations
            .iter()
            .find(|violation| is_of_constraint(violation.code))
        {
            None => Ok(true),
            Some(violation) => Err(broken(record.id, violation).into()),
        }
    })
}

fn is_of_constraint(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CONSTRAINT_VIOLATION
            | ErrorCode::UNIQUE_VIOLATION
            | ErrorCode::MISSING_REQUIRED_ATTRIBUTE
    )
}

fn broken(record_id: i64, violation: &Violation) -> ApiError {
    let mut error = violation.to_api_error();
    if violation.code != ErrorCode::UNIQUE_VIOLATION {
        error.description = format!("record {record_id}: {}", error.description);
    }
    error
}

/// `entityType.setAttributeDescription`. Our choice: bare text is taken as it is, and null removes the description.
pub(crate) fn set_description(context: Context<'_>) -> Result<Json, Fault> {
    let path = attribute_name(context)?;
    let given = context
        .args
        .get("description")
        .ok_or_else(|| ApiError::missing_argument("description"))?;
    let description = read_description(given)?;
    change_type(context, move |transaction, stored_type, now| {
        own_def(stored_type, &path)?;
        let mut schema = EntityType::clone(&stored_type.schema);
        if let Some(def) = schema.get_mut(&path) {
            def.description = description;
        }
        let now = now.as_microsecond();
        Ok(types::change(transaction, stored_type, schema, now)?)
    })
}

/// Text that begins like a JSON string must be one: a client that puts quotes around any text should hear that it does
/// not escape them.
fn read_description(given: &str) -> Result<Option<String>, ApiError> {
    match Json::parse(given) {
        Ok(Json::String(text)) => Ok(Some(text)),
        Ok(Json::Null) => Ok(None),
        Err(_) if given.trim_start().starts_with('"') => Err(ApiError::invalid_argument(
            "description",
            "the JSON is not syntactically valid",
        )),
        _ => Ok(Some(given.to_owned())),
    }
}

/// Runs `change` over the type that `type_name` names and answers the schema that it leaves.
fn change_type(
    context: Context<'_>,
    change: impl FnOnce(&Connection, &StoredType, Timestamp) -> Result<StoredType, Fault>
    + Send
    + 'static,
) -> Result<Json, Fault> {
    let name = entity_type::type_name(context)?.to_owned();
    let now = context.now;
    let schema: Arc<EntityType> = context.store.write(move |transaction| {
        let stored_type = types::find(transaction, &name)?.ok_or_else(|| unknown_type(&name))?;
        let changed = change(transaction, &stored_type, now)?;
        Ok::<_, Fault>(changed.schema)
    })?;
    Ok(ok([("schema", schema.to_json())]))
}

/// The schema path in the argument `attribute_name`.
fn attribute_name(context: Context<'_>) -> Result<AttrPath, ApiError> {
    let text = context
        .args
        .get("attribute_name")
        .ok_or_else(|| ApiError::missing_argument("attribute_name"))?;
    let path = path("attribute_name", text)?;
    if path == path.definition() {
        Ok(path)
    } else {
        let why = "it must name an attribute of the schema, not an element of a record";
        Err(ApiError::invalid_argument("attribute_name", why))
    }
}

/// The definition at `path`, which must be none of the service's own.
fn own_def<'a>(stored_type: &'a StoredType, path: &AttrPath) -> Result<&'a AttrDef, ApiError> {
    let def = stored_type
        .schema
        .get(path)
        .ok_or_else(|| unknown_attribute(path))?;
    if def.is_reserved(path.0.len() == 1) {
        Err(entity_type::reserved(path))
    } else {
        Ok(def)
    }
}

/// Code 233. The words are our choice.
fn exists(path: &AttrPath) -> ApiError {
    let path = path.slashed();
    let description = format!("attribute already exists: {path}");
    ApiError::new(ErrorCode::ATTRIBUTE_EXISTS, description).with("attribute_name", path)
}

/// Code 362 for an attribute that no record has yet.
fn not_filled(path: &AttrPath) -> ApiError {
    let description = format!(
        "{}: required, but the records there are have no value for it: add it without this constraint, which can be set later",
        path.slashed()
    );
    ApiError::new(ErrorCode::MISSING_REQUIRED_ATTRIBUTE, description)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::capture::schema::access::AccessType;
    use crate::capture::schema::property::Property;
    use crate::capture::schema::property::PropertyKind;
    use crate::sandbox::operations::testing::Desk;
    use crate::sandbox::operations::testing::parse;
    use crate::sandbox::operations::testing::text;

    const ATTR_DEFS: &str = r#"[
        {"name":"email","type":"string","constraints":["unique"]},
        {"name":"nick","type":"string"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
        {"name":"only","type":"object","attr_defs":[{"name":"one","type":"string"}]},
        {"name":"phones","type":"plural","attr_defs":[
            {"name":"number","type":"string","constraints":["unique"]},{"name":"kind","type":"string"},
            {"name":"calls","type":"plural","attr_defs":[{"name":"at","type":"date"},{"name":"note","type":"string"}]}]}]"#;

    fn desk() -> Desk {
        let desk = Desk::new();
        desk.ok(
            "entityType.create",
            &[("type_name", "t"), ("attr_defs", ATTR_DEFS)],
        );
        desk
    }

    fn create(desk: &Desk, attributes: &str) -> String {
        let answer = desk.ok(
            "entity.create",
            &[("type_name", "t"), ("attributes", attributes)],
        );
        answer.get("id").expect("has an id").to_string()
    }

    fn record(desk: &Desk, id: &str) -> Json {
        let answer = desk.ok("entity", &[("type_name", "t"), ("id", id)]);
        answer.get("result").expect("is a record").clone()
    }

    /// The definition at a path in an answer.
    fn def(answer: &Json, path: &str) -> Option<Json> {
        let (schema, _) = EntityType::from_json(answer).expect("is a schema");
        let def = schema.get(&path.parse().expect("is a path"));
        def.map(AttrDef::to_json)
    }

    fn add_attribute(desk: &Desk, attr_def: &str) -> Json {
        desk.ok(
            "entityType.addAttribute",
            &[("type_name", "t"), ("attr_def", attr_def)],
        )
    }

    fn remove_attribute(desk: &Desk, path: &str) -> Json {
        desk.ok(
            "entityType.removeAttribute",
            &[("type_name", "t"), ("attribute_name", path)],
        )
    }

    fn constrain(desk: &Desk, path: &str, constraints: &str) -> Json {
        desk.ok(
            "entityType.setAttributeConstraints",
            &[
                ("type_name", "t"),
                ("attribute_name", path),
                ("constraints", constraints),
            ],
        )
    }

    fn schema_of(desk: &Desk) -> Json {
        desk.ok("entityType", &[("type_name", "t")])
    }

    #[test]
    fn an_added_attribute_is_echoed_complete_and_stands_in_every_record_as_null() {
        let desk = desk();
        let id = create(&desk, r#"{"email":"a@b.c"}"#);
        let before = record(&desk, &id);
        let answer = add_attribute(&desk, r#"{"name":"fullName","type":"string","length":50}"#);
        assert_eq!(
            def(&answer, "fullName"),
            Some(parse(
                r#"{"name":"fullName","type":"string","length":50,"case-sensitive":true}"#
            ))
        );
        let plural = r#"{"name":"roles","type":"plural","attr_defs":[
            {"name":"value","type":"string","length":256},
            {"name":"display","type":"string","length":1000,"constraints":["locally-unique","required"],"features":["primary-key"]}]}"#;
        let answer = add_attribute(&desk, plural);
        let names: Vec<String> = EntityType::from_json(&answer)
            .expect("is a schema")
            .0
            .attr_defs
            .iter()
            .map(|def| def.name.clone())
            .collect();
        assert_eq!(
            names,
            [
                "id",
                "uuid",
                "created",
                "lastUpdated",
                "email",
                "fullName",
                "home",
                "nick",
                "only",
                "phones",
                "roles"
            ]
        );
        let members = def(&answer, "roles").expect("is there");
        let members: Vec<&str> = members
            .get("attr_defs")
            .and_then(Json::as_array)
            .expect("has members")
            .iter()
            .map(|member| text(member, "name"))
            .collect();
        assert_eq!(members, ["id", "display", "value"]);
        assert_eq!(schema_of(&desk), answer);
        let now = record(&desk, &id);
        assert_eq!(now.get("fullName"), Some(&Json::Null));
        assert_eq!(now.get("roles"), Some(&Json::Array(Vec::new())));
        assert_eq!(now.get("lastUpdated"), before.get("lastUpdated"));
        create(&desk, r#"{"fullName":"Zoë","roles":[{"display":"a"}]}"#);
    }

    #[test]
    fn refusals_name_their_cause_and_change_nothing() {
        let desk = desk();
        create(
            &desk,
            r#"{"email":"a@b.c","nick":"x y","phones":[{"kind":"a"},{"kind":"a"}]}"#,
        );
        create(&desk, r#"{"nick":"x y"}"#);
        let before = schema_of(&desk);
        let add = "entityType.addAttribute";
        let remove = "entityType.removeAttribute";
        let constrain = "entityType.setAttributeConstraints";
        let describe = "entityType.setAttributeDescription";
        let path = |path| ("attribute_name", path);
        let def = |def| ("attr_def", def);
        let constraints = |constraints| ("constraints", constraints);
        let description = |description| ("description", description);
        desk.all_refused("t", &[
            (add, &[], 100, "attr_def"),
            (add, &[def("{")], 200, "syntactically"),
            (add, &[def("[]")], 200, "object"),
            (add, &[def(r#"{"type":"string"}"#)], 200, "`name`"),
            (add, &[def(r#"{"name":"x"}"#)], 200, "/x: `type` is missing"),
            (
                add,
                &[def(r#"{"name":"x","type":"binary"}"#)],
                200,
                "no type `binary`",
            ),
            (add, &[def(r#"{"name":"x","type":"plural"}"#)], 200, "/x: "),
            (
                add,
                &[def(r#"{"name":"home.street","type":"string"}"#)],
                200,
                "not a path",
            ),
            (
                add,
                &[def(r#"{"name":"/home/street","type":"string"}"#)],
                200,
                "not a path",
            ),
            (
                add,
                &[def(r#"{"name":"1st","type":"string"}"#)],
                200,
                "starts with a letter",
            ),
            (
                add,
                &[def(r#"{"name":"nick","type":"string"}"#)],
                233,
                "/nick",
            ),
            (
                add,
                &[def(r#"{"name":"uuid","type":"string"}"#)],
                234,
                "/uuid",
            ),
            (
                add,
                &[def(
                    r#"{"name":"p","type":"plural","attr_defs":[{"name":"id","type":"integer"}]}"#,
                )],
                234,
                "/p/id",
            ),
            (
                add,
                &[def(
                    r#"{"name":"x","type":"string","constraints":["required"]}"#,
                )],
                362,
                "/x: ",
            ),
            (
                add,
                &[def(
                    r#"{"name":"x","type":"object","attr_defs":[{"name":"y","type":"string","constraints":["required"]}]}"#,
                )],
                362,
                "/x/y: ",
            ),
            (remove, &[], 100, "attribute_name"),
            (remove, &[path("a..b")], 200, "attribute_name"),
            (remove, &[path("phones#5/kind")], 200, "not an element"),
            (remove, &[path("phones[0].kind")], 200, "not an element"),
            (remove, &[path("/")], 223, "does not exist: /"),
            (remove, &[path("nope")], 223, "/nope"),
            (remove, &[path("nick.x")], 223, "/nick/x"),
            (remove, &[path("created")], 234, "/created"),
            (remove, &[path("phones.id")], 234, "/phones/id"),
            (remove, &[path("only.one")], 200, "remove /only itself"),
            (constrain, &[path("nick")], 100, "constraints"),
            (constrain, &[path("nick"), constraints("{}")], 200, "array"),
            (
                constrain,
                &[path("nick"), constraints("[1]")],
                200,
                "array of strings",
            ),
            (
                constrain,
                &[path("nick"), constraints(r#"["sparkly"]"#)],
                200,
                "no constraint `sparkly`",
            ),
            (
                constrain,
                &[path("nick"), constraints(r#"["unique","unique"]"#)],
                200,
                "twice",
            ),
            (
                constrain,
                &[path("nick"), constraints(r#"["locally-unique"]"#)],
                200,
                "not inside a plural",
            ),
            (
                constrain,
                &[path("home"), constraints(r#"["required"]"#)],
                200,
                "/home: ",
            ),
            (constrain, &[path("nope"), constraints("[]")], 223, "/nope"),
            (constrain, &[path("id"), constraints("[]")], 234, "/id"),
            (
                constrain,
                &[path("phones/id"), constraints("[]")],
                234,
                "/phones/id",
            ),
            (
                constrain,
                &[path("nick"), constraints(r#"["unique"]"#)],
                361,
                "duplicate value",
            ),
            (
                constrain,
                &[path("phones.kind"), constraints(r#"["unique"]"#)],
                361,
                "duplicate value",
            ),
            (
                constrain,
                &[path("phones.kind"), constraints(r#"["locally-unique"]"#)],
                361,
                "duplicate value",
            ),
            (
                constrain,
                &[path("nick"), constraints(r#"["alphabetic"]"#)],
                360,
                "/nick: ",
            ),
            (
                constrain,
                &[path("email"), constraints(r#"["unique","required"]"#)],
                362,
                "/email: ",
            ),
            (
                constrain,
                &[path("phones.number"), constraints(r#"["required"]"#)],
                362,
                "/phones/number: ",
            ),
            (
                constrain,
                &[path("home.city"), constraints(r#"["required"]"#)],
                362,
                "/home/city: ",
            ),
            (describe, &[path("nick")], 100, "description"),
            (
                describe,
                &[path("nick"), description(r#""a "b" c""#)],
                200,
                "syntactically",
            ),
            (describe, &[path("nope"), description("x")], 223, "/nope"),
            (describe, &[path("uuid"), description("x")], 234, "/uuid"),
        ]);
        for operation in [add, remove, constrain, describe] {
            let pairs = [
                ("type_name", "nope"),
                path("nick"),
                def(r#"{"name":"x","type":"string"}"#),
                constraints("[]"),
                description("x"),
            ];
            assert_eq!(desk.refused(operation, &pairs).0, 222, "{operation}");
        }
        assert_eq!(schema_of(&desk), before);
        // Nothing of the refused uniqueness is left behind, and what was unique still is.
        create(
            &desk,
            r#"{"nick":"x y","phones":[{"kind":"a"},{"kind":"a"}]}"#,
        );
        let attributes = r#"{"email":"a@b.c"}"#;
        let again = desk.refused(
            "entity.create",
            &[("type_name", "t"), ("attributes", attributes)],
        );
        assert_eq!(again.0, 361);
    }

    #[test]
    fn a_required_attribute_can_be_added_while_there_are_no_records() {
        let desk = desk();
        let required = r#"{"name":"x","type":"string","constraints":["required"]}"#;
        add_attribute(&desk, required);
        let attributes = [("type_name", "t"), ("attributes", "{}")];
        assert_eq!(desk.refused("entity.create", &attributes).0, 362);
    }

    #[test]
    fn constraints_hold_from_then_on_and_no_longer_when_taken_away() {
        let desk = desk();
        let id = create(
            &desk,
            r#"{"nick":"Ann","phones":[{"number":"1","kind":"a"}]}"#,
        );
        let refused = |attributes: &str| {
            let pairs = [("type_name", "t"), ("attributes", attributes)];
            desk.refused("entity.create", &pairs).0
        };
        let answer = constrain(&desk, "/nick", r#"["unique","required","alphabetic"]"#);
        assert_eq!(
            def(&answer, "nick").and_then(|def| def.get("constraints").cloned()),
            Some(parse(r#"["unique","required","alphabetic"]"#))
        );
        constrain(&desk, "phones.kind", r#"["unique"]"#);
        assert_eq!(refused(r#"{"nick":"Ann"}"#), 361);
        assert_eq!(refused(r#"{"nick":"Bob","phones":[{"kind":"a"}]}"#), 361);
        assert_eq!(refused("{}"), 362);
        assert_eq!(refused(r#"{"nick":"x y"}"#), 360);
        let by_nick = [
            ("type_name", "t"),
            ("key_attribute", "nick"),
            ("key_value", r#""Ann""#),
        ];
        let found = desk.ok("entity", &by_nick);
        assert_eq!(found.get("result"), Some(&record(&desk, &id)));
        let answer = constrain(&desk, "nick", "[]");
        let none = def(&answer, "nick").expect("is there");
        assert_eq!(none.get("constraints"), None);
        constrain(&desk, "phones/kind", "[]");
        create(&desk, r#"{"nick":"Ann","phones":[{"kind":"a"}]}"#);
        create(&desk, "{}");
        // What else was unique stayed so.
        assert_eq!(refused(r#"{"phones":[{"number":"1"}]}"#), 361);
        // Its values were not kept while it was not unique.
        let twice = [
            ("type_name", "t"),
            ("attribute_name", "nick"),
            ("constraints", r#"["unique"]"#),
        ];
        assert_eq!(
            desk.refused("entityType.setAttributeConstraints", &twice).0,
            361
        );
    }

    #[test]
    fn descriptions_are_json_strings_or_bare_text() {
        let desk = desk();
        for (given, kept) in [
            (r#""The \"given\" name""#, Some(r#"The "given" name"#)),
            ("the given name", Some("the given name")),
            ("2024", Some("2024")),
            ("null", None),
            (r#""""#, Some("")),
        ] {
            let answer = desk.ok(
                "entityType.setAttributeDescription",
                &[
                    ("type_name", "t"),
                    ("attribute_name", "/home/city"),
                    ("description", given),
                ],
            );
            let def = def(&answer, "home.city").expect("is there");
            let description = def.get("description").and_then(Json::as_str);
            assert_eq!(description, kept, "{given}");
            assert_eq!(schema_of(&desk), answer);
        }
    }

    #[test]
    fn a_removed_attribute_leaves_nothing_behind() {
        let mut desk = desk();
        let full = r#"{"email":"a@b.c","nick":"Ann","home":{"city":"Ulm","zip":"1"},
            "phones":[{"number":"1","kind":"a","calls":[{"note":"n"},{"note":"m"}]},{"number":"2","kind":"b"}]}"#;
        let id = create(&desk, full);
        let before = record(&desk, &id);
        let then = desk.now;
        desk.now = "2026-03-01T00:00:00Z".parse().expect("is a time");
        for path in ["email", "/home/city", "phones.number", "phones.calls.note"] {
            let answer = remove_attribute(&desk, path);
            assert_eq!(def(&answer, path), None, "{path}");
        }
        let after = record(&desk, &id);
        assert_eq!(after.get("email"), None);
        assert_eq!(after.get("home"), Some(&parse(r#"{"zip":"1"}"#)));
        assert_eq!(after.get("lastUpdated"), before.get("lastUpdated"));
        let phones = after.get("phones").map(Json::to_string).expect("is there");
        assert!(
            !phones.contains("number") && !phones.contains("note"),
            "{phones}"
        );
        assert!(phones.contains(r#""kind":"b""#), "{phones}");

        // Back under the same names, and as something else.
        add_attribute(
            &desk,
            r#"{"name":"email","type":"string","constraints":["unique"]}"#,
        );
        assert_eq!(record(&desk, &id).get("email"), Some(&Json::Null));
        create(&desk, r#"{"email":"a@b.c"}"#);
        remove_attribute(&desk, "home");
        remove_attribute(&desk, "phones");
        for (name, empty) in [("home", "null"), ("phones", "null")] {
            add_attribute(&desk, &format!(r#"{{"name":"{name}","type":"json"}}"#));
            assert_eq!(record(&desk, &id).get(name), Some(&parse(empty)));
        }

        // What it was can still be looked at, in the database.
        let id: i64 = id.parse().expect("is a number");
        let (then, kept) = desk
            .store
            .read(|transaction| {
                let stored_type = types::find(transaction, "t")?.expect("is there");
                let instant = then.as_microsecond();
                let kept = records::at(transaction, stored_type.id, id, instant)?;
                Ok::<_, Fault>((types::at(transaction, "t", instant)?, kept))
            })
            .expect("reads");
        let (then, kept) = (then.expect("is kept"), kept.expect("is kept"));
        assert_eq!(
            records::shape(&kept.body, &then.attr_defs).get("phones"),
            before.get("phones")
        );
    }

    #[test]
    fn what_names_an_attribute_goes_with_it_or_keeps_it() {
        let desk = desk();
        let path = |text: &str| text.parse::<AttrPath>().expect("is a path");
        let client = desk.store.owner().expect("has an owner").0;
        let of_client = client.clone();
        let listed = ["home.city", "homely", "phones.kind", "nick"].map(path);
        let type_id = desk
            .store
            .write(move |transaction| {
                let id = types::find(transaction, "t")?.expect("is there").id;
                let read = AccessType::ReadWithToken;
                access_schemas::set(transaction, &of_client, id, read, &listed)?;
                let property = Property {
                    uuid: "0e9c6fbd-7a4f-4dd6-ba7f-2c8d4e1f1a55".to_owned(),
                    kind: PropertyKind::Unique,
                    attributes: vec![path("nick"), path("only.one")],
                    definition: None,
                    description: None,
                };
                types::add_property(transaction, id, &property)?;
                Ok::<_, Fault>(id)
            })
            .expect("writes");
        for named in ["nick", "only"] {
            let (code, words) = desk.refused(
                "entityType.removeAttribute",
                &[("type_name", "t"), ("attribute_name", named)],
            );
            assert_eq!(code, 200);
            assert!(words.contains("unique 0e9c6fbd"), "{words}");
        }
        remove_attribute(&desk, "home");
        remove_attribute(&desk, "phones.kind");
        let left = desk.store.read(|transaction| {
            access_schemas::find(transaction, &client, type_id, AccessType::ReadWithToken)
        });
        let left = left.expect("reads").expect("is still there");
        assert_eq!(left, [path("homely"), path("nick")]);
    }

    #[test]
    fn an_element_that_was_taken_out_does_not_bring_a_removed_attribute_back() {
        let desk = desk();
        let id = create(
            &desk,
            r#"{"phones":[{"number":"1","kind":"a","calls":[{"note":"n"}]}]}"#,
        );
        let phone = record(&desk, &id)
            .get("phones")
            .and_then(|phones| phones.as_array()?.first()?.get("id")?.as_i64())
            .expect("has an id");
        let now = desk.now.as_microsecond();
        let id: i64 = id.parse().expect("is a number");
        let type_id = desk
            .store
            .write(move |transaction| {
                let stored_type = types::find(transaction, "t")?.expect("is there");
                let old = records::by_id(transaction, stored_type.id, id)?.expect("is there");
                let body = parse("{}");
                records::change(transaction, &stored_type, &old, body, now, true)?;
                Ok::<_, Fault>(stored_type.id)
            })
            .expect("writes");
        remove_attribute(&desk, "phones.kind");
        remove_attribute(&desk, "phones.calls.note");
        let orphan = |phone| {
            desk.store.write(move |transaction| {
                let phones = AttrPath::root().child("phones");
                records::take_orphan(transaction, type_id, &phones, phone)
            })
        };
        let left = orphan(phone).expect("reads").expect("is there").to_string();
        assert!(left.contains(r#""number":"1""#), "{left}");
        assert!(!left.contains("kind") && !left.contains("note"), "{left}");
        remove_attribute(&desk, "phones");
        assert!(orphan(phone).expect("reads").is_none());
    }

    /// More records than are read at once, each with the attribute in three elements.
    #[test]
    fn twenty_thousand_records_lose_an_attribute_inside_a_plural() {
        const COUNT: i64 = 20_000;
        let desk = desk();
        let now = desk.now.as_microsecond();
        let (type_id, before) = desk
            .store
            .write(move |transaction| {
                let stored_type = types::find(transaction, "t")?.expect("is there");
                for number in 0..COUNT {
                    let body = format!(
                        r#"{{"email":"{number}@b.c","phones":[{{"number":"{number}a","kind":"a"}},{{"number":"{number}b"}},{{"kind":"c"}}]}}"#
                    );
                    let mut new = records::NewRecord {
                        uuid: uuid::Uuid::new_v4().to_string(),
                        created: now,
                        last_updated: now,
                        body: parse(&body),
                    };
                    records::add(transaction, &stored_type, &mut new)?;
                }
                let count = unique_values(transaction, stored_type.id)?;
                Ok::<_, Fault>((stored_type.id, count))
            })
            .expect("writes");
        assert_eq!(before, COUNT * 3);
        remove_attribute(&desk, "phones.number");
        let (mut seen, mut whole) = (0, true);
        desk.store
            .read(|transaction| {
                assert_eq!(unique_values(transaction, type_id)?, COUNT);
                records::each(transaction, type_id, |record| {
                    let phones = record.body.get("phones").and_then(Json::as_array);
                    let phones = phones.expect("is there");
                    seen += 1;
                    whole &= phones.len() == 3
                        && phones.iter().all(|phone| phone.get("number").is_none())
                        && text(&phones[0], "kind") == "a"
                        && text(&phones[2], "kind") == "c"
                        && record.last_updated == now
                        && record.since > now;
                    Ok::<_, Fault>(true)
                })
            })
            .expect("reads");
        assert_eq!((seen, whole), (COUNT, true));
    }

    fn unique_values(transaction: &Connection, type_id: i64) -> Result<i64, Fault> {
        let count = "SELECT count(*) FROM unique_values WHERE type_id = ?1";
        Ok(transaction
            .query_row(count, [type_id], |row| row.get(0))
            .map_err(crate::sandbox::store::StoreError::from)?)
    }

    /// Readers and creators beside changes of the schema: each sees one state or another, and nobody fails.
    #[test]
    fn records_are_created_while_attributes_come_and_go() {
        let desk = desk();
        thread::scope(|scope| {
            for worker in 0..4 {
                let desk = &desk;
                scope.spawn(move || {
                    for round in 0..8 {
                        let name = format!("w{worker}r{round}");
                        let attr_def = format!(r#"{{"name":"{name}","type":"string"}}"#);
                        let answer = add_attribute(desk, &attr_def);
                        assert!(def(&answer, &name).is_some());
                        let attributes = format!(r#"{{"{name}":"{name}"}}"#);
                        let id = create(desk, &attributes);
                        assert_eq!(text(&record(desk, &id), &name), name);
                        if round % 2 == 0 {
                            remove_attribute(desk, &name);
                            assert_eq!(record(desk, &id).get(&name), None);
                        }
                    }
                });
            }
        });
        let left = schema_of(&desk);
        for worker in 0..4 {
            for round in 0..8 {
                let there = def(&left, &format!("w{worker}r{round}")).is_some();
                assert_eq!(there, round % 2 == 1);
            }
        }
        let count = desk.ok("entity.count", &[("type_name", "t")]);
        assert_eq!(count.get("total_count").and_then(Json::as_i64), Some(32));
    }
}

//! The properties of an entity type: data validation rules, and uniqueness of several attributes taken together
//! (reference 3, 3.2). `entityType.rules`, `.addRule` and `.removeRule` know the rules alone, `entityType.properties`,
//! `.addProperty` and `.removeProperty` both kinds. What a rule does with a record is in `rules`.

use rusqlite::Connection;
use uuid::Uuid;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::rule;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::duplicate;
use crate::sandbox::operations::entity_type;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::path;
use crate::sandbox::operations::strings;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::operations::unknown_type;
use crate::sandbox::store::records;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// `entityType.rules`, in the order in which they were added.
pub(crate) fn rules(context: Context<'_>) -> Result<Json, Fault> {
    list(context, |property| {
        (property.kind == PropertyKind::Rule).then(|| property.to_rule().into())
    })
}

/// `entityType.properties`, in the order in which they were added.
pub(crate) fn properties(context: Context<'_>) -> Result<Json, Fault> {
    list(context, |property| Some(property.to_answer()))
}

fn list(context: Context<'_>, show: impl Fn(&Property) -> Option<Json>) -> Result<Json, Fault> {
    let stored_type = context
        .store
        .read(|transaction| context.find_type(transaction))?;
    let results: Vec<Json> = stored_type.properties.iter().filter_map(show).collect();
    Ok(ok([("results", results.into())]))
}

/// `entityType.addRule`.
pub(crate) fn add_rule(context: Context<'_>) -> Result<Json, Fault> {
    let args = context.args;
    let missing = ApiError::missing_argument;
    let attributes = strings(args, "attributes")?.ok_or_else(|| missing("attributes"))?;
    let property = Property {
        uuid: Uuid::new_v4().to_string(),
        kind: PropertyKind::Rule,
        attributes: read_paths("attributes", attributes.iter().map(String::as_str))?,
        definition: Some(json(args, "definition")?.ok_or_else(|| missing("definition"))?),
        description: args.get("description").map(str::to_owned),
    };
    let result = property.to_rule().into();
    put(context, property)?;
    Ok(ok([("result", result)]))
}

/// `entityType.addProperty`.
pub(crate) fn add_property(context: Context<'_>) -> Result<Json, Fault> {
    let given =
        json(context.args, "property")?.ok_or_else(|| ApiError::missing_argument("property"))?;
    let property = read_property(&given)?;
    let result = property.to_answer();
    put(context, property)?;
    Ok(ok([("result", result)]))
}

/// Reads `{"type":"rule"|"unique","attributes":[…],"definition":…,"description":…}`.
fn read_property(given: &Json) -> Result<Property, ApiError> {
    let wrong = |why: &str| ApiError::invalid_argument("property", why);
    let kind = match given.get("type").and_then(Json::as_str) {
        Some("rule") => PropertyKind::Rule,
        Some("unique") => PropertyKind::Unique,
        _ => return Err(wrong("its `type` must be rule or unique")),
    };
    let attributes: Option<Vec<&str>> = given
        .get("attributes")
        .and_then(Json::as_array)
        .and_then(|attributes| attributes.iter().map(Json::as_str).collect());
    let attributes =
        attributes.ok_or_else(|| wrong("its `attributes` must be an array of strings"))?;
    let definition = given.get("definition").filter(|given| !given.is_null());
    match (kind, definition) {
        (PropertyKind::Rule, None) => return Err(wrong("a rule needs a `definition`")),
        (PropertyKind::Unique, Some(_)) => {
            return Err(wrong("a property of type unique has no `definition`"));
        }
        _ => {}
    }
    let description = match given.get("description") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(text.clone()),
        Some(_) => return Err(wrong("its `description` must be a string")),
    };
    Ok(Property {
        uuid: Uuid::new_v4().to_string(),
        kind,
        attributes: read_paths("property", attributes)?,
        definition: definition.cloned(),
        description,
    })
}

/// The attributes of a property, in the order given, which came in argument `name`.
fn read_paths<'a>(
    name: &str,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<AttrPath>, ApiError> {
    let mut paths: Vec<AttrPath> = Vec::new();
    for text in texts {
        let path = path(name, text)?.definition();
        if paths.contains(&path) {
            let why = format!("{} is named twice", path.slashed());
            return Err(ApiError::invalid_argument(name, &why));
        }
        paths.push(path);
    }
    if paths.is_empty() {
        let why = "it must name at least one attribute";
        return Err(ApiError::invalid_argument(name, why));
    }
    Ok(paths)
}

/// Adds the property to the type that `type_name` names. Records there are not changed by a rule, and not checked.
fn put(context: Context<'_>, property: Property) -> Result<(), Fault> {
    let name = entity_type::type_name(context)?.to_owned();
    context.store.write(move |transaction| {
        let stored_type = types::find(transaction, &name)?.ok_or_else(|| unknown_type(&name))?;
        match &property.definition {
            Some(definition) => {
                rule::read(definition, &property.attributes, &stored_type.schema)?;
                types::add_property(transaction, stored_type.id, &property)?;
            }
            None => put_unique(transaction, &stored_type, &property)?,
        }
        Ok(())
    })
}

/// Our choice: one attribute is enough, and the property is refused with 361 when records there have the same values.
fn put_unique(
    transaction: &Connection,
    stored_type: &StoredType,
    property: &Property,
) -> Result<(), Fault> {
    for path in &property.attributes {
        check_comparable(path, &stored_type.schema)?;
    }
    types::add_property(transaction, stored_type.id, property)?;
    let changed = types::find(transaction, &stored_type.schema.name)?;
    match changed {
        Some(changed) if !records::reindex(transaction, &changed)? => Err(duplicate().into()),
        _ => Ok(()),
    }
}

/// Refuses what cannot take part in uniqueness: 223 when there is no such attribute, 234 for one of the service's own,
/// 200 inside a plural or for a type that is not compared (our choice).
pub(crate) fn check_comparable(path: &AttrPath, schema: &EntityType) -> Result<(), ApiError> {
    let def = schema.get(path).ok_or_else(|| unknown_attribute(path))?;
    if def.is_reserved(path.0.len() == 1) {
        return Err(entity_type::reserved(path));
    }
    let wrong = |why: &str| {
        let why = format!("{} {why}", path.slashed());
        Err(ApiError::invalid_argument("property", &why))
    };
    let mut holders = std::iter::successors(path.parent(), AttrPath::parent);
    let in_plural = holders.any(|holder| {
        let holder = schema.get(&holder).map(|def| &def.attr_type);
        matches!(holder, Some(AttrType::Plural(_)))
    });
    match &def.attr_type {
        _ if in_plural => wrong("stands inside a plural: a record has many values for it"),
        AttrType::Object(_) | AttrType::Plural(_) | AttrType::Json | AttrType::Password(_) => {
            wrong(&format!(
                "is of type {}, whose values are not compared",
                def.attr_type.name()
            ))
        }
        _ => Ok(()),
    }
}

/// `entityType.removeRule` and `entityType.removeProperty`: the uuid is enough, a type beside it must be the right one.
/// Our choice: each removes properties of both kinds.
pub(crate) fn remove(context: Context<'_>) -> Result<Json, Fault> {
    let args = context.args;
    let text = args
        .get("uuid")
        .ok_or_else(|| ApiError::missing_argument("uuid"))?;
    let uuid = Uuid::try_parse(text)
        .map_err(|_| ApiError::invalid_argument("uuid", "invalid uuid"))?
        .hyphenated()
        .to_string();
    let type_name = args.get("type_name").map(str::to_owned);
    context.store.write(move |transaction| {
        let type_id = match type_name {
            None => None,
            Some(name) => {
                let stored_type = types::find(transaction, &name)?;
                Some(stored_type.ok_or_else(|| unknown_type(&name))?.id)
            }
        };
        if types::remove_property(transaction, type_id, &uuid)? {
            Ok(())
        } else {
            Err(Fault::Api(not_found(&uuid)))
        }
    })?;
    Ok(ok([]))
}

/// Code 310. The words are our choice; the vendor's loader looks for "not found".
fn not_found(uuid: &str) -> ApiError {
    let description = format!("rule or property not found: {uuid}");
    ApiError::new(ErrorCode::RECORD_NOT_FOUND, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::operations::testing::Desk;
    use crate::sandbox::operations::testing::parse;
    use crate::sandbox::operations::testing::text;

    const ATTR_DEFS: &str = r#"[
        {"name":"givenName","type":"string","case-sensitive":false},{"name":"familyName","type":"string"},
        {"name":"birthday","type":"date"},{"name":"age","type":"integer"},{"name":"any","type":"json"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
        {"name":"secret","type":"password-bcrypt"},
        {"name":"emails","type":"plural","attr_defs":[{"name":"email","type":"string"},
            {"name":"at","type":"object","attr_defs":[{"name":"host","type":"string"}]}]}]"#;

    const NOBODYS: &str = "91794f2d-f8d4-4195-8104-d0fd910ff161";

    fn desk() -> Desk {
        let desk = Desk::new();
        for name in ["t", "other"] {
            desk.ok(
                "entityType.create",
                &[("type_name", name), ("attr_defs", ATTR_DEFS)],
            );
        }
        desk
    }

    /// Calls about type `t`.
    fn ok(desk: &Desk, operation: &str, pairs: &[(&str, &str)]) -> Json {
        desk.ok(operation, &[&[("type_name", "t")], pairs].concat())
    }

    fn refused(desk: &Desk, operation: &str, pairs: &[(&str, &str)]) -> (i64, String) {
        desk.refused(operation, &[&[("type_name", "t")], pairs].concat())
    }

    /// The uuid of the result, which is taken out so that the rest can be compared.
    fn take_uuid(answer: &mut Json) -> String {
        let result = answer
            .as_object_mut()
            .and_then(|members| members.get_mut("result")?.as_object_mut());
        let uuid = result.and_then(|result| result.shift_remove("uuid"));
        let uuid = uuid.as_ref().and_then(Json::as_str).unwrap_or_default();
        let version = Uuid::try_parse(uuid).map(|uuid| uuid.get_version_num());
        assert_eq!(version, Ok(4), "{answer}");
        uuid.to_owned()
    }

    fn create(desk: &Desk, attributes: &str) -> Option<i64> {
        let pairs = [("type_name", "t"), ("attributes", attributes)];
        let answer = desk.call("entity.create", &pairs);
        answer.get("code").and_then(Json::as_i64)
    }

    /// Answers as in the vendor's documentation and as its loader reads them.
    #[test]
    fn rules_and_properties_are_listed_as_they_were_added() {
        let desk = desk();
        assert_eq!(
            ok(&desk, "entityType.rules", &[]),
            parse(r#"{"results":[],"stat":"ok"}"#)
        );
        let definition = r#"{"and":[{"match-all":"[a-zA-Z]*"},{"max-length":25}]}"#;
        let mut rule = ok(
            &desk,
            "entityType.addRule",
            &[
                ("attributes", r#"["givenName","/home.city"]"#),
                ("description", "letters only"),
                ("definition", definition),
            ],
        );
        let first = take_uuid(&mut rule);
        assert_eq!(
            rule,
            parse(&format!(
                r#"{{"result":{{"attributes":["/givenName","/home/city"],"definition":{definition},"description":"letters only"}},"stat":"ok"}}"#
            ))
        );
        let mut rule = ok(
            &desk,
            "entityType.addProperty",
            &[(
                "property",
                r#"{"type":"rule","attributes":["/birthday"],"definition":"ignore-update"}"#,
            )],
        );
        let second = take_uuid(&mut rule);
        assert_eq!(
            rule,
            parse(
                r#"{"result":{"property":"rule","attributes":["/birthday"],"definition":"ignore-update"},"stat":"ok"}"#
            )
        );
        let mut unique = ok(
            &desk,
            "entityType.addProperty",
            &[(
                "property",
                r#"{"type":"unique","attributes":["givenName","familyName"],"description":"full name"}"#,
            )],
        );
        let third = take_uuid(&mut unique);
        let listed = format!(
            r#"{{"results":[
            {{"property":"rule","attributes":["/givenName","/home/city"],"definition":{definition},"description":"letters only","uuid":"{first}"}},
            {{"property":"rule","attributes":["/birthday"],"definition":"ignore-update","uuid":"{second}"}},
            {{"property":"unique","attributes":["/givenName","/familyName"],"description":"full name","uuid":"{third}"}}],"stat":"ok"}}"#
        );
        assert_eq!(ok(&desk, "entityType.properties", &[]), parse(&listed));
        let rules = format!(
            r#"{{"results":[
            {{"attributes":["/givenName","/home/city"],"definition":{definition},"description":"letters only","uuid":"{first}"}},
            {{"attributes":["/birthday"],"definition":"ignore-update","uuid":"{second}"}}],"stat":"ok"}}"#
        );
        assert_eq!(ok(&desk, "entityType.rules", &[]), parse(&rules));

        // Without a type, as a published client does; in any spelling; and not twice.
        let done = parse(r#"{"stat":"ok"}"#);
        let upper = first.to_uppercase();
        assert_eq!(desk.ok("entityType.removeRule", &[("uuid", &upper)]), done);
        assert_eq!(
            ok(&desk, "entityType.removeProperty", &[("uuid", &third)]),
            done
        );
        assert_eq!(
            refused(&desk, "entityType.removeProperty", &[("uuid", &third)]).0,
            310
        );
        let elsewhere = [("type_name", "other"), ("uuid", second.as_str())];
        assert_eq!(desk.refused("entityType.removeRule", &elsewhere).0, 310);
        let left = ok(&desk, "entityType.properties", &[]);
        let left = left.get("results").and_then(Json::as_array).expect("lists");
        assert_eq!(left.len(), 1);
        assert_eq!(text(&left[0], "uuid"), second);
    }

    #[test]
    fn rules_hold_as_soon_as_they_are_added_and_until_they_are_removed() {
        let desk = desk();
        assert_eq!(create(&desk, r#"{"givenName":"Zoë"}"#), None);
        let mut rule = ok(
            &desk,
            "entityType.addRule",
            &[
                ("attributes", r#"["givenName"]"#),
                ("definition", r#"{"max-length":2}"#),
            ],
        );
        assert_eq!(create(&desk, r#"{"givenName":"Zoë"}"#), Some(360));
        let uuid = take_uuid(&mut rule);
        ok(&desk, "entityType.removeRule", &[("uuid", &uuid)]);
        assert_eq!(create(&desk, r#"{"givenName":"Zoë"}"#), None);
    }

    #[test]
    fn attributes_are_unique_together() {
        let desk = desk();
        assert_eq!(
            create(&desk, r#"{"givenName":"Ann","familyName":"A"}"#),
            None
        );
        assert_eq!(
            create(&desk, r#"{"givenName":"Ann","familyName":"B"}"#),
            None
        );
        let mut unique = ok(
            &desk,
            "entityType.addProperty",
            &[(
                "property",
                r#"{"type":"unique","attributes":["givenName","familyName"]}"#,
            )],
        );
        let uuid = take_uuid(&mut unique);
        // Not case-sensitive is the first name alone; null is nobody's value.
        for (given, code) in [
            (r#"{"givenName":"ann","familyName":"A"}"#, Some(361)),
            (r#"{"givenName":"Ann","familyName":"a"}"#, None),
            (r#"{"givenName":"Ann"}"#, None),
            (r#"{"givenName":"Ann"}"#, None),
        ] {
            assert_eq!(create(&desk, given), code, "{given}");
        }
        ok(&desk, "entityType.removeProperty", &[("uuid", &uuid)]);
        assert_eq!(
            create(&desk, r#"{"givenName":"ann","familyName":"A"}"#),
            None
        );
        let again = [(
            "property",
            r#"{"type":"unique","attributes":["givenName","familyName"]}"#,
        )];
        assert_eq!(refused(&desk, "entityType.addProperty", &again).0, 361);
        let left = ok(&desk, "entityType.properties", &[]);
        assert_eq!(left, parse(r#"{"results":[],"stat":"ok"}"#));
        assert_eq!(
            create(&desk, r#"{"givenName":"ann","familyName":"A"}"#),
            None
        );
    }

    #[test]
    fn refusals_name_their_cause() {
        let desk = desk();
        let rule = "entityType.addRule";
        let property = "entityType.addProperty";
        let remove = "entityType.removeRule";
        let attributes = |attributes| ("attributes", attributes);
        let definition = ("definition", r#""required""#);
        let given = |given| ("property", given);
        desk.all_refused(
            "t",
            &[
                (rule, &[definition], 100, "attributes"),
                (rule, &[attributes(r#"["age"]"#)], 100, "definition"),
                (rule, &[attributes("[]"), definition], 200, "at least one"),
                (rule, &[attributes("[1]"), definition], 200, "strings"),
                (
                    rule,
                    &[attributes(r#"["age","/age"]"#), definition],
                    200,
                    "/age is named twice",
                ),
                (
                    rule,
                    &[attributes(r#"["a..b"]"#), definition],
                    200,
                    "attributes",
                ),
                (rule, &[attributes(r#"["nope"]"#), definition], 223, "/nope"),
                (rule, &[attributes(r#"["uuid"]"#), definition], 234, "/uuid"),
                (
                    rule,
                    &[attributes(r#"["age"]"#), ("definition", r#""sparkle""#)],
                    200,
                    "definition",
                ),
                (
                    rule,
                    &[attributes(r#"["age"]"#), ("definition", "required")],
                    200,
                    "syntactically",
                ),
                (
                    rule,
                    &[attributes(r#"["age"]"#), ("definition", "null")],
                    200,
                    "definition",
                ),
                (
                    rule,
                    &[attributes(r#"["age"]"#), ("definition", r#""to-lower""#)],
                    200,
                    "a string",
                ),
                (property, &[], 100, "property"),
                (property, &[given("[]")], 200, "object"),
                (property, &[given("{}")], 200, "`type`"),
                (
                    property,
                    &[given(r#"{"type":"other","attributes":["age"]}"#)],
                    200,
                    "`type`",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique"}"#)],
                    200,
                    "`attributes`",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":"age"}"#)],
                    200,
                    "`attributes`",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":[]}"#)],
                    200,
                    "at least one",
                ),
                (
                    property,
                    &[given(r#"{"type":"rule","attributes":["age"]}"#)],
                    200,
                    "needs a `definition`",
                ),
                (
                    property,
                    &[given(
                        r#"{"type":"unique","attributes":["age"],"definition":"required"}"#,
                    )],
                    200,
                    "no `definition`",
                ),
                (
                    property,
                    &[given(
                        r#"{"type":"unique","attributes":["age"],"description":7}"#,
                    )],
                    200,
                    "`description`",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["nope"]}"#)],
                    223,
                    "/nope",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["age","created"]}"#)],
                    234,
                    "/created",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["home"]}"#)],
                    200,
                    "/home is of type object",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["any"]}"#)],
                    200,
                    "/any is of type json",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["secret"]}"#)],
                    200,
                    "/secret is of type",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["emails"]}"#)],
                    200,
                    "/emails is of type plural",
                ),
                (
                    property,
                    &[given(r#"{"type":"unique","attributes":["emails.email"]}"#)],
                    200,
                    "inside a plural",
                ),
                (
                    property,
                    &[given(
                        r#"{"type":"unique","attributes":["emails.at.host"]}"#,
                    )],
                    200,
                    "inside a plural",
                ),
                (remove, &[], 100, "uuid"),
                (
                    remove,
                    &[("uuid", "7")],
                    200,
                    "uuid was not valid for the following reason: invalid uuid",
                ),
                (remove, &[("uuid", NOBODYS)], 310, "not found"),
            ],
        );
        let left = ok(&desk, "entityType.properties", &[]);
        assert_eq!(left, parse(r#"{"results":[],"stat":"ok"}"#));
        for operation in ["entityType.rules", "entityType.properties"] {
            assert_eq!(desk.refused(operation, &[("type_name", "nope")]).0, 222);
        }
        let nowhere = [("type_name", "nope"), ("uuid", NOBODYS)];
        assert_eq!(desk.refused(remove, &nowhere).0, 222);
    }

    #[test]
    fn a_type_is_deleted_when_told_so_and_not_before_its_rules() {
        let desk = desk();
        assert_eq!(create(&desk, r#"{"givenName":"Ann"}"#), None);
        let mut rule = ok(
            &desk,
            "entityType.addRule",
            &[attributes_of_age(), ("definition", r#""required""#)],
        );
        let uuid = take_uuid(&mut rule);
        for commit in ["true", "false"] {
            let (code, words) = refused(&desk, "entityType.delete", &[("commit", commit)]);
            assert_eq!(code, 200);
            assert!(words.contains("remove them first"), "{words}");
        }
        ok(&desk, "entityType.removeProperty", &[("uuid", &uuid)]);
        let done = parse(r#"{"stat":"ok"}"#);
        for pairs in [&[][..], &[("commit", "false")]] {
            assert_eq!(ok(&desk, "entityType.delete", pairs), done);
            let count = ok(&desk, "entity.count", &[]);
            assert_eq!(count.get("total_count").and_then(Json::as_i64), Some(1));
        }
        assert_eq!(ok(&desk, "entityType.delete", &[("commit", "true")]), done);
        for operation in ["entityType", "entity.count", "entityType.delete"] {
            assert_eq!(refused(&desk, operation, &[]).0, 222, "{operation}");
        }
        // A new type under the old name starts with nothing.
        ok(&desk, "entityType.create", &[("attr_defs", ATTR_DEFS)]);
        let count = ok(&desk, "entity.count", &[]);
        assert_eq!(count.get("total_count").and_then(Json::as_i64), Some(0));
    }

    fn attributes_of_age() -> (&'static str, &'static str) {
        ("attributes", r#"["age"]"#)
    }
}

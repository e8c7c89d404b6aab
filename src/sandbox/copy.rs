//! Entity types of another application, put into this one. Used by `captui sandbox copy-schema`, which fetches them: this
//! module sends nothing. What comes is judged as if a caller had sent it to `entityType.create`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use crate::capture::json::Json;
use crate::capture::schema;
use crate::capture::schema::EntityType;
use crate::capture::schema::diff::diff;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::rule;
use crate::sandbox::operations::properties;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::survey;
use crate::sandbox::store::types;
use crate::sandbox::store::types::Schemas;

/// An entity type as it could be created here.
#[derive(Clone, Debug)]
pub struct Design {
    schema: EntityType,
    /// `None` when nobody could read them there.
    properties: Option<Vec<Property>>,
    /// What of the properties is left out, and why.
    pub left_out: Vec<String>,
}

/// What is here and what comes from elsewhere, as their differences call them.
const NAMES: [&str; 2] = ["the sandbox", "the source"];

/// How a design stands to what is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no type of this name here.
    Missing,
    /// The type here is the same.
    Same,
    /// The type here is another.
    Different {
        /// In what, one sentence each.
        differences: Vec<String>,
        /// How many records it has.
        records: u64,
    },
}

impl Design {
    /// Reads what `entityType` answered about the type called `name`, and `entityType.properties` or `entityType.rules`
    /// if that could be read. An error is everything that the sandbox does not take.
    pub fn read(name: &str, answer: &Json, properties: Option<&Json>) -> Result<Self, Vec<String>> {
        let (given, mut problems) =
            EntityType::from_json(answer).map_err(|problem| vec![problem.to_string()])?;
        let own = schema::without_reserved(&given.attr_defs, true);
        problems.extend(schema::check(&own));
        let mut problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        if !schema::is_valid_name(name) {
            problems.push(format!("`{name}` cannot be a type's name here"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let schema = EntityType::create(name, own);
        let mut left_out = Vec::new();
        let properties = properties.map(|answer| {
            let results = answer.get("results").and_then(Json::as_array);
            results
                .unwrap_or_default()
                .iter()
                .filter_map(|json| {
                    read_property(json, &schema)
                        .map_err(|reason| left_out.push(reason))
                        .ok()
                })
                .collect()
        });
        Ok(Self {
            schema,
            properties,
            left_out,
        })
    }

    /// How many rules and combined uniquenesses come with the type; `None` when they are not known.
    pub fn properties(&self) -> Option<usize> {
        self.properties.as_ref().map(Vec::len)
    }
}

/// One of `entityType.properties`, or of `entityType.rules`, under a uuid of its own.
fn read_property(json: &Json, schema: &EntityType) -> Result<Property, String> {
    let property = Property {
        uuid: Uuid::new_v4().hyphenated().to_string(),
        ..Property::from_json(json)?
    };
    let (kind, attributes) = (property.kind.name(), &property.attributes);
    if attributes.iter().any(|path| schema.get(path).is_none()) {
        return Err(format!(
            "a {kind} on attributes that the type does not have"
        ));
    }
    match property.kind {
        PropertyKind::Rule => {
            let definition = property.definition.as_ref().unwrap_or(&Json::Null);
            rule::read(definition, attributes, schema).map(|_| ())
        }
        PropertyKind::Unique => attributes
            .iter()
            .try_for_each(|path| properties::check_comparable(path, schema)),
    }
    .map_err(|error| format!("a {kind}: {}", error.description))?;
    Ok(property)
}

/// Compares a design with the type of its name in `store`. Properties that could not be read there are no difference.
pub fn compare(store: &Store, design: &Design) -> Result<Standing, StoreError> {
    store.read(|transaction| {
        let Some(here) = store.schemas.find(transaction, &design.schema.name)? else {
            return Ok(Standing::Missing);
        };
        let mut differences = diff(&here.schema, &design.schema).to_lines(NAMES);
        if let Some(there) = &design.properties {
            differences.extend(property_differences(&here.properties, there));
        }
        if differences.is_empty() {
            return Ok(Standing::Same);
        }
        let records = survey::records(transaction, here.id)?;
        Ok(Standing::Different {
            differences,
            records: u64::try_from(records).unwrap_or_default(),
        })
    })
}

/// Creates the type of `design`; `false` when there is one of its name, unless `replace` says that it goes with its
/// records.
pub fn put(
    store: &Store,
    design: Design,
    replace: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let now = now.as_microsecond();
    store.write(move |transaction| {
        let schemas = Schemas::default();
        let name = &design.schema.name;
        if let Some(former) = schemas.find(transaction, name)? {
            if !replace {
                return Ok(false);
            }
            for property in former.properties.iter() {
                types::remove_property(transaction, Some(former.id), &property.uuid)?;
            }
            types::delete(transaction, former.id, now)?;
        }
        types::add(transaction, &design.schema, now)?;
        let new = schemas
            .find(transaction, name)?
            .ok_or(StoreError::Damaged("a new entity type is not there"))?;
        for property in design.properties.iter().flatten() {
            types::add_property(transaction, new.id, property)?;
        }
        Ok(true)
    })
}

fn property_differences(here: &[Property], there: &[Property]) -> Vec<String> {
    let words =
        |properties: &[Property]| -> BTreeSet<String> { properties.iter().map(describe).collect() };
    let (here, there) = (words(here), words(there));
    here.symmetric_difference(&there)
        .map(|property| only(property, here.contains(property)))
        .collect()
}

/// A description counts here: somebody wrote it.
fn describe(property: &Property) -> String {
    let text = property.describe();
    match &property.description {
        Some(description) => format!("{text} `{description}`"),
        None => text,
    }
}

fn only(what: &str, is_here: bool) -> String {
    let name = if is_here { NAMES[0] } else { NAMES[1] };
    format!("{what}: only in {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::StorePath;

    const TYPE: &str = r#"{"schema":{"name":"t","attr_defs":[
        {"name":"id","type":"id"},{"name":"uuid","type":"uuid"},
        {"name":"b","type":"string","length":20,"constraints":["required","unique"]},
        {"name":"a","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"c","type":"date"}]}]},"stat":"ok"}"#;

    fn design(answer: &str, properties: Option<&str>) -> Result<Design, Vec<String>> {
        let json = |text: &str| Json::parse(text).expect("is JSON");
        Design::read("t", &json(answer), properties.map(json).as_ref())
    }

    fn put_now(store: &Store, design: &Design, replace: bool) -> bool {
        put(store, design.clone(), replace, Timestamp::UNIX_EPOCH).expect("can be written")
    }

    #[test]
    fn a_type_is_put_in_once_and_then_the_same() {
        let store = Store::open(StorePath::Memory).expect("opens");
        let rules = r#"{"results":[
            {"attributes":["/b"],"definition":{"max-length":5},"description":"short","uuid":"x"},
            {"property":"unique","attributes":["b"],"uuid":"y"},
            {"property":"rule","attributes":["/z"],"definition":"required"},
            {"property":"other","attributes":["/b"]},
            {"attributes":["/b"]}]}"#;
        let design = design(TYPE, Some(rules)).expect("fits");
        assert_eq!(design.properties(), Some(2));
        assert_eq!(design.left_out.len(), 3, "{:?}", design.left_out);
        assert_eq!(
            compare(&store, &design).expect("can be read"),
            Standing::Missing
        );
        assert!(put_now(&store, &design, false));
        assert_eq!(
            compare(&store, &design).expect("can be read"),
            Standing::Same
        );
        assert!(!put_now(&store, &design, false));
        let here = store.read(|transaction| store.schemas.find(transaction, "t"));
        let here = here.expect("can be read").expect("is there");
        assert_eq!(here.properties.len(), 2);
        // With its rules, and again.
        assert!(put_now(&store, &design, true));
        assert_eq!(
            compare(&store, &design).expect("can be read"),
            Standing::Same
        );
    }

    #[test]
    fn differences_are_named_by_attribute() {
        let store = Store::open(StorePath::Memory).expect("opens");
        put_now(&store, &design(TYPE, None).expect("fits"), false);
        let other = r#"{"name":"t","attr_defs":[
            {"name":"b","type":"string","case-sensitive":false,"constraints":["unique"],"description":"d"},
            {"name":"a","type":"plural","attr_defs":[{"name":"d","type":"date","features":["query"]}]}]}"#;
        let other = design(
            other,
            Some(r#"{"results":[{"attributes":["/b"],"definition":"required"}]}"#),
        );
        let standing = compare(&store, &other.expect("fits")).expect("can be read");
        let Standing::Different {
            differences,
            records,
        } = standing
        else {
            panic!("{standing:?}");
        };
        assert_eq!(records, 0);
        assert_eq!(
            differences,
            [
                "/a/c: date, only in the sandbox",
                "/a/d: date, query, only in the source",
                "/b: length 20 → no limit",
                "/b: case-sensitive true → false",
                "/b: description none → \"d\"",
                "/b: constraints required, unique → unique",
                "rule \"required\" on /b: only in the source",
            ]
        );
        // Order means nothing.
        let same = r#"{"name":"t","attr_defs":[
            {"name":"a","type":"plural","attr_defs":[{"name":"c","type":"date","features":[]}]},
            {"name":"b","type":"string","length":20,"constraints":["unique","required"]}]}"#;
        let same = design(same, None).expect("fits");
        assert_eq!(compare(&store, &same).expect("can be read"), Standing::Same);
    }

    #[test]
    fn what_the_sandbox_does_not_take_is_named() {
        let problems = design(
            r#"{"name":"t","attr_defs":[{"name":"a b","type":"string"},{"name":"x","type":"hologram"}]}"#,
            None,
        );
        let problems = problems.expect_err("two things are wrong").join("\n");
        assert!(
            problems.contains("/a b: ") && problems.contains("hologram"),
            "{problems}"
        );
    }
}

//! The filter language against a real SQLite with the store's own layout, and against a second reading of what it means.
//! Most tests make their own records, odd ones among them; `store` asks the operations.

mod completion;
mod evaluate;
mod meaning;
mod plans;
mod store;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::read_attr_defs;
use crate::capture::value;
use crate::sandbox::filter::compile;
use crate::sandbox::filter::index_value;
use crate::sandbox::filter::register;
use crate::sandbox::store::migrations;

/// Every type, indexed and not, and the ways they nest.
const RICH: &str = r#"[
    {"name":"code","type":"string","constraints":["unique"]},
    {"name":"email","type":"string","case-sensitive":false,"constraints":["unique"],"features":["query"]},
    {"name":"number","type":"integer","constraints":["unique"]},
    {"name":"name","type":"string"},
    {"name":"nick","type":"string","case-sensitive":false},
    {"name":"alias","type":"string","case-sensitive":false,"features":["query"]},
    {"name":"age","type":"integer"},
    {"name":"score","type":"integer","features":["query"]},
    {"name":"price","type":"decimal"},
    {"name":"rate","type":"decimal","features":["query"]},
    {"name":"ok","type":"boolean"},
    {"name":"fine","type":"boolean","features":["query"]},
    {"name":"born","type":"date"},
    {"name":"joined","type":"date","features":["query"]},
    {"name":"seen","type":"dateTime"},
    {"name":"left","type":"dateTime","features":["query"]},
    {"name":"ip","type":"ipAddress"},
    {"name":"extra","type":"json"},
    {"name":"password","type":"password-bcrypt"},
    {"name":"empty","type":"object","attr_defs":[]},
    {"name":"home","type":"object","attr_defs":[
        {"name":"city","type":"string"},
        {"name":"geo","type":"object","attr_defs":[{"name":"lat","type":"decimal"}]},
        {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]},
    {"name":"logins","type":"plural","attr_defs":[
        {"name":"domain","type":"string","case-sensitive":false,"features":["query"]},
        {"name":"count","type":"integer"},
        {"name":"most","type":"integer"},
        {"name":"at","type":"dateTime"},
        {"name":"ok","type":"boolean"},
        {"name":"device","type":"object","attr_defs":[{"name":"os","type":"string"},{"name":"bought","type":"date"}]},
        {"name":"sites","type":"plural","attr_defs":[
            {"name":"siteName","type":"string"},
            {"name":"visits","type":"integer","features":["query"]}]}]}]"#;

const TYPE_ID: i64 = 1;

fn now() -> Timestamp {
    "2026-02-28T12:00:00.5Z".parse().expect("is an instant")
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

fn rich() -> EntityType {
    let (attr_defs, problems) = read_attr_defs(&json(RICH));
    assert_eq!(problems, []);
    EntityType::create("rich", attr_defs)
}

/// A record as it is put into a table: reserved attributes beside the others, in the schema's spelling.
#[derive(Clone, Debug)]
struct Record {
    uuid: String,
    created: i64,
    last_updated: i64,
    body: Json,
}

/// A database of the store's layout, with these records under the ids from 1.
fn database(schema: &EntityType, records: &[Record]) -> Connection {
    let connection = Connection::open_in_memory().expect("opens");
    migrations::migrate(&connection).expect("makes the layout");
    register(&connection).expect("takes functions");
    connection
        .execute(
            "INSERT INTO entity_types (id, name, revision, schema) VALUES (?1, ?2, 1, '')",
            (TYPE_ID, &schema.name),
        )
        .expect("takes a type");
    for (place, record) in records.iter().enumerate() {
        let id = i64::try_from(place).expect("few records") + 1;
        connection
            .execute(
                "INSERT INTO records (id, type_id, uuid, created, last_updated, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, jsonb(?6))",
                (
                    id,
                    TYPE_ID,
                    &record.uuid,
                    record.created,
                    record.last_updated,
                    record.body.to_string(),
                ),
            )
            .expect("takes a record");
        let index = Index {
            connection: &connection,
            record: id,
        };
        let own: Vec<AttrDef> = schema.own_attr_defs().cloned().collect();
        index.add(&record.body, &own, &AttrPath::root(), 0);
    }
    connection
}

/// Puts a record's values into the tables by which they are found.
struct Index<'c> {
    connection: &'c Connection,
    record: i64,
}

impl Index<'_> {
    fn add(&self, holder: &Json, defs: &[AttrDef], path: &AttrPath, element: i64) {
        for def in defs {
            let Some(value) = holder.get(&def.name) else {
                continue;
            };
            let here = path.child(def.name.as_str());
            match (&def.attr_type, value) {
                (AttrType::Object(inner), _) => self.add(value, inner, &here, element),
                (AttrType::Plural(inner), Json::Array(elements)) => {
                    for one in elements {
                        let id = one.get("id").and_then(Json::as_i64).unwrap_or_default();
                        self.add(one, inner, &here, id);
                    }
                }
                _ => self.add_value(value, def, &here, element),
            }
        }
    }

    fn add_value(&self, value: &Json, def: &AttrDef, path: &AttrPath, element: i64) {
        if let (true, Some(key)) = (def.has(&Constraint::Unique), value::unique_key(value, def)) {
            self.insert("unique_values", path, Value::Text(key), element);
        }
        if let (true, Some(value)) = (def.has_feature(&Feature::Query), index_value(value, def)) {
            self.insert("query_values", path, value, element);
        }
    }

    fn insert(&self, table: &str, path: &AttrPath, value: Value, element: i64) {
        self.connection
            .execute(
                &format!(
                    "INSERT INTO {table} (type_id, attribute, value, record_id, element_id) VALUES (?1, ?2, ?3, ?4, ?5)"
                ),
                (TYPE_ID, path.dotted(), value, self.record, element),
            )
            .expect("takes a value");
    }
}

/// The ids of the records that a filter selects.
fn select(
    connection: &Connection,
    schema: &EntityType,
    filter: &str,
) -> Result<Vec<i64>, ApiError> {
    let condition = compile(filter, schema, 2, now())?;
    let mut values = vec![Value::from(TYPE_ID)];
    values.extend(condition.params);
    let mut statement = connection
        .prepare(&format!(
            "SELECT id FROM records WHERE type_id = ?1 AND {} ORDER BY id",
            condition.sql
        ))
        .unwrap_or_else(|error| panic!("{filter}: {error}: {}", condition.sql));
    let ids = statement
        .query_map(params_from_iter(values), |row| row.get(0))
        .and_then(Iterator::collect);
    Ok(ids.unwrap_or_else(|error| panic!("{filter}: {error}: {}", condition.sql)))
}

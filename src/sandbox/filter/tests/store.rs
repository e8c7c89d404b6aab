//! The filter language over the sandbox's own records, through the operations: the same second reading, of what
//! `entity.find` answers.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;

use crate::capture::attr_type::AttrType;
use crate::capture::filter::parse::parse;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::request::HttpParts;
use crate::capture::schema::EntityType;
use crate::sandbox::filter::tests::evaluate::View;
use crate::sandbox::filter::tests::evaluate::quoted;
use crate::sandbox::filter::tests::now;
use crate::sandbox::pipeline::answer;
use crate::sandbox::store::Store;
use crate::sandbox::store::StorePath;

fn call(store: &Store, path: &str, args: &[(&str, &str)]) -> Json {
    let (id, secret) = store.owner().expect("has an owner");
    let mut args = Args::from_pairs(args.iter().copied());
    args.push("client_id", id);
    args.push("client_secret", secret.reveal());
    let call = Call::read(&HttpParts {
        method: "POST",
        path,
        query: "",
        content_type: None,
        authorization: None,
        date: None,
        body: args.to_form().as_bytes(),
    });
    let call = call.expect("POST is read");
    answer(store, &call, IpAddr::V4(Ipv4Addr::LOCALHOST), now()).body
}

/// The values of the attribute at `path`, in whatever elements, as literals.
fn literals(record: &Json, path: &AttrPath, found: &mut BTreeSet<String>) {
    let mut values = vec![record];
    for segment in &path.0 {
        values = values
            .into_iter()
            .flat_map(|value| {
                value
                    .as_array()
                    .map_or(vec![value], |all| all.iter().collect())
            })
            .filter_map(|value| value.get(&segment.name))
            .collect();
    }
    for value in values {
        match value {
            Json::String(text) => found.insert(quoted(text, false)),
            Json::Number(_) | Json::Bool(_) => found.insert(value.to_string()),
            Json::Null | Json::Array(_) | Json::Object(_) => false,
        };
    }
}

/// Every attribute of the type: whether it is null, and how it compares with one of its values.
fn filters(schema: &EntityType, records: &[Json]) -> Vec<String> {
    let mut filters = Vec::new();
    for (path, def) in schema.walk() {
        let name = path.dotted();
        filters.push(format!("{name} is null"));
        filters.push(format!("{name} is not null"));
        if matches!(def.attr_type, AttrType::Json | AttrType::Password(_)) {
            continue;
        }
        let mut found = BTreeSet::new();
        for record in records {
            literals(record, &path, &mut found);
        }
        if let Some(literal) = found.iter().nth(found.len() / 2) {
            filters.push(format!("{name} <= {literal}"));
            filters.push(format!("not ({name} = {literal}) or email > 'm'"));
        }
    }
    filters
}

#[test]
fn the_sandboxs_own_records_are_found_as_the_language_means() {
    let store = Store::open(StorePath::Memory).expect("opens");
    let of_type = ("type_name", "user");
    let answer = call(&store, "/entityType", &[of_type]);
    let (schema, problems) = EntityType::from_json(&answer).expect("is a schema");
    assert_eq!(problems, []);
    let find = |filter: &str| -> Vec<Json> {
        let answer = call(&store, "/entity.find", &[of_type, ("filter", filter)]);
        let results = answer.get("results").and_then(Json::as_array);
        results
            .unwrap_or_else(|| panic!("{filter}: {answer}"))
            .to_vec()
    };
    let records = find("");
    assert!(records.len() > 10);
    let filters = filters(&schema, &records);
    assert!(filters.len() > 400, "{}", filters.len());
    for filter in filters {
        let expr = parse(&filter).expect("was made right");
        let expected: Vec<&Json> = records
            .iter()
            .filter(|record| View::new(&schema, record).test(&expr) == Some(true))
            .collect();
        assert_eq!(
            find(&filter).iter().collect::<Vec<_>>(),
            expected,
            "{filter}"
        );
    }
}

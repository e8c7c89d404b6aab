//! What one type goes through: records made, changed and taken away in any order, and its attributes with them. After
//! every step what `entity.find` lists, what keys lead to and what is counted is what the steps add up to; in the end
//! `versions/entity` shows every state there was.

use std::collections::BTreeMap;

use captui::capture::attr_type::AttrType;
use captui::capture::constraint::Constraint;
use captui::capture::json::Json;
use captui::capture::json::object::Object;
use captui::capture::sample::Fill;
use captui::capture::sample::record;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::validate::Mode;
use captui::capture::value;
use jiff::Timestamp;
use proptest::collection;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::test_runner::TestCaseError;

use crate::sandbox::agreement::Kind;
use crate::sandbox::agreement::code;
use crate::sandbox::agreement::mutate::Mutation;
use crate::sandbox::agreement::mutate::mutate;
use crate::sandbox::agreement::run;
use crate::sandbox::agreement::schemas;

/// How many types are followed in an ordinary run.
const TYPES: u32 = 12;

/// Something that happens to the type. Records, elements and attributes are named by a number, taken modulo how many
/// there are.
#[derive(Clone, Debug)]
enum Step {
    Create(u64, Vec<Mutation>),
    Bulk(u64),
    Update(u16, u64, Vec<Mutation>),
    Replace(u16, u64, Vec<Mutation>),
    Delete(u16),
    DeleteElement(u16, u16),
    AddAttribute(AttrDef),
    RemoveAttribute(u16),
}

/// When the type was as it then was, and its records by id.
type State = (Timestamp, EntityType, Vec<(i64, Json)>);

fn steps() -> impl Strategy<Value = (Vec<AttrDef>, Vec<Step>)> {
    let seed = || 0_u64..30;
    let mutations = || collection::vec(any::<Mutation>(), 0..2);
    let step = prop_oneof![
        5 => (seed(), mutations()).prop_map(|(seed, changes)| Step::Create(seed, changes)),
        1 => seed().prop_map(Step::Bulk),
        4 => (any::<u16>(), seed(), mutations()).prop_map(|(at, seed, changes)| Step::Update(at, seed, changes)),
        3 => (any::<u16>(), seed(), mutations()).prop_map(|(at, seed, changes)| Step::Replace(at, seed, changes)),
        1 => any::<u16>().prop_map(Step::Delete),
        2 => any::<(u16, u16)>().prop_map(|(at, element)| Step::DeleteElement(at, element)),
        1 => schemas::attr_defs().prop_map(|mut defs| Step::AddAttribute(defs.swap_remove(0))),
        1 => any::<u16>().prop_map(Step::RemoveAttribute),
    ];
    (schemas::attr_defs(), collection::vec(step, 1..20))
}

#[test]
fn whatever_happens_to_a_type_adds_up() {
    run(TYPES, &steps(), |kind, steps| {
        let mut states = Vec::new();
        for step in steps {
            take(kind, step)?;
            look(kind)?;
            states.push((Timestamp::now(), kind.schema.clone(), kind.records.clone()));
        }
        look_back(kind, &states)
    });
}

fn take(kind: &mut Kind, step: &Step) -> Result<(), TestCaseError> {
    let draft = |schema: &EntityType, seed, mutations: &[Mutation]| {
        let mut record = record(schema, seed, Fill::Typical);
        for mutation in mutations {
            mutate(&mut record, schema, *mutation);
        }
        record
    };
    match step {
        Step::Create(seed, mutations) => {
            let record = draft(&kind.schema, *seed, mutations);
            kind.new_record(&record)
        }
        Step::Bulk(seed) => bulk(kind, *seed),
        Step::Update(at, seed, mutations) => {
            let patch = draft(&kind.schema, *seed, mutations);
            kind.change("entity.update", Mode::Update, place(kind, *at), &patch)
        }
        Step::Replace(at, seed, mutations) => {
            let whole = draft(&kind.schema, *seed, mutations);
            kind.change("entity.replace", Mode::Replace, place(kind, *at), &whole)
        }
        Step::Delete(at) => delete(kind, place(kind, *at)),
        Step::DeleteElement(at, element) => {
            delete_element(kind, place(kind, *at), usize::from(*element))
        }
        Step::AddAttribute(def) => add_attribute(kind, def.clone()),
        Step::RemoveAttribute(at) => remove_attribute(kind, usize::from(*at)),
    }
}

fn place(kind: &Kind, number: u16) -> usize {
    usize::from(number) % kind.records.len().max(1)
}

/// Some records at once; those that are taken are as if they had been created one after another.
fn bulk(kind: &mut Kind, seed: u64) -> Result<(), TestCaseError> {
    let records: Vec<Json> = (seed..seed + 3)
        .map(|seed| record(&kind.schema, seed, Fill::Typical))
        .collect();
    let text = Json::from(records).to_string();
    let name = kind.schema.name.clone();
    let arguments = [
        ("type_name", name.as_str()),
        ("all_attributes", text.as_str()),
    ];
    let answer = kind.talk.call("entity.bulkCreate", &arguments);
    prop_assert_eq!(code(&answer), 0, "{}", answer);
    let ids = answer
        .get("results")
        .and_then(Json::as_array)
        .unwrap_or_default();
    for id in ids.iter().filter_map(Json::as_i64) {
        let shown = kind.view(id);
        kind.records
            .push((id, shown.get("result").cloned().unwrap_or_default()));
    }
    Ok(())
}

fn delete(kind: &mut Kind, at: usize) -> Result<(), TestCaseError> {
    if at < kind.records.len() {
        let (id, _) = kind.records.remove(at);
        let (name, id_text) = (kind.schema.name.clone(), id.to_string());
        let answer = kind
            .talk
            .call("entity.delete", &[("type_name", &name), ("id", &id_text)]);
        prop_assert_eq!(code(&answer), 0, "{}", answer);
        prop_assert_eq!(code(&kind.view(id)), 310);
    }
    Ok(())
}

fn delete_element(kind: &mut Kind, at: usize, nth: usize) -> Result<(), TestCaseError> {
    let Some((id, shown)) = kind.records.get(at) else {
        return Ok(());
    };
    let mut paths = Vec::new();
    element_paths(shown, &kind.schema.attr_defs, "", &mut paths);
    let Some((path, element)) = paths.get(nth % paths.len().max(1)).cloned() else {
        return Ok(());
    };
    let (name, id_text) = (kind.schema.name.clone(), id.to_string());
    let arguments = [
        ("type_name", name.as_str()),
        ("id", &id_text),
        ("attribute_name", &path),
    ];
    let id = *id;
    let answer = kind.talk.call("entity.delete", &arguments);
    prop_assert_eq!(code(&answer), 0, "{} at {}", answer, path);
    let now = kind.view(id).get("result").cloned().unwrap_or_default();
    let record = &mut kind.records[at].1;
    take_out(record, element);
    // The stamp alone is another.
    let stamp = now.get("lastUpdated").cloned().unwrap_or_default();
    if let Some(members) = record.as_object_mut() {
        members.insert("lastUpdated".to_owned(), stamp);
    }
    prop_assert_eq!(&*record, &now, "without {}", path);
    Ok(())
}

/// The path and the id of every element, at any depth.
fn element_paths(holder: &Json, defs: &[AttrDef], path: &str, found: &mut Vec<(String, i64)>) {
    for def in defs {
        let (here, inner) = (format!("{path}/{}", def.name), def.attr_type.attr_defs());
        match (&def.attr_type, holder.get(&def.name)) {
            (AttrType::Object(_), Some(object)) => element_paths(object, inner, &here, found),
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                for element in elements {
                    let id = element.get("id").and_then(Json::as_i64).unwrap_or_default();
                    let here = format!("{here}#{id}");
                    element_paths(element, inner, &here, found);
                    found.push((here, id));
                }
            }
            _ => {}
        }
    }
}

/// Takes the element with this id out of whatever plural it is in.
fn take_out(value: &mut Json, id: i64) {
    match value {
        Json::Array(elements) => {
            elements.retain(|one| one.get("id").and_then(Json::as_i64) != Some(id));
            for one in elements {
                take_out(one, id);
            }
        }
        Json::Object(members) => members.values_mut().for_each(|member| take_out(member, id)),
        _ => {}
    }
}

/// Adds an attribute that may be null: a required one cannot be added to records that lack it.
fn add_attribute(kind: &mut Kind, mut def: AttrDef) -> Result<(), TestCaseError> {
    allow_null(&mut def);
    let name = kind.schema.name.clone();
    let text = def.to_json().to_string();
    let arguments = [("type_name", name.as_str()), ("attr_def", text.as_str())];
    let answer = kind.talk.call("entityType.addAttribute", &arguments);
    if kind.schema.attr_defs.iter().any(|old| old.name == def.name) {
        prop_assert_eq!(code(&answer), 233, "{}", answer);
        return Ok(());
    }
    let mut own: Vec<AttrDef> = kind.schema.own_attr_defs().cloned().collect();
    own.iter_mut().for_each(without_ids);
    own.push(def.clone());
    kind.schema = EntityType::create(name, own);
    expect_schema(kind, &answer)?;
    for (_, record) in &mut kind.records {
        if let Some(members) = record.as_object_mut() {
            members.insert(def.name.clone(), nothing(&def));
        }
    }
    Ok(())
}

fn allow_null(def: &mut AttrDef) {
    if let Some(constraints) = &mut def.constraints {
        constraints.retain(|constraint| *constraint != Constraint::Required);
    }
    if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
        inner.iter_mut().for_each(allow_null);
    }
}

/// As a caller writes it: the ids of plurals are the service's.
fn without_ids(def: &mut AttrDef) {
    if let AttrType::Plural(inner) = &mut def.attr_type {
        inner.retain(|def| def.attr_type != AttrType::Id);
    }
    if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
        inner.iter_mut().for_each(without_ids);
    }
}

/// How the absence of a value is shown.
fn nothing(def: &AttrDef) -> Json {
    match &def.attr_type {
        AttrType::Object(inner) => inner
            .iter()
            .map(|def| (def.name.clone(), nothing(def)))
            .collect(),
        AttrType::Plural(_) => Json::Array(Vec::new()),
        _ => Json::Null,
    }
}

/// Removes an attribute of the top level, but not the last one.
fn remove_attribute(kind: &mut Kind, nth: usize) -> Result<(), TestCaseError> {
    let own: Vec<String> = kind
        .schema
        .own_attr_defs()
        .map(|def| def.name.clone())
        .collect();
    if own.len() < 2 {
        return Ok(());
    }
    let gone = &own[nth % own.len()];
    let name = kind.schema.name.clone();
    let arguments = [
        ("type_name", name.as_str()),
        ("attribute_name", gone.as_str()),
    ];
    let answer = kind.talk.call("entityType.removeAttribute", &arguments);
    kind.schema.attr_defs.retain(|def| def.name != *gone);
    for (_, record) in &mut kind.records {
        if let Some(members) = record.as_object_mut() {
            members.shift_remove(gone);
        }
    }
    expect_schema(kind, &answer)
}

fn expect_schema(kind: &Kind, answer: &Json) -> Result<(), TestCaseError> {
    let members: Object = [
        ("schema".to_owned(), kind.schema.to_json()),
        ("stat".to_owned(), "ok".into()),
    ]
    .into();
    prop_assert_eq!(answer, &Json::Object(members));
    Ok(())
}

/// What the type holds, asked in several ways.
fn look(kind: &mut Kind) -> Result<(), TestCaseError> {
    let name = kind.schema.name.clone();
    let arguments = [
        ("type_name", name.as_str()),
        ("sort_on", r#"["id"]"#),
        ("max_results", "1000"),
    ];
    let answer = kind.talk.call("entity.find", &arguments);
    let listed = answer
        .get("results")
        .and_then(Json::as_array)
        .unwrap_or_default();
    let mut expected: Vec<(i64, Json)> = kind.records.clone();
    expected.sort_by_key(|(id, _)| *id);
    let expected: Vec<Json> = expected.into_iter().map(|(_, record)| record).collect();
    prop_assert_eq!(listed, expected.as_slice());
    let answer = kind.talk.call("entity.count", &[("type_name", &name)]);
    let count = answer.get("total_count").and_then(Json::as_i64);
    prop_assert_eq!(count, i64::try_from(expected.len()).ok());
    look_up(kind)?;
    look_by_filter(kind)
}

/// Filters find what they should, whether an index helps them or not.
fn look_by_filter(kind: &mut Kind) -> Result<(), TestCaseError> {
    let name = kind.schema.name.clone();
    let walked = kind.schema.walk().into_iter();
    let defs: Vec<(String, AttrDef)> = walked
        .map(|(path, def)| (path.slashed(), def.clone()))
        .collect();
    // A few of them each time, others the next.
    let turn = kind.talk.answers.values().sum::<u64>() as usize;
    for (path, def) in defs.into_iter().skip(turn % 5).step_by(5) {
        let values: Vec<Vec<Json>> = kind
            .records
            .iter()
            .map(|(_, record)| {
                let mut found = Vec::new();
                values_at(record, &path, &mut found);
                found
            })
            .collect();
        let sample = values
            .iter()
            .flatten()
            .find_map(|value| Some((literal(value, &def)?, value.clone())));
        let mut filters = vec![(format!("{path} is null"), count(&values, Json::is_null))];
        if let Some((literal, value)) = sample {
            let key = value::unique_key(&value, &def);
            let same = |other: &Json| value::unique_key(other, &def) == key;
            filters.push((format!("{path} = {literal}"), count(&values, same)));
            let unlike = |other: &Json| !other.is_null() && !same(other);
            filters.push((format!("{path} != {literal}"), count(&values, unlike)));
        }
        if matches!(def.attr_type, AttrType::Object(_) | AttrType::Plural(_)) {
            continue;
        }
        for (filter, expected) in filters {
            let arguments = [("type_name", name.as_str()), ("filter", filter.as_str())];
            let answer = kind.talk.call("entity.count", &arguments);
            let found = answer.get("total_count").and_then(Json::as_i64);
            prop_assert_eq!(
                found,
                Some(expected),
                "{} of {}: {}",
                filter,
                def.to_json(),
                answer
            );
        }
    }
    Ok(())
}

/// In how many records one of the values fits.
fn count(values: &[Vec<Json>], fits: impl Fn(&Json) -> bool) -> i64 {
    values
        .iter()
        .filter(|values| values.iter().any(&fits))
        .count() as i64
}

/// The values at a slashed path, one for every element of the plurals on its way.
fn values_at(value: &Json, path: &str, found: &mut Vec<Json>) {
    let Some(path) = path.strip_prefix('/') else {
        return found.push(value.clone());
    };
    let (name, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    let member = value.get(name).cloned().unwrap_or_default();
    match member {
        Json::Array(elements) if !rest.is_empty() => {
            for element in &elements {
                values_at(element, rest, found);
            }
        }
        member => values_at(&member, rest, found),
    }
}

/// The value as a filter writes it; none for what is not compared here: numbers too large or too exact, documents,
/// and texts with control characters.
fn literal(value: &Json, def: &AttrDef) -> Option<String> {
    match (&def.attr_type, value) {
        (AttrType::Decimal | AttrType::Json | AttrType::Password(_), _) => None,
        (_, Json::String(text)) if text.contains(char::is_control) => None,
        (_, Json::String(text)) => {
            let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
            Some(format!("'{escaped}'"))
        }
        (_, Json::Bool(_) | Json::Number(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// Every unique value outside plurals leads to its record, and one that nobody has to none.
fn look_up(kind: &mut Kind) -> Result<(), TestCaseError> {
    let name = kind.schema.name.clone();
    let unique: Vec<AttrDef> = kind
        .schema
        .own_attr_defs()
        .filter(|def| def.has(&Constraint::Unique))
        .cloned()
        .collect();
    for def in unique {
        let mut holders: BTreeMap<String, (i64, Json)> = BTreeMap::new();
        for (id, record) in &kind.records {
            let value = record.get(&def.name).cloned().unwrap_or_default();
            if let Some(key) = value::unique_key(&value, &def) {
                prop_assert_eq!(holders.insert(key, (*id, value)), None);
            }
        }
        for (id, value) in holders.into_values().take(4) {
            let text = value.to_string();
            let arguments = [
                ("type_name", name.as_str()),
                ("key_attribute", &def.name),
                ("key_value", &text),
            ];
            let answer = kind.talk.call("entity", &arguments);
            let found = answer
                .get("result")
                .and_then(|record| record.get("id"))
                .and_then(Json::as_i64);
            prop_assert_eq!(found, Some(id), "by {}={}: {}", def.name, text, answer);
        }
    }
    Ok(())
}

/// After everything, the states between the steps, by the schema of their time.
fn look_back(kind: &mut Kind, states: &[State]) -> Result<(), TestCaseError> {
    let name = kind.schema.name.clone();
    for (moment, schema, records) in states.iter().step_by(3) {
        let moment = moment.strftime("%F %T.%6f +0000").to_string();
        let answer = kind.talk.call(
            "versions/entityType",
            &[("type_name", &name), ("timestamp", &moment)],
        );
        prop_assert_eq!(
            answer.get("schema"),
            Some(&schema.to_json()),
            "at {}",
            moment
        );
        for (id, record) in records {
            let id = id.to_string();
            let arguments = [
                ("type_name", name.as_str()),
                ("id", &id),
                ("timestamp", &moment),
            ];
            let answer = kind.talk.call("versions/entity", &arguments);
            prop_assert_eq!(
                answer.get("result"),
                Some(record),
                "{} at {}",
                answer,
                moment
            );
        }
    }
    Ok(())
}

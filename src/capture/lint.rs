//! Records in an answer against the copy of the schema that is at hand: what explains why something does not show up, or
//! shows up wrong.
//!
//! Quiet facts, no errors: the answer is right by definition, and a value may be older than the constraint it breaks.
//! Used by the explorer's response. The checks of values are those of [`crate::capture::validate`].

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Feature;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;

/// How many records of an answer are looked at: a page that people read.
pub const MOST_RECORDS: usize = 200;

/// One thing that is odd about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is odd.
    pub kind: Kind,
    /// The attribute, by its definition.
    pub attribute: AttrPath,
    /// What is odd about it, in words.
    pub what: String,
    /// Where in the answer it is first seen, from its root: `results[2].birthday`.
    pub place: String,
    /// In how many places it is seen.
    pub count: usize,
}

/// The kinds of oddity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The answer has an attribute that the schema copy has not: the copy is older than the answer.
    NotInSchema,
    /// The schema copy has an attribute that a whole record of the answer has not: it was removed, or is hidden from
    /// this client.
    NotInAnswer,
    /// A value is not what the schema copy allows.
    Value,
    /// Elements of a plural that has no primary key: updates can tell them apart by their ids only.
    NoPrimaryKey,
    /// The answer is about another record than the call.
    OtherRecord,
}

impl Kind {
    /// Whether it is a sign that the schema copy is not the one that the answer was made with.
    pub fn means_stale(self) -> bool {
        matches!(self, Self::NotInSchema | Self::NotInAnswer)
    }
}

/// What is odd about the records in `answer`, each thing once, in the order in which they are met; empty when there are
/// no records in it.
pub fn lint(
    request: &ApiRequest,
    answer: &Json,
    schema: &EntityType,
    now: Timestamp,
) -> Vec<Finding> {
    let mut found = Found::default();
    // The value of one attribute is no record.
    if request.args.get("attribute_name").is_some() {
        return Vec::new();
    }
    let is_whole = request
        .args
        .get("attributes")
        .is_none_or(|_| writes(request.endpoint));
    for (place, record) in records(answer) {
        let Some(members) = record.as_object() else {
            continue;
        };
        for violation in validate::validate(record, schema, Mode::Update, now) {
            found.violation(&place, record, violation, schema);
        }
        if is_whole {
            let absent = schema
                .attr_defs
                .iter()
                .filter(|def| !members.contains_key(&def.name));
            for def in absent {
                let what = "is in the schema, but not in the record";
                found.add(Kind::NotInAnswer, top(def), what, place.clone());
            }
        }
        for def in schema.own_attr_defs() {
            found.primary_key(&place, def, members.get(&def.name));
        }
        found.other_record(&place, request, record);
    }
    found.0.into_values().collect()
}

fn writes(endpoint: Endpoint) -> bool {
    // There `attributes` is what to write, not what to show.
    !matches!(endpoint, Endpoint::EntityView | Endpoint::EntityFind)
}

/// The records of an answer with their places in it.
fn records(answer: &Json) -> Vec<(String, &Json)> {
    if let Some(record) = answer.get("result") {
        return vec![("result".to_owned(), record)];
    }
    let results = answer.get("results").and_then(Json::as_array);
    let numbered = results.unwrap_or_default().iter().enumerate();
    numbered
        .take(MOST_RECORDS)
        .map(|(at, record)| (format!("results[{at}]"), record))
        .collect()
}

/// What was found, by kind, definition and words.
#[derive(Default)]
struct Found(IndexMap<(Kind, AttrPath, String), Finding>);

impl Found {
    fn add(&mut self, kind: Kind, attribute: AttrPath, what: impl Into<String>, place: String) {
        let what = what.into();
        let key = (kind, attribute.clone(), what.clone());
        let finding = self.0.entry(key).or_insert(Finding {
            kind,
            attribute,
            what,
            place,
            count: 0,
        });
        finding.count += 1;
    }

    fn violation(
        &mut self,
        place: &str,
        record: &Json,
        violation: validate::Violation,
        schema: &EntityType,
    ) {
        let definition = violation.path.definition();
        let is_password = schema
            .get(&definition)
            .is_some_and(|def| matches!(def.attr_type, AttrType::Password(_)));
        let kind = match violation.code {
            ErrorCode::UNKNOWN_ATTRIBUTE => Kind::NotInSchema,
            // What only a caller may not send, and what an answer shows in a form of its own.
            ErrorCode::RESERVED_ATTRIBUTE | ErrorCode::ID_IN_NEW_RECORD => return,
            _ if is_password => return,
            // Not asked for.
            ErrorCode::MISSING_REQUIRED_ATTRIBUTE
                if value_at(record, &violation.path).is_none() =>
            {
                return;
            }
            _ => Kind::Value,
        };
        let what = match kind {
            Kind::NotInSchema => "is in the record, but not in the schema".to_owned(),
            _ => violation.reason,
        };
        let place = format!("{place}.{}", violation.path);
        self.add(kind, definition, what, place);
    }

    /// A plural with several elements that nothing but their ids tells apart.
    fn primary_key(&mut self, place: &str, def: &AttrDef, value: Option<&Json>) {
        let AttrType::Plural(members) = &def.attr_type else {
            return;
        };
        let elements = value.and_then(Json::as_array).unwrap_or_default();
        let has_key = members
            .iter()
            .any(|member| member.has_feature(&Feature::PrimaryKey));
        if elements.len() > 1 && !has_key {
            let what = "has no primary key: only the ids tell its elements apart";
            let place = format!("{place}.{}", def.name);
            self.add(Kind::NoPrimaryKey, top(def), what, place);
        }
    }

    /// A record that was asked for by uuid or id, and is another.
    fn other_record(&mut self, place: &str, request: &ApiRequest, record: &Json) {
        for name in ["uuid", "id"] {
            let (Some(asked), Some(got)) = (request.args.get(name), record.get(name)) else {
                continue;
            };
            let got = got.as_str().map_or_else(|| got.to_string(), str::to_owned);
            if !got.eq_ignore_ascii_case(asked) {
                let what =
                    format!("is {got}, but {asked} was asked for: the answer of another call?");
                let path = AttrPath::root().child(name);
                self.add(Kind::OtherRecord, path, what, format!("{place}.{name}"));
            }
        }
    }
}

/// The path of a definition at the top.
fn top(def: &AttrDef) -> AttrPath {
    AttrPath::root().child(def.name.clone())
}

/// The value at a path whose elements are told by their places.
fn value_at<'a>(record: &'a Json, path: &AttrPath) -> Option<&'a Json> {
    path.0.iter().try_fold(record, |here, segment| {
        let member = here.get(&segment.name)?;
        match segment.element {
            None => Some(member),
            Some(Element::Index(at)) => member.as_array()?.get(at),
            Some(Element::Id(_)) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::read_attr_defs;

    fn schema() -> EntityType {
        let defs = r#"[{"name":"email","type":"string","length":20,"constraints":["required","email-address"]},
            {"name":"birthday","type":"date"},
            {"name":"secret","type":"password-bcrypt"},
            {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]},
            {"name":"keyed","type":"plural","attr_defs":
                [{"name":"key","type":"string","features":["primary-key"],"constraints":["locally-unique"]}]}]"#;
        let (defs, problems) = read_attr_defs(&Json::parse(defs).expect("is JSON"));
        assert_eq!(problems, []);
        EntityType::create("user", defs)
    }

    const STORED: &str = r#""id":7,"uuid":"u-7","created":"2015-12-15 07:36:25.388913 +0000",
        "lastUpdated":"2015-12-15 07:36:25.388913 +0000","email":"a@b.example","birthday":"1985-03-04",
        "secret":{"type":"password-bcrypt","value":"••••"},"tags":[],"keyed":[]"#;

    fn found(request: ApiRequest, answer: &str) -> Vec<String> {
        let answer = Json::parse(answer).expect("is JSON");
        let findings = lint(&request, &answer, &schema(), Timestamp::UNIX_EPOCH);
        findings
            .iter()
            .map(|finding| {
                format!(
                    "{:?} {} {} ×{}",
                    finding.kind, finding.attribute, finding.place, finding.count
                )
            })
            .collect()
    }

    #[test]
    fn what_is_odd_is_told_once_with_its_first_place() {
        let view = || ApiRequest::new(Endpoint::EntityView).with("uuid", "u-7");
        let find = || ApiRequest::new(Endpoint::EntityFind);
        assert_eq!(
            found(view(), &format!(r#"{{"stat":"ok","result":{{{STORED}}}}}"#)),
            [""; 0]
        );

        let odd = r#"{"stat":"ok","results":[
            {"email":"a@b.example","more":1},
            {"email":"no address","more":2,"birthday":"1985-02-29","keyed":[{"id":1,"key":"a"},{"id":2,"key":"a"}],
             "tags":[{"id":3,"tag":"x"},{"id":4,"tag":"x"}]},
            {"email":null,"secret":5}]}"#;
        assert_eq!(
            found(find().with("attributes", r#"["email"]"#), odd),
            [
                "NotInSchema more results[0].more ×2",
                "Value birthday results[1].birthday ×1",
                "Value email results[1].email ×1",
                "Value keyed.key results[1].keyed[1].key ×1",
                "NoPrimaryKey tags results[1].tags ×1",
                "Value email results[2].email ×1",
            ]
        );
        // A record that was to be shown whole.
        let whole = found(find(), r#"{"results":[{"email":"a@b.example"}]}"#);
        assert!(
            whole.contains(&"NotInAnswer birthday results[0] ×1".to_owned()),
            "{whole:?}"
        );

        let other = format!(r#"{{"stat":"ok","result":{{{STORED}}}}}"#).replace("u-7", "u-8");
        assert_eq!(found(view(), &other), ["OtherRecord uuid result.uuid ×1"]);
    }

    #[test]
    fn what_holds_no_records_is_not_looked_at() {
        let part = ApiRequest::new(Endpoint::EntityView).with("attribute_name", "tags");
        assert_eq!(
            found(part, r#"{"result":[{"id":1,"tag":5}],"stat":"ok"}"#),
            [""; 0]
        );
        let create = ApiRequest::new(Endpoint::EntityCreate).with("attributes", "{}");
        assert_eq!(found(create, r#"{"id":1,"uuid":"u","stat":"ok"}"#), [""; 0]);
        let odd = r#"{"results":[5,null,[]],"stat":"ok"}"#;
        assert_eq!(found(ApiRequest::new(Endpoint::EntityFind), odd), [""; 0]);
    }
}

//! A record against its schema: every violation, with the code the service would answer and a reason for people.
//!
//! The form checks a draft with it, the sandbox a call; `normalise` gives the sandbox what to store. One walk does both,
//! so that what is called valid is what can be stored. Absent here: `unique` across records, access schemas and data
//! validation rules, which need more than the record.
//!
//! ```text
//!  record ──Walk::members──▶ for every definition: absent?  ▶ fill (whole) or leave out (Update)
//!                  │                                given?   ▶ value::read_all, or into the object or plural
//!                  └▶ what no definition asked for: 223
//! ```

use std::collections::HashMap;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;

/// The most violations that are reported: a list for people, and one mistake in a long plural repeats in every element.
pub const MOST_VIOLATIONS: usize = 1_000;

/// What the record is for; decides what may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new record.
    Create,
    /// Attributes to merge into a record.
    Update,
    /// A record to put in place of another.
    Replace,
}

/// One thing that the service would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub path: AttrPath,
    /// The code the service answers.
    pub code: ErrorCode,
    /// What is wrong and what would be right, in a sentence.
    pub reason: String,
}

impl Violation {
    /// The answer of the service: its own text where that is known (reference 8), otherwise the path and the reason.
    pub fn to_api_error(&self) -> ApiError {
        let path = self.path.slashed();
        match self.code {
            ErrorCode::UNKNOWN_ATTRIBUTE => {
                ApiError::new(self.code, format!("attribute does not exist: {path}"))
                    .with("attribute_name", path)
            }
            ErrorCode::UNIQUE_VIOLATION => {
                ApiError::new(self.code, "Attempted to update a duplicate value")
            }
            ErrorCode::RESERVED_ATTRIBUTE => {
                ApiError::new(self.code, format!("{path}: {}", self.reason))
                    .with("attribute_name", path)
            }
            _ if self.path.is_root() => ApiError::new(self.code, self.reason.clone()),
            _ => ApiError::new(self.code, format!("{path}: {}", self.reason)),
        }
    }
}

/// Everything that the service would refuse about `record`, up to [`MOST_VIOLATIONS`], in the schema's order; what the
/// schema does not know comes last at its level. Empty when the record is right.
pub fn validate(record: &Json, schema: &EntityType, mode: Mode, now: Timestamp) -> Vec<Violation> {
    let mut walk = Walk::new(mode, now);
    walk.keep = false;
    walk.record(record, schema);
    walk.violations
}

/// What the service stores of `record`: canonical spellings, the strings of shorthand plurals as objects, reserved
/// attributes (but `created` and, on update, element ids) left out. On create and replace, and inside every element of
/// a plural, what is absent is filled in: null, `[]` for plurals, an object of nulls for objects. On update only what is
/// given appears.
pub fn normalise(
    record: &Json,
    schema: &EntityType,
    mode: Mode,
    now: Timestamp,
) -> Result<Json, Vec<Violation>> {
    let mut walk = Walk::new(mode, now);
    let normal = walk.record(record, schema);
    walk.finish(normal)
}

/// Everything that the service would refuse about `value` as the attribute `def` at `path`: one field of a form, or the
/// value of a call with `attribute_name`. A path that ends in an element is about that one element, an object.
///
/// On update, an element known by its id is merged into, and one known by its place is a draft's: it is sent inside its
/// plural, so it must be whole.
pub fn check_value(
    value: &Json,
    def: &AttrDef,
    path: &AttrPath,
    mode: Mode,
    now: Timestamp,
) -> Vec<Violation> {
    let mut walk = Walk::at(path, mode, now);
    walk.keep = false;
    walk.addressed(value, def, path);
    walk.violations
}

/// What the service stores of `value` at `path`: [`normalise`] for what [`check_value`] checks.
pub fn normalise_value(
    value: &Json,
    def: &AttrDef,
    path: &AttrPath,
    mode: Mode,
    now: Timestamp,
) -> Result<Json, Vec<Violation>> {
    let mut walk = Walk::at(path, mode, now);
    let normal = walk.addressed(value, def, path);
    walk.finish(normal)
}

/// Where a list of members stands; decides which names the service keeps for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Record,
    Object,
    Element,
}

/// For `locally-unique`: which element of one plural had which value of which attribute first.
type Seen = HashMap<(*const AttrDef, String), usize>;

/// One pass over a record. The path is a stack of borrowed names; an [`AttrPath`] is made of it only for a violation.
struct Walk<'a> {
    mode: Mode,
    now: Timestamp,
    /// Whether what the walk returns is wanted: building it is half of the work.
    keep: bool,
    path: Vec<(&'a str, Option<Element>)>,
    /// One for every plural around the current value, with the place of its current element.
    plurals: Vec<(usize, Seen)>,
    violations: Vec<Violation>,
}

impl<'a> Walk<'a> {
    fn new(mode: Mode, now: Timestamp) -> Self {
        Self {
            mode,
            now,
            keep: true,
            path: Vec::new(),
            plurals: Vec::new(),
            violations: Vec::new(),
        }
    }

    fn at(path: &'a AttrPath, mode: Mode, now: Timestamp) -> Self {
        let segments = path.0.iter();
        Self {
            path: segments
                .map(|segment| (segment.name.as_str(), segment.element))
                .collect(),
            ..Self::new(mode, now)
        }
    }

    fn finish(self, normal: Json) -> Result<Json, Vec<Violation>> {
        if self.violations.is_empty() {
            Ok(normal)
        } else {
            Err(self.violations)
        }
    }

    fn report(&mut self, code: ErrorCode, reason: impl Into<String>) {
        // Nobody gets the normal form of a record that is wrong.
        self.keep = false;
        if self.violations.len() >= MOST_VIOLATIONS {
            return;
        }
        let segments = self.path.iter().map(|(name, element)| Segment {
            name: (*name).to_owned(),
            element: *element,
        });
        self.violations.push(Violation {
            path: AttrPath(segments.collect()),
            code,
            reason: reason.into(),
        });
    }

    fn record(&mut self, record: &'a Json, schema: &'a EntityType) -> Json {
        let Some(members) = record.as_object() else {
            self.report(
                ErrorCode::INVALID_JSON_TYPE,
                format!(
                    "a record must be a JSON object, not {}",
                    value::kind_with_article(record)
                ),
            );
            return Json::Null;
        };
        let whole = self.mode != Mode::Update;
        self.members(Some(members), &schema.attr_defs, Place::Record, whole)
    }

    /// The value that [`Walk::at`] stands at.
    fn addressed(&mut self, value: &'a Json, def: &'a AttrDef, path: &AttrPath) -> Json {
        let top_level = path.0.len() == 1;
        let by_place = |segment: &Segment| matches!(segment.element, Some(Element::Index(_)));
        let whole = self.mode != Mode::Update || path.0.iter().any(by_place);
        if path.0.last().is_some_and(|last| last.element.is_some()) {
            return self.element(value, def.attr_type.attr_defs(), whole);
        }
        if def.is_reserved(top_level) {
            let place = if top_level {
                Place::Record
            } else {
                Place::Object
            };
            return self.reserved(&def.name, value, place).unwrap_or_default();
        }
        self.value(Some(value), def, whole)
    }

    /// The members of a record, an object or an element; `None` for an object that is null. With `whole`, what is
    /// absent counts as null.
    fn members(
        &mut self,
        given: Option<&'a Object>,
        attr_defs: &'a [AttrDef],
        place: Place,
        whole: bool,
    ) -> Json {
        let count = given.map_or(0, Object::len);
        let mut out = Object::with_capacity(match (self.keep, whole) {
            (false, _) => 0,
            (true, false) => count,
            (true, true) => attr_defs.len(),
        });
        let mut known = vec![false; count];
        // Reserved attributes stand in every schema, but a caller may have read it without them.
        for name in reserved_names(place) {
            if let Some((at, name, value)) = given.and_then(|given| given.get_full(name)) {
                known[at] = true;
                self.path.push((name, None));
                let kept = self.reserved(name, value, place);
                self.path.pop();
                if let Some(kept) = kept.filter(|_| self.keep) {
                    out.insert(name.clone(), kept);
                }
            }
        }
        for def in attr_defs {
            let found = given.and_then(|given| given.get_full(def.name.as_str()));
            let repeated = found.is_some_and(|(at, ..)| std::mem::replace(&mut known[at], true));
            if repeated || reserved_names(place).contains(&def.name.as_str()) {
                continue;
            }
            let value = found.map(|(_, _, value)| value);
            self.path.push((&def.name, None));
            let kept = match value {
                Some(value) if def.is_reserved(false) => self.reserved(&def.name, value, place),
                None if !whole || def.is_reserved(false) => None,
                _ => Some(self.value(value, def, whole)),
            };
            self.path.pop();
            if let Some(kept) = kept.filter(|_| self.keep) {
                out.insert(def.name.clone(), kept);
            }
        }
        for ((name, _), known) in given.into_iter().flatten().zip(known) {
            if !known {
                self.path.push((name, None));
                self.report(
                    ErrorCode::UNKNOWN_ATTRIBUTE,
                    "there is no such attribute in the schema",
                );
                self.path.pop();
            }
        }
        Json::Object(out)
    }

    /// A value, or the absence of one where that counts as null.
    fn value(&mut self, value: Option<&'a Json>, def: &'a AttrDef, whole: bool) -> Json {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return self.nothing(value.is_some(), def);
        };
        match (&def.attr_type, value) {
            (AttrType::Object(inner), Json::Object(members)) => {
                self.members(Some(members), inner, Place::Object, whole)
            }
            (AttrType::Plural(inner), Json::Array(items)) => self.plural(items, inner),
            _ => self.primitive(value, def),
        }
    }

    /// What null or absence stands for. An object without value is an object of nulls, so the required members of an
    /// absent object are missing. Our choice: objects have no existence of their own in the service's records.
    fn nothing(&mut self, given: bool, def: &'a AttrDef) -> Json {
        if def.has(&Constraint::Required) {
            self.report(
                ErrorCode::MISSING_REQUIRED_ATTRIBUTE,
                if given {
                    "required: null is no value"
                } else {
                    "required, but not given"
                },
            );
        }
        match &def.attr_type {
            AttrType::Object(inner) => self.members(None, inner, Place::Object, true),
            AttrType::Plural(_) => Json::Array(Vec::new()),
            _ => Json::Null,
        }
    }

    /// A value that is read as one, or an object or plural of the wrong JSON type.
    fn primitive(&mut self, value: &Json, def: &'a AttrDef) -> Json {
        let canonical = match value::read_all(value, def, self.now) {
            Ok(canonical) => canonical,
            Err(faults) => {
                for (code, reason) in faults {
                    self.report(code, reason);
                }
                return Json::Null;
            }
        };
        if def.has(&Constraint::LocallyUnique)
            && let Some(key) = value::unique_key(&canonical, def)
            && let Some((place, seen)) = self.plurals.last_mut()
            && let first = *seen.entry((def, key)).or_insert(*place)
            && first != *place
        {
            self.report(
                ErrorCode::UNIQUE_VIOLATION,
                format!("the same value as in element [{first}]: no two may share it"),
            );
        }
        canonical
    }

    /// The elements of a plural. Each is whole in every mode: on update one without id is new, and one with id is
    /// replaced (reference 7).
    fn plural(&mut self, items: &'a [Json], attr_defs: &'a [AttrDef]) -> Json {
        self.plurals.push((0, Seen::new()));
        let mut elements = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            if let (Some(place), Some(step)) = (self.plurals.last_mut(), self.path.last_mut()) {
                place.0 = at;
                step.1 = Some(Element::Index(at));
            }
            elements.push(self.element(item, attr_defs, true));
        }
        self.plurals.pop();
        if let Some(step) = self.path.last_mut() {
            step.1 = None;
        }
        Json::Array(elements)
    }

    /// One element: an object, or for a plural with one string attribute just that string (reference 5).
    fn element(&mut self, item: &'a Json, attr_defs: &'a [AttrDef], whole: bool) -> Json {
        let shorthand = shorthand(attr_defs);
        match (item, shorthand) {
            (Json::Object(members), _) => {
                self.members(Some(members), attr_defs, Place::Element, whole)
            }
            (Json::String(_), Some(def)) => {
                self.path.push((&def.name, None));
                let value = self.value(Some(item), def, whole);
                self.path.pop();
                [(def.name.clone(), value)].into_iter().collect()
            }
            _ => {
                let expected = if shorthand.is_some() {
                    "an object or a string"
                } else {
                    "an object"
                };
                let kind = value::kind_with_article(item);
                self.report(
                    ErrorCode::INVALID_JSON_TYPE,
                    format!("an element must be {expected}, not {kind}"),
                );
                Json::Null
            }
        }
    }

    /// An attribute that the service sets; returned when it is kept. Null on create or replace is as good as absent.
    fn reserved(&mut self, name: &str, value: &'a Json, place: Place) -> Option<Json> {
        if value.is_null() && self.mode != Mode::Update {
            return None;
        }
        match (place, name, self.mode) {
            (Place::Record, "created", Mode::Create) => self.created(value),
            (Place::Element, "id", Mode::Update) => self.element_id(value),
            (Place::Element, "id", Mode::Create | Mode::Replace) => {
                self.report(
                    ErrorCode::ID_IN_NEW_RECORD,
                    "leave it out: the service gives a new element its id",
                );
                None
            }
            (Place::Record, "lastUpdated", Mode::Create) => {
                self.report(
                    ErrorCode::RESERVED_ATTRIBUTE,
                    "leave it out: the service keeps the time of the last change",
                );
                None
            }
            (_, _, Mode::Create) => {
                self.report(
                    ErrorCode::ID_IN_NEW_RECORD,
                    format!("leave it out: the service gives a new record its {name}"),
                );
                None
            }
            (_, _, Mode::Update | Mode::Replace) => {
                self.report(
                    ErrorCode::RESERVED_ATTRIBUTE,
                    "leave it out: the service alone sets it, and it cannot be changed",
                );
                None
            }
        }
    }

    fn created(&mut self, value: &Json) -> Option<Json> {
        let def = AttrDef::new("created", AttrType::DateTime);
        let read = value::read(value, &def, self.now).and_then(|canonical| {
            let text = canonical.as_str().unwrap_or_default();
            value::date::parse_utc(text, self.now)
                .map_err(|reason| (ErrorCode::INVALID_DATE_TIME, reason))
        });
        match read {
            Ok(at) => Some(value::date::format_utc_stamp(at).into()),
            Err((code, reason)) => {
                self.report(code, reason);
                None
            }
        }
    }

    fn element_id(&mut self, value: &Json) -> Option<Json> {
        if value.is_null() {
            return None;
        }
        match value::read(value, &AttrDef::new("id", AttrType::Id), self.now) {
            Ok(id) => Some(id),
            Err((code, reason)) => {
                self.report(code, reason);
                None
            }
        }
    }
}

/// The names whose values the service gives in `place`.
fn reserved_names(place: Place) -> &'static [&'static str] {
    match place {
        Place::Record => &["id", "uuid", "created", "lastUpdated"],
        Place::Element => &["id"],
        Place::Object => &[],
    }
}

/// The attribute that a plain string stands for in a plural: its only one besides the id, if that is text.
pub fn shorthand(attr_defs: &[AttrDef]) -> Option<&AttrDef> {
    let mut own = attr_defs.iter().filter(|def| def.name != "id");
    let only = own.next().filter(|_| own.next().is_none())?;
    matches!(only.attr_type, AttrType::String { .. }).then_some(only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema;
    use proptest::collection;
    use proptest::option;
    use proptest::prelude::BoxedStrategy;
    use proptest::prelude::Just;
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::prop_assert_eq;
    use proptest::prop_oneof;
    use proptest::proptest;
    use proptest::sample;

    const MODES: [Mode; 3] = [Mode::Create, Mode::Update, Mode::Replace];

    fn now() -> Timestamp {
        "2026-02-28T13:14:15Z".parse().expect("is a timestamp")
    }

    fn json(text: &str) -> Json {
        Json::parse(text).expect("is JSON")
    }

    fn schema(attr_defs: &str) -> EntityType {
        let (attr_defs, problems) = schema::read_attr_defs(&json(attr_defs));
        assert_eq!(problems, []);
        EntityType::create("t", attr_defs)
    }

    fn published(text: &str) -> EntityType {
        let (schema, problems) = EntityType::from_json(&json(text)).expect("is a schema");
        assert_eq!(problems, []);
        schema
    }

    fn test_user() -> EntityType {
        published(include_str!(
            "../../tests/data/schema-test-user1-every-type.json"
        ))
    }

    fn default_user() -> EntityType {
        published(include_str!(
            "../../tests/data/schema-user-default-2012.json"
        ))
    }

    /// Path, code and reason of every violation, a line each.
    fn lines(violations: &[Violation]) -> Vec<String> {
        violations
            .iter()
            .map(|found| format!("{} {} {}", found.path, found.code, found.reason))
            .collect()
    }

    fn places(record: &str, schema: &EntityType, mode: Mode) -> Vec<String> {
        validate(&json(record), schema, mode, now())
            .iter()
            .map(|found| format!("{} {}", found.path, found.code))
            .collect()
    }

    fn normal(record: &str, schema: &EntityType, mode: Mode) -> String {
        match normalise(&json(record), schema, mode, now()) {
            Ok(normal) => normal.to_string(),
            Err(violations) => panic!("{record} is refused: {:?}", lines(&violations)),
        }
    }

    const SMALL: &str = r#"[
        {"name":"name","type":"string","length":5,"constraints":["required"]},
        {"name":"at","type":"dateTime"},
        {"name":"home","type":"object","attr_defs":[
            {"name":"city","type":"string","constraints":["required"]},
            {"name":"zip","type":"string"},
            {"name":"phones","type":"plural","attr_defs":[{"name":"phone","type":"string"}]}]},
        {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string","length":3}]},
        {"name":"profiles","type":"plural","attr_defs":[
            {"name":"key","type":"string","case-sensitive":false,"constraints":["required","locally-unique"]},
            {"name":"rank","type":"decimal"},
            {"name":"mails","type":"plural","attr_defs":[
                {"name":"kind","type":"string"},
                {"name":"mail","type":"object","attr_defs":[{"name":"value","type":"decimal","constraints":["locally-unique"]}]}]}]}]"#;

    #[test]
    fn everything_wrong_is_named_in_the_schemas_order() {
        let record = r#"{"zzz":1,"profiles":[{"rank":"x","surprise":null},7,{"id":3,"key":"a","mails":[{"mail":[]}]}],
            "tags":["long","ok",null,{"tag":"long"}],"home":{"zip":1,"town":"x","phones":{}},"at":"1985-02-29",
            "name":"too long","lastUpdated":"now","id":7}"#;
        insta::assert_debug_snapshot!(lines(&validate(
            &json(record),
            &schema(SMALL),
            Mode::Create,
            now()
        )));
    }

    #[test]
    fn what_is_not_an_object_is_no_record() {
        for (text, kind) in [
            ("[]", "an array"),
            ("null", "null"),
            ("7", "a number"),
            (r#""x""#, "a string"),
        ] {
            for mode in MODES {
                let found = validate(&json(text), &schema(SMALL), mode, now());
                let expected = format!("record 341 a record must be a JSON object, not {kind}");
                assert_eq!(lines(&found), [expected]);
            }
        }
    }

    #[test]
    fn required_members() {
        let schema = schema(SMALL);
        let cases: [(&str, Mode, &[&str]); 10] = [
            ("{}", Mode::Create, &["home.city 362", "name 362"]),
            ("{}", Mode::Replace, &["home.city 362", "name 362"]),
            ("{}", Mode::Update, &[]),
            (
                r#"{"name":null,"home":null}"#,
                Mode::Create,
                &["home.city 362", "name 362"],
            ),
            (r#"{"name":null}"#, Mode::Update, &["name 362"]),
            (r#"{"home":{"zip":"1"}}"#, Mode::Update, &[]),
            (
                r#"{"home":{"city":null}}"#,
                Mode::Update,
                &["home.city 362"],
            ),
            // Null in an object's place makes all of it null.
            (r#"{"home":null}"#, Mode::Update, &["home.city 362"]),
            // Elements are whole in every mode, the ones with an id too: their data is replaced.
            (
                r#"{"profiles":[{"rank":1},{"id":7,"rank":1}]}"#,
                Mode::Update,
                &["profiles[0].key 362", "profiles[1].key 362"],
            ),
            (r#"{"name":"","home":{"city":""}}"#, Mode::Create, &[]),
        ];
        for (record, mode, expected) in cases {
            assert_eq!(places(record, &schema, mode), expected, "{mode:?} {record}");
        }
    }

    #[test]
    fn reserved_attributes() {
        let schema = schema(
            r#"[{"name":"p","type":"plural","attr_defs":[{"name":"v","type":"integer"}]},
            {"name":"o","type":"object","attr_defs":[{"name":"id","type":"string"},{"name":"created","type":"string"}]}]"#,
        );
        let cases: [(&str, Mode, &[&str]); 13] = [
            (r#"{"id":1}"#, Mode::Create, &["id 320"]),
            (r#"{"uuid":"x"}"#, Mode::Create, &["uuid 320"]),
            (
                r#"{"lastUpdated":"now"}"#,
                Mode::Create,
                &["lastUpdated 234"],
            ),
            (r#"{"created":"1875-08-02 15:28:31"}"#, Mode::Create, &[]),
            (
                r#"{"created":"1985-02-29"}"#,
                Mode::Create,
                &["created 342"],
            ),
            (r#"{"created":7}"#, Mode::Create, &["created 341"]),
            (
                r#"{"id":null,"uuid":null,"created":null,"lastUpdated":null,"p":[{"id":null}]}"#,
                Mode::Create,
                &[],
            ),
            (
                r#"{"id":1,"uuid":"x","created":"now","lastUpdated":"now"}"#,
                Mode::Update,
                &["id 234", "uuid 234", "created 234", "lastUpdated 234"],
            ),
            (
                r#"{"id":1,"uuid":"x","created":"now","lastUpdated":"now"}"#,
                Mode::Replace,
                &["id 234", "uuid 234", "created 234", "lastUpdated 234"],
            ),
            (
                r#"{"p":[{"v":1},{"id":5}]}"#,
                Mode::Create,
                &["p[1].id 320"],
            ),
            (
                r#"{"p":[{"v":1},{"id":5}]}"#,
                Mode::Replace,
                &["p[1].id 320"],
            ),
            (
                r#"{"p":[{"id":5},{"id":"x"},{"id":null}]}"#,
                Mode::Update,
                &["p[1].id 341"],
            ),
            // Only the record and its elements have reserved names.
            (r#"{"o":{"id":"x","created":"y"}}"#, Mode::Update, &[]),
        ];
        for (record, mode, expected) in cases {
            assert_eq!(places(record, &schema, mode), expected, "{mode:?} {record}");
        }
    }

    /// A schema that was read with `remove_reserved` is as good.
    #[test]
    fn reserved_attributes_need_no_definition() {
        let mut bare = schema("[]");
        bare.attr_defs.clear();
        let record = r#"{"id":1,"lastUpdated":"now","created":"2003-01-02"}"#;
        assert_eq!(
            places(record, &bare, Mode::Create),
            ["id 320", "lastUpdated 234"]
        );
        let record = r#"{"created":"2003-01-02"}"#;
        assert_eq!(
            normal(record, &bare, Mode::Create),
            r#"{"created":"2003-01-02 00:00:00.000000 +0000"}"#
        );
    }

    #[test]
    fn locally_unique_compares_the_elements_of_one_plural() {
        let schema = schema(SMALL);
        let cases: [(&str, &[&str]); 5] = [
            (
                r#"{"profiles":[{"key":"a"},{"key":"b"},{"key":"A"},{"key":"a"}]}"#,
                &["profiles[2].key 361", "profiles[3].key 361"],
            ),
            // Through an object, by value, and each inner list for itself.
            (
                r#"{"profiles":[{"key":"a","mails":[{"mail":{"value":1}},{"mail":{"value":1.0}}]},{"key":"b","mails":[{"mail":{"value":1}}]}]}"#,
                &["profiles[0].mails[1].mail.value 361"],
            ),
            (
                r#"{"profiles":[{"key":"a","mails":[{},{"mail":null},{"mail":{"value":null}}]}]}"#,
                &[],
            ),
            (
                r#"{"profiles":[{"key":""},{"key":""}]}"#,
                &["profiles[1].key 361"],
            ),
            (r#"{"profiles":[]}"#, &[]),
        ];
        for (record, expected) in cases {
            assert_eq!(places(record, &schema, Mode::Update), expected, "{record}");
        }
    }

    #[test]
    fn a_new_record_is_filled_in() {
        let record = r#"{"name":"Ann","created":"1875-08-02 15:28:31","home":{"city":"Ulm","phones":["1"]},"at":"today","tags":["a",{"tag":"b"}]}"#;
        let expected = r#"{"created":"1875-08-02 15:28:31.000000 +0000","at":"2026-02-28 00:00:00 +0000","home":{"city":"Ulm","phones":[{"phone":"1"}],"zip":null},"name":"Ann","profiles":[],"tags":[{"tag":"a"},{"tag":"b"}]}"#;
        assert_eq!(normal(record, &schema(SMALL), Mode::Create), expected);
        let record = r#"{"name":"Ann","home":{"city":""},"profiles":[{"key":"k"}],"tags":null}"#;
        let expected = r#"{"at":null,"home":{"city":"","phones":[],"zip":null},"name":"Ann","profiles":[{"key":"k","mails":[],"rank":null}],"tags":[]}"#;
        assert_eq!(normal(record, &schema(SMALL), Mode::Replace), expected);
    }

    #[test]
    fn an_update_holds_what_was_given() {
        let record =
            r#"{"home":{"zip":"1"},"at":"2003-01-02T18:15Z","profiles":[{"id":7,"key":"k"}]}"#;
        let expected = r#"{"at":"2003-01-02 18:15:00 +0000","home":{"zip":"1"},"profiles":[{"id":7,"key":"k","mails":[],"rank":null}]}"#;
        assert_eq!(normal(record, &schema(SMALL), Mode::Update), expected);
        assert_eq!(normal("{}", &schema(SMALL), Mode::Update), "{}");
        assert_eq!(
            normal(r#"{"at":null,"tags":null}"#, &schema(SMALL), Mode::Update),
            r#"{"at":null,"tags":[]}"#
        );
    }

    #[test]
    fn one_value_is_checked_where_it_stands() {
        let schema = schema(SMALL);
        let cases = [
            (
                "name",
                r#""too long""#,
                Mode::Create,
                "name 363 too long: 8 characters, at most 5",
            ),
            (
                "home.city",
                "null",
                Mode::Update,
                "home.city 362 required: null is no value",
            ),
            (
                "home",
                r#"{"town":1}"#,
                Mode::Update,
                "home.town 223 there is no such attribute in the schema",
            ),
            (
                "home",
                r#"{"zip":"1"}"#,
                Mode::Replace,
                "home.city 362 required, but not given",
            ),
            (
                "tags",
                r#"["abcd"]"#,
                Mode::Update,
                "tags[0].tag 363 too long: 4 characters, at most 3",
            ),
            (
                "profiles#7",
                r#"{"rank":true}"#,
                Mode::Update,
                "profiles#7.rank 341 must be a number, not a boolean",
            ),
            (
                "profiles[0]",
                r#"{"rank":1}"#,
                Mode::Update,
                "profiles[0].key 362 required, but not given",
            ),
            (
                "profiles#7",
                r#"{"rank":1}"#,
                Mode::Replace,
                "profiles#7.key 362 required, but not given",
            ),
            (
                "profiles#7",
                "[]",
                Mode::Update,
                "profiles#7 341 an element must be an object, not an array",
            ),
            (
                "uuid",
                r#""x""#,
                Mode::Create,
                "uuid 320 leave it out: the service gives a new record its uuid",
            ),
            (
                "created",
                r#""x""#,
                Mode::Update,
                "created 234 leave it out: the service alone sets it, and it cannot be changed",
            ),
        ];
        for (path, value, mode, expected) in cases {
            let path: AttrPath = path.parse().expect("is a path");
            let def = schema.get(&path).expect("is in the schema");
            let found = check_value(&json(value), def, &path, mode, now());
            assert_eq!(lines(&found), [expected]);
            let refused = normalise_value(&json(value), def, &path, mode, now());
            assert_eq!(refused, Err(found));
        }
        let path: AttrPath = "profiles#7".parse().expect("is a path");
        let def = schema.get(&path).expect("is in the schema");
        let normal = normalise_value(&json(r#"{"rank":1}"#), def, &path, Mode::Update, now());
        assert_eq!(normal, Ok(json(r#"{"rank":1}"#)));
    }

    #[test]
    fn one_mistake_in_every_element_is_reported_often_enough() {
        let elements = vec!["{}"; 3 * MOST_VIOLATIONS].join(",");
        let record = json(&format!(r#"{{"profiles":[{elements}]}}"#));
        for violations in [
            validate(&record, &default_user(), Mode::Create, now()),
            normalise(&record, &default_user(), Mode::Create, now()).expect_err("lacks values"),
        ] {
            assert_eq!(violations.len(), MOST_VIOLATIONS);
            assert_eq!(violations[0].path.to_string(), "profiles[0].identifier");
        }
    }

    #[test]
    fn violations_become_the_services_answers() {
        let answer = |path: &str, code, reason: &str| {
            let violation = Violation {
                path: path.parse().expect("is a path"),
                code,
                reason: reason.to_owned(),
            };
            violation.to_api_error().to_json().to_string()
        };
        assert_eq!(
            answer("home.town", ErrorCode::UNKNOWN_ATTRIBUTE, "x"),
            r#"{"attribute_name":"/home/town","code":223,"error_description":"attribute does not exist: /home/town","error":"unknown_attribute","stat":"error"}"#
        );
        assert_eq!(
            answer("profiles[1].key", ErrorCode::UNIQUE_VIOLATION, "x"),
            r#"{"code":361,"error_description":"Attempted to update a duplicate value","error":"unique_violation","stat":"error"}"#
        );
        assert_eq!(
            answer("id", ErrorCode::RESERVED_ATTRIBUTE, "leave it out"),
            r#"{"attribute_name":"/id","code":234,"error_description":"/id: leave it out","error":"reserved_attribute","stat":"error"}"#
        );
        assert_eq!(
            answer("tags[0].tag", ErrorCode::LENGTH_VIOLATION, "too long"),
            r#"{"code":363,"error_description":"/tags/tag: too long","error":"length_violation","stat":"error"}"#
        );
        assert_eq!(
            answer("", ErrorCode::INVALID_JSON_TYPE, "must be a JSON object"),
            r#"{"code":341,"error_description":"must be a JSON object","error":"invalid_json_type","stat":"error"}"#
        );
    }

    /// A full record for Janrain's own test schema, every attribute of its own given.
    #[test]
    fn the_published_test_schema_takes_a_full_record() {
        let schema = test_user();
        let record = full_record(&schema.attr_defs);
        assert_eq!(
            lines(&validate(&record, &schema, Mode::Create, now())),
            [""; 0]
        );
        let normal = normalise(&record, &schema, Mode::Replace, now()).expect("is valid");
        assert_eq!(count(&normal), count(&record));
        assert_eq!(
            normal.get("basicDateTime").and_then(Json::as_str),
            Some("2003-01-02 18:15:00 +0000")
        );
        assert_eq!(
            normal.get("basicDate").and_then(Json::as_str),
            Some("2003-01-02")
        );
        // Both of its shorthand plurals.
        let short = r#"{"simpleStringPluralOne":["a","b"],"simpleStringPluralTwo":[]}"#;
        let update = normalise(&json(short), &schema, Mode::Update, now());
        let long = r#"{"simpleStringPluralOne":[{"simpleTypeOne":"a"},{"simpleTypeOne":"b"}],"simpleStringPluralTwo":[]}"#;
        assert_eq!(update, Ok(json(long)));
        assert_eq!(
            places(r#"{"basicPlural":["a"]}"#, &schema, Mode::Update),
            ["basicPlural[0] 341"]
        );
        assert_eq!(
            places("{}", &schema, Mode::Create),
            [
                "objectTestRequired.requiredString 362",
                "objectTestRequiredUnique.requiredString 362",
                "objectTestRequiredUnique.requiredUniqueString 362"
            ]
        );
    }

    #[test]
    fn the_published_default_schema_takes_a_full_record() {
        let schema = default_user();
        let record = full_record(&schema.attr_defs);
        for mode in MODES {
            assert_eq!(
                lines(&validate(&record, &schema, mode, now())),
                [""; 0],
                "{mode:?}"
            );
        }
        assert_eq!(places("{}", &schema, Mode::Create), [""; 0]);
        let empty = normalise(&json("{}"), &schema, Mode::Create, now()).expect("is valid");
        // 17 attributes, and the 10 members of primaryAddress.
        assert_eq!(count(&empty), 27);
        assert_eq!(
            places(
                r#"{"profiles":[{"profile":{"name":{"givenNam":"x"}}}]}"#,
                &schema,
                Mode::Update
            ),
            [
                "profiles[0].identifier 362",
                "profiles[0].domain 362",
                "profiles[0].profile.name.givenNam 223"
            ]
        );
    }

    /// A value for every attribute but the reserved ones.
    fn full_record(attr_defs: &[AttrDef]) -> Json {
        let own = attr_defs.iter().filter(|def| !def.is_reserved(true));
        own.map(|def| {
            let value = match &def.attr_type {
                AttrType::String { .. } if def.has(&Constraint::EmailAddress) => {
                    "ann@example.com".into()
                }
                AttrType::String { .. } => "Ann".into(),
                AttrType::Boolean => true.into(),
                AttrType::Integer => 42.into(),
                AttrType::Decimal => json("12345678901234567890.10"),
                AttrType::Date | AttrType::DateTime => "01-02-03 6:15pm".into(),
                AttrType::IpAddress => "192.0.2.1".into(),
                AttrType::Json => json(r#"{"any":[1,null]}"#),
                AttrType::Password(_) => "correct horse battery staple".into(),
                AttrType::Object(inner) => full_record(inner),
                AttrType::Plural(inner) => vec![full_record(inner)].into(),
                AttrType::Id | AttrType::Uuid | AttrType::Unknown(_) => {
                    panic!("not in this schema")
                }
            };
            (def.name.clone(), value)
        })
        .collect()
    }

    /// How many members there are at every level.
    fn count(value: &Json) -> usize {
        match value {
            Json::Object(members) => members.len() + members.values().map(count).sum::<usize>(),
            Json::Array(items) => items.iter().map(count).sum(),
            _ => 0,
        }
    }

    /// Definitions named `a0`, `a1`, … with every type, nested up to `depth` times.
    fn attr_defs(depth: u32, in_plural: bool) -> BoxedStrategy<Vec<AttrDef>> {
        let plain = sample::select(vec![
            "string",
            "boolean",
            "integer",
            "decimal",
            "date",
            "dateTime",
            "ipAddress",
            "json",
            "password-bcrypt",
        ]);
        let plain = (plain, option::of(1_u32..20)).prop_map(|(name, length)| match name {
            "string" => AttrType::String {
                length,
                case_sensitive: length.is_some(),
            },
            name => AttrType::from_name(name),
        });
        let attr_type = if depth == 0 {
            plain.boxed()
        } else {
            prop_oneof![
                3 => plain,
                1 => attr_defs(depth - 1, in_plural).prop_map(AttrType::Object),
                1 => attr_defs(depth - 1, true).prop_map(AttrType::Plural),
            ]
            .boxed()
        };
        let constraints = sample::subsequence(
            vec![
                Constraint::Required,
                Constraint::UnicodePrintable,
                Constraint::LocallyUnique,
            ],
            0..=2,
        );
        collection::vec((attr_type, constraints), 1..5)
            .prop_map(move |defs| {
                let numbered = defs.into_iter().enumerate();
                numbered
                    .map(|(place, (attr_type, mut constraints))| {
                        let is_text = matches!(attr_type, AttrType::String { .. });
                        let nests = !attr_type.attr_defs().is_empty();
                        constraints.retain(|constraint| match constraint {
                            Constraint::Required => !nests,
                            Constraint::LocallyUnique => is_text && in_plural,
                            _ => is_text,
                        });
                        AttrDef {
                            constraints: Some(constraints),
                            ..AttrDef::new(format!("a{place}"), attr_type)
                        }
                    })
                    .collect()
            })
            .boxed()
    }

    fn schemas() -> impl Strategy<Value = EntityType> {
        attr_defs(3, false).prop_map(|attr_defs| EntityType::create("t", attr_defs))
    }

    /// Values that `def` takes; null and absence where it may.
    fn values(def: &AttrDef) -> BoxedStrategy<Option<Json>> {
        let value = match &def.attr_type {
            AttrType::String { length, .. } => {
                let most = length.unwrap_or(20) as usize;
                collection::vec(
                    sample::select(vec!['a', 'B', 'ß', '漢', '👋', '0', ' ']),
                    0..=most,
                )
                .prop_map(|chars| chars.into_iter().collect::<String>().into())
                .boxed()
            }
            AttrType::Boolean => any::<bool>().prop_map(Json::from).boxed(),
            AttrType::Integer => any::<i64>().prop_map(Json::from).boxed(),
            AttrType::Decimal => {
                sample::select(vec!["0", "-1.50", "2e400", "12345678901234567890.10"])
                    .prop_map(json)
                    .boxed()
            }
            AttrType::Date | AttrType::DateTime => sample::select(vec![
                "today",
                "19871231",
                "2 Jan 03 18:15:00.00",
                "2000-01-02 03:04:05.0000006 +0000",
            ])
            .prop_map(Json::from)
            .boxed(),
            AttrType::IpAddress => any::<std::net::Ipv4Addr>()
                .prop_map(|ip| ip.to_string().into())
                .boxed(),
            AttrType::Object(inner) => records(inner).boxed(),
            AttrType::Plural(inner) => elements(inner),
            _ => sample::select(vec![
                r#""secret""#,
                r#"{"type":"password-md5","value":"x"}"#,
            ])
            .prop_map(json)
            .boxed(),
        };
        // An object's members may be required.
        if def.has(&Constraint::Required) || matches!(def.attr_type, AttrType::Object(_)) {
            value.prop_map(Some).boxed()
        } else {
            prop_oneof![4 => value.prop_map(Some), 1 => Just(Some(Json::Null)), 1 => Just(None)]
                .boxed()
        }
    }

    fn records(attr_defs: &[AttrDef]) -> BoxedStrategy<Json> {
        let own = attr_defs.iter().filter(|def| !def.is_reserved(true));
        let members: Vec<_> = own
            .map(|def| (Just(def.name.clone()), values(def)))
            .collect();
        members
            .prop_map(|members| {
                let given = members.into_iter();
                given
                    .filter_map(|(name, value)| Some((name, value?)))
                    .collect()
            })
            .boxed()
    }

    /// Elements of a plural; its locally unique attributes are numbered.
    fn elements(attr_defs: &[AttrDef]) -> BoxedStrategy<Json> {
        fn number(value: &mut Json, attr_defs: &[AttrDef], place: usize) {
            for def in attr_defs {
                let member = value
                    .as_object_mut()
                    .and_then(|members| members.get_mut(&def.name));
                match (member, &def.attr_type) {
                    (Some(member), AttrType::Object(inner)) => number(member, inner, place),
                    (Some(member), _) if def.has(&Constraint::LocallyUnique) => {
                        *member = place.to_string().into();
                    }
                    _ => {}
                }
            }
        }
        let attr_defs = attr_defs.to_vec();
        collection::vec(records(&attr_defs), 0..4)
            .prop_map(move |mut elements| {
                for (place, element) in elements.iter_mut().enumerate() {
                    number(element, &attr_defs, place);
                }
                elements.into()
            })
            .boxed()
    }

    /// JSON that resembles records of such schemas.
    fn anything() -> BoxedStrategy<Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<String>().prop_map(Json::from),
            sample::select(vec!["1.5", "1e400", "\"today\"", "\"192.0.2.1\""]).prop_map(json),
        ];
        let names = sample::select(vec![
            "a0",
            "a1",
            "a2",
            "a3",
            "id",
            "uuid",
            "created",
            "lastUpdated",
            "x/.#",
        ]);
        leaf.prop_recursive(5, 60, 5, move |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..5).prop_map(Json::from),
                collection::vec((names.clone(), inner), 0..5)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
        .boxed()
    }

    /// Whether `path` leads to something in `record`.
    fn leads(record: &Json, path: &AttrPath) -> bool {
        let step = |value: &'_ Json, segment: &Segment| {
            let member = value.get(&segment.name)?.clone();
            match segment.element {
                Some(Element::Index(at)) => member.as_array()?.get(at).cloned(),
                Some(Element::Id(_)) => None,
                None => Some(member),
            }
        };
        let mut path = path.0.iter();
        path.try_fold(record.clone(), |value, segment| step(&value, segment))
            .is_some()
    }

    proptest! {
        #[test]
        fn a_record_made_for_its_schema_is_valid(
            (schema, record) in schemas().prop_flat_map(|schema| {
                let record = records(&schema.attr_defs);
                (Just(schema), record)
            })
        ) {
            for mode in MODES {
                prop_assert_eq!(lines(&validate(&record, &schema, mode, now())), [""; 0]);
                let once = normalise(&record, &schema, mode, now()).expect("is valid");
                let twice = normalise(&once, &schema, mode, now());
                prop_assert_eq!(twice.as_ref(), Ok(&once));
            }
        }

        #[test]
        fn whatever_comes_is_judged((schema, record) in (schemas(), anything())) {
            for mode in MODES {
                let found = validate(&record, &schema, mode, now());
                for Violation { path, .. } in &found {
                    prop_assert!(
                        path.is_root() || schema.get(path).is_some() || leads(&record, path),
                        "{path} leads nowhere"
                    );
                }
                match normalise(&record, &schema, mode, now()) {
                    Ok(normal) => {
                        prop_assert!(found.is_empty());
                        let again = normalise(&normal, &schema, mode, now());
                        prop_assert_eq!(again, Ok(normal));
                    }
                    Err(violations) => prop_assert_eq!(violations, found),
                }
            }
        }
    }
}

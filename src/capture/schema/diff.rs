//! How two entity types differ, by path. The order of definitions, constraints and features means nothing (reference
//! 3.1), and what every type has of itself is left out. Used to compare environments, files and drafts, and to plan.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::json;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// How entity type B differs from entity type A.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaDiff {
    /// What differs, by path in ASCII order, holders before what is in them. What is in an attribute that only one of
    /// them has is not listed by itself, and neither is what is in one that has members in only one of them.
    pub differences: Vec<Difference>,
    /// How many attributes are the same in both, their members apart.
    pub equal: usize,
}

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The attribute.
    pub path: AttrPath,
    /// How it differs.
    pub kind: DifferenceKind,
}

/// How an attribute differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only A has it.
    OnlyInA(AttrDef),
    /// Only B has it.
    OnlyInB(AttrDef),
    /// Both have it, in these respects differently; at least one.
    Differs(Vec<Aspect>),
}

/// In what respect two definitions differ: A's first, then B's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The types' names.
    Type(String, String),
    /// The most characters of a string; `None` for no limit. Only between two strings.
    Length(Option<u32>, Option<u32>),
    /// Whether a string's case counts. Only between two strings.
    CaseSensitive(bool, bool),
    /// What it is for. An empty description is none.
    Description(Option<String>, Option<String>),
    /// The whole sets of constraints, each in its own order.
    Constraints(Vec<Constraint>, Vec<Constraint>),
    /// The whole sets of features, each in its own order.
    Features(Vec<Feature>, Vec<Feature>),
    /// A key that this version does not know.
    Other(String, Option<Json>, Option<Json>),
}

/// How `b` differs from `a`.
pub fn diff(a: &EntityType, b: &EntityType) -> SchemaDiff {
    let mut found = SchemaDiff::default();
    compare_members(
        own_by_name(&a.attr_defs, true),
        own_by_name(&b.attr_defs, true),
        &AttrPath::root(),
        &mut found,
    );
    found
}

/// In what respects two definitions differ, whatever their names and their members.
pub fn aspects(a: &AttrDef, b: &AttrDef) -> Vec<Aspect> {
    let mut found = Vec::new();
    match (&a.attr_type, &b.attr_type) {
        (
            AttrType::String {
                length: a_length,
                case_sensitive: a_case,
            },
            AttrType::String {
                length: b_length,
                case_sensitive: b_case,
            },
        ) => {
            if a_length != b_length {
                found.push(Aspect::Length(*a_length, *b_length));
            }
            if a_case != b_case {
                found.push(Aspect::CaseSensitive(*a_case, *b_case));
            }
        }
        (a, b) if a.name() != b.name() => {
            found.push(Aspect::Type(a.name().to_owned(), b.name().to_owned()));
        }
        _ => {}
    }
    let description = |def: &AttrDef| def.description.clone().filter(|text| !text.is_empty());
    if description(a) != description(b) {
        found.push(Aspect::Description(description(a), description(b)));
    }
    if !same_set(a.constraints.as_deref(), b.constraints.as_deref()) {
        let list = |def: &AttrDef| def.constraints.clone().unwrap_or_default();
        found.push(Aspect::Constraints(list(a), list(b)));
    }
    if !same_set(a.features.as_deref(), b.features.as_deref()) {
        let list = |def: &AttrDef| def.features.clone().unwrap_or_default();
        found.push(Aspect::Features(list(a), list(b)));
    }
    let keys: BTreeSet<&String> = a.other.keys().chain(b.other.keys()).collect();
    for key in keys {
        let (a, b) = (a.other.get(key), b.other.get(key));
        if a != b {
            found.push(Aspect::Other(key.clone(), a.cloned(), b.cloned()));
        }
    }
    found
}

/// Whether two definitions say the same, their members included; their names do not count.
pub fn same(a: &AttrDef, b: &AttrDef) -> bool {
    let mut found = SchemaDiff::default();
    compare_pair(a, b, &AttrPath::root(), &mut found);
    found.is_empty()
}

/// Whether two lists hold the same, in whatever order and however often; an absent list is an empty one.
pub(crate) fn same_set<T: Ord>(a: Option<&[T]>, b: Option<&[T]>) -> bool {
    let a: BTreeSet<&T> = a.unwrap_or_default().iter().collect();
    let b: BTreeSet<&T> = b.unwrap_or_default().iter().collect();
    a == b
}

/// The definitions among `attr_defs` that are not the service's own, by name. Of a name that is there twice, which no
/// type that is stored has, the first counts.
pub(crate) fn own_by_name(attr_defs: &[AttrDef], top_level: bool) -> BTreeMap<&str, &AttrDef> {
    let mut own = BTreeMap::new();
    for def in attr_defs.iter().filter(|def| !def.is_reserved(top_level)) {
        own.entry(def.name.as_str()).or_insert(def);
    }
    own
}

/// Members are compared when both can have some: those of an object that became a boolean did not each go.
fn compare_pair(a: &AttrDef, b: &AttrDef, path: &AttrPath, found: &mut SchemaDiff) {
    let aspects = aspects(a, b);
    if aspects.is_empty() {
        found.equal += 1;
    } else {
        found.differences.push(Difference {
            path: path.clone(),
            kind: DifferenceKind::Differs(aspects),
        });
    }
    if holds_members(a) && holds_members(b) {
        compare_members(
            own_by_name(a.attr_type.attr_defs(), false),
            own_by_name(b.attr_type.attr_defs(), false),
            path,
            found,
        );
    }
}

/// Whether an attribute of this type has members.
pub(crate) fn holds_members(def: &AttrDef) -> bool {
    matches!(def.attr_type, AttrType::Object(_) | AttrType::Plural(_))
}

fn compare_members(
    a: BTreeMap<&str, &AttrDef>,
    b: BTreeMap<&str, &AttrDef>,
    holder: &AttrPath,
    found: &mut SchemaDiff,
) {
    let names: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
    for name in names {
        let path = holder.child(name);
        let kind = match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) => {
                compare_pair(a, b, &path, found);
                continue;
            }
            (Some(a), None) => DifferenceKind::OnlyInA(AttrDef::clone(a)),
            (None, Some(b)) => DifferenceKind::OnlyInB(AttrDef::clone(b)),
            (None, None) => continue,
        };
        found.differences.push(Difference { path, kind });
    }
}

impl SchemaDiff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }

    /// One line for each thing that differs, for people: `/email: length 64 → 128`. `names` are what A and B are called.
    pub fn to_lines(&self, names: [&str; 2]) -> Vec<String> {
        let lines = self.differences.iter().flat_map(|difference| {
            let path = difference.path.slashed();
            let lines = difference.kind.to_lines(names).into_iter();
            lines.map(move |line| format!("{path}: {line}"))
        });
        lines.collect()
    }

    /// A table with a row for each thing that differs, to be pasted into a ticket.
    pub fn to_markdown(&self, names: [&str; 2]) -> String {
        let [a, b] = names.map(cell);
        let mut lines = vec![
            format!("| attribute | what | {a} | {b} |"),
            "| --- | --- | --- | --- |".to_owned(),
        ];
        for difference in &self.differences {
            let path = cell(&difference.path.slashed());
            for row in difference.kind.to_rows() {
                let [what, a, b] = row.map(|text| cell(&text));
                lines.push(format!("| `{path}` | {what} | {a} | {b} |"));
            }
        }
        lines.join("\n") + "\n"
    }

    /// For programs: `{"a":…,"b":…,"equal":…,"differences":[{"path":…,"kind":…,…}]}`. `kind` is `only_in_a`, `only_in_b`
    /// (with `attr_def`) or `differs` (with `aspects`).
    pub fn to_json(&self, names: [&str; 2]) -> Json {
        let differences = self.differences.iter().map(Difference::to_json);
        let equal = i64::try_from(self.equal).unwrap_or(i64::MAX);
        [
            ("a", names[0].into()),
            ("b", names[1].into()),
            ("equal", equal.into()),
            ("differences", Json::Array(differences.collect())),
        ]
        .into_iter()
        .collect()
    }
}

impl Difference {
    fn to_json(&self) -> Json {
        let (kind, key, value) = match &self.kind {
            DifferenceKind::OnlyInA(def) => ("only_in_a", "attr_def", def.to_json()),
            DifferenceKind::OnlyInB(def) => ("only_in_b", "attr_def", def.to_json()),
            DifferenceKind::Differs(aspects) => {
                let aspects = aspects.iter().map(Aspect::to_json).collect();
                ("differs", "aspects", Json::Array(aspects))
            }
        };
        [
            ("path", self.path.slashed().into()),
            ("kind", kind.into()),
            (key, value),
        ]
        .into_iter()
        .collect()
    }
}

impl DifferenceKind {
    /// One line for each thing that differs, without the path. `names` are what A and B are called.
    pub fn to_lines(&self, names: [&str; 2]) -> Vec<String> {
        let only = |def: &AttrDef, name| vec![format!("{}, only in {name}", summary(def))];
        match self {
            Self::OnlyInA(def) => only(def, names[0]),
            Self::OnlyInB(def) => only(def, names[1]),
            Self::Differs(aspects) => aspects.iter().map(Aspect::to_string).collect(),
        }
    }

    /// What differs, and how it is in A and in B.
    fn to_rows(&self) -> Vec<[String; 3]> {
        let (there, absent) = ("attribute".to_owned(), "absent".to_owned());
        match self {
            Self::OnlyInA(def) => vec![[there, summary(def), absent]],
            Self::OnlyInB(def) => vec![[there, absent, summary(def)]],
            Self::Differs(aspects) => aspects
                .iter()
                .map(|aspect| {
                    let [a, b] = aspect.values();
                    [aspect.name().to_owned(), a, b]
                })
                .collect(),
        }
    }
}

impl Aspect {
    /// What differs, as the protocol calls it: `length`, `case-sensitive`.
    pub fn name(&self) -> &str {
        match self {
            Self::Type(..) => "type",
            Self::Length(..) => "length",
            Self::CaseSensitive(..) => "case-sensitive",
            Self::Description(..) => "description",
            Self::Constraints(..) => "constraints",
            Self::Features(..) => "features",
            Self::Other(key, ..) => key,
        }
    }

    /// How it is in A and in B, for people.
    pub fn values(&self) -> [String; 2] {
        match self {
            Self::Type(a, b) => [a, b].map(ToString::to_string),
            Self::Length(a, b) => {
                [a, b].map(|length| length.map_or("no limit".to_owned(), |it| it.to_string()))
            }
            Self::CaseSensitive(a, b) => [a, b].map(ToString::to_string),
            Self::Description(a, b) => [a, b].map(|text| match text {
                Some(text) => json::quote(text),
                None => "none".to_owned(),
            }),
            Self::Constraints(a, b) => [a, b].map(|list| listed(list.iter().map(Constraint::name))),
            Self::Features(a, b) => [a, b].map(|list| listed(list.iter().map(Feature::name))),
            Self::Other(_, a, b) => [a, b].map(|value| match value {
                Some(value) => value.to_string(),
                None => "absent".to_owned(),
            }),
        }
    }

    /// `{"aspect":…,"a":…,"b":…}`; a side that lacks it is null, or `[]` for a list.
    fn to_json(&self) -> Json {
        let length = |length: &Option<u32>| length.map_or(Json::Null, |it| i64::from(it).into());
        let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
        let constraints = |list: &[Constraint]| list.iter().map(|it| it.name().into()).collect();
        let features = |list: &[Feature]| list.iter().map(|it| it.name().into()).collect();
        let (a, b) = match self {
            Self::Type(a, b) => (a.as_str().into(), b.as_str().into()),
            Self::Length(a, b) => (length(a), length(b)),
            Self::CaseSensitive(a, b) => ((*a).into(), (*b).into()),
            Self::Description(a, b) => (text(a), text(b)),
            Self::Constraints(a, b) => (Json::Array(constraints(a)), Json::Array(constraints(b))),
            Self::Features(a, b) => (Json::Array(features(a)), Json::Array(features(b))),
            Self::Other(_, a, b) => (a.clone().unwrap_or_default(), b.clone().unwrap_or_default()),
        };
        let members = [("aspect", self.name().into()), ("a", a), ("b", b)];
        members.into_iter().collect()
    }
}

/// For people: `length 64 → 128`.
impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b] = self.values();
        write!(f, "{} {a} → {b}", self.name())
    }
}

/// A definition in a line, without its name: `string(64), required, unique`; `object of 3`.
pub fn summary(def: &AttrDef) -> String {
    let mut words = vec![def.attr_type.describe()];
    if holds_members(def) {
        let members = own_by_name(def.attr_type.attr_defs(), false).len();
        words[0] = format!("{} of {members}", words[0]);
    }
    if let AttrType::String {
        case_sensitive: false,
        ..
    } = def.attr_type
    {
        words.push("case does not count".to_owned());
    }
    let constraints = def.constraints.iter().flatten();
    words.extend(constraints.map(ToString::to_string));
    let features = def.features.iter().flatten();
    words.extend(features.map(ToString::to_string));
    words.join(", ")
}

/// Names after each other, or `none`.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// Text that is one cell of a table in Markdown, whatever is in it.
pub(crate) fn cell(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('|', "\\|");
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::read_attr_defs;

    fn entity_type(attr_defs: &str) -> EntityType {
        let (attr_defs, problems) = read_attr_defs(&Json::parse(attr_defs).expect("is JSON"));
        assert_eq!(problems, []);
        EntityType {
            name: "t".to_owned(),
            attr_defs,
        }
    }

    fn lines(a: &str, b: &str) -> Vec<String> {
        diff(&entity_type(a), &entity_type(b)).to_lines(["staging", "production"])
    }

    const A: &str = r#"[
        {"name":"id","type":"id","description":"simple indentifier for this entity"},
        {"name":"created","type":"dateTime"},
        {"name":"email","type":"string","length":64,"constraints":["unique","required"],"description":"write | here"},
        {"name":"o","type":"object","attr_defs":[{"name":"created","type":"date"},{"name":"x","type":"json"}]},
        {"name":"phones","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"number","type":"string"}]}]"#;

    const B: &str = r#"[
        {"name":"Zip","type":"integer","x-note":true},
        {"name":"email","type":"string","length":128,"case-sensitive":false,"constraints":["required"],"features":["query"]},
        {"name":"o","type":"boolean"},
        {"name":"phones","type":"object","attr_defs":[{"name":"number","type":"string","x-note":1},{"name":"kind","type":"string"}]}]"#;

    #[test]
    fn each_difference_is_a_line() {
        assert_eq!(
            lines(A, B),
            [
                "/Zip: integer, only in production",
                "/email: length 64 → 128",
                "/email: case-sensitive true → false",
                "/email: description \"write | here\" → none",
                "/email: constraints unique, required → required",
                "/email: features none → query",
                "/o: type object → boolean",
                "/phones: type plural → object",
                "/phones/kind: string, only in production",
                "/phones/number: x-note absent → 1",
            ]
        );
    }

    #[test]
    fn what_means_nothing_is_no_difference() {
        let same = r#"[
            {"name":"phones","type":"plural","features":[],"attr_defs":[{"name":"number","type":"string","constraints":[]}]},
            {"name":"o","type":"object","description":"","attr_defs":[{"name":"x","type":"json"},{"name":"created","type":"date"}]},
            {"name":"lastUpdated","type":"dateTime","description":"other words"},
            {"name":"email","type":"string","length":64,"constraints":["required","unique"],"description":"write | here"}]"#;
        let found = diff(&entity_type(A), &entity_type(same));
        assert_eq!(found.differences, []);
        assert_eq!(found.equal, 6);
    }

    #[test]
    fn differences_are_a_table_and_json() {
        let found = diff(&entity_type(A), &entity_type(B));
        let rows = [
            r"| attribute | what | staging | pro\|d |",
            "| --- | --- | --- | --- |",
            "| `/Zip` | attribute | absent | integer |",
            "| `/email` | length | 64 | 128 |",
            "| `/email` | case-sensitive | true | false |",
            r#"| `/email` | description | "write \| here" | none |"#,
            "| `/email` | constraints | unique, required | required |",
            "| `/email` | features | none | query |",
            "| `/o` | type | object | boolean |",
            "| `/phones` | type | plural | object |",
            "| `/phones/kind` | attribute | absent | string |",
            "| `/phones/number` | x-note | absent | 1 |",
        ];
        let table = found.to_markdown(["staging", "pro|d"]);
        assert_eq!(table.lines().collect::<Vec<_>>(), rows);
        let json = found.to_json(["staging", "production"]);
        let expected = r#"{"a":"staging","b":"production","equal":0,"differences":[
            {"path":"/Zip","kind":"only_in_b","attr_def":{"name":"Zip","type":"integer","x-note":true}},
            {"path":"/email","kind":"differs","aspects":[{"aspect":"length","a":64,"b":128},
                {"aspect":"case-sensitive","a":true,"b":false},{"aspect":"description","a":"write | here","b":null},
                {"aspect":"constraints","a":["unique","required"],"b":["required"]},
                {"aspect":"features","a":[],"b":["query"]}]},
            {"path":"/o","kind":"differs","aspects":[{"aspect":"type","a":"object","b":"boolean"}]},
            {"path":"/phones","kind":"differs","aspects":[{"aspect":"type","a":"plural","b":"object"}]},
            {"path":"/phones/kind","kind":"only_in_b","attr_def":{"name":"kind","type":"string","length":null,
                "case-sensitive":true}},
            {"path":"/phones/number","kind":"differs","aspects":[{"aspect":"x-note","a":null,"b":1}]}]}"#;
        assert_eq!(Ok(json), Json::parse(expected));
    }
}

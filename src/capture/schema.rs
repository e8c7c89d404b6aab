//! Entity types and attribute definitions: reading them, writing them, finding an attribute, checking a design.
//!
//! ```text
//! attr_defs text ─▶ Json ─▶ read_attr_defs ─▶ Vec<AttrDef> ─▶ check ─▶ problems
//!                                                   │
//!                                                   ├▶ EntityType::create ─▶ what entityType.create answers
//!                                                   └▶ to_json ─▶ attr_defs text
//! ```
//!
//! Unknown keys, types, constraints and features survive the way in and out, so that a newer service's schema is
//! shown and sent back whole.

pub mod access;
pub mod diagram;
pub mod diff;
pub mod infer;
pub mod plan;
pub mod property;
pub mod rule;
pub mod template;

use std::collections::HashSet;

use crate::capture::attr_type::{AttrType, PASSWORD_TYPES};
use crate::capture::constraint::{Constraint, Feature};
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;

/// A kind of record: its name and its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityType {
    /// The `type_name` of calls.
    pub name: String,
    /// The attributes, in the order the service gave them.
    pub attr_defs: Vec<AttrDef>,
}

/// One attribute definition (reference 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttrDef {
    /// Case-sensitive name.
    pub name: String,
    /// Type, with `length`, `case-sensitive` and `attr_defs` where they belong to it.
    pub attr_type: AttrType,
    /// What the attribute is for.
    pub description: Option<String>,
    /// In the order given; `None` when the key is absent (the service echoes that difference).
    pub constraints: Option<Vec<Constraint>>,
    /// In the order given; `None` when the key is absent.
    pub features: Option<Vec<Feature>>,
    /// Keys this version does not know, and keys that do not belong to the type, kept for the way back.
    pub other: Object,
}

/// The attributes that every entity type has, in the service's order, with its descriptions (reference 3.1).
pub const RESERVED: [(&str, &str, &str); 4] = [
    ("id", "id", "simple identifier for this entity"),
    ("uuid", "uuid", "globally unique identifier for this entity"),
    ("created", "dateTime", "when this entity was created"),
    (
        "lastUpdated",
        "dateTime",
        "when this entity was last updated",
    ),
];

/// The description of the `id` that every plural element has (reference 3.1).
const ELEMENT_ID: &str = "simple identifier for this sub-entity";

/// The longest name that the sandbox takes. Our choice: the service's limit is not published (reference 4.4).
pub const MAX_NAME: usize = 63;

/// What is wrong with two attributes beside each other that have one name.
pub const NAME_USED: &str = "this name is already used beside it";

/// How deep attributes may stand in each other. Our choice: a level of plurals is two of JSON, whose depth is limited, and
/// what is stored must be read again.
pub const MAX_DEPTH: usize = 60;

/// Something wrong with a schema, at the attribute it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaProblem {
    /// The attribute; the record's path for the list as a whole.
    pub path: AttrPath,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl std::fmt::Display for SchemaProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_root() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.path.slashed(), self.reason)
        }
    }
}

impl AttrDef {
    /// An attribute with nothing but a name and a type.
    pub fn new(name: impl Into<String>, attr_type: AttrType) -> Self {
        Self {
            name: name.into(),
            attr_type,
            description: None,
            constraints: None,
            features: None,
            other: Object::new(),
        }
    }

    /// Whether the attribute carries `constraint`.
    pub fn has(&self, constraint: &Constraint) -> bool {
        self.constraints
            .as_ref()
            .is_some_and(|constraints| constraints.contains(constraint))
    }

    /// Whether the attribute carries `feature`.
    pub fn has_feature(&self, feature: &Feature) -> bool {
        self.features
            .as_ref()
            .is_some_and(|features| features.contains(feature))
    }

    /// Whether the service alone gives this attribute its value: ids, and at the top of a record the other three.
    pub fn is_reserved(&self, top_level: bool) -> bool {
        matches!(self.attr_type, AttrType::Id | AttrType::Uuid)
            || (top_level && is_reserved_name(&self.name))
    }

    /// The definition as the service writes it: strings always with `length` and `case-sensitive` (reference 3.1).
    pub fn to_json(&self) -> Json {
        let mut out = Object::new();
        out.insert("name".into(), self.name.as_str().into());
        out.insert("type".into(), self.attr_type.name().into());
        if let AttrType::String {
            length,
            case_sensitive,
        } = self.attr_type
        {
            let length = length.map_or(Json::Null, |length| i64::from(length).into());
            out.insert("length".into(), length);
            out.insert("case-sensitive".into(), case_sensitive.into());
        }
        if let Some(description) = &self.description {
            out.insert("description".into(), description.as_str().into());
        }
        if let Some(constraints) = &self.constraints {
            let names = constraints.iter().map(|c| c.name().into()).collect();
            out.insert("constraints".into(), Json::Array(names));
        }
        if let Some(features) = &self.features {
            let names = features.iter().map(|f| f.name().into()).collect();
            out.insert("features".into(), Json::Array(names));
        }
        if let AttrType::Object(attr_defs) | AttrType::Plural(attr_defs) = &self.attr_type {
            out.insert("attr_defs".into(), attr_defs_to_json(attr_defs));
        }
        for (key, value) in &self.other {
            out.insert(key.clone(), value.clone());
        }
        out.into()
    }
}

impl AttrDef {
    /// The definition as a caller sends it: without what the service fills in by itself, its keys in the order of the
    /// vendor's examples.
    pub fn as_sent(&self) -> Json {
        let Json::Object(mut all) = self.to_json() else {
            return Json::Null;
        };
        if let AttrType::String {
            length,
            case_sensitive,
        } = self.attr_type
        {
            if length.is_none() {
                all.shift_remove("length");
            }
            if case_sensitive {
                all.shift_remove("case-sensitive");
            }
        }
        if let AttrType::Object(attr_defs) | AttrType::Plural(attr_defs) = &self.attr_type {
            all.insert("attr_defs".into(), attr_defs_as_sent(attr_defs));
        }
        if let Some(constraints) = all.shift_remove("constraints") {
            let at = all.get_index_of("attr_defs").unwrap_or(all.len());
            let after = all
                .get_index_of("features")
                .map_or(at, |features| features + 1);
            all.shift_insert(after.min(all.len()), "constraints".into(), constraints);
        }
        all.into()
    }
}

/// A list of definitions as a caller sends them, without those that the service adds by itself.
pub fn attr_defs_as_sent(attr_defs: &[AttrDef]) -> Json {
    let own = attr_defs.iter().filter(|def| !def.is_reserved(false));
    Json::Array(own.map(AttrDef::as_sent).collect())
}

/// Whether `name` is one of the four attributes that every record has.
pub fn is_reserved_name(name: &str) -> bool {
    RESERVED.iter().any(|(reserved, ..)| *reserved == name)
}

/// A list of definitions as JSON.
pub fn attr_defs_to_json(attr_defs: &[AttrDef]) -> Json {
    Json::Array(attr_defs.iter().map(AttrDef::to_json).collect())
}

impl EntityType {
    /// Reads `{"name":…,"attr_defs":[…]}`, also inside `{"schema":…}`. Lenient where a viewer must be: what it cannot
    /// use is reported, the rest is kept.
    pub fn from_json(json: &Json) -> Result<(Self, Vec<SchemaProblem>), SchemaProblem> {
        let json = json.get("schema").unwrap_or(json);
        let problem = |reason: &str| SchemaProblem {
            path: AttrPath::root(),
            reason: reason.to_owned(),
        };
        let name = json
            .get("name")
            .and_then(Json::as_str)
            .ok_or_else(|| problem("an entity type is an object with `name` and `attr_defs`"))?;
        let attr_defs = json
            .get("attr_defs")
            .ok_or_else(|| problem("`attr_defs` is missing"))?;
        let (attr_defs, problems) = read_attr_defs(attr_defs);
        Ok((
            Self {
                name: name.to_owned(),
                attr_defs,
            },
            problems,
        ))
    }

    /// The entity type that `entityType.create` makes of a caller's definitions and echoes (reference 3.1): reserved
    /// attributes first, the others by name in ASCII order at every level, an `id` in every plural.
    pub fn create(name: impl Into<String>, attr_defs: Vec<AttrDef>) -> Self {
        let mut all: Vec<AttrDef> = RESERVED
            .iter()
            .map(|(name, attr_type, description)| AttrDef {
                description: Some((*description).to_owned()),
                ..AttrDef::new(*name, AttrType::from_name(attr_type))
            })
            .collect();
        all.extend(normalise(attr_defs));
        Self {
            name: name.into(),
            attr_defs: all,
        }
    }

    /// `{"name":…,"attr_defs":[…]}`.
    pub fn to_json(&self) -> Json {
        [
            ("name", Json::from(self.name.as_str())),
            ("attr_defs", attr_defs_to_json(&self.attr_defs)),
        ]
        .into_iter()
        .collect()
    }

    /// The definition at `path`, whatever elements it names.
    pub fn get(&self, path: &AttrPath) -> Option<&AttrDef> {
        let (last, before) = path.0.split_last()?;
        let mut attr_defs = self.attr_defs.as_slice();
        for segment in before {
            let holder = attr_defs.iter().find(|def| def.name == segment.name)?;
            attr_defs = holder.attr_type.attr_defs();
        }
        attr_defs.iter().find(|def| def.name == last.name)
    }

    /// The definition at `path`, to be changed.
    pub fn get_mut(&mut self, path: &AttrPath) -> Option<&mut AttrDef> {
        let (name, siblings) = self.siblings_mut(path)?;
        siblings.iter_mut().find(|def| def.name == name)
    }

    /// Adds an attribute as `entityType.addAttribute` does: completed as by [`EntityType::create`], and at its place
    /// among the others.
    pub fn add(&mut self, attr_def: AttrDef) {
        let place = self
            .attr_defs
            .iter()
            .position(|def| !is_reserved_name(&def.name) && def.name > attr_def.name)
            .unwrap_or(self.attr_defs.len());
        self.attr_defs
            .splice(place..place, normalise(vec![attr_def]));
    }

    /// Takes out the definition at `path`, with those inside it.
    pub fn remove(&mut self, path: &AttrPath) -> Option<AttrDef> {
        let (name, siblings) = self.siblings_mut(path)?;
        let place = siblings.iter().position(|def| def.name == name)?;
        Some(siblings.remove(place))
    }

    /// The name at the end of `path`, and the definitions among which it is looked for.
    fn siblings_mut<'a>(&mut self, path: &'a AttrPath) -> Option<(&'a str, &mut Vec<AttrDef>)> {
        let (last, before) = path.0.split_last()?;
        let mut siblings = &mut self.attr_defs;
        for segment in before {
            let holder = siblings.iter_mut().find(|def| def.name == segment.name)?;
            siblings = match &mut holder.attr_type {
                AttrType::Object(inner) | AttrType::Plural(inner) => inner,
                _ => return None,
            };
        }
        Some((&last.name, siblings))
    }

    /// Every definition with its path, parents before their members.
    pub fn walk(&self) -> Vec<(AttrPath, &AttrDef)> {
        fn visit<'a>(
            attr_defs: &'a [AttrDef],
            path: &AttrPath,
            found: &mut Vec<(AttrPath, &'a AttrDef)>,
        ) {
            for def in attr_defs {
                let path = path.child(def.name.clone());
                found.push((path.clone(), def));
                visit(def.attr_type.attr_defs(), &path, found);
            }
        }
        let mut found = Vec::new();
        visit(&self.attr_defs, &AttrPath::root(), &mut found);
        found
    }

    /// As [`EntityType::walk`], with whether each stands inside the elements of a plural: there is then no one value of
    /// it in a record.
    pub fn walk_with_plurals(&self) -> Vec<(AttrPath, &AttrDef, bool)> {
        let mut outermost: Option<usize> = None;
        let mut found = Vec::new();
        for (path, def) in self.walk() {
            // Parents come before their members: a plural has ended where a path is no longer than its own.
            let depth = path.0.len();
            outermost = outermost.filter(|plural| depth > *plural);
            found.push((path, def, outermost.is_some()));
            if matches!(def.attr_type, AttrType::Plural(_)) {
                outermost.get_or_insert(depth);
            }
        }
        found
    }

    /// The names of all attributes that hold passwords, whatever they are called.
    pub fn password_names(&self) -> Vec<String> {
        let is_password = |def: &AttrDef| matches!(def.attr_type, AttrType::Password(_));
        let passwords = self.walk().into_iter().filter(|(_, def)| is_password(def));
        passwords.map(|(_, def)| def.name.clone()).collect()
    }

    /// The attributes that a caller may set: all but the reserved ones.
    pub fn own_attr_defs(&self) -> impl Iterator<Item = &AttrDef> {
        self.attr_defs.iter().filter(|def| !def.is_reserved(true))
    }
}

fn normalise(mut attr_defs: Vec<AttrDef>) -> Vec<AttrDef> {
    attr_defs.sort_by(|a, b| a.name.cmp(&b.name));
    for def in &mut attr_defs {
        match &mut def.attr_type {
            AttrType::Object(inner) => *inner = normalise(std::mem::take(inner)),
            AttrType::Plural(inner) => {
                let id = AttrDef {
                    description: Some(ELEMENT_ID.to_owned()),
                    ..AttrDef::new("id", AttrType::Id)
                };
                let members = normalise(std::mem::take(inner));
                *inner = std::iter::once(id).chain(members).collect();
            }
            _ => {}
        }
    }
    attr_defs
}

/// The definitions that a caller could have sent: those that the service adds by itself are left out, at every level.
/// `top_level` says that they are a type's own, not an attribute's members.
pub fn without_reserved(attr_defs: &[AttrDef], top_level: bool) -> Vec<AttrDef> {
    let own = attr_defs.iter().filter(|def| !def.is_reserved(top_level));
    own.map(|def| {
        let mut def = def.clone();
        if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
            *inner = without_reserved(inner, false);
        }
        def
    })
    .collect()
}

/// Reads a JSON array of attribute definitions. What can be used is returned, and everything that cannot be is named.
pub fn read_attr_defs(json: &Json) -> (Vec<AttrDef>, Vec<SchemaProblem>) {
    let mut problems = Vec::new();
    let attr_defs = read_list(json, &AttrPath::root(), &mut problems);
    (attr_defs, problems)
}

fn read_list(json: &Json, path: &AttrPath, problems: &mut Vec<SchemaProblem>) -> Vec<AttrDef> {
    let mut report = |path: &AttrPath, reason: String| {
        problems.push(SchemaProblem {
            path: path.clone(),
            reason,
        });
    };
    let Some(items) = json.as_array() else {
        report(
            path,
            format!(
                "`attr_defs` must be a JSON array of attribute definitions, not {}",
                json.kind()
            ),
        );
        return Vec::new();
    };
    let mut read = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let Some(members) = item.as_object() else {
            report(
                path,
                format!(
                    "definition {} must be an object, not {}",
                    place + 1,
                    item.kind()
                ),
            );
            continue;
        };
        let Some(name) = members.get("name").and_then(Json::as_str) else {
            report(path, format!("definition {} has no `name`", place + 1));
            continue;
        };
        let here = path.child(name);
        let Some(type_name) = members.get("type").and_then(Json::as_str) else {
            report(&here, "`type` is missing".to_owned());
            continue;
        };
        let mut nested = Vec::new();
        read.push(read_one(name, type_name, members, &here, &mut nested));
        for problem in nested {
            report(&problem.path, problem.reason);
        }
    }
    read
}

fn read_one(
    name: &str,
    type_name: &str,
    members: &Object,
    path: &AttrPath,
    problems: &mut Vec<SchemaProblem>,
) -> AttrDef {
    let mut def = AttrDef::new(name, AttrType::from_name(type_name));
    let mut nested = None;
    for (key, value) in members {
        let mut wrong = |expected: &str| {
            problems.push(SchemaProblem {
                path: path.clone(),
                reason: format!("`{key}` must be {expected}, not {}", value.kind()),
            });
        };
        match (key.as_str(), &mut def.attr_type) {
            ("name" | "type", _) => {}
            ("length", AttrType::String { length, .. }) => {
                match value.as_i64().map(u32::try_from) {
                    Some(Ok(given)) => *length = Some(given),
                    _ if value.is_null() => *length = None,
                    _ => wrong("a whole number of characters or null"),
                }
            }
            ("case-sensitive", AttrType::String { case_sensitive, .. }) => match value.as_bool() {
                Some(given) => *case_sensitive = given,
                None => wrong("true or false"),
            },
            ("description", _) => match value {
                Json::String(text) => def.description = Some(text.clone()),
                Json::Null => {}
                _ => wrong("text"),
            },
            ("constraints", _) => match names(value) {
                Some(given) => {
                    def.constraints = Some(given.into_iter().map(Constraint::from).collect());
                }
                None => wrong("an array of constraint names"),
            },
            ("features", _) => match names(value) {
                Some(given) => def.features = Some(given.into_iter().map(Feature::from).collect()),
                None => wrong("an array of feature names"),
            },
            ("attr_defs", AttrType::Object(_) | AttrType::Plural(_)) => {
                nested = Some(read_list(value, path, problems));
            }
            _ => {
                def.other.insert(key.clone(), value.clone());
            }
        }
    }
    if let (Some(nested), AttrType::Object(inner) | AttrType::Plural(inner)) =
        (nested, &mut def.attr_type)
    {
        *inner = nested;
    }
    def
}

fn names(value: &Json) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Json::as_str).collect()
}

/// Whether `name` can be an attribute's or an entity type's: a letter, then letters, digits and `_`, at most
/// [`MAX_NAME`]. Our choice: the service's rule is not published (reference 4.4).
pub fn is_valid_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Everything wrong with definitions that a caller wants to create: never just the first.
pub fn check(attr_defs: &[AttrDef]) -> Vec<SchemaProblem> {
    let mut problems = Vec::new();
    check_list(attr_defs, &AttrPath::root(), Place::Top, &mut problems);
    problems
}

/// Where a list of definitions stands; decides which names are reserved and which constraints make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of the entity type.
    Top,
    /// In an object.
    Object {
        /// Whether that object is itself in a plural, however deep.
        in_plural: bool,
    },
    /// In a plural: what its elements have.
    Plural,
}

impl Place {
    /// Where the definitions inside an attribute of this type stand, when that attribute stands here.
    #[must_use]
    pub fn inside(self, attr_type: &AttrType) -> Self {
        match (attr_type, self) {
            (AttrType::Plural(_), _) => Self::Plural,
            (_, Self::Plural | Self::Object { in_plural: true }) => {
                Self::Object { in_plural: true }
            }
            _ => Self::Object { in_plural: false },
        }
    }
}

fn check_list(
    attr_defs: &[AttrDef],
    path: &AttrPath,
    place: Place,
    problems: &mut Vec<SchemaProblem>,
) {
    let mut seen = HashSet::new();
    for def in attr_defs {
        let here = path.child(def.name.clone());
        if !seen.insert(def.name.as_str()) {
            problems.push(SchemaProblem {
                path: here.clone(),
                reason: NAME_USED.to_owned(),
            });
        }
        check_one(def, &here, place, problems);
        if here.0.len() == MAX_DEPTH && !def.attr_type.attr_defs().is_empty() {
            problems.push(SchemaProblem {
                path: here,
                reason: format!("attributes stand at most {MAX_DEPTH} deep in each other"),
            });
            continue;
        }
        let inner = place.inside(&def.attr_type);
        check_list(def.attr_type.attr_defs(), &here, inner, problems);
    }
}

fn check_one(def: &AttrDef, path: &AttrPath, place: Place, problems: &mut Vec<SchemaProblem>) {
    let mut report = |reason: String| {
        problems.push(SchemaProblem {
            path: path.clone(),
            reason,
        });
    };
    name_misfit(&def.name, place)
        .into_iter()
        .chain(type_misfit(&def.attr_type))
        .for_each(&mut report);
    for key in ["length", "case-sensitive", "attr_defs"] {
        if def.other.contains_key(key) {
            let owner = if key == "attr_defs" {
                "object and plural"
            } else {
                "string"
            };
            report(format!(
                "`{key}` belongs to {owner} attributes, not to {}",
                def.attr_type.name()
            ));
        }
    }
    let mut seen = HashSet::new();
    for constraint in def.constraints.iter().flatten() {
        if !seen.insert(constraint) {
            report(format!("constraint `{constraint}` is given twice"));
        }
        if let Some(reason) = constraint_misfit(constraint, def, place) {
            report(reason);
        }
    }
    let mut seen = HashSet::new();
    for feature in def.features.iter().flatten() {
        if !seen.insert(feature) {
            report(format!("feature `{feature}` is given twice"));
        }
        if let Some(reason) = feature_misfit(feature, place) {
            report(reason);
        }
    }
}

/// Why an attribute in `place` cannot have this name; `None` when it can.
pub fn name_misfit(name: &str, place: Place) -> Option<String> {
    let reserved = match place {
        Place::Top => is_reserved_name(name),
        Place::Plural => name == "id",
        Place::Object { .. } => false,
    };
    if reserved {
        Some(format!(
            "`{name}` is built in: the service adds it by itself"
        ))
    } else if is_valid_name(name) {
        None
    } else {
        Some(format!(
            "a name starts with a letter, goes on with letters, digits and _, and has at most {MAX_NAME} characters"
        ))
    }
}

/// Why nobody can create an attribute of this type; `None` when one can.
pub fn type_misfit(attr_type: &AttrType) -> Option<String> {
    match attr_type {
        AttrType::Id | AttrType::Uuid => Some(format!(
            "type `{}` is for the service's own attributes",
            attr_type.name()
        )),
        AttrType::Unknown(name) => Some(format!(
            "there is no type `{name}`; known types: {}",
            AttrType::CHOICES.join(", ")
        )),
        AttrType::Password(name) if !PASSWORD_TYPES.contains(&name.as_str()) => Some(format!(
            "there is no type `{name}`; the usual one is password-bcrypt"
        )),
        AttrType::String {
            length: Some(0), ..
        } => Some("`length` must be at least 1, or null for no limit".to_owned()),
        AttrType::Object(inner) | AttrType::Plural(inner) if inner.is_empty() => Some(format!(
            "`{}` needs at least one attribute in `attr_defs`",
            attr_type.name()
        )),
        _ => None,
    }
}

/// Why `feature` cannot stand on an attribute in `place`; `None` when it can.
pub fn feature_misfit(feature: &Feature, place: Place) -> Option<String> {
    match feature {
        Feature::Other(name) => Some(format!(
            "there is no feature `{name}`; known features: primary-key, query"
        )),
        Feature::PrimaryKey if place != Place::Plural => Some(
            "`primary-key` marks the natural key of a plural's elements; this attribute is not one of those"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Why `constraint` cannot stand on `def` in `place`; `None` when it can.
pub fn constraint_misfit(constraint: &Constraint, def: &AttrDef, place: Place) -> Option<String> {
    let type_name = def.attr_type.name();
    match constraint {
        Constraint::Other(name) => {
            let known: Vec<&str> = Constraint::ALL.iter().map(Constraint::name).collect();
            Some(format!(
                "there is no constraint `{name}`; known constraints: {}",
                known.join(", ")
            ))
        }
        Constraint::Alphabetic
        | Constraint::Alphanumeric
        | Constraint::UnicodeLetters
        | Constraint::UnicodePrintable
        | Constraint::EmailAddress
            if !matches!(def.attr_type, AttrType::String { .. }) =>
        {
            Some(format!(
                "`{constraint}` is about text and cannot stand on {type_name}"
            ))
        }
        Constraint::Unique | Constraint::LocallyUnique | Constraint::Required
            if matches!(def.attr_type, AttrType::Object(_) | AttrType::Plural(_)) =>
        {
            Some(format!(
                "`{constraint}` is for primitive attributes and cannot stand on {type_name}"
            ))
        }
        Constraint::Unique | Constraint::LocallyUnique
            if matches!(def.attr_type, AttrType::Json | AttrType::Password(_)) =>
        {
            Some(format!("`{constraint}` cannot be held for {type_name}"))
        }
        Constraint::LocallyUnique
            if !matches!(place, Place::Plural | Place::Object { in_plural: true }) =>
        {
            Some(
                "`locally-unique` compares the elements of one plural; this attribute is not inside a plural"
                    .to_owned(),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<AttrDef> {
        let (attr_defs, problems) = read_attr_defs(&Json::parse(text).expect("is JSON"));
        assert_eq!(problems, []);
        attr_defs
    }

    fn reasons(text: &str) -> Vec<String> {
        let (attr_defs, mut problems) = read_attr_defs(&Json::parse(text).expect("is JSON"));
        problems.extend(check(&attr_defs));
        problems.iter().map(ToString::to_string).collect()
    }

    /// The first documented example of `entityType.create`.
    #[test]
    fn create_echoes_the_first_documented_example() {
        let given = r#"[{"name":"name","type":"string","case-sensitive":false},{"name":"description","type":"string","length":1000,"case-sensitive":false}]"#;
        let documented = r#"{"name":"user_test","attr_defs":[
            {"name":"id","description":"simple identifier for this entity","type":"id"},
            {"name":"uuid","description":"globally unique identifier for this entity","type":"uuid"},
            {"name":"created","description":"when this entity was created","type":"dateTime"},
            {"name":"lastUpdated","description":"when this entity was last updated","type":"dateTime"},
            {"length":1000,"name":"description","type":"string","case-sensitive":false},
            {"length":null,"name":"name","type":"string","case-sensitive":false}]}"#;
        let echoed = EntityType::create("user_test", read(given)).to_json();
        assert_eq!(echoed, Json::parse(documented).expect("is JSON"));
    }

    /// The second documented example: sorting, defaults, a plural's `id`, order of constraints.
    #[test]
    fn create_echoes_the_second_documented_example() {
        let given = r#"[{"name":"consent","type":"string","length":200,"description":"The name of the consent in the user entity.","constraints":["unique","required"]},{"name":"consentDescription","type":"string","length":1000,"description":"A short description of the consent."},{"name":"consentAttributes","type":"plural","description":"Attributes associated with the consent.","attr_defs":[{"name":"consentName","type":"string","length":200,"description":"An attribute name from the user entity.","features":["primary-key"],"constraints":["locally-unique","required"]}]}]"#;
        let documented = r#"{"name":"user2","attr_defs":[
            {"name":"id","type":"id","description":"simple identifier for this entity"},
            {"name":"uuid","type":"uuid","description":"globally unique identifier for this entity"},
            {"name":"created","type":"dateTime","description":"when this entity was created"},
            {"name":"lastUpdated","type":"dateTime","description":"when this entity was last updated"},
            {"length":200,"case-sensitive":true,"constraints":["unique","required"],"name":"consent","type":"string","description":"The name of the consent in the user entity."},
            {"name":"consentAttributes","attr_defs":[
                {"name":"id","type":"id","description":"simple identifier for this sub-entity"},
                {"length":200,"case-sensitive":true,"constraints":["locally-unique","required"],"name":"consentName","features":["primary-key"],"type":"string","description":"An attribute name from the user entity."}],
             "type":"plural","description":"Attributes associated with the consent."},
            {"length":1000,"case-sensitive":true,"name":"consentDescription","type":"string","description":"A short description of the consent."}]}"#;
        let echoed = EntityType::create("user2", read(given)).to_json();
        assert_eq!(echoed, Json::parse(documented).expect("is JSON"));
        assert_eq!(check(&read(given)), []);
    }

    #[test]
    fn unknown_parts_survive_the_round_trip() {
        let text = r#"[{"name":"a","type":"hologram","depth":3,"length":5},{"name":"b","type":"string","length":7,"case-sensitive":true,"constraints":["brand-new"],"features":["shiny"],"x-note":{"k":[1.50]}}]"#;
        let written = attr_defs_to_json(&read(text));
        assert_eq!(written, Json::parse(text).expect("is JSON"));
    }

    #[test]
    fn check_names_everything_wrong() {
        let reasons = reasons(
            r#"[{"name":"id","type":"integer"},{"name":"1st","type":"string","length":0},
               {"name":"n","type":"integer","length":5,"constraints":["alphabetic","locally-unique","sparkly"]},
               {"name":"n","type":"binary"},{"name":"o","type":"object"},
               {"name":"p","type":"plural","constraints":["unique"],"attr_defs":[{"name":"id","type":"string"},{"name":"k","type":"string","constraints":["locally-unique"],"features":["primary-key"]}]},
               {"type":"string"},7,{"name":"t"},{"name":"f","type":"string","features":["primary-key"]}]"#,
        );
        insta::assert_debug_snapshot!(reasons);
    }

    #[test]
    fn attributes_come_and_go_in_place() {
        let mut schema = EntityType::create(
            "t",
            read(
                r#"[{"name":"b","type":"date"},{"name":"o","type":"object","attr_defs":[{"name":"x","type":"date"},{"name":"y","type":"date"}]}]"#,
            ),
        );
        for name in ["z", "C", "c"] {
            schema.add(AttrDef::new(name, AttrType::Boolean));
        }
        let plural = r#"[{"name":"a","type":"plural","attr_defs":[{"name":"v","type":"date"},{"name":"b","type":"date"}]}]"#;
        schema.add(read(plural).remove(0));
        let own = |schema: &EntityType| -> Vec<String> {
            let paths = schema.walk().into_iter().skip(RESERVED.len());
            paths.map(|(path, _)| path.dotted()).collect()
        };
        let added = [
            "C", "a", "a.id", "a.b", "a.v", "b", "c", "o", "o.x", "o.y", "z",
        ];
        assert_eq!(own(&schema), added);
        let path = |text: &str| text.parse::<AttrPath>().expect("is a path");
        for gone in ["c", "o.x", "a.v"] {
            assert!(schema.get_mut(&path(gone)).is_some(), "{gone}");
            assert!(schema.remove(&path(gone)).is_some(), "{gone}");
            assert!(schema.remove(&path(gone)).is_none(), "{gone}");
        }
        assert_eq!(
            own(&schema),
            ["C", "a", "a.id", "a.b", "b", "o", "o.y", "z"]
        );
        for nothing in ["", "nope", "b.x", "o.nope", "nope.x"] {
            assert!(schema.get_mut(&path(nothing)).is_none(), "{nothing}");
            assert!(schema.remove(&path(nothing)).is_none(), "{nothing}");
        }
    }

    #[test]
    fn finds_and_walks() {
        let schema = EntityType::create(
            "t",
            read(
                r#"[{"name":"o","type":"object","attr_defs":[{"name":"p","type":"plural","attr_defs":[{"name":"v","type":"date"}]}]}]"#,
            ),
        );
        let path = "o.p#7.v".parse().expect("is a path");
        assert_eq!(
            schema.get(&path).map(|def| def.attr_type.name()),
            Some("date")
        );
        let paths: Vec<String> = schema
            .walk()
            .iter()
            .map(|(path, _)| path.dotted())
            .collect();
        assert_eq!(
            paths,
            [
                "id",
                "uuid",
                "created",
                "lastUpdated",
                "o",
                "o.p",
                "o.p.id",
                "o.p.v"
            ]
        );
    }
}

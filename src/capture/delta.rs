//! From a stored record and the same record edited to the calls that make the one out of the other (reference 2.8, 2.9
//! and 7): an update that sends only what changed. The form shows and sends such a plan; the command line may.
//!
//! ```text
//!  changed values, members of objects      ─▶ entity.update of the record            first: refused, it leaves all as it was
//!  elements: changed (with id), new        ─▶ the same call
//!  elements gone                           ─▶ entity.delete of /plural#id            one call each
//!  elements moved, or none of them left    ─▶ entity.replace of /plural              all of them get new ids
//!  the record as it is stored now          ─▶ include_record, or an entity call when the last call cannot bring it
//! ```
//!
//! Pure: nothing is sent here, and nothing is checked against the schema's rules, which is `capture::validate`'s work.

pub mod merge;

use std::collections::HashMap;
use std::collections::HashSet;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::is_reserved_name;

/// One call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// The call.
    pub request: ApiRequest,
    /// What it does, for people, as a sentence's predicate: `set birthday`.
    pub what: String,
    /// Whether something stored is gone for good after it.
    pub destructive: bool,
}

/// How an attribute of the edited record differs from the stored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It has another value.
    Set,
    /// It had a value and has none now.
    Cleared,
    /// The element is new.
    Added,
    /// The element is gone.
    Removed,
    /// The elements of the plural are in another order.
    Moved,
}

/// One difference between the stored and the edited record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where: elements by their places in the edited record, one that is gone by its id.
    pub path: AttrPath,
    /// How.
    pub kind: ChangeKind,
    /// What is stored there; `None` for what is new.
    pub old: Option<Json>,
}

/// What makes the edited record out of the stored one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The calls, in the order in which they must be made; the next one only when the one before it went well. Empty
    /// when there is nothing to send.
    pub calls: Vec<PlannedCall>,
    /// What differs, in the schema's order.
    pub changes: Vec<Change>,
    /// What a person should know before sending, in sentences.
    pub notes: Vec<String>,
}

impl Plan {
    /// Whether something stored is gone for good after it.
    pub fn is_destructive(&self) -> bool {
        self.calls.iter().any(|call| call.destructive)
    }
}

/// The record that a plan is about.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its entity type.
    pub schema: &'a EntityType,
    /// The record as it was read: whole, with everything that the service gives.
    pub stored: &'a Json,
    /// Whether the first call is to be refused (330) when somebody changed the record since it was read. Only the first
    /// can be: it changes `lastUpdated` itself.
    pub guarded: bool,
}

impl Target<'_> {
    /// A call of `endpoint` about this record. By uuid where there is one: an id names another record in another
    /// application, and in a sandbox that was begun anew.
    fn call(&self, endpoint: Endpoint) -> ApiRequest {
        let request = ApiRequest::new(endpoint)
            .with("type_name", self.schema.name.clone())
            .hiding(self.schema.password_names());
        let uuid = self.stored.get("uuid").and_then(Json::as_str);
        match (uuid, self.stored.get("id")) {
            (Some(uuid), _) => request.with("uuid", uuid),
            (None, Some(id)) => request.with("id", id.to_string()),
            (None, None) => request,
        }
    }

    /// Puts the guard on the first call, and lets the last one bring the record, or another after it.
    fn finish(&self, mut calls: Vec<PlannedCall>) -> Vec<PlannedCall> {
        let stamp = self.stored.get("lastUpdated").and_then(Json::as_str);
        if let (true, Some(first), Some(stamp)) = (self.guarded, calls.first_mut(), stamp) {
            first.request.args.push("lastUpdated", stamp);
        }
        let Some(last) = calls.last_mut() else {
            return calls;
        };
        let args = &mut last.request.args;
        if last.request.endpoint != Endpoint::EntityDelete && args.get("attribute_name").is_none() {
            args.push("include_record", "true");
        } else {
            calls.push(PlannedCall {
                request: self.read(),
                what: "read what is stored then".to_owned(),
                destructive: false,
            });
        }
        calls
    }

    /// The calls that make `edited` out of the record, sending only what changed. What `edited` lacks is set to null,
    /// if it was not: an update cannot take a value away otherwise. Its elements have the ids with which they were read;
    /// one without is new.
    pub fn update(&self, edited: &Json) -> Plan {
        let mut planner = Planner {
            target: self,
            path: AttrPath::root(),
            in_element: false,
            changes: Vec::new(),
            notes: Vec::new(),
            early: Vec::new(),
            late: Vec::new(),
            forgotten: false,
        };
        let delta = planner.members(Some(self.stored), Some(edited), &self.schema.attr_defs);
        let Planner {
            changes,
            mut notes,
            early,
            late,
            forgotten,
            ..
        } = planner;
        let mut calls = early;
        if !delta.is_empty() {
            let mut parts = Vec::new();
            describe(
                &delta,
                &AttrPath::root(),
                &self.schema.attr_defs,
                &mut parts,
            );
            let delta = Json::Object(delta).to_string();
            calls.push(PlannedCall {
                request: self.call(Endpoint::EntityUpdate).with("attributes", delta),
                what: format!("set {}", parts.join(", ")),
                destructive: false,
            });
        }
        calls.extend(late);
        if forgotten {
            notes.push(
                "what is absent is sent as null: an update keeps what it does not name".to_owned(),
            );
        }
        if calls.len() > 1 && self.guarded {
            notes.push("only the first call is refused if the record was changed".to_owned());
        }
        Plan {
            calls: self.finish(calls),
            changes,
            notes,
        }
    }

    /// The call that puts `edited` in place of the record: what it lacks becomes null, and all elements get new ids.
    pub fn replace(&self, edited: &Json) -> Plan {
        let changes = self.update(edited).changes;
        let content = as_new(self.schema, edited).to_string();
        let call = PlannedCall {
            request: self
                .call(Endpoint::EntityReplace)
                .with("attributes", content),
            what: "replace the whole record".to_owned(),
            destructive: true,
        };
        Plan {
            calls: self.finish(vec![call]),
            changes,
            notes: vec![
                "what is absent becomes null, and every element of a plural gets a new id"
                    .to_owned(),
            ],
        }
    }

    /// The call that reads the record.
    pub fn read(&self) -> ApiRequest {
        self.call(Endpoint::EntityView)
    }

    /// The call that deletes the record.
    pub fn delete(&self) -> PlannedCall {
        let mut request = self.call(Endpoint::EntityDelete);
        let stamp = self.stored.get("lastUpdated").and_then(Json::as_str);
        if let (true, Some(stamp)) = (self.guarded, stamp) {
            request.args.push("lastUpdated", stamp);
        }
        PlannedCall {
            request,
            what: "delete the whole record".to_owned(),
            destructive: true,
        }
    }
}

/// A record as a new one may begin: without what the service alone gives, at the top and in every element.
pub fn as_new(schema: &EntityType, record: &Json) -> Json {
    let Some(members) = record.as_object() else {
        return record.clone();
    };
    members
        .iter()
        .filter(|(name, _)| !is_reserved_name(name))
        .map(|(name, value)| {
            let def = schema.attr_defs.iter().find(|def| def.name == *name);
            (name.clone(), without_ids(value, def))
        })
        .collect()
}

fn without_ids(value: &Json, def: Option<&AttrDef>) -> Json {
    let Some(def) = def else {
        return value.clone();
    };
    let inner = def.attr_type.attr_defs();
    match (&def.attr_type, value) {
        (AttrType::Object(_), Json::Object(_)) => members_without_ids(value, inner, false),
        (AttrType::Plural(_), Json::Array(elements)) => elements
            .iter()
            .map(|element| members_without_ids(element, inner, true))
            .collect::<Vec<_>>()
            .into(),
        _ => value.clone(),
    }
}

fn members_without_ids(holder: &Json, defs: &[AttrDef], is_element: bool) -> Json {
    let Some(members) = holder.as_object() else {
        return holder.clone();
    };
    members
        .iter()
        .filter(|(name, _)| !is_element || *name != "id")
        .map(|(name, value)| {
            let def = defs.iter().find(|def| def.name == *name);
            (name.clone(), without_ids(value, def))
        })
        .collect()
}

/// Whether two values of an attribute are the same to the service: what is absent is null, an object without values is
/// one of nulls, and a plural that is null has no elements (reference 5).
fn same(old: Option<&Json>, new: Option<&Json>, def: &AttrDef) -> bool {
    let inner = def.attr_type.attr_defs();
    let old = old.unwrap_or(&Json::Null);
    let new = new.unwrap_or(&Json::Null);
    match (&def.attr_type, old, new) {
        (AttrType::Object(_), Json::Object(_) | Json::Null, Json::Object(_) | Json::Null) => {
            same_members(old, new, inner)
        }
        (AttrType::Plural(_), Json::Array(_) | Json::Null, Json::Array(_) | Json::Null) => {
            let old = old.as_array().unwrap_or_default();
            let new = new.as_array().unwrap_or_default();
            let pairs = || old.iter().zip(new);
            old.len() == new.len()
                && pairs().all(|(old, new)| old.get("id") == new.get("id"))
                && pairs().all(|(old, new)| same_members(old, new, inner))
        }
        _ => old == new,
    }
}

fn same_members(old: &Json, new: &Json, defs: &[AttrDef]) -> bool {
    let is_holder = |value: &Json| matches!(value, Json::Object(_) | Json::Null);
    if !is_holder(old) || !is_holder(new) {
        return old == new;
    }
    let known = |name: &String| name == "id" || defs.iter().any(|def| def.name == *name);
    let strangers = new.as_object().into_iter().flatten();
    defs.iter()
        .filter(|def| !def.is_reserved(false))
        .all(|def| same(old.get(&def.name), new.get(&def.name), def))
        && strangers
            .filter(|(name, _)| !known(name))
            .all(|(name, value)| old.get(name) == Some(value))
}

fn id_of(element: &Json) -> Option<i64> {
    element.get("id")?.as_i64()
}

/// Walks both records at once.
struct Planner<'a> {
    target: &'a Target<'a>,
    /// Where the walk is, in the edited record.
    path: AttrPath,
    /// Whether that is in an element, which is sent whole: then only the differences are noted.
    in_element: bool,
    changes: Vec<Change>,
    notes: Vec<String>,
    /// Calls before the update.
    early: Vec<PlannedCall>,
    /// Calls after it.
    late: Vec<PlannedCall>,
    /// Whether something that has a value is absent now.
    forgotten: bool,
}

impl Planner<'_> {
    /// The members of the record, an object or an element that an update must send.
    fn members(&mut self, old: Option<&Json>, new: Option<&Json>, defs: &[AttrDef]) -> Object {
        let mut delta = Object::new();
        let top_level = self.path.is_root();
        for def in defs.iter().filter(|def| !def.is_reserved(top_level)) {
            self.path.0.push(Segment {
                name: def.name.clone(),
                element: None,
            });
            if let Some(value) = self.value(member(old, &def.name), member(new, &def.name), def) {
                delta.insert(def.name.clone(), value);
            }
            self.path.0.pop();
        }
        // What the schema does not know goes out as well: it is for the service to refuse it.
        for (name, value) in new.and_then(Json::as_object).into_iter().flatten() {
            let is_reserved = if top_level {
                is_reserved_name(name)
            } else {
                name == "id"
            };
            let known = is_reserved || defs.iter().any(|def| def.name == *name);
            if !known && member(old, name) != Some(value) {
                self.changed(self.path.child(name), ChangeKind::Set, member(old, name));
                delta.insert(name.clone(), value.clone());
            }
        }
        delta
    }

    fn changed(&mut self, path: AttrPath, kind: ChangeKind, old: Option<&Json>) {
        let old = old.cloned();
        self.changes.push(Change { path, kind, old });
    }

    fn value(&mut self, old: Option<&Json>, new: Option<&Json>, def: &AttrDef) -> Option<Json> {
        if same(old, new, def) {
            return None;
        }
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, new) {
            (AttrType::Object(_), None | Some(Json::Null | Json::Object(_))) => {
                let members = self.members(old, new, inner);
                (!members.is_empty()).then_some(members.into())
            }
            (AttrType::Plural(_), None | Some(Json::Null | Json::Array(_))) => {
                self.forgotten |= new.is_none();
                let old = old.and_then(Json::as_array).unwrap_or_default();
                let new = new.and_then(Json::as_array).unwrap_or_default();
                self.plural(old, new, inner)
            }
            (_, new) => {
                self.forgotten |= new.is_none();
                let value = new.cloned().unwrap_or_default();
                let kind = match value {
                    Json::Null => ChangeKind::Cleared,
                    _ => ChangeKind::Set,
                };
                self.changed(self.path.clone(), kind, old);
                Some(value)
            }
        }
    }

    /// The elements that an update must send, and the calls for what it cannot express.
    fn plural(&mut self, old: &[Json], new: &[Json], defs: &[AttrDef]) -> Option<Json> {
        let compared = Compared::new(old, new, defs);
        self.note_changes(&compared, new, defs);
        if self.in_element {
            return None;
        }
        let plural = self.path.clone();
        if compared.must_be_replaced() {
            self.replace(&plural, new, defs, compared.moved);
            return None;
        }
        let sent: Vec<Json> = new
            .iter()
            .zip(&compared.elements)
            .filter_map(|(element, state)| match state {
                State::Kept => None,
                State::Changed(_) => Some(element.clone()),
                State::New => Some(members_without_ids(element, defs, true)),
            })
            .collect();
        let mut needed = HashSet::new();
        for element in &sent {
            unique_values(element, defs, &AttrPath::root(), &mut needed);
        }
        for element in &compared.removed {
            let Some(id) = id_of(element) else {
                continue;
            };
            // A value that must differ is free only when the element that has it is gone. Everything else goes last:
            // refused, the update leaves all as it was.
            let mut freed = HashSet::new();
            unique_values(element, defs, &AttrPath::root(), &mut freed);
            let goes_first = !needed.is_disjoint(&freed);
            let path = plural.element(Element::Id(id));
            let request = self.target.call(Endpoint::EntityDelete);
            let calls = if goes_first {
                &mut self.early
            } else {
                &mut self.late
            };
            calls.push(PlannedCall {
                request: request.with("attribute_name", path.slashed()),
                what: format!("delete {path}"),
                destructive: true,
            });
        }
        (!sent.is_empty()).then_some(sent.into())
    }

    fn note_changes(&mut self, compared: &Compared<'_>, new: &[Json], defs: &[AttrDef]) {
        let plural = self.path.clone();
        for (at, state) in compared.elements.iter().enumerate() {
            let path = plural.element(Element::Index(at));
            match state {
                State::Kept => {}
                State::New => self.changed(path, ChangeKind::Added, None),
                State::Changed(old) => {
                    let around = std::mem::replace(&mut self.path, path);
                    let in_element = std::mem::replace(&mut self.in_element, true);
                    self.members(Some(old), new.get(at), defs);
                    self.in_element = in_element;
                    self.path = around;
                }
            }
        }
        for element in &compared.removed {
            let path = match id_of(element) {
                Some(id) => plural.element(Element::Id(id)),
                None => plural.clone(),
            };
            self.changed(path, ChangeKind::Removed, Some(element));
        }
        if compared.moved {
            self.changed(plural, ChangeKind::Moved, None);
        }
    }

    fn replace(&mut self, plural: &AttrPath, new: &[Json], defs: &[AttrDef], moved: bool) {
        let content: Vec<Json> = new
            .iter()
            .map(|element| members_without_ids(element, defs, true))
            .collect();
        let what = match (content.len(), moved) {
            (0, _) => format!("empty {plural}"),
            (count, true) => format!("replace {plural} by its {count} elements in their new order"),
            (count, false) => format!("replace {plural} by {count} new element(s)"),
        };
        if moved {
            self.notes.push(format!(
                "{plural}: only replacing all elements changes their order, and gives them new ids"
            ));
        }
        let request = self.target.call(Endpoint::EntityReplace);
        self.late.push(PlannedCall {
            request: request
                .with("attribute_name", plural.slashed())
                .with("attributes", Json::Array(content).to_string()),
            what,
            destructive: true,
        });
    }
}

fn member<'a>(holder: Option<&'a Json>, name: &str) -> Option<&'a Json> {
    holder.and_then(|holder| holder.get(name))
}

/// What became of the elements of a plural.
struct Compared<'a> {
    /// For every edited element, in order.
    elements: Vec<State<'a>>,
    /// The stored ones that are gone.
    removed: Vec<&'a Json>,
    /// Whether an element stands where appending does not bring it.
    moved: bool,
}

enum State<'a> {
    /// It is as it was.
    Kept,
    /// It differs from what is stored, which is this.
    Changed(&'a Json),
    /// No stored element has its id, or it has none.
    New,
}

impl<'a> Compared<'a> {
    fn new(old: &'a [Json], new: &[Json], defs: &[AttrDef]) -> Self {
        let places: HashMap<i64, usize> = old
            .iter()
            .enumerate()
            .filter_map(|(at, element)| Some((id_of(element)?, at)))
            .collect();
        let mut kept = HashSet::new();
        let mut elements = Vec::with_capacity(new.len());
        let (mut last, mut any_new, mut moved) = (None, false, false);
        for element in new {
            let at = id_of(element).and_then(|id| places.get(&id).copied());
            let Some(at) = at.filter(|at| kept.insert(*at)) else {
                any_new = true;
                elements.push(State::New);
                continue;
            };
            moved |= any_new || last.is_some_and(|last| last > at);
            last = Some(at);
            elements.push(if same_members(&old[at], element, defs) {
                State::Kept
            } else {
                State::Changed(&old[at])
            });
        }
        let gone = old.iter().enumerate().filter(|(at, _)| !kept.contains(at));
        Self {
            removed: gone.map(|(_, element)| element).collect(),
            elements,
            moved,
        }
    }

    /// Whether only replacing the plural does it, or does it with one call where nothing that is kept would lose its id.
    fn must_be_replaced(&self) -> bool {
        let all_new = self.elements.iter().all(|one| matches!(one, State::New));
        let gone = self.removed.len();
        let nameless = self.removed.iter().any(|element| id_of(element).is_none());
        self.moved || nameless || all_new && gone > 0 && (gone > 1 || !self.elements.is_empty())
    }
}

/// The values in an element that must differ from others, each with its definition's path. Whether letters are capital
/// and spaces around a text may make no difference to the service, so they make none here.
fn unique_values(
    holder: &Json,
    defs: &[AttrDef],
    around: &AttrPath,
    found: &mut HashSet<(AttrPath, String)>,
) {
    for def in defs {
        let Some(value) = holder.get(&def.name).filter(|value| !value.is_null()) else {
            continue;
        };
        let path = around.child(&def.name);
        if def.has(&Constraint::LocallyUnique) || def.has(&Constraint::Unique) {
            let text = match value.as_str() {
                Some(text) => text.trim().to_lowercase(),
                None => value.to_string(),
            };
            found.insert((path.clone(), text));
        }
        let inner = def.attr_type.attr_defs();
        match value {
            Json::Array(elements) => {
                for element in elements {
                    unique_values(element, inner, &path, found);
                }
            }
            _ => unique_values(value, inner, &path, found),
        }
    }
}

/// What an update sets, for people: `birthday, primaryAddress.city, statuses (1 new, 1 changed)`.
fn describe(delta: &Object, around: &AttrPath, defs: &[AttrDef], parts: &mut Vec<String>) {
    for (name, value) in delta {
        let path = around.child(name);
        let attr_type = defs
            .iter()
            .find(|def| def.name == *name)
            .map(|def| &def.attr_type);
        match (attr_type, value) {
            (Some(AttrType::Object(inner)), Json::Object(members)) => {
                describe(members, &path, inner, parts);
            }
            (Some(AttrType::Plural(_)), Json::Array(elements)) => {
                let changed = elements.iter().filter(|element| id_of(element).is_some());
                let changed = changed.count();
                let counts = [(elements.len() - changed, "new"), (changed, "changed")];
                let counts: Vec<String> = counts
                    .iter()
                    .filter(|(count, _)| *count > 0)
                    .map(|(count, word)| format!("{count} {word}"))
                    .collect();
                parts.push(format!("{path} ({})", counts.join(", ")));
            }
            _ => parts.push(path.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::read_attr_defs;

    const SCHEMA: &str = r#"[
        {"name":"id","type":"id"},{"name":"uuid","type":"uuid"},
        {"name":"created","type":"dateTime"},{"name":"lastUpdated","type":"dateTime"},
        {"name":"name","type":"string"},{"name":"count","type":"integer"},{"name":"any","type":"json"},
        {"name":"place","type":"object","attr_defs":[
            {"name":"city","type":"string"},{"name":"zip","type":"string"},
            {"name":"lines","type":"plural","attr_defs":[{"name":"line","type":"string"}]}]},
        {"name":"words","type":"plural","attr_defs":[
            {"name":"id","type":"id"},{"name":"word","type":"string","constraints":["locally-unique"]}]},
        {"name":"boxes","type":"plural","attr_defs":[
            {"name":"id","type":"id"},{"name":"label","type":"string"},{"name":"size","type":"integer"},
            {"name":"things","type":"plural","attr_defs":[{"name":"thing","type":"string"}]}]}]"#;

    const STORED: &str = r#"{"id":1,"uuid":"u-1","created":"c","lastUpdated":"t0",
        "name":"a","count":1,"any":null,
        "place":{"city":"Oslo","zip":null,"lines":[{"id":4,"line":"l"}]},
        "words":[{"id":5,"word":"x"},{"id":6,"word":"y"}],
        "boxes":[{"id":2,"label":"b","size":2,"things":[{"id":3,"thing":"t"}]},
                 {"id":7,"label":"c","size":null,"things":[]}]}"#;

    fn parse(text: &str) -> Json {
        Json::parse(text).expect("a test's JSON is right")
    }

    fn schema() -> EntityType {
        let (attr_defs, problems) = read_attr_defs(&parse(SCHEMA));
        assert_eq!(problems, []);
        EntityType::create("t", attr_defs)
    }

    /// The stored record with members set; `-name` takes one away.
    fn edited(changes: &str) -> Json {
        let mut record = parse(STORED);
        let members = record.as_object_mut().expect("is an object");
        for (name, value) in parse(changes).as_object().expect("is an object") {
            match name.strip_prefix('-') {
                Some(name) => drop(members.shift_remove(name)),
                None => drop(members.insert(name.clone(), value.clone())),
            }
        }
        record
    }

    /// The calls that take the stored record to the edited one, one line each.
    fn calls(changes: &str) -> Vec<String> {
        let (schema, stored) = (schema(), parse(STORED));
        let target = Target {
            schema: &schema,
            stored: &stored,
            guarded: true,
        };
        let plan = target.update(&edited(changes));
        let line = |call: &PlannedCall| {
            let args = &call.request.args;
            assert_eq!(args.get("type_name"), Some("t"));
            assert_eq!(args.get("uuid"), Some("u-1"));
            let mut line = call.request.endpoint.name().replace("entity.", "");
            for name in ["attribute_name", "attributes"] {
                line.extend(args.get(name).map(|value| format!(" {value}")));
            }
            line
        };
        plan.calls.iter().map(line).collect()
    }

    #[test]
    fn only_what_changed_is_sent() {
        let one_call = [
            (r#"{"count":2}"#, r#"update {"count":2}"#),
            (r#"{"count":null}"#, r#"update {"count":null}"#),
            (r#"{"-count":0}"#, r#"update {"count":null}"#),
            (r#"{"any":[1.50]}"#, r#"update {"any":[1.50]}"#),
            (
                r#"{"place":{"city":"Oslo","zip":"1","lines":[{"id":4,"line":"l"}]}}"#,
                r#"update {"place":{"zip":"1"}}"#,
            ),
            (
                r#"{"words":[{"id":5,"word":"x"},{"id":6,"word":"z"}]}"#,
                r#"update {"words":[{"id":6,"word":"z"}]}"#,
            ),
            // A plain text is a new element, and so is a copy that still has its model's id.
            (
                r#"{"words":[{"id":5,"word":"x"},{"id":6,"word":"y"},"z",{"id":6,"word":"w"}]}"#,
                r#"update {"words":["z",{"word":"w"}]}"#,
            ),
            // An element is sent whole: what it holds and is not sent would be gone.
            (
                r#"{"boxes":[{"id":2,"label":"b","things":[{"id":3,"thing":"u"}]},{"id":7,"label":"c"}]}"#,
                r#"update {"boxes":[{"id":2,"label":"b","things":[{"id":3,"thing":"u"}]}]}"#,
            ),
            (r#"{"stranger":1}"#, r#"update {"stranger":1}"#),
        ];
        for (changes, call) in one_call {
            assert_eq!(calls(changes), [call], "{changes}");
        }
    }

    #[test]
    fn what_an_update_cannot_express_are_calls_of_their_own() {
        let read = "entity";
        for (changes, expected) in [
            (
                r#"{"words":[{"id":5,"word":"x"}]}"#,
                vec!["delete /words#6", read],
            ),
            (
                r#"{"count":2,"boxes":[{"id":7,"label":"c"}]}"#,
                vec![r#"update {"count":2}"#, "delete /boxes#2", read],
            ),
            // The value of the element that goes may be that of one that comes.
            (
                r#"{"words":[{"id":5,"word":"x"},{"word":"y"}]}"#,
                vec!["delete /words#6", r#"update {"words":[{"word":"y"}]}"#],
            ),
            // Nothing that is sent has the value that becomes free: a refused update leaves all as it was.
            (
                r#"{"words":[{"id":5,"word":"x"},{"word":"n"}]}"#,
                vec![
                    r#"update {"words":[{"word":"n"}]}"#,
                    "delete /words#6",
                    read,
                ],
            ),
            (r#"{"words":null}"#, vec!["replace /words []", read]),
            (
                r#"{"-place":0}"#,
                vec![
                    r#"update {"place":{"city":null}}"#,
                    "delete /place/lines#4",
                    read,
                ],
            ),
            (
                r#"{"count":2,"words":[{"id":6,"word":"y"},{"id":5,"word":"x"}]}"#,
                vec![
                    r#"update {"count":2}"#,
                    r#"replace /words [{"word":"y"},{"word":"x"}]"#,
                    read,
                ],
            ),
        ] {
            assert_eq!(calls(changes), expected, "{changes}");
        }
    }

    #[test]
    fn what_is_the_same_to_the_service_is_no_change() {
        for changes in [
            "{}",
            r#"{"-any":0}"#,
            r#"{"any":null,"-id":0,"lastUpdated":"other"}"#,
            r#"{"place":{"city":"Oslo","lines":[{"id":4,"line":"l"}]}}"#,
            r#"{"boxes":[{"id":2,"label":"b","size":2,"things":[{"thing":"t","id":3}]},{"id":7,"label":"c"}]}"#,
        ] {
            assert_eq!(calls(changes), [""; 0], "{changes}");
        }
    }

    #[test]
    fn the_first_call_is_guarded_and_the_last_brings_the_record() {
        let (schema, stored) = (schema(), parse(STORED));
        let mut target = Target {
            schema: &schema,
            stored: &stored,
            guarded: true,
        };
        let edited = edited(r#"{"count":2,"boxes":[{"id":7,"label":"c"}]}"#);
        let plan = target.update(&edited);
        let args = |name: &str| -> Vec<Option<&str>> {
            let calls = plan.calls.iter();
            calls.map(|call| call.request.args.get(name)).collect()
        };
        assert_eq!(args("lastUpdated"), [Some("t0"), None, None]);
        assert_eq!(args("include_record"), [None; 3]);
        let destructive: Vec<bool> = plan.calls.iter().map(|call| call.destructive).collect();
        assert_eq!(destructive, [false, true, false]);
        assert_eq!(plan.calls[0].what, "set count");
        assert_eq!(plan.calls[1].what, "delete boxes#2");
        target.guarded = false;
        let plan = target.replace(&edited);
        let call = &plan.calls[0];
        assert_eq!(plan.calls.len(), 1);
        assert_eq!(call.request.args.get("lastUpdated"), None);
        assert_eq!(call.request.args.get("include_record"), Some("true"));
        let content = call.request.args.get("attributes").map(parse);
        assert_eq!(content, Some(as_new(&schema, &edited)));
        assert!(plan.is_destructive());
        assert_eq!(target.delete().request.endpoint, Endpoint::EntityDelete);
    }

    #[test]
    fn changes_say_where_and_what_was_there() {
        let (schema, stored) = (schema(), parse(STORED));
        let target = Target {
            schema: &schema,
            stored: &stored,
            guarded: true,
        };
        let edited = edited(
            r#"{"count":null,"words":[{"id":5,"word":"z"},{"word":"new"}],
                "boxes":[{"id":2,"label":"b","size":2,"things":[{"id":3,"thing":"u"}]},{"id":7,"label":"c"}]}"#,
        );
        let changes: Vec<String> = target
            .update(&edited)
            .changes
            .iter()
            .map(|change| {
                format!(
                    "{} {:?} {}",
                    change.path,
                    change.kind,
                    change.old.clone().unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(
            changes,
            [
                r#"boxes[0].things[0].thing Set "t""#,
                "count Cleared 1",
                r#"words[0].word Set "x""#,
                "words[1] Added null",
                r#"words#6 Removed {"id":6,"word":"y"}"#,
            ]
        );
    }
}

//! One's own changes of a record put on what is stored meanwhile: a three-way merge by the schema. The form uses it when
//! a record is read anew under a draft. What nobody else changed is as it was edited, what one did not change oneself is
//! as it is stored now, and where both changed the same value, one's own stays and is named. Nothing is sent here.

use std::collections::HashSet;

use crate::capture::attr_type::AttrType;
use crate::capture::delta::Compared;
use crate::capture::delta::State;
use crate::capture::delta::id_of;
use crate::capture::delta::member;
use crate::capture::delta::members_without_ids;
use crate::capture::delta::same;
use crate::capture::delta::same_members;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// What is stored now with one's own changes on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The record, with everything that the service gives now.
    pub record: Json,
    /// What was changed on both sides, and differently: one's own value is in the record. By definition, elements apart.
    pub both: Vec<AttrPath>,
}

/// Puts what makes `edited` differ from `began` on `stored`. Elements are told by their ids. One that was added here and
/// is stored by now, with the same values and a new id, is taken for the same: a call may have been carried out.
pub fn merge(schema: &EntityType, began: &Json, edited: &Json, stored: &Json) -> Merged {
    let mut merger = Merger {
        path: AttrPath::root(),
        both: Vec::new(),
    };
    let sides = Sides {
        began: Some(began),
        edited: Some(edited),
        stored: Some(stored),
    };
    let record = merger.members(sides, &schema.attr_defs);
    Merged {
        record: record.into(),
        both: merger.both,
    }
}

/// The same value as it was read, as it was edited, and as it is stored now.
#[derive(Clone, Copy)]
struct Sides<'a> {
    began: Option<&'a Json>,
    edited: Option<&'a Json>,
    stored: Option<&'a Json>,
}

impl<'a> Sides<'a> {
    fn member(self, name: &str) -> Self {
        Self {
            began: member(self.began, name),
            edited: member(self.edited, name),
            stored: member(self.stored, name),
        }
    }

    fn all(self) -> [Option<&'a Json>; 3] {
        [self.began, self.edited, self.stored]
    }
}

struct Merger {
    path: AttrPath,
    both: Vec<AttrPath>,
}

impl Merger {
    /// The members of the record, an object or an element. What the schema does not give to callers is as it is stored.
    fn members(&mut self, sides: Sides<'_>, defs: &[AttrDef]) -> Object {
        let top_level = self.path.is_root();
        let stored = sides.stored.and_then(Json::as_object);
        let mut members = stored.cloned().unwrap_or_default();
        for def in defs.iter().filter(|def| !def.is_reserved(top_level)) {
            let around = self.path.clone();
            self.path = around.child(&def.name);
            match self.value(sides.member(&def.name), def) {
                Some(value) => drop(members.insert(def.name.clone(), value)),
                None => drop(members.shift_remove(&def.name)),
            }
            self.path = around;
        }
        let edited = sides.edited.and_then(Json::as_object);
        for (name, value) in edited.into_iter().flatten() {
            let known = name == "id" || defs.iter().any(|def| def.name == *name);
            if !known && member(sides.began, name) != Some(value) {
                members.insert(name.clone(), value.clone());
            }
        }
        members
    }

    fn value(&mut self, sides: Sides<'_>, def: &AttrDef) -> Option<Json> {
        if same(sides.began, sides.edited, def) {
            return sides.stored.cloned();
        }
        let inner = def.attr_type.attr_defs();
        let all = sides.all();
        let is_object =
            |value: Option<&Json>| matches!(value, None | Some(Json::Null | Json::Object(_)));
        let is_plural = |value: Option<&Json>| {
            value.is_none_or(|value| {
                value.is_null() || value.as_array().is_some_and(|all| all.iter().all(is_told))
            })
        };
        match def.attr_type {
            AttrType::Object(_) if all.into_iter().all(is_object) => {
                let members = self.members(sides, inner);
                (!members.is_empty() || sides.edited.is_some()).then(|| members.into())
            }
            AttrType::Plural(_) if all.into_iter().all(is_plural) => {
                let [began, edited, stored] =
                    all.map(|side| side.and_then(Json::as_array).unwrap_or_default());
                Some(self.plural(began, edited, stored, inner).into())
            }
            _ => {
                let differs = !same(sides.edited, sides.stored, def);
                if differs && !same(sides.began, sides.stored, def) {
                    self.changed_by_both();
                }
                sides.edited.cloned()
            }
        }
    }

    fn plural(
        &mut self,
        began: &[Json],
        edited: &[Json],
        stored: &[Json],
        defs: &[AttrDef],
    ) -> Vec<Json> {
        let compared = Compared::new(began, edited, defs);
        let with_id = |all: &'_ [Json], id: i64| all.iter().position(|one| id_of(one) == Some(id));
        let mut taken: HashSet<usize> = HashSet::new();
        for removed in &compared.removed {
            let at = id_of(removed).and_then(|id| with_id(stored, id));
            if let Some(at) = at {
                taken.insert(at);
                if !same_members(removed, &stored[at], defs) {
                    self.changed_by_both();
                }
            }
        }
        // One's own elements, by where they are stored now; those that are not, go to the end.
        let mut own: Vec<(Option<usize>, Json)> = Vec::new();
        for (element, state) in edited.iter().zip(&compared.elements) {
            let known = match state {
                State::New => None,
                State::Kept | State::Changed(_) => id_of(element),
            };
            if let Some(at) = known.and_then(|id| with_id(stored, id)) {
                taken.insert(at);
                let before = known.and_then(|id| with_id(began, id)).map(|at| &began[at]);
                let sides = Sides {
                    began: before,
                    edited: Some(element),
                    stored: Some(&stored[at]),
                };
                own.push((Some(at), self.members(sides, defs).into()));
                continue;
            }
            match state {
                // The others deleted it, and here it was let be.
                State::Kept => continue,
                State::Changed(_) => self.changed_by_both(),
                State::New => {}
            }
            let bare = members_without_ids(element, defs, true);
            let is_it = |(at, other): &(usize, &Json)| {
                let came = id_of(other).is_some_and(|id| with_id(began, id).is_none());
                let other = || members_without_ids(other, defs, true);
                came && !taken.contains(at) && same_members(&other(), &bare, defs)
            };
            match stored.iter().enumerate().find(is_it) {
                Some((at, there)) => {
                    taken.insert(at);
                    own.push((Some(at), there.clone()));
                }
                None => own.push((None, bare)),
            }
        }
        let others = stored.iter().enumerate();
        let others = others.filter(|(at, _)| !taken.contains(at));
        own.extend(others.map(|(at, element)| (Some(at), element.clone())));
        if !compared.moved {
            own.sort_by_key(|(at, _)| at.unwrap_or(usize::MAX));
        }
        own.into_iter().map(|(_, element)| element).collect()
    }

    fn changed_by_both(&mut self) {
        if self.both.last() != Some(&self.path) {
            self.both.push(self.path.clone());
        }
    }
}

/// Whether an element is an object, so that it can be told by its id or has none yet.
fn is_told(element: &Json) -> bool {
    element.as_object().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::delta::Target;
    use crate::capture::schema::read_attr_defs;

    const SCHEMA: &str = r#"[
        {"name":"id","type":"id"},{"name":"lastUpdated","type":"dateTime"},
        {"name":"name","type":"string"},{"name":"count","type":"integer"},
        {"name":"place","type":"object","attr_defs":[
            {"name":"city","type":"string"},{"name":"zip","type":"string"}]},
        {"name":"words","type":"plural","attr_defs":[
            {"name":"id","type":"id"},{"name":"word","type":"string"},{"name":"size","type":"integer"}]}]"#;

    const BEGAN: &str = r#"{"id":1,"lastUpdated":"t0","name":"a","count":1,"place":{"city":"Oslo","zip":null},
        "words":[{"id":5,"word":"x","size":1},{"id":6,"word":"y","size":1}]}"#;

    fn parse(text: &str) -> Json {
        Json::parse(text).expect("is JSON")
    }

    fn schema() -> EntityType {
        let (attr_defs, problems) = read_attr_defs(&parse(SCHEMA));
        assert_eq!(problems, []);
        EntityType::create("t", attr_defs)
    }

    /// Replaces top-level members of the record that both began with.
    fn with(changes: &str) -> Json {
        let mut record = parse(BEGAN).as_object().cloned().expect("an object");
        for (name, value) in parse(changes).as_object().expect("an object") {
            record.insert(name.clone(), value.clone());
        }
        record.into()
    }

    #[test]
    fn own_changes_are_put_on_those_of_others() {
        for (own, others, merged, both) in [
            (
                r#"{"name":"b"}"#,
                r#"{"count":2}"#,
                r#"{"name":"b","count":2}"#,
                "",
            ),
            ("{}", r#"{"name":"c"}"#, r#"{"name":"c"}"#, ""),
            (r#"{"name":"b"}"#, r#"{"name":"b"}"#, r#"{"name":"b"}"#, ""),
            (
                r#"{"name":"b"}"#,
                r#"{"name":"c"}"#,
                r#"{"name":"b"}"#,
                "name",
            ),
            (
                r#"{"name":null}"#,
                r#"{"count":2}"#,
                r#"{"name":null,"count":2}"#,
                "",
            ),
            (
                r#"{"place":{"city":"Rome","zip":null}}"#,
                r#"{"place":{"city":"Oslo","zip":"1"}}"#,
                r#"{"place":{"city":"Rome","zip":"1"}}"#,
                "",
            ),
            // The other added an element, changed one's other member, deleted one.
            (
                r#"{"words":[{"id":5,"word":"own","size":1},{"id":6,"word":"y","size":1}]}"#,
                r#"{"words":[{"id":5,"word":"x","size":2},{"id":9,"word":"z","size":1}]}"#,
                r#"{"words":[{"id":5,"word":"own","size":2},{"id":9,"word":"z","size":1}]}"#,
                "",
            ),
            // Deleted here, and added here.
            (
                r#"{"words":[{"id":6,"word":"y","size":1},{"word":"n","size":3}]}"#,
                r#"{"words":[{"id":5,"word":"x","size":1},{"id":6,"word":"y","size":1},{"id":9,"word":"z","size":1}]}"#,
                r#"{"words":[{"id":6,"word":"y","size":1},{"id":9,"word":"z","size":1},{"word":"n","size":3}]}"#,
                "",
            ),
            // Changed here, deleted there: it is a new one, and said.
            (
                r#"{"words":[{"id":5,"word":"own","size":1},{"id":6,"word":"y","size":1}]}"#,
                r#"{"words":[{"id":6,"word":"y","size":1}]}"#,
                r#"{"words":[{"id":6,"word":"y","size":1},{"word":"own","size":1}]}"#,
                "words",
            ),
            // Deleted here, changed there.
            (
                r#"{"words":[{"id":6,"word":"y","size":1}]}"#,
                r#"{"words":[{"id":5,"word":"x","size":2},{"id":6,"word":"y","size":1}]}"#,
                r#"{"words":[{"id":6,"word":"y","size":1}]}"#,
                "words",
            ),
            // The call was carried out: what was added is there.
            (
                r#"{"words":[{"id":5,"word":"x","size":1},{"id":6,"word":"y","size":1},{"word":"n","size":3}]}"#,
                r#"{"words":[{"id":5,"word":"x","size":1},{"id":6,"word":"y","size":1},{"id":7,"word":"n","size":3}]}"#,
                r#"{"words":[{"id":5,"word":"x","size":1},{"id":6,"word":"y","size":1},{"id":7,"word":"n","size":3}]}"#,
                "",
            ),
            // Moved here, added there.
            (
                r#"{"words":[{"id":6,"word":"y","size":1},{"id":5,"word":"x","size":1}]}"#,
                r#"{"words":[{"id":5,"word":"x","size":1},{"id":6,"word":"y","size":1},{"id":9,"word":"z","size":1}]}"#,
                r#"{"words":[{"id":6,"word":"y","size":1},{"id":5,"word":"x","size":1},{"id":9,"word":"z","size":1}]}"#,
                "",
            ),
        ] {
            let found = merge(&schema(), &parse(BEGAN), &with(own), &with(others));
            assert_eq!(found.record, with(merged), "{own} on {others}");
            let names: Vec<String> = found.both.iter().map(ToString::to_string).collect();
            assert_eq!(names.join(", "), both, "{own} on {others}");
        }
    }

    #[test]
    fn what_the_service_gives_is_as_it_is_stored_now() {
        let stored = with(r#"{"lastUpdated":"t1","count":7}"#);
        let merged = merge(&schema(), &parse(BEGAN), &with(r#"{"name":"b"}"#), &stored);
        let schema = schema();
        let target = Target {
            schema: &schema,
            stored: &stored,
            guarded: true,
        };
        let plan = target.update(&merged.record);
        let args = &plan.calls[0].request.args;
        assert_eq!(args.get("attributes"), Some(r#"{"name":"b"}"#));
        assert_eq!(args.get("lastUpdated"), Some("t1"));
    }
}

//! A record as rows: its fields in their order, each beside what it was in another state.
//!
//! Used by whoever shows states: the terminal program and the command. Elements of plurals are matched as everywhere here,
//! by primary key or id; an element that moved has not changed. What is gone stands behind its neighbours.

use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::secret::MASK;
use crate::history::record::PrimaryKeys;
use crate::history::record::place::ElementKey;
use crate::history::record::place::Place;
use crate::history::record::place::element_key;
use crate::history::record::place::is_password;
use crate::history::record::place::is_plural;
use crate::history::record::timeline::is_masked;
use crate::history::record::timeline::same;

/// A row: a single value, or the heading of what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it is.
    pub place: Place,
    /// How many rows it stands below, from 0.
    pub depth: usize,
    /// The attribute's name, or what tells an element from the others: `#12`.
    pub label: String,
    /// What it holds.
    pub holds: Holds,
    /// How it differs from the other state.
    pub mark: Mark,
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A single value now and in the other state; `None` where it is not.
    Value {
        /// Now.
        now: Option<Json>,
        /// In the other state.
        before: Option<Json>,
    },
    /// An object or an element; its members follow.
    Members,
    /// A plural with so many elements now; they follow.
    Elements(usize),
}

impl Field {
    /// Whether it is a single value now or was one, and not null or an empty plural.
    pub fn has_value(&self) -> bool {
        match &self.holds {
            Holds::Value { now, before } => [now, before]
                .into_iter()
                .flatten()
                .any(|value| !is_nothing(value)),
            Holds::Members | Holds::Elements(_) => false,
        }
    }
}

/// Null, or a plural without elements.
fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(<[Json]>::is_empty)
}

/// How a row differs from the other state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not at all.
    Same,
    /// It was not there.
    New,
    /// It was another, or something in it was.
    Changed,
    /// It is not there any more.
    Gone,
    /// Whether it is another cannot be told: one of the two was kept masked.
    Unknown,
}

/// The fields of a record, beside those of another state of it; either may not be there.
pub fn fields(now: Option<&Json>, before: Option<&Json>, keys: &PrimaryKeys) -> Vec<Field> {
    let mut rows = Rows {
        fields: Vec::new(),
        keys,
    };
    let (now, before) = (
        now.and_then(Json::as_object),
        before.and_then(Json::as_object),
    );
    rows.members(now, before, &Place::default(), 0);
    rows.fields
}

struct Rows<'a> {
    fields: Vec<Field>,
    keys: &'a PrimaryKeys,
}

impl Rows<'_> {
    /// Says whether anything differs. Recursion is bounded by the reader's limit.
    fn members(
        &mut self,
        now: Option<&Object>,
        before: Option<&Object>,
        place: &Place,
        depth: usize,
    ) -> bool {
        let mut differs = false;
        for (name, value) in now.into_iter().flatten() {
            let former = before.and_then(|before| before.get(name));
            let place = place.child(name);
            differs |= self.value(Some(value), former, &place, name, depth);
        }
        for (name, former) in before.into_iter().flatten() {
            if now.is_none_or(|now| !now.contains_key(name)) {
                let place = place.child(name);
                differs |= self.value(None, Some(former), &place, name, depth);
            }
        }
        differs
    }

    fn value(
        &mut self,
        now: Option<&Json>,
        before: Option<&Json>,
        place: &Place,
        label: &str,
        depth: usize,
    ) -> bool {
        let (now, before) = (now.map(Seen::of), before.map(Seen::of));
        let plural = |items: &[Json]| is_plural(items, place, self.keys);
        let (new_members, old_members) =
            (now.and_then(Seen::members), before.and_then(Seen::members));
        let (new_items, old_items) = (now.and_then(Seen::items), before.and_then(Seen::items));
        let is_plural = new_items.is_some_and(plural) || old_items.is_some_and(plural);
        let at = self.fields.len();
        // A value of another kind stands on its own row.
        if (new_members.is_some() && !matches!(before, Some(Seen::Items(_))))
            || (old_members.is_some() && now.is_none())
        {
            self.head(place, label, depth, Holds::Members);
            let differs = self.members(new_members, old_members, place, depth + 1);
            return self.close(at, now.is_some(), before.is_some(), differs);
        }
        if is_plural && (new_items.is_some() || now.is_none()) {
            let count = new_items.map_or(0, <[Json]>::len);
            self.head(place, label, depth, Holds::Elements(count));
            let differs = self.elements(
                new_items.unwrap_or_default(),
                old_items.unwrap_or_default(),
                place,
                depth + 1,
            );
            return self.close(at, now.is_some(), before.is_some(), differs);
        }
        let (now, before) = (now.map(Seen::into_json), before.map(Seen::into_json));
        let nothing = |value: &Option<Json>| value.as_ref().is_none_or(is_nothing);
        let mark = match (&now, &before) {
            _ if nothing(&now) && nothing(&before) => Mark::Same,
            (Some(now), Some(before)) if same(now, before) => Mark::Same,
            (Some(_), Some(_)) if nothing(&now) || nothing(&before) => Mark::Changed,
            (Some(_), Some(_)) if is_masked(now.as_ref()) || is_masked(before.as_ref()) => {
                Mark::Unknown
            }
            (Some(_), Some(_)) => Mark::Changed,
            (Some(_), None) => Mark::New,
            (None, _) => Mark::Gone,
        };
        if now.is_some() || mark == Mark::Gone {
            self.head(place, label, depth, Holds::Value { now, before });
        }
        if let Some(field) = self.fields.get_mut(at) {
            field.mark = mark;
        }
        !matches!(mark, Mark::Same | Mark::Unknown)
    }

    fn elements(&mut self, now: &[Json], before: &[Json], place: &Place, depth: usize) -> bool {
        let key = |item: &Json| element_key(item, place, self.keys);
        let olds: Vec<Option<ElementKey>> = before.iter().map(key).collect();
        let mut met = vec![false; before.len()];
        let mut differs = false;
        for (at, item) in now.iter().enumerate() {
            let key = element_key(item, place, self.keys);
            // Which id the service gave an element that was written is seen only later.
            let is_it = |at: &usize| {
                !met[*at] && olds[*at] == key && (key.is_some() || before[*at] == *item)
            };
            let old = (0..before.len()).find(is_it);
            if let Some(old) = old {
                met[old] = true;
            }
            differs |= self.element(
                Some(item),
                old.map(|old| &before[old]),
                key,
                at,
                place,
                depth,
            );
        }
        for ((at, item), key) in before.iter().enumerate().zip(olds) {
            if !met[at] && key.is_some() {
                differs |= self.element(None, Some(item), key, at, place, depth);
            }
        }
        differs
    }

    fn element(
        &mut self,
        now: Option<&Json>,
        before: Option<&Json>,
        key: Option<ElementKey>,
        at: usize,
        place: &Place,
        depth: usize,
    ) -> bool {
        let row = self.fields.len();
        let label = match &key {
            Some(key) => key.to_string(),
            None => format!("[{at}]"),
        };
        let place = match key {
            Some(key) => place.element(key),
            None => place.clone(),
        };
        self.head(&place, &label, depth, Holds::Members);
        let differs = self.members(
            now.and_then(Json::as_object),
            before.and_then(Json::as_object),
            &place,
            depth + 1,
        );
        self.close(row, now.is_some(), before.is_some(), differs)
    }

    fn head(&mut self, place: &Place, label: &str, depth: usize, holds: Holds) {
        self.fields.push(Field {
            place: place.clone(),
            depth,
            label: label.to_owned(),
            holds,
            mark: Mark::Same,
        });
    }

    /// Marks the heading at a row. Says whether it differs.
    fn close(&mut self, row: usize, is_there: bool, was_there: bool, differs: bool) -> bool {
        if !is_there && self.fields.len() == row + 1 {
            // Nothing was in it.
            self.fields.pop();
            return false;
        }
        let mark = match (is_there, was_there) {
            // One that only holds nothing is nothing new.
            _ if !differs && is_there => Mark::Same,
            (true, true) => Mark::Changed,
            (true, false) => Mark::New,
            (false, _) => Mark::Gone,
        };
        if let Some(field) = self.fields.get_mut(row) {
            field.mark = mark;
        }
        mark != Mark::Same
    }
}

/// A value as it is shown.
#[derive(Clone, Copy)]
enum Seen<'a> {
    Members(&'a Object),
    Items(&'a [Json]),
    Password,
    Single(&'a Json),
}

impl<'a> Seen<'a> {
    fn of(value: &'a Json) -> Self {
        match value {
            Json::Object(members) if is_password(members) => Self::Password,
            Json::Object(members) if !members.is_empty() => Self::Members(members),
            Json::Array(items) => Self::Items(items),
            value => Self::Single(value),
        }
    }

    fn members(self) -> Option<&'a Object> {
        match self {
            Self::Members(members) => Some(members),
            _ => None,
        }
    }

    fn items(self) -> Option<&'a [Json]> {
        match self {
            Self::Items(items) => Some(items),
            _ => None,
        }
    }

    fn into_json(self) -> Json {
        match self {
            Self::Members(members) => Json::Object(members.clone()),
            Self::Items(items) => Json::Array(items.to_vec()),
            Self::Password => Json::from(MASK),
            Self::Single(value) => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows as lines: a mark, the depth, the label, the value and what it was.
    fn lines(now: &str, before: &str, keys: &PrimaryKeys) -> Vec<String> {
        let json = |text: &str| Json::parse(text).expect(text);
        let read = |text: &str| (!text.is_empty()).then(|| json(text));
        let (now, before) = (read(now), read(before));
        let line = |field: Field| {
            let mark = match field.mark {
                Mark::Same => ' ',
                Mark::New => '+',
                Mark::Changed => '~',
                Mark::Gone => '-',
                Mark::Unknown => '?',
            };
            let text = |value: Option<Json>| value.map_or("none".to_owned(), |it| it.to_string());
            let rest = match field.holds {
                Holds::Value { now, before } => format!(" {} was {}", text(now), text(before)),
                Holds::Members => String::new(),
                Holds::Elements(count) => format!(" {count}"),
            };
            format!("{mark}{}{}{rest}", " ".repeat(field.depth), field.label)
        };
        let fields = fields(now.as_ref(), before.as_ref(), keys);
        fields.into_iter().map(line).collect()
    }

    #[test]
    fn what_differs_is_marked_in_its_place() {
        let keys = PrimaryKeys([("tags".to_owned(), "tag".to_owned())].into());
        let now = r#"{"a":1,"o":{"x":null,"y":"2"},"e":{},"list":[{"id":2,"v":"b"},{"id":3,"v":"c"}],
            "tags":[{"id":8,"tag":"t"}],"p":{"type":"password-bcrypt","value":"x"},"n":null,"raw":[1]}"#;
        let before = r#"{"a":1.0,"o":{"y":"1"},"list":[{"id":1,"v":"a"},{"id":2,"v":"b"}],"gone":"g","nil":null,
            "tags":[{"id":7,"tag":"t"}],"raw":[]}"#;
        assert_eq!(
            lines(now, before, &keys),
            [
                " a 1 was 1.0",
                "~o",
                "  x null was none",
                "~ y \"2\" was \"1\"",
                "+e {} was none",
                "~list 2",
                "  #2",
                "   id 2 was 2",
                "   v \"b\" was \"b\"",
                "+ #3",
                "+  id 3 was none",
                "+  v \"c\" was none",
                "- #1",
                "-  id none was 1",
                "-  v none was \"a\"",
                "~tags 1",
                "~ [\"t\"]",
                "~  id 8 was 7",
                "   tag \"t\" was \"t\"",
                "+p \"••••••••\" was none",
                " n null was none",
                "~raw [1] was []",
                "-gone none was \"g\"",
            ]
        );
        assert_eq!(
            lines("", r#"{"a":{"b":1}}"#, &keys),
            ["-a", "- b none was 1"]
        );
        assert_eq!(lines(r#"{"a":1}"#, "", &keys), ["+a 1 was none"]);
        assert_eq!(
            lines(r#"{"a":[{"id":1}]}"#, r#"{"a":"x"}"#, &keys),
            ["~a 1", "+ #1", "+  id 1 was none"]
        );
        assert_eq!(
            lines(r#"{"a":{"b":1}}"#, r#"{"a":[2]}"#, &keys),
            ["~a {\"b\":1} was [2]"]
        );
        assert_eq!(
            lines(
                r#"{"o":{"a":"••••••••","b":"x","c":"••••••••","d":"••••••••","e":null}}"#,
                r#"{"o":{"a":"x","b":"••••••••","c":"••••••••","d":null,"e":"••••••••"}}"#,
                &keys
            ),
            [
                "~o",
                "? a \"••••••••\" was \"x\"",
                "? b \"x\" was \"••••••••\"",
                "  c \"••••••••\" was \"••••••••\"",
                "~ d \"••••••••\" was null",
                "~ e null was \"••••••••\"",
            ]
        );
        assert_eq!(
            lines(r#"{"o":{"a":"••••••••"}}"#, r#"{"o":{"a":"x"}}"#, &keys)[0],
            " o",
            "what cannot be told is no difference"
        );
        assert!(lines("", "", &keys).is_empty());
    }
}

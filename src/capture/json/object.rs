//! `Object`: the members of a JSON object in the order they came, found by their keys.
//!
//! Nearly every object of a record has a handful of members. Those are looked for one after the other, which is faster
//! than a hash table and needs no memory; only an object of many has one beside it, whose hashes cannot be chosen by
//! whoever writes the keys. Used by [`crate::capture::json`] and through it everywhere. What equals what is the same as
//! for a map: the order of members does not count.

use std::hash::BuildHasher;
use std::iter::Map;
use std::mem;
use std::slice;
use std::vec;

use hashbrown::DefaultHashBuilder;
use hashbrown::HashTable;

use crate::capture::json::Json;

/// Up to so many members are looked for one after the other.
const FEW: usize = 16;

/// An object's members in the order they came, each with a key of its own.
#[derive(Clone, Default)]
pub struct Object {
    members: Vec<Member>,
    /// Where each member stands; only there when they are not few.
    places: Option<Box<Places>>,
}

type Member = (String, Json);

/// Where members stand in an object, by their keys.
#[derive(Clone, Default)]
struct Places {
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Places {
    fn of(members: &[Member]) -> Self {
        let mut places = Self::default();
        let hasher = &places.hasher;
        let table = &mut places.table;
        table.reserve(members.len(), |place| hasher.hash_one(&members[*place].0));
        for (place, (key, _)) in members.iter().enumerate() {
            table.insert_unique(hasher.hash_one(key), place, |place| {
                hasher.hash_one(&members[*place].0)
            });
        }
        places
    }

    fn find(&self, members: &[Member], key: &str) -> Option<usize> {
        let is_it = |place: &usize| members[*place].0 == key;
        self.table.find(self.hasher.hash_one(key), is_it).copied()
    }

    /// Takes in the last of these members.
    fn add_last(&mut self, members: &[Member]) {
        let hash = |place: &usize| self.hasher.hash_one(&members[*place].0);
        let last = members.len() - 1;
        self.table.insert_unique(hash(&last), last, hash);
    }
}

impl Object {
    /// No members.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
            places: None,
        }
    }

    /// No members, and room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self {
            members: Vec::with_capacity(count),
            places: None,
        }
    }

    /// Members as they were read, and the first key that is repeated: it keeps its first place and its last value.
    pub(super) fn of_members(members: Vec<Member>) -> (Self, Option<String>) {
        let is_repeated = |(place, (key, _)): (usize, &Member)| {
            members[..place].iter().any(|(before, _)| before == key)
        };
        if members.len() <= FEW && !members.iter().enumerate().any(is_repeated) {
            let places = None;
            return (Self { members, places }, None);
        }
        let mut object = Self::with_capacity(members.len());
        let mut twice = None;
        for (key, value) in members {
            if let Some(place) = object.get_index_of(&key) {
                object.members[place].1 = value;
                twice.get_or_insert(key);
            } else {
                object.push(key, value);
            }
        }
        (object, twice)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Which member has this key, from 0.
    pub fn get_index_of(&self, key: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.find(&self.members, key),
            None => self.members.iter().position(|(name, _)| name == key),
        }
    }

    /// Whether there is a member of this key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get_index_of(key).is_some()
    }

    /// The value of the member of this key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        let place = self.get_index_of(key)?;
        Some(&self.members[place].1)
    }

    /// The value of the member of this key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        let place = self.get_index_of(key)?;
        Some(&mut self.members[place].1)
    }

    /// The member of this key, and which one it is, from 0.
    pub fn get_full(&self, key: &str) -> Option<(usize, &String, &Json)> {
        let place = self.get_index_of(key)?;
        let (key, value) = &self.members[place];
        Some((place, key, value))
    }

    /// The value of the member of this key, to change. Where there is none, it becomes the last, of the value that `make`
    /// says.
    pub fn get_or_insert_with(&mut self, key: String, make: impl FnOnce() -> Json) -> &mut Json {
        let place = match self.get_index_of(&key) {
            Some(place) => place,
            None => self.push(key, make()),
        };
        &mut self.members[place].1
    }

    /// Gives the member of this key a value, and returns the value that it had. A new member becomes the last.
    pub fn insert(&mut self, key: String, value: Json) -> Option<Json> {
        if let Some(slot) = self.get_mut(&key) {
            return Some(mem::replace(slot, value));
        }
        self.push(key, value);
        None
    }

    /// Adds a member that is not there yet, and says which one it is.
    fn push(&mut self, key: String, value: Json) -> usize {
        self.members.push((key, value));
        match &mut self.places {
            Some(places) => places.add_last(&self.members),
            None => self.find_places(),
        }
        self.members.len() - 1
    }

    /// Gives the member of this key a value and this place, from 0, among all; those behind it move. Panics when the
    /// place is not there.
    pub fn shift_insert(&mut self, place: usize, key: String, value: Json) -> Option<Json> {
        let before = self.get_index_of(&key);
        let before = before.map(|place| self.members.remove(place).1);
        self.members.insert(place, (key, value));
        self.find_places();
        before
    }

    /// Takes a member away; the order of the others stays.
    pub fn shift_remove(&mut self, key: &str) -> Option<Json> {
        let place = self.get_index_of(key)?;
        let (_, value) = self.members.remove(place);
        self.find_places();
        Some(value)
    }

    /// Takes a member away; the last one comes in its place.
    pub fn swap_remove(&mut self, key: &str) -> Option<Json> {
        let place = self.get_index_of(key)?;
        let (_, value) = self.members.swap_remove(place);
        self.find_places();
        Some(value)
    }

    /// Keeps the members for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&String, &mut Json) -> bool) {
        self.members.retain_mut(|(key, value)| keep(key, value));
        self.find_places();
    }

    /// Puts the members in the order of their keys.
    pub fn sort_keys(&mut self) {
        self.members.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.find_places();
    }

    /// Reads anew where the members stand, which changed.
    fn find_places(&mut self) {
        let are_few = self.members.len() <= FEW;
        self.places = (!are_few).then(|| Box::new(Places::of(&self.members)));
    }

    /// The members in their order.
    pub fn iter(&self) -> Iter<'_> {
        self.members.iter().map(|(key, value)| (key, value))
    }

    /// The members in their order, the values to change.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.members.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &String> + ExactSizeIterator + Clone {
        self.members.iter().map(|(key, _)| key)
    }

    /// The values in the order of their members.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Json> + ExactSizeIterator + Clone {
        self.members.iter().map(|(_, value)| value)
    }

    /// The values in the order of their members, to change.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Json> + ExactSizeIterator {
        self.members.iter_mut().map(|(_, value)| value)
    }
}

/// The members as a map.
impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key) == Some(value))
    }
}

impl Eq for Object {}

impl Extend<Member> for Object {
    fn extend<I: IntoIterator<Item = Member>>(&mut self, members: I) {
        for (key, value) in members {
            self.insert(key, value);
        }
    }
}

impl FromIterator<Member> for Object {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        let members = members.into_iter();
        let mut object = Self::with_capacity(members.size_hint().0);
        object.extend(members);
        object
    }
}

impl<const N: usize> From<[Member; N]> for Object {
    fn from(members: [Member; N]) -> Self {
        members.into_iter().collect()
    }
}

/// Goes over the members of an object.
pub type Iter<'a> = Map<slice::Iter<'a, Member>, fn(&'a Member) -> (&'a String, &'a Json)>;

/// Goes over the members of an object and lets the values be changed.
pub type IterMut<'a> =
    Map<slice::IterMut<'a, Member>, fn(&'a mut Member) -> (&'a String, &'a mut Json)>;

impl IntoIterator for Object {
    type Item = Member;
    type IntoIter = vec::IntoIter<Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a String, &'a Json);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Object {
    type Item = (&'a String, &'a mut Json);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::*;

    /// Something that is done to an object.
    #[derive(Clone, Debug)]
    enum Step {
        Insert(String),
        Slot(String),
        ShiftInsert(usize, String),
        ShiftRemove(String),
        SwapRemove(String),
        Keep(String),
        Sort,
    }

    fn step() -> impl Strategy<Value = Step> {
        // So many keys that an object of them all is not one of few.
        let key = || "[a-f][a-h]";
        prop_oneof![
            8 => key().prop_map(Step::Insert),
            2 => key().prop_map(Step::Slot),
            2 => (any::<usize>(), key()).prop_map(|(place, key)| Step::ShiftInsert(place, key)),
            1 => key().prop_map(Step::ShiftRemove),
            1 => key().prop_map(Step::SwapRemove),
            1 => key().prop_map(Step::Keep),
            1 => Just(Step::Sort),
        ]
    }

    proptest! {
        #[test]
        fn an_object_of_any_size_is_what_a_map_would_be(steps in prop::collection::vec(step(), 0..120)) {
            let mut object = Object::new();
            let mut map: IndexMap<String, Json> = IndexMap::new();
            for (number, step) in steps.into_iter().enumerate() {
                let value = Json::from(number as i64);
                match step {
                    Step::Insert(key) => {
                        prop_assert_eq!(object.insert(key.clone(), value.clone()), map.insert(key, value));
                    }
                    Step::Slot(key) => {
                        let slot = object.get_or_insert_with(key.clone(), || value.clone());
                        prop_assert_eq!(slot, map.entry(key).or_insert(value));
                    }
                    Step::ShiftInsert(place, key) => {
                        let after = map.len() - usize::from(map.contains_key(&key));
                        let place = place % (after + 1);
                        let before = object.shift_insert(place, key.clone(), value.clone());
                        prop_assert_eq!(before, map.shift_insert(place, key, value));
                    }
                    Step::ShiftRemove(key) => {
                        prop_assert_eq!(object.shift_remove(&key), map.shift_remove(&key));
                    }
                    Step::SwapRemove(key) => {
                        prop_assert_eq!(object.swap_remove(&key), map.swap_remove(&key));
                    }
                    Step::Keep(key) => {
                        object.retain(|name, _| *name <= key);
                        map.retain(|name, _| *name <= key);
                    }
                    Step::Sort => {
                        object.sort_keys();
                        map.sort_keys();
                    }
                }
                prop_assert!(object.iter().eq(&map));
                for key in map.keys() {
                    prop_assert_eq!(object.get_full(key), map.get_full(key));
                }
                prop_assert!(!object.contains_key("zz"));
            }
            let backwards: Object = map.into_iter().rev().collect();
            prop_assert_eq!(backwards, object);
        }
    }

    #[test]
    fn members_that_were_read_are_few_or_many_and_keys_may_be_repeated() {
        for count in [0, 1, FEW, FEW + 1, 1000] {
            let mut members: Vec<Member> = (0..count as i64)
                .map(|number| (format!("k{number}"), Json::from(number)))
                .collect();
            let (object, twice) = Object::of_members(members.clone());
            assert_eq!(twice, None);
            assert!(
                object
                    .iter()
                    .eq(members.iter().map(|(key, value)| (key, value)))
            );
            members.push(("k0".to_owned(), Json::Null));
            let (repeated, twice) = Object::of_members(members);
            assert_eq!(twice.as_deref(), (count > 0).then_some("k0"));
            assert_eq!(repeated.len(), count.max(1));
            assert_eq!(
                repeated.get_full("k0"),
                Some((0, &"k0".to_owned(), &Json::Null))
            );
        }
    }

    #[test]
    fn objects_are_equal_whatever_the_order_of_their_members() {
        let of = |names: &[&str]| -> Object {
            let members = names
                .iter()
                .map(|name| ((*name).to_owned(), Json::from(*name)));
            members.collect()
        };
        assert_eq!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["a", "b"]), of(&["a"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
    }
}

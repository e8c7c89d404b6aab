//! Access schemas (reference 3.3): which attributes of an entity type a client may read or write, as a list that is sent
//! and as what the service answers. Used by the sandbox and wherever such a list is shown and changed.
//!
//! What may be used is kept as the attributes that hold values: those that hold others follow from them. The reserved
//! attributes are in every access schema and never listed: the service fails inside when they are.

use std::collections::BTreeSet;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// Which of a client's access schemas for an entity type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessType {
    /// What the client may read.
    Read,
    /// What the client may write.
    Write,
    /// What may be read with a user's access token.
    ReadWithToken,
    /// What may be written with a user's access token.
    WriteWithToken,
}

impl AccessType {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [
        Self::Read,
        Self::Write,
        Self::ReadWithToken,
        Self::WriteWithToken,
    ];

    /// The protocol's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWithToken => "read_with_token",
            Self::WriteWithToken => "write_with_token",
        }
    }

    /// The access schema with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it lets a client do, as a verb: `read`, `write with a user's token`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWithToken => "read with a user's token",
            Self::WriteWithToken => "write with a user's token",
        }
    }
}

/// What is inside a definition and not built in.
pub fn own_members(def: &AttrDef) -> impl Iterator<Item = &AttrDef> {
    let members = def.attr_type.attr_defs().iter();
    members.filter(|member| !member.is_reserved(false))
}

/// The attributes of `schema` that hold values and are not built in, in the schema's order. An object or plural in which
/// there is nothing counts, too: it can be listed.
pub fn leaves(schema: &EntityType) -> Vec<AttrPath> {
    fn visit<'a>(
        defs: impl Iterator<Item = &'a AttrDef>,
        holder: &AttrPath,
        found: &mut Vec<AttrPath>,
    ) {
        for def in defs {
            let path = holder.child(def.name.clone());
            let before = found.len();
            visit(own_members(def), &path, found);
            if found.len() == before {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    visit(schema.own_attr_defs(), &AttrPath::root(), &mut found);
    found
}

/// The leaves of `stored` that are also in `seen`, the same entity type as somebody may use it.
pub fn seen_of(stored: &EntityType, seen: &EntityType) -> BTreeSet<AttrPath> {
    let is_seen = |path: &AttrPath| seen.get(path).is_some();
    leaves(stored).into_iter().filter(is_seen).collect()
}

/// `stored` with what only `seen` has: the list of another client may name what one's own may not see, and would lose it.
pub fn merged(stored: &EntityType, seen: &EntityType) -> EntityType {
    fn add(to: &mut Vec<AttrDef>, from: &[AttrDef]) {
        for def in from {
            match to.iter_mut().find(|own| own.name == def.name) {
                None => to.push(def.clone()),
                Some(own) => match &mut own.attr_type {
                    AttrType::Object(inner) | AttrType::Plural(inner) => {
                        add(inner, def.attr_type.attr_defs());
                    }
                    _ => {}
                },
            }
        }
    }
    let mut merged = stored.clone();
    add(&mut merged.attr_defs, &seen.attr_defs);
    merged
}

/// The shortest list that lets these leaves of `schema` be used and no others: an object or plural whole where all of it
/// is.
pub fn to_list(schema: &EntityType, allowed: &BTreeSet<AttrPath>) -> Vec<AttrPath> {
    /// Whether all of it is allowed; if not, what is of it is in the list.
    fn visit(
        def: &AttrDef,
        path: &AttrPath,
        allowed: &BTreeSet<AttrPath>,
        list: &mut Vec<AttrPath>,
    ) -> bool {
        let mut partly = Vec::new();
        let mut whole = true;
        let mut is_leaf = true;
        for member in own_members(def) {
            is_leaf = false;
            let path = path.child(member.name.clone());
            if visit(member, &path, allowed, &mut partly) {
                partly.push(path);
            } else {
                whole = false;
            }
        }
        if is_leaf {
            return allowed.contains(path);
        }
        if !whole {
            list.append(&mut partly);
        }
        whole
    }
    let mut list = Vec::new();
    for def in schema.own_attr_defs() {
        let path = AttrPath::root().child(def.name.clone());
        if visit(def, &path, allowed, &mut list) {
            list.push(path);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;
    use crate::capture::schema::read_attr_defs;

    fn schema() -> EntityType {
        let attr_defs = r#"[{"name":"a","type":"string"},{"name":"o","type":"object","attr_defs":[
            {"name":"x","type":"string"},{"name":"y","type":"object","attr_defs":[{"name":"z","type":"integer"}]}]},
            {"name":"p","type":"plural","attr_defs":[{"name":"q","type":"string"},{"name":"r","type":"string"}]},
            {"name":"void","type":"object","attr_defs":[]}]"#;
        let json = Json::parse(attr_defs).expect("is JSON");
        EntityType::create("t", read_attr_defs(&json).0)
    }

    fn paths(texts: &[&str]) -> Vec<AttrPath> {
        let path = |text: &&str| text.parse().expect("is a path");
        texts.iter().map(path).collect()
    }

    #[test]
    fn only_what_holds_values_counts() {
        let all = paths(&["a", "o.x", "o.y.z", "p.q", "p.r", "void"]);
        assert_eq!(leaves(&schema()), all);
    }

    #[test]
    fn the_shortest_list_is_sent() {
        for (allowed, list) in [
            (
                &["a", "o.x", "o.y.z", "p.q", "p.r", "void"][..],
                &["a", "o", "p", "void"][..],
            ),
            (&["o.y.z", "p.q"], &["o.y", "p.q"]),
            (&["o.x", "o.y.z"], &["o"]),
            (&[], &[]),
        ] {
            let allowed = paths(allowed).into_iter().collect();
            assert_eq!(to_list(&schema(), &allowed), paths(list));
        }
    }

    #[test]
    fn what_only_another_client_sees_is_added() {
        let mut stored = schema();
        stored.remove(&"a".parse().expect("is a path"));
        stored.remove(&"o.y".parse().expect("is a path"));
        let merged = merged(&stored, &schema());
        let sorted = |schema: &EntityType| leaves(schema).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(sorted(&merged), sorted(&schema()));
    }

    #[test]
    fn what_the_service_answers_is_read_back() {
        let mut seen = schema();
        seen.remove(&"o.y".parse().expect("is a path"));
        seen.remove(&"p.q".parse().expect("is a path"));
        let expected = paths(&["a", "o.x", "p.r", "void"]);
        assert_eq!(seen_of(&schema(), &seen), expected.into_iter().collect());
    }
}

//! The rows of a comparison: every attribute of either, each with what it is in A and in B.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::diff;

/// One attribute of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its path.
    pub path: AttrPath,
    /// How it stands to the other.
    pub mark: Mark,
    /// What it is in A, when A has it.
    pub a: Option<String>,
    /// What it is in B, when B has it.
    pub b: Option<String>,
    /// Whether a difference begins here: not inside an attribute that only one of them has.
    pub begins: bool,
    /// Whether it differs, or something in it does.
    pub is_on_the_way: bool,
}

/// How an attribute stands to the one of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Both say the same.
    Equal,
    /// Only A has it.
    OnlyInA,
    /// Only B has it.
    OnlyInB,
    /// Both have it, and they differ.
    Differs,
}

impl Mark {
    /// The character for it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => " ",
            Self::OnlyInA => "-",
            Self::OnlyInB => "+",
            Self::Differs => "~",
        }
    }
}

impl Row {
    /// How many attributes it stands in.
    pub fn depth(&self) -> usize {
        self.path.0.len().saturating_sub(1)
    }
}

/// The rows of two entity types, by name at every level.
pub fn rows(a: &EntityType, b: &EntityType) -> Vec<Row> {
    let mut rows = Vec::new();
    let (a, b) = (own(&a.attr_defs, true), own(&b.attr_defs, true));
    put(&a, &b, &AttrPath::root(), None, &mut rows);
    rows
}

fn own(attr_defs: &[AttrDef], top_level: bool) -> BTreeMap<&str, &AttrDef> {
    let own = attr_defs.iter().filter(|def| !def.is_reserved(top_level));
    own.map(|def| (def.name.as_str(), def)).collect()
}

/// Puts the rows of one level. `inside` says that only one of the two has what they stand in. Gives whether any of them
/// differs.
fn put(
    a: &BTreeMap<&str, &AttrDef>,
    b: &BTreeMap<&str, &AttrDef>,
    holder: &AttrPath,
    inside: Option<Mark>,
    rows: &mut Vec<Row>,
) -> bool {
    let names: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
    let mut differs = false;
    for name in names {
        let (in_a, in_b) = (a.get(name).copied(), b.get(name).copied());
        let mark = inside.unwrap_or(match (in_a, in_b) {
            (Some(_), None) => Mark::OnlyInA,
            (None, Some(_)) => Mark::OnlyInB,
            (Some(a), Some(b)) if !diff::aspects(a, b).is_empty() => Mark::Differs,
            _ => Mark::Equal,
        });
        let at = rows.len();
        let path = holder.child(name);
        rows.push(Row {
            path: path.clone(),
            mark,
            a: in_a.map(diff::summary),
            b: in_b.map(diff::summary),
            begins: inside.is_none() && mark != Mark::Equal,
            is_on_the_way: mark != Mark::Equal,
        });
        let members = |def: Option<&'_ AttrDef>| -> Vec<AttrDef> {
            def.map(|def| def.attr_type.attr_defs().to_vec())
                .unwrap_or_default()
        };
        let (members_a, members_b) = (members(in_a), members(in_b));
        let alone = matches!(mark, Mark::OnlyInA | Mark::OnlyInB).then_some(mark);
        // The members of an object that became a boolean did not each go.
        let alone = alone.or((members_a.is_empty() != members_b.is_empty()).then_some(mark));
        let (own_a, own_b) = (own(&members_a, false), own(&members_b, false));
        let below = put(&own_a, &own_b, &path, alone, rows);
        rows[at].is_on_the_way |= below;
        differs |= rows[at].is_on_the_way;
    }
    differs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;
    use crate::capture::schema::read_attr_defs;

    fn schema(attr_defs: &str) -> EntityType {
        let json = Json::parse(attr_defs).expect("is JSON");
        EntityType::create("user", read_attr_defs(&json).0)
    }

    #[test]
    fn every_attribute_of_either_has_a_row() {
        let a = r#"[{"name":"email","type":"string","length":64},{"name":"loyalty","type":"object","attr_defs":[
            {"name":"tier","type":"string"}]},{"name":"posts","type":"plural","attr_defs":[{"name":"title","type":"string"}]}]"#;
        let b = r#"[{"name":"posts","type":"plural","attr_defs":[{"name":"title","type":"string"},{"name":"at","type":"date"}]},
            {"name":"email","type":"string","length":128},{"name":"age","type":"integer"}]"#;
        let rows = rows(&schema(a), &schema(b));
        let shown: Vec<String> = rows
            .iter()
            .map(|row| {
                let begins = if row.begins { "!" } else { "" };
                let way = if row.is_on_the_way { "" } else { " equal" };
                format!("{}{begins} {}{way}", row.mark.sign(), row.path.dotted())
            })
            .collect();
        let expected = [
            "+! age",
            "~! email",
            "-! loyalty",
            "- loyalty.tier",
            "  posts",
            "+! posts.at",
            "  posts.title equal",
        ];
        assert_eq!(shown, expected);
        assert!(
            super::rows(&schema(a), &schema(a))
                .iter()
                .all(|row| !row.is_on_the_way)
        );
    }
}

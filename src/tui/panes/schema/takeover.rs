//! Definitions that come from elsewhere, put in place of a design's, so that it stays the same design: an attribute keeps
//! its number, and with it what it was in the stored type, as long as something of its name stands in its place.
//!
//! What is stored and not among the new definitions is marked for removal and stays in the tree; what was new and is not
//! among them is gone. Used by the JSON side of a design.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use crate::capture::attr_type::AttrType;
use crate::capture::schema::AttrDef;
use crate::tui::panes::schema::design::Node;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::Tree;
use crate::tui::panes::schema::design::is_built_in;

/// Puts these definitions in place of the tree's.
pub(in crate::tui::panes::schema) fn take_over(tree: &mut Tree, attr_defs: &[AttrDef]) {
    let old = std::mem::take(&mut tree.roots);
    tree.roots = merged(tree, &old, attr_defs, true);
}

/// The nodes of `attr_defs`, those of `old` where their names are the same. Recursion is bounded by the reader's limit.
fn merged(
    tree: &mut Tree,
    old: &[Arc<Node>],
    attr_defs: &[AttrDef],
    top_level: bool,
) -> Vec<Arc<Node>> {
    let mut by_name: HashMap<&str, Vec<&Arc<Node>>> = HashMap::new();
    // Of two that are called the same, the one that is not marked for removal is meant; the last here comes first.
    let (removed, there): (Vec<_>, Vec<_>) = old.iter().partition(|node| node.removed);
    let own = removed.into_iter().rev().chain(there.into_iter().rev());
    for node in own.filter(|node| !is_built_in(node, top_level)) {
        by_name.entry(&node.def.name).or_default().push(node);
    }
    let mut taken: HashSet<NodeId> = HashSet::new();
    let mut nodes = Vec::new();
    for def in attr_defs {
        let same = by_name.get_mut(def.name.as_str()).and_then(Vec::pop);
        let Some(same) = same else {
            nodes.extend(tree.adopt(std::slice::from_ref(def), None));
            continue;
        };
        taken.insert(same.id);
        let mut node = Node::clone(same);
        node.removed = false;
        node.def = bare(def);
        if let AttrType::Object(inner) | AttrType::Plural(inner) = &def.attr_type {
            node.members = merged(tree, &same.members, inner, false);
        }
        nodes.push(if node == **same {
            Arc::clone(same)
        } else {
            Arc::new(node)
        });
    }
    put_back(nodes, old, &taken, top_level)
}

/// Puts what is stored and not wanted any more, and what is built in, behind what it stood behind.
fn put_back(
    nodes: Vec<Arc<Node>>,
    old: &[Arc<Node>],
    taken: &HashSet<NodeId>,
    top_level: bool,
) -> Vec<Arc<Node>> {
    let mut behind: HashMap<Option<NodeId>, Vec<Arc<Node>>> = HashMap::new();
    let mut before = None;
    for node in old {
        if taken.contains(&node.id) {
            before = Some(node.id);
        } else if node.origin.is_some() {
            let mut kept = Arc::clone(node);
            if !node.removed && !is_built_in(node, top_level) {
                Arc::make_mut(&mut kept).removed = true;
            }
            behind.entry(before).or_default().push(kept);
        }
    }
    let mut all = behind.remove(&None).unwrap_or_default();
    for node in nodes {
        let id = node.id;
        all.push(node);
        all.extend(behind.remove(&Some(id)).unwrap_or_default());
    }
    all
}

/// The definition without what is in it, as a node has it.
fn bare(def: &AttrDef) -> AttrDef {
    let mut def = def.clone();
    if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
        inner.clear();
    }
    def
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;
    use crate::capture::schema::EntityType;
    use crate::capture::schema::attr_defs_as_sent;
    use crate::capture::schema::read_attr_defs;
    use crate::tui::panes::schema::design::Design;
    use crate::tui::panes::schema::design::State;

    fn definitions(text: &str) -> Vec<AttrDef> {
        let (attr_defs, problems) = read_attr_defs(&Json::parse(text).expect("is JSON"));
        assert!(problems.is_empty());
        attr_defs
    }

    fn stored() -> Design {
        let attr_defs = definitions(
            r#"[{"name":"a","type":"string"},{"name":"b","type":"object","attr_defs":[
                {"name":"c","type":"integer"},{"name":"d","type":"date"}]},{"name":"z","type":"string"}]"#,
        );
        Design::of_stored(&Arc::new(EntityType::create("t", attr_defs)))
    }

    fn states(design: &Design) -> Vec<String> {
        fn visit(design: &Design, nodes: &[Arc<Node>], shown: &mut Vec<String>) {
            for node in nodes {
                let mark = match design.state(node.id) {
                    State::BuiltIn => continue,
                    State::Same => ' ',
                    State::New => '+',
                    State::Changed => '~',
                    State::Removed => '-',
                };
                shown.push(format!("{mark}{}", node.def.name));
                visit(design, node.shown_members(), shown);
            }
        }
        let mut shown = Vec::new();
        visit(design, &design.tree().roots, &mut shown);
        shown
    }

    #[test]
    fn the_same_definitions_change_nothing() {
        let mut design = stored();
        let same = design.tree().attr_defs();
        let text = attr_defs_as_sent(&same).to_string();
        design.change(|tree| take_over(tree, &definitions(&text)));
        assert!(!design.can_undo());
    }

    #[test]
    fn of_two_of_one_name_the_one_that_stays_is_meant_and_what_goes_keeps_its_place() {
        let mut design = stored();
        let twice = r#"[{"name":"b","type":"json"},{"name":"z","type":"string"},{"name":"z","type":"date"}]"#;
        design.change(|tree| take_over(tree, &definitions(twice)));
        assert_eq!(states(&design), ["-a", "~b", " z", "+z"]);
        // The first one there is takes the first definition, what is marked comes last.
        let again = r#"[{"name":"z","type":"string"},{"name":"a","type":"string"},{"name":"z","type":"date"}]"#;
        design.change(|tree| take_over(tree, &definitions(again)));
        assert_eq!(states(&design), [" z", " a", "-b", "+z"]);
    }

    #[test]
    fn what_is_called_the_same_stays_the_same_and_the_rest_comes_and_goes() {
        let mut design = stored();
        let edited = r#"[{"name":"a","type":"string","constraints":["unique"]},
            {"name":"new","type":"json"},{"name":"b","type":"object","attr_defs":[{"name":"d","type":"date"},
            {"name":"e","type":"date"}]}]"#;
        design.change(|tree| take_over(tree, &definitions(edited)));
        let expected = ["~a", "+new", " b", "-c", " d", "+e", "-z"];
        assert_eq!(states(&design), expected);
        // Back again: what was marked is not, what was new is gone.
        let original = stored().tree().attr_defs();
        design.change(|tree| take_over(tree, &original));
        assert!(states(&design).iter().all(|shown| shown.starts_with(' ')));
        assert!(design.undo().is_some() && design.undo().is_some() && !design.can_undo());
    }
}

//! The rows of the tree: the entity type itself, then its attributes, as far as what holds them is unfolded; while a filter
//! is set, those whose name contains it, each with what holds it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::tui::panes::schema::design::Node;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::Tree;

/// A row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The attribute; `None` for the entity type itself.
    pub node: Option<NodeId>,
    /// How many attributes it stands in.
    pub depth: usize,
    /// For every level above, and its own at `depth`, whether others follow there.
    pub follows: u64,
    /// Whether it is what the filter looks for, not only what holds that; `true` without a filter.
    pub is_match: bool,
}

impl Row {
    /// Whether at this level, from 0 at the top, others follow.
    pub fn follows_at(self, level: usize) -> bool {
        level < 64 && self.follows & (1 << level) != 0
    }
}

/// The rows of `tree`, without what is in the `folded` ones; with a filter, what matches it.
pub(in crate::tui::panes::schema) fn rows(
    tree: &Tree,
    folded: &HashSet<NodeId>,
    filter: &str,
) -> Vec<Row> {
    let mut rows = vec![Row {
        node: None,
        depth: 0,
        follows: 0,
        is_match: filter.is_empty(),
    }];
    let filter = filter.to_lowercase();
    let walk = Walk {
        folded,
        filter: &filter,
    };
    walk.visit(&tree.roots, 0, 0, &mut rows);
    rows
}

struct Walk<'a> {
    folded: &'a HashSet<NodeId>,
    filter: &'a str,
}

impl Walk<'_> {
    fn visit(&self, nodes: &[Arc<Node>], depth: usize, above: u64, rows: &mut Vec<Row>) {
        let mut last = None;
        for node in nodes {
            let is_match =
                self.filter.is_empty() || node.def.name.to_lowercase().contains(self.filter);
            let at = rows.len();
            rows.push(Row {
                node: Some(node.id),
                depth,
                follows: above,
                is_match,
            });
            let inner = match depth {
                0..64 => above | (1 << depth),
                _ => above,
            };
            if self.filter.is_empty() {
                if !self.folded.contains(&node.id) {
                    self.visit(node.shown_members(), depth + 1, inner, rows);
                }
            } else {
                self.visit(node.shown_members(), depth + 1, inner, rows);
                if !is_match && rows.len() == at + 1 {
                    rows.pop();
                    continue;
                }
            }
            if depth < 64 {
                rows[at].follows |= 1 << depth;
            }
            last = Some(at);
        }
        // Nothing follows the last, whatever was drawn in it.
        if let Some(last) = last.filter(|_| depth < 64) {
            for row in &mut rows[last..] {
                row.follows &= !(1 << depth);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::capture::json::Json;
    use crate::capture::schema::read_attr_defs;

    fn tree() -> Tree {
        let text = r#"[{"name":"a","type":"object","attr_defs":[{"name":"b","type":"plural","attr_defs":[
            {"name":"c","type":"date"}]},{"name":"d","type":"date"}]},{"name":"e","type":"date"}]"#;
        let (attr_defs, problems) = read_attr_defs(&Json::parse(text).expect("is JSON"));
        assert_eq!(problems, []);
        let mut tree = Tree::default();
        tree.roots = tree.adopt(&attr_defs, None);
        tree
    }

    /// The rows as names, with what follows at each of their levels.
    fn drawn(folded: &[&str], filter: &str) -> Vec<String> {
        let tree = tree();
        let id = |name: &str| {
            let all = rows(&tree, &HashSet::new(), "");
            let mut ids = all.iter().filter_map(|row| row.node);
            ids.find(|id| tree.get(*id).expect("is there").def.name == name)
                .expect("is there")
        };
        let folded = folded.iter().map(|name| id(name)).collect();
        let rows = rows(&tree, &folded, filter);
        let shown = |row: &Row| {
            let name = match row.node {
                Some(id) => tree.get(id).expect("is there").def.name.clone(),
                None => "-".to_owned(),
            };
            let levels = (0..=row.depth).map(|level| if row.follows_at(level) { '|' } else { '.' });
            let mark = if row.is_match { "" } else { "?" };
            format!("{}{name}{mark}", levels.collect::<String>())
        };
        rows.iter().map(shown).collect()
    }

    #[test]
    fn rows_know_what_follows_at_every_level() {
        assert_eq!(drawn(&[], ""), [".-", "|a", "||b", "||.c", "|.d", ".e"]);
        assert_eq!(drawn(&["b"], ""), [".-", "|a", "||b", "|.d", ".e"]);
        assert_eq!(drawn(&["a"], ""), [".-", "|a", ".e"]);
    }

    #[test]
    fn a_filter_shows_what_it_finds_and_what_holds_that() {
        assert_eq!(drawn(&["a"], "C"), [".-?", ".a?", "..b?", "...c"]);
        assert_eq!(drawn(&[], "d"), [".-?", ".a?", "..d"]);
        assert_eq!(drawn(&[], "nothing"), [".-?"]);
    }
}

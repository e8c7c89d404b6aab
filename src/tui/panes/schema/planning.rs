//! A design as something to plan: what it comes to and from, how it becomes another schema, and how it goes on from what is
//! stored once a plan was applied.

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan::Action;
use crate::capture::schema::without_reserved;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::design::Chosen;
use crate::tui::panes::schema::design::Design;
use crate::tui::panes::schema::design::Node;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::Tree;
use crate::tui::panes::schema::design::is_built_in;
use crate::worker::plan::Work;

/// Why the calls of a plan that copies values are not given out alone: they would destroy what it is to keep.
pub const COPIES_VALUES: &str =
    "not copied: this plan copies values record by record, which curl cannot do";

/// What a plan is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The entity type as it is stored.
    pub stored: Arc<EntityType>,
    /// As it is designed.
    pub wanted: Arc<EntityType>,
    /// The attributes that are called differently: the stored path and the designed one.
    pub renamed: Vec<(AttrPath, AttrPath)>,
    /// How many problems the design has.
    pub problems: usize,
}

impl SchemaPane {
    /// What a plan of the design that is shown is made of; `None` for a new entity type, which needs none.
    pub fn basis(&self) -> Option<Basis> {
        let design = &self.desk()?.design;
        Some(Basis {
            stored: Arc::clone(design.stored()?),
            wanted: Arc::new(design.wanted()),
            renamed: design.renamed(),
            problems: design.problem_count(),
        })
    }

    /// The plan of the design of this stored type follows this from now on.
    pub fn choose(&mut self, type_name: &str, chosen: Chosen) {
        let key = DesignKey::Stored(type_name.to_owned());
        if let Some(desk) = self.desks.get_mut(&key) {
            desk.design.choose(chosen);
        }
    }

    /// The design that is shown becomes `wanted`, as one step that can be undone. With `additions_only` nothing that is
    /// there is changed or marked for removal.
    pub fn become_like(&mut self, wanted: &EntityType, additions_only: bool) {
        if let Some(desk) = self.desk_mut() {
            let how = How {
                renamed: HashMap::new(),
                additions_only,
                kept: Vec::new(),
            };
            desk.design
                .change(|tree| make_like(tree, &wanted.attr_defs, &how));
            desk.rebuild();
        }
    }

    /// This plan was applied, whole or in part: the design of its entity type goes on from what is stored now, with what of
    /// it was not done as its first change. What the plan took away is not asked for again.
    pub fn was_applied(&mut self, stored: &Arc<EntityType>, work: &Work) {
        let key = DesignKey::Stored(stored.name.clone());
        let gone = taken_away(stored, work);
        let Some(desk) = self.desks.get(&key) else {
            // A design that was kept may have it, and is read when the type is opened.
            self.keeper.taken_away(key, gone);
            return;
        };
        let path = desk.node().map(|id| desk.design.tree().path(id));
        let is_left = |path: &AttrPath| stored.get(path).is_some();
        let (half, renamed): (Vec<_>, Vec<_>) = desk
            .design
            .renamed()
            .into_iter()
            .filter(|(from, _)| is_left(from))
            .partition(|(_, to)| is_left(to));
        let before = desk.design.stored();
        let before: HashSet<&str> = before
            .iter()
            .flat_map(|before| before.attr_defs.iter().map(|def| def.name.as_str()))
            .collect();
        let is_new = |def: &&AttrDef| !before.contains(def.name.as_str());
        let how = How {
            renamed: renamed.into_iter().collect(),
            additions_only: false,
            // Not designed, but there since: a spare of a rebuild that stopped, which holds the only copy of its values.
            // And what a rename stopped at, whose values may have no copy yet.
            kept: stored
                .own_attr_defs()
                .filter(is_new)
                .map(|def| AttrPath::root().child(&def.name))
                .chain(half.into_iter().map(|(from, _)| from))
                .collect(),
        };
        let mut wanted = desk.design.wanted();
        let tree = desk.design.tree();
        let was_stored = |path: &&AttrPath| {
            let node = find(&tree.roots, path, 0).and_then(|id| tree.get(id));
            node.is_some_and(|node| node.origin.is_some())
        };
        for path in gone.iter().filter(was_stored) {
            wanted.remove(path);
        }
        let mut design = Design::of_stored(stored);
        design.change(|tree| make_like(tree, &wanted.attr_defs, &how));
        let folded = desk.folded.iter().map(|id| desk.design.tree().path(*id));
        let folded: Vec<AttrPath> = folded.collect();
        let mut desk = Desk::new(design);
        let roots = &desk.design.tree().roots;
        let id = path.and_then(|path| find(roots, &path, 0));
        desk.folded = folded
            .iter()
            .filter_map(|path| find(roots, path, 0))
            .collect();
        desk.go_to(id);
        self.desks.insert(key, desk);
        self.set_viewport(self.size);
    }
}

/// What a plan took away and does not lead to: its spares among it.
fn taken_away(stored: &EntityType, work: &Work) -> Vec<AttrPath> {
    let steps = work.plan.steps.iter();
    let removed = steps.filter(|step| step.action == Action::Remove);
    removed
        .map(|step| step.path.clone())
        .filter(|path| stored.get(path).is_none() && work.wanted.get(path).is_none())
        .collect()
}

/// How a tree becomes like definitions.
struct How {
    /// The stored attributes that are called differently in them.
    renamed: HashMap<AttrPath, AttrPath>,
    /// Whether nothing that is there is changed or marked for removal.
    additions_only: bool,
    /// What is not marked for removal though it is not among them.
    kept: Vec<AttrPath>,
}

/// Makes a tree like these definitions. Nodes of the same names stay the same nodes, with their stored paths.
fn make_like(tree: &mut Tree, attr_defs: &[AttrDef], how: &How) {
    let roots = std::mem::take(&mut tree.roots);
    tree.roots = merged(tree, roots, attr_defs, true, how);
}

fn merged(
    tree: &mut Tree,
    nodes: Vec<Arc<Node>>,
    attr_defs: &[AttrDef],
    top_level: bool,
    how: &How,
) -> Vec<Arc<Node>> {
    let own = || attr_defs.iter().filter(|def| !def.is_reserved(top_level));
    let mut left: HashMap<&str, VecDeque<&AttrDef>> = HashMap::new();
    for def in own() {
        left.entry(&def.name).or_default().push_back(def);
    }
    let mut merged_nodes = Vec::with_capacity(nodes.len());
    for node in nodes {
        if is_built_in(&node, top_level) {
            merged_nodes.push(node);
            continue;
        }
        let name = new_name(&node, how);
        let same = left.get_mut(name.as_str());
        match same.and_then(VecDeque::pop_front) {
            Some(def) => {
                let mut node = Arc::unwrap_or_clone(node);
                let inner = def.attr_type.attr_defs();
                if !inner.is_empty() {
                    node.members = merged(tree, node.members, inner, false, how);
                }
                if !how.additions_only {
                    node.def = without_members(def);
                    node.removed = false;
                }
                merged_nodes.push(Arc::new(node));
            }
            None if how.additions_only => merged_nodes.push(node),
            None => merged_nodes.extend(gone(node, how)),
        }
    }
    // Of those called the same, the first ones were taken.
    let mut rest: Vec<&AttrDef> = Vec::new();
    for def in own().rev() {
        if left
            .get_mut(def.name.as_str())
            .and_then(VecDeque::pop_back)
            .is_some()
        {
            rest.push(def);
        }
    }
    for def in rest.into_iter().rev() {
        let own = without_reserved(std::slice::from_ref(def), top_level);
        merged_nodes.extend(tree.adopt(&own, None));
    }
    merged_nodes
}

/// What becomes of a node that is not wanted: marked for removal when it is stored.
fn gone(node: Arc<Node>, how: &How) -> Option<Arc<Node>> {
    let origin = node.origin.as_ref()?;
    if how.kept.contains(origin) {
        return Some(node);
    }
    let mut node = Arc::unwrap_or_clone(node);
    node.removed = true;
    Some(Arc::new(node))
}

fn new_name(node: &Node, how: &How) -> String {
    let origin = node.origin.as_ref();
    let renamed = origin
        .and_then(|origin| how.renamed.get(origin))
        .and_then(AttrPath::name);
    renamed.unwrap_or(&node.def.name).to_owned()
}

fn without_members(def: &AttrDef) -> AttrDef {
    let mut def = def.clone();
    if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
        inner.clear();
    }
    def
}

fn find(nodes: &[Arc<Node>], path: &AttrPath, depth: usize) -> Option<NodeId> {
    let segment = path.0.get(depth)?;
    let node = nodes.iter().find(|node| node.def.name == segment.name)?;
    if depth + 1 == path.0.len() {
        Some(node.id)
    } else {
        find(&node.members, path, depth + 1)
    }
}

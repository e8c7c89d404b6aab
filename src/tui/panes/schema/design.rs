//! A design of an entity type: the tree of attribute definitions that is being worked on, what it came from, and every
//! state that it can be brought back to.
//!
//! ```text
//!  Arc<EntityType> ──of_stored──▶ Tree ──change──▶ Tree ──attr_defs──▶ what is sent, checked and drawn
//!                                  │  ▲
//!                                  └──┴── undo, redo: whole trees, which share what did not change
//! ```
//!
//! A node keeps its number and the path that it has in the stored type, however it is renamed and moved: a plan can tell a
//! rename from one attribute that goes and another that comes. What is marked for removal stays in the tree until it is
//! done. Nothing here knows keys or the screen.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::diff;
use crate::capture::schema::plan;
use crate::capture::schema::plan::Refused;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Wishes;
use crate::capture::schema::property::Property;

/// How many states can be brought back.
const MOST_UNDO: usize = 1_000;

/// How many attributes at the top the states that can be brought back have together at most: each holds its own list of
/// them, and shares the rest.
const MOST_UNDO_ROOTS: usize = 2_000_000;

/// Up to so many attributes all that follows from a change is found at once; of more, what the calls would be is found
/// when no key is waiting: see [`Design::catch_up`].
const AT_ONCE: usize = 500;

/// A node's number: the same as long as the node lives, whatever becomes of its name and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// One attribute of a design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number.
    pub id: NodeId,
    /// Its definition, without what is in it.
    pub def: AttrDef,
    /// What is in it. Kept while its type is one that holds nothing, so that changing the type back loses nothing.
    pub members: Vec<Arc<Node>>,
    /// The path that it has in the stored type; `None` for a new one.
    pub origin: Option<AttrPath>,
    /// Whether it is marked for removal.
    pub removed: bool,
}

impl Node {
    /// Whether it holds others.
    pub fn is_container(&self) -> bool {
        matches!(
            self.def.attr_type,
            AttrType::Object(_) | AttrType::Plural(_)
        )
    }

    /// What is in it, as far as its type holds anything.
    pub fn shown_members(&self) -> &[Arc<Node>] {
        if self.is_container() {
            &self.members
        } else {
            &[]
        }
    }

    /// The definition with what is in it, without what is marked for removal and what the service adds by itself.
    pub fn to_attr_def(&self) -> AttrDef {
        let mut def = self.def.clone();
        if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
            *inner = own_attr_defs(&self.members, false, usize::MAX);
        }
        def
    }
}

fn own_attr_defs(nodes: &[Arc<Node>], top_level: bool, most: usize) -> Vec<AttrDef> {
    let own = |node: &&Arc<Node>| !node.removed && !is_built_in(node, top_level);
    nodes
        .iter()
        .filter(own)
        .take(most)
        .map(|node| node.to_attr_def())
        .collect()
}

/// Whether the service adds it by itself: nobody changes it.
pub fn is_built_in(node: &Node, top_level: bool) -> bool {
    node.origin.is_some() && node.def.is_reserved(top_level)
}

/// Where a node stands: in which other, and at which place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The node that it is in; `None` at the top.
    pub holder: Option<NodeId>,
    /// Its place among the others there, from 0.
    pub at: usize,
}

/// The attributes of a design, and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The entity type's name.
    pub name: String,
    /// The attributes at the top.
    pub roots: Vec<Arc<Node>>,
    next: u32,
}

impl Tree {
    /// A tree without attributes.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The definitions as nodes; with the paths that they have in a stored type when they are from one.
    pub fn adopt(&mut self, attr_defs: &[AttrDef], stored_at: Option<&AttrPath>) -> Vec<Arc<Node>> {
        attr_defs
            .iter()
            .map(|def| {
                let origin = stored_at.map(|holder| holder.child(def.name.clone()));
                let members = self.adopt(def.attr_type.attr_defs(), origin.as_ref());
                let mut def = def.clone();
                if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
                    inner.clear();
                }
                let id = self.number();
                Arc::new(Node {
                    id,
                    def,
                    members,
                    origin,
                    removed: false,
                })
            })
            .collect()
    }

    /// Whether both say the same, whatever numbers come next.
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.roots == other.roots
    }

    fn number(&mut self) -> NodeId {
        self.next += 1;
        NodeId(self.next)
    }

    /// The node with this number.
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        fn find(nodes: &[Arc<Node>], id: NodeId) -> Option<&Node> {
            nodes.iter().find_map(|node| {
                if node.id == id {
                    Some(node.as_ref())
                } else {
                    find(&node.members, id)
                }
            })
        }
        find(&self.roots, id)
    }

    /// The node with this number, to be changed.
    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        let (siblings, at) = self.siblings_mut(id)?;
        siblings.get_mut(at).map(Arc::make_mut)
    }

    /// Where a node stands.
    pub fn place(&self, id: NodeId) -> Option<Place> {
        fn find(nodes: &[Arc<Node>], holder: Option<NodeId>, id: NodeId) -> Option<Place> {
            if let Some(at) = nodes.iter().position(|node| node.id == id) {
                return Some(Place { holder, at });
            }
            nodes
                .iter()
                .find_map(|node| find(&node.members, Some(node.id), id))
        }
        find(&self.roots, None, id)
    }

    /// The nodes that hold this one, the outermost first.
    pub fn holders(&self, id: NodeId) -> Vec<NodeId> {
        let mut holders = Vec::new();
        let mut at = self.place(id).and_then(|place| place.holder);
        while let Some(holder) = at {
            holders.insert(0, holder);
            at = self.place(holder).and_then(|place| place.holder);
        }
        holders
    }

    /// The path that a node has in the design; the root when there is no such node.
    pub fn path(&self, id: NodeId) -> AttrPath {
        let chain = self.holders(id).into_iter().chain([id]);
        chain
            .filter_map(|id| self.get(id))
            .fold(AttrPath::root(), |path, node| {
                path.child(node.def.name.clone())
            })
    }

    /// What stands in `holder`, or at the top.
    pub fn members(&self, holder: Option<NodeId>) -> &[Arc<Node>] {
        match holder {
            None => &self.roots,
            Some(id) => self.get(id).map_or(&[], |node| &node.members),
        }
    }

    /// Puts a definition at a place, or at the end there; gives its number, `None` when there is no such holder.
    pub fn insert(&mut self, place: Place, def: &AttrDef) -> Option<NodeId> {
        let node = self.adopt(std::slice::from_ref(def), None).pop()?;
        let id = node.id;
        self.put(place, node).then_some(id)
    }

    /// Puts a node at a place; `false` when there is no such holder, and the node is gone.
    pub fn put(&mut self, place: Place, node: Arc<Node>) -> bool {
        let siblings = match place.holder {
            None => &mut self.roots,
            Some(id) => match self.get_mut(id) {
                Some(holder) => &mut holder.members,
                None => return false,
            },
        };
        let at = place.at.min(siblings.len());
        siblings.insert(at, node);
        true
    }

    /// Takes a node out, with what is in it.
    pub fn take(&mut self, id: NodeId) -> Option<Arc<Node>> {
        let (siblings, at) = self.siblings_mut(id)?;
        Some(siblings.remove(at))
    }

    fn siblings_mut(&mut self, id: NodeId) -> Option<(&mut Vec<Arc<Node>>, usize)> {
        let place = self.place(id)?;
        let holders = self.holders(id);
        let mut siblings = &mut self.roots;
        for holder in holders {
            let at = siblings.iter().position(|node| node.id == holder)?;
            siblings = &mut Arc::make_mut(siblings.get_mut(at)?).members;
        }
        Some((siblings, place.at))
    }

    /// The definitions that the design comes to: without what is marked for removal, and without built-ins.
    pub fn attr_defs(&self) -> Vec<AttrDef> {
        own_attr_defs(&self.roots, true, usize::MAX)
    }

    /// The first of them, at most so many.
    pub fn first_attr_defs(&self, count: usize) -> Vec<AttrDef> {
        own_attr_defs(&self.roots, true, count)
    }
}

/// A design with its past.
#[derive(Clone, Debug)]
pub struct Design {
    tree: Tree,
    stored: Option<Arc<EntityType>>,
    /// The stored definitions by their paths, each without what is in it.
    stored_defs: HashMap<AttrPath, AttrDef>,
    past: VecDeque<Tree>,
    future: Vec<Tree>,
    findings: Findings,
    /// What was chosen where its plan was looked at, and the rules that were read there.
    chosen: Chosen,
    /// What makes this out of what is stored, with what was chosen for it; empty for a new type, and where nothing
    /// changed.
    plan: SchemaPlan,
    /// What no call does of itself.
    refused: Vec<Refused>,
    /// Whether those two are of an earlier state.
    is_behind: bool,
}

/// What a plan follows beside the design.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// What the user wishes for; the renamed attributes in it are not in use.
    pub wishes: Wishes,
    /// The rules and combined uniquenesses of the type.
    pub properties: Vec<Property>,
}

/// What follows from the tree, found once for every change of it.
#[derive(Clone, Debug, Default)]
struct Findings {
    facts: HashMap<NodeId, Fact>,
    /// Every node in sight when all is unfolded, from above.
    order: Vec<NodeId>,
    problems: HashMap<NodeId, Vec<String>>,
    general: Vec<String>,
    attributes: usize,
    changes: usize,
}

/// What is known of a node in its tree.
#[derive(Clone, Debug)]
struct Fact {
    node: Arc<Node>,
    place: Place,
    stands: schema::Place,
    path: AttrPath,
    state: State,
    /// The stored path of what holds it; `None` when that is new.
    holder_origin: Option<AttrPath>,
    /// Whether what holds it is marked for removal.
    goes_along: bool,
}

impl Fact {
    /// Whether this is still true of a node: it is the same, and so is what it stands in.
    fn is_of(&self, node: &Arc<Node>, inside: &Inside) -> bool {
        Arc::ptr_eq(&self.node, node)
            && self.goes_along == inside.goes
            && self.stands == inside.stands
            && self.holder_origin == inside.origin
            && self.path.0.split_last().map(|(_, holder)| holder) == Some(&inside.path.0)
    }
}

/// What a node inherits from what holds it.
struct Inside {
    holder: Option<NodeId>,
    origin: Option<AttrPath>,
    stands: schema::Place,
    path: AttrPath,
    goes: bool,
    is_new: bool,
}

/// How a node stands to what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The service adds it by itself.
    BuiltIn,
    /// As it is stored.
    Same,
    /// It is new.
    New,
    /// It is stored with another definition, name or place.
    Changed,
    /// It is marked for removal, or what holds it is.
    Removed,
}

/// In what respect a node is not as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is called differently.
    Renamed {
        /// The name that is stored.
        before: String,
    },
    /// It is in something else.
    Moved {
        /// The path that it has in the stored type.
        before: AttrPath,
    },
    /// Its definition says something else.
    Aspect(diff::Aspect),
}

impl Change {
    /// The word for the respect: `name`, `place`, `length`.
    pub fn word(&self) -> &str {
        match self {
            Self::Renamed { .. } => "name",
            Self::Moved { .. } => "place",
            Self::Aspect(aspect) => aspect.name(),
        }
    }
}

impl Design {
    /// A design of a new entity type.
    pub fn new(name: impl Into<String>, attr_defs: &[AttrDef]) -> Self {
        let mut tree = Tree {
            name: name.into(),
            ..Tree::default()
        };
        tree.roots = tree.adopt(attr_defs, None);
        Self::begun(tree, None)
    }

    /// A design that begins as what is stored.
    pub fn of_stored(stored: &Arc<EntityType>) -> Self {
        let mut tree = Tree {
            name: stored.name.clone(),
            ..Tree::default()
        };
        tree.roots = tree.adopt(&stored.attr_defs, Some(&AttrPath::root()));
        Self::begun(tree, Some(Arc::clone(stored)))
    }

    /// A design that begins with a tree as it was kept.
    pub fn begun(tree: Tree, stored: Option<Arc<EntityType>>) -> Self {
        let walked = stored.iter().flat_map(|stored| stored.walk());
        let stored_defs = walked.map(|(path, def)| (path, bare(def))).collect();
        let mut design = Self {
            tree,
            stored,
            stored_defs,
            past: VecDeque::new(),
            future: Vec::new(),
            findings: Findings::default(),
            chosen: Chosen::default(),
            plan: SchemaPlan::default(),
            refused: Vec::new(),
            is_behind: false,
        };
        design.judge();
        design
    }

    /// What its plan follows beside it.
    pub fn chosen(&self) -> &Chosen {
        &self.chosen
    }

    /// Its plan follows this from now on.
    pub fn choose(&mut self, chosen: Chosen) {
        if self.chosen != chosen {
            self.chosen = chosen;
            self.falls_behind();
        }
    }

    /// The tree as it is now.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The entity type that it changes; `None` for a new one.
    pub fn stored(&self) -> Option<&Arc<EntityType>> {
        self.stored.as_ref()
    }

    /// Changes the tree, as one step that can be undone. Nothing is noted when nothing changed.
    pub fn change<R>(&mut self, work: impl FnOnce(&mut Tree) -> R) -> R {
        self.change_within(&mut false, work)
    }

    /// Changes the tree as part of one step: `begun` says whether the step is noted already, and is told when it is. A
    /// step that comes back to where it began is none.
    pub fn change_within<R>(&mut self, begun: &mut bool, work: impl FnOnce(&mut Tree) -> R) -> R {
        let before = self.tree.clone();
        let result = work(&mut self.tree);
        if before.is_same(&self.tree) {
            return result;
        }
        if !*begun {
            self.past.push_back(before);
            let most = most_undo(self.tree.roots.len());
            while self.past.len() > most {
                self.past.pop_front();
            }
            *begun = true;
        } else if self
            .past
            .back()
            .is_some_and(|past| past.is_same(&self.tree))
        {
            self.past.pop_back();
            *begun = false;
        }
        self.future.clear();
        self.judge();
        result
    }

    /// Takes the last change back, as if it had never been; `false` when there is none.
    pub fn forget_last(&mut self) -> bool {
        let Some(before) = self.past.pop_back() else {
            return false;
        };
        self.tree = before;
        self.judge();
        true
    }

    /// Takes the last change back; `None` when there is none. Tells where it was: `Some(None)` for the entity type
    /// itself.
    pub fn undo(&mut self) -> Option<Option<NodeId>> {
        let before = self.past.pop_back()?;
        self.future.push(std::mem::replace(&mut self.tree, before));
        Some(self.judge_and_compare())
    }

    /// Makes again the change that was taken back last; as [`Design::undo`].
    pub fn redo(&mut self) -> Option<Option<NodeId>> {
        let after = self.future.pop()?;
        self.past
            .push_back(std::mem::replace(&mut self.tree, after));
        Some(self.judge_and_compare())
    }

    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is one to make again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// The entity type that the design comes to, as the service would echo it.
    pub fn wanted(&self) -> EntityType {
        EntityType::create(self.tree.name.clone(), self.tree.attr_defs())
    }

    /// The attributes that are called differently than they are stored: the stored path, and the wanted one.
    pub fn renamed(&self) -> Vec<(AttrPath, AttrPath)> {
        let facts = self.findings.order.iter().filter_map(|id| self.fact(*id));
        facts
            .filter(|fact| !fact.node.removed && !fact.goes_along)
            .filter_map(|fact| {
                let origin = fact.node.origin.as_ref()?;
                (*origin != fact.path).then(|| (origin.clone(), fact.path.clone()))
            })
            .collect()
    }

    fn fact(&self, id: NodeId) -> Option<&Fact> {
        self.findings.facts.get(&id)
    }

    /// The node with this number, found at once.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.fact(id).map(|fact| fact.node.as_ref())
    }

    /// The same, to be kept.
    pub fn shared(&self, id: NodeId) -> Option<&Arc<Node>> {
        self.fact(id).map(|fact| &fact.node)
    }

    /// Where a node stands in the tree.
    pub fn place(&self, id: NodeId) -> Option<Place> {
        self.fact(id).map(|fact| fact.place)
    }

    /// Where a node stands, as the protocol sees it.
    pub fn stands(&self, id: NodeId) -> schema::Place {
        self.fact(id).map_or(schema::Place::Top, |fact| fact.stands)
    }

    /// The path that a node has in the design; the root when there is no such node.
    pub fn path(&self, id: NodeId) -> AttrPath {
        self.fact(id)
            .map_or_else(AttrPath::root, |fact| fact.path.clone())
    }

    /// How a node stands to what is stored.
    pub fn state(&self, id: NodeId) -> State {
        self.fact(id).map_or(State::Same, |fact| fact.state)
    }

    /// Whether a node goes because what holds it is marked for removal.
    pub fn goes_along(&self, id: NodeId) -> bool {
        self.fact(id).is_some_and(|fact| fact.goes_along)
    }

    /// The definition that is stored for a node, without what is in it; `None` for a new one.
    pub fn stored_def(&self, id: NodeId) -> Option<&AttrDef> {
        self.stored_defs.get(self.node(id)?.origin.as_ref()?)
    }

    /// In what respects a node is not as it is stored; none for a new one.
    pub fn changes(&self, id: NodeId) -> Vec<Change> {
        let stored = self.fact(id).zip(self.stored_def(id));
        let Some((fact, stored)) = stored else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        if let Some(origin) = fact.node.origin.as_ref() {
            if fact.holder_origin != origin.parent() {
                changes.push(Change::Moved {
                    before: origin.clone(),
                });
            }
            if fact.node.def.name != stored.name {
                changes.push(Change::Renamed {
                    before: stored.name.clone(),
                });
            }
        }
        let aspects = diff::aspects(stored, &fact.node.def);
        changes.extend(aspects.into_iter().map(Change::Aspect));
        changes
    }

    /// What of a node's changes no call makes, and why.
    pub fn refused(&self, id: NodeId) -> impl Iterator<Item = &Refused> {
        let path = self
            .fact(id)
            .map(|fact| fact.node.origin.as_ref().unwrap_or(&fact.path));
        let refused = self.refused.iter();
        refused.filter(move |refused| Some(&refused.path) == path)
    }

    /// Every attribute, from above, whatever is folded.
    pub fn order(&self) -> &[NodeId] {
        &self.findings.order
    }

    /// How many attributes the design comes to, with those that are stored and built in.
    pub fn attribute_count(&self) -> usize {
        self.findings.attributes
    }

    /// How many attributes are new, changed or removed, what is in those not counted again.
    pub fn change_count(&self) -> usize {
        self.findings.changes
    }

    /// What is wrong with a node.
    pub fn problems_at(&self, id: NodeId) -> &[String] {
        self.findings.problems.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What is wrong with the whole.
    pub fn general_problems(&self) -> &[String] {
        &self.findings.general
    }

    /// How many problems there are.
    pub fn problem_count(&self) -> usize {
        let at_nodes = self.findings.problems.values().map(Vec::len);
        self.findings.general.len() + at_nodes.sum::<usize>()
    }

    /// Finds where the tree differs from the one that was judged last, and judges this one.
    fn judge_and_compare(&mut self) -> Option<NodeId> {
        let before = self.judge();
        let after = &self.findings;
        let is_other = |id: &&NodeId| match (before.facts.get(id), after.facts.get(id)) {
            (Some(before), Some(after)) => {
                let is_same = Arc::ptr_eq(&before.node, &after.node);
                !is_same && before.node.def != after.node.def
                    || before.node.removed != after.node.removed
                    || before.place.holder != after.place.holder
            }
            _ => true,
        };
        if let Some(id) = after.order.iter().find(is_other) {
            return Some(*id);
        }
        // What is gone left its place to the next, or to what it was in.
        if let Some(gone) = before.order.iter().find(is_other) {
            let place = before.facts.get(gone).map(|fact| fact.place)?;
            let members = self.tree.members(place.holder);
            let next = members.get(place.at).or_else(|| members.last());
            return next.map(|node| node.id).or(place.holder);
        }
        let moved = |id: &&NodeId| {
            before.facts.get(id).map(|fact| fact.place)
                != after.facts.get(id).map(|fact| fact.place)
        };
        after.order.iter().find(moved).copied()
    }

    /// Finds what follows from the tree, and everything that is wrong with it. Gives back what was found before,
    /// without the paths that are still true: those are taken over.
    fn judge(&mut self) -> Findings {
        let mut findings = Findings::default();
        let mut before = std::mem::take(&mut self.findings);
        let inside = Inside {
            holder: None,
            origin: Some(AttrPath::root()),
            stands: schema::Place::Top,
            path: AttrPath::root(),
            goes: false,
            is_new: false,
        };
        let facts = &mut before.facts;
        self.visit(&self.tree.roots, &inside, facts, &mut findings);
        findings.general.extend(self.problem_of_name());
        let attr_defs = self.tree.attr_defs();
        let problems = schema::check(&attr_defs);
        if !problems.is_empty() {
            blame(problems, &mut findings);
        }
        self.findings = findings;
        self.falls_behind();
        before
    }

    fn falls_behind(&mut self) {
        self.is_behind = true;
        if self.findings.order.len() <= AT_ONCE {
            self.catch_up();
        }
    }

    /// Whether it is still to be found what the calls are.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Finds what was put off until no key is waiting.
    pub fn catch_up(&mut self) {
        if self.is_behind {
            self.plan = self.find_plan(&self.chosen);
            let unchosen = Chosen::default();
            self.refused = if self.chosen == unchosen {
                self.plan.refused.clone()
            } else {
                self.find_plan(&unchosen).refused
            };
            self.is_behind = false;
        }
    }

    /// What makes the design out of what is stored, with what was chosen for it; without steps for a new type, which one
    /// call makes.
    pub fn plan(&self) -> Cow<'_, SchemaPlan> {
        if self.is_behind {
            Cow::Owned(self.find_plan(&self.chosen))
        } else {
            Cow::Borrowed(&self.plan)
        }
    }

    fn find_plan(&self, chosen: &Chosen) -> SchemaPlan {
        let Some(stored) = self.stored.as_ref().filter(|_| self.change_count() > 0) else {
            return SchemaPlan {
                type_name: self.tree.name.clone(),
                ..SchemaPlan::default()
            };
        };
        let wishes = Wishes {
            renamed: self.renamed(),
            ..chosen.wishes.clone()
        };
        let properties = &chosen.properties;
        plan::plan(Some(stored.as_ref()), &self.wanted(), properties, &wishes)
    }

    /// Finds out about nodes and what is in them. Of a node that is as it was, what was known `before` is still so.
    fn visit(
        &self,
        nodes: &[Arc<Node>],
        inside: &Inside,
        before: &mut HashMap<NodeId, Fact>,
        findings: &mut Findings,
    ) {
        for (at, node) in nodes.iter().enumerate() {
            let known = before.get_mut(&node.id);
            let known = known.filter(|fact| fact.is_of(node, inside));
            let (path, state) = match known {
                Some(fact) => (std::mem::take(&mut fact.path), fact.state),
                None => (
                    inside.path.child(node.def.name.clone()),
                    self.state_of(node, inside),
                ),
            };
            let goes = inside.goes || node.removed;
            findings.attributes += usize::from(!goes);
            let is_told = match state {
                State::BuiltIn | State::Same => false,
                State::Changed => true,
                State::New => !inside.is_new,
                State::Removed => !inside.goes,
            };
            findings.changes += usize::from(is_told);
            findings.order.push(node.id);
            let below = Inside {
                holder: Some(node.id),
                origin: node.origin.clone(),
                stands: inside.stands.inside(&node.def.attr_type),
                path: if node.shown_members().is_empty() {
                    AttrPath::root()
                } else {
                    path.clone()
                },
                goes,
                is_new: state == State::New,
            };
            let fact = Fact {
                node: Arc::clone(node),
                place: Place {
                    holder: inside.holder,
                    at,
                },
                stands: inside.stands,
                path,
                state,
                holder_origin: inside.origin.clone(),
                goes_along: inside.goes,
            };
            findings.facts.insert(node.id, fact);
            self.visit(node.shown_members(), &below, before, findings);
        }
    }

    fn state_of(&self, node: &Node, inside: &Inside) -> State {
        if inside.goes || node.removed {
            return State::Removed;
        }
        if is_built_in(node, inside.stands == schema::Place::Top) {
            return State::BuiltIn;
        }
        let Some(origin) = &node.origin else {
            return State::New;
        };
        // What moved along with what it is in is where it was.
        let is_there = inside.origin == origin.parent();
        let stored = self.stored_defs.get(origin);
        let as_stored = stored.is_some_and(|stored| {
            stored.name == node.def.name && diff::aspects(stored, &node.def).is_empty()
        });
        if as_stored && is_there {
            State::Same
        } else {
            State::Changed
        }
    }

    fn problem_of_name(&self) -> Option<String> {
        let name = &self.tree.name;
        if schema::is_valid_name(name) {
            return None;
        }
        Some(if name.is_empty() {
            "the entity type has no name yet".to_owned()
        } else {
            format!(
                "`{name}` cannot be an entity type's name: a letter, then letters, digits and _, at most {} characters",
                schema::MAX_NAME
            )
        })
    }
}

/// How many states of so many attributes at the top can be brought back.
fn most_undo(roots: usize) -> usize {
    (MOST_UNDO_ROOTS / roots.max(1)).clamp(1, MOST_UNDO)
}

/// The definition without what is in it.
fn bare(def: &AttrDef) -> AttrDef {
    AttrDef {
        attr_type: match &def.attr_type {
            AttrType::Object(_) => AttrType::Object(Vec::new()),
            AttrType::Plural(_) => AttrType::Plural(Vec::new()),
            other => other.clone(),
        },
        ..def.clone()
    }
}

/// Puts problems to the nodes that they are about.
fn blame(problems: Vec<SchemaProblem>, findings: &mut Findings) {
    let about: HashSet<&AttrPath> = problems.iter().map(|problem| &problem.path).collect();
    let mut ids: HashMap<AttrPath, Vec<NodeId>> = HashMap::new();
    for id in &findings.order {
        let fact = &findings.facts[id];
        if fact.state != State::Removed && about.contains(&fact.path) {
            ids.entry(fact.path.clone()).or_default().push(*id);
        }
    }
    for problem in problems {
        match ids.get(&problem.path) {
            Some(ids) => {
                // Of two that are called the same, either can be the wrong one, unless it can be told.
                let is_its = |id: &&NodeId| is_misfit(&findings.facts[*id], &problem.reason);
                let its: Vec<&NodeId> = ids.iter().filter(is_its).collect();
                let blamed = if its.is_empty() {
                    ids.iter().collect()
                } else {
                    its
                };
                for id in blamed {
                    let reasons = findings.problems.entry(*id).or_default();
                    if !reasons.contains(&problem.reason) {
                        reasons.push(problem.reason.clone());
                    }
                }
            }
            None => findings.general.push(problem.to_string()),
        }
    }
}

/// Whether a problem is one that a node has by itself, whatever stands beside it.
fn is_misfit(fact: &Fact, reason: &str) -> bool {
    let def = fact.node.to_attr_def();
    let constraints = def.constraints.iter().flatten();
    let constraints = constraints.filter_map(|it| schema::constraint_misfit(it, &def, fact.stands));
    let features = def.features.iter().flatten();
    let features = features.filter_map(|it| schema::feature_misfit(it, fact.stands));
    schema::type_misfit(&def.attr_type)
        .into_iter()
        .chain(constraints)
        .chain(features)
        .any(|misfit| misfit == reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::capture::json::Json;
    use crate::capture::schema::read_attr_defs;

    const STORED: &str = r#"[{"name":"a","type":"string","length":9,"constraints":["unique","required"]},
        {"name":"o","type":"object","attr_defs":[{"name":"x","type":"date"},{"name":"y","type":"date"}]},
        {"name":"p","type":"plural","attr_defs":[{"name":"v","type":"string"}]}]"#;

    fn stored() -> Design {
        let (attr_defs, problems) = read_attr_defs(&Json::parse(STORED).expect("is JSON"));
        assert_eq!(problems, []);
        Design::of_stored(&Arc::new(EntityType::create("t", attr_defs)))
    }

    fn id(design: &Design, path: &str) -> NodeId {
        let mut ids = design.order().iter().copied();
        ids.find(|id| design.path(*id).dotted() == path)
            .unwrap_or_else(|| panic!("no {path}"))
    }

    fn rename(design: &mut Design, path: &str, name: &str) -> NodeId {
        let id = id(design, path);
        design.change(|tree| {
            tree.get_mut(id).expect("is there").def.name = name.to_owned();
        });
        id
    }

    fn states(design: &Design) -> Vec<String> {
        let ids = design.order().iter();
        ids.filter(|id| !matches!(design.state(**id), State::Same | State::BuiltIn))
            .map(|id| format!("{} {:?}", design.path(*id).dotted(), design.state(*id)))
            .collect()
    }

    #[test]
    fn the_past_of_a_large_design_is_shorter() {
        assert_eq!(most_undo(0), MOST_UNDO);
        assert_eq!(most_undo(10_000), 200);
        assert_eq!(most_undo(usize::MAX), 1);
        let mut design = stored();
        for at in 0..=MOST_UNDO {
            design.change(|tree| tree.name = format!("t{at}"));
        }
        let steps = std::iter::from_fn(|| design.undo());
        assert_eq!(steps.count(), MOST_UNDO);
        assert_eq!(design.tree().name, "t0");
    }

    #[test]
    fn what_no_call_does_is_found_later_in_a_large_design() {
        let defs = (0..=AT_ONCE).map(|at| format!(r#"{{"name":"a{at}","type":"string"}}"#));
        let text = format!("[{}]", defs.collect::<Vec<_>>().join(","));
        let (attr_defs, _) = read_attr_defs(&Json::parse(&text).expect("is JSON"));
        let mut design = Design::of_stored(&Arc::new(EntityType::create("t", attr_defs)));
        design.catch_up();
        let id = *design.order().last().expect("is there");
        design.change(|tree| {
            let node = tree.get_mut(id).expect("is there");
            node.def.attr_type = AttrType::from_name("date");
        });
        assert_eq!(design.state(id), State::Changed);
        assert!(design.is_behind() && design.refused(id).next().is_none());
        // Whoever needs the plan gets the one of now.
        assert_eq!(design.plan().refused.len(), 1);
        design.catch_up();
        assert!(!design.is_behind() && design.refused(id).count() == 1);
        assert!(design.undo().is_some());
        design.catch_up();
        assert_eq!(design.refused(id).count(), 0);
    }

    #[test]
    fn what_is_stored_is_as_stored() {
        let design = stored();
        assert_eq!(states(&design), Vec::<String>::new());
        assert_eq!((design.attribute_count(), design.change_count()), (11, 0));
        assert_eq!(design.problem_count(), 0);
        let built_in = ["id", "uuid", "created", "lastUpdated", "p.id"];
        for path in built_in {
            assert_eq!(design.state(id(&design, path)), State::BuiltIn, "{path}");
        }
        assert_eq!(design.stands(id(&design, "p.v")), schema::Place::Plural);
    }

    #[test]
    fn what_is_in_a_renamed_one_is_not_changed_itself() {
        let mut design = stored();
        rename(&mut design, "o", "q");
        assert_eq!(states(&design), ["q Changed"]);
        assert_eq!(design.change_count(), 1);
        let renamed = design.renamed().into_iter();
        let renamed: Vec<String> = renamed
            .map(|(from, to)| format!("{} {}", from.dotted(), to.dotted()))
            .collect();
        assert_eq!(renamed, ["o q", "o.x q.x", "o.y q.y"]);
        rename(&mut design, "q", "o");
        assert_eq!(states(&design), Vec::<String>::new(), "and back");
    }

    #[test]
    fn what_is_in_a_removed_one_goes_along() {
        let mut design = stored();
        let o = id(&design, "o");
        design.change(|tree| tree.get_mut(o).expect("is there").removed = true);
        assert_eq!(states(&design), ["o Removed", "o.x Removed", "o.y Removed"]);
        assert!(!design.goes_along(o) && design.goes_along(id(&design, "o.x")));
        assert_eq!((design.attribute_count(), design.change_count()), (8, 1));
    }

    #[test]
    fn the_order_of_constraints_is_no_change() {
        let mut design = stored();
        let a = id(&design, "a");
        let turn = |design: &mut Design| {
            design.change(|tree| {
                let constraints = &mut tree.get_mut(a).expect("is there").def.constraints;
                constraints.as_mut().expect("has some").reverse();
            });
        };
        turn(&mut design);
        assert_eq!(design.state(a), State::Same);
        assert_eq!(design.changes(a), []);
    }

    #[test]
    fn a_moved_one_is_changed_and_the_plan_says_why_it_stays() {
        let mut design = stored();
        let x = id(&design, "o.x");
        design.change(|tree| {
            let node = tree.take(x).expect("is there");
            assert!(tree.put(
                Place {
                    holder: None,
                    at: 0
                },
                node
            ));
        });
        let words: Vec<String> = design
            .changes(x)
            .iter()
            .map(|change| change.word().to_owned())
            .collect();
        assert_eq!(words, ["place"]);
        let reasons: Vec<&str> = design.refused(x).map(|it| it.reason.as_str()).collect();
        assert!(
            reasons.concat().contains("it stays where it is"),
            "{reasons:?}"
        );
    }

    #[test]
    fn one_step_is_taken_back_whole_and_coming_back_is_no_step() {
        let mut design = stored();
        let a = id(&design, "a");
        let mut begun = false;
        for name in ["ab", "abc", "ab", "a"] {
            design.change_within(&mut begun, |tree| {
                tree.get_mut(a).expect("is there").def.name = name.to_owned();
            });
            assert_eq!(begun, name != "a", "{name}");
        }
        assert!(!design.can_undo());
        for name in ["b", "bc"] {
            design.change_within(&mut begun, |tree| {
                tree.get_mut(a).expect("is there").def.name = name.to_owned();
            });
        }
        assert_eq!(design.undo(), Some(Some(a)));
        assert_eq!(design.path(a).dotted(), "a");
        assert_eq!(design.undo(), None);
        assert_eq!(design.redo(), Some(Some(a)));
        assert_eq!(design.path(a).dotted(), "bc");
        assert_eq!(design.redo(), None);
    }

    #[test]
    fn undo_tells_where_the_change_was() {
        let mut design = Design::new("t", &[]);
        let def = AttrDef::new("n", AttrType::Boolean);
        let end = Place {
            holder: None,
            at: usize::MAX,
        };
        let first = design.change(|tree| tree.insert(end, &def)).expect("fits");
        let second = design.change(|tree| tree.insert(end, &def)).expect("fits");
        design.change(|tree| tree.take(first));
        design.change(|tree| tree.name = "u".to_owned());
        assert_eq!(design.undo(), Some(None), "the name is the type's");
        assert_eq!(design.undo(), Some(Some(first)), "it is there again");
        assert_eq!(design.undo(), Some(Some(first)), "the second is gone");
        assert_eq!(design.redo(), Some(Some(second)));
    }

    #[test]
    fn both_that_are_called_the_same_are_told() {
        let mut design = stored();
        let a = rename(&mut design, "a", "o");
        let told: Vec<NodeId> = design
            .order()
            .iter()
            .copied()
            .filter(|id| design.problems_at(*id) == [schema::NAME_USED])
            .collect();
        assert_eq!(told.len(), 2);
        assert!(told.contains(&a));
        assert_eq!(design.problem_count(), 2);
    }
}

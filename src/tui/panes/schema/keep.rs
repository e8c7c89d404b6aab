//! What of the designs is kept on the disk while they are worked on, and how a kept one becomes a design again.
//!
//! After every message the root asks what has changed ([`SchemaPane::take_changes`]). A design without changes is not kept.
//! What undo would bring back is not kept either. A stored type may be another by the time its design comes back: what is
//! not stored any more is new then, and what came meanwhile is in the tree too.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::drafts::desk::Command;
use crate::drafts::kept;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Key;
use crate::drafts::kept::Of;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::design::Design;
use crate::tui::panes::schema::design::Node;
use crate::tui::panes::schema::design::State;
use crate::tui::panes::schema::design::Tree;
use crate::tui::panes::schema::json::JsonSide;
use crate::tui::session::Session;

/// What the desk that keeps drafts knows of the designs.
#[derive(Debug, Default)]
pub struct Keeper {
    /// The designs as they were when last looked at.
    seen: HashMap<DesignKey, Seen>,
    /// Whether a kept design is being read, to be shown: nothing is to be begun before it is there.
    pub(in crate::tui::panes::schema) awaits: bool,
    /// What plans took away while a design that may have it was not here.
    taken_away: HashMap<DesignKey, HashSet<AttrPath>>,
}

impl Keeper {
    /// A plan took these attributes away: a design that is read later does not ask for them again.
    pub(in crate::tui::panes::schema) fn taken_away(
        &mut self,
        key: DesignKey,
        paths: Vec<AttrPath>,
    ) {
        self.taken_away.entry(key).or_default().extend(paths);
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    tree: Tree,
    json: Option<String>,
    /// Whether it is on the disk, or on its way there.
    is_kept: bool,
}

impl DesignKey {
    /// The name of the kept design in an environment.
    pub fn in_environment(&self, environment: &str) -> Key {
        let (type_name, of) = match self {
            Self::New(number) => (number_text(*number), Of::NewType),
            Self::Stored(name) => (name.clone(), Of::Schema),
        };
        Key {
            environment: environment.to_owned(),
            type_name,
            of,
        }
    }

    /// The design of this kept one; `None` when it is none.
    pub fn of_kept(key: &Key) -> Option<Self> {
        match key.of {
            Of::NewType if key.type_name.is_empty() => Some(Self::New(1)),
            Of::NewType => key.type_name.parse().ok().map(Self::New),
            Of::Schema => Some(Self::Stored(key.type_name.clone())),
            Of::NewRecord | Of::Record(_) => None,
        }
    }
}

/// The number of a new type in the key of its draft: the first has none.
fn number_text(number: u32) -> String {
    match number {
        1 => String::new(),
        further => further.to_string(),
    }
}

impl Desk {
    /// How many attributes are new, changed or marked for removal.
    pub fn change_count(&self) -> usize {
        fn visit(design: &Design, nodes: &[Arc<Node>], count: &mut usize) {
            for node in nodes {
                let changed = matches!(
                    design.state(node.id),
                    State::New | State::Changed | State::Removed
                );
                *count += usize::from(changed);
                visit(design, node.shown_members(), count);
            }
        }
        let mut count = 0;
        visit(&self.design, &self.design.tree().roots, &mut count);
        count
    }

    /// Its JSON, where the tree does not say the same because it cannot be read yet.
    pub fn unread_json(&self) -> Option<String> {
        self.json.as_deref()?.unread()
    }
}

impl SchemaPane {
    /// What is to be kept, and what need not be any more, since this was last asked.
    pub fn take_changes(&mut self, session: &Session) -> Vec<Command> {
        let mut commands = Vec::new();
        let key_of = |key: &DesignKey| key.in_environment(&session.environment);
        for (key, desk) in &self.desks {
            let (tree, json) = (desk.design.tree(), desk.unread_json());
            let before = self.keeper.seen.get(key);
            if before.is_some_and(|before| before.tree == *tree && before.json == json) {
                continue;
            }
            let set = desk.change_count();
            let is_kept = set > 0 || json.is_some() || tree.name != name_at_first(key);
            if is_kept {
                let kept = Kept {
                    key: key_of(key),
                    changed: session.now,
                    set,
                    in_doubt: false,
                    include_record: false,
                    cursor: AttrPath::root(),
                    typing: None,
                    json: json.clone(),
                    fields: Arc::default(),
                    original: None,
                    lacks_secrets: false,
                    design: Some(Arc::new(kept_design(tree))),
                };
                commands.push(Command::Save {
                    kept: Box::new(kept),
                    secret_names: Arc::default(),
                });
            } else if before.is_some_and(|before| before.is_kept) {
                commands.push(Command::Remove(key_of(key)));
            }
            let seen = Seen {
                tree: tree.clone(),
                json,
                is_kept,
            };
            self.keeper.seen.insert(key.clone(), seen);
        }
        // Those that are no more: they were created, or have nothing in them.
        let desks = &self.desks;
        self.keeper.seen.retain(|key, seen| {
            let is_there = desks.contains_key(key);
            if !is_there && seen.is_kept {
                commands.push(Command::Remove(key_of(key)));
            }
            is_there
        });
        commands
    }

    /// A draft could not be kept: the next look at it tries again. `true` when it is of a design that is here.
    pub fn not_kept(&mut self, key: &DesignKey) -> bool {
        self.keeper.seen.remove(key);
        self.desks.contains_key(key)
    }

    /// Whether a kept design of this key may come in place of what is there.
    pub fn may_restore(&self, key: &DesignKey) -> bool {
        self.desks
            .get(key)
            .is_none_or(|desk| !self.keeps(key) && !desk.design.can_undo())
    }

    fn keeps(&self, key: &DesignKey) -> bool {
        self.keeper.seen.get(key).is_some_and(|seen| seen.is_kept)
    }

    /// Waits for a kept design, or does not any more.
    pub fn await_draft(&mut self, waits: bool) {
        self.keeper.awaits = waits;
    }

    /// Whether the design of a new type or one that changes a stored one would be lost by leaving.
    pub fn unfinished(&self) -> Option<&str> {
        let mut unfinished = self.keeper.seen.iter().filter(|(_, seen)| seen.is_kept);
        unfinished.next().map(|(_, seen)| seen.tree.name.as_str())
    }

    /// Shows a design that was kept; `stored` is its entity type as it is now. Says what became of it meanwhile, if
    /// anything did. `None` when the draft is no design.
    pub fn restore(&mut self, kept: &Kept, stored: Option<&Arc<EntityType>>) -> Option<Restored> {
        self.keeper.awaits = false;
        let key = DesignKey::of_kept(&kept.key)?;
        let design = kept.design.as_ref()?;
        let mut tree = Tree::named(&design.name);
        tree.roots = nodes_of(&mut tree, &design.nodes);
        let mut restored = Restored::default();
        if let Some(stored) = stored {
            let taken_away = self.keeper.taken_away.remove(&key).unwrap_or_default();
            rebase(&mut tree, stored, &taken_away, &mut restored);
        }
        let mut desk = Desk::new(Design::begun(tree, stored.map(Arc::clone)));
        if let Some(text) = &kept.json {
            desk.json = Some(Box::new(JsonSide::left_unread(text)));
        }
        // It is on the disk as it is, unless the stored type has changed.
        let seen = Seen {
            tree: desk.design.tree().clone(),
            json: kept.json.clone(),
            is_kept: true,
        };
        if restored == Restored::default() {
            self.keeper.seen.insert(key.clone(), seen);
        }
        self.is_taken(&key);
        self.desks.insert(key.clone(), desk);
        self.show(key);
        Some(restored)
    }

    /// Shows a design that is here.
    pub fn show_again(&mut self, key: &DesignKey) {
        if self.desks.contains_key(key) {
            self.show(key.clone());
        }
    }

    /// Forgets a design whose draft was thrown away: a stored type is as it is stored again.
    pub fn forget(&mut self, key: &DesignKey) {
        self.keeper.seen.remove(key);
        let Some(desk) = self.desks.remove(key) else {
            return;
        };
        if let Some(stored) = desk.design.stored() {
            let anew = Desk::new(Design::of_stored(stored));
            self.desks.insert(key.clone(), anew);
        } else if self.current.as_ref() == Some(key) {
            self.current = None;
        }
        self.set_viewport(self.size);
    }
}

/// What became of a stored type since its design was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Attributes that are stored now and were not then.
    pub came: Vec<String>,
    /// Attributes that were stored then and are not now: they are new in the design.
    pub went: Vec<String>,
}

fn name_at_first(key: &DesignKey) -> &str {
    match key {
        DesignKey::New(_) => "",
        DesignKey::Stored(name) => name,
    }
}

fn kept_design(tree: &Tree) -> kept::Design {
    fn visit(nodes: &[Arc<Node>]) -> Vec<kept::Node> {
        let kept = nodes.iter().map(|node| kept::Node {
            def: node.def.clone(),
            members: visit(&node.members),
            origin: node.origin.clone(),
            removed: node.removed,
        });
        kept.collect()
    }
    kept::Design {
        name: tree.name.clone(),
        nodes: visit(&tree.roots),
    }
}

/// Recursion is bounded by the reader's limit.
fn nodes_of(tree: &mut Tree, kept: &[kept::Node]) -> Vec<Arc<Node>> {
    let mut nodes = Vec::new();
    for one in kept {
        let members = nodes_of(tree, &one.members);
        let Some(mut node) = tree.adopt(std::slice::from_ref(&one.def), None).pop() else {
            continue;
        };
        let made = Arc::make_mut(&mut node);
        made.members = members;
        made.origin.clone_from(&one.origin);
        made.removed = one.removed;
        nodes.push(node);
    }
    nodes
}

/// Fits a tree to the type as it is stored now.
fn rebase(
    tree: &mut Tree,
    stored: &EntityType,
    taken_away: &HashSet<AttrPath>,
    restored: &mut Restored,
) {
    let mut origins = HashSet::new();
    let mut roots = std::mem::take(&mut tree.roots);
    roots.retain(|node| {
        let is_gone =
            |origin: &AttrPath| taken_away.contains(origin) && stored.get(origin).is_none();
        !node.origin.as_ref().is_some_and(is_gone)
    });
    drop_origins(&mut roots, stored, &mut origins, restored);
    for def in &stored.attr_defs {
        let path = AttrPath::root().child(def.name.clone());
        if !origins.contains(&path) {
            restored.came.push(def.name.clone());
            roots.extend(tree.adopt(std::slice::from_ref(def), Some(&AttrPath::root())));
        }
    }
    tree.roots = roots;
}

fn drop_origins(
    nodes: &mut Vec<Arc<Node>>,
    stored: &EntityType,
    origins: &mut HashSet<AttrPath>,
    restored: &mut Restored,
) {
    nodes.retain_mut(|node| {
        let is_gone = |origin: &AttrPath| stored.get(origin).is_none();
        let went = node.origin.as_ref().is_some_and(is_gone);
        // What was marked for removal and is gone by now is done.
        if went && node.removed {
            return false;
        }
        let node = Arc::make_mut(node);
        if went {
            restored.went.push(node.def.name.clone());
            node.origin = None;
        }
        origins.extend(node.origin.clone());
        drop_origins(&mut node.members, stored, origins, restored);
        true
    });
}

//! The attributes of an entity type as a checklist: which of them a client may use now, and which it will. Only attributes
//! that hold values are marked; what holds others shows what becomes of them.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::sync::Arc;

use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::access;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;

/// What the service told of an access schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Every attribute is in its answer: there is no access schema, or one that lists everything. It does not tell which.
    Everything,
    /// There is none: it was deleted just now.
    NoSchema,
    /// These attributes, and no others; perhaps none.
    Listed(BTreeSet<AttrPath>),
}

/// A checklist.
#[derive(Debug)]
pub struct Checklist {
    /// The entity type as it is stored, with what only the client itself sees.
    pub schema: Arc<EntityType>,
    /// What the service told.
    pub before: Before,
    wanted: BTreeSet<AttrPath>,
    all: Vec<AttrPath>,
    folded: HashSet<AttrPath>,
    /// By what the rows are narrowed.
    filter: String,
    rows: Vec<Row>,
    cursor: ListCursor,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The attribute.
    pub path: AttrPath,
    /// Its type.
    pub note: String,
    /// Whether it holds others, and whether they are shown.
    pub open: Option<bool>,
    /// Whether it is in every access schema, and never listed.
    pub built_in: bool,
}

/// What of an attribute may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// All of it.
    All,
    /// Some of what is in it.
    Part,
    /// None of it.
    None,
}

impl Checklist {
    /// The checklist of what a client `sees` of an entity type.
    pub fn new(stored: &EntityType, seen: &EntityType) -> Self {
        let schema = Arc::new(access::merged(stored, seen));
        let all = access::leaves(&schema);
        let listed = access::seen_of(&schema, seen);
        let before = if listed.len() == all.len() {
            Before::Everything
        } else {
            Before::Listed(listed.clone())
        };
        let mut checklist = Self {
            schema,
            before,
            wanted: listed,
            all,
            folded: HashSet::new(),
            filter: String::new(),
            rows: Vec::new(),
            cursor: ListCursor::default(),
        };
        checklist.rebuild();
        checklist
    }

    /// The access schema was deleted just now.
    pub fn deleted(&mut self) {
        self.before = Before::NoSchema;
        self.all();
    }

    /// The access schema was set just now, and this is what the service made of it.
    pub fn set(&mut self, seen: &EntityType) {
        let listed = access::seen_of(&self.schema, seen);
        self.wanted.clone_from(&listed);
        self.before = Before::Listed(listed);
    }

    /// What may be used now.
    fn now(&self) -> BTreeSet<AttrPath> {
        match &self.before {
            Before::Everything | Before::NoSchema => self.all.iter().cloned().collect(),
            Before::Listed(listed) => listed.clone(),
        }
    }

    /// How many attributes may be used now, will be, and there are.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.now().len(), self.wanted.len(), self.all.len())
    }

    /// What will be usable and is not now, and what will not be any more; in the schema's order.
    pub fn changes(&self) -> (Vec<AttrPath>, Vec<AttrPath>) {
        let now = self.now();
        let all = || self.all.iter().cloned();
        let added = all().filter(|path| self.wanted.contains(path) && !now.contains(path));
        let removed = all().filter(|path| !self.wanted.contains(path) && now.contains(path));
        (added.collect(), removed.collect())
    }

    /// Whether something is to be sent: also a list of everything where there may be none.
    pub fn is_changed(&self) -> bool {
        self.now() != self.wanted
    }

    /// The list that is sent: the shortest that says so.
    pub fn list(&self) -> Vec<AttrPath> {
        access::to_list(&self.schema, &self.wanted)
    }

    /// What is wanted.
    pub fn wanted(&self) -> &BTreeSet<AttrPath> {
        &self.wanted
    }

    /// What of the attribute at `path` will be usable, and whether that is another thing than now.
    pub fn mark(&self, path: &AttrPath) -> (Mark, bool) {
        let below = || self.all.iter().filter(|leaf| leaf.starts_with(path));
        let count = below().filter(|leaf| self.wanted.contains(leaf)).count();
        let mark = match count {
            0 => Mark::None,
            some if some == below().count() => Mark::All,
            _ => Mark::Part,
        };
        let was = |leaf: &AttrPath| match &self.before {
            Before::Everything | Before::NoSchema => true,
            Before::Listed(listed) => listed.contains(leaf),
        };
        let changed = below().any(|leaf| was(leaf) != self.wanted.contains(leaf));
        (mark, changed)
    }

    /// Marks all of the attribute under the cursor, or none of it when all is marked; `false` on a built-in one.
    pub fn toggle(&mut self) -> bool {
        let Some(row) = self.rows.get(self.cursor.at).filter(|row| !row.built_in) else {
            return false;
        };
        let path = row.path.clone();
        let put = self.mark(&path).0 != Mark::All;
        let below: Vec<AttrPath> = self
            .all
            .iter()
            .filter(|leaf| leaf.starts_with(&path))
            .cloned()
            .collect();
        for leaf in below {
            if put {
                self.wanted.insert(leaf);
            } else {
                self.wanted.remove(&leaf);
            }
        }
        true
    }

    /// Marks everything.
    pub fn all(&mut self) {
        self.wanted = self.all.iter().cloned().collect();
    }

    /// Marks nothing.
    pub fn none(&mut self) {
        self.wanted.clear();
    }

    /// Marks what is usable now.
    pub fn reset(&mut self) {
        self.wanted = self.now();
    }

    /// Marks what `seen` has, and nothing else.
    pub fn copy(&mut self, seen: &EntityType) {
        self.wanted = access::seen_of(&self.schema, seen);
    }

    /// Marks these, and nothing else.
    pub fn copy_marks(&mut self, wanted: &BTreeSet<AttrPath>) {
        let known = self.all.iter().filter(|leaf| wanted.contains(leaf));
        self.wanted = known.cloned().collect();
    }

    /// The rows, and the cursor among them.
    pub fn rows(&self) -> (&[Row], ListCursor) {
        (&self.rows, self.cursor)
    }

    /// By what the rows are narrowed.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Narrows the rows to attributes whose path holds `text`, with what holds those.
    pub fn narrow(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.rebuild();
        if !text.is_empty() {
            let wanted = text.to_lowercase();
            let hit = |row: &Row| row.path.dotted().to_lowercase().contains(&wanted);
            let first = self.rows.iter().position(hit);
            self.cursor.put(first.unwrap_or(0), self.rows.len());
        }
    }

    /// Moves the cursor on a screen that shows so many rows.
    pub fn go(&mut self, to: Move, height: usize) {
        self.cursor.height = height;
        self.cursor.go(to, self.rows.len());
    }

    /// Puts the cursor on an attribute, unfolding what holds it; `false` when there is none.
    pub fn go_to(&mut self, path: &AttrPath, height: usize) -> bool {
        self.filter.clear();
        self.folded.retain(|folded| !path.starts_with(folded));
        self.rebuild();
        self.cursor.height = height;
        let at = self.rows.iter().position(|row| row.path == *path);
        if let Some(at) = at {
            self.cursor.put(at, self.rows.len());
        }
        at.is_some()
    }

    /// Folds what is under the cursor, or goes to what holds it.
    pub fn fold(&mut self) {
        let Some(row) = self.rows.get(self.cursor.at).cloned() else {
            return;
        };
        if row.open == Some(true) && self.filter.is_empty() {
            self.folded.insert(row.path);
            self.rebuild();
        } else if let Some(holder) = row.path.parent() {
            let at = self.rows.iter().position(|row| row.path == holder);
            self.cursor
                .put(at.unwrap_or(self.cursor.at), self.rows.len());
        }
    }

    /// Unfolds what is under the cursor.
    pub fn unfold(&mut self) {
        if let Some(row) = self.rows.get(self.cursor.at)
            && self.folded.remove(&row.path)
        {
            self.rebuild();
        }
    }

    fn rebuild(&mut self) {
        let under_cursor = self.rows.get(self.cursor.at).map(|row| row.path.clone());
        let mut rows = Vec::new();
        let filter = self.filter.to_lowercase();
        let root = AttrPath::root();
        visit(
            &self.schema.attr_defs,
            &root,
            true,
            &filter,
            &self.folded,
            &mut rows,
        );
        self.rows = rows;
        let at = under_cursor.and_then(|path| self.rows.iter().position(|row| row.path == path));
        self.cursor
            .put(at.unwrap_or(self.cursor.at), self.rows.len());
    }
}

fn visit(
    defs: &[AttrDef],
    holder: &AttrPath,
    top_level: bool,
    filter: &str,
    folded: &HashSet<AttrPath>,
    rows: &mut Vec<Row>,
) {
    for def in defs {
        let built_in = def.is_reserved(top_level);
        if built_in && !top_level {
            // An element's id is always there and says nothing.
            continue;
        }
        let path = holder.child(def.name.clone());
        let hits = path.dotted().to_lowercase().contains(filter);
        let place = rows.len();
        let is_folded = filter.is_empty() && folded.contains(&path);
        let holds = access::own_members(def).next().is_some();
        rows.push(Row {
            note: def.attr_type.describe(),
            open: holds.then_some(!is_folded),
            built_in,
            path: path.clone(),
        });
        if !is_folded {
            visit(
                def.attr_type.attr_defs(),
                &path,
                false,
                filter,
                folded,
                rows,
            );
        }
        if !hits && rows.len() == place + 1 {
            rows.truncate(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;
    use crate::capture::schema::read_attr_defs;

    fn schema() -> EntityType {
        let attr_defs = r#"[{"name":"a","type":"string"},{"name":"b","type":"string"},
            {"name":"o","type":"object","attr_defs":[{"name":"x","type":"string"},{"name":"y","type":"string"}]},
            {"name":"p","type":"plural","attr_defs":[{"name":"q","type":"string"}]}]"#;
        let json = Json::parse(attr_defs).expect("is JSON");
        EntityType::create("t", read_attr_defs(&json).0)
    }

    fn without(paths: &[&str]) -> EntityType {
        let mut schema = schema();
        for path in paths {
            schema.remove(&path.parse().expect("is a path"));
        }
        schema
    }

    fn names(paths: &[AttrPath]) -> Vec<String> {
        paths.iter().map(AttrPath::dotted).collect()
    }

    fn path(text: &str) -> AttrPath {
        text.parse().expect("is a path")
    }

    #[test]
    fn marks_follow_what_is_inside() {
        let mut list = Checklist::new(&schema(), &without(&["a", "o.y"]));
        assert_eq!(list.mark(&path("o")), (Mark::Part, false));
        assert_eq!(list.counts(), (3, 3, 5));
        assert!(list.go_to(&path("o"), 10));
        assert!(list.toggle());
        assert_eq!(list.mark(&path("o")), (Mark::All, true));
        assert_eq!(names(&list.list()), ["b", "o", "p"]);
        assert!(list.toggle());
        assert_eq!(list.mark(&path("o.x")), (Mark::None, true));
        let (added, removed) = list.changes();
        assert_eq!(
            (names(&added), names(&removed)),
            (vec![], vec!["o.x".to_owned()])
        );
        list.reset();
        assert!(!list.is_changed());
    }

    #[test]
    fn what_is_built_in_cannot_be_marked() {
        let mut list = Checklist::new(&schema(), &schema());
        assert!(list.go_to(&path("uuid"), 10));
        assert!(!list.toggle());
        assert_eq!(
            names(&list.list()),
            ["a", "b", "o", "p"],
            "and is never sent"
        );
    }

    #[test]
    fn everything_nothing_and_no_schema_differ() {
        let mut list = Checklist::new(&schema(), &schema());
        assert_eq!(list.before, Before::Everything);
        list.none();
        assert_eq!(list.changes().1.len(), 5);
        list.set(&without(&["a", "b", "o", "p"]));
        assert_eq!(list.before, Before::Listed(BTreeSet::new()));
        list.deleted();
        assert_eq!(
            (&list.before, list.counts()),
            (&Before::NoSchema, (5, 5, 5))
        );
    }

    #[test]
    fn rows_are_narrowed_and_folded() {
        let mut list = Checklist::new(&schema(), &schema());
        let shown = |list: &Checklist| -> Vec<String> {
            list.rows().0.iter().map(|row| row.path.dotted()).collect()
        };
        assert_eq!(shown(&list)[4..], ["a", "b", "o", "o.x", "o.y", "p", "p.q"]);
        list.go_to(&path("o"), 10);
        list.fold();
        assert_eq!(shown(&list)[4..], ["a", "b", "o", "p", "p.q"]);
        list.narrow("X");
        assert_eq!(shown(&list), ["o", "o.x"]);
        list.narrow("");
        assert!(list.go_to(&path("o.y"), 10));
        assert_eq!(shown(&list)[4..], ["a", "b", "o", "o.x", "o.y", "p", "p.q"]);
        list.fold();
        assert_eq!(list.rows().0[list.rows().1.at].path, path("o"));
    }
}

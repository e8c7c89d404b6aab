//! Choosing attributes from a list that narrows while one types: the columns of the table, what it is sorted by, or what a
//! rule is said of.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;

use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::records::columns;
use crate::tui::panes::records::query;
use crate::tui::panes::records::query::Sort;

/// A choice being made.
#[derive(Debug)]
pub struct Picker {
    purpose: Purpose,
    items: Vec<Item>,
    search: String,
    cursor: ListCursor,
}

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Any number of columns, in the order of the list.
    Columns,
    /// Any number of attributes, for whatever asks.
    Attributes,
    /// One attribute, and the direction.
    Sort {
        /// Whether the largest comes first.
        descending: bool,
    },
}

/// An attribute that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The attribute.
    pub path: AttrPath,
    /// Its path as it is shown.
    pub label: String,
    /// Its type, or why it is not offered.
    pub note: String,
    /// Whether it is one of those chosen.
    pub marked: bool,
    /// Whether it can be chosen.
    pub offered: bool,
}

/// What came of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// These attributes, as columns; none at all means the usual ones.
    Columns(Vec<AttrPath>),
    /// This order.
    Sort(Sort),
}

impl Picker {
    /// A choice of columns, those of now first.
    pub fn columns(schema: &EntityType, now: &[AttrPath]) -> Self {
        let all = schema.walk();
        let mut items: Vec<Item> = now
            .iter()
            .map(|path| item(path.clone(), schema, true))
            .collect();
        let others = all
            .into_iter()
            .filter(|(path, _)| !now.contains(path) && path.dotted() != "id");
        items.extend(others.map(|(path, def)| Item {
            label: path.dotted(),
            note: def.attr_type.name().to_owned(),
            path,
            marked: false,
            offered: true,
        }));
        Self::new(Purpose::Columns, items)
    }

    /// A choice of an order, that of now first.
    pub fn sort(schema: &EntityType, now: &Sort) -> Self {
        let mut items = vec![item(now.by.clone(), schema, false)];
        let others = query::sortable(schema)
            .into_iter()
            .filter(|path| *path != now.by);
        items.extend(others.map(|path| item(path, schema, false)));
        let descending = now.descending;
        Self::new(Purpose::Sort { descending }, items)
    }

    /// A choice of attributes that are not built in, those of now first; `unfit` says why one is not offered.
    pub fn attributes(
        schema: &EntityType,
        now: &[AttrPath],
        unfit: impl Fn(&AttrPath, &AttrDef) -> Option<String>,
    ) -> Self {
        let mut items: Vec<Item> = now
            .iter()
            .map(|path| item(path.clone(), schema, true))
            .collect();
        let others = schema
            .walk()
            .into_iter()
            .filter(|(path, def)| !now.contains(path) && !def.is_reserved(path.0.len() == 1));
        items.extend(others.map(|(path, def)| {
            let unfit = unfit(&path, def);
            Item {
                label: path.dotted(),
                offered: unfit.is_none(),
                note: unfit.unwrap_or_else(|| def.attr_type.name().to_owned()),
                path,
                marked: false,
            }
        }));
        Self::new(Purpose::Attributes, items)
    }

    fn new(purpose: Purpose, items: Vec<Item>) -> Self {
        Self {
            purpose,
            items,
            search: String::new(),
            cursor: ListCursor::default(),
        }
    }

    /// What is chosen.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The word for the footer.
    pub fn mode_name(&self) -> &'static str {
        match self.purpose {
            Purpose::Columns => "COLUMNS",
            Purpose::Attributes => "ATTRIBUTES",
            Purpose::Sort { .. } => "SORT",
        }
    }

    /// The text by which the list is narrowed.
    pub fn searched(&self) -> &str {
        &self.search
    }

    /// The attributes that the text leaves, and the cursor among them.
    pub fn shown(&self) -> (Vec<&Item>, ListCursor) {
        let items = self.matching().into_iter();
        (items.map(|at| &self.items[at]).collect(), self.cursor)
    }

    /// How many columns are chosen.
    pub fn marked(&self) -> usize {
        self.items.iter().filter(|item| item.marked).count()
    }

    /// Tells the choice how many rows it shows.
    pub fn set_height(&mut self, rows: usize) {
        self.cursor.height = rows;
        self.cursor.fit(self.matching().len());
    }

    /// Takes a key that is no verb: it narrows the list.
    pub fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.narrow(String::new()),
            KeyCode::Char(c) if !control => {
                let mut search = self.search.clone();
                search.push(c);
                self.narrow(search);
            }
            KeyCode::Backspace => {
                let mut search = self.search.clone();
                search.pop();
                self.narrow(search);
            }
            _ => {}
        }
    }

    /// Narrows the list by what was pasted.
    pub fn paste(&mut self, text: &str) {
        let added: String = text.chars().filter(|c| !c.is_control()).collect();
        self.narrow(format!("{}{added}", self.search));
    }

    /// Moves the cursor.
    pub fn go(&mut self, to: Move) {
        let len = self.matching().len();
        self.cursor.go(to, len);
    }

    /// Scrolls.
    pub fn scroll(&mut self, rows: isize) {
        let len = self.matching().len();
        self.cursor.scroll(rows, len);
    }

    /// Marks the attribute under the cursor as a column, or takes the mark away; turns the order round.
    pub fn toggle(&mut self) {
        match &mut self.purpose {
            Purpose::Sort { descending } => *descending = !*descending,
            Purpose::Columns | Purpose::Attributes => {
                if let Some(at) = self.under_cursor().filter(|at| self.items[*at].offered) {
                    self.items[at].marked = !self.items[at].marked;
                }
            }
        }
    }

    /// Moves the attribute under the cursor among the others; false while the list is narrowed, or nothing can be moved.
    pub fn shift(&mut self, down: bool) -> bool {
        if matches!(self.purpose, Purpose::Sort { .. }) || !self.search.is_empty() {
            return false;
        }
        let at = self.cursor.at;
        let other = if down {
            Some(at + 1)
        } else {
            at.checked_sub(1)
        };
        let Some(other) = other.filter(|other| *other < self.items.len()) else {
            return false;
        };
        self.items.swap(at, other);
        self.cursor.put(other, self.items.len());
        true
    }

    /// Marks the usual columns and no others.
    pub fn usual(&mut self, schema: &EntityType) {
        if self.purpose == Purpose::Columns {
            let height = self.cursor.height;
            *self = Self::columns(schema, &columns::defaults(schema));
            self.set_height(height);
        }
    }

    /// The marked attributes, in the order of the list.
    pub fn chosen(&self) -> Vec<AttrPath> {
        let marked = self.items.iter().filter(|item| item.marked);
        marked.map(|item| item.path.clone()).collect()
    }

    /// What was chosen; `None` when there is nothing under the cursor.
    pub fn choice(&self) -> Option<Choice> {
        Some(match self.purpose {
            Purpose::Columns | Purpose::Attributes => Choice::Columns(self.chosen()),
            Purpose::Sort { descending } => Choice::Sort(Sort {
                by: self.items[self.under_cursor()?].path.clone(),
                descending,
            }),
        })
    }

    fn narrow(&mut self, search: String) {
        self.search = search;
        let len = self.matching().len();
        self.cursor.put(0, len);
    }

    fn under_cursor(&self) -> Option<usize> {
        self.matching().get(self.cursor.at).copied()
    }

    /// The places of the attributes whose path holds the text; those which begin so, or one of whose names does, first.
    fn matching(&self) -> Vec<usize> {
        let wanted = self.search.to_lowercase();
        if wanted.is_empty() {
            return (0..self.items.len()).collect();
        }
        let mut found: Vec<(bool, usize)> = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let label = item.label.to_lowercase();
            if label.contains(&wanted) {
                let begins = label.split('.').any(|name| name.starts_with(&wanted));
                found.push((!(begins || label.starts_with(&wanted)), at));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, at)| at).collect()
    }
}

fn item(path: AttrPath, schema: &EntityType, marked: bool) -> Item {
    let note = schema.get(&path).map_or_else(
        || "not in the schema".to_owned(),
        |def| def.attr_type.name().to_owned(),
    );
    Item {
        label: path.dotted(),
        note,
        path,
        marked,
        offered: true,
    }
}

//! What the attribute's verbs do.

use ratatui::layout::Size;

use crate::capture::attr_type::AttrType;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::schema;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::attribute::Action;
use crate::tui::panes::schema::attribute::Mode;
use crate::tui::panes::schema::attribute::lines::Line;
use crate::tui::panes::schema::attribute::typing::Why;
use crate::tui::panes::schema::attribute::view::BELOW_TYPES;
use crate::tui::panes::schema::attribute::view::Item;
use crate::tui::panes::schema::attribute::view::columns_of_boxes;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::widgets::scroll;

/// Lengths that are usual, in the order in which they are offered.
const LENGTHS: [Option<u32>; 5] = [None, Some(100), Some(256), Some(1_000), Some(4_096)];

impl SchemaPane {
    /// The focus comes to what is under the cursor of the tree: an attribute that was just added is named first.
    pub(in crate::tui::panes::schema) fn begin_attribute(&mut self, after: schema::Action) {
        self.attribute.row = 0;
        self.attribute.column = 0;
        self.attribute.mode = Mode::Verbs;
        let Some(desk) = self.desk() else {
            return;
        };
        let why = match (after, desk.node()) {
            (schema::Action::Add | schema::Action::AddChild, _) => Why::Added,
            (schema::Action::Duplicate, _) => Why::Copied,
            (_, None) if desk.design.stored().is_none() => Why::Chosen,
            _ => return,
        };
        self.start_typing(Line::Name, why);
    }

    /// Tells the pane how large the attribute's inside is.
    pub fn set_attribute_viewport(&mut self, size: Size) {
        self.attribute.size = size;
        if let Mode::Picking(picker) = &mut self.attribute.mode {
            picker.cursor.height = size.height.saturating_sub(1 + BELOW_TYPES).into();
            picker.cursor.fit(picker.rows.len());
        }
        if let Some(desk) = self.desk() {
            let lines = desk.lines();
            let row = self.attribute.row.min(lines.len() - 1);
            let columns = lines.get(row).map_or(1, Vec::len);
            self.attribute.row = row;
            self.attribute.column = self.attribute.column.min(columns - 1);
        }
    }

    /// The line under the cursor.
    pub(in crate::tui::panes::schema) fn line(&self) -> Option<Line> {
        let lines = self.desk()?.lines();
        let row = lines.get(self.attribute.row.min(lines.len() - 1))?;
        row.get(self.attribute.column.min(row.len() - 1)).cloned()
    }

    pub(super) fn put_cursor_on(&mut self, line: &Line) {
        let lines = self.desk().map(Desk::lines).unwrap_or_default();
        for (at, row) in lines.iter().enumerate() {
            if let Some(column) = row.iter().position(|it| it == line) {
                self.attribute.row = at;
                self.attribute.column = column;
            }
        }
    }

    /// Handles an event of the attribute.
    pub fn update_attribute(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let scrolls = matches!(
            event,
            PaneEvent::Scroll(_) | PaneEvent::Act(Action::PageDown | Action::PageUp)
        );
        if !scrolls && !matches!(event, PaneEvent::Click { .. }) {
            self.attribute.scroll = 0;
        }
        match event {
            PaneEvent::Act(Action::UndoText | Action::RedoText)
            | PaneEvent::Key(_)
            | PaneEvent::Paste(_) => self.type_in(event),
            PaneEvent::Act(action) => self.act_on_attribute(action),
            PaneEvent::Click { column, row } => self.click_attribute(column, row),
            PaneEvent::Scroll(rows) => {
                match &mut self.attribute.mode {
                    Mode::Picking(picker) => picker.step(rows.into()),
                    Mode::Verbs | Mode::Typing(_) => self.scroll_attribute(rows.into()),
                }
                None
            }
        }
    }

    fn act_on_attribute(&mut self, action: Action) -> Option<Outcome> {
        match action {
            Action::Edit => return self.edit_line(),
            Action::Toggle => return self.toggle_line(),
            Action::Leave => return Some(Outcome::LeaveAttribute),
            Action::Commit => return self.commit(),
            Action::LeaveText => return self.leave_text(),
            Action::NextText => return self.type_neighbour(true),
            Action::PreviousText => return self.type_neighbour(false),
            Action::TextUp => self.go_vertically(-1),
            Action::TextDown => self.go_vertically(1),
            Action::UndoText | Action::RedoText => {}
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::Left => self.attribute.column = self.attribute.column.saturating_sub(1),
            Action::Right => {
                self.attribute.column += 1;
                self.set_attribute_viewport(self.attribute.size);
            }
            Action::First => self.attribute.row = 0,
            Action::Last => self.step(isize::MAX),
            Action::PageDown => self.scroll_attribute(self.page()),
            Action::PageUp => self.scroll_attribute(-self.page()),
            Action::NextAttribute => return self.act_in_tree(schema::Action::Down),
            Action::PreviousAttribute => return self.act_in_tree(schema::Action::Up),
        }
        None
    }

    fn page(&self) -> isize {
        isize::try_from(self.attribute.size.height.max(2) - 1).unwrap_or(1)
    }

    /// Scrolls what is told; no further than it goes.
    fn scroll_attribute(&mut self, by: isize) {
        self.attribute.scroll = 0;
        let items = self.items();
        let from = self.first_item(&items);
        let height = usize::from(self.attribute.size.height).max(1);
        let most = scroll::max_offset(items.len(), height).saturating_sub(from);
        self.attribute.scroll = most.min(usize::try_from(by).unwrap_or(0));
    }

    /// A verb of the tree, from here: the line under the cursor stays the same.
    pub fn act_in_tree(&mut self, action: schema::Action) -> Option<Outcome> {
        let line = self.line();
        let outcome = self.update(PaneEvent::Act(action));
        if outcome != Some(Outcome::EditAttribute)
            && let Some(line) = line
        {
            self.put_cursor_on(&line);
        }
        outcome
    }

    /// The word beside a key: while a type is chosen, the keys of a text mean something else.
    pub fn attribute_hint(&self, action: Action, hint: &'static str) -> &'static str {
        match (&self.attribute.mode, action) {
            (Mode::Picking(_), Action::Commit) => "choose",
            (Mode::Picking(_), Action::LeaveText) => "leave it",
            (Mode::Picking(_), Action::NextText) => "choose, next text",
            _ => hint,
        }
    }

    /// The line after, or before, whatever it says.
    pub(super) fn step(&mut self, by: isize) {
        self.attribute.row = self.attribute.row.saturating_add_signed(by);
        self.set_attribute_viewport(self.attribute.size);
    }

    /// The next line that can be changed.
    pub(super) fn go_on(&mut self) {
        let Some(desk) = self.desk() else {
            return;
        };
        let lines = desk.lines();
        let can = |row: &Vec<Line>| row.iter().any(|line| desk.refuses_line(line).is_none());
        let next = (self.attribute.row + 1..lines.len()).find(|at| can(&lines[*at]));
        if let Some(at) = next {
            self.attribute.row = at;
            self.attribute.column = 0;
        }
    }

    fn go_vertically(&mut self, by: isize) {
        if let Mode::Picking(picker) = &mut self.attribute.mode {
            picker.step(by);
            return;
        }
        self.stop_typing();
        self.step(by);
    }

    fn edit_line(&mut self) -> Option<Outcome> {
        let line = self.line()?;
        if let Some(reason) = self.desk()?.refuses_line(&line) {
            return Some(Outcome::Refused(reason));
        }
        match line {
            Line::Name | Line::Description | Line::Length => self.start_typing(line, Why::Chosen),
            Line::Type => {
                let id = self.desk()?.node()?;
                self.open_picker(vec![id], false);
            }
            Line::Case | Line::Constraint(_) | Line::Feature(_) => return self.toggle_line(),
        }
        None
    }

    fn toggle_line(&mut self) -> Option<Outcome> {
        let line = self.line()?;
        if matches!(line, Line::Name | Line::Type | Line::Description) {
            return self.edit_line();
        }
        let desk = self.desk_mut()?;
        if let Some(reason) = desk.refuses_line(&line) {
            return Some(Outcome::Refused(reason));
        }
        let id = desk.node()?;
        desk.toggle(id, &line);
        None
    }

    fn click_attribute(&mut self, column: u16, row: u16) -> Option<Outcome> {
        if let Mode::Picking(picker) = &mut self.attribute.mode {
            let row = row.checked_sub(1)?;
            if picker.cursor.click(row, picker.rows.len()) {
                return self.commit();
            }
            return None;
        }
        let items = self.items();
        let at = self.first_item(&items) + usize::from(row);
        let second = |features| {
            let [_, second] = columns_of_boxes(self.attribute.size.width, features);
            usize::from(column >= second)
        };
        let (row, column) = match items.get(at)? {
            Item::Row(row) => (*row, 0),
            Item::Pair(row) => (*row, second(false)),
            Item::Features(row) => (*row, second(true)),
            _ => return None,
        };
        let before = (self.attribute.row, self.attribute.column);
        let was_typing = self.attribute.typing();
        self.attribute.scroll = 0;
        self.stop_typing();
        self.attribute.row = row;
        self.attribute.column = column;
        self.set_attribute_viewport(self.attribute.size);
        let is_box = matches!(self.line(), Some(Line::Constraint(_) | Line::Feature(_)));
        if is_box || (before == (row, column) && !was_typing) {
            return self.edit_line();
        }
        None
    }
}

impl Desk {
    /// Sets what is not set, and the other way round. New ones come last: their order is the one that is sent.
    fn toggle(&mut self, id: NodeId, line: &Line) {
        let stored = self.design.stored_def(id).cloned();
        self.design.change(|tree| {
            let Some(node) = tree.get_mut(id) else {
                return;
            };
            let def = &mut node.def;
            match line {
                Line::Constraint(constraint) => {
                    let stored = stored.and_then(|stored| stored.constraints);
                    switch(&mut def.constraints, constraint, stored);
                }
                Line::Feature(feature) => {
                    let stored = stored.and_then(|stored| stored.features);
                    switch(&mut def.features, feature, stored);
                }
                Line::Case => {
                    if let AttrType::String { case_sensitive, .. } = &mut def.attr_type {
                        *case_sensitive = !*case_sensitive;
                    }
                }
                Line::Length => {
                    if let AttrType::String { length, .. } = &mut def.attr_type {
                        let at = LENGTHS.iter().position(|usual| usual == length);
                        *length = LENGTHS[at.map_or(0, |at| (at + 1) % LENGTHS.len())];
                    }
                }
                Line::Name | Line::Type | Line::Description => {}
            }
        });
        self.rebuild();
    }
}

/// Takes `item` out of the list or puts it at its end. A set that is stored keeps the order in which it is stored.
fn switch<T: Clone + Ord>(list: &mut Option<Vec<T>>, item: &T, stored: Option<Vec<T>>) {
    let mut items = list.take().unwrap_or_default();
    if items.contains(item) {
        items.retain(|it| it != item);
    } else {
        items.push(item.clone());
    }
    let sorted = |items: &[T]| {
        let mut items = items.to_vec();
        items.sort();
        items
    };
    let as_stored = stored.is_some_and(|stored| {
        let is_same = sorted(&stored) == sorted(&items);
        if is_same {
            items = stored;
        }
        is_same
    });
    *list = (as_stored || !items.is_empty()).then_some(items);
}

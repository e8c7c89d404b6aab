//! What the tree's verbs do.

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::attr_defs_as_sent;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::line_input::LineInput;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::schema::Action;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::Place;
use crate::tui::panes::schema::design::State;
use crate::tui::panes::schema::rows::Row;

/// Said when there is no design.
pub(in crate::tui::panes::schema) const NOTHING_OPEN: &str =
    "<schema.begin> begins a new entity type; <app.types>, then <types.choose> opens one";

impl SchemaPane {
    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let event = match self.update_beside(event) {
            Ok(outcome) => return outcome,
            Err(event) => event,
        };
        let is_filter_verb = matches!(
            event,
            PaneEvent::Act(Action::Filter | Action::KeepFilter | Action::ClearFilter)
        );
        if is_filter_verb || matches!(event, PaneEvent::Key(_) | PaneEvent::Paste(_)) {
            self.filter_event(event);
            return None;
        }
        let after = match event {
            PaneEvent::Act(action) => action,
            _ => Action::Edit,
        };
        let desk = self.desk_mut()?;
        let outcome = match event {
            PaneEvent::Act(action) => desk.act(action),
            PaneEvent::Scroll(rows) => {
                desk.cursor.scroll(rows.into(), desk.rows.len());
                None
            }
            PaneEvent::Click { column, row } => desk.click(column, row),
            PaneEvent::Key(_) | PaneEvent::Paste(_) => None,
        };
        if outcome == Some(Outcome::EditAttribute) {
            self.begin_attribute(after);
        }
        outcome
    }

    /// Writing the filter, which works while it is written.
    fn filter_event(&mut self, event: PaneEvent<Action>) {
        match event {
            PaneEvent::Act(Action::Filter) => {
                let text = self.desk().map_or("", |desk| &desk.filter);
                self.filtering = Some(LineInput::selected(text));
            }
            PaneEvent::Act(Action::KeepFilter) => self.filtering = None,
            PaneEvent::Act(_) => self.clear_filter(),
            PaneEvent::Key(key) => {
                if let Some(input) = &mut self.filtering {
                    input.key(key);
                }
            }
            PaneEvent::Paste(text) => {
                if let Some(input) = &mut self.filtering {
                    input.paste(&text);
                }
            }
            PaneEvent::Click { .. } | PaneEvent::Scroll(_) => {}
        }
        let Some(text) = self
            .filtering
            .as_ref()
            .map(|input| input.text().trim().to_owned())
        else {
            return;
        };
        if let Some(desk) = self.desk_mut()
            && desk.filter != text
        {
            desk.refilter(text);
        }
    }

    /// Whether plain characters belong to the filter now.
    pub fn is_filtering(&self) -> bool {
        self.filtering.is_some()
    }

    /// Whether there is a filter.
    pub(in crate::tui::panes::schema) fn shows_filter(&self) -> bool {
        self.is_filtering() || self.desk().is_some_and(|desk| !desk.filter.is_empty())
    }

    /// Shows all attributes again; the cursor stays.
    pub fn clear_filter(&mut self) {
        self.filtering = None;
        if let Some(desk) = self.desk_mut() {
            desk.filter.clear();
            let under_cursor = desk.node();
            desk.go_to(under_cursor);
        }
    }

    /// Why F5 cannot be used now.
    pub fn refuses_sending(&self) -> Option<&'static str> {
        self.desk().is_none().then_some(NOTHING_OPEN)
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        if let Some(answer) = self.refuses_beside(action) {
            return answer.err();
        }
        self.desk()?.refuses(action)
    }

    /// F5: the call that creates the entity type, or the plan that changes it.
    pub fn submit(&mut self) -> Outcome {
        let Some((key, desk)) = self.current.clone().zip(self.desk_mut()) else {
            return Outcome::Refused(NOTHING_OPEN.to_owned());
        };
        if !matches!(key, DesignKey::New(_)) {
            return Outcome::Plan;
        }
        let count = desk.design.problem_count();
        if count > 0 && !desk.insisted {
            desk.insisted = true;
            return Outcome::Refused(match count {
                1 => "not sent: 1 problem, <schema.next-problem> goes to it. <app.send> again sends it anyway".to_owned(),
                _ => format!(
                    "not sent: {count} problems, <schema.next-problem> goes to the next. <app.send> again sends it anyway"
                ),
            });
        }
        desk.insisted = false;
        let request = desk.create_request();
        self.waiting = Some((key, None));
        Outcome::Called(request)
    }

    /// The word for what F5 does.
    pub fn send_word(&self) -> &'static str {
        match self.current {
            Some(DesignKey::Stored(_)) => "plan",
            _ => "create",
        }
    }
}

impl Desk {
    pub(in crate::tui::panes::schema) fn create_request(&self) -> ApiRequest {
        let tree = self.design.tree();
        let attr_defs = attr_defs_as_sent(&tree.attr_defs());
        ApiRequest::new(Endpoint::TypeCreate)
            .with("type_name", tree.name.clone())
            .with("attr_defs", Json::to_string(&attr_defs))
    }

    fn refuses(&self, action: Action) -> Option<&'static str> {
        let design = &self.design;
        match action {
            Action::Undo if !design.can_undo() => Some("there is nothing to take back"),
            Action::Redo if !design.can_redo() => Some("there is nothing to make again"),
            Action::NextProblem | Action::PreviousProblem if design.problem_count() == 0 => {
                Some("there is no problem")
            }
            Action::AddChild
            | Action::Duplicate
            | Action::Remove
            | Action::Reset
            | Action::MoveUp
            | Action::MoveDown
            | Action::MoveIn
            | Action::MoveOut => match self.node() {
                Some(id) => self.refuses_at(action, id),
                None if action == Action::AddChild => None,
                None => Some("this is the entity type itself"),
            },
            _ => None,
        }
    }

    /// Why a verb cannot be used on an attribute.
    fn refuses_at(&self, action: Action, id: NodeId) -> Option<&'static str> {
        let design = &self.design;
        let node = design.node(id)?;
        let holds_others = node.is_container();
        let is_gone = design.state(id) == State::Removed;
        match action {
            Action::AddChild if !holds_others => Some(
                "only an object and a plural hold attributes: <schema.add> adds one beside this",
            ),
            Action::AddChild if is_gone => {
                Some("this is marked for removal: <schema.remove> takes the mark away")
            }
            Action::AddChild => None,
            _ if design.state(id) == State::BuiltIn => {
                Some("this is built in: the service adds it by itself")
            }
            Action::Remove if design.goes_along(id) => Some(
                "what this is in is marked for removal: <schema.remove> there takes the mark away",
            ),
            Action::Reset if node.origin.is_none() => {
                Some("this is new: <schema.remove> takes it out")
            }
            Action::Reset if design.state(id) == State::Same => Some("this is as it is stored"),
            Action::MoveUp | Action::MoveDown if design.stored().is_some() => {
                Some("there is no order: the service sorts stored attributes by name")
            }
            Action::MoveUp if self.place_up(id).is_none() => Some("this is the first one here"),
            Action::MoveDown if self.place_down(id).is_none() => Some("this is the last one here"),
            Action::MoveIn if self.place_in(id).is_none() => {
                Some("there is no object or plural right before this to go into")
            }
            Action::MoveOut if design.place(id)?.holder.is_none() => {
                Some("this is at the top already")
            }
            _ => None,
        }
    }

    fn act(&mut self, action: Action) -> Option<Outcome> {
        let len = self.rows.len();
        self.insisted = false;
        let mut told = None;
        match action {
            Action::Add => self.add(self.place_after()),
            Action::AddChild => self.add(self.place_inside()),
            Action::Duplicate => self.duplicate(),
            Action::Remove => told = self.remove(),
            Action::Reset => self.reset(),
            Action::MoveUp => told = self.move_to(Self::place_up),
            Action::MoveDown => told = self.move_to(Self::place_down),
            Action::MoveIn => told = self.move_to(Self::place_in),
            Action::MoveOut => told = self.move_to(Self::place_out),
            Action::Undo => self.step_back(true),
            Action::Redo => self.step_back(false),
            Action::NextProblem => self.go_to_problem(true),
            Action::PreviousProblem => self.go_to_problem(false),
            Action::Down => self.cursor.go(Move::By(1), len),
            Action::Up => self.cursor.go(Move::By(-1), len),
            Action::NextSibling => self.go_to_sibling(true),
            Action::PreviousSibling => self.go_to_sibling(false),
            Action::PageDown => self.cursor.go(Move::Pages(1), len),
            Action::PageUp => self.cursor.go(Move::Pages(-1), len),
            Action::First => self.cursor.go(Move::First, len),
            Action::Last => self.cursor.go(Move::Last, len),
            Action::Fold => self.fold(),
            Action::Unfold => self.unfold(),
            Action::FoldAll => self.fold_all(),
            Action::UnfoldAll => self.folded.clear(),
            // The others are the pane's.
            _ => {}
        }
        if !is_move(action) {
            self.rebuild();
        }
        match action {
            Action::Add | Action::AddChild | Action::Duplicate | Action::Edit => {
                Some(Outcome::EditAttribute)
            }
            _ => told.map(|text| Outcome::Told(text.to_owned())),
        }
    }

    /// A click selects, a second one edits; on the mark of what can be folded it folds.
    fn click(&mut self, column: u16, row: u16) -> Option<Outcome> {
        let before = self.cursor.at;
        if !self.cursor.click(row, self.rows.len()) {
            return None;
        }
        let row = *self.rows.get(self.cursor.at)?;
        if let Some(id) = row.node
            && usize::from(column).abs_diff(Self::fold_column(row)) <= 1
            && self.holds_shown(id)
        {
            if !self.folded.remove(&id) {
                self.folded.insert(id);
            }
            self.rebuild();
            return None;
        }
        (self.cursor.at == before).then_some(Outcome::EditAttribute)
    }

    /// Whether there is something in it to be folded.
    pub(in crate::tui::panes::schema) fn holds_shown(&self, id: NodeId) -> bool {
        let node = self.design.node(id);
        node.is_some_and(|node| !node.shown_members().is_empty())
    }

    /// After the attribute under the cursor; at the end of the type when on the type itself.
    fn place_after(&self) -> Place {
        match self.node().and_then(|id| self.design.place(id)) {
            Some(place) => Place {
                at: place.at + 1,
                ..place
            },
            None => self.place_at_end(None),
        }
    }

    /// At the end of the attribute under the cursor.
    fn place_inside(&self) -> Place {
        self.place_at_end(self.node())
    }

    fn place_at_end(&self, holder: Option<NodeId>) -> Place {
        Place {
            holder,
            at: self.design.tree().members(holder).len(),
        }
    }

    fn place_up(&self, id: NodeId) -> Option<Place> {
        let place = self.design.place(id)?;
        let at = place.at.checked_sub(1)?;
        Some(Place { at, ..place })
    }

    fn place_down(&self, id: NodeId) -> Option<Place> {
        let place = self.design.place(id)?;
        let at = place.at + 1;
        (at < self.design.tree().members(place.holder).len()).then_some(Place { at, ..place })
    }

    /// At the end of the object or plural right before it.
    fn place_in(&self, id: NodeId) -> Option<Place> {
        let place = self.design.place(id)?;
        let siblings = self.design.tree().members(place.holder);
        let before = siblings.get(place.at.checked_sub(1)?)?;
        (before.is_container() && !before.removed).then(|| self.place_at_end(Some(before.id)))
    }

    /// Behind what it is in.
    fn place_out(&self, id: NodeId) -> Option<Place> {
        let holder = self.design.place(id)?.holder?;
        let place = self.design.place(holder)?;
        Some(Place {
            at: place.at + 1,
            ..place
        })
    }

    fn move_to(&mut self, to: fn(&Self, NodeId) -> Option<Place>) -> Option<&'static str> {
        let id = self.node()?;
        let (before, place) = (self.design.place(id)?, to(self, id)?);
        self.design.change(|tree| {
            if let Some(node) = tree.take(id) {
                tree.put(place, node);
            }
        });
        self.go_to(Some(id));
        if before.holder == place.holder {
            Some("sent in this order; the service gives attributes back by name")
        } else {
            None
        }
    }

    /// Adds a string without a name, which is to be given next.
    fn add(&mut self, place: Place) {
        let def = AttrDef::new("", AttrType::from_name("string"));
        let id = self.design.change(|tree| tree.insert(place, &def));
        self.go_to(id);
    }

    /// Adds a copy behind the original, under a name that is free there.
    fn duplicate(&mut self) {
        let Some(node) = self.node().and_then(|id| self.design.node(id)) else {
            return;
        };
        let mut def = node.to_attr_def();
        let place = self.place_after();
        let siblings = self.design.tree().members(place.holder);
        def.name = free_name(&def.name, |name| {
            siblings.iter().any(|node| node.def.name == name)
        });
        let id = self.design.change(|tree| tree.insert(place, &def));
        self.go_to(id);
    }

    fn remove(&mut self) -> Option<&'static str> {
        let id = self.node()?;
        self.design.change(|tree| match tree.get_mut(id) {
            Some(node) if node.origin.is_some() => {
                node.removed = !node.removed;
                node.removed.then_some(
                    "removing deletes every record's value: <schema.remove> again keeps it",
                )
            }
            Some(_) => {
                tree.take(id);
                Some("taken out: <schema.undo> brings it back")
            }
            None => None,
        })
    }

    /// Brings back name, definition and place of the attribute under the cursor; what is in it stays as it is.
    fn reset(&mut self) {
        let stored = self.node().and_then(|id| {
            let origin = self.design.node(id)?.origin.as_ref()?;
            let holder = origin.parent()?;
            let home = self.design.order().iter().copied().find(|id| {
                let node = self.design.node(*id);
                node.is_some_and(|node| node.origin.as_ref() == Some(&holder))
            });
            let is_known = holder.is_root() || home.is_some();
            Some((id, self.design.stored_def(id)?.clone(), home, is_known))
        });
        let Some((id, def, home, is_known)) = stored else {
            return;
        };
        let is_away = self.design.place(id).map(|place| place.holder) != Some(home);
        let end = self.place_at_end(home);
        self.design.change(|tree| {
            if let Some(node) = tree.get_mut(id) {
                node.def = def;
                node.removed = false;
            }
            if is_known
                && is_away
                && let Some(node) = tree.take(id)
            {
                tree.put(end, node);
            }
        });
        self.go_to(Some(id));
    }

    /// Undo and redo: the cursor goes to where the change was.
    pub(in crate::tui::panes::schema) fn step_back(&mut self, back: bool) {
        let changed = if back {
            self.design.undo()
        } else {
            self.design.redo()
        };
        if let Some(id) = changed {
            self.go_to(id);
        }
    }

    fn fold(&mut self) {
        let Some(id) = self.node() else {
            return;
        };
        if self.holds_shown(id) && !self.folded.contains(&id) {
            self.folded.insert(id);
        } else {
            let holder = self.design.place(id).and_then(|place| place.holder);
            self.go_to(holder);
        }
    }

    fn unfold(&mut self) {
        if let Some(id) = self.node()
            && !self.folded.remove(&id)
        {
            self.cursor.go(Move::By(1), self.rows.len());
        }
    }

    /// Folds everything; the cursor goes to what holds its attribute at the top.
    fn fold_all(&mut self) {
        let mut top = self.node();
        while let Some(holder) = top.and_then(|id| self.design.place(id)?.holder) {
            top = Some(holder);
        }
        let holders = self.design.order().iter().copied();
        self.folded = holders.filter(|id| self.holds_shown(*id)).collect();
        self.go_to(top);
    }

    fn go_to_sibling(&mut self, forward: bool) {
        let Some(place) = self.node().and_then(|id| self.design.place(id)) else {
            return;
        };
        let siblings = self.design.tree().members(place.holder);
        let at = if forward {
            Some(place.at + 1)
        } else {
            place.at.checked_sub(1)
        };
        if let Some(sibling) = at.and_then(|at| siblings.get(at)) {
            let id = sibling.id;
            self.go_to(Some(id));
        }
    }

    /// Shows what another filter finds; the cursor stays on its attribute when that is found, else it goes to the first.
    fn refilter(&mut self, filter: String) {
        let under_cursor = self.node();
        self.filter = filter;
        self.make_rows();
        let here = |row: &Row| row.node == under_cursor && row.is_match;
        let stays = self.rows.iter().position(here);
        let at = stays.or_else(|| self.rows.iter().position(|row| row.is_match));
        self.cursor.put(at.unwrap_or(0), self.rows.len());
    }

    /// Goes to the next problem, or to the one before; behind the last is the first.
    pub(in crate::tui::panes::schema) fn go_to_problem(&mut self, forward: bool) {
        let whole = std::iter::once(None);
        let all: Vec<Option<NodeId>> = whole
            .chain(self.design.order().iter().copied().map(Some))
            .collect();
        let here = self.node();
        let at = all.iter().position(|id| *id == here).unwrap_or(0);
        let has_problem = |index: &usize| match all[*index] {
            None => !self.design.general_problems().is_empty(),
            Some(id) => !self.design.problems_at(id).is_empty(),
        };
        let len = all.len();
        let mut steps = (1..=len).map(|step| {
            if forward {
                (at + step) % len
            } else {
                (at + len - step) % len
            }
        });
        if let Some(found) = steps.find(has_problem) {
            self.go_to(all[found]);
        }
    }
}

/// Whether a verb only moves the cursor: the rows stay as they are.
fn is_move(action: Action) -> bool {
    matches!(
        action,
        Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::Edit
    )
}

/// `name` with the first number from 2 on that makes it free.
fn free_name(name: &str, is_used: impl Fn(&str) -> bool) -> String {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[stem.len()..].parse::<u32>().unwrap_or(1);
    (1..=u32::MAX - number)
        .map(|step| format!("{stem}{}", number + step))
        .find(|name| !is_used(name))
        .unwrap_or_default()
}

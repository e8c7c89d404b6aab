//! What the form's verbs and clicks do. Editing a text is `typing`.

use jiff::Timestamp;

use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::Typing;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::NodeMut;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::rows::RowKind;
use crate::tui::panes::form::view::Columns;
use crate::tui::session::Session;

/// The fewest rows that the editor of a text of several lines takes.
const FEWEST_LINES: u16 = 3;

/// The most rows that it takes, even where there is room for more.
const MOST_LINES: usize = 12;

impl FormPane {
    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>, session: &Session) -> Option<Outcome> {
        let now = session.now;
        // Ten thousand rows are not made anew for a step of the cursor or a letter.
        let only_moves = match &event {
            PaneEvent::Act(action) => only_moves(*action),
            PaneEvent::Key(_) => !self.is_typing_lines(),
            PaneEvent::Paste(_) | PaneEvent::Click { .. } | PaneEvent::Scroll(_) => false,
        };
        let outcome = match event {
            PaneEvent::Act(action) => {
                let refusal = self.refuses(action);
                if let Some(reason) = refusal {
                    Some(Outcome::Refused(reason.to_owned()))
                } else {
                    self.act(action, now);
                    self.done(action).map(|text| Outcome::Told(text.to_owned()))
                }
            }
            PaneEvent::Key(key) => {
                self.key(key);
                None
            }
            PaneEvent::Paste(text) => self.paste(&text),
            PaneEvent::Click { column, row } => {
                self.click(column, row, now);
                None
            }
            PaneEvent::Scroll(rows) => {
                self.scroll(rows);
                return None;
            }
        };
        if only_moves {
            self.keep_cursor_in_view();
        } else {
            self.settle();
        }
        outcome
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let Some(draft) = self.draft() else {
            return Some("there is no form yet: choose an entity type");
        };
        let field = draft.field();
        let (on_element, on_heading) = match draft.node() {
            Some(Node::Element(_)) => (true, false),
            Some(Node::Field(_)) => (false, false),
            None => (false, true),
        };
        match action {
            Action::SetAbsent | Action::SetNull | Action::SetEmpty | Action::ResetField
                if on_element =>
            {
                Some("an element is there or is not: d deletes it")
            }
            Action::SetAbsent | Action::SetNull | Action::SetEmpty | Action::ResetField
                if on_heading =>
            {
                Some("put the cursor on a field first")
            }
            Action::SetEmpty if !field.is_some_and(can_be_empty) => {
                Some("nothing of this type is empty: x leaves it out, - sends null")
            }
            Action::Toggle if !field.is_some_and(is_toggle) => {
                Some("only true and false are switched: Enter edits")
            }
            Action::Add if plural_around(draft).is_none() => {
                Some("put the cursor on a plural or in one to add an element")
            }
            Action::Delete if element_around(draft).is_none() => {
                Some("put the cursor on the element to delete")
            }
            Action::NextProblem | Action::PreviousProblem if draft.problems() == 0 => {
                Some("no problem is known; F5 checks everything and sends")
            }
            Action::Undo if !draft.can_undo() => Some("there is nothing to take back"),
            Action::Commit
            | Action::Leave
            | Action::CommitNext
            | Action::CommitPrevious
            | Action::EditUp
            | Action::EditDown
                if self.typing.is_none() =>
            {
                Some("nothing is being edited")
            }
            _ => None,
        }
    }

    /// What a verb did, when the form alone does not show it.
    fn done(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::NewDraft => Some("begun anew: u brings back what was there"),
            Action::IncludeRecord if self.draft()?.include_record => {
                Some("the answer will hold the stored record")
            }
            Action::IncludeRecord => Some("the answer will hold the id and the uuid alone"),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, now: Timestamp) {
        match action {
            Action::Edit => self.edit(now),
            Action::Toggle => self.change(now, toggle),
            Action::SetAbsent => self.change(now, |field| set(field, Presence::Absent)),
            Action::SetNull => self.change(now, |field| set(field, Presence::Null)),
            Action::SetEmpty => self.change(now, |field| set(field, Presence::Given)),
            Action::ResetField => self.reset_field(now),
            Action::Add => self.add_element(),
            Action::Delete => self.delete_element(),
            Action::Undo => self.undo(),
            Action::NextProblem => self.go_to_problem(true),
            Action::PreviousProblem => self.go_to_problem(false),
            Action::Filter => self.start_filter(),
            Action::IncludeRecord => self.toggle_include_record(),
            Action::NewDraft => self.reset(),
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(self.page()),
            Action::PageUp => self.step(-self.page()),
            Action::First => self.step(isize::MIN / 2),
            Action::Last => self.step(isize::MAX / 2),
            Action::Fold => self.fold(),
            Action::Unfold => self.unfold(),
            Action::NextGroup => self.go_to_group(true),
            Action::PreviousGroup => self.go_to_group(false),
            Action::Commit => self.commit_and_go_on(now),
            Action::Leave => self.leave(now),
            Action::CommitNext => self.edit_neighbour(true, now),
            Action::CommitPrevious => self.edit_neighbour(false, now),
            Action::EditUp => self.edit_vertically(-1, now),
            Action::EditDown => self.edit_vertically(1, now),
        }
    }

    // ---- Moving ----

    /// Moves by as many rows on which the cursor can stand, as far as there are any.
    pub(super) fn step(&mut self, by: isize) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let stops: Vec<usize> = (0..draft.rows.len())
            .filter(|at| draft.rows[*at].takes_cursor())
            .collect();
        let Some(last) = stops.len().checked_sub(1) else {
            return;
        };
        let here = stops.partition_point(|at| *at < draft.cursor);
        draft.cursor = stops[here.saturating_add_signed(by).min(last)];
    }

    fn page(&self) -> isize {
        (self.body_rows().saturating_sub(1)).max(1) as isize
    }

    fn go_to_group(&mut self, forward: bool) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let is_heading = |at: &usize| matches!(draft.rows[*at].kind, RowKind::Group(_));
        let found = if forward {
            (draft.cursor + 1..draft.rows.len()).find(is_heading)
        } else {
            (0..draft.cursor).rev().find(is_heading)
        };
        draft.cursor = found.unwrap_or(draft.cursor);
    }

    fn go_to_problem(&mut self, forward: bool) {
        let Some(draft) = self.draft() else {
            return;
        };
        let places = draft.problem_places();
        let key = |place: &Place| {
            (
                draft.group_of(place).map(|group| group as usize),
                place.clone(),
            )
        };
        let here = draft.place().map(key);
        let next = if forward {
            let after = places.iter().find(|place| Some(key(place)) > here);
            after.or(places.first())
        } else {
            let before = places.iter().rev().find(|place| Some(key(place)) < here);
            before.or(places.last())
        };
        if let Some(place) = next.cloned() {
            self.show(&place);
        }
    }

    fn scroll(&mut self, by: i16) {
        let body = self.body_rows();
        if let Some(draft) = self.draft_mut() {
            let last = draft.rows.len().saturating_sub(body);
            draft.scroll = draft.scroll.saturating_add_signed(by.into()).min(last);
        }
    }

    /// A click focuses its row and folds where a fold is drawn; on the focused row it edits.
    fn click(&mut self, column: u16, row: u16, now: Timestamp) {
        let body = self.body_rows();
        let Some(draft) = self.draft() else {
            return;
        };
        let columns = Columns::new(self.size.width, draft.names);
        let clicked = draft.scroll + usize::from(row);
        if usize::from(row) >= body || clicked >= draft.rows.len() {
            return;
        }
        // A problem and an editor belong to the field above them.
        let owner = (0..=clicked)
            .rev()
            .find(|at| draft.rows[*at].takes_cursor());
        let Some(at) = owner else {
            return;
        };
        let again = at == draft.cursor;
        let target = draft.rows[at].clone();
        if self.typing.is_some() {
            if again {
                return;
            }
            // Rows of a problem or of the editor may come or go above the row that was clicked.
            self.commit(now);
            self.rebuild();
        }
        if let Some(draft) = self.draft_mut() {
            let same = draft.rows.iter().position(|row| *row == target);
            draft.cursor = same.unwrap_or(draft.cursor);
        }
        let folds = match target.kind {
            RowKind::Group(_) => true,
            _ => self.draft().is_some_and(unfolds_here) && columns.is_mark(column, target.depth),
        };
        if again || folds {
            self.edit(now);
        }
    }

    // ---- Folding ----

    fn fold(&mut self) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(row) = draft.rows.get(draft.cursor).cloned() else {
            return;
        };
        if let RowKind::Group(group) = row.kind {
            draft.open_group(group, false);
        } else if !set_open(draft, &row.place, false) {
            let (_, around) = row.place.split_last().unwrap_or((&0, &[]));
            draft.put_cursor(if around.is_empty() {
                &row.place
            } else {
                around
            });
            if around.is_empty() {
                self.go_to_group(false);
            }
        }
    }

    fn unfold(&mut self) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(row) = draft.rows.get(draft.cursor).cloned() else {
            return;
        };
        let is_open = match row.kind {
            RowKind::Group(group) => {
                let open = draft.is_group_open(group);
                draft.open_group(group, true);
                open
            }
            _ => !set_open(draft, &row.place, true) && draft.node().is_some_and(Node::is_open),
        };
        if is_open {
            self.step(1);
        }
    }

    // ---- Values ----

    /// Changes the field under the cursor, then checks it.
    fn change(&mut self, now: Timestamp, change: impl FnOnce(&mut Field)) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(place) = draft.place().cloned() else {
            return;
        };
        if field::field(&draft.fields, &place).is_none() {
            return;
        }
        draft.before_change();
        if let Some(field) = field::field_mut(&mut draft.fields, &place) {
            change(field);
        }
        draft.check(&place, now);
    }

    fn reset_field(&mut self, now: Timestamp) {
        let loaded = self
            .draft()
            .and_then(|draft| draft.as_loaded(draft.place()?));
        if let Some(loaded) = loaded {
            self.change(now, |field| {
                let open = field.open;
                *field = loaded;
                field.open = open;
            });
        }
        // What was there at first is not blamed on the user before sending.
        if let Some(draft) = self.draft_mut()
            && let Some(place) = draft.place().cloned()
            && field::field(&draft.fields, &place).is_some_and(|field| !field.is_set())
        {
            draft.set_problem(&place, None);
        }
    }

    fn add_element(&mut self) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(place) = plural_around(draft) else {
            return;
        };
        draft.before_change();
        let Some(field) = field::field_mut(&mut draft.fields, &place) else {
            return;
        };
        let members = &field.attr.members;
        let element = Element {
            fields: members.iter().map(Field::new).collect(),
            id: None,
            open: true,
            problem: None,
        };
        let mut first = place.clone();
        field.presence = Presence::Given;
        field.open = true;
        if let Editor::Plural(elements) = &mut field.editor {
            first.push(elements.len() as u32);
            if !element.fields.is_empty() {
                // The service sorts by name: what an element cannot do without is where writing it begins.
                let key = members.iter().position(|member| {
                    member.def.has(&Constraint::Required)
                        || member.def.has_feature(&Feature::PrimaryKey)
                });
                first.push(key.unwrap_or(0) as u32);
            }
            elements.push(element);
        }
        self.show(&first);
        // Whoever adds an element has something to write into it.
        self.start_typing();
    }

    fn delete_element(&mut self) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(place) = element_around(draft) else {
            return;
        };
        let Some((at, plural)) = place.split_last() else {
            return;
        };
        draft.before_change();
        let mut left = 0;
        if let Some(Field {
            editor: Editor::Plural(elements),
            ..
        }) = field::field_mut(&mut draft.fields, plural)
        {
            elements.remove(*at as usize);
            left = elements.len() as u32;
        }
        let mut neighbour = plural.to_vec();
        if let Some(last) = left.checked_sub(1) {
            neighbour.push((*at).min(last));
        }
        self.show(&neighbour);
    }

    fn undo(&mut self) {
        if let Some(draft) = self.draft_mut() {
            draft.undo();
        }
    }

    fn toggle_include_record(&mut self) {
        if let Some(draft) = self.draft_mut() {
            draft.include_record = !draft.include_record;
        }
    }

    /// Enter: text is edited, everything else does the nearest thing to it.
    fn edit(&mut self, now: Timestamp) {
        let Some(draft) = self.draft() else {
            return;
        };
        match draft.node() {
            None => self.toggle_group(),
            Some(Node::Element(element)) => {
                let open = !element.open;
                self.set_open_here(open);
            }
            Some(Node::Field(field)) => match &field.editor {
                Editor::Text(_) | Editor::Json(_) => self.start_typing(),
                Editor::Toggle(_) => self.change(now, toggle),
                Editor::Plural(elements) if elements.is_empty() => self.add_element(),
                Editor::Object(_) if field.presence == Presence::Null => {
                    self.change(now, |field| set(field, Presence::Absent));
                    self.set_open_here(true);
                }
                Editor::Object(_) | Editor::Plural(_) => {
                    let open = !field.open;
                    self.set_open_here(open);
                }
            },
        }
    }

    fn toggle_group(&mut self) {
        if let Some(draft) = self.draft_mut()
            && let Some(RowKind::Group(group)) = draft.rows.get(draft.cursor).map(|row| row.kind)
        {
            let open = draft.is_group_open(group);
            draft.open_group(group, !open);
        }
    }

    fn set_open_here(&mut self, open: bool) {
        if let Some(draft) = self.draft_mut()
            && let Some(place) = draft.place().cloned()
        {
            set_open(draft, &place, open);
        }
    }

    // ---- Rows and scrolling ----

    /// How many rows the fields have; the filter's line takes one.
    pub(super) fn body_rows(&self) -> usize {
        let filter = usize::from(self.shows_filter());
        usize::from(self.size.height).saturating_sub(filter)
    }

    pub(super) fn shows_filter(&self) -> bool {
        self.is_typing_filter() || self.draft().is_some_and(|draft| !draft.filter.is_empty())
    }

    pub(super) fn rebuild(&mut self) {
        let width = self.size.width;
        let most = self.body_rows().saturating_sub(2).clamp(1, MOST_LINES) as u16;
        let editor = match &self.typing {
            Some(Typing {
                target:
                    Target::Field {
                        place,
                        multiline: true,
                    },
                area,
                ..
            }) => {
                let lines = (area.lines().len() as u16).max(FEWEST_LINES).min(most);
                Some((place.clone(), lines))
            }
            _ => None,
        };
        if let Some(draft) = self.draft_mut() {
            let editor = editor
                .as_ref()
                .map(|(place, lines)| (place.as_slice(), *lines));
            let columns = Columns::new(width, draft.names);
            draft.rebuild(columns.reason_width(), editor);
        }
    }

    /// Brings rows and scrolling up to date after anything that may have changed them.
    pub(super) fn settle(&mut self) {
        self.rebuild();
        self.keep_cursor_in_view();
    }

    /// Scrolls no more than needed to show the cursor, what belongs to its row, and a line around it where there is
    /// room.
    fn keep_cursor_in_view(&mut self) {
        let body = self.body_rows();
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let count = draft.rows.len();
        let own = draft.rows[(draft.cursor + 1).min(count)..]
            .iter()
            .take_while(|row| !row.takes_cursor())
            .count();
        let margin = usize::from(body > 6);
        let top = draft.cursor.saturating_sub(margin);
        let below = (draft.cursor + own + margin + 1).min(count);
        let scroll = draft.scroll.max(below.saturating_sub(body));
        draft.scroll = scroll.min(top).min(count.saturating_sub(body));
    }
}

/// Whether a verb changes nothing but where the cursor is.
fn only_moves(action: Action) -> bool {
    matches!(
        action,
        Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::NextGroup
            | Action::PreviousGroup
    )
}

/// Makes a field absent, null or, as far as its type allows that, empty.
fn set(field: &mut Field, presence: Presence) {
    let open = field.open;
    *field = Field::new(&field.attr);
    field.open = open;
    field.presence = presence;
}

fn toggle(field: &mut Field) {
    let Editor::Toggle(value) = &mut field.editor else {
        return;
    };
    *value = field.presence != Presence::Given || !*value;
    field.presence = Presence::Given;
}

fn is_toggle(field: &Field) -> bool {
    matches!(field.editor, Editor::Toggle(_))
}

fn can_be_empty(field: &Field) -> bool {
    // By the type, not by what was loaded: an array of strings in a plural is edited as JSON.
    match Field::new(&field.attr).editor {
        Editor::Text(_) => !field.is_number(),
        Editor::Object(_) | Editor::Plural(_) => true,
        Editor::Toggle(_) | Editor::Json(_) => false,
    }
}

/// Opens or closes what is at `place`; `false` when it is so already or has nothing inside.
fn set_open(draft: &mut Draft, place: &[u32], open: bool) -> bool {
    let slot = match field::node_mut(&mut draft.fields, place) {
        Some(NodeMut::Field(field)) if field.unfolds() => &mut field.open,
        Some(NodeMut::Element(element)) => &mut element.open,
        _ => return false,
    };
    std::mem::replace(slot, open) != open
}

/// Whether a fold is drawn in the row of the cursor.
fn unfolds_here(draft: &Draft) -> bool {
    match draft.node() {
        Some(Node::Field(field)) => field.unfolds(),
        Some(Node::Element(_)) => true,
        None => false,
    }
}

/// The plural under the cursor, or the innermost one around it.
fn plural_around(draft: &Draft) -> Option<Place> {
    let place = draft.place()?;
    (1..=place.len())
        .rev()
        .map(|length| &place[..length])
        .find(|place| {
            field::field(&draft.fields, place)
                .is_some_and(|field| matches!(field.editor, Editor::Plural(_)))
        })
        .map(<[u32]>::to_vec)
}

/// The element under the cursor, or the innermost one around it.
fn element_around(draft: &Draft) -> Option<Place> {
    let place = draft.place()?;
    (1..=place.len())
        .rev()
        .map(|length| &place[..length])
        .find(|place| matches!(field::node(&draft.fields, place), Some(Node::Element(_))))
        .map(<[u32]>::to_vec)
}

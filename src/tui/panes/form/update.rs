//! What the form's verbs and clicks do. Editing a text is `typing`.

use std::sync::Arc;

use jiff::Timestamp;

use crate::tui::msg::PaneEvent;
use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::editors::calendar::Verb;
use crate::tui::panes::form::elements::element_around;
use crate::tui::panes::form::elements::plural_around;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::outside;
use crate::tui::panes::form::rows::Edited;
use crate::tui::panes::form::rows::Row;
use crate::tui::panes::form::rows::RowKind;
use crate::tui::panes::form::undo::Taken;
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
        if self.shows_json() {
            return self.update_json(event, now);
        }
        // Ten thousand rows are not made anew for a step of the cursor or a letter.
        let only_moves = match &event {
            PaneEvent::Act(action) => only_moves(*action),
            PaneEvent::Key(_) => !self.is_typing_lines() && !self.is_choosing_date(),
            PaneEvent::Paste(_) | PaneEvent::Click { .. } | PaneEvent::Scroll(_) => false,
        };
        let unfolds = matches!(
            event,
            PaneEvent::Act(Action::Edit | Action::Unfold) | PaneEvent::Click { .. }
        );
        let outcome = match event {
            PaneEvent::Act(action) => {
                let refusal = self.refuses(action);
                if let Some(reason) = refusal {
                    Some(Outcome::Refused(reason.to_owned()))
                } else if let Some(outcome) = self
                    .asks(action, now)
                    .or_else(|| self.goes_elsewhere(action, now))
                {
                    Some(outcome)
                } else {
                    self.act(action, now).map(Outcome::Told)
                }
            }
            PaneEvent::Key(key) if self.is_choosing_date() => self.calendar_key(key),
            PaneEvent::Key(key) => {
                self.key(key);
                None
            }
            PaneEvent::Paste(text) if self.is_choosing_date() => self.paste_date(&text, now),
            PaneEvent::Paste(text) => self.paste(&text),
            PaneEvent::Click { column, row } if self.is_choosing_date() => {
                self.calendar_click(column, row, now);
                None
            }
            PaneEvent::Click { column, row } => {
                self.click(column, row, now);
                None
            }
            PaneEvent::Scroll(rows) if self.is_choosing_date() => {
                let verb = if rows < 0 {
                    Verb::MonthBack
                } else {
                    Verb::MonthOn
                };
                self.calendar(verb, now);
                None
            }
            PaneEvent::Scroll(rows) => {
                self.scroll(rows);
                return None;
            }
        };
        self.look();
        let noted = self.judge(now);
        if only_moves && !noted {
            self.keep_cursor_in_view();
        } else {
            self.settle();
        }
        if unfolds {
            self.show_inside();
            self.keep_cursor_in_view();
        }
        outcome
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let Some(draft) = self.draft() else {
            return Some("there is no form yet: choose an entity type");
        };
        if self.shows_json() {
            return self.refuses_in_json(action);
        }
        let field = draft.field();
        let (on_element, on_heading) = match draft.node() {
            Some(Node::Element(_)) => (true, false),
            Some(Node::Field(_)) => (false, false),
            None => (false, true),
        };
        let is_stored = draft.original.is_some();
        match action {
            Action::DeleteRecord if draft.status == Status::Deleted => {
                Some("this record was deleted already")
            }
            // Folds may be looked into all the same.
            Action::Edit if draft.status == Status::Deleted && unfolds_or_folds(draft) => None,
            _ if changes_values(action) && draft.is_held() => draft.why_held(),
            Action::NextMode | Action::Guard | Action::Reload | Action::DeleteRecord
                if !is_stored =>
            {
                Some("this record is not stored yet: <app.send> creates it")
            }
            Action::IncludeRecord if is_stored => {
                Some("the stored record always comes back when it is written")
            }
            Action::SetAbsent | Action::SetNull | Action::SetEmpty | Action::ResetField
                if on_element =>
            {
                Some("an element is there or is not: <form.delete> deletes it")
            }
            Action::SetAbsent | Action::SetNull | Action::SetEmpty | Action::ResetField
                if on_heading =>
            {
                Some("put the cursor on a field first")
            }
            Action::SetAbsent | Action::SetNull | Action::SetEmpty if self.is_typing_filter() => {
                Some("no field is being edited: <edit.leave> ends the filter")
            }
            Action::SetEmpty if !field.is_some_and(can_be_empty) => Some(
                "nothing of this type is empty: <form.absent> leaves it out, <form.null> sends null",
            ),
            Action::Toggle if !field.is_some_and(|field| is_toggle(field) || field.is_date()) => {
                Some(
                    "only true and false are switched, and a date has a calendar: <form.edit> edits",
                )
            }
            Action::Calendar(verb) => self.refuses_calendar(verb),
            Action::Lines | Action::Reveal => self.refuses_text(action),
            Action::Add if plural_around(draft).is_none() => {
                Some("put the cursor on a plural or in one to add an element")
            }
            Action::Delete | Action::Clone | Action::MoveUp | Action::MoveDown
                if element_around(draft).is_none() =>
            {
                Some("put the cursor on an element of a plural first")
            }
            Action::NextProblem | Action::PreviousProblem if draft.problems().is_empty() => {
                Some("no problem is known; <app.send> checks everything and sends")
            }
            Action::Repair if !self.can_repair() => {
                Some("only JSON that is broken is repaired: <form.json> shows the draft as JSON")
            }
            Action::EditFieldOutside if !outside::can_edit(draft) => {
                Some("put the cursor on a field first; <form.edit-outside> edits the whole draft")
            }
            Action::Undo if !draft.can_undo() => Some("there is nothing to take back"),
            Action::Redo if !draft.can_redo() => Some("nothing was taken back just now"),
            Action::Commit
            | Action::Leave
            | Action::CommitNext
            | Action::CommitPrevious
            | Action::EditUp
            | Action::EditDown
            | Action::UndoText
            | Action::RedoText
                if self.typing.is_none() =>
            {
                Some("nothing is being edited")
            }
            _ => None,
        }
    }

    /// Whether something is still to be made of the last change: it is made by [`FormPane::catch_up`].
    pub fn is_behind(&self) -> bool {
        self.draft().is_some_and(Draft::is_behind)
    }

    /// Makes what was put off until the screen was drawn.
    pub fn catch_up(&mut self) {
        if let Some(draft) = self.draft_mut().filter(|draft| draft.is_behind()) {
            draft.refresh_plan();
        }
    }

    /// What a verb asks of the rest of the program, when that is all it does.
    pub(super) fn asks(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        if is_about_calls(action) {
            self.catch_up();
        }
        match action {
            Action::Plan => Some(Outcome::Plan),
            Action::OpenRecord => Some(Outcome::OpenRecord),
            Action::Reload => self.ask_again(),
            Action::DeleteRecord => self.delete_record(),
            Action::CopyAsNew => self.copy_as_new(now),
            Action::Fill => Some(Outcome::Fill),
            Action::Wire => Some(Outcome::Wire),
            Action::CopyValue => Some(self.value_to_copy()),
            Action::CopyPath => Some(self.path_to_copy()),
            Action::CopyJson => Some(self.json_to_copy()),
            Action::CopyCurl => Some(self.curl_to_copy(false)),
            Action::CopyCurlWithSecrets => Some(self.curl_to_copy(true)),
            _ => None,
        }
    }

    /// Verbs that leave the form: for the JSON text, for a repair, for the user's own editor.
    fn goes_elsewhere(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        match action {
            Action::Json => self.toggle_json(now),
            Action::Repair => Some(self.propose_repair()),
            Action::ApplyRepair => self.apply_repair(now),
            Action::EditOutside => self.edit_outside(),
            Action::EditFieldOutside => self.edit_field_outside(),
            _ => None,
        }
    }

    /// Does it, and says what was done when the form alone does not show it.
    pub(super) fn act(&mut self, action: Action, now: Timestamp) -> Option<String> {
        match action {
            Action::Delete => return self.delete_element(now),
            Action::Clone => return self.clone_element(),
            Action::MoveUp => return self.move_element(false, now),
            Action::MoveDown => return self.move_element(true, now),
            Action::Lines => return self.toggle_lines(),
            Action::Undo => return self.undo(now),
            Action::Redo => return self.redo(now),
            Action::IncludeRecord => return self.toggle_include_record(),
            Action::NextMode => return self.next_mode(),
            Action::Guard => return self.toggle_guard(),
            Action::NewDraft => {
                self.begin_anew(now);
                return Some("begun anew: <form.undo> brings back what was there".to_owned());
            }
            Action::Edit => self.edit(now),
            Action::Toggle if self.is_on_date() => self.calendar(Verb::Open, now),
            Action::Toggle => self.change(now, toggle),
            Action::Calendar(verb) => self.calendar(verb, now),
            Action::SetAbsent => {
                let is_stored = self.draft().is_some_and(Draft::holds_stored_value);
                self.set(now, Presence::Absent);
                let told = "an update cannot leave a stored value out: it sends null";
                return is_stored.then(|| told.to_owned());
            }
            Action::SetNull => self.set(now, Presence::Null),
            Action::SetEmpty => self.set(now, Presence::Given),
            Action::ResetField => self.reset_field(now),
            Action::Add => self.add_element(),
            Action::NextProblem => self.go_to_problem(true),
            Action::PreviousProblem => self.go_to_problem(false),
            Action::Filter => self.start_filter(),
            // Done by `asks` and `goes_elsewhere`.
            Action::Json
            | Action::Repair
            | Action::ApplyRepair
            | Action::EditOutside
            | Action::EditFieldOutside
            | Action::Fill
            | Action::Wire
            | Action::CopyValue
            | Action::CopyPath
            | Action::CopyJson
            | Action::CopyCurl
            | Action::CopyCurlWithSecrets
            | Action::Plan
            | Action::OpenRecord
            | Action::Reload
            | Action::DeleteRecord
            | Action::CopyAsNew => {}
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(self.page()),
            Action::PageUp => self.step(-self.page()),
            Action::First => self.step(isize::MIN / 2),
            Action::Last => self.step(isize::MAX / 2),
            Action::Fold => self.fold(),
            Action::Unfold => self.unfold(),
            Action::NextSibling => self.go_to_sibling(true),
            Action::PreviousSibling => self.go_to_sibling(false),
            Action::NextGroup => self.go_to_group(true),
            Action::PreviousGroup => self.go_to_group(false),
            Action::Commit => self.commit_and_go_on(now),
            Action::Leave => self.leave(now),
            Action::CommitNext => self.edit_neighbour(true, now),
            Action::CommitPrevious => self.edit_neighbour(false, now),
            Action::Reveal => self.toggle_reveal(),
            Action::UndoText => self.undo_typing(true),
            Action::RedoText => self.undo_typing(false),
            Action::EditUp => self.edit_vertically(-1, now),
            Action::EditDown => self.edit_vertically(1, now),
        }
        None
    }

    // ---- Moving ----

    /// Moves by as many rows on which the cursor can stand, as far as there are any.
    pub(super) fn step(&mut self, by: isize) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let stops = |at: &usize| draft.rows[*at].takes_cursor();
        let found = if by < 0 {
            let before = (0..draft.cursor.min(draft.rows.len())).rev();
            before.filter(stops).take(by.unsigned_abs()).last()
        } else {
            let after = draft.cursor + 1..draft.rows.len();
            after.filter(stops).take(by.unsigned_abs()).last()
        };
        draft.cursor = found.unwrap_or(draft.cursor);
    }

    /// Goes to the next row of the same depth, or the one before, without leaving what they are in.
    fn go_to_sibling(&mut self, forward: bool) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let rank = |at: usize| match draft.rows[at].kind {
            RowKind::Group(_) => 0,
            _ => draft.rows[at].depth + 1,
        };
        if draft.cursor >= draft.rows.len() {
            return;
        }
        let own = rank(draft.cursor);
        let is_near = |at: &usize| draft.rows[*at].takes_cursor() && rank(*at) <= own;
        let near = if forward {
            (draft.cursor + 1..draft.rows.len()).find(is_near)
        } else {
            (0..draft.cursor).rev().find(is_near)
        };
        draft.cursor = near.filter(|at| rank(*at) == own).unwrap_or(draft.cursor);
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
        } else if !draft.set_open(&row.place, false) {
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
            _ => !draft.set_open(&row.place, true) && draft.node().is_some_and(Node::is_open),
        };
        if is_open {
            self.step(1);
        }
    }

    // ---- Values ----

    /// Changes the field under the cursor, then checks it.
    pub(super) fn change(&mut self, now: Timestamp, change: impl FnOnce(&mut Field)) {
        self.change_by(now, |draft, place| draft.change(place, change));
    }

    /// Makes the field under the cursor absent, null or, as far as its type allows that, empty, then checks it. A text
    /// being edited is kept first, one step back.
    fn set(&mut self, now: Timestamp, presence: Presence) {
        self.commit(now);
        self.change_by(now, |draft, place| {
            let Some(old) = field::field(draft.fields(), place) else {
                return false;
            };
            let mut field = Field::new(&old.attr);
            field.presence = presence;
            draft.put(place, field)
        });
    }

    fn change_by(&mut self, now: Timestamp, change: impl FnOnce(&mut Draft, &[u32]) -> bool) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(place) = draft.place().cloned() else {
            return;
        };
        change(draft, &place);
        draft.check(&place, now);
    }

    fn reset_field(&mut self, now: Timestamp) {
        let loaded = self
            .draft()
            .and_then(|draft| draft.as_loaded(draft.place()?));
        if let Some(loaded) = loaded {
            self.change_by(now, |draft, place| draft.put(place, loaded));
        }
        // What was there at first is not blamed on the user before sending.
        if let Some(draft) = self.draft_mut()
            && let Some(place) = draft.place().cloned()
            && field::field(draft.fields(), &place).is_some_and(|field| !field.is_set())
        {
            draft.set_problem(&place, None);
        }
    }

    /// An empty draft of a new record. A stored record is left alone: emptying its draft would take all its values away.
    fn begin_anew(&mut self, now: Timestamp) {
        let schema = self.draft().and_then(|draft| {
            let is_stored = draft.original.is_some();
            is_stored.then(|| Arc::clone(&draft.schema))
        });
        if let Some(schema) = schema {
            self.open(&schema, now);
        }
        self.reset();
        // Also where nothing was set, so that nothing changed: what became of it was about another record.
        if let Some(draft) = self.draft_mut() {
            draft.begin_anew();
        }
        self.settle();
    }

    fn undo(&mut self, now: Timestamp) -> Option<String> {
        let Taken { what, cursor } = self.draft_mut()?.undo(now)?;
        self.show_step(&cursor);
        Some(format!("taken back: {what} (<form.redo> does it again)"))
    }

    fn redo(&mut self, now: Timestamp) -> Option<String> {
        let Taken { what, cursor } = self.draft_mut()?.redo(now)?;
        self.show_step(&cursor);
        Some(format!("done again: {what}"))
    }

    /// Shows where a step was taken back or done again; nowhere in particular when that was everywhere.
    fn show_step(&mut self, place: &[u32]) {
        let place = self.draft().map(|draft| draft.nearest(place));
        if let Some(place) = place.filter(|place| !place.is_empty()) {
            self.show(&place);
        }
    }

    fn toggle_include_record(&mut self) -> Option<String> {
        let draft = self.draft_mut()?;
        draft.include_record = !draft.include_record;
        let told = if draft.include_record {
            "the answer will hold the stored record"
        } else {
            "the answer will hold the id and the uuid alone"
        };
        Some(told.to_owned())
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
                    self.set(now, Presence::Absent);
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
            draft.set_open(&place, open);
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
        let edited = self.typing.as_ref().and_then(|typing| {
            let Target::Field { place, multiline } = &typing.target else {
                return None;
            };
            let lines = (typing.area.lines().len() as u16)
                .max(FEWEST_LINES)
                .min(most);
            let note = typing
                .judging
                .as_ref()
                .and_then(|judging| judging.note.as_ref());
            let notes = note.map_or(0, |note| note.lines.len() as u16);
            let lines = if *multiline { lines } else { 0 };
            Some((place.clone(), lines, notes))
        });
        if let Some(draft) = self.draft_mut() {
            draft.keep_plan();
            let edited = edited.as_ref().map(|(place, lines, notes)| Edited {
                place,
                lines: *lines,
                notes: *notes,
            });
            let columns = Columns::new(width, draft.names);
            draft.rebuild(columns.reason_width(), edited);
        }
    }

    /// Brings rows and scrolling up to date after anything that may have changed them.
    pub(super) fn settle(&mut self) {
        self.rebuild();
        self.keep_cursor_in_view();
    }

    /// Scrolls so that what is unfolded under the cursor is on the screen, as far as there is room.
    pub(super) fn show_inside(&mut self) {
        let body = self.body_rows();
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let mut below = draft.rows.iter().skip(draft.cursor);
        let Some(depth) = below.next().map(|row| row.depth) else {
            return;
        };
        let is_inside = |row: &&Row| row.depth > depth || !row.takes_cursor();
        let inside = below.take(body).take_while(is_inside).count();
        let end = draft.cursor + inside + 1;
        draft.scroll = draft.scroll.max(end.saturating_sub(body)).min(draft.cursor);
    }

    /// Scrolls no more than needed to show the cursor, what belongs to its row, and a line around it where there is
    /// room.
    pub(super) fn keep_cursor_in_view(&mut self) {
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

/// Whether a verb is about the calls that the draft comes to.
fn is_about_calls(action: Action) -> bool {
    matches!(
        action,
        Action::Plan
            | Action::Wire
            | Action::CopyCurl
            | Action::CopyCurlWithSecrets
            | Action::Reload
    )
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
            | Action::NextSibling
            | Action::PreviousSibling
            | Action::NextGroup
            | Action::PreviousGroup
    )
}

/// Whether a verb changes what is sent.
fn changes_values(action: Action) -> bool {
    matches!(
        action,
        Action::Edit
            | Action::Toggle
            | Action::SetAbsent
            | Action::SetNull
            | Action::SetEmpty
            | Action::ResetField
            | Action::Add
            | Action::Delete
            | Action::Clone
            | Action::MoveUp
            | Action::MoveDown
            | Action::Undo
            | Action::Redo
            | Action::Fill
            | Action::EditOutside
            | Action::EditFieldOutside
            | Action::Reload
            | Action::DeleteRecord
    )
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
        Editor::Text(_) => field.takes_empty_text(),
        Editor::Object(_) | Editor::Plural(_) => true,
        Editor::Toggle(_) | Editor::Json(_) => false,
    }
}

/// Whether Enter unfolds or folds what is under the cursor, and changes no value.
fn unfolds_or_folds(draft: &Draft) -> bool {
    draft.node().is_none() || unfolds_here(draft)
}

/// Whether a fold is drawn in the row of the cursor.
fn unfolds_here(draft: &Draft) -> bool {
    match draft.node() {
        Some(Node::Field(field)) => field.unfolds(),
        Some(Node::Element(_)) => true,
        None => false,
    }
}

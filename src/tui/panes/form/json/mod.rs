//! The same draft as JSON: one text for all of it, in an editor, beside the fields of the form.
//!
//! ```text
//!  fields ──text::write──▶ text ──typed, repaired, from $EDITOR──▶ text ──text::read──▶ fields, as one step
//!                                                                    └── or stays text, with the place of its fault
//! ```
//!
//! The text is taken over whenever typing ends and when the view is left or the draft sent. A text that is no JSON stays
//! as it is, and so does the view: nothing of it is lost, and nothing of it is sent. Deliberately absent: a second way of
//! sending or judging; both go by the fields.

pub mod text;

use jiff::Timestamp;

use crate::capture::error::ErrorCode;
use crate::capture::path::AttrPath;
use crate::capture::validate::Violation;
use crate::json::document::Document;
use crate::json::document::Fault;
use crate::json::lenient;
use crate::json::locate::line_and_column;
use crate::json::repair;
use crate::json::repair::Repair;
use crate::tui::json_text::JsonText;
use crate::tui::json_text::Proposal;
use crate::tui::json_text::Verdict;
use crate::tui::json_text::editor::Editor;
use crate::tui::json_text::read::node_at;
use crate::tui::json_text::read::sentence;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::change;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::json::text::Written;

/// How many problems are listed at most.
const MOST_PROBLEMS: usize = 100;

/// The draft's text, while it is open and as it was left.
#[derive(Default)]
pub struct JsonSide {
    /// The view, while the draft is shown as JSON.
    pub open: Option<Box<JsonView>>,
    /// The text as it was left: with its comments, while the fields still say the same.
    pub left: Option<Written>,
}

impl JsonSide {
    /// Whether the text says something that is not in the fields: it is no JSON, or is being typed.
    pub fn holds_more(&self) -> bool {
        let differs = |view: &JsonView| view.text.editor.text() != view.same.text;
        self.open.as_deref().is_some_and(differs)
    }

    /// Other fields came in place of the draft's: a text that said the same as the old ones says what these are.
    pub fn follow(&mut self, fields: &[Field]) {
        if self.holds_more() {
            return;
        }
        if let Some(view) = self.open.as_deref_mut() {
            let written = text::write(fields);
            if written.text != view.same.text {
                view.text.editor.replace(&written.text);
            }
            view.same = written;
            view.text.verdict = Verdict::default();
        }
    }
}

/// The draft as JSON, being edited.
pub struct JsonView {
    pub(super) text: JsonText,
    /// The text as it was last written from the fields or taken over into them, with what its stand-ins stand for.
    same: Written,
}

impl JsonView {
    /// A view of a text that the fields are the same as.
    pub fn new(written: Written) -> Self {
        Self {
            text: JsonText::new(&written.text),
            same: written,
        }
    }

    /// The text as it is.
    pub fn written(&self) -> Written {
        Written {
            text: self.text.editor.text(),
            secrets: self.same.secrets.clone(),
        }
    }

    /// The text, where the fields do not say the same.
    pub fn unread(&self) -> Option<String> {
        let text = self.text.editor.text();
        (text != self.same.text).then_some(text)
    }

    /// Puts another text in place of this one, as one step for undo.
    pub fn replace(&mut self, text: &str) {
        self.text.editor.replace(text);
    }

    /// Judges the text as it is now.
    fn check(&mut self, draft: &Draft, now: Timestamp) {
        let text = self.text.editor.text();
        self.text.verdict = match text::read(&text, draft, &self.same.secrets) {
            Ok(read) => Verdict {
                problems: problems(&text, &draft.judge(&read.fields, now)),
                left_out: read.left_out,
                dropped: read.dropped,
                ..Verdict::default()
            },
            Err(fault) => Verdict {
                fault: Some(fault),
                misspelt: lenient::read(&text).is_err(),
                ..Verdict::default()
            },
        };
    }

    /// After a key: judges the text, unless it is too large for that.
    fn changed(&mut self, draft: &Draft, now: Timestamp) {
        if self.text.is_checked_at_once() {
            self.check(draft, now);
        } else {
            self.text.verdict = Verdict::outdated();
        }
    }
}

/// What is wrong with values, at their lines. What is required and not there is said when the draft is sent.
fn problems(text: &str, violations: &[Violation]) -> Vec<(usize, String)> {
    let reading = lenient::blank_out(text);
    let document = Document::parse(reading.text.as_bytes());
    violations
        .iter()
        .filter(|violation| violation.code != ErrorCode::MISSING_REQUIRED_ATTRIBUTE)
        .take(MOST_PROBLEMS)
        .map(|violation| placed(&document, &violation.path, &violation.reason))
        .collect()
}

/// A sentence about a path, at its line or that of the nearest thing around it.
fn placed(document: &Document, path: &AttrPath, reason: &str) -> (usize, String) {
    let line = node_at(document, path).map_or(1, |node| {
        line_and_column(document.bytes(), document.offset(node)).0
    });
    let name = if path.is_root() {
        String::new()
    } else {
        format!("{path}: ")
    };
    (line - 1, format!("{name}{reason}"))
}

impl FormPane {
    /// Tells the JSON text how much room it has.
    pub(super) fn fit_json(&mut self) {
        let size = self.size;
        if let Some(view) = self.json_view_mut() {
            view.text.fit(size);
        }
    }

    /// Whether the draft is shown as JSON.
    pub fn shows_json(&self) -> bool {
        self.json_view().is_some()
    }

    pub(super) fn json_view(&self) -> Option<&JsonView> {
        self.draft()?.json.open.as_deref()
    }

    pub(super) fn json_view_mut(&mut self) -> Option<&mut JsonView> {
        self.draft_mut()?.json.open.as_deref_mut()
    }

    /// Whether keys go to the JSON text.
    pub(super) fn is_typing_json(&self) -> bool {
        self.json_view().is_some_and(|view| view.text.typing)
    }

    /// Shows the draft as JSON, or as a form again.
    pub(super) fn toggle_json(&mut self, now: Timestamp) -> Option<Outcome> {
        if !self.shows_json() {
            self.commit(now);
            let cursor = self.cursor_path();
            let draft = self.draft_mut()?;
            let written = draft_text(draft);
            draft.json.open = Some(Box::new(JsonView::new(written)));
            self.check_json(now);
            if let Some(path) = cursor {
                self.go_to_in_json(&path);
            }
            self.fit_json();
            return None;
        }
        let taken = self.take_json_over(now);
        let view = self.json_view()?;
        match taken {
            Err(fault) if view.text.editor.text() != view.same.text => {
                let reason = format!(
                    "it stays a text until it is JSON: see line {} column {}",
                    fault.line, fault.column
                );
                self.go_to_fault_in_json(now);
                Some(Outcome::Refused(reason))
            }
            _ => {
                let said = self.left_in_text();
                let draft = self.draft_mut()?;
                let view = draft.json.open.take()?;
                draft.json.left = Some(view.written());
                draft.regroup();
                self.settle();
                said.map(Outcome::Told)
            }
        }
    }

    /// What the text has that the form does not show.
    fn left_in_text(&self) -> Option<String> {
        let verdict = &self.json_view()?.text.verdict;
        if !verdict.dropped.is_empty() {
            let names = verdict.dropped.join(", ");
            return Some(format!("left out: {names}. Only the service gives that"));
        }
        let words = verdict.left_out.in_words()?;
        Some(format!(
            "{words} stays in the JSON as long as no field is changed"
        ))
    }

    /// Puts what the text says into the fields, as one step; the place of its fault when it is no JSON.
    pub(super) fn take_json_over(&mut self, now: Timestamp) -> Result<(), Fault> {
        let Some(draft) = self.draft_mut() else {
            return Ok(());
        };
        let Some(mut view) = draft.json.open.take() else {
            return Ok(());
        };
        let text = view.text.editor.text();
        let result = if text == view.same.text && view.text.verdict.fault.is_none() {
            Ok(())
        } else {
            text::read(&text, draft, &view.same.secrets).map(|read| {
                draft.replace_all(read.fields);
                view.same.text = text;
            })
        };
        view.check(draft, now);
        draft.json.open = Some(view);
        self.settle();
        result
    }

    fn with_json(&mut self, now: Timestamp, change: impl FnOnce(&mut JsonView, &Draft, Timestamp)) {
        if let Some(draft) = self.draft_mut()
            && let Some(mut view) = draft.json.open.take()
        {
            change(&mut view, draft, now);
            draft.json.open = Some(view);
        }
        self.fit_json();
    }

    /// Puts the cursor where the text stops being JSON.
    pub(super) fn go_to_fault_in_json(&mut self, now: Timestamp) {
        self.with_json(now, |view, _, _| view.text.go_to_fault());
    }

    /// Judges the text anew.
    pub(super) fn check_json(&mut self, now: Timestamp) {
        self.with_json(now, JsonView::check);
    }

    /// Ends typing in the JSON and takes the text over.
    pub(super) fn stop_typing_json(&mut self, now: Timestamp) {
        if let Some(view) = self.json_view_mut()
            && std::mem::take(&mut view.text.typing)
        {
            // A text that is no JSON stays text, and the view says so.
            let _ = self.take_json_over(now);
            self.fit_json();
        }
    }

    /// Why the draft cannot be sent: its text is no JSON.
    pub(super) fn json_refuses_sending(&mut self, now: Timestamp) -> Option<String> {
        if let Some(view) = self.json_view_mut() {
            view.text.typing = false;
        }
        let fault = self.take_json_over(now).err()?;
        self.go_to_fault_in_json(now);
        Some(format!("not sent: {}", sentence(&fault)))
    }

    /// Lists the draft's problems at their lines: after it was refused, or the service complained.
    pub(super) fn show_problems_in_json(&mut self) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(mut view) = draft.json.open.take() else {
            return;
        };
        let text = view.text.editor.text();
        let reading = lenient::blank_out(&text);
        let document = Document::parse(reading.text.as_bytes());
        let places = draft.problems().places().take(MOST_PROBLEMS);
        let found = places.filter_map(|place| {
            let path = field::path_of(draft.fields(), place);
            Some(placed(
                &document,
                &path,
                &draft.problems().at(place)?.reason,
            ))
        });
        view.text.verdict.problems = found.collect();
        if let Some((line, _)) = view.text.verdict.problems.first() {
            view.text.editor.go_to(*line, 0);
        }
        draft.json.open = Some(view);
        self.fit_json();
    }

    /// Puts the cursor on the line of `path`; `false` when the draft is not shown as JSON.
    pub(super) fn go_to_in_json(&mut self, path: &AttrPath) -> bool {
        let Some(view) = self.json_view_mut() else {
            return false;
        };
        let text = view.text.editor.text();
        let reading = lenient::blank_out(&text);
        let document = Document::parse(reading.text.as_bytes());
        if let Some(node) = node_at(&document, path) {
            let (line, column) = line_and_column(text.as_bytes(), document.offset(node));
            view.text.editor.go_to(line - 1, column - 1);
        }
        true
    }

    /// Handles an event while the draft is shown as JSON.
    pub(super) fn update_json(
        &mut self,
        event: PaneEvent<Action>,
        now: Timestamp,
    ) -> Option<Outcome> {
        match event {
            PaneEvent::Act(action) => {
                if let Some(reason) = self.refuses(action) {
                    return Some(Outcome::Refused(reason.to_owned()));
                }
                return self.act_in_json(action, now);
            }
            PaneEvent::Key(key) => self.with_json(now, |view, draft, now| {
                view.text.editor.key(key);
                view.changed(draft, now);
            }),
            PaneEvent::Paste(_) if self.draft().is_some_and(Draft::is_held) => {
                let reason = self.draft().and_then(Draft::why_held)?;
                return Some(Outcome::Refused(reason.to_owned()));
            }
            PaneEvent::Paste(text) => self.with_json(now, |view, draft, now| {
                view.text.paste(&text);
                view.changed(draft, now);
            }),
            PaneEvent::Click { column, row } => self.with_json(now, |view, draft, _| {
                let before = view.text.editor.cursor();
                view.text.editor.click(column, row);
                let again = view.text.editor.cursor() == before;
                view.text.typing |= again && !draft.is_held();
            }),
            PaneEvent::Scroll(rows) => {
                self.with_json(now, |view, _, _| view.text.editor.scroll(rows));
            }
        }
        None
    }

    /// Why a verb cannot be used on JSON.
    pub(super) fn refuses_in_json(&self, action: Action) -> Option<&'static str> {
        let view = self.json_view()?;
        let changes_text = matches!(
            action,
            Action::Edit
                | Action::Undo
                | Action::Redo
                | Action::Repair
                | Action::ApplyRepair
                | Action::EditOutside
        );
        match action {
            _ if changes_text && self.draft().is_some_and(Draft::is_held) => {
                self.draft().and_then(Draft::why_held)
            }
            Action::NextProblem | Action::PreviousProblem if view.text.problem_count() == 0 => {
                Some("no problem is known; <app.send> checks everything and sends")
            }
            Action::Repair if !self.can_repair() => Some("there is nothing to repair"),
            Action::Commit
            | Action::Leave
            | Action::CommitNext
            | Action::EditUp
            | Action::EditDown
                if !view.text.typing =>
            {
                Some("nothing is being edited")
            }
            Action::Edit
            | Action::Undo
            | Action::Redo
            | Action::NextProblem
            | Action::PreviousProblem
            | Action::IncludeRecord
            | Action::Wire
            | Action::CopyJson
            | Action::Json
            | Action::Repair
            | Action::ApplyRepair
            | Action::EditOutside
            | Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::Fold
            | Action::Unfold
            | Action::Commit
            | Action::Leave
            | Action::CommitNext
            | Action::EditUp
            | Action::EditDown => None,
            _ => Some(
                "the draft is shown as JSON: <form.json> shows the form again, <form.edit> edits the text",
            ),
        }
    }

    fn act_in_json(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        let mut does =
            |change: &dyn Fn(&mut JsonView)| self.with_json(now, |view, _, _| change(view));
        match action {
            Action::Down | Action::EditDown => does(&|view| view.text.editor.step(1)),
            Action::Up | Action::EditUp => does(&|view| view.text.editor.step(-1)),
            Action::PageDown => does(&|view| view.text.editor.page(true)),
            Action::PageUp => does(&|view| view.text.editor.page(false)),
            Action::First => does(&|view| view.text.editor.end(false)),
            Action::Last => does(&|view| view.text.editor.end(true)),
            Action::Fold => does(&|view| view.text.editor.side(false)),
            Action::Unfold => does(&|view| view.text.editor.side(true)),
            Action::NextProblem => does(&|view| view.text.go_to_problem(true)),
            Action::PreviousProblem => does(&|view| view.text.go_to_problem(false)),
            Action::Edit => does(&|view| view.text.typing = true),
            Action::Commit => self.type_json(now, Editor::break_line),
            Action::CommitNext => self.type_json(now, Editor::indent),
            Action::Leave => self.stop_typing_json(now),
            Action::Undo => {
                return self.step_json(
                    now,
                    Editor::undo,
                    "there is nothing to take back in the text",
                );
            }
            Action::Redo => {
                return self.step_json(now, Editor::redo, "nothing was taken back in the text");
            }
            Action::Json => return self.toggle_json(now),
            Action::Repair => return Some(self.propose_repair()),
            Action::ApplyRepair => return self.apply_repair(now),
            Action::EditOutside => return self.edit_outside(),
            other => {
                return self
                    .asks(other, now)
                    .or_else(|| self.act(other, now).map(Outcome::Told));
            }
        }
        None
    }

    fn type_json(&mut self, now: Timestamp, change: fn(&mut Editor)) {
        self.with_json(now, |view, draft, now| {
            change(&mut view.text.editor);
            view.changed(draft, now);
        });
    }

    fn step_json(
        &mut self,
        now: Timestamp,
        step: fn(&mut Editor) -> bool,
        nothing: &str,
    ) -> Option<Outcome> {
        if !step(&mut self.json_view_mut()?.text.editor) {
            return Some(Outcome::Refused(nothing.to_owned()));
        }
        // A text that is no JSON stays text, and the view says so.
        let _ = self.take_json_over(now);
        self.fit_json();
        None
    }

    // ---- Repair ----

    /// The repair of what is shown: of the whole text, or of the JSON field under the cursor.
    fn repair(&self) -> Option<(String, String, Repair)> {
        if let Some(view) = self.json_view() {
            let text = view.text.editor.text();
            let is_fine = view.text.verdict.fault.is_none() && !view.text.verdict.outdated;
            if is_fine {
                return None;
            }
            let repair = repair::repair_object(&text)?.with_comments(&text)?;
            return Some(("the draft".to_owned(), text, repair));
        }
        let field = self.draft()?.field()?;
        let field::Editor::Json(text) = &field.editor else {
            return None;
        };
        let given = field.presence == field::Presence::Given;
        let repair = given.then(|| repair::repair(text))??;
        Some((field.name().to_owned(), text.clone(), repair))
    }

    /// Whether there is something that repair may help with.
    pub(super) fn can_repair(&self) -> bool {
        match (self.json_view(), self.draft().and_then(Draft::field)) {
            (Some(view), _) => view.text.verdict.fault.is_some() || view.text.verdict.outdated,
            (None, Some(field)) => {
                matches!(field.editor, field::Editor::Json(_))
                    && crate::tui::panes::form::collect::fault(field).is_some()
            }
            (None, None) => false,
        }
    }

    /// Hands out the repair to be looked at.
    pub(super) fn propose_repair(&self) -> Outcome {
        let Some((what, text, repair)) = self.repair() else {
            let reason = "this cannot be repaired without guessing: the place of the fault is in the line below";
            return Outcome::Refused(reason.to_owned());
        };
        let names = self.draft().map(|draft| draft.schema.password_names());
        let names = names.unwrap_or_default();
        let mut hunks = repair.hunks(&text);
        for line in hunks
            .iter_mut()
            .flat_map(|hunk| hunk.before.iter_mut().chain(&mut hunk.after))
        {
            *line = text::without_secrets(line, &names);
        }
        Outcome::Repair(Proposal {
            what,
            count: repair.changes.len(),
            hunks,
        })
    }

    /// Puts the repaired text in, as one step.
    pub(super) fn apply_repair(&mut self, now: Timestamp) -> Option<Outcome> {
        let (what, _, repair) = self.repair()?;
        if self.shows_json() {
            self.json_view_mut()?.replace(&repair.text);
            let _ = self.take_json_over(now);
            self.fit_json();
        } else {
            let draft = self.draft_mut()?;
            let place = draft.place()?.clone();
            draft.change(&place, |field| {
                field.editor = field::Editor::Json(repair.text);
            });
            draft.check(&place, now);
            self.settle();
        }
        Some(Outcome::Told(format!(
            "repaired {what}: <form.undo> takes it back"
        )))
    }
}

/// The draft's text: as it was left, while the fields still say the same, else written anew.
pub fn draft_text(draft: &Draft) -> Written {
    if let Some(left) = &draft.json.left
        && let Ok(read) = text::read(&left.text, draft, &left.secrets)
        && change::are_same(&read.fields, draft.fields())
    {
        return left.clone();
    }
    text::write(draft.fields())
}

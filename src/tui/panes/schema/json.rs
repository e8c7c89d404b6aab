//! The same design as JSON: the text of its `attr_defs`, in the tree's place.
//!
//! ```text
//!  tree ──as sent──▶ text ──typed, repaired, from $EDITOR──▶ text ──read──▶ takeover ──▶ tree, as one step
//!                                                             └── or stays text, with the place of its fault
//! ```
//!
//! While a text can be read the design follows it with every key, so that what is sent is seen beside it; all that is typed
//! in one go is one step to take back. A text that cannot be read, or only with a loss, stays as it is, and the view with
//! it. The text area, its drawing and its reading are `tui::json_text`'s.

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::read_attr_defs;
use crate::capture::schema::without_reserved;
use crate::capture::secret::Secret;
use crate::json::document::Document;
use crate::json::lenient;
use crate::json::lenient::LeftOut;
use crate::json::locate::line_and_column;
use crate::json::repair;
use crate::json::repair::Repair;
use crate::tui::effect::EditedFile;
use crate::tui::json_text::JsonText;
use crate::tui::json_text::Proposal;
use crate::tui::json_text::Verdict;
use crate::tui::json_text::editor::Editor;
use crate::tui::json_text::read;
use crate::tui::json_text::read::sentence;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::schema::Action;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::takeover::take_over;
use crate::tui::schema_text::definition_at;

/// How many problems are listed at most.
const MOST_PROBLEMS: usize = 100;

/// A design as JSON, being edited.
pub struct JsonSide {
    /// The text.
    pub(in crate::tui::panes::schema) text: JsonText,
    /// The text as it was last written from the tree or taken over into it.
    same: String,
    /// Whether the last step of the design is what has been typed since typing began.
    began_step: bool,
}

impl std::fmt::Debug for JsonSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonSide").finish_non_exhaustive()
    }
}

/// What a text says.
struct Read {
    /// The entity type's name, when the text has it.
    name: Option<String>,
    attr_defs: Vec<AttrDef>,
    left_out: LeftOut,
}

/// A design that is in the user's own editor.
#[derive(Debug)]
pub struct Outside {
    key: DesignKey,
    /// What the file held when it went out.
    file: String,
}

impl JsonSide {
    pub(in crate::tui::panes::schema) fn new(text: &str) -> Self {
        let mut side = Self {
            text: JsonText::new(text),
            same: text.to_owned(),
            began_step: false,
        };
        side.check();
        side
    }

    /// A text that could not be read when it was kept.
    pub(in crate::tui::panes::schema) fn left_unread(text: &str) -> Self {
        let mut side = Self::new(text);
        side.same.clear();
        side
    }

    /// The text, where the tree does not say the same.
    pub(in crate::tui::panes::schema) fn unread(&self) -> Option<String> {
        let text = self.text.editor.text();
        (text != self.same).then_some(text)
    }

    /// Judges the text as it is now.
    fn check(&mut self) {
        let text = self.text.editor.text();
        self.text.verdict = match read(&text) {
            Ok(read) => Verdict {
                problems: placed(&text, schema::check(&read.attr_defs)),
                left_out: read.left_out,
                ..Verdict::default()
            },
            Err(Unread::Fault(fault)) => Verdict {
                fault: Some(fault),
                misspelt: lenient::read(&text).is_err(),
                ..Verdict::default()
            },
            Err(Unread::Problems(problems)) => Verdict {
                problems: placed(&text, problems),
                ..Verdict::default()
            },
        };
    }
}

/// Why a text cannot be put into the tree.
enum Unread {
    /// It stops being JSON.
    Fault(crate::json::document::Fault),
    /// It is JSON, and parts of it are no definitions.
    Problems(Vec<SchemaProblem>),
}

impl Unread {
    fn reason(&self, text: &str) -> String {
        match self {
            Self::Fault(fault) => sentence(fault),
            Self::Problems(problems) => {
                let placed = placed(text, problems.clone());
                let first = placed.first();
                first.map_or_else(String::new, |(line, reason)| {
                    format!("line {}: {reason}", line + 1)
                })
            }
        }
    }
}

/// Reads a text: a list of definitions, or an entity type with its name.
fn read(text: &str) -> Result<Read, Unread> {
    let (json, left_out) = read::json(text).map_err(Unread::Fault)?;
    let json = json.get("schema").cloned().unwrap_or(json);
    let list = json.get("attr_defs").unwrap_or(&json);
    let (attr_defs, problems) = read_attr_defs(list);
    if !problems.is_empty() {
        return Err(Unread::Problems(problems));
    }
    Ok(Read {
        name: json.get("name").and_then(Json::as_str).map(str::to_owned),
        attr_defs: without_reserved(&attr_defs, true),
        left_out,
    })
}

/// Sentences about attributes, at their lines from 0.
fn placed(text: &str, problems: Vec<SchemaProblem>) -> Vec<(usize, String)> {
    let reading = lenient::blank_out(text);
    let document = Document::parse(reading.text.as_bytes());
    let line_of = |path: &AttrPath| {
        definition_at(&document, path).map_or(0, |node| {
            line_and_column(document.bytes(), document.offset(node)).0 - 1
        })
    };
    problems
        .into_iter()
        .take(MOST_PROBLEMS)
        .map(|problem| (line_of(&problem.path), problem.to_string()))
        .collect()
}

impl Desk {
    /// Puts what the text says into the tree; why not, when that would lose something. With `joins` it becomes one step with
    /// what was taken over just before.
    fn take_json_over(&mut self, joins: bool) -> Result<(), String> {
        let Some(side) = &mut self.json else {
            return Ok(());
        };
        let text = side.text.editor.text();
        side.check();
        if text == side.same {
            return Ok(());
        }
        let read = read(&text).map_err(|unread| unread.reason(&text))?;
        if joins && side.began_step {
            self.design.undo();
        }
        let before = self.design.tree().clone();
        self.design.change(|tree| {
            if let Some(name) = read.name {
                tree.name = name;
            }
            take_over(tree, &read.attr_defs);
        });
        side.began_step = joins && before != *self.design.tree();
        side.same = text;
        self.rebuild();
        Ok(())
    }

    /// The design changed by other means: a text that said the same as before says what it is now.
    pub(in crate::tui::panes::schema) fn json_follows(&mut self) {
        let text = self.attr_defs_text();
        if let Some(side) = &mut self.json
            && side.unread().is_none()
        {
            side.text.editor.replace(&text);
            side.same = text;
            side.check();
        }
    }
}

impl SchemaPane {
    /// Whether the design is shown as JSON.
    pub fn shows_json(&self) -> bool {
        self.json().is_some()
    }

    /// Whether plain characters belong to the JSON text.
    pub fn is_typing_json(&self) -> bool {
        self.json().is_some_and(|side| side.text.typing)
    }

    /// Whether the JSON of the shown design holds what is not in its tree.
    pub fn holds_unread_json(&self) -> bool {
        self.json().is_some_and(|side| side.unread().is_some())
    }

    pub(in crate::tui::panes::schema) fn json(&self) -> Option<&JsonSide> {
        self.desk()?.json.as_deref()
    }

    fn json_mut(&mut self) -> Option<&mut JsonSide> {
        self.desk_mut()?.json.as_deref_mut()
    }

    /// Tells the text how much room it has.
    pub(in crate::tui::panes::schema) fn fit_json(&mut self) {
        let size = self.size;
        if let Some(side) = self.json_mut() {
            side.text.fit(size);
        }
    }

    /// Ends typing in the JSON and takes the text over.
    pub fn stop_typing_json(&mut self) {
        if self.is_typing_json()
            && let Some(desk) = self.desk_mut()
        {
            // A text that cannot be read stays text, and the view says so.
            let _ = desk.take_json_over(true);
            if let Some(side) = &mut desk.json {
                side.text.typing = false;
                side.began_step = false;
            }
            self.fit_json();
        }
    }

    /// Why the design cannot be sent: its text cannot be read.
    pub fn json_refuses_sending(&mut self) -> Option<String> {
        self.stop_typing_json();
        let reason = self.desk_mut()?.take_json_over(false).err()?;
        self.go_to_fault();
        Some(format!("not sent: {reason}"))
    }

    fn go_to_fault(&mut self) {
        if let Some(side) = self.json_mut() {
            match side.text.verdict.problems.first() {
                Some((line, _)) if side.text.verdict.fault.is_none() => {
                    let line = *line;
                    side.text.editor.go_to(line, 0);
                }
                _ => side.text.go_to_fault(),
            }
        }
        self.fit_json();
    }

    /// Shows the design as JSON, or as a tree again.
    pub(in crate::tui::panes::schema) fn toggle_json(&mut self) -> Option<Outcome> {
        self.stop_typing_json();
        let desk = self.desk_mut()?;
        if desk.json.is_none() {
            let text = desk.attr_defs_text();
            let mut side = JsonSide::new(&text);
            let path = desk.node().map(|id| desk.design.tree().path(id));
            let reading = Document::parse(text.as_bytes());
            if let Some(node) = path.and_then(|path| definition_at(&reading, &path)) {
                let (line, _) = line_and_column(text.as_bytes(), reading.offset(node));
                side.text.editor.go_to(line - 1, 0);
            }
            desk.json = Some(Box::new(side));
            self.fit_json();
            return None;
        }
        if let Err(reason) = desk.take_json_over(false) {
            self.go_to_fault();
            let said = format!("{reason}; it stays a text until then");
            return Some(Outcome::Refused(said));
        }
        let side = desk.json.take()?;
        let words = side.text.verdict.left_out.in_words()?;
        Some(Outcome::Told(format!("left out of the JSON: {words}")))
    }

    /// Handles an event while the design is shown as JSON.
    pub(in crate::tui::panes::schema) fn update_json(
        &mut self,
        event: PaneEvent<Action>,
    ) -> Option<Outcome> {
        match event {
            PaneEvent::Act(action) => return self.act_in_json(action),
            PaneEvent::Key(key) => self.type_json(|editor| editor.key(key)),
            PaneEvent::Paste(text) => {
                if let Some(side) = self.json_mut() {
                    side.text.paste(&text);
                }
                self.type_json(|_| {});
            }
            PaneEvent::Click { column, row } => {
                if let Some(side) = self.json_mut() {
                    let before = side.text.editor.cursor();
                    side.text.editor.click(column, row);
                    side.text.typing |= side.text.editor.cursor() == before;
                }
            }
            PaneEvent::Scroll(rows) => {
                if let Some(side) = self.json_mut() {
                    side.text.editor.scroll(rows);
                }
            }
        }
        self.fit_json();
        None
    }

    /// Changes the text; the tree follows when it can be read, unless it is too large for that.
    fn type_json(&mut self, change: impl FnOnce(&mut Editor)) {
        let Some(desk) = self.desk_mut() else {
            return;
        };
        let Some(side) = &mut desk.json else {
            return;
        };
        change(&mut side.text.editor);
        if side.text.is_checked_at_once() {
            // What cannot be read yet is judged, and waits.
            let _ = desk.take_json_over(true);
        } else {
            side.text.verdict = Verdict::outdated();
        }
        self.fit_json();
    }

    /// Why a verb cannot be used on JSON.
    pub(in crate::tui::panes::schema) fn refuses_in_json(
        &self,
        action: Action,
    ) -> Option<&'static str> {
        let side = self.json()?;
        match action {
            Action::Repair if side.text.verdict.fault.is_none() => {
                Some("there is nothing to repair")
            }
            Action::NextProblem | Action::PreviousProblem if side.text.problem_count() == 0 => {
                Some("there is no problem")
            }
            Action::Edit
            | Action::Undo
            | Action::Redo
            | Action::NextProblem
            | Action::PreviousProblem
            | Action::Wire
            | Action::Plan
            | Action::Compare
            | Action::Unfinished
            | Action::TurnWire
            | Action::Begin
            | Action::CopyAttrDefs
            | Action::CopyEcho
            | Action::CopyCurl
            | Action::CopyCurlWithSecrets
            | Action::Json
            | Action::Repair
            | Action::ApplyRepair
            | Action::Diagram
            | Action::Export
            | Action::EditOutside
            | Action::BreakLine
            | Action::Indent
            | Action::LeaveText
            | Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::Fold
            | Action::Unfold => None,
            _ => Some(
                "the design is shown as JSON: <schema.json> shows the tree again, <schema.edit> edits the text",
            ),
        }
    }

    fn act_in_json(&mut self, action: Action) -> Option<Outcome> {
        if let Some(reason) = self.refuses_in_json(action) {
            return Some(Outcome::Refused(reason.to_owned()));
        }
        let side = self.json_mut()?;
        let text = &mut side.text;
        match action {
            Action::Down => text.editor.step(1),
            Action::Up => text.editor.step(-1),
            Action::PageDown => text.editor.page(true),
            Action::PageUp => text.editor.page(false),
            Action::First => text.editor.end(false),
            Action::Last => text.editor.end(true),
            Action::Fold => text.editor.side(false),
            Action::Unfold => text.editor.side(true),
            Action::NextProblem => text.go_to_problem(true),
            Action::PreviousProblem => text.go_to_problem(false),
            Action::Edit => text.typing = true,
            Action::BreakLine => self.type_json(Editor::break_line),
            Action::Indent => self.type_json(Editor::indent),
            Action::LeaveText => self.stop_typing_json(),
            Action::Undo => return self.step_json(Editor::undo, "there is nothing to take back"),
            Action::Redo => return self.step_json(Editor::redo, "nothing was taken back"),
            Action::Json => return self.toggle_json(),
            Action::Repair => return Some(self.propose_repair()),
            Action::ApplyRepair => return self.apply_repair(),
            other => return self.act_beside(other),
        }
        self.fit_json();
        None
    }

    fn step_json(&mut self, step: fn(&mut Editor) -> bool, nothing: &str) -> Option<Outcome> {
        let desk = self.desk_mut()?;
        if !step(&mut desk.json.as_mut()?.text.editor) {
            return Some(Outcome::Refused(format!("{nothing} in the text")));
        }
        // A text that cannot be read stays text, and the view says so.
        let _ = desk.take_json_over(false);
        self.fit_json();
        None
    }

    fn repair(&self) -> Option<(String, Repair)> {
        let text = self.json()?.text.editor.text();
        let repair = repair::repair(&text)?.with_comments(&text)?;
        Some((text, repair))
    }

    fn propose_repair(&self) -> Outcome {
        let Some((text, repair)) = self.repair() else {
            let reason = "this cannot be repaired without guessing: the place of the fault is in the line below";
            return Outcome::Refused(reason.to_owned());
        };
        Outcome::Repair(Proposal {
            what: "the definitions".to_owned(),
            count: repair.changes.len(),
            hunks: repair.hunks(&text),
        })
    }

    fn apply_repair(&mut self) -> Option<Outcome> {
        let (_, repair) = self.repair()?;
        let desk = self.desk_mut()?;
        desk.json.as_mut()?.text.editor.replace(&repair.text);
        let taken = desk.take_json_over(false);
        self.fit_json();
        Some(match taken {
            Ok(()) => Outcome::Told("repaired: <schema.undo> takes it back".to_owned()),
            Err(reason) => Outcome::Refused(format!("repaired, and still text: {reason}")),
        })
    }

    // ---- The user's own editor ----

    /// Hands the definitions out to be edited.
    pub(in crate::tui::panes::schema) fn edit_outside(&mut self) -> Option<Outcome> {
        self.stop_typing_json();
        let key = self.current.clone()?;
        let desk = self.desk()?;
        let text = match &desk.json {
            Some(side) => side.text.editor.text(),
            None => desk.attr_defs_text(),
        };
        let name = match desk.design.tree().name.as_str() {
            name if schema::is_valid_name(name) => format!("{name}.attr_defs.json"),
            _ => "attr_defs.json".to_owned(),
        };
        let file = format!("{text}\n");
        self.outside = Some(Outside {
            key,
            file: file.clone(),
        });
        Some(Outcome::EditOutside(EditedFile {
            name,
            text: Secret::new(file),
        }))
    }

    /// Whether a design is in the user's own editor.
    pub fn is_edited_outside(&self) -> bool {
        self.outside.is_some()
    }

    /// Takes what came back from the editor: the file's text, or why there is none.
    pub fn edited_outside(&mut self, result: Result<String, String>) -> Outcome {
        let Some(outside) = self.outside.take() else {
            return Outcome::Refused("nothing was being edited".to_owned());
        };
        let file = match result {
            Ok(file) => file.replace("\r\n", "\n"),
            Err(reason) => return Outcome::Refused(format!("nothing changed: {reason}")),
        };
        if file == outside.file {
            return Outcome::Told("nothing changed in the editor".to_owned());
        }
        let is_shown = self.current.as_ref() == Some(&outside.key);
        let Some(desk) = self.desk_mut().filter(|_| is_shown) else {
            return Outcome::Refused("nothing changed: another design is open now".to_owned());
        };
        let was_open = desk.json.is_some();
        let before = desk.attr_defs_text();
        let side = desk
            .json
            .get_or_insert_with(|| Box::new(JsonSide::new(&before)));
        side.text.editor.replace(file.trim_end());
        match desk.take_json_over(false) {
            Ok(()) => {
                if !was_open {
                    desk.json = None;
                }
                self.fit_json();
                Outcome::Told("taken over from the editor: <schema.undo> takes it back".to_owned())
            }
            Err(reason) => {
                self.go_to_fault();
                Outcome::Refused(format!("kept as text, {reason}"))
            }
        }
    }
}

//! The draft, or a field of it, in the user's own editor: what the file says, and what comes of it when it is back.
//!
//! The whole draft goes out as JSON under a header that says what the entity type has; a field as its own text. A file
//! that comes back as it went changes nothing. One that is no JSON is kept as text where it can be put right. Passwords
//! go out only when their own field is edited. Deliberately absent: running the editor, which is `tui::editor`'s.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::schema::AttrDef;
use crate::capture::secret::Secret;
use crate::tui::effect::EditedFile;
use crate::tui::json_text::read;
use crate::tui::json_text::read::sentence;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::being_typed::is_secret;
use crate::tui::panes::form::build;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::json;
use crate::tui::panes::form::json::JsonView;
use crate::tui::panes::form::json::text;
use crate::tui::panes::form::json::text::Written;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::typing;
use crate::tui::panes::line_input::is_left_out;

/// What is being edited outside.
pub struct Outside {
    draft: DraftKey,
    target: Target,
    /// What the file held when it went out.
    file: String,
}

enum Target {
    /// The whole draft; what its text was, with its passwords.
    Draft(Written),
    /// A field.
    Field(Place, Written),
}

impl FormPane {
    /// Hands out the whole draft to be edited.
    pub(super) fn edit_outside(&mut self) -> Option<Outcome> {
        let key = self.current.clone()?;
        let draft = self.draft()?;
        let written = match self.json_view() {
            Some(view) => view.written(),
            None => json::draft_text(draft),
        };
        let file = format!(
            "{}{}{}",
            header(draft, &written),
            written.text,
            attributes(draft)
        );
        let name = format!("{}.jsonc", plain_name(&key.type_name));
        Some(self.lend(key, Target::Draft(written), name, file))
    }

    /// Whether what the user's own editor has is a secret.
    pub fn is_secret_outside(&self) -> bool {
        let Some((Target::Field(place, _), draft)) = self.outside_target() else {
            return false;
        };
        let path = field::path_of(draft.fields(), place);
        field::field(draft.fields(), place).is_some_and(|field| is_secret(field, &path))
    }

    fn outside_target(&self) -> Option<(&Target, &Draft)> {
        let outside = self.outside.as_ref()?;
        Some((&outside.target, self.drafts.get(&outside.draft)?))
    }

    /// Hands out the field under the cursor to be edited.
    pub(super) fn edit_field_outside(&mut self) -> Option<Outcome> {
        let key = self.current.clone()?;
        let draft = self.draft()?;
        let (place, field) = draft.place().cloned().zip(draft.field())?;
        let (written, ending) = match field.text() {
            Some(_) => {
                let written = Written {
                    text: typing::to_edit(field).0,
                    secrets: Vec::new(),
                };
                let is_json = matches!(field.editor, Editor::Json(_));
                (written, if is_json { "json" } else { "txt" })
            }
            None => (text::write_field(field), "json"),
        };
        let name = format!("{}.{ending}", plain_name(field.name()));
        let file = format!("{}\n", written.text);
        Some(self.lend(key, Target::Field(place, written), name, file))
    }

    fn lend(&mut self, draft: DraftKey, target: Target, name: String, file: String) -> Outcome {
        self.outside = Some(Outside {
            draft,
            target,
            file: file.clone(),
        });
        Outcome::EditOutside(EditedFile {
            name,
            text: Secret::new(file),
        })
    }

    /// Takes what came back from the editor: the file's text, or why there is none.
    pub fn edited_outside(&mut self, result: Result<String, String>, now: Timestamp) -> Outcome {
        let Some(outside) = self.outside.take() else {
            return Outcome::Refused("nothing was being edited".to_owned());
        };
        let file = match result {
            Ok(file) => file.replace("\r\n", "\n"),
            Err(reason) => return Outcome::Refused(format!("nothing changed: {reason}")),
        };
        if self.current.as_ref() != Some(&outside.draft) {
            return Outcome::Refused("nothing changed: another draft is open now".to_owned());
        }
        if file == outside.file {
            return Outcome::Told("nothing changed in the editor".to_owned());
        }
        let outcome = match outside.target {
            Target::Draft(written) => self.draft_edited(&written, &outside.file, &file, now),
            Target::Field(place, written) => self.field_edited(&place, &written, &file, now),
        };
        self.settle();
        outcome
    }

    fn draft_edited(
        &mut self,
        written: &Written,
        went: &str,
        came: &str,
        now: Timestamp,
    ) -> Outcome {
        let body = without_lines_of(came, went, &written.text);
        let Some(draft) = self.draft_mut() else {
            return Outcome::Refused("nothing changed: the draft is gone".to_owned());
        };
        if body.trim() == written.text.trim() {
            return Outcome::Told("nothing changed in the editor".to_owned());
        }
        let was_open = draft.json.open.is_some();
        let view = draft.json.open.get_or_insert_with(|| {
            Box::new(JsonView::new(Written {
                text: written.text.clone(),
                secrets: written.secrets.clone(),
            }))
        });
        view.replace(&body);
        match self.take_json_over(now) {
            Ok(()) if was_open => Outcome::Told("taken over from the editor".to_owned()),
            Ok(()) => match self.toggle_json(now) {
                Some(outcome) => outcome,
                None => Outcome::Told(
                    "taken over from the editor: <form.undo> takes it back".to_owned(),
                ),
            },
            Err(fault) => {
                self.go_to_fault_in_json(now);
                Outcome::Refused(format!("kept as text, {}", sentence(&fault)))
            }
        }
    }

    fn field_edited(
        &mut self,
        place: &Place,
        written: &Written,
        came: &str,
        now: Timestamp,
    ) -> Outcome {
        let Some(draft) = self.draft_mut() else {
            return Outcome::Refused("nothing changed: the draft is gone".to_owned());
        };
        // Editors end a file with a line break that is no part of the text.
        let came = came.strip_suffix('\n').unwrap_or(came);
        let mut kept_as_text = false;
        draft.change(place, |field| {
            if field.text().is_some() {
                let kept = came.chars().filter(|c| !is_left_out(*c));
                typing::put_text(field, kept.collect(), now);
            } else {
                kept_as_text = !put_json(field, came, &written.secrets);
            }
        });
        draft.check(place, now);
        if kept_as_text {
            return Outcome::Refused(
                "kept as text, which is no JSON: <form.edit-field-outside> edits it again"
                    .to_owned(),
            );
        }
        Outcome::Told("taken over from the editor: <form.undo> takes it back".to_owned())
    }
}

/// Puts JSON text into a field; `false` when it is none and kept as it is.
fn put_json(field: &mut Field, came: &str, secrets: &[Editor]) -> bool {
    let Ok((value, _)) = read::json(came) else {
        field.presence = Presence::Given;
        field.editor = Editor::Json(came.to_owned());
        return false;
    };
    build::fill(field, &value);
    text::put_back(std::slice::from_mut(field), secrets);
    true
}

/// What came back without the lines around the text that went out.
fn without_lines_of(came: &str, went: &str, text: &str) -> String {
    let ours: std::collections::HashSet<&str> = went
        .lines()
        .filter(|line| line.starts_with("//") && !text.lines().any(|own| own == *line))
        .collect();
    let body: Vec<&str> = came.lines().filter(|line| !ours.contains(line)).collect();
    body.join("\n").trim_matches('\n').to_owned()
}

/// What is said above the text.
fn header(draft: &Draft, written: &Written) -> String {
    let name = plain_name(&draft.schema.name);
    let mut lines = vec![
        format!("// The record of {name}, as JSON. Comments and trailing commas are fine, and are not sent."),
        "// Save and leave to take it over. Leave it as it is to change nothing. Its attributes are listed below.".to_owned(),
    ];
    if !written.secrets.is_empty() {
        lines.push("// Passwords are not written here: what stands for one keeps it, a text in its place sets another.".to_owned());
    }
    lines.join("\n") + "\n"
}

/// What the entity type has, below the text.
fn attributes(draft: &Draft) -> String {
    let mut lines = vec!["\n".to_owned(), "// Attributes (* is required):".to_owned()];
    for def in draft.schema.own_attr_defs() {
        attribute(def, 1, &mut lines);
    }
    lines.join("\n") + "\n"
}

fn attribute(def: &AttrDef, level: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(level);
    let star = if def.has(&Constraint::Required) {
        " *"
    } else {
        ""
    };
    let name = format!("{indent}{}{star}", plain_name(&def.name));
    let kind = match &def.attr_type {
        AttrType::String {
            length: Some(length),
            ..
        } => format!("string, at most {length} characters"),
        other => other.name().to_owned(),
    };
    let mut rules = vec![kind];
    let constraints = def.constraints.iter().flatten();
    let others = constraints.filter(|constraint| **constraint != Constraint::Required);
    rules.extend(others.map(|constraint| constraint.name().to_owned()));
    lines.push(format!("// {name:<30} {}", plain_name(&rules.join(", "))));
    let members = def.attr_type.attr_defs().iter();
    for member in members.filter(|member| !member.is_reserved(false)) {
        attribute(member, level + 1, lines);
    }
}

/// A name from a schema on one line of a file, and in a file's name.
fn plain_name(name: &str) -> String {
    let is_plain = |c: char| !c.is_control() && c != '/' && c != '\\';
    name.chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .take(100)
        .collect()
}

/// Whether the field under the cursor can be edited outside.
pub fn can_edit(draft: &Draft) -> bool {
    draft
        .place()
        .is_some_and(|place| field::field(draft.fields(), place).is_some())
}

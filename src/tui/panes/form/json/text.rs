//! A draft as JSON text, and a text as fields: the two ways of writing one record.
//!
//! What is written is what is sent, indented, with the ids of elements beside it, which the form keeps, too. A field
//! that has no JSON spelling is written as it was typed, so that the text has the same fault in the same place.
//! Passwords are never written: a stand-in is, and reading the text puts the password back. Reading is lenient
//! ([`crate::json::lenient`]) and says of everything that the fields cannot hold why it is not taken.

use crate::capture::json::quote;
use crate::capture::redact::broken;
use crate::capture::secret::MASK;
use crate::json::document::Fault;
use crate::json::lenient::LeftOut;
use crate::tui::json_text::read::fault;
use crate::tui::json_text::read::json;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;

/// A draft, or one field of it, as text.
#[derive(Clone, Default)]
pub struct Written {
    /// The text.
    pub text: String,
    /// The passwords that it has stand-ins for, in order.
    pub secrets: Vec<Editor>,
}

/// What a text says.
pub struct Read {
    /// The draft's fields as the text has them.
    pub fields: Vec<Field>,
    /// What was left out of the text to read it.
    pub left_out: LeftOut,
    /// Attributes of the text that no caller may set, which the fields do not hold.
    pub dropped: Vec<String>,
}

/// A line of a text that does not parse, as it is shown while nobody edits it: values of secrets masked, but for
/// stand-ins, which hold none.
pub fn without_secrets(line: &str, names: &[String]) -> String {
    let mut bare = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, from)) = rest.split_once("‹password ")
        && let Some((number, after)) = from.split_once(", kept as it is›")
    {
        let is_stand_in = number.chars().all(|c| c.is_ascii_digit());
        bare.push_str(before);
        bare.push_str(if is_stand_in { MASK } else { number });
        rest = after;
    }
    bare.push_str(rest);
    let masked = broken::masked(&bare, names);
    if masked == bare {
        line.to_owned()
    } else {
        masked
    }
}

/// The stand-in for the password of this number, from 1.
fn stand_in(number: usize) -> String {
    format!("‹password {number}, kept as it is›")
}

/// What `text` stands in for.
fn stood_for<'a>(text: &str, secrets: &'a [Editor]) -> Option<&'a Editor> {
    let number = text.strip_prefix("‹password ")?;
    let number: usize = number.strip_suffix(", kept as it is›")?.parse().ok()?;
    secrets.get(number.checked_sub(1)?)
}

/// All fields as an object.
pub fn write(fields: &[Field]) -> Written {
    let mut writer = Writer::default();
    writer.object(None, fields);
    writer.written
}

/// One field's value; `null` where it has none.
pub fn write_field(field: &Field) -> Written {
    let mut writer = Writer::default();
    writer.value(field);
    writer.written
}

#[derive(Default)]
struct Writer {
    written: Written,
    level: usize,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.written.text.push_str(text);
    }

    fn line(&mut self) {
        self.written.text.push('\n');
        let level = self.level;
        self.written.text.extend(std::iter::repeat_n("  ", level));
    }

    fn object(&mut self, id: Option<i64>, fields: &[Field]) {
        self.push("{");
        self.level += 1;
        let mut first = true;
        if let Some(id) = id {
            self.key("id", &mut first);
            self.push(&id.to_string());
        }
        for field in fields.iter().filter(|field| field.is_set()) {
            self.key(field.name(), &mut first);
            self.value(field);
        }
        self.level -= 1;
        if !first {
            self.line();
        }
        self.push("}");
    }

    fn key(&mut self, name: &str, first: &mut bool) {
        if !std::mem::take(first) {
            self.push(",");
        }
        self.line();
        self.push(&quote(name));
        self.push(": ");
    }

    fn value(&mut self, field: &Field) {
        match (&field.editor, field.presence) {
            (_, Presence::Null) => self.push("null"),
            (Editor::Object(members), _) => self.object(None, members),
            (_, Presence::Absent) => self.push("null"),
            (editor, Presence::Given) if field.is_secret() => {
                self.written.secrets.push(editor.clone());
                let stand_in = stand_in(self.written.secrets.len());
                self.push(&quote(&stand_in));
            }
            (Editor::Plural(elements), _) => self.elements(elements),
            (Editor::Text(text), _) if field.is_number() => self.push(text),
            (Editor::Text(text), _) => self.push(&quote(text)),
            (Editor::Toggle(value), _) => self.push(if *value { "true" } else { "false" }),
            (Editor::Json(text), _) => match collect::value(field) {
                Some(value) => {
                    // No string of it holds a line break: those are escapes.
                    let indent = format!("\n{}", "  ".repeat(self.level));
                    self.push(&value.pretty().replace('\n', &indent));
                }
                None => self.push(text),
            },
        }
    }

    fn elements(&mut self, elements: &[Element]) {
        self.push("[");
        self.level += 1;
        for (at, element) in elements.iter().enumerate() {
            if at > 0 {
                self.push(",");
            }
            self.line();
            self.object(element.id, &element.fields);
        }
        self.level -= 1;
        if !elements.is_empty() {
            self.line();
        }
        self.push("]");
    }
}

/// What `text` says for `draft`, with the passwords that it has stand-ins for.
///
/// Fails with the first place that cannot be taken over without losing something.
pub fn read(text: &str, draft: &Draft, secrets: &[Editor]) -> Result<Read, Fault> {
    let (json, left_out) = json(text)?;
    let Some(members) = json.as_object() else {
        let offset = text.len() - text.trim_start().len();
        let reason = format!(
            "a record is an object in braces, not of type {}",
            json.kind()
        );
        return Err(fault(text, offset, reason));
    };
    let mut fields = draft.fields_of(&json);
    put_back(&mut fields, secrets);
    keep_spelling(&mut fields, draft.fields());
    let held = |name: &str| fields.iter().any(|field| field.name() == name);
    let dropped = members.keys().filter(|name| !held(name)).cloned();
    Ok(Read {
        dropped: dropped.collect(),
        left_out,
        fields,
    })
}

/// Puts passwords in place of what stands for them.
pub fn put_back(fields: &mut [Field], secrets: &[Editor]) {
    for field in fields {
        match &mut field.editor {
            Editor::Object(members) => put_back(members, secrets),
            Editor::Plural(elements) => {
                for element in elements {
                    put_back(&mut element.fields, secrets);
                }
            }
            Editor::Text(text) => {
                if let Some(secret) = stood_for(text, secrets).filter(|_| field.is_secret()) {
                    field.editor = secret.clone();
                }
            }
            Editor::Toggle(_) | Editor::Json(_) => {}
        }
    }
}

/// Keeps the spelling of JSON values that stayed the same: blanks and line breaks are the user's.
fn keep_spelling(fields: &mut [Field], old: &[Field]) {
    for (at, field) in fields.iter_mut().enumerate() {
        let same_place = old.get(at).filter(|old| old.name() == field.name());
        let Some(old) = same_place else {
            continue;
        };
        let same = matches!(field.editor, Editor::Json(_))
            && matches!(old.editor, Editor::Json(_))
            && collect::value(field) == collect::value(old);
        match (&mut field.editor, &old.editor) {
            (editor, Editor::Json(_)) if same => *editor = old.editor.clone(),
            (Editor::Object(members), Editor::Object(old)) => keep_spelling(members, old),
            (Editor::Plural(elements), Editor::Plural(old)) => {
                for (element, old) in elements.iter_mut().zip(old) {
                    keep_spelling(&mut element.fields, &old.fields);
                }
            }
            _ => {}
        }
    }
}

//! A draft as it is kept: exactly what the form shows, whether or not it can be sent. Pure data, without any rule of
//! the form or of the service; the form makes it and takes it back.

use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;

/// Names a draft. Each environment, entity type and record has one, and so has a new record of each type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The environment's name.
    pub environment: String,
    /// The entity type's name.
    pub type_name: String,
    /// The stored record's id; `None` for a new one.
    pub record: Option<i64>,
}

/// A draft as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is for.
    pub key: Key,
    /// When it was last changed.
    pub changed: Timestamp,
    /// How many attributes are set, for lists.
    pub set: usize,
    /// Whether it was sent without its answer being known: the service may have taken it.
    pub in_doubt: bool,
    /// Whether the answer shall carry the stored record.
    pub include_record: bool,
    /// Where the cursor was; the root when on no field.
    pub cursor: AttrPath,
    /// The text that was being edited.
    pub typing: Option<Typing>,
    /// The whole record as JSON text, as typed, when it was written so and the text cannot be read as fields.
    pub json: Option<String>,
    /// The fields that are not as a new form has them.
    pub fields: Arc<Vec<Field>>,
    /// The stored record as it was found, without secrets.
    pub original: Option<Arc<Json>>,
    /// Whether the stored record has secrets that are not in `original`.
    pub lacks_secrets: bool,
}

/// A text being edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// The field that it is for.
    pub path: AttrPath,
    /// The text, whether or not it means anything yet; `None` when it is a secret and so was not kept.
    pub text: Option<String>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The attribute's name.
    pub name: String,
    /// Whether it is sent, and as what.
    pub presence: Presence,
    /// Whether what is below it is shown.
    pub open: bool,
    /// What it holds.
    pub value: Value,
}

/// Absent, null and given are three things to the Capture API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not sent.
    Absent,
    /// Sent as `null`.
    Null,
    /// Sent as what it holds.
    Given,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text as typed; a number's too.
    Text(String),
    /// A boolean.
    Toggle(bool),
    /// The members that are not as a new form has them.
    Object(Vec<Field>),
    /// The elements, in order.
    Plural(Vec<Element>),
    /// JSON text as typed.
    Json(String),
    /// Something that was given, and is secret: it was not kept.
    NotKept,
}

/// An element of a plural.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The id that the service gave it.
    pub id: Option<i64>,
    /// Whether its fields are shown.
    pub open: bool,
    /// Whether it is sent as a plain string.
    pub plain: bool,
    /// The members that are not as a new form has them.
    pub fields: Vec<Field>,
}

/// A kept draft, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its file in the folder of drafts: two programs may keep two drafts of the same key.
    pub file: String,
    /// What it is for.
    pub key: Key,
    /// When it was last changed.
    pub changed: Timestamp,
    /// How many attributes are set.
    pub set: usize,
    /// Whether it was sent without its answer being known.
    pub in_doubt: bool,
}

impl Kept {
    /// This draft in short, kept in `file`.
    pub fn summary(&self, file: &str) -> Summary {
        Summary {
            file: file.to_owned(),
            key: self.key.clone(),
            changed: self.changed,
            set: self.set,
            in_doubt: self.in_doubt,
        }
    }
}

//! A draft as it is kept: exactly what the form shows, or the design of an entity type, whether or not it can be sent. Pure
//! data, without any rule of the form or of the service; the panes make it and take it back.

use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::drafts::format;

/// Names a draft. Each environment, entity type and record has one, and so have a new record of each type, the schema of
/// each type, and each new type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The environment's name.
    pub environment: String,
    /// The entity type's name; of a new type, which has a name in its design, its number, but empty for the first.
    pub type_name: String,
    /// What it is of.
    pub of: Of,
}

/// What a draft is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    /// A new record.
    NewRecord,
    /// The stored record of this id.
    Record(i64),
    /// A new entity type.
    NewType,
    /// The schema of the stored entity type.
    Schema,
}

impl Of {
    /// Whether it is the design of an entity type.
    pub fn is_design(self) -> bool {
        matches!(self, Self::NewType | Self::Schema)
    }
}

/// A draft as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is for.
    pub key: Key,
    /// When it was last changed.
    pub changed: Timestamp,
    /// How many attributes are set, for lists; of a schema how many are new, changed or marked.
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
    /// The design of an entity type; nothing of the record's members above is in use then, but for `json`, which are the
    /// definitions as typed when they cannot be read.
    pub design: Option<Arc<Design>>,
}

/// The design of an entity type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The entity type's name in the design.
    pub name: String,
    /// Its attributes.
    pub nodes: Vec<Node>,
}

/// An attribute of a design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its definition, without what is in it.
    pub def: AttrDef,
    /// What is in it.
    pub members: Vec<Node>,
    /// The path that it has in the stored type; `None` for a new one.
    pub origin: Option<AttrPath>,
    /// Whether it is marked for removal.
    pub removed: bool,
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
    /// What its entity type is called; of a new type what the design says.
    pub type_name: String,
    /// When it was last changed.
    pub changed: Timestamp,
    /// How many attributes are set.
    pub set: usize,
    /// Whether it was sent without its answer being known.
    pub in_doubt: bool,
    /// Whether it is a JSON text that cannot be read yet.
    pub is_unread: bool,
}

impl Kept {
    /// The text of its file; `None` when the values are nested too deeply to be read again.
    pub fn to_text(&self) -> Option<String> {
        format::write(self)
    }

    /// The draft that such a text is of; `None` when it is of none that this version knows.
    pub fn from_text(text: &str) -> Option<Self> {
        format::read(text).ok()
    }

    /// This draft in short, kept in `file`.
    pub fn summary(&self, file: &str) -> Summary {
        let design = self.design.as_ref();
        let type_name = design.map_or(&self.key.type_name, |design| &design.name);
        Summary {
            file: file.to_owned(),
            key: self.key.clone(),
            type_name: type_name.clone(),
            changed: self.changed,
            set: self.set,
            in_doubt: self.in_doubt,
            is_unread: self.json.is_some(),
        }
    }
}

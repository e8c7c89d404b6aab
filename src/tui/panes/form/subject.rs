//! What a draft is for: a new record, or one that the service has. Names drafts; holds nothing of what was typed.

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A record that is not there yet.
    New,
    /// The stored record with this id.
    Record(i64),
}

/// Names a draft: there is one for each entity type and record, and one for a new record of each type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DraftKey {
    /// The entity type's name.
    pub type_name: String,
    /// What is written.
    pub subject: Subject,
}

impl DraftKey {
    /// The draft of a new record of this type.
    pub fn new_record(type_name: &str) -> Self {
        Self {
            type_name: type_name.to_owned(),
            subject: Subject::New,
        }
    }
}

//! Facts that several panes read. Only the root update changes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::capture::schema::EntityType;
use crate::config::environment::EnvironmentClass;
use crate::sandbox::faults::Rule;

/// A pane, by what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaneId {
    /// The entity types.
    Types,
    /// The form.
    Form,
    /// The response.
    Response,
    /// The history.
    History,
}

impl PaneId {
    /// All panes, in the order in which Tab visits them; the place is the pane's number less one.
    pub const ALL: [Self; 4] = [Self::Types, Self::Form, Self::Response, Self::History];
}

/// Facts that several panes read.
#[derive(Debug)]
pub struct Session {
    /// The environment's name, as the header shows it.
    pub environment: String,
    /// Its class, which decides the badge.
    pub class: EnvironmentClass,
    /// Whether calls that change something are refused.
    pub read_only: bool,
    /// What goes wrong on purpose in the embedded sandbox; `None` when the environment is another.
    pub faults: Option<Vec<Rule>>,
    /// How long a call may take before it is given up.
    pub patience: Duration,
    /// The moment of the message being handled.
    pub now: Timestamp,
    /// The schemas loaded so far, by entity type.
    pub schemas: HashMap<String, Arc<EntityType>>,
    /// The entity type that the form is for.
    pub type_name: Option<String>,
}

impl Session {
    /// The schema of the chosen entity type, once loaded.
    pub fn schema(&self) -> Option<&Arc<EntityType>> {
        self.schemas.get(self.type_name.as_deref()?)
    }
}

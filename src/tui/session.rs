//! Facts that several panes read. Only the root update changes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::capture::schema::EntityType;
use crate::capture::schema::access::AccessType;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::sandbox::faults::Rule;
use crate::tui::masking::Mask;
use crate::tui::permission::Permission;
use crate::worker::compare::Call;

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
    /// The records that a filter finds; stands where the form does in the other view.
    Records,
    /// The attributes of an entity type; stands where the form does in the view of schemas.
    Schema,
    /// The attribute under the cursor there.
    Attribute,
    /// The files that are looked at, where that is all the program does.
    Files,
}

impl PaneId {
    /// The pane's number, by which a key focuses it.
    pub fn number(self) -> usize {
        match self {
            Self::Types | Self::Files => 1,
            Self::Form | Self::Records | Self::Schema => 2,
            Self::Response => 3,
            Self::History => 4,
            Self::Attribute => 5,
        }
    }
}

/// What the screen is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Making and changing one record.
    #[default]
    Record,
    /// Finding records.
    Find,
    /// Designing an entity type.
    Schema,
    /// Looking at files, without an environment. No other view is ever left for it, nor it for another.
    Files,
}

impl View {
    /// The pane that the view is about.
    pub fn main_pane(self) -> PaneId {
        match self {
            Self::Record => PaneId::Form,
            Self::Find => PaneId::Records,
            Self::Schema => PaneId::Schema,
            Self::Files => PaneId::Response,
        }
    }

    /// Its panes, in the order in which Tab visits them.
    pub fn panes(self) -> Vec<PaneId> {
        let beside = match self {
            Self::Record | Self::Find => None,
            Self::Schema => Some(PaneId::Attribute),
            Self::Files => return vec![PaneId::Files, PaneId::Response],
        };
        let first = [PaneId::Types, self.main_pane()].into_iter().chain(beside);
        first.chain([PaneId::Response, PaneId::History]).collect()
    }
}

/// Facts that several panes read.
#[derive(Debug)]
pub struct Session {
    /// The environment's name, as the header shows it.
    pub environment: String,
    /// Where it is, for people.
    pub domain: String,
    /// Its class, which decides the badge.
    pub class: EnvironmentClass,
    /// Whether calls that change something are refused.
    pub read_only: bool,
    /// What the client may call, as far as it is known.
    pub permission: Permission,
    /// What goes wrong on purpose in the embedded sandbox; `None` when the environment is another.
    pub faults: Option<Vec<Rule>>,
    /// How long a call may take before it is given up.
    pub patience: Duration,
    /// The moment of the message being handled.
    pub now: Timestamp,
    /// The other environments of the configuration.
    pub environments: Vec<Environment>,
    /// The schemas loaded so far, by entity type.
    pub schemas: HashMap<String, Arc<EntityType>>,
    /// What the environment's clients may use of entity types, as far as somebody looked: by client, entity type and
    /// access schema.
    pub access: HashMap<(String, String, AccessType), Arc<EntityType>>,
    /// The masking of personal data on the screen, while somebody looks on.
    pub mask: Option<Mask>,
    /// The entity type that the form is for.
    pub type_name: Option<String>,
    /// The call that others are compared with.
    pub marked: Option<Marked>,
    /// The environments whose calls are not kept in the history.
    pub unkept: Vec<String>,
}

/// A call that is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The call.
    pub call: Call,
    /// What it is, for people: `entity.create user`.
    pub what: String,
}

impl Session {
    /// The class of an environment; `None` of one that is not configured any more.
    pub fn class_of(&self, environment: &str) -> Option<EnvironmentClass> {
        if environment == self.environment {
            return Some(self.class);
        }
        let mut others = self.environments.iter();
        let other = others.find(|other| other.name == environment)?;
        Some(other.class)
    }

    /// The schema of the chosen entity type, once loaded.
    pub fn schema(&self) -> Option<&Arc<EntityType>> {
        self.schemas.get(self.type_name.as_deref()?)
    }
}

//! Records through time: every state of a record that the history has seen, and which exchange changed which field.
//!
//! ```text
//!   exchange ─▶ sighting: what it says of which record ─┐
//!   exchange ─▶ sighting ───────────────────────────────┼─▶ timeline: states in order, and the blame of each field
//!   exchange ─▶ sighting ───────────────────────────────┘
//! ```
//!
//! All of it is pure. An exchange says something of a record when the service did what was asked: a read shows it whole
//! or in part, a write says what the given values are afterwards. Between two looks others may have changed it, so a
//! change is either known to be one exchange's, or to lie between two. Elements of plurals are told apart by the value of
//! their primary key where the schema names one, else by their id, never by their place.

pub mod fields;
pub mod place;
pub mod sighting;
pub mod timeline;
pub mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Feature;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::history::record::sighting::sightings;

/// Which record is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordKey {
    /// The environment it is in.
    pub environment: String,
    /// Its entity type.
    pub type_name: String,
    /// Its uuid.
    pub uuid: Option<String>,
    /// Its id.
    pub id: Option<i64>,
}

impl RecordKey {
    /// As it is written: `user 8a3abdda-…`, `user 7`.
    pub fn name(&self) -> String {
        match (&self.uuid, self.id) {
            (Some(uuid), _) => format!("{} {uuid}", self.type_name),
            (None, Some(id)) => format!("{} {id}", self.type_name),
            (None, None) => self.type_name.clone(),
        }
    }
}

/// What an exchange did with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Made it.
    Created,
    /// Changed it, or perhaps changed it: see [`Sighting::certain`].
    Updated,
    /// Removed it, or perhaps.
    Deleted,
    /// Showed it.
    Seen,
    /// Asked for it in vain, or was refused a change.
    Asked,
}

/// What one exchange says of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// What it did.
    pub how: How,
    /// Whether the service said that it was done.
    pub certain: bool,
    /// The record's entity type.
    pub type_name: String,
    /// The record's uuid, if it is told.
    pub uuid: Option<String>,
    /// The record's id, if it is told.
    pub id: Option<i64>,
    /// The unique attribute that selected it and the value, when neither uuid nor id is told.
    pub selector: Option<(String, Json)>,
    /// What is said of its values, in order.
    pub said: Vec<Said<'a>>,
}

/// Something that is said of a record's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// The value at a path is this.
    Read {
        /// Where; the root for the record.
        path: AttrPath,
        /// The value.
        value: Cow<'a, Json>,
        /// Whether nothing below the path was left out.
        whole: bool,
    },
    /// These values were written.
    Written {
        /// Below this path.
        path: AttrPath,
        /// The values.
        value: Cow<'a, Json>,
        /// Whether everything else below the path is emptied by that.
        replace: bool,
    },
    /// What is at the path was removed; at the root, the record.
    Gone {
        /// Where.
        path: AttrPath,
    },
}

/// The attribute that is the primary key of a plural's elements, by the plural's dotted path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrimaryKeys(pub BTreeMap<String, String>);

impl PrimaryKeys {
    /// Those of a schema.
    pub fn of(schema: &EntityType) -> Self {
        let plurals = schema.walk().into_iter().filter_map(|(path, def)| {
            let AttrType::Plural(members) = &def.attr_type else {
                return None;
            };
            let is_key = |feature: &Feature| *feature == Feature::PrimaryKey;
            let key = members
                .iter()
                .find(|member| member.features.iter().flatten().any(is_key))?;
            Some((path.dotted(), key.name.clone()))
        });
        Self(plurals.collect())
    }
}

/// An exchange that says something of a record, with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look<'a> {
    /// The exchange.
    pub exchange: ExchangeId,
    /// When sending began.
    pub at: Timestamp,
    /// Its operation.
    pub endpoint: Endpoint,
    /// What it says.
    pub sighting: Sighting<'a>,
}

impl Look<'_> {
    /// The same with values of its own.
    pub fn into_owned(self) -> Look<'static> {
        let said = self.sighting.said.into_iter().map(Said::into_owned);
        Look {
            sighting: Sighting {
                said: said.collect(),
                how: self.sighting.how,
                certain: self.sighting.certain,
                type_name: self.sighting.type_name,
                uuid: self.sighting.uuid,
                id: self.sighting.id,
                selector: self.sighting.selector,
            },
            exchange: self.exchange,
            at: self.at,
            endpoint: self.endpoint,
        }
    }
}

impl Said<'_> {
    fn into_owned(self) -> Said<'static> {
        match self {
            Self::Read { path, value, whole } => Said::Read {
                path,
                value: Cow::Owned(value.into_owned()),
                whole,
            },
            Self::Written {
                path,
                value,
                replace,
            } => Said::Written {
                path,
                value: Cow::Owned(value.into_owned()),
                replace,
            },
            Self::Gone { path } => Said::Gone { path },
        }
    }
}

/// What an exchange from the history says of records.
pub fn of_exchange(exchange: &Exchange) -> Vec<Look<'_>> {
    let Some(id) = exchange.id else {
        return Vec::new();
    };
    let found = sightings(
        exchange.request.endpoint,
        &exchange.request.args,
        exchange.verdict(),
        exchange.answer(),
    );
    let look = |sighting| Look {
        exchange: id,
        at: exchange.started,
        endpoint: exchange.request.endpoint,
        sighting,
    };
    found.into_iter().map(look).collect()
}

impl How {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Seen => "seen",
            Self::Asked => "asked",
        }
    }
}

#[cfg(test)]
mod tests;

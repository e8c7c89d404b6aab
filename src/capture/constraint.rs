//! Constraints and features of an attribute definition (reference: the list of `setAttributeConstraints`).

use std::fmt;

/// A rule that the service holds for an attribute's values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constraint {
    /// May be neither absent nor null.
    Required,
    /// No two records (or plural elements of any record) share the value.
    Unique,
    /// No two elements of one record's plural share the value.
    LocallyUnique,
    /// `A–Z a–z` only.
    Alphabetic,
    /// `A–Z a–z 0–9` only.
    Alphanumeric,
    /// Unicode category L only.
    UnicodeLetters,
    /// No control characters (categories C*, Zl, Zp).
    UnicodePrintable,
    /// Looks like an e-mail address.
    EmailAddress,
    /// A name this version does not know, kept as it came.
    Other(String),
}

impl Constraint {
    /// All constraints of the documented list, in its order.
    pub const ALL: [Self; 8] = [
        Self::Required,
        Self::Unique,
        Self::LocallyUnique,
        Self::Alphabetic,
        Self::Alphanumeric,
        Self::UnicodeLetters,
        Self::UnicodePrintable,
        Self::EmailAddress,
    ];

    /// The protocol's word.
    pub fn name(&self) -> &str {
        match self {
            Self::Required => "required",
            Self::Unique => "unique",
            Self::LocallyUnique => "locally-unique",
            Self::Alphabetic => "alphabetic",
            Self::Alphanumeric => "alphanumeric",
            Self::UnicodeLetters => "unicode-letters",
            Self::UnicodePrintable => "unicode-printable",
            Self::EmailAddress => "email-address",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Constraint {
    fn from(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|known| known.name() == name)
            .unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A property of an attribute that is not about its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// The natural key of a plural's elements.
    PrimaryKey,
    /// Indexed, hence searchable.
    Query,
    /// A name this version does not know, kept as it came.
    Other(String),
}

impl Feature {
    /// All features seen in real schemas.
    pub const ALL: [Self; 2] = [Self::PrimaryKey, Self::Query];

    /// The protocol's word.
    pub fn name(&self) -> &str {
        match self {
            Self::PrimaryKey => "primary-key",
            Self::Query => "query",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Feature {
    fn from(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|known| known.name() == name)
            .unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

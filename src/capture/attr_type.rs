//! The types an attribute can have (reference 4.2).

use crate::capture::schema::AttrDef;

/// An attribute's type, with what belongs to that type alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttrType {
    /// Text.
    String {
        /// Most characters allowed; `None` for no explicit limit.
        length: Option<u32>,
        /// Whether `A` and `a` differ in uniqueness and comparison. The service fills in `true`.
        case_sensitive: bool,
    },
    /// `true`, `false` or null; false and null differ.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A day, written `YYYY-MM-DD`.
    Date,
    /// An instant, written `YYYY-MM-DD HH:MM:SS[.ffffff] +0000`.
    DateTime,
    /// An IPv4 address.
    IpAddress,
    /// Any JSON, stored and returned as it is.
    Json,
    /// A password; the full type name, such as `password-bcrypt`, is one of [`PASSWORD_TYPES`] when known.
    Password(String),
    /// Fixed members.
    Object(Vec<AttrDef>),
    /// A list of sub-entities with these attributes, each with an integer id of its own.
    Plural(Vec<AttrDef>),
    /// The integer id that the service gives to records and elements.
    Id,
    /// The `uuid` that the service gives to records.
    Uuid,
    /// A type this version does not know; its name as it came.
    Unknown(String),
}

/// Every password type named in any source: the union of the older and the newer list, with the loader's spellings
/// (reference 4.2).
pub const PASSWORD_TYPES: [&str; 23] = [
    "password",
    "password-bcrypt",
    "password-md5",
    "password-md5-salted-left-base64",
    "password-md5-salted-right-base64",
    "password-crypt-md5",
    "password-crypt-des",
    "password-crypt-sha256",
    "password-crypt-sha512",
    "password-phpass-55",
    "password-phpass-md5",
    "password-phpass-sha512-truncated-55",
    "password-pbkdf2-sha1",
    "password-pbkdf2-sha256",
    "password-pbkdf2-sha512",
    "password-netforum",
    "password-sha",
    "password-sha1",
    "password-sha-256",
    "password-sha-512",
    "password-sha256",
    "password-sha512",
    "password-base64",
];

impl AttrType {
    /// The types that a designer can choose, in the order they are offered: the plain ones, then those that nest.
    pub const CHOICES: [&'static str; 11] = [
        "string",
        "boolean",
        "integer",
        "decimal",
        "date",
        "dateTime",
        "ipAddress",
        "json",
        "password-bcrypt",
        "object",
        "plural",
    ];

    /// The protocol's word for the type.
    pub fn name(&self) -> &str {
        match self {
            Self::String { .. } => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::IpAddress => "ipAddress",
            Self::Json => "json",
            Self::Password(name) | Self::Unknown(name) => name,
            Self::Object(_) => "object",
            Self::Plural(_) => "plural",
            Self::Id => "id",
            Self::Uuid => "uuid",
        }
    }

    /// The type called `name`, with nothing inside it yet: a string without limit, an object without members.
    pub fn from_name(name: &str) -> Self {
        match name {
            "string" => Self::String {
                length: None,
                case_sensitive: true,
            },
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "decimal" => Self::Decimal,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "ipAddress" => Self::IpAddress,
            "json" => Self::Json,
            "object" => Self::Object(Vec::new()),
            "plural" => Self::Plural(Vec::new()),
            "id" => Self::Id,
            "uuid" => Self::Uuid,
            // A password type that a newer service knows is still handled as a password: never shown.
            name if name == "password" || name.starts_with("password-") => {
                Self::Password(name.to_owned())
            }
            name => Self::Unknown(name.to_owned()),
        }
    }

    /// The definitions inside an object or a plural; empty for every other type.
    pub fn attr_defs(&self) -> &[AttrDef] {
        match self {
            Self::Object(attr_defs) | Self::Plural(attr_defs) => attr_defs,
            _ => &[],
        }
    }

    /// The type in one line, as a person would say it: `string(200)`, `plural`, `password-bcrypt`.
    pub fn describe(&self) -> String {
        match self {
            Self::String {
                length: Some(length),
                ..
            } => format!("string({length})"),
            other => other.name().to_owned(),
        }
    }
}

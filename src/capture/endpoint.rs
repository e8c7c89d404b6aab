//! The table of every operation (reference 2, 3, 10). Argument checks, the permission check, command-line help, the
//! raw request form and the README's table are folds over it. The rows are in `table`; what an operation does to a
//! store is not here.

mod table;

use std::fmt;

use crate::capture::endpoint::table::ROWS;

/// Every operation, one row each, in the order of [`Endpoint`]'s variants.
pub const ENDPOINTS: &[EndpointSpec] = ROWS;

/// Every operation that captui knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each variant's row in ENDPOINTS says what it does"
)]
pub enum Endpoint {
    EntityView,
    EntityFind,
    EntityCount,
    EntityCreate,
    EntityBulkCreate,
    EntityUpdate,
    EntityReplace,
    EntityDelete,
    EntityDeleteAccess,
    EntityPurge,
    EntityBulkDelete,
    EntityAdopt,
    VersionsEntity,
    VersionsEntityType,
    TypeView,
    TypeList,
    TypeCreate,
    TypeDelete,
    TypeAddAttribute,
    TypeRemoveAttribute,
    TypeSetAttributeConstraints,
    TypeSetAttributeDescription,
    TypeRules,
    TypeAddRule,
    TypeRemoveRule,
    TypeProperties,
    TypeAddProperty,
    TypeRemoveProperty,
    TypeSetAccessSchema,
    TypeGetAccessSchema,
    TypeDeleteAccessSchema,
    TypeSetPasswordSettings,
    ClientsList,
    ClientsAdd,
    ClientsDelete,
    ClientsResetSecret,
    ClientsSetDescription,
    ClientsSetFeatures,
    ClientsSetWhitelist,
    ClientsClearWhitelist,
    SettingsGet,
    SettingsGetMulti,
    SettingsGetDefault,
    SettingsGetAll,
    SettingsItems,
    SettingsKeys,
    SettingsSet,
    SettingsSetMulti,
    SettingsSetDefault,
    SettingsSetDefaultMulti,
    SettingsDelete,
    SettingsDeleteDefault,
    AccessToken,
    AccessAuthorizationCode,
    OauthToken,
}

/// A row of the table.
#[derive(Debug)]
pub struct EndpointSpec {
    /// Which operation.
    pub endpoint: Endpoint,
    /// The path with its leading slash: `/entity.create`. Without the slash it is the operation's name.
    pub path: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The arguments.
    pub params: &'static [ParamSpec],
    /// The client features that allow it: any one suffices.
    pub permitted: &'static [ClientFeature],
    /// Whether any client at all may call it.
    pub any_client: bool,
    /// Whether an end user's access token may call it, for the user's own record.
    pub user_token: bool,
    /// Whether the client's IP allow list is respected.
    pub allow_list: bool,
    /// Whether it changes anything, and whether the change can be undone.
    pub effect: Effect,
    /// What this row rests on.
    pub evidence: Evidence,
}

/// One argument of an operation.
#[derive(Debug)]
pub struct ParamSpec {
    /// Name on the wire.
    pub name: &'static str,
    /// What its text must be.
    pub kind: ParamKind,
    /// When it must be given.
    pub required: Required,
    /// What the service assumes when it is absent, in its own spelling.
    pub default: Option<&'static str>,
    /// What it means.
    pub meaning: &'static str,
}

/// What an argument's text must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Text as it is.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// Any JSON.
    Json,
    /// A JSON array.
    JsonArray,
    /// A JSON object.
    JsonObject,
    /// Any JSON. Beside an `attribute_name` that names one string attribute, a bare word counts as that string
    /// (reference 2.8).
    JsonOrText,
    /// A date and time in any accepted spelling.
    DateTime,
}

/// When an argument must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Always.
    Yes,
    /// Only with client credentials: an access token implies it.
    WithClient,
    /// Exactly one of the record selectors `uuid`, `id`, `key_attribute` with `key_value`; none is needed with an
    /// access token, which selects its own record (reference 2.2).
    Selector,
    /// Exactly one of the synonyms `attributes` and `value`. Our choice, after what clients send (reference 2.8).
    Content,
    /// Never.
    No,
}

/// What calling an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds or changes.
    Write,
    /// Deletes what the service cannot bring back.
    Destroy,
}

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Stated by the vendor's documentation.
    Documented,
    /// Relied on by real client code.
    Client,
    /// Recorded from a real client against a stub.
    Recorded,
    /// Inferred from documented examples.
    Inferred,
    /// Our own choice where nothing is known.
    OurChoice,
}

/// What an API client may do (reference 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClientFeature {
    /// Full administration.
    Owner,
    /// May issue tokens for all clients.
    AccessIssuer,
    /// May read and write all records.
    DirectAccess,
    /// May read all records.
    DirectReadAccess,
    /// End-user flows only.
    LoginClient,
    /// Set by the vendor: updates do not touch `lastUpdated`.
    Metadata,
}

impl Endpoint {
    /// Its row of the table.
    pub fn spec(self) -> &'static EndpointSpec {
        &ENDPOINTS[self as usize]
    }

    /// The path without its leading slash: `entity.create`, `entity`, `clients/list`.
    pub fn name(self) -> &'static str {
        self.spec().path.trim_start_matches('/')
    }

    /// The operation at `path`, with or without slashes around it; several slashes in a row count as one, because real
    /// clients double them (reference 1.1), and some end a path with one (our choice). `None` when no operation is known
    /// there.
    pub fn from_path(path: &str) -> Option<Self> {
        let path = collapse_slashes(path.trim_end_matches('/'));
        ENDPOINTS
            .iter()
            .find(|spec| spec.path == path)
            .map(|spec| spec.endpoint)
    }
}

/// `path` with one leading slash and no two slashes in a row: what is routed and what is signed (reference 1.1).
pub fn collapse_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    out.push('/');
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

/// The operation's name.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl EndpointSpec {
    /// The argument `name`, if the operation has one.
    pub fn param(&self, name: &str) -> Option<&'static ParamSpec> {
        self.params.iter().find(|param| param.name == name)
    }

    /// Whether a client with `features` may call it.
    pub fn permits(&self, features: &[ClientFeature]) -> bool {
        self.any_client || features.iter().any(|f| self.permitted.contains(f))
    }
}

impl ClientFeature {
    /// All features, in the order of reference 10.
    pub const ALL: [Self; 6] = [
        Self::Owner,
        Self::AccessIssuer,
        Self::DirectAccess,
        Self::DirectReadAccess,
        Self::LoginClient,
        Self::Metadata,
    ];

    /// The protocol's word. The vendor's newer tables write `direct_access_read` for `direct_read_access`
    /// (reference 15); the service knows the latter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::AccessIssuer => "access_issuer",
            Self::DirectAccess => "direct_access",
            Self::DirectReadAccess => "direct_read_access",
            Self::LoginClient => "login_client",
            Self::Metadata => "metadata",
        }
    }

    /// The feature with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }
}

/// The protocol's word.
impl fmt::Display for ClientFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn features(endpoint: Endpoint) -> Vec<&'static str> {
        let permitted = endpoint.spec().permitted;
        permitted.iter().map(|feature| feature.name()).collect()
    }

    /// `spec` counts on the order; a variant without a row would take another's or panic.
    #[test]
    fn every_operation_has_its_row_and_its_path() {
        assert_eq!(ENDPOINTS.len(), Endpoint::OauthToken as usize + 1);
        for (index, spec) in ENDPOINTS.iter().enumerate() {
            assert_eq!(spec.endpoint as usize, index, "{}", spec.path);
            assert_eq!(Endpoint::from_path(spec.path), Some(spec.endpoint));
            assert_eq!(
                Endpoint::from_path(spec.endpoint.name()),
                Some(spec.endpoint)
            );
        }
        let paths: HashSet<&str> = ENDPOINTS.iter().map(|spec| spec.path).collect();
        assert_eq!(paths.len(), ENDPOINTS.len());
    }

    #[test]
    fn rows_are_documented_and_consistent() {
        for spec in ENDPOINTS {
            let path = spec.path;
            assert!(spec.summary.ends_with('.'), "{path} has a summary");
            assert!(!spec.permitted.is_empty() && spec.allow_list, "{path}");
            let names: HashSet<&str> = spec.params.iter().map(|param| param.name).collect();
            assert_eq!(
                names.len(),
                spec.params.len(),
                "{path} names an argument twice"
            );
            for param in spec.params {
                assert!(param.meaning.ends_with('.'), "{path} {}", param.name);
                let optional = param.required == Required::No;
                assert!(param.default.is_none() || optional, "{path} {}", param.name);
            }
            let count = |required| {
                spec.params
                    .iter()
                    .filter(|param| param.required == required)
                    .count()
            };
            assert!(matches!(count(Required::Selector), 0 | 4), "{path}");
            assert!(matches!(count(Required::Content), 0 | 2), "{path}");
        }
    }

    #[test]
    fn paths_are_found_in_every_spelling() {
        for (path, endpoint) in [
            ("/entity", Some(Endpoint::EntityView)),
            ("entity.find", Some(Endpoint::EntityFind)),
            ("//entity.count", Some(Endpoint::EntityCount)),
            ("clients/list", Some(Endpoint::ClientsList)),
            ("//clients///list", Some(Endpoint::ClientsList)),
            ("versions/entity", Some(Endpoint::VersionsEntity)),
            ("/Entity", None),
            ("/entityType.removeAccessSchema", None),
            ("/entity/", Some(Endpoint::EntityView)),
            ("clients/list//", Some(Endpoint::ClientsList)),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(Endpoint::from_path(path), endpoint, "{path}");
        }
        assert_eq!(Endpoint::TypeCreate.to_string(), "entityType.create");
    }

    /// The permission tables of reference 2.1 and 3.
    #[test]
    fn permissions_are_the_documented_ones() {
        for (endpoint, permitted, token) in [
            (
                Endpoint::EntityView,
                "owner direct_access direct_read_access",
                true,
            ),
            (
                Endpoint::EntityFind,
                "owner direct_access direct_read_access",
                false,
            ),
            (
                Endpoint::EntityCount,
                "owner direct_access direct_read_access",
                false,
            ),
            (Endpoint::EntityCreate, "owner direct_access", false),
            (Endpoint::EntityBulkCreate, "owner direct_access", false),
            (Endpoint::EntityUpdate, "owner direct_access", true),
            (Endpoint::EntityReplace, "owner direct_access", true),
            (Endpoint::EntityDelete, "owner direct_access", true),
            (
                Endpoint::EntityDeleteAccess,
                "owner access_issuer direct_access",
                false,
            ),
            (Endpoint::EntityPurge, "owner", false),
            (Endpoint::EntityBulkDelete, "owner", false),
            (Endpoint::TypeList, "owner", false),
            (Endpoint::TypeSetAccessSchema, "owner", false),
            (Endpoint::TypeDeleteAccessSchema, "owner", false),
            (Endpoint::ClientsList, "owner", false),
            (
                Endpoint::AccessToken,
                "owner access_issuer direct_access",
                false,
            ),
            (
                Endpoint::AccessAuthorizationCode,
                "owner access_issuer direct_access",
                false,
            ),
            (
                Endpoint::OauthToken,
                "owner access_issuer direct_access login_client",
                false,
            ),
        ] {
            let spec = endpoint.spec();
            assert_eq!(features(endpoint).join(" "), permitted, "{endpoint}");
            assert_eq!(
                (spec.user_token, spec.any_client),
                (token, false),
                "{endpoint}"
            );
        }
        for endpoint in [Endpoint::TypeView, Endpoint::TypeGetAccessSchema] {
            assert!(endpoint.spec().permits(&[]), "{endpoint}");
        }
        assert!(
            !Endpoint::EntityFind
                .spec()
                .permits(&[ClientFeature::LoginClient])
        );
        assert!(
            Endpoint::EntityFind
                .spec()
                .permits(&[ClientFeature::Metadata, ClientFeature::Owner])
        );
    }

    #[test]
    fn arguments_are_the_documented_ones() {
        let param = |endpoint: Endpoint, name| endpoint.spec().param(name).expect("is an argument");
        let find = |name| param(Endpoint::EntityFind, name);
        assert_eq!(find("max_results").default, Some("100"));
        assert_eq!(find("timeout").default, Some("10"));
        assert_eq!(find("sort_on").kind, ParamKind::JsonArray);
        assert_eq!(
            param(Endpoint::EntityView, "type_name").required,
            Required::WithClient
        );
        assert_eq!(
            param(Endpoint::EntityView, "key_value").kind,
            ParamKind::Json
        );
        assert_eq!(
            param(Endpoint::ClientsDelete, "client_id_for_deletion").required,
            Required::Yes
        );
        assert!(Endpoint::TypeList.spec().params.is_empty());
        assert!(Endpoint::EntityFind.spec().param("uuid").is_none());
    }

    #[test]
    fn features_round_trip() {
        for feature in ClientFeature::ALL {
            assert_eq!(ClientFeature::from_name(feature.name()), Some(feature));
        }
        assert_eq!(ClientFeature::from_name("image_create"), None);
    }
}

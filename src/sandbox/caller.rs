//! Who makes a call, once that is proven: an API client, or an end user by an access token. Decided by the pipeline, used
//! by the operations for what the caller may see and touch.

use crate::capture::endpoint::ClientFeature;
use crate::sandbox::store::clients::ApiClient;

/// The maker of a call.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// An API client, which acts on any record.
    Client(ApiClient),
    /// An end user, who acts on the one record that is his.
    User(Grant),
}

/// What an access token stands for.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_field_names,
    reason = "a record, a type and a client are named by their ids"
)]
pub(crate) struct Grant {
    /// The user's record.
    pub(crate) record_id: i64,
    /// The record's entity type.
    pub(crate) type_id: i64,
    /// The client for which the token was issued, by its id.
    pub(crate) client_id: String,
}

impl Caller {
    /// The id of the client that calls, or that the user's token was issued for.
    pub(crate) fn client_id(&self) -> &str {
        match self {
            Self::Client(client) => &client.id,
            Self::User(grant) => &grant.client_id,
        }
    }

    /// Whether the caller's changes set `lastUpdated`: those of a client with the feature `metadata` do not
    /// (reference 2.1).
    pub(crate) fn touches(&self) -> bool {
        match self {
            Self::Client(client) => !client.features.contains(&ClientFeature::Metadata),
            Self::User(_) => true,
        }
    }
}

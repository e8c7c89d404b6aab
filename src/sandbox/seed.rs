//! The first content of a new sandbox: an application, an owner client, three entity types and some records, so that
//! there is something to see. Used once per database, and when one is reset; everything goes through the code that
//! serves calls.
//!
//! Ids, secrets and uuids are random; names, values and dates are the same everywhere. The users who can sign in all have
//! the password `correct horse battery staple`, whose hash is in the files because hashing takes long.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::endpoint::ClientFeature;
use crate::capture::json::Json;
use crate::capture::secret::Secret;
use crate::capture::value::date;
use crate::sandbox::allow_list;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::create;
use crate::sandbox::operations::entity_type;
use crate::sandbox::random;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::clients;
use crate::sandbox::store::clients::ApiClient;
use crate::sandbox::store::types::Schemas;

/// What a new sandbox holds beside an application and its owner client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstContent {
    /// The documented entity types, and believable records.
    Examples,
    /// The default entity type `user` without records, as a new application of the service begins. The documented
    /// calls go through as they stand, since nothing of theirs is there yet.
    Bare,
}

/// The default entity type with its records: the vendor's published one with what newer ones have besides.
const USER: (&str, &str) = (
    include_str!("../../assets/seed/type-user.json"),
    include_str!("../../assets/seed/records-user.json"),
);

/// The documented examples of `entityType.create`, with records.
const DOCUMENTED: [(&str, &str); 2] = [
    (
        include_str!("../../assets/seed/type-user_test.json"),
        include_str!("../../assets/seed/records-user_test.json"),
    ),
    (
        include_str!("../../assets/seed/type-user2.json"),
        include_str!("../../assets/seed/records-user2.json"),
    ),
];

/// What programs that use a sandbox must know of it.
pub(crate) struct Identity {
    /// The application's id.
    pub(crate) application: String,
    /// The owner client's id.
    pub(crate) client_id: String,
    /// The owner client's secret.
    pub(crate) client_secret: Secret,
}

impl Identity {
    /// A new one. Lengths as in the vendor's examples (reference 1.3).
    pub(crate) fn random() -> Self {
        Self {
            application: random::text(26),
            client_id: random::text(32),
            client_secret: Secret::from(random::text(32)),
        }
    }
}

/// Puts the first content into an empty database, inside the caller's transaction.
pub(crate) fn plant(
    transaction: &Connection,
    content: FirstContent,
    identity: Identity,
) -> Result<(), StoreError> {
    clients::add_application(transaction, &identity.application)?;
    clients::add(
        transaction,
        &ApiClient {
            id: identity.client_id,
            secret: identity.client_secret,
            description: "owner of this sandbox".to_owned(),
            features: vec![ClientFeature::Owner],
            whitelist: vec![allow_list::EVERYWHERE.to_owned()],
        },
    )?;
    if content == FirstContent::Bare {
        plant_type(transaction, USER.0)?;
        return Ok(());
    }
    let schemas = Schemas::default();
    for (entity_type, records) in std::iter::once(USER).chain(DOCUMENTED) {
        let name = plant_type(transaction, entity_type)?;
        let records = read(records)?;
        for record in records.as_array().unwrap_or_default() {
            plant_record(transaction, &schemas, &name, record)?;
        }
    }
    Ok(())
}

fn plant_type(transaction: &Connection, text: &str) -> Result<String, StoreError> {
    let json = read(text)?;
    let name = json.get("name").and_then(Json::as_str).unwrap_or_default();
    let attr_defs = json.get("attr_defs").cloned().unwrap_or_default();
    let schema = entity_type::design(name, &attr_defs).map_err(|error| refused(error.into()))?;
    entity_type::add(transaction, &schema, 0).map_err(refused)?;
    Ok(schema.name)
}

/// The record's `lastUpdated` is the moment of its creation here, since a created record is as old as that.
fn plant_record(
    transaction: &Connection,
    schemas: &Schemas,
    type_name: &str,
    record: &Json,
) -> Result<(), StoreError> {
    let stored_type = schemas
        .find(transaction, type_name)?
        .ok_or_else(|| StoreError::Seed(format!("no type {type_name}")))?;
    let mut record = record.clone();
    let last_updated = record
        .as_object_mut()
        .and_then(|members| members.shift_remove("lastUpdated"));
    let now = last_updated
        .as_ref()
        .and_then(Json::as_str)
        .and_then(|text| date::parse_date_time(text, Timestamp::UNIX_EPOCH).ok())
        .ok_or_else(|| StoreError::Seed("a record has no lastUpdated".to_owned()))?;
    let mut new = create::prepare(
        &record,
        &stored_type,
        &stored_type.schema,
        now,
        HASHING_COST,
    )
    .map_err(|error| refused(error.into()))?;
    create::add(transaction, &stored_type, &mut new).map_err(refused)?;
    Ok(())
}

/// Of no effect, since the seed holds hashes only; the cheapest there is.
const HASHING_COST: u32 = 4;

fn read(text: &str) -> Result<Json, StoreError> {
    Json::parse(text).map_err(|error| StoreError::Seed(error.to_string()))
}

fn refused(fault: Fault) -> StoreError {
    match fault {
        Fault::Api(error) => StoreError::Seed(error.description),
        Fault::Store(error) => error,
    }
}

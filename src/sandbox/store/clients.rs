//! API clients and the application in the database. Used by the pipeline; whether a client may do something is decided
//! there.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::capture::endpoint::ClientFeature;
use crate::capture::json::Json;
use crate::capture::secret::Secret;
use crate::sandbox::store::StoreError;

/// An API client (reference 10).
#[derive(Clone, Debug)]
pub(crate) struct ApiClient {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) description: String,
    pub(crate) features: Vec<ClientFeature>,
    /// The allow list: CIDR blocks. Kept as given; nothing reads it yet.
    pub(crate) whitelist: Vec<String>,
}

/// The allow list of a new client (reference 10).
pub(crate) const EVERYWHERE: &str = "0.0.0.0/0";

/// The client with this id.
pub(crate) fn find(transaction: &Connection, id: &str) -> Result<Option<ApiClient>, StoreError> {
    transaction
        .prepare_cached(
            "SELECT id, secret, description, features, whitelist FROM clients WHERE id = ?1",
        )?
        .query_row([id], read)
        .optional()
        .map_err(StoreError::from)
}

/// The first client with feature `owner`.
pub(crate) fn owner(transaction: &Connection) -> Result<ApiClient, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT id, secret, description, features, whitelist FROM clients ORDER BY rowid",
    )?;
    for client in statement.query_map([], read)? {
        let client = client?;
        if client.features.contains(&ClientFeature::Owner) {
            return Ok(client);
        }
    }
    Err(StoreError::Damaged("no client is an owner"))
}

/// Adds a client.
pub(crate) fn add(transaction: &Connection, client: &ApiClient) -> Result<(), StoreError> {
    let features = client.features.iter().map(|feature| feature.name().into());
    let whitelist = client.whitelist.iter().map(|block| block.as_str().into());
    transaction
        .prepare_cached(
            "INSERT INTO clients (id, secret, description, features, whitelist) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            &client.id,
            client.secret.reveal(),
            &client.description,
            Json::Array(features.collect()).to_string(),
            Json::Array(whitelist.collect()).to_string(),
        ))?;
    Ok(())
}

fn read(row: &Row) -> rusqlite::Result<ApiClient> {
    let list = |text: String| -> Vec<String> {
        let json = Json::parse(&text).unwrap_or_default();
        let items = json.as_array().unwrap_or_default().iter();
        items.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    Ok(ApiClient {
        id: row.get(0)?,
        secret: Secret::new(row.get::<_, String>(1)?),
        description: row.get(2)?,
        features: list(row.get(3)?)
            .iter()
            .filter_map(|name| ClientFeature::from_name(name))
            .collect(),
        whitelist: list(row.get(4)?),
    })
}

/// The application's id; `None` before the first content is there.
pub(crate) fn application(transaction: &Connection) -> Result<Option<String>, StoreError> {
    transaction
        .prepare_cached("SELECT id FROM application")?
        .query_row([], |row| row.get(0))
        .optional()
        .map_err(StoreError::from)
}

/// Names the application and starts its counter of ids at 1.
pub(crate) fn add_application(transaction: &Connection, id: &str) -> Result<(), StoreError> {
    transaction.execute("INSERT INTO application (id, next_id) VALUES (?1, 1)", [id])?;
    Ok(())
}

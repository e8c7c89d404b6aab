//! API clients and the application in the database. Used by the pipeline, which decides whether a client may do something,
//! and by the operations that administer clients.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::capture::endpoint::ClientFeature;
use crate::capture::json::Json;
use crate::capture::secret::Secret;
use crate::sandbox::random;
use crate::sandbox::store::StoreError;

/// An API client (reference 10).
#[derive(Clone, Debug)]
pub(crate) struct ApiClient {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) description: String,
    pub(crate) features: Vec<ClientFeature>,
    /// The allow list: CIDR blocks and plain addresses, as given.
    pub(crate) whitelist: Vec<String>,
}

/// A secret that was replaced.
#[derive(Clone, Debug)]
pub(crate) struct OldSecret {
    secret: Secret,
    /// The instant from which it is good for nothing, in microseconds.
    until: i64,
}

impl OldSecret {
    /// The secret, if it is still good at `now`.
    pub(crate) fn at(&self, now: i64) -> Option<&Secret> {
        (now < self.until).then_some(&self.secret)
    }
}

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

/// The client with this id, and its secret before the last change, if that is kept.
pub(crate) fn find_with_old_secret(
    transaction: &Connection,
    id: &str,
) -> Result<Option<(ApiClient, Option<OldSecret>)>, StoreError> {
    transaction
        .prepare_cached(
            "SELECT clients.id, clients.secret, description, features, whitelist, old_secrets.secret, until
             FROM clients LEFT JOIN old_secrets ON client_id = clients.id WHERE clients.id = ?1",
        )?
        .query_row([id], |row| {
            let old: Option<String> = row.get(5)?;
            let until: Option<i64> = row.get(6)?;
            let old = old.zip(until).map(|(secret, until)| OldSecret {
                secret: Secret::from(secret),
                until,
            });
            Ok((read(row)?, old))
        })
        .optional()
        .map_err(StoreError::from)
}

/// Every client, oldest first.
pub(crate) fn all(transaction: &Connection) -> Result<Vec<ApiClient>, StoreError> {
    transaction
        .prepare_cached(
            "SELECT id, secret, description, features, whitelist FROM clients ORDER BY rowid",
        )?
        .query_map([], read)?
        .collect::<Result<_, _>>()
        .map_err(StoreError::from)
}

/// The first client with feature `owner`.
pub(crate) fn owner(transaction: &Connection) -> Result<ApiClient, StoreError> {
    all(transaction)?
        .into_iter()
        .find(|client| client.features.contains(&ClientFeature::Owner))
        .ok_or(StoreError::Damaged("no client is an owner"))
}

/// Adds a client.
pub(crate) fn add(transaction: &Connection, client: &ApiClient) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO clients (id, secret, description, features, whitelist) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            &client.id,
            client.secret.reveal(),
            &client.description,
            features_json(&client.features).to_string(),
            whitelist_json(&client.whitelist).to_string(),
        ))?;
    Ok(())
}

/// Deletes a client with its settings, access schemas and the tokens issued for it.
pub(crate) fn delete(transaction: &Connection, id: &str) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM clients WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// Keeps what may change in a client: its description, features and allow list. Its secret has a function of its own.
pub(crate) fn update(transaction: &Connection, client: &ApiClient) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE clients SET description = ?2, features = ?3, whitelist = ?4 WHERE id = ?1",
        )?
        .execute((
            &client.id,
            &client.description,
            features_json(&client.features).to_string(),
            whitelist_json(&client.whitelist).to_string(),
        ))?;
    Ok(())
}

/// Gives a client a new secret. The one before stays good until `until`, and ends the life of any before that: a client
/// has two secrets at most. Forgets every client's secrets that are no longer good at `now`.
pub(crate) fn set_secret(
    transaction: &Connection,
    id: &str,
    secret: &Secret,
    until: i64,
    now: i64,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM old_secrets WHERE client_id = ?1 OR until <= ?2")?
        .execute((id, now))?;
    if until > now {
        transaction
            .prepare_cached(
                "INSERT INTO old_secrets (client_id, secret, until)
                 SELECT id, secret, ?2 FROM clients WHERE id = ?1",
            )?
            .execute((id, until))?;
    }
    transaction
        .prepare_cached("UPDATE clients SET secret = ?2 WHERE id = ?1")?
        .execute((id, secret.reveal()))?;
    Ok(())
}

/// The protocol's words for features, as a JSON array.
pub(crate) fn features_json(features: &[ClientFeature]) -> Json {
    Json::Array(
        features
            .iter()
            .map(|feature| feature.name().into())
            .collect(),
    )
}

/// An allow list as a JSON array.
pub(crate) fn whitelist_json(whitelist: &[String]) -> Json {
    Json::Array(
        whitelist
            .iter()
            .map(|block| block.as_str().into())
            .collect(),
    )
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
    transaction.execute(
        "INSERT INTO application (id, next_id, revision) VALUES (?1, 1, ?2)",
        (id, random::number()),
    )?;
    Ok(())
}

//! What was issued to end users: access tokens, and the authorization codes and refresh tokens that are exchanged for them.
//! Used by the pipeline and by the operations that issue and withdraw. Kept as hashes, since none is ever shown again.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use sha2::Digest;
use sha2::Sha256;

use crate::capture::secret::Secret;
use crate::sandbox::caller::Grant;
use crate::sandbox::store::StoreError;

/// For how long something expired is remembered, in microseconds: until then it is answered that it expired, and after
/// that as if there had never been any.
const REMEMBERED: i64 = 86_400_000_000;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Calls on the user's own record.
    Access,
    /// Exchange, once, soon after a sign-in.
    AuthorizationCode,
    /// Exchange, once, at any time.
    Refresh,
}

impl TokenKind {
    fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::AuthorizationCode => "code",
            Self::Refresh => "refresh",
        }
    }
}

/// A token as stored.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) grant: Grant,
    /// From this instant on it is no good, in microseconds since 1970.
    pub(crate) expires: i64,
    /// An authorization code's address, which its exchange must repeat.
    pub(crate) redirect_uri: Option<String>,
    /// JSON that is handed back at the exchange of an authorization code.
    pub(crate) transaction_state: Option<String>,
}

/// Keeps a token; `false` when the record or the client is gone. Forgets what expired long before `now`.
pub(crate) fn add(
    transaction: &Connection,
    text: &Secret,
    token: &Token,
    now: i64,
) -> Result<bool, StoreError> {
    transaction
        .prepare_cached("DELETE FROM tokens WHERE expires < ?1")?
        .execute([now.saturating_sub(REMEMBERED)])?;
    let added = transaction
        .prepare_cached(
            "INSERT INTO tokens (hash, kind, client_id, record_id, expires, redirect_uri, transaction_state)
             SELECT ?1, ?2, clients.id, records.id, ?5, ?6, ?7 FROM clients, records
             WHERE clients.id = ?3 AND records.id = ?4",
        )?
        .execute((
            hash(text),
            token.kind.name(),
            &token.grant.client_id,
            token.grant.record_id,
            token.expires,
            &token.redirect_uri,
            &token.transaction_state,
        ))?;
    Ok(added > 0)
}

/// The token of this kind and text, expired or not.
pub(crate) fn find(
    transaction: &Connection,
    kind: TokenKind,
    text: &Secret,
) -> Result<Option<Token>, StoreError> {
    transaction
        .prepare_cached(
            "SELECT record_id, type_id, client_id, expires, redirect_uri, transaction_state
             FROM tokens JOIN records ON records.id = record_id WHERE hash = ?1 AND kind = ?2",
        )?
        .query_row((hash(text), kind.name()), |row| {
            Ok(Token {
                kind,
                grant: Grant {
                    record_id: row.get(0)?,
                    type_id: row.get(1)?,
                    client_id: row.get(2)?,
                },
                expires: row.get(3)?,
                redirect_uri: row.get(4)?,
                transaction_state: row.get(5)?,
            })
        })
        .optional()
        .map_err(StoreError::from)
}

/// Forgets one token.
pub(crate) fn remove(transaction: &Connection, text: &Secret) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM tokens WHERE hash = ?1")?
        .execute([hash(text)])?;
    Ok(())
}

/// Forgets everything that was issued for a record.
pub(crate) fn remove_all(transaction: &Connection, record_id: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM tokens WHERE record_id = ?1")?
        .execute([record_id])?;
    Ok(())
}

fn hash(text: &Secret) -> [u8; 32] {
    Sha256::digest(text.reveal()).into()
}

//! The database's layout and its versions. Used when a store is opened; a layout newer than this program knows is
//! refused, never guessed at. The layout is ours: nothing outside `store` names a table.

use rusqlite::Connection;

use crate::sandbox::store::StoreError;
use crate::sandbox::store::records;
use crate::sandbox::store::types;
use crate::sandbox::store::types::Schemas;

/// One step per version, the first making version 1. A published step is never edited: a change is a new step.
const MIGRATIONS: [&str; 3] = [
    "
    -- One row. `next_id` is the one counter of ids for records and plural elements (reference 5).
    CREATE TABLE application (
        id      TEXT NOT NULL,
        next_id INTEGER NOT NULL
    ) STRICT;

    -- AUTOINCREMENT: a type created again under an old name gets a new id, so (id, revision) names one schema for ever.
    CREATE TABLE entity_types (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        name     TEXT NOT NULL UNIQUE,
        revision INTEGER NOT NULL,
        schema   TEXT NOT NULL
    ) STRICT;

    -- Instants are microseconds since 1970. `body` holds everything but the four reserved attributes.
    CREATE TABLE records (
        id           INTEGER PRIMARY KEY,
        type_id      INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        uuid         TEXT NOT NULL UNIQUE,
        created      INTEGER NOT NULL,
        last_updated INTEGER NOT NULL,
        body         TEXT NOT NULL
    ) STRICT;
    CREATE INDEX records_of_type ON records (type_id, id);

    -- One row per value of a `unique` attribute, plural elements included: the key is the constraint, and the look-up.
    CREATE TABLE unique_values (
        type_id    INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        attribute  TEXT NOT NULL,
        value      TEXT NOT NULL,
        record_id  INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
        element_id INTEGER,
        PRIMARY KEY (type_id, attribute, value)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unique_values_of_record ON unique_values (record_id);

    -- `features` and `whitelist` are JSON arrays.
    CREATE TABLE clients (
        id          TEXT PRIMARY KEY,
        secret      TEXT NOT NULL,
        description TEXT NOT NULL,
        features    TEXT NOT NULL,
        whitelist   TEXT NOT NULL
    ) STRICT;
",
    "
    -- JSONB: filters read single attributes of it, and need not parse the whole text for each.
    ALTER TABLE records ADD COLUMN jsonb BLOB NOT NULL DEFAULT x'';
    UPDATE records SET jsonb = jsonb(body);
    ALTER TABLE records DROP COLUMN body;
    ALTER TABLE records RENAME COLUMN jsonb TO body;
    -- Since when the record is as it is: for a look back. `created` may be given by the caller, and not every change
    -- touches `last_updated`.
    ALTER TABLE records ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

    -- What a record was, from `since` until before `until`. Deleted records are here alone, so nothing refers to one.
    CREATE TABLE record_versions (
        record_id    INTEGER NOT NULL,
        since        INTEGER NOT NULL,
        until        INTEGER NOT NULL,
        type_id      INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        uuid         TEXT NOT NULL,
        created      INTEGER NOT NULL,
        last_updated INTEGER NOT NULL,
        body         BLOB NOT NULL
    ) STRICT;
    CREATE INDEX record_versions_of_record ON record_versions (record_id, until);
    CREATE INDEX record_versions_of_type ON record_versions (type_id);

    -- One row per value of an attribute with the feature `query`, in the form in which a filter compares it.
    CREATE TABLE query_values (
        type_id    INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        attribute  TEXT NOT NULL,
        value      ANY NOT NULL,
        record_id  INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
        element_id INTEGER NOT NULL,
        PRIMARY KEY (type_id, attribute, value, record_id, element_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX query_values_of_record ON query_values (record_id);

    -- Plural elements that were taken out of their record, for `entity.adopt`. `attribute` is the plural's dotted path.
    CREATE TABLE orphans (
        id        INTEGER PRIMARY KEY,
        type_id   INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        attribute TEXT NOT NULL,
        body      BLOB NOT NULL
    ) STRICT;
    CREATE INDEX orphans_of_type ON orphans (type_id);

    ALTER TABLE entity_types ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
    -- How many old passwords are remembered.
    ALTER TABLE entity_types ADD COLUMN history_size INTEGER NOT NULL DEFAULT 0;

    -- What a schema was, from `since` until before `until`. By name, because it outlives the type.
    CREATE TABLE type_versions (
        name   TEXT NOT NULL,
        since  INTEGER NOT NULL,
        until  INTEGER NOT NULL,
        schema TEXT NOT NULL
    ) STRICT;
    CREATE INDEX type_versions_of_name ON type_versions (name, until);

    -- Rules, and uniqueness over several attributes. They do not go with their type: it cannot be deleted before them.
    -- `attributes` is a JSON array of slashed paths, `definition` JSON, absent for `unique`.
    CREATE TABLE properties (
        uuid        TEXT NOT NULL UNIQUE,
        type_id     INTEGER NOT NULL REFERENCES entity_types (id),
        property    TEXT NOT NULL CHECK (property IN ('rule', 'unique')),
        attributes  TEXT NOT NULL,
        definition  TEXT,
        description TEXT
    ) STRICT;
    CREATE INDEX properties_of_type ON properties (type_id);

    -- Secrets that were replaced and live on until an instant.
    CREATE TABLE old_secrets (
        client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        secret    TEXT NOT NULL,
        until     INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX old_secrets_of_client ON old_secrets (client_id);

    -- `attributes` is a JSON array of dotted paths.
    CREATE TABLE access_schemas (
        client_id   TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        type_id     INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        access_type TEXT NOT NULL,
        attributes  TEXT NOT NULL,
        PRIMARY KEY (client_id, type_id, access_type)
    ) STRICT;
    CREATE INDEX access_schemas_of_type ON access_schemas (type_id);

    CREATE TABLE settings (
        client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        key       TEXT NOT NULL,
        value     TEXT NOT NULL,
        PRIMARY KEY (client_id, key)
    ) STRICT;
    CREATE TABLE default_settings (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;

    -- What was issued to end users: access tokens and what they can be exchanged for. `hash`, because a token need never
    -- be shown again.
    CREATE TABLE tokens (
        hash      BLOB PRIMARY KEY,
        kind      TEXT NOT NULL,
        client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        record_id INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
        expires   INTEGER NOT NULL,
        -- Of authorization codes: the address that the exchange must repeat, and JSON that it hands back.
        redirect_uri      TEXT,
        transaction_state TEXT
    ) STRICT;
    CREATE INDEX tokens_of_record ON tokens (record_id);
    CREATE INDEX tokens_of_client ON tokens (client_id);
    CREATE INDEX tokens_by_expiry ON tokens (expires);
",
    "
    -- A random number, new at every change of what decides who may create a record and against which schema: what was
    -- read under it holds as long as it is there. By triggers, so that no statement and no program can forget it.
    ALTER TABLE application ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    UPDATE application SET revision = random();

    CREATE TRIGGER clients_added AFTER INSERT ON clients BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER clients_changed AFTER UPDATE ON clients BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER clients_deleted AFTER DELETE ON clients BEGIN UPDATE application SET revision = random(); END;

    CREATE TRIGGER old_secrets_added AFTER INSERT ON old_secrets BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER old_secrets_changed AFTER UPDATE ON old_secrets BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER old_secrets_deleted AFTER DELETE ON old_secrets BEGIN UPDATE application SET revision = random(); END;

    CREATE TRIGGER access_added AFTER INSERT ON access_schemas BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER access_changed AFTER UPDATE ON access_schemas BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER access_deleted AFTER DELETE ON access_schemas BEGIN UPDATE application SET revision = random(); END;

    CREATE TRIGGER types_added AFTER INSERT ON entity_types BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER types_changed AFTER UPDATE ON entity_types BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER types_deleted AFTER DELETE ON entity_types BEGIN UPDATE application SET revision = random(); END;

    CREATE TRIGGER properties_added AFTER INSERT ON properties BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER properties_changed AFTER UPDATE ON properties BEGIN UPDATE application SET revision = random(); END;
    CREATE TRIGGER properties_deleted AFTER DELETE ON properties BEGIN UPDATE application SET revision = random(); END;
",
];

/// The version of a database that this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// The version that the database is of; 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(StoreError::Newer {
            found,
            known: VERSION,
        });
    }
    Ok(found)
}

/// Makes an empty database one of an earlier version, or of this one: something to compare others with.
pub(crate) fn lay_out(connection: &Connection, version: i64) -> Result<(), StoreError> {
    let steps = usize::try_from(version).unwrap_or_default();
    for step in MIGRATIONS.iter().take(steps) {
        connection.execute_batch(step)?;
    }
    Ok(())
}

/// Version 2 brought a table of the values that filters look up: fills it for the records that are there.
fn index_queried(transaction: &Connection) -> Result<(), StoreError> {
    let schemas = Schemas::default();
    for name in types::names(transaction)? {
        if let Some(stored_type) = schemas.find(transaction, &name)?
            && !records::reindex(transaction, &stored_type)?
        {
            return Err(StoreError::Damaged("a unique value is there twice"));
        }
    }
    Ok(())
}

/// Brings the database to [`VERSION`], inside the caller's transaction.
pub(crate) fn migrate(transaction: &Connection) -> Result<(), StoreError> {
    let from = usize::try_from(version(transaction)?).unwrap_or_default();
    let mut objects = transaction.prepare("SELECT 1 FROM sqlite_schema")?;
    if from == 0 && objects.exists([])? {
        return Err(StoreError::Damaged("it is another program's"));
    }
    drop(objects);
    for step in &MIGRATIONS[from..] {
        transaction.execute_batch(step)?;
    }
    if (1..2).contains(&from) {
        index_queried(transaction)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::net::Ipv4Addr;

    use jiff::Timestamp;

    use crate::capture::auth::Presented;
    use crate::capture::endpoint::Endpoint;
    use crate::capture::json::Json;
    use crate::capture::request::Args;
    use crate::capture::request::Call;
    use crate::sandbox::pipeline;
    use crate::sandbox::store::FILE;
    use crate::sandbox::store::Store;
    use crate::sandbox::store::StorePath;

    use super::*;

    /// A database as the first version left it.
    const VERSION_1: &str = r#"
        INSERT INTO application VALUES ('app', 3);
        INSERT INTO clients VALUES ('owner', 'secret', '', '["owner"]', '["0.0.0.0/0"]');
        INSERT INTO entity_types VALUES (1, 't', 1, '{"name":"t","attr_defs":[
            {"name":"id","type":"id"},{"name":"uuid","type":"uuid"},
            {"name":"created","type":"dateTime"},{"name":"lastUpdated","type":"dateTime"},
            {"name":"agreed","type":"boolean"},{"name":"born","type":"date"},
            {"name":"where","type":"object","attr_defs":[
                {"name":"country","type":"string","length":null,"case-sensitive":true}]},
            {"name":"city","type":"string","length":null,"case-sensitive":false,"features":["query"]},
            {"name":"mail","type":"string","length":null,"case-sensitive":true,"constraints":["unique"]},
            {"name":"price","type":"decimal"},
            {"name":"words","type":"plural","attr_defs":[{"name":"id","type":"id"},
                {"name":"word","type":"string","length":null,"case-sensitive":true}]}]}');
        INSERT INTO records VALUES (1, 1, '6f4e2e3e-0d51-4b06-9d1b-3c1a3f0a0001', 1000000000000000, 1000000000000000,
            '{"agreed":true,"born":"1999-12-31","city":"Tromsø","mail":"a@b.c","price":1.50,"words":[{"id":2,"word":"x"}]}');
        INSERT INTO unique_values VALUES (1, 'mail', 'a@b.c', 1, NULL);
        PRAGMA user_version = 1;"#;

    #[test]
    fn what_an_older_version_kept_is_found_changed_and_looked_back_to() {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let old = Connection::open(dir.path().join(FILE)).expect("opens");
        lay_out(&old, 1).expect("is the first layout");
        old.execute_batch(VERSION_1).expect("fits the first layout");
        drop(old);
        let store = Store::open(StorePath::Dir(dir.path().to_owned())).expect("is migrated");
        let (id, secret) = store.owner().expect("is still there");
        let ask = |operation: &str, pairs: &[(&str, &str)]| {
            let call = Call {
                path: format!("/{operation}"),
                endpoint: Endpoint::from_path(operation),
                args: Args::from_pairs(pairs.iter().copied()),
                presented: Ok(Presented::Basic {
                    id: id.clone(),
                    secret: secret.clone(),
                }),
            };
            let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let body = pipeline::answer(&store, &call, peer, Timestamp::now()).body;
            assert_eq!(
                body.get("stat").and_then(Json::as_str),
                Some("ok"),
                "{body}"
            );
            body
        };
        let whole = r#"[{"id":1,"city":"Tromsø","mail":"a@b.c","price":1.50,"words":[{"id":2,"word":"x"}]}]"#;
        // Readers may call few functions: every kind of operand is here.
        for filter in [
            "city = 'TROMSØ'",
            "city >= 't' and not (city = mail)",
            "mail = 'a@b.c'",
            "price = 1.5",
            "price = price and price is not null",
            "words.word = 'x' and words is not null",
            "where.country is null and where is null",
            "born = '1999-12-31' and born < created",
            "created = lastUpdated and created < 'now'",
            "agreed = true and agreed",
            "uuid > '6' and id > 0",
        ] {
            let found = ask(
                "entity.find",
                &[
                    ("type_name", "t"),
                    ("filter", filter),
                    ("attributes", r#"["id","city","mail","price","words"]"#),
                ],
            );
            let results = found.get("results").map(Json::to_string);
            assert_eq!(results.as_deref(), Some(whole), "{filter}");
        }
        let one = [("type_name", "t"), ("id", "1")];
        let city = [&one[..], &[("attributes", r#"{"city":"Oslo"}"#)]].concat();
        ask("entity.update", &city);
        let before = [&one[..], &[("timestamp", "yesterday")]].concat();
        let before = ask("versions/entity", &before);
        let was = before.get("result").and_then(|record| record.get("city"));
        assert_eq!(was.and_then(Json::as_str), Some("Tromsø"));
    }
}

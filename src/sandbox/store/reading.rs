//! What a reader's connection may do: read the layout's own tables. Everything that SQL could do besides is refused before
//! it runs, so that not even a mistake in how a filter becomes SQL could change anything or look elsewhere. Used where the
//! store opens readers; the writer and the commands that copy whole databases have connections of their own.

use rusqlite::Connection;
use rusqlite::hooks::AuthAction;
use rusqlite::hooks::AuthContext;
use rusqlite::hooks::Authorization;

use crate::sandbox::filter;

/// Every table of the layout, and what filters open plurals with.
const TABLES: [&str; 16] = [
    "access_schemas",
    "application",
    "clients",
    "default_settings",
    "entity_types",
    "jsonb_each",
    "old_secrets",
    "orphans",
    "properties",
    "query_values",
    "record_versions",
    "records",
    "settings",
    "tokens",
    "type_versions",
    "unique_values",
];

/// SQLite's own functions that our statements call.
const FUNCTIONS: [&str; 11] = [
    "->",
    "coalesce",
    "count",
    "ifnull",
    "json",
    "json_array_length",
    "json_extract",
    "json_type",
    "max",
    "min",
    "substr",
];

/// Holds a connection to reading from now on.
pub(super) fn restrict(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.authorizer(Some(|asked: AuthContext<'_>| {
        if permitted(asked.action) {
            Authorization::Allow
        } else {
            Authorization::Deny
        }
    }))
}

fn permitted(action: AuthAction<'_>) -> bool {
    match action {
        AuthAction::Select | AuthAction::Transaction { .. } => true,
        AuthAction::Read { table_name, .. } => TABLES.contains(&table_name),
        AuthAction::Function { function_name } => {
            FUNCTIONS.contains(&function_name) || filter::FUNCTIONS.contains(&function_name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::Store;
    use crate::sandbox::store::StoreError;
    use crate::sandbox::store::StorePath;

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(StorePath::Dir(folder.path().to_owned())).expect("opens")
    }

    #[test]
    fn a_reader_does_nothing_but_read() {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let elsewhere = folder.path().join("elsewhere.db");
        let store = store(&folder);
        for sql in [
            "INSERT INTO clients VALUES ('x', 's', '', '[]', '[]')",
            "UPDATE records SET created = 0",
            "DELETE FROM records",
            "DROP TABLE records",
            "CREATE TABLE more (x)",
            "CREATE TEMP TABLE more (x)",
            "CREATE INDEX more ON records (created)",
            "ALTER TABLE records RENAME TO more",
            "REINDEX",
            "ANALYZE",
            "PRAGMA writable_schema = ON",
            "PRAGMA journal_mode",
            "SELECT * FROM pragma_table_info('records')",
            "SELECT sql FROM sqlite_schema",
            "SELECT load_extension('x')",
            "SELECT randomblob(1000000000)",
            "SAVEPOINT s",
            &format!("ATTACH '{}' AS e", elsewhere.display()),
        ] {
            let done =
                store.read(|transaction| transaction.execute_batch(sql).map_err(StoreError::from));
            let Err(StoreError::Database(error)) = done else {
                panic!("{sql}: {done:?}");
            };
            let denied = Some(rusqlite::ErrorCode::AuthorizationForStatementDenied);
            let refused = error.sqlite_error_code() == denied
                // What is said of functions has no code of its own.
                || error.to_string().contains("not authorized to use function");
            assert!(refused, "{sql}: {error}");
        }
        assert!(!elsewhere.exists());
        store.owner().expect("reading goes on");
    }

    #[test]
    fn every_table_of_the_layout_may_be_read() {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let store = store(&folder);
        let tables: Vec<String> = store
            .write(|transaction| {
                let mut statement = transaction.prepare(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name",
                )?;
                let names = statement.query_map([], |row| row.get(0))?;
                Ok::<_, StoreError>(names.collect::<Result<_, _>>()?)
            })
            .expect("the writer may look");
        let mut listed = TABLES.to_vec();
        listed.retain(|table| *table != "jsonb_each");
        assert_eq!(tables, listed);
        for table in tables {
            let all = format!("SELECT * FROM {table}");
            let read = store
                .read(|transaction| Ok::<_, StoreError>(transaction.prepare(&all)?.exists([])?));
            read.unwrap_or_else(|error| panic!("{table}: {error}"));
        }
    }
}

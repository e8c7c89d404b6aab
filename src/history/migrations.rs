//! The tables of the history, and how those of an older version become them.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::capture::endpoint::Endpoint;
use crate::history::content::Content;
use crate::history::row;
use crate::history::row::Row;

/// The version of the tables below.
pub(super) const VERSION: i64 = 3;

/// `exchange` is small, so that a list over all of it is quick; what is large is in `content`, with an estimate of all
/// that an exchange takes, its words included: the index lets go of space late, so the file's size says little. `words`
/// keeps only which words occur where, not how often nor in which order: that takes a third of the space, and no
/// question needs more.
const TABLES: &str = "
    CREATE TABLE exchange (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started INTEGER NOT NULL,
        elapsed_us INTEGER NOT NULL,
        environment TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        type_name TEXT,
        subject TEXT NOT NULL,
        verdict TEXT NOT NULL,
        code INTEGER,
        request_id TEXT,
        status INTEGER
    ) STRICT;
    CREATE INDEX exchange_code ON exchange (code) WHERE code IS NOT NULL;
    CREATE TABLE content (
        exchange INTEGER PRIMARY KEY,
        deflated INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        weight INTEGER NOT NULL
    ) STRICT;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content = '', contentless_delete = 1, detail = 'none',
        tokenize = \"unicode61 remove_diacritics 2 categories 'L* M* N* P* S* C*'\"
    );
    CREATE TABLE seen (
        exchange INTEGER NOT NULL,
        place INTEGER NOT NULL,
        type_name TEXT NOT NULL,
        uuid TEXT,
        number INTEGER,
        selector TEXT,
        how TEXT NOT NULL,
        PRIMARY KEY (exchange, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX seen_uuid ON seen (uuid) WHERE uuid IS NOT NULL;
    CREATE INDEX seen_number ON seen (number) WHERE number IS NOT NULL;
    CREATE INDEX seen_selector ON seen (selector) WHERE selector IS NOT NULL;
    CREATE TABLE total (exchanges INTEGER NOT NULL, weight INTEGER NOT NULL) STRICT;
    INSERT INTO total VALUES (0, 0);";

/// The second version counted the exchanges alone, and not what each of them takes.
const FROM_VERSION_2: &str = "
    DROP TRIGGER exchange_added;
    DROP TRIGGER exchange_removed;
    ALTER TABLE content ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;
    UPDATE content SET weight = 2 * length(bytes) + 500;
    ALTER TABLE total ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;
    UPDATE total SET weight = (SELECT coalesce(sum(weight), 0) FROM content);";

/// Keeps count of what there is, and of what it takes.
const TRIGGERS: &str = "
    CREATE TRIGGER content_added AFTER INSERT ON content
        BEGIN UPDATE total SET exchanges = exchanges + 1, weight = weight + new.weight; END;
    CREATE TRIGGER content_removed AFTER DELETE ON content
        BEGIN UPDATE total SET exchanges = exchanges - 1, weight = weight - old.weight; END;";

/// Makes the tables, or brings them to this version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    // At once for writing, so that of two processes that begin the file the second sees the first one's tables.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => make(&transaction)?,
        1 => from_version_1(&transaction)?,
        2 => {
            transaction.execute_batch(FROM_VERSION_2)?;
            transaction.execute_batch(TRIGGERS)?;
        }
        VERSION => {}
        newer => return Err(rusqlite::Error::IntegralValueOutOfRange(0, newer)),
    }
    if version != VERSION {
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    let can_shrink: i64 = connection.query_row("PRAGMA auto_vacuum", [], |row| row.get(0))?;
    if can_shrink == 0 {
        // The first version's file cannot give space back until it is written anew. When another process reads at this
        // moment, the next start does it.
        let _ = connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
    }
    Ok(())
}

fn make(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(TRIGGERS)
}

/// Finds out whether [`migrate`] can use the file, without doing it.
pub(super) fn look(connection: &Connection) -> Result<(), rusqlite::Error> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        VERSION => check(connection),
        newer if newer > VERSION => Err(rusqlite::Error::IntegralValueOutOfRange(0, newer)),
        _ => Ok(()),
    }
}

/// Fails when a table or a column is missing, or the largest place cannot be read.
pub(super) fn check(connection: &Connection) -> Result<(), rusqlite::Error> {
    for sql in [
        "SELECT id, started, elapsed_us, environment, endpoint, type_name, subject, verdict, code, request_id, status
         FROM exchange",
        "SELECT exchange, deflated, bytes, weight FROM content",
        "SELECT rowid FROM words WHERE words MATCH 'a'",
        "SELECT exchange, place, type_name, uuid, number, selector, how FROM seen",
        "SELECT exchanges, weight FROM total",
    ] {
        connection.prepare(sql)?.query([])?.next()?;
    }
    connection.query_row("SELECT max(id) FROM exchange", [], |_| Ok(()))
}

/// The next place, which is never given again.
pub(super) fn next_place(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'exchange', 0
         WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'exchange')",
        [],
    )?;
    connection.query_row(
        "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'exchange' RETURNING seq",
        [],
        |row| row.get(0),
    )
}

/// Removes everything; places that were given are not given again. Says how many exchanges there were.
pub(super) fn empty(connection: &mut Connection) -> Result<u64, rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let count: i64 = transaction.query_row("SELECT exchanges FROM total", [], |row| row.get(0))?;
    transaction.execute_batch(
        "DELETE FROM exchange; DELETE FROM content; DELETE FROM seen;
         INSERT INTO words (words) VALUES ('delete-all');
         UPDATE total SET exchanges = 0, weight = 0",
    )?;
    transaction.commit()?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The first version kept everything in one table, texts as they were. A row that is damaged cannot be brought along.
fn from_version_1(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    transaction.execute_batch("ALTER TABLE exchange RENAME TO exchange_1")?;
    make(transaction)?;
    let mut old = transaction.prepare(
        "SELECT started, elapsed_us, environment, endpoint, type_name, subject, verdict, code,
                args, sent, outcome, body, body_length, id
         FROM exchange_1 ORDER BY id",
    )?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(row) = row_of_version_1(row)? {
            row.insert(transaction)?;
        }
    }
    drop(rows);
    drop(old);
    // Places that were given are not given again.
    let given = "SELECT seq FROM sqlite_sequence WHERE name = 'exchange_1'";
    let given: Option<i64> = transaction
        .query_row(given, [], |row| row.get(0))
        .optional()?;
    transaction.execute_batch("DROP TABLE exchange_1")?;
    transaction.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'exchange'",
        [given.unwrap_or_default()],
    )?;
    Ok(())
}

fn row_of_version_1(row: &rusqlite::Row<'_>) -> Result<Option<Row>, rusqlite::Error> {
    let texts = [8, 9, 10].map(|column| row.get::<_, String>(column));
    let [args, sent, outcome] = texts;
    let content = Content::from_parts(&args?, &sent?, &outcome?, row.get(11)?, row.get(12)?);
    let started: String = row.get(0)?;
    let (Some(content), Ok(started)) = (content, started.parse()) else {
        return Ok(None);
    };
    let (endpoint, verdict): (String, String) = (row.get(3)?, row.get(6)?);
    let known = Endpoint::from_path(&endpoint).zip(row::verdict_from_word(&verdict));
    let seen = known.map(|(endpoint, verdict)| {
        row::seen(endpoint, &content.args, verdict, content.answer().as_ref())
    });
    Ok(Some(Row {
        id: row.get(13)?,
        started: row::nanoseconds(started),
        elapsed_us: row.get(1)?,
        environment: row.get(2)?,
        endpoint,
        type_name: row.get(4)?,
        subject: row.get(5)?,
        verdict,
        code: row.get(7)?,
        request_id: content.request_id(),
        seen: seen.unwrap_or_default(),
        content,
    }))
}

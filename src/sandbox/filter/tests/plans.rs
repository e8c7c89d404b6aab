//! How SQLite goes about it: what an index can answer is never answered by looking at every record.

use rusqlite::Connection;
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::sandbox::filter::compile;
use crate::sandbox::filter::tests::TYPE_ID;
use crate::sandbox::filter::tests::database;
use crate::sandbox::filter::tests::now;
use crate::sandbox::filter::tests::rich;

/// The steps of `EXPLAIN QUERY PLAN`, one in a line.
fn plan(connection: &Connection, filter: &str) -> String {
    let condition = compile(filter, &rich(), 2, now()).expect(filter);
    let mut values = vec![Value::from(TYPE_ID)];
    values.extend(condition.params);
    let mut statement = connection
        .prepare(&format!(
            "EXPLAIN QUERY PLAN SELECT id, body FROM records WHERE type_id = ?1 AND {} ORDER BY id LIMIT 100",
            condition.sql
        ))
        .expect("is SQL");
    let steps = statement
        .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>);
    steps.expect("has a plan").join("\n")
}

#[test]
fn indexes_are_used() {
    let connection = database(&rich(), &[]);
    for (filter, by) in [
        (
            "code = 'x'",
            "unique_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "'x' = code and age = 1",
            "unique_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "email = 'X'",
            "unique_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "number = 7",
            "unique_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "code = 'x' or code = 'y'",
            "unique_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "score = 5",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "alias > 'x'",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value>?)",
        ),
        (
            "'x' > alias",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value<?)",
        ),
        (
            "fine",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "left >= 'today' and ok",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value>?)",
        ),
        (
            "logins.domain = 'x'",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value=?)",
        ),
        (
            "logins.sites.visits <= 5",
            "query_values USING PRIMARY KEY (type_id=? AND attribute=? AND value<?)",
        ),
    ] {
        let plan = plan(&connection, filter);
        assert!(plan.contains(by), "{filter}:\n{plan}");
        assert!(
            plan.contains("SEARCH records "),
            "{filter}:
{plan}"
        );
        assert!(!plan.contains("SCAN records"), "{filter}:\n{plan}");
    }
    for (filter, by) in [
        ("id > 5", "records_of_type (type_id=? AND id>?)"),
        ("id = 5", "PRIMARY KEY (rowid=?)"),
        ("5 < id and age = 1", "records_of_type (type_id=? AND id>?)"),
        ("uuid = 'x'", "(uuid=?)"),
    ] {
        let plan = plan(&connection, filter);
        assert!(
            plan.contains(by) && !plan.contains("SCAN"),
            "{filter}:\n{plan}"
        );
    }
}

/// Under `not`, and where a comparison is compared, unknown is not false: the record itself is looked at.
#[test]
fn indexes_are_left_alone_where_they_would_be_wrong() {
    for filter in [
        "not (code = 'x')",
        "(code = 'x') is null",
        "(score > 1) = true",
        "not (ok or not (alias = 'x'))",
        "code != 'x'",
        "code > 'x'",
        "score = null",
        "score = age",
    ] {
        let sql = compile(filter, &rich(), 2, now()).expect(filter).sql;
        assert!(!sql.contains("_values"), "{filter}: {sql}");
    }
}

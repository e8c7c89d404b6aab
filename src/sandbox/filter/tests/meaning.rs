//! What filters select, case by case, and what the schema makes of a wrong one.

use proptest::prelude::ProptestConfig;
use proptest::proptest;
use rusqlite::types::Value;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;
use crate::sandbox::filter::Condition;
use crate::sandbox::filter::compile;
use crate::sandbox::filter::index_value;
use crate::sandbox::filter::tests::Record;
use crate::sandbox::filter::tests::database;
use crate::sandbox::filter::tests::json;
use crate::sandbox::filter::tests::now;
use crate::sandbox::filter::tests::rich;
use crate::sandbox::filter::tests::select;

/// 2003-01-02 18:15:00 UTC.
const EVENING: i64 = 1_041_531_300_000_000;

fn record(number: u8, body: &str) -> Record {
    Record {
        uuid: format!("{number:02}b0c68d-7d7a-49d8-a88d-022585b0f877"),
        created: EVENING + i64::from(number),
        last_updated: EVENING + i64::from(number),
        body: json(body),
    }
}

/// Four records: one with everything, its like in other letters, one with nulls, and one with nothing.
fn four() -> Vec<Record> {
    vec![
        record(
            1,
            r#"{"code":"A1","email":"Ann@Example.com","number":7,"name":"Ann","nick":"Zoë","alias":"Zoë","age":30,"score":5,
                "price":1.50,"rate":0.1,"ok":true,"fine":false,"born":"2003-01-02","joined":"2003-01-02",
                "seen":"2003-01-02 18:15:00 +0000","left":"2003-01-02 18:15:00.500000 +0000","ip":"192.0.2.1",
                "extra":{"a":null},"password":{"type":"password-bcrypt","value":"x"},
                "home":{"city":"Ghent","geo":{"lat":51.05},"tags":[{"id":11,"tag":"red"}]},
                "logins":[
                    {"id":12,"domain":"WWW.cancer.com","count":1,"most":3,"at":"2020-05-05 00:00:00 +0000","ok":false,
                     "device":{"os":"linux","bought":"2019-01-01"},
                     "sites":[{"id":13,"siteName":"blog","visits":1},{"id":14,"siteName":null,"visits":20}]},
                    {"id":15,"domain":null,"count":9,"most":9,"at":null,"ok":true,"device":null,"sites":[]}]}"#,
        ),
        record(
            2,
            r#"{"code":"a1","email":"bob@example.com","name":"ANN","nick":"ZOË","alias":"ZOË","age":-1,"score":10,
                "price":15e-1,"rate":1e2,"ok":false,"fine":true,"born":"1999-12-31","joined":"1999-12-31",
                "seen":"2003-01-02 00:00:00 +0000","left":"1999-12-31 23:59:59 +0000","ip":"10.0.0.2","extra":[],
                "home":{"city":"","geo":{"lat":null},"tags":[]},
                "logins":[{"id":21,"domain":"other.org","count":3,"most":1,"sites":[{"id":22,"siteName":"shop","visits":2}]}]}"#,
        ),
        record(
            3,
            r#"{"code":null,"email":null,"name":null,"nick":null,"age":null,"score":null,"price":null,"ok":null,"born":null,
                "seen":null,"ip":null,"extra":null,"password":null,"home":null,"logins":null}"#,
        ),
        record(4, "{}"),
    ]
}

#[test]
fn filters_select_what_they_say() {
    let schema = rich();
    let connection = database(&schema, &four());
    for (filter, expected) in [
        ("", &[1, 2, 3, 4][..]),
        (" \t\n", &[1, 2, 3, 4]),
        ("1 = 1", &[1, 2, 3, 4]),
        ("false", &[]),
        ("null", &[]),
        // Texts, with and without regard to case, indexed and not.
        ("name = 'Ann'", &[1]),
        ("'Ann' = name", &[1]),
        ("name = 'ann'", &[]),
        ("nick = 'zoë'", &[1, 2]),
        ("alias = \"ZOË\"", &[1, 2]),
        ("alias >= 'ZOË'", &[1, 2]),
        ("alias < 'a'", &[]),
        ("name < 'Ann'", &[2]),
        ("home.city = ''", &[2]),
        ("/home/city = 'Ghent'", &[1]),
        ("code = 'A1'", &[1]),
        ("not (code = 'A1')", &[2]),
        ("email = 'ANN@example.COM'", &[1]),
        ("email > 'ann@example.com'", &[2]),
        ("code = 'A1' or code = 'a1'", &[1, 2]),
        ("name = nick", &[]),
        ("nick = alias", &[1, 2]),
        ("name = code or email != name", &[1, 2]),
        // Numbers.
        ("age = 30", &[1]),
        ("age = '30'", &[1]),
        ("age = 030.0", &[1]),
        ("age < 3e1", &[2]),
        ("age = -1", &[2]),
        ("score >= 5 and score < 5.5", &[1]),
        ("5 <= score", &[1, 2]),
        ("number = 7", &[1]),
        ("number = '07'", &[1]),
        ("number = 7.0", &[1]),
        ("price = 1.5", &[1, 2]),
        ("rate > 0.1", &[2]),
        ("rate = 100", &[2]),
        ("rate = 0.10", &[1]),
        ("age > score", &[1]),
        ("price < age", &[1]),
        // Ids and the other reserved attributes.
        ("id>2", &[3, 4]),
        ("id = '2'", &[2]),
        ("id > 2.5", &[3, 4]),
        ("uuid > '02'", &[2, 3, 4]),
        (
            "uuid > '00000000-0000-0000-0000-000000000000' and uuid < '03'",
            &[1, 2],
        ),
        ("uuid = '01B0C68D-7D7A-49D8-A88D-022585B0F877'", &[1]),
        ("created = '2003-01-02 18:15:00.000002 +0000'", &[2]),
        (
            "lastUpdated >= 'January 2, 2003 11:15:00.000003am -0700'",
            &[3, 4],
        ),
        ("created < 'now' and created > 'yesterday'", &[]),
        ("created >= seen", &[1, 2]),
        ("id is null", &[]),
        ("created is not null", &[1, 2, 3, 4]),
        // Truth.
        ("ok", &[1]),
        ("not ok", &[2]),
        ("!ok", &[2]),
        ("ok = false", &[2]),
        ("ok = 'TRUE'", &[1]),
        ("ok != true", &[2]),
        ("fine", &[2]),
        ("not ok = true", &[2]),
        ("ok = fine", &[]),
        ("(age = 30) = ok", &[1, 2]),
        ("(age = 30) != fine", &[1, 2]),
        ("(ok is null) = true", &[3, 4]),
        // Days and instants.
        ("born = '01/02/2003'", &[1]),
        ("born < 'today'", &[1, 2]),
        ("joined = '19991231'", &[2]),
        ("joined > '1999-12-31'", &[1]),
        ("seen = '2003-01-02T18:15:00Z'", &[1]),
        ("seen = '2003-01-02'", &[2]),
        ("left > '2003-01-02 18:15:00'", &[1]),
        ("left < '2003-01-02 18:15:00.5'", &[2]),
        ("born = joined", &[1, 2]),
        ("born = seen", &[]),
        ("joined < seen", &[1, 2]),
        ("seen < left", &[1]),
        ("created > seen", &[1, 2]),
        ("ip = '192.0.2.1'", &[1]),
        // Null: unknown is neither true nor false.
        ("name is null", &[3, 4]),
        ("name is not null", &[1, 2]),
        ("not name is null", &[1, 2]),
        ("name != 'Ann'", &[2]),
        ("not (name = 'Ann')", &[2]),
        ("name = null", &[]),
        ("not (name = null)", &[]),
        ("(name = 'Ann') is null", &[3, 4]),
        ("(name = 'Ann') is not null", &[1, 2]),
        ("name = 'Ann' or true", &[1, 2, 3, 4]),
        ("null is null", &[1, 2, 3, 4]),
        ("'x' is null", &[]),
        ("extra is null", &[3, 4]),
        ("extra is not null", &[1, 2]),
        ("password is null", &[2, 3, 4]),
        ("empty is null", &[1, 2, 3, 4]),
        ("home is null", &[3, 4]),
        ("home is not null", &[1, 2]),
        ("home.geo is null", &[2, 3, 4]),
        // Plurals: any element, each condition for itself.
        ("logins.domain = 'www.cancer.com'", &[1]),
        ("logins.domain is null", &[1]),
        ("logins.domain is not null", &[1, 2]),
        ("not (logins.domain is null)", &[2, 3, 4]),
        ("logins.count = 1 and logins.most = 9", &[1]),
        ("logins.count = 3 and logins.most = 9", &[]),
        ("logins.count != 1", &[1, 2]),
        ("not (logins.count = 1)", &[2, 3, 4]),
        ("logins.count > 100", &[]),
        ("logins.id = 21", &[2]),
        ("logins.ok", &[1]),
        ("not logins.ok", &[2, 3, 4]),
        ("logins is null", &[3, 4]),
        ("logins is not null", &[1, 2]),
        ("not (logins is not null)", &[3, 4]),
        ("home.tags is null", &[2, 3, 4]),
        ("home.tags.tag = 'red'", &[1]),
        ("logins.at > '2020-01-01'", &[1]),
        // Objects in plurals, and plurals in plurals.
        ("logins.device.os = 'linux'", &[1]),
        ("logins.device is null", &[1, 2]),
        ("logins.device is not null", &[1]),
        ("logins.sites.siteName = 'shop'", &[2]),
        ("logins.sites.siteName is null", &[1]),
        ("logins.sites.visits >= 2", &[1, 2]),
        ("not (logins.sites.visits >= 20)", &[2, 3, 4]),
        ("logins.sites is null", &[1]),
        ("logins.sites is not null", &[1, 2]),
        // Two attributes of one element; attributes of two plurals, and of the record.
        ("logins.count = logins.most", &[1]),
        ("logins.count > logins.most", &[2]),
        ("logins.sites.visits = logins.count", &[1]),
        ("logins.count < age", &[1]),
        ("logins.sites.siteName < home.tags.tag", &[1]),
        ("(logins.count = 9) = logins.ok", &[1]),
    ] {
        let found = select(&connection, &schema, filter);
        assert_eq!(found.as_deref(), Ok(expected), "{filter}");
    }
}

#[test]
fn what_the_schema_does_not_allow_is_told_where_and_why() {
    let schema = rich();
    for (filter, message) in [
        (
            "born = 5",
            "born is a date: compare it with a date in quotes, as in '2003-01-02' (at character 8)",
        ),
        (
            "created > 20200101",
            "created is a dateTime: compare it with a date in quotes, as in '2003-01-02' (at character 11)",
        ),
        (
            "born = '1985-02-29'",
            "born is a date: 1985 is not a leap year: February has 28 days (at character 8)",
        ),
        (
            "'soon' < seen",
            "seen is a dateTime: `soon` does not belong in a date: write it like 2003-01-02 18:15:00 +0000 (at character 1)",
        ),
        (
            "lastUpdated = ''",
            "lastUpdated is a dateTime: an empty text is not a date: null stands for none (at character 15)",
        ),
        (
            "age = 'many'",
            "age is an integer: compare it with a number (at character 7)",
        ),
        (
            "id = true",
            "id is an id: compare it with a number (at character 6)",
        ),
        (
            "price = ''",
            "price is a decimal: compare it with a number (at character 9)",
        ),
        (
            "name = true",
            "name is a string: compare it with a text in quotes (at character 8)",
        ),
        (
            "ok = 1",
            "ok is a boolean: compare it with true or false (at character 6)",
        ),
        (
            "ok = 'yes'",
            "ok is a boolean: compare it with true or false (at character 6)",
        ),
        (
            "ip = 5",
            "ip is an ipAddress: compare it with an address in quotes, as in '192.0.2.1' (at character 6)",
        ),
        (
            "ip = '1.2.3'",
            "ip is an ipAddress: not an IPv4 address: four numbers from 0 to 255 without leading zeros, such as 192.0.2.1 (at character 6)",
        ),
        // What cannot be compared.
        (
            "home = 'x'",
            "home is an object: name one of its members, as in home.city, or ask whether it `is null` (at character 1)",
        ),
        (
            "empty = 'x'",
            "empty is an object: it cannot be compared, only asked whether it `is null` or `is not null` (at character 1)",
        ),
        (
            "'x' = logins",
            "logins is a plural: name an attribute of its elements, as in logins.at, or ask whether it `is null` (at character 7)",
        ),
        (
            "logins.sites = 1",
            "logins.sites is a plural: name an attribute of its elements, as in logins.sites.siteName, or ask whether it `is null` (at character 1)",
        ),
        (
            "extra = 'x'",
            "extra is a json: it cannot be compared, only asked whether it `is null` or `is not null` (at character 1)",
        ),
        (
            "password = 's3cret'",
            "password is a password-bcrypt: it cannot be compared, only asked whether it `is null` or `is not null` (at character 1)",
        ),
        (
            "not password = 's3cret'",
            "password is a password-bcrypt: it cannot be compared, only asked whether it `is null` or `is not null` (at character 5)",
        ),
        (
            "password = null",
            "password is a password-bcrypt: it cannot be compared, only asked whether it `is null` or `is not null` (at character 1)",
        ),
        (
            "born = name",
            "born is a date and name is a string: they cannot be compared (at character 8)",
        ),
        (
            "age = ok",
            "age is an integer and ok is a boolean: they cannot be compared (at character 7)",
        ),
        (
            "1 = '1'",
            "a number and a text cannot be compared with each other (at character 5)",
        ),
        // What is no condition.
        (
            "name",
            "name is a string, which alone is no condition: compare it with a value (at character 1)",
        ),
        (
            "ok and age",
            "age is an integer, which alone is no condition: compare it with a value (at character 8)",
        ),
        (
            "'x'",
            "a value alone is no condition: compare an attribute with it, as in email = 'a@example.com' (at character 1)",
        ),
        (
            "not 5",
            "a value alone is no condition: compare an attribute with it, as in email = 'a@example.com' (at character 5)",
        ),
        (
            "1 < age < 5",
            "a condition is true or false and cannot be compared with this: join conditions with `and`, as in a > 1 and a < 5 (at character 11)",
        ),
        (
            "name = nick = alias",
            "a condition is true or false and cannot be compared with this: join conditions with `and`, as in a > 1 and a < 5 (at character 15)",
        ),
        (
            "true = 5",
            "a condition is true or false and cannot be compared with this: join conditions with `and`, as in a > 1 and a < 5 (at character 8)",
        ),
        // `not` before a comparison.
        (
            "not age = 1",
            "`not` belongs to age alone, since it comes before comparisons: write not (age = 1) (at character 1)",
        ),
        (
            "ok and !name != 'x'",
            "`not` belongs to name alone, since it comes before comparisons: write not (name != 'x') (at character 8)",
        ),
        (
            "not (not age) <= 1",
            "`not` belongs to age alone, since it comes before comparisons: write not (age <= 1) (at character 1)",
        ),
        // The language itself.
        ("age = ", "expected a value after `=` (at character 7)"),
    ] {
        let error = compile(filter, &schema, 2, now()).expect_err(filter);
        assert_eq!(
            error.description,
            format!("filter was not valid for the following reason: {message}"),
            "{filter}"
        );
        assert_eq!(
            (error.code, error.argument_name()),
            (ErrorCode::INVALID_ARGUMENT, Some("filter")),
            "{filter}"
        );
    }
    let long = format!("not name = '{}'", "x".repeat(1000));
    let error = compile(&long, &schema, 2, now()).expect_err("`not` bites");
    assert!(error.description.len() < 300, "{error}");
}

#[test]
fn unknown_attributes_are_answered_in_the_documented_words() {
    let schema = rich();
    for (filter, path) in [
        ("nothing = 1", "nothing"),
        ("home.street = 'x'", "home.street"),
        ("name.first is null", "name.first"),
        ("not home/street = 'x'", "home.street"),
        ("Name = 'x'", "Name"),
        ("logins.sites.url is not null", "logins.sites.url"),
        ("age = 1 or name = surname", "surname"),
        ("größe = 1", "größe"),
        ("rowid = 1", "rowid"),
        ("records.id = 1", "records.id"),
    ] {
        let error = compile(filter, &schema, 2, now()).expect_err(filter);
        assert_eq!(error.code, ErrorCode::INVALID_ARGUMENT, "{filter}");
        assert_eq!(
            error.description,
            format!("filter was not valid for the following reason: Unknown attribute ({path})")
        );
        assert_eq!(error.argument_name(), Some("filter"));
    }
}

#[test]
fn contains_is_answered_with_its_own_code() {
    for filter in [
        "name contains 'x'",
        "nothing contains 'x'",
        "contains(name, 'x')",
    ] {
        let error = compile(filter, &rich(), 2, now()).expect_err(filter);
        assert_eq!(error.code, ErrorCode::FILTER_CONTAINS);
        assert!(error.description.contains("no longer"), "{error}");
    }
}

/// No text of the filter stands in the SQL, whatever it is.
#[test]
fn texts_of_a_filter_are_values_and_nothing_else() {
    let schema = rich();
    let mut records = four();
    let nasty = [
        "' or 1=1 --",
        "\"; drop table records; --",
        "?1",
        "$.name",
        "%",
        "nul\u{0}l",
        "\\",
        "\u{1f600}",
    ];
    for (place, text) in (10..).zip(nasty) {
        let mut body = json("{}");
        let members = body.as_object_mut().expect("is an object");
        members.insert("name".to_owned(), text.into());
        members.insert("alias".to_owned(), text.into());
        members.insert("code".to_owned(), text.into());
        records.push(record(place, &body.to_string()));
    }
    let connection = database(&schema, &records);
    let plain = compile("name = 'x'", &schema, 2, now())
        .expect("is a filter")
        .sql;
    for (id, text) in (5..).zip(nasty) {
        let literal = text.replace('\\', "\\\\").replace('\'', "\\'");
        for name in ["name", "alias", "code", "logins.device.os"] {
            let filter = format!("{name} = '{literal}'");
            let expected = if name.contains('.') { vec![] } else { vec![id] };
            assert_eq!(
                select(&connection, &schema, &filter),
                Ok(expected),
                "{filter}"
            );
        }
        let sql = compile(&format!("name = '{literal}'"), &schema, 2, now());
        assert_eq!(sql.expect("is a filter").sql, plain);
    }
    for filter in [
        "name = ' or 1=1 --",
        "name = \"; drop",
        "a\u{0}b = 1",
        "name = 'x' -- '",
    ] {
        assert!(compile(filter, &schema, 2, now()).is_err(), "{filter}");
    }
    let left: i64 = connection
        .query_row("SELECT count(*) FROM records", [], |row| row.get(0))
        .expect("is still there");
    assert_eq!(left, 12);
}

/// A body that does not fit the schema, as no operation writes it, is searched without failing.
#[test]
fn odd_bodies_do_no_harm() {
    let schema = rich();
    let odd = [
        r#"{"logins":["x",5,null,[1],{"domain":"d","sites":"s"}]}"#,
        r#"{"logins":"text"}"#,
        r#"{"logins":{"domain":"d"}}"#,
        r#"{"logins":null,"home":"x","name":{"a":1},"born":5,"seen":true,"age":"x","ok":"y"}"#,
        r#"{"home":[1,2],"born":"never","created":[]}"#,
    ];
    let records: Vec<Record> = (1..)
        .zip(odd)
        .map(|(number, body)| record(number, body))
        .collect();
    let connection = database(&schema, &records);
    for filter in [
        "logins.domain = 'd'",
        "logins.sites.siteName = 's'",
        "logins.sites.siteName is null",
        "logins is null",
        "logins.device is null",
        "home is null",
        "home.tags is null",
        "name > 'x'",
        "nick = 'x'",
        "born < seen",
        "born < '2000-01-01'",
        "created > born",
        "age > 5",
        "ok",
        "not ok",
    ] {
        assert!(select(&connection, &schema, filter).is_ok(), "{filter}");
    }
    assert_eq!(
        select(&connection, &schema, "logins.domain = 'd'"),
        Ok(vec![1])
    );
}

#[test]
fn an_index_has_values_in_the_form_of_literals() {
    let schema = rich();
    let def = |name: &str| -> &AttrDef {
        schema
            .get(&name.parse().expect("is a path"))
            .expect("is there")
    };
    for (name, stored, expected) in [
        ("name", r#""Zoë""#, Some(Value::Text("Zoë".to_owned()))),
        ("nick", r#""ZOË""#, Some(Value::Text("zoë".to_owned()))),
        ("age", "5", Some(Value::Integer(5))),
        (
            "age",
            "-9223372036854775808",
            Some(Value::Integer(i64::MIN)),
        ),
        ("price", "5", Some(Value::Integer(5))),
        ("price", "1.50", Some(Value::Real(1.5))),
        (
            "price",
            "9223372036854775808",
            Some(Value::Real(9_223_372_036_854_775_808.0)),
        ),
        ("price", "1e400", Some(Value::Real(f64::INFINITY))),
        ("ok", "true", Some(Value::Integer(1))),
        ("ok", "false", Some(Value::Integer(0))),
        (
            "born",
            r#""2003-01-02""#,
            Some(Value::Text("2003-01-02".to_owned())),
        ),
        (
            "ip",
            r#""192.0.2.1""#,
            Some(Value::Text("192.0.2.1".to_owned())),
        ),
        (
            "uuid",
            r#""02B0C68D""#,
            Some(Value::Text("02b0c68d".to_owned())),
        ),
        ("name", "null", None),
        ("name", "5", None),
        ("age", r#""5""#, None),
        ("extra", "5", None),
        ("password", r#""x""#, None),
        ("home", "{}", None),
        ("logins", "[]", None),
    ] {
        assert_eq!(
            index_value(&json(stored), def(name)),
            expected,
            "{name} {stored}"
        );
    }
    // What is folded for the index is folded as for uniqueness, or one of the two would miss records.
    for text in ["ZOË", "ΟΔΟΣ", "İ", "Straße", "ǅ"] {
        let text = Json::from(text);
        let key = value::unique_key(&text, def("nick")).map(Value::Text);
        assert_eq!(index_value(&text, def("nick")), key);
    }
}

#[test]
fn placeholders_begin_where_the_caller_says() {
    let condition = compile(
        "name = 'x' and code = 'x' or home.city = 'y'",
        &rich(),
        7,
        now(),
    );
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(
        condition,
        Ok(Condition {
            sql: "(((json_extract(records.body, ?7) = ?8) AND records.id IN (SELECT record_id FROM unique_values \
                  WHERE type_id = ?1 AND attribute = ?9 AND value = ?10)) OR (json_extract(records.body, ?11) = ?12))"
                .to_owned(),
            params: vec![text("$.name"), text("x"), text("code"), text("x"), text("$.home.city"), text("y")],
        })
    );
}

/// The largest filters that are read are also run: nothing in them is too deep or too much for SQLite.
#[test]
fn the_largest_filters_can_be_run() {
    let schema = rich();
    let connection = database(&schema, &four());
    let nested = |inner: &str, open: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let many: Vec<String> = (0..1000).map(|id| format!("logins.count = {id}")).collect();
    let objects = vec!["home is null"; 1000].join(" or ");
    let wide = nested(&many[..900].join(" or "), "(ok = false and ", ")", 20);
    for filter in [
        many.join(" or "),
        many.join(" and "),
        objects,
        wide,
        nested("ok", "not ", "", 64),
        nested("ok", "(", ")", 64),
        nested("ok", "(ok or not (ok and ", "))", 16),
        format!("ok{}", " = true".repeat(60)),
        format!("ok{}", " is null".repeat(60)),
        format!("name = '{}'", "x".repeat(65_000)),
    ] {
        assert!(select(&connection, &schema, &filter).is_ok(), "{filter}");
    }
    let members: Vec<AttrDef> = (0..20_000)
        .map(|number| AttrDef::new(format!("m{number}"), AttrType::Boolean))
        .collect();
    let huge = AttrDef::new("huge", AttrType::Object(members));
    let schema = EntityType::create("t", vec![huge]);
    let error = compile("huge is null", &schema, 2, now()).expect_err("is too much");
    assert!(
        error.description.contains("more than 10000 members"),
        "{error}"
    );
}

/// A record's number is found by its own text, through the index and without.
fn find_by_itself(number: &str) {
    let schema = rich();
    let body = format!(r#"{{"price":{number},"rate":{number}}}"#);
    let connection = database(&schema, &[record(1, &body)]);
    for filter in [
        format!("price = {number}"),
        format!("rate = '{number}'"),
        format!("not (price != {number})"),
        "price = rate".to_owned(),
    ] {
        assert_eq!(
            select(&connection, &schema, &filter),
            Ok(vec![1]),
            "{filter}"
        );
    }
}

#[test]
fn a_number_equals_itself() {
    for number in [
        "0.1",
        "1e-320",
        "12345678901234567890.10",
        "9007199254740993",
        "9007199254740993.0",
        // SQLite's own reader makes another float of it.
        "0.58967588630203960492e83",
    ] {
        find_by_itself(number);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, ..ProptestConfig::default() })]
    #[test]
    fn any_number_equals_itself(
        number in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?(e[+-]?[0-9]{1,3})?",
    ) {
        find_by_itself(&number);
    }
}

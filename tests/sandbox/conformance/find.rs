//! Finding, counting, sorting, and the filter language: `entity.find`, `entity.count`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;
use crate::sandbox::conformance::play::pluck;

pub(super) const CASES: &[Case] = &[
    case(
        "entity.find",
        "2.4",
        "answers a count and the records",
        answers_count_and_records,
    ),
    case(
        "entity.find",
        "2.4",
        "keeps what attributes names",
        keeps_attributes,
    ),
    case(
        "entity.find",
        "2.4",
        "sorts in ASCII order, either way, by several",
        sorts,
    ),
    case(
        "entity.find",
        "2.4",
        "gives a page, 100 records when not told",
        gives_pages,
    ),
    case(
        "entity.find",
        "2.4",
        "ends with an empty page",
        ends_with_an_empty_page,
    ),
    case(
        "entity.find",
        "2.4",
        "can be paged by id, as export tools do",
        pages_by_id,
    ),
    case(
        "entity.find",
        "2.4",
        "tells the total when asked",
        tells_the_total,
    ),
    case(
        "entity.find",
        "1.1",
        "knows its application and no other",
        knows_its_application,
    ),
    case("entity.find", "2.4", "takes a time limit", takes_a_timeout),
    case(
        "entity.find",
        "6.1",
        "compares texts, numbers, booleans and dates",
        compares,
    ),
    case(
        "entity.find",
        "6.1",
        "joins conditions by precedence and parentheses",
        joins_conditions,
    ),
    case("entity.find", "6.1", "tells null from the rest", tells_null),
    case(
        "entity.find",
        "6.1",
        "looks into objects and plurals",
        looks_inside,
    ),
    case(
        "entity.find",
        "6.1",
        "reads quotes and escapes",
        reads_quotes,
    ),
    case(
        "entity.find",
        "6.1",
        "compares one attribute with another",
        compares_attributes,
    ),
    case("entity.find", "6.1", "follows case-sensitive", follows_case),
    case(
        "entity.find",
        "6.1",
        "refuses contains, unknown attributes and broken filters",
        refuses_filters,
    ),
    case(
        "entity.find",
        "2.4",
        "refuses arguments out of range",
        refuses_arguments,
    ),
    case(
        "entity.count",
        "2.5",
        "counts what the filter selects",
        counts,
    ),
];

/// Five records: a to e.
fn people(play: &mut Play) {
    play.person();
    for person in [
        json!({"email": "a@example.com", "givenName": "Ann", "age": 31, "score": 1.5, "active": true, "birthday": "1990-01-31",
            "seen": "2015-01-01 10:00:00", "tags": ["x", "y"], "address": {"city": "Leeds"}}),
        json!({"email": "b@example.com", "givenName": "bob", "age": 9, "score": 10, "active": false, "birthday": "2001-12-01",
            "seen": "2015-01-01 10:00:01", "tags": ["y"]}),
        json!({"email": "c@example.com", "givenName": "Ann", "age": 100, "active": true, "ip": "192.0.2.7",
            "accounts": [{"identifier": "i1", "domain": "d1", "emails": [{"value": "e1"}]}, {"identifier": "i2"}]}),
        json!({"email": "d@example.com", "givenName": "O'Neil \\ \"x\"", "familyName": "Ann", "age": -5}),
        json!({"email": "e@example.com", "givenName": "Zoë", "familyName": "Zoë"}),
    ] {
        play.create("person", &person);
    }
}

/// The first letters of the e-mail addresses of what the filter finds.
#[track_caller]
fn found(play: &mut Play, filter: &str) -> String {
    let arguments = [
        ("type_name", "person"),
        ("filter", filter),
        ("attributes", r#"["email"]"#),
        ("sort_on", r#"["email"]"#),
    ];
    letters(&play.ok("entity.find", &arguments)["results"])
}

fn letters(results: &Value) -> String {
    let emails = pluck(results, "email");
    emails
        .iter()
        .map(|email| {
            email
                .as_str()
                .map_or('?', |email| email.chars().next().unwrap_or('?'))
        })
        .collect()
}

#[track_caller]
fn assert_found(play: &mut Play, cases: &[(&str, &str)]) {
    for (filter, expected) in cases {
        assert_eq!(found(play, filter), *expected, "{filter}");
        let answer = play.ok(
            "entity.count",
            &[("type_name", "person"), ("filter", filter)],
        );
        assert_eq!(answer["total_count"], expected.len(), "{filter}");
    }
}

fn answers_count_and_records(play: &mut Play) {
    people(play);
    let answer = play.ok("entity.find", &[("type_name", "person")]);
    assert_eq!(keys(&answer), ["result_count", "results", "stat"]);
    assert_eq!(answer["result_count"], 5);
    for record in answer["results"].as_array().expect("is an array") {
        assert_eq!(*record, play.view("person", record));
    }
    play.refused(222, "entity.find", &[("type_name", "nosuch")]);
    play.refused(100, "entity.find", &[]);
}

fn keeps_attributes(play: &mut Play) {
    people(play);
    let attributes = r#"["email","accounts.domain","address.city"]"#;
    let arguments = [
        ("type_name", "person"),
        ("attributes", attributes),
        ("filter", "email = 'c@example.com'"),
    ];
    let answer = play.ok("entity.find", &arguments);
    let expected = json!([{"email": "c@example.com", "address": {"city": null}, "accounts": [{"domain": "d1"}, {"domain": null}]}]);
    assert_eq!(answer["results"], expected);
    let answer = play.refused(
        223,
        "entity.find",
        &[("type_name", "person"), ("attributes", r#"["nosuch"]"#)],
    );
    assert_eq!(answer["attribute_name"], "/nosuch");
}

fn sorts(play: &mut Play) {
    people(play);
    let mut order = |sort_on, filter| {
        let arguments = [
            ("type_name", "person"),
            ("sort_on", sort_on),
            ("filter", filter),
        ];
        letters(&play.ok("entity.find", &arguments)["results"])
    };
    assert_eq!(order(r#"["email"]"#, "id > 0"), "abcde");
    assert_eq!(order(r#"["-email"]"#, "id > 0"), "edcba");
    assert_eq!(order(r#"["id"]"#, "id > 0"), "abcde");
    assert_eq!(order(r#"["-created"]"#, "id > 0"), "edcba");
    // Numbers as numbers, texts as bytes: capitals, then small letters.
    assert_eq!(order(r#"["age"]"#, "age is not null"), "dbac");
    assert_eq!(order(r#"["givenName","-email"]"#, "id > 0"), "cadeb");
    assert_eq!(order(r#"["birthday"]"#, "birthday is not null"), "ab");
    assert_eq!(
        order(r#"["address.city"]"#, "address.city is not null"),
        "a"
    );
    assert_eq!(order("[]", "id > 0").len(), 5);
    for (sort_on, code) in [(r#"["nosuch"]"#, 223), ("email", 200), ("[1]", 200)] {
        play.refused(
            code,
            "entity.find",
            &[("type_name", "person"), ("sort_on", sort_on)],
        );
    }
}

fn gives_pages(play: &mut Play) {
    play.person();
    let all: Vec<Value> = (0..105).map(|age| json!({"age": age})).collect();
    let all = Value::from(all).to_string();
    play.ok(
        "entity.bulkCreate",
        &[("type_name", "person"), ("all_attributes", &all)],
    );
    let mut ages = |more: &[(&str, &str)]| {
        let arguments = [&[("type_name", "person"), ("sort_on", r#"["age"]"#)], more].concat();
        let answer = play.ok("entity.find", &arguments);
        let ages = pluck(&answer["results"], "age");
        assert_eq!(answer["result_count"], ages.len());
        ages.iter().filter_map(Value::as_i64).collect::<Vec<_>>()
    };
    assert_eq!(ages(&[]), (0..100).collect::<Vec<_>>());
    assert_eq!(ages(&[("max_results", "3")]), [0, 1, 2]);
    assert_eq!(ages(&[("max_results", "10000")]).len(), 105);
    assert_eq!(
        ages(&[("max_results", "3"), ("first_result", "0")]),
        [0, 1, 2]
    );
    assert_eq!(
        ages(&[("max_results", "3"), ("first_result", "3")]),
        [3, 4, 5]
    );
    assert_eq!(ages(&[("first_result", "103")]), [103, 104]);
}

fn ends_with_an_empty_page(play: &mut Play) {
    people(play);
    let arguments = [
        ("type_name", "person"),
        ("first_result", "5"),
        ("max_results", "1000"),
    ];
    let answer = play.ok("entity.find", &arguments);
    assert_eq!(
        answer,
        json!({"result_count": 0, "results": [], "stat": "ok"})
    );
    assert_eq!(found(play, "id < 0"), "");
}

fn pages_by_id(play: &mut Play) {
    people(play);
    let (mut last, mut seen) = ("0".to_owned(), String::new());
    loop {
        let filter = format!("id > {last}");
        let arguments = [
            ("type_name", "person"),
            ("filter", filter.as_str()),
            ("sort_on", r#"["id"]"#),
            ("max_results", "2"),
        ];
        let answer = play.ok("entity.find", &arguments);
        if answer["result_count"] == 0 {
            break;
        }
        seen.push_str(&letters(&answer["results"]));
        last = pluck(&answer["results"], "id")
            .last()
            .expect("is not empty")
            .to_string();
    }
    assert_eq!(seen, "abcde");
}

fn tells_the_total(play: &mut Play) {
    people(play);
    let with = |word| {
        [
            ("type_name", "person"),
            ("filter", "age > 0"),
            ("max_results", "2"),
            ("show_total_count", word),
        ]
    };
    let answer = play.ok("entity.find", &with("true"));
    assert_eq!(
        (&answer["total_count"], &answer["result_count"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        play.ok("entity.find", &with("false")).get("total_count"),
        None
    );
}

fn knows_its_application(play: &mut Play) {
    let arguments = [
        ("type_name", "user"),
        ("application_id", "zzzzzzzzzzzzzzzzzzzzzzzzzz"),
    ];
    let answer = play.refused(221, "entity.find", &arguments);
    assert_eq!(answer["application_id"], "zzzzzzzzzzzzzzzzzzzzzzzzzz");
    // What no operation knows is ignored: real clients always send more.
    play.ok(
        "entity.find",
        &[("type_name", "user"), ("token", "x"), ("apiKey", "y")],
    );
}

fn takes_a_timeout(play: &mut Play) {
    people(play);
    for seconds in ["1", "60", "120"] {
        play.ok(
            "entity.find",
            &[("type_name", "person"), ("timeout", seconds)],
        );
        play.ok(
            "entity.count",
            &[("type_name", "person"), ("timeout", seconds)],
        );
    }
    play.refused(
        200,
        "entity.find",
        &[("type_name", "person"), ("timeout", "soon")],
    );
}

fn compares(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            ("email = 'a@example.com'", "a"),
            ("email != 'a@example.com'", "bcde"),
            ("age = 9", "b"),
            ("age='9'", "b"),
            ("age > 9", "ac"),
            ("age >= 9", "abc"),
            ("age<31", "bd"),
            ("age <= 31", "abd"),
            ("age = -5", "d"),
            ("score > 2", "b"),
            ("score = 1.5", "a"),
            ("score = 10.0", "b"),
            ("active = true", "ac"),
            ("active = false", "b"),
            ("active != true", "b"),
            ("birthday < '2000-01-01'", "a"),
            ("birthday = '12/01/2001'", "b"),
            ("seen >= '2015-01-01 10:00:01'", "b"),
            ("seen = '1 Jan 2015 11:00 +0100'", "a"),
            ("created > '2014-11-15 01:58:01.862312 +0000'", "abcde"),
            ("created>='07/03/2018' and id>0", "abcde"),
            ("lastUpdated < '2014-01-01'", ""),
            ("ip = '192.0.2.7'", "c"),
            ("uuid > '00000000-0000-0000-0000-000000000000'", "abcde"),
            ("givenName > 'B'", "bde"),
        ],
    );
}

fn joins_conditions(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            ("age = 9 and active = false", "b"),
            ("age = 9 or age = 31 and active = false", "b"),
            ("(age = 9 or age = 31) and active = true", "a"),
            ("((age = 9) OR (age = 31)) AND (active = true)", "a"),
            ("(((age = 9)))", "b"),
            ("not (age = 9)", "acd"),
            ("! (age = 9)", "acd"),
            ("not (age = 9 or age = 31)", "cd"),
            ("not not (age = 9)", "b"),
            ("age=9 or age=31 or age=100", "abc"),
            ("age>0 and age<100", "ab"),
        ],
    );
}

fn tells_null(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            ("birthday is null", "cde"),
            ("birthday is not null", "ab"),
            ("birthday IS NOT NULL", "ab"),
            ("email = 'c@example.com' and birthday is null", "c"),
            ("not (birthday is null)", "ab"),
            // Null is neither equal nor unequal (our choice).
            ("age != 9", "acd"),
            ("address.city is null", "bcde"),
            ("accounts is not null", "c"),
            ("accounts is null", "abde"),
        ],
    );
}

fn looks_inside(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            ("address.city = 'Leeds'", "a"),
            ("/address/city = 'Leeds'", "a"),
            ("tags.tag = 'y'", "ab"),
            ("tags.tag = 'x' and tags.tag = 'y'", "a"),
            ("accounts.domain = 'd1'", "c"),
            ("accounts.domain is null", "c"),
            ("accounts.emails.value = 'e1'", "c"),
            ("accounts.identifier = 'nobody'", ""),
        ],
    );
    let element = play.ok(
        "entity.find",
        &[("type_name", "person"), ("filter", "tags.tag = 'x'")],
    );
    let filter = format!("tags.id = {}", element["results"][0]["tags"][0]["id"]);
    assert_eq!(found(play, &filter), "a");
}

fn reads_quotes(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            (
                r"givenName = 'O\'Neil \\ \x22x\x22'"
                    .replace(r"\x22", "\"")
                    .as_str(),
                "d",
            ),
            (r#"givenName = 'O''Neil \\ "x"'"#, "d"),
            (r#"givenName = "Ann""#, "ac"),
            ("givenName = 'Zoë'", "e"),
            ("givenName = 'Ann' or 1 = 2", "ac"),
            ("givenName = ''' or 1 = 1 --'", ""),
        ],
    );
}

fn compares_attributes(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            ("givenName = familyName", "e"),
            ("lastUpdated >= created", "abcde"),
            ("lastUpdated < created", ""),
        ],
    );
}

fn follows_case(play: &mut Play) {
    people(play);
    assert_found(
        play,
        &[
            ("email = 'A@EXAMPLE.COM'", "a"),
            ("givenName = 'ANN'", ""),
            ("givenName = 'Bob'", ""),
        ],
    );
}

fn refuses_filters(play: &mut Play) {
    people(play);
    for (filter, code) in [
        ("email contains 'a'", 485),
        ("nosuch = 1", 200),
        ("address.town = 'x'", 200),
        ("email = ", 200),
        ("email = 'a", 200),
        ("(email = 'a'", 200),
        ("email = 'a' email", 200),
        ("email like 'a%'", 200),
        ("and", 200),
        ("age = 'old'", 200),
        ("birthday = 'soon'", 200),
    ] {
        for operation in ["entity.find", "entity.count"] {
            let answer = play.refused(
                code,
                operation,
                &[("type_name", "person"), ("filter", filter)],
            );
            if code == 200 {
                assert_eq!(answer["argument_name"], "filter", "{filter}");
            }
        }
    }
}

fn refuses_arguments(play: &mut Play) {
    people(play);
    for (argument, value) in [
        ("max_results", "many"),
        ("max_results", "-1"),
        ("first_result", "-1"),
        ("first_result", "x"),
        ("attributes", "email"),
        ("show_total_count", "perhaps"),
    ] {
        let answer = play.refused(
            200,
            "entity.find",
            &[("type_name", "person"), (argument, value)],
        );
        assert_eq!(answer["argument_name"], argument);
    }
}

fn counts(play: &mut Play) {
    people(play);
    let answer = play.ok("entity.count", &[("type_name", "person")]);
    assert_eq!(answer, json!({"total_count": 5, "stat": "ok"}));
    let arguments = [
        ("type_name", "person"),
        ("filter", "age > 0"),
        ("timeout", "10"),
    ];
    assert_eq!(play.ok("entity.count", &arguments)["total_count"], 3);
    play.refused(222, "entity.count", &[("type_name", "nosuch")]);
}

//! Records and schemas as they were: `versions/entity`, `versions/entityType`.

use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;

pub(super) const CASES: &[Case] = &[
    case(
        "versions/entity",
        "2.11",
        "shows a record as it was",
        shows_a_record_as_it_was,
    ),
    case(
        "versions/entity",
        "2.11",
        "does not find what was not there yet",
        does_not_find_too_early,
    ),
    case(
        "versions/entityType",
        "2.11",
        "shows a schema as it was",
        shows_a_schema_as_it_was,
    ),
];

/// An instant after everything so far and before everything to come, as a caller writes it.
fn moment() -> String {
    sleep(Duration::from_millis(2));
    let now = Timestamp::now();
    sleep(Duration::from_millis(2));
    now.strftime("%F %T.%6f +0000").to_string()
}

fn shows_a_record_as_it_was(play: &mut Play) {
    play.person();
    let first = play.create("person", &json!({"age": 1, "tags": ["x"]}));
    let id = first["id"].to_string();
    let mut history = vec![(moment(), first)];
    for (operation, attributes) in [
        ("entity.update", r#"{"age":2,"tags":["y"]}"#),
        ("entity.replace", r#"{"age":3}"#),
    ] {
        play.ok(
            operation,
            &[
                ("type_name", "person"),
                ("id", &id),
                ("attributes", attributes),
            ],
        );
        let now = play.view("person", &history[0].1);
        history.push((moment(), now));
    }
    play.ok("entity.delete", &[("type_name", "person"), ("id", &id)]);
    for (at, record) in &history {
        let arguments = [
            ("type_name", "person"),
            ("id", id.as_str()),
            ("timestamp", at),
        ];
        let answer = play.ok("versions/entity", &arguments);
        assert_eq!(keys(&answer), ["result", "stat"]);
        assert_eq!(answer["result"], *record, "at {at}");
    }
    let after = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("timestamp", "now"),
    ];
    play.refused(310, "versions/entity", &after);
}

fn does_not_find_too_early(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({}));
    let id = record["id"].to_string();
    for (at, code) in [
        ("yesterday", 310),
        ("2014-11-15 01:58:01 +0000", 310),
        ("soon", 200),
    ] {
        play.refused(
            code,
            "versions/entity",
            &[("type_name", "person"), ("id", &id), ("timestamp", at)],
        );
    }
    let answer = play.refused(
        100,
        "versions/entity",
        &[("type_name", "person"), ("id", &id)],
    );
    assert_eq!(answer["argument_name"], "timestamp");
    let answer = play.refused(
        100,
        "versions/entity",
        &[("type_name", "person"), ("timestamp", "now")],
    );
    assert_eq!(answer["argument_name"], "id");
    play.refused(
        222,
        "versions/entity",
        &[("type_name", "nosuch"), ("id", &id), ("timestamp", "now")],
    );
    play.refused(
        310,
        "versions/entity",
        &[
            ("type_name", "person"),
            ("id", "999999999"),
            ("timestamp", "now"),
        ],
    );
}

fn shows_a_schema_as_it_was(play: &mut Play) {
    play.person();
    let view = |play: &mut Play| play.ok("entityType", &[("type_name", "person")]);
    let mut history: Vec<(String, Value)> = vec![(moment(), view(play))];
    play.ok(
        "entityType.addAttribute",
        &[
            ("type_name", "person"),
            ("attr_def", r#"{"name":"new","type":"date"}"#),
        ],
    );
    history.push((moment(), view(play)));
    play.ok(
        "entityType.removeAttribute",
        &[("type_name", "person"), ("attribute_name", "tags")],
    );
    history.push((moment(), view(play)));
    for (at, schema) in &history {
        let answer = play.ok(
            "versions/entityType",
            &[("type_name", "person"), ("timestamp", at)],
        );
        assert_eq!(answer, *schema, "at {at}");
    }
    play.refused(
        222,
        "versions/entityType",
        &[("type_name", "person"), ("timestamp", "yesterday")],
    );
    play.refused(
        222,
        "versions/entityType",
        &[("type_name", "nosuch"), ("timestamp", "now")],
    );
}

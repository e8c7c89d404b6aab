//! Many records at once: `entity.bulkCreate`, `entity.bulkDelete`, `entity.purge`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;

pub(super) const CASES: &[Case] = &[
    case(
        "entity.bulkCreate",
        "2.7",
        "answers ids and uuids in the order given",
        answers_in_order,
    ),
    case(
        "entity.bulkCreate",
        "2.7",
        "answers an error in the place of what failed",
        answers_errors_in_place,
    ),
    case(
        "entity.bulkCreate",
        "2.7",
        "commits each, all or smartly as told",
        commits_as_told,
    ),
    case(
        "entity.bulkCreate",
        "2.7",
        "honours a created that a loader gives",
        honours_created,
    ),
    case(
        "entity.bulkCreate",
        "8",
        "refuses what is no list of records",
        refuses_no_list,
    ),
    case(
        "entity.bulkDelete",
        "2.11",
        "deletes what the filter selects, if told to commit",
        bulk_deletes,
    ),
    case(
        "entity.purge",
        "2.11",
        "deletes every record, only if told to commit",
        purges,
    ),
];

fn bulk(play: &mut Play, all: &Value, more: &[(&str, &str)]) -> Value {
    let all = all.to_string();
    let arguments = [
        &[("type_name", "person"), ("all_attributes", all.as_str())],
        more,
    ]
    .concat();
    play.call("entity.bulkCreate", &arguments)
}

fn answers_in_order(play: &mut Play) {
    play.person();
    let answer = bulk(
        play,
        &json!([{"age": 1}, {"age": 2, "tags": ["x"]}, {"age": 3}]),
        &[("timeout", "30")],
    );
    assert_eq!(keys(&answer), ["results", "uuid_results", "stat"]);
    let (ids, uuids) = (
        answer["results"].as_array(),
        answer["uuid_results"].as_array(),
    );
    let (ids, uuids) = (ids.expect("is an array"), uuids.expect("is an array"));
    assert_eq!((ids.len(), uuids.len()), (3, 3));
    for (place, (id, uuid)) in ids.iter().zip(uuids).enumerate() {
        let record = play.view("person", &json!({"id": id}));
        assert_eq!((&record["uuid"], &record["age"]), (uuid, &json!(place + 1)));
    }
    let empty = bulk(play, &json!([]), &[]);
    assert_eq!(
        empty,
        json!({"results": [], "uuid_results": [], "stat": "ok"})
    );
}

fn answers_errors_in_place(play: &mut Play) {
    play.person();
    let all = json!([{"email": "a@example.com"}, {"email": "A@example.com"}, {"nosuch": 1}, {"age": "x"}, {"age": 4}, 5]);
    let answer = bulk(play, &all, &[]);
    assert_eq!(answer["stat"], "ok", "{answer}");
    let codes: Vec<&Value> = (0..6)
        .map(|place| &answer["results"][place]["code"])
        .collect();
    assert_eq!(
        json!(codes),
        json!([null, 361, 223, 341, null, 341]),
        "{answer}"
    );
    assert_eq!(
        answer["results"][1],
        json!({"code": 361, "error": "unique_violation", "error_description": "Attempted to update a duplicate value",
            "stat": "error"})
    );
    for place in [1, 2, 3, 5] {
        assert_eq!(answer["results"][place], answer["uuid_results"][place]);
    }
    assert!(answer["results"][4].is_i64() && answer["uuid_results"][4].is_string());
    assert_eq!(play.count("person"), 2);
}

fn commits_as_told(play: &mut Play) {
    play.person();
    let mixed = |name: &str| json!([{"email": format!("{name}1@example.com")}, {"age": "x"}, {"email": format!("{name}2@example.com")}]);
    for (word, kept) in [("true", 2), ("smart", 2), ("false", 0)] {
        let before = play.count("person");
        let answer = bulk(play, &mixed(word), &[("commit_each", word)]);
        assert_eq!(play.count("person") - before, kept, "{word}: {answer}");
        let good = json!([{"age": 1}, {"age": 2}]);
        let answer = bulk(play, &good, &[("commit_each", word)]);
        assert_eq!(answer["stat"], "ok");
        assert_eq!(play.count("person") - before, kept + 2, "{word}: {answer}");
    }
    let answer = bulk(play, &json!([]), &[("commit_each", "perhaps")]);
    assert_eq!(
        (&answer["code"], &answer["argument_name"]),
        (&json!(200), &json!("commit_each"))
    );
}

fn honours_created(play: &mut Play) {
    play.person();
    let answer = bulk(play, &json!([{"created": "1875-08-02 15:28:31"}]), &[]);
    let record = play.view("person", &json!({"id": answer["results"][0]}));
    assert_eq!(record["created"], "1875-08-02 15:28:31.000000 +0000");
}

fn refuses_no_list(play: &mut Play) {
    play.person();
    for broken in ["{}", "[{]", "x"] {
        let arguments = [("type_name", "person"), ("all_attributes", broken)];
        let answer = play.refused(200, "entity.bulkCreate", &arguments);
        assert_eq!(answer["argument_name"], "all_attributes");
    }
    let answer = play.refused(100, "entity.bulkCreate", &[("type_name", "person")]);
    assert_eq!(answer["argument_name"], "all_attributes");
    play.refused(
        222,
        "entity.bulkCreate",
        &[("type_name", "nosuch"), ("all_attributes", "[]")],
    );
}

fn bulk_deletes(play: &mut Play) {
    play.person();
    let all: Vec<Value> = (0..6).map(|age| json!({"age": age})).collect();
    bulk(play, &all.into(), &[]);
    let delete = |filter, more: &[(&'static str, &'static str)]| {
        [&[("type_name", "person"), ("filter", filter)], more].concat()
    };
    play.ok(
        "entity.bulkDelete",
        &delete("age < 2", &[("commit", "false")]),
    );
    assert_eq!(play.count("person"), 6);
    play.ok(
        "entity.bulkDelete",
        &delete("age < 2", &[("commit", "true")]),
    );
    assert_eq!(play.count("person"), 4);
    let answer = play.ok("entity.bulkDelete", &delete("age < 3", &[]));
    assert_eq!(play.count("person"), 3);
    // The name of the member with the count is not known.
    let members = answer.as_object().expect("is an object");
    assert!(members.values().any(|value| *value == 1), "{answer}");
    play.refused(200, "entity.bulkDelete", &delete("age <", &[]));
    play.refused(100, "entity.bulkDelete", &[("type_name", "person")]);
    assert_eq!(play.count("person"), 3);
}

fn purges(play: &mut Play) {
    play.person();
    let email = json!({"email": "a@example.com"});
    play.create("person", &email);
    let others = play.count("user");
    for no in [
        &[("type_name", "person")][..],
        &[("type_name", "person"), ("commit", "false")],
    ] {
        play.call("entity.purge", no);
        assert_eq!(play.count("person"), 1);
    }
    let answer = play.ok(
        "entity.purge",
        &[("type_name", "person"), ("commit", "true")],
    );
    assert_eq!(answer, json!({"stat": "ok"}));
    assert_eq!((play.count("person"), play.count("user")), (0, others));
    play.create("person", &email);
}

//! What a client may see and change: `entityType.setAccessSchema`, `.getAccessSchema`, `.deleteAccessSchema`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Client;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;
use crate::sandbox::conformance::play::pluck;

pub(super) const CASES: &[Case] = &[
    case(
        "entityType.setAccessSchema",
        "3.3",
        "answers the schema cut to the list",
        set_answers,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "hides what is not listed from reading",
        hides_from_reading,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "gives no hint of what it hides",
        gives_no_hint,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "hides what is not listed from writing",
        hides_from_writing,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "leaves what it hides as it is on replace",
        replace_leaves_hidden,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "fails inside when reserved names are listed",
        fails_on_reserved,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "refuses what is no list for a client",
        set_refuses,
    ),
    case(
        "entityType.getAccessSchema",
        "3",
        "shows the schema as a client has it",
        get_shows,
    ),
    case(
        "entityType.deleteAccessSchema",
        "3",
        "opens everything again",
        delete_opens,
    ),
];

const RESERVED: [&str; 4] = ["id", "uuid", "created", "lastUpdated"];

/// A client that may read and write records, but by these lists.
fn restricted(play: &mut Play, lists: &[(&str, &str)]) -> Client {
    let client = play.client(&["direct_access"]);
    for (access_type, attributes) in lists {
        set(play, &client, access_type, attributes);
    }
    client
}

#[track_caller]
fn set(play: &mut Play, client: &Client, access_type: &str, attributes: &str) -> Value {
    let arguments = [
        ("type_name", "person"),
        ("for_client_id", &client.id),
        ("access_type", access_type),
        ("attributes", attributes),
    ];
    play.ok("entityType.setAccessSchema", &arguments)
}

fn ann() -> Value {
    json!({"email": "a@example.com", "givenName": "Ann", "age": 40, "address": {"city": "Leeds", "zip": "LS1"},
        "accounts": [{"identifier": "i1", "domain": "d1"}]})
}

fn set_answers(play: &mut Play) {
    play.person();
    let client = play.client(&["direct_access"]);
    let answer = set(
        play,
        &client,
        "read",
        r#"["givenName","address.city","/accounts/domain"]"#,
    );
    let defs = &answer["schema"]["attr_defs"];
    let names = pluck(defs, "name");
    assert_eq!(names[..4], RESERVED);
    assert_eq!(names[4..], ["accounts", "address", "givenName"]);
    let inner = |name: &str| {
        let def = defs
            .as_array()
            .expect("is an array")
            .iter()
            .find(|def| def["name"] == name);
        pluck(&def.expect("is there")["attr_defs"], "name")
    };
    assert_eq!(inner("address"), ["city"]);
    assert_eq!(inner("accounts"), ["id", "domain"]);
    // The list replaces the one before.
    let answer = set(play, &client, "read", r#"["age"]"#);
    assert_eq!(pluck(&answer["schema"]["attr_defs"], "name")[4..], ["age"]);
    let answer = set(play, &client, "read", "[]");
    assert_eq!(pluck(&answer["schema"]["attr_defs"], "name"), RESERVED);
}

fn hides_from_reading(play: &mut Play) {
    play.person();
    let record = play.create("person", &ann());
    let client = restricted(
        play,
        &[("read", r#"["givenName","address.city","accounts.domain"]"#)],
    );
    let id = record["id"].to_string();
    let shown =
        play.ok_as(&client, "entity", &[("type_name", "person"), ("id", &id)])["result"].take();
    let mut members = keys(&shown);
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "accounts",
            "address",
            "created",
            "givenName",
            "id",
            "lastUpdated",
            "uuid"
        ]
    );
    assert_eq!(shown["address"], json!({"city": "Leeds"}));
    assert_eq!(
        shown["accounts"],
        json!([{"id": record["accounts"][0]["id"], "domain": "d1"}])
    );
    let found = play.ok_as(&client, "entity.find", &[("type_name", "person")]);
    assert_eq!(found["results"], json!([shown]));
    let seen = play.ok_as(&client, "entityType", &[("type_name", "person")]);
    assert!(seen["schema"]["attr_defs"].is_array());
    // Nobody else is restricted.
    assert_eq!(play.view("person", &record), record);
}

fn gives_no_hint(play: &mut Play) {
    play.person();
    let record = play.create("person", &ann());
    let client = restricted(play, &[("read", r#"["givenName"]"#)]);
    let id = record["id"].to_string();
    for (operation, argument, value) in [
        ("entity", "attribute_name", "age"),
        ("entity", "attributes", r#"["age"]"#),
        ("entity.find", "filter", "age = 40"),
        ("entity.find", "filter", "age = 41"),
        ("entity.find", "filter", "givenName = 'x' and age is null"),
        ("entity.find", "sort_on", r#"["age"]"#),
        ("entity.find", "attributes", r#"["age"]"#),
        ("entity.count", "filter", "age > 0"),
    ] {
        let mut arguments = vec![("type_name", "person"), (argument, value)];
        if operation == "entity" {
            arguments.push(("id", &id));
        }
        let (code, description) = if argument == "filter" {
            let description =
                "filter was not valid for the following reason: Unknown attribute (age)";
            (200, description)
        } else {
            (223, "attribute does not exist: /age")
        };
        let answer = play.refused_as(&client, code, operation, &arguments);
        assert_eq!(
            answer["error_description"], description,
            "{operation} {argument}"
        );
    }
    for key in [r#""a@example.com""#, r#""nobody@example.com""#] {
        let arguments = [
            ("type_name", "person"),
            ("key_attribute", "email"),
            ("key_value", key),
        ];
        play.refused_as(&client, 223, "entity", &arguments);
    }
}

fn hides_from_writing(play: &mut Play) {
    play.person();
    let client = restricted(play, &[("write", r#"["givenName","address.city"]"#)]);
    let create = |attributes| [("type_name", "person"), ("attributes", attributes)];
    let answer = play.refused_as(&client, 223, "entity.create", &create(r#"{"age":1}"#));
    assert_eq!(
        (&answer["attribute_name"], &answer["error_description"]),
        (&json!("/age"), &json!("attribute does not exist: /age"))
    );
    play.refused_as(
        &client,
        223,
        "entity.create",
        &create(r#"{"address":{"zip":"Z"}}"#),
    );
    let made = play.ok_as(
        &client,
        "entity.create",
        &create(r#"{"givenName":"Ann","address":{"city":"York"}}"#),
    );
    let id = made["id"].to_string();
    for attributes in [r#"{"age":1}"#, r#"{"givenName":"Bea","age":1}"#] {
        let arguments = [
            ("type_name", "person"),
            ("id", id.as_str()),
            ("attributes", attributes),
        ];
        play.refused_as(&client, 223, "entity.update", &arguments);
    }
    let path = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("attribute_name", "age"),
        ("value", "1"),
    ];
    play.refused_as(&client, 223, "entity.update", &path);
    let all = json!([{"givenName": "Cy"}, {"age": 1}]).to_string();
    let answer = play.ok_as(
        &client,
        "entity.bulkCreate",
        &[("type_name", "person"), ("all_attributes", &all)],
    );
    assert_eq!(answer["results"][1]["code"], 223);
    // Reading is another list.
    let shown = play.ok_as(&client, "entity", &[("type_name", "person"), ("id", &id)]);
    assert_eq!(
        (&shown["result"]["givenName"], &shown["result"]["age"]),
        (&json!("Ann"), &Value::Null)
    );
}

/// Our choice: what a client may not write, its replacing does not touch.
fn replace_leaves_hidden(play: &mut Play) {
    play.person();
    let record = play.create("person", &ann());
    let client = restricted(play, &[("write", r#"["givenName","address.city"]"#)]);
    let id = record["id"].to_string();
    let arguments = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("attributes", r#"{"givenName":"Bea"}"#),
    ];
    play.ok_as(&client, "entity.replace", &arguments);
    let now = play.view("person", &record);
    assert_eq!(
        (&now["givenName"], &now["age"], &now["email"]),
        (&json!("Bea"), &json!(40), &json!("a@example.com"))
    );
    assert_eq!(
        (&now["address"]["city"], &now["address"]["zip"]),
        (&Value::Null, &json!("LS1"))
    );
    assert_eq!(now["accounts"], record["accounts"]);
}

fn fails_on_reserved(play: &mut Play) {
    play.person();
    let client = play.client(&["direct_access"]);
    let arguments = [
        ("type_name", "person"),
        ("for_client_id", client.id.as_str()),
        ("access_type", "read"),
        ("attributes", r#"["givenName","uuid"]"#),
    ];
    play.refused(500, "entityType.setAccessSchema", &arguments);
}

fn set_refuses(play: &mut Play) {
    play.person();
    let client = play.client(&["direct_access"]);
    let id = client.id.clone();
    for (for_client_id, access_type, attributes, code) in [
        (id.as_str(), "peek", "[]", 200),
        (&id, "read", "givenName", 200),
        (&id, "read", r#"["nosuch"]"#, 223),
        ("nobody", "read", "[]", 200),
    ] {
        let arguments = [
            ("type_name", "person"),
            ("for_client_id", for_client_id),
            ("access_type", access_type),
            ("attributes", attributes),
        ];
        play.refused(code, "entityType.setAccessSchema", &arguments);
    }
    for missing in ["for_client_id", "access_type", "attributes"] {
        let all = [
            ("type_name", "person"),
            ("for_client_id", id.as_str()),
            ("access_type", "read"),
            ("attributes", "[]"),
        ];
        let some: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| *name != missing)
            .collect();
        assert_eq!(
            play.refused(100, "entityType.setAccessSchema", &some)["argument_name"],
            missing
        );
    }
}

fn get_shows(play: &mut Play) {
    play.person();
    let whole = play.ok("entityType", &[("type_name", "person")]);
    let client = play.client(&["direct_access"]);
    let get = |access_type| {
        [
            ("type_name", "person"),
            ("for_client_id", client.id.as_str()),
            ("access_type", access_type),
        ]
    };
    for access_type in ["read", "write", "read_with_token", "write_with_token"] {
        assert_eq!(
            play.ok("entityType.getAccessSchema", &get(access_type)),
            whole,
            "{access_type}"
        );
    }
    for (access_type, listed) in [
        ("read", "age"),
        ("write", "givenName"),
        ("read_with_token", "email"),
        ("write_with_token", "tags"),
    ] {
        set(play, &client, access_type, &json!([listed]).to_string());
    }
    for (access_type, listed) in [
        ("read", "age"),
        ("write", "givenName"),
        ("read_with_token", "email"),
        ("write_with_token", "tags"),
    ] {
        let answer = play.ok("entityType.getAccessSchema", &get(access_type));
        assert_eq!(
            pluck(&answer["schema"]["attr_defs"], "name")[4..],
            [listed],
            "{access_type}"
        );
        assert_eq!(
            play.ok_as(&client, "entityType.getAccessSchema", &get(access_type)),
            answer
        );
    }
    play.refused(200, "entityType.getAccessSchema", &get("peek"));
}

fn delete_opens(play: &mut Play) {
    play.person();
    let record = play.create("person", &ann());
    let client = restricted(play, &[("read", "[]"), ("write", "[]")]);
    let of = |access_type| {
        [
            ("type_name", "person"),
            ("for_client_id", client.id.as_str()),
            ("access_type", access_type),
        ]
    };
    play.ok("entityType.deleteAccessSchema", &of("read"));
    let id = record["id"].to_string();
    let answer = play.ok_as(&client, "entity", &[("type_name", "person"), ("id", &id)]);
    assert_eq!(answer["result"], record);
    let arguments = [("type_name", "person"), ("attributes", r#"{"age":1}"#)];
    play.refused_as(&client, 223, "entity.create", &arguments);
    play.ok("entityType.deleteAccessSchema", &of("write"));
    play.ok_as(&client, "entity.create", &arguments);
    play.refused(200, "entityType.deleteAccessSchema", &of("peek"));
}

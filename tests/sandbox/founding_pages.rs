//! The calls of the two pages this program began with, `entity.create` and `entityType.create`, as curl sends them, and
//! the answers that the pages print (completed by the reference, 2.6 and 3).

use serde_json::Value;
use serde_json::json;

use crate::sandbox::keys;
use crate::support::Home;
use crate::support::command::Sandbox;

/// The first example of `entityType.create`.
const USER_TEST: &str = r#"[{"name":"name","type":"string","case-sensitive":false},{"name":"description","type":"string","length":1000,"case-sensitive":false}]"#;

const USER_TEST_ANSWER: &str = r#"{
  "schema": {
    "attr_defs": [
      {
        "name": "id",
        "description": "simple identifier for this entity",
        "type": "id"
      },
      {
        "name": "uuid",
        "description": "globally unique identifier for this entity",
        "type": "uuid"
      },
      {
        "name": "created",
        "description": "when this entity was created",
        "type": "dateTime"
      },
      {
        "name": "lastUpdated",
        "description": "when this entity was last updated",
        "type": "dateTime"
      },
      {
        "length": 1000,
        "name": "description",
        "type": "string",
        "case-sensitive": false
      },
      {
        "length": null,
        "name": "name",
        "type": "string",
        "case-sensitive": false
      }
    ],
    "name": "user_test"
  },
  "stat": "ok"
}"#;

/// The second example.
const USER2: &str = r#"[{"name":"consent","type":"string","length":200,"description": "The name of the consent in the user entity.","constraints":["unique", "required"]},{"name": "consentDescription","type":"string","length":1000,"description":"A short description of the consent."},{"name":"consentAttributes","type":"plural","description":"Attributes associated with the consent.","attr_defs":[{"name":"consentName","type": "string","length":200,"description":"An attribute name from the user entity.","features":["primary-key"],"constraints":["locally-unique", "required"]}]}]"#;

const USER2_ANSWER: &str = r#"{
    "schema": {
        "name": "user2",
        "attr_defs": [{
            "name": "id",
            "type": "id",
            "description": "simple identifier for this entity"
        }, {
            "name": "uuid",
            "type": "uuid",
            "description": "globally unique identifier for this entity"
        }, {
            "name": "created",
            "type": "dateTime",
            "description": "when this entity was created"
        }, {
            "name": "lastUpdated",
            "type": "dateTime",
            "description": "when this entity was last updated"
        }, {
            "length": 200,
            "case-sensitive": true,
            "constraints": ["unique", "required"],
            "name": "consent",
            "type": "string",
            "description": "The name of the consent in the user entity."
        }, {
            "name": "consentAttributes",
            "attr_defs": [{
                "name": "id",
                "type": "id",
                "description": "simple identifier for this sub-entity"
            }, {
                "length": 200,
                "case-sensitive": true,
                "constraints": ["locally-unique", "required"],
                "name": "consentName",
                "features": ["primary-key"],
                "type": "string",
                "description": "An attribute name from the user entity."
            }],
            "type": "plural",
            "description": "Attributes associated with the consent."
        }, {
            "length": 1000,
            "case-sensitive": true,
            "name": "consentDescription",
            "type": "string",
            "description": "A short description of the consent."
        }]
    },
    "stat": "ok"
}"#;

/// In a bare sandbox: the other one has the types of both examples already.
#[test]
fn entity_type_create_answers_as_printed() {
    let home = Home::new();
    let sandbox = Sandbox::start_with(&home, &["--bare"]);
    for (name, attr_defs, printed) in [
        ("user_test", USER_TEST, USER_TEST_ANSWER),
        ("user2", USER2, USER2_ANSWER),
    ] {
        let printed: Value = serde_json::from_str(printed).expect("is JSON");
        let arguments = [("type_name", name), ("attr_defs", attr_defs)];
        let created = sandbox.call("entityType.create", &arguments);
        assert_eq!((created.status, created.json()), (200, printed.clone()));
        assert!(
            created.head.contains("Content-Type: application/json"),
            "{}",
            created.head
        );
        assert_eq!(sandbox.ok("entityType", &[("type_name", name)]), printed);
        let twice = sandbox.call("entityType.create", &arguments);
        assert_eq!((twice.status, twice.code()), (200, Some(232)));
    }
}

#[test]
fn the_first_content_has_the_types_as_printed() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    for (name, printed) in [("user_test", USER_TEST_ANSWER), ("user2", USER2_ANSWER)] {
        let printed: Value = serde_json::from_str(printed).expect("is JSON");
        assert_eq!(sandbox.ok("entityType", &[("type_name", name)]), printed);
    }
}

/// The printed error: attributes that are no JSON; and the same for definitions.
#[test]
fn broken_json_is_answered_as_printed() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    for (operation, argument, broken) in [
        ("entity.create", "attributes", r#"{"givenName":"Bob""#),
        ("entityType.create", "attr_defs", r#"[{"name":"a",}]"#),
    ] {
        let arguments = [("type_name", "user"), (argument, broken)];
        let answer = sandbox.call(operation, &arguments);
        assert_eq!(answer.status, 200);
        let mut body = answer.json();
        assert_eq!(
            keys(&body),
            [
                "argument_name",
                "request_id",
                "code",
                "error_description",
                "error",
                "stat"
            ]
        );
        let request_id = body["request_id"].take();
        let request_id = request_id.as_str().expect("is text");
        assert_eq!(request_id.len(), 16);
        assert!(
            request_id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        );
        assert_eq!(
            body,
            json!({
                "argument_name": argument,
                "request_id": null,
                "code": 200,
                "error_description": format!(
                    "{argument} was not valid for the following reason: the JSON is not syntactically valid"
                ),
                "error": "invalid_argument",
                "stat": "error",
            })
        );
    }
}

/// The page's record: names, an e-mail, and a plural of one element.
const RECORD: &str = r#"{"givenName":"Bob","familyName":"Smith","email":"bob.smith@example.com","statuses":[{"status":"Joined",
      "statusCreated":"2015-12-15T07:36:25Z"}]}"#;

#[test]
fn entity_create_answers_as_printed() {
    let home = Home::new();
    let sandbox = Sandbox::start_with(&home, &["--bare"]);
    let arguments = [("type_name", "user"), ("attributes", RECORD)];
    let answer = sandbox.call("entity.create", &arguments);
    assert_eq!(answer.status, 200);
    assert!(
        answer.head.contains("Cache-Control: no-store"),
        "{}",
        answer.head
    );
    let created = answer.json();
    assert_eq!(keys(&created), ["id", "uuid", "stat"]);
    assert_eq!(created["stat"], "ok");
    let id = created["id"].as_i64().expect("is a number");
    let uuid = created["uuid"].as_str().expect("is text");
    assert_eq!(
        (id > 0, uuid.len(), uuid.matches('-').count()),
        (true, 36, 4)
    );

    let view = sandbox.ok("entity", &[("type_name", "user"), ("uuid", uuid)]);
    let record = &view["result"];
    assert_eq!((&record["id"], &record["uuid"]), (&json!(id), &json!(uuid)));
    assert_eq!(record["givenName"], "Bob");
    assert_eq!(record["email"], "bob.smith@example.com");
    let element = &record["statuses"][0];
    assert_eq!(element["status"], "Joined");
    assert_eq!(element["statusCreated"], "2015-12-15 07:36:25 +0000");
    assert!(element["id"].is_i64());
    assert_eq!(record["created"], record["lastUpdated"]);
    // What was not given is there all the same, in the shape of its type.
    assert_eq!(
        (&record["birthday"], &record["photos"]),
        (&json!(null), &json!([]))
    );

    let twice = sandbox.call("entity.create", &arguments);
    assert_eq!((twice.status, twice.code()), (200, Some(361)));
    assert_eq!(twice.json()["error"], "unique_violation");
}

#[test]
fn include_record_adds_the_whole_record() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let created = sandbox.ok(
        "entity.create",
        &[
            ("type_name", "user"),
            ("attributes", RECORD),
            ("include_record", "true"),
        ],
    );
    assert_eq!(keys(&created), ["id", "uuid", "result", "stat"]);
    let id = created["id"].to_string();
    let view = sandbox.ok("entity", &[("type_name", "user"), ("id", &id)]);
    assert_eq!(created["result"], view["result"]);
}

/// Basic is in every other test here.
#[test]
fn the_other_ways_to_prove_who_calls_work_too() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let (id, secret) = (sandbox.client_id.as_str(), sandbox.client_secret.as_str());
    let arguments = [
        ("type_name", "user"),
        ("attributes", r#"{"aboutMe":"é = \"1\"\n2"}"#),
    ];
    let now = jiff::Timestamp::now().strftime("%F %T").to_string();
    let signature = crate::support::http::signed(id, secret, "/entity.create", &now, &arguments);
    let form = crate::support::http::form(&arguments);
    let mut connection = sandbox.connect();
    let by_signature = connection.post("entity.create", &signature, &form);
    assert_eq!(by_signature.expect("answers").json()["stat"], "ok");
    let form = format!("client_id={id}&client_secret={secret}&{form}");
    let by_params = connection.post("entity.create", "", &form);
    assert_eq!(by_params.expect("answers").json()["stat"], "ok");
    // One letter of the arguments more than was signed.
    let forged = connection.post("entity.create", &signature, &format!("{form}x"));
    assert_eq!(forged.expect("answers").json()["stat"], "error");
}

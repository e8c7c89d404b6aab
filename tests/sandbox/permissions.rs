//! Every operation, called by every kind of client and in every way to prove who calls, against a table written by hand.
//!
//! Whether a call is let in is asked, not what it does: the arguments are a type and a record that does not exist. A call
//! let in may fail for any reason but who makes it.

use std::collections::HashMap;
use std::thread;

use captui::capture::endpoint::ENDPOINTS;
use serde_json::Value;

use crate::sandbox::live::Live;
use crate::support::http;
use crate::support::http::Connection;

/// One row for each operation; `Y` where a column's caller is let in.
const TABLE: &str = include_str!("permissions.txt");

/// The columns of clients, with the feature each client has.
const CLIENTS: [(&str, &[&str]); 7] = [
    ("own", &["owner"]),
    ("iss", &["access_issuer"]),
    ("dir", &["direct_access"]),
    ("read", &["direct_read_access"]),
    ("login", &["login_client"]),
    ("meta", &["metadata"]),
    ("none", &[]),
];

/// The column of users.
const TOKEN: &str = "token";

/// Of the codes that refuse a caller.
const NOT_LET_IN: [i64; 4] = [402, 403, 413, 414];

/// An operation with its cells by column.
type Row = (&'static str, HashMap<&'static str, bool>);

fn rows() -> Vec<Row> {
    let mut lines = TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let columns = lines.next().expect("the table has a head");
    lines
        .map(|words| {
            assert_eq!(words.len(), columns.len(), "{words:?}");
            let cells = columns.iter().zip(&words).skip(1).map(|(column, cell)| {
                assert!(["Y", "N"].contains(cell), "{words:?}");
                (*column, *cell == "Y")
            });
            (words[0], cells.collect())
        })
        .collect()
}

#[test]
fn every_operation_has_its_row() {
    let rows = rows();
    let mut ours: Vec<&str> = rows.iter().map(|(operation, _)| *operation).collect();
    let mut all: Vec<&str> = ENDPOINTS.iter().map(|spec| spec.endpoint.name()).collect();
    ours.sort_unstable();
    all.sort_unstable();
    assert_eq!(ours, all);
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug)]
enum Proof {
    Basic,
    Signature,
    Parameters,
}

const PROOFS: [Proof; 3] = [Proof::Basic, Proof::Signature, Proof::Parameters];

#[test]
fn clients_may_call_what_their_features_allow() {
    let sandbox = Live::start();
    let mut caller = Caller::of(&sandbox);
    let clients: Vec<(&str, Client)> = CLIENTS
        .iter()
        .map(|(column, features)| (*column, caller.add_client(features)))
        .collect();
    let mut wrong = Vec::new();
    for (operation, cells) in rows() {
        for (column, client) in &clients {
            for proof in PROOFS {
                let answer = caller.call(operation, client, proof);
                if is_let_in(&answer) != cells[column] || (!cells[column] && code(&answer) != 403) {
                    wrong.push(cell(operation, column, proof, cells[column], &answer));
                }
            }
        }
    }
    assert_none(&wrong);
}

/// The list is respected by every operation, also those that any client may call (reference 2.1).
#[test]
fn a_client_may_call_from_where_its_list_says() {
    let sandbox = Live::start();
    let mut caller = Caller::of(&sandbox);
    let (inside, outside) = (caller.add_client(&["owner"]), caller.add_client(&["owner"]));
    for (client, blocks) in [
        (&inside, r#"["127.0.0.0/8"]"#),
        (&outside, r#"["192.0.2.0/24"]"#),
    ] {
        let owner = caller.owner.clone();
        let arguments = [("for_client_id", client.id.as_str()), ("whitelist", blocks)];
        let answer = caller.send("clients/set_whitelist", &owner, &arguments);
        assert_eq!(answer["stat"], "ok", "{answer}");
    }
    let mut wrong = Vec::new();
    for (operation, _) in rows() {
        for (column, client, let_in) in [("inside", &inside, true), ("outside", &outside, false)] {
            for proof in PROOFS {
                let answer = caller.call(operation, client, proof);
                if is_let_in(&answer) != let_in || (!let_in && code(&answer) != 403) {
                    wrong.push(cell(operation, column, proof, let_in, &answer));
                }
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn users_may_call_what_is_for_users_and_for_their_own_record() {
    let sandbox = Live::start();
    let mut caller = Caller::of(&sandbox);
    let other = caller.add_record();
    let other_id = other["id"].to_string();
    let mut wrong = Vec::new();
    for (operation, cells) in rows() {
        for by_header in [true, false] {
            for (whose, aim) in [("own record", "999999999"), ("another's record", &other_id)] {
                // Of one call each: it may delete the record.
                let own = caller.add_record();
                let token = caller.token(&own);
                let arguments = [("type_name", "user"), ("id", aim), ("hours_to_live", "-1")];
                let answer = caller.as_user(operation, &token, by_header, &arguments);
                let let_in = is_let_in(&answer);
                if let_in != cells[TOKEN] || (!let_in && code(&answer) != 403) {
                    let how = if by_header { "OAuth" } else { "access_token" };
                    wrong.push(cell(operation, whose, how, cells[TOKEN], &answer));
                }
                if operation == "entity" && answer["result"]["id"] != own["id"] {
                    wrong.push(cell(operation, whose, "the record shown", true, &answer));
                }
            }
        }
    }
    let still = caller.view(&other);
    assert_eq!(
        still["result"]["lastUpdated"], still["result"]["created"],
        "another's record was changed: {still}"
    );
    assert_none(&wrong);
}

/// Whoever fails to prove who they are hears so 50 ms later than the one before, so this is asked of several sandboxes.
#[test]
fn nobody_else_may_call_anything() {
    let rows = rows();
    let wrong: Vec<String> = thread::scope(|scope| {
        let shares: Vec<_> = rows
            .chunks(rows.len().div_ceil(SANDBOXES))
            .map(|rows| scope.spawn(|| refusals_missing(rows)))
            .collect();
        let shares = shares.into_iter();
        shares
            .flat_map(|share| share.join().expect("a share does not panic"))
            .collect()
    });
    assert_none(&wrong);
}

const SANDBOXES: usize = 14;

/// Of these operations the cells in which somebody is let in who should not be, or is refused in other words.
fn refusals_missing(rows: &[Row]) -> Vec<String> {
    let sandbox = Live::start();
    let mut caller = Caller::of(&sandbox);
    let (id, secret) = (sandbox.client_id().to_owned(), sandbox.client_secret());
    let with = |id: &str, secret: &str| Client {
        id: id.to_owned(),
        secret: secret.to_owned(),
    };
    let nobody = "0123456789abcdefghijklmnopqrstuv";
    let strangers = [
        ("wrong secret", with(&id, nobody)),
        (
            "another's secret",
            with(&id, &caller.add_client(&["owner"]).secret),
        ),
        ("unknown client", with(nobody, secret)),
    ];
    let mut wrong = Vec::new();
    for (operation, _) in rows {
        for (who, client) in &strangers {
            for proof in PROOFS {
                let answer = caller.call(operation, client, proof);
                if code(&answer) != 402 {
                    wrong.push(cell(operation, who, proof, false, &answer));
                }
            }
        }
        for (who, headers, expected) in [
            ("nothing", "", 100),
            ("another scheme", "Authorization: Bearer x\r\n", 205),
            (
                "no user's token",
                "Authorization: OAuth 0123456789abcdef\r\n",
                413,
            ),
        ] {
            let answer = caller.send(operation, headers, &arguments());
            let about = answer["argument_name"].as_str();
            if code(&answer) != expected || (expected == 100 && about != Some("client_id")) {
                wrong.push(cell(operation, who, headers.trim(), false, &answer));
            }
        }
    }
    wrong
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} cells differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn cell(
    operation: &str,
    who: &str,
    how: impl std::fmt::Debug,
    let_in: bool,
    answer: &Value,
) -> String {
    let expected = if let_in { "let in" } else { "refused" };
    format!("{operation} × {who} × {how:?}: {expected} expected, came {answer}")
}

fn code(answer: &Value) -> i64 {
    answer["code"].as_i64().unwrap_or(0)
}

fn is_let_in(answer: &Value) -> bool {
    let no_client = code(answer) == 100 && answer["argument_name"] == "client_id";
    !no_client && !NOT_LET_IN.contains(&code(answer))
}

/// What every call is about: no record, so that a call let in changes nothing. `hours_to_live` is out of range for the
/// one operation that would work without any other argument and leave its caller with another secret.
fn arguments() -> Vec<(&'static str, &'static str)> {
    vec![
        ("type_name", "user"),
        ("id", "999999999"),
        ("hours_to_live", "-1"),
    ]
}

struct Client {
    id: String,
    secret: String,
}

struct Caller {
    connection: Connection,
    owner: String,
}

impl Caller {
    fn of(sandbox: &Live) -> Self {
        Self {
            connection: sandbox.connect(),
            owner: http::basic(sandbox.client_id(), sandbox.client_secret()),
        }
    }

    fn add_client(&mut self, features: &[&str]) -> Client {
        let features = serde_json::json!(features).to_string();
        let arguments = [
            ("description", "for the matrix"),
            ("features", features.as_str()),
        ];
        let owner = self.owner.clone();
        let answer = self.send("clients/add", &owner, &arguments);
        let text = |name: &str| {
            let value = answer[name].as_str();
            value
                .unwrap_or_else(|| panic!("no {name} in {answer}"))
                .to_owned()
        };
        Client {
            id: text("client_id"),
            secret: text("client_secret"),
        }
    }

    fn call(&mut self, operation: &str, client: &Client, proof: Proof) -> Value {
        let mut arguments = arguments();
        let headers = match proof {
            Proof::Basic => http::basic(&client.id, &client.secret),
            Proof::Signature => {
                let now = jiff::Timestamp::now().strftime("%F %T").to_string();
                let path = format!("/{operation}");
                http::signed(&client.id, &client.secret, &path, &now, &arguments)
            }
            Proof::Parameters => {
                arguments.push(("client_id", &client.id));
                arguments.push(("client_secret", &client.secret));
                return self.send(operation, "", &arguments);
            }
        };
        self.send(operation, &headers, &arguments)
    }

    /// A record of its own for a user.
    fn add_record(&mut self) -> Value {
        let owner = self.owner.clone();
        let arguments = [("type_name", "user"), ("attributes", "{}")];
        let answer = self.send("entity.create", &owner, &arguments);
        assert_eq!(answer["stat"], "ok", "{answer}");
        answer
    }

    fn view(&mut self, record: &Value) -> Value {
        let owner = self.owner.clone();
        let id = record["id"].to_string();
        self.send("entity", &owner, &[("type_name", "user"), ("id", &id)])
    }

    /// A token for the record's user.
    fn token(&mut self, record: &Value) -> String {
        let owner = self.owner.clone();
        let id = record["id"].to_string();
        let answer = self.send(
            "access/getAccessToken",
            &owner,
            &[("type_name", "user"), ("id", &id)],
        );
        let token = answer["accessToken"].as_str();
        token
            .unwrap_or_else(|| panic!("no token in {answer}"))
            .to_owned()
    }

    fn as_user(
        &mut self,
        operation: &str,
        token: &str,
        by_header: bool,
        arguments: &[(&str, &str)],
    ) -> Value {
        if by_header {
            return self.send(
                operation,
                &format!("Authorization: OAuth {token}\r\n"),
                arguments,
            );
        }
        let arguments = [arguments, &[("access_token", token)]].concat();
        self.send(operation, "", &arguments)
    }

    fn send(&mut self, operation: &str, headers: &str, arguments: &[(&str, &str)]) -> Value {
        let answer = self
            .connection
            .post(operation, headers, &http::form(arguments));
        answer.expect("the sandbox answers").json()
    }
}

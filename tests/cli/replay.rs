//! `captui history diff` and `captui history replay`.

use std::fs;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::Sandbox;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

const RECORD: &str =
    r#"{"email":"ada@example.com","statuses":[{"status":"one"},{"status":"two"}]}"#;

/// The number of the newest call.
fn newest(home: &Home) -> String {
    let list = ok(home, &["history", "list", "--limit", "1", "--json"]);
    let list: Value = serde_json::from_str(&list).expect("JSON");
    list[0]["number"].to_string()
}

/// Makes a call, and gives its number and what it printed.
fn call(home: &Home, args: &[&str]) -> (String, Value) {
    let printed = ok(home, &[&["call", "--json"], args].concat());
    let printed = serde_json::from_str(&printed).expect("JSON");
    (newest(home), printed)
}

fn history(home: &Home, args: &[&str]) -> Output {
    run(home, &[&["history"], args].concat(), "")
}

/// A home whose second environment, `service`, is another sandbox.
fn home_with_two() -> (Home, Home, Sandbox) {
    let (home, other) = (Home::new(), Home::new());
    let sandbox = Sandbox::start(&other);
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    (home, other, sandbox)
}

/// How many users there are.
fn count(home: &Home, environment: &str) -> u32 {
    let printed = ok(home, &["record", "count", "user", "--env", environment]);
    printed.trim().parse().expect("a number")
}

#[test]
fn two_calls_are_compared_element_by_element() {
    let home = Home::new();
    ok(&home, &["record", "create", "user", "--attributes", RECORD]);
    let key = ["type_name=user", "key_attribute=email"];
    let view = [&["entity"], &key[..], &["key_value=\"ada@example.com\""]].concat();
    let (before, answer) = call(&home, &view);
    let (again, _) = call(&home, &view);
    let same = history(&home, &["diff", &before, &again]);
    assert_eq!(same.status, Some(0), "{}", same.stdout);
    assert!(same.stdout.ends_with("no difference\n"), "{}", same.stdout);
    assert!(same.stdout.contains("TIMING"), "{}", same.stdout);

    let id = |place: usize| answer["result"]["statuses"][place]["id"].to_string();
    let write = |operation: &str, path: String, more: &[&str]| {
        let args = [
            &[operation],
            &key[..],
            &["key_value=\"ada@example.com\""],
            more,
        ]
        .concat();
        let path = format!("attribute_name=/statuses#{path}");
        call(&home, &[&args[..], &[&path]].concat());
    };
    write("entity.update", id(1), &[r#"value={"status":"new"}"#]);
    write("entity.delete", id(0), &[]);
    let (after, _) = call(&home, &view);
    let told = history(&home, &["diff", &before, &format!("#{after}")]);
    assert_eq!(told.status, Some(1));
    for expected in [
        format!(
            "  result.statuses[id={}].status\n    {before}: \"two\"\n    {after}: \"new\"\n",
            id(1)
        ),
        format!("  result.statuses[id={}]\n    {before}: {{", id(0)),
    ] {
        assert!(
            told.stdout.contains(&expected),
            "{expected}\n{}",
            told.stdout
        );
    }
    let json = history(&home, &["diff", &before, &after, "--json"]);
    let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["same"], false);
    assert_eq!(json["request"]["differences"], serde_json::json!([]));
    assert!(
        json["answer"]["differences"]
            .as_array()
            .is_some_and(|all| all.len() >= 2)
    );
    let missing = fails(&home, &["history", "diff", &before, "9999"], 5);
    assert!(
        missing.stderr.contains("no exchange 9999"),
        "{}",
        missing.stderr
    );
}

#[test]
fn a_read_goes_out_again_at_once_here_and_elsewhere() {
    let (home, _other, _sandbox) = home_with_two();
    for environment in ["sandbox", "service"] {
        ok(
            &home,
            &[
                "record",
                "create",
                "user",
                "--attributes",
                RECORD,
                "--env",
                environment,
            ],
        );
    }
    let find = [
        "entity.find",
        "type_name=user",
        "filter=email = 'ada@example.com'",
    ];
    let (number, answer) = call(&home, &[&find[..], &["--env", "sandbox"]].concat());
    let again = ok(&home, &["history", "replay", &number, "--json"]);
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(again["results"], answer["results"]);
    let here = history(&home, &["replay", &number, "--compare"]);
    assert_eq!(
        (here.status, here.stderr.as_str()),
        (Some(0), ""),
        "{}",
        here.stdout
    );

    let there = history(&home, &["replay", &number, "--compare", "--env", "service"]);
    assert_eq!(there.status, Some(0), "{}", there.stdout);
    let expected = "answer, given by each service: results[0].";
    assert!(there.stdout.contains(expected), "{}", there.stdout);
    let list = ok(
        &home,
        &["history", "list", "--env", "service", "--limit", "1"],
    );
    assert!(list.contains("entity.find"), "{list}");

    let other = ["--", "filter=email = 'bob@example.com'"];
    let args = [&["replay", &number, "--compare"], &other[..]].concat();
    let differs = history(&home, &args);
    assert_eq!(differs.status, Some(1));
    let expected = "  filter\n";
    assert!(differs.stdout.contains(expected), "{}", differs.stdout);
}

#[test]
fn a_write_asks_and_a_create_is_never_repeated_by_the_way() {
    let (home, _other, _sandbox) = home_with_two();
    ok(
        &home,
        &[
            "record",
            "create",
            "user",
            "--attributes",
            "{}",
            "--env",
            "sandbox",
        ],
    );
    let number = newest(&home);
    let (here, there) = (count(&home, "sandbox"), count(&home, "service"));
    for (more, status, why) in [
        (&[][..], 2, "this is not a terminal"),
        (
            &[],
            2,
            "in `sandbox` came to: ok; send it again to `sandbox`",
        ),
        (&["--yes"], 2, "--create-again does it"),
        (&["--confirm", "sandbox"], 2, "--create-again does it"),
        (&["--confirm", "prod"], 2, "does not name the environment"),
    ] {
        let args = [&["history", "replay", &number], more].concat();
        let refused = fails(&home, &args, status);
        assert!(refused.stderr.contains(why), "{more:?}: {}", refused.stderr);
    }
    assert_eq!(count(&home, "sandbox"), here);
    let replay = ["history", "replay", &number, "--yes", "--create-again"];
    ok(&home, &replay);
    ok(&home, &[&replay[..], &["--env", "service"]].concat());
    assert_eq!(count(&home, "sandbox"), here + 1);
    assert_eq!(count(&home, "service"), there + 1);

    let told = ok(
        &home,
        &[
            "history",
            "replay",
            &number,
            "--dry-run",
            "--env",
            "service",
        ],
    );
    for expected in [
        "entity.create of user makes one more record",
        "to `service` (sandbox, http",
        "asks for a yes",
        "attributes={}",
        "nothing was sent",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    assert_eq!(count(&home, "service"), there + 1);
}

#[test]
fn production_wants_its_name_and_read_only_refuses() {
    let server = FakeServer::start(Act::json(200, r#"{"stat":"ok"}"#));
    let home = Home::new();
    let live = |name: &str, more: &str| {
        format!(
            "[environments.{name}]\ndomain = \"{}\"\nclass = \"prod\"\nclient_id = \"c\"\n\
             secret_file = \"service.secret\"\n{more}",
            server.url
        )
    };
    let settings = live("live", "read_only = false\n") + &live("guarded", "");
    home.configure(&server.url, "client", "secret", &settings);
    let args = [
        "type_name=user",
        "uuid=8a3abdda-b4fb-49d8-a88d-022585b0f877",
        "--env",
        "service",
    ];
    let (delete, _) = call(&home, &[&["entity.delete"], &args[..]].concat());
    let (view, _) = call(&home, &[&["entity"], &args[..]].concat());
    let replay =
        |number: &str, more: &[&str]| history(&home, &[&["replay", number], more].concat());
    for (more, status, why) in [
        (&["--env", "guarded", "--yes"][..], 2, "is read-only"),
        (&["--env", "live"], 2, "--confirm live"),
        (&["--env", "live", "--yes"], 2, "--confirm live"),
        (&["--env", "live", "--confirm", "prod"], 2, "--confirm live"),
        (&["--env", "gone"], 2, "no environment called"),
    ] {
        let refused = replay(&delete, more);
        assert_eq!(refused.status, Some(status), "{more:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(why), "{more:?}: {}", refused.stderr);
    }
    let live = ["--env", "live", "--confirm", "live"];
    assert_eq!(replay(&delete, &live).status, Some(0));
    for environment in ["live", "guarded"] {
        assert_eq!(replay(&view, &["--env", environment]).status, Some(0));
    }
}

#[test]
fn what_is_masked_or_cut_must_be_given_again() {
    let home = Home::new();
    let record = r#"{"email":"ada@example.com","password":"hunter2-CANARY"}"#;
    ok(&home, &["record", "create", "user", "--attributes", record]);
    let number = newest(&home);
    let before = count(&home, "sandbox");
    let replay = ["history", "replay", &number, "--yes", "--create-again"];
    let refused = fails(&home, &replay, 2);
    for expected in [
        "nothing was sent: the history does not hold all of call",
        "attributes, which is masked at password",
        &format!("captui history replay {number} -- 'attributes=…'"),
    ] {
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    let told = run(&home, &["history", "replay", &number, "--dry-run"], "");
    assert_eq!(told.status, Some(2));
    assert!(told.stdout.contains("nothing was sent"), "{}", told.stdout);
    let file = home.path().join("attributes.json");
    fs::write(&file, record.replace("ada@", "bob@")).expect("a home can be written");
    ok(
        &home,
        &[&replay[..], &["--", "attributes=@attributes.json"]].concat(),
    );
    assert_eq!(count(&home, "sandbox"), before + 1);
    let shown = ok(&home, &["history", "show", &newest(&home)]);
    assert!(!shown.contains("CANARY"), "{shown}");

    let folder = home.path().join("config/captui");
    fs::create_dir_all(&folder).expect("a home can be written");
    let settings = "[history]\nmax_body_bytes = 1024\n";
    fs::write(folder.join("config.toml"), settings).expect("a home can be written");
    let long = format!("filter=givenName = '{}'", "x".repeat(3000));
    let (number, _) = call(&home, &["entity.find", "type_name=user", &long]);
    let refused = fails(&home, &["history", "replay", &number], 2);
    let expected = "filter, of whose 3014 bytes only the first were kept";
    assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    ok(
        &home,
        &["history", "replay", &number, "--", "filter=givenName = 'x'"],
    );
}

#[test]
fn a_failure_keeps_its_exit_code() {
    let home = Home::new();
    let uuid = "uuid=8a3abdda-b4fb-49d8-a88d-022585b0f877";
    fails(&home, &["call", "entity", "type_name=user", uuid], 5);
    let number = newest(&home);
    fails(&home, &["history", "replay", &number], 5);
    let same = history(&home, &["replay", &number, "--compare"]);
    assert_eq!(same.status, Some(0), "{}", same.stdout);
}

//! `captui schema apply` and `import`: what is asked, done, interrupted and carried on.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::process::Stdio;

use serde_json::Value;

use crate::cli::ok;
use crate::cli::schema::SAMPLES;
use crate::cli::schema::json;
use crate::cli::schema::put;
use crate::cli::schema::sample;
use crate::cli::schema::schema;
use crate::cli::schema::schema_with;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::captui;
use crate::support::command::run;
use crate::support::pty::Terminal;

/// Records in the type whose plan is interrupted; more of them by the variable `CAPTUI_RECORDS`.
const RECORDS: usize = 400;

#[test]
fn a_schema_goes_in_and_out_and_in_again() {
    for name in SAMPLES {
        let (home, other) = (Home::new(), Home::new());
        put(&home, name, &sample(name));
        let import = ["import", name, "--name", "copy"];
        let output = schema(&home, &import, 0);
        assert!(
            output.stdout.ends_with("done: 1 of 1 step\n"),
            "{}",
            output.stdout
        );
        let exported = schema(&home, &["export", "copy"], 0).stdout;
        schema(&home, &["diff", "copy", &format!("@{name}")], 0);
        put(&other, "copy.json", &exported);
        schema(&other, &["import", "copy.json"], 0);
        assert_eq!(schema(&other, &["export", "copy"], 0).stdout, exported);
        let again = schema(&other, &["import", "copy.json"], 0);
        assert!(
            again.stdout.starts_with("nothing to do"),
            "{}",
            again.stdout
        );
    }
}

#[test]
fn a_file_without_a_name_needs_one() {
    let home = Home::new();
    let defs = r#"[{"name":"a","type":"date"}]"#;
    let output = schema_with(&home, &["import", "-"], defs, 2);
    assert!(output.stderr.contains("--name NAME"), "{}", output.stderr);
    schema_with(&home, &["import", "-", "--name", "shop"], defs, 0);
    for name in ["a b/c", "1", "shöp"] {
        let output = schema_with(&home, &["import", "-", "--name", name], defs, 2);
        assert!(
            output.stderr.contains("cannot be an entity type's name"),
            "{}",
            output.stderr
        );
    }
    let output = schema_with(&home, &["apply", "a b", "-"], defs, 2);
    assert!(
        output
            .stderr
            .contains("`a b` cannot be an entity type's name"),
        "{}",
        output.stderr
    );
    let again = json(&schema_with(
        &home,
        &["import", "-", "--name", "shop", "--json"],
        defs,
        0,
    ));
    assert_eq!(again["steps"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_done_stops_the_rest_unless_that_is_wanted() {
    let home = Home::new();
    let stored = r#"[{"name":"a","type":"string","length":5}]"#;
    let wanted = r#"[{"name":"a","type":"string","length":6},{"name":"b","type":"date"}]"#;
    schema_with(&home, &["import", "-", "--name", "shop"], stored, 0);
    let apply = ["apply", "shop", "-"];
    let output = schema_with(&home, &apply, wanted, 1);
    assert!(
        output
            .stderr
            .contains("nothing was sent: 1 change cannot be done"),
        "{}",
        output.stderr
    );
    assert!(!ok(&home, &["type", "show", "shop"]).contains("\nb "));
    let told = json(&schema_with(
        &home,
        &[&apply[..], &["--json"]].concat(),
        wanted,
        1,
    ));
    assert_eq!(told["applied"], Value::Null, "{told}");
    let partial = [&apply[..], &["--partial", "--json"]].concat();
    let told = json(&schema_with(&home, &partial, wanted, 1));
    assert_eq!(told["applied"]["done"], 1, "{told}");
    assert!(ok(&home, &["type", "show", "shop"]).contains("\nb "));
    let rebuilt = schema_with(
        &home,
        &[&apply[..], &["--rebuild", "a", "--confirm", "shop"]].concat(),
        wanted,
        0,
    );
    assert!(rebuilt.stdout.contains("done: "), "{}", rebuilt.stdout);
    schema_with(&home, &["diff", "shop", "-"], wanted, 0);
}

/// A type with these records.
fn filled(home: &Home, attr_defs: &str, records: &str) {
    schema_with(home, &["import", "-", "--name", "shop"], attr_defs, 0);
    let created = run(
        home,
        &[
            "call",
            "entity.bulkCreate",
            "type_name=shop",
            &format!("all_attributes={records}"),
        ],
        "",
    );
    assert_eq!(created.status, Some(0), "{}", created.stderr);
    assert!(!created.stdout.contains("error"), "{}", created.stdout);
}

/// What breaks a constraint is named before anything is sent, and the service says the same when it is asked.
#[test]
fn a_constraint_that_records_break_is_predicted_as_the_service_answers() {
    for (constraint, values, in_the_way) in [
        ("unique", ["x", "y", "x", "z", "y"], 2),
        ("required", ["x", "", "y", "", "z"], 2),
        (
            "email-address",
            ["a@b.c", "no mail", "c@d.e", "f@g.h", "x@"],
            2,
        ),
        ("alphabetic", ["abc", "a1", "b", "c", "d-e"], 2),
    ] {
        let home = Home::new();
        let records: Vec<Value> = values
            .iter()
            .map(|value| match *value {
                "" => serde_json::json!({}),
                value => serde_json::json!({"a": value}),
            })
            .collect();
        let records = Value::from(records).to_string();
        filled(
            &home,
            r#"[{"name":"a","type":"string","length":40}]"#,
            &records,
        );
        let wanted = format!(
            r#"[{{"name":"a","type":"string","length":40,"constraints":["{constraint}"]}}]"#
        );
        let plan = ["plan", "shop", "-", "--check", "--json"];
        let told = json(&schema_with(&home, &plan, &wanted, 1));
        let finding = &told["findings"]["steps"][0];
        let examples = finding["examples"].as_array().expect("a list");
        assert_eq!(finding["broken"], in_the_way, "{constraint}: {told}");
        assert_eq!(examples.len(), in_the_way, "{constraint}: {told}");
        for example in examples {
            let id = example["id"].as_i64().expect("a number");
            let record = ok(&home, &["record", "get", "shop", "--id", &id.to_string()]);
            let record: Value = serde_json::from_str(&record).expect("JSON");
            let value = record["a"].as_str().unwrap_or_default();
            assert!(values.contains(&value), "{constraint}: {record}");
        }
        let apply = ["apply", "shop", "-"];
        let refused = schema_with(&home, &apply, &wanted, 1);
        assert!(
            refused.stderr.contains("records stand in the way"),
            "{}",
            refused.stderr
        );
        let id = examples[0]["id"].to_string();
        assert!(
            refused.stdout.contains(&format!("record {id}, a: ")),
            "{}",
            refused.stdout
        );
        // The service agrees.
        let unchecked = [&apply[..], &["--no-check"]].concat();
        let output = run(&home, &[&["schema"], &unchecked[..]].concat(), &wanted);
        assert!(
            matches!(output.status, Some(3 | 7)),
            "{constraint}: {}",
            output.stderr
        );
        let code = examples[0]["code"].to_string();
        assert!(
            output.stderr.contains(&code),
            "{constraint} {code}: {}",
            output.stderr
        );
        // Its first call was refused: there is nothing to go on with.
        schema(&home, &["apply", "--forget", "shop"], 5);
    }
}

#[test]
fn what_goes_away_can_be_kept_in_a_file() {
    let home = Home::new();
    filled(
        &home,
        r#"[{"name":"a","type":"string"},{"name":"b","type":"string"}]"#,
        r#"[{"a":"1","b":"x"},{"a":"2"},{"a":"3","b":"z"}]"#,
    );
    let wanted = r#"[{"name":"a","type":"string"}]"#;
    let apply = [
        "apply",
        "shop",
        "-",
        "--confirm",
        "shop",
        "--export-lost",
        "lost.ndjson",
    ];
    let output = schema_with(&home, &apply, wanted, 0);
    assert!(
        output.stdout.contains("2 records lose a value"),
        "{}",
        output.stdout
    );
    let kept = fs::read_to_string(home.path().join("lost.ndjson")).expect("was written");
    let values: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["b"].clone())
        .filter(|value| !value.is_null())
        .collect();
    assert_eq!(values, ["x", "z"]);
    let nothing = schema_with(&home, &["apply", "shop", "-"], wanted, 0);
    assert_eq!(nothing.stdout, "nothing to do: `shop` is as it is wanted\n");
}

#[test]
fn at_a_terminal_the_name_is_typed() {
    let home = Home::new();
    let two = r#"[{"name":"a","type":"string"},{"name":"b","type":"string"}]"#;
    filled(&home, two, r#"[{"a":"1","b":"x"}]"#);
    put(&home, "wanted.json", r#"[{"name":"a","type":"string"}]"#);
    for (typed, status, told) in [
        ("", 130, "another word"),
        ("y", 130, "another word"),
        ("shop", 0, "done: 1 of 1 step"),
    ] {
        let apply = ["schema", "apply", "shop", "@wanted.json"];
        let mut terminal = Terminal::captui(&home, &apply, 24, 100);
        terminal.wait_for("Type shop to go on:");
        assert!(terminal.contents().contains("1 record loses a value"));
        terminal.send(&format!("{typed}<enter>"));
        terminal.wait_for(told);
        assert_eq!(terminal.wait_for_end().exit_code(), status, "{typed:?}");
    }
}

/// What is silently left out would be taken for done.
#[test]
fn what_means_nothing_beside_an_unfinished_plan_is_refused() {
    let home = Home::new();
    let resume: &[&str] = &["--resume"];
    let resume_one: &[&str] = &["--resume", "shop"];
    let forget: &[&str] = &["--forget", "shop"];
    let list: &[&str] = &["--list"];
    let all = [resume, resume_one, forget, list];
    for (arguments, beside) in [
        (&["shop", "@w.json"][..], &all[..]),
        (&["shop"], &all),
        (&["--rename", "a=b"], &all),
        (&["--rebuild", "a"], &all),
        (&["--additions-only"], &all),
        (&["--partial"], &all),
        (&["--dry-run"], &all),
        (&["--no-check"], &[forget, list]),
        (&["--export-lost", "lost.ndjson"], &[forget, list]),
        (&["--yes"], &[list]),
        (&["--confirm", "shop"], &[list]),
        (forget, &[resume, list]),
    ] {
        for unfinished in beside {
            let arguments = [&["apply"], arguments, unfinished].concat();
            let refused = schema(&home, &arguments, 2);
            let told = if arguments.contains(&"--dry-run") {
                "unexpected argument '--dry-run'"
            } else {
                "cannot be used with"
            };
            assert!(
                refused.stderr.contains(told),
                "{arguments:?}: {}",
                refused.stderr
            );
        }
    }
    // What does mean something beside it is taken.
    let keep = [
        "--no-check",
        "--yes",
        "--confirm",
        "shop",
        "--export-lost",
        "lost.ndjson",
    ];
    schema(&home, &[&["apply", "--resume"], &keep[..]].concat(), 0);
}

/// Adds a record with a value of `b`.
fn add_one(home: &Home) {
    let create = [
        "call",
        "entity.create",
        "type_name=shop",
        r#"attributes={"b":"x"}"#,
    ];
    ok(home, &create);
}

/// Records come while the question is open: what was counted is agreed to, and no more goes.
#[test]
fn who_goes_on_agrees_to_what_is_counted_then_and_to_no_more() {
    let home = Home::new();
    let stored = r#"[{"name":"a","type":"string"},{"name":"b","type":"string"}]"#;
    filled(&home, stored, r#"[{"a":"1","b":"x"}]"#);
    let wanted = r#"[{"name":"a","type":"string"},{"name":"c","type":"date"}]"#;
    put(&home, "wanted.json", wanted);
    let begin: &[&str] = &["schema", "apply", "shop", "@wanted.json"];
    let resume: &[&str] = &["schema", "apply", "--resume"];
    for (arguments, counted, comes, told) in [
        (
            begin,
            "1 record loses",
            true,
            "2 records would lose a value of b, and 1",
        ),
        (
            resume,
            "2 records lose",
            true,
            "3 records would lose a value of b, and 2",
        ),
        (resume, "3 records lose", false, "done: 2 of 2 steps"),
    ] {
        let mut terminal = Terminal::captui(&home, arguments, 24, 160);
        terminal.wait_for("Type shop to go on:");
        assert!(
            terminal.contents().contains(counted),
            "{}",
            terminal.contents()
        );
        if comes {
            add_one(&home);
        }
        terminal.send("shop<enter>");
        terminal.wait_for(told);
        assert_eq!(terminal.wait_for_end().exit_code() != 0, comes);
        if comes {
            // Without a look nothing new is agreed to.
            let unseen = ["apply", "--resume", "--no-check", "--confirm", "shop"];
            let unseen = schema(&home, &unseen, 7);
            assert!(unseen.stderr.contains(told), "{}", unseen.stderr);
            assert!(ok(&home, &["type", "show", "shop"]).contains("\nb "));
        }
    }
}

const BEFORE: &str = r#"[{"name":"city","type":"string"},{"name":"email","type":"string"},
    {"name":"fax","type":"string"},{"name":"pager","type":"integer"}]"#;
const AFTER: &str = r#"[{"name":"city","type":"string","constraints":["required"]},
    {"name":"email","type":"string","description":"where to write"},{"name":"web","type":"string"}]"#;

/// A type with many records: every second has a fax, every third a pager.
fn crowd(sandbox: &Sandbox, records: usize) {
    sandbox.ok(
        "entityType.create",
        &[("type_name", "crowd"), ("attr_defs", BEFORE)],
    );
    let all: Vec<Value> = (0..records)
        .map(|number| {
            let mut record = serde_json::json!({"city": "Łódź", "email": format!("p{number}@b.c")});
            if number % 2 == 0 {
                record["fax"] = number.to_string().into();
            }
            if number % 3 == 0 {
                record["pager"] = number.into();
            }
            record
        })
        .collect();
    for part in all.chunks(2000) {
        let part = Value::from(part.to_vec()).to_string();
        let made = sandbox.ok(
            "entity.bulkCreate",
            &[
                ("type_name", "crowd"),
                ("all_attributes", &part),
                ("commit_each", "false"),
            ],
        );
        assert!(made["results"][0].is_i64(), "{made}");
    }
}

/// Five changes, two of them destructive, on a type with many records: true counts, a word that has to be given, an end
/// in the middle by force, and the rest from there on.
#[test]
fn a_killed_plan_goes_on_where_it_stopped() {
    let records = std::env::var("CAPTUI_RECORDS").map_or(RECORDS, |number| {
        number.parse().expect("CAPTUI_RECORDS is a number")
    });
    let home = Home::new();
    // The fourth call, the first removal, does not get further than the sandbox's door.
    let fault = "entityType.removeAttribute=latency:60s:before";
    let stuck = Sandbox::start_with(&home, &["--fault", fault]);
    crowd(&stuck, records);
    home.configure(&stuck.url, &stuck.client_id, &stuck.client_secret, "");
    put(&home, "after.json", AFTER);
    let apply = [
        "schema",
        "--env",
        "service",
        "apply",
        "crowd",
        "@after.json",
    ];

    let asked = run(&home, &apply, "");
    assert_eq!(asked.status, Some(2), "{}", asked.stderr);
    let counts = [
        format!("`crowd`: 5 steps, 1 checked, 2 destructive; {records} records were read\n"),
        format!(
            "remove fax with its values\n       {} records lose a value\n",
            records.div_ceil(2)
        ),
        format!(
            "remove pager with its values\n       {} records lose a value\n",
            records.div_ceil(3)
        ),
        "no record stands in the way\n".to_owned(),
    ];
    for count in &counts {
        assert!(asked.stdout.contains(count), "{count} in {}", asked.stdout);
    }
    assert!(asked.stderr.contains("--confirm crowd"), "{}", asked.stderr);
    let wrong = run(&home, &[&apply[..], &["--confirm", "crowds"]].concat(), "");
    assert_eq!(wrong.status, Some(2), "{}", wrong.stderr);
    let show = ["--env", "service", "type", "show", "crowd"];
    assert!(!ok(&home, &show).contains("web"), "nothing was done");

    let mut command = captui(&home);
    command.args(apply).args(["--confirm", "crowd"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let told = BufReader::new(child.stderr.take().expect("is piped"));
    let fourth = told.lines().find(|line| {
        let line = line.as_ref().expect("is text");
        line.contains("step 4 of 5")
    });
    assert!(fourth.is_some(), "the fourth step is begun");
    child.kill().expect("is running");
    child.wait().expect("is ours");
    let shown = ok(&home, &show);
    for there in ["web", "where to write", "fax", "pager"] {
        assert!(shown.contains(there), "{there} in {shown}");
    }

    let again = run(&home, &[&apply[..], &["--confirm", "crowd"]].concat(), "");
    assert_eq!(again.status, Some(1), "{}", again.stderr);
    assert!(again.stderr.contains("was interrupted"), "{}", again.stderr);

    // The journal knows where it was begun, so the sandbox comes back to the same address, and is quick now.
    let address = stuck.url.trim_start_matches("http://").to_owned();
    drop(stuck);
    let sandbox = Sandbox::start_with(&home, &["--listen", &address]);
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    let unfinished = json(&schema(
        &home,
        &["--env", "service", "apply", "--list", "--json"],
        0,
    ));
    assert_eq!(unfinished[0]["done"], 3, "{unfinished}");
    let resume = ["--env", "service", "apply", "--resume"];
    let without_word = schema(&home, &resume, 2);
    assert!(
        without_word.stderr.contains("--confirm crowd"),
        "{}",
        without_word.stderr
    );
    // Whether the next one counts as begun depends on when the end came.
    let read = format!("; {records} records were read\n");
    for count in [&read, &counts[1], &counts[2]] {
        assert!(
            without_word.stdout.contains(count.as_str()),
            "{count} in {}",
            without_word.stdout
        );
    }
    let keep = ["--confirm", "crowd", "--export-lost", "lost.ndjson"];
    let resumed = schema(&home, &[&resume[..], &keep].concat(), 0);
    let kept = fs::read_to_string(home.path().join("lost.ndjson")).expect("was written");
    assert_eq!(
        kept.lines().filter(|line| line.contains("\"fax\"")).count(),
        records.div_ceil(2)
    );
    assert!(
        resumed.stdout.ends_with("done: 5 of 5 steps\n"),
        "{}",
        resumed.stdout
    );
    assert!(resumed.stderr.contains("step 4 of 5"), "{}", resumed.stderr);
    assert!(
        !resumed.stderr.contains("step 3 of 5"),
        "{}",
        resumed.stderr
    );
    schema(
        &home,
        &["--env", "service", "diff", "crowd", "@after.json"],
        0,
    );
    let nothing = run(&home, &apply, "");
    assert_eq!(
        (nothing.status, nothing.stdout.as_str()),
        (Some(0), "nothing to do: `crowd` is as it is wanted\n")
    );
    let none = schema(&home, &resume, 0);
    assert_eq!(none.stdout, "no plan was interrupted\n");
    let count = ok(&home, &["--env", "service", "record", "count", "crowd"]);
    assert_eq!(count.trim(), records.to_string());
}

/// A rebuild that is interrupted when only the spare holds the values: what is left says that nothing is lost, and
/// forgetting it says where the values are.
#[test]
fn the_only_copy_is_named_before_a_plan_is_forgotten() {
    let home = Home::new();
    // The removal is done, and its answer does not come.
    let fault = "entityType.removeAttribute=latency:60s";
    let stuck = Sandbox::start_with(&home, &["--fault", fault]);
    let stored = r#"[{"name":"v","type":"string","length":5},{"name":"w","type":"date"}]"#;
    stuck.ok(
        "entityType.create",
        &[("type_name", "shop"), ("attr_defs", stored)],
    );
    for value in ["one", "two"] {
        let attributes = serde_json::json!({"v": value}).to_string();
        stuck.ok(
            "entity.create",
            &[("type_name", "shop"), ("attributes", &attributes)],
        );
    }
    home.configure(&stuck.url, &stuck.client_id, &stuck.client_secret, "");
    put(&home, "wanted.json", &stored.replace('5', "9"));
    let apply = ["--env", "service", "apply"];
    let rebuild = [
        &["schema"],
        &apply[..],
        &["shop", "@wanted.json", "--rebuild", "v"],
        &["--confirm", "shop"],
    ];
    let mut command = captui(&home);
    command.args(rebuild.concat());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let show = ["--env", "service", "type", "show", "shop"];
    let mut looks = 0;
    while !ok(&home, &show).contains("\nv_new ") || ok(&home, &show).contains("\nv ") {
        looks += 1;
        assert!(looks < 1000, "the attribute is never removed");
    }
    child.kill().expect("is running");
    child.wait().expect("is ours");
    let address = stuck.url.trim_start_matches("http://").to_owned();
    drop(stuck);
    let sandbox = Sandbox::start_with(&home, &["--listen", &address]);
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");

    let rest = schema(&home, &[&apply[..], &["--resume"]].concat(), 2);
    let lines: Vec<&str> = rest.stdout.lines().collect();
    assert_eq!(
        lines[0], "`shop`: 2 of 6 steps, the next in doubt; 2 records were read",
        "{}",
        rest.stdout
    );
    assert!(
        lines[1].starts_with("  4  safe         add v"),
        "{}",
        rest.stdout
    );
    assert!(
        rest.stdout.contains("2 records have a value to copy"),
        "{}",
        rest.stdout
    );
    assert!(
        rest.stdout.contains("no record loses a value"),
        "{}",
        rest.stdout
    );

    let forget = [&apply[..], &["--forget", "shop"]].concat();
    let asked = schema(&home, &forget, 2);
    for told in [
        "the spare attribute v_new stays, and may hold the only copy of the values of v\n",
        "captui schema apply shop @WANTED.json --rename v_new=v\n",
        "--yes does it",
    ] {
        assert!(asked.stderr.contains(told), "{told} in {}", asked.stderr);
    }
    let wrong = schema(&home, &[&forget[..], &["--confirm", "shops"]].concat(), 2);
    assert!(wrong.stderr.contains("--confirm shop"), "{}", wrong.stderr);
    let forgotten = schema(&home, &[&forget[..], &["--yes"]].concat(), 0);
    assert_eq!(forgotten.stdout, "no plan was interrupted\n");

    // The hint holds.
    let back = [
        "shop",
        "@wanted.json",
        "--rename",
        "v_new=v",
        "--confirm",
        "shop",
    ];
    schema(&home, &[&apply[..], &back].concat(), 0);
    let find = ["--env", "service", "record", "find", "shop", "--json"];
    let found: Value = serde_json::from_str(&ok(&home, &find)).expect("JSON");
    let values: Vec<&Value> = found["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|record| &record["v"])
        .collect();
    assert_eq!(values, ["one", "two"], "{found}");
}

#[test]
fn what_is_read_only_says_so_before_it_asks() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    sandbox.ok(
        "entityType.create",
        &[("type_name", "shop"), ("attr_defs", BEFORE)],
    );
    let (url, id, secret) = (&sandbox.url, &sandbox.client_id, &sandbox.client_secret);
    home.configure(url, id, secret, "read_only = true\n");
    put(&home, "after.json", AFTER);
    for change in [
        &["apply", "shop", "@after.json"][..],
        &["apply", "shop", "@after.json", "--additions-only"],
        &["access", "shop", "--client", id, "--read", "city"],
    ] {
        let output = schema(&home, &[&["--env", "service"], change].concat(), 2);
        assert!(output.stderr.contains("is read-only"), "{}", output.stderr);
        assert!(!output.stderr.contains("--yes"), "{}", output.stderr);
    }
}

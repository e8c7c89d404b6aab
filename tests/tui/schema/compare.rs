//! Comparing schemas: with what is stored, another type, another environment, a file, what was copied.

use captui::capture::json::Json;
use captui::capture::schema::AttrDef;
use captui::config::environment::Environment;
use captui::worker::job::Job;

use crate::tui::driver::Driver;
use crate::tui::schema::plan::on_type;
use crate::tui::schema::plan::plan_to;

const A: &str = r#"[{"name":"email","type":"string","length":64,"constraints":["required"]},
    {"name":"loyalty","type":"object","attr_defs":[{"name":"tier","type":"string","length":20}]},
    {"name":"posts","type":"plural","attr_defs":[{"name":"title","type":"string"}]},
    {"name":"same","type":"integer"}]"#;

const B: &str = r#"[{"name":"same","type":"integer"},
    {"name":"posts","type":"plural","attr_defs":[{"name":"at","type":"date"},{"name":"title","type":"string"}]},
    {"name":"email","type":"string","length":128},
    {"name":"birthday","type":"date"}]"#;

fn compared(width: u16, height: u16) -> Driver {
    let mut driver = on_type(width, height, A);
    B.clone_into(&mut driver.clipboard);
    driver.press("Dv").sees("Differences");
    driver
}

#[test]
fn differences_are_gone_through() {
    let mut driver = compared(80, 24);
    driver
        .sees("A aa · B what was copied")
        .sees("1 only in A · 2 only in B · 1 differs · 3 equal")
        .sees("+ birthday")
        .sees("~ email                    string(64), required → string(128)")
        .sees("-   tier")
        .sees("date, only in what was copied");
    driver
        .press("n")
        .sees("length 64 → 128")
        .sees("constraints required → none");
    driver.sees("no call changes the length of an");
    driver.press("n").sees("object of 1, only in aa");
    driver.press("n").sees("posts.at");
    driver
        .press("n")
        .sees("date, only in what was copied")
        .press("N")
        .sees("posts.at");
    driver
        .press("<end>")
        .sees("same: the same in both. n goes to the next");
    driver
        .sees("  same")
        .press("=")
        .sees_no("  same")
        .press("=")
        .sees("  same");
    driver
        .press("?")
        .sees("Next difference")
        .press("<esc><esc>")
        .sees_no("Differences");
}

#[test]
fn comparisons_are_copied_and_written() {
    let mut driver = compared(80, 24);
    driver.press("ym");
    let copied = driver.copied.last().expect("is copied");
    assert!(copied.starts_with("## aa and what was copied"), "{copied}");
    assert!(
        copied.contains("| `/email` | length | 64 | 128 |"),
        "{copied}"
    );
    driver.press("yj");
    let copied = driver.copied.last().expect("is copied");
    let json = Json::parse(copied).expect("is JSON");
    assert_eq!(json.get("equal").and_then(Json::as_i64), Some(3));
    let folder = tempfile::tempdir().expect("can be made");
    for (name, begins) in [("diff.json", "{\"a\":\"aa\""), ("diff.md", "## aa and")] {
        let file = folder.path().join(name);
        driver
            .press("X<c-u>")
            .write(&file.to_string_lossy())
            .press("<enter>")
            .sees("were written to");
        let text = std::fs::read_to_string(&file).expect("is there");
        assert!(text.starts_with(begins), "{text}");
    }
}

#[test]
fn the_design_becomes_like_the_other_in_one_step() {
    let mut driver = compared(80, 24);
    driver
        .press("p")
        .sees("Plan · aa")
        .sees("birthday")
        .sees("loyalty");
    driver
        .press("<esc>")
        .sees("+   birthday")
        .sees("- ▾ loyalty")
        .sees_no("problem");
    // Compared with what is stored, the same differences.
    driver
        .press("Dc")
        .sees("A aa as stored · B aa as designed")
        .sees("1 only in A · 2 only in B");
    driver
        .press("b")
        .sees("that would take your changes back")
        .press("p")
        .sees("Plan · aa");
    driver
        .press("<esc>u")
        .sees_no("birthday")
        .press("Dc")
        .sees("equal");
    driver.press("p").sees("nothing differs");
}

#[test]
fn only_additions_are_planned_when_wished() {
    let mut driver = compared(80, 24);
    driver
        .press("m")
        .sees("plans add only")
        .press("p")
        .sees("addAttribute            birthday");
    driver.sees_no("removeAttribute").sees_no("loyalty");
}

#[test]
fn another_type_is_compared_both_ways() {
    let mut driver = on_type(120, 40, A);
    driver
        .press("Dt")
        .sees("Compare with which entity type?")
        .sees("user_test")
        .press("u<enter>");
    driver
        .sees("A  aa")
        .sees("B  user")
        .press("b")
        .sees("Plan · user");
    driver
        .press("<esc>")
        .sees("Schema · user")
        .sees("+   email");
    driver.press("u").sees_no("loyalty");
}

#[test]
fn another_environment_is_asked_for_the_same_type() {
    let mut driver = on_type(120, 40, A);
    driver
        .press("De")
        .sees("the configuration names no other environment");
    driver.model.session.environments = vec![Environment {
        name: "staging".to_owned(),
        ..Environment::embedded_sandbox()
    }];
    driver.hold = true;
    driver.press("De").sees("staging").press("<enter>");
    let asked = driver.held.iter().any(|(_, job)| {
        matches!(job, Job::LoadTypeFrom { environment, type_name } if environment == "staging" && type_name == "aa")
    });
    assert!(asked, "{:?}", driver.held);
    driver.answer_all();
    driver
        .sees("A  sandbox: aa")
        .sees("B  staging: aa")
        .sees("sandbox: aa and staging: aa say the same");
    driver.press("n").sees("nothing differs");
}

#[test]
fn a_file_is_read() {
    let mut driver = on_type(120, 40, A);
    driver.files = vec![(
        "/some/where/aa.json".to_owned(),
        format!(r#"{{"schema":{{"name":"aa","attr_defs":{B}}},"stat":"ok"}}"#),
    )];
    driver
        .press("Df")
        .write("/some/where/aa.json")
        .press("<enter>");
    driver
        .sees("B  aa.json")
        .sees("birthday")
        .press("b")
        .sees("a text is not stored anywhere")
        .press("<esc>");
    for (file, why) in [
        (
            "{\"givenName\":\"File\"}",
            "aa.json: holds no schema and no attr_defs",
        ),
        ("[{\"name\":", "aa.json: is not JSON"),
        (
            "[\n  {\"name\":\"b\",\"type\":7}]",
            "aa.json: cannot be read whole, line 2 column 4",
        ),
        ("", "aa.json: holds no schema"),
    ] {
        driver.files = vec![("/some/where/aa.json".to_owned(), file.to_owned())];
        driver
            .press("Df")
            .write("/some/where/aa.json")
            .press("<enter>")
            .sees(why);
    }
    let broken = B.replacen("}]", "},]", 1);
    driver.files = vec![("/some/where/aa.json".to_owned(), broken)];
    driver
        .press("Df")
        .write("/some/where/aa.json")
        .press("<enter>")
        .sees("aa.json is repaired, line 2 column")
        .press("<esc>");
    driver
        .press("Df<esc>")
        .sees("Schema · aa")
        .press("D<esc>")
        .sees("Schema · aa");
}

#[test]
fn a_copied_call_is_a_schema_too() {
    let mut driver = on_type(120, 40, A);
    driver.clipboard = format!(
        "curl https://x.janraincapture.com/entityType.create -d type_name=aa --data-urlencode 'attr_defs={B}'"
    );
    driver
        .press("Dv")
        .sees("B  what was copied")
        .sees("birthday");
}

#[test]
fn a_new_type_is_compared_and_becomes_like_another() {
    let mut driver = on_type(120, 40, A);
    driver.model.schema.begin(
        "fresh",
        &[AttrDef::new(
            "age",
            captui::capture::attr_type::AttrType::Integer,
        )],
    );
    driver
        .press("Dc")
        .sees("a new entity type is not stored yet");
    driver
        .press("Dtaa<enter>")
        .sees("A  fresh (new)")
        .sees("B  aa")
        .press("p");
    driver
        .sees("the design is like B now: u takes it back")
        .sees("loyalty")
        .sees_no("age ");
}

#[test]
fn comparing_changes_nothing() {
    let mut driver = compared(80, 24);
    driver.press("<esc>p").sees("Nothing to do").press("<esc>");
    plan_to(&mut driver, B);
    driver.press("<esc>u").sees_no("birthday");
}

#[test]
fn comparisons_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = compared(width, height);
        driver.press("n");
        insta::assert_snapshot!(format!("compare_{width}x{height}"), driver.screen());
    }
}

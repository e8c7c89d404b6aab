//! The form as its user meets it: keys in, state and screen out, without a terminal.

use std::collections::HashMap;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

mod editing;
mod json;
mod keeping;

use super::*;
use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::schema::AttrDef;
use crate::config::environment::EnvironmentClass;
use crate::exchange::Verdict;
use crate::tui::msg::PaneEvent;
use crate::tui::permission::Permission;

const USER: &str = include_str!("../../../../tests/data/schema-user-default-2012.json");

/// A form with its surroundings.
struct Driver {
    form: FormPane,
    session: Session,
    size: Size,
}

impl Driver {
    fn new(schema: &EntityType, width: u16, height: u16) -> Self {
        let now: Timestamp = "2024-03-01T12:00:00Z".parse().expect("is an instant");
        let session = Session {
            mask: None,
            faults: None,
            domain: "https://h".to_owned(),
            environment: "sandbox".to_owned(),
            class: EnvironmentClass::Sandbox,
            now,
            environments: Vec::new(),
            schemas: HashMap::new(),
            access: HashMap::new(),
            type_name: Some(schema.name.clone()),
            marked: None,
            unkept: Vec::new(),
            patience: std::time::Duration::from_secs(60),
            read_only: false,
            permission: Permission::default(),
        };
        let mut form = FormPane::default();
        let size = Size::new(width, height);
        form.set_viewport(size);
        form.open(&Arc::new(schema.clone()), now);
        Self {
            form,
            session,
            size,
        }
    }

    fn event(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        self.form.update(event, &self.session)
    }

    /// Presses keys by their notation in the table of verbs; what is no verb there is typed.
    fn press(&mut self, keys: &str) -> Option<Outcome> {
        let mut outcome = None;
        for key in keys.split(' ') {
            let scope = if self.form.is_choosing_date() {
                Scope::Calendar
            } else if self.form.typing() {
                Scope::Edit
            } else {
                Scope::Form
            };
            let bound = ACTIONS
                .iter()
                .chain(editors::calendar::ACTIONS)
                .find(|spec| spec.scope == scope && spec.keys.contains(&key));
            outcome = match bound {
                Some(spec) => self.event(PaneEvent::Act(spec.action)),
                None => self.type_text(key),
            };
        }
        outcome
    }

    fn type_text(&mut self, text: &str) -> Option<Outcome> {
        assert!(self.form.typing(), "`{text}` is no key of the form");
        for c in text.chars() {
            let code = KeyCode::Char(c);
            self.event(PaneEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
        None
    }

    fn go_to(&mut self, path: &str) {
        let path = path.parse().expect("is a path");
        assert!(self.form.go_to(&path), "{path}");
        assert_eq!(self.form.cursor_path(), Some(path));
    }

    /// Sets a field as a user does.
    fn fill(&mut self, path: &str, text: &str) {
        self.go_to(path);
        self.press("enter");
        self.type_text(text);
        self.press("esc");
    }

    fn sent(&self) -> String {
        self.form.collect().expect("can be written").to_string()
    }

    fn here(&self) -> String {
        let path = self.form.cursor_path();
        path.map_or_else(|| "a heading".to_owned(), |path| path.to_string())
    }

    fn problem(&self, path: &str) -> Option<String> {
        let draft = self.form.draft().expect("is open");
        let path = path.parse().expect("is a path");
        let place = field::place_of(draft.fields(), &path).expect("exists");
        let problem = draft.problems().at(&place);
        problem.map(|problem| problem.reason.clone())
    }

    fn submit(&mut self) -> Outcome {
        self.form.submit(self.session.now)
    }

    fn screen(&self) -> String {
        let area = Rect::new(0, 0, self.size.width, self.size.height);
        let mut buf = Buffer::empty(area);
        let theme = Theme::monochrome();
        self.form.view(&self.session, &theme, area, true, &mut buf);
        let mut out = String::new();
        for y in 0..area.height {
            // What is reversed is the cursor: it must be seen in the text too.
            let reversed = |x: &u16| {
                let style = buf[(*x, y)].style();
                style
                    .add_modifier
                    .contains(ratatui::style::Modifier::REVERSED)
            };
            let count = (0..area.width).filter(reversed).count();
            let row: String = (0..area.width).map(|x| buf[(x, y)].symbol()).collect();
            let cursor = match count {
                0 => String::new(),
                1 => format!(
                    "  < cursor at {}",
                    (0..area.width).find(reversed).unwrap_or(0)
                ),
                _ => "  < selected".to_owned(),
            };
            out.extend(["|", &row, "|", &cursor, "\n"]);
        }
        format!(
            "{}{} / {}\n",
            out,
            self.form.note_top(&theme),
            self.form.note(&theme)
        )
    }
}

fn schema(name: &str, attr_defs: &str) -> EntityType {
    let json = Json::parse(attr_defs).expect("is JSON");
    let (attr_defs, problems) = crate::capture::schema::read_attr_defs(&json);
    assert_eq!(problems, []);
    EntityType::create(name, attr_defs)
}

fn user() -> EntityType {
    let json = Json::parse(USER).expect("is JSON");
    EntityType::from_json(&json).expect("is a schema").0
}

/// Something of every kind, with something required.
fn member() -> EntityType {
    schema(
        "member",
        r#"[
        {"name":"email","type":"string","length":256,"constraints":["required","unique","email-address"]},
        {"name":"age","type":"integer"},
        {"name":"balance","type":"decimal"},
        {"name":"active","type":"boolean"},
        {"name":"birthday","type":"date","description":"day of birth"},
        {"name":"password","type":"password-bcrypt"},
        {"name":"extra","type":"json"},
        {"name":"address","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string","length":5}]},
        {"name":"tags","type":"plural","attr_defs":[
            {"name":"tag","type":"string","constraints":["required","locally-unique"],"features":["primary-key"]},
            {"name":"since","type":"date"},
            {"name":"notes","type":"plural","attr_defs":[{"name":"text","type":"string"}]}]}]"#,
    )
}

fn filled_user(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(&user(), width, height);
    let record = r#"{"email":"bob@example.com","givenName":"Bob","password":"hunter22","birthday":"1984-02-29",
        "displayName":"","middleName":null,
        "statuses":[{"status":"active","statusCreated":"2015-12-15T07:36:25Z"},{"status":"trial"}],
        "primaryAddress":{"city":"Portland"},"display":{"theme":"dark","size":[1.50,2]}}"#;
    driver.form.load(&Json::parse(record).expect("is JSON"));
    driver
}

// ---- What is sent ----

#[test]
fn only_what_was_touched_is_sent() {
    let mut driver = Driver::new(&member(), 80, 20);
    assert_eq!(driver.sent(), "{}");
    // Entering a field and leaving it is no touch.
    driver.go_to("birthday");
    driver.press("enter esc");
    driver.go_to("email");
    driver.press("enter enter");
    assert_eq!(driver.sent(), "{}");
    driver.fill("email", "a@b.example");
    driver.fill("balance", "12345678901234567890.10");
    driver.go_to("active");
    driver.press("space space");
    driver.fill("address.city", "Portland");
    assert_eq!(
        driver.sent(),
        r#"{"active":false,"address":{"city":"Portland"},"balance":12345678901234567890.10,"email":"a@b.example"}"#
    );
}

#[test]
fn absent_null_and_empty_are_three_things() {
    let mut driver = Driver::new(&member(), 80, 20);
    for (path, key, sent) in [
        ("email", "0", r#"{"email":""}"#),
        ("email", "-", r#"{"email":null}"#),
        ("email", "x", "{}"),
        ("address", "0", r#"{"address":{}}"#),
        ("address", "-", r#"{"address":null}"#),
        ("address", "x", "{}"),
        ("tags", "0", r#"{"tags":[]}"#),
        ("tags", "-", r#"{"tags":null}"#),
        ("tags", "x", "{}"),
        ("active", "-", r#"{"active":null}"#),
        ("active", "r", "{}"),
    ] {
        driver.go_to(path);
        assert_eq!(driver.press(key), None, "{path} {key}");
        assert_eq!(driver.sent(), sent, "{path} {key}");
    }
    for path in ["age", "active", "extra"] {
        driver.go_to(path);
        assert!(matches!(driver.press("0"), Some(Outcome::Refused(_))));
    }
    assert_eq!(driver.sent(), "{}");
}

#[test]
fn clearing_a_text_means_empty_only_where_empty_is_a_value() {
    let mut driver = Driver::new(&member(), 80, 20);
    for (path, text, sent) in [
        ("email", "x", r#"{"email":""}"#),
        ("age", "4", "{}"),
        ("birthday", "1", "{}"),
        ("extra", "1", "{}"),
    ] {
        driver.fill(path, text);
        driver.press("enter");
        for code in [KeyCode::Backspace, KeyCode::Delete] {
            driver.event(PaneEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
        driver.press("esc");
        assert_eq!(driver.sent(), sent, "{path}");
        driver.go_to(path);
        driver.press("x");
    }
}

#[test]
fn elements_are_added_and_deleted_where_the_cursor_is() {
    let mut driver = Driver::new(&member(), 80, 30);
    driver.go_to("tags");
    driver.press("a");
    assert_eq!(driver.here(), "tags[0].tag");
    driver.press("one enter a");
    assert_eq!(driver.here(), "tags[1].tag", "from inside an element");
    driver.press("two esc");
    driver.go_to("tags[1].notes");
    driver.press("enter");
    assert_eq!(
        driver.here(),
        "tags[1].notes[0].text",
        "the innermost plural"
    );
    driver.press("hello esc");
    assert_eq!(
        driver.sent(),
        r#"{"tags":[{"tag":"one"},{"notes":[{"text":"hello"}],"tag":"two"}]}"#
    );
    driver.go_to("tags[0]");
    driver.press("d");
    assert_eq!(driver.here(), "tags[0]");
    driver.press("d");
    assert_eq!(driver.here(), "tags");
    assert_eq!(driver.sent(), r#"{"tags":[]}"#, "emptied is not absent");
    driver.press("u u");
    assert!(driver.sent().contains(r#""tag":"one""#));
}

#[test]
fn a_loaded_record_goes_out_as_it_came() {
    let mut driver = Driver::new(&member(), 80, 20);
    for record in [
        r#"{"tags":["shorthand","b"],"email":5,"address":"no object","active":"yes"}"#,
        r#"{"unknown":{"deep":[1.50,null]},"password":{"type":"password-bcrypt","value":"$2a"}}"#,
        r#"{"address":{},"tags":[{},{"tag":null}],"extra":null,"age":1e400,"email":"a\nb\u0007"}"#,
    ] {
        let record = Json::parse(record).expect("is JSON");
        driver.form.load(&record);
        assert_eq!(driver.form.collect(), Ok(record));
    }
    // Ids and stamps are the service's.
    let stored =
        r#"{"id":7,"uuid":"u","created":"c","email":"a@b.example","tags":[{"id":9,"tag":"t"}]}"#;
    driver.form.load(&Json::parse(stored).expect("is JSON"));
    assert_eq!(
        driver.sent(),
        r#"{"email":"a@b.example","tags":[{"tag":"t"}]}"#
    );
    let by_id = "tags#9.tag".parse().expect("is a path");
    assert!(driver.form.go_to(&by_id));
    assert_eq!(driver.here(), "tags[0].tag");
}

#[test]
fn what_is_no_json_blocks_sending() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    driver.fill("age", "12x");
    driver.fill("extra", "{\"a\":");
    assert!(driver.problem("age").expect("has one").contains("12x"));
    let (path, _) = driver.form.collect().expect_err("cannot be written");
    assert_eq!(path.to_string(), "age");
    for _ in 0..2 {
        assert!(matches!(driver.submit(), Outcome::Refused(_)));
        assert_eq!(driver.here(), "age");
    }
}

// ---- Sending ----

#[test]
fn sending_checks_goes_to_the_problem_and_can_be_insisted_on() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("birthday", "1985-02-29");
    driver.go_to("tags");
    driver.press("a esc");
    driver.go_to("tags");
    driver.press("left");
    let refused = driver.submit();
    assert!(matches!(&refused, Outcome::Refused(why) if why.contains("3 problems")));
    assert_eq!(driver.here(), "email");
    assert_eq!(driver.form.problems(), 3);
    driver.press("!");
    assert_eq!(driver.here(), "birthday");
    driver.press("!");
    assert_eq!(driver.here(), "tags[0].tag", "unfolded on the way");
    driver.press("!");
    assert_eq!(driver.here(), "email", "wraps");
    // A change in between asks anew.
    driver.fill("email", "a@b.example");
    assert!(matches!(driver.submit(), Outcome::Refused(_)));
    let Outcome::Submitted(calls) = driver.submit() else {
        panic!("goes out when insisted on");
    };
    let request = &calls[0].request;
    assert_eq!(request.endpoint, Endpoint::EntityCreate);
    assert_eq!(request.args.get("type_name"), Some("member"));
    assert_eq!(
        request.args.get("attributes"),
        Some(r#"{"birthday":"1985-02-29","email":"a@b.example","tags":[{}]}"#)
    );
    assert_eq!(request.args.get("include_record"), None);
}

#[test]
fn a_sent_draft_stays_and_says_so() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.press("i");
    driver.fill("email", "a@b.example");
    let Outcome::Submitted(calls) = driver.submit() else {
        panic!("is right");
    };
    let request = &calls[0].request;
    assert_eq!(request.args.get("include_record"), Some("true"));
    driver.form.sent(Some(Verdict::Ok));
    assert!(driver.form.note_top(&Theme::monochrome()).contains("sent"));
    assert_eq!(driver.sent(), r#"{"email":"a@b.example"}"#);
    let Outcome::Refused(reason) = driver.submit() else {
        panic!("it is there already");
    };
    assert!(reason.starts_with("already created"), "{reason}");
    // An answer that comes after a change is about what is no longer there.
    driver.fill("age", "3");
    assert!(matches!(driver.submit(), Outcome::Submitted(_)));
    driver.fill("age", "4");
    driver.form.sent(Some(Verdict::Ok));
    assert!(driver.form.note_top(&Theme::monochrome()).contains("draft"));
}

#[test]
fn the_services_complaint_stands_at_its_field_until_that_changes() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    assert_eq!(
        driver.form.unique_candidates(),
        ["email".parse().expect("is a path")]
    );
    let path = "/email".parse().expect("is a path");
    let code = ErrorCode::UNIQUE_VIOLATION;
    assert!(driver.form.show_error(&path, code, "taken"));
    driver.go_to("email");
    driver.press("enter esc");
    assert_eq!(driver.problem("email").as_deref(), Some("taken"));
    driver.press("enter x esc");
    assert_eq!(driver.problem("email"), None);
    let path = "/nowhere".parse().expect("is a path");
    assert!(!driver.form.show_error(&path, code, "taken"));
}

// ---- Checking ----

#[test]
fn a_field_is_checked_when_it_is_left_and_not_before() {
    let mut driver = Driver::new(&member(), 80, 20);
    assert_eq!(driver.form.problems(), 0, "nothing is blamed at first");
    driver.go_to("tags");
    driver.press("a");
    assert_eq!(driver.form.problems(), 0, "nor is a new element");
    driver.press("same esc");
    driver.press("a same esc");
    assert!(
        driver
            .problem("tags[1].tag")
            .expect("has one")
            .contains("[0]")
    );
    assert_eq!(driver.form.problems(), 1);
    driver.fill("tags[0].tag", "r");
    assert_eq!(driver.form.problems(), 0, "the other one differs now");
    driver.go_to("email");
    driver.press("enter");
    assert_eq!(driver.problem("email"), None);
    driver.press("esc");
    assert!(
        driver.problem("email").is_some(),
        "required, and left empty"
    );
    driver.fill("birthday", "1985-02-29");
    assert!(
        driver
            .problem("birthday")
            .expect("has one")
            .contains("leap")
    );
}

/// What stands under the field being edited.
fn note(driver: &Driver) -> String {
    let screen = driver.screen();
    let is_note = |line: &&str| line.chars().any(|c| "└✓✗".contains(c)) && !line.contains('/');
    let lines = screen.lines().filter(is_note);
    lines
        .map(|line| line.split('|').nth(1).unwrap_or_default().trim().to_owned())
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn while_typing_the_note_says_calmly_what_would_be_right_and_then_that_it_is() {
    let mut driver = Driver::new(&member(), 80, 30);
    driver.go_to("birthday");
    driver.press("enter");
    assert!(note(&driver).contains("└ F4 calendar"));
    driver.type_text("1985-02-2");
    assert_eq!(note(&driver), "✓ stored as 1985-02-02, Saturday");
    driver.type_text("9");
    assert_eq!(note(&driver), "└ a day, as in 2003-01-02", "not blamed yet");
    assert_eq!(driver.form.problems(), 0);
    driver.press("esc");
    let problem = "1985 is not a leap year: February has 28 days";
    assert!(
        note(&driver).ends_with(&format!("└ {problem}")),
        "{}",
        note(&driver)
    );
    // Known to be wrong, it is judged with every key.
    driver.press("enter");
    assert!(
        note(&driver).ends_with(&format!("✗ {problem}")),
        "{}",
        note(&driver)
    );
    driver.event(PaneEvent::Key(KeyEvent::new(
        KeyCode::Backspace,
        KeyModifiers::NONE,
    )));
    assert_eq!(note(&driver), "✓ stored as 1985-02-02, Saturday");
    assert_eq!(driver.form.problems(), 0, "gone at once");
    driver.type_text("9");
    assert_eq!(driver.form.problems(), 1);
    driver.press("enter");
    assert_eq!(driver.form.problems(), 1);
    driver.fill("email", "bob");
    assert_eq!(
        driver.problem("email").as_deref(),
        Some("must look like name@example.com: there is no @")
    );
}

#[test]
fn what_more_typing_cannot_mend_is_said_at_once() {
    let mut driver = Driver::new(&member(), 80, 30);
    driver.go_to("address.zip");
    driver.press("enter 123");
    assert_eq!(note(&driver), "");
    driver.type_text("4567");
    assert_eq!(note(&driver), "✗ 7 characters, at most 5: 2 too many");
    assert_eq!(driver.form.problems(), 0, "but it counts when it is left");
    driver.press("esc");
    assert_eq!(driver.form.problems(), 1);
    for text in ["one", "two"] {
        driver.go_to("tags");
        driver.press("a");
        driver.type_text(text);
        driver.press("esc");
    }
    driver.go_to("tags[1].tag");
    driver.press("enter");
    for _ in 0..3 {
        driver.event(PaneEvent::Key(KeyEvent::new(
            KeyCode::Backspace,
            KeyModifiers::NONE,
        )));
    }
    driver.type_text("one");
    let same = "another element of tags, [0], has the value one";
    assert!(
        note(&driver).ends_with(&format!("✗ {same}")),
        "{}",
        note(&driver)
    );
    driver.press("esc");
    assert_eq!(driver.problem("tags[1].tag").as_deref(), Some(same));
}

#[test]
fn a_complaint_of_the_service_goes_with_the_value_it_is_about() {
    let mut driver = Driver::new(&member(), 80, 30);
    driver.fill("email", "a@b.example");
    let path = "email".parse().expect("is a path");
    driver
        .form
        .show_error(&path, ErrorCode::UNIQUE_VIOLATION, "taken");
    driver.go_to("email");
    driver.press("enter x");
    assert_eq!(driver.problem("email"), None);
    driver.event(PaneEvent::Key(KeyEvent::new(
        KeyCode::Backspace,
        KeyModifiers::NONE,
    )));
    assert_eq!(
        driver.problem("email").as_deref(),
        Some("taken"),
        "it is the same again"
    );
    driver.press("esc");
    assert_eq!(driver.problem("email").as_deref(), Some("taken"));
}

// ---- Editing and moving ----

#[test]
fn tab_goes_on_editing_and_enter_goes_down() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.go_to("email");
    driver.press("enter a@b.example tab");
    assert_eq!(driver.here(), "age", "past what is no text");
    assert!(driver.form.typing());
    driver.press("7 shift-tab");
    assert_eq!(driver.here(), "email");
    driver.press("down");
    assert!(!driver.form.typing());
    assert_eq!(driver.here(), "a heading");
    assert_eq!(driver.sent(), r#"{"age":7,"email":"a@b.example"}"#);
}

#[test]
fn json_is_edited_on_several_lines_and_pasted_text_is_cleaned() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.go_to("extra");
    driver.press("enter {");
    driver.press("enter \"a\":1 enter");
    driver.event(PaneEvent::Paste("\"b\u{1b}\":2\r\n}".to_owned()));
    assert!(driver.problem("extra").is_none());
    driver.press("esc");
    assert!(
        driver
            .problem("extra")
            .expect("a comma is missing")
            .contains("line 3")
    );
    driver.go_to("email");
    driver.event(PaneEvent::Paste("a@b\u{7}.example\r\n".to_owned()));
    assert!(driver.form.typing(), "pasting on a field edits it");
    driver.press("esc");
    driver.go_to("extra");
    driver.press("x");
    assert_eq!(driver.sent(), r#"{"email":"a@b.example"}"#);
}

#[test]
fn fields_change_groups_only_when_asked_and_the_cursor_stays_on_its_field() {
    let mut driver = Driver::new(&member(), 80, 30);
    driver.fill("email", "a@b.example");
    driver.fill("birthday", "1984-02-29");
    let before = driver.screen();
    assert!(!before.contains("Set by you"));
    assert!(matches!(driver.submit(), Outcome::Submitted(_)));
    driver.form.sent(Some(Verdict::Ok));
    assert!(driver.screen().contains("Set by you (1)"));
    assert_eq!(driver.here(), "birthday");
}

#[test]
fn folding_and_groups() {
    let mut driver = Driver::new(&member(), 80, 30);
    driver.go_to("address.zip");
    driver.press("left");
    assert_eq!(driver.here(), "address");
    driver.press("left left");
    assert_eq!(driver.here(), "a heading");
    driver.press("left");
    assert!(!driver.screen().contains("birthday"));
    driver.press("right right");
    assert_eq!(driver.here(), "active", "the first of the group");
    driver.press("{ {");
    driver.press("down");
    assert_eq!(driver.here(), "email");
    driver.press("end");
    assert_eq!(driver.here(), "tags");
}

#[test]
fn the_filter_narrows_while_typed_and_esc_shows_all() {
    let mut driver = Driver::new(&user(), 80, 20);
    driver.press("/ address");
    let screen = driver.screen();
    assert!(
        screen.contains("primaryAddress") && !screen.contains("aboutMe"),
        "{screen}"
    );
    driver.press("enter");
    assert!(!driver.form.typing());
    assert!(!driver.screen().contains("aboutMe"));
    driver.press("/ esc");
    assert!(driver.screen().contains("aboutMe"));
    assert!(!driver.form.clear_filter());
    // Inside what is folded, too.
    driver.press("/ zipPlus enter enter 97 esc");
    assert_eq!(driver.sent(), r#"{"primaryAddress":{"zipPlus4":"97"}}"#);
    driver.go_to("gender");
    assert!(
        driver.screen().contains("aboutMe"),
        "going elsewhere shows all"
    );
    // A path finds its field, with the element's index and without.
    driver.go_to("statuses");
    driver.press("a esc");
    for filter in ["statuses[0].status", "statuses.status"] {
        driver.press("/");
        driver.event(PaneEvent::Paste(filter.to_owned()));
        assert!(driver.screen().contains("statusCreated"), "{filter}");
        driver.press("enter");
    }
}

#[test]
fn clicks_focus_and_then_edit() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.event(PaneEvent::Click { column: 30, row: 1 });
    assert_eq!(driver.here(), "email");
    assert!(driver.form.typing(), "the cursor was there at first");
    driver.press("a@b.example");
    driver.event(PaneEvent::Click { column: 30, row: 6 });
    assert!(!driver.form.typing());
    assert_eq!(driver.sent(), r#"{"email":"a@b.example"}"#);
    driver.event(PaneEvent::Click {
        column: 30,
        row: 300,
    });
    driver.event(PaneEvent::Scroll(5));
}

#[test]
fn each_type_keeps_its_draft_and_a_changed_schema_keeps_values() {
    let mut driver = Driver::new(&member(), 80, 20);
    let now = driver.session.now;
    driver.fill("email", "a@b.example");
    driver.fill("age", "not yet");
    driver.go_to("tags");
    driver.press("a one");
    driver.form.open(&Arc::new(user()), now);
    assert_eq!(driver.sent(), "{}");
    let changed = schema(
        "member",
        r#"[{"name":"age","type":"string"},{"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]"#,
    );
    driver.form.open(&Arc::new(changed), now);
    assert_eq!(
        driver.sent(),
        r#"{"age":"not yet","tags":[{"tag":"one"}],"email":"a@b.example"}"#
    );
}

#[test]
fn reset_and_undo() {
    let mut driver = filled_user(80, 20);
    let loaded = driver.sent();
    driver.go_to("email");
    driver.press("x");
    driver.press("r");
    assert_eq!(driver.sent(), loaded, "as it was loaded");
    driver.press("N");
    assert_eq!(driver.sent(), "{}");
    driver.press("u");
    assert_eq!(driver.sent(), loaded);
}

#[test]
fn what_was_deleted_comes_back_where_it_was_and_with_its_problems() {
    let mut driver = Driver::new(&member(), 80, 30);
    for text in ["one", "two", "two"] {
        driver.go_to("tags");
        driver.press("a");
        driver.type_text(text);
        driver.press("esc");
    }
    driver.fill("tags[1].since", "1985-02-29");
    driver.go_to("tags[1].since");
    assert_eq!(
        driver.press("d"),
        Some(Outcome::Told(
            "deleted tags[1]: <form.undo> brings it back".to_owned()
        ))
    );
    assert_eq!(driver.here(), "tags[1]", "the one that was after it");
    assert_eq!(driver.problem("tags[1].since"), None);
    driver.press("home left");
    let told = driver.press("u");
    assert!(matches!(&told, Some(Outcome::Told(text)) if text.contains("tags[1] deleted")));
    assert_eq!(
        driver.here(),
        "tags[1].since",
        "unfolded and under the cursor"
    );
    assert!(
        driver
            .problem("tags[1].since")
            .expect("is as it was")
            .contains("leap")
    );
    assert!(driver.problem("tags[2].tag").is_some());
    driver.press("U");
    assert_eq!(driver.here(), "tags[1]");
    assert!(matches!(driver.press("U"), Some(Outcome::Refused(_))));
    driver.press("u u");
    assert_eq!(driver.here(), "tags[1].since", "the text before that");
    driver.press("-");
    assert!(
        matches!(driver.press("U"), Some(Outcome::Refused(_))),
        "another way was taken"
    );
}

#[test]
fn what_changes_nothing_is_no_step() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.go_to("age");
    driver.press("x enter esc r");
    assert!(matches!(driver.press("u"), Some(Outcome::Refused(_))));
    assert!(!driver.form.draft().expect("is open").can_undo());
    driver.press("enter 7 esc u");
    let fresh = driver.form.draft().expect("is open").status;
    assert_eq!(fresh, Status::Fresh, "all the way back");
    driver.press("U");
    driver.fill("email", "a@b.example");
    assert!(matches!(driver.submit(), Outcome::Submitted(_)));
    driver.form.sent(Some(Verdict::Ok));
    driver.press("u");
    assert_eq!(
        driver.form.draft().expect("is open").status,
        Status::Changed
    );
    driver.press("U");
    assert_eq!(driver.form.draft().expect("is open").status, Status::Sent);
}

#[test]
fn help_tells_rules_and_spelling() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.go_to("birthday");
    let help = driver.form.help();
    assert_eq!(
        help[0],
        ("field", "birthday · date · YYYY-MM-DD".to_owned())
    );
    assert_eq!(help[1], ("sent as", "attributes.birthday".to_owned()));
    assert!(help.contains(&("about", "day of birth".to_owned())));
}

#[test]
fn every_verb_has_a_row() {
    let mut ids: Vec<&str> = ACTIONS.iter().map(|spec| spec.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ACTIONS.len());
}

#[test]
fn large_plurals_and_hostile_names_are_drawn_in_any_size() {
    let hostile = schema(
        "t",
        r#"[{"name":"a\u001b[2J\u202e","type":"string","description":"\u0007"},{"name":"漢字漢字漢字漢字漢字漢字漢字","type":"plural","attr_defs":[{"name":"v","type":"string"},{"name":"w","type":"string"}]}]"#,
    );
    let mut driver = Driver::new(&hostile, 80, 20);
    let items: Vec<Json> = (0..10_000)
        .map(|n| {
            [("v", Json::from(format!("\u{1b}[31m{n}")))]
                .into_iter()
                .collect()
        })
        .collect();
    let record = [
        ("a\u{1b}[2J\u{202e}", Json::from("x\u{202e}\u{1b}]0;")),
        ("漢字漢字漢字漢字漢字漢字漢字", Json::Array(items)),
    ];
    driver.form.load(&record.into_iter().collect());
    driver.press("down right end enter");
    assert_eq!(driver.form.draft().expect("is open").rows.len(), 10_005);
    for (width, height) in [(0, 0), (1, 1), (3, 2), (7, 9), (20, 3), (300, 60)] {
        driver.size = Size::new(width, height);
        driver.form.set_viewport(driver.size);
        for keys in ["home down", "enter", "esc"] {
            driver.press(keys);
            assert!(!driver.screen().replace('\n', "").contains(char::is_control));
        }
    }
}

// ---- Round trip ----

/// A definition of any type, nested no deeper than `depth`.
fn any_type(depth: u32) -> BoxedStrategy<AttrType> {
    let plain = prop_oneof![
        Just("string"),
        Just("boolean"),
        Just("integer"),
        Just("decimal"),
        Just("date"),
        Just("dateTime"),
        Just("ipAddress"),
        Just("json"),
        Just("password-bcrypt"),
    ]
    .prop_map(AttrType::from_name);
    if depth == 0 {
        return plain.boxed();
    }
    let members = move || prop::collection::vec(any_type(depth - 1), 1..4).prop_map(named);
    prop_oneof![
        3 => plain,
        1 => members().prop_map(AttrType::Object),
        1 => members().prop_map(AttrType::Plural),
    ]
    .boxed()
}

fn named(types: Vec<AttrType>) -> Vec<AttrDef> {
    let def = |(at, attr_type)| AttrDef::new(format!("a{at}"), attr_type);
    types.into_iter().enumerate().map(def).collect()
}

/// A value that is valid for the type, or null.
fn any_value(attr_type: &AttrType) -> BoxedStrategy<Json> {
    let value = match attr_type {
        AttrType::Boolean => any::<bool>().prop_map(Json::from).boxed(),
        AttrType::Integer => any::<i64>().prop_map(Json::from).boxed(),
        AttrType::Decimal => "-?[1-9][0-9]{0,30}\\.[0-9]{1,20}"
            .prop_map(|text| Json::Number(Number::parse(&text).expect("is a number")))
            .boxed(),
        AttrType::Date => Just(Json::from("1984-02-29")).boxed(),
        AttrType::DateTime => Just(Json::from("2015-12-15 07:36:25 +0000")).boxed(),
        AttrType::IpAddress => Just(Json::from("192.0.2.1")).boxed(),
        AttrType::Json => prop_oneof![
            Just(r#"{"a":[1.50,{"b":null}],"c":""}"#),
            Just("[]"),
            Just("12345678901234567890.10"),
            Just("\"\\n\"")
        ]
        .prop_map(|text| Json::parse(text).expect("is JSON"))
        .boxed(),
        AttrType::Object(inner) => any_members(inner),
        AttrType::Plural(inner) => prop::collection::vec(any_members(inner), 0..3)
            .prop_map(Json::Array)
            .boxed(),
        _ => any::<String>().prop_map(Json::from).boxed(),
    };
    prop_oneof![1 => Just(Json::Null), 6 => value].boxed()
}

fn any_members(attr_defs: &[AttrDef]) -> BoxedStrategy<Json> {
    let members: Vec<_> = attr_defs
        .iter()
        .map(|def| {
            let name = def.name.clone();
            prop::option::of(any_value(&def.attr_type))
                .prop_map(move |value| value.map(|value| (name.clone(), value)))
        })
        .collect();
    members
        .prop_map(|members| Json::Object(members.into_iter().flatten().collect::<Object>()))
        .boxed()
}

proptest! {
    #[test]
    fn a_valid_record_goes_through_the_form_unchanged(
        (attr_defs, record) in prop::collection::vec(any_type(2), 1..5)
            .prop_map(named)
            .prop_flat_map(|attr_defs| (Just(attr_defs.clone()), any_members(&attr_defs)))
    ) {
        let mut driver = Driver::new(&EntityType::create("t", attr_defs), 80, 20);
        driver.form.load(&record);
        prop_assert_eq!(driver.form.collect(), Ok(record.clone()));
        // Editing every field without changing it changes nothing.
        driver.press("home");
        for _ in 0..30 {
            driver.press("right enter");
            if driver.form.typing() {
                driver.press("esc");
            }
            if driver.form.collect() != Ok(record.clone()) {
                // Enter toggled a boolean or added to an empty plural.
                driver.press("u");
            }
            driver.press("down");
        }
        prop_assert_eq!(driver.form.collect(), Ok(record));
    }

    /// Any keys on any field: no panic; every step taken back gives what was there before it, and done again, what came
    /// of it.
    #[test]
    fn undo_brings_everything_back_and_redo_does_it_again(keys in prop::collection::vec(
        prop::sample::select(vec!["x", "-", "0", "a", "d", "c", "[", "]", "N", "7", "enter", "space", "down", "up",
            "right", "left", "r", "!", "tab", "esc", "}", "end", "pageup"]),
        0..40,
    )) {
        let mut driver = Driver::new(&member(), 40, 8);
        let record = r#"{"email":"a@b.example","age":3,"tags":[{"tag":"t","notes":[{}]},{}]}"#;
        driver.form.load(&Json::parse(record).expect("is JSON"));
        let mut seen = vec![(1, state(&driver))];
        for key in keys {
            let typing = driver.form.typing();
            let scope = if typing { Scope::Edit } else { Scope::Form };
            let bound = ACTIONS.iter().find(|spec| spec.scope == scope && spec.keys.contains(&key));
            match bound {
                Some(spec) => { driver.event(PaneEvent::Act(spec.action)); }
                None if typing => { driver.type_text(key); }
                None => {}
            }
            let draft = driver.form.draft().expect("is open");
            prop_assert!(draft.rows.get(draft.cursor).is_some_and(rows::Row::takes_cursor));
            prop_assert_eq!(draft.tally(), draft.counted());
            driver.screen();
            seen.push((steps(&driver), state(&driver)));
        }
        driver.form.stop_typing(driver.session.now);
        seen.push((steps(&driver), state(&driver)));
        seen.dedup();
        // No step leads to where the last one led, and nothing changes without a step.
        prop_assert!(seen.iter().map(|(step, _)| *step).eq(1..=seen.len()));
        for (_, expected) in seen.iter().rev().skip(1) {
            prop_assert!(matches!(driver.press("u"), Some(Outcome::Told(_))));
            prop_assert_eq!(&state(&driver), expected);
        }
        prop_assert!(matches!(driver.press("u"), Some(Outcome::Told(_))));
        prop_assert_eq!(driver.sent(), "{}", "before the record was loaded");
        prop_assert!(matches!(driver.press("u"), Some(Outcome::Refused(_))));
        for (_, expected) in &seen {
            prop_assert!(matches!(driver.press("U"), Some(Outcome::Told(_))));
            prop_assert_eq!(&state(&driver), expected);
        }
        prop_assert!(matches!(driver.press("U"), Some(Outcome::Refused(_))));
    }
}

/// How many steps can be taken back.
fn steps(driver: &Driver) -> usize {
    driver.form.draft().expect("is open").steps()
}

/// Everything that the draft holds, also what cannot be sent.
fn state(driver: &Driver) -> Vec<String> {
    let draft = driver.form.draft().expect("is open");
    let mut state = Vec::new();
    field::walk(draft.fields(), &mut |place, node| {
        state.push(match node {
            field::Node::Field(field) => {
                let presence = field.presence;
                let text = field.text().unwrap_or_default();
                let on = matches!(field.editor, field::Editor::Toggle(true));
                format!("{place:?} {presence:?} {text:?} {on}")
            }
            field::Node::Element(element) => format!("{place:?} {:?}", element.id),
        });
    });
    state
}

// ---- The screen ----

const SIZES: [(u16, u16); 3] = [(80, 20), (52, 30), (40, 10)];

fn snapshots(name: &str, prepare: impl Fn(&mut Driver), make: impl Fn(u16, u16) -> Driver) {
    for (width, height) in SIZES {
        let mut driver = make(width, height);
        prepare(&mut driver);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), driver.screen());
    }
}

#[test]
fn screen_empty() {
    snapshots(
        "empty",
        |_| {},
        |width, height| Driver::new(&user(), width, height),
    );
}

#[test]
fn screen_filled() {
    snapshots(
        "filled",
        |driver| {
            driver.go_to("statuses[0].status");
        },
        filled_user,
    );
}

#[test]
fn screen_problems() {
    snapshots(
        "problems",
        |driver| {
            driver.fill("birthday", "1985-02-29");
            driver.fill("age", "twelve");
            driver.go_to("tags");
            driver.press("a esc a esc");
            driver.submit();
            driver.go_to("birthday");
        },
        |width, height| Driver::new(&member(), width, height),
    );
}

#[test]
fn screen_editing() {
    snapshots(
        "editing",
        |driver| {
            driver.go_to("givenName");
            driver.press("enter");
            driver.type_text("by");
        },
        filled_user,
    );
    snapshots(
        "editing_json",
        |driver| {
            driver.go_to("display");
            driver.press("enter");
        },
        filled_user,
    );
    snapshots(
        "editing_absent",
        |driver| {
            driver.go_to("emailVerified");
            driver.press("enter");
        },
        filled_user,
    );
    snapshots(
        "editing_password",
        |driver| {
            driver.go_to("password");
            driver.press("enter");
        },
        filled_user,
    );
}

#[test]
fn screen_filter() {
    snapshots(
        "filter",
        |driver| {
            driver.press("/ address");
        },
        filled_user,
    );
}

#[test]
fn screen_deep() {
    let mut driver = Driver::new(&user(), 80, 20);
    driver.go_to("profiles");
    driver.press("a example.com esc");
    driver.go_to("profiles[0].profile.organizations");
    driver.press("a esc");
    driver.go_to("profiles[0].profile.organizations[0].location");
    driver.press("enter down enter Portland esc");
    insta::assert_snapshot!("deep_80x20", driver.screen());
}

#[test]
fn required_is_a_word_of_the_schema_alone() {
    let draft = Draft::new(&Arc::new(member()));
    let required: Vec<&str> = draft
        .fields()
        .iter()
        .filter(|field| field.attr.def.has(&Constraint::Required))
        .map(field::Field::name)
        .collect();
    assert_eq!(required, ["email"]);
}

#[test]
fn every_level_of_nested_plurals_is_indented() {
    let nested = schema(
        "nested",
        r#"[{"name":"one","type":"plural","attr_defs":[{"name":"two","type":"plural","attr_defs":[
            {"name":"three","type":"plural","attr_defs":[{"name":"leaf","type":"string"},{"name":"more","type":"string"}]}]}]}]"#,
    );
    let mut driver = Driver::new(&nested, 80, 20);
    for path in ["one", "one[0].two", "one[0].two[0].three"] {
        driver.go_to(path);
        driver.press("a");
    }
    driver.press("esc");
    let screen = driver.screen().replace('▾', " ");
    let indents: Vec<usize> = ["one", "two", "three", "leaf"]
        .iter()
        .filter_map(|name| {
            screen
                .lines()
                .find_map(|line| line.find(&format!(" {name} ")))
        })
        .collect();
    assert_eq!(indents.len(), 4, "{screen}");
    assert!(
        indents.windows(2).all(|pair| pair[0] + 3 < pair[1]),
        "{screen}"
    );
}

// ---- Elements ----

/// A plural of plain strings, one of numbers, and one of objects.
fn lists() -> EntityType {
    schema(
        "lists",
        r#"[
        {"name":"books","type":"plural","attr_defs":[{"name":"book","type":"string","length":10}]},
        {"name":"marks","type":"plural","attr_defs":[{"name":"value","type":"integer"}]},
        {"name":"tags","type":"plural","attr_defs":[
            {"name":"since","type":"date"},
            {"name":"tag","type":"string","constraints":["required","locally-unique"]}]}]"#,
    )
}

#[test]
fn an_element_of_one_value_takes_one_line_and_keeps_its_form() {
    let mut driver = Driver::new(&lists(), 80, 20);
    let record = r#"{"books":["Emma",{"book":"Persuasion"}],"marks":[{"value":1}]}"#;
    driver.form.load(&Json::parse(record).expect("is JSON"));
    assert_eq!(driver.sent(), record, "a string stays a string");
    driver.go_to("books");
    assert!(driver.screen().contains(r#"2 items: "Emma", "Persuasion""#));
    driver.press("right down");
    assert_eq!(driver.here(), "books[0].book");
    driver.press("enter !");
    driver.press("enter");
    assert_eq!(driver.here(), "books[1].book");
    driver.press("K c");
    driver.press("enter ? esc");
    driver.go_to("marks[0].value");
    driver.press("a 2 esc");
    assert_eq!(
        driver.sent(),
        r#"{"books":["Emma!","Emma!?",{"book":"Persuasion"}],"marks":[{"value":1},{"value":2}]}"#
    );
    let path = "books[1]".parse().expect("is a path");
    assert!(driver.form.go_to(&path));
    assert_eq!(driver.here(), "books[1].book");
    assert!(
        driver
            .form
            .show_error(&path, ErrorCode::LENGTH_VIOLATION, "too long")
    );
    assert!(driver.screen().contains("too long"));
    driver.press("x");
    assert!(
        driver.sent().contains(r#"["Emma!",{},{"book""#),
        "a string that is absent is none"
    );
    driver.press("d left");
    assert_eq!(
        driver.here(),
        "books",
        "folding an element folds its plural"
    );
    insta::assert_snapshot!("lists_80x20", driver.screen());
}

#[test]
fn a_new_element_stands_after_the_one_the_cursor_is_in() {
    let mut driver = Driver::new(&lists(), 80, 30);
    for text in ["a", "c"] {
        driver.go_to("tags");
        driver.press("a");
        driver.type_text(text);
        driver.press("esc");
    }
    driver.go_to("tags[0].since");
    driver.press("a");
    assert_eq!(driver.here(), "tags[1].tag", "where writing it begins");
    driver.press("b esc");
    assert_eq!(
        driver.sent(),
        r#"{"tags":[{"tag":"a"},{"tag":"b"},{"tag":"c"}]}"#
    );
}

#[test]
fn elements_are_cloned_and_moved_with_the_cursor_and_their_problems() {
    let mut driver = Driver::new(&lists(), 80, 30);
    let record = r#"{"tags":[{"id":7,"since":"2020-01-01","tag":"a"},{"tag":"b"},{"tag":"c"}]}"#;
    driver.form.load(&Json::parse(record).expect("is JSON"));
    driver.go_to("tags[0].since");
    assert_eq!(
        driver.press("c"),
        Some(Outcome::Told("cloned tags[0]".to_owned()))
    );
    assert_eq!(driver.here(), "tags[1].since");
    assert_eq!(
        driver.form.problems(),
        0,
        "the copy is not blamed before it was edited"
    );
    let draft = driver.form.draft().expect("is open");
    let ids: Vec<Option<i64>> = match &draft.fields()[2].editor {
        field::Editor::Plural(elements) => elements.iter().map(|element| element.id).collect(),
        _ => Vec::new(),
    };
    assert_eq!(
        ids,
        [Some(7), None, None, None],
        "the copy is a new element"
    );
    driver.go_to("tags[1].tag");
    driver.press("enter x esc enter");
    driver.event(PaneEvent::Key(KeyEvent::new(
        KeyCode::Backspace,
        KeyModifiers::NONE,
    )));
    driver.press("esc");
    assert!(
        driver
            .problem("tags[1].tag")
            .expect("is the same")
            .contains("[0]")
    );
    driver.press("]");
    assert_eq!(driver.here(), "tags[2].tag");
    assert!(driver.problem("tags[2].tag").is_some(), "goes along");
    driver.press("[ [");
    assert_eq!(driver.here(), "tags[0].tag");
    assert!(
        driver.problem("tags[1].tag").is_some(),
        "the later one is the copy"
    );
    assert_eq!(driver.problem("tags[0].tag"), None);
    assert_eq!(
        driver.press("["),
        Some(Outcome::Told(
            "this element is the first already".to_owned()
        ))
    );
    driver.press("d");
    assert_eq!(driver.form.problems(), 0, "the other one is alone now");
    driver.press("u");
    assert_eq!(driver.form.problems(), 1);
    driver.press("J J");
    assert_eq!(driver.here(), "tags[0].tag", "the last beside it");
    driver.go_to("tags[0]");
    driver.press("J J");
    assert_eq!(driver.here(), "tags[2]");
    driver.press("K");
    assert_eq!(driver.here(), "tags[1]");
    for action in [
        Action::Clone,
        Action::MoveUp,
        Action::MoveDown,
        Action::Delete,
    ] {
        driver.go_to("books");
        assert!(matches!(
            driver.event(PaneEvent::Act(action)),
            Some(Outcome::Refused(_))
        ));
    }
}

#[test]
fn what_is_set_is_counted_also_inside_of_attributes() {
    let mut driver = filled_user(80, 20);
    driver.press("home");
    assert!(
        driver.screen().contains("9 of 17 set, 11 values"),
        "{}",
        driver.screen()
    );
    driver.go_to("statuses[0]");
    driver.press("c");
    assert!(
        driver
            .form
            .draft()
            .expect("is open")
            .tally()
            .in_words(17)
            .ends_with("13 values")
    );
    driver.press("d d u u u");
    assert!(
        driver
            .form
            .draft()
            .expect("is open")
            .tally()
            .in_words(17)
            .ends_with("11 values")
    );
}

/// What is too much to be compared for each key is compared once the screen was drawn, and before it is needed.
#[test]
fn the_changes_of_a_large_record_are_counted_after_it_was_drawn() {
    let element =
        |id: i64| Json::parse(&format!(r#"{{"id":{id},"tag":"t{id}"}}"#)).expect("is JSON");
    let tags: Vec<Json> = (2..4_002).map(element).collect();
    let record: Json = [
        ("id".to_owned(), Json::from(1)),
        ("email".to_owned(), Json::from("a@b.example")),
        ("tags".to_owned(), Json::Array(tags)),
    ]
    .into_iter()
    .collect();
    let mut driver = Driver::new(&member(), 80, 20);
    let schema = Arc::new(member());
    let opened = driver
        .form
        .open_record(&schema, &record, driver.session.now);
    assert!(opened && !driver.form.is_behind());
    driver.go_to("tags[0]");
    driver.press("d");
    assert!(driver.form.is_behind());
    driver.form.catch_up();
    assert!(!driver.form.is_behind());
    assert!(driver.screen().contains("[0]"));
    let (requests, _) = driver.form.requests().expect("is a draft");
    assert!(!requests.is_empty(), "the deletion is planned");
    driver.press("u p");
    let (requests, _) = driver.form.requests().expect("is a draft");
    assert!(requests.is_empty(), "nothing changed any more");
}

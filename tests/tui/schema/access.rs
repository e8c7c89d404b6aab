//! Access schemas: what a client may read and write, as a checklist; and error 223, explained and repaired.

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::request::ApiRequest;
use captui::capture::response::Answer;
use captui::capture::secret::Secret;
use captui::config::environment::EnvironmentClass;

use crate::tui::driver::Driver;

const TYPE: &str = "zz_person";

/// A client's id and secret.
type Client = (String, Secret);

/// The explorer in the view of a schema, and a client that may read and write records.
fn explorer(width: u16, height: u16) -> (Driver, Client) {
    let mut driver = Driver::new(width, height);
    let design = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", TYPE)
        .with(
            "attr_defs",
            r#"[{"name":"age","type":"integer"},{"name":"email","type":"string"},
            {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
            {"name":"names","type":"plural","attr_defs":[{"name":"given","type":"string"},{"name":"family","type":"string"}]},
            {"name":"note","type":"string"}]"#,
        );
    driver.aside(design);
    let client = driver.client("the mobile app", r#"["direct_access"]"#);
    driver.press("R<end><enter>gs").sees("Schema · zz_person");
    (driver, client)
}

fn set(driver: &mut Driver, client: &Client, access: &str, attributes: &str) {
    let request = ApiRequest::new(Endpoint::TypeSetAccessSchema)
        .with("type_name", TYPE)
        .with("for_client_id", &*client.0)
        .with("access_type", access)
        .with("attributes", attributes);
    driver.aside(request);
}

/// Opens the access schemas of the client, whose place in the list is not known.
fn open(driver: &mut Driver, client: &Client) {
    driver
        .press("gc")
        .sees("Which client?")
        .sees("the mobile app");
    driver.press("i").write(&client.0).press("<enter>");
    driver.sees("‹read›");
}

/// What was sent last as an access schema: its kind and its attributes.
fn sent(driver: &Driver) -> (String, String) {
    let sets = |it: &&ApiRequest| it.endpoint == Endpoint::TypeSetAccessSchema;
    let request = driver.requests().filter(sets).last().expect("was sent");
    let arg = |name| request.args.get(name).expect("is there").to_owned();
    (arg("access_type"), arg("attributes"))
}

fn create(attributes: &str) -> ApiRequest {
    ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", TYPE)
        .with("attributes", attributes)
}

fn code(answer: &Answer) -> Option<i64> {
    match answer {
        Answer::Error(error) => Some(error.code.0),
        _ => None,
    }
}

#[test]
fn a_list_is_marked_looked_at_and_sent() {
    for (width, height) in [(80, 24), (120, 40)] {
        let (mut driver, client) = explorer(width, height);
        open(&mut driver, &client);
        driver.sees("no access schema, or one that lists all");
        driver.sees("always: built in").sees("[x]   age");
        driver.press("n").sees("then     0 of 7 attributes: -7");
        // On the built-in ones nothing can be marked.
        driver.press("<home> ").sees("never listed");
        driver.press("<down><down><down><down> <down><down> ");
        driver
            .sees("[x]   age")
            .sees("[x] ▾ home")
            .sees("[x]     city");
        driver
            .press("<down> ")
            .sees("[-] ▾ home")
            .sees("then     2 of 7 attributes: -5");
        driver
            .press("<f5>")
            .sees("Now this client may read 7 of 7 attributes. It will be 2.");
        driver.sees("This client will no longer read: email, home.city, names.family,");
        driver.sees(r#"attributes = ["age","home.zip"]"#);
        driver
            .press("<f5>")
            .sees("set: this client may read 2 of 7 attributes");
        driver.sees("now      2 of 7 attributes");
        assert_eq!(
            sent(&driver),
            ("read".to_owned(), r#"["age","home.zip"]"#.to_owned())
        );
        driver.press("<f5>").sees("nothing to send").press("<esc>");
        driver.sees("Schema · zz_person");
    }
}

#[test]
fn all_none_undo_fold_and_filter() {
    let (mut driver, client) = explorer(80, 24);
    set(&mut driver, &client, "read", r#"["age","names.given"]"#);
    open(&mut driver, &client);
    driver
        .sees("now      2 of 7 attributes")
        .sees("[-] ▾ names");
    driver.press("a").sees("then     7 of 7 attributes: +5");
    driver.press("n").sees("then     0 of 7 attributes: -2");
    driver.press("u").sees_no("then  ");
    driver.press("/cit").sees("city").sees_no("email");
    driver
        .press("<enter> ")
        .sees("then     3 of 7 attributes: +1");
    driver
        .press("/<c-u>nothing")
        .sees("No attribute's path has \"nothing\" in it.");
    driver.press("<esc>").sees("email");
    driver
        .press("<home>")
        .press("<down><down><down><down><down><down>");
    driver.press("<left>").sees("[-] ▸ home").sees_no("city");
    driver
        .press(" ")
        .sees("[x] ▸ home")
        .press("<right>")
        .sees("[x]     zip");
    driver
        .press("<f5>")
        .sees("It will read from now on: home.city, home.zip");
    driver
        .press("<esc><esc>")
        .sees("Esc again throws it away and leaves");
    driver.press("<esc>").sees("Schema · zz_person");
}

#[test]
fn marks_are_copied_from_another_list_and_another_client() {
    let (mut driver, client) = explorer(80, 24);
    let other = driver.client("the web site", "[]");
    set(&mut driver, &client, "read", r#"["age"]"#);
    set(&mut driver, &other, "write", r#"["home","note"]"#);
    open(&mut driver, &client);
    driver
        .press("L")
        .sees("‹write›")
        .sees("no access schema, or one");
    driver
        .press("c")
        .sees("read of this client")
        .press("<enter>");
    driver
        .sees("then     1 of 7 attributes: -6")
        .press("<f5><f5>");
    assert_eq!(sent(&driver), ("write".to_owned(), r#"["age"]"#.to_owned()));
    driver
        .press("c<down><down><down>")
        .sees("write of another client")
        .press("<enter>");
    driver.sees("Copy from which client?");
    driver
        .press("i")
        .write(&other.0)
        .press("<enter>")
        .sees("copied");
    driver
        .sees("then     3 of 7 attributes: +3 -1")
        .press("<f5><f5>");
    assert_eq!(
        sent(&driver),
        ("write".to_owned(), r#"["home","note"]"#.to_owned())
    );
    driver
        .press("L")
        .sees("‹read_with_token›")
        .press("L")
        .sees("‹write_with_token›");
    driver
        .press("L")
        .sees("‹read›")
        .sees("now      1 of 7")
        .press("H")
        .sees("‹write_with_token›");
}

#[test]
fn an_empty_list_is_another_thing_than_none() {
    let (mut driver, client) = explorer(80, 24);
    set(&mut driver, &client, "write", "[]");
    open(&mut driver, &client);
    driver
        .press("L")
        .sees("an empty list, only what is built in");
    driver.press("d").sees("Delete the write access schema?");
    driver
        .press("<right><enter>")
        .sees("deleted: this client may write everything");
    driver.sees("all 7 attributes: no access schema");
    let answer = driver.aside_as(&client, create(r#"{"age":1}"#));
    assert_eq!(code(&answer), None);
    driver
        .press("n<f5>")
        .sees("An empty list: the client has what is built in");
    driver
        .press("<f5>")
        .sees("an empty list, only what is built in");
    let answer = driver.aside_as(&client, create(r#"{"age":1}"#));
    assert_eq!(code(&answer), Some(223));
}

#[test]
fn another_clients_error_223_is_repaired() {
    for (width, height) in [(80, 24), (120, 40)] {
        let (mut driver, client) = explorer(width, height);
        set(&mut driver, &client, "write", r#"["age"]"#);
        let call = create(r#"{"age":1,"home":{"city":"Oslo"}}"#);
        let answer = driver.aside_as(&client, call.clone());
        assert_eq!(code(&answer), Some(223));
        open(&mut driver, &client);
        driver.press("L").sees("now      1 of 7 attributes");
        driver
            .press("/city<enter> <f5>")
            .sees("will write from now on: home.city");
        driver
            .press("<f5>")
            .sees("set: this client may write 2 of 7");
        let answer = driver.aside_as(&client, call);
        assert_eq!(code(&answer), None, "{answer:?}");
    }
}

#[test]
fn ones_own_error_223_leads_to_the_attribute_and_the_same_call_goes_well() {
    for (width, height) in [(80, 24), (120, 40)] {
        let (mut driver, _) = explorer(width, height);
        let own = driver.client("another owner", r#"["owner"]"#);
        set(&mut driver, &own, "write", r#"["age","home.zip"]"#);
        driver.act_as(&own);
        driver
            .press("gr/city<enter><enter>")
            .write("Oslo")
            .press("<enter><esc>");
        driver.press("<f5>").sees("ERROR 223 unknown_attribute");
        driver
            .sees("home.city is hidden from this client by its access schema: g c")
            .sees("└ hidden from this client by")
            .sees("g c access");
        driver
            .press("3")
            .sees("home.city is hidden from this client")
            .sees("g c");
        driver
            .press("gc")
            .sees("‹write›")
            .sees("this environment's own");
        driver.sees("home.city is not in the list: Space puts it in");
        driver.press(" ").sees("[x]     city").press("<f5>");
        driver
            .sees("will write from now on: home.city")
            .press("<f5>");
        driver
            .sees("set: this client may write 3 of 7")
            .press("<esc>2<f5>")
            .sees("ok");
        let stored = driver.stored(TYPE);
        let city = stored.get("home").and_then(|home| home.get("city"));
        assert_eq!(city.and_then(Json::as_str), Some("Oslo"));
        // Once it goes well, the key asks for a client again.
        driver.press("gc").sees("Which client?").sees("own");
    }
}

#[test]
fn marks_are_not_lost_by_one_key() {
    let (mut driver, client) = explorer(80, 24);
    open(&mut driver, &client);
    driver.press("/age<enter> <esc>").sees("then     6 of 7");
    for (key, warning) in [
        ("<esc>", "Esc again throws it away"),
        ("q", "Esc again throws it away"),
        ("R", "R again throws it away"),
    ] {
        driver.press(key).sees(warning).sees("then     6 of 7");
        driver
            .press("<down>")
            .sees_no(warning)
            .sees("then     6 of 7");
    }
    driver.press("R<esc>").sees("then     6 of 7");
    driver.press("<down>RR").sees_no("then     6 of 7");
    driver.press("n<esc>").sees("again throws it away");
    driver.press("<esc>").sees("Schema · zz_person");
}

#[test]
fn the_keys_are_in_the_footer_and_in_the_help() {
    let (mut driver, client) = explorer(80, 24);
    open(&mut driver, &client);
    driver.sees("ACCESS  Space mark  F5 preview").sees("? help");
    driver
        .press("?")
        .sees("Copy the marks of another list")
        .press("<esc>");
    driver.press("/?").sees("F1 help").sees_no("Copy the marks");
    driver.press("<f1>").sees("Copy the marks of another list");
}

/// It takes two rows of 80 columns, and the row under the cursor stays in sight above them.
#[test]
fn the_notice_of_the_service_is_whole() {
    let (mut driver, client) = explorer(80, 16);
    open(&mut driver, &client);
    driver.press("/age<enter> <esc><end><f5><f5>");
    driver
        .sees("set: this client may read 6 of 7")
        .sees("were added")
        .sees("[x]   note");
}

#[test]
fn a_find_says_what_is_hidden_from_it() {
    let (mut driver, _) = explorer(80, 24);
    let own = driver.client("another owner", r#"["owner"]"#);
    set(&mut driver, &own, "read", r#"["age","home.zip"]"#);
    driver.act_as(&own);
    driver.press("gf/").write("email = 'a'").press("<enter>");
    driver
        .sees("Unknown attribute (email)")
        .sees("email is hidden from this client by its access schema: g c")
        .sees("g c access");
    driver
        .press("gc")
        .sees("‹read›")
        .sees("email is not in the list");
    // An attribute that is nowhere is not hidden.
    driver
        .press("<esc>/<end><c-u>")
        .write("gone = 'a'")
        .press("<enter>");
    driver
        .sees("Unknown attribute (gone)")
        .sees_no("hidden from this client")
        .sees_no("g c access");
}

#[test]
fn an_attribute_that_is_nowhere_is_not_said_to_be_hidden() {
    let (mut driver, _) = explorer(120, 40);
    driver.answer_with(
        Endpoint::EntityCreate,
        r#"{"code":223,"error":"unknown_attribute","error_description":"attribute does not exist: /gone","attribute_name":"/gone","stat":"error"}"#,
    );
    driver
        .press("gr/email<enter><enter>")
        .write("a@example.com")
        .press("<enter><esc><f5>");
    driver
        .sees("ERROR 223")
        .press("3")
        .sees_no("g c goes there");
    driver.press("gc").sees("Which client?");
}

#[test]
fn where_clients_are_not_told_the_id_is_typed() {
    let (mut driver, client) = explorer(80, 24);
    driver.answer_with(
        Endpoint::ClientsList,
        r#"{"code":403,"error":"client_permission_error","error_description":"not you","stat":"error"}"#,
    );
    driver
        .press("gc")
        .sees("does not tell its clients")
        .sees("ERROR 403");
    driver.paste(&format!("{}\n", client.0));
    driver
        .press("<enter>")
        .sees("‹read›")
        .sees("all 7 attributes");
    driver.press("C").press("<esc>").sees("‹read›");
    driver
        .press("C")
        .press("<c-u>")
        .write("nobody")
        .press("<enter>");
    driver
        .sees("ERROR ")
        .press("R")
        .sees("ERROR ")
        .press(" ")
        .sees("not there yet");
    driver.press("<esc>").sees("Schema · zz_person");
}

/// Who may not see an attribute would take it from others by sending a list without it.
#[test]
fn what_only_the_other_client_sees_stays_in_its_list() {
    let (mut driver, client) = explorer(80, 24);
    set(
        &mut driver,
        &client,
        "read",
        r#"["email","home.city","note"]"#,
    );
    driver.answer_with(
        Endpoint::TypeView,
        r#"{"schema":{"name":"zz_person","attr_defs":[{"name":"age","type":"integer"},
            {"name":"home","type":"object","attr_defs":[{"name":"zip","type":"string"}]}]},"stat":"ok"}"#,
    );
    driver.press("R").sees("asked for");
    open(&mut driver, &client);
    driver
        .sees("now      3 of 5 attributes")
        .press("/age<enter> <f5><f5>");
    assert_eq!(
        sent(&driver),
        (
            "read".to_owned(),
            r#"["age","home.city","email","note"]"#.to_owned()
        )
    );
}

#[test]
fn a_refused_list_says_why_and_where() {
    let (mut driver, client) = explorer(80, 24);
    open(&mut driver, &client);
    let remove = ApiRequest::new(Endpoint::TypeRemoveAttribute)
        .with("type_name", TYPE)
        .with("attribute_name", "note");
    driver.aside(remove);
    driver.press("/age<enter> <esc><f5><f5>");
    driver.sees("ERROR 223 unknown_attribute").sees("/note");
    driver.press(" <f5><f5>").sees("set: this client may read");
    assert_eq!(
        sent(&driver),
        ("read".to_owned(), r#"["email","home","names"]"#.to_owned())
    );
}

#[test]
fn production_is_asked_what_a_smaller_list_means() {
    let (mut driver, client) = explorer(80, 24);
    open(&mut driver, &client);
    driver.model.session.class = EnvironmentClass::Prod;
    driver
        .press("/age<enter> <esc><f5><f5>")
        .sees("Write to sandbox?");
    driver
        .sees("This client will no longer read: age")
        .press("<esc>");
    driver.sees("nothing was sent");
    driver
        .press("<f5><right><enter>")
        .sees("set: this client may read 6 of 7");
    driver.model.session.read_only = true;
    driver.press("d").sees("this environment is read-only");
}

#[test]
fn the_sheet_is_drawn_at_every_size() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let (mut driver, client) = explorer(width, height);
        set(&mut driver, &client, "read", r#"["age","names.given"]"#);
        open(&mut driver, &client);
        let shown = |driver: &Driver| {
            driver
                .sheet()
                .replace(&client.0, &"c".repeat(client.0.len()))
        };
        driver.press("/home<enter> <esc><down><down><down> ");
        insta::assert_snapshot!(format!("access_{width}x{height}"), shown(&driver));
        driver.press("<f5>");
        insta::assert_snapshot!(format!("access_sent_{width}x{height}"), shown(&driver));
    }
}

//! Personal data on the screen, masked for somebody who looks on.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;

use crate::tui::driver::Driver;
use crate::tui::timeline::about;
use crate::tui::timeline::ada;

/// What tells who Ada is.
const TELLING: [&str; 5] = ["ada@example", "Augusta", "countess", "ada@", "%40example"];

fn tells_nobody(driver: &mut Driver) {
    for text in TELLING {
        driver.sees_no(text);
    }
    driver.sees("MASKED");
}

#[test]
fn an_answer_is_masked_on_all_its_pages_and_shown_again() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let (mut driver, id) = ada(width, height);
        let update = about(Endpoint::EntityUpdate, id).with("include_record", "true");
        driver.call(update.with("attributes", r#"{"email":"ada@example.com"}"#));
        driver
            .reload_history()
            .press("4<home><enter>/\"givenName<enter>")
            .sees("Augusta");
        driver.press("M");
        tells_nobody(&mut driver);
        // The cursor stays on its value.
        driver
            .sees("$.result.givenName")
            .sees("\"givenName\": \"‹name");
        for _ in 0..5 {
            driver.press("L");
            tells_nobody(&mut driver);
        }
        driver.press("gt").sees("through time");
        driver.press("<tab><home>").sees("‹email›");
        tells_nobody(&mut driver);
        // It is shown and masked there, too; as it is, nothing is copied.
        driver.press("M").sees("ada@example.com").press("M");
        tells_nobody(&mut driver);
        for copies in ["yy", "yj"] {
            driver.press(copies).sees("M shows personal data again");
        }
        assert!(driver.copied.is_empty());
        driver.press("<tab>q");
        // What is copied is what stands there.
        driver.press("3/‹name<enter>ys");
        let copied = driver.copied.last().expect("is copied");
        assert!(copied.starts_with("‹name "), "{copied}");
        driver.press("<esc>M").sees_no("MASKED").sees("Augusta");
    }
}

#[test]
fn records_the_form_and_the_history_are_masked_too() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let (mut driver, id) = ada(width, height);
        driver
            .press("1<enter>M")
            .press("gf/id = ")
            .write(&id.to_string());
        driver.press("<enter>").sees("‹email›");
        tells_nobody(&mut driver);
        driver.press("<enter>").sees("‹email›");
        tells_nobody(&mut driver);
        driver.press("2w");
        tells_nobody(&mut driver);
        driver.press("2wv");
        tells_nobody(&mut driver);
        driver.press("v4");
        tells_nobody(&mut driver);
        driver.press("M").press("2").sees("ada@example.com");
    }
}

#[test]
fn what_is_shown_later_is_masked_from_the_beginning() {
    let (mut driver, id) = ada(120, 40);
    driver.press("M4<home><enter>");
    tells_nobody(&mut driver);
    let refused = r#"{"stat":"error","code":361,"error":"unique_violation","request_id":"geup8cd3gvcvjjnc","error_description":"ada@example.com of Augusta exists","attribute_name":"/email"}"#;
    driver.answer_with(Endpoint::EntityView, refused);
    let view = ApiRequest::new(Endpoint::EntityView).with("type_name", "user");
    driver.call(
        view.with("key_attribute", "email")
            .with("key_value", "\"ada@example.com\""),
    );
    driver
        .reload_history()
        .press("4<home><enter>")
        .sees("361")
        .sees_no("ada@");
    driver.press("L").sees_no("ada@");
    assert!(id > 0);
}

#[test]
fn a_long_answer_that_is_still_being_read_is_not_shown_as_it_is() {
    let mut driver = Driver::new(120, 40);
    let long = format!(
        r#"{{"stat":"ok","result":{{"email":"ada@example.com","aboutMe":"{}"}}}}"#,
        "x".repeat(200_000)
    );
    driver.answer_with(Endpoint::EntityView, Box::leak(long.into_boxed_str()));
    driver.call(about(Endpoint::EntityView, 1));
    driver.reload_history().press("4<home><enter>");
    let exchange = driver.unread.pop().expect("is to be read");
    driver.press("M");
    let body = captui::tui::panes::response::body::Body::read(&exchange);
    driver.send(captui::tui::msg::Msg::BodyRead(exchange, body));
    driver.sees_no("ada@example.com").sees_no("\"email\"");
    assert_eq!(driver.unread.len(), 1, "it is read again, masked");
}

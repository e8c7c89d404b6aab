//! Sending a call of the history again: here, and in another environment.

mod elsewhere;
mod here;

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::config::environment::Environment;
use captui::config::environment::EnvironmentClass;

use crate::tui::driver::Driver;

/// The explorer with this call in its history and the cursor on it, and with two more environments.
fn after(width: u16, height: u16, request: ApiRequest) -> Driver {
    after_answer(width, height, request, None)
}

/// The same, with this answer to the call.
fn after_answer(
    width: u16,
    height: u16,
    request: ApiRequest,
    answer: Option<&'static str>,
) -> Driver {
    let mut driver = Driver::new(width, height);
    if let Some(answer) = answer {
        driver.answer_with(request.endpoint, answer);
    }
    let environment = |name: &str, class, read_only| Environment {
        name: name.to_owned(),
        class,
        read_only,
        ..Environment::embedded_sandbox()
    };
    driver.model.session.environments = vec![
        environment("staging", EnvironmentClass::Dev, false),
        environment("live", EnvironmentClass::Prod, false),
        environment("guarded", EnvironmentClass::Prod, true),
    ];
    driver.call(request);
    // What that asks for comes before it in the list.
    driver.press("1R4<home>j");
    driver
}

fn find() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", "user")
        .with("filter", "email = 'nobody@example.com'")
}

fn update() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityUpdate)
        .with("type_name", "user")
        .with("uuid", "8a3abdda-b4fb-49d8-a88d-022585b0f877")
        .with(
            "attributes",
            r#"{"givenName":"Ada","familyName":"Lovelace"}"#,
        )
}

/// How many calls of this operation were made.
fn made(driver: &Driver, endpoint: Endpoint) -> usize {
    let requests = driver.requests();
    requests
        .filter(|request| request.endpoint == endpoint)
        .count()
}

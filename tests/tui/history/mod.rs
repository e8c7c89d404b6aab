//! Journeys through the history: finding a call, comparing two, taking some out of it for good.

mod compare;
mod find;
mod purge;

use std::sync::Arc;
use std::time::Duration;

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::exchange::Answered;
use captui::exchange::Exchange;
use captui::exchange::Outcome;
use captui::exchange::Sent;
use captui::exchange::timing::Phase;
use captui::exchange::timing::Span;
use captui::exchange::timing::Timing;

use crate::tui::driver::Driver;

/// The sizes that every screen is looked at on.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

/// An exchange of an environment that began this many minutes after noon of the day before the tests' day.
pub(super) fn exchange(
    environment: &str,
    minutes: u64,
    request: ApiRequest,
    body: &str,
) -> Exchange {
    let began: jiff::Timestamp = "2026-02-28T12:00:00Z".parse().expect("is a time");
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let micros = |from: u64, until: u64, phase| Span {
        phase,
        from: Duration::from_micros(from),
        until: Duration::from_micros(until),
    };
    Exchange {
        id: None,
        environment: environment.to_owned(),
        request,
        sent: Sent {
            method: "POST".to_owned(),
            url: "https://my-app.janraincapture.com/entity".to_owned(),
            headers: Vec::new(),
            body: String::new(),
        },
        started: began + Duration::from_secs(60 * minutes),
        elapsed: Duration::from_millis(20 + minutes % 70),
        timing: Timing {
            spans: vec![
                micros(0, 900, Phase::Resolve),
                micros(900, 15_000 + 1_000 * (minutes % 70), Phase::Wait),
            ],
            ..Timing::default()
        },
        outcome: Outcome::Answered(Answered::read(200, headers, body.as_bytes().to_vec())),
    }
}

pub(super) fn view(id: u64) -> ApiRequest {
    ApiRequest::new(Endpoint::EntityView)
        .with("type_name", "user")
        .with("id", id.to_string())
}

/// A record as it is answered, with a plural whose elements have ids.
pub(super) fn record(given_name: &str, statuses: &str) -> String {
    format!(
        r#"{{"result":{{"id":7,"uuid":"8a3abdda-0000-4000-8000-000000000007","givenName":"{given_name}","statuses":[{statuses}]}},"stat":"ok"}}"#
    )
}

/// Keeps calls that others made, and lets the explorer see them.
pub(super) fn keep(driver: &mut Driver, exchanges: impl IntoIterator<Item = Exchange>) {
    for exchange in exchanges {
        driver.keep(&exchange);
    }
    driver.reload_history();
}

fn shown(driver: &Driver) -> Arc<Exchange> {
    Arc::clone(driver.model.response.exchange().expect("is shown"))
}

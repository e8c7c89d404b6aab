//! The viewer of an answer's body: every verb, by its keys.

mod copies;
mod filter;
mod hostile;
mod looks;
mod search;
mod tree;

use captui::capture::endpoint::Endpoint;

use crate::tui::driver::Driver;

/// An answer with what a viewer is asked about: a list of records, text to read, numbers to keep.
const ANSWER: &str = r#"{
  "result_count": 3,
  "results": [
    {"id": 11, "uuid": "02b0c68d-8a3f-4a6c-9d22-7c1b5a1e0f01", "email": "zoe@example.com",
     "created": "2015-12-15 07:36:25.123456 +0000", "balance": 1.00,
     "primaryAddress": {"city": "Zürich", "zip": "8001"}, "statuses": [{"id": 1, "status": "active"}]},
    {"id": 12, "uuid": "02b0c68d-8a3f-4a6c-9d22-7c1b5a1e0f02", "email": "O'Neil@example.com",
     "created": "2016-01-15 07:36:25.123456 +0000", "balance": 123456789012345678901234567890,
     "primaryAddress": {"city": "Bern", "zip": null}, "statuses": []},
    {"id": 13, "uuid": "02b0c68d-8a3f-4a6c-9d22-7c1b5a1e0f03", "email": "ada@example.com",
     "created": "2017-12-15 07:36:25.123456 +0000", "balance": 1e400,
     "primaryAddress": {"city": "Aarau", "zip": "5000"}, "statuses": [{"id": 4, "status": "closed"}],
     "note": "first line\nsecond \u00e9 line, {\"inside\": [1, 2]}", "data": "{\"inside\": [1, 2]}"}
  ],
  "stat": "ok"
}"#;

/// The explorer with this answer on the whole screen.
fn viewing(width: u16, height: u16, body: &'static str) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.answer_with(Endpoint::EntityCreate, body);
    driver.press("<enter>Ft<f5>3Z");
    driver
}

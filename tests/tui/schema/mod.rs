//! Designing entity types with keys.

mod access;
mod attribute;
mod compare;
mod diagram;
mod drafts;
mod json;
mod plan;
mod preview;
mod rules;
mod start;
mod tree;
mod words;

use crate::tui::driver::Driver;

/// The screen without the footer, whose hints depend on every verb of the program.
fn panes(driver: &Driver) -> String {
    let screen = driver.screen();
    screen
        .rsplit_once('\n')
        .map(|(above, _)| above.to_owned())
        .unwrap_or(screen)
}

/// A type as the documentation sends it.
const USER2: &str = r#"[
  {
    "name": "givenName",
    "type": "string",
    "length": 64,
    "constraints": [
      "required"
    ]
  },
  {
    "name": "emails",
    "type": "plural",
    "attr_defs": [
      {
        "name": "address",
        "type": "string",
        "features": [
          "primary-key"
        ]
      }
    ]
  }
]"#;

//! The pictures of the README: drawn from the program, so that they cannot grow stale.
//!
//! `CAPTUI_DRAW=1 cargo test pictures` draws them anew.

use std::fs;
use std::path::Path;

use captui::capture::endpoint::Endpoint;

use crate::support::picture::Look;
use crate::support::picture::svg;
use crate::tui::driver::Driver;

#[test]
fn pictures_show_the_program_as_it_is() {
    let mut driver = Driver::new(120, 34);
    driver.answer_with(
        Endpoint::EntityCreate,
        r#"{"request_id":"geup8cd3gvcvjjnc","code":361,"error_description":"Attempted to update a duplicate value","error":"unique_violation","stat":"error"}"#,
    );
    driver
        .press("<enter>/givenName<enter><enter>Zoë<enter>")
        .press("/<c-u>email<enter><home><down><enter>zoe@example.com<enter><esc>")
        .press("/<c-u>statuses<enter>aactive<enter><enter>2015-12-15T07:36:25Z<enter><esc>")
        .press("<f5>/<c-u>birthday<enter><enter>1985-02-29<enter><esc><esc>");
    let buffer = driver.buffer();
    let title = "captui: a form made from a schema, and an error explained";
    for (name, look) in [
        ("explorer-dark", Look::Dark),
        ("explorer-light", Look::Light),
    ] {
        let drawn = svg(&buffer, title, look);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("assets/screenshots")
            .join(name)
            .with_extension("svg");
        if std::env::var_os("CAPTUI_DRAW").is_some() {
            fs::create_dir_all(path.parent().expect("has one")).expect("can be made");
            fs::write(&path, &drawn).expect("can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == drawn,
            "{} shows another screen: `CAPTUI_DRAW=1 cargo test pictures` draws it anew",
            path.display()
        );
    }
}

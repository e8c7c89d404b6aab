//! `captui explain`: needs neither a service nor a home.

use captui::capture::error::CATALOGUE;
use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;

#[test]
fn every_code_is_explained() {
    let home = Home::new();
    let by_number = ok(&home, &["explain", "361"]);
    assert!(
        by_number.starts_with("361 unique_violation\n"),
        "{by_number}"
    );
    assert_eq!(by_number, ok(&home, &["explain", "unique_violation"]));
    for info in CATALOGUE {
        let explained = ok(&home, &["explain", "--json", &info.code.to_string()]);
        let explained: Value = serde_json::from_str(&explained).expect("JSON");
        assert_eq!(explained["code"], info.code.0);
        assert_eq!(explained["meaning"], info.meaning);
    }
    assert_eq!(home.everything(), [home.path().to_owned()]);
}

#[test]
fn what_is_no_code_is_named() {
    let home = Home::new();
    fails(&home, &["explain", "9999"], 5);
    let output = fails(&home, &["explain", "unique_violatoin"], 2);
    assert!(
        output.stderr.contains("did you mean `unique_violation`?"),
        "{}",
        output.stderr
    );
}

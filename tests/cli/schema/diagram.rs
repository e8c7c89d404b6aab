//! `captui schema diagram`.

use std::fs;

use crate::cli::schema::SAMPLES;
use crate::cli::schema::put;
use crate::cli::schema::sample;
use crate::cli::schema::schema;
use crate::support::Home;
use crate::support::pty::Terminal;

#[test]
fn every_format_shows_every_schema() {
    let home = Home::new();
    for name in SAMPLES {
        put(&home, name, &sample(name));
        let source = format!("@{name}");
        for (format, begin) in [
            ("text", ""),
            ("markdown", "# "),
            ("mermaid", "erDiagram\n"),
            ("svg", "<svg "),
        ] {
            let drawn = schema(&home, &["diagram", &source, "--format", format], 0).stdout;
            assert!(drawn.starts_with(begin), "{format}: {drawn:.100}");
            assert!(drawn.lines().count() > 10, "{format}: {drawn}");
        }
    }
}

#[test]
fn text_keeps_to_its_width_its_levels_and_its_characters() {
    let home = Home::new();
    let draw =
        |options: &[&str]| schema(&home, &[&["diagram", "user"], options].concat(), 0).stdout;
    for width in [40, 80, 120] {
        let drawn = draw(&["--width", &width.to_string(), "--ascii"]);
        assert!(drawn.is_ascii(), "{drawn}");
        let widest = drawn.lines().map(str::len).max();
        assert!(widest <= Some(width), "{widest:?} of {width}");
    }
    assert!(draw(&[]).contains("stateAbbreviation"));
    assert!(!draw(&["--depth", "1"]).contains("stateAbbreviation"));
}

#[test]
fn a_terminal_is_filled_and_a_file_says_the_format() {
    let home = Home::new();
    let mut terminal = Terminal::captui(&home, &["schema", "diagram", "user2"], 40, 60);
    terminal.wait_for("user2");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    schema(&home, &["diagram", "user", "--output", "user.svg"], 0);
    let written = fs::read_to_string(home.path().join("user.svg")).expect("was written");
    assert!(written.starts_with("<svg "), "{written:.100}");
    schema(&home, &["diagram", "user", "--output", "user.svg"], 2);
}

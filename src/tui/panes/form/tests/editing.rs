//! The editors of single fields, each as its user meets it.

use super::*;

/// Every type that has an editor of its own.
fn every_type() -> EntityType {
    schema(
        "every",
        r#"[
        {"name":"born","type":"date"},
        {"name":"seen","type":"dateTime"},
        {"name":"note","type":"string","length":20},
        {"name":"essay","type":"string"},
        {"name":"count","type":"integer"},
        {"name":"price","type":"decimal"},
        {"name":"active","type":"boolean"},
        {"name":"address","type":"ipAddress"},
        {"name":"extra","type":"json"},
        {"name":"secret","type":"password-bcrypt"}]"#,
    )
}

fn driver() -> Driver {
    Driver::new(&every_type(), 80, 20)
}

#[test]
fn a_birthday_long_ago_is_chosen_with_few_keys() {
    let mut driver = driver();
    driver.go_to("born");
    driver.press("space 1950 pageup end");
    assert_eq!(driver.sent(), "{}", "nothing is taken yet");
    driver.press("enter");
    assert_eq!(driver.sent(), r#"{"born":"1950-02-28"}"#);
    assert_eq!(driver.here(), "born");
    driver.press("u");
    assert_eq!(driver.sent(), "{}", "one step back");
}

#[test]
fn the_calendar_begins_at_the_fields_day_and_esc_keeps_it() {
    let mut driver = driver();
    for (text, keys, sent) in [
        ("2 Jan 03 6:15pm", "left", "2003-01-01"),
        ("19840229", "> up", "1985-02-21"),
        ("1984-02-29", "< < pagedown", "1982-03-28"),
        ("no date", "t", "2024-03-01"),
        ("no date", "home right down", "2024-03-09"),
        ("0001-01-01", "left up pageup <", "0001-01-01"),
        ("9999-12-31", "right down pagedown >", "9999-12-31"),
        // Three digits are no year yet.
        ("1984-02-29", "195", "1984-02-29"),
        ("1984-02-29", "19 backspace backspace 2012", "2012-02-29"),
        ("1984-02-29", "0000", "1984-02-29"),
    ] {
        driver.go_to("born");
        driver.press("x");
        driver.fill("born", text);
        driver.press("f4");
        driver.press(keys);
        driver.press("esc");
        assert_eq!(driver.sent(), format!(r#"{{"born":"{text}"}}"#), "{keys}");
        driver.press("f4");
        driver.press(keys);
        driver.press("enter");
        assert_eq!(driver.sent(), format!(r#"{{"born":"{sent}"}}"#), "{keys}");
    }
}

#[test]
fn a_time_is_chosen_by_digits_and_by_arrows() {
    let mut driver = driver();
    for (text, keys, sent) in [
        ("", "tab 73625", "2024-03-01 07:36:25 +0000"),
        ("", "tab 235959", "2024-03-01 23:59:59 +0000"),
        ("", "shift-tab up", "2024-03-01 00:00:01 +0000"),
        ("", "tab up down down", "2024-03-01 23:00:00 +0000"),
        ("", "tab 1:3:9", "2024-03-01 01:03:09 +0000"),
        (
            "",
            "tab right 30 left left left pageup",
            "2024-02-01 00:30:00 +0000",
        ),
        ("", "tab 25", "2024-03-01 05:00:00 +0000"),
        ("", "n", "2024-03-01 12:00:00 +0000"),
        (
            "2015-12-15 07:36:25.5 +0200",
            "right",
            "2015-12-16 05:36:25.500000 +0000",
        ),
        (
            "2015-12-15 07:36:25.5 +0200",
            "shift-tab up",
            "2015-12-15 05:36:26 +0000",
        ),
    ] {
        driver.go_to("seen");
        driver.press("x");
        if !text.is_empty() {
            driver.fill("seen", text);
        }
        driver.press("space");
        driver.press(keys);
        driver.press("enter");
        assert_eq!(driver.sent(), format!(r#"{{"seen":"{sent}"}}"#), "{keys}");
    }
}

#[test]
fn the_calendar_over_a_text_returns_to_it() {
    let mut driver = driver();
    driver.go_to("born");
    driver.press("enter 1999-12-31 f4");
    assert!(driver.form.is_choosing_date());
    driver.press("right esc");
    assert!(driver.form.typing(), "the text goes on");
    driver.press("f4 right enter");
    assert!(!driver.form.typing());
    assert_eq!(driver.sent(), r#"{"born":"2000-01-01"}"#);
}

#[test]
fn only_dates_have_a_calendar_and_only_times_have_parts() {
    let mut driver = driver();
    driver.go_to("note");
    for keys in ["f4", "space"] {
        assert!(matches!(driver.press(keys), Some(Outcome::Refused(_))));
    }
    driver.go_to("born");
    driver.press("f4");
    assert!(matches!(driver.press("tab"), Some(Outcome::Refused(_))));
    assert!(driver.form.refuses_sending().is_some());
    let pasted = driver.event(PaneEvent::Paste("soon".to_owned()));
    assert!(matches!(pasted, Some(Outcome::Refused(_))));
    assert_eq!(
        driver.event(PaneEvent::Paste("Feb 29 1984".to_owned())),
        None
    );
    driver.press("enter");
    assert_eq!(driver.sent(), r#"{"born":"1984-02-29"}"#);
}

#[test]
fn a_click_chooses_a_day_and_a_second_one_takes_it() {
    let mut driver = driver();
    driver.fill("born", "1984-02-29");
    driver.press("f4");
    let screen = driver.screen();
    let (row, line) = screen
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(" 13 14 15 "))
        .expect("is a week");
    let byte = line.find("15").expect("is a day");
    let column = line[..byte].chars().count() as u16 - 1;
    let click = |column| PaneEvent::Click {
        column,
        row: row as u16,
    };
    driver.event(click(column));
    assert!(driver.form.is_choosing_date());
    driver.event(click(column));
    assert_eq!(driver.sent(), r#"{"born":"1984-02-15"}"#);
    driver.press("f4");
    driver.event(PaneEvent::Scroll(3));
    driver.event(PaneEvent::Click { column: 0, row: 0 });
    assert!(!driver.form.is_choosing_date(), "beside it closes it");
    assert_eq!(driver.sent(), r#"{"born":"1984-02-15"}"#);
}

#[test]
fn screen_calendar() {
    let make = |width, height| Driver::new(&every_type(), width, height);
    snapshots(
        "calendar_date",
        |driver| {
            driver.fill("born", "1984-02-29");
            driver.press("f4 19");
        },
        make,
    );
    snapshots(
        "calendar_time",
        |driver| {
            driver.go_to("seen");
            driver.press("space end tab 12");
        },
        make,
    );
}

#[test]
fn the_calendar_is_drawn_at_any_size() {
    let mut driver = driver();
    driver.go_to("seen");
    driver.press("space");
    for (width, height) in [(0, 0), (1, 1), (9, 4), (26, 9), (300, 60)] {
        driver.size = Size::new(width, height);
        driver.form.set_viewport(driver.size);
        driver.screen();
        driver.event(PaneEvent::Click {
            column: width / 2,
            row: height / 2,
        });
        if driver.form.is_choosing_date() {
            driver.press("esc");
        }
        driver.press("space");
    }
}

// ---- Texts ----

#[test]
fn lines_are_kept_exactly() {
    let mut driver = driver();
    driver.go_to("essay");
    driver.press("enter one f2 enter two esc");
    assert_eq!(driver.sent(), r#"{"essay":"one\ntwo"}"#);
    assert!(driver.screen().contains("one␊two") || driver.screen().contains("one⏎two"));
    driver.press("enter");
    let refused = driver.press("f2");
    assert!(matches!(refused, Some(Outcome::Refused(_))), "{refused:?}");
    driver.press("esc");
    for text in ["a\r\nb\r\n", "\n\n", "\ta\n", " blanks \n ", "a\u{1b}b\nc"] {
        let record: Json = [("essay", Json::from(text))].into_iter().collect();
        driver.form.load(&record);
        driver.go_to("essay");
        driver.press("enter esc");
        assert_eq!(driver.sent(), record.to_string(), "left as it was");
        driver.press("enter x esc");
        let sent = Json::parse(&driver.sent()).expect("is JSON");
        let essay = sent.get("essay").and_then(Json::as_str).expect("is text");
        assert_eq!(essay.replacen('x', "", 1), text, "one letter more");
    }
}

#[test]
fn pasting_keeps_lines_where_there_may_be_some_and_says_what_it_did() {
    let told = |text: &str| Some(Outcome::Told(text.to_owned()));
    let cases = [
        (
            "essay",
            "a\r\nb\n",
            r#""a\nb\n""#,
            told("pasted 3 lines: <edit.leave> when done"),
        ),
        ("essay", "a\tb\n", r#""a\tb""#, None),
        (
            "essay",
            "a\u{7}\u{202e}b",
            r#""ab""#,
            told("pasted 2 control characters were left out"),
        ),
        ("born", "1984-02-29\n", r#""1984-02-29""#, None),
        (
            "born",
            "29 Feb\n1984",
            r#""29 Feb 1984""#,
            told("pasted line breaks became blanks"),
        ),
        ("secret", "hunter2\n", r#""hunter2""#, None),
        (
            "secret",
            "two\nlines",
            r#""two\nlines""#,
            told("pasted 2 lines: <edit.leave> when done"),
        ),
    ];
    for (field, text, sent, outcome) in cases {
        let mut driver = driver();
        driver.go_to(field);
        let said = driver.event(PaneEvent::Paste(text.to_owned()));
        assert_eq!(said, outcome, "{text:?}");
        driver.press("esc");
        assert_eq!(driver.sent(), format!(r#"{{"{field}":{sent}}}"#));
    }
}

#[test]
fn a_limited_text_is_counted_as_the_service_counts() {
    let mut driver = driver();
    driver.go_to("note");
    driver.press("enter Zoë👋");
    assert!(driver.screen().contains(" 4/20"));
    driver.event(PaneEvent::Paste("a\nb".to_owned()));
    assert!(driver.screen().contains(" 7/20"), "a break counts");
    driver.event(PaneEvent::Paste("a".repeat(30)));
    assert!(driver.screen().contains(" 37/20"));
}

#[test]
fn typing_is_taken_back_within_the_text() {
    let mut driver = driver();
    driver.go_to("essay");
    driver.press("enter ab ctrl-_ ctrl-_ ctrl-r esc");
    assert_eq!(driver.sent(), r#"{"essay":"a"}"#);
}

#[test]
fn states_have_keys_while_editing_too() {
    for (keys, sent) in [
        ("alt-x", "{}"),
        ("alt--", r#"{"essay":null}"#),
        ("alt-0", r#"{"essay":""}"#),
    ] {
        let mut driver = driver();
        driver.go_to("essay");
        driver.press("enter text");
        driver.press(keys);
        assert!(!driver.form.typing(), "{keys}");
        assert_eq!(driver.sent(), sent, "{keys}");
        driver.press("u");
        assert_eq!(
            driver.sent(),
            r#"{"essay":"text"}"#,
            "what was typed is a step back"
        );
    }
    let mut driver = driver();
    driver.press("/");
    assert!(matches!(driver.press("alt-x"), Some(Outcome::Refused(_))));
}

#[test]
fn a_long_text_is_edited_whole() {
    let mut driver = driver();
    let text = "word ".repeat(200_000);
    let record: Json = [("essay", Json::from(text.as_str()))].into_iter().collect();
    driver.form.load(&record);
    driver.go_to("essay");
    driver.press("enter x");
    let screen = driver.screen();
    assert!(screen.contains("word word x"), "{screen}");
    let line = screen.lines().find(|line| line.contains("word x"));
    assert!(line.is_some_and(|line| line.contains("< cursor at")));
    driver.press("esc");
    assert_eq!(driver.sent(), format!(r#"{{"essay":"{text}x"}}"#));
    // With lines around it, and hidden.
    for field in ["extra", "secret"] {
        let mut driver = self::driver();
        driver.go_to(field);
        driver.event(PaneEvent::Paste(format!("[\n\"{text}\"\n]")));
        driver.press("up");
        assert_eq!(driver.screen().contains("word"), field == "extra");
    }
}

// ---- States ----

#[test]
fn every_type_shows_the_states_that_it_has() {
    let empty = ["note", "essay", "secret"];
    let record = every_type();
    for def in record.own_attr_defs() {
        let mut driver = driver();
        driver.go_to(&def.name);
        let line = |driver: &Driver| {
            let screen = driver.screen();
            let found = screen.lines().find(|line| line.contains("< selected"));
            found.expect("has the cursor").to_owned()
        };
        let marks = |word: &str| [format!("‹{word}›"), format!("[{word}]")];
        let shows = |driver: &Driver, word: &str| {
            let line = line(driver);
            assert!(marks(word).iter().any(|mark| line.contains(mark)), "{line}");
        };
        shows(&driver, "absent");
        driver.press("-");
        shows(&driver, "null");
        assert_eq!(driver.sent(), format!(r#"{{"{}":null}}"#, def.name));
        let refused = matches!(driver.press("0"), Some(Outcome::Refused(_)));
        assert_eq!(refused, !empty.contains(&def.name.as_str()), "{}", def.name);
        if !refused {
            shows(&driver, "empty");
        }
        driver.press("x");
        shows(&driver, "absent");
        assert_eq!(driver.sent(), "{}");
    }
}

#[test]
fn what_is_accepted_is_said_for_every_type() {
    for def in every_type().own_attr_defs() {
        let mut driver = driver();
        driver.go_to(&def.name);
        let help = driver.form.help();
        assert!(
            help.iter()
                .any(|(label, text)| *label == "accepts" && !text.is_empty())
        );
    }
}

// ---- Values with a meaning ----

/// What is said below the text after these keys.
fn noted(driver: &mut Driver, field: &str, text: &str) -> String {
    driver.go_to(field);
    driver.press("x enter");
    driver.type_text(text);
    let typing = driver.form.typing.as_ref().expect("is typing");
    let note = typing
        .judging
        .as_ref()
        .and_then(|judging| judging.note.as_ref());
    note.map_or_else(String::new, |note| note.lines.join(" "))
}

#[test]
fn what_is_stored_is_said_while_it_is_typed() {
    let cases = [
        ("born", "1984-02-29", "Wednesday"),
        ("born", "29 Feb 84", "stored as 1984-02-29, Wednesday"),
        ("born", "today", "becomes 2024-03-01, Friday"),
        ("born", "1985-02-29", "a day, as in 2003-01-02"),
        (
            "seen",
            "2015-12-15T07:36:25+02:00",
            "stored as 2015-12-15 05:36:25 +0000, Tuesday",
        ),
        ("seen", "now", "becomes 2024-03-01 12:00:00 +0000, Friday"),
        (
            "seen",
            "epoch",
            "stored as 1970-01-01 00:00:00 +0000, Thursday",
        ),
        ("address", "192.0.2.1", "stored as 192.0.2.1"),
        (
            "address",
            "192.0.2.256",
            "IPv4: four numbers from 0 to 255, as in 192.0.2.1",
        ),
        (
            "address",
            "2001:db8::1",
            "IPv6 is not taken: IPv4 alone, as in 192.0.2.1",
        ),
        ("extra", "[1,{}]", "an array of 2 items"),
        ("extra", "{\"a\":1}", "an object of 1 member"),
        ("extra", "1.50", "a number"),
        (
            "extra",
            "",
            "any JSON: \"text\", 1.50, true, [1, 2], {\"key\": null}",
        ),
        (
            "extra",
            "[1,]",
            "line 1, column 4: no value starts here (text goes in double quotes)",
        ),
        ("secret", "hunter22", "plain text: hashed by the service"),
        (
            "secret",
            r#"{"type":"password-bcrypt","value":"hunter2"}"#,
            "stored as it is, but its value is no password-bcrypt hash",
        ),
        (
            "secret",
            "$2b$10$x",
            "F2 stores it as a password-bcrypt hash; as text it is hashed again",
        ),
    ];
    let mut driver = driver();
    driver.form.set_viewport(Size::new(160, 40));
    for (field, text, note) in cases {
        assert_eq!(noted(&mut driver, field, text), note, "{text}");
        driver.press("esc");
    }
}

#[test]
fn words_for_a_day_become_the_day() {
    let mut driver = driver();
    driver.fill("born", "yesterday");
    driver.fill("seen", "now");
    assert_eq!(
        driver.sent(),
        r#"{"born":"2024-02-29","seen":"2024-03-01 12:00:00 +0000"}"#
    );
    driver.fill("seen", "");
    driver.fill("born", "");
    driver.press("x");
    driver.fill("born", "Feb 29 1984");
    assert!(
        driver.sent().contains(r#""born":"Feb 29 1984""#),
        "other spellings stay"
    );
}

#[test]
fn a_password_is_hidden_until_asked_for() {
    let mut driver = driver();
    driver.go_to("secret");
    driver.press("enter hunter22");
    assert!(driver.screen().contains("••••••••") && !driver.screen().contains("hunter22"));
    driver.press("f6");
    assert!(driver.screen().contains("hunter22"));
    driver.press("f6");
    assert!(!driver.screen().contains("hunter22"));
    driver.press("f6 esc");
    assert!(!driver.screen().contains("hunter22"), "hidden when left");
    driver.press("enter");
    assert!(
        !driver.screen().contains("hunter22"),
        "and when edited again"
    );
    driver.press("esc");
    assert_eq!(driver.sent(), r#"{"secret":"hunter22"}"#);
    // Typing begins a new one.
    driver.press("enter other esc");
    assert_eq!(driver.sent(), r#"{"secret":"other"}"#);
    driver.go_to("essay");
    driver.press("enter");
    assert!(matches!(driver.press("f6"), Some(Outcome::Refused(_))));
}

#[test]
fn a_hash_made_elsewhere_is_written_and_sent_as_an_object() {
    let hash = r#"{"secret":{"type":"password-bcrypt","value":"$2b$10$x"}}"#;
    let mut driver = driver();
    driver.go_to("secret");
    driver.press("enter $2b$10$x f2 esc");
    assert_eq!(driver.sent(), hash);
    assert!(!driver.screen().contains("$2b$"));
    driver.press("enter esc");
    assert_eq!(driver.sent(), hash, "left as it was");
    driver.press("enter plain esc");
    assert_eq!(driver.sent(), r#"{"secret":"plain"}"#);
    driver.go_to("secret");
    let pasted = r#"{"type":"password-md5","value":"5f4d"}"#;
    driver.event(PaneEvent::Paste(pasted.to_owned()));
    driver.press("esc");
    assert_eq!(driver.sent(), format!(r#"{{"secret":{pasted}}}"#));
    driver.go_to("secret");
    driver.event(PaneEvent::Paste(r#"{"type":"password-md5","#.to_owned()));
    driver.press("esc");
    assert!(
        driver
            .problem("secret")
            .expect("is none")
            .contains("not JSON")
    );
}

#[test]
fn screen_editors() {
    let make = |width, height| Driver::new(&every_type(), width, height);
    snapshots(
        "choice",
        |driver| {
            driver.go_to("active");
            driver.press("space space");
        },
        make,
    );
    snapshots(
        "stored_as",
        |driver| {
            driver.go_to("seen");
            driver.press("enter");
            driver.type_text("2015-12-15 07:36:25.5 +0200");
        },
        make,
    );
    snapshots(
        "several_lines",
        |driver| {
            driver.go_to("note");
            driver.press("enter");
            driver.event(PaneEvent::Paste("one\ntwo three".to_owned()));
        },
        make,
    );
    snapshots(
        "revealed",
        |driver| {
            driver.go_to("secret");
            driver.press("enter $2b$10$abc f6");
        },
        make,
    );
    snapshots(
        "states",
        |driver| {
            let record = r#"{"note":"","essay":"two\nlines","count":1,"price":null,"active":null,"secret":"x","extra":null}"#;
            driver.form.load(&Json::parse(record).expect("is JSON"));
        },
        make,
    );
}

//! A service that means harm: what it answers is shown by the real program in a terminal, and every byte that goes to the
//! terminal is read.
//!
//! The bytes must be of the program's own vocabulary: text that neither steers nor reorders nor hides, and the few
//! sequences that drawing takes. Whatever else there is can only have come from the service. The sequences of the answers
//! are none that the program uses itself, so that each of them would be noticed.

use std::fmt::Write as _;

use crate::support::Home;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;
use crate::support::pty::Terminal;

/// Sequences that terminals act on, characters that reorder or hide text, and what terminals draw in different ways.
const HARM: &[&str] = &[
    "\u{1b}[3J",
    "\u{1b}[99;99H",
    "\u{1b}[1;5;31m",
    "\u{1b}[?5h",
    "\u{1b}[6n",
    "\u{1b}[>c",
    "\u{1b}[21t",
    "\u{1b}[200~q\u{1b}[201~",
    "\u{1b}]52;c;aGFjaw==\u{7}",
    "\u{1b}]52;c;aGFjaw==\u{1b}\\",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]2;owned\u{1b}\\",
    "\u{1b}]8;;http://evil.example/\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}]1337;File=inline=1:AAAA\u{7}",
    "\u{1b}P+q544e\u{1b}\\",
    "\u{1b}_Gf=24;AAAA\u{1b}\\",
    "\u{1b}^pm\u{1b}\\",
    "\u{1b}Xsos\u{1b}\\",
    "\u{1b}c",
    "\u{1b}(0",
    "\u{1b}#8",
    "\u{9b}3J",
    "\u{9d}52;c;aGFjaw==\u{9c}",
    "\u{90}q\u{9c}",
    "\u{85}\u{8d}\u{84}",
    "\u{0}\u{7}\u{8}\u{b}\u{c}\u{e}\u{f}\u{7f}",
    "\r\n\t",
    "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}",
    "\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}",
    "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{34f}",
    "\u{e0041}\u{e0042}\u{e007f}",
    "\u{2028}\u{2029}",
    "\u{3164}\u{ffa0}\u{115f}",
    "漢\u{fe0f}字\u{fe0e}👩\u{200d}👩\u{200d}👧🇩🇪🏴\u{e0067}\u{e007f}",
    "ﷺ\u{1100}\u{1161}\u{11a8}ｶﾞ",
];

/// All of it, one after the other, each with a mark before it, and a tower of accents.
fn harm() -> String {
    let mut text = String::new();
    for (number, harm) in HARM.iter().enumerate() {
        let _ = write!(text, "#{number}{harm}");
    }
    text + "z" + &"\u{301}".repeat(500)
}

/// A text as JSON says it, control characters escaped.
fn json(text: &str) -> String {
    serde_json::to_string(text).expect("is text")
}

/// An answer of these bytes, with a head that means harm as far as HTTP lets it.
fn answer(content_type: &str, body: &[u8]) -> Act {
    let mut bytes = b"HTTP/1.1 200 \x9b3J\xe2\x80\xae\xff\r\nConnection: close\r\nX-Harm: \x9b3J\x9d0;owned\x9c\xe2\x80\xae\xff\r\n"
        .to_vec();
    bytes.extend(
        format!(
            "Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .bytes(),
    );
    bytes.extend(body);
    Act::SendBytes(bytes)
}

/// The names of types, attributes and values are harm; so is every error.
fn service() -> FakeServer {
    let harm = harm();
    let text = json(&harm);
    let types = format!(r#"{{"results":["thing",{text}],"stat":"ok"}}"#);
    let schema = format!(
        r#"{{"schema":{{"name":"thing","attr_defs":[
            {{"name":"title","type":"string","length":99,"description":{text}}},
            {{"name":{text},"type":"string","length":99}},
            {{"name":"odd","type":{text},"constraints":[{text}]}},
            {{"name":"pets","type":"plural","attr_defs":[{{"name":{text},"type":"integer"}}]}}]}},"stat":"ok"}}"#
    );
    let error = format!(
        r#"{{"stat":"error","code":200,"error":{text},"error_description":{text},"argument_name":{text},"attribute_name":{text},"request_id":{text},{text}:{text}}}"#
    );
    let found = format!(
        r#"{{"stat":"ok","result_count":1,"results":[{{"id":1,"uuid":{text},"title":{text},{text}:{text},"pets":[{text}]}}]}}"#
    );
    // Surrogates without a partner; then not JSON and not UTF-8: control characters as they are, bare bytes of the C1 set, a surrogate as CESU-8, overlong forms.
    let lone = r"\ud800\udc00\ud800x\udfff";
    let mut raw = format!("{{\"{lone}\":\"{lone}\",\"stat\":\"ok\",\"raw\":\"{harm}").into_bytes();
    raw.extend(b"\x9b3J\x9d0;owned\x9c\x90q\x9c\xed\xa0\x80\xc0\x9b\xe0\x80\x9b\xf5\xff\"");
    let page = format!("<html><title>{harm}</title><body>{harm}</body></html>");
    FakeServer::choosing(move |request| {
        let is = |operation: &str| request.starts_with(&format!("post /{operation} "));
        if is("entitytype.list") {
            answer("application/json", types.as_bytes())
        } else if is("entitytype") {
            answer("application/json", schema.as_bytes())
        } else if is("entity.find") {
            answer("application/json", found.as_bytes())
        } else if is("entity.count") {
            answer("text/html", page.as_bytes())
        } else if is("entity") {
            answer("application/json", &raw)
        } else {
            answer("application/json", error.as_bytes())
        }
    })
}

/// Whether a program that draws may write this character: it takes a place of its own and does what it looks like.
fn is_harmless(c: char) -> bool {
    !(c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200c}'
            | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'))
}

/// Reads what a program wrote to a terminal and fails at the first thing that is not of our vocabulary. A last word of which
/// only the beginning has come is left for the next time.
fn assert_own_words(raw: &[u8], what: &str) {
    let mut rest = raw;
    while let Some(word) = next_word(rest) {
        if word.is_err() && is_beginning(rest) {
            return;
        }
        let length = word.unwrap_or_else(|why| {
            let at = raw.len() - rest.len();
            let around = &raw[at.saturating_sub(120)..(at + 40).min(raw.len())];
            panic!(
                "{what}: {why} at byte {at}: {:?}",
                String::from_utf8_lossy(around)
            )
        });
        rest = &rest[length..];
    }
}

/// The length of the next word, or why it is none of ours; `None` at the end.
fn next_word(bytes: &[u8]) -> Option<Result<usize, &'static str>> {
    Some(match *bytes.first()? {
        0x1b => sequence(&bytes[1..]).map(|length| length + 1),
        b'\r' | b'\n' => Ok(1),
        _ => character(bytes),
    })
}

/// Whether these bytes may be the beginning of a word whose end has not come.
fn is_beginning(bytes: &[u8]) -> bool {
    match bytes.strip_prefix(b"\x1b") {
        Some([]) => true,
        Some(rest) => {
            let rest = rest.strip_prefix(b"[");
            rest.is_some_and(|rest| rest.iter().all(|byte| (0x20..0x40).contains(byte)))
        }
        None => std::str::from_utf8(bytes)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none()),
    }
}

fn character(bytes: &[u8]) -> Result<usize, &'static str> {
    let head = &bytes[..bytes.len().min(4)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).expect("is valid so far"),
    };
    match text.chars().next() {
        Some(c) if is_harmless(c) => Ok(c.len_utf8()),
        Some(_) => Err("a character that steers or hides"),
        None => Err("bytes that are no UTF-8"),
    }
}

/// A sequence of drawing, after its escape character: colours and styles, the cursor's place, erasing, the modes of the
/// start and the end.
fn sequence(bytes: &[u8]) -> Result<usize, &'static str> {
    let rest = bytes.strip_prefix(b"[").ok_or("an escape that is no CSI")?;
    let end = rest
        .iter()
        .position(|byte| (0x40..0x7f).contains(byte))
        .ok_or("an unfinished CSI")?;
    let parameters = std::str::from_utf8(&rest[..end]).map_err(|_| "a CSI with odd parameters")?;
    let is_own = match rest[end] {
        b'm' => is_style(parameters),
        // No terminal of these tests is as large as the places that the service asks for.
        b'H' => {
            let row = parameters.split(';').next().unwrap_or_default();
            row.is_empty() || row.parse().is_ok_and(|row: u16| row <= 60)
        }
        b'A'..=b'G' | b'd' => parameters.bytes().all(|byte| byte.is_ascii_digit()),
        b'J' => matches!(parameters, "" | "0" | "1" | "2"),
        b'K' => matches!(parameters, "" | "0" | "1" | "2"),
        b'h' | b'l' => matches!(
            parameters,
            "?25"
                | "?1000"
                | "?1002"
                | "?1003"
                | "?1004"
                | "?1006"
                | "?1015"
                | "?1049"
                | "?2004"
                | "?2026"
        ),
        _ => false,
    };
    if is_own {
        Ok(end + 2)
    } else {
        Err("a CSI that is not the program's")
    }
}

/// Colours, bold, dim, italic, underlined, reversed, crossed out; no blinking, nothing hidden.
fn is_style(parameters: &str) -> bool {
    let mut numbers = parameters.split([';', ':']);
    while let Some(number) = numbers.next() {
        match number {
            "38" | "48" | "58" => {
                let more = match numbers.next() {
                    Some("5") => 1,
                    Some("2") => 3,
                    _ => return false,
                };
                for _ in 0..more {
                    let part = numbers.next().unwrap_or_default();
                    if part.parse::<u8>().is_err() {
                        return false;
                    }
                }
            }
            "" | "0" | "1" | "2" | "3" | "4" | "7" | "9" | "22" | "23" | "24" | "27" | "29"
            | "39" | "49" | "59" => {}
            number => {
                let is_colour = |number| matches!(number, 30..=37 | 40..=47 | 90..=97 | 100..=107);
                if !number.parse::<u8>().is_ok_and(is_colour) {
                    return false;
                }
            }
        }
    }
    true
}

/// The frame is where it was: header, panes, footer.
fn assert_framed(terminal: &Terminal) {
    let screen = terminal.contents();
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[0].contains(" ● SANDBOX"), "{screen}");
    assert!(
        lines.iter().any(|line| line.contains("1 Types")),
        "{screen}"
    );
    assert!(
        lines
            .last()
            .is_some_and(|line| line.trim_end().ends_with(" help")),
        "{screen}"
    );
}

#[test]
fn the_vocabulary_knows_what_is_not_of_it() {
    for harm in HARM {
        // What is wide or joined is for the screen's own measure; it is harmless to write.
        let shows = harm
            .chars()
            .all(|c| is_harmless(c) || "\u{200d}\u{fe0f}\u{fe0e}".contains(c));
        let is_line = harm.chars().all(|c| "\r\n\t".contains(c));
        let mut rest = harm.as_bytes();
        let mut refused = false;
        while let Some(word) = next_word(rest) {
            let Ok(length) = word else {
                refused = true;
                break;
            };
            rest = &rest[length..];
        }
        assert!(refused || shows || is_line, "{harm:?}");
    }
    assert_own_words(
        "\u{1b}[2;38;5;9;48;2;1;2;3mé漢\u{1b}[0m\u{1b}[12;40H".as_bytes(),
        "ours",
    );
}

/// A step that pastes, in place of keys.
const PASTE: &str = "paste";

#[test]
fn a_hostile_service_reaches_no_terminal() {
    let server = service();
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "");
    let mut terminal = Terminal::captui(&home, &["--env", "service"], 40, 150);
    terminal.wait_for("thing");
    // The form, with its names; an error that is harm in every member; each page of it.
    terminal.send("<enter>");
    terminal.wait_for("title");
    let steps: &[(&str, &str)] = &[
        ("/title<enter><enter>x<esc>", " NAV "),
        ("<esc>", "pets"),
        ("<f5>", "ERROR 200"),
        ("3", "┏━ 3 Response"),
        ("zR<down><down><down><end>", ""),
        ("L", ""),
        ("L", ""),
        ("L", ""),
        ("w", ""),
        ("4", "┏━ 4 History"),
        ("<down><enter>", ""),
        ("1", "┏━ 1 Types"),
        // Records: the table, the record beside it, the columns, what the filter offers.
        ("gf", "F5 sends"),
        ("<f5>", "entity.find"),
        ("<down>", ""),
        ("c", " COLUMNS "),
        ("<esc>", " NAV "),
        ("/", " FILTER "),
        ("<esc>", " NAV "),
        // The schema, its attributes, its calls, the types by name.
        ("gs", "Schema · thing"),
        ("<down><down><down><down><down><down><down>5", ""),
        ("gr", "2 Form · thing"),
        ("?", "Help"),
        ("<esc>", ""),
        // Answers that are no JSON, or none that can be read: each page of them.
        ("1", "┏━ 1 Types"),
        (
            PASTE,
            "curl https://app.example.com/entity -d type_name=thing -d id=1",
        ),
        ("<f5>", "3 Response · entity thing"),
        ("3<end>", ""),
        ("L", ""),
        ("L", ""),
        ("1", "┏━ 1 Types"),
        (
            PASTE,
            "curl https://app.example.com/entity.count -d type_name=thing",
        ),
        ("<f5>", "3 Response · entity.count"),
        ("3<end>", ""),
        ("L", ""),
        ("L", ""),
        ("1<down><enter>", ""),
    ];
    for (keys, shown) in steps {
        if *keys == PASTE {
            terminal.paste(shown);
            terminal.wait_for("Pasted a call");
            continue;
        }
        terminal.send(keys);
        if !shown.is_empty() {
            terminal.wait_for(shown);
        }
        terminal.settle();
        assert_own_words(terminal.raw(), keys);
        if *keys != "?" {
            assert_framed(&terminal);
        }
    }
    // What was shown is there, made visible.
    let raw = String::from_utf8_lossy(terminal.raw()).into_owned();
    for shown in ["␛", "␇", "⟨U+202E⟩", "\\u{9b}"] {
        assert!(raw.contains(shown), "{shown} is not shown");
    }
    terminal.send("<c-c><c-c>");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.terminal_restored());
    assert_own_words(terminal.raw(), "the end");
}

#[test]
fn ten_megabytes_that_show_nothing_are_shown_at_once() {
    let flood = "\u{200b}".repeat((10 << 20) / 3);
    let record = format!(r#"{{"id":1,"title":"{flood}"}}"#);
    let found = format!(r#"{{"stat":"ok","result_count":1,"results":[{record}]}}"#);
    let error = format!(
        r#"{{"stat":"error","code":200,"error":"x","error_description":"{flood}","attribute_name":"title"}}"#
    );
    let server = FakeServer::choosing(move |request| {
        let is = |operation: &str| request.starts_with(&format!("post /{operation} "));
        if is("entitytype.list") {
            Act::json(200, r#"{"results":["thing"],"stat":"ok"}"#)
        } else if is("entitytype") {
            Act::json(
                200,
                r#"{"schema":{"name":"thing","attr_defs":[{"name":"title","type":"string"}]},"stat":"ok"}"#,
            )
        } else if is("entity.find") {
            Act::json(200, &found)
        } else {
            Act::json(200, &error)
        }
    });
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "");
    let mut terminal = Terminal::captui(&home, &["--env", "service"], 40, 150);
    terminal.wait_for("thing");
    terminal.send("<enter>");
    terminal.wait_for("title");
    terminal.send("<f5>");
    terminal.wait_for("ERROR 200");
    terminal.wait_for("⟨U+200B⟩");
    terminal.send("3");
    terminal.wait_for("┏━ 3 Response");
    terminal.send("2gf");
    terminal.wait_for("F5 sends");
    terminal.send("<f5>");
    terminal.wait_for("id ↑");
    terminal.send("4");
    terminal.wait_for("┏━ 4 History");
    assert_own_words(terminal.raw(), "a flood");
    terminal.send("<c-c><c-c>");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn a_hostile_service_reaches_no_terminal_by_the_commands() {
    let server = service();
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "");
    let harm = harm().replace('\0', "");
    let title = format!("title={harm}");
    for args in [
        &["type", "list"][..],
        &["type", "show", "thing"],
        &["record", "find", "thing"],
        &["record", "get", "thing", "--id", "1"],
        &["record", "count", "thing"],
        &["record", "create", "thing", "--attributes", "{}"],
        &["--json", "record", "find", "thing"],
        &["call", "entity.find", "type_name=thing"],
        &["call", "entity", "type_name=thing", "id=1"],
        &["call", "entity.count", "type_name=thing"],
        &["call", "entity.delete", "type_name=thing", &title],
        &["--json", "call", "entity.delete", "type_name=thing"],
        &["explain", &harm],
    ] {
        let all = [&["--env", "service"], args].concat();
        let mut terminal = Terminal::captui(&home, &all, 40, 150);
        terminal.wait_for_end();
        assert!(!terminal.raw().is_empty(), "{args:?}");
        assert_own_words(terminal.raw(), &format!("{args:?}"));
        // Into a pipe an answer goes as it came where it was asked for as it came; all talk is clean there, too.
        let output = run(&home, &all, "");
        assert_own_words(output.stderr.as_bytes(), &format!("the errors of {args:?}"));
        let is_exact = args[0] == "call" || args[0] == "--json";
        if !is_exact {
            assert_own_words(output.stdout.as_bytes(), &format!("the output of {args:?}"));
        }
    }
}

//! Recordings of sessions of the real program, played to their ends: the last screens are as they were.
//!
//! A session that goes wrong is put into `tests/replays` as it was recorded.

use std::fs;
use std::path::Path;

use captui::tui::recording::replay::Replay;
use captui::tui::recording::replay::Step;
use captui::tui::theme::Theme;
use captui::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The screen of a replay as text, a line a row.
pub(crate) fn screen(replay: &Replay) -> String {
    let area = replay.model().area;
    let backend = TestBackend::new(area.width, area.height);
    let mut terminal = Terminal::new(backend).expect("nothing can fail");
    terminal
        .draw(|frame| view(replay.model(), frame))
        .expect("nothing can fail");
    let buffer = terminal.backend().buffer();
    let rows = (0..area.height).map(|y| {
        let cells = (0..area.width).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// Plays a recording to its end, and gives why it ended.
pub(crate) fn play(text: &str) -> (Replay, String) {
    let mut replay = Replay::read(text, Theme::sixteen_colours()).expect("is a recording");
    loop {
        if let Step::Over(why) = replay.step() {
            return (replay, why);
        }
    }
}

/// Times of day are those of the place where the test runs.
fn without_times(screen: &str) -> String {
    let time = regex::Regex::new(r"\b\d\d:\d\d(:\d\d)?\b").expect("is one");
    time.replace_all(screen, "--:--").into_owned()
}

#[test]
fn recorded_sessions_end_as_they_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replays");
    let entries = fs::read_dir(folder).expect("is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("is one").path()).collect();
    paths.sort();
    assert!(paths.len() >= 3, "{paths:?}");
    for path in paths {
        let name = path.file_stem().expect("has a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("is text");
        let (replay, why) = play(&text);
        assert_eq!(why, "the recording ends here", "{name}");
        insta::assert_snapshot!(format!("replay_{name}"), without_times(&screen(&replay)));
    }
}

#[test]
fn a_recording_is_played_with_the_keys_it_was_made_with() {
    let header = r#"{"recording":1,"captui":"0.1.0","started":"2026-03-01T12:00:00Z","size":[80,24],"environment":{"name":"sandbox","class":"sandbox","domain":null,"read_only":false,"features":["owner"]},"others":[],"patience":60000,"drafts":false"#;
    let pressed =
        r#"{"at":5,"terminal":{"Key":{"code":{"F":9},"modifiers":"","kind":"Press","state":""}}}"#;
    let (replay, _) = play(&format!(
        "{header},\"keys\":[[\"app.drafts\",[\"f9\"]]]}}\n{pressed}\n"
    ));
    assert!(screen(&replay).contains("Nothing is kept."));
    let (replay, _) = play(&format!("{header}}}\n{pressed}\n"));
    assert!(screen(&replay).contains("F9 does nothing here"));
    let unknown = format!("{header},\"keys\":[[\"app.gone\",[\"f9\"]]]}}\n");
    let error = Replay::read(&unknown, Theme::sixteen_colours()).err();
    let error = error.expect("is not played with other keys");
    assert!(error.message.contains("line 1 of the recording"));
}

#[test]
fn a_recording_that_cannot_be_played_says_why() {
    let header = r#"{"recording":1,"captui":"0.1.0","started":"2026-03-01T12:00:00Z","size":[80,24],"environment":{"name":"sandbox","class":"sandbox","domain":null,"read_only":false,"features":["owner"]},"others":[],"patience":60000,"drafts":false}"#;
    for (lines, reason) in [
        (
            r#"{"at":5,"gap":"the outcome of a plan"}"#,
            "lacks what the screen shows: the outcome of a plan",
        ),
        (
            r#"{"at":5,"panicked":"src/x.rs:1"}"#,
            "captui panicked here, at src/x.rs:1",
        ),
        (
            r#"{"at":5,"nothing":1}"#,
            "line 2 of the recording cannot be read",
        ),
        (
            r#"{"at":5,"terminal":{"Resize":[60000,60000]}}"#,
            "line 2 of the recording cannot be read",
        ),
        (
            r#"{"at":5,"told":[7,"started"]}"#,
            "the recording ends here",
        ),
    ] {
        let (_, why) = play(&format!("{header}\n{lines}\n"));
        assert!(why.contains(reason), "{why}");
    }
    // A crash in the middle of a line loses that line.
    let (replay, why) = play(&format!(
        "{header}\n{{\"at\":5,\"tick\":null}}\n{{\"at\":6,\"ti"
    ));
    assert_eq!(
        (replay.progress(), why.as_str()),
        ((1, 1), "the recording ends here")
    );
    for (text, reason) in [
        ("", "this is no recording"),
        ("{\"log\":{}}\n", "this is no recording"),
        ("{\"recording\":99}\n", "a newer captui"),
        (
            "{\"recording\":1}\n",
            "line 1 of the recording cannot be read",
        ),
    ] {
        let error = Replay::read(text, Theme::sixteen_colours())
            .err()
            .expect("is none");
        assert!(error.message.contains(reason), "{}", error.message);
    }
}

use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::buffer::Cell;

use crate::capture::endpoint::Endpoint;
use crate::capture::redact::sharing::Sharing;
use crate::capture::request::ApiRequest;
use crate::exchange::Answered;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::timing::Timing;
use crate::tui::theme::Theme;
use crate::worker::compare::Call;
use crate::worker::compare::Compare;
use crate::worker::compare::Pair;
use crate::worker::compare::find_and_compare;

use super::*;

fn call(body: &str) -> Arc<Exchange> {
    Arc::new(Exchange {
        id: None,
        environment: "sandbox".to_owned(),
        request: ApiRequest::new(Endpoint::EntityView),
        sent: Sent {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: String::new(),
        },
        started: Timestamp::UNIX_EPOCH,
        elapsed: Duration::from_millis(7),
        timing: Timing::default(),
        outcome: Outcome::Answered(Answered::read(200, Vec::new(), body.as_bytes().to_vec())),
    })
}

fn sheet(bodies: [&str; 2], screen: Rect) -> CallCompare {
    let [before, after] = bodies.map(|body| Call::Shown(call(body)));
    let work = Compare {
        pair: Pair::Of(before, after),
        schemas: Vec::new(),
        sharing: Sharing::Unmasked,
    };
    let compared = find_and_compare(&work, None).expect("are at hand");
    let mut sheet = CallCompare::awaiting(work.pair, JobId(1));
    sheet.fit(screen);
    sheet.show(Arc::new(compared));
    sheet
}

fn screen_of(sheet: &CallCompare, screen: Rect) -> String {
    let mut buf = Buffer::empty(screen);
    sheet.view(false, &Theme::sixteen_colours(), screen, &mut buf);
    buf.content().iter().map(Cell::symbol).collect()
}

#[test]
fn what_comes_from_elsewhere_cannot_reach_the_terminal() {
    let hostile = "{\"stat\":\"ok\",\"result\":{\"a\":\"\u{202e}\u{9b}2J\",\"b\":1}}";
    for width in [60, 120] {
        let screen = Rect::new(0, 0, width, 24);
        let sheet = sheet([hostile, r#"{"stat":"ok","result":{"b":2}}"#], screen);
        let shown = screen_of(&sheet, screen);
        assert!(!shown.contains(['\u{202e}', '\u{9b}']), "{shown}");
        assert!(
            shown.contains("result.a") && shown.contains("not there"),
            "{shown}"
        );
    }
}

#[test]
fn it_scrolls_to_its_end_and_goes_from_part_to_part() {
    let screen = Rect::new(0, 0, 80, 24);
    let members = |from: u32| {
        let members = (from..from + 40).map(|at| format!("\"k{at}\":{at}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let mut sheet = sheet([&members(0), &members(100)], screen);
    sheet.act(Action::Go(Move::Last));
    let end = sheet.offset;
    sheet.act(Action::Go(Move::By(1)));
    assert_eq!(sheet.offset, end);
    assert!(screen_of(&sheet, screen).contains("k139"));
    sheet.act(Action::PreviousPart);
    assert!(matches!(
        sheet.lines[sheet.offset],
        Line::Heading("Answer", _)
    ));
    // A wider screen needs fewer lines, and shows about the same.
    sheet.act(Action::Go(Move::Last));
    sheet.fit(Rect::new(0, 0, 120, 24));
    assert!(sheet.offset < sheet.lines.len());
    assert!(screen_of(&sheet, Rect::new(0, 0, 120, 24)).contains("k1"));
}

#[test]
fn nothing_but_leaving_can_be_done_while_it_waits() {
    let pair = Pair::WithPrevious(Call::Shown(call("{}")));
    let sheet = CallCompare::awaiting(pair, JobId(4));
    assert!(sheet.refuses(Action::Open).is_some());
    assert!(sheet.refuses(Action::Close).is_none());
    assert_eq!(sheet.job(), Some(JobId(4)));
    assert!(screen_of(&sheet, Rect::new(0, 0, 80, 24)).contains("comparing the calls"));
}

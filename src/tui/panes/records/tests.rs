//! Pages that come and go, and cells that stand below each other.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::proptest;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::capture::schema::read_attr_defs;
use crate::exchange::Answered;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::timing::Timing;
use crate::tui::panes::records::query::PAGE;
use crate::tui::panes::records::query::Query;
use crate::tui::panes::records::query::Start;
use crate::tui::panes::records::search::Search;
use crate::tui::panes::records::table;
use crate::tui::panes::records::table::Look;
use crate::tui::theme::Theme;

const SCHEMA: &str = r#"[{"name":"name","type":"string"},{"name":"points","type":"integer"},
    {"name":"city","type":"string"}]"#;

fn schema() -> Arc<EntityType> {
    let (attr_defs, problems) = read_attr_defs(&Json::parse(SCHEMA).expect("is JSON"));
    assert_eq!(problems, []);
    Arc::new(EntityType::create("person", attr_defs))
}

/// A call that brought these records.
fn exchange(records: Vec<Json>) -> Arc<Exchange> {
    let answer: Json = [
        ("stat", Json::from("ok")),
        ("results", Json::Array(records)),
    ]
    .into_iter()
    .collect();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = answer.to_string().into_bytes();
    Arc::new(Exchange {
        id: None,
        environment: "sandbox".to_owned(),
        request: Query::default().find(&schema(), &Start::First),
        sent: Sent {
            method: "POST".to_owned(),
            url: "http://127.0.0.1/entity.find".to_owned(),
            headers: Vec::new(),
            body: String::new(),
        },
        started: Timestamp::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        timing: Timing::default(),
        outcome: Outcome::Answered(Answered::read(200, headers, body)),
    })
}

fn record(id: i64, name: &str, points: i64) -> Json {
    let city = Json::from("Ghent");
    let members = [
        ("name", Json::from(name)),
        ("points", points.into()),
        ("city", city),
    ];
    std::iter::once(("id", id.into())).chain(members).collect()
}

/// A page of records with ids from `first` on.
fn page(first: usize, count: usize) -> Arc<Exchange> {
    let ids = (first..first + count).map(|id| i64::try_from(id).expect("is small"));
    exchange(ids.map(|id| record(id, "x", 1)).collect())
}

#[test]
fn pages_far_away_are_let_go_and_asked_for_again() {
    let mut search = Search::new(&schema());
    let query = Query::default();
    for number in 0..20 {
        let start = match &search.found {
            Some(found) => found.start_of(number).expect("follows the page before"),
            None => Start::First,
        };
        let came = search.page_came(query.clone(), number, start, &page(number * PAGE, PAGE));
        assert_eq!(came, Ok(true), "{number}");
    }
    let found = search.found.as_mut().expect("was found");
    assert_eq!((found.at(), found.before()), (19, 19 * PAGE));
    assert!(
        found.go_to(18) && !found.go_to(2),
        "only what is near is kept"
    );
    let start = found.start_of(2).expect("is known");
    assert_eq!(start, Start::After(99), "where it began is not forgotten");
    let came = search.page_came(query.clone(), 2, start, &page(100, PAGE));
    assert_eq!(came, Ok(true));
    let found = search.found.as_ref().expect("was found");
    assert_eq!(
        (found.at(), found.before(), found.has_more()),
        (2, 100, true)
    );
    // Another query begins anew.
    let other = Query {
        filter: "points > 1".to_owned(),
        ..query
    };
    let came = search.page_came(other, 0, Start::First, &page(0, 3));
    assert_eq!(came, Ok(true));
    let found = search.found.as_ref().expect("was found");
    assert_eq!((found.at(), found.has_more()), (0, false));
}

fn drawn(records: Vec<Json>, width: u16) -> Vec<String> {
    let mut search = Search::new(&schema());
    let height = records.len();
    let came = search.page_came(Query::default(), 0, Start::First, &exchange(records));
    assert_eq!(came, Ok(true));
    search.cursor.height = height;
    let area = Rect::new(0, 0, width, height as u16 + 1);
    let mut buffer = Buffer::empty(area);
    let look = Look {
        focused: true,
        dimmed: false,
    };
    table::draw(&search, &Theme::monochrome(), area, look, &mut buffer);
    let rows = buffer.content().chunks(width.into());
    rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
        .collect()
}

#[test]
fn cells_stand_below_each_other_however_wide_their_characters() {
    let records = vec![
        record(1, "Bob", 7),
        record(20, "山田 花子", 1280),
        record(300, "a\u{1b}[2J\u{301}", -5),
        record(4000, &"long ".repeat(20), 12),
    ];
    // A wide character fills a cell, and leaves the one after it blank.
    assert_eq!(
        drawn(records, 70),
        [
            "id ↑  name                              city   points                 ",
            "   1  Bob                               Ghent       7                 ",
            "  20  山 田  花 子                          Ghent    1280                 ",
            " 300  a␛[2J\u{301}                             Ghent      -5                 ",
            "4000  long long long long long long l…  Ghent      12                 ",
        ]
    );
}

proptest! {
    #[test]
    fn any_record_is_drawn_at_any_width(
        names in prop::collection::vec(any::<String>(), 1..6),
        points in any::<i64>(),
        width in 0_u16..90,
    ) {
        let records = names.iter().map(|name| record(points, name, points)).collect();
        let lines = drawn(records, width.max(1));
        prop_assert!(lines.iter().all(|line| !line.contains(char::is_control)));
    }
}

//! Measures the history with a hundred thousand exchanges: what adding one costs, how soon a search answers, how large the
//! file becomes, and whether it stays below its limit.
//!
//! `cargo bench --bench history` makes the exchanges up, adds them to a new history and, for comparison, the same texts
//! to a plain table that is searched with LIKE. It prints middles in milliseconds. The goal: a request_id, an e-mail
//! inside a body and a code well under 100 ms each. It never fails because of a time. Absent: reading the answer, which
//! is the viewer's.

mod figures;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::exchange::Answered;
use captui::exchange::Exchange;
use captui::exchange::ExchangeId;
use captui::exchange::Outcome;
use captui::exchange::Sent;
use captui::exchange::timing::Timing;
use captui::history::query::Page;
use captui::history::query::Query;
use captui::history::query::parse::parse;
use captui::history::record::PrimaryKeys;
use captui::history::record::RecordKey;
use captui::history::store::History;
use captui::history::store::Limits;
use jiff::Timestamp;
use jiff::Zoned;
use rusqlite::Connection;

use crate::figures::Result;
use crate::figures::cell;
use crate::figures::median;
use crate::figures::ratio;

/// How many exchanges.
const MANY: u64 = 100_000;
/// Of so many records.
const RECORDS: u64 = 20_000;
/// How often each search is made.
const ROUNDS: usize = 9;
/// The small history's limit, in bytes.
const SMALL: u64 = 64 << 20;

fn main() -> ExitCode {
    figures::main("history", measure)
}

fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plain = Plain::new(&folder.path().join("plain.db"))?;
    let limits = Limits {
        rows: u32::MAX,
        age: None,
        bytes: 4 << 30,
        body: 4 << 20,
    };
    let history = open(folder.path(), limits)?;
    adding(&history, &plain)?;
    searching(&history, &plain)?;
    record(&history)?;
    purging(&history)?;
    limit()
}

fn open(folder: &Path, limits: Limits) -> Result<History> {
    Ok(History::open(folder, limits)?.0)
}

fn adding(history: &History, plain: &Plain) -> Result<()> {
    let (mut ours, mut theirs, mut bytes) = (Vec::new(), Vec::new(), 0);
    for number in 0..MANY {
        let exchange = exchange(number);
        bytes += exchange.sent.body.len() + exchange.body().len();
        let start = Instant::now();
        history.add(&exchange)?;
        ours.push(milliseconds(start.elapsed()));
        let start = Instant::now();
        plain.add(&exchange)?;
        theirs.push(milliseconds(start.elapsed()));
    }
    let (slowest, total) = (
        ours.iter().copied().fold(0.0, f64::max),
        ours.iter().sum::<f64>(),
    );
    let (middle, floor) = (median(ours), median(theirs));
    println!("{MANY} exchanges, {} of bodies", megabytes(bytes as u64));
    println!(
        "add one            {:>8} ms in the middle, {:>8} on average, {:>8} the slowest; plain table {:>8} ({}x)",
        cell(middle),
        cell(Some(total / MANY as f64)),
        cell(Some(slowest)),
        cell(floor),
        cell(ratio(middle, floor)),
    );
    println!(
        "size               {:>8}; plain table {}",
        megabytes(history.size()),
        megabytes(plain.size()?)
    );
    Ok(())
}

fn searching(history: &History, plain: &Plain) -> Result<()> {
    println!(
        "\n{:<44} {:>6} {:>10} {:>10} {:>10} {:>12}",
        "search, first 100", "found", "ms", "count ms", "LIKE ms", "ours/LIKE"
    );
    let failed = (0..MANY)
        .rev()
        .find(|number| is_error(*number))
        .unwrap_or(0);
    let oldest = (0..MANY).find(|number| is_error(*number)).unwrap_or(0);
    let (new, old) = (request_id(failed), request_id(oldest));
    let email = email(RECORDS / 3);
    let uuid = uuid(RECORDS / 7);
    for (text, like) in [
        (format!("request:{old}"), old.as_str()),
        (old[..8].to_owned(), &old[..8]),
        (new.clone(), new.as_str()),
        (format!("body:\"{email}\""), email.as_str()),
        (email.clone(), email.as_str()),
        (format!("uuid:{uuid}"), uuid.as_str()),
        ("code:223".to_owned(), "\"code\":223"),
        ("code:223 env:prod type:user".to_owned(), "\"code\":223"),
        ("verdict:error".to_owned(), "\"stat\":\"error\""),
        ("\"nothing of the kind\"".to_owned(), "nothing of the kind"),
        ("example.com".to_owned(), "example.com"),
        ("-example.com".to_owned(), "not there"),
        ("s".to_owned(), "s"),
        ("on:today".to_owned(), "not there"),
        ("*ovaku*".to_owned(), "ovaku"),
        (String::new(), ""),
    ] {
        let query = parse(&text, &Zoned::now()).map_err(|error| error.message)?;
        let found = history.list(&query, Page::newest(100))?.len();
        let list = times(|| Ok(history.list(&query, Page::newest(100))?))?;
        let count = times(|| Ok(history.count(&query)?))?;
        let floor = times(|| plain.find(like))?;
        println!(
            "{:<44} {:>6} {:>10} {:>10} {:>10} {:>12}",
            text,
            found,
            cell(list),
            cell(count),
            cell(floor),
            cell(ratio(list, floor))
        );
    }
    let mut number = 0;
    let get = times(|| {
        number += MANY as i64 / ROUNDS as i64;
        history.get(ExchangeId(number))?;
        Ok(())
    })?;
    println!("{:<44} {:>6} {:>10}", "a whole exchange", 1, cell(get));
    Ok(())
}

fn record(history: &History) -> Result<()> {
    let key = RecordKey {
        environment: "dev".to_owned(),
        type_name: "user".to_owned(),
        uuid: Some(uuid(RECORDS / 7)),
        id: None,
    };
    let keys = PrimaryKeys::default();
    let events = history.timeline(&key, &keys)?.events.len();
    let time = times(|| Ok(history.timeline(&key, &keys)?))?;
    println!(
        "{:<44} {events:>6} {:>10}",
        "a record through time",
        cell(time)
    );
    Ok(())
}

fn purging(history: &History) -> Result<()> {
    let query = parse("env:prod", &Zoned::now()).map_err(|error| error.message)?;
    let start = Instant::now();
    let purged = history.purge(&query)?;
    println!(
        "\npurge env:prod     {} exchanges in {} ms; the file had {}, has {}",
        purged.exchanges,
        cell(Some(milliseconds(start.elapsed()))),
        megabytes(purged.before),
        megabytes(purged.after)
    );
    let start = Instant::now();
    let purged = history.purge(&Query::default())?;
    println!(
        "purge all          {} exchanges in {} ms; the file has {}",
        purged.exchanges,
        cell(Some(milliseconds(start.elapsed()))),
        megabytes(purged.after)
    );
    Ok(())
}

fn limit() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let limits = Limits {
        rows: u32::MAX,
        age: None,
        bytes: SMALL,
        body: 4 << 20,
    };
    let history = open(folder.path(), limits)?;
    let (mut largest, mut full) = (0, Vec::new());
    for number in 0..MANY {
        let exchange = exchange(number);
        let start = Instant::now();
        history.add(&exchange)?;
        if number > MANY / 2 {
            full.push(milliseconds(start.elapsed()));
        }
        largest = largest.max(history.size());
    }
    let slowest = full.iter().copied().fold(0.0, f64::max);
    println!(
        "\nlimit {}: largest {}, {} exchanges kept; adding to the full one {} ms, {} the slowest",
        megabytes(SMALL),
        megabytes(largest),
        history.count(&Query::default())?,
        cell(median(full)),
        cell(Some(slowest))
    );
    Ok(())
}

/// What was before: the texts as they are, in one table.
struct Plain(Connection);

impl Plain {
    fn new(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;
             CREATE TABLE exchange (id INTEGER PRIMARY KEY, args TEXT NOT NULL, body BLOB NOT NULL) STRICT",
        )?;
        Ok(Self(connection))
    }

    fn add(&self, exchange: &Exchange) -> Result<()> {
        let mut statement = self
            .0
            .prepare_cached("INSERT INTO exchange (args, body) VALUES (?1, ?2)")?;
        statement.execute((&exchange.sent.body, exchange.body()))?;
        Ok(())
    }

    fn find(&self, text: &str) -> Result<()> {
        let mut statement = self.0.prepare_cached(
            "SELECT id FROM exchange WHERE args LIKE ?1 OR CAST(body AS TEXT) LIKE ?1
             ORDER BY id DESC LIMIT 100",
        )?;
        let mut rows = statement.query([format!("%{text}%")])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    fn size(&self) -> Result<u64> {
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size: i64 = self.0.query_row(size, [], |row| row.get(0))?;
        Ok(size as u64)
    }
}

/// The middle of several runs, in milliseconds.
fn times<T>(mut work: impl FnMut() -> Result<T>) -> Result<Option<f64>> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work()?;
        times.push(milliseconds(start.elapsed()));
    }
    Ok(median(times))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_048_576.0)
}

const WORDS: [&str; 24] = [
    "north",
    "garden",
    "window",
    "Zürich",
    "river",
    "novakuova",
    "summer",
    "paper",
    "silver",
    "market",
    "harbour",
    "letter",
    "orange",
    "Łódź",
    "mountain",
    "quiet",
    "engine",
    "planet",
    "winter",
    "yellow",
    "bridge",
    "music",
    "forest",
    "stone",
];

/// A number that looks random and is the same every time.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn words(seed: u64, count: u64) -> String {
    let word = |at| {
        let mixed = mixed(seed + at);
        let word = WORDS[(mixed % WORDS.len() as u64) as usize];
        // Texts of people hold rare words, too.
        if mixed.is_multiple_of(7) {
            format!("{word}{}", mixed % 5000)
        } else {
            word.to_owned()
        }
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn uuid(record: u64) -> String {
    let (high, low) = (mixed(record), mixed(record + 7_777_777));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

fn email(record: u64) -> String {
    let name = WORDS[(mixed(record) % 20) as usize].to_lowercase();
    format!("{name}.{record}@example.com")
}

fn request_id(number: u64) -> String {
    let mut rest = mixed(number + 99_999_999);
    let mut id = String::new();
    for _ in 0..16 {
        id.push(char::from(
            b"abcdefghijklmnopqrstuvwxyz012345"[(rest % 32) as usize],
        ));
        rest = mixed(rest);
    }
    id
}

fn is_error(number: u64) -> bool {
    mixed(number).is_multiple_of(20)
}

fn exchange(number: u64) -> Exchange {
    let record = mixed(number + 1) % RECORDS;
    let (uuid, email) = (uuid(record), email(record));
    let request = ApiRequest::new(match mixed(number) % 10 {
        0 => Endpoint::EntityCreate,
        1..=3 => Endpoint::EntityUpdate,
        _ => Endpoint::EntityView,
    })
    .with("type_name", "user");
    let attributes = format!(
        r#"{{"givenName":"{}","email":"{email}","aboutMe":"{}"}}"#,
        words(record, 1),
        words(number, 8)
    );
    let request = match request.endpoint {
        Endpoint::EntityCreate => request.with("attributes", attributes),
        Endpoint::EntityUpdate => request
            .with("uuid", uuid.as_str())
            .with("attributes", attributes),
        _ => request.with("uuid", uuid.as_str()),
    };
    let body = if is_error(number) {
        format!(
            r#"{{"request_id":"{}","code":{},"error_description":"attribute does not exist: /{}","error":"unknown_attribute","stat":"error"}}"#,
            request_id(number),
            if number.is_multiple_of(3) { 223 } else { 361 },
            words(number, 1)
        )
    } else {
        answer(record, number, &uuid, &email)
    };
    let start = 1_700_000_000 + number as i64 * 60;
    Exchange {
        id: None,
        environment: ["dev", "prod", "sandbox"][(record % 3) as usize].to_owned(),
        sent: Sent {
            method: "POST".to_owned(),
            url: format!("https://my-app.janraincapture.com/{}", request.endpoint),
            headers: vec![("Authorization".to_owned(), "Basic ••••••••".to_owned())],
            body: request.to_form(),
        },
        request,
        started: Timestamp::from_second(start).unwrap_or_default(),
        elapsed: Duration::from_millis(mixed(number) % 400),
        timing: Timing::default(),
        outcome: Outcome::Answered(Answered::read(
            200,
            vec![("content-type".to_owned(), "application/json".to_owned())],
            body.into_bytes(),
        )),
    }
}

/// A record of about two kilobytes, as the service shows it.
fn answer(record: u64, number: u64, uuid: &str, email: &str) -> String {
    let mut body = format!(
        r#"{{"stat":"ok","result":{{"id":{record},"uuid":"{uuid}","created":"2024-03-{:02} 10:11:12.{:06} +0000","lastUpdated":"2026-11-{:02} 12:13:14.{:06} +0000","email":"{email}","givenName":"{}","familyName":"{}","aboutMe":"{}","primaryAddress":{{"address1":"{} {} Street","city":"{}","zip":"{:05}","country":"CH"}},"#,
        1 + record % 28,
        mixed(record) % 1_000_000,
        1 + number % 28,
        mixed(number) % 1_000_000,
        words(record, 1),
        words(record + 1, 1),
        words(number, 40),
        record % 900,
        words(record + 2, 1),
        words(record + 3, 1),
        mixed(record) % 100_000,
    );
    for at in 0..20 {
        body.extend(["\"attribute", &at.to_string(), "\":null,"]);
    }
    let status = |at: u64| {
        format!(
            r#"{{"id":{},"status":"{}","statusCreated":"2026-0{}-01 00:00:00 +0000"}}"#,
            record * 10 + at,
            words(record + at, 6),
            1 + at
        )
    };
    let statuses = (0..5).map(status).collect::<Vec<_>>().join(",");
    body.extend(["\"statuses\":[", &statuses, "]}}"]);
    body
}

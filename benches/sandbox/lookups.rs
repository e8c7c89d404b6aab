//! What a look-up costs with a thousand records and with many more: by a unique attribute, by pages after an id, by an
//! attribute with the feature `query`, by one without, and a count. Over HTTP, one call after another.
//!
//! The records are copies of one that the program itself made, written straight into its database: over HTTP a million
//! would take minutes. Each has its own e-mail address; ten share a city.

use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection as Sqlite;

use crate::ROUNDS;
use crate::figures::Result;
use crate::figures::cell;
use crate::figures::median;
use crate::figures::ratio;
use crate::server::Connection;
use crate::server::Server;
use crate::server::TYPE;
use crate::server::attributes;

/// How long one kind of call has its turn.
const TURN: Duration = Duration::from_millis(150);

const SMALL: u64 = 1_000;
const MIDDLE: u64 = 100_000;
const LARGE: u64 = 1_000_000;

/// What is asked: a name, an operation, its arguments for the record with a number, and the goal for its cost.
struct Question {
    name: &'static str,
    operation: &'static str,
    arguments: fn(Known) -> Vec<(&'static str, String)>,
    goal: &'static str,
}

/// A record of which something is asked.
struct Known {
    id: u64,
    number: u64,
}

const QUESTIONS: [Question; 6] = [
    Question {
        name: "entity by key_attribute",
        operation: "entity",
        arguments: |known| {
            let email = format!("\"{}\"", email(known.number));
            vec![("key_attribute", "email".to_owned()), ("key_value", email)]
        },
        goal: "<= 1.5",
    },
    Question {
        name: "find by a unique attribute",
        operation: "entity.find",
        arguments: |known| vec![("filter", format!("email = '{}'", email(known.number)))],
        goal: "<= 1.5",
    },
    Question {
        name: "find 100 after an id",
        operation: "entity.find",
        arguments: |known| {
            vec![
                ("filter", format!("id > {}", known.id)),
                ("sort_on", r#"["id"]"#.to_owned()),
                ("max_results", "100".to_owned()),
            ]
        },
        goal: "<= 1.5",
    },
    Question {
        name: "find 10 by a `query` attribute",
        operation: "entity.find",
        arguments: |known| vec![("filter", format!("city = '{}'", city(known.number)))],
        goal: "",
    },
    Question {
        name: "find 10 by any other attribute",
        operation: "entity.find",
        arguments: |known| vec![("filter", format!("street = '{}'", city(known.number)))],
        goal: "",
    },
    Question {
        name: "count of all",
        operation: "entity.count",
        arguments: |_| Vec::new(),
        goal: "",
    },
];

/// Measures and prints.
pub(crate) fn measure(large: bool) -> Result<()> {
    let sizes: &[u64] = if large {
        &[SMALL, MIDDLE, LARGE]
    } else {
        &[SMALL, MIDDLE]
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut filled = sizes
        .iter()
        .map(|size| Filled::make(&folder.path().join(size.to_string()), *size))
        .collect::<Result<Vec<_>>>()?;

    println!("a call over HTTP in microseconds, medians of {ROUNDS} rounds in turn");
    print!("{:<32}", "records");
    for size in sizes {
        print!(" {size:>9}");
    }
    println!(" {:>8}  goal", "ratio");
    for question in &QUESTIONS {
        let mut figures = vec![Vec::new(); sizes.len()];
        for round in 0..=ROUNDS {
            for (filled, figures) in filled.iter_mut().zip(&mut figures) {
                let figure = filled.ask(question)?;
                // The first round warms up.
                if round > 0 {
                    figures.push(figure);
                }
            }
        }
        let medians: Vec<Option<f64>> = figures.into_iter().map(median).collect();
        print!("{:<32}", question.name);
        for figure in &medians {
            print!(" {:>9}", cell(*figure));
        }
        let (first, last) = (medians[0], medians[medians.len() - 1]);
        println!(" {:>8}  {}", cell(ratio(last, first)), question.goal);
    }
    println!();
    Ok(())
}

/// A server over a database that holds this many records.
struct Filled {
    server: Server,
    size: u64,
    first_id: u64,
    random: u64,
}

impl Filled {
    fn make(folder: &Path, size: u64) -> Result<Self> {
        fs::create_dir(folder)?;
        let server = Server::start(folder)?;
        server.make_type(true)?;
        let attributes = attributes("000000000000", "City");
        let arguments = [("type_name", TYPE), ("attributes", attributes.as_str())];
        let created = server.call("entity.create", &arguments)?;
        let template = created["id"].as_u64().ok_or("no id")?;
        server.stop()?;
        let first_id = template + 1_000;
        copy(&folder.join("sandbox.db"), template, first_id, size)?;
        let server = Server::start(folder)?;
        Ok(Self {
            server,
            size,
            first_id,
            random: 1,
        })
    }

    /// The mean time of a call, in microseconds, asking for another record each time.
    fn ask(&mut self, question: &Question) -> Result<f64> {
        // A new one for every turn: idle ones are closed, and filling the next database takes its time.
        let mut connection = Connection::open(&self.server)?;
        let started = Instant::now();
        let mut asked = 0_u32;
        let mut taken = Duration::ZERO;
        while asked == 0 || started.elapsed() < TURN {
            let number = self.any();
            let known = Known {
                id: self.first_id + number,
                number,
            };
            let arguments = (question.arguments)(known);
            let mut arguments: Vec<(&str, &str)> = arguments
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            arguments.push(("type_name", TYPE));
            let request = self.server.request(question.operation, &arguments);
            let sent = Instant::now();
            connection.send(&request)?;
            connection.receive()?;
            taken += sent.elapsed();
            asked += 1;
        }
        Ok(taken.as_secs_f64() * 1e6 / f64::from(asked))
    }

    /// A record's number, not among the last ones: a page of 100 follows it.
    fn any(&mut self) -> u64 {
        // Knuth's multiplier; the high bits are good enough here.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        1 + (self.random >> 20) % (self.size - 101)
    }
}

fn email(number: u64) -> String {
    format!("user{number:012}@example.com")
}

fn city(number: u64) -> String {
    format!("City {}", number / 10)
}

/// Writes `size` copies of the record `template` with ids after `first_id`, and the rows by which they are found.
fn copy(file: &Path, template: u64, first_id: u64, size: u64) -> Result<()> {
    let mut database = Sqlite::open(file)?;
    // Nothing here has to survive a crash.
    database.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
    let transaction = database.transaction()?;
    transaction.execute_batch(&format!(
        "CREATE TEMP TABLE copies AS
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size})
             SELECT n, {first_id} + n AS id, 'City ' || (n / 10) AS city,
                 printf('user%012d@example.com', n) AS email FROM numbers;
         INSERT INTO records (id, type_id, uuid, created, last_updated, since, body)
             SELECT copies.id, type_id,
                 lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-'
                     || hex(randomblob(2)) || '-' || hex(randomblob(6))),
                 created, last_updated, since,
                 jsonb_set(body, '$.email', email, '$.city', city, '$.street', city)
             FROM copies, records AS template WHERE template.id = {template} ORDER BY copies.id;
         INSERT INTO unique_values (type_id, attribute, value, record_id, element_id)
             SELECT type_id, attribute, replace(value, 'user000000000000@example.com', email), copies.id, element_id
             FROM copies, unique_values AS template WHERE template.record_id = {template} ORDER BY n;
         INSERT INTO query_values (type_id, attribute, value, record_id, element_id)
             SELECT type_id, attribute, city, copies.id, element_id
             FROM copies, query_values AS template WHERE template.record_id = {template} ORDER BY city;
         UPDATE application SET next_id = {first_id} + {size} + 1;"
    ))?;
    transaction.commit()?;
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

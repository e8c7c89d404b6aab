//! Durable creates per second: over HTTP with 1, 16 and 64 connections; the same rows by plain SQLite, one transaction
//! each; and by PostgreSQL, where it is installed.

use std::num::NonZero;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection as Sqlite;
use rustix::event::PollFd;
use rustix::event::PollFlags;
use rustix::event::poll;

use crate::ROUNDS;
use crate::figures::Result;
use crate::figures::cell;
use crate::figures::median;
use crate::figures::ratio;
use crate::postgres::Postgres;
use crate::server::Connection;
use crate::server::Server;
use crate::server::TYPE;
use crate::server::attributes;

/// How long one way of creating has its turn.
const TURN: Duration = Duration::from_secs(1);

/// Stands where a record's number goes.
const PLACE: &str = "000000000000";

/// Measures and prints.
pub(crate) fn measure() -> Result<()> {
    // Not in the system's folder for temporary files, which may be no disk.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let server = Server::start(&folder.path().join("captui"))?;
    server.make_type(false)?;
    let mut plain = Plain::open(&folder.path().join("plain.db"))?;
    let postgres = Postgres::start(&attributes(PLACE, "Ghent"));

    let number = AtomicU64::new(0);
    let mut figures: [Vec<f64>; 5] = Default::default();
    for round in 0..=ROUNDS {
        let mut turns = vec![
            creates(&server, 1, &number)?,
            creates(&server, 16, &number)?,
            creates(&server, 64, &number)?,
            plain.creates(&number)?,
        ];
        if let Ok(postgres) = &postgres {
            turns.push(postgres.creates(64)?);
        }
        // The first round warms up.
        if round > 0 {
            for (figures, turn) in figures.iter_mut().zip(turns) {
                figures.push(turn);
            }
        }
    }
    let [one, some, many, plain, theirs] = figures.map(median);
    println!(
        "durable creates of 0.7 KB, medians of {ROUNDS} rounds in turn; peak memory {} MiB",
        cell(server.peak_mib())
    );
    println!("{:<40} {:>9}", "", "per second");
    for (what, figure) in [
        ("captui over HTTP, 1 connection", one),
        ("captui over HTTP, 16 connections", some),
        ("captui over HTTP, 64 connections", many),
        ("plain SQLite, 1 connection, no HTTP", plain),
        ("PostgreSQL, local socket, 64 connections", theirs),
    ] {
        println!("{what:<40} {:>9}", cell(figure));
    }
    if let Err(reason) = &postgres {
        println!("PostgreSQL was left out: {reason}");
    }
    println!("{:<40} {:>9}  goal", "", "ratio");
    for (what, figure, goal) in [
        ("64 connections / 1 connection", ratio(many, one), ">= 5"),
        (
            "64 connections / PostgreSQL's 64",
            ratio(many, theirs),
            ">= 1.5",
        ),
        ("64 connections / plain SQLite", ratio(many, plain), ""),
    ] {
        println!("{what:<40} {:>9}  {goal}", cell(figure));
    }
    println!();
    Ok(())
}

/// Acknowledged creates per second over this many connections, each of which waits for its answer.
fn creates(server: &Server, connections: usize, number: &AtomicU64) -> Result<f64> {
    // The other half of the machine is the server's: more callers would take turns with it for nothing.
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // A power of two, as the numbers of connections are.
    let threads = (1 << (cores / 2).max(1).ilog2()).min(connections);
    let started = Instant::now();
    let done = thread::scope(|scope| {
        let callers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    call_on(server, connections / threads, started, number)
                        // Errors of threads are told as text.
                        .map_err(|error| error.to_string())
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().expect("a caller does not panic"))
            .sum::<std::result::Result<u64, String>>()
    })?;
    Ok(done as f64 / started.elapsed().as_secs_f64())
}

fn call_on(
    server: &Server,
    connections: usize,
    started: Instant,
    number: &AtomicU64,
) -> Result<u64> {
    let attributes = attributes(PLACE, "Ghent");
    let arguments = [("type_name", TYPE), ("attributes", attributes.as_str())];
    let mut request = server.request("entity.create", &arguments);
    let place = memchr::memmem::find(&request, PLACE.as_bytes()).ok_or("no place for a number")?;
    let mut next = move || {
        let number = format!("{:012}", number.fetch_add(1, Ordering::Relaxed));
        request[place..place + PLACE.len()].copy_from_slice(number.as_bytes());
        request.clone()
    };
    let mut open = (0..connections)
        .map(|_| Connection::open(server))
        .collect::<Result<Vec<_>>>()?;
    for connection in &mut open {
        connection.send(&next())?;
    }
    let mut waiting = connections;
    let mut done = 0;
    while waiting > 0 {
        for place in readable(&open)? {
            let connection = &mut open[place];
            if connection.read_on()?.is_none() {
                continue;
            }
            done += 1;
            if started.elapsed() < TURN {
                connection.send(&next())?;
            } else {
                waiting -= 1;
            }
        }
    }
    Ok(done)
}

/// Waits until an answer comes, and tells on which connections.
fn readable(connections: &[Connection]) -> Result<Vec<usize>> {
    let mut polled: Vec<PollFd<'_>> = connections
        .iter()
        .map(|connection| PollFd::from_borrowed_fd(connection.stream().as_fd(), PollFlags::IN))
        .collect();
    poll(&mut polled, None)?;
    let ready = polled.iter().enumerate();
    Ok(ready
        .filter(|(_, polled)| !polled.revents().is_empty())
        .map(|(place, _)| place)
        .collect())
}

/// SQLite as a program without a server would use it: one connection, one synced transaction per row.
struct Plain(Sqlite);

impl Plain {
    fn open(file: &Path) -> Result<Self> {
        let connection = Sqlite::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE records (
                 id INTEGER PRIMARY KEY,
                 uuid TEXT NOT NULL UNIQUE,
                 created TEXT NOT NULL,
                 last_updated TEXT NOT NULL,
                 email TEXT NOT NULL UNIQUE,
                 body TEXT NOT NULL
             ) STRICT;",
        )?;
        Ok(Self(connection))
    }

    fn creates(&mut self, number: &AtomicU64) -> Result<f64> {
        let mut insert = self.0.prepare(
            "INSERT INTO records (uuid, created, last_updated, email, body)
             VALUES (hex(randomblob(16)), datetime('now'), datetime('now'), ?1, ?2)",
        )?;
        let started = Instant::now();
        let mut done = 0_u64;
        while started.elapsed() < TURN {
            let number = format!("{:012}", number.fetch_add(1, Ordering::Relaxed));
            let email = format!("user{number}@example.com");
            insert.execute((email, attributes(&number, "Ghent")))?;
            done += 1;
        }
        Ok(done as f64 / started.elapsed().as_secs_f64())
    }
}

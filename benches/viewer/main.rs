//! Measures the document engine: how soon a text of any size can be looked at, what its index takes, and what folding,
//! jumping and searching cost, beside what the machine can do with the same bytes in the same run.
//!
//! `cargo bench --bench viewer` takes about a minute; `-- --large` adds a text of 1 GB, `-- --only NAME` measures one.
//! Times on a shared machine mean little alone: read the ratios. `-- write SHAPE SIZE FILE` writes such a text instead,
//! for measuring whole programs; shapes are those of `data.rs`, sizes like `100M`. It never fails because of a time.

mod data;
#[path = "../figures/mod.rs"]
mod figures;

use std::fs::File;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use captui::json::bytes::Bytes;
use captui::json::document::Document;
use captui::json::document::NodeId;
use captui::json::rows::Rows;
use captui::json::search::Case;
use captui::json::search::Options;
use captui::json::search::Query;
use captui::json::search::Scope;
use captui::json::search::Search;
use captui::json::search::Searcher;
use serde::de::IgnoredAny;

use crate::data::Shape;
use crate::figures::Result;
use crate::figures::cell;
use crate::figures::median;
use crate::figures::ratio;

/// Rounds that count.
const ROUNDS: usize = 5;
/// What is read or searched between two looks at what the user wants.
const STEP: usize = 1024 * 1024;
/// Rows of a screen, and bytes of each that are looked at.
const SCREEN: usize = 40;
const WIDTH: usize = 480;

fn main() -> ExitCode {
    figures::main("viewer", measure)
}

fn measure() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    if let [verb, shape, size, file] = arguments.as_slice()
        && verb == "write"
    {
        let shape = Shape::named(shape).ok_or("there is no such shape")?;
        let size = data::size(size).ok_or("this is no size")?;
        return Ok(shape.write(size, File::create(file)?)?);
    }
    let only = arguments.iter().position(|arg| arg == "--only");
    let only = only.and_then(|at| arguments.get(at + 1));
    let is_large = arguments.iter().any(|arg| arg == "--large");
    let texts = [
        ("find 1K", Shape::Find, 1_000),
        ("find 1M", Shape::Find, 1_000_000),
        ("find 10M", Shape::Find, 10_000_000),
        ("find 100M", Shape::Find, 100_000_000),
        ("lines 100M", Shape::Lines, 100_000_000),
        ("pretty 100M", Shape::Pretty, 100_000_000),
        ("deep", Shape::Deep, 100_000),
        ("deep arrays", Shape::DeepArrays, 100_000),
        ("string 50M", Shape::BigString, 50_000_000),
        ("keys 1M", Shape::Keys, 1_000_000),
        ("numbers 10M", Shape::Numbers, 10_000_000),
        ("find 1G", Shape::Find, 1_000_000_000),
    ];
    for (name, shape, size) in texts {
        let is_asked = only.map_or(is_large || name != "find 1G", |only| only == name);
        if is_asked {
            let bytes: Bytes = shape.text(size)?.into();
            println!("{name}: {:.1} MB", bytes.len() as f64 / 1e6);
            text(&bytes)?;
        }
    }
    Ok(())
}

/// The middle of some rounds, in milliseconds.
fn time<T>(mut run: impl FnMut() -> T) -> Option<f64> {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64() * 1e3
    });
    median(rounds.collect::<Vec<_>>())
}

fn line(name: &str, ours: Option<f64>, floor_name: &str, floor: Option<f64>) {
    let (ours_cell, times) = (cell(ours), cell(ratio(ours, floor)));
    println!("  {name:<44} {ours_cell:>9} ms {times:>9} x {floor_name}");
}

fn text(bytes: &Bytes) -> Result<()> {
    let mut copy = vec![0; bytes.len()];
    let memcpy = time(|| copy.copy_from_slice(bytes));
    drop(copy);
    let memchr = time(|| memchr::memchr(0, bytes));
    let memmem = time(|| memchr::memmem::find(bytes, b"no such text"));
    line("floor: memcpy", memcpy, "memchr", memchr);
    line("floor: memchr", memchr, "memcpy", memcpy);
    let first = time(|| {
        let (document, _) = Document::open(bytes.clone());
        screen(&document, &Rows::new(&document), 0)
    });
    line("first screen", first, "memchr", memchr);
    let mut slowest: f64 = 0.0;
    let whole = time(|| {
        let (mut document, mut indexer) = Document::open(bytes.clone());
        let mut rows = Rows::new(&document);
        while let Some(piece) = indexer.as_mut().and_then(|indexer| indexer.step(STEP)) {
            let start = Instant::now();
            document.absorb(piece);
            rows.grow(&document);
            slowest = slowest.max(start.elapsed().as_secs_f64() * 1e3);
        }
        rows.len()
    });
    let skip = time(|| serde_json::from_slice::<IgnoredAny>(bytes).is_ok());
    line("everything read", whole, "serde_json skipping it", skip);
    line("everything read", whole, "memcpy", memcpy);
    line(
        "  slowest piece taken in",
        Some(slowest),
        "everything",
        whole,
    );
    let document = Document::parse(bytes.clone());
    let share = document.memory() as f64 / bytes.len() as f64;
    println!(
        "  {:<44} {:>9.2} MB {share:>9.3} x bytes, {} nodes",
        "index",
        document.memory() as f64 / 1e6,
        document.len()
    );
    folds(&document, memcpy);
    searches(&document, memmem)
}

/// What drawing a screen looks at.
fn screen(document: &Document, rows: &Rows, top: usize) -> usize {
    let row = |node: NodeId| {
        let key = document
            .key_text_head(node, WIDTH)
            .map_or(0, |key| key.len());
        let count = document.child_count(node) + usize::from(rows.is_folded(document, node));
        key + count + document.text_head(node, WIDTH).len() + document.depth(node)
    };
    rows.window(document, top).take(SCREEN).map(row).sum()
}

fn folds(document: &Document, memcpy: Option<f64>) {
    let mut rows = Rows::new(document);
    line(
        "jump to the end",
        time(|| screen(document, &rows, rows.len().saturating_sub(SCREEN))),
        "memcpy",
        memcpy,
    );
    let mut at = 1_usize;
    let mut screens: Vec<f64> = (0..200)
        .map(|_| {
            at = at
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let start = Instant::now();
            black_box(screen(document, &rows, (at >> 16) % rows.len().max(1)));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    screens.sort_by(f64::total_cmp);
    for (name, place) in [("middle", 100), ("99th", 197)] {
        let name = format!("a screen anywhere, {name} of 200");
        line(&name, screens.get(place).copied(), "memcpy", memcpy);
    }
    line(
        "fold all",
        time(|| rows.fold_all(document)),
        "memcpy",
        memcpy,
    );
    line(
        "fold to level 3",
        time(|| rows.fold_to_level(document, 3)),
        "memcpy",
        memcpy,
    );
    line(
        "unfold all",
        time(|| rows.unfold_all(document)),
        "memcpy",
        memcpy,
    );
    let Some(last) = rows.node_at(document, rows.len() - 1) else {
        return;
    };
    let reveal = time(|| {
        rows.fold_all(document);
        rows.reveal(document, last)
    });
    line("fold all, show the last node", reveal, "memcpy", memcpy);
    let deepest = document
        .nodes()
        .max_by_key(|node| document.depth(*node))
        .unwrap_or(last);
    line(
        "path of the deepest node, its end",
        time(|| document.path_tail(deepest, 20)),
        "memcpy",
        memcpy,
    );
    line(
        "path of the deepest node, whole",
        time(|| document.attr_path(deepest)),
        "memcpy",
        memcpy,
    );
    let place = time(|| document.line_and_column(document.offset(last)));
    line("line and column of the last node", place, "memcpy", memcpy);
    rows.unfold_all(document);
    let inner = rows.window(document, 1).next().unwrap_or(last);
    line(
        "fold and unfold the first container",
        time(|| {
            rows.toggle(document, inner);
            rows.toggle(document, inner);
        }),
        "memcpy",
        memcpy,
    );
}

fn searches(document: &Document, memmem: Option<f64>) -> Result<()> {
    line("floor: memmem", memmem, "memmem", memmem);
    let plain = Options::default();
    let exact = Options {
        case: Case::Exact,
        ..plain
    };
    let regex = Options {
        regex: true,
        ..plain
    };
    let keys = Options {
        scope: Scope::Keys,
        ..plain
    };
    for (name, looked_for, options) in [
        ("search, absent, exact", "no such text", exact),
        ("search, absent, smart case", "no such text", plain),
        ("search, absent, not ASCII", "nö such text", plain),
        ("search, absent expression", "^no such .* text$", regex),
        ("search, frequent", "id", plain),
        ("search, frequent, in keys", "id", keys),
    ] {
        let query = Query::new(looked_for, options)?;
        let mut search = Search::new(query.clone());
        let took = time(|| {
            search = Search::new(query.clone());
            let mut searcher = Searcher::new(query.clone(), document.clone());
            while let Some(found) = searcher.step(STEP) {
                search.absorb(found);
            }
        });
        line(
            &format!("{name}: {} hits", search.count()),
            took,
            "memmem",
            memmem,
        );
        if search.count() > 0 {
            let middle = document.bytes().len() / 2;
            let next = time(|| {
                (
                    search.next(document, middle),
                    search.previous(document, middle),
                )
            });
            line(
                "  next and previous from the middle",
                next,
                "memmem",
                memmem,
            );
        }
    }
    Ok(())
}

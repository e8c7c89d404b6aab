//! Measures what a key costs in forms of ten thousand attributes and of ten thousand elements, and in designs of ten
//! thousand attributes: from the key to the drawn screen, and how much of it is judging what is typed.
//!
//! `cargo bench --bench form` presses keys on the explorer's model, without a terminal, and prints the middle, the 99th
//! percentile and the slowest in milliseconds. The goals: 16 ms to the screen, 1 ms for judging. It never fails because
//! of a time. Absent: the terminal's own time, which `start` measures.

mod figures;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use captui::capture::json::Json;
use captui::capture::schema;
use captui::capture::schema::EntityType;
use captui::config::environment::Environment;
use captui::tui::model::Model;
use captui::tui::msg::Msg;
use captui::tui::session::PaneId;
use captui::tui::session::View;
use captui::tui::theme::Theme;
use captui::tui::update::update;
use captui::tui::view::view;
use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use crate::figures::Result;
use crate::figures::cell;
use crate::figures::median;
use crate::figures::ratio;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
const MANY: usize = 10_000;
/// How long a key may take to the screen at most.
const GOAL_MS: f64 = 16.0;
/// How often each series of keys is pressed.
const ROUNDS: usize = 30;

/// A series of keys, what it is called, and where the cursor is put before it.
struct Series {
    name: &'static str,
    start: &'static str,
    /// Not measured.
    before: &'static str,
    keys: &'static str,
    /// Not measured.
    after: &'static str,
}

const fn series(name: &'static str, start: &'static str, keys: &'static str) -> Series {
    Series {
        name,
        start,
        before: "",
        keys,
        after: "",
    }
}

/// Letters alone: editing has begun, and ends without being measured.
const fn letters(name: &'static str, start: &'static str, keys: &'static str) -> Series {
    Series {
        name,
        start,
        before: "\n",
        keys,
        after: "\u{1b}u",
    }
}

fn main() -> ExitCode {
    figures::main("form", measure)
}

fn measure() -> Result<()> {
    println!(
        "{:<38} {:>8} {:>8} {:>8} {:>8} {:>16}",
        format!("{COLUMNS}x{ROWS}, a key in milliseconds"),
        "middle",
        "p99",
        "slowest",
        "p99/16",
        "p99 undrawn"
    );
    wide()?;
    long()?;
    design(true)?;
    design(false)
}

/// The design of ten thousand attributes, those of a stored type or new ones, beside what is going to be sent.
fn design(is_stored: bool) -> Result<()> {
    let mut form = Form::new("[]", None)?;
    let of = if is_stored { "stored" } else { "new" };
    let (defs, _) = schema::read_attr_defs(&Json::parse(&plain(MANY))?);
    if is_stored {
        let stored = Arc::new(EntityType::create("t", defs));
        form.model.schema.open(&stored);
    } else {
        form.model.schema.begin("t", &defs);
    }
    form.model.show(View::Schema);
    form.model.response.toggle_wire();
    form.model.relayout();
    println!("a design of {MANY} {of} attributes, what is going to be sent beside it");
    let after = |name, before, keys, after| Series {
        name,
        start: "",
        before,
        keys,
        after,
    };
    form.press_all(&[
        series("move", "", "jjjjjkkkJKGjk"),
        after("write a name", "G\n\n", "abcdef", "\u{1b}\u{1b}u\t"),
        after("set and unset", "G\njjjjj", "      ", "\u{1b}\t"),
        after("add, remove, take back", "G", "dduuu", "\t"),
        after("  what is put off until a pause", "Gd", "\t", "u\t"),
        series("filter", "", "/a99\n/\u{1b}"),
    ]);
    Ok(())
}

/// So many attributes of every plain type.
fn plain(count: usize) -> String {
    let types = ["string", "integer", "date", "boolean", "dateTime"];
    let defs: Vec<String> = (0..count)
        .map(|at| format!(r#"{{"name":"a{at}","type":"{}"}}"#, types[at % types.len()]))
        .collect();
    format!("[{}]", defs.join(","))
}

/// Ten thousand attributes of every plain type.
fn wide() -> Result<()> {
    let mut form = Form::new(&plain(MANY), None)?;
    println!("{MANY} attributes");
    form.press_all(&[
        series("move", "a5000", "jjjjjkkkJKGjk"),
        series("write a text", "a5005", "\nsome text\u{1b}u"),
        series("write a date", "a5002", "\n1985-02-29\u{1b}u"),
        letters("  each letter of a date, judged", "a5002", "1985-02-29"),
        series("absent, null, empty, back, forth", "a5000", "-0x-uuUU"),
        series("filter", "a5000", "/a99\n/\u{1b}"),
    ]);
    Ok(())
}

/// A plural of ten thousand elements, whose keys must differ.
fn long() -> Result<()> {
    let defs = r#"[{"name":"items","type":"plural","attr_defs":[
        {"name":"key","type":"string","length":40,"constraints":["required","locally-unique"]},
        {"name":"since","type":"date"},{"name":"note","type":"string"},{"name":"on","type":"boolean"}]}]"#;
    let items: Vec<String> = (0..MANY)
        .map(|at| format!(r#"{{"key":"key {at}","since":"2020-01-01","note":"number {at}"}}"#))
        .collect();
    let record = Json::parse(&format!(r#"{{"items":[{}]}}"#, items.join(",")))?;
    let mut form = Form::new(defs, Some(&record))?;
    println!("a plural of {MANY} elements");
    form.press_all(&[
        series("move", "items[5000]", "jjjjjkkkJKGjk"),
        series("fold and unfold", "items", "\n\njl h"),
        series("write what must differ", "items[5000].key", "\n7\u{1b}u"),
        letters("  each letter of it, judged", "items[5000].key", "778899"),
        series("add, write, take back", "items[5000]", "akey 77\u{1b}uu"),
        series(
            "clone, move, delete, back, forth",
            "items[5000]",
            "c]][duUu",
        ),
        series("leave the plural out, and back", "items", "xu-u"),
        series("filter", "items", "/note\n/\u{1b}"),
    ]);
    Ok(())
}

/// The explorer with a form in it.
struct Form {
    model: Model,
    terminal: Terminal<TestBackend>,
    now: Timestamp,
}

impl Form {
    fn new(defs: &str, record: Option<&Json>) -> Result<Self> {
        let (defs, _) = schema::read_attr_defs(&Json::parse(defs)?);
        let schema = Arc::new(EntityType::create("t", defs));
        let now: Timestamp = "2026-03-01T12:00:00Z".parse()?;
        let area = Rect::new(0, 0, COLUMNS, ROWS);
        let environment = Environment::embedded_sandbox();
        let mut model = Model::new(&environment, Theme::sixteen_colours(), area, now);
        model.form.open(&schema, now);
        if let Some(record) = record {
            model.form.load(record);
        }
        model.focus = PaneId::Form;
        model.relayout();
        let mut form = Self {
            model,
            terminal: Terminal::new(TestBackend::new(COLUMNS, ROWS))?,
            now,
        };
        form.press('j');
        Ok(form)
    }

    fn press_all(&mut self, series: &[Series]) {
        for series in series {
            let mut times = Vec::new();
            for _ in 0..ROUNDS {
                if let Ok(path) = series.start.parse() {
                    self.model.form.go_to(&path);
                }
                series.before.chars().for_each(|key| {
                    self.press(key);
                });
                times.extend(series.keys.chars().map(|key| self.press(key)));
                series.after.chars().for_each(|key| {
                    self.press(key);
                });
            }
            let drawn: Vec<f64> = times.iter().map(|(_, drawn)| *drawn).collect();
            let updated = times.iter().map(|(updated, _)| *updated);
            let late = percentile(&drawn, 99);
            println!(
                "  {:<36} {:>8} {:>8} {:>8} {:>8} {:>16}",
                series.name,
                cell(median(drawn.iter().copied())),
                cell(late),
                cell(percentile(&drawn, 100)),
                cell(ratio(late, Some(GOAL_MS))),
                cell(percentile(&updated.collect::<Vec<_>>(), 99))
            );
        }
    }

    /// Presses a key: how long it took until the model was up to date, and until the screen was.
    fn press(&mut self, key: char) -> (f64, f64) {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            key => KeyCode::Char(key),
        };
        let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        // A pause stands for itself.
        let msg = match key {
            '\t' => Msg::Tick,
            _ => Msg::Terminal(event),
        };
        let started = Instant::now();
        update(&mut self.model, msg, self.now);
        let updated = started.elapsed();
        let model = &self.model;
        self.terminal
            .draw(|frame| view(model, frame))
            .expect("nothing can fail in memory");
        let drawn = started.elapsed();
        (updated.as_secs_f64() * 1e3, drawn.as_secs_f64() * 1e3)
    }
}

/// The figure that so many percent do not exceed.
fn percentile(figures: &[f64], percent: usize) -> Option<f64> {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1)?;
    figures.get(last * percent / 100).copied()
}

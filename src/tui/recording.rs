//! Recordings of the explorer: `--record FILE` writes what happens to it, `--replay FILE` plays that back.
//!
//! ```text
//!   Msg ──▶ update ──▶ Model                 Recorder::note(&Msg) ──▶ a thread: masks, one line of JSON, FILE
//!
//!   FILE ──▶ Replay::step ──▶ Msg ──▶ update ──▶ Model ──▶ the same screens; what it asks for is not done
//! ```
//!
//! What is written are the inputs of [`crate::tui::update::update`], each with its moment: the terminal's events as they
//! came, and the ends of jobs as the exchanges that brought them ([`mod@line`]). The state follows from these alone, so that
//! nothing of it has a form on the disk. A result that has none either is a gap: the replay stops there and says what is
//! missing.
//!
//! Nothing is written that a replay does not need and others must not have: keys that go into a password are dots and those
//! that go into something personal its shape ([`typed`]), calls and answers go through the veil of all that is handed over
//! (`veiled`), and what is left of secrets and e-mail addresses goes last ([`scrub`]). The replay plays the mask. Each line is written at once and whole, so that a crash loses none.
//! Deliberately absent: the files, clipboards and texts that the explorer gives out.

pub mod line;
mod pasted;
pub mod player;
pub mod replay;
pub mod scrub;
pub mod typed;
mod veiled;

use std::collections::HashSet;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

use crossterm::event::Event as TerminalEvent;
use crossterm::event::KeyCode;
use crossterm::event::KeyModifiers;
use jiff::Timestamp;

use crate::capture::endpoint::ClientFeature;
use crate::config::environment::Environment;
use crate::config::environment::Target;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::panes::form::json::text::without_secrets;
use crate::tui::recording::line::Desk;
use crate::tui::recording::line::Header;
use crate::tui::recording::line::Line;
use crate::tui::recording::line::NotHeld;
use crate::tui::recording::line::What;
use crate::tui::recording::scrub::Scrubber;
use crate::tui::recording::typed::Names;
use crate::tui::recording::typed::Typed;
use crate::tui::recording::typed::dots;
use crate::tui::recording::veiled::Veiled;
use crate::worker::job::Event;
use crate::worker::job::JobError;
use crate::worker::job::Output;

/// How long the end of the program waits for a disk that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Writes a recording. Dropping it writes what waits.
pub struct Recorder {
    path: PathBuf,
    started: Timestamp,
    writer: Sender<Order>,
    thread: Option<JoinHandle<Option<io::Error>>>,
    /// The answers whose bodies were asked for, in that order.
    bodies: Vec<Arc<Exchange>>,
}

/// Writes what waits of a recording, from another thread than the one that has the recorder.
#[derive(Clone)]
pub struct Finisher {
    path: PathBuf,
    writer: Sender<Order>,
}

/// What the writing thread is asked for.
enum Order {
    /// Write a line.
    Note(u64, Box<Noted>),
    /// Write where the program panicked, and tell when all before it is written.
    Finish(Option<String>, Sender<()>),
    /// Nothing comes any more, although others could still ask for something.
    End,
}

/// A message on its way to the thread: what takes time there is not done yet.
enum Noted {
    Ready(What),
    Worker(Event),
    /// A text of the user's that goes where no field is: it is read to find what is secret in it.
    Pasted(String, Names, fn(String) -> What),
}

impl Recorder {
    /// Begins a recording in a new file that only its owner can read. Fails when there is a file already.
    pub fn create(
        path: &Path,
        environment: &Environment,
        model: &Model,
        keeps_drafts: bool,
    ) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let started = model.session.now;
        let header = header(environment, model, started, keeps_drafts);
        write_line(&mut file, &serde_json::to_value(header)?)?;
        let (writer, orders) = channel();
        let thread = std::thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || Writing::new(file).work(&orders))?;
        Ok(Self {
            path: path.to_owned(),
            started,
            writer,
            thread: Some(thread),
            bodies: Vec::new(),
        })
    }

    /// Something that writes what waits, for other threads.
    pub fn finisher(&self) -> Finisher {
        Finisher {
            path: self.path.clone(),
            writer: self.writer.clone(),
        }
    }

    /// Notes what is going to happen at `now` to the explorer as it is.
    pub fn note(&self, msg: &Msg, now: Timestamp, model: &Model) {
        let at = now.duration_since(self.started).as_micros();
        let order = Order::Note(
            u64::try_from(at).unwrap_or_default(),
            Box::new(self.noted(msg, model)),
        );
        // A thread that ended for a full disk hears nothing more; that is told at the end.
        let _ = self.writer.send(order);
    }

    /// Notes what the explorer asked for: answers to it are told from each other so.
    pub fn note_asked(&mut self, effect: &Effect) {
        if let Effect::ReadBody(exchange, _) = effect {
            self.bodies.push(Arc::clone(exchange));
        }
    }

    fn noted(&self, msg: &Msg, model: &Model) -> Noted {
        let ready = match msg {
            Msg::Terminal(event) => return terminal(event, model),
            Msg::Worker(event) => return Noted::Worker(event.clone()),
            Msg::BodyRead(exchange, _) => {
                let mut asked = self.bodies.iter();
                match asked.position(|asked| Arc::ptr_eq(asked, exchange)) {
                    Some(at) => What::Body(at),
                    None => What::Gap("an answer that nobody asked for".to_owned()),
                }
            }
            Msg::ClipboardRead(Ok(text)) => {
                return Noted::Pasted(text.clone(), names(model), |text| What::Clipboard(Ok(text)));
            }
            Msg::ClipboardRead(Err(reason)) => What::Clipboard(Err(reason.clone())),
            Msg::PasteRead(text, _) => {
                return Noted::Pasted(text.clone(), names(model), What::Taken);
            }
            Msg::FilesRead(files) => files_read(files, &names(model)),
            Msg::SchemaRead(Ok(read)) if read.repaired.is_some() => {
                What::Gap("a schema that was repaired before it could be read".to_owned())
            }
            Msg::SchemaRead(read) => What::Schema(
                read.as_ref()
                    .map(|read| read.to_text())
                    .map_err(Clone::clone),
            ),
            Msg::Inferred(_) => What::Inferred(()),
            Msg::PathsFound(typed, found) => What::Paths(typed.clone(), found.clone()),
            Msg::Copied(said) => What::Copied(said.clone()),
            Msg::Edited(Ok(text)) if model.form.is_secret_outside() => What::Edited(Ok(dots(text))),
            Msg::Edited(Ok(text)) => {
                What::Edited(Ok(without_secret_lines(text, names(model).secrets())))
            }
            Msg::Edited(Err(reason)) => What::Edited(Err(reason.clone())),
            Msg::Viewer(_) => What::Viewed(()),
            // Only the explorer is recorded, which looks at no files.
            Msg::Feed(_) => What::Gap("a file that was looked at".to_owned()),
            Msg::Shown(result) => What::Shown(result.clone()),
            Msg::Drafts(event) => match Desk::of(event) {
                Ok(event) => What::Drafts(event),
                Err(NotHeld(what)) => What::Gap(what.to_owned()),
            },
            Msg::Tick => What::Tick(()),
            Msg::Continued => What::Continued(()),
        };
        Noted::Ready(ready)
    }

    /// Writes what waits and ends the recording. The error, if there was one, ended it before.
    pub fn finish(mut self) -> io::Result<()> {
        // A thread that has ended already says why below.
        let _ = self.writer.send(Order::End);
        let ended = self.thread.take().map(JoinHandle::join);
        match ended {
            Some(Ok(Some(error))) => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.finisher().finish(None);
        }
    }
}

impl Finisher {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what waits, and then where the program panicked, if it did.
    pub fn finish(&self, panicked: Option<String>) {
        let (done, told) = channel();
        if self.writer.send(Order::Finish(panicked, done)).is_ok() {
            // A disk that does not answer keeps nobody here.
            let _ = told.recv_timeout(PATIENCE);
        }
    }
}

fn header(
    environment: &Environment,
    model: &Model,
    started: Timestamp,
    keeps_drafts: bool,
) -> Header {
    Header {
        recording: line::VERSION,
        captui: env!("CARGO_PKG_VERSION").to_owned(),
        started: started.to_string(),
        size: (model.area.width, model.area.height),
        environment: described(environment),
        others: model.session.environments.iter().map(described).collect(),
        patience: u64::try_from(model.session.patience.as_millis()).unwrap_or(u64::MAX),
        drafts: keeps_drafts,
        keys: model.keymap.chosen().to_vec(),
    }
}

/// An environment without what leads to its secret.
fn described(environment: &Environment) -> line::Environment {
    let features = environment.features.as_ref().map(|features| {
        let names = features
            .iter()
            .map(|feature: &ClientFeature| feature.name());
        names.map(str::to_owned).collect()
    });
    line::Environment {
        name: environment.name.clone(),
        class: environment.class.name().to_owned(),
        domain: match &environment.target {
            Target::Embedded => None,
            Target::Remote { domain, .. } => Some(domain.clone()),
        },
        read_only: environment.read_only,
        features,
    }
}

/// The names of all attributes that are known to hold secrets or personal data.
fn names(model: &Model) -> Names {
    Names::of_all(model.session.schemas.values().map(|schema| &**schema))
}

/// What the terminal told, without what is typed into a secret.
fn terminal(event: &TerminalEvent, model: &Model) -> Noted {
    let mut event = event.clone();
    match &mut event {
        TerminalEvent::Key(key) => {
            let is_verb = key
                .modifiers
                .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
            if let KeyCode::Char(c) = &mut key.code
                && !is_verb
            {
                *c = model.typed().character(*c);
            }
        }
        TerminalEvent::Paste(text) => match model.typed() {
            Typed::Open => {
                let paste = |text| What::Terminal(TerminalEvent::Paste(text));
                return Noted::Pasted(std::mem::take(text), names(model), paste);
            }
            typed => *text = typed.text(text),
        },
        TerminalEvent::Mouse(_)
        | TerminalEvent::Resize(..)
        | TerminalEvent::FocusGained
        | TerminalEvent::FocusLost => {}
    }
    Noted::Ready(What::Terminal(event))
}

fn files_read(files: &[(String, Result<Vec<u8>, String>)], names: &Names) -> What {
    let text = |(path, content): &(String, Result<Vec<u8>, String>)| {
        let content = match content {
            Ok(bytes) => Ok(names.masked(std::str::from_utf8(bytes).ok()?)),
            Err(reason) => Err(reason.clone()),
        };
        Some((path.clone(), content))
    };
    match files.iter().map(text).collect() {
        Some(files) => What::Files(files),
        None => What::Gap("a file that is no text".to_owned()),
    }
}

/// A text from the user's editor: line by line, since stand-ins for passwords are no secrets.
fn without_secret_lines(text: &str, names: &[String]) -> String {
    let lines = text.split('\n').map(|line| without_secrets(line, names));
    lines.collect::<Vec<_>>().join("\n")
}

/// The writing thread's state.
struct Writing {
    file: File,
    scrubber: Scrubber,
    veiled: Veiled,
    /// Rows of the history that stand in the file.
    rows: HashSet<ExchangeId>,
    /// The moment of the last line.
    last: u64,
}

impl Writing {
    fn new(file: File) -> Self {
        Self {
            file,
            scrubber: Scrubber::default(),
            veiled: Veiled::default(),
            rows: HashSet::new(),
            last: 0,
        }
    }

    /// Writes until nobody can ask for it any more, or it fails.
    fn work(mut self, orders: &Receiver<Order>) -> Option<io::Error> {
        for order in orders {
            let written = match order {
                Order::End => return None,
                Order::Note(at, noted) => self.note(at, *noted),
                Order::Finish(panicked, done) => {
                    let written = match panicked {
                        Some(place) => self.write(self.last, What::Panicked(place)),
                        None => Ok(()),
                    };
                    // Who asked may have given up.
                    let _ = done.send(());
                    written
                }
            };
            if let Err(error) = written {
                return Some(error);
            }
        }
        None
    }

    fn note(&mut self, at: u64, noted: Noted) -> io::Result<()> {
        self.last = at;
        let what = match noted {
            Noted::Ready(what) => what,
            Noted::Worker(event) => {
                for exchange in exchanges(&event) {
                    self.scrubber.learn_call(&exchange.request);
                }
                let event = self.veiled.event(event);
                let rows = &mut self.rows;
                line::of_worker(&event, |id| !rows.insert(id))
            }
            Noted::Pasted(text, names, what) => {
                what(pasted::masked(&text, &names, &mut self.scrubber))
            }
        };
        self.write(at, what)
    }

    fn write(&mut self, at: u64, what: What) -> io::Result<()> {
        let mut value = serde_json::to_value(Line { at, what })?;
        self.scrubber.line(&mut value);
        write_line(&mut self.file, &value)
    }
}

/// The exchanges that an event brings.
fn exchanges(event: &Event) -> Vec<&Exchange> {
    let Event::Finished(_, result) = event else {
        return Vec::new();
    };
    match result {
        Ok(Output::Exchange(exchange))
        | Err(JobError::Exchange(exchange) | JobError::Cancelled(Some(exchange))) => {
            vec![exchange]
        }
        Ok(Output::Exchanges(made)) => made.iter().map(|exchange| &**exchange).collect(),
        Ok(Output::Applied(applied)) => {
            let made = applied.exchanges.iter();
            made.map(|exchange| &**exchange).collect()
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// Writes a line by one call of the system, so that it is in the file whole or not at all unless the disk is full.
fn write_line(file: &mut File, value: &serde_json::Value) -> io::Result<()> {
    let mut text = value.to_string();
    text.push('\n');
    file.write_all(text.as_bytes())
}

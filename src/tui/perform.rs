//! Carries out effects: the only place, beside the terminal, where the explorer touches the world.

use std::io;
use std::io::Read;
use std::path::PathBuf;

use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;

use crate::drafts::desk::Desk;
use crate::drafts::desk::Finisher;
use crate::drafts::desk::Pace;
use crate::tui::clipboard;
use crate::tui::effect::Effect;
use crate::tui::msg::Msg;
use crate::tui::overlays::paste;
use crate::tui::panes::response::body::Body;
use crate::tui::runtime;
use crate::tui::terminal;
use crate::tui::terminal::Screen;
use crate::worker::Worker;
use crate::worker::job::Command;

/// Carries out effects with the help of the worker.
pub struct Performer {
    worker: Worker,
    /// Keeps the drafts; `None` where there is no folder for them.
    drafts: Option<Desk>,
    /// What was read away from the loop.
    read: (UnboundedSender<Msg>, UnboundedReceiver<Msg>),
}

impl Performer {
    /// A performer that gives its jobs to `worker` and keeps drafts in this folder. Fails when the system gives no
    /// thread.
    pub fn new(worker: Worker, drafts: Option<PathBuf>) -> io::Result<Self> {
        let read = mpsc::unbounded_channel();
        let back: UnboundedSender<Msg> = read.0.clone();
        let tell = move |event| {
            // When the program has ended nobody wants it.
            let _ = back.send(Msg::Drafts(event));
        };
        let drafts = drafts.map(|folder| Desk::open(folder, Pace::default(), tell));
        Ok(Self {
            worker,
            drafts: drafts.transpose()?,
            read,
        })
    }

    /// Something that writes the drafts that wait, for other threads.
    pub fn finisher(&self) -> Option<Finisher> {
        self.drafts.as_ref().map(Desk::finisher)
    }

    /// The next thing that comes of an effect; waits for ever when nothing can come any more.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            Some(event) = self.worker.events.recv() => Msg::Worker(event),
            Some(msg) = self.read.1.recv() => msg,
            else => std::future::pending().await,
        }
    }

    /// Lets something be heard by the loop as if it had come of an effect.
    pub fn hear(&self, msg: Msg) {
        // The other end is this one's own.
        let _ = self.read.0.send(msg);
    }

    /// Carries out one effect; true when the program is to end.
    pub fn perform(&mut self, effect: Effect, screen: &mut Screen) -> io::Result<bool> {
        match effect {
            Effect::Run(id, job) => self.tell(Command::Run(id, job)),
            Effect::Cancel(id) => self.tell(Command::Cancel(id)),
            Effect::ReadBody(exchange) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let body = Body::read(&exchange);
                    // When the program has ended nobody wants it.
                    let _ = back.send(Msg::BodyRead(exchange, body));
                });
            }
            Effect::Copy(copied) => {
                // In the terminal's stream, so from here; programs that hold a clipboard are asked on the side.
                clipboard::tell_terminal(copied.text.reveal())?;
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let told = clipboard::tell_programs(&copied);
                    let _ = back.send(Msg::Copied(told));
                });
            }
            Effect::ReadClipboard => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let _ = back.send(Msg::ClipboardRead(clipboard::read()));
                });
            }
            Effect::ReadPaste(text) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let pasted = paste::read(&text);
                    let _ = back.send(Msg::PasteRead(text, Box::new(pasted)));
                });
            }
            Effect::ReadFiles(paths) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let read = paths.into_iter().map(|path| {
                        let content = read_file(&path);
                        (path, content)
                    });
                    let _ = back.send(Msg::FilesRead(read.collect()));
                });
            }
            // The loop lends the terminal: it reads the keys that are the editor's then.
            Effect::Edit(_) => {}
            Effect::Drafts(command) => {
                if let Some(drafts) = &self.drafts {
                    drafts.ask(command);
                }
            }
            Effect::Redraw => runtime::redraw(screen)?,
            Effect::Resume => runtime::resume(screen)?,
            Effect::Suspend => {
                // A stopped program may be killed.
                if let Some(drafts) = self.finisher() {
                    drafts.finish();
                }
                terminal::suspend()?;
                runtime::redraw(screen)?;
            }
            Effect::Quit => return Ok(true),
        }
        Ok(false)
    }

    /// Writes the drafts that wait and ends the worker: what runs is cancelled, the sandbox is stopped.
    pub fn stop(mut self) {
        self.drafts = None;
        self.tell(Command::Stop);
        // A worker that panicked has nothing left to stop.
        let _ = self.worker.thread.join();
    }

    fn tell(&self, command: Command) {
        // The worker lives as long as this; if it died all the same, its jobs were answered with that.
        let _ = self.worker.commands.send(command);
    }
}

/// The longest file that is put into a call.
const MOST_OF_FILE: u64 = 8 << 20;

/// A file's contents, or why not.
fn read_file(path: &str) -> Result<Vec<u8>, String> {
    let open = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let metadata = open.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("is no file".to_owned());
    }
    let mut content = Vec::new();
    let read = open.take(MOST_OF_FILE + 1).read_to_end(&mut content);
    read.map_err(|error| error.to_string())?;
    if content.len() as u64 > MOST_OF_FILE {
        return Err("is longer than 8 MiB".to_owned());
    }
    Ok(content)
}

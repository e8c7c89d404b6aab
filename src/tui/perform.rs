//! Carries out effects: the only place, beside the terminal, where the explorer touches the world.

use std::io;
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;

use crate::capture::schema::infer::infer;
use crate::capture::schema::infer::reading::Format;
use crate::config::paths;
use crate::drafts::desk::Desk;
use crate::drafts::desk::Finisher;
use crate::drafts::desk::Pace;
use crate::tui::clipboard;
use crate::tui::effect::Effect;
use crate::tui::feed;
use crate::tui::msg::Msg;
use crate::tui::overlays::paste;
use crate::tui::panes::response::body::Body;
use crate::tui::runtime;
use crate::tui::schema_text;
use crate::tui::terminal;
use crate::tui::terminal::Screen;
use crate::tui::viewer::work;
use crate::worker::Worker;
use crate::worker::filter::own_program;
use crate::worker::job::Command;
use crate::worker::job::Event;
use crate::worker::job::Progress;

/// Carries out effects with the help of the worker.
pub struct Performer {
    worker: Worker,
    /// What the worker told and was not heard yet.
    told: Option<Event>,
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
            told: None,
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
        if let Some(event) = self.told.take() {
            return self.newest(event);
        }
        tokio::select! {
            Some(event) = self.worker.events.recv() => self.newest(event),
            Some(msg) = self.read.1.recv() => msg,
            else => std::future::pending().await,
        }
    }

    /// The next thing, if it has come already.
    pub fn ready(&mut self) -> Option<Msg> {
        let event = self.told.take();
        match event.or_else(|| self.worker.events.try_recv().ok()) {
            Some(event) => Some(self.newest(event)),
            None => self.read.1.try_recv().ok(),
        }
    }

    fn newest(&mut self, event: Event) -> Msg {
        let (event, next) = newest(&mut self.worker.events, event);
        self.told = next;
        Msg::Worker(event)
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
            Effect::ReadBody(exchange, mask) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let body = Body::read_masked(&exchange, mask.as_ref());
                    // When the program has ended nobody wants it.
                    let _ = back.send(Msg::BodyRead(exchange, body));
                });
            }
            Effect::Feed(task) => {
                let back = self.read.0.clone();
                // A thread that nobody waits for at the end: a stream may never end.
                std::thread::Builder::new()
                    .name("feed".to_owned())
                    .spawn(move || {
                        feed::carry_out(task, |told| back.send(Msg::Feed(told)).is_ok());
                    })?;
            }
            Effect::Work(task) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    std::thread::sleep(work::pause(&task.work));
                    let program = own_program();
                    work::carry_out(task, &program, |told| back.send(Msg::Viewer(told)).is_ok());
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
            Effect::ReadSchema(source) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let text = match source {
                        schema_text::Source::File(path) => read_file(&path),
                        schema_text::Source::Copied => clipboard::read().map(String::into_bytes),
                    };
                    let read = text.and_then(|text| schema_text::read(&text));
                    let _ = back.send(Msg::SchemaRead(read.map(Box::new)));
                });
            }
            Effect::Infer(text) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let inferred = infer(&text, Format::of(&text), Timestamp::now());
                    let _ = back.send(Msg::Inferred(inferred.map(Box::new)));
                });
            }
            Effect::FindPaths(typed) => {
                let back = self.read.0.clone();
                tokio::task::spawn_blocking(move || {
                    let found = find_paths(&typed);
                    let _ = back.send(Msg::PathsFound(typed, found));
                });
            }
            // The loop lends the terminal: it reads the keys that are the editor's then.
            Effect::Edit(_) | Effect::Show(_) => {}
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

/// The newest of what a job says of its steps, where it said more of them before it was heard: what is shown is not to lag
/// behind what is done. With it what came after that.
fn newest(events: &mut UnboundedReceiver<Event>, mut event: Event) -> (Event, Option<Event>) {
    // No more than have come by now, so that this ends.
    for _ in 0..events.len() {
        let Event::Progress(id, Progress::Step(_)) = &event else {
            break;
        };
        match events.try_recv() {
            Ok(Event::Progress(of, Progress::Step(step))) if of == *id => {
                event = Event::Progress(of, Progress::Step(step));
            }
            Ok(other) => return (event, Some(other)),
            Err(_) => break,
        }
    }
    (event, None)
}

/// The longest file that is put into a call.
const MOST_OF_FILE: u64 = 8 << 20;

/// A file's contents, or why not.
fn read_file(path: &str) -> Result<Vec<u8>, String> {
    let open = std::fs::File::open(paths::from_home(path)).map_err(|error| error.to_string())?;
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

/// How many paths are offered.
const MOST_PATHS: usize = 100;

/// The files and folders whose paths begin with what was typed, folders with a slash at their end; hidden ones only when
/// asked for. None where the folder cannot be read.
fn find_paths(typed: &str) -> Vec<String> {
    let cut = typed.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, beginning) = typed.split_at(cut);
    let place = if folder.is_empty() { "." } else { folder };
    let Ok(entries) = std::fs::read_dir(paths::from_home(place)) else {
        return Vec::new();
    };
    let wanted = |name: &str| {
        name.starts_with(beginning) && (beginning.starts_with('.') || !name.starts_with('.'))
    };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            // What is no text cannot be typed.
            let name = entry.file_name().into_string().ok()?;
            let is_folder = entry.path().is_dir();
            wanted(&name).then(|| format!("{folder}{name}{}", if is_folder { "/" } else { "" }))
        })
        .collect();
    found.sort_unstable();
    found.truncate(MOST_PATHS);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::job::JobError;
    use crate::worker::job::JobId;
    use crate::worker::plan::StepProgress;

    fn step(id: u64, at: usize) -> Event {
        let step = StepProgress {
            at,
            of: 9,
            records: 0,
            of_records: None,
        };
        Event::Progress(JobId(id), Progress::Step(step))
    }

    fn at(event: &Event) -> Option<(u64, usize)> {
        match event {
            Event::Progress(id, Progress::Step(step)) => Some((id.0, step.at)),
            Event::Progress(..) | Event::Finished(..) => None,
        }
    }

    #[test]
    fn of_the_steps_of_a_job_only_the_newest_is_heard() {
        let (sender, mut events) = mpsc::unbounded_channel();
        let send = |event| sender.send(event).expect("is heard");
        (0..5_000).for_each(|number| send(step(1, number)));
        send(step(2, 3));
        send(Event::Finished(JobId(2), Err(JobError::Cancelled(None))));
        let first = events.try_recv().expect("was sent");
        let (heard, next) = newest(&mut events, first);
        assert_eq!(at(&heard), Some((1, 4_999)));
        let next = next.expect("came after it");
        assert_eq!(at(&next), Some((2, 3)));
        // The end of a job is never passed over.
        let (heard, next) = newest(&mut events, next);
        assert_eq!(at(&heard), Some((2, 3)));
        assert!(matches!(next, Some(Event::Finished(JobId(2), _))));
        assert!(events.is_empty());
    }
}

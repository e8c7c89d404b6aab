//! The desk that keeps drafts: a thread that does all their disk work, in the order in which it is asked for.
//!
//! A save waits until there is a pause, or for a second at most, and the newest text of each draft replaces the one that
//! waits; while nothing waits the thread sleeps. [`Finisher::finish`] writes what waits at once, from whatever thread the
//! program ends in.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;

use crate::drafts::folder::Folder;
use crate::drafts::folder::FolderError;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Key;
use crate::drafts::kept::Summary;
use crate::drafts::secrets;

/// What the desk is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Keep this draft in place of an older one of its key. Told by [`Event::Saved`] or [`Event::NotSaved`].
    Save {
        /// The draft.
        kept: Box<Kept>,
        /// Names of attributes whose values are never written, beside the usual ones.
        secret_names: Arc<Vec<String>>,
    },
    /// The draft of this key has become needless: the service took it, or nothing is in it any more.
    Remove(Key),
    /// Look what drafts there are. Told by [`Event::Listed`].
    List,
    /// Read a draft, to be gone on with. Told by [`Event::Loaded`].
    Load(String),
    /// Throw this draft away.
    Discard(String),
    /// Bring back the draft of this file that was thrown away.
    BringBack(String),
}

/// What the desk tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// All drafts there are, the one changed last first. Told at the start and after every change made here.
    Listed(Vec<Summary>),
    /// A draft is on the disk.
    Saved {
        /// Whose.
        key: Key,
        /// In which file.
        file: String,
        /// Since when.
        at: Timestamp,
    },
    /// It is not, for this reason; the next change tries again.
    NotSaved(Key, String),
    /// A draft, or why it cannot be had.
    Loaded(String, Result<Box<Kept>, String>),
    /// Something to tell once.
    Notice(String),
}

/// When a change is written.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After this long without a further change…
    pub pause: Duration,
    /// … but no later than this after the first one that waits.
    pub latest: Duration,
}

impl Default for Pace {
    /// Within a second, the time that the disk takes included.
    fn default() -> Self {
        Self {
            pause: Duration::from_millis(300),
            latest: Duration::from_millis(700),
        }
    }
}

/// How many discarded drafts can be brought back.
const DISCARDED: usize = 16;

/// How long the end of the program waits for a disk that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The desk. Dropping it writes what waits and ends its thread.
pub struct Desk {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Writes what waits at a desk, from another thread than the one that has the desk.
#[derive(Clone)]
pub struct Finisher(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// There is something to do.
    wake: Condvar,
    /// What there was to do is done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    commands: VecDeque<Command>,
    saves: BTreeMap<Key, Waiting>,
    /// Write what waits at once.
    hurry: bool,
    /// End when nothing is left to do.
    stop: bool,
}

/// A save that waits.
struct Waiting {
    kept: Box<Kept>,
    secret_names: Arc<Vec<String>>,
    /// When it is to be written; `None` when that failed, until the next change.
    due: Option<Instant>,
    /// When it is to be written at the latest.
    latest: Instant,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Opens a desk for the drafts in `folder`, which need not exist. `tell` is called on the desk's own thread. Fails
    /// when the system gives no thread.
    pub fn open(
        folder: PathBuf,
        pace: Pace,
        tell: impl Fn(Event) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            wake: Condvar::new(),
            done: Condvar::new(),
        });
        let clerk = Clerk {
            shared: Arc::clone(&shared),
            pace,
            path: folder,
            folder: None,
            drafts: Vec::new(),
            discarded: VecDeque::new(),
            tell: Box::new(tell),
        };
        let thread = std::thread::Builder::new()
            .name("drafts".to_owned())
            .spawn(move || clerk.work())?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Asks for something.
    pub fn ask(&self, command: Command) {
        self.shared.state().commands.push_back(command);
        self.shared.wake.notify_one();
    }

    /// Something that writes what waits, for other threads.
    pub fn finisher(&self) -> Finisher {
        Finisher(Arc::clone(&self.shared))
    }
}

impl Finisher {
    /// Writes what waits, and waits for that. `false` when the disk does not answer within some seconds.
    pub fn finish(&self) -> bool {
        let mut state = self.0.state();
        state.hurry = true;
        self.0.wake.notify_one();
        let (state, _) = self
            .0
            .done
            .wait_timeout_while(state, PATIENCE, |state| state.hurry)
            .unwrap_or_else(PoisonError::into_inner);
        !state.hurry
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let finished = self.finisher().finish();
        self.shared.state().stop = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take().filter(|_| finished) {
            // A panic of its own was told by the panic hook.
            let _ = thread.join();
        }
    }
}

/// What the desk's thread works with.
struct Clerk {
    shared: Arc<Shared>,
    pace: Pace,
    path: PathBuf,
    folder: Option<Folder>,
    /// What is in the folder, as last seen and changed here.
    drafts: Vec<Summary>,
    /// What was thrown away, the last one last, with its file.
    discarded: VecDeque<(String, Kept)>,
    tell: Box<dyn Fn(Event) + Send>,
}

/// What is to be done next.
enum Next {
    Command(Command),
    Save(Waiting, Attempt),
    /// All that was asked for in a hurry is done.
    Rest,
    End,
}

/// Whether a save that fails is tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// With the next change, or at the end.
    Again,
    /// The program ends.
    Last,
}

impl Clerk {
    fn work(mut self) {
        self.list();
        loop {
            match self.next() {
                Next::Command(command) => self.carry_out(command),
                Next::Save(waiting, attempt) => self.save(waiting, attempt),
                Next::Rest => {
                    self.shared.state().hurry = false;
                    self.shared.done.notify_all();
                }
                Next::End => break,
            }
        }
    }

    /// Waits for the next thing to do: commands first, then what is due.
    fn next(&self) -> Next {
        let mut state = self.shared.state();
        loop {
            if let Some(command) = state.commands.pop_front() {
                if let Command::Save { kept, secret_names } = command {
                    self.put_off(&mut state, kept, secret_names);
                    continue;
                }
                return Next::Command(command);
            }
            if state.hurry {
                return match state.saves.pop_first() {
                    Some((_, waiting)) => Next::Save(waiting, Attempt::Last),
                    None => Next::Rest,
                };
            }
            if state.stop {
                return Next::End;
            }
            let first = state
                .saves
                .iter()
                .filter_map(|(key, waiting)| Some((waiting.due?, key)))
                .min();
            let now = Instant::now();
            state = match first {
                Some((due, key)) if due <= now => {
                    let key = key.clone();
                    return match state.saves.remove(&key) {
                        Some(waiting) => Next::Save(waiting, Attempt::Again),
                        None => continue,
                    };
                }
                Some((due, _)) => {
                    let (state, _) = self
                        .shared
                        .wake
                        .wait_timeout(state, due - now)
                        .unwrap_or_else(PoisonError::into_inner);
                    state
                }
                None => self
                    .shared
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Lets a save wait for a pause.
    fn put_off(&self, state: &mut State, kept: Box<Kept>, secret_names: Arc<Vec<String>>) {
        let now = Instant::now();
        let before = state.saves.remove(&kept.key);
        let latest = before
            .filter(|waiting| waiting.due.is_some())
            .map_or(now + self.pace.latest, |waiting| waiting.latest);
        // What is being sent just now must not be taken for unsent after a crash.
        let pause = if kept.in_doubt {
            Duration::ZERO
        } else {
            self.pace.pause
        };
        let waiting = Waiting {
            due: Some(latest.min(now + pause)),
            latest,
            secret_names,
            kept,
        };
        state.saves.insert(waiting.kept.key.clone(), waiting);
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            // Those were put off on the way here.
            Command::Save { .. } => {}
            Command::List => self.list(),
            Command::Remove(key) => self.remove(&key),
            Command::Load(file) => {
                let loaded = self.load(&file);
                self.tell(Event::Loaded(file, loaded));
            }
            Command::Discard(file) => self.discard(&file),
            Command::BringBack(file) => self.bring_back(&file),
        }
    }

    /// The folder, opened by the first who needs it.
    fn folder(&mut self) -> Result<&mut Folder, FolderError> {
        if self.folder.is_none() {
            self.folder = Some(Folder::open(&self.path)?);
        }
        self.folder.as_mut().ok_or(FolderError::Gone)
    }

    fn list(&mut self) {
        let listing = self.folder().and_then(|folder| Ok(folder.list()?));
        match listing {
            Ok(listing) => {
                self.drafts = listing.drafts;
                for notice in listing.notices {
                    self.tell(Event::Notice(notice));
                }
            }
            Err(error) => self.tell(Event::Notice(format!("drafts are not kept: {error}"))),
        }
        self.tell_list();
    }

    /// Reads a draft. What waits of its key goes to the disk first: from now on the key's draft is this one.
    fn load(&mut self, file: &str) -> Result<Box<Kept>, String> {
        let summary = self.drafts.iter().find(|summary| summary.file == file);
        let key = summary.map(|summary| summary.key.clone());
        if let Some(key) = key {
            let waiting = self.shared.state().saves.remove(&key);
            if let Some(waiting) = waiting {
                self.save(waiting, Attempt::Again);
            }
            if self.shared.state().saves.contains_key(&key) {
                return Err("the draft of the same record is not saved yet".to_owned());
            }
        }
        let kept = self.folder().and_then(|folder| folder.load(file));
        kept.map(Box::new).map_err(|error| error.to_string())
    }

    fn save(&mut self, waiting: Waiting, attempt: Attempt) {
        let kept = secrets::leave_out(*waiting.kept.clone(), &waiting.secret_names);
        match self.folder().and_then(|folder| folder.save(&kept)) {
            Ok(file) => {
                self.put(kept.summary(&file));
                self.tell(Event::Saved {
                    key: kept.key,
                    file,
                    at: Timestamp::now(),
                });
                self.tell_list();
            }
            Err(error) => {
                if attempt == Attempt::Again {
                    let waiting = Waiting {
                        due: None,
                        ..waiting
                    };
                    let key = waiting.kept.key.clone();
                    self.shared.state().saves.entry(key).or_insert(waiting);
                }
                self.tell(Event::NotSaved(kept.key, error.to_string()));
            }
        }
    }

    fn remove(&mut self, key: &Key) {
        self.shared.state().saves.remove(key);
        match self.folder().and_then(|folder| folder.remove(key)) {
            Ok(None) => {}
            Ok(Some(file)) => {
                self.drafts.retain(|summary| summary.file != file);
                self.tell_list();
            }
            Err(error) => self.tell(Event::Notice(format!("a draft was not removed: {error}"))),
        }
    }

    fn discard(&mut self, file: &str) {
        self.save_first(file);
        match self.folder().and_then(|folder| folder.discard(file)) {
            Ok(kept) => {
                self.discarded.push_back((file.to_owned(), kept));
                if self.discarded.len() > DISCARDED {
                    self.discarded.pop_front();
                }
                self.drafts.retain(|summary| summary.file != file);
                self.tell_list();
            }
            Err(error) => {
                self.tell(Event::Notice(format!("not discarded: {error}")));
                self.list();
            }
        }
    }

    /// Writes what waits for this file, so that all of it can be brought back.
    fn save_first(&mut self, file: &str) {
        let summary = self.drafts.iter().find(|summary| summary.file == file);
        let Some(key) = summary.map(|summary| summary.key.clone()) else {
            return;
        };
        let own = self.folder().is_ok_and(|folder| folder.is_own(&key, file));
        let waiting = own
            .then(|| self.shared.state().saves.remove(&key))
            .flatten();
        if let Some(waiting) = waiting {
            self.save(waiting, Attempt::Again);
        }
    }

    fn bring_back(&mut self, file: &str) {
        let at = self.discarded.iter().rposition(|(name, _)| name == file);
        let Some((_, kept)) = at.and_then(|at| self.discarded.remove(at)) else {
            self.tell(Event::Notice(
                "that draft cannot be brought back any more".to_owned(),
            ));
            return;
        };
        match self
            .folder()
            .and_then(|folder| folder.bring_back(file, &kept))
        {
            Ok(file) => {
                self.put(kept.summary(&file));
                self.tell_list();
            }
            Err(error) => {
                self.tell(Event::Notice(format!("not brought back: {error}")));
                self.discarded.push_back((file.to_owned(), kept));
            }
        }
    }

    /// Puts a draft where it belongs in the list.
    fn put(&mut self, summary: Summary) {
        self.drafts.retain(|other| other.file != summary.file);
        let at = self
            .drafts
            .partition_point(|other| other.changed > summary.changed);
        self.drafts.insert(at, summary);
    }

    fn tell_list(&self) {
        self.tell(Event::Listed(self.drafts.clone()));
    }

    fn tell(&self, event: Event) {
        (self.tell)(event);
    }
}

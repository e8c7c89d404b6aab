//! The one writer: a thread that takes work from a queue and commits all that is waiting together, so that many
//! parallel callers share one sync of the disk.
//!
//! ```text
//! caller ─▶ queue ─▶ BEGIN IMMEDIATE
//!                      SAVEPOINT · work · RELEASE, or ROLLBACK TO when the work was refused
//!                      … for everything that is waiting
//!                    COMMIT (synced) ─▶ every caller gets its answer
//! ```
//!
//! Savepoints cost as much as the work itself, since SQLite copies every page that is changed under one. Work that can
//! be repeated does without at first: when none of a batch is refused, none was needed; else all of it is begun again.
//!
//! Nobody is answered before the commit. `BEGIN IMMEDIATE` takes the database's write lock first, so what the work
//! reads cannot be changed by another process before it writes.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use tokio::sync::oneshot;

use crate::sandbox::store::StoreError;
use crate::sandbox::store::identity::FileIdentity;
use crate::sandbox::store::run;

/// Most pieces of work in one transaction; bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;

/// How long a batch waits for more of those that were answered together before: less than a sync of a good disk.
const GATHERING: Duration = Duration::from_micros(150);

/// The writer's thread and its queue. Dropping it finishes what is queued.
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It holds the lock on `connection` only while it commits, and writes only to the file of this
    /// `identity`, if to a file.
    pub(super) fn start(
        connection: Arc<Mutex<Connection>>,
        identity: Option<Arc<FileIdentity>>,
    ) -> std::io::Result<Self> {
        let (queue, work) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-writer".to_owned())
            .spawn(move || write_all(&connection, identity.as_deref(), &work))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs `work` inside a transaction and returns once that is committed and synced. What `work` refuses leaves no
    /// trace. Blocks.
    pub(crate) fn run<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        let queued = self.queue(Once(Some(work)), move |outcome| {
            // The caller may have gone; the work is committed all the same.
            let _ = answer.send(outcome);
        });
        let outcome = answered.recv();
        outcome.unwrap_or_else(|_| Err(unanswered(queued).into()))
    }

    /// Has `work` run as [`Writer::run`] does, without blocking. It may run twice, and counts only the second time then.
    pub(crate) fn submit<T, E>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Ticket<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let queued = self.queue(Repeatable(work), move |outcome| {
            // The caller may have gone; the work is committed all the same.
            let _ = answer.send(outcome);
        });
        Ticket { queued, answered }
    }

    /// Whether the writer took the work.
    fn queue<T, E>(
        &self,
        work: impl Work<T, E> + Send + 'static,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> bool
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let task = Task {
            work,
            outcome: None,
            answer,
        };
        let queued = self.queue.as_ref().map(|queue| queue.send(Box::new(task)));
        matches!(queued, Some(Ok(())))
    }
}

/// Stands for work that was given to the writer, until that is committed and synced.
#[must_use]
pub(crate) struct Ticket<T, E> {
    queued: bool,
    answered: oneshot::Receiver<Result<T, E>>,
}

impl<T, E: From<StoreError>> Ticket<T, E> {
    /// What became of the work. Blocks; not for a thread that runs asynchronous tasks.
    pub(crate) fn wait(self) -> Result<T, E> {
        let outcome = self.answered.blocking_recv();
        outcome.unwrap_or_else(|_| Err(unanswered(self.queued).into()))
    }

    /// What became of the work.
    pub(crate) async fn done(self) -> Result<T, E> {
        let outcome = self.answered.await;
        outcome.unwrap_or_else(|_| Err(unanswered(self.queued).into()))
    }
}

/// Why nobody answered: the writer has ended, or the work panicked.
fn unanswered(queued: bool) -> StoreError {
    if queued {
        StoreError::Panicked
    } else {
        StoreError::Stopped
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread itself has nobody left to be told.
            let _ = thread.join();
        }
    }
}

/// Something to do inside a transaction.
trait Work<T, E> {
    /// Whether it may be done again after its changes were undone.
    const REPEATABLE: bool;
    /// Does it; `None` when it was done before and cannot be done again.
    fn run(&mut self, transaction: &Connection) -> Option<Result<T, E>>;
}

struct Once<F>(Option<F>);

impl<T, E, F: FnOnce(&Connection) -> Result<T, E>> Work<T, E> for Once<F> {
    const REPEATABLE: bool = false;

    fn run(&mut self, transaction: &Connection) -> Option<Result<T, E>> {
        let work = self.0.take()?;
        Some(work(transaction))
    }
}

struct Repeatable<F>(F);

impl<T, E, F: FnMut(&Connection) -> Result<T, E>> Work<T, E> for Repeatable<F> {
    const REPEATABLE: bool = true;

    fn run(&mut self, transaction: &Connection) -> Option<Result<T, E>> {
        Some((self.0)(transaction))
    }
}

/// Work in the queue, whatever it returns.
trait Job: Send {
    /// Whether it may be done again after its changes were undone.
    fn is_repeatable(&self) -> bool;
    /// Does the work; `false` when its changes are to be undone.
    fn run(&mut self, transaction: &Connection) -> bool;
    /// Answers the caller: with the work's outcome, or with why nothing was committed.
    fn finish(self: Box<Self>, failure: Option<&'static str>);
}

struct Task<T, E, W, A> {
    work: W,
    outcome: Option<Result<T, E>>,
    answer: A,
}

impl<T, E, W, A> Job for Task<T, E, W, A>
where
    T: Send,
    E: From<StoreError> + Send,
    W: Work<T, E> + Send,
    A: FnOnce(Result<T, E>) + Send,
{
    fn is_repeatable(&self) -> bool {
        W::REPEATABLE
    }

    fn run(&mut self, transaction: &Connection) -> bool {
        // What was done is undone after a panic, so nothing half-done can be seen.
        let work = AssertUnwindSafe(|| self.work.run(transaction));
        self.outcome = catch_unwind(work).ok().flatten();
        matches!(self.outcome, Some(Ok(_)))
    }

    fn finish(self: Box<Self>, failure: Option<&'static str>) {
        let outcome = match failure {
            Some(reason) => Some(Err(StoreError::Unavailable(reason).into())),
            None => self.outcome,
        };
        if let Some(outcome) = outcome {
            (self.answer)(outcome);
        }
    }
}

fn write_all(
    connection: &Mutex<Connection>,
    identity: Option<&FileIdentity>,
    queue: &mpsc::Receiver<Box<dyn Job>>,
) {
    let mut before = 0;
    while let Ok(first) = queue.recv() {
        let mut batch = gather(first, queue, before);
        before = batch.len();
        let failure = {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            commit_to(identity, &connection, &mut batch)
                .err()
                .map(|error| error.reason())
        };
        for job in batch {
            job.finish(failure);
        }
    }
}

/// All that is waiting. Callers that were answered together come back one after the other: when there were many, the
/// first of them waits a moment for half as many, since a sync of the disk for one costs as much as for all.
fn gather(
    first: Box<dyn Job>,
    queue: &mpsc::Receiver<Box<dyn Job>>,
    before: usize,
) -> Vec<Box<dyn Job>> {
    let mut batch = vec![first];
    batch.extend(queue.try_iter().take(MOST_TOGETHER - 1));
    let until = Instant::now() + GATHERING;
    while batch.len() < before / 2 {
        match queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(job) => batch.push(job),
            Err(_) => break,
        }
    }
    batch
}

/// Commits to the file that was opened, or to none: what is in a file that has gone away is not acknowledged either.
fn commit_to(
    identity: Option<&FileIdentity>,
    connection: &Connection,
    batch: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    let check = || identity.map_or(Ok(()), FileIdentity::check);
    check()?;
    commit(connection, batch)?;
    check()
}

fn commit(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    if let [only] = batch {
        let transaction = begin(connection)?;
        if do_one(&transaction, &mut **only)? {
            transaction.commit()?;
        }
        return Ok(());
    }
    if batch.iter().all(|job| job.is_repeatable()) {
        let transaction = begin(connection)?;
        let mut all = true;
        for job in &mut *batch {
            all = all && do_one(&transaction, &mut **job)?;
        }
        if all {
            return Ok(transaction.commit()?);
        }
    }
    let transaction = begin(connection)?;
    for job in batch {
        run(&transaction, "SAVEPOINT job")?;
        if !do_one(&transaction, &mut **job)? {
            run(&transaction, "ROLLBACK TO job")?;
        }
        run(&transaction, "RELEASE job")?;
    }
    transaction.commit()?;
    Ok(())
}

/// Dropped without commit, it is rolled back.
fn begin(connection: &Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(Transaction::new_unchecked(
        connection,
        TransactionBehavior::Immediate,
    )?)
}

/// Does one piece of work; `false` when its changes are to be undone.
fn do_one(transaction: &Connection, job: &mut dyn Job) -> Result<bool, StoreError> {
    let keep = job.run(transaction);
    // A full disk or an I/O error can undo the whole transaction behind our back: then nobody's work is done.
    if transaction.is_autocommit() {
        return Err(StoreError::Unavailable(
            "the disk is full, or refused to write",
        ));
    }
    Ok(keep)
}

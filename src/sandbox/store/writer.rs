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
//! Nobody is answered before the commit. `BEGIN IMMEDIATE` takes the database's write lock first, so what the work
//! reads cannot be changed by another process before it writes.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::sandbox::store::StoreError;

/// Most pieces of work in one transaction; bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;

/// The writer's thread and its queue. Dropping it finishes what is queued.
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It holds the lock on `connection` only while it commits.
    pub(crate) fn start(connection: Arc<Mutex<Connection>>) -> std::io::Result<Self> {
        let (queue, work) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-writer".to_owned())
            .spawn(move || write_all(&connection, &work))?;
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
        let task = Task {
            work: Some(work),
            outcome: None,
            answer,
        };
        self.queue
            .as_ref()
            .and_then(|queue| queue.send(Box::new(task)).ok())
            .ok_or(StoreError::Stopped)?;
        // The sender is dropped unanswered only when the work panicked.
        answered
            .recv()
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
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

/// Work in the queue, whatever it returns.
trait Job: Send {
    /// Does the work; `false` when its changes are to be undone.
    fn run(&mut self, transaction: &Connection) -> bool;
    /// Answers the caller: with the work's outcome, or with why nothing was committed.
    fn finish(self: Box<Self>, failure: Option<&'static str>);
}

struct Task<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    answer: mpsc::SyncSender<Result<T, E>>,
}

impl<T, E, F> Job for Task<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&Connection) -> Result<T, E> + Send,
{
    fn run(&mut self, transaction: &Connection) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        // The savepoint is rolled back after a panic, so nothing half-done can be seen.
        self.outcome = catch_unwind(AssertUnwindSafe(|| work(transaction))).ok();
        matches!(self.outcome, Some(Ok(_)))
    }

    fn finish(self: Box<Self>, failure: Option<&'static str>) {
        let answer = match failure {
            Some(reason) => Some(Err(StoreError::Unavailable(reason).into())),
            None => self.outcome,
        };
        if let Some(answer) = answer {
            // The caller may have gone; the work is committed all the same.
            let _ = self.answer.send(answer);
        }
    }
}

fn write_all(connection: &Mutex<Connection>, queue: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(MOST_TOGETHER - 1));
        let failure = {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            commit(&connection, &mut batch)
                .err()
                .map(|error| error.reason())
        };
        for job in batch {
            job.finish(failure);
        }
    }
}

fn commit(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    for job in batch {
        transaction.execute_batch("SAVEPOINT job")?;
        let keep = job.run(&transaction);
        // A full disk or an I/O error can undo the whole transaction behind our back: then nobody's work is done.
        if transaction.is_autocommit() {
            return Err(StoreError::Unavailable(
                "the disk is full, or refused to write",
            ));
        }
        transaction.execute_batch(if keep {
            "RELEASE job"
        } else {
            "ROLLBACK TO job; RELEASE job"
        })?;
    }
    transaction.commit()?;
    Ok(())
}

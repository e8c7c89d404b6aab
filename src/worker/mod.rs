//! Jobs: what a user can ask for, carried out away from whoever asks.
//!
//! ```text
//!   Command::Run(id, job) ──▶ queue (4 at a time) ──▶ run(job, services) ──▶ Event::Finished(id, …)   exactly once
//!   Command::Cancel(id)   ──▶ its token                    └──▶ Event::Progress(id, …)
//!   Command::Stop         ──▶ every token, then the end
//! ```
//!
//! The terminal program sends commands to [`spawn`]'s thread; the command line calls [`run::run`] itself. There is no
//! third way to the network. Nothing that writes is tried twice: what may be sent again is for a person to decide. Only the
//! reads of bulk jobs are, by way of [`again`].

pub mod again;
pub mod compare;
pub mod dump;
pub mod export;
pub mod filter;
pub mod handover;
mod history;
pub mod job;
pub mod load;
pub mod plan;
pub mod replay;
pub mod run;
pub mod services;
pub mod stream;
pub mod verify;

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::worker::job::Command;
use crate::worker::job::Event;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;
use crate::worker::services::Services;

/// How many jobs run at a time; the others wait in the order of their commands.
pub const AT_A_TIME: usize = 4;

/// A running worker.
pub struct Worker {
    /// Takes commands; dropping it stops the worker as [`Command::Stop`] does.
    pub commands: UnboundedSender<Command>,
    /// Gives events; ends when the worker has ended.
    pub events: UnboundedReceiver<Event>,
    /// The worker's thread; ends after a stop, when every job has reported its end.
    pub thread: JoinHandle<()>,
}

impl Worker {
    /// Cancels every job, waits for their ends, and closes what they used: the sandbox, the history.
    pub fn stop(self) {
        // It may have ended already.
        let _ = self.commands.send(Command::Stop);
        // A panic of its thread was reported by the panic hook.
        let _ = self.thread.join();
    }
}

/// Starts a worker on a thread of its own. Fails when the system gives no thread or no event queue.
pub fn spawn(services: Services) -> io::Result<Worker> {
    let (commands, inbox) = mpsc::unbounded_channel();
    let (outbox, events) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let thread = std::thread::Builder::new()
        .name("worker".to_owned())
        .spawn(move || runtime.block_on(Desk::new(services, outbox).work(inbox)))?;
    Ok(Worker {
        commands,
        events,
        thread,
    })
}

/// How a job ended.
type Ended = Result<Output, JobError>;

/// The worker's state: which jobs are under way.
struct Desk {
    services: Arc<Services>,
    outbox: UnboundedSender<Event>,
    places: Arc<Semaphore>,
    tasks: JoinSet<Ended>,
    /// The jobs that have not reported their end, by the task that does them: a panic tells only the task.
    under_way: HashMap<tokio::task::Id, (JobId, CancellationToken)>,
}

impl Desk {
    fn new(services: Services, outbox: UnboundedSender<Event>) -> Self {
        Self {
            services: Arc::new(services),
            outbox,
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            tasks: JoinSet::new(),
            under_way: HashMap::new(),
        }
    }

    /// Takes commands until told to stop, or until nobody can send one any more; then ends every job.
    async fn work(mut self, mut inbox: UnboundedReceiver<Command>) {
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(Command::Run(id, job)) => self.begin(id, job),
                    Some(Command::Cancel(id)) => self.cancel(id),
                    Some(Command::Stop) | None => break,
                },
                Some(ended) = self.tasks.join_next_with_id() => self.finish(ended),
            }
        }
        // Jobs asked for after the stop never begin, but their end is reported like any other.
        inbox.close();
        while let Some(command) = inbox.recv().await {
            if let Command::Run(id, job) = command {
                self.begin(id, job);
            }
        }
        for (_, cancel) in self.under_way.values() {
            cancel.cancel();
        }
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.finish(ended);
        }
        // There is nobody left to tell.
        self.services.settle(&|_| ()).await;
    }

    fn begin(&mut self, id: JobId, job: Job) {
        let cancel = CancellationToken::new();
        let task = do_job(
            id,
            job,
            Arc::clone(&self.services),
            Arc::clone(&self.places),
            self.outbox.clone(),
            cancel.clone(),
        );
        let task = self.tasks.spawn(task);
        self.under_way.insert(task.id(), (id, cancel));
    }

    fn cancel(&self, id: JobId) {
        for (_, cancel) in self.under_way.values().filter(|(job, _)| *job == id) {
            cancel.cancel();
        }
    }

    fn finish(&mut self, ended: Result<(tokio::task::Id, Ended), JoinError>) {
        let (task, result) = match ended {
            Ok((task, result)) => (task, result),
            Err(error) => (error.id(), Err(panicked(error))),
        };
        if let Some((id, _)) = self.under_way.remove(&task) {
            // Nobody listens any more when the front-end has gone.
            let _ = self.outbox.send(Event::Finished(id, result));
        }
    }
}

async fn do_job(
    id: JobId,
    job: Job,
    services: Arc<Services>,
    places: Arc<Semaphore>,
    outbox: UnboundedSender<Event>,
    cancel: CancellationToken,
) -> Ended {
    let place = cancel.run_until_cancelled(places.acquire()).await;
    let Some(Ok(_place)) = place else {
        return Err(JobError::Cancelled(None));
    };
    let progress = |progress| {
        let _ = outbox.send(Event::Progress(id, progress));
    };
    run::run(job, &services, progress, &cancel).await
}

fn panicked(error: JoinError) -> JobError {
    match error.try_into_panic() {
        Ok(payload) => JobError::Panicked(panic_message(payload.as_ref())),
        Err(_) => JobError::Cancelled(None),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    match payload.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => "a panic without a message".to_owned(),
    }
}

#[cfg(test)]
mod tests;

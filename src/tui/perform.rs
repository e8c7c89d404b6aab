//! Carries out effects: the only place, beside the terminal, where the explorer touches the world.

use std::io;

use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;

use crate::tui::effect::Effect;
use crate::tui::msg::Msg;
use crate::tui::panes::response::body::Body;
use crate::tui::runtime;
use crate::tui::terminal;
use crate::tui::terminal::Screen;
use crate::worker::Worker;
use crate::worker::job::Command;

/// Carries out effects with the help of the worker.
pub struct Performer {
    worker: Worker,
    /// What was read away from the loop.
    read: (UnboundedSender<Msg>, UnboundedReceiver<Msg>),
}

impl Performer {
    /// A performer that gives its jobs to `worker`.
    pub fn new(worker: Worker) -> Self {
        Self {
            worker,
            read: mpsc::unbounded_channel(),
        }
    }

    /// The next thing that comes of an effect; waits for ever when nothing can come any more.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            Some(event) = self.worker.events.recv() => Msg::Worker(event),
            Some(msg) = self.read.1.recv() => msg,
            else => std::future::pending().await,
        }
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
            Effect::Redraw => runtime::redraw(screen)?,
            Effect::Resume => runtime::resume(screen)?,
            Effect::Suspend => {
                terminal::suspend()?;
                runtime::redraw(screen)?;
            }
            Effect::Quit => return Ok(true),
        }
        Ok(false)
    }

    /// Ends the worker: what runs is cancelled, the sandbox is stopped.
    pub fn stop(self) {
        self.tell(Command::Stop);
        // A worker that panicked has nothing left to stop.
        let _ = self.worker.thread.join();
    }

    fn tell(&self, command: Command) {
        // The worker lives as long as this; if it died all the same, its jobs were answered with that.
        let _ = self.worker.commands.send(command);
    }
}

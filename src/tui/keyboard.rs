//! What the terminal tells: keys, the mouse, pastes, its size; read in a thread of its own.
//!
//! Whoever asks crossterm for the next event while it waits for one gives up the processor several times in vain. The
//! loop that draws must not: on a busy machine each time costs a frame. So a thread asks, and the loop hears of it
//! through a channel.

use std::io;
use std::thread::JoinHandle;

use crossterm::event::Event;
use crossterm::event::EventStream;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// How many events wait at most; a terminal that tells more has to wait itself.
const WAITING: usize = 1024;

/// Reads from the terminal as long as it lives; dropped, it leaves the keys to other programs.
#[derive(Debug)]
pub struct Keyboard {
    events: mpsc::Receiver<io::Result<Event>>,
    reader: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Keyboard {
    /// Begins to read. To be called where the runtime is.
    pub fn new() -> io::Result<Self> {
        let (tell, events) = mpsc::channel(WAITING);
        let (stop, mut stopped) = oneshot::channel();
        let runtime = Handle::current();
        // Now, not in the thread: a new size must not come before anybody listens for it.
        let mut stream = EventStream::new();
        let read = async move {
            loop {
                let event = tokio::select! {
                    biased;
                    _ = &mut stopped => return,
                    event = stream.next() => event,
                };
                let Some(event) = event else { return };
                tokio::select! {
                    biased;
                    _ = &mut stopped => return,
                    sent = tell.send(event) => if sent.is_err() { return },
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("keyboard".to_owned())
            .spawn(move || runtime.block_on(read))?;
        Ok(Self {
            events,
            reader: Some((stop, thread)),
        })
    }

    /// What comes next; none when the terminal has gone. Nothing is lost when nobody waits to the end.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        self.events.recv().await
    }

    /// What has come already.
    pub fn ready(&mut self) -> Option<io::Result<Event>> {
        self.events.try_recv().ok()
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.reader.take() {
            // Who reads has ended if nobody hears this.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

//! The loop: draw, wait for one message, update, perform.
//!
//! The loop awaits nothing but its inputs. It draws after each batch of messages, never on a clock; a clock ticks only
//! while something on the screen changes with time.

use std::io;
use std::io::Write;
use std::time::Duration;

use crossterm::event::Event as TerminalEvent;
use crossterm::queue;
use crossterm::terminal::BeginSynchronizedUpdate;
use crossterm::terminal::EndSynchronizedUpdate;
use jiff::Timestamp;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use crate::tui::editor;
use crate::tui::editor::Programs;
use crate::tui::effect::Effect;
use crate::tui::keyboard::Keyboard;
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::perform::Performer;
use crate::tui::recording::Recorder;
use crate::tui::terminal;
use crate::tui::terminal::Screen;
use crate::tui::update::update;
use crate::tui::view::view;

/// How often the screen changes while a call runs.
const TICK: Duration = Duration::from_millis(100);

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The user left.
    Quit,
    /// This signal ended it.
    Signal(u8),
}

/// How many messages are handled before the screen is drawn, when they come faster than it can be.
const BURST: usize = 64;

/// Draws and handles messages until the program ends.
pub async fn run(
    screen: &mut Screen,
    model: &mut Model,
    performer: &mut Performer,
    programs: &Programs,
    recorder: &mut Option<Recorder>,
    mut signals: Signals,
) -> io::Result<End> {
    let mut input = Keyboard::new()?;
    loop {
        notice_size(screen, model, recorder)?;
        draw(screen, model)?;
        let mut next = tokio::select! {
            // Signals first, then keys, so that a flood of answers cannot keep the user from cancelling.
            biased;
            number = signals.next() => match number {
                CONTINUE => Some(Msg::Continued),
                number => return Ok(End::Signal(number)),
            },
            event = input.next() => match event {
                Some(Ok(event)) => Some(Msg::Terminal(event)),
                // The terminal has gone.
                Some(Err(_)) | None => return Ok(End::Signal(HANGUP)),
            },
            msg = performer.next() => Some(msg),
            () = tokio::time::sleep(TICK), if model.is_moving() => Some(Msg::Tick),
        };
        let mut handled = 0;
        while let Some(msg) = next.take() {
            model.files.notice_changes();
            for effect in recorded(recorder, model, msg) {
                if matches!(effect, Effect::Edit(_) | Effect::Show(_)) {
                    // Whoever reads the keys now would take them from the program.
                    drop(input);
                    match lend(screen, &mut signals, programs, &effect).await? {
                        Ok(Some(msg)) => performer.hear(msg),
                        Ok(None) => {}
                        Err(number) => return Ok(End::Signal(number)),
                    }
                    input = Keyboard::new()?;
                }
                if performer.perform(effect, screen)? {
                    return Ok(End::Quit);
                }
            }
            handled += 1;
            if handled < BURST {
                next = match input.ready() {
                    Some(Ok(event)) => Some(Msg::Terminal(event)),
                    Some(Err(_)) => return Ok(End::Signal(HANGUP)),
                    // What was told meanwhile, too: drawing each of it would fall behind what is done.
                    None => performer.ready(),
                };
            }
        }
    }
}

/// Lends the terminal to the program of the user's that the effect is for. Gives what came of it, or the signal that ends
/// the program meanwhile.
///
/// Ctrl-C and a stop are for the other program: what they send to this process as well is passed over.
async fn lend(
    screen: &mut Screen,
    signals: &mut Signals,
    programs: &Programs,
    effect: &Effect,
) -> io::Result<Result<Option<Msg>, u8>> {
    terminal::leave();
    let used = async {
        match effect {
            Effect::Edit(file) => Some(Msg::Edited(editor::edit(&programs.editor, file).await)),
            Effect::Show(file) => Some(Msg::Shown(editor::show(programs, file).await)),
            _ => None,
        }
    };
    tokio::pin!(used);
    let outcome = loop {
        tokio::select! {
            number = signals.next() => match number {
                INTERRUPT | CONTINUE => {}
                number => break Err(number),
            },
            msg = &mut used => break Ok(msg),
        }
    };
    if outcome.is_ok() {
        // Keys typed ahead, and what the terminal told the editor too late, are not for us.
        terminal::forget_input();
        terminal::enter_modes()?;
        redraw(screen)?;
    }
    Ok(outcome)
}

/// Takes over the terminal's size, which may have changed without an event: crossterm loses the one that comes together
/// with a key.
fn notice_size(
    screen: &Screen,
    model: &mut Model,
    recorder: &mut Option<Recorder>,
) -> io::Result<()> {
    let size = screen.size()?;
    if model.area.as_size() != size {
        let resize = TerminalEvent::Resize(size.width, size.height);
        // A size alone never asks for anything to be done outside.
        recorded(recorder, model, Msg::Terminal(resize));
    }
    Ok(())
}

/// Lets the message happen, and notes that before: a recording has also the one that panics.
fn recorded(recorder: &mut Option<Recorder>, model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = Timestamp::now();
    if let Some(recorder) = recorder {
        recorder.note(&msg, now, model);
    }
    let effects = update(model, msg, now);
    if let Some(recorder) = recorder {
        for effect in &effects {
            recorder.note_asked(effect);
        }
    }
    effects
}

/// Draws the screen, so that the terminal shows it at once and not while it grows.
pub fn draw(screen: &mut Screen, model: &Model) -> io::Result<()> {
    queue!(screen.backend_mut(), BeginSynchronizedUpdate)?;
    screen.draw(|frame| view(model, frame))?;
    queue!(screen.backend_mut(), EndSynchronizedUpdate)?;
    screen.backend_mut().flush()
}

const HANGUP: u8 = 1;
const INTERRUPT: u8 = 2;
const TERMINATE: u8 = 15;
const CONTINUE: u8 = 18;

/// The signals that the program answers to.
pub struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
    cont: Signal,
}

impl Signals {
    /// From now on they no longer end the program at once. To be called where the runtime is.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            cont: signal(SignalKind::from_raw(CONTINUE.into()))?,
        })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.hangup.recv() => HANGUP,
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => TERMINATE,
            _ = self.cont.recv() => CONTINUE,
        }
    }
}

/// Draws everything anew, whatever the terminal shows now. Asks the terminal nothing, unlike ratatui's own `clear`.
pub fn redraw(screen: &mut Screen) -> io::Result<()> {
    let size = screen.size()?;
    screen.resize(ratatui::layout::Rect::new(0, 0, size.width, size.height))
}

/// Comes back from a stop that another process asked for.
pub fn resume(screen: &mut Screen) -> io::Result<()> {
    terminal::enter_modes()?;
    redraw(screen)
}

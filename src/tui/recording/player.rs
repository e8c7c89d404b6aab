//! The terminal for `--replay`: it shows the recorded screens one after the other, and what is being played below them.
//!
//! The recorded screen is drawn as large as it was; a smaller terminal shows its upper left part.

use std::io;
use std::io::Write;
use std::time::Duration;
use std::time::Instant;

use crossterm::event;
use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyEventKind;
use crossterm::event::KeyModifiers;
use crossterm::queue;
use crossterm::terminal::BeginSynchronizedUpdate;
use crossterm::terminal::EndSynchronizedUpdate;
use ratatui::Frame;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::recording::replay::Replay;
use crate::tui::recording::replay::Step;
use crate::tui::runtime;
use crate::tui::terminal;
use crate::tui::terminal::Screen;
use crate::tui::theme::Theme;
use crate::tui::view::view;
use crate::tui::widgets::text;

/// How long a pause of the recording is kept at most, before the speed makes it shorter still.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The speed that `p` plays at.
const USUAL_SPEED: f64 = 1.0;

/// Plays a recording until the user ends it; from the start on at this speed, or step by step without one. The terminal
/// must have been entered.
pub fn play(
    screen: &mut Screen,
    mut replay: Replay,
    speed: Option<f64>,
    theme: &Theme,
) -> io::Result<()> {
    let mut playing = speed;
    let mut over = None;
    let mut shown = drawn(&replay)?;
    loop {
        show(screen, &shown, &replay, playing, over.as_deref(), theme)?;
        let due = match (playing, &over) {
            (Some(speed), None) => {
                // What comes after the last line is said at once.
                let next = replay.next_at().unwrap_or_default();
                let pause = next.saturating_sub(replay.at()).min(LONGEST_PAUSE);
                Some(Instant::now() + pause.div_f64(speed))
            }
            _ => None,
        };
        let mut steps = match wait(due)? {
            Heard::Due => true,
            Heard::Event(Event::Key(key)) if key.kind != KeyEventKind::Release => match verb(key) {
                Some(Verb::End) => return Ok(()),
                Some(Verb::Step) => {
                    playing = None;
                    true
                }
                Some(Verb::Play) => {
                    playing = match playing {
                        Some(_) => None,
                        None => Some(speed.unwrap_or(USUAL_SPEED)),
                    };
                    false
                }
                None => false,
            },
            Heard::Event(Event::Resize(..)) => {
                runtime::redraw(screen)?;
                false
            }
            Heard::Nothing | Heard::Event(_) => false,
        };
        while steps && over.is_none() {
            match replay.step() {
                Step::Over(why) => over = Some(why),
                Step::Played => {
                    let next = drawn(&replay)?;
                    // A step that nobody can see is none.
                    steps = playing.is_none() && next == shown;
                    shown = next;
                }
            }
        }
    }
}

enum Verb {
    Step,
    Play,
    End,
}

fn verb(key: KeyEvent) -> Option<Verb> {
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Verb::End),
        KeyCode::Char('q') | KeyCode::Esc => Some(Verb::End),
        KeyCode::Char(' ') => Some(Verb::Step),
        KeyCode::Char('p') => Some(Verb::Play),
        _ => None,
    }
}

enum Heard {
    Nothing,
    Due,
    Event(Event),
}

/// Waits for the user, or until the next line is due.
fn wait(due: Option<Instant>) -> io::Result<Heard> {
    let Some(due) = due else {
        return event::read().map(Heard::Event);
    };
    let left = due.saturating_duration_since(Instant::now());
    if event::poll(left)? {
        return event::read().map(Heard::Event);
    }
    Ok(if Instant::now() >= due {
        Heard::Due
    } else {
        Heard::Nothing
    })
}

/// The recorded screen.
fn drawn(replay: &Replay) -> io::Result<Buffer> {
    let model = replay.model();
    let mut terminal = Terminal::new(TestBackend::new(model.area.width, model.area.height))
        .map_err(io::Error::other)?;
    terminal
        .draw(|frame| view(model, frame))
        .map_err(io::Error::other)?;
    Ok(terminal.backend().buffer().clone())
}

fn show(
    screen: &mut Screen,
    shown: &Buffer,
    replay: &Replay,
    playing: Option<f64>,
    over: Option<&str>,
    theme: &Theme,
) -> io::Result<()> {
    queue!(screen.backend_mut(), BeginSynchronizedUpdate)?;
    screen.draw(|frame| draw(frame, shown, replay, playing, over, theme))?;
    queue!(screen.backend_mut(), EndSynchronizedUpdate)?;
    screen.backend_mut().flush()
}

fn draw(
    frame: &mut Frame<'_>,
    shown: &Buffer,
    replay: &Replay,
    playing: Option<f64>,
    over: Option<&str>,
    theme: &Theme,
) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    let common = area.intersection(shown.area);
    for y in 0..common.height {
        for x in 0..common.width {
            buffer[(x, y)] = shown[(x, y)].clone();
        }
    }
    // Below the recorded screen, or in its last line where there is no room.
    let y = shown.area.height.min(area.height.saturating_sub(1));
    let line = Rect::new(0, y, area.width, 1).intersection(area);
    for x in line.left()..line.right() {
        buffer[(x, y)].reset();
    }
    let said = sentence(replay, playing, over);
    text::put(buffer, line.x, line.y, line.width, &said, theme.accent);
    if let Some(ground) = theme.ground {
        ground.paint(buffer);
    }
}

fn sentence(replay: &Replay, playing: Option<f64>, over: Option<&str>) -> String {
    let (at, of) = replay.progress();
    let seconds = replay.at().as_secs_f64();
    let head = format!("REPLAY {at}/{of}  {seconds:.1} s  {}", replay.told());
    match (over, playing) {
        (Some(why), _) => format!("{head}  · {why}  ·  q end"),
        (None, None) => format!("{head}  ·  space next  p play  q end"),
        (None, Some(speed)) => {
            format!("{head}  ·  playing at {speed}×  p pause  space step  q end")
        }
    }
}

/// Plays a recording on this process's terminal, and leaves it as it was.
pub fn run(replay: Replay, speed: Option<f64>, theme: &Theme) -> io::Result<()> {
    terminal::restore_on_panic(None);
    // A recording has nothing to click on.
    let mut screen = terminal::enter(false)?;
    let played = play(&mut screen, replay, speed, theme);
    terminal::leave();
    played
}

//! What lies over the panes: a stack, of which the top one gets the keys.

pub mod access;
pub mod ask_file;
pub mod ask_line;
pub mod begin;
pub mod call_compare;
pub mod choose;
pub mod confirm;
pub mod diagram;
pub mod difference;
pub mod drafts;
pub mod export;
pub mod faults;
pub mod hand_over;
pub mod help;
pub mod menu;
pub mod open_record;
pub mod paste;
pub mod plan;
pub mod rules;
pub mod schema_compare;
pub mod schema_plan;
pub mod sheet;
pub mod timeline;

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::tui::layout::within_margin;
use crate::tui::overlays::access::AccessSheet;
use crate::tui::overlays::ask_line::AskLine;
use crate::tui::overlays::begin::Begin;
use crate::tui::overlays::call_compare::CallCompare;
use crate::tui::overlays::choose::Choose;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::diagram::Diagram;
use crate::tui::overlays::difference::Difference;
use crate::tui::overlays::drafts::DraftList;
use crate::tui::overlays::export::Export;
use crate::tui::overlays::faults::FaultMenu;
use crate::tui::overlays::hand_over::HandOverSheet;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::menu::Menu;
use crate::tui::overlays::open_record::OpenRecord;
use crate::tui::overlays::paste::PasteSheet;
use crate::tui::overlays::plan::PlanSheet;
use crate::tui::overlays::rules::RulesSheet;
use crate::tui::theme::Theme;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::text;

/// One thing that lies over the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The keys of a pane.
    Help(Box<Help>),
    /// A question before something that cannot be taken back.
    Confirm(Confirm),
    /// What a change would do, before it is made.
    Difference(Difference),
    /// What may go wrong on purpose.
    Faults(FaultMenu),
    /// What would be sent.
    Plan(PlanSheet),
    /// What a pasted text was taken for.
    Paste(Box<PasteSheet>),
    /// Which record to open.
    OpenRecord(Box<OpenRecord>),
    /// With what the draft is filled.
    Fill(Menu),
    /// From what a new entity type is begun.
    Begin(Box<Begin>),
    /// The diagram of a design.
    Diagram(Box<Diagram>),
    /// As what a design is exported.
    Export(Box<Export>),
    /// How a call is handed over.
    HandOver(Box<HandOverSheet>),
    /// Which drafts are kept.
    Drafts(DraftList),
    /// The plan of a schema's changes, which the model holds.
    SchemaPlan,
    /// The comparison of two schemas, which the model holds.
    SchemaCompare,
    /// A record through time, which the model holds.
    Timeline,
    /// Two calls side by side.
    CallCompare(Box<CallCompare>),
    /// With what a schema is compared.
    CompareWith(Menu),
    /// Something to choose that is known only now.
    Choose(Choose),
    /// A line to type.
    AskLine(Box<AskLine>),
    /// The rules and combined uniquenesses of an entity type.
    Rules(Box<RulesSheet>),
    /// Which attributes of an entity type a client may read and write.
    Access(Box<AccessSheet>),
}

/// The middle of `area`, at most `width` by `height`.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// What an exchange that did not go well comes to, in a few lines: the service's words, what they mean, what to do.
pub fn service_words(exchange: &Exchange) -> Vec<String> {
    let Some(Answer::Error(error)) = exchange.answer() else {
        let failure = exchange.failure();
        let lines = failure.into_iter().flat_map(|failure| {
            let rest = failure.cause.into_iter().chain(failure.hints);
            std::iter::once(failure.message).chain(rest)
        });
        return lines.collect();
    };
    let name = error.code.name().unwrap_or(error.error.as_str());
    let mut lines = vec![format!(
        "ERROR {} {name}: {}",
        error.code, error.description
    )];
    if let Some(info) = error.code.info() {
        lines.push(info.meaning.to_owned());
        lines.extend(info.remedy.iter().map(|remedy| (*remedy).to_owned()));
    }
    lines
}

/// How far a key scrolls what an overlay shows; `None` for any other key.
pub fn scroll_step(code: KeyCode) -> Option<isize> {
    match code {
        KeyCode::Down | KeyCode::Char('j') => Some(1),
        KeyCode::Up | KeyCode::Char('k') => Some(-1),
        KeyCode::PageDown | KeyCode::Char(' ') => Some(10),
        KeyCode::PageUp => Some(-10),
        KeyCode::Home => Some(isize::MIN),
        KeyCode::End => Some(isize::MAX),
        _ => None,
    }
}

/// Draws an empty popup with a title, and gives the area inside.
pub fn popup(buf: &mut Buffer, area: Rect, title: &str, theme: &Theme) -> Rect {
    text::fill(buf, area, theme.text);
    let frame = PaneFrame {
        title,
        focused: true,
        ..PaneFrame::default()
    };
    within_margin(frame.draw(buf, area, theme))
}

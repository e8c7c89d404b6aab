//! What each message does: the root routes it, a pane changes itself, and what the pane wants of the rest of the
//! program comes back as an outcome that is given its meaning here.
//!
//! No I/O, no clock, no randomness: the moment comes in with the message, work goes out as effects.

pub mod begin;
pub mod calls;
mod copying;
mod denied;
mod export;
mod files;
pub mod find;
mod handover;
pub mod history;
pub mod pasting;
mod reach;
pub mod records;
pub mod replay;
pub mod schema;
mod schema_access;
mod schema_compare;
mod schema_plan;
mod schema_rules;
pub mod sheets;
mod timeline;

use std::sync::Arc;

use crossterm::event::Event as TerminalEvent;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyEventKind;
use crossterm::event::KeyModifiers;
use crossterm::event::MouseButton;
use crossterm::event::MouseEvent;
use crossterm::event::MouseEventKind;
use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::path::AttrPath;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::tui::action::Action;
use crate::tui::action::app;
use crate::tui::drafts;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::json_text::Proposal;
use crate::tui::keys::combo::Combo;
use crate::tui::keys::keymap::Lookup;
use crate::tui::keys::keymap::key as key_of;
use crate::tui::keys::keymap::put_in_force;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::Msg;
use crate::tui::msg::PaneEvent;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::tui::overlays::difference;
use crate::tui::overlays::difference::Difference;
use crate::tui::overlays::faults;
use crate::tui::overlays::faults::FaultMenu;
use crate::tui::overlays::help;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::menu;
use crate::tui::overlays::menu::Choice;
use crate::tui::overlays::menu::Menu;
use crate::tui::panes::form;
use crate::tui::panes::form::fill::FILLINGS;
use crate::tui::panes::response;
use crate::tui::panes::response::Source;
use crate::tui::panes::schema::Action as SchemaAction;
use crate::tui::panes::types;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::update::replay::Whither;
use crate::tui::viewer;
use crate::tui::wire;
use crate::worker::job::Event;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;
use crate::worker::job::Progress;

/// Rows that one turn of the wheel moves.
const WHEEL: i16 = 3;

/// Handles one message, and says what is to be done outside.
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    put_in_force(&model.keymap);
    model.session.now = now;
    let mut effects = Vec::new();
    let focus = model.focus;
    match msg {
        Msg::Terminal(event) => terminal(model, event, &mut effects),
        Msg::Worker(Event::Progress(_, Progress::Notice(text))) => model.say(Tone::Plain, text),
        Msg::Worker(Event::Progress(id, Progress::Step(progress))) => {
            schema_plan::gets_on(model, id, progress);
        }
        Msg::Worker(Event::Progress(id, Progress::Sent(timing))) => model.response.left(id, timing),
        Msg::Tick => {
            model.form.catch_up();
            model.schema.catch_up();
            model.history.catch_up(model.session.now);
        }
        Msg::Worker(Event::Finished(id, result)) => finished(model, id, result, &mut effects),
        Msg::BodyRead(exchange, body) => model.response.body_read(&exchange, body),
        Msg::Feed(told) => files::heard(model, told),
        Msg::Viewer(told) => {
            let outcome = match model.files.viewer_waiting(&told.stub) {
                Some(viewer) => viewer.heard(told),
                None => model.response.heard(told),
            };
            if let Some(outcome) = outcome {
                viewer_outcome(model, outcome, &mut effects);
            }
        }
        Msg::ClipboardRead(Ok(text)) if begin::waits(model) => {
            begin::text_came(model, text, &mut effects);
        }
        Msg::ClipboardRead(Ok(text)) => pasted(model, text, &mut effects),
        Msg::PasteRead(text, pasted) if begin::waits(model) => {
            begin::was_taken(model, text, *pasted, &mut effects);
        }
        Msg::PasteRead(text, pasted) => pasting::was_taken(model, text, *pasted),
        Msg::SchemaRead(read) => schema_compare::schema_read(model, read),
        Msg::FilesRead(read) if begin::waits(model) => begin::file_read(model, read, &mut effects),
        Msg::FilesRead(read) => pasting::files_read(model, read),
        Msg::Inferred(result) => begin::inferred(model, result),
        Msg::PathsFound(typed, found) => begin::paths_found(model, &typed, found),
        Msg::Drafts(event) => drafts::heard(model, event, &mut effects),
        Msg::Copied(Ok(said)) => model.say(Tone::Plain, said),
        Msg::Copied(Err(said)) | Msg::ClipboardRead(Err(said)) => model.say(Tone::Refusal, said),
        // The explorer runs no job in bulk.
        Msg::Worker(Event::Progress(
            _,
            Progress::Started | Progress::Results(_) | Progress::Bulk(_) | Progress::Again(_),
        ))
        | Msg::Shown(Ok(())) => {}
        Msg::Shown(Err(why)) => model.say(Tone::Refusal, why),
        Msg::Edited(result) if model.schema.is_edited_outside() => {
            schema::edited_outside(model, result, &mut effects);
        }
        Msg::Edited(result) => {
            let outcome = model.form.edited_outside(result, now);
            form_outcome(model, outcome, &mut effects);
        }
        Msg::Continued => effects.push(Effect::Resume),
    }
    pasting::put(model);
    // Before a record goes out, that it is going is on its way to the disk.
    effects.splice(0..0, drafts::changes(model));
    wire::refresh(model);
    model.response.look_over(&model.session);
    if let Some(exchange) = model.response.ask_for_body() {
        let mask = model.session.mask.clone();
        effects.push(Effect::ReadBody(exchange, mask));
    }
    if model.focus == PaneId::History && focus != PaneId::History {
        // Another program may have made calls meanwhile.
        model.history.look_for_new();
    }
    history::ask(model, &mut effects);
    effects.extend(files::tasks(model));
    effects.extend(model.response.take_tasks().into_iter().map(Effect::Work));
    model.relayout();
    effects
}

fn terminal(model: &mut Model, event: TerminalEvent, effects: &mut Vec<Effect>) {
    match event {
        TerminalEvent::Resize(width, height) => model.area = Rect::new(0, 0, width, height),
        TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => {
            key_pressed(model, key, effects);
        }
        TerminalEvent::Paste(text) => pasted(model, text, effects),
        TerminalEvent::Mouse(mouse) => mouse_moved(model, mouse, effects),
        TerminalEvent::FocusGained if model.screen.pane(PaneId::History).is_some() => {
            model.history.look_for_new();
        }
        TerminalEvent::Key(_) | TerminalEvent::FocusGained | TerminalEvent::FocusLost => {}
    }
}

fn key_pressed(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    assert!(
        !(model.panic_key && key.code == KeyCode::F(12)),
        "asked to panic"
    );
    model.message = None;
    model.files.touch();
    match model.overlays.last_mut() {
        Some(Overlay::Help(help)) => {
            match help.key(key, model.area) {
                help::Reply::Open => {}
                help::Reply::Close => drop(model.overlays.pop()),
                help::Reply::Do(action) => {
                    model.overlays.pop();
                    reach::act(model, action, effects);
                }
            }
            return;
        }
        Some(Overlay::Confirm(_)) => return records::confirm_key(model, key, effects),
        Some(Overlay::Plan(_)) => return records::plan_key(model, key, effects),
        Some(Overlay::Paste(_)) => return pasting::key(model, key, effects),
        Some(Overlay::OpenRecord(_)) => return records::which_key(model, key, effects),
        Some(Overlay::Begin(_)) => return begin::key(model, key, effects),
        Some(Overlay::Diagram(_)) => return export::diagram_key(model, key),
        Some(Overlay::Export(_)) => return export::key(model, key, effects),
        Some(Overlay::HandOver(_)) => return handover::key(model, key, effects),
        Some(Overlay::Rules(_) | Overlay::Access(_)) => {
            if sheets::typed(model, key) {
                return;
            }
        }
        Some(Overlay::Difference(difference)) => {
            match difference.key(key, model.area) {
                difference::Reply::Open => {}
                difference::Reply::Keep => {
                    model.overlays.pop();
                }
                difference::Reply::GoOn(action) => {
                    model.overlays.pop();
                    carry_out(model, action, effects);
                }
            }
            return;
        }
        Some(Overlay::Faults(menu)) => {
            match menu.key(key) {
                faults::Reply::Open => {}
                faults::Reply::Close => {
                    model.overlays.pop();
                }
                faults::Reply::Set(rules) => {
                    model.overlays.pop();
                    let mut fx = model.fx(Owner::App, effects);
                    fx.run("faults", Job::SetFaults(rules), false);
                }
            }
            return;
        }
        Some(Overlay::Fill(menu)) => {
            match menu.key(key) {
                menu::Reply::Open => {}
                menu::Reply::Close => {
                    model.overlays.pop();
                }
                menu::Reply::Chosen(at) => {
                    model.overlays.pop();
                    if let Some((.., filling)) = FILLINGS.get(at) {
                        let outcome = model.form.fill(*filling, model.session.now);
                        form_outcome(model, outcome, effects);
                    }
                }
            }
            return;
        }
        Some(Overlay::Drafts(list)) => {
            let reply = list.key(key, model.drafts.all.len());
            drafts::list_replied(model, reply, effects);
            return;
        }
        Some(Overlay::CompareWith(menu)) => {
            let reply = menu.key(key);
            return schema_compare::menu_replied(model, reply, effects);
        }
        Some(Overlay::Choose(choose)) => {
            let reply = choose.key(key, model.area.height);
            let of = choose.of;
            return schema_compare::choose_replied(model, of, reply, effects);
        }
        Some(Overlay::AskLine(ask)) => {
            let reply = ask.key(key);
            let then = ask.then;
            return schema_compare::line_replied(model, then, reply, effects);
        }
        // The keys of these sheets are verbs like those of a pane.
        Some(
            Overlay::SchemaPlan
            | Overlay::SchemaCompare
            | Overlay::Timeline
            | Overlay::CallCompare(_),
        )
        | None => {}
    }
    let combo = Combo::from(key);
    let interrupts =
        key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
    if !interrupts {
        // Leaving takes Ctrl-C twice, one after the other.
        model.interrupted = None;
    }
    let typing = model.is_typing();
    let scopes = model.scopes();
    if typing && combo.is_text() {
        // A character is the form's own: a verb of a pane further out never takes it.
        match model.keymap.lookup(&scopes[..1], &[combo]) {
            Lookup::Bound(action) => act(model, action, effects),
            Lookup::Prefix | Lookup::Unbound => typed(model, key, effects),
        }
        return;
    }
    model.pressed.push(combo);
    model.pressed_since.get_or_insert(model.session.now);
    match model.keymap.lookup(&scopes, &model.pressed) {
        Lookup::Bound(action) => {
            model.pressed.clear();
            model.pressed_since = None;
            act(model, action, effects);
        }
        Lookup::Prefix => {}
        Lookup::Unbound => {
            model.pressed_since = None;
            let pressed: Vec<String> = model.pressed.drain(..).map(|key| key.to_string()).collect();
            if typing {
                typed(model, key, effects);
            } else if key.code != KeyCode::Esc {
                // A key that does nothing says so. Esc also ends a sequence that was begun.
                let pressed = pressed.join(" ");
                model.say(
                    Tone::Refusal,
                    format!(
                        "{pressed} does nothing here: {} lists the keys",
                        key_of(HELP)
                    ),
                );
            }
        }
    }
}

const HELP: Action = Action::App(app::Action::Help);

/// A key for the text that is being written.
fn typed(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    match model.focus {
        PaneId::Records => find::event(model, PaneEvent::Key(key), effects),
        PaneId::Attribute => schema::attribute_event(model, PaneEvent::Key(key), effects),
        PaneId::Schema => schema::event(model, PaneEvent::Key(key), effects),
        PaneId::Response => viewer_event(model, PaneEvent::Key(key), effects),
        PaneId::History => history::event(model, PaneEvent::Key(key), effects),
        _ => form_event(model, PaneEvent::Key(key), effects),
    }
}

/// The one door for verbs, from whatever source: asks whether the verb can be used now, and says why not.
pub fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match refusal(model, action) {
        Some(_) if is_there(model, action) => model.focus = model.view.main_pane(),
        Some(reason) => model.say(Tone::Refusal, reason),
        None if action == Action::App(app::Action::Quit) => match lost_by_quitting(model) {
            Some(lost) => ask_before_quitting(model, lost),
            None => carry_out(model, action, effects),
        },
        None => carry_out(model, action, effects),
    }
}

/// Why a verb cannot be used now; `None` when it can.
pub fn refusal(model: &Model, action: Action) -> Option<&'static str> {
    match action {
        Action::App(action) => refuses(model, action),
        Action::Types(action) => model.types.refuses(action),
        Action::Form(action) => model.form.refuses(action),
        Action::Response(response::Action::Blame) => timeline::refuses_blame(model),
        Action::Response(action) => {
            files::refuses_of_call(model, action).or_else(|| model.response.refuses(action))
        }
        Action::Viewer(action) => match model.files.viewer() {
            Some(viewer) => viewer.refuses(action),
            None => model.response.refuses_in_body(action),
        },
        Action::History(action) => model.history.refuses(action),
        Action::Files(action) => model.files.refuses(action),
        Action::Records(action) => model.records.refuses(action),
        Action::Schema(SchemaAction::Rules | SchemaAction::Access) => refuses_asking(model),
        Action::Schema(action) => model.schema.refuses(action),
        // What cannot be changed says so when it is tried.
        Action::Attribute(_) => None,
        Action::Plan(action) => model.plan.as_ref()?.refuses(action),
        Action::Compare(action) => model.compare.as_ref()?.refuses(action),
        Action::Timeline(action) => timeline::refuses_in_sheet(model, action),
        Action::CallCompare(action) => calls::sheet(model)?.refuses(action),
        Action::Rules(action) => sheets::rules(model)?.refuses(action),
        Action::Access(action) => sheets::access(model)?.refuses(action),
    }
}

/// Whether the answer shown denies an attribute that the schema has: its access schema is worth a word then.
pub fn hides_attribute(model: &Model) -> bool {
    schema_access::hides(model)
}

fn refuses(model: &Model, action: app::Action) -> Option<&'static str> {
    if let Some(reason) = files::refuses(model, action) {
        return Some(reason);
    }
    match action {
        _ if model.view == View::Files => None,
        // Not in the footer; who presses it all the same is where they want to be, see `act`.
        _ if shown_by(action) == Some(model.view) => Some("this is shown already"),
        app::Action::Send if model.view == View::Schema => refuses_design(model),
        app::Action::FocusAttribute if model.view != View::Schema => {
            Some("attributes are edited in the schema: <app.schema> goes there")
        }
        app::Action::Send | app::Action::ShowFind if refuses_type(model).is_some() => {
            refuses_type(model)
        }
        app::Action::Send if model.view == View::Find => model.records.refuses_run(),
        app::Action::Send if model.session.read_only => {
            Some("this environment is read-only: creating is refused")
        }
        app::Action::Send if model.response.is_waiting() => {
            Some("a call is still running: <app.back> cancels it")
        }
        app::Action::Send => model.form.refuses_sending(),
        app::Action::Faults if !exists(model, Action::App(action)) => {
            Some("only the embedded sandbox fails on request: captui --env sandbox")
        }
        app::Action::Timeline => timeline::refuses(model),
        app::Action::GoToField if model.response.about().is_none() => {
            Some("the answer shown names no field")
        }
        _ => None,
    }
}

/// Why nothing can be done with the chosen entity type.
fn refuses_type(model: &Model) -> Option<&'static str> {
    if model.session.type_name.is_none() {
        Some("choose an entity type first: <app.types>, then <types.choose>")
    } else if model.session.schema().is_none() {
        Some("the schema of this entity type is not there yet: <app.refresh> asks for it again")
    } else {
        None
    }
}

/// Why the rules or access schemas of the chosen entity type cannot be asked for.
fn refuses_asking(model: &Model) -> Option<&'static str> {
    let waits = model.response.is_waiting();
    let waiting = waits.then_some("a call is still running: <app.back> cancels it");
    refuses_type(model).or(waiting)
}

fn refuses_design(model: &Model) -> Option<&'static str> {
    if model.session.read_only {
        Some("this environment is read-only: creating is refused")
    } else if model.response.is_waiting() {
        Some("a call is still running: <app.back> cancels it")
    } else {
        model.schema.refuses_sending()
    }
}

/// Whether a verb means anything in this environment, and belongs in its help.
fn exists(model: &Model, action: Action) -> bool {
    if let Action::App(action) = action
        && files::refuses(model, action).is_some()
    {
        return false;
    }
    action != Action::App(app::Action::Faults) || model.session.faults.is_some()
}

/// What leaving now would lose; `None` when nothing.
fn lost_by_quitting(model: &Model) -> Option<[String; 2]> {
    if model.response.is_sending() {
        return Some([
            "A record is being sent, and its answer has not come.".to_owned(),
            "Leaving does not take it back: it may still be created.".to_owned(),
        ]);
    }
    let are_kept = model.drafts.are_kept();
    let design = model.schema.unfinished().filter(|_| !are_kept);
    let lost = match (model.form.lost_by_leaving(are_kept), design) {
        (Some(lost), _) => lost,
        (None, Some("")) => "The design of a new entity type is not created.".to_owned(),
        (None, Some(name)) => format!("The design of {name} is not applied."),
        (None, None) => return None,
    };
    Some([lost, "Leaving loses it.".to_owned()])
}

fn ask_before_quitting(model: &mut Model, lost: [String; 2]) {
    model.overlays.push(Overlay::Confirm(Confirm::new(
        "Leave captui?",
        lost.to_vec(),
        ["Stay", "Leave"],
        Then::Act(Action::App(app::Action::Quit)),
    )));
}

fn carry_out(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::App(action) => app_action(model, action, effects),
        Action::Types(action) => types_event(model, PaneEvent::Act(action), effects),
        Action::Form(action) => form_event(model, PaneEvent::Act(action), effects),
        Action::Response(action) => response_event(model, PaneEvent::Act(action), effects),
        Action::Viewer(action) => viewer_event(model, PaneEvent::Act(action), effects),
        Action::History(action) => history::event(model, PaneEvent::Act(action), effects),
        Action::Files(action) => files::event(model, PaneEvent::Act(action)),
        Action::Records(action) => find::event(model, PaneEvent::Act(action), effects),
        Action::Schema(SchemaAction::Rules) => schema_rules::show(model, effects),
        Action::Schema(SchemaAction::Access) => schema_access::show(model, effects),
        Action::Schema(action) => schema::event(model, PaneEvent::Act(action), effects),
        Action::Attribute(action) => {
            schema::attribute_event(model, PaneEvent::Act(action), effects);
        }
        Action::Plan(action) => schema_plan::act(model, action, effects),
        Action::Compare(action) => schema_compare::act(model, action, effects),
        Action::Timeline(action) => timeline::act(model, action, effects),
        Action::CallCompare(action) => calls::act(model, action, effects),
        Action::Rules(action) => schema_rules::act(model, action, effects),
        Action::Access(action) => schema_access::act(model, action, effects),
    }
}

fn app_action(model: &mut Model, action: app::Action, effects: &mut Vec<Effect>) {
    match action {
        app::Action::Send => send(model, effects),
        app::Action::Back => back(model, effects),
        app::Action::Help => {
            let help = Help::new(&model.keymap, &model.scopes(), |action| {
                exists(model, action)
            });
            model.overlays.push(Overlay::Help(Box::new(help)));
        }
        app::Action::Verbs => {
            let all = Help::all(&model.keymap, &model.scopes(), |action| {
                exists(model, action)
            });
            model.overlays.push(Overlay::Help(Box::new(all)));
        }
        app::Action::Paste => effects.push(Effect::ReadClipboard),
        app::Action::Faults => {
            let rules = model.session.faults.as_deref().unwrap_or_default();
            let menu = FaultMenu::new(rules);
            model.overlays.push(Overlay::Faults(menu));
        }
        app::Action::Quit => effects.push(Effect::Quit),
        app::Action::Interrupt => interrupt(model, effects),
        app::Action::Suspend => effects.push(Effect::Suspend),
        app::Action::Redraw => effects.push(Effect::Redraw),
        app::Action::NextPane => step_focus(model, 1),
        app::Action::PreviousPane => step_focus(model, model.view.panes().len() - 1),
        app::Action::FocusTypes => model.focus = PaneId::Types,
        app::Action::FocusForm => model.focus = model.view.main_pane(),
        app::Action::FocusResponse => model.focus = PaneId::Response,
        app::Action::FocusHistory => model.focus = PaneId::History,
        app::Action::Drafts => drafts::show_list(model, effects),
        app::Action::Timeline => timeline::show(model, effects),
        app::Action::Mask => toggle_mask(model),
        app::Action::GoToField => go_to_field(model),
        app::Action::ShowRecord => model.show(View::Record),
        app::Action::ShowFind => find::show(model),
        app::Action::ShowSchema => schema::show(model, effects),
        app::Action::ShowHistory => {
            model.focus = PaneId::History;
            model.zoom = true;
            model.history.look_for_new();
        }
        app::Action::FocusAttribute => model.focus = PaneId::Attribute,
        app::Action::Zoom => model.zoom = !model.zoom,
        app::Action::Refresh if model.view == View::Files => files::open_again(model),
        app::Action::Refresh => {
            refresh(model, effects);
            model.say(
                Tone::Plain,
                "asked for the entity types and the schema again",
            );
        }
    }
}

/// Masks personal data on the screen, or shows it again.
fn toggle_mask(model: &mut Model) {
    let masks = model.session.mask.is_none();
    model.mask(masks);
    let said = if masks {
        "personal data is masked on the screen: <app.mask> shows it again"
    } else {
        "personal data is shown again"
    };
    model.say(Tone::Plain, said);
}

/// Whether a verb shows what is shown.
fn is_there(model: &Model, action: Action) -> bool {
    matches!(action, Action::App(action) if shown_by(action) == Some(model.view))
}

/// The view that a verb shows.
fn shown_by(action: app::Action) -> Option<View> {
    match action {
        app::Action::ShowRecord => Some(View::Record),
        app::Action::ShowFind => Some(View::Find),
        app::Action::ShowSchema => Some(View::Schema),
        _ => None,
    }
}

fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.view {
        View::Find => return find::run(model, effects),
        View::Schema => return schema::send(model, effects),
        // Nothing is sent from there.
        View::Files => return,
        View::Record => {}
    }
    let outcome = model.form.submit(model.session.now);
    form_outcome(model, outcome, effects);
}

/// Esc: cancels the running call; never quits.
fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some((id, running)) = model.jobs.asked_for() {
        let title = running.title.clone();
        effects.push(Effect::Cancel(id));
        model.say(Tone::Plain, format!("cancelling {title}"));
    } else if model.focus == PaneId::Response && model.response.step_back() {
        // What lay on the body is off.
    } else if model.focus == PaneId::History && model.history.clear_search(model.session.now) {
        // Everything is listed again.
    } else if model.focus == PaneId::History && model.session.marked.is_some() {
        model.session.marked = None;
        model.say(Tone::Plain, "the mark is off");
    } else if model.zoom {
        model.zoom = false;
    } else if model.focus == PaneId::Form && model.form.shows_json() {
        form_event(model, PaneEvent::Act(form::Action::Json), effects);
    } else if model.focus == PaneId::Schema && model.schema.shows_json() {
        let action = crate::tui::panes::schema::Action::Json;
        schema::event(model, PaneEvent::Act(action), effects);
    } else if model.focus == PaneId::Form {
        model.form.clear_filter();
    } else if model.focus == PaneId::Schema {
        model.schema.clear_filter();
    } else if model.focus == PaneId::Records {
        model.records.clear_trouble();
    }
}

fn interrupt(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.jobs.asked_for().is_some() {
        back(model, effects);
        return;
    }
    let now = model.session.now;
    let recently = model
        .interrupted
        .is_some_and(|before| now.duration_since(before) < jiff::SignedDuration::from_secs(2));
    if recently {
        effects.push(Effect::Quit);
    } else {
        model.interrupted = Some(now);
        let lost = match lost_by_quitting(model) {
            Some(_) => ", and loses what was not sent",
            None => "",
        };
        model.say(Tone::Plain, format!("<app.interrupt> again leaves{lost}"));
    }
}

fn step_focus(model: &mut Model, by: usize) {
    let panes = model.view.panes();
    let at = panes.iter().position(|pane| *pane == model.focus);
    let next = (at.unwrap_or(0) + by) % panes.len();
    model.focus = panes[next];
}

fn go_to_field(model: &mut Model) {
    let Some(path) = model.response.about().cloned() else {
        return;
    };
    if model.form.go_to(&path) {
        model.show(View::Record);
    } else {
        model.say(
            Tone::Refusal,
            format!("{path} is not in the form of this entity type"),
        );
    }
}

fn refresh(model: &mut Model, effects: &mut Vec<Effect>) {
    model.forget_schemas();
    model.load_types(effects);
    if let Some(name) = model.session.type_name.clone() {
        load_type(model, name, effects);
    }
}

/// Asks for the schema of an entity type.
pub fn load_type(model: &mut Model, name: String, effects: &mut Vec<Effect>) {
    model.form.await_schema(true);
    let mut fx = model.fx(PaneId::Form, effects);
    fx.run(format!("entityType {name}"), Job::LoadType(name), true);
}

fn types_event(model: &mut Model, event: PaneEvent<types::Action>, effects: &mut Vec<Effect>) {
    match model.types.update(event) {
        Some(types::Outcome::Chosen(name)) => choose(model, name, effects),
        Some(types::Outcome::OpenRecord(name)) => records::ask_which(model, &name),
        Some(types::Outcome::Design) => begin::ask(model),
        None => {}
    }
}

/// Opens the form of an entity type; its schema is asked for when it is not there yet.
fn choose(model: &mut Model, name: String, effects: &mut Vec<Effect>) {
    drafts::stop_opening(model, &name);
    model.session.type_name = Some(name.clone());
    model.focus = model.view.main_pane();
    if let Some(schema) = model.session.schema().map(Arc::clone) {
        open_type(model, &schema, effects);
    } else {
        model.records.close();
        load_type(model, name, effects);
    }
}

/// Shows an entity type in the form and in the search.
fn open_type(model: &mut Model, schema: &Arc<EntityType>, effects: &mut Vec<Effect>) {
    drafts::open_new(model, schema, effects);
    model.records.open(schema);
    if model.view == View::Schema {
        schema::open(model, schema, effects);
        drafts::show_opened_design(model);
    }
}

fn form_event(model: &mut Model, event: PaneEvent<form::Action>, effects: &mut Vec<Effect>) {
    if let Some(outcome) = model.form.update(event, &model.session) {
        form_outcome(model, outcome, effects);
    }
}

fn form_outcome(model: &mut Model, outcome: form::Outcome, effects: &mut Vec<Effect>) {
    match outcome {
        form::Outcome::Submitted(calls) => records::submitted(model, calls, effects),
        form::Outcome::Ask(request) => records::ask(model, request, Source::Reloaded, effects),
        form::Outcome::Plan => records::show_plan(model),
        form::Outcome::OpenRecord => {
            if let Some(name) = model.session.type_name.clone() {
                records::ask_which(model, &name);
            }
        }
        form::Outcome::Told(text) => model.say(Tone::Plain, text),
        form::Outcome::Fill => {
            let choices = FILLINGS.map(|(key, title, note, _)| Choice::new(key, title, note));
            let menu = Menu::new("Fill in what is not set", choices);
            model.overlays.push(Overlay::Fill(menu));
        }
        form::Outcome::Wire => toggle_wire(model, effects),
        form::Outcome::Repair(proposal) => {
            model.overlays.push(Overlay::Difference(repair_shown(
                &proposal,
                Action::Form(form::Action::ApplyRepair),
            )));
        }
        form::Outcome::EditOutside(file) => effects.push(Effect::Edit(file)),
        form::Outcome::Copy(what, text) => copying::copy(what, text, effects),
        form::Outcome::CopyCurl(requests, false) => copying::curl(model, requests, effects),
        form::Outcome::CopyCurl(requests, true) => copying::ask_for_secrets(model, requests),
        form::Outcome::Refused(reason) => {
            model.focus = PaneId::Form;
            model.say(Tone::Refusal, reason);
        }
    }
}

/// Shows what is going to be sent, or does not.
fn toggle_wire(model: &mut Model, effects: &mut Vec<Effect>) {
    model.response.toggle_wire();
    if model.response.shows_wire() && model.sender.is_none() {
        let mut fx = model.fx(Owner::App, effects);
        fx.run("who sends", Job::DescribeSender, false);
    }
}

/// A repair before it is made: the changed lines, each with the reasons.
fn repair_shown(proposal: &Proposal, then: Action) -> Difference {
    let count = match proposal.count {
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    let title = format!("Repair of {}: {count}", proposal.what);
    let rows = proposal.hunks.iter().flat_map(|hunk| {
        let place = difference::Row::Place(format!("line {}", hunk.line));
        let gone = hunk.before.iter().cloned().map(difference::Row::Gone);
        let new = hunk.after.iter().cloned().map(difference::Row::New);
        let why = hunk.why.iter().cloned().map(difference::Row::Why);
        std::iter::once(place)
            .chain(gone)
            .chain(new)
            .chain(why)
            .collect::<Vec<_>>()
    });
    Difference::new(title, rows, then)
}

fn response_event(
    model: &mut Model,
    event: PaneEvent<response::Action>,
    effects: &mut Vec<Effect>,
) {
    match model.response.update(event) {
        Some(response::Outcome::Copy(what, text)) => copying::copy(what, text, effects),
        Some(response::Outcome::CopyCurl(request)) => copying::curl(model, vec![*request], effects),
        Some(response::Outcome::Viewer(outcome)) => viewer_outcome(model, outcome, effects),
        Some(response::Outcome::CopyTicket) => handover::copy_ticket(model, effects),
        Some(response::Outcome::AskTicket) => handover::ask_ticket(model),
        Some(response::Outcome::Export) => handover::ask_export(model),
        Some(response::Outcome::Blame) => timeline::blame(model, effects),
        Some(response::Outcome::Replay) => replay::shown(model, Whither::Here, effects),
        Some(response::Outcome::ReplayElsewhere) => {
            replay::shown(model, Whither::Elsewhere, effects);
        }
        Some(response::Outcome::Mark) => calls::mark_shown(model),
        Some(response::Outcome::Compare) => calls::compare_shown(model, effects),
        None => {}
    }
}

fn viewer_event(
    model: &mut Model,
    event: PaneEvent<viewer::action::Action>,
    effects: &mut Vec<Effect>,
) {
    let outcome = match model.files.viewer_mut() {
        Some(viewer) => viewer.update(event),
        None => model.response.update_body(event),
    };
    if let Some(outcome) = outcome {
        viewer_outcome(model, outcome, effects);
    }
}

fn viewer_outcome(model: &mut Model, outcome: viewer::Outcome, effects: &mut Vec<Effect>) {
    match outcome {
        viewer::Outcome::Copy(what, text) => copying::copy(what, text, effects),
        viewer::Outcome::Told(text) => model.say(Tone::Plain, text),
        viewer::Outcome::Refused(text) => model.say(Tone::Refusal, text),
        viewer::Outcome::Outside(text) => effects.push(Effect::Show(text)),
    }
}

fn pasted(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    // Terminals send the line ends of a paste as they send the Enter key.
    let text = if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    };
    match model.overlays.last_mut() {
        Some(Overlay::OpenRecord(question)) => return question.paste(&text),
        Some(Overlay::AskLine(ask)) => return ask.paste(&text),
        Some(Overlay::Help(help)) => return help.paste(&text),
        _ => {}
    }
    match model.overlays.last_mut() {
        Some(Overlay::Export(question)) => {
            if let Some(file) = question.file_mut() {
                file.paste(&text);
            }
            return;
        }
        Some(Overlay::HandOver(question)) => {
            if let Some(file) = question.file_mut() {
                file.paste(&text);
            }
            return;
        }
        _ => {}
    }
    if let Some(Overlay::Begin(_)) = model.overlays.last() {
        return begin::pasted(model, text, effects);
    }
    if sheets::paste(model, &text) {
        return;
    }
    if !model.overlays.is_empty() {
        return model.say(Tone::Refusal, "close this first (Esc), then paste again");
    }
    if model.focus == PaneId::Form && model.form.typing() {
        pasting::into_field(model, text, effects);
    } else if model.focus == PaneId::Records && model.records.typing() {
        find::event(model, PaneEvent::Paste(text), effects);
    } else if model.focus == PaneId::Attribute && model.is_typing() {
        schema::attribute_event(model, PaneEvent::Paste(text), effects);
    } else if model.focus == PaneId::Schema && model.is_typing() {
        schema::event(model, PaneEvent::Paste(text), effects);
    } else if model.focus == PaneId::Response && model.is_typing() {
        viewer_event(model, PaneEvent::Paste(text), effects);
    } else if model.focus == PaneId::History && model.is_typing() {
        history::event(model, PaneEvent::Paste(text), effects);
    } else {
        pasting::show(model, text, effects);
    }
}

fn mouse_moved(model: &mut Model, mouse: MouseEvent, effects: &mut Vec<Effect>) {
    if !model.overlays.is_empty() {
        return;
    }
    let Some(pane) = model.screen.pane_at(mouse.column, mouse.row) else {
        return;
    };
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            let inside = model.screen.inside(pane);
            let hit = inside.contains(ratatui::layout::Position::new(mouse.column, mouse.row));
            if pane != PaneId::Form {
                model.form.stop_typing(model.session.now);
            }
            if pane != PaneId::Records {
                model.records.stop_typing();
            }
            if pane != PaneId::Attribute {
                model.schema.stop_typing();
            }
            if pane != PaneId::Schema {
                model.schema.stop_typing_json();
            }
            if pane != PaneId::History {
                model.history.stop_typing(model.session.now);
            }
            if pane != PaneId::Response {
                model.files.stop_typing();
                model.response.stop_typing();
            }
            model.focus = pane;
            if hit {
                let (column, row) = (mouse.column - inside.x, mouse.row - inside.y);
                raw(model, pane, Raw::Click { column, row }, effects);
            }
        }
        MouseEventKind::ScrollDown => raw(model, pane, Raw::Scroll(WHEEL), effects),
        MouseEventKind::ScrollUp => raw(model, pane, Raw::Scroll(-WHEEL), effects),
        _ => {}
    }
}

/// Mouse input, before it is known which pane's event it becomes.
#[derive(Clone, Copy)]
enum Raw {
    Click { column: u16, row: u16 },
    Scroll(i16),
}

fn raw(model: &mut Model, pane: PaneId, raw: Raw, effects: &mut Vec<Effect>) {
    fn event<A>(raw: Raw) -> PaneEvent<A> {
        match raw {
            Raw::Click { column, row } => PaneEvent::Click { column, row },
            Raw::Scroll(rows) => PaneEvent::Scroll(rows),
        }
    }
    match pane {
        PaneId::Types => types_event(model, event(raw), effects),
        PaneId::Form => form_event(model, event(raw), effects),
        PaneId::Response if model.shows_file() => viewer_event(model, event(raw), effects),
        PaneId::Response => response_event(model, event(raw), effects),
        PaneId::History => history::event(model, event(raw), effects),
        PaneId::Files => files::event(model, event(raw)),
        PaneId::Records => find::event(model, event(raw), effects),
        PaneId::Schema => schema::event(model, event(raw), effects),
        PaneId::Attribute => schema::attribute_event(model, event(raw), effects),
    }
}

/// A job ended: its owner hears of it, success or failure; a job that nobody waits for any more is dropped.
fn finished(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    let Some(running) = model.jobs.finish(id) else {
        return;
    };
    match running.owner {
        Owner::Pane(PaneId::Types) => types_loaded(model, id, result),
        // It is given what it shows by other ways.
        Owner::Pane(PaneId::Files) => return,
        Owner::Pane(PaneId::Schema | PaneId::Attribute) => {
            if export::is_awaited(model, id) {
                export::finished(model, id, result, effects);
                return;
            }
            begin::loaded(model, id, result, effects);
        }
        Owner::Pane(PaneId::Form) => schema_loaded(model, result, effects),
        Owner::Pane(PaneId::Response) => answered(model, id, result, effects),
        Owner::Pane(PaneId::Records) if matches!(result, Ok(Output::Columns(_))) => {
            find::columns_read(model, result);
            return;
        }
        Owner::Pane(PaneId::Records) => find::answered(model, id, result),
        Owner::Pane(PaneId::History) => {
            return history::finished(model, id, result);
        }
        Owner::Plan => schema_plan::finished(model, id, result, effects),
        Owner::Compare => schema_compare::finished(model, result),
        Owner::Timeline => {
            timeline::finished(model, id, result, effects);
            return;
        }
        Owner::Replay => return replay::opened(model, id, result, effects),
        Owner::Calls => return calls::finished(model, id, result),
        Owner::App if handover::is_awaited(model, id) => {
            handover::finished(model, result);
            return;
        }
        Owner::App => {
            match result {
                Ok(Output::HandedOver(text)) => {
                    effects.push(copying::effect(&running.title, text));
                }
                Ok(Output::Sender(sender)) => {
                    model.sender = Some(sender);
                    schema_access::sender_known(model, effects);
                }
                Ok(Output::Curl(text)) => effects.push(copying::effect("the curl command", text)),
                other => faults_set(model, other),
            }
            return;
        }
    }
    model.history.look_for_new();
}

fn faults_set(model: &mut Model, result: Result<Output, JobError>) {
    match result {
        Ok(Output::Faults(rules)) => {
            let said = match rules.first() {
                Some(rule) => format!("from now on: {rule}"),
                None => "from now on nothing goes wrong on purpose".to_owned(),
            };
            model.session.faults = Some(rules);
            model.say(Tone::Plain, said);
        }
        other => model.say(Tone::Refusal, failure_of(other).message),
    }
}

fn types_loaded(model: &mut Model, id: JobId, result: Result<Output, JobError>) {
    let result = match result {
        Ok(Output::Types { names, .. }) => Ok(names),
        Err(JobError::Exchange(exchange)) => {
            model.response.show(exchange, None);
            Err("not loaded: the response says why".to_owned())
        }
        other => {
            let failure = failure_of(other);
            Err(std::iter::once(failure.message)
                .chain(failure.cause)
                .chain(failure.hints)
                .collect::<Vec<_>>()
                .join("\n"))
        }
    };
    model.types.loaded(id, result);
}

fn schema_loaded(model: &mut Model, result: Result<Output, JobError>, effects: &mut Vec<Effect>) {
    model.form.await_schema(false);
    match result {
        Ok(Output::Type {
            schema, problems, ..
        }) => {
            if let Some(problem) = problems.first() {
                let count = problems.len();
                model.say(
                    Tone::Refusal,
                    format!("{count} part(s) of the schema could not be read; first: {problem}"),
                );
            }
            let wanted = model.session.type_name.as_deref() == Some(&schema.name);
            model.keep_schema(Arc::clone(&schema));
            match model.opening.take() {
                Some(record) if wanted => drafts::open_record(model, &schema, &record, effects),
                _ if wanted => open_type(model, &schema, effects),
                opening => model.opening = opening,
            }
        }
        Err(JobError::Exchange(exchange)) => {
            model.say(Tone::Refusal, "the schema did not come: see the response");
            model.response.show(exchange, None);
            model.focus = PaneId::Response;
        }
        other => {
            let failure = failure_of(other);
            model.say(Tone::Refusal, failure.message);
        }
    }
}

fn answered(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    let Some(source) = model.response.stop_waiting(id) else {
        return;
    };
    // What was said while it ran, such as that it is being cancelled, is true no more.
    model.message = None;
    match result {
        Ok(Output::Exchange(exchange))
        | Err(JobError::Exchange(exchange) | JobError::Cancelled(Some(exchange))) => {
            records::answered(model, &[exchange], source, effects);
        }
        Ok(Output::Exchanges(made)) => records::answered(model, &made, source, effects),
        other => {
            match source {
                Source::Draft => model.form.sent(None),
                Source::Design => model.schema.answered(None),
                _ => {}
            }
            let failure = failure_of(other);
            if source == Source::Sheet {
                sheets::failed(model, &failure.message);
            }
            model.say(Tone::Refusal, failure.message);
        }
    }
}

/// What stands at a field in which captui itself finds nothing wrong: the service's words, unless they say nothing of
/// the field; then what the code means.
fn reason_at_field(error: &ApiError) -> String {
    match (error.attribute_path(), error.code.info()) {
        (None, Some(info)) => info.meaning.to_owned(),
        (_, Some(info)) if error.code == ErrorCode::UNIQUE_VIOLATION => info.meaning.to_owned(),
        _ => error.description.clone(),
    }
}

/// The attribute of the shown form that an error is about.
fn field_of(model: &Model, exchange: &Exchange) -> Option<AttrPath> {
    match exchange.answer() {
        Some(Answer::Error(error)) => {
            let now = model.session.now;
            model.form.blamed(&exchange.request, error, now)
        }
        _ => None,
    }
}

/// Why a job did not give what was wanted, as a person sees it.
fn failure_of(result: Result<Output, JobError>) -> Failure {
    match result {
        Err(JobError::Exchange(exchange)) => exchange.failure().unwrap_or_else(|| {
            Failure::new(
                FailureKind::Service,
                "the service answered something else than was asked",
            )
        }),
        Err(JobError::Cancelled(_)) => Failure::new(FailureKind::Interrupted, "cancelled"),
        Err(JobError::Failed(failure)) => failure,
        Err(JobError::Panicked(message)) => Failure::new(
            FailureKind::Internal,
            format!("captui hit a fault of its own: {message}"),
        ),
        Ok(_) => Failure::new(
            FailureKind::Internal,
            "the job gave something else than was asked",
        ),
    }
}

/// What failed and why, in one line.
fn with_cause(failure: Failure) -> String {
    match failure.cause {
        Some(cause) => format!("{}: {cause}", failure.message),
        None => failure.message,
    }
}

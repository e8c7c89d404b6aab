//! What the sheets over the panes have in common: making their calls, asking before those that change something, and
//! handing back the answers. The rules of an entity type and the access schemas are such sheets.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;

use crate::capture::request::ApiRequest;
use crate::exchange::Exchange;
use crate::tui::effect::Effect;
use crate::tui::keys::combo::Combo;
use crate::tui::keys::keymap::Lookup;
use crate::tui::model::Model;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::access::AccessSheet;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::rules::RulesSheet;
use crate::tui::overlays::sheet::Reply;
use crate::tui::overlays::sheet::Writing;
use crate::tui::panes::response::Source;
use crate::tui::session::PaneId;
use crate::tui::update::back;
use crate::tui::update::records;
use crate::tui::update::refusal;
use crate::worker::job::Job;

/// The rules, while they are shown.
pub fn rules(model: &Model) -> Option<&RulesSheet> {
    model.overlays.iter().find_map(|overlay| match overlay {
        Overlay::Rules(sheet) => Some(&**sheet),
        _ => None,
    })
}

/// The access schemas, while they are shown.
pub fn access(model: &Model) -> Option<&AccessSheet> {
    model.overlays.iter().find_map(|overlay| match overlay {
        Overlay::Access(sheet) => Some(&**sheet),
        _ => None,
    })
}

/// What plain characters are for in the sheet shown, if they are no verbs.
pub fn writing(model: &Model) -> Option<Writing> {
    rules(model)
        .and_then(RulesSheet::writing)
        .or_else(|| access(model).and_then(AccessSheet::writing))
}

/// A key while a sheet is on top: whether it was for a text that is written there. Any other is looked up among the verbs.
pub(super) fn typed(model: &mut Model, key: KeyEvent) -> bool {
    let is_text = is_text(model, key);
    match model.overlays.last_mut() {
        Some(Overlay::Rules(sheet)) => {
            sheet.heard();
            if is_text {
                sheet.typed(key);
            }
        }
        Some(Overlay::Access(sheet)) => {
            sheet.heard();
            if is_text {
                sheet.typed(key);
            }
        }
        _ => {}
    }
    is_text
}

/// Whether a key is for the text that is written: a character, or what no verb of the page takes.
fn is_text(model: &Model, key: KeyEvent) -> bool {
    let Some(writing) = writing(model) else {
        return false;
    };
    let combo = Combo::from(key);
    let marks = writing == Writing::Narrowing && key.code == KeyCode::Char(' ');
    if combo.is_text() && !marks {
        return true;
    }
    match model.keymap.lookup(&model.scopes(), &[combo]) {
        Lookup::Bound(action) => refusal(model, action).is_some(),
        Lookup::Prefix => false,
        Lookup::Unbound => true,
    }
}

/// Does what a verb of a sheet asks for.
pub(super) fn replied(model: &mut Model, reply: Reply, effects: &mut Vec<Effect>) {
    match reply {
        Reply::Open => {}
        Reply::Close => drop(model.overlays.pop()),
        Reply::Cancel => back(model, effects),
        Reply::Help => {
            let help = Help::new(&model.keymap, &model.scopes(), |_| true);
            model.overlays.push(Overlay::Help(Box::new(help)));
        }
        Reply::Ask(request) => call(model, request, effects),
        Reply::Send(request, what) => submit(model, request, what, effects),
        Reply::Remove {
            request,
            title,
            lines,
            go_on,
        } => ask_before(model, request, title, lines, go_on),
    }
}

/// Sends a call that changes something: asks first where the environment's class wants that. `what` it does is told in the
/// question, in a few lines.
fn submit(model: &mut Model, request: ApiRequest, what: Vec<String>, effects: &mut Vec<Effect>) {
    if let Some(why) = refused(model, &request) {
        not_made(model, &why);
    } else if records::is_to_be_asked(model, false) {
        let title = format!("Write to {}?", model.session.environment);
        let mut lines = vec![place(model), format!("1 call: {}", request.endpoint)];
        lines.extend(what);
        let then = Then::SendOfSheet(Box::new(request));
        let question = Confirm::new(title, lines, ["Cancel", "Send"], then).may_be_quiet();
        model.overlays.push(Overlay::Confirm(question));
    } else {
        call(model, request, effects);
    }
}

/// Asks before a call that takes something away, in every environment: one key handed it out.
fn ask_before(
    model: &mut Model,
    request: ApiRequest,
    title: String,
    mut lines: Vec<String>,
    go_on: &'static str,
) {
    if let Some(why) = refused(model, &request) {
        return not_made(model, &why);
    }
    lines.insert(0, place(model));
    let then = Then::SendOfSheet(Box::new(request));
    let question = Confirm::new(title, lines, ["Cancel", go_on], then);
    model.overlays.push(Overlay::Confirm(question));
}

/// Where the calls go, as a question's first line.
fn place(model: &Model) -> String {
    let class = model.session.class.name().to_uppercase();
    format!("{class}  {}", model.session.domain)
}

/// Why a call that changes something is not made now.
fn refused(model: &mut Model, request: &ApiRequest) -> Option<String> {
    if model.session.read_only {
        return Some("this environment is read-only: changing is refused".to_owned());
    }
    if model.response.is_waiting() {
        return Some("a call is still running: <app.back> cancels it".to_owned());
    }
    model.session.permission.warning(request.endpoint)
}

/// Makes a call of the sheet.
pub(super) fn call(model: &mut Model, request: ApiRequest, effects: &mut Vec<Effect>) {
    if model.response.is_waiting() {
        return not_made(model, "a call is still running: <app.back> cancels it");
    }
    let title = request.endpoint.name();
    let mut fx = model.fx(PaneId::Response, effects);
    let id = fx.run(title, Job::Send(request), true);
    model.response.wait_for(id, Source::Sheet);
    for overlay in &mut model.overlays {
        match overlay {
            Overlay::Rules(sheet) => sheet.wait(),
            Overlay::Access(sheet) => sheet.wait(),
            _ => {}
        }
    }
}

/// A call of the sheet was answered. The next one that belongs to what was asked for is made at once. Who closed the sheet
/// meanwhile sees the answer in the response.
pub(super) fn answered(model: &mut Model, exchange: &Exchange, effects: &mut Vec<Effect>) {
    let next = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Rules(sheet) => sheet.answered(exchange),
        Overlay::Access(sheet) => sheet.answered(exchange),
        _ => None,
    });
    if let Some(request) = next {
        call(model, request, effects);
    }
}

/// A call of the sheet came to nothing.
pub(super) fn failed(model: &mut Model, why: &str) {
    for overlay in &mut model.overlays {
        match overlay {
            Overlay::Rules(sheet) => sheet.failed(why),
            Overlay::Access(sheet) => sheet.failed(why),
            _ => {}
        }
    }
}

/// Tells the sheet that its call is not made, and why.
pub(super) fn not_made(model: &mut Model, why: &str) {
    for overlay in &mut model.overlays {
        match overlay {
            Overlay::Rules(sheet) => sheet.not_made(why),
            Overlay::Access(sheet) => sheet.not_made(why),
            _ => {}
        }
    }
}

/// Takes a pasted text, when a sheet is on top.
pub(super) fn paste(model: &mut Model, text: &str) -> bool {
    match model.overlays.last_mut() {
        Some(Overlay::Rules(sheet)) => sheet.paste(text),
        Some(Overlay::Access(sheet)) => sheet.paste(text),
        _ => return false,
    }
    true
}

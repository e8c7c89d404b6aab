//! What the form or the search is going to send, as text: the request line, every header, the arguments, the body and, for a signed
//! call, the string to sign, and the same as a curl command. Made anew whenever it is looked at, so that it is never about an older draft.

use crate::capture::request::ApiRequest;
use crate::curl::export::Shown;
use crate::curl::export::export;
use crate::exchange::Sender;
use crate::tui::model::Model;
use crate::tui::panes::response::request_lines;
use crate::tui::session::View;

/// A longer text is cut: it is read by people.
const MOST: usize = 64 << 10;

/// The text for the form as it is now, or for the search while that is shown.
pub(super) fn text(model: &Model) -> String {
    let calls = match model.view {
        View::Find => model.records.next_call().map(|call| (vec![call], 0)),
        View::Record => model.form.requests(),
    };
    let Some((requests, faults)) = calls else {
        return "Choose an entity type: what is going to be sent appears here.".to_owned();
    };
    let mut lines = Vec::new();
    if faults > 0 {
        lines.push(format!(
            "{faults} field(s) cannot be written as JSON and are left out here: F5 does not send."
        ));
        lines.push(String::new());
    }
    if requests.is_empty() {
        lines.push("Nothing changed: there is nothing to send.".to_owned());
    }
    for (at, request) in requests.iter().enumerate() {
        if at > 0 {
            lines.extend([String::new(), format!("── then, call {} ──", at + 1)]);
        }
        match &model.sender {
            Some(sender) => lines.extend(sent(sender, request, model)),
            None => lines.push(format!("POST {}", request.endpoint.spec().path)),
        }
    }
    cut(lines.join("\n"))
}

fn sent(sender: &Sender, request: &ApiRequest, model: &Model) -> Vec<String> {
    let wire = sender.wire(request, model.session.now);
    let mut lines = request_lines(&sender.describe(&wire), request);
    if let Some(base) = wire.redacted().signature_base() {
        lines.push(String::new());
        lines.push("string to sign (HMAC-SHA1 with the client secret, in base64):".to_owned());
        lines.extend(base.lines().map(str::to_owned));
    }
    let shown = match &sender.credentials {
        Some(credentials) => Shown::Redacted(credentials),
        None => Shown::Nothing,
    };
    lines.push(String::new());
    lines.push("as a command (y c copies it, y C with the secrets):".to_owned());
    let command = export(request, &sender.domain, shown);
    lines.extend(command.lines().map(str::to_owned));
    lines
}

fn cut(mut text: String) -> String {
    if text.len() > MOST {
        let whole = text.len();
        let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text = format!("{text}\n… {whole} bytes in all");
    }
    text
}

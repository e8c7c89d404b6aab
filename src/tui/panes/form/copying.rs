//! What can be copied out of the form and where a copied text can go: a field's value, its path, the record. Passwords are not among it.

use crate::capture::json::Json;
use crate::capture::redact;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;

impl FormPane {
    /// The value under the cursor: a text without quotes, anything else as JSON.
    pub(super) fn value_to_copy(&self) -> Outcome {
        let node = self.draft().and_then(Draft::node);
        let Some(node) = node else {
            return Outcome::Refused("put the cursor on a field first".to_owned());
        };
        let field = match node {
            Node::Field(field) if field.is_secret() => {
                return Outcome::Refused("a password is not copied".to_owned());
            }
            Node::Field(field) => field,
            Node::Element(_) => {
                return Outcome::Refused("put the cursor on a field of the element".to_owned());
            }
        };
        let what = format!("the value of {}", field.name());
        match (&field.editor, collect::value(field)) {
            (Editor::Text(text), Some(_)) => Outcome::Copy(what, text.clone()),
            (_, Some(value)) => Outcome::Copy(what, self.masked(value).pretty()),
            (_, None) => Outcome::Refused(nothing_of(field)),
        }
    }

    /// The name of the field under the cursor, if it holds text.
    pub fn text_field(&self) -> Option<String> {
        let field = self.draft()?.field()?;
        field.text().map(|_| field.name().to_owned())
    }

    /// The path under the cursor.
    pub(super) fn path_to_copy(&self) -> Outcome {
        match self.cursor_path() {
            Some(path) => Outcome::Copy("the path".to_owned(), path.to_string()),
            None => Outcome::Refused("put the cursor on a field first".to_owned()),
        }
    }

    /// The record as it is sent, indented, its passwords masked.
    pub(super) fn json_to_copy(&self) -> Outcome {
        match self.collect() {
            Ok(record) => Outcome::Copy("the record".to_owned(), self.masked(record).pretty()),
            Err((path, reason)) => {
                Outcome::Refused(format!("{path} cannot be written as JSON: {reason}"))
            }
        }
    }

    /// What F5 would send, to be copied as curl commands.
    pub(super) fn curl_to_copy(&self, secrets: bool) -> Outcome {
        let reason = match self.requests() {
            None => "there is no form yet: choose an entity type",
            Some((_, faults)) if faults > 0 => {
                "a field cannot be written as JSON: <form.next-problem> goes to the problems"
            }
            Some((requests, _)) if requests.is_empty() => {
                "nothing changed: there is nothing to send"
            }
            Some((requests, _)) => return Outcome::CopyCurl(requests, secrets),
        };
        Outcome::Refused(reason.to_owned())
    }

    fn masked(&self, mut value: Json) -> Json {
        let names = self.draft().map(|draft| draft.schema.password_names());
        redact::json(&mut value, &names.unwrap_or_default());
        value
    }
}

fn nothing_of(field: &Field) -> String {
    format!("{} is absent: there is nothing to copy", field.name())
}

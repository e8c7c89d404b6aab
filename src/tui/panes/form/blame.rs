//! Which field an error of the service is about. The service names an attribute by its definition (`/statuses/status`),
//! by the id of an element (`/statuses#12/status`) or not at all; the form knows which elements it sent and what it finds
//! wrong itself. Where all that leaves a choice there is no answer: a guess sends people to the wrong place.

use jiff::Timestamp;

use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::Presence;

impl FormPane {
    /// What the form itself says of an error at an attribute, which is more to the point than the service's words;
    /// `None` where it does not find that error.
    pub fn own_reason(&self, path: &AttrPath, code: ErrorCode, now: Timestamp) -> Option<String> {
        let draft = self.draft()?;
        let place = field::place_of(draft.fields(), path)?;
        let field = field::field(draft.fields(), &place)?;
        let found = draft.problem_of(field, &place, now)?;
        (found.code == code).then_some(found.reason)
    }

    /// The attribute of the shown draft that an answer to `request` is about, elements by their places. `None` when the
    /// request is about another record, or the attribute has no place in the form.
    pub fn blamed(
        &self,
        request: &ApiRequest,
        error: &ApiError,
        now: Timestamp,
    ) -> Option<AttrPath> {
        let draft = self.draft()?;
        if !is_about(draft, request) {
            return None;
        }
        let (record, _) = collect::record(draft.fields());
        let wrong = validate::validate(&record, &draft.schema, Mode::Create, now);
        let mut found_here = wrong
            .into_iter()
            .filter(|violation| violation.code == error.code && draft.is_sent(&violation.path))
            .map(|violation| violation.path);
        let Some(named) = error.attribute_path() else {
            if error.code == ErrorCode::UNIQUE_VIOLATION {
                return found_here.next().or_else(|| only_unique(draft));
            }
            let first = found_here.next();
            return first.filter(|_| found_here.next().is_none());
        };
        if let Some(place) = field::place_of(draft.fields(), &named) {
            let path = field::path_of(draft.fields(), &place);
            // Nothing is left to choose: no plural on the way, or its element is told by id or is the only one.
            if path.0.len() == named.0.len() && path.definition() == named.definition() {
                return Some(path);
            }
        }
        let same = |path: &AttrPath| path.definition() == named.definition();
        found_here
            .find(same)
            .or_else(|| only_sent(draft, &named))
            .or_else(|| field::place_of(draft.fields(), &named).map(|_| named))
    }
}

/// Whether a request was made for this draft, or for one like it.
fn is_about(draft: &Draft, request: &ApiRequest) -> bool {
    if request.args.get("type_name") != Some(&draft.schema.name) {
        return false;
    }
    match (&draft.original, request.endpoint) {
        (None, Endpoint::EntityCreate) => true,
        (
            Some(original),
            Endpoint::EntityUpdate | Endpoint::EntityReplace | Endpoint::EntityDelete,
        ) => {
            let own = |name: &str| {
                original.get(name).map(|value| match value.as_str() {
                    Some(text) => text.to_owned(),
                    None => value.to_string(),
                })
            };
            ["uuid", "id"].iter().any(|name| {
                let told = request.args.get(name);
                told.is_some() && told.map(str::to_owned) == own(name)
            })
        }
        _ => false,
    }
}

/// The unique attribute that was sent with a value, if there is only one.
fn only_unique(draft: &Draft) -> Option<AttrPath> {
    only(draft, |node, path| match node {
        Node::Field(field) => {
            field.attr.def.has(&Constraint::Unique)
                && field.presence == Presence::Given
                && draft.differs(path)
        }
        Node::Element(_) => false,
    })
}

/// The field with this definition that was sent, if there is only one.
fn only_sent(draft: &Draft, named: &AttrPath) -> Option<AttrPath> {
    let definition = named.definition();
    only(draft, |node, path| {
        matches!(node, Node::Field(_)) && path.definition() == definition && draft.differs(path)
    })
}

fn only(draft: &Draft, is_meant: impl Fn(Node<'_>, &AttrPath) -> bool) -> Option<AttrPath> {
    let (mut found, mut several) = (None, false);
    field::walk(draft.fields(), &mut |place, node| {
        let path = field::path_of(draft.fields(), place);
        if is_meant(node, &path) {
            several |= found.is_some();
            found = Some(path);
        }
    });
    found.filter(|_| !several)
}

//! What the inspector says about the field under the cursor: its rules in words, how it is sent, and its keys.

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::schema::AttrDef;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::problems::Problem;

impl FormPane {
    /// Labels and texts, the most telling first: `field`, `sent as`, `problem`, `accepts`, `constraints`, `features`, `about`,
    /// `keys`. Empty on a heading. Texts are as they came: whoever draws them cleans them.
    pub fn help(&self) -> Vec<(&'static str, String)> {
        let Some(draft) = self.draft() else {
            return Vec::new();
        };
        if self.shows_json() {
            return about_json(self.is_typing_json());
        }
        let mut help = match draft.node() {
            Some(Node::Field(field)) => about_field(draft, field),
            Some(Node::Element(element)) => about_element(draft, element),
            None => Vec::new(),
        };
        self.about_sending(&mut help);
        if self.typing() {
            // These keys are letters of the text now; the footer has those that work.
            help.retain(|(label, _)| *label != "keys");
        }
        help
    }
}

/// What the text is that is the whole draft.
fn about_json(typing: bool) -> Vec<(&'static str, String)> {
    let about = "the whole draft as JSON; comments and trailing commas are fine and are not sent, passwords are kept by what stands for them";
    let mut help = vec![
        ("field", "JSON draft".to_owned()),
        ("about", about.to_owned()),
    ];
    if !typing {
        let keys = "[<form.edit>] edit  [<form.repair>] repair  [<form.next-problem>] problem  \
                    [<form.edit-outside>] $EDITOR  [<form.json>] form";
        help.push(("keys", unbroken(keys)));
    }
    help
}

fn about_field(draft: &Draft, field: &Field) -> Vec<(&'static str, String)> {
    let def = &field.attr.def;
    let mut help = vec![(
        "field",
        format!("{} · {} · {}", def.name, def.attr_type.name(), format(def)),
    )];
    if let Some(path) = draft.path() {
        help.push(("sent as", format!("attributes.{path}")));
    }
    if let Some(problem) = problem(draft) {
        help.push(("problem", format!("{} ({})", problem.reason, problem.code)));
    }
    help.push(("accepts", accepts(&def.attr_type).to_owned()));
    let constraints: Vec<&str> = def
        .constraints
        .iter()
        .flatten()
        .map(constraint_in_words)
        .collect();
    if !constraints.is_empty() {
        help.push(("constraints", constraints.join("; ")));
    }
    let features: Vec<&str> = def
        .features
        .iter()
        .flatten()
        .map(feature_in_words)
        .collect();
    if !features.is_empty() {
        help.push(("features", features.join("; ")));
    }
    if let Some(description) = &def.description {
        help.push(("about", description.clone()));
    }
    let is_line = draft
        .place()
        .is_some_and(|place| field::line_index(draft.fields(), place).is_some());
    help.push((
        "keys",
        unbroken(if is_line { LINE_KEYS } else { keys(field) }),
    ));
    help
}

/// What is wrong under the cursor.
fn problem(draft: &Draft) -> Option<&Problem> {
    draft.problems().at(draft.place()?)
}

fn about_element(draft: &Draft, element: &Element) -> Vec<(&'static str, String)> {
    let path = draft.path().unwrap_or_default();
    let set = element.fields.iter().filter(|field| draft.counts(field));
    let set = set.count();
    let count = element.fields.len();
    let mut help = vec![
        ("field", format!("{path} · element · {set} of {count} set")),
        ("sent as", format!("attributes.{path}")),
    ];
    if let Some(problem) = problem(draft) {
        help.push(("problem", format!("{} ({})", problem.reason, problem.code)));
    }
    let plural = draft.place().and_then(|place| {
        let (_, plural) = place.split_last()?;
        field::field(draft.fields(), plural)
    });
    if let Some(description) = plural.and_then(|plural| plural.attr.def.description.clone()) {
        help.push(("about", description));
    }
    help.push((
        "keys",
        unbroken(
            "[<form.edit>] unfold  [<form.add>] add another  [<form.clone>] clone  \
             [<form.delete>] delete  [<form.move-up 2>] up  [<form.move-down 2>] down",
        ),
    ));
    help
}

/// The notation of a value that has one, to show where nothing is typed yet.
pub fn notation(attr_type: &AttrType) -> Option<&'static str> {
    match attr_type {
        AttrType::Date => Some("YYYY-MM-DD"),
        AttrType::DateTime => Some("YYYY-MM-DD HH:MM:SS +0000"),
        AttrType::Integer => Some("42"),
        AttrType::Decimal => Some("12.50"),
        AttrType::IpAddress => Some("192.0.2.1"),
        AttrType::Json => Some("{\"any\": \"JSON\"}"),
        _ => None,
    }
}

/// What a value looks like.
fn format(def: &AttrDef) -> String {
    match &def.attr_type {
        AttrType::String {
            length: Some(length),
            ..
        } => format!("at most {length} characters"),
        AttrType::String { length: None, .. } => "text".to_owned(),
        AttrType::Boolean => "true or false".to_owned(),
        AttrType::Integer => "a whole number".to_owned(),
        AttrType::Decimal => "a number, as in 12.50".to_owned(),
        AttrType::Date => "YYYY-MM-DD".to_owned(),
        AttrType::DateTime => "YYYY-MM-DD HH:MM:SS +0000".to_owned(),
        AttrType::IpAddress => "IPv4, as in 192.0.2.1".to_owned(),
        AttrType::Json => "any JSON".to_owned(),
        AttrType::Password(_) => "sent as typed, stored as a hash".to_owned(),
        AttrType::Object(inner) => format!("{} attributes", inner.len()),
        AttrType::Plural(_) => "a list of elements".to_owned(),
        AttrType::Id | AttrType::Uuid => "given by the service".to_owned(),
        AttrType::Unknown(_) => "not known to this version: edited as JSON".to_owned(),
    }
}

/// What may be entered, with an example (reference 5).
fn accepts(attr_type: &AttrType) -> &'static str {
    match attr_type {
        AttrType::String { .. } => "any text, also of several lines",
        AttrType::Boolean => "true, false or null, which differs from false",
        AttrType::Integer => "whole numbers, as in 42 or -7",
        AttrType::Decimal => "numbers, as in 12.50 or 1e-3; digits are kept as typed",
        AttrType::Date => "2003-01-02, 2 Jan 2003, 01/02/03 (month first), today",
        AttrType::DateTime => "2003-01-02T18:15Z, 2 Jan 2003 6:15pm -0700, now; stored in UTC",
        AttrType::IpAddress => "IPv4, as in 192.0.2.1; no IPv6",
        AttrType::Json => "any JSON, kept as it is: \"text\", 1.50, true, [1, 2], {\"key\": null}",
        AttrType::Password(_) => {
            "plain text, hashed by the service; or a hash, stored as it is: {\"type\": \"password-bcrypt\", \"value\": \"$2b$…\"}"
        }
        AttrType::Object(_) => "its members, each absent, null or given",
        AttrType::Plural(_) => "any number of elements, in order",
        AttrType::Id | AttrType::Uuid => "nothing: the service alone gives it",
        AttrType::Unknown(_) => "any JSON",
    }
}

fn constraint_in_words(constraint: &Constraint) -> &str {
    match constraint {
        Constraint::Required => "required: must be given, and not null",
        Constraint::Unique => "unique among all records",
        Constraint::LocallyUnique => "unique among the elements of this record's plural",
        Constraint::Alphabetic => "letters A-Z and a-z only",
        Constraint::Alphanumeric => "letters A-Z, a-z and digits only",
        Constraint::UnicodeLetters => "letters only, of any script",
        Constraint::UnicodePrintable => "no control characters",
        Constraint::EmailAddress => "an e-mail address",
        Constraint::Other(name) => name,
    }
}

fn feature_in_words(feature: &Feature) -> &str {
    match feature {
        Feature::PrimaryKey => "primary key of the plural's elements",
        Feature::Query => "indexed for searching",
        Feature::Other(name) => name,
    }
}

/// Keys with what they do, which a line break must not part.
fn unbroken(keys: &'static str) -> String {
    keyed(keys).replace("] ", "]\u{a0}")
}

/// The keys of an element that is edited on its line.
const LINE_KEYS: &str = "[<form.edit>] edit  [<form.add>] add another  [<form.clone>] clone  \
     [<form.delete>] delete  [<form.move-up 2>] up  [<form.move-down 2>] down";

fn keys(field: &Field) -> &'static str {
    match &field.editor {
        Editor::Text(_) if field.is_date() => {
            "[<form.edit>] edit  [<form.toggle>] calendar  [<form.absent>] absent  [<form.null>] null  [<form.reset>] reset"
        }
        Editor::Text(_) if !field.takes_empty_text() => {
            "[<form.edit>] edit  [<form.absent>] absent  [<form.null>] null  [<form.reset>] reset"
        }
        Editor::Text(_) => {
            "[<form.edit>] edit  [<form.absent>] absent  [<form.null>] null  [<form.empty>] empty  [<form.reset>] reset"
        }
        Editor::Json(_) => {
            "[<form.edit>] edit as JSON  [<form.absent>] absent  [<form.null>] null  [<form.reset>] reset"
        }
        Editor::Toggle(_) => {
            "[<form.toggle>] true or false  [<form.absent>] absent  [<form.null>] null  [<form.reset>] reset"
        }
        Editor::Object(_) => {
            "[<form.edit>] unfold  [<form.absent>] absent  [<form.null>] null  [<form.empty>] empty  [<form.reset>] reset"
        }
        Editor::Plural(_) => {
            "[<form.add>] add  [<form.absent>] absent  [<form.null>] null  [<form.empty>] empty  [<form.reset>] reset"
        }
    }
}

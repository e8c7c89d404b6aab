//! The diagram as mermaid, for documents that render it. An `erDiagram` rather than a `classDiagram`: it has columns
//! for type, name, key and comment, and says how many there are at the end of a line, which is what a plural is about; a
//! class diagram would lose the keys and the comments.
//!
//! Every container is an entity of its own, called by its path: names alone repeat (`type`, `value`).

use std::collections::HashSet;
use std::fmt::Write;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::RESERVED;
use crate::capture::schema::diagram;
use crate::capture::schema::diagram::Mark;

/// Writes `schema` as a mermaid document of its own.
pub fn mermaid(schema: &EntityType) -> String {
    let mut names = Names::default();
    let mut out = String::from("erDiagram\n");
    let root = names.unique(quoted(&schema.name));
    entity(&schema.attr_defs, &root, true, &mut names, &mut out);
    out
}

/// Names of entities that are taken.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// `wanted`, or something like it that nothing else is called: cleaning may make two names one.
    fn unique(&mut self, wanted: String) -> String {
        let mut name = wanted.clone();
        let mut count = 1;
        while !self.0.insert(name.clone()) {
            count += 1;
            name = format!("{wanted} ({count})");
        }
        name
    }
}

/// Writes one entity, then its containers. Recursion is bounded by the reader of schemas.
fn entity(attr_defs: &[AttrDef], name: &str, top_level: bool, names: &mut Names, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "    \"{name}\" {{");
    if top_level {
        for (built_in, type_name, _) in RESERVED {
            let _ = writeln!(out, "        {type_name} {built_in} \"built in\"");
        }
    }
    for def in diagram::own(attr_defs, top_level) {
        if def.attr_type.attr_defs().is_empty() {
            attribute(def, out);
        }
    }
    out.push_str("    }\n");
    for def in diagram::own(attr_defs, top_level) {
        let inner = def.attr_type.attr_defs();
        let (brackets, ends) = match def.attr_type {
            AttrType::Plural(_) if !inner.is_empty() => ("[]", "||--o{"),
            AttrType::Object(_) if !inner.is_empty() => ("", "||--||"),
            _ => continue,
        };
        let member = names.unique(format!("{name}.{}{brackets}", quoted(&def.name)));
        let _ = writeln!(
            out,
            "    \"{name}\" {ends} \"{member}\" : \"{}\"",
            relation(def)
        );
        entity(inner, &member, false, names, out);
    }
}

/// What is written at the line to a container: its name and what is demanded of it.
fn relation(def: &AttrDef) -> String {
    let mut label = quoted(&def.name);
    for mark in Mark::of(def) {
        let _ = write!(label, ", {}", mark.meaning());
    }
    label
}

fn attribute(def: &AttrDef, out: &mut String) {
    let name = word(&def.name);
    let _ = write!(
        out,
        "        {} {name}",
        word_with(&def.attr_type.describe(), "()-")
    );
    let marks = Mark::of(def);
    let keys: Vec<&str> = [(Mark::PrimaryKey, "PK"), (Mark::Unique, "UK")]
        .into_iter()
        .filter(|(mark, _)| marks.contains(mark))
        .map(|(_, key)| key)
        .collect();
    if !keys.is_empty() {
        let _ = write!(out, " {}", keys.join(", "));
    }
    let mut comments = Vec::new();
    if name != def.name {
        comments.push(quoted(&def.name));
    }
    let told = |mark: &Mark| {
        !matches!(
            mark,
            Mark::PrimaryKey | Mark::Unique | Mark::Password | Mark::Other
        )
    };
    comments.extend(
        marks
            .into_iter()
            .filter(told)
            .map(|mark| mark.meaning().to_owned()),
    );
    comments.extend(
        def.constraints
            .iter()
            .flatten()
            .filter(|one| matches!(one, Constraint::Other(_)))
            .map(|one| quoted(one.name())),
    );
    comments.extend(
        def.features
            .iter()
            .flatten()
            .filter(|one| matches!(one, Feature::Other(_)))
            .map(|one| quoted(one.name())),
    );
    comments.extend(def.description.as_deref().map(quoted));
    if !comments.is_empty() {
        let _ = write!(out, " \"{}\"", comments.join("; "));
    }
    out.push('\n');
}

/// `text` for between double quotes, where mermaid knows no escapes: what would end the text or start something is
/// replaced by what looks like it.
fn quoted(text: &str) -> String {
    let text: String = diagram::in_document(text.trim())
        .chars()
        .map(|c| match c {
            '"' | '`' => '\'',
            '<' => '‹',
            '>' => '›',
            '\\' => '/',
            '%' => '٪',
            '{' => '(',
            '}' => ')',
            '#' | ';' | '&' => ' ',
            c => c,
        })
        .collect();
    if text.is_empty() {
        "(no name)".to_owned()
    } else {
        text
    }
}

/// `text` as one of mermaid's words: a letter, then letters, digits and `_`.
fn word(text: &str) -> String {
    word_with(text, "")
}

fn word_with(text: &str, also: &str) -> String {
    let text = diagram::in_document(text);
    let mut word: String = text
        .chars()
        .map(|c| {
            let fits = c.is_ascii_alphanumeric() || c == '_' || also.contains(c);
            if fits { c } else { '_' }
        })
        .collect();
    let is_key = matches!(word.as_str(), "PK" | "FK" | "UK");
    if is_key || !word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        word.insert_str(0, "a_");
    }
    word
}

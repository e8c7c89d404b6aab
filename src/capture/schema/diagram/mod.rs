//! An entity type as a picture: for the terminal, for documents, for mermaid and as SVG. The explorer and
//! `captui schema diagram` draw with it. Everything here is text made of a schema; colours, files and scrolling are
//! left to those who show it.
//!
//! ```text
//!  EntityType ─┬▶ text      lines of spans with roles: a tree, or cards side by side on a wide screen
//!              ├▶ markdown  a table for each container
//!              ├▶ mermaid   an erDiagram
//!              └▶ svg       cards and connectors, to be opened or printed
//! ```
//!
//! Names and descriptions come from a server: `clean` writes out what is not printable, so no line breaks and no
//! control character gets through, and what is far too long is shortened. The built-in attributes are named once;
//! of the elements' ids only the legend speaks.

pub mod markdown;
pub mod mermaid;
pub mod svg;
pub mod text;

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::RESERVED;
use crate::capture::value;

/// The most cells of a name or a description in a document; nothing that the service takes is as long.
const MOST_IN_DOCUMENTS: usize = 400;

/// How many bytes are looked at of either end of a longer text.
const MOST_BYTES: usize = 4_096;

/// Something that a definition says beside its name and type, with a sign of one cell in the terminal and in SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// Constraint `required`.
    Required,
    /// Constraint `unique`.
    Unique,
    /// Constraint `locally-unique`.
    LocallyUnique,
    /// Feature `primary-key`.
    PrimaryKey,
    /// Feature `query`.
    Query,
    /// A password, whatever its type.
    Password,
    /// A string that is not case-sensitive.
    CaseInsensitive,
    /// Constraint `email-address`.
    EmailAddress,
    /// Constraint `alphabetic`.
    Alphabetic,
    /// Constraint `alphanumeric`.
    Alphanumeric,
    /// Constraint `unicode-letters`.
    UnicodeLetters,
    /// Constraint `unicode-printable`.
    UnicodePrintable,
    /// A constraint or feature that this version does not know.
    Other,
}

impl Mark {
    /// All marks, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Required,
        Self::Unique,
        Self::LocallyUnique,
        Self::PrimaryKey,
        Self::Query,
        Self::Password,
        Self::CaseInsensitive,
        Self::EmailAddress,
        Self::Alphabetic,
        Self::Alphanumeric,
        Self::UnicodeLetters,
        Self::UnicodePrintable,
        Self::Other,
    ];

    /// The marks of a definition, in the order of [`Mark::ALL`].
    pub fn of(def: &AttrDef) -> Vec<Self> {
        let constraints = def.constraints.iter().flatten().map(|one| match one {
            Constraint::Required => Self::Required,
            Constraint::Unique => Self::Unique,
            Constraint::LocallyUnique => Self::LocallyUnique,
            Constraint::Alphabetic => Self::Alphabetic,
            Constraint::Alphanumeric => Self::Alphanumeric,
            Constraint::UnicodeLetters => Self::UnicodeLetters,
            Constraint::UnicodePrintable => Self::UnicodePrintable,
            Constraint::EmailAddress => Self::EmailAddress,
            Constraint::Other(_) => Self::Other,
        });
        let features = def.features.iter().flatten().map(|one| match one {
            Feature::PrimaryKey => Self::PrimaryKey,
            Feature::Query => Self::Query,
            Feature::Other(_) => Self::Other,
        });
        let of_type = match &def.attr_type {
            AttrType::String {
                case_sensitive: false,
                ..
            } => Some(Self::CaseInsensitive),
            AttrType::Password(_) => Some(Self::Password),
            _ => None,
        };
        let mut marks: Vec<Self> = constraints.chain(features).chain(of_type).collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    /// The sign, one cell wide.
    pub fn glyph(self, ascii: bool) -> &'static str {
        let (unicode, plain) = match self {
            Self::Required => ("*", "*"),
            Self::Unique => ("◆", "U"),
            Self::LocallyUnique => ("◇", "u"),
            Self::PrimaryKey => ("#", "#"),
            Self::Query => ("?", "?"),
            Self::Password => ("•", "x"),
            Self::CaseInsensitive => ("≈", "i"),
            Self::EmailAddress => ("@", "@"),
            Self::Alphabetic => ("a", "a"),
            Self::Alphanumeric => ("9", "9"),
            Self::UnicodeLetters => ("λ", "L"),
            Self::UnicodePrintable => ("¶", "P"),
            Self::Other => ("+", "+"),
        };
        if ascii { plain } else { unicode }
    }

    /// What the sign means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Unique => "unique",
            Self::LocallyUnique => "locally-unique",
            Self::PrimaryKey => "primary-key",
            Self::Query => "query",
            Self::Password => "password",
            Self::CaseInsensitive => "not case-sensitive",
            Self::EmailAddress => "email-address",
            Self::Alphabetic => "alphabetic",
            Self::Alphanumeric => "alphanumeric",
            Self::UnicodeLetters => "unicode-letters",
            Self::UnicodePrintable => "unicode-printable",
            Self::Other => "something newer",
        }
    }
}

/// How much there is in an entity type, without what is built in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Attributes of the record itself.
    pub top_level: usize,
    /// Attributes at all levels.
    pub attributes: usize,
    /// Objects among them.
    pub objects: usize,
    /// Plurals among them.
    pub plurals: usize,
    /// How many levels there are; 1 where nothing nests.
    pub depth: usize,
}

impl Summary {
    /// Counts `schema`.
    pub fn of(schema: &EntityType) -> Self {
        fn count(attr_defs: &[AttrDef], depth: usize, summary: &mut Summary) {
            for def in own(attr_defs, depth == 1) {
                summary.attributes += 1;
                summary.top_level += usize::from(depth == 1);
                summary.objects += usize::from(matches!(def.attr_type, AttrType::Object(_)));
                summary.plurals += usize::from(matches!(def.attr_type, AttrType::Plural(_)));
                summary.depth = summary.depth.max(depth);
                count(def.attr_type.attr_defs(), depth + 1, summary);
            }
        }
        let mut summary = Self::default();
        count(&schema.attr_defs, 1, &mut summary);
        summary
    }
}

/// `196 attributes (17 at the top), 34 plurals, 6 objects, 6 levels`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&counted(self.attributes, "attribute"))?;
        if self.top_level != self.attributes {
            write!(f, " ({} at the top)", self.top_level)?;
        }
        for (count, what) in [(self.plurals, "plural"), (self.objects, "object")] {
            if count > 0 {
                write!(f, ", {}", counted(count, what))?;
            }
        }
        if self.depth > 1 {
            write!(f, ", {}", counted(self.depth, "level"))?;
        }
        Ok(())
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The definitions that are shown one by one: all but what is built in.
fn own(attr_defs: &[AttrDef], top_level: bool) -> impl Iterator<Item = &AttrDef> {
    attr_defs
        .iter()
        .filter(move |def| !def.is_reserved(top_level))
}

/// The type as a diagram says it: `string(200)`, `plural of 3`.
fn type_text(def: &AttrDef) -> String {
    match &def.attr_type {
        AttrType::Object(inner) => format!("object of {}", own(inner, false).count()),
        AttrType::Plural(inner) => format!("plural of {}", own(inner, false).count()),
        other => other.describe(),
    }
}

/// What stands after the name of a container; nothing for the others.
fn brackets(def: &AttrDef) -> &'static str {
    match def.attr_type {
        AttrType::Object(_) => "{}",
        AttrType::Plural(_) => "[]",
        _ => "",
    }
}

/// The built-in attributes' names.
fn built_in(separator: &str) -> String {
    let names: Vec<&str> = RESERVED.iter().map(|(name, ..)| *name).collect();
    names.join(separator)
}

/// The marks that occur in a schema, in the order of [`Mark::ALL`].
fn occurring(schema: &EntityType) -> Vec<Mark> {
    fn collect(attr_defs: &[AttrDef], marks: &mut Vec<Mark>) {
        for def in attr_defs {
            marks.extend(Mark::of(def));
            collect(def.attr_type.attr_defs(), marks);
        }
    }
    let mut marks = Vec::new();
    collect(&schema.attr_defs, &mut marks);
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// `text` in one line of printable characters: white space is a space, and what is not printable or would pile up on
/// its neighbour is written as its number. In ASCII, what is not is a `?`. An enormous text loses its middle, which no
/// diagram would show.
fn clean(text: &str, ascii: bool) -> String {
    if text.len() > 2 * MOST_BYTES {
        let boundary = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let first = &text[..boundary(MOST_BYTES)];
        let last = &text[boundary(text.len() - MOST_BYTES)..];
        return [clean(first, ascii), clean(last, ascii)].join(ellipsis(ascii));
    }
    let plain = |c: char| (' '..='~').contains(&c);
    if text.chars().all(plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        let harmless = cluster.width() > 0
            && cluster.chars().take(9).count() < 9
            && cluster.chars().all(value::is_printable);
        if cluster.chars().all(char::is_whitespace) {
            out.push(' ');
        } else if !harmless {
            for c in cluster.chars() {
                if plain(c) {
                    out.push(c);
                } else {
                    out.push_str(&number_of(c, ascii));
                }
            }
        } else if ascii && !cluster.is_ascii() {
            out.push('?');
        } else {
            out.push_str(cluster);
        }
    }
    out
}

fn number_of(c: char, ascii: bool) -> String {
    let (open, close) = if ascii { ('<', '>') } else { ('⟨', '⟩') };
    format!("{open}U+{:04X}{close}", u32::from(c))
}

/// How many cells a cleaned text takes, counted as the screen counts: by cluster.
fn cells(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The longest beginning of a cleaned text that fits.
fn head(text: &str, most: usize) -> &str {
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += cluster.width();
        if used > most {
            return &text[..at];
        }
    }
    text
}

/// The longest end of a cleaned text that fits.
fn tail(text: &str, most: usize) -> &str {
    let mut used = 0;
    let mut from = text.len();
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += cluster.width();
        if used > most {
            break;
        }
        from = at;
    }
    &text[from..]
}

/// A cleaned text on at most so many cells; what is too long loses its middle, since names often differ at the end.
fn shorten(text: &str, most: usize, ascii: bool) -> String {
    if cells(text) <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(1) else {
        return String::new();
    };
    let first = head(text, room.div_ceil(2));
    let last = tail(text, room / 2);
    format!("{first}{}{last}", ellipsis(ascii))
}

/// A cleaned text on at most so many cells; what is too long loses its end.
fn cut(text: &str, most: usize, ascii: bool) -> String {
    if cells(text) <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(1) else {
        return String::new();
    };
    format!("{}{}", head(text, room).trim_end(), ellipsis(ascii))
}

fn ellipsis(ascii: bool) -> &'static str {
    if ascii { "~" } else { "…" }
}

/// A name or description for a document: clean, and never endless.
fn in_document(text: &str) -> String {
    shorten(&clean(text, false), MOST_IN_DOCUMENTS, false)
}

#[cfg(test)]
mod tests;

//! Attribute definitions from sample data: a proposal with its reasons, to be looked at and adjusted before a type is
//! created. Used by the design pane and by `captui schema infer`.
//!
//! ```text
//!  text ─ reading::read ─▶ records ─ Inference::add ─▶ Node tree: counts only ─ finish ─▶ Inferred: items, notes
//!                                                                                         │ set_type, accept, decline
//!                                                                                         └▶ to_attr_defs
//! ```
//!
//! What a text reads as is asked of `capture::value`, so that the records pass the validator that is held against
//! them. Constraints are only proposed: data shows what was, not what must be. No more than a few short examples of the
//! values is kept, and none of what could be a secret.

pub mod reading;

mod node;

use std::collections::HashSet;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::infer::node::Node;
use crate::capture::schema::infer::reading::Format;
use crate::capture::schema::infer::reading::ReadError;

/// How many attributes are told apart; what comes after them is left out and noted.
pub const MAX_ATTRIBUTES: usize = 2_000;

/// Containers below this level become `json`.
pub const MAX_LEVELS: usize = 16;

/// An object with more members is a table with values for keys: it becomes `json`.
pub const MAX_MEMBERS: usize = 300;

/// From so many values on, that all differ says something.
const ENOUGH_FOR_UNIQUE: usize = 10;

/// The lengths that people choose (reference 4.4).
const LENGTHS: [u32; 4] = [100, 256, 1_000, 4_096];

/// More notes of one kind are only counted.
const MAX_NOTES: usize = 50;

/// Learns from records, one after the other.
pub struct Inference {
    now: Timestamp,
    root: Node,
    records: usize,
    seen: Seen,
}

/// What concerns the whole tree while it grows.
#[derive(Default)]
struct Seen {
    attributes: usize,
    left_out: usize,
    reserved: HashSet<AttrPath>,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// How many records it was learnt from.
    pub records: usize,
    /// The attributes, holders before their members.
    pub items: Vec<Item>,
    /// What a person should know besides, in sentences.
    pub notes: Vec<String>,
}

/// One proposed attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it will be.
    pub path: AttrPath,
    /// The definition; its members, if it is a container, are items of their own.
    pub def: AttrDef,
    /// What was seen.
    pub evidence: Evidence,
    /// Other types that all of its values have as well, the likeliest first.
    pub alternatives: Vec<AttrType>,
    /// Constraints that hold for everything seen. None is set before it is accepted.
    pub candidates: Vec<Candidate>,
}

/// A constraint that could be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The constraint; with `locally-unique` comes the feature `primary-key`.
    pub constraint: Constraint,
    /// Why it is proposed: `all 40 values differ`.
    pub reason: String,
}

/// What was seen of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Records, objects or elements that could have had it.
    pub of: usize,
    /// How many of them had a value.
    pub values: usize,
    /// How many had it as null.
    pub nulls: usize,
    /// How many different values there were; `None` for what is not compared.
    pub distinct: Option<usize>,
    /// The most characters of a text.
    pub longest: Option<usize>,
    /// A few values as they came, cut; none of secrets.
    pub examples: Vec<String>,
    /// What the values were, with counts, the most frequent first: `string`, and of texts `dateTime` and so on.
    pub seen: Vec<(&'static str, usize)>,
    /// Why this type and length, in a sentence.
    pub decision: String,
}

/// Why a proposal is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdjustError {
    /// No item has this path.
    #[error("there is no attribute {0}")]
    NoSuchAttribute(AttrPath),
    /// Its type has members, which are not known.
    #[error("{path} cannot become `{wanted}`: no members of it were seen")]
    NoMembers {
        /// The attribute.
        path: AttrPath,
        /// The wanted type's name.
        wanted: String,
    },
    /// The constraint cannot stand there.
    #[error("{path}: {reason}")]
    Misfit {
        /// The attribute.
        path: AttrPath,
        /// Why.
        reason: String,
    },
}

/// Learns from a whole text.
pub fn infer(text: &str, format: Format, now: Timestamp) -> Result<Inferred, ReadError> {
    let sample = reading::read(text, format)?;
    let mut inference = Inference::new(now);
    for record in &sample.records {
        inference.add(record);
    }
    let mut inferred = inference.finish();
    inferred.notes.splice(0..0, sample.notes);
    Ok(inferred)
}

impl Inference {
    /// Knows nothing yet. `now` gives the keywords of dates their meaning.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            root: Node::default(),
            records: 0,
            seen: Seen::default(),
        }
    }

    /// Learns from a record; of anything but an object nothing can be learnt.
    pub fn add(&mut self, record: &Json) {
        if let Some(members) = record.as_object() {
            self.records += 1;
            let path = AttrPath::root();
            self.root
                .add_members(members, &path, true, self.now, &mut self.seen);
        }
    }

    /// The proposal.
    pub fn finish(self) -> Inferred {
        let mut inferred = Inferred {
            records: self.records,
            items: Vec::new(),
            notes: Vec::new(),
        };
        let scope = Scope {
            holders: self.records,
            all: self.records,
            in_plural: false,
        };
        add_items(&self.root, &AttrPath::root(), scope, &mut inferred);
        let mut reserved: Vec<String> = self.seen.reserved.iter().map(AttrPath::dotted).collect();
        reserved.sort_unstable();
        if !reserved.is_empty() {
            let and_more = reserved.len().saturating_sub(MAX_NOTES);
            reserved.truncate(MAX_NOTES);
            let more = if and_more > 0 {
                format!(" and {and_more} more")
            } else {
                String::new()
            };
            inferred.notes.push(format!(
                "built in, not proposed: {}{more}",
                reserved.join(", ")
            ));
        }
        if self.seen.left_out > 0 {
            inferred.notes.push(format!(
                "more than {MAX_ATTRIBUTES} different attributes: {} values of others are left out",
                self.seen.left_out
            ));
        }
        inferred
    }
}

/// What the members of a holder are counted against.
#[derive(Clone, Copy)]
struct Scope {
    /// How often there was a holder.
    holders: usize,
    /// How often there could have been one: records, or elements of the innermost plural.
    all: usize,
    /// Whether the holder is a plural's element.
    in_plural: bool,
}

/// Adds an item for every member, and what is in them. Depth is bounded by [`MAX_LEVELS`].
fn add_items(holder: &Node, path: &AttrPath, scope: Scope, inferred: &mut Inferred) {
    let mut taken: HashSet<String> = holder
        .members
        .keys()
        .filter(|name| schema::is_valid_name(name))
        .cloned()
        .collect();
    for (name, node) in &holder.members {
        let valid = if schema::is_valid_name(name) {
            name.clone()
        } else {
            let valid = valid_name(name, &mut taken);
            note_renamed(path, name, &valid, inferred);
            valid
        };
        let here = path.child(valid.as_str());
        let item = item(node, &valid, here.clone(), scope);
        let inner = match &item.def.attr_type {
            AttrType::Plural(_) => Some(Scope {
                holders: node.elements,
                all: node.elements,
                in_plural: true,
            }),
            AttrType::Object(_) => Some(Scope {
                holders: node.objects,
                in_plural: false,
                ..scope
            }),
            _ => None,
        };
        inferred.items.push(item);
        if let Some(inner) = inner {
            if let Some(texts) = &node.texts {
                let member = here.child("value");
                inferred.items.push(item_of_texts(texts, member, inner));
            }
            add_items(node, &here, inner, inferred);
        }
    }
}

fn note_renamed(path: &AttrPath, name: &str, valid: &str, inferred: &mut Inferred) {
    let begins = "not a name that the service takes: ";
    let so_far = inferred
        .notes
        .iter()
        .filter(|note| note.starts_with(begins))
        .count();
    if so_far < MAX_NOTES {
        let shown: String = name.chars().take(80).collect();
        inferred.notes.push(format!(
            "{begins}{shown:?} is called {} here",
            path.child(valid).dotted()
        ));
    }
}

/// A name like `name` that the service takes and that is not taken yet.
fn valid_name(name: &str, taken: &mut HashSet<String>) -> String {
    let fit = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut valid: String = name.chars().take(schema::MAX_NAME).map(fit).collect();
    if !valid.starts_with(|first: char| first.is_ascii_alphabetic()) {
        valid.insert_str(0, "a_");
    }
    valid.truncate(schema::MAX_NAME - 5);
    let base = valid.clone();
    let mut count = 1;
    while schema::is_reserved_name(&valid) || !taken.insert(valid.clone()) {
        count += 1;
        valid = format!("{base}_{count}");
    }
    valid
}

fn item(node: &Node, name: &str, path: AttrPath, scope: Scope) -> Item {
    let (attr_type, decision) = node.decide(name, path.0.len());
    let mut evidence = node.evidence(scope.holders, decision);
    if matches!(attr_type, AttrType::Password(_)) || node.is_secret(name) {
        // How long a password is, and who shares one, is nobody's business either.
        evidence.examples.clear();
        evidence.longest = None;
        evidence.distinct = None;
    }
    Item {
        alternatives: node.alternatives(&attr_type),
        candidates: candidates(node, &attr_type, scope),
        def: AttrDef::new(name, attr_type),
        evidence,
        path,
    }
}

/// The one member of a plural whose elements are plain texts (reference 5).
fn item_of_texts(texts: &Node, path: AttrPath, scope: Scope) -> Item {
    let mut item = item(texts, "value", path, scope);
    // Only text may stand for its element.
    if !matches!(item.def.attr_type, AttrType::String { .. }) {
        item.def.attr_type = texts.as_string();
    }
    item.alternatives.clear();
    "the elements are plain texts, which stand for their one attribute"
        .clone_into(&mut item.evidence.decision);
    item
}

/// `1 list`, `2 lists`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Constraints against which nothing speaks. One value alone says nothing.
fn candidates(node: &Node, attr_type: &AttrType, scope: Scope) -> Vec<Candidate> {
    let mut found = Vec::new();
    let values = node.values();
    if values < 2 {
        return found;
    }
    let mut propose = |constraint, reason| found.push(Candidate { constraint, reason });
    let primitive = !matches!(
        attr_type,
        AttrType::Object(_) | AttrType::Plural(_) | AttrType::Json | AttrType::Password(_)
    );
    let holds_members = matches!(attr_type, AttrType::Object(_) | AttrType::Plural(_));
    if values == scope.all && !holds_members {
        propose(
            Constraint::Required,
            format!("all {values} that could have it do"),
        );
    }
    if primitive
        && *attr_type != AttrType::Boolean
        && values >= ENOUGH_FOR_UNIQUE
        && node.distinct() == Some(values)
    {
        propose(Constraint::Unique, format!("all {values} values differ"));
    }
    if primitive && scope.in_plural && node.lists > 0 && !node.repeats && values == scope.holders {
        let reason = format!(
            "no two elements of {} share it",
            counted(node.lists, "list")
        );
        propose(Constraint::LocallyUnique, reason);
    }
    if matches!(attr_type, AttrType::String { .. }) {
        for constraint in node.text_constraints() {
            let reason = format!("all {values} texts are like that");
            propose(constraint, reason);
        }
    }
    found
}

impl Inferred {
    /// The definitions as they are proposed and adjusted.
    pub fn to_attr_defs(&self) -> Vec<AttrDef> {
        members_of(&self.items, 1).0
    }

    /// The item at `path`.
    pub fn item(&self, path: &AttrPath) -> Option<&Item> {
        self.items.iter().find(|item| item.path == *path)
    }

    fn place(&self, path: &AttrPath) -> Result<usize, AdjustError> {
        let place = self.items.iter().position(|item| item.path == *path);
        place.ok_or_else(|| AdjustError::NoSuchAttribute(path.clone()))
    }

    /// Gives an attribute another type, whatever was seen. The members of a container that is none any more are gone;
    /// constraints on text go with the text.
    pub fn set_type(&mut self, path: &AttrPath, attr_type: AttrType) -> Result<(), AdjustError> {
        let place = self.place(path)?;
        let is_container = matches!(attr_type, AttrType::Object(_) | AttrType::Plural(_));
        let members = self.items[place + 1..]
            .iter()
            .take_while(|item| item.path.starts_with(path))
            .count();
        if is_container && members == 0 {
            return Err(AdjustError::NoMembers {
                path: path.clone(),
                wanted: attr_type.name().to_owned(),
            });
        }
        if !is_container {
            self.items.drain(place + 1..=place + members);
        }
        let def = &mut self.items[place].def;
        def.attr_type = attr_type;
        let kept: Vec<Constraint> = def.constraints.take().unwrap_or_default();
        for constraint in kept {
            // What does not fit the new type is dropped.
            let _ = self.accept(path, constraint);
        }
        Ok(())
    }

    /// Sets a constraint, proposed or not; `locally-unique` brings the feature `primary-key` along.
    pub fn accept(&mut self, path: &AttrPath, constraint: Constraint) -> Result<(), AdjustError> {
        let place = self.place(path)?;
        let before = self.items[place].def.clone();
        let def = &mut self.items[place].def;
        if def.has(&constraint) {
            return Ok(());
        }
        if constraint == Constraint::LocallyUnique && !def.has_feature(&Feature::PrimaryKey) {
            def.features
                .get_or_insert_default()
                .push(Feature::PrimaryKey);
        }
        def.constraints.get_or_insert_default().push(constraint);
        let problems = schema::check(&self.to_attr_defs());
        if let Some(problem) = problems.into_iter().find(|problem| problem.path == *path) {
            self.items[place].def = before;
            return Err(AdjustError::Misfit {
                path: path.clone(),
                reason: problem.reason,
            });
        }
        Ok(())
    }

    /// Takes a constraint back; with `locally-unique` goes the feature `primary-key`.
    pub fn decline(&mut self, path: &AttrPath, constraint: &Constraint) -> Result<(), AdjustError> {
        let place = self.place(path)?;
        let def = &mut self.items[place].def;
        if let Some(constraints) = &mut def.constraints {
            constraints.retain(|one| one != constraint);
        }
        if *constraint == Constraint::LocallyUnique
            && let Some(features) = &mut def.features
        {
            features.retain(|one| *one != Feature::PrimaryKey);
        }
        def.constraints
            .take_if(|constraints| constraints.is_empty());
        def.features.take_if(|features| features.is_empty());
        Ok(())
    }
}

/// The definitions at `level` at the head of `items`, with their members, and how many items they take.
fn members_of(items: &[Item], level: usize) -> (Vec<AttrDef>, usize) {
    let mut attr_defs = Vec::new();
    let mut at = 0;
    while let Some(item) = items.get(at).filter(|item| item.path.0.len() == level) {
        let mut def = item.def.clone();
        at += 1;
        let (inner, used) = members_of(&items[at..], level + 1);
        at += used;
        if let AttrType::Object(members) | AttrType::Plural(members) = &mut def.attr_type {
            *members = inner;
        }
        attr_defs.push(def);
    }
    (attr_defs, at)
}

#[cfg(test)]
mod tests;

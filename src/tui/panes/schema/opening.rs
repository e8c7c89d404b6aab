//! What a design is begun with or changed by, when it comes from elsewhere: a pasted call, a file, another entity type.
//!
//! ```text
//!  entityType.create, attr_defs, a schema            ─▶ Opening::New     ─▶ the design of a new type
//!  addAttribute, setAttributeConstraints, remove, …  ─▶ Opening::Amend   ─▶ the design of that stored type
//! ```
//!
//! Each is one step that can be taken back, also over an unfinished design. Deliberately absent: recognising a text, which
//! is `paste`'s, and loading the stored type, which is the root's.

use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::JsonError;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::read_attr_defs;
use crate::capture::schema::without_reserved;
use crate::json::repair::repair;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::Place;
use crate::tui::panes::schema::design::Tree;
use crate::tui::panes::schema::design::is_built_in;

/// Why nothing else comes into a design whose JSON cannot be read.
const UNREAD: &str = "the JSON is not in the design yet: <schema.next-problem> goes to its fault";

/// What a design is begun with, or changed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A new entity type.
    New {
        /// Its name; empty when none is known.
        name: String,
        /// Its attributes.
        attr_defs: Vec<AttrDef>,
        /// What could not be read of them.
        problems: Vec<SchemaProblem>,
        /// Why their JSON was repaired before it could be read.
        repaired: Option<JsonError>,
    },
    /// A change of a stored one.
    Amend {
        /// Its name.
        type_name: String,
        /// The change.
        change: Amendment,
        /// Why its JSON was repaired before it could be read.
        repaired: Option<JsonError>,
    },
}

/// A change of a stored entity type, as one call makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// An attribute comes.
    Add(AttrDef),
    /// An attribute goes.
    Remove(AttrPath),
    /// An attribute has these constraints and no others.
    Constraints(AttrPath, Vec<Constraint>),
    /// An attribute is described so, or not at all.
    Description(AttrPath, Option<String>),
}

impl Opening {
    /// What a call with these arguments comes to. `None` for operations that open elsewhere; an error says what is missing
    /// or cannot be read. `type_name` is taken when the call names no entity type.
    pub fn of_call(
        endpoint: Endpoint,
        args: &Args,
        type_name: Option<&str>,
    ) -> Option<Result<Self, String>> {
        let mut repaired = None;
        let amends = match endpoint {
            Endpoint::TypeCreate => return Some(new_type(args)),
            Endpoint::TypeAddAttribute => added(args, &mut repaired),
            Endpoint::TypeRemoveAttribute => path(args).map(Amendment::Remove),
            Endpoint::TypeSetAttributeConstraints => path(args).and_then(|path| {
                let json = json(args, "constraints", &mut repaired)?;
                let names = json.as_array().map(|names| names.iter().map(Json::as_str));
                let names: Option<Vec<&str>> = names.and_then(Iterator::collect);
                let names = names.ok_or("constraints must be a list of names")?;
                let constraints = names.into_iter().map(Constraint::from).collect();
                Ok(Amendment::Constraints(path, constraints))
            }),
            Endpoint::TypeSetAttributeDescription => path(args).and_then(|path| {
                let text = args.get("description").ok_or("description is missing")?;
                let description = match Json::parse(text) {
                    Ok(Json::Null) => None,
                    Ok(Json::String(text)) => Some(text),
                    _ => Some(text.to_owned()),
                };
                Ok(Amendment::Description(path, description))
            }),
            _ => return None,
        };
        let type_name = args.get("type_name").or(type_name);
        Some(amends.and_then(|change| {
            let type_name = type_name.ok_or("type_name is missing: t chooses one")?;
            Ok(Self::Amend {
                type_name: type_name.to_owned(),
                change,
                repaired,
            })
        }))
    }

    /// Why its JSON was repaired before it could be read.
    pub fn repaired(&self) -> Option<&JsonError> {
        match self {
            Self::New { repaired, .. } | Self::Amend { repaired, .. } => repaired.as_ref(),
        }
    }

    /// What it is, in lines for people: a label, a text, and whether the text tells of something wrong.
    pub fn lines(&self) -> Vec<(&'static str, String, bool)> {
        let mut lines = self.lines_of_what();
        let repaired = self.repaired().map(JsonError::to_string);
        lines.extend(repaired.map(|error| ("repaired", error, true)));
        lines
    }

    fn lines_of_what(&self) -> Vec<(&'static str, String, bool)> {
        match self {
            Self::New {
                name,
                attr_defs,
                problems,
                ..
            } => {
                let name = if name.is_empty() {
                    ("entity type", "without a name yet".to_owned(), false)
                } else {
                    ("entity type", name.clone(), false)
                };
                let names: Vec<&str> = attr_defs.iter().map(|def| def.name.as_str()).collect();
                let mut lines = vec![name, ("attributes", names.join(", "), false)];
                let own = without_reserved(attr_defs, true);
                let found = problems.iter().cloned().chain(schema::check(&own));
                let found: Vec<_> = found.map(|problem| problem.to_string()).collect();
                if found.is_empty() {
                    lines.push(("check", "nothing is wrong with it".to_owned(), false));
                }
                lines.extend(found.into_iter().take(12).map(|text| ("check", text, true)));
                lines
            }
            Self::Amend {
                type_name, change, ..
            } => {
                let change = match change {
                    Amendment::Add(def) => {
                        format!("adds {}, {}", def.name, def.attr_type.describe())
                    }
                    Amendment::Remove(path) => format!("marks {path} for removal"),
                    Amendment::Constraints(path, constraints) if constraints.is_empty() => {
                        format!("{path} has no constraint any more")
                    }
                    Amendment::Constraints(path, constraints) => {
                        let names: Vec<&str> = constraints.iter().map(Constraint::name).collect();
                        format!("{path} has {} and nothing else", names.join(", "))
                    }
                    Amendment::Description(path, Some(text)) => format!("{path}: “{text}”"),
                    Amendment::Description(path, None) => format!("{path} is not described"),
                };
                vec![
                    ("entity type", type_name.clone(), false),
                    ("in the tree", change, false),
                ]
            }
        }
    }
}

fn new_type(args: &Args) -> Result<Opening, String> {
    let mut repaired = None;
    let json = json(args, "attr_defs", &mut repaired)?;
    let (attr_defs, problems) = read_attr_defs(&json);
    Ok(Opening::New {
        name: args.get("type_name").unwrap_or_default().to_owned(),
        attr_defs,
        problems,
        repaired,
    })
}

fn added(args: &Args, repaired: &mut Option<JsonError>) -> Result<Amendment, String> {
    let json = json(args, "attr_def", repaired)?;
    let (mut attr_defs, problems) = read_attr_defs(&Json::Array(vec![json]));
    match (attr_defs.pop(), problems.into_iter().next()) {
        (Some(def), None) => Ok(Amendment::Add(def)),
        (_, Some(problem)) => Err(format!("attr_def: {problem}")),
        (None, None) => Err("attr_def holds no definition".to_owned()),
    }
}

/// An argument as JSON; broken JSON is `repaired`, since the design shows what it was taken for.
fn json(args: &Args, name: &str, repaired: &mut Option<JsonError>) -> Result<Json, String> {
    let text = args.get(name).ok_or_else(|| format!("{name} is missing"))?;
    Json::parse(text).or_else(|error| {
        let read = repair(text).and_then(|repair| Json::parse(&repair.text).ok());
        let read = read.ok_or_else(|| format!("{name} cannot be read: {error}"));
        *repaired = Some(error);
        read
    })
}

fn path(args: &Args) -> Result<AttrPath, String> {
    let name = args
        .get("attribute_name")
        .ok_or("attribute_name is missing")?;
    let path: AttrPath = name.parse().map_err(|error| format!("{name}: {error}"))?;
    if path.is_root() {
        return Err("attribute_name names no attribute".to_owned());
    }
    Ok(path)
}

impl SchemaPane {
    /// Changes the design of the stored type that is shown, as one step, and puts the cursor where it changed. Says what
    /// was done, or why nothing was.
    pub fn amend(&mut self, change: &Amendment) -> Result<String, String> {
        if !matches!(self.current(), Some(DesignKey::Stored(_))) {
            return Err("choose an entity type first: <app.types>, then <types.choose>".to_owned());
        }
        if self.holds_unread_json() {
            return Err(UNREAD.to_owned());
        }
        let Some(desk) = self.desk_mut() else {
            return Err("choose an entity type first: <app.types>, then <types.choose>".to_owned());
        };
        let (id, said) = match change {
            Amendment::Add(def) => {
                let tree = desk.design.tree();
                if tree.roots.iter().any(|node| node.def.name == def.name) {
                    return Err(format!("{} has {} already", tree.name, def.name));
                }
                let place = Place {
                    holder: None,
                    at: tree.roots.len(),
                };
                let id = desk.design.change(|tree| tree.insert(place, def));
                (id, format!("{} is added", def.name))
            }
            Amendment::Remove(path) => {
                let id = node_at(desk.design.tree(), path)?;
                desk.design.change(|tree| match tree.get_mut(id) {
                    Some(node) if node.origin.is_some() => node.removed = true,
                    _ => drop(tree.take(id)),
                });
                (Some(id), format!("{path} is marked for removal"))
            }
            Amendment::Constraints(path, constraints) => {
                let id = node_at(desk.design.tree(), path)?;
                desk.design.change(|tree| {
                    if let Some(node) = tree.get_mut(id) {
                        node.def.constraints = Some(constraints.clone());
                    }
                });
                (Some(id), format!("the constraints of {path} are set"))
            }
            Amendment::Description(path, description) => {
                let id = node_at(desk.design.tree(), path)?;
                desk.design.change(|tree| {
                    if let Some(node) = tree.get_mut(id) {
                        node.def.description.clone_from(description);
                    }
                });
                (Some(id), format!("the description of {path} is set"))
            }
        };
        desk.rebuild();
        desk.go_to(id);
        desk.json_follows();
        Ok(format!(
            "{said}: <schema.undo> takes it back, <app.send> shows the plan"
        ))
    }
}

/// The node that has this path in the design, or had it in the stored type.
fn node_at(tree: &Tree, path: &AttrPath) -> Result<NodeId, String> {
    let mut siblings = tree.roots.as_slice();
    let mut found = None;
    let mut built_in = false;
    for segment in &path.0 {
        let named = siblings
            .iter()
            .find(|node| !node.removed && node.def.name == segment.name);
        let node = named.or_else(|| {
            siblings.iter().find(|node| {
                let last = node.origin.as_ref().and_then(|origin| origin.0.last());
                last.is_some_and(|last| last.name == segment.name)
            })
        });
        let Some(node) = node else {
            return Err(format!("{} has no attribute {path}", tree.name));
        };
        built_in = is_built_in(node, found.is_none());
        found = Some(node.id);
        siblings = node.shown_members();
    }
    if built_in {
        return Err(format!("{path} is built in: the service adds it by itself"));
    }
    found.ok_or_else(|| "it names no attribute".to_owned())
}

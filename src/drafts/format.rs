//! A kept draft as the text of its file, and back: one JSON object that names its version. What is as in a new form is
//! left out; what this version does not know is an error and not a guess.

use std::sync::Arc;

use crate::capture::json::Json;
use crate::capture::json::MAX_DEPTH;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element as PathElement;
use crate::capture::path::Segment;
use crate::capture::schema::read_attr_defs;
use crate::drafts::kept::Design;
use crate::drafts::kept::Element;
use crate::drafts::kept::Field;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Key;
use crate::drafts::kept::Node;
use crate::drafts::kept::Of;
use crate::drafts::kept::Presence;
use crate::drafts::kept::Typing;
use crate::drafts::kept::Value;

/// The member that says that a file is a draft, and of which version.
const VERSION_NAME: &str = "captui_draft";

/// The version of a record's draft.
const VERSION: i64 = 1;

/// The version of a design's draft, which a captui that knows records only leaves alone.
const VERSION_OF_DESIGN: i64 = 2;

/// Why a text is not read as a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A later captui wrote it.
    Newer,
    /// It is no draft, or was one.
    Damaged,
}

/// The file's text; `None` when the values are nested too deeply to be read again.
pub(super) fn write(kept: &Kept) -> Option<String> {
    let json = Json::Object(document(kept));
    (json.depth() <= MAX_DEPTH).then(|| json.to_string())
}

/// Reads a file's text.
pub(super) fn read(text: &str) -> Result<Kept, Unreadable> {
    let json = Json::parse(text).map_err(|_| Unreadable::Damaged)?;
    let version = json.get(VERSION_NAME).and_then(Json::as_i64);
    let document = json.as_object();
    let kept = match version {
        Some(VERSION) => document
            .and_then(kept_of)
            .filter(|kept| kept.design.is_none()),
        Some(VERSION_OF_DESIGN) => document
            .and_then(kept_of)
            .filter(|kept| kept.design.is_some()),
        Some(version) if version > VERSION_OF_DESIGN => return Err(Unreadable::Newer),
        _ => None,
    };
    kept.ok_or(Unreadable::Damaged)
}

fn document(kept: &Kept) -> Object {
    let mut out = Object::new();
    let mut put = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    let version = match kept.design {
        None => VERSION,
        Some(_) => VERSION_OF_DESIGN,
    };
    put(VERSION_NAME, Some(version.into()));
    put("environment", Some(kept.key.environment.as_str().into()));
    put("type", Some(kept.key.type_name.as_str().into()));
    if let Of::Record(id) = kept.key.of {
        put("record", Some(id.into()));
    }
    put("changed", Some(kept.changed.to_string().into()));
    put("set", Some((kept.set as i64).into()));
    put("in_doubt", kept.in_doubt.then_some(true.into()));
    put("include_record", kept.include_record.then_some(true.into()));
    put(
        "cursor",
        (!kept.cursor.is_root()).then(|| path(&kept.cursor)),
    );
    put("typing", kept.typing.as_ref().map(typing));
    put("json", kept.json.as_deref().map(Json::from));
    put("fields", Some(fields(&kept.fields)));
    put("lacks_secrets", kept.lacks_secrets.then_some(true.into()));
    put("original", kept.original.as_deref().cloned());
    if let Some(design) = &kept.design {
        let is_new = kept.key.of == Of::NewType;
        put("is_new", is_new.then_some(true.into()));
        put("name", Some(design.name.as_str().into()));
        put("attributes", Some(nodes(&design.nodes)));
    }
    out
}

fn kept_of(document: &Object) -> Option<Kept> {
    let design = match document.get("attributes") {
        None => None,
        Some(nodes) => Some(Design {
            name: text(document, "name")?,
            nodes: nodes_of(nodes)?,
        }),
    };
    let of = match (&design, optional(document, "record", Json::as_i64).ok()?) {
        (None, None) => Of::NewRecord,
        (None, Some(id)) => Of::Record(id),
        (Some(_), _) if flag(document, "is_new")? => Of::NewType,
        (Some(_), _) => Of::Schema,
    };
    Some(Kept {
        key: Key {
            environment: text(document, "environment")?,
            type_name: text(document, "type")?,
            of,
        },
        changed: text(document, "changed")?.parse().ok()?,
        set: usize::try_from(document.get("set")?.as_i64()?).ok()?,
        in_doubt: flag(document, "in_doubt")?,
        include_record: flag(document, "include_record")?,
        cursor: optional(document, "cursor", path_of)
            .ok()?
            .unwrap_or_default(),
        typing: optional(document, "typing", typing_of).ok()?,
        json: optional(document, "json", |json| json.as_str().map(str::to_owned)).ok()?,
        fields: Arc::new(fields_of(document.get("fields")?)?),
        lacks_secrets: flag(document, "lacks_secrets")?,
        original: document.get("original").cloned().map(Arc::new),
        design: design.map(Arc::new),
    })
}

const REMOVED: &str = "removed";

fn nodes(nodes: &[Node]) -> Json {
    Json::Array(nodes.iter().map(node).collect())
}

fn node(node: &Node) -> Json {
    let mut out = Object::new();
    out.insert("def".to_owned(), node.def.to_json());
    if let Some(origin) = &node.origin {
        out.insert("origin".to_owned(), path(origin));
    }
    if node.removed {
        out.insert(REMOVED.to_owned(), true.into());
    }
    if !node.members.is_empty() {
        out.insert("members".to_owned(), nodes(&node.members));
    }
    out.into()
}

/// Recursion is bounded by the reader's limit.
fn nodes_of(json: &Json) -> Option<Vec<Node>> {
    json.as_array()?.iter().map(node_of).collect()
}

fn node_of(json: &Json) -> Option<Node> {
    let members = json.as_object()?;
    let def = Json::Array(vec![members.get("def")?.clone()]);
    let (mut attr_defs, problems) = read_attr_defs(&def);
    Some(Node {
        def: attr_defs.pop().filter(|_| problems.is_empty())?,
        members: optional(members, "members", nodes_of)
            .ok()?
            .unwrap_or_default(),
        origin: optional(members, "origin", path_of).ok()?,
        removed: flag(members, REMOVED)?,
    })
}

/// A member that may be missing; an error when it is there and cannot be read.
fn optional<T>(
    object: &Object,
    name: &str,
    read: impl FnOnce(&Json) -> Option<T>,
) -> Result<Option<T>, Unreadable> {
    let member = object.get(name);
    member
        .map(|json| read(json).ok_or(Unreadable::Damaged))
        .transpose()
}

fn text(object: &Object, name: &str) -> Option<String> {
    Some(object.get(name)?.as_str()?.to_owned())
}

fn flag(object: &Object, name: &str) -> Option<bool> {
    let flag = optional(object, name, Json::as_bool).ok()?;
    Some(flag.unwrap_or_default())
}

/// Names and places of elements in turn: `["statuses", 0, "status"]`.
fn path(path: &AttrPath) -> Json {
    let mut steps = Vec::new();
    for segment in &path.0 {
        steps.push(Json::from(segment.name.as_str()));
        if let Some(PathElement::Index(index)) = segment.element {
            steps.push(Json::from(index as i64));
        }
    }
    Json::Array(steps)
}

fn path_of(json: &Json) -> Option<AttrPath> {
    let mut path = AttrPath::root();
    for step in json.as_array()? {
        if let Some(name) = step.as_str() {
            path.0.push(Segment {
                name: name.to_owned(),
                element: None,
            });
        } else {
            let index = usize::try_from(step.as_i64()?).ok()?;
            let segment = path.0.last_mut().filter(|last| last.element.is_none())?;
            segment.element = Some(PathElement::Index(index));
        }
    }
    Some(path)
}

fn typing(typing: &Typing) -> Json {
    let mut out = Object::new();
    out.insert("path".to_owned(), path(&typing.path));
    if let Some(text) = &typing.text {
        out.insert("text".to_owned(), text.as_str().into());
    }
    out.into()
}

fn typing_of(json: &Json) -> Option<Typing> {
    Some(Typing {
        path: path_of(json.get("path")?)?,
        text: optional(json.as_object()?, "text", |text| {
            text.as_str().map(str::to_owned)
        })
        .ok()?,
    })
}

const PRESENCE: &str = "presence";
const OPEN: &str = "open";
const PLAIN: &str = "plain";

fn fields(fields: &[Field]) -> Json {
    let members = fields
        .iter()
        .map(|field| (field.name.clone(), field_json(field)));
    Json::Object(members.collect())
}

fn field_json(field: &Field) -> Json {
    let mut out = Object::new();
    let presence = match field.presence {
        Presence::Absent => Some("absent"),
        Presence::Null => Some("null"),
        Presence::Given => None,
    };
    if let Some(presence) = presence {
        out.insert(PRESENCE.to_owned(), presence.into());
    }
    if field.open {
        out.insert(OPEN.to_owned(), true.into());
    }
    let (kind, value) = match &field.value {
        Value::Text(text) => ("text", text.as_str().into()),
        Value::Toggle(value) => ("toggle", (*value).into()),
        Value::Object(members) => ("object", fields(members)),
        Value::Plural(elements) => (
            "plural",
            Json::Array(elements.iter().map(element).collect()),
        ),
        Value::Json(text) => ("json", text.as_str().into()),
        Value::NotKept => ("not_kept", true.into()),
    };
    out.insert(kind.to_owned(), value);
    out.into()
}

fn element(element: &Element) -> Json {
    let mut out = Object::new();
    if let Some(id) = element.id {
        out.insert("id".to_owned(), id.into());
    }
    if element.open {
        out.insert(OPEN.to_owned(), true.into());
    }
    if element.plain {
        out.insert(PLAIN.to_owned(), true.into());
    }
    out.insert("fields".to_owned(), fields(&element.fields));
    out.into()
}

/// Recursion is bounded by the reader's limit.
fn fields_of(json: &Json) -> Option<Vec<Field>> {
    json.as_object()?
        .iter()
        .map(|(name, json)| field_of(name, json.as_object()?))
        .collect()
}

fn field_of(name: &str, members: &Object) -> Option<Field> {
    let presence = match members.get(PRESENCE).map(Json::as_str) {
        None => Presence::Given,
        Some(Some("absent")) => Presence::Absent,
        Some(Some("null")) => Presence::Null,
        Some(_) => return None,
    };
    let mut value = None;
    for (name, json) in members {
        value = Some(match name.as_str() {
            PRESENCE | OPEN => continue,
            // A field holds one thing.
            _ if value.is_some() => return None,
            "text" => Value::Text(json.as_str()?.to_owned()),
            "toggle" => Value::Toggle(json.as_bool()?),
            "object" => Value::Object(fields_of(json)?),
            "plural" => Value::Plural(
                json.as_array()?
                    .iter()
                    .map(element_of)
                    .collect::<Option<_>>()?,
            ),
            "json" => Value::Json(json.as_str()?.to_owned()),
            "not_kept" => Value::NotKept,
            _ => return None,
        });
    }
    Some(Field {
        name: name.to_owned(),
        presence,
        open: flag(members, OPEN)?,
        value: value?,
    })
}

fn element_of(json: &Json) -> Option<Element> {
    let members = json.as_object()?;
    Some(Element {
        id: optional(members, "id", Json::as_i64).ok()?,
        open: flag(members, OPEN)?,
        plain: flag(members, PLAIN)?,
        fields: fields_of(members.get("fields")?)?,
    })
}

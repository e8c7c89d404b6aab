//! A field of a draft: what the schema says about it, whether it is sent, and what it holds.
//!
//! A draft is a tree of fields: objects hold fields, plurals hold elements that hold fields. [`Place`] addresses any of
//! them by position, which stays true while fields are shown in groups; an [`AttrPath`] is made of it for people and
//! for the protocol. Reserved attributes have no field: the service alone gives them their values.

use std::sync::Arc;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::path::AttrPath;
use crate::capture::path::Element as PathElement;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::validate;

/// An attribute definition with those of its members, shared by all fields that are for it.
#[derive(Debug)]
pub struct Attr {
    /// The definition.
    pub def: AttrDef,
    /// The members that a caller may set; empty unless the type is object or plural.
    pub members: Vec<Arc<Attr>>,
}

/// One attribute in a draft.
#[derive(Clone)]
pub struct Field {
    /// What the schema says.
    pub attr: Arc<Attr>,
    /// Whether it is sent, and as what.
    pub presence: Presence,
    /// What it holds when it is given.
    pub editor: Editor,
    /// Whether members or elements are shown below it.
    pub open: bool,
}

/// Absent, null and given are three things to the Capture API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not sent. An object that is absent is sent all the same once a member of it is.
    Absent,
    /// Sent as `null`.
    Null,
    /// Sent as what the editor holds.
    Given,
}

/// What a field holds, in the shape in which it is edited.
#[derive(Clone)]
pub enum Editor {
    /// Text of a string, number, date, instant, address or password, as typed. Numbers keep their digits so.
    Text(String),
    /// A boolean.
    Toggle(bool),
    /// One field for every member.
    Object(Vec<Field>),
    /// The elements in order.
    Plural(Vec<Element>),
    /// JSON text as typed: attributes of type `json`, of types this version does not know, and values that came in
    /// another shape than the schema's.
    Json(String),
}

/// An element of a plural.
#[derive(Clone)]
pub struct Element {
    /// One field for every member.
    pub fields: Vec<Field>,
    /// The id that the service gave it, when it came from a record. Not sent with a new record.
    pub id: Option<i64>,
    /// Whether its fields are shown.
    pub open: bool,
    /// Whether it came as a plain string, and is sent as one as long as it can be (reference 5).
    pub plain: bool,
}

/// Positions from the root down: a field; in an object, a member; in a plural, an element, then a member.
pub type Place = Vec<u32>;

/// What a place leads to.
#[derive(Clone, Copy)]
pub enum Node<'a> {
    /// A field.
    Field(&'a Field),
    /// An element of a plural.
    Element(&'a Element),
}

/// What a place leads to, to change.
pub enum NodeMut<'a> {
    /// A field.
    Field(&'a mut Field),
    /// An element of a plural.
    Element(&'a mut Element),
}

impl Field {
    /// An absent field.
    pub fn new(attr: &Arc<Attr>) -> Self {
        let editor = match &attr.def.attr_type {
            AttrType::String { .. }
            | AttrType::Integer
            | AttrType::Decimal
            | AttrType::Date
            | AttrType::DateTime
            | AttrType::IpAddress
            | AttrType::Password(_)
            | AttrType::Id
            | AttrType::Uuid => Editor::Text(String::new()),
            AttrType::Boolean => Editor::Toggle(false),
            AttrType::Json | AttrType::Unknown(_) => Editor::Json(String::new()),
            AttrType::Object(_) => Editor::Object(attr.members.iter().map(Self::new).collect()),
            AttrType::Plural(_) => Editor::Plural(Vec::new()),
        };
        Self {
            attr: Arc::clone(attr),
            presence: Presence::Absent,
            editor,
            open: false,
        }
    }

    /// The attribute's name.
    pub fn name(&self) -> &str {
        &self.attr.def.name
    }

    /// Whether anything of it is sent.
    pub fn is_set(&self) -> bool {
        match (&self.editor, self.presence) {
            (_, Presence::Null | Presence::Given) => true,
            (Editor::Object(members), Presence::Absent) => members.iter().any(Self::is_set),
            (_, Presence::Absent) => false,
        }
    }

    /// How many values it holds, counting what is in it one by one; nulls, too, if `nulls` count.
    pub fn values(&self, nulls: bool) -> usize {
        match (&self.editor, self.presence) {
            (_, Presence::Null) => usize::from(nulls),
            (Editor::Object(members), _) => members.iter().map(|member| member.values(nulls)).sum(),
            (_, Presence::Absent) => 0,
            (Editor::Plural(elements), Presence::Given) => {
                elements.iter().map(|element| element.values(nulls)).sum()
            }
            (_, Presence::Given) => 1,
        }
    }

    /// Whether anything but nulls is in it.
    pub fn has_value(&self) -> bool {
        match (&self.editor, self.presence) {
            (_, Presence::Null) => false,
            (Editor::Object(members), _) => members.iter().any(Self::has_value),
            (Editor::Plural(elements), Presence::Given) => !elements.is_empty(),
            (_, presence) => presence == Presence::Given,
        }
    }

    /// Whether the schema requires it, itself or a member of it that is not inside a plural.
    pub fn is_required(&self) -> bool {
        is_required(&self.attr)
    }

    /// Whether it is typed as a JSON number.
    pub fn is_number(&self) -> bool {
        matches!(
            self.attr.def.attr_type,
            AttrType::Integer | AttrType::Decimal
        )
    }

    /// Whether it is a day, with or without a time.
    pub fn is_date(&self) -> bool {
        matches!(self.attr.def.attr_type, AttrType::Date | AttrType::DateTime)
    }

    /// Whether what it holds is never shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.attr.def.attr_type, AttrType::Password(_))
    }

    /// Whether an empty text is a value of its own here. Elsewhere an empty text means that nothing is given.
    pub fn takes_empty_text(&self) -> bool {
        matches!(
            self.attr.def.attr_type,
            AttrType::String { .. } | AttrType::Password(_)
        )
    }

    /// The text to edit; `None` when the field is not edited as text.
    pub fn text(&self) -> Option<&str> {
        match &self.editor {
            Editor::Text(text) | Editor::Json(text) => Some(match self.presence {
                Presence::Given => text,
                Presence::Absent | Presence::Null => "",
            }),
            Editor::Toggle(_) | Editor::Object(_) | Editor::Plural(_) => None,
        }
    }

    /// Whether it is edited on several lines.
    pub fn is_multiline(&self) -> bool {
        match &self.editor {
            Editor::Json(_) => true,
            Editor::Text(_) => self.text().is_some_and(|text| text.contains('\n')),
            Editor::Toggle(_) | Editor::Object(_) | Editor::Plural(_) => false,
        }
    }

    /// Whether something can be shown below it.
    pub fn unfolds(&self) -> bool {
        self.presence != Presence::Null
            && match &self.editor {
                Editor::Object(_) => true,
                Editor::Plural(elements) => !elements.is_empty(),
                Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => false,
            }
    }
}

impl Attr {
    /// Whether this is a plural whose elements are one plain value each, so that a line is enough for each of them.
    pub fn has_lines(&self) -> bool {
        let is_plain = |member: &Arc<Self>| {
            !matches!(
                member.def.attr_type,
                AttrType::Object(_) | AttrType::Plural(_) | AttrType::Json | AttrType::Unknown(_)
            )
        };
        matches!(self.def.attr_type, AttrType::Plural(_))
            && matches!(self.members.as_slice(), [only] if is_plain(only))
    }

    /// Whether this is such a plural of strings: those may be sent as they are, too (reference 5).
    pub fn has_plain_strings(&self) -> bool {
        validate::shorthand(self.def.attr_type.attr_defs()).is_some() && self.has_lines()
    }
}

impl Element {
    /// How many values are in it.
    pub fn values(&self, nulls: bool) -> usize {
        self.fields.iter().map(|field| field.values(nulls)).sum()
    }

    /// Whether it takes one line, in a plural where that [is enough](Attr::has_lines).
    pub fn is_line(&self, plural: &Attr) -> bool {
        plural.has_lines() && self.fields.len() == 1
    }

    /// A new element of a plural, of which nothing is given; unfolded, to be written.
    pub fn new(plural: &Attr) -> Self {
        Self {
            fields: plural.members.iter().map(Field::new).collect(),
            id: None,
            open: true,
            plain: false,
        }
    }
}

fn is_required(attr: &Attr) -> bool {
    attr.def.has(&Constraint::Required)
        || matches!(attr.def.attr_type, AttrType::Object(_))
            && attr.members.iter().any(|member| is_required(member))
}

impl Node<'_> {
    /// Whether what is below it is shown.
    pub fn is_open(self) -> bool {
        match self {
            Self::Field(field) => field.open && field.unfolds(),
            Self::Element(element) => element.open,
        }
    }
}

/// What `place` leads to.
pub fn node<'a>(fields: &'a [Field], place: &[u32]) -> Option<Node<'a>> {
    let (first, mut rest) = place.split_first()?;
    let mut field = fields.get(*first as usize)?;
    loop {
        let Some((next, after)) = rest.split_first() else {
            return Some(Node::Field(field));
        };
        let members = match &field.editor {
            Editor::Object(members) => {
                rest = after;
                field = members.get(*next as usize)?;
                continue;
            }
            Editor::Plural(elements) => elements.get(*next as usize)?,
            Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => return None,
        };
        let Some((member, after)) = after.split_first() else {
            return Some(Node::Element(members));
        };
        rest = after;
        field = members.fields.get(*member as usize)?;
    }
}

/// What `place` leads to, to change.
pub fn node_mut<'a>(fields: &'a mut [Field], place: &[u32]) -> Option<NodeMut<'a>> {
    let (first, mut rest) = place.split_first()?;
    let mut field = fields.get_mut(*first as usize)?;
    loop {
        let Some((next, after)) = rest.split_first() else {
            return Some(NodeMut::Field(field));
        };
        let element = match &mut field.editor {
            Editor::Object(members) => {
                rest = after;
                field = members.get_mut(*next as usize)?;
                continue;
            }
            Editor::Plural(elements) => elements.get_mut(*next as usize)?,
            Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => return None,
        };
        let Some((member, after)) = after.split_first() else {
            return Some(NodeMut::Element(element));
        };
        rest = after;
        field = element.fields.get_mut(*member as usize)?;
    }
}

/// The field at `place`.
pub fn field<'a>(fields: &'a [Field], place: &[u32]) -> Option<&'a Field> {
    match node(fields, place)? {
        Node::Field(field) => Some(field),
        Node::Element(_) => None,
    }
}

/// The field at `place`, to change.
pub fn field_mut<'a>(fields: &'a mut [Field], place: &[u32]) -> Option<&'a mut Field> {
    match node_mut(fields, place)? {
        NodeMut::Field(field) => Some(field),
        NodeMut::Element(_) => None,
    }
}

/// The path of what `place` leads to, elements by their places.
pub fn path_of(fields: &[Field], place: &[u32]) -> AttrPath {
    let mut path = AttrPath::root();
    for length in 1..=place.len() {
        match node(fields, &place[..length]) {
            Some(Node::Field(field)) => path.0.push(Segment {
                name: field.name().to_owned(),
                element: None,
            }),
            Some(Node::Element(_)) => {
                if let Some(last) = path.0.last_mut() {
                    last.element = Some(PathElement::Index(place[length - 1] as usize));
                }
            }
            None => break,
        }
    }
    path
}

/// The place that `path` names, or of the nearest thing around it that exists; `None` when not even its first attribute
/// does. A plural named without an element leads on into its only element, if it has just one.
pub fn place_of(fields: &[Field], path: &AttrPath) -> Option<Place> {
    let mut place = Place::new();
    let mut here = fields;
    for (depth, segment) in path.0.iter().enumerate() {
        let Some(at) = here.iter().position(|field| field.name() == segment.name) else {
            break;
        };
        place.push(at as u32);
        match &here[at].editor {
            Editor::Object(members) => here = members,
            Editor::Plural(elements) => {
                let is_last = depth + 1 == path.0.len();
                let index = match segment.element {
                    Some(PathElement::Index(index)) => Some(index),
                    Some(PathElement::Id(id)) => elements.iter().position(|e| e.id == Some(id)),
                    None if elements.len() == 1 && !is_last => Some(0),
                    None => None,
                };
                let Some((index, element)) =
                    index.and_then(|index| Some((index, elements.get(index)?)))
                else {
                    break;
                };
                place.push(index as u32);
                here = &element.fields;
            }
            Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => break,
        }
    }
    (!place.is_empty()).then_some(place)
}

/// The place of what is edited when the cursor is at `place`: for an element of one line, its only value.
pub fn on_line(fields: &[Field], mut place: Place) -> Place {
    if let Some(Node::Element(element)) = node(fields, &place)
        && let Some((_, plural)) = place.split_last()
        && field(fields, plural).is_some_and(|plural| element.is_line(&plural.attr))
    {
        place.push(0);
    }
    place
}

/// The index of the element whose only value is at `place`; `None` when what is there has a name of its own.
pub fn line_index(fields: &[Field], place: &[u32]) -> Option<u32> {
    let (_, element) = place.split_last()?;
    let (index, _) = element.split_last()?;
    (on_line(fields, element.to_vec()).as_slice() == place).then_some(*index)
}

/// Calls `visit` for every field and element, in order, parents first.
pub fn walk<'a>(fields: &'a [Field], visit: &mut impl FnMut(&[u32], Node<'a>)) {
    fn inner<'a>(fields: &'a [Field], place: &mut Place, visit: &mut impl FnMut(&[u32], Node<'a>)) {
        for (at, field) in fields.iter().enumerate() {
            place.push(at as u32);
            visit(place, Node::Field(field));
            match &field.editor {
                Editor::Object(members) => inner(members, place, visit),
                Editor::Plural(elements) => {
                    for (at, element) in elements.iter().enumerate() {
                        place.push(at as u32);
                        visit(place, Node::Element(element));
                        inner(&element.fields, place, visit);
                        place.pop();
                    }
                }
                Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => {}
            }
            place.pop();
        }
    }
    inner(fields, &mut Place::new(), visit);
}

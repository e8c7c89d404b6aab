//! The columns that records become in a table: one for each attribute by its dotted path, in the order of the schema;
//! plurals, passwords and `json` attributes stand whole in one. And the values of a record by their columns.

use std::collections::HashMap;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::raw::Cursor;
use crate::capture::raw::unquoted;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::record_file::write::WriteError;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts, and whatever else is one word: dates, decimals with their digits.
    Text,
    /// Whole numbers.
    Integer,
    /// True and false.
    Boolean,
    /// JSON: plurals, passwords, `json` attributes.
    Json,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The attribute's dotted path.
    pub path: String,
    /// What it holds.
    pub kind: Kind,
}

/// The columns of a table.
#[derive(Clone, Debug)]
pub struct Columns {
    all: Vec<Column>,
    root: Node,
}

/// An object of the schema: what its members are.
#[derive(Clone, Debug, Default)]
struct Node {
    members: HashMap<String, Member>,
}

#[derive(Clone, Debug)]
enum Member {
    /// The number of its column.
    Column(usize),
    /// An object, whose members have columns.
    Object(Node),
    /// Nobody asked for it.
    Left,
}

impl Columns {
    /// The columns of a type; only of what is at or below one of `paths`, unless there are none.
    pub fn of(schema: &EntityType, paths: &[AttrPath]) -> Self {
        let mut all = Vec::new();
        let root = node(&schema.attr_defs, &AttrPath::root(), paths, &mut all);
        Self { all, root }
    }

    /// All of them, in order.
    pub fn all(&self) -> &[Column] {
        &self.all
    }

    /// Puts the texts of a record's values into `cells` by their columns, null and what is absent as `None`. The record is
    /// well-formed. An error when it has something that has no column: the table would lose it.
    pub fn cells<'a>(
        &self,
        record: &'a [u8],
        cells: &mut Vec<Option<&'a [u8]>>,
    ) -> Result<(), WriteError> {
        cells.clear();
        cells.resize(self.all.len(), None);
        let mut cursor = Cursor::new(record);
        fill(&mut cursor, &self.root, cells).ok_or(WriteError::NotARecord)?
    }
}

/// As deep as the schema.
fn node(defs: &[AttrDef], at: &AttrPath, paths: &[AttrPath], all: &mut Vec<Column>) -> Node {
    let mut members = HashMap::with_capacity(defs.len());
    for def in defs {
        let path = at.child(&def.name);
        let wanted = paths.is_empty() || paths.iter().any(|wanted| path.starts_with(wanted));
        let on_the_way = paths.iter().any(|wanted| wanted.starts_with(&path));
        let member = match &def.attr_type {
            AttrType::Object(inner) if !inner.is_empty() && (wanted || on_the_way) => {
                let paths = if wanted { &[] } else { paths };
                Member::Object(node(inner, &path, paths, all))
            }
            _ if wanted || on_the_way => {
                all.push(Column {
                    path: path.dotted(),
                    kind: kind(&def.attr_type),
                });
                Member::Column(all.len() - 1)
            }
            _ => Member::Left,
        };
        members.insert(def.name.clone(), member);
    }
    Node { members }
}

fn kind(attr_type: &AttrType) -> Kind {
    match attr_type {
        AttrType::Boolean => Kind::Boolean,
        AttrType::Integer | AttrType::Id => Kind::Integer,
        AttrType::String { .. }
        | AttrType::Decimal
        | AttrType::Date
        | AttrType::DateTime
        | AttrType::IpAddress
        | AttrType::Uuid => Kind::Text,
        // What a type that is not known holds can be anything.
        AttrType::Json
        | AttrType::Object(_)
        | AttrType::Plural(_)
        | AttrType::Password(_)
        | AttrType::Unknown(_) => Kind::Json,
    }
}

/// As deep as the schema. `None` when the text is not well-formed.
fn fill<'a>(
    cursor: &mut Cursor<'a>,
    node: &Node,
    cells: &mut [Option<&'a [u8]>],
) -> Option<Result<(), WriteError>> {
    cursor.take(b'{')?;
    while let Some(literal) = cursor.member()? {
        let name = unquoted(literal)?;
        match node.members.get(name.as_ref()) {
            Some(Member::Column(number)) => {
                let value = cursor.value()?;
                cells[*number] = Some(value).filter(|value| *value != b"null");
            }
            Some(Member::Object(inner)) => {
                if cursor.peek()? == b'{' {
                    if let Err(error) = fill(cursor, inner, cells)? {
                        return Some(Err(error));
                    }
                } else if cursor.value()? != b"null" {
                    return Some(Err(WriteError::Misfit(name.into_owned())));
                }
            }
            Some(Member::Left) => {
                cursor.value()?;
            }
            None => {
                if cursor.value()? != b"null" {
                    return Some(Err(WriteError::Unknown(name.into_owned())));
                }
            }
        }
    }
    Some(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;

    fn schema() -> EntityType {
        let text = r#"{"name":"t","attr_defs":[{"name":"id","type":"id"},{"name":"a","type":"string"},
            {"name":"o","type":"object","attr_defs":[{"name":"n","type":"integer"},
                {"name":"i","type":"object","attr_defs":[{"name":"d","type":"decimal"}]}]},
            {"name":"p","type":"plural","attr_defs":[{"name":"v","type":"string"}]},
            {"name":"j","type":"json"},{"name":"e","type":"object","attr_defs":[]},
            {"name":"w","type":"password-bcrypt"},{"name":"b","type":"boolean"}]}"#;
        let (schema, _) = EntityType::from_json(&Json::parse(text).expect("JSON")).expect("is one");
        schema
    }

    fn names(paths: &[&str]) -> Vec<String> {
        let paths: Vec<AttrPath> = paths
            .iter()
            .map(|path| path.parse().expect("is one"))
            .collect();
        let columns = Columns::of(&schema(), &paths);
        let name = |column: &Column| format!("{} {:?}", column.path, column.kind);
        columns.all().iter().map(name).collect()
    }

    #[test]
    fn attributes_are_columns_in_the_order_of_the_schema() {
        assert_eq!(
            names(&[]),
            [
                "id Integer",
                "a Text",
                "o.n Integer",
                "o.i.d Text",
                "p Json",
                "j Json",
                "e Json",
                "w Json",
                "b Boolean"
            ]
        );
        assert_eq!(
            names(&["p.v", "o.i", "id"]),
            ["id Integer", "o.i.d Text", "p Json"]
        );
        assert_eq!(names(&["o"]), ["o.n Integer", "o.i.d Text"]);
    }

    #[test]
    fn values_stand_in_their_columns() {
        let columns = Columns::of(&schema(), &[]);
        let mut cells = Vec::new();
        let record = br#"{ "o":{"i":{"d":1.50},"n":null}, "a":"x\"}", "p":[{"v":"y"}],"id":7,"j":null,"w":{"type":"b"}}"#;
        columns.cells(record, &mut cells).expect("fits");
        let texts: Vec<&str> = cells
            .iter()
            .map(|cell| cell.map_or("-", |cell| std::str::from_utf8(cell).expect("is text")))
            .collect();
        assert_eq!(
            texts,
            [
                "7",
                r#""x\"}""#,
                "-",
                "1.50",
                r#"[{"v":"y"}]"#,
                "-",
                "-",
                r#"{"type":"b"}"#,
                "-"
            ]
        );
        columns
            .cells(br#"{"o":null,"new":null}"#, &mut cells)
            .expect("says nothing new");
        for (record, words) in [
            (&br#"{"new":1}"#[..], "`new`"),
            (br#"{"o":{"i":{"z":[]}}}"#, "`z`"),
            (br#"{"o":[]}"#, "`o`"),
            (br#"{"a":"#, "not a record"),
            (b"[]", "not a record"),
        ] {
            let error = columns.cells(record, &mut cells).expect_err("does not fit");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

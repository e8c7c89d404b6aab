//! The schema that a text describes: of a file, or of what was copied. Used to compare with it.
//!
//! Reading a long one takes time, so what carries out effects does it away from the event loop. Deliberately absent:
//! opening it as a design, which the question for a beginning does.

use crate::capture::json::Json;
use crate::capture::json::JsonError;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::read_attr_defs;
use crate::curl::import::Import;
use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::locate::line_and_column;
use crate::json::repair::repair;
use crate::paste;
use crate::paste::What;

/// Where a schema is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The file at this path.
    File(String),
    /// What other programs copied.
    Copied,
}

/// A schema that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaText {
    /// The entity type's name, where the text has one.
    name: Option<String>,
    /// Its attributes, without those that the service adds by itself.
    attr_defs: Vec<AttrDef>,
    /// Why it was to be repaired before it could be read.
    pub repaired: Option<JsonError>,
}

impl SchemaText {
    /// The entity type as the service would tell it; one without a name is called `name`.
    pub fn into_type(self, name: &str) -> EntityType {
        let name = self.name.unwrap_or_else(|| name.to_owned());
        EntityType::create(name, self.attr_defs)
    }
}

impl SchemaText {
    /// A text that the same is read from, without what was repaired.
    pub fn to_text(&self) -> String {
        let attr_defs = schema::attr_defs_to_json(&self.attr_defs);
        match &self.name {
            None => attr_defs.to_string(),
            Some(name) => {
                let members = [
                    ("name", Json::from(name.as_str())),
                    ("attr_defs", attr_defs),
                ];
                members.into_iter().collect::<Json>().to_string()
            }
        }
    }
}

/// Reads the schema in a text; broken JSON is repaired if that makes a schema of it. An error says what is wrong, and in
/// which line and column where there is such a place. Takes time for a long one.
pub fn read(bytes: &[u8]) -> Result<SchemaText, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_text(bytes, error.valid_up_to()))?;
    let pasted = paste::read(text, Some(&|broken| Some(repair(broken)?.text)));
    let not_json = |error: &JsonError| format!("is not JSON, {}", placed(error));
    let (name, attr_defs, problems) = match pasted.what {
        What::Schema {
            name,
            attr_defs,
            problems,
        } => (name, attr_defs, problems),
        What::Call(import) => {
            let (attr_defs, problems) = attr_defs_of(&import)?;
            let name = import.args.get("type_name").map(str::to_owned);
            (name, attr_defs, problems)
        }
        // Definitions whose types nobody knows look like records.
        What::Records(items) if items.iter().all(is_definition) => {
            let (attr_defs, problems) = read_attr_defs(&Json::Array(items));
            (None, attr_defs, problems)
        }
        What::BrokenJson(error) => return Err(not_json(&error)),
        // What a repair made of it is no reason to say anything else.
        _ if let Some(error) = &pasted.repaired => return Err(not_json(error)),
        _ => return Err("holds no schema and no attr_defs".to_owned()),
    };
    if let Some(problem) = problems.first() {
        let place = place_of(text, &problem.path);
        let at = place.map_or_else(String::new, |(line, column)| {
            format!(", line {line} column {column}")
        });
        return Err(format!("cannot be read whole{at}: {problem}"));
    }
    Ok(SchemaText {
        name,
        attr_defs: schema::without_reserved(&attr_defs, true),
        repaired: pasted.repaired,
    })
}

/// A fault with its place first, which is seen on a narrow screen, too.
pub fn placed(error: &JsonError) -> String {
    let (line, column) = (error.line, error.column);
    format!("line {line} column {column}: {}", error.reason)
}

fn is_definition(item: &Json) -> bool {
    item.get("name").is_some() && item.get("type").is_some()
}

fn not_text(bytes: &[u8], fault: usize) -> String {
    let (line, column) = line_and_column(bytes, fault);
    format!("is not text in UTF-8: line {line} column {column}")
}

fn attr_defs_of(import: &Import) -> Result<(Vec<AttrDef>, Vec<SchemaProblem>), String> {
    let text = import.args.get("attr_defs");
    let text = text.ok_or("the call has no attr_defs")?;
    let json = Json::parse(text).map_err(|error| format!("attr_defs is not JSON: {error}"))?;
    Ok(read_attr_defs(&json))
}

/// The line and column of the definition at a path, in characters from 1; `None` in a text that is not JSON alone.
fn place_of(text: &str, path: &AttrPath) -> Option<(usize, usize)> {
    let document = Document::parse(text.as_bytes());
    let node = definition_at(&document, path)?;
    Some(line_and_column(text.as_bytes(), document.offset(node)))
}

/// The name of the definition at a path, or what stands nearest around it.
pub fn definition_at(document: &Document, path: &AttrPath) -> Option<NodeId> {
    let root = document.root()?;
    let root = document.member(root, "schema").unwrap_or(root);
    let mut list = document.member(root, "attr_defs").unwrap_or(root);
    let mut found = list;
    for segment in &path.0 {
        let named = document.children(list).find_map(|definition| {
            let name = document.member(definition, "name")?;
            (document.string(name)? == segment.name.as_str()).then_some((definition, name))
        });
        let Some((definition, name)) = named else {
            break;
        };
        found = name;
        match document.member(definition, "attr_defs") {
            Some(inner) => list = inner,
            None => break,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_with_line_and_column() {
        for (text, expected) in [
            (
                &b"[\n {\"name\": \xff"[..],
                "is not text in UTF-8: line 2 column 11",
            ),
            (b"", "holds no schema and no attr_defs"),
            (
                b"{\"givenName\":\"File\"}",
                "holds no schema and no attr_defs",
            ),
            (
                b"curl https://x.janraincapture.com/entityType.create -d type_name=a -d 'attr_defs=[{]'",
                "attr_defs is not JSON: ",
            ),
            (
                b"[{\"name\":\"a\",\"type\":\"date\"},\n  {\"name\":\"b\",\"type\":7}]",
                "cannot be read whole, line 2 column 4: /b: ",
            ),
        ] {
            let refused = read(text).expect_err("is no schema");
            assert!(refused.starts_with(expected), "{refused}");
        }
        let refused = read(b"[{\"name\":").expect_err("is no schema");
        assert!(
            refused.starts_with("is not JSON, line 1 column 9: "),
            "{refused}"
        );
    }

    #[test]
    fn what_was_repaired_is_told() {
        let sound = br#"[{"name":"a","type":"date"}]"#;
        let broken = b"[{\"name\":\"a\",\n\"type\":\"date\",}]";
        let sound = read(sound).expect("is a schema");
        let repaired = read(broken).expect("can be repaired");
        assert_eq!(sound.repaired, None);
        let why = repaired.repaired.as_ref().expect("was broken");
        assert_eq!(why.line, 2);
        assert_eq!(sound.into_type("t"), repaired.into_type("t"));
    }

    #[test]
    fn what_was_read_is_read_again_from_its_text() {
        for text in [
            r#"{"name":"shoe","attr_defs":[{"name":"size","type":"integer"}]}"#,
            r#"[{"name":"size","type":"integer"},{"name":"odd","type":"string","length":9}]"#,
        ] {
            let first = read(text.as_bytes()).expect("is a schema");
            assert_eq!(read(first.to_text().as_bytes()), Ok(first));
        }
    }
}

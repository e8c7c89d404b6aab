//! Entity types to start a design from. The explorer and `captui schema` offer them; they are the definitions that a
//! new sandbox is planted with, and what Hosted Login adds. Absent on purpose: anything of our own invention, for what
//! a customer needs nobody knows.

use crate::capture::json::Json;
use crate::capture::schema;
use crate::capture::schema::AttrDef;

/// A design to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// How it is chosen, and a name for the new type where that suits.
    pub name: &'static str,
    /// One line for a list.
    pub title: &'static str,
    /// What is in it, in a sentence or two.
    pub what: &'static str,
    /// An entity type or a bare array of definitions.
    source: &'static str,
}

/// All templates, in the order in which they are offered.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "empty",
        title: "Nothing yet",
        what: "Only the built-in attributes id, uuid, created and lastUpdated.",
        source: "[]",
    },
    Template {
        name: "user",
        title: "The default user",
        what: "What a new application of the service begins with: names, addresses, profiles of identity providers, \
               consents and clients.",
        source: include_str!("../../../assets/seed/type-user.json"),
    },
    Template {
        name: "hosted-login",
        title: "Hosted Login additions",
        what: "What Hosted Login needs beside an older user: roles, legalAcceptances, consents, and the times of \
               requests for data and deletion.",
        source: include_str!("../../../assets/templates/hosted-login.json"),
    },
    Template {
        name: "user_test",
        title: "Documented example: two texts",
        what: "The first example of entityType.create: name and description, neither case-sensitive.",
        source: include_str!("../../../assets/seed/type-user_test.json"),
    },
    Template {
        name: "user2",
        title: "Documented example: consents",
        what: "The second example of entityType.create: a unique text and a plural with a primary key.",
        source: include_str!("../../../assets/seed/type-user2.json"),
    },
];

/// The definitions of a template, without built-in attributes; `None` when there is none of this name.
pub fn attr_defs(name: &str) -> Option<Vec<AttrDef>> {
    let template = TEMPLATES.iter().find(|template| template.name == name)?;
    let json = Json::parse(template.source).ok()?;
    let list = json.get("attr_defs").unwrap_or(&json);
    Some(schema::read_attr_defs(list).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::EntityType;
    use crate::capture::schema::diagram::text;

    #[test]
    fn every_template_is_right_and_can_be_created() {
        let mut names = Vec::new();
        for template in TEMPLATES {
            let json = Json::parse(template.source).expect("is JSON");
            let list = json.get("attr_defs").unwrap_or(&json);
            let (read, problems) = schema::read_attr_defs(list);
            assert_eq!(problems, [], "{}", template.name);
            assert_eq!(schema::check(&read), [], "{}", template.name);
            assert_eq!(attr_defs(template.name), Some(read));
            assert!(!names.contains(&template.name), "{}", template.name);
            names.push(template.name);
        }
        assert_eq!(attr_defs("nope"), None);
        assert_eq!(attr_defs("empty"), Some(Vec::new()));
    }

    /// What `to_json` adds to a definition as people write it: the defaults that the service echoes.
    fn with_defaults(json: &Json) -> Json {
        match json {
            Json::Array(items) => Json::Array(items.iter().map(with_defaults).collect()),
            Json::Object(members) => {
                let mut all = members.clone();
                if all.get("type").and_then(Json::as_str) == Some("string") {
                    all.get_or_insert_with("length".to_owned(), || Json::Null);
                    all.get_or_insert_with("case-sensitive".to_owned(), || Json::Bool(true));
                }
                if let Some(inner) = all.get("attr_defs").map(with_defaults) {
                    all.insert("attr_defs".to_owned(), inner);
                }
                Json::Object(all)
            }
            other => other.clone(),
        }
    }

    #[test]
    fn published_schemas_load_show_and_come_back_the_same() {
        let samples = [
            include_str!("../../../tests/data/schema-user-default-2012.json"),
            include_str!("../../../tests/data/schema-test-user1-every-type.json"),
        ];
        let templates = TEMPLATES.iter().map(|template| template.source);
        for text in samples.into_iter().chain(templates) {
            let json = Json::parse(text).expect("is JSON");
            let schema = json.get("schema").unwrap_or(&json);
            let list = schema.get("attr_defs").unwrap_or(schema);
            let (attr_defs, problems) = schema::read_attr_defs(list);
            assert_eq!(problems, []);
            let written = schema::attr_defs_to_json(&attr_defs);
            assert_eq!(written, with_defaults(list));
            let again = Json::parse(&written.pretty()).expect("is JSON");
            assert_eq!(schema::read_attr_defs(&again).0, attr_defs);
            let schema = EntityType {
                name: "t".to_owned(),
                attr_defs,
            };
            assert!(text::text(&schema, 80, text::Style::default()).len() >= 4);
        }
    }
}

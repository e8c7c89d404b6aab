//! Rules and combined uniquenesses of an entity type, as `entityType.properties` and `entityType.rules` tell them
//! (reference 3 and 3.2).

use std::collections::BTreeSet;

use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;

/// A rule, or a uniqueness of several attributes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The name that the service gave it; empty for one that is still to be added.
    pub uuid: String,
    /// Which of the two it is.
    pub kind: PropertyKind,
    /// The attributes it is about.
    pub attributes: Vec<AttrPath>,
    /// What the rule demands: text for a rule without argument, else an object; `None` for a uniqueness.
    pub definition: Option<Json>,
    /// What it is for.
    pub description: Option<String>,
}

/// What a property is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PropertyKind {
    /// A rule for values.
    Rule,
    /// No two records have the same values of all these attributes together.
    Unique,
}

impl PropertyKind {
    /// The protocol's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Unique => "unique",
        }
    }
}

impl Property {
    /// Reads one of the results of `entityType.properties`, or of `entityType.rules`, which do not say what they are.
    /// The error says what cannot be read of it.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        let kind = match json.get("property").map(Json::as_str) {
            None | Some(Some("rule")) => PropertyKind::Rule,
            Some(Some("unique")) => PropertyKind::Unique,
            Some(other) => {
                let other = other.unwrap_or_default();
                return Err(format!("a property of the unknown kind `{other}`"));
            }
        };
        let given = json.get("attributes").and_then(Json::as_array);
        let attributes: Option<Vec<AttrPath>> = given
            .unwrap_or_default()
            .iter()
            .map(|path| Some(path.as_str()?.parse::<AttrPath>().ok()?.definition()))
            .collect();
        let attributes = attributes
            .filter(|attributes| !attributes.is_empty())
            .ok_or_else(|| format!("a {} that does not say for which attributes", kind.name()))?;
        let definition = json.get("definition").filter(|it| !it.is_null()).cloned();
        Ok(Self {
            uuid: text("uuid").unwrap_or_default().to_owned(),
            kind,
            attributes,
            definition: definition.filter(|_| kind == PropertyKind::Rule),
            description: text("description").map(str::to_owned),
        })
    }

    /// `{"type":…,"attributes":…}` and the rest, as `entityType.addProperty` takes it: without the uuid.
    pub fn to_json(&self) -> Json {
        let mut json = self.to_rule();
        json.shift_remove("uuid");
        json.shift_insert(0, "type".to_owned(), self.kind.name().into());
        json.into()
    }

    /// As `entityType.properties` shows it; [`Property::from_json`] reads it.
    pub fn to_answer(&self) -> Json {
        let mut json = self.to_rule();
        json.shift_insert(0, "property".to_owned(), self.kind.name().into());
        json.into()
    }

    /// As `entityType.rules` shows a rule: without what it is.
    pub fn to_rule(&self) -> Object {
        let attributes = self.attributes.iter().map(|path| path.slashed().into());
        let description = self.description.as_deref();
        [
            ("attributes", Some(Json::Array(attributes.collect()))),
            ("definition", self.definition.clone()),
            ("description", description.map(Json::from)),
            ("uuid", Some(self.uuid.as_str().into())),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
    }

    /// Whether both demand the same of the same attributes, in whatever order; names and descriptions do not count.
    pub fn demands_same(&self, other: &Self) -> bool {
        let attributes = |it: &Self| {
            it.attributes
                .iter()
                .cloned()
                .collect::<BTreeSet<AttrPath>>()
        };
        self.kind == other.kind
            && self.definition == other.definition
            && attributes(self) == attributes(other)
    }

    /// What it demands, in a line: `rule {"max-length":25} on /givenName`.
    pub fn describe(&self) -> String {
        let attributes: Vec<String> = self.attributes.iter().map(AttrPath::slashed).collect();
        let attributes = attributes.join(", ");
        match &self.definition {
            Some(definition) => format!("{} {definition} on {attributes}", self.kind.name()),
            None => format!("{} on {attributes}", self.kind.name()),
        }
    }
}

/// Reads what `entityType.properties` or `entityType.rules` answered, and says what of it cannot be read.
pub fn read_properties(answer: &Json) -> (Vec<Property>, Vec<String>) {
    let results = answer.get("results").and_then(Json::as_array);
    let mut properties = Vec::new();
    let mut problems = Vec::new();
    for result in results.unwrap_or_default() {
        match Property::from_json(result) {
            Ok(property) => properties.push(property),
            Err(problem) => problems.push(problem),
        }
    }
    (properties, problems)
}

/// Those of `a` that `b` lacks, each as often as it is missing there.
pub fn missing_in<'a>(a: &'a [Property], b: &[Property]) -> Vec<&'a Property> {
    let mut left: Vec<&Property> = b.iter().collect();
    a.iter()
        .filter(|property| {
            let place = left.iter().position(|other| property.demands_same(other));
            place.map(|place| left.swap_remove(place)).is_none()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Property>, Vec<String>) {
        read_properties(&Json::parse(text).expect("JSON"))
    }

    #[test]
    fn both_answers_are_read_and_what_cannot_be_is_told() {
        let (properties, problems) = read(
            r#"{"results":[
                {"property":"rule","attributes":["/birthday"],"definition":"ignore-update","description":"d","uuid":"1"},
                {"property":"unique","attributes":["givenName","/a.b"],"uuid":"2"},
                {"attributes":["/givenName"],"definition":{"max-length":25},"uuid":"3"},
                {"property":"secret","attributes":["/a"]},
                {"property":"unique","attributes":[]},
                {"property":"rule","attributes":[5],"definition":"required"}]}"#,
        );
        let described: Vec<String> = properties.iter().map(Property::describe).collect();
        assert_eq!(
            described,
            [
                "rule \"ignore-update\" on /birthday",
                "unique on /givenName, /a/b",
                "rule {\"max-length\":25} on /givenName",
            ]
        );
        assert_eq!(properties[0].description.as_deref(), Some("d"));
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(read("{}"), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_is_missing_is_found_whatever_the_order_and_counted() {
        let (a, _) = read(
            r#"{"results":[{"property":"unique","attributes":["/a","/b"],"uuid":"1"},
                {"attributes":["/a"],"definition":"required"},{"attributes":["/a"],"definition":"required"}]}"#,
        );
        let (b, _) = read(
            r#"{"results":[{"attributes":["/a"],"definition":"required","description":"x"},
                {"property":"unique","attributes":["/b","a"],"uuid":"9"}]}"#,
        );
        assert_eq!(missing_in(&a, &b), [&a[2]]);
        assert!(missing_in(&b, &a).is_empty());
    }
}

//! A rule or combined uniqueness that is being written: its rows, what is wrong with each while it is written, and the
//! call that it comes to. A definition is built of simple rules that all hold, or of which one does, each perhaps negated;
//! any other is written as JSON.

use crossterm::event::KeyEvent;

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::rule::Argument;
use crate::capture::schema::rule::Rule;
use crate::capture::schema::rule::RuleKind;
use crate::tui::line_edit::LineEdit;

/// A rule or combined uniqueness that is being written.
#[derive(Debug)]
pub struct Draft {
    /// Which of the two it is.
    pub kind: PropertyKind,
    /// What it is said of.
    pub attributes: Vec<AttrPath>,
    /// The simple rules; at least one.
    pub parts: Vec<Part>,
    /// Whether one of them is enough.
    pub any: bool,
    /// The definition as JSON, once somebody wrote it; then the simple rules do not count.
    pub json: Option<LineEdit>,
    /// What it is for.
    pub description: LineEdit,
    /// The row that the cursor is on.
    pub at: Row,
    /// Whether F5 was pressed in spite of a problem, and a second time sends.
    pub insisted: bool,
    /// What was wrong with the last attempt, in the service's words.
    pub refused: Vec<String>,
}

/// One simple rule.
#[derive(Debug, Default)]
pub struct Part {
    /// Whether the opposite is demanded.
    pub not: bool,
    /// What kind it is, once chosen.
    pub kind: Option<&'static RuleKind>,
    /// Its argument, as it is written.
    pub argument: LineEdit,
}

/// A row of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Rule, or unique together.
    Kind,
    /// The attributes.
    Attributes,
    /// Which kind of rule a part is.
    Rule(usize),
    /// The argument of a part.
    Argument(usize),
    /// Whether all parts hold or one.
    Joined,
    /// What it is for.
    Description,
    /// The whole definition.
    Definition,
}

/// Something wrong, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No call can be made of it.
    Missing(String),
    /// The service is going to refuse it, as far as we know.
    Doubtful(String),
}

impl Problem {
    /// What is wrong.
    pub fn text(&self) -> &str {
        match self {
            Self::Missing(text) | Self::Doubtful(text) => text,
        }
    }
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            kind: PropertyKind::Rule,
            attributes: Vec::new(),
            parts: vec![Part::default()],
            any: false,
            json: None,
            description: LineEdit::default(),
            at: Row::Attributes,
            insisted: false,
            refused: Vec::new(),
        }
    }
}

impl Part {
    /// The definition, or why there is none.
    fn definition(&self, def: Option<&AttrDef>) -> Result<Json, String> {
        let Some(kind) = self.kind else {
            return Err("choose a rule: <rules.choose>".to_owned());
        };
        let rule = if kind.argument == Argument::Nothing {
            Json::from(kind.name)
        } else {
            let argument = self.read_argument(kind, def)?;
            [(kind.name, argument)].into_iter().collect()
        };
        Ok(if self.not {
            [("not", rule)].into_iter().collect()
        } else {
            rule
        })
    }

    fn read_argument(&self, kind: &RuleKind, def: Option<&AttrDef>) -> Result<Json, String> {
        let text = self.argument.text();
        let number = || match Json::parse(text.trim()) {
            Ok(Json::Number(number)) => Some(number),
            _ => None,
        };
        let is_count = |number: &Number| {
            let count = number.as_i64().and_then(|count| u32::try_from(count).ok());
            count.is_some()
        };
        match kind.argument {
            Argument::Pattern if text.is_empty() => Err("write a regular expression".to_owned()),
            Argument::Pattern => Ok(text.into()),
            Argument::Count => number()
                .filter(is_count)
                .map(Json::Number)
                .ok_or_else(|| "write a whole number from 0 on".to_owned()),
            Argument::Number => number()
                .map(Json::Number)
                .ok_or_else(|| "write a number".to_owned()),
            Argument::Value => Ok(as_value(text, def)),
            Argument::Nothing | Argument::Rules => Ok(Json::Null),
        }
    }
}

/// A written value as JSON of the attribute's kind, as far as it is one.
fn as_value(text: &str, def: Option<&AttrDef>) -> Json {
    let is_text = def.is_some_and(|def| {
        matches!(
            def.attr_type,
            AttrType::String { .. } | AttrType::Date | AttrType::DateTime | AttrType::IpAddress
        )
    });
    match Json::parse(text.trim()) {
        Ok(json @ (Json::Number(_) | Json::Bool(_))) if !is_text => json,
        _ => text.into(),
    }
}

impl Draft {
    /// The rows, in their order.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = vec![Row::Kind, Row::Attributes];
        if self.kind == PropertyKind::Rule {
            if self.json.is_some() {
                rows.push(Row::Rule(0));
            } else {
                for (at, part) in self.parts.iter().enumerate() {
                    rows.push(Row::Rule(at));
                    if part
                        .kind
                        .is_some_and(|kind| kind.argument != Argument::Nothing)
                    {
                        rows.push(Row::Argument(at));
                    }
                }
                if self.parts.len() > 1 {
                    rows.push(Row::Joined);
                }
            }
            rows.push(Row::Definition);
        }
        rows.push(Row::Description);
        rows
    }

    /// Goes to the next row, or to the one before.
    pub fn step(&mut self, forward: bool) {
        let rows = self.rows();
        let at = rows.iter().position(|row| *row == self.at).unwrap_or(0);
        let to = if forward {
            (at + 1).min(rows.len() - 1)
        } else {
            at.saturating_sub(1)
        };
        self.at = rows[to];
    }

    /// The text that is written on the row under the cursor.
    pub fn line(&mut self) -> Option<&mut LineEdit> {
        match self.at {
            Row::Argument(at) => self.parts.get_mut(at).map(|part| &mut part.argument),
            Row::Description => Some(&mut self.description),
            Row::Definition => self.json.as_mut(),
            Row::Kind | Row::Attributes | Row::Rule(_) | Row::Joined => None,
        }
    }

    /// Whether a text is written on the row under the cursor.
    pub fn is_at_text(&self) -> bool {
        matches!(
            self.at,
            Row::Argument(_) | Row::Description | Row::Definition
        )
    }

    /// Whether the definition was written as JSON, which choosing rules would replace.
    pub fn has_json(&self) -> bool {
        let json = self.json.as_ref();
        json.is_some_and(|json| !json.text().trim().is_empty())
    }

    /// Takes a key on a row with a text. Whoever writes the definition goes on from what the simple rules come to.
    pub fn write(&mut self, key: KeyEvent, schema: &EntityType) {
        self.touch();
        if self.at == Row::Definition {
            self.begin_json(schema);
        }
        if let Some(line) = self.line() {
            line.key(key);
        }
    }

    /// Takes a pasted text. One for the definition takes the place of what the simple rules come to.
    pub fn paste(&mut self, text: &str) {
        self.touch();
        if self.at == Row::Definition && self.json.is_none() {
            self.json = Some(LineEdit::default());
        }
        if let Some(line) = self.line() {
            line.paste(text);
        }
    }

    fn begin_json(&mut self, schema: &EntityType) {
        if self.json.is_none() {
            let so_far = self.definition(schema).map(|json| json.to_string());
            self.json = Some(LineEdit::new(&so_far.unwrap_or_default()));
        }
    }

    /// Something changes: what was said of the draft before is true no more.
    pub fn touch(&mut self) {
        self.insisted = false;
        self.refused.clear();
    }

    /// Whether anything is written that leaving would lose.
    pub fn is_begun(&self) -> bool {
        !self.attributes.is_empty()
            || self.json.is_some()
            || self.parts.iter().any(|part| part.kind.is_some())
            || !self.description.text().is_empty()
    }

    /// Takes a part away; the last one becomes empty.
    pub fn remove_part(&mut self, at: usize) {
        self.touch();
        self.json = None;
        if self.parts.len() > 1 {
            self.parts.remove(at);
        } else {
            self.parts = vec![Part::default()];
        }
        self.at = Row::Rule(at.min(self.parts.len() - 1));
    }

    /// Why no rule of this kind can be chosen for a part.
    pub fn unfit_kind(&self, kind: &RuleKind, part: usize, schema: &EntityType) -> Option<String> {
        let negated = self.parts.get(part).is_some_and(|part| part.not);
        let joined = self.parts.len() > 1;
        match (kind.name, kind.argument) {
            ("not", _) if negated => Some("it is negated already".to_owned()),
            ("and", _) if joined && self.any => {
                Some("these are joined by `or`: write mixed ones as JSON".to_owned())
            }
            ("or", _) if joined && !self.any => {
                Some("these are joined by `and`: write mixed ones as JSON".to_owned())
            }
            (_, Argument::Rules) => None,
            _ if negated && kind.changes => {
                Some("it changes the value: there is no `not`".to_owned())
            }
            _ => self.attributes.iter().find_map(|path| {
                let def = schema.get(path)?;
                misfit(kind, path, def)
            }),
        }
    }

    /// Why an attribute cannot be chosen.
    pub fn unfit_attribute(
        &self,
        path: &AttrPath,
        def: &AttrDef,
        schema: &EntityType,
    ) -> Option<String> {
        if self.kind == PropertyKind::Unique {
            return unfit_for_unique(path, def, schema);
        }
        let kinds = self.parts.iter().filter_map(|part| part.kind);
        let kinds = kinds.filter(|_| self.json.is_none());
        let mut misfits = kinds.filter(|kind| !kind.suits.takes(&def.attr_type));
        misfits.next().map(|kind| {
            let (name, suits) = (kind.name, kind.suits.describe());
            format!("{}: {name} is for {suits}", def.attr_type.name())
        })
    }

    /// What is wrong with a row.
    pub fn problem(&self, row: Row, schema: &EntityType) -> Option<Problem> {
        match row {
            Row::Kind | Row::Joined | Row::Description => None,
            Row::Attributes if self.attributes.is_empty() => Some(Problem::Missing(
                "choose attributes: <rules.choose>".to_owned(),
            )),
            Row::Attributes => self.attributes_problem(schema),
            Row::Rule(_) if self.json.is_some() => None,
            Row::Rule(at) => {
                let part = self.parts.get(at)?;
                match part.kind {
                    None => Some(Problem::Missing("choose a rule: <rules.choose>".to_owned())),
                    Some(kind) => self.unfit_kind(kind, at, schema).map(Problem::Doubtful),
                }
            }
            Row::Argument(at) => {
                let part = self.parts.get(at)?;
                let definition = match part.definition(self.first_def(schema)) {
                    Ok(definition) => definition,
                    Err(why) => return Some(Problem::Missing(why)),
                };
                self.judged(&definition, schema)
                    .err()
                    .map(Problem::Doubtful)
            }
            Row::Definition => {
                let text = self.json.as_ref()?.text();
                match Json::parse(text) {
                    _ if text.trim().is_empty() => Some(Problem::Missing(
                        "write a definition, or choose a rule above: <rules.choose>".to_owned(),
                    )),
                    Err(error) => Some(Problem::Missing(format!("no JSON yet: {error}"))),
                    Ok(json) => self.judged(&json, schema).err().map(Problem::Doubtful),
                }
            }
        }
    }

    fn attributes_problem(&self, schema: &EntityType) -> Option<Problem> {
        let gone = self
            .attributes
            .iter()
            .find(|path| schema.get(path).is_none());
        if let Some(gone) = gone {
            let why = format!("{} is not in the schema", gone.slashed());
            return Some(Problem::Doubtful(why));
        }
        if self.kind == PropertyKind::Rule {
            return None;
        }
        let unfit = self.attributes.iter().find_map(|path| {
            let why = unfit_for_unique(path, schema.get(path)?, schema)?;
            Some(format!("{} {why}", path.slashed()))
        });
        let alone = "one attribute alone: that is what the constraint `unique` is for";
        let alone = (self.attributes.len() == 1).then(|| alone.to_owned());
        unfit.or(alone).map(Problem::Doubtful)
    }

    /// Whether a definition is a rule that fits all attributes.
    fn judged(&self, definition: &Json, schema: &EntityType) -> Result<Rule, String> {
        let rule = Rule::from_json(definition)?;
        for path in &self.attributes {
            if let Some(def) = schema.get(path) {
                rule.check_fit(path, def)?;
            }
        }
        Ok(rule)
    }

    fn first_def<'a>(&self, schema: &'a EntityType) -> Option<&'a AttrDef> {
        schema.get(self.attributes.first()?)
    }

    /// The whole definition; `None` while it is not there.
    pub fn definition(&self, schema: &EntityType) -> Option<Json> {
        if let Some(line) = &self.json {
            return Json::parse(line.text()).ok();
        }
        let def = self.first_def(schema);
        let parts = self.parts.iter().map(|part| part.definition(def).ok());
        let mut parts: Vec<Json> = parts.collect::<Option<_>>()?;
        if parts.len() == 1 {
            return parts.pop();
        }
        let joint = if self.any { "or" } else { "and" };
        Some([(joint, Json::Array(parts))].into_iter().collect())
    }

    /// The first problem, and where it is.
    pub fn first_problem(&self, schema: &EntityType) -> Option<(Row, Problem)> {
        let rows = self.rows().into_iter();
        let mut problems = rows.filter_map(|row| Some((row, self.problem(row, schema)?)));
        problems.next()
    }

    /// The call that it comes to; `None` while something is missing.
    pub fn request(&self, type_name: &str, schema: &EntityType) -> Option<ApiRequest> {
        if self.attributes.is_empty() {
            return None;
        }
        let attributes: Json = self
            .attributes
            .iter()
            .map(|path| Json::from(path.slashed()))
            .collect::<Vec<_>>()
            .into();
        let description = self.description.text().trim();
        if self.kind == PropertyKind::Rule {
            let definition = self.definition(schema)?;
            let request = ApiRequest::new(Endpoint::TypeAddRule)
                .with("type_name", type_name)
                .with("attributes", attributes.to_string())
                .with("definition", definition.to_string());
            return Some(if description.is_empty() {
                request
            } else {
                request.with("description", description)
            });
        }
        let description = (!description.is_empty()).then(|| Json::from(description));
        let property: Json = [
            ("type", Some(Json::from("unique"))),
            ("attributes", Some(attributes)),
            ("description", description),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
        let request = ApiRequest::new(Endpoint::TypeAddProperty)
            .with("type_name", type_name)
            .with("property", property.to_string());
        Some(request)
    }
}

/// Why a kind of rule cannot be said of an attribute, in a few words.
fn misfit(kind: &RuleKind, path: &AttrPath, def: &AttrDef) -> Option<String> {
    let suits = kind.suits.describe();
    let (path, attr_type) = (path.dotted(), def.attr_type.name());
    (!kind.suits.takes(&def.attr_type))
        .then(|| format!("is for {suits}; {path} is of type {attr_type}"))
}

/// Why an attribute cannot take part in a uniqueness.
fn unfit_for_unique(path: &AttrPath, def: &AttrDef, schema: &EntityType) -> Option<String> {
    let mut holders = std::iter::successors(path.parent(), AttrPath::parent);
    let in_plural = holders.any(|holder| {
        let holder = schema.get(&holder).map(|def| &def.attr_type);
        matches!(holder, Some(AttrType::Plural(_)))
    });
    match &def.attr_type {
        _ if in_plural => Some("stands inside a plural: a record has many values".to_owned()),
        AttrType::Object(_) | AttrType::Plural(_) | AttrType::Json | AttrType::Password(_) => {
            Some(format!("is of type {}: not compared", def.attr_type.name()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::read_attr_defs;

    fn schema() -> EntityType {
        let attr_defs = r#"[{"name":"a","type":"string","length":9},{"name":"n","type":"integer"},
            {"name":"day","type":"date"},{"name":"p","type":"plural","attr_defs":[{"name":"q","type":"string"}]}]"#;
        let json = Json::parse(attr_defs).expect("is JSON");
        EntityType::create("t", read_attr_defs(&json).0)
    }

    fn part(name: &str, argument: &str, not: bool) -> Part {
        Part {
            not,
            kind: RuleKind::named(name),
            argument: LineEdit::new(argument),
        }
    }

    fn draft(attribute: &str, parts: Vec<Part>) -> Draft {
        Draft {
            attributes: vec![attribute.parse().expect("is a path")],
            parts,
            ..Draft::default()
        }
    }

    #[test]
    fn parts_come_to_a_definition() {
        let cases = [
            (
                draft("a", vec![part("required", "", false)]),
                r#""required""#,
            ),
            (
                draft("a", vec![part("match", "x", true)]),
                r#"{"not":{"match":"x"}}"#,
            ),
            (
                draft("n", vec![part("default", "5", false)]),
                r#"{"default":5}"#,
            ),
            (
                draft("a", vec![part("default", "5", false)]),
                r#"{"default":"5"}"#,
            ),
            (
                draft(
                    "a",
                    vec![
                        part("match-all", "[a-z]*", false),
                        part("max-length", "25", false),
                    ],
                ),
                r#"{"and":[{"match-all":"[a-z]*"},{"max-length":25}]}"#,
            ),
        ];
        for (draft, definition) in cases {
            assert_eq!(draft.first_problem(&schema()), None, "{definition}");
            let made = draft.definition(&schema()).expect("is whole");
            assert_eq!(made.to_string(), definition);
        }
        let mut either = draft(
            "a",
            vec![part("required", "", false), part("to-lower", "", false)],
        );
        either.any = true;
        let made = either.definition(&schema()).expect("is whole");
        assert_eq!(made.to_string(), r#"{"or":["required","to-lower"]}"#);
    }

    #[test]
    fn what_is_wrong_is_told_at_its_row() {
        for (draft, row, why) in [
            (Draft::default(), Row::Attributes, "choose attributes"),
            (
                draft("a", vec![Part::default()]),
                Row::Rule(0),
                "choose a rule",
            ),
            (
                draft("a", vec![part("match", "[", false)]),
                Row::Argument(0),
                "unclosed",
            ),
            (
                draft("a", vec![part("match", "(?=x)", false)]),
                Row::Argument(0),
                "look-around",
            ),
            (
                draft("a", vec![part("max-length", "1.5", false)]),
                Row::Argument(0),
                "whole number",
            ),
            (
                draft("n", vec![part("less-than", "many", false)]),
                Row::Argument(0),
                "a number",
            ),
            (
                draft("n", vec![part("default", "x", false)]),
                Row::Argument(0),
                "must be a value of /n",
            ),
            (
                draft("n", vec![part("match", "x", false)]),
                Row::Rule(0),
                "is of type integer",
            ),
            (
                draft("a", vec![part("truncate", "1", true)]),
                Row::Rule(0),
                "changes the value",
            ),
            (
                draft("gone", vec![part("required", "", false)]),
                Row::Attributes,
                "not in the schema",
            ),
        ] {
            let (at, problem) = draft.first_problem(&schema()).expect(why);
            assert_eq!(at, row, "{why}");
            assert!(problem.text().contains(why), "{}: {why}", problem.text());
        }
    }

    #[test]
    fn uniqueness_is_of_what_can_be_compared() {
        let mut draft = draft("a", Vec::new());
        draft.kind = PropertyKind::Unique;
        let (_, problem) = draft.first_problem(&schema()).expect("one alone");
        assert!(problem.text().contains("one attribute alone"));
        draft.attributes.push("day".parse().expect("is a path"));
        assert_eq!(draft.first_problem(&schema()), None);
        let request = draft.request("t", &schema()).expect("is whole");
        let property = request.args.get("property");
        assert_eq!(
            property,
            Some(r#"{"type":"unique","attributes":["/a","/day"]}"#)
        );
        draft.attributes.push("p.q".parse().expect("is a path"));
        let (_, problem) = draft.first_problem(&schema()).expect("in a plural");
        assert!(problem.text().contains("/p/q stands inside a plural"));
    }
}

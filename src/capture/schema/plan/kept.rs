//! Plans as JSON: for programs, and for the journal that an interrupted plan is resumed from. What is written is read
//! back the same; what is written beside it for readers (`what`, `call`) is not read.

use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::attr_defs_to_json;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::NotAPlan;
use crate::capture::schema::plan::Refused;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::capture::schema::property::Property;
use crate::capture::schema::read_attr_defs;

impl SchemaPlan {
    /// `{"type_name":…,"steps":[…],"refused":[…],"notes":[…]}`.
    pub fn to_json(&self) -> Json {
        let steps = self.steps.iter().map(|step| {
            let mut json = step.members();
            json.insert("what".to_owned(), step.what().into());
            if let Some(request) = step.request(&self.type_name) {
                let args = request.args.iter();
                let args: Json = args.map(|(name, value)| (name, value.into())).collect();
                let call = [
                    ("operation", request.endpoint.name().into()),
                    ("arguments", args),
                ];
                json.insert("call".to_owned(), call.into_iter().collect());
            }
            json.into()
        });
        let notes = self.notes.iter().map(|note| note.as_str().into());
        [
            ("type_name", Json::from(self.type_name.as_str())),
            ("steps", Json::Array(steps.collect())),
            (
                "refused",
                Json::Array(self.refused.iter().map(Refused::to_json).collect()),
            ),
            ("notes", Json::Array(notes.collect())),
        ]
        .into_iter()
        .collect()
    }

    /// Reads what [`SchemaPlan::to_json`] wrote.
    pub fn from_json(json: &Json) -> Result<Self, NotAPlan> {
        let list = |key: &str| array(member(json, key)?, key);
        Ok(Self {
            type_name: text(json, "type_name")?,
            steps: list("steps")?
                .iter()
                .map(Step::from_json)
                .collect::<Result<_, _>>()?,
            refused: list("refused")?
                .iter()
                .map(Refused::from_json)
                .collect::<Result<_, _>>()?,
            notes: list("notes")?
                .iter()
                .map(|note| note.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| wrong("`notes` must be texts"))?,
        })
    }
}

impl Step {
    /// `{"path":…,"action":…,"risk":…}` and what belongs to the action.
    pub fn to_json(&self) -> Json {
        self.members().into()
    }

    fn members(&self) -> Object {
        let (action, details): (&str, Vec<(&str, Json)>) = match &self.action {
            Action::Create(defs) => ("create", vec![("attr_defs", attr_defs_to_json(defs))]),
            Action::Add(def) => ("add", vec![("attr_def", def.to_json())]),
            Action::Remove => ("remove", Vec::new()),
            Action::SetConstraints { before, after } => {
                let sets = [
                    ("before", constraints(before)),
                    ("after", constraints(after)),
                ];
                ("set_constraints", sets.into())
            }
            Action::SetDescription { before, after } => {
                let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
                let texts = [("before", text(before)), ("after", text(after))];
                ("set_description", texts.into())
            }
            Action::CopyValues { to, renamed } => {
                let pairs = renamed.iter();
                let pairs =
                    pairs.map(|(from, to)| Json::Array(vec![write_path(from), write_path(to)]));
                let pairs = Json::Array(pairs.collect());
                let details = [("to", write_path(to)), ("renamed", pairs)];
                ("copy_values", details.into())
            }
            Action::RemoveProperty(property) => {
                ("remove_property", vec![("property", property.to_answer())])
            }
            Action::AddProperty(property) => {
                ("add_property", vec![("property", property.to_answer())])
            }
        };
        let what = [
            ("path", write_path(&self.path)),
            ("action", action.into()),
            ("risk", self.risk.name().into()),
        ];
        let members = what.into_iter().chain(details);
        members
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// Reads what [`Step::to_json`] wrote.
    pub fn from_json(json: &Json) -> Result<Self, NotAPlan> {
        let risk = text(json, "risk")?;
        let risk = [Risk::Safe, Risk::Checked, Risk::Destructive]
            .into_iter()
            .find(|known| known.name() == risk)
            .ok_or_else(|| wrong(format!("there is no risk `{risk}`")))?;
        Ok(Self {
            path: read_path(member(json, "path")?)?,
            action: read_action(json)?,
            risk,
        })
    }
}

fn read_action(json: &Json) -> Result<Action, NotAPlan> {
    let property = || Property::from_json(member(json, "property")?).map_err(NotAPlan);
    Ok(match text(json, "action")?.as_str() {
        "create" => Action::Create(read_defs(member(json, "attr_defs")?)?),
        "add" => {
            let defs = Json::Array(vec![member(json, "attr_def")?.clone()]);
            let def = read_defs(&defs)?.pop();
            Action::Add(def.ok_or_else(|| wrong("`attr_def` is missing"))?)
        }
        "remove" => Action::Remove,
        "set_constraints" => Action::SetConstraints {
            before: read_constraints(json, "before")?,
            after: read_constraints(json, "after")?,
        },
        "set_description" => Action::SetDescription {
            before: read_text_or_null(json, "before")?,
            after: read_text_or_null(json, "after")?,
        },
        "copy_values" => Action::CopyValues {
            to: read_path(member(json, "to")?)?,
            renamed: array(member(json, "renamed")?, "renamed")?
                .iter()
                .map(|pair| match pair.as_array() {
                    Some([from, to]) => Ok((read_path(from)?, read_path(to)?)),
                    _ => Err(wrong("`renamed` must be pairs of paths")),
                })
                .collect::<Result<_, _>>()?,
        },
        "remove_property" => Action::RemoveProperty(property()?),
        "add_property" => Action::AddProperty(property()?),
        other => return Err(wrong(format!("there is no action `{other}`"))),
    })
}

impl Refused {
    fn to_json(&self) -> Json {
        [
            ("path", write_path(&self.path)),
            ("what", self.what.as_str().into()),
            ("reason", self.reason.as_str().into()),
            (
                "rebuild",
                self.rebuild.as_ref().map_or(Json::Null, write_path),
            ),
        ]
        .into_iter()
        .collect()
    }

    fn from_json(json: &Json) -> Result<Self, NotAPlan> {
        let rebuild = member(json, "rebuild")?;
        Ok(Self {
            path: read_path(member(json, "path")?)?,
            what: text(json, "what")?,
            reason: text(json, "reason")?,
            rebuild: if rebuild.is_null() {
                None
            } else {
                Some(read_path(rebuild)?)
            },
        })
    }
}

/// A path as text; one with a name that would be read as something else as its names.
fn write_path(path: &AttrPath) -> Json {
    let text = path.slashed();
    if text.parse().as_ref() == Ok(path) {
        return text.into();
    }
    let names = path.0.iter().map(|segment| segment.name.as_str().into());
    Json::Array(names.collect())
}

fn read_path(json: &Json) -> Result<AttrPath, NotAPlan> {
    let not_a_path = || wrong(format!("{json} is not a path"));
    match json {
        Json::String(text) => text.parse().map_err(|_| not_a_path()),
        Json::Array(names) => {
            let mut path = AttrPath::root();
            for name in names {
                path = path.child(name.as_str().ok_or_else(not_a_path)?);
            }
            Ok(path)
        }
        _ => Err(not_a_path()),
    }
}

fn constraints(list: &[Constraint]) -> Json {
    Json::Array(list.iter().map(|it| it.name().into()).collect())
}

fn read_constraints(json: &Json, key: &str) -> Result<Vec<Constraint>, NotAPlan> {
    let names = array(member(json, key)?, key)?.iter();
    let names: Option<_> = names
        .map(|name| name.as_str().map(Constraint::from))
        .collect();
    names.ok_or_else(|| wrong(format!("`{key}` must be names of constraints")))
}

fn read_text_or_null(json: &Json, key: &str) -> Result<Option<String>, NotAPlan> {
    match member(json, key)? {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.clone())),
        _ => Err(wrong(format!("`{key}` must be text or null"))),
    }
}

fn read_defs(json: &Json) -> Result<Vec<AttrDef>, NotAPlan> {
    match read_attr_defs(json) {
        (defs, problems) if problems.is_empty() => Ok(defs),
        (_, problems) => Err(wrong(problems[0].to_string())),
    }
}

fn member<'a>(json: &'a Json, key: &str) -> Result<&'a Json, NotAPlan> {
    let missing = || wrong(format!("`{key}` is missing"));
    json.get(key).ok_or_else(missing)
}

fn text(json: &Json, key: &str) -> Result<String, NotAPlan> {
    let text = member(json, key)?.as_str().map(str::to_owned);
    text.ok_or_else(|| wrong(format!("`{key}` must be text")))
}

fn array<'a>(json: &'a Json, key: &str) -> Result<&'a [Json], NotAPlan> {
    let list = json.as_array();
    list.ok_or_else(|| wrong(format!("`{key}` must be a list")))
}

fn wrong(why: impl Into<String>) -> NotAPlan {
    NotAPlan(why.into())
}

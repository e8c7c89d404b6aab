//! From an entity type as it is stored to the one that is wanted: the calls in their order, what each risks, and what
//! the protocol cannot do (reference 3). Pure: nothing is sent here, and what the calls would meet in the records is
//! looked at by the worker.
//!
//! ```text
//!  new attribute at the top                     ─▶ addAttribute                             safe
//!  constraints                                  ─▶ setAttributeConstraints, the whole set   checked when it grows
//!  description                                  ─▶ setAttributeDescription                  safe
//!  attribute gone                               ─▶ removeAttribute                          destructive
//!  renamed at the top, when told so             ─▶ add, copy the values, remove             destructive
//!  other type, length, case or features,
//!  renamed or new below what is there           ─▶ refused; or, when asked for, rebuilt:
//!                                                  add under a spare name, copy the values, remove, and so back again
//! ```
//!
//! What an attribute is added with: everything but `required`, which no record could hold yet; that is set at the very
//! end. Uniqueness and the other constraints come at once, so that a copy that breaks them stops while the old values
//! are still there. How a plan is drawn up is in `draft`, its words are in `words`, and how it is kept in `kept`.

mod draft;
mod kept;
#[cfg(test)]
mod tests;
mod words;

use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::attr_defs_as_sent;
use crate::capture::schema::diff;
use crate::capture::schema::plan::draft::Draft;
use crate::capture::schema::property::Property;

/// What makes the wanted entity type out of the stored one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaPlan {
    /// The entity type.
    pub type_name: String,
    /// What is done, in this order; the next only when the one before it went well. Empty when there is nothing to do.
    pub steps: Vec<Step>,
    /// What is wanted and not done.
    pub refused: Vec<Refused>,
    /// What a person should know before applying it, in sentences.
    pub notes: Vec<String>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The attribute that it is about, as it is called when the step is done; the root for the whole type.
    pub path: AttrPath,
    /// What is done.
    pub action: Action,
    /// What it risks.
    pub risk: Risk,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `entityType.create` with these definitions.
    Create(Vec<AttrDef>),
    /// `entityType.addAttribute`.
    Add(AttrDef),
    /// `entityType.removeAttribute`.
    Remove,
    /// `entityType.setAttributeConstraints`: the whole set before and after.
    SetConstraints {
        /// The set that is stored before this step.
        before: Vec<Constraint>,
        /// The set that is sent.
        after: Vec<Constraint>,
    },
    /// `entityType.setAttributeDescription`; null takes it away.
    SetDescription {
        /// The text that is stored before this step.
        before: Option<String>,
        /// The text that is sent.
        after: Option<String>,
    },
    /// Every record's value of this top-level attribute is written to another, by one `entity.update` for each record
    /// that has one.
    CopyValues {
        /// The attribute that gets the values.
        to: AttrPath,
        /// Members that are called differently there, holders before what is in them: whole paths below this attribute
        /// and below the other. What is not named here goes to the member of the same name, in whatever its holder
        /// became; what has no place there is not copied.
        renamed: Vec<(AttrPath, AttrPath)>,
    },
    /// `entityType.removeProperty` of a rule or combined uniqueness that names the attribute.
    RemoveProperty(Property),
    /// `entityType.addProperty` of one that was removed for as long as the attribute was rebuilt. It gets a new uuid.
    AddProperty(Property),
}

/// What a step risks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing stored is touched, and nothing stored can stand in its way.
    Safe,
    /// Whether the service takes it depends on the records.
    Checked,
    /// Something stored is gone for good after it.
    Destructive,
}

/// Something wanted that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The attribute, as it is stored; as it is wanted when it is new.
    pub path: AttrPath,
    /// What is wanted, as a sentence's predicate: `change its length from 64 to 128`.
    pub what: String,
    /// Why it is not done, and what else can be.
    pub reason: String,
    /// The top-level attribute that would have to be rebuilt for it; `None` when even that would not help.
    pub rebuild: Option<AttrPath>,
}

/// How far a plan may go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Attributes that are called differently in the wanted type: the stored path and the wanted one. Without this a
    /// renamed attribute looks like one that goes and another that comes.
    pub renamed: Vec<(AttrPath, AttrPath)>,
    /// Top-level attributes, by their stored paths, that may be rebuilt: added anew, their values copied, the old ones
    /// removed.
    pub rebuild: Vec<AttrPath>,
    /// Nothing is removed, and nothing that is there is changed.
    pub additions_only: bool,
    /// Whether the type is known to have no records: then `required` can come at once with what is new. Values are copied
    /// all the same, as records may come meanwhile.
    pub is_empty: bool,
}

/// Why JSON is not a plan, or not a step of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a plan: {0}")]
pub struct NotAPlan(pub String);

impl SchemaPlan {
    /// Whether something stored is gone for good after it.
    pub fn is_destructive(&self) -> bool {
        self.steps.iter().any(|step| step.risk == Risk::Destructive)
    }
}

impl Step {
    /// The call that does the step; `None` for copying, which is a call for each record.
    pub fn request(&self, type_name: &str) -> Option<ApiRequest> {
        let call = |endpoint| ApiRequest::new(endpoint).with("type_name", type_name);
        let about = |endpoint| call(endpoint).with("attribute_name", self.path.slashed());
        let request = match &self.action {
            Action::Create(defs) => {
                let defs = attr_defs_as_sent(defs).to_string();
                call(Endpoint::TypeCreate).with("attr_defs", defs)
            }
            Action::Add(def) => {
                call(Endpoint::TypeAddAttribute).with("attr_def", def.as_sent().to_string())
            }
            Action::Remove => about(Endpoint::TypeRemoveAttribute),
            Action::SetConstraints { after, .. } => {
                let names = after.iter().map(|constraint| constraint.name().into());
                let names = Json::Array(names.collect()).to_string();
                about(Endpoint::TypeSetAttributeConstraints).with("constraints", names)
            }
            Action::SetDescription { after, .. } => {
                let text = after.as_deref().map_or("null".to_owned(), json::quote);
                about(Endpoint::TypeSetAttributeDescription).with("description", text)
            }
            Action::CopyValues { .. } => return None,
            Action::RemoveProperty(property) => {
                call(Endpoint::TypeRemoveProperty).with("uuid", property.uuid.as_str())
            }
            Action::AddProperty(property) => {
                let property = property.to_json().to_string();
                call(Endpoint::TypeAddProperty).with("property", property)
            }
        };
        Some(request)
    }
}

/// The plan that makes `wanted` out of `stored`, or creates it when nothing is stored. `properties` are the rules and
/// combined uniquenesses of the stored type, as far as they could be read.
pub fn plan(
    stored: Option<&EntityType>,
    wanted: &EntityType,
    properties: &[Property],
    wishes: &Wishes,
) -> SchemaPlan {
    match stored {
        None => draft::creation(wanted),
        Some(stored) => Draft::new(stored, wanted, wishes).finish(properties),
    }
}

/// The entity type as it is after `step`, as the service would tell it: what was sent is completed and put at its place.
/// A step that does not fit the type changes nothing.
#[must_use]
pub fn after(schema: &EntityType, step: &Step) -> EntityType {
    afterwards(schema.clone(), std::slice::from_ref(step))
}

/// The entity type as it is after these steps, one after the other; as [`after`].
#[must_use]
pub fn afterwards(mut schema: EntityType, steps: &[Step]) -> EntityType {
    for step in steps {
        take_step(&mut schema, step);
    }
    schema
}

fn take_step(schema: &mut EntityType, step: &Step) {
    match &step.action {
        Action::Create(defs) => {
            *schema = EntityType::create(std::mem::take(&mut schema.name), defs.clone());
        }
        Action::Add(def) if schema.get(&step.path).is_none() => schema.add(def.clone()),
        Action::Remove => drop(schema.remove(&step.path)),
        Action::SetConstraints { after, .. } => {
            if let Some(def) = schema.get_mut(&step.path) {
                def.constraints = Some(after.clone()).filter(|after| !after.is_empty());
            }
        }
        Action::SetDescription { after, .. } => {
            if let Some(def) = schema.get_mut(&step.path) {
                def.description.clone_from(after);
            }
        }
        Action::Add(_)
        | Action::CopyValues { .. }
        | Action::RemoveProperty(_)
        | Action::AddProperty(_) => {}
    }
}

/// Whether the stored entity type already shows that `step` was done, the steps before it being done; `None` for what it
/// cannot show: copied values, and properties. For a creation, `schema` is the type that is there by then.
pub fn is_done(schema: &EntityType, step: &Step) -> Option<bool> {
    let def = schema.get(&step.path);
    match &step.action {
        Action::Create(defs) => {
            let created = EntityType::create(schema.name.clone(), defs.clone());
            Some(diff::diff(&created, schema).is_empty())
        }
        Action::Add(added) => Some(def.is_some_and(|def| diff::same(def, added))),
        Action::Remove => Some(def.is_none()),
        Action::SetConstraints { after, .. } => {
            let is_set = |def: &AttrDef| diff::same_set(def.constraints.as_deref(), Some(after));
            Some(def.is_some_and(is_set))
        }
        Action::SetDescription { after, .. } => {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            Some(def.is_some_and(|def| text(&def.description) == text(after)))
        }
        Action::CopyValues { .. } | Action::RemoveProperty(_) | Action::AddProperty(_) => None,
    }
}

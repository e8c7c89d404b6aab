//! The words of a plan: what a step does, why something is refused, what a person should know, and the plan as Markdown.
//! Decides nothing.

use std::fmt;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::diff;
use crate::capture::schema::diff::Aspect;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Refused;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::capture::schema::property::Property;

impl Step {
    /// What it does, as a sentence's predicate: `add nickname: string(64), unique`.
    pub fn what(&self) -> String {
        let path = &self.path;
        match &self.action {
            Action::Create(defs) => {
                format!(
                    "create the entity type, with {}",
                    count(defs.len(), "attribute")
                )
            }
            Action::Add(def) => format!("add {path}: {}", diff::summary(def)),
            Action::Remove => format!("remove {path} with its values"),
            Action::SetConstraints { before, after } => {
                let names = |list: &[Constraint]| diff::listed(list.iter().map(Constraint::name));
                let (before, after) = (names(before), names(after));
                format!("set the constraints of {path} to {after} (now {before})")
            }
            Action::SetDescription { after, .. } => match after {
                Some(text) => format!("describe {path} as {}", json::quote(text)),
                None => format!("take the description off {path}"),
            },
            Action::CopyValues { to, .. } => {
                format!("copy the values of {path} to {to}, record by record")
            }
            Action::RemoveProperty(property) => format!("remove the {}", property.describe()),
            Action::AddProperty(property) => format!("add the {} again", property.describe()),
        }
    }
}

impl Risk {
    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Checked => "checked",
            Self::Destructive => "destructive",
        }
    }
}

impl SchemaPlan {
    /// The plan to be pasted into a ticket: its steps in a table, what is refused and what to know in lists.
    pub fn to_markdown(&self) -> String {
        let mut lines = vec![format!("## Changes to `{}`", diff::cell(&self.type_name))];
        let mut line = |text: &str| lines.push(text.to_owned());
        line("");
        if self.steps.is_empty() {
            line("Nothing to do.");
        } else {
            line("| # | step | call | risk |");
            line("| --- | --- | --- | --- |");
        }
        for (place, step) in self.steps.iter().enumerate() {
            let request = step.request(&self.type_name);
            let call = request.map_or("entity.update", |request| request.endpoint.name());
            let (number, what) = (place + 1, diff::cell(&step.what()));
            let risk = step.risk.name();
            line(&format!("| {number} | {what} | `{call}` | {risk} |"));
        }
        let refused = self.refused.iter().map(ToString::to_string);
        for (title, texts) in [
            ("Not done", refused.collect::<Vec<_>>()),
            ("To know", self.notes.clone()),
        ] {
            if !texts.is_empty() {
                line(&format!("\n### {title}\n"));
            }
            for text in texts {
                line(&format!("- {}", diff::cell(&text)));
            }
        }
        lines.join("\n") + "\n"
    }
}

/// For people: `/email: change its length from 64 to 128 — no call changes …`.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.slashed();
        write!(f, "{path}: {} — {}", self.what, self.reason)
    }
}

fn count(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

/// The top-level attribute that `path` is or lies in.
fn top(path: &AttrPath) -> AttrPath {
    AttrPath(path.0.iter().take(1).cloned().collect())
}

/// Something that a rebuild of the top-level attribute would do.
fn needs_rebuild(path: &AttrPath, what: String, why: &str) -> Refused {
    let top = top(path);
    Refused {
        path: path.clone(),
        what,
        reason: format!("{why}{}", rebuild_hint(&top)),
        rebuild: Some(top),
    }
}

fn rebuild_hint(top: &AttrPath) -> String {
    format!("; {top} can be rebuilt for it: added anew, its values copied, the old one removed")
}

/// The same where nothing is rebuilt.
pub(super) fn without_rebuild(mut refused: Refused) -> Refused {
    if let Some(top) = refused.rebuild.take()
        && let Some(why) = refused.reason.strip_suffix(&rebuild_hint(&top))
    {
        refused.reason.truncate(why.len());
    }
    refused
}

fn impossible(path: AttrPath, what: String, reason: String) -> Refused {
    Refused {
        path,
        what,
        reason,
        rebuild: None,
    }
}

/// An aspect that no call changes.
pub(super) fn unchangeable(path: &AttrPath, aspect: &Aspect) -> Refused {
    let name = aspect.name();
    let [before, after] = aspect.values();
    let what = match aspect {
        Aspect::CaseSensitive(_, true) => "make its case count".to_owned(),
        Aspect::CaseSensitive(_, false) => "make its case not count".to_owned(),
        _ => format!("change its {name} from {before} to {after}"),
    };
    let why = format!("no call changes the {name} of an attribute that is there");
    needs_rebuild(path, what, &why)
}

pub(super) fn nested_rename(path: &AttrPath, to: &str) -> Refused {
    needs_rebuild(
        path,
        format!("rename it to {to}"),
        "no call renames an attribute",
    )
}

pub(super) fn nested_addition(holder: &AttrPath, def: &AttrDef) -> Refused {
    let what = format!("add it: {}", diff::summary(def));
    let path = holder.child(&def.name);
    needs_rebuild(
        &path,
        what,
        "nothing can be added below an attribute that is there",
    )
}

/// Removals that would leave nothing in their holder. `becomes` says that there is to be something else in it.
pub(super) fn last_member(path: &AttrPath, holder: &AttrPath, becomes: bool) -> Refused {
    let what = "remove it".to_owned();
    let why = format!("nothing would be left in {holder}");
    if becomes {
        needs_rebuild(path, what, &why)
    } else {
        impossible(path.clone(), what, format!("{why}: remove {holder} itself"))
    }
}

pub(super) fn moved_elsewhere(path: AttrPath, to: &AttrPath) -> Refused {
    impossible(
        path,
        format!("move it to {to}"),
        "values are copied from one top-level attribute to another only; it stays where it is, with its values".to_owned(),
    )
}

pub(super) fn rename_blocked(path: AttrPath, to: &str) -> Refused {
    impossible(
        path,
        format!("rename it to {to}"),
        "something that has to stay is in the way".to_owned(),
    )
}

pub(super) fn name_in_use(path: AttrPath) -> Refused {
    impossible(
        path,
        "add it".to_owned(),
        "the attribute that has this name has to stay".to_owned(),
    )
}

pub(super) fn left(number: usize) -> String {
    let differences = count(number, "other difference");
    format!("only what is new is added: {differences} left as stored")
}

pub(super) fn required_on_new(path: &AttrPath) -> String {
    format!("{path} can be required only when every record has a value for it")
}

/// What to know when values are copied from `stored` to a new attribute at `to`.
pub(super) fn of_a_rebuild(stored: &AttrDef, to: &AttrPath, is_spare_used: bool) -> Vec<String> {
    let from = &stored.name;
    let meanwhile = if is_spare_used {
        format!(
            "twice, which changes its lastUpdated; what others write to {from} meanwhile may be lost"
        )
    } else {
        format!(
            "which changes its lastUpdated; neither {from} nor {to} may be written meanwhile: where they differ, it stops"
        )
    };
    let updated = if is_spare_used {
        "updated "
    } else {
        "updated, "
    };
    let mut notes = vec![
        format!("{from}: each record that has a value is {updated}{meanwhile}"),
        format!(
            "{from}: access schemas that list it no longer do; {to} has to be listed in them again"
        ),
    ];
    if contains(stored, |it| matches!(it, AttrType::Plural(_))) {
        notes.push(format!("{from}: its elements get new ids"));
    }
    if contains(stored, |it| matches!(it, AttrType::Password(_))) {
        notes.push(format!(
            "{from}: its passwords are copied as the hashes that the service shows; what it does not show is lost"
        ));
    }
    notes
}

fn contains(def: &AttrDef, is_it: fn(&AttrType) -> bool) -> bool {
    let members = def.attr_type.attr_defs();
    is_it(&def.attr_type) || members.iter().any(|def| contains(def, is_it))
}

pub(super) fn not_copied(path: &AttrPath) -> String {
    format!("{path}: its values are not copied, as it is not wanted any more")
}

pub(super) fn perhaps_not_copied(path: &AttrPath, type_name: &str) -> String {
    format!("{path}: a value that is none of type {type_name} cannot be copied")
}

/// Renames that only exchange names. `is_shown`: the types differ in something else.
pub(super) fn not_repeatable(paths: &[&AttrPath], is_shown: bool) -> String {
    let names = diff::listed(paths.iter().map(|path| path.name().unwrap_or_default()));
    let again = "apply it once: applied again, it moves the values again";
    if is_shown {
        format!("{names}: values move to names that are there already; {again}")
    } else {
        format!(
            "{names}: values move to names that are there already, and nothing stored shows whether that was done before; {again}"
        )
    }
}

pub(super) fn property_goes(property: &Property) -> String {
    let property = property.describe();
    format!("the {property} goes, as it names what is removed; add another if it is still needed")
}

pub(super) fn property_comes_again(property: &Property) -> String {
    let property = property.describe();
    format!("the {property} does not hold while the values are copied, and has a new uuid then")
}

//! `capture::delta` against the sandbox: the calls that it plans make the edited record out of the stored one, and a record
//! that nobody edited needs none.

use captui::capture::attr_type::AttrType;
use captui::capture::delta::PlannedCall;
use captui::capture::delta::Target;
use captui::capture::delta::as_new;
use captui::capture::endpoint::Endpoint;
use captui::capture::error::ErrorCode;
use captui::capture::json::Json;
use captui::capture::json::object::Object;
use captui::capture::sample::Fill;
use captui::capture::sample::record;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::validate::Mode;
use proptest::collection;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::test_runner::TestCaseError;

use crate::sandbox::agreement::CHANGES;
use crate::sandbox::agreement::Kind;
use crate::sandbox::agreement::PER_TYPE;
use crate::sandbox::agreement::code;
use crate::sandbox::agreement::model;
use crate::sandbox::agreement::run_until;
use crate::sandbox::agreement::schemas;

/// How a record is edited: from which seed new values come, and what is done at which attribute.
type Edits = (u64, Vec<(u16, u16)>);

fn edits() -> impl Strategy<Value = (Vec<AttrDef>, Vec<Edits>)> {
    let edit = (0_u64..40, collection::vec(any::<(u16, u16)>(), 1..6));
    (schemas::attr_defs(), collection::vec(edit, 1..=8))
}

#[test]
fn a_planned_update_makes_the_edited_record() {
    let case = |kind: &mut Kind<'_>, plans: &[Edits]| {
        let first = record(&kind.schema, 1, Fill::Everything);
        kind.new_record(&first)?;
        for (seed, edits) in plans {
            let Some((_, stored)) = kind.records.first().cloned() else {
                return Ok(());
            };
            let unedited = target(&kind.schema, &stored).update(&stored);
            prop_assert!(unedited.calls.is_empty(), "{:?}", unedited);
            let others = record(&kind.schema, *seed, Fill::Everything);
            let mut edited = stored.clone();
            for (site, what) in edits {
                let mut site = usize::from(*site);
                edit(
                    &mut edited,
                    &others,
                    &kind.schema.attr_defs,
                    &mut site,
                    *what,
                );
            }
            kind.make(&stored, &edited)?;
        }
        Ok(())
    };
    let refusal = ErrorCode::TIMESTAMP_MISMATCH;
    run_until(CHANGES / PER_TYPE, &edits(), case, refusal);
}

fn target<'a>(schema: &'a EntityType, stored: &'a Json) -> Target<'a> {
    Target {
        schema,
        stored,
        guarded: true,
    }
}

impl Kind<'_> {
    /// Makes `edited` out of `stored` by the planned calls, unless it breaks the schema.
    fn make(&mut self, stored: &Json, edited: &Json) -> Result<(), TestCaseError> {
        let schema = self.schema.clone();
        let wanted = as_new(&schema, edited);
        let Ok(normal) = self.judge(&wanted, Mode::Replace) else {
            return Ok(());
        };
        if model::shares_a_local_value(&normal, &schema.attr_defs)
            || model::shares_a_unique_value([&normal].into_iter(), &schema)
        {
            return Ok(());
        }
        let plan = target(&schema, stored).update(edited);
        prop_assert_eq!(plan.calls.is_empty(), plan.changes.is_empty());
        let mut after = stored.clone();
        for call in &plan.calls {
            let arguments: Vec<(&str, &str)> = call.request.args.iter().collect();
            let answer = self.talk.call(call.request.endpoint.name(), &arguments);
            prop_assert_eq!(code(&answer), 0, "{} to {:?}", answer, plan.calls);
            if let Some(result) = answer.get("result") {
                after = result.clone();
            }
        }
        prop_assert_eq!(
            self.comparable(&after),
            self.comparable(&normal),
            "{:?}\nfrom {}",
            plan,
            stored
        );
        let replaces = |call: &PlannedCall| call.request.endpoint == Endpoint::EntityReplace;
        if !plan.calls.iter().any(replaces) {
            let (mut before, mut kept, mut now) = (Vec::new(), Vec::new(), Vec::new());
            ids(stored, &mut before);
            ids(edited, &mut kept);
            ids(&after, &mut now);
            kept.retain(|id| before.contains(id));
            prop_assert!(kept.iter().all(|id| now.contains(id)), "{:?}", plan);
        }
        let again = target(&schema, stored).update(edited);
        if let Some(first) = again.calls.first() {
            let arguments: Vec<(&str, &str)> = first.request.args.iter().collect();
            let answer = self.talk.call(first.request.endpoint.name(), &arguments);
            prop_assert_eq!(code(&answer), ErrorCode::TIMESTAMP_MISMATCH.0);
        }
        self.records[0].1 = after;
        Ok(())
    }
}

/// The ids of a record and of all its elements.
fn ids(value: &Json, found: &mut Vec<i64>) {
    match value {
        Json::Object(members) => {
            found.extend(members.get("id").and_then(Json::as_i64));
            members.values().for_each(|member| ids(member, found));
        }
        Json::Array(elements) => elements.iter().for_each(|element| ids(element, found)),
        _ => {}
    }
}

/// Does one thing to the attribute that `site` counts down to, at any depth; `others` has values to take.
fn edit(holder: &mut Json, others: &Json, defs: &[AttrDef], site: &mut usize, what: u16) {
    let Some(members) = holder.as_object_mut() else {
        return;
    };
    let own = defs.iter().filter(|def| !def.is_reserved(true));
    let count = own.clone().count();
    // Deeper half of the time, where there is a deeper.
    let Some(def) = own.clone().nth(*site % count.max(1)) else {
        return;
    };
    *site /= count;
    let other = others.get(&def.name).cloned().unwrap_or_default();
    let inner = def.attr_type.attr_defs();
    let deeper = *site % 2 == 1;
    *site /= 2;
    let value = members.get_mut(&def.name);
    match (&def.attr_type, value) {
        (AttrType::Object(_), Some(value @ Json::Object(_))) if deeper => {
            edit(value, &other, inner, site, what);
        }
        (AttrType::Plural(_), Some(Json::Array(elements))) if deeper && !elements.is_empty() => {
            let at = *site % elements.len();
            *site /= elements.len();
            let other = other.as_array().and_then(<[Json]>::first);
            edit(
                &mut elements[at],
                other.unwrap_or(&Json::Null),
                inner,
                site,
                what,
            );
        }
        (AttrType::Plural(_), Some(Json::Array(elements))) if what % 8 > 1 => {
            edit_elements(elements, other.as_array().unwrap_or_default(), what);
        }
        _ => match what % 8 {
            0 => drop(members.shift_remove(&def.name)),
            1 => drop(members.insert(def.name.clone(), Json::Null)),
            _ => drop(members.insert(def.name.clone(), other)),
        },
    }
}

fn edit_elements(elements: &mut Vec<Json>, others: &[Json], what: u16) {
    let at = usize::from(what / 8);
    match what % 8 {
        2 if !elements.is_empty() => drop(elements.remove(at % elements.len())),
        3 => elements.reverse(),
        4 => elements.clear(),
        5 => elements.splice(0..0, others.iter().cloned()).for_each(drop),
        6 => elements.push(Json::Object(Object::new())),
        _ => elements.extend(others.iter().cloned()),
    }
}

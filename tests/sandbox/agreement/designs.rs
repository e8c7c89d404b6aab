//! `capture::schema::{diff, plan}` over made-up designs: what the plan says it does is what the sandbox does, step by step,
//! with and without records; and what is left at the end is what was refused.

use captui::capture::attr_type::AttrType;
use captui::capture::constraint::Constraint;
use captui::capture::constraint::Feature;
use captui::capture::error::ErrorCode;
use captui::capture::json::Json;
use captui::capture::path::AttrPath;
use captui::capture::sample::Fill;
use captui::capture::sample::record;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::schema::check;
use captui::capture::schema::diff::Aspect;
use captui::capture::schema::diff::DifferenceKind;
use captui::capture::schema::diff::SchemaDiff;
use captui::capture::schema::diff::diff;
use captui::capture::schema::plan::Action;
use captui::capture::schema::plan::Risk;
use captui::capture::schema::plan::SchemaPlan;
use captui::capture::schema::plan::Step;
use captui::capture::schema::plan::Wishes;
use captui::capture::schema::plan::after;
use captui::capture::schema::plan::is_done;
use captui::capture::schema::plan::plan;
use captui::capture::schema::property::Property;
use captui::capture::schema::property::read_properties;
use captui::capture::schema::without_reserved;
use proptest::collection;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::test_runner::Config;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestRunner;

use crate::sandbox::agreement::Kind;
use crate::sandbox::agreement::PER_TYPE;
use crate::sandbox::agreement::code;
use crate::sandbox::agreement::run_until;
use crate::sandbox::agreement::schemas;

/// How many designs are planned without a sandbox, and how many with one.
const PLANS: u32 = 300;
const APPLIED: u32 = 160;

/// How a design goes on: where new definitions come from, what is done at which attribute, what counts as renamed.
#[derive(Clone, Debug)]
struct Redesign {
    others: Vec<AttrDef>,
    edits: Vec<(u16, u16)>,
    renames: Vec<(u16, u16)>,
    /// What may be rebuilt, and whether it is known that there are no records.
    wishes: u8,
    /// Which attributes rules are about, and in what groups.
    rules: Vec<(u16, u16)>,
}

fn redesigns() -> impl Strategy<Value = (Vec<AttrDef>, Vec<Redesign>)> {
    let pairs = |most| collection::vec(any::<(u16, u16)>(), 0..most);
    let redesign = (
        schemas::attr_defs(),
        pairs(7),
        pairs(4),
        any::<u8>(),
        pairs(3),
    )
        .prop_map(|(others, edits, renames, wishes, rules)| Redesign {
            others,
            edits,
            renames,
            wishes,
            rules,
        });
    (schemas::attr_defs(), collection::vec(redesign, 1..4))
}

impl Redesign {
    /// The wanted type: sometimes another altogether.
    fn wanted(&self, stored: &EntityType) -> EntityType {
        let mut defs = without_reserved(&stored.attr_defs, true);
        if self.edits.is_empty() {
            defs.clone_from(&self.others);
        }
        for (site, what) in &self.edits {
            let before = defs.clone();
            edit(&mut defs, &self.others, &mut usize::from(*site), *what);
            if !check(&defs).is_empty() {
                defs = before;
            }
        }
        EntityType::create(stored.name.clone(), defs)
    }

    /// Renames of any kind: mostly beside each other, sometimes from one end to the other.
    fn wishes(&self, stored: &EntityType, wanted: &EntityType) -> Wishes {
        let (from, to) = (own_paths(stored), own_paths(wanted));
        let renamed = self.renames.iter().filter_map(|(which, what)| {
            let from = from.get(usize::from(*which) % from.len().max(1))?;
            let beside = |to: &&AttrPath| what % 8 == 0 || to.parent() == from.parent();
            let to: Vec<&AttrPath> = to.iter().filter(beside).collect();
            let to = to.get(usize::from(*what) % to.len().max(1))?;
            Some((from.clone(), AttrPath::clone(to)))
        });
        Wishes {
            renamed: renamed.collect(),
            rebuild: tops(stored)
                .into_iter()
                .enumerate()
                .filter(|(place, _)| self.wishes >> (place % 6) & 1 == 1)
                .map(|(_, top)| top)
                .collect(),
            additions_only: self.wishes % 16 == 15,
            is_empty: false,
        }
    }
}

fn own_paths(schema: &EntityType) -> Vec<AttrPath> {
    let all = schema.walk().into_iter();
    let own = all.filter(|(path, def)| !def.is_reserved(path.0.len() == 1));
    own.map(|(path, _)| path).collect()
}

fn tops(schema: &EntityType) -> Vec<AttrPath> {
    let own = schema.own_attr_defs();
    own.map(|def| AttrPath::root().child(&def.name)).collect()
}

/// Does one thing to the definitions that `site` counts down to.
fn edit(defs: &mut Vec<AttrDef>, others: &[AttrDef], site: &mut usize, what: u16) {
    let at = *site % defs.len().max(1);
    *site /= 5;
    let other = others.get(usize::from(what / 16) % others.len().max(1));
    let (Some(def), Some(other)) = (defs.get_mut(at), other) else {
        defs.extend(others.iter().cloned());
        return;
    };
    let deeper = *site % 2 == 1;
    *site /= 2;
    if let (AttrType::Object(inner) | AttrType::Plural(inner), true) = (&mut def.attr_type, deeper)
    {
        edit(inner, others, site, what);
        return;
    }
    match what % 16 {
        0 | 1 => drop(defs.remove(at)),
        2 | 3 => def.name.push('r'),
        4 | 5 => defs.push(other.clone()),
        6 => def.description = Some(format!("for {what}")).filter(|_| what % 32 < 16),
        7 | 8 => {
            let picked = Constraint::ALL.into_iter().enumerate();
            let picked = picked.filter(|(place, _)| what >> (4 + place) & 1 == 1);
            def.constraints = Some(picked.map(|(_, constraint)| constraint).collect());
        }
        9 => def.constraints = None,
        10 => def.features = Some(vec![Feature::Query]),
        11 => def.attr_type = other.attr_type.clone(),
        12 => {
            def.attr_type = match &def.attr_type {
                AttrType::Object(inner) => AttrType::Plural(inner.clone()),
                AttrType::Plural(inner) => AttrType::Object(inner.clone()),
                _ => AttrType::from_name("date"),
            };
        }
        _ => {
            if let AttrType::String {
                length,
                case_sensitive,
            } = &mut def.attr_type
            {
                *length = Some(u32::from(what));
                *case_sensitive = what % 32 < 16;
            }
        }
    }
}

#[test]
fn plans_lead_to_what_is_wanted_but_for_what_they_refuse() {
    let cases = match std::env::var("CAPTUI_CASES") {
        Ok(text) => text.parse().expect("CAPTUI_CASES is a number"),
        Err(_) => PLANS,
    };
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&redesigns(), |(attr_defs, redesigns)| {
        let mut stored = EntityType::create("t", attr_defs);
        for redesign in &redesigns {
            let wanted = redesign.wanted(&stored);
            differs_both_ways(&stored, &wanted)?;
            stored = leads_there(&stored, &wanted, redesign)?;
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

fn differs_both_ways(a: &EntityType, b: &EntityType) -> Result<(), TestCaseError> {
    prop_assert!(diff(a, a).is_empty());
    let (there, back) = (diff(a, b), diff(b, a));
    prop_assert_eq!(mirrored(there), back);
    Ok(())
}

fn mirrored(mut found: SchemaDiff) -> SchemaDiff {
    for difference in &mut found.differences {
        difference.kind = match difference.kind.clone() {
            DifferenceKind::OnlyInA(def) => DifferenceKind::OnlyInB(def),
            DifferenceKind::OnlyInB(def) => DifferenceKind::OnlyInA(def),
            DifferenceKind::Differs(aspects) => {
                DifferenceKind::Differs(aspects.into_iter().map(swapped).collect())
            }
        };
    }
    found
}

fn swapped(aspect: Aspect) -> Aspect {
    match aspect {
        Aspect::Type(a, b) => Aspect::Type(b, a),
        Aspect::Length(a, b) => Aspect::Length(b, a),
        Aspect::CaseSensitive(a, b) => Aspect::CaseSensitive(b, a),
        Aspect::Description(a, b) => Aspect::Description(b, a),
        Aspect::Constraints(a, b) => Aspect::Constraints(b, a),
        Aspect::Features(a, b) => Aspect::Features(b, a),
        Aspect::Other(key, a, b) => Aspect::Other(key, b, a),
    }
}

/// Plans with ever more wishes; returns the type as the last of them leaves it.
fn leads_there(
    stored: &EntityType,
    wanted: &EntityType,
    redesign: &Redesign,
) -> Result<EntityType, TestCaseError> {
    // What is not renamed and not rebuilt: every difference that is left is at or below something refused.
    let drawn = plan(Some(stored), wanted, &[], &Wishes::default());
    for difference in diff(&simulate(stored, &drawn)?, wanted).differences {
        let explained = drawn
            .refused
            .iter()
            .any(|refused| difference.path.starts_with(&refused.path));
        prop_assert!(explained, "{:?} in {:#?}", difference, drawn);
    }
    for is_empty in [false, true] {
        let wishes = Wishes {
            rebuild: tops(stored),
            is_empty,
            ..Wishes::default()
        };
        let drawn = plan(Some(stored), wanted, &[], &wishes);
        prop_assert!(drawn.refused.is_empty(), "{:#?}", drawn);
        let left = diff(&simulate(stored, &drawn)?, wanted);
        prop_assert!(left.is_empty(), "{:?} after {:#?}", left, drawn);
    }
    let wishes = Wishes {
        rebuild: tops(stored),
        ..redesign.wishes(stored, wanted)
    };
    let drawn = plan(Some(stored), wanted, &[], &wishes);
    let reached = simulate(stored, &drawn)?;
    if wishes.additions_only {
        let adds =
            |step: &Step| matches!(step.action, Action::Add(_) | Action::SetConstraints { .. });
        prop_assert!(drawn.steps.iter().all(adds), "{:#?}", drawn);
        for (path, def) in stored.walk() {
            prop_assert_eq!(reached.get(&path), Some(def));
        }
    } else if drawn.refused.is_empty() {
        let left = diff(&reached, wanted);
        prop_assert!(left.is_empty(), "{:?} after {:#?}", left, drawn);
    } else {
        // Only what is to move into another holder is in the way of a rebuild.
        let is_stuck = drawn
            .refused
            .iter()
            .any(|refused| refused.rebuild.is_none());
        prop_assert!(is_stuck, "{:#?}", drawn);
    }
    Ok(reached)
}

/// The type after the plan. Every step has something to do, and leaves a type that could be created like that.
fn simulate(stored: &EntityType, plan: &SchemaPlan) -> Result<EntityType, TestCaseError> {
    let read = SchemaPlan::from_json(&Json::parse(&plan.to_json().to_string()).expect("is JSON"));
    prop_assert_eq!(read.as_ref(), Ok(plan));
    let mut schema = stored.clone();
    for step in &plan.steps {
        let next = after(&schema, step);
        match &step.action {
            Action::CopyValues { to, .. } => {
                let both = schema.get(&step.path).is_some() && schema.get(to).is_some();
                prop_assert!(both, "{} in {:#?}", step.what(), plan);
            }
            Action::RemoveProperty(_) | Action::AddProperty(_) => {}
            _ => {
                let told = (is_done(&schema, step), is_done(&next, step));
                prop_assert_eq!(told, (Some(false), Some(true)), "{}", step.what());
            }
        }
        let problems = check(&without_reserved(&next.attr_defs, true));
        prop_assert!(problems.is_empty(), "{:?} after {}", problems, step.what());
        schema = next;
    }
    Ok(schema)
}

/// A refusal can only come where the plan says so: of a step that is checked, and only when there are records. What is
/// copied is looked at elsewhere; here nothing is.
#[test]
fn the_sandbox_does_what_a_plan_says() {
    let case = |kind: &mut Kind<'_>, redesigns: &[Redesign]| {
        for (place, redesign) in redesigns.iter().enumerate() {
            if redesign.wishes & 1 == 1 {
                let fill = if place == 0 {
                    Fill::Everything
                } else {
                    Fill::Typical
                };
                let record = record(&kind.schema, place as u64, fill);
                kind.send("entity.create", &[("attributes", &record.to_string())]);
            }
            kind.redesign(redesign)?;
        }
        Ok(())
    };
    let refusal = ErrorCode::MISSING_REQUIRED_ATTRIBUTE;
    run_until(APPLIED / PER_TYPE, &redesigns(), case, refusal);
}

impl Kind<'_> {
    fn send(&mut self, operation: &str, arguments: &[(&str, &str)]) -> Json {
        let name = self.schema.name.clone();
        let arguments = [&[("type_name", name.as_str())], arguments].concat();
        self.talk.call(operation, &arguments)
    }

    fn redesign(&mut self, redesign: &Redesign) -> Result<(), TestCaseError> {
        let counted = self.send("entity.count", &[]);
        let is_empty = counted.get("total_count").and_then(Json::as_i64) == Some(0);
        let properties = self.add_rules(redesign);
        let wanted = redesign.wanted(&self.schema);
        let wishes = Wishes {
            is_empty: is_empty && redesign.wishes & 2 == 2,
            ..redesign.wishes(&self.schema, &wanted)
        };
        let drawn = plan(Some(&self.schema), &wanted, &properties, &wishes);
        for step in &drawn.steps {
            let Some(request) = step.request(&drawn.type_name) else {
                continue;
            };
            let arguments: Vec<(&str, &str)> = request.args.iter().collect();
            let answer = self.talk.call(request.endpoint.name(), &arguments);
            if code(&answer) != 0 {
                // A rule may not fit what its attribute became.
                let may = matches!(step.action, Action::AddProperty(_)) || !is_empty;
                let said = step.risk == Risk::Checked && may;
                prop_assert!(said, "{} to {} of {:#?}", answer, step.what(), drawn);
                return self.read_again();
            }
            let next = after(&self.schema, step);
            if let Some(schema) = answer.get("schema") {
                prop_assert_eq!(schema, &next.to_json(), "{}", step.what());
            }
            self.schema = next;
        }
        self.read_again()
    }

    /// The stored schema is what it was thought to be.
    fn read_again(&mut self) -> Result<(), TestCaseError> {
        let answer = self.send("entityType", &[]);
        prop_assert_eq!(answer.get("schema"), Some(&self.schema.to_json()));
        Ok(())
    }

    /// Rules that fit what they are about, and what the sandbox says there are then.
    fn add_rules(&mut self, redesign: &Redesign) -> Vec<Property> {
        let paths = own_paths(&self.schema);
        for (first, second) in &redesign.rules {
            let pick = |number: &u16| paths.get(usize::from(*number) % paths.len().max(1));
            let mut named: Vec<&AttrPath> = [first, second].into_iter().filter_map(pick).collect();
            named.dedup();
            let named: Vec<Json> = named.iter().map(|path| path.slashed().into()).collect();
            let named = Json::Array(named);
            let property = if first % 2 == 0 {
                format!(r#"{{"type":"unique","attributes":{named}}}"#)
            } else {
                format!(r#"{{"type":"rule","attributes":{named},"definition":"ignore-update"}}"#)
            };
            self.send("entityType.addProperty", &[("property", &property)]);
        }
        let (properties, problems) = read_properties(&self.send("entityType.properties", &[]));
        assert_eq!(problems, [""; 0]);
        properties
    }
}

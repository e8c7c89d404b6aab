//! Draws up a plan: finds which stored attribute became which wanted one, what each pair needs, and puts the steps in the
//! order in which nothing depends on a later one. Used by `plan` alone.
//!
//! ```text
//!  rules that name what goes ─▶ additions, spares among them ─▶ copies ─▶ fewer constraints ─▶ descriptions
//!    ─▶ removals of what makes way ─▶ back from the spares: additions, copies ─▶ the rules again ─▶ more constraints
//!    ─▶ all other removals
//! ```
//!
//! Nothing is removed before everything that is to be kept of it has been copied. What nothing waits for is removed last
//! of all: more constraints are what the records may stand in the way of, and when the service refuses them, what cannot
//! be taken back has not happened yet.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::MAX_NAME;
use crate::capture::schema::diff;
use crate::capture::schema::diff::Aspect;
use crate::capture::schema::is_reserved_name;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Refused;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::capture::schema::plan::Wishes;
use crate::capture::schema::plan::words;
use crate::capture::schema::property::Property;

/// When a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    PropertyRemovals,
    Additions,
    Copies,
    Loosenings,
    Descriptions,
    Removals,
    LaterAdditions,
    LaterCopies,
    PropertyAdditions,
    Tightenings,
    LastRemovals,
}

/// The plan that creates `wanted`.
pub(super) fn creation(wanted: &EntityType) -> SchemaPlan {
    let defs = schema::without_reserved(&wanted.attr_defs, true);
    SchemaPlan {
        type_name: wanted.name.clone(),
        steps: vec![Step {
            path: AttrPath::root(),
            action: Action::Create(defs),
            risk: Risk::Safe,
        }],
        ..SchemaPlan::default()
    }
}

/// A plan while it is drawn up.
pub(super) struct Draft<'a> {
    stored: &'a EntityType,
    wanted: &'a EntityType,
    wishes: &'a Wishes,
    /// Wanted paths by stored ones.
    renamed: BTreeMap<&'a AttrPath, &'a AttrPath>,
    steps: Vec<(Phase, Step)>,
    refused: Vec<Refused>,
    notes: Vec<String>,
    /// What becomes of attributes at or below those that are removed, by their stored paths; what is not here is gone.
    moved: BTreeMap<AttrPath, AttrPath>,
    /// Stored attributes that a step removes.
    removed: Vec<AttrPath>,
    /// Names that are stored at the top.
    stored_names: BTreeSet<&'a str>,
    /// Top-level names that an attribute cannot be added under: those there are and those that are wanted, and spares.
    taken: BTreeSet<String>,
    /// How many differences are left because only additions were asked for.
    left: usize,
}

/// The members of a stored holder and of the wanted one that it became.
#[derive(Default)]
struct Members<'a> {
    /// What is in both, by the stored name.
    pairs: Vec<(&'a AttrDef, &'a AttrDef)>,
    gone: Vec<&'a AttrDef>,
    new: Vec<&'a AttrDef>,
    /// What is wanted in another holder, and where.
    elsewhere: Vec<(&'a AttrDef, &'a AttrPath)>,
}

/// What one top-level attribute needs to become the wanted one.
#[derive(Default)]
struct Needs {
    steps: Vec<(Phase, Step)>,
    refused: Vec<Refused>,
    /// Every attribute in it that is in both: the stored and the wanted path.
    pairs: Vec<(AttrPath, AttrPath)>,
    /// Whether a member is wanted in another holder: its values would be gone with a rebuild.
    loses_member: bool,
    /// Stored members that are not wanted.
    gone: Vec<AttrPath>,
    /// Attributes whose type is to change, by the stored path, and to what.
    retyped: Vec<(AttrPath, String)>,
}

impl<'a> Draft<'a> {
    /// Everything but the properties.
    pub(super) fn new(stored: &'a EntityType, wanted: &'a EntityType, wishes: &'a Wishes) -> Self {
        let names = stored.attr_defs.iter().chain(&wanted.attr_defs);
        let stored_names = stored.attr_defs.iter().map(|def| def.name.as_str());
        let mut draft = Self {
            stored,
            wanted,
            wishes,
            renamed: wishes.renamed.iter().map(|(from, to)| (from, to)).collect(),
            steps: Vec::new(),
            refused: Vec::new(),
            notes: Vec::new(),
            moved: BTreeMap::new(),
            removed: Vec::new(),
            stored_names: stored_names.collect(),
            taken: names.map(|def| def.name.clone()).collect(),
            left: 0,
        };
        draft.top_level();
        draft.tell_cycles();
        draft
    }

    /// The plan, with what becomes of the rules and combined uniquenesses.
    pub(super) fn finish(mut self, properties: &[Property]) -> SchemaPlan {
        for property in properties {
            self.property(property);
        }
        if self.left > 0 {
            self.notes.push(words::left(self.left));
        }
        self.steps.sort_by_key(|(phase, _)| *phase);
        SchemaPlan {
            type_name: self.wanted.name.clone(),
            steps: self.steps.into_iter().map(|(_, step)| step).collect(),
            refused: self.refused,
            notes: self.notes,
        }
    }

    fn push(&mut self, phase: Phase, path: AttrPath, action: Action, risk: Risk) {
        self.steps.push((phase, Step { path, action, risk }));
    }

    fn top_level(&mut self) {
        let root = AttrPath::root();
        let members = self.members(&self.stored.attr_defs, &self.wanted.attr_defs, &root, &root);
        let pairs: Vec<(&AttrDef, &AttrDef, Needs)> = members
            .pairs
            .iter()
            .map(|(stored, wanted)| (*stored, *wanted, self.needs(stored, wanted)))
            .collect();
        let staying = staying(&members, &pairs);
        for (stored, to) in &members.elsewhere {
            let path = root.child(&stored.name);
            self.refused.push(words::moved_elsewhere(path, to));
        }
        for (stored, wanted, needs) in pairs {
            self.pair(stored, wanted, needs, &staying);
        }
        for stored in members.gone {
            if self.wishes.additions_only {
                self.left += 1;
            } else {
                let path = root.child(&stored.name);
                self.remove(path);
            }
        }
        for wanted in members.new {
            let is_there = self.stored_names.contains(wanted.name.as_str());
            if is_there && self.wishes.additions_only {
                self.left += 1;
            } else if staying.contains(wanted.name.as_str()) {
                self.refused
                    .push(words::name_in_use(root.child(&wanted.name)));
            } else {
                self.add_new(wanted);
            }
        }
    }

    /// Adds an attribute that nothing is copied to.
    fn add_new(&mut self, wanted: &AttrDef) {
        let path = AttrPath::root().child(&wanted.name);
        let is_there = self.stored_names.contains(wanted.name.as_str());
        let phase = later(is_there, Phase::Additions);
        if self.wishes.is_empty {
            let action = Action::Add(own_def(wanted, &wanted.name));
            self.push(phase, path, action, Risk::Safe);
            return;
        }
        for path in self.add(wanted, &wanted.name, phase) {
            self.notes.push(words::required_on_new(&path));
        }
    }

    /// Adds `wanted` under `name`, without `required` as there may be records, and returns where that was taken off.
    fn add(&mut self, wanted: &AttrDef, name: &str, phase: Phase) -> Vec<AttrPath> {
        let mut def = own_def(wanted, name);
        let path = AttrPath::root().child(name);
        let mut tightenings = Vec::new();
        take_required(&mut def, &path, &mut tightenings);
        self.push(phase, path, Action::Add(def), Risk::Safe);
        let required = tightenings.iter().map(|step| step.path.clone()).collect();
        // A spare never becomes what is wanted.
        if name == wanted.name {
            let tightenings = tightenings.into_iter();
            self.steps
                .extend(tightenings.map(|step| (Phase::Tightenings, step)));
        }
        required
    }

    /// An attribute that is stored and wanted, perhaps under another name.
    fn pair(
        &mut self,
        stored: &AttrDef,
        wanted: &AttrDef,
        mut needs: Needs,
        staying: &BTreeSet<&str>,
    ) {
        let path = AttrPath::root().child(&stored.name);
        let is_renamed = stored.name != wanted.name;
        if self.wishes.additions_only {
            let all = needs.refused.len() + needs.steps.len() + usize::from(is_renamed);
            needs.refused.retain(|refused| self.is_addition(refused));
            self.left += all - needs.refused.len();
            let refused = needs.refused.into_iter().map(words::without_rebuild);
            self.refused.extend(refused);
            return;
        }
        let wished = self.wishes.rebuild.iter();
        let is_wished = wished
            .filter_map(|path| path.0.first())
            .any(|top| top.name == stored.name);
        let helps = needs.refused.iter().any(|it| it.rebuild.is_some());
        let can_move =
            !needs.loses_member && (!is_renamed || !staying.contains(stored.name.as_str()));
        if can_move && (is_renamed || is_wished && helps) {
            self.rebuild(stored, wanted, needs);
            return;
        }
        if is_renamed {
            self.refused.push(words::rename_blocked(path, &wanted.name));
        }
        for (_, step) in &needs.steps {
            if step.action == Action::Remove {
                self.removed.push(step.path.clone());
            }
        }
        self.steps.extend(needs.steps);
        self.refused.extend(needs.refused);
    }

    /// Whether what is refused would have added something below what is there.
    fn is_addition(&self, refused: &Refused) -> bool {
        self.stored.get(&refused.path).is_none()
    }

    /// Adds the attribute anew, copies its values and removes the old one: by way of a spare when the name is still in
    /// use. Also when there are no records: some may come before it is done.
    fn rebuild(&mut self, stored: &AttrDef, wanted: &AttrDef, needs: Needs) {
        let root = AttrPath::root();
        let (from, to) = (root.child(&stored.name), root.child(&wanted.name));
        let is_there = self.stored_names.contains(wanted.name.as_str());
        self.remove(from.clone());
        if is_there {
            let spare = self.spare(&wanted.name);
            let by_way_of = root.child(&spare);
            self.add(wanted, &spare, Phase::Additions);
            let renamed = renamed_members(&needs.pairs);
            self.copy(Phase::Copies, &from, &by_way_of, renamed);
            self.add(wanted, &wanted.name, Phase::LaterAdditions);
            self.copy(Phase::LaterCopies, &by_way_of, &to, Vec::new());
            let remove = Action::Remove;
            self.push(Phase::LastRemovals, by_way_of, remove, Risk::Destructive);
        } else {
            self.add(wanted, &wanted.name, Phase::Additions);
            let renamed = renamed_members(&needs.pairs);
            self.copy(Phase::Copies, &from, &to, renamed);
        }
        self.notes
            .extend(words::of_a_rebuild(stored, &to, is_there));
        let gone = needs.gone.iter().map(words::not_copied);
        self.notes.extend(gone);
        let retyped = needs.retyped.iter();
        self.notes
            .extend(retyped.map(|(path, to)| words::perhaps_not_copied(path, to)));
        self.moved.extend(needs.pairs);
    }

    /// Removes a stored top-level attribute: when all else is done, unless another gets its name and waits for it.
    fn remove(&mut self, path: AttrPath) {
        self.removed.push(path.clone());
        let phase = if self.wanted.get(&path).is_some() {
            Phase::Removals
        } else {
            Phase::LastRemovals
        };
        self.push(phase, path, Action::Remove, Risk::Destructive);
    }

    fn copy(
        &mut self,
        phase: Phase,
        from: &AttrPath,
        to: &AttrPath,
        renamed: Vec<(AttrPath, AttrPath)>,
    ) {
        let to = to.clone();
        let action = Action::CopyValues { to, renamed };
        self.push(phase, from.clone(), action, Risk::Checked);
    }

    /// A name that no attribute has or will have, after the one that is wanted.
    fn spare(&mut self, name: &str) -> String {
        let candidates = std::iter::once("_new".to_owned())
            .chain((2_u32..).map(|number| format!("_new{number}")))
            .map(|ending| {
                let mut end = name.len().min(MAX_NAME.saturating_sub(ending.len()));
                while !name.is_char_boundary(end) {
                    end -= 1;
                }
                format!("{}{ending}", &name[..end])
            });
        let mut free =
            candidates.filter(|name| !self.taken.contains(name) && !is_reserved_name(name));
        let spare = free.next().expect("there are more numbers than attributes");
        self.taken.insert(spare.clone());
        spare
    }

    /// Renames to names that are there already lead to the same names: what is stored then does not show that it is done.
    fn tell_cycles(&mut self) {
        if self.wishes.additions_only {
            return;
        }
        let wishes = self.wishes.renamed.iter();
        let is_cyclic = |(from, to): &&(AttrPath, AttrPath)| {
            from != to
                && from.0.len() == 1
                && to.0.len() == 1
                && self.wanted.get(from).is_some()
                && self.stored.get(from).is_some()
                && self.stored.get(to).is_some()
        };
        let cyclic: Vec<&AttrPath> = wishes.filter(is_cyclic).map(|(from, _)| from).collect();
        if !cyclic.is_empty() {
            let is_shown = !diff::diff(self.stored, self.wanted).is_empty();
            self.notes.push(words::not_repeatable(&cyclic, is_shown));
        }
    }

    /// A rule or combined uniqueness goes before what it names, and comes again when all of that is still there.
    fn property(&mut self, property: &Property) {
        let is_removed = |path: &AttrPath| self.removed.iter().any(|gone| path.starts_with(gone));
        let Some(first) = property.attributes.iter().find(|path| is_removed(path)) else {
            return;
        };
        let becomes = |path: &AttrPath| {
            if is_removed(path) {
                self.moved.get(path).cloned()
            } else {
                Some(path.clone())
            }
        };
        let then: Option<Vec<AttrPath>> = property.attributes.iter().map(becomes).collect();
        let remove = Action::RemoveProperty(property.clone());
        let first = first.clone();
        self.push(
            Phase::PropertyRemovals,
            first.clone(),
            remove,
            Risk::Destructive,
        );
        let Some(attributes) = then else {
            self.notes.push(words::property_goes(property));
            return;
        };
        self.notes.push(words::property_comes_again(property));
        let path = self.moved.get(&first).cloned().unwrap_or(first);
        let again = Action::AddProperty(Property {
            uuid: String::new(),
            attributes,
            ..property.clone()
        });
        self.push(Phase::PropertyAdditions, path, again, Risk::Checked);
    }

    /// Which of the stored members became which of the wanted ones.
    fn members(
        &self,
        stored: &'a [AttrDef],
        wanted: &'a [AttrDef],
        stored_path: &AttrPath,
        wanted_path: &AttrPath,
    ) -> Members<'a> {
        let is_top = stored_path.is_root();
        let mut free = diff::own_by_name(wanted, is_top);
        let stored = diff::own_by_name(stored, is_top);
        let mut members = Members::default();
        let mut rest = Vec::new();
        for (name, def) in stored {
            let wish = self.renamed.get(&stored_path.child(name)).copied();
            let is_here = |to: &&AttrPath| to.parent().as_ref() == Some(wanted_path);
            let here = wish.filter(is_here).and_then(AttrPath::name);
            if let Some(other) = here.and_then(|name| free.remove(name)) {
                members.pairs.push((def, other));
            } else if let Some(to) = wish.filter(|to| !is_here(to) && self.wanted.get(to).is_some())
            {
                members.elsewhere.push((def, to));
            } else {
                rest.push(def);
            }
        }
        for def in rest {
            match free.remove(def.name.as_str()) {
                Some(other) => members.pairs.push((def, other)),
                None => members.gone.push(def),
            }
        }
        members.pairs.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        members.new = free.into_values().collect();
        members
    }

    /// What a top-level attribute needs; its own name is not looked at.
    fn needs(&self, stored: &'a AttrDef, wanted: &'a AttrDef) -> Needs {
        let root = AttrPath::root();
        let mut needs = Needs::default();
        let (from, to) = (root.child(&stored.name), root.child(&wanted.name));
        self.compare(stored, wanted, &from, &to, &mut needs);
        needs
    }

    fn compare(
        &self,
        stored: &'a AttrDef,
        wanted: &'a AttrDef,
        from: &AttrPath,
        to: &AttrPath,
        needs: &mut Needs,
    ) {
        needs.pairs.push((from.clone(), to.clone()));
        let aspects = diff::aspects(stored, wanted);
        let is_retyped = stored.attr_type.name() != wanted.attr_type.name();
        for aspect in aspects {
            match aspect {
                // They are meant for the other type.
                Aspect::Constraints(..) if is_retyped => {}
                Aspect::Constraints(before, after) => self.constrain(from, before, after, needs),
                Aspect::Description(before, after) => {
                    let action = Action::SetDescription { before, after };
                    needs.push(Phase::Descriptions, from, action, Risk::Safe);
                }
                other => needs.refused.push(words::unchangeable(from, &other)),
            }
        }
        if is_retyped {
            let type_name = wanted.attr_type.name().to_owned();
            needs.retyped.push((from.clone(), type_name));
        }
        if diff::holds_members(stored) && diff::holds_members(wanted) {
            let before = (needs.steps.len(), needs.refused.len());
            self.compare_members(stored, wanted, from, to, needs);
            if is_retyped {
                // What is refused says it all, but for what would be in the way of a rebuild too: the members of a
                // plural are not those of an object.
                needs.steps.truncate(before.0);
                let inner = needs.refused.split_off(before.1);
                let stuck = inner.into_iter().filter(|it| it.rebuild.is_none());
                needs.refused.extend(stuck);
            }
        }
    }

    fn constrain(
        &self,
        path: &AttrPath,
        before: Vec<Constraint>,
        after: Vec<Constraint>,
        needs: &mut Needs,
    ) {
        let grows = after.iter().any(|constraint| !before.contains(constraint));
        let (phase, risk) = match (grows, self.wishes.is_empty) {
            (true, false) => (Phase::Tightenings, Risk::Checked),
            (true, true) => (Phase::Tightenings, Risk::Safe),
            (false, _) => (Phase::Loosenings, Risk::Safe),
        };
        let action = Action::SetConstraints { before, after };
        needs.push(phase, path, action, risk);
    }

    fn compare_members(
        &self,
        stored: &'a AttrDef,
        wanted: &'a AttrDef,
        from: &AttrPath,
        to: &AttrPath,
        needs: &mut Needs,
    ) {
        let members = self.members(
            stored.attr_type.attr_defs(),
            wanted.attr_type.attr_defs(),
            from,
            to,
        );
        let is_kept = !members.pairs.is_empty() || !members.elsewhere.is_empty();
        for (stored, wanted) in &members.pairs {
            let (from, to) = (from.child(&stored.name), to.child(&wanted.name));
            if stored.name != wanted.name {
                needs
                    .refused
                    .push(words::nested_rename(&from, &wanted.name));
            }
            self.compare(stored, wanted, &from, &to, needs);
        }
        for (stored, to) in &members.elsewhere {
            let path = from.child(&stored.name);
            needs.loses_member = true;
            needs.refused.push(words::moved_elsewhere(path, to));
        }
        for stored in &members.gone {
            let path = from.child(&stored.name);
            if is_kept {
                let action = Action::Remove;
                needs.push(Phase::LastRemovals, &path, action, Risk::Destructive);
            } else {
                let refused = words::last_member(&path, from, !members.new.is_empty());
                needs.refused.push(refused);
            }
            needs.gone.push(path);
        }
        for wanted in &members.new {
            needs.refused.push(words::nested_addition(from, wanted));
        }
    }
}

impl Needs {
    fn push(&mut self, phase: Phase, path: &AttrPath, action: Action, risk: Risk) {
        let path = path.clone();
        self.steps.push((phase, Step { path, action, risk }));
    }
}

/// Top-level names that stay in use although they should become free, because what has them cannot go.
fn staying<'a>(
    members: &Members<'a>,
    pairs: &[(&'a AttrDef, &'a AttrDef, Needs)],
) -> BTreeSet<&'a str> {
    let names = members.elsewhere.iter().map(|(def, _)| def.name.as_str());
    let mut staying: BTreeSet<&str> = names.collect();
    let renamed = pairs
        .iter()
        .filter(|(stored, wanted, _)| stored.name != wanted.name);
    // Who waits for which name: one that stays is in the way of another.
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut found: Vec<&str> = staying.iter().copied().collect();
    for (stored, wanted, needs) in renamed {
        let waits = waiting.entry(wanted.name.as_str()).or_default();
        waits.push(&stored.name);
        if needs.loses_member && staying.insert(&stored.name) {
            found.push(&stored.name);
        }
    }
    while let Some(name) = found.pop() {
        for stored in waiting.remove(name).unwrap_or_default() {
            if staying.insert(stored) {
                found.push(stored);
            }
        }
    }
    staying
}

fn later(is_there: bool, phase: Phase) -> Phase {
    if is_there {
        Phase::LaterAdditions
    } else {
        phase
    }
}

/// The definition that is sent to add `wanted` under `name`.
fn own_def(wanted: &AttrDef, name: &str) -> AttrDef {
    let mut def = wanted.clone();
    name.clone_into(&mut def.name);
    if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
        *inner = schema::without_reserved(inner, false);
    }
    def
}

/// Takes `required` off wherever every record would need a value, and says what sets it again. In a plural it stays:
/// there are no elements yet.
fn take_required(def: &mut AttrDef, path: &AttrPath, again: &mut Vec<Step>) {
    let full = def.constraints.clone().unwrap_or_default();
    if full.contains(&Constraint::Required) {
        let others = full.iter().filter(|it| **it != Constraint::Required);
        let others: Vec<Constraint> = others.cloned().collect();
        def.constraints = Some(others.clone()).filter(|others| !others.is_empty());
        again.push(Step {
            path: path.clone(),
            action: Action::SetConstraints {
                before: others,
                after: full,
            },
            risk: Risk::Checked,
        });
    }
    if let AttrType::Object(inner) = &mut def.attr_type {
        for def in inner {
            let path = path.child(&def.name);
            take_required(def, &path, again);
        }
    }
}

/// Of the attributes in both, the members whose paths below the top-level attribute differ because they are called
/// differently themselves.
fn renamed_members(pairs: &[(AttrPath, AttrPath)]) -> Vec<(AttrPath, AttrPath)> {
    let below = |path: &AttrPath| AttrPath(path.0[1..].to_vec());
    pairs
        .iter()
        .filter(|(from, to)| from.0.len() > 1 && from.name() != to.name())
        .map(|(from, to)| (below(from), below(to)))
        .collect()
}

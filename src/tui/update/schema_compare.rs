//! Comparing schemas: asking with what, reading it, and what comes of it: a plan, a copy, a file. Part of the root's update.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::capture::schema::EntityType;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::ask_line;
use crate::tui::overlays::ask_line::AskLine;
use crate::tui::overlays::ask_line::LineFor;
use crate::tui::overlays::choose;
use crate::tui::overlays::choose::Choose;
use crate::tui::overlays::choose::Of;
use crate::tui::overlays::choose::Row;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::menu;
use crate::tui::overlays::menu::Choice;
use crate::tui::overlays::menu::Menu;
use crate::tui::overlays::schema_compare::Action;
use crate::tui::overlays::schema_compare::CompareSheet;
use crate::tui::overlays::schema_compare::Other;
use crate::tui::overlays::schema_compare::Side;
use crate::tui::schema_text::SchemaText;
use crate::tui::schema_text::Source;
use crate::tui::schema_text::placed;
use crate::tui::update::copying;
use crate::tui::update::replay;
use crate::tui::update::schema_plan;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::Output;

/// With what a schema can be compared: a letter, a title, and what it means.
const WITH: [(char, &str, &str, With); 5] = [
    (
        'c',
        "What is stored",
        "the changes of this design",
        With::Stored,
    ),
    (
        't',
        "Another entity type",
        "of this environment",
        With::Type,
    ),
    (
        'e',
        "Another environment",
        "the same entity type there",
        With::Environment,
    ),
    ('f', "A file", "a schema or attr_defs as JSON", With::File),
    (
        'v',
        "What was copied",
        "a schema or attr_defs as JSON",
        With::Copied,
    ),
];

/// With what a schema can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum With {
    Stored,
    Type,
    Environment,
    File,
    Copied,
}

/// Asks with what the design that is shown is compared.
pub(super) fn show(model: &mut Model) {
    if model.schema.desk().is_none() {
        let reason = "choose an entity type first: <app.types>, then <types.choose>";
        return model.say(Tone::Refusal, reason);
    }
    let choices = WITH.map(|(key, title, note, _)| Choice::new(key, title, note));
    let menu = Menu::new("Compare with", choices);
    model.overlays.push(Overlay::CompareWith(menu));
}

/// A key while it is asked with what.
pub(super) fn menu_replied(model: &mut Model, reply: menu::Reply, effects: &mut Vec<Effect>) {
    if reply == menu::Reply::Open {
        return;
    }
    model.overlays.pop();
    if let menu::Reply::Chosen(at) = reply {
        chosen(model, at, effects);
    }
}

/// A key while something is chosen from a list.
pub(super) fn choose_replied(
    model: &mut Model,
    of: Of,
    reply: choose::Reply,
    effects: &mut Vec<Effect>,
) {
    if reply == choose::Reply::Open {
        return;
    }
    model.overlays.pop();
    let choose::Reply::Chosen(at, name) = reply else {
        if of == Of::Replay {
            replay::dropped(model);
        }
        return;
    };
    match of {
        Of::Types => type_chosen(model, name, effects),
        Of::Environments => environment_chosen(model, name, effects),
        Of::Unfinished => schema_plan::unfinished_chosen(model, at),
        Of::Replay => replay::chosen(model, at, effects),
    }
}

/// A key while a line is typed.
pub(super) fn line_replied(
    model: &mut Model,
    then: LineFor,
    reply: ask_line::Reply,
    effects: &mut Vec<Effect>,
) {
    if reply == ask_line::Reply::Open {
        return;
    }
    model.overlays.pop();
    let ask_line::Reply::Given(line) = reply else {
        return;
    };
    match then {
        LineFor::Values => schema_plan::file_named(model, line, effects),
        LineFor::Compare => file_named(model, line, effects),
        LineFor::Comparison => comparison_named(model, line, effects),
    }
}

fn chosen(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    match WITH[at].3 {
        With::Stored => with_stored(model),
        With::Type => ask_type(model),
        With::Environment => ask_environment(model),
        With::File => {
            let about = "A schema as the service tells it, or a list of attr_defs.".to_owned();
            let ask = AskLine::new("Compare with the file", about, "", LineFor::Compare);
            model.overlays.push(Overlay::AskLine(Box::new(ask)));
        }
        With::Copied => {
            model.comparing = Some(Other::Copied);
            effects.push(Effect::ReadSchema(Source::Copied));
        }
    }
}

/// The design that is shown, with a name that says what it is.
fn design(model: &Model) -> Option<Side> {
    let design = &model.schema.desk()?.design;
    let name = &design.tree().name;
    let is_changed = design.can_undo();
    let name = match design.stored() {
        None if name.is_empty() => "new entity type".to_owned(),
        None => format!("{name} (new)"),
        Some(_) if is_changed => format!("{name} as designed"),
        Some(_) => name.clone(),
    };
    Some(Side {
        name,
        schema: Arc::new(design.wanted()),
    })
}

fn with_stored(model: &mut Model) {
    let stored = model.schema.desk().and_then(|desk| desk.design.stored());
    let Some(stored) = stored.map(Arc::clone) else {
        return model.say(Tone::Refusal, "a new entity type is not stored yet");
    };
    let Some(b) = design(model) else {
        return;
    };
    let a = Side {
        name: format!("{} as stored", stored.name),
        schema: stored,
    };
    open(model, CompareSheet::new(a, b, Other::Own));
}

fn ask_type(model: &mut Model) {
    let own = model.session.type_name.clone();
    let is_new = model
        .schema
        .desk()
        .is_some_and(|desk| desk.design.stored().is_none());
    let names = model.types.names().iter();
    let others: Vec<_> = names
        .filter(|name| is_new || Some(*name) != own.as_ref())
        .map(|name| Row::new(name, ""))
        .collect();
    ask_one_of(
        model,
        "Compare with which entity type?",
        others,
        Of::Types,
        "there is no other entity type here",
    );
}

fn ask_environment(model: &mut Model) {
    let others = model.session.environments.iter();
    let others = others.map(|other| Row::new(&other.name, "")).collect();
    ask_one_of(
        model,
        "Compare with which environment?",
        others,
        Of::Environments,
        "the configuration names no other environment",
    );
}

fn ask_one_of(model: &mut Model, title: &'static str, rows: Vec<Row>, of: Of, none: &str) {
    if rows.is_empty() {
        return model.say(Tone::Refusal, none);
    }
    let choose = Choose::new(title, rows, of);
    model.overlays.push(Overlay::Choose(choose));
}

/// The other entity type was chosen: it is asked for unless it is there.
fn type_chosen(model: &mut Model, name: String, effects: &mut Vec<Effect>) {
    if let Some(schema) = model.session.schemas.get(&name).map(Arc::clone) {
        return compare(model, name.clone(), schema, Other::Type(name));
    }
    model.comparing = Some(Other::Type(name.clone()));
    let title = format!("entityType {name}");
    let mut fx = model.fx(Owner::Compare, effects);
    fx.run(title, Job::LoadType(name), true);
}

/// The other environment was chosen: the same entity type is asked for there.
fn environment_chosen(model: &mut Model, environment: String, effects: &mut Vec<Effect>) {
    let name = model
        .schema
        .desk()
        .map(|desk| desk.design.tree().name.clone());
    let Some(type_name) = name.filter(|name| !name.is_empty()) else {
        return model.say(Tone::Refusal, "give the new entity type a name first");
    };
    model.comparing = Some(Other::Environment(environment.clone()));
    let title = format!("{type_name} of {environment}");
    let job = Job::LoadTypeFrom {
        environment,
        type_name,
    };
    model.fx(Owner::Compare, effects).run(title, job, true);
}

/// The file was named: it is read.
fn file_named(model: &mut Model, file: String, effects: &mut Vec<Effect>) {
    model.say(Tone::Plain, format!("reading {file}"));
    model.comparing = Some(Other::File(file.clone()));
    effects.push(Effect::ReadSchema(Source::File(file)));
}

/// The schema in the file, or in what was copied, was read, or why not.
pub(super) fn schema_read(model: &mut Model, read: Result<Box<SchemaText>, String>) {
    model.message = None;
    let Some(other) = model.comparing.take() else {
        return;
    };
    let name = match &other {
        Other::File(file) => {
            let name = Path::new(file).file_name();
            name.map_or(file.clone(), |name| name.to_string_lossy().into_owned())
        }
        _ => "what was copied".to_owned(),
    };
    let schema = match read {
        Ok(schema) => schema,
        Err(reason) => return model.say(Tone::Refusal, format!("{name}: {reason}")),
    };
    let repaired = schema.repaired.clone();
    let own = model.schema.desk().map(|desk| &desk.design.tree().name);
    let schema = schema.into_type(own.map_or("", String::as_str));
    compare(model, name.clone(), Arc::new(schema), other);
    if let Some(error) = repaired {
        model.say_too(
            Tone::Plain,
            format!("{name} is repaired, {}", placed(&error)),
        );
    }
}

/// A schema to compare with came, or did not.
pub(super) fn finished(model: &mut Model, result: Result<Output, JobError>) {
    model.message = None;
    match (result, model.comparing.take()) {
        (Ok(Output::Written { file, .. }), _) => {
            let told = format!("the differences were written to {}", file.display());
            model.say(Tone::Plain, told);
        }
        (Ok(Output::Type { schema, .. }), Some(other)) => {
            let name = match &other {
                Other::Environment(environment) => format!("{environment}: {}", schema.name),
                _ => schema.name.clone(),
            };
            if matches!(other, Other::Type(_)) {
                model.keep_schema(Arc::clone(&schema));
            }
            compare(model, name, schema, other);
        }
        (other, _) => schema_plan::not_done(model, other, None),
    }
}

fn compare(model: &mut Model, name: String, schema: Arc<EntityType>, other: Other) {
    let Some(mut a) = design(model) else {
        return;
    };
    if matches!(other, Other::Environment(_)) {
        a.name = format!("{}: {}", model.session.environment, a.name);
    }
    let b = Side { name, schema };
    open(model, CompareSheet::new(a, b, other));
}

fn open(model: &mut Model, sheet: CompareSheet) {
    if sheet.is_equal() {
        model.say(Tone::Plain, "equal: both say the same");
    }
    model.compare = Some(sheet);
    model.overlays.push(Overlay::SchemaCompare);
}

fn close(model: &mut Model) {
    model
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::SchemaCompare));
    model.compare = None;
}

/// A verb of the comparison.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(sheet) = &mut model.compare else {
        return;
    };
    if sheet.act(action) {
        return;
    }
    let what = "the differences".to_owned();
    match action {
        Action::PlanToB => plan_to_b(model),
        Action::PlanToA => plan_to_a(model),
        Action::CopyMarkdown => copying::copy(what, sheet.to_markdown(), effects),
        Action::CopyJson => copying::copy(what, sheet.to_json(), effects),
        Action::Write => {
            let about = "Markdown when the name ends with .md, else JSON. The file must not exist.";
            let name = format!("{}.diff.json", sheet.a.schema.name);
            let title = "Write the differences to";
            let ask = AskLine::new(title, about.to_owned(), &name, LineFor::Comparison);
            model.overlays.push(Overlay::AskLine(Box::new(ask)));
        }
        Action::Help => {
            let help = Help::new(&model.keymap, &model.scopes(), |_| true);
            model.overlays.push(Overlay::Help(Box::new(help)));
        }
        Action::Close => close(model),
        _ => {}
    }
}

/// The file is named that the differences go into.
fn comparison_named(model: &mut Model, file: String, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.compare else {
        return;
    };
    let is_markdown = Path::new(&file)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("md"));
    let text = if is_markdown {
        sheet.to_markdown()
    } else {
        sheet.to_json()
    };
    let job = Job::WriteFile {
        file: PathBuf::from(file),
        text,
    };
    model
        .fx(Owner::Compare, effects)
        .run("writing a file", job, true);
}

/// The design becomes like B, and the plan for that is shown.
fn plan_to_b(model: &mut Model) {
    let Some(sheet) = &model.compare else {
        return;
    };
    let wanted = Arc::clone(&sheet.b.schema);
    let (other, additions_only) = (sheet.other.clone(), sheet.additions_only);
    close(model);
    if other != Other::Own {
        model.schema.become_like(&wanted, additions_only);
    }
    let is_new = model.schema.basis().is_none();
    if is_new {
        model.say(
            Tone::Plain,
            "the design is like B now: <schema.undo> takes it back",
        );
    } else {
        schema_plan::show(model);
        if other != Other::Own {
            model.say(
                Tone::Plain,
                "the design is like B now: <compare.close>, then <schema.undo> takes it back",
            );
        }
    }
}

/// B becomes like A, as far as it can be changed from here.
fn plan_to_a(model: &mut Model) {
    let Some(sheet) = &model.compare else {
        return;
    };
    let told = match &sheet.other {
        Other::Own => {
            "that would take your changes back: <compare.close>, then <schema.undo> does".to_owned()
        }
        Other::Environment(name) => {
            format!(
                "captui --env {name} changes it there: <schema.compare> compares from there too"
            )
        }
        Other::File(_) | Other::Copied => {
            "a text is not stored anywhere: <compare.plan> plans the other way".to_owned()
        }
        Other::Type(name) => {
            let (name, wanted) = (name.clone(), Arc::clone(&sheet.a.schema));
            let (stored, additions_only) = (Arc::clone(&sheet.b.schema), sheet.additions_only);
            close(model);
            model.session.type_name = Some(name.clone());
            model.schema.open(&stored);
            model.schema.become_like(&wanted, additions_only);
            schema_plan::show(model);
            let told = format!(
                "the design of {name} is like A now: <compare.close>, then <schema.undo> takes it back"
            );
            return model.say(Tone::Plain, told);
        }
    };
    model.say(Tone::Refusal, told);
}

//! `captui type`: entity types.

use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::check;
use crate::capture::schema::is_valid_name;
use crate::capture::schema::read_attr_defs;
use crate::cli::args::types::AddAttribute;
use crate::cli::args::types::Create;
use crate::cli::args::types::Delete;
use crate::cli::args::types::List as ListTypes;
use crate::cli::args::types::RemoveAttribute;
use crate::cli::args::types::SetConstraints;
use crate::cli::args::types::Show as ShowType;
use crate::cli::args::types::TypeCommand;
use crate::cli::commands::record::remove;
use crate::cli::confirm::Stakes;
use crate::cli::confirm::before;
use crate::cli::input;
use crate::cli::items;
use crate::cli::output;
use crate::cli::output::list::Form;
use crate::cli::output::list::List;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::cli::session::unexpected;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// The longest description shown in a table, in screen cells.
const LONGEST: usize = 60;

/// Carries out a command.
pub(in crate::cli) async fn run(command: TypeCommand, session: &Session) -> Result<(), Stop> {
    match command {
        TypeCommand::List(list) => list_types(list, session).await,
        TypeCommand::Show(show) => show_type(show, session).await,
        TypeCommand::Create(create) => create_type(create, session).await,
        TypeCommand::Delete(delete) => delete_type(delete, session).await,
        TypeCommand::AddAttribute(add) => add_attribute(add, session).await,
        TypeCommand::RemoveAttribute(remove) => remove_attribute(remove, session).await,
        TypeCommand::SetConstraints(set) => set_constraints(set, session).await,
        TypeCommand::SetDescription(set) => {
            let description = Json::from(set.description).to_string();
            let request = about(
                Endpoint::TypeSetAttributeDescription,
                set.name,
                &set.attribute,
            )
            .with("description", description);
            session.change(request, set.sending, "set").await
        }
        TypeCommand::SetPasswordSettings(set) => {
            let settings: Json = [("historySize", Json::from(i64::from(set.history_size)))]
                .into_iter()
                .collect();
            let request = ApiRequest::new(Endpoint::TypeSetPasswordSettings)
                .with("type_name", set.name)
                .with("settings", settings.to_string());
            session.change(request, set.sending, "set").await
        }
        TypeCommand::Versions(versions) => {
            let request = ApiRequest::new(Endpoint::VersionsEntityType)
                .with("type_name", versions.name)
                .with("timestamp", versions.at);
            let show = |answer: &Json| Ok(output::print(&described(answer))?);
            session.send(request, versions.sending, show).await
        }
    }
}

/// The call of `endpoint` about one attribute of a type.
fn about(endpoint: Endpoint, type_name: String, attribute: &AttrPath) -> ApiRequest {
    ApiRequest::new(endpoint)
        .with("type_name", type_name)
        .with("attribute_name", attribute.slashed())
}

async fn list_types(list: ListTypes, session: &Session) -> Result<(), Stop> {
    let form = list.listing.form(session.json());
    let show = move |answer: &Json| {
        let names = answer.get("results").and_then(Json::as_array);
        let names = names.ok_or_else(unexpected)?;
        let mut rows = List::new(&["type_name"]);
        for name in names {
            rows.push(
                vec![name.clone()],
                [("type_name", name.clone())].into_iter().collect(),
            );
        }
        // A single column needs no heading, and lines of names are of use as they are.
        let form = match form {
            Form::Table if !list.listing.table => Form::Names,
            form => form,
        };
        Ok(rows.print(form, LONGEST)?)
    };
    session
        .send(ApiRequest::new(Endpoint::TypeList), list.sending, show)
        .await
}

async fn show_type(show: ShowType, session: &Session) -> Result<(), Stop> {
    let form = show.listing.form(session.json());
    let tell = move |answer: &Json| {
        let (schema, problems) = EntityType::from_json(answer).map_err(|_| unexpected())?;
        for problem in problems {
            output::note(&format!("the schema: {problem}"));
        }
        Ok(attributes(&schema).print(form, LONGEST)?)
    };
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", show.name);
    session.send(request, show.sending, tell).await
}

async fn create_type(create: Create, session: &Session) -> Result<(), Stop> {
    let text = input::text_or_stdin(&create.attr_defs)?;
    if !create.no_check {
        refuse_problems(Some(&create.name), &input::json("--attr-defs", &text)?)?;
    }
    let request = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", create.name)
        .with("attr_defs", text.trim());
    let show = |answer: &Json| Ok(output::print(&described(answer))?);
    session.send(request, create.sending, show).await
}

async fn delete_type(delete: Delete, session: &Session) -> Result<(), Stop> {
    let records = remove::counted(&delete.name, None, session).await?;
    if delete.sending.is_sent() {
        let what = format!(
            "delete the entity type `{}` with {records} for good",
            delete.name
        );
        before(Stakes::Loss, &what, &delete.name, &delete.answers, session)?;
    } else {
        output::note(&format!("`{}` has {records}", delete.name));
    }
    let request = ApiRequest::new(Endpoint::TypeDelete)
        .with("type_name", delete.name)
        .with("commit", "true");
    session.change(request, delete.sending, "deleted").await
}

async fn add_attribute(add: AddAttribute, session: &Session) -> Result<(), Stop> {
    let mut def = match &add.attr_def {
        Some(def) => input::object("--attr-def", &input::text_or_stdin(def)?)?,
        None => Json::Object(Object::new()),
    };
    let faults = items::put(&mut def, &add.items, None);
    if !faults.is_empty() {
        let message = format!("nothing was sent: {}", faults.join("; "));
        return Err(Failure::new(FailureKind::Usage, message).into());
    }
    if !add.no_check {
        refuse_problems(None, &Json::Array(vec![def.clone()]))?;
    }
    let request = ApiRequest::new(Endpoint::TypeAddAttribute)
        .with("type_name", add.name)
        .with("attr_def", def.to_string());
    session.change(request, add.sending, "added").await
}

async fn remove_attribute(remove: RemoveAttribute, session: &Session) -> Result<(), Stop> {
    if remove.sending.is_sent() {
        let RemoveAttribute {
            name,
            attribute,
            answers,
            ..
        } = &remove;
        let what =
            format!("remove {attribute} from `{name}`, with its values in all records, for good");
        before(
            Stakes::Loss,
            &what,
            &attribute.to_string(),
            answers,
            session,
        )?;
    }
    let request = about(
        Endpoint::TypeRemoveAttribute,
        remove.name,
        &remove.attribute,
    );
    session.change(request, remove.sending, "removed").await
}

async fn set_constraints(set: SetConstraints, session: &Session) -> Result<(), Stop> {
    for word in &set.constraints {
        let known = Constraint::ALL.iter().map(Constraint::name);
        if let Constraint::Other(_) = Constraint::from(word.as_str()) {
            let meant = match nearest(word, known) {
                Some(meant) => format!("; did you mean `{meant}`?"),
                None => String::new(),
            };
            output::note(&format!(
                "`{word}` is no constraint that captui knows{meant}"
            ));
        }
    }
    let constraints = set.constraints.iter().map(|word| Json::from(word.as_str()));
    let request = about(
        Endpoint::TypeSetAttributeConstraints,
        set.name,
        &set.attribute,
    )
    .with(
        "constraints",
        Json::Array(constraints.collect()).to_string(),
    );
    session.change(request, set.sending, "set").await
}

/// What the service made of the definitions; the answer itself when that cannot be read.
fn described(answer: &Json) -> String {
    EntityType::from_json(answer).map_or_else(
        |_| output::pretty(answer),
        |(schema, _)| attributes(&schema).to_table(LONGEST),
    )
}

/// The attributes, each by its dotted name.
fn attributes(schema: &EntityType) -> List {
    let mut list = List::new(&["ATTRIBUTE", "TYPE", "CONSTRAINTS", "DESCRIPTION"]);
    for (path, def) in schema.walk() {
        let constraints = def.constraints.iter().flatten().map(Constraint::name);
        let features = def.features.iter().flatten().map(Feature::name);
        let cells = [
            path.dotted(),
            def.attr_type.describe(),
            constraints.chain(features).collect::<Vec<_>>().join(", "),
            def.description.clone().unwrap_or_default(),
        ];
        let mut json = def.to_json();
        if let Some(members) = json.as_object_mut() {
            // A line each: what it holds has lines of its own.
            members.shift_remove("attr_defs");
            members.shift_insert(0, "path".to_owned(), path.dotted().into());
        }
        list.push(cells.map(Json::from).to_vec(), json);
    }
    list
}

/// Everything wrong with the definitions as one failure.
fn refuse_problems(name: Option<&str>, attr_defs: &Json) -> Result<(), Failure> {
    let mut problems = Vec::new();
    if let Some(name) = name.filter(|name| !is_valid_name(name)) {
        problems.push(SchemaProblem {
            path: AttrPath::root(),
            reason: format!("`{name}` cannot be a name: a letter, then letters, digits and `_`"),
        });
    }
    let is_whole_schema = matches!(attr_defs, Json::Object(_));
    let (attr_defs, unreadable) = read_attr_defs(attr_defs);
    problems.extend(unreadable);
    problems.extend(check(&attr_defs));
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(SchemaProblem::to_string).collect();
    let failure = Failure::new(
        FailureKind::Usage,
        format!(
            "nothing was sent: {}\n{}",
            count(lines.len(), "problem"),
            lines.join("\n")
        ),
    );
    Err(if is_whole_schema && name.is_some() {
        failure.hint("a whole schema becomes a type with: captui schema import FILE --name NAME")
    } else {
        failure.hint("--no-check sends it anyway")
    })
}

/// `1 problem`, `2 problems`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_problem() {
        let attr_defs = Json::parse(
            r#"[{"name":"a","type":"string"},{"name":"a","type":"string"},{"type":"x"}]"#,
        )
        .expect("JSON");
        let failure = refuse_problems(Some("1"), &attr_defs).expect_err("wrong in many ways");
        assert_eq!(failure.kind, FailureKind::Usage);
        assert!(failure.message.lines().count() > 3, "{}", failure.message);
        let fine = Json::parse(r#"[{"name":"a","type":"string","length":5}]"#).expect("JSON");
        assert_eq!(refuse_problems(Some("user_test"), &fine), Ok(()));
    }

    #[test]
    fn shows_a_type_with_its_members() {
        let answer = r#"{"schema":{"name":"t","attr_defs":[
            {"name":"id","type":"id","description":"simple identifier"},
            {"name":"photos","type":"plural","attr_defs":[
                {"name":"value","type":"string","length":20,"constraints":["required","unique"]}]}]}}"#;
        assert_eq!(
            described(&Json::parse(answer).expect("JSON")),
            "ATTRIBUTE     TYPE        CONSTRAINTS       DESCRIPTION\n\
             id            id                            simple identifier\n\
             photos        plural\n\
             photos.value  string(20)  required, unique\n"
        );
    }
}

//! `captui type`: entity types.

use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::check;
use crate::capture::schema::is_valid_name;
use crate::capture::schema::read_attr_defs;
use crate::cli::args::types::TypeCommand;
use crate::cli::input;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// The longest description shown in a table, in screen cells.
const LONGEST: usize = 60;

/// Carries out a command.
pub(in crate::cli) async fn run(command: TypeCommand, session: &Session) -> Result<(), Stop> {
    match command {
        TypeCommand::List => list(session).await,
        TypeCommand::Show { name } => {
            let (schema, exchange) = session.entity_type(&name).await?;
            session.print(&exchange, |_| describe(&schema))
        }
        TypeCommand::Create {
            name,
            attr_defs,
            no_check,
        } => {
            let text = input::text_or_stdin(&attr_defs)?;
            if !no_check {
                refuse_problems(&name, &input::json("--attr-defs", &text)?)?;
            }
            let request = ApiRequest::new(Endpoint::TypeCreate)
                .with("type_name", name)
                .with("attr_defs", text.trim());
            session.call(request, show_created).await
        }
    }
}

async fn list(session: &Session) -> Result<(), Stop> {
    match session.run(Job::ListTypes).await? {
        Output::Types { names, exchange } => session.print(&exchange, |_| names.join("\n")),
        other => unreachable!("listing types gives names, not {other:?}"),
    }
}

/// What the service made of the definitions; the answer itself when that cannot be read.
fn show_created(answer: &Json) -> String {
    EntityType::from_json(answer)
        .map_or_else(|_| output::pretty(answer), |(schema, _)| describe(&schema))
}

fn describe(schema: &EntityType) -> String {
    let rows: Vec<Vec<String>> = schema
        .walk()
        .into_iter()
        .map(|(path, def)| {
            let constraints = def.constraints.iter().flatten().map(Constraint::name);
            let features = def.features.iter().flatten().map(Feature::name);
            vec![
                path.dotted(),
                def.attr_type.describe(),
                constraints.chain(features).collect::<Vec<_>>().join(", "),
                def.description.clone().unwrap_or_default(),
            ]
        })
        .collect();
    table(
        &["ATTRIBUTE", "TYPE", "CONSTRAINTS", "DESCRIPTION"],
        &rows,
        LONGEST,
    )
}

/// Everything wrong with the definitions as one failure.
fn refuse_problems(name: &str, attr_defs: &Json) -> Result<(), Failure> {
    let mut problems = Vec::new();
    if !is_valid_name(name) {
        problems.push(SchemaProblem {
            path: AttrPath::root(),
            reason: format!("`{name}` cannot be a name: a letter, then letters, digits and `_`"),
        });
    }
    let (attr_defs, unreadable) = read_attr_defs(attr_defs);
    problems.extend(unreadable);
    problems.extend(check(&attr_defs));
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(SchemaProblem::to_string).collect();
    Err(Failure::new(
        FailureKind::Usage,
        format!(
            "nothing was sent: {}\n{}",
            count(lines.len(), "problem"),
            lines.join("\n")
        ),
    )
    .hint("--no-check sends it anyway"))
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
        let failure = refuse_problems("1", &attr_defs).expect_err("wrong in many ways");
        assert_eq!(failure.kind, FailureKind::Usage);
        assert!(failure.message.lines().count() > 3, "{}", failure.message);
        let fine = Json::parse(r#"[{"name":"a","type":"string","length":5}]"#).expect("JSON");
        assert_eq!(refuse_problems("user_test", &fine), Ok(()));
    }

    #[test]
    fn shows_a_type_with_its_members() {
        let answer = r#"{"schema":{"name":"t","attr_defs":[
            {"name":"id","type":"id","description":"simple identifier"},
            {"name":"photos","type":"plural","attr_defs":[
                {"name":"value","type":"string","length":20,"constraints":["required","unique"]}]}]}}"#;
        assert_eq!(
            show_created(&Json::parse(answer).expect("JSON")),
            "ATTRIBUTE     TYPE        CONSTRAINTS       DESCRIPTION\n\
             id            id                            simple identifier\n\
             photos        plural\n\
             photos.value  string(20)  required, unique\n"
        );
    }
}

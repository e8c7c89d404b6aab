//! `captui schema rules`: the rules and combined uniquenesses of a type, listed, added, removed.

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::property::read_properties;
use crate::cli::args::schema::AddRule;
use crate::cli::args::schema::RulesCommand;
use crate::cli::args::schema::Target;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;

/// The longest cell of the table.
const LONGEST: usize = 80;

pub(super) async fn rules(
    command: &RulesCommand,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let session =
        |target: &Target| Session::new(target.environment.as_deref().or(environment), json);
    match command {
        RulesCommand::List { target } => {
            let session = session(target)?;
            let answer = session.properties(&target.type_name).await??;
            if json {
                output::print_json(&answer)?;
            } else {
                output::print(&table(&answer))?;
            }
            Ok(())
        }
        RulesCommand::Add(add) => {
            let request = ApiRequest::new(Endpoint::TypeAddProperty)
                .with("type_name", add.target.type_name.as_str())
                .with("property", property(add).to_json().to_string());
            session(&add.target)?.call(request, added).await
        }
        RulesCommand::Remove { target, uuid } => {
            let request = ApiRequest::new(Endpoint::TypeRemoveProperty)
                .with("type_name", target.type_name.as_str())
                .with("uuid", uuid.as_str());
            let told = |_: &Json| format!("removed {uuid}");
            session(target)?.call(request, told).await
        }
    }
}

fn property(add: &AddRule) -> Property {
    Property {
        uuid: String::new(),
        kind: match add.rule {
            Some(_) => PropertyKind::Rule,
            None => PropertyKind::Unique,
        },
        attributes: add.on.clone(),
        // A rule without argument is written as its name.
        definition: add.rule.as_deref().map(|rule| {
            let json = Json::parse(rule).ok();
            json.filter(|it| it.as_object().is_some() || it.as_str().is_some())
                .unwrap_or_else(|| rule.into())
        }),
        description: add.description.clone(),
    }
}

fn added(answer: &Json) -> String {
    let result = answer.get("result").unwrap_or(answer);
    match Property::from_json(result) {
        Ok(property) => format!("{}  {}", property.uuid, property.describe()),
        Err(_) => output::pretty(answer),
    }
}

fn table(answer: &Json) -> String {
    let (properties, problems) = read_properties(answer);
    for problem in problems {
        output::note(&format!("not shown: {problem}"));
    }
    if properties.is_empty() {
        return "no rules and no combined uniquenesses".to_owned();
    }
    let rows: Vec<Vec<String>> = properties
        .into_iter()
        .map(|property| {
            let demand = property.describe();
            vec![
                property.uuid,
                demand,
                property.description.unwrap_or_default(),
            ]
        })
        .collect();
    output::table(&["UUID", "DEMANDS", "DESCRIPTION"], &rows, LONGEST)
}

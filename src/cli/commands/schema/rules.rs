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
use crate::cli::output::list::Form;
use crate::cli::output::list::List;
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
        RulesCommand::List(list) => {
            let session = session(&list.target)?;
            let type_name = list.target.type_name.as_str();
            let answer = if list.rule_calls {
                let request = ApiRequest::new(Endpoint::TypeRules).with("type_name", type_name);
                session.ask(request).await??
            } else {
                session.properties(type_name).await??
            };
            if json {
                return Ok(output::print_json(&answer)?);
            }
            tell(&answer, list.listing.form(json))
        }
        RulesCommand::Add(add) => {
            let session = session(&add.target)?;
            session
                .send(added_by(add), add.sending, |answer| {
                    Ok(output::print(&added(answer))?)
                })
                .await
        }
        RulesCommand::Remove(remove) => {
            let endpoint = if remove.rule_calls {
                Endpoint::TypeRemoveRule
            } else {
                Endpoint::TypeRemoveProperty
            };
            let request = ApiRequest::new(endpoint)
                .with("type_name", remove.target.type_name.as_str())
                .with("uuid", remove.uuid.as_str());
            let told = |_: &Json| Ok(output::print(&format!("removed {}", remove.uuid))?);
            session(&remove.target)?
                .send(request, remove.sending, told)
                .await
        }
    }
}

/// The call that adds a rule or a combined uniqueness.
fn added_by(add: &AddRule) -> ApiRequest {
    let property = property(add);
    let type_name = add.target.type_name.as_str();
    if !add.rule_calls {
        return ApiRequest::new(Endpoint::TypeAddProperty)
            .with("type_name", type_name)
            .with("property", property.to_json().to_string());
    }
    let attributes = property.attributes.iter().map(|path| path.dotted().into());
    let mut request = ApiRequest::new(Endpoint::TypeAddRule)
        .with("type_name", type_name)
        .with("attributes", Json::Array(attributes.collect()).to_string());
    if let Some(definition) = &property.definition {
        request = request.with("definition", definition.to_string());
    }
    if let Some(description) = &property.description {
        request = request.with("description", description);
    }
    request
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

fn tell(answer: &Json, form: Form) -> Result<(), Stop> {
    let (properties, problems) = read_properties(answer);
    for problem in problems {
        output::note(&format!("not shown: {problem}"));
    }
    if properties.is_empty() && form == Form::Table {
        return Ok(output::print("no rules and no combined uniquenesses")?);
    }
    let mut list = List::new(&["UUID", "DEMANDS", "DESCRIPTION"]);
    for property in properties {
        let cells = [
            property.uuid.as_str().into(),
            property.describe().into(),
            property
                .description
                .as_deref()
                .map_or(Json::Null, Json::from),
        ];
        list.push(cells.to_vec(), property.to_json());
    }
    Ok(list.print(form, LONGEST)?)
}

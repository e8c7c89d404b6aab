//! Every operation of the published API: done, or refused in words that say so.

use captui::capture::endpoint::ENDPOINTS;
use captui::capture::endpoint::EndpointSpec;
use captui::capture::endpoint::ParamKind;
use captui::capture::endpoint::ParamSpec;
use captui::capture::endpoint::Required;

use crate::support::Home;
use crate::support::command::Sandbox;

/// What the README says is served.
const SERVED: &[&str] = &[
    "entityType.create",
    "entityType",
    "entityType.list",
    "entity.create",
    "entity",
    "entity.find",
    "entity.count",
];

#[test]
fn every_operation_is_done_or_says_that_it_is_not() {
    let home = Home::new();
    let sandbox = Sandbox::start_with(&home, &["--data", ":memory:"]);
    let mut connection = sandbox.connect();
    let some_record = [("type_name", "user_test"), ("attributes", "{}")];
    let id = sandbox.ok("entity.create", &some_record)["id"].to_string();
    let mut served = Vec::new();
    for spec in ENDPOINTS {
        let name = spec.path.trim_start_matches('/');
        let arguments = arguments(spec, &id);
        let answer = sandbox
            .call_over(&mut connection, name, &arguments)
            .expect("the sandbox answers");
        let json = answer.json();
        assert_eq!(answer.status, 200, "{name}: {json}");
        if json["stat"] == "ok" {
            served.push(name);
            continue;
        }
        let expected = format!("{name} is not in this sandbox yet");
        assert_eq!(json["code"], 480, "{name} {arguments:?}: {json}");
        assert_eq!(json["error_description"], expected.as_str());
    }
    let mut expected = SERVED.to_vec();
    served.sort_unstable();
    expected.sort_unstable();
    assert_eq!(served, expected);
    let unknown = sandbox
        .call_over(&mut connection, "entity.explode", &[])
        .expect("the sandbox answers");
    assert_eq!((unknown.status, unknown.code()), (404, Some(404)));
}

/// The arguments that the operation needs, no more: one record is chosen, by `id`.
fn arguments<'a>(spec: &EndpointSpec, id: &'a str) -> Vec<(&'static str, &'a str)> {
    spec.params
        .iter()
        .filter_map(|param| Some((param.name, argument(spec, param, id)?)))
        .collect()
}

fn argument<'a>(spec: &EndpointSpec, param: &ParamSpec, id: &'a str) -> Option<&'a str> {
    match (param.required, param.name, param.kind) {
        (Required::No, ..) => None,
        (Required::Selector, name, _) => (name == "id").then_some(id),
        (Required::Content, name, _) => (name == "attributes").then_some("{}"),
        (_, "type_name", _) if spec.path == "/entityType.create" => Some("fresh"),
        (_, "type_name", _) => Some("user_test"),
        (_, "attr_defs", _) => Some(r#"[{"name":"a","type":"string"}]"#),
        (.., ParamKind::Text | ParamKind::Integer) => Some("1"),
        (.., ParamKind::Bool) => Some("true"),
        (.., ParamKind::JsonArray) => Some("[]"),
        (.., ParamKind::Json | ParamKind::JsonObject | ParamKind::JsonOrText) => Some("{}"),
        (.., ParamKind::DateTime) => Some("2015-12-15 07:36:25"),
    }
}

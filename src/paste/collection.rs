//! Calls as a Postman collection (format 2.1), which [`crate::paste::postman`] reads back as the same calls. No secret is
//! ever part of it: who calls stands in variables. Pure; writing files is not here.

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::endpoint::EndpointSpec;
use crate::capture::endpoint::ParamKind;
use crate::capture::endpoint::ParamSpec;
use crate::capture::endpoint::Required;
use crate::capture::json::Json;

/// What says that a document is a collection of this format.
const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// A request of a collection.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name within its folder.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The path of the operation, with its slash.
    pub path: &'static str,
    /// The fields of its form.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it means; may be empty.
    pub description: String,
    /// Whether it is sent.
    pub is_on: bool,
}

/// The requests of one folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// In order.
    pub items: Vec<Item>,
}

impl Item {
    /// An operation with all its arguments. Those that it needs hold a variable of their own name; the others are off.
    fn of_operation(spec: &'static EndpointSpec) -> Self {
        Self {
            name: spec.endpoint.name().to_owned(),
            description: description(spec),
            path: spec.path,
            fields: spec.params.iter().map(field).collect(),
        }
    }
}

/// Every operation of the table, in folders by the noun of its path.
pub fn of_operations() -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for spec in ENDPOINTS {
        let name = spec.endpoint.name();
        let noun = name.split(['.', '/']).next().unwrap_or(name);
        let item = Item::of_operation(spec);
        match folders.iter_mut().find(|folder| folder.name == noun) {
            Some(folder) => folder.items.push(item),
            None => folders.push(Folder {
                name: noun.to_owned(),
                items: vec![item],
            }),
        }
    }
    folders
}

fn description(spec: &EndpointSpec) -> String {
    let permitted: Vec<&str> = spec
        .permitted
        .iter()
        .map(|feature| feature.name())
        .collect();
    let mut text = format!("{}\n\nMay be called by: ", spec.summary);
    text.push_str(&if spec.any_client {
        "any client".to_owned()
    } else {
        permitted.join(", ")
    });
    if spec.user_token {
        text.push_str("; by a user with an access token, for the own record");
    }
    text.push('.');
    text
}

fn field(param: &ParamSpec) -> Field {
    let is_on = match param.required {
        Required::Yes | Required::WithClient => true,
        // One way of choosing the record, one name for the content.
        Required::Selector => param.name == "uuid",
        Required::Content => param.name == "attributes",
        Required::No => false,
    };
    let value = if is_on {
        format!("{{{{{}}}}}", param.name)
    } else {
        param.default.unwrap_or_default().to_owned()
    };
    let kind = match param.kind {
        ParamKind::Text => "Text",
        ParamKind::Bool => "true or false",
        ParamKind::Integer => "A whole number",
        ParamKind::Json => "JSON",
        ParamKind::JsonArray => "A JSON array",
        ParamKind::JsonObject => "A JSON object",
        ParamKind::JsonOrText => "JSON, or the text of a string attribute",
        ParamKind::DateTime => "A date and time",
    };
    let need = match param.required {
        Required::Yes => " Required.",
        Required::WithClient => " Required, unless an access token calls.",
        Required::Selector | Required::Content | Required::No => "",
    };
    Field {
        name: param.name.to_owned(),
        value,
        description: format!("{kind}. {}{need}", param.meaning),
        is_on,
    }
}

/// The collection. Its requests go to `{{domain}}`, as the client `{{client_id}}`.
pub fn collection(name: &str, description: &str, folders: &[Folder]) -> Json {
    let info = object([
        ("name", Json::from(name)),
        ("description", Json::from(description)),
        ("schema", Json::from(SCHEMA)),
    ]);
    let credential = |key: &str, value: &str| {
        object([
            ("key", Json::from(key)),
            ("value", Json::from(value)),
            ("type", Json::from("string")),
        ])
    };
    let auth = object([
        ("type", Json::from("basic")),
        (
            "basic",
            Json::Array(vec![
                credential("username", "{{client_id}}"),
                credential("password", "{{client_secret}}"),
            ]),
        ),
    ]);
    let folder = |folder: &Folder| {
        object([
            ("name", Json::from(folder.name.as_str())),
            ("item", Json::Array(folder.items.iter().map(item).collect())),
        ])
    };
    object([
        ("info", info),
        ("auth", auth),
        ("item", Json::Array(folders.iter().map(folder).collect())),
    ])
}

fn item(item: &Item) -> Json {
    let path = item.path.trim_start_matches('/');
    let url = object([
        ("raw", Json::from(format!("{{{{domain}}}}/{path}").as_str())),
        ("host", Json::Array(vec![Json::from("{{domain}}")])),
        (
            "path",
            Json::Array(path.split('/').map(Json::from).collect()),
        ),
    ]);
    let body = object([
        ("mode", Json::from("urlencoded")),
        (
            "urlencoded",
            Json::Array(item.fields.iter().map(form_field).collect()),
        ),
    ]);
    let request = object([
        ("method", Json::from("POST")),
        ("header", Json::Array(Vec::new())),
        ("body", body),
        ("url", url),
        ("description", Json::from(item.description.as_str())),
    ]);
    object([
        ("name", Json::from(item.name.as_str())),
        ("request", request),
    ])
}

fn form_field(field: &Field) -> Json {
    let mut members = vec![
        ("key", Json::from(field.name.as_str())),
        ("value", Json::from(field.value.as_str())),
        ("type", Json::from("text")),
    ];
    if !field.description.is_empty() {
        members.push(("description", Json::from(field.description.as_str())));
    }
    if !field.is_on {
        members.push(("disabled", Json::from(true)));
    }
    members.into_iter().collect()
}

/// The environment that goes with a collection. Its secret is empty, for the person to put in.
pub fn environment(name: &str, domain: &str, client_id: &str) -> Json {
    let variable = |key: &str, value: &str, kind: &str| {
        object([
            ("key", Json::from(key)),
            ("value", Json::from(value)),
            ("type", Json::from(kind)),
            ("enabled", Json::from(true)),
        ])
    };
    object([
        ("name", Json::from(name)),
        (
            "values",
            Json::Array(vec![
                variable("domain", domain, "default"),
                variable("client_id", client_id, "default"),
                variable("client_secret", "", "secret"),
            ]),
        ),
        ("_postman_variable_scope", Json::from("environment")),
    ])
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    members.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::prelude::prop_assert_eq;
    use proptest::proptest;

    use super::*;
    use crate::capture::auth::CREDENTIAL_ARGS;
    use crate::capture::request::ApiRequest;
    use crate::capture::request::Args;
    use crate::curl::import::Offered;
    use crate::curl::import::Operation;
    use crate::paste;
    use crate::paste::Named;
    use crate::paste::What;

    fn read_back(folders: &[Folder]) -> Vec<Named> {
        let text = collection("Capture", "All of it", folders).pretty();
        match paste::read(&text, None).what {
            What::Collection(calls) => calls,
            other => panic!("a collection is written, not {other:?}"),
        }
    }

    #[test]
    fn every_operation_is_read_back() {
        let calls = read_back(&of_operations());
        assert_eq!(calls.len(), ENDPOINTS.len());
        for spec in ENDPOINTS {
            let call = calls
                .iter()
                .find(|call| call.call.operation == Operation::Known(spec.endpoint))
                .expect("is there");
            assert!(call.name.ends_with(&format!("/{}", spec.endpoint)));
            assert!(!call.call.lacks_data, "{}", spec.path);
            let sent: Vec<&str> = call.call.args.iter().map(|(name, _)| name).collect();
            for param in spec.params {
                let is_needed = matches!(param.required, Required::Yes | Required::WithClient);
                assert!(!is_needed || sent.contains(&param.name), "{}", spec.path);
            }
            // Nothing but what stands for a value is sent, and nobody calls but the environment's client.
            for (name, value) in call.call.args.iter() {
                assert_eq!(value, format!("{{{{{name}}}}}"));
            }
            assert!(matches!(call.call.credentials, Offered::Unusable { .. }));
        }
        let folders: Vec<String> = of_operations().into_iter().map(|it| it.name).collect();
        assert_eq!(
            folders,
            [
                "entity",
                "versions",
                "entityType",
                "clients",
                "settings",
                "access",
                "oauth"
            ]
        );
    }

    #[test]
    fn no_secret_is_part_of_an_environment() {
        let json = environment("dev", "https://h", "cid").to_string();
        assert!(json.contains("\"key\":\"client_secret\",\"value\":\"\",\"type\":\"secret\""));
    }

    fn request() -> impl Strategy<Value = ApiRequest> {
        let odd = prop::sample::select(vec![
            "@x", "=", "a=b", "{{x}}", "<x>", "+ %41&", "\0\u{1b}", "…",
        ]);
        let text = prop::strategy::Union::new([
            any::<String>().boxed(),
            odd.prop_map(str::to_owned).boxed(),
        ]);
        let pairs = prop::collection::vec((text.clone(), text), 0..5);
        (
            prop::sample::select(ENDPOINTS.iter().collect::<Vec<_>>()),
            pairs,
        )
            .prop_map(|(spec, mut pairs)| {
                pairs.retain(|(name, _)| {
                    !name.is_empty() && !CREDENTIAL_ARGS.contains(&name.as_str())
                });
                ApiRequest {
                    args: Args(pairs),
                    ..ApiRequest::new(spec.endpoint)
                }
            })
    }

    fn item_of(request: &ApiRequest, name: String) -> Item {
        let field = |(name, value): (&str, &str)| Field {
            name: name.to_owned(),
            value: value.to_owned(),
            description: String::new(),
            is_on: true,
        };
        Item {
            name,
            description: String::new(),
            path: request.endpoint.spec().path,
            fields: request.args.iter().map(field).collect(),
        }
    }

    proptest! {
        #[test]
        fn calls_come_back_as_they_were(requests in prop::collection::vec(request(), 1..4)) {
            let items = requests.iter().enumerate();
            let items = items.map(|(at, request)| item_of(request, format!("{at}"))).collect();
            let calls = read_back(&[Folder { name: "all".to_owned(), items }]);
            let back: Vec<_> = calls.iter().map(|call| (call.name.clone(), call.call.request())).collect();
            let sent: Vec<_> = requests
                .into_iter()
                .enumerate()
                .map(|(at, request)| (format!("all/{at}"), Some(request)))
                .collect();
            prop_assert_eq!(back, sent);
        }
    }
}

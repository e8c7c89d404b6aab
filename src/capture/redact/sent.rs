//! The secrets that a call carries, as values: for finding them again where they do not belong, such as in the answer of
//! a service that repeats what it was told.

use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::secret::MASK;
use crate::capture::secret::Secret;

/// The secrets of a call. Where every value of it counts as secret, since nobody knows its schema, only
/// those with a telling name: the others are data.
pub fn secrets(request: &ApiRequest) -> Vec<Secret> {
    let blanket = redact::names_written(request);
    let is_blanket = blanket
        .iter()
        .all(|name| request.secret_names.contains(name));
    if is_blanket && !blanket.is_empty() {
        return masked(&ApiRequest {
            secret_names: Vec::new(),
            ..request.clone()
        });
    }
    masked(request)
}

/// All values that are masked of a call.
pub fn masked(request: &ApiRequest) -> Vec<Secret> {
    let masked = redact::args(request);
    let mut found = Vec::new();
    for ((_, value), (_, masked)) in request.args.iter().zip(masked.iter()) {
        if value == masked {
            continue;
        }
        match (Json::parse(value), Json::parse(masked)) {
            (Ok(Json::String(text)), _) => found.push(Secret::new(text)),
            (Ok(value), Ok(masked)) => collect(&value, &masked, &mut found),
            _ if masked == MASK => found.push(Secret::new(value)),
            _ => {}
        }
    }
    found.retain(|secret| secret.reveal() != MASK);
    found
}

/// Recursion is bounded by the reader's limit.
fn collect(value: &Json, masked: &Json, found: &mut Vec<Secret>) {
    match (value, masked) {
        (Json::String(text), Json::String(mask)) if mask == MASK => {
            found.push(Secret::new(text.as_str()));
        }
        (Json::Number(number), Json::String(mask)) if mask == MASK => {
            found.push(Secret::new(number.as_str()));
        }
        (Json::Object(value), Json::Object(masked)) => {
            for (name, value) in value {
                if let Some(masked) = masked.get(name) {
                    collect(value, masked, found);
                }
            }
        }
        (Json::Array(value), Json::Array(masked)) => {
            for (value, masked) in value.iter().zip(masked) {
                collect(value, masked, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;

    #[test]
    fn the_masked_values_of_a_call_are_its_secrets() {
        let record = r#"{"email":"a@b.c","password":"hunter2","list":[{"pin":1234}]}"#;
        let create = ApiRequest::new(Endpoint::EntityCreate).with("attributes", record);
        let all = redact::names_written(&create);
        let one = ApiRequest::new(Endpoint::EntityUpdate)
            .with("attribute_name", "/password")
            .with("value", r#""hun\"ter2""#);
        for (request, found) in [
            (create.clone(), vec!["hunter2"]),
            (
                create.clone().hiding(["pin".to_owned()]),
                vec!["hunter2", "1234"],
            ),
            // Of an unknown schema.
            (create.hiding(all), vec!["hunter2"]),
            (one, vec!["hun\"ter2"]),
            (
                ApiRequest::new(Endpoint::EntityFind).with("client_secret", "cl13nt"),
                vec!["cl13nt"],
            ),
            (ApiRequest::new(Endpoint::TypeList), vec![]),
        ] {
            let secrets = secrets(&request);
            let secrets: Vec<&str> = secrets.iter().map(Secret::reveal).collect();
            assert_eq!(secrets, found);
        }
        let pin = ApiRequest::new(Endpoint::EntityCreate).with("attributes", r#"{"pin":"1234"}"#);
        let pin = pin.hiding(["pin".to_owned()]);
        assert!(secrets(&pin).is_empty(), "all that there is may be data");
        assert_eq!(masked(&pin).len(), 1);
    }
}

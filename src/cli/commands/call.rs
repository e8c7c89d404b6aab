//! `captui call`: any operation with any arguments, sent as given.

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::cli::args::shared::Sent;
use crate::cli::input;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// The call that the command line describes. Arguments the operation does not know are sent too, with a warning: the
/// service ignores them, so a mistyped name would go unnoticed.
pub(in crate::cli) fn request(
    operation: &str,
    arguments: Vec<(String, String)>,
) -> Result<ApiRequest, Failure> {
    let endpoint = Endpoint::from_path(operation).ok_or_else(|| unknown_operation(operation))?;
    let mut request = ApiRequest::new(endpoint);
    for (name, value) in arguments {
        if endpoint.spec().param(&name).is_none() {
            warn_unknown(endpoint, &name);
        }
        request = request.with(&name, input::text(&value)?);
    }
    // The schema is not asked for: what it calls a password is not known.
    let names = redact::names_written(&request);
    Ok(request.hiding(names))
}

/// Sends it and prints the answer.
pub(in crate::cli) async fn call(
    request: ApiRequest,
    sent: Sent,
    session: &Session,
) -> Result<(), Stop> {
    let show = |answer: &Json| Ok(output::print(&output::pretty(answer))?);
    session.send(request, sent, show).await
}

fn unknown_operation(operation: &str) -> Failure {
    let names = || ENDPOINTS.iter().map(|spec| spec.endpoint.name());
    let failure = Failure::new(
        FailureKind::Usage,
        format!("there is no operation called `{operation}`"),
    );
    match nearest(operation, names()) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint(format!(
            "the operations are: {}",
            names().collect::<Vec<_>>().join(", ")
        )),
    }
}

/// Says that an operation does not know an argument.
pub(in crate::cli) fn warn_unknown(endpoint: Endpoint, name: &str) {
    let known = endpoint.spec().params.iter().map(|param| param.name);
    let meant = match nearest(name, known) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => String::new(),
    };
    output::note(&format!("`{endpoint}` has no argument `{name}`{meant}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_arguments_in_place_and_from_files() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "[\"é\"]\n").expect("writable");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = request(
            "/entity.find",
            vec![
                pair("type_name", "user"),
                pair("attributes", &format!("@{}", file.path().display())),
                pair("filter", "@@x = 'y'"),
            ],
        )
        .expect("a call");
        assert_eq!(request.endpoint, Endpoint::EntityFind);
        assert_eq!(
            request.args.iter().collect::<Vec<_>>(),
            [
                ("type_name", "user"),
                ("attributes", "[\"é\"]\n"),
                ("filter", "@x = 'y'")
            ]
        );
    }

    #[test]
    fn names_the_operation_meant() {
        let failure = request("entity.craete", Vec::new()).expect_err("no such operation");
        assert_eq!(failure.hints, ["did you mean `entity.create`?"]);
        let missing = request(
            "entity",
            vec![("id".to_owned(), "@/nonexistent".to_owned())],
        );
        assert_eq!(missing.expect_err("no such file").kind, FailureKind::Usage);
    }
}

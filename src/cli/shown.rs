//! What would be sent, told in place of sending it: for people, as a curl command, or as the bytes of HTTP. Used by every
//! command that sends a call of its user's making.

use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::cli::args::shared::Sending;
use crate::cli::args::shared::Show;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::config::environment::Environment;
use crate::config::environment::Target;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// Tells `request` as `sending` says.
pub(super) async fn tell(
    request: ApiRequest,
    sending: Sending,
    session: &Session,
) -> Result<(), Stop> {
    let secrets = sending.with_secrets;
    let job = match sending.show {
        None => return Ok(dry_run(&request, session)?),
        Some(Show::Request) => return Ok(output::print(&lines(&request, secrets))?),
        Some(Show::Curl) => Job::ExportCurl {
            requests: vec![request],
            secrets,
        },
        Some(Show::Wire) => Job::ExportWire { request, secrets },
    };
    let text = match session.run(job).await? {
        Output::Curl(text) => text,
        other => unreachable!("showing a call gives a text, not {other:?}"),
    };
    if sending.show == Some(Show::Wire) {
        return Ok(output::print_exactly(text.reveal())?);
    }
    output::print_document(about_address(session))?;
    Ok(output::print_document(text.reveal())?)
}

/// The operation and its arguments, a line each.
pub(super) fn lines(request: &ApiRequest, secrets: bool) -> String {
    let arguments = if secrets {
        request.args.clone()
    } else {
        redact::args(request)
    };
    let mut text = format!("{}\n", request.endpoint);
    for (name, value) in arguments.iter() {
        text.extend([name, "=", value, "\n"]);
    }
    text
}

fn dry_run(request: &ApiRequest, session: &Session) -> std::io::Result<()> {
    let environment = session.environment();
    let arguments = redact::args(request);
    if session.json() {
        let pair = |(name, value)| Json::Array(vec![Json::from(name), Json::from(value)]);
        let json: Json = [
            ("operation", Json::from(request.endpoint.name())),
            ("environment", Json::from(environment.name.as_str())),
            ("class", Json::from(environment.class.name())),
            (
                "arguments",
                Json::Array(arguments.iter().map(pair).collect()),
            ),
            ("sent", Json::from(false)),
        ]
        .into_iter()
        .collect();
        return output::print_json(&json);
    }
    let mut text = format!(
        "{} in `{}` ({}): {}\n",
        request.endpoint,
        environment.name,
        place(environment),
        request.endpoint.spec().summary
    );
    for (name, value) in arguments.iter() {
        text.extend([name, "=", value, "\n"]);
    }
    output::print(&text)?;
    output::note("nothing was sent");
    Ok(())
}

/// The class of an environment and where it is.
pub(super) fn place(environment: &Environment) -> String {
    let address = match &environment.target {
        Target::Embedded => "inside captui",
        Target::Remote { domain, .. } => domain,
    };
    format!("{}, {address}", environment.class)
}

/// What stands above commands whose address is gone when captui ends.
pub(super) fn about_address(session: &Session) -> &'static str {
    match session.environment().target {
        Target::Embedded => {
            "# The sandbox inside captui: nothing listens at this address any more. captui sandbox serve gives it one.\n"
        }
        Target::Remote { .. } => "",
    }
}

//! `captui access`: tokens and codes for the users of records. What is issued is a secret, and shown only if it is asked
//! for.

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::args::access::AccessCommand;
use crate::cli::args::access::Code;
use crate::cli::args::access::Exchange;
use crate::cli::args::access::Issuing;
use crate::cli::commands::record::about;
use crate::cli::input;
use crate::cli::output;
use crate::cli::session::Secrets;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;

/// Carries out a command.
pub(in crate::cli) async fn run(command: AccessCommand, session: &Session) -> Result<(), Stop> {
    match command {
        AccessCommand::Token(token) => {
            let request = about(Endpoint::AccessToken, token.type_name, token.selector);
            issue(request, token.issuing, session).await
        }
        AccessCommand::Code(code) => code_for(code, session).await,
        AccessCommand::Exchange(exchange) => swap(exchange, session).await,
    }
}

async fn code_for(code: Code, session: &Session) -> Result<(), Stop> {
    let mut request = about(
        Endpoint::AccessAuthorizationCode,
        code.type_name,
        code.selector,
    )
    .with("redirect_uri", code.redirect_uri);
    if let Some(seconds) = code.lifetime {
        request = request.with("lifetime", seconds.to_string());
    }
    if let Some(state) = code.transaction_state {
        let state = input::text(&state)?;
        input::json("--transaction-state", &state)?;
        request = request.with("transaction_state", state.trim());
    }
    issue(request, code.issuing, session).await
}

async fn issue(request: ApiRequest, issuing: Issuing, session: &Session) -> Result<(), Stop> {
    let request = match issuing.client {
        Some(client) => request.with("for_client_id", client),
        None => request,
    };
    let secrets = Secrets::shown_if(issuing.show_secret);
    session
        .send_showing(request, issuing.sending, secrets, tell)
        .await
}

async fn swap(exchange: Exchange, session: &Session) -> Result<(), Stop> {
    let mut request = ApiRequest::new(Endpoint::OauthToken);
    if let Some(code) = &exchange.code {
        request = request
            .with("grant_type", "authorization_code")
            .with("code", secret(code)?);
    }
    if let Some(uri) = exchange.redirect_uri {
        request = request.with("redirect_uri", uri);
    }
    if let Some(token) = &exchange.refresh_token {
        request = request
            .with("grant_type", "refresh_token")
            .with("refresh_token", secret(token)?);
    }
    let secrets = Secrets::shown_if(exchange.show_secret);
    session
        .send_showing(request, exchange.sending, secrets, tell)
        .await
}

/// A secret from an argument, a file or standard input, without the line's end.
fn secret(argument: &str) -> Result<String, Failure> {
    Ok(input::text_or_stdin(argument)?.trim().to_owned())
}

/// What was issued: alone, so that it can be put to use at once, or a member a line.
fn tell(answer: &Json) -> Result<(), Stop> {
    let members = answer.as_object().into_iter().flatten();
    let members: Vec<(&String, &Json)> = members.filter(|(name, _)| *name != "stat").collect();
    let text = |value: &Json| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let said = match members.as_slice() {
        [(_, only)] => text(only),
        members => {
            let lines = members.iter();
            let lines = lines.map(|(name, value)| format!("{name}={}", text(value)));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    Ok(output::print(&said)?)
}

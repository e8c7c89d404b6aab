//! The way of a call through the sandbox, without HTTP.
//!
//! ```text
//! Call ─▶ known path? ─▶ who calls? ─▶ may they? ─▶ arguments complete? ─▶ operate ─▶ Reply
//!          HTTP 404       100 205 402    403 221      100 200 201            the operation's own codes
//! ```
//!
//! An error of the application is HTTP 200 with `stat` `error`, as the service does it. Used by `http` and by tests.

use jiff::Timestamp;

use crate::capture::auth;
use crate::capture::auth::Presented;
use crate::capture::endpoint::EndpointSpec;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::secret::Secret;
use crate::sandbox::operations;
use crate::sandbox::operations::Fault;
use crate::sandbox::random;
use crate::sandbox::store::Store;
use crate::sandbox::store::clients;
use crate::sandbox::store::clients::ApiClient;

/// What the sandbox answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status: 200 unless the caller is not talking to an operation at all, or the sandbox failed.
    pub status: u16,
    /// The body.
    pub body: Json,
}

/// Answers a call made at `now`. Blocks while it reads and writes.
pub fn answer(store: &Store, call: &Call, now: Timestamp) -> Reply {
    let Some(endpoint) = call.endpoint else {
        return refuse(404, unknown_path(&call.path));
    };
    let request = ApiRequest {
        args: call.args.clone(),
        ..ApiRequest::new(endpoint)
    };
    let outcome = authenticate(store, call, now)
        .and_then(|client| authorise(&client, endpoint.spec()))
        .and_then(|()| check_application(store, &call.args))
        .and_then(|()| request.check(false).map_err(Fault::from))
        .and_then(|()| operations::operate(store, &request, now));
    match outcome {
        Ok(body) => Reply { status: 200, body },
        Err(Fault::Api(error)) => refuse(200, error),
        Err(Fault::Store(error)) => unexpected(error.reason()),
    }
}

/// An error answer, with a request id of its own.
pub(crate) fn refuse(status: u16, mut error: ApiError) -> Reply {
    error.request_id = Some(random::text(16));
    Reply {
        status,
        body: error.to_json(),
    }
}

/// The answer when the sandbox itself failed: code 500, and HTTP 500 (our choice).
pub(crate) fn unexpected(reason: &str) -> Reply {
    let description = format!("unexpected internal error: {reason}");
    refuse(500, ApiError::new(ErrorCode::UNEXPECTED_ERROR, description))
}

/// How the service answers an unknown path is not known: HTTP 404 with code 404 is our choice.
fn unknown_path(path: &str) -> ApiError {
    ApiError::new(ErrorCode(404), format!("there is no operation at {path}"))
}

/// The client that the call comes from. An unknown client and a wrong secret are told apart neither by the answer nor
/// by the work done for it.
fn authenticate(store: &Store, call: &Call, now: Timestamp) -> Result<ApiClient, Fault> {
    let presented = call.presented.clone()?;
    let id = match &presented {
        Presented::Basic { id, .. }
        | Presented::Signature { id, .. }
        | Presented::Params { id, .. } => id,
        Presented::Token(_) => {
            // Our choice among the codes for tokens: no grant of this sandbox made it.
            return Err(ApiError::new(
                ErrorCode::NO_ACCESS_GRANT,
                "unknown access token: access tokens are not in this sandbox yet",
            )
            .into());
        }
        // Our choice: the service's answer is not known.
        Presented::Nothing => return Err(ApiError::missing_argument("client_id").into()),
    };
    let client = store.read(|transaction| clients::find(transaction, id))?;
    let nobodys = Secret::new("00000000000000000000000000000000");
    let secret = client.as_ref().map_or(&nobodys, |client| &client.secret);
    let proven = match &presented {
        Presented::Basic { secret: given, .. } | Presented::Params { secret: given, .. } => {
            secret.matches(given.reveal())
        }
        Presented::Signature {
            signature, date, ..
        } => auth::verify_signature(secret, &call.path, date, &call.args, signature),
        Presented::Token(_) | Presented::Nothing => false,
    };
    let client = client
        .filter(|_| proven)
        .ok_or_else(|| refused("unknown client, or wrong secret or signature"))?;
    if let Presented::Signature { date, .. } = &presented {
        check_date(date, now)?;
    }
    Ok(client)
}

/// A signed call is good for a while only, so that one overheard cannot be repeated for ever.
fn check_date(date: &str, now: Timestamp) -> Result<(), ApiError> {
    let signed = auth::parse_date(date).ok_or_else(|| {
        refused("the Date of a signed call must look like 2016-02-26 19:08:44, in UTC")
    })?;
    if auth::within_window(signed, now) {
        Ok(())
    } else {
        Err(refused(&format!(
            "the Date of this signed call is too far from the sandbox's clock, which shows {} UTC",
            auth::format_date(now)
        )))
    }
}

fn refused(why: &str) -> ApiError {
    ApiError::new(ErrorCode::INVALID_CLIENT_CREDENTIALS, why)
}

fn authorise(client: &ApiClient, spec: &EndpointSpec) -> Result<(), Fault> {
    if spec.permits(&client.features) {
        return Ok(());
    }
    let needed: Vec<&str> = spec
        .permitted
        .iter()
        .map(|feature| feature.name())
        .collect();
    let description = format!(
        "this client may not call {}: it needs {}",
        spec.path,
        needed.join(" or ")
    );
    Err(ApiError::new(ErrorCode::CLIENT_PERMISSION_ERROR, description).into())
}

/// Clients may say which application they mean; it must be this one.
fn check_application(store: &Store, args: &Args) -> Result<(), Fault> {
    let Some(meant) = args.get("application_id") else {
        return Ok(());
    };
    let ours = store.read(clients::application)?;
    if ours.as_deref() == Some(meant) {
        return Ok(());
    }
    let description = format!("application does not exist: {meant}");
    Err(ApiError::new(ErrorCode::UNKNOWN_APPLICATION, description)
        .with("application_id", meant)
        .into())
}

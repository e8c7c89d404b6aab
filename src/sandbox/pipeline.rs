//! The way of a call through the sandbox, without HTTP.
//!
//! ```text
//! Call ─▶ known path? ─▶ who calls? ─▶ may they? ─▶ arguments complete? ─▶ operate ─▶ Reply
//!          HTTP 404       100 205 402    403 221      100 200 201            the operation's own codes
//!                         413 414
//! ```
//!
//! An error of the application is HTTP 200 with `stat` `error`, as the service does it; of `oauth/token` it is HTTP 400 or
//! 401 with OAuth's words. Used by `http` and by tests.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::capture::auth;
use crate::capture::auth::Presented;
use crate::capture::endpoint::Endpoint;
use crate::capture::endpoint::EndpointSpec;
use crate::capture::endpoint::Required;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::secret::Secret;
use crate::sandbox::allow_list;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations;
use crate::sandbox::operations::ATTEMPTS;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::Progress;
use crate::sandbox::operations::create;
use crate::sandbox::operations::create::Writing;
use crate::sandbox::random;
use crate::sandbox::store::Store;
use crate::sandbox::store::clients;
use crate::sandbox::store::clients::ApiClient;
use crate::sandbox::store::clients::OldSecret;
use crate::sandbox::store::tokens;
use crate::sandbox::store::tokens::TokenKind;

/// What the sandbox answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status: 200 unless the caller is not talking to an operation at all, or to `oauth/token`, or the sandbox
    /// failed.
    pub status: u16,
    /// The body.
    pub body: Json,
    /// Whether the caller did not prove who it is: `http` then takes its time to answer.
    pub denied: bool,
}

/// A call that is being answered.
pub(crate) enum Begun {
    /// The answer.
    Answered(Reply),
    /// The answer as a text, which went well and is long.
    Text(String),
    /// Only the disk has to be waited for.
    Writing(Writing),
}

/// Answers a call that came from `peer` at `now`. Blocks while it reads and writes.
pub fn answer(store: &Store, call: &Call, peer: IpAddr, now: Timestamp) -> Reply {
    let mut at_once = begin_at_once(store, call, peer, now);
    for _ in 0..ATTEMPTS {
        let begun = match at_once.take() {
            Some(writing) => Begun::Writing(writing),
            None => begin(store, call, peer, now),
        };
        match begun {
            Begun::Answered(reply) => return reply,
            Begun::Text(text) => return success(Json::parse(&text).unwrap_or_default()),
            Begun::Writing(writing) => {
                if let Some(reply) = written(writing.wait()) {
                    return reply;
                }
            }
        }
    }
    unexpected(operations::keeps_changing().reason())
}

/// Answers a call that came from `peer` at `now`, up to the point where only the disk has to be waited for. Blocks while
/// it reads and computes.
pub(crate) fn begin(store: &Store, call: &Call, peer: IpAddr, now: Timestamp) -> Begun {
    let Some(endpoint) = call.endpoint else {
        return Begun::Answered(refuse(404, unknown_path(&call.path)));
    };
    let request = ApiRequest {
        args: without_empty(endpoint.spec(), &call.args),
        ..ApiRequest::new(endpoint)
    };
    let progress = authenticate(store, call, now).and_then(|caller| {
        authorise(&caller, endpoint.spec(), peer)?;
        check_application(store, &call.args)?;
        request.check(matches!(caller, Caller::User(_)))?;
        let context = Context {
            store,
            args: &request.args,
            caller: &caller,
            now,
        };
        operations::operate(context, endpoint)
    });
    Begun::Answered(match progress {
        Ok(Progress::Writing(writing)) => return Begun::Writing(writing),
        Ok(Progress::Text(text)) => return Begun::Text(text),
        Ok(Progress::Done(body)) => success(body),
        Err(Fault::Api(error)) if endpoint == Endpoint::OauthToken => {
            let (status, error) = operations::tokens::oauth_error(error);
            refuse(status, error)
        }
        Err(fault) => failure(fault),
    })
}

/// Begins a create by a client on what is remembered of it: `None` when it is not decided so, and [`begin`] has to. Neither
/// reads nor waits, so a small call may come here on a thread that must not block.
pub(crate) fn begin_at_once(
    store: &Store,
    call: &Call,
    peer: IpAddr,
    now: Timestamp,
) -> Option<Writing> {
    let endpoint = call.endpoint.filter(|it| *it == Endpoint::EntityCreate)?;
    let presented = call.presented.as_ref().ok()?;
    let (id, type_name) = (presented.client_id()?, call.args.get("type_name")?);
    let basis = store.bases.find(id, type_name);
    let known = basis
        .as_ref()
        .map(|basis| (&basis.client, basis.old_secret.as_ref()));
    let proven = is_proven(known, call, presented, now);
    let basis = basis.filter(|_| proven)?;
    if let Presented::Signature { date, .. } = presented {
        check_date(date, now).ok()?;
    }
    let spec = endpoint.spec();
    authorise_client(&basis.client, spec, peer).ok()?;
    let application = call.args.get("application_id");
    if application.is_some_and(|meant| meant != basis.application) {
        return None;
    }
    if !basis.effort.is_little(call.args.get("attributes")?) {
        return None;
    }
    let request = ApiRequest {
        args: without_empty(spec, &call.args),
        ..ApiRequest::new(endpoint)
    };
    let mut read = request.read(false).ok()?.into_iter();
    let (_, attributes) = read.find(|(name, _)| *name == "attributes")?;
    create::create_on(&basis, store, &request.args, &attributes, now).ok()
}

/// The arguments without optional ones that are empty, and without the empty one of two synonyms: published clients send
/// every argument they know, those without a value as well (our choice). An empty password is one to be checked.
fn without_empty(spec: &EndpointSpec, args: &Args) -> Args {
    let filled = |name| args.get(name).is_some_and(|value| !value.is_empty());
    let counts = |(name, value): &(&str, &str)| {
        let required = spec.param(name).map(|param| param.required);
        !value.is_empty()
            || match required {
                Some(Required::No) => *name == "password_value" && filled("password_attribute"),
                Some(Required::Selector) => false,
                Some(Required::Content) => !filled("attributes") && !filled("value"),
                Some(Required::Yes | Required::WithClient) | None => true,
            }
    };
    Args::from_pairs(args.iter().filter(counts))
}

/// The answer once the disk was waited for; `None` when all has to begin again.
pub(crate) fn written(outcome: Result<Option<Json>, Fault>) -> Option<Reply> {
    match outcome {
        Ok(body) => body.map(success),
        Err(fault) => Some(failure(fault)),
    }
}

fn success(body: Json) -> Reply {
    Reply {
        status: 200,
        body,
        denied: false,
    }
}

fn failure(fault: Fault) -> Reply {
    match fault {
        Fault::Api(error) => refuse(200, error),
        Fault::Store(error) => unexpected(error.reason()),
    }
}

/// An error answer, with a request id of its own.
pub(crate) fn refuse(status: u16, mut error: ApiError) -> Reply {
    error.request_id = Some(random::text(16));
    Reply {
        status,
        body: error.to_json(),
        denied: matches!(
            error.code,
            ErrorCode::INVALID_CLIENT_CREDENTIALS
                | ErrorCode::MALFORMED_CREDENTIALS
                | ErrorCode::NO_ACCESS_GRANT
        ),
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

/// The client or the user that the call comes from.
fn authenticate(store: &Store, call: &Call, now: Timestamp) -> Result<Caller, Fault> {
    let presented = call.presented.clone()?;
    if let Presented::Token(token) = &presented {
        let kind = TokenKind::Access;
        let found = store.read(|transaction| tokens::find(transaction, kind, token))?;
        let grant = operations::tokens::grant(found, now.as_microsecond())?;
        return Ok(Caller::User(grant));
    }
    let id = presented
        .client_id()
        // Our choice: the service's answer is not known.
        .ok_or_else(|| ApiError::missing_argument("client_id"))?;
    let client = find_client(store, call, id, &presented, now)?;
    if let Presented::Signature { date, .. } = &presented {
        check_date(date, now)?;
    }
    Ok(Caller::Client(client))
}

/// The client `id`, if what was presented proves that it calls.
fn find_client(
    store: &Store,
    call: &Call,
    id: &str,
    presented: &Presented,
    now: Timestamp,
) -> Result<ApiClient, Fault> {
    let found = store.read(|transaction| clients::find_with_old_secret(transaction, id))?;
    let known = found.as_ref().map(|(client, old)| (client, old.as_ref()));
    let proven = is_proven(known, call, presented, now);
    found
        .map(|(client, _)| client)
        .filter(|_| proven)
        .ok_or_else(|| refused("unknown client, or wrong secret or signature").into())
}

/// Whether what was presented proves that this client calls. An unknown client and a wrong secret are told apart neither
/// by the answer nor by the work done for it: there are always two secrets to compare with, whether or not the client
/// exists and has an old one.
fn is_proven(
    known: Option<(&ApiClient, Option<&OldSecret>)>,
    call: &Call,
    presented: &Presented,
    now: Timestamp,
) -> bool {
    let nobodys = Secret::new("00000000000000000000000000000000");
    let (client, old) = known.unzip();
    let old = old.flatten().and_then(|old| old.at(now.as_microsecond()));
    let current = client.map_or(&nobodys, |client| &client.secret);
    let by_current = proves(current, call, presented) && client.is_some();
    let by_old = proves(old.unwrap_or(&nobodys), call, presented) && old.is_some();
    by_current || by_old
}

/// Whether what was presented shows knowledge of `secret`.
fn proves(secret: &Secret, call: &Call, presented: &Presented) -> bool {
    match presented {
        Presented::Basic { secret: given, .. } | Presented::Params { secret: given, .. } => {
            secret.matches(given.reveal())
        }
        Presented::Signature {
            signature, date, ..
        } => auth::verify_signature(secret, &call.path, date, &call.args, signature),
        Presented::Token(_) | Presented::Nothing => false,
    }
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

/// Code 403 unless the caller may call the operation, from where it calls. A user's access token is good everywhere (our
/// choice): the allow list is one of the client's machines.
fn authorise(caller: &Caller, spec: &EndpointSpec, peer: IpAddr) -> Result<(), ApiError> {
    let client = match caller {
        Caller::User(_) if spec.user_token => return Ok(()),
        Caller::User(_) => {
            return Err(forbidden(format!(
                "an access token may not call {}",
                spec.path
            )));
        }
        Caller::Client(client) => client,
    };
    authorise_client(client, spec, peer)
}

/// As [`authorise`], for a client.
fn authorise_client(client: &ApiClient, spec: &EndpointSpec, peer: IpAddr) -> Result<(), ApiError> {
    if spec.allow_list && !allow_list::holds(&client.whitelist, peer) {
        return Err(forbidden(format!(
            "this client may not call from {}: its allow list does not hold that address",
            peer.to_canonical()
        )));
    }
    if spec.permits(&client.features) {
        return Ok(());
    }
    let needed: Vec<&str> = spec
        .permitted
        .iter()
        .map(|feature| feature.name())
        .collect();
    Err(forbidden(format!(
        "this client may not call {}: it needs {}",
        spec.path,
        needed.join(" or ")
    )))
}

fn forbidden(why: String) -> ApiError {
    ApiError::new(ErrorCode::CLIENT_PERMISSION_ERROR, why)
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

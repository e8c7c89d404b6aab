//! Access for end users: issuing access tokens and authorization codes, exchanging the latter, and `entity.deleteAccess`.
//! What an access token allows is decided by the pipeline and, attribute by attribute, by `access`.
//!
//! ```text
//! access/getAccessToken ──────────────────────────────────▶ access token (one hour)
//! access/getAuthorizationCode ─▶ code (30 s) ─▶ oauth/token ─▶ access token, refresh token
//!                                    refresh token ─▶ oauth/token ─▶ access token, next refresh token
//! ```
//!
//! Signing in with a password and the other end-user flows are deliberately absent.

use crate::capture::endpoint::ClientFeature;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::secret::Secret;
use crate::sandbox::caller::Caller;
use crate::sandbox::caller::Grant;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::clients::target;
use crate::sandbox::operations::json;
use crate::sandbox::operations::number;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::record_not_found;
use crate::sandbox::operations::select;
use crate::sandbox::operations::with;
use crate::sandbox::random;
use crate::sandbox::store::tokens;
use crate::sandbox::store::tokens::Token;
use crate::sandbox::store::tokens::TokenKind;

/// How long an access token is good, in seconds.
const ACCESS_SECONDS: i64 = 3600;

/// How long an authorization code is good unless its `lifetime` says otherwise, in seconds.
const CODE_SECONDS: i64 = 30;

/// The longest `lifetime` of an authorization code, a year. Our choice.
const LONGEST_CODE: i64 = 31_536_000;

const SECOND: i64 = 1_000_000;

/// Lengths as in the vendor's examples; that of a refresh token is our choice.
const ACCESS_LENGTH: usize = 16;
const CODE_LENGTH: usize = 14;
const REFRESH_LENGTH: usize = 32;

/// `access/getAccessToken`.
pub(crate) fn access_token(context: Context<'_>) -> Result<Json, Fault> {
    let text = Secret::from(random::text(ACCESS_LENGTH));
    let answer = ok([("accessToken", text.reveal().into())]);
    let token = Token {
        kind: TokenKind::Access,
        grant: choose(context)?,
        expires: context.micros() + ACCESS_SECONDS * SECOND,
        redirect_uri: None,
        transaction_state: None,
    };
    issue(context, text, token)?;
    Ok(answer)
}

/// `access/getAuthorizationCode`.
pub(crate) fn authorization_code(context: Context<'_>) -> Result<Json, Fault> {
    let args = context.args;
    let redirect_uri = argument(args, "redirect_uri")?.to_owned();
    let lifetime = number(args, "lifetime", CODE_SECONDS, LONGEST_CODE)?;
    let state = json(args, "transaction_state")?;
    let text = Secret::from(random::text(CODE_LENGTH));
    let answer = ok([("authorizationCode", text.reveal().into())]);
    let token = Token {
        kind: TokenKind::AuthorizationCode,
        grant: choose(context)?,
        expires: context.micros() + lifetime * SECOND,
        redirect_uri: Some(redirect_uri),
        transaction_state: state.map(|state| state.to_string()),
    };
    issue(context, text, token)?;
    Ok(answer)
}

/// The grant that a call asks for: the record chosen, for the client that `for_client_id` means. For another client than
/// itself only an owner or an `access_issuer` may ask; that it is 403 for others is our choice.
fn choose(context: Context<'_>) -> Result<Grant, Fault> {
    let Caller::Client(caller) = context.caller else {
        return Err(forbidden("an access token is issued to a client only"));
    };
    let meant = context.args.get("for_client_id");
    context.store.read(|transaction| {
        let client = target(transaction, meant, &caller.id)?;
        let issuer = [ClientFeature::Owner, ClientFeature::AccessIssuer]
            .iter()
            .any(|feature| caller.features.contains(feature));
        if client.id != caller.id && !issuer {
            return Err(forbidden(
                "this client may not issue tokens for other clients: it needs owner or access_issuer",
            ));
        }
        let stored_type = context.find_type(transaction)?;
        let readable = access::readable(transaction, context.caller, &stored_type)?;
        let record = select::select(transaction, context.selection(), &stored_type, &readable)?;
        Ok(Grant {
            record_id: record.id,
            type_id: stored_type.id,
            client_id: client.id,
        })
    })
}

fn forbidden(why: &str) -> Fault {
    ApiError::new(ErrorCode::CLIENT_PERMISSION_ERROR, why).into()
}

/// Keeps a token for a record that was there a moment ago.
fn issue(context: Context<'_>, text: Secret, token: Token) -> Result<(), Fault> {
    let now = context.micros();
    context.store.write(move |transaction| {
        if tokens::add(transaction, &text, &token, now)? {
            Ok(())
        } else {
            Err(Fault::from(record_not_found()))
        }
    })
}

/// `oauth/token`. A code and a refresh token are good for one exchange, by the client they were issued for.
pub(crate) fn exchange(context: Context<'_>) -> Result<Json, Fault> {
    let args = context.args;
    let (kind, given, redirect_uri) = match argument(args, "grant_type")? {
        "authorization_code" => (
            TokenKind::AuthorizationCode,
            argument(args, "code")?,
            Some(argument(args, "redirect_uri")?.to_owned()),
        ),
        "refresh_token" => (TokenKind::Refresh, argument(args, "refresh_token")?, None),
        _ => {
            let why = "it must be authorization_code or refresh_token";
            return Err(ApiError::invalid_argument("grant_type", why).into());
        }
    };
    let given = Secret::new(given);
    let caller = context.caller.client_id().to_owned();
    let now = context.micros();
    let access = Secret::from(random::text(ACCESS_LENGTH));
    let refresh = Secret::from(random::text(REFRESH_LENGTH));
    let answer = ok([
        ("access_token", access.reveal().into()),
        ("refresh_token", refresh.reveal().into()),
        ("expires_in", ACCESS_SECONDS.into()),
    ]);
    let state = context.store.write(move |transaction| {
        let used = tokens::find(transaction, kind, &given)?
            .filter(|token| token.grant.client_id == caller)
            .ok_or_else(|| unknown(kind))?;
        if used.expires <= now {
            let description = "the authorization code has expired";
            let code = ErrorCode::AUTHORIZATION_CODE_EXPIRED;
            return Err(Fault::from(ApiError::new(code, description)));
        }
        if used.redirect_uri != redirect_uri {
            return Err(mismatch(used.redirect_uri, redirect_uri).into());
        }
        tokens::remove(transaction, &given)?;
        let issued = |kind, expires| Token {
            kind,
            grant: used.grant.clone(),
            expires,
            redirect_uri: None,
            transaction_state: None,
        };
        let good_until = now + ACCESS_SECONDS * SECOND;
        for (text, token) in [
            (&access, issued(TokenKind::Access, good_until)),
            // How long the service's last is not known: ours last until used (our choice).
            (&refresh, issued(TokenKind::Refresh, i64::MAX)),
        ] {
            tokens::add(transaction, text, &token, now)?;
        }
        Ok(used.transaction_state)
    })?;
    Ok(match state.and_then(|state| Json::parse(&state).ok()) {
        Some(state) => with(answer, "transaction_state", state),
        None => answer,
    })
}

/// Our choice among the codes: no grant stands behind it. One issued for another client is as unknown as one made up.
fn unknown(kind: TokenKind) -> ApiError {
    let what = match kind {
        TokenKind::Access => "access token",
        TokenKind::AuthorizationCode => "authorization code",
        TokenKind::Refresh => "refresh token",
    };
    let description = format!("there is no such {what}, or it was withdrawn");
    ApiError::new(ErrorCode::NO_ACCESS_GRANT, description)
}

fn mismatch(expected: Option<String>, supplied: Option<String>) -> ApiError {
    let description = "the redirect_uri is not the one that the code was issued with";
    ApiError::new(ErrorCode::REDIRECT_URI_MISMATCH, description)
        .with("expected_value", expected.unwrap_or_default())
        .with("supplied_value", supplied.unwrap_or_default())
}

fn argument<'a>(args: &'a Args, name: &str) -> Result<&'a str, ApiError> {
    args.get(name)
        .ok_or_else(|| ApiError::missing_argument(name))
}

/// The grant behind an access token: code 413 when there is none, 414 when the token has expired.
pub(crate) fn grant(token: Option<Token>, now: i64) -> Result<Grant, ApiError> {
    let token = token.ok_or_else(|| unknown(TokenKind::Access))?;
    if token.expires <= now {
        let description = "the access token has expired";
        return Err(ApiError::new(ErrorCode::ACCESS_TOKEN_EXPIRED, description));
    }
    Ok(token.grant)
}

/// `entity.deleteAccess`.
pub(crate) fn delete_access(context: Context<'_>) -> Result<Json, Fault> {
    let record_id = context.store.read(|transaction| {
        let stored_type = context.find_type(transaction)?;
        let readable = access::readable(transaction, context.caller, &stored_type)?;
        let record = select::select(transaction, context.selection(), &stored_type, &readable)?;
        Ok::<_, Fault>(record.id)
    })?;
    context
        .store
        .write(move |transaction| tokens::remove_all(transaction, record_id))?;
    Ok(ok([]))
}

/// The HTTP status and the form of an error of `/oauth/*` (reference 1.2): OAuth's word in `error`, the usual one in
/// `sub_error`. Which of OAuth's words stands for which code follows RFC 6749, section 5.2.
pub(crate) fn oauth_error(mut error: ApiError) -> (u16, ApiError) {
    let (status, word) = match error.code {
        ErrorCode::INVALID_CLIENT_CREDENTIALS => (401, "invalid_client"),
        ErrorCode::CLIENT_PERMISSION_ERROR => (400, "unauthorized_client"),
        ErrorCode::NO_ACCESS_GRANT
        | ErrorCode::AUTHORIZATION_CODE_EXPIRED
        | ErrorCode::REDIRECT_URI_MISMATCH => (400, "invalid_grant"),
        ErrorCode::INVALID_ARGUMENT if error.argument_name() == Some("grant_type") => {
            (400, "unsupported_grant_type")
        }
        _ => (400, "invalid_request"),
    };
    let usual = std::mem::replace(&mut error.error, word.to_owned());
    (status, error.with("sub_error", usual))
}

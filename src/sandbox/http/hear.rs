//! Which requests are heard at all, before any of them is a call: from where, how large, in how many pieces. Used by the
//! server for each request; a request that is not heard is answered with a [`Refusal`].

use std::net::IpAddr;
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use hyper::Method;
use hyper::Version;
use hyper::body::Body;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::header::EXPECT;
use hyper::header::HOST;
use hyper::header::HeaderName;
use hyper::header::ORIGIN;
use hyper::http::request::Parts;
use tokio::time::timeout;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::sandbox::Front;
use crate::sandbox::host_name;
use crate::sandbox::host_name::HostName;
use crate::sandbox::http::connection::Transport;
use crate::sandbox::pipeline;
use crate::sandbox::pipeline::Reply;

/// How long the rest of a body that is too big is read and thrown away, so that the client sees the answer.
const DRAIN_TIME: Duration = Duration::from_secs(2);
const URL_BYTES: usize = 8 << 10;
/// Arguments of a call, in query and body together.
const ARGUMENTS: usize = 1_000;
const BODY_BYTES: u64 = 1 << 20;
/// For `entity.bulkCreate`, which carries many records.
const BULK_BODY_BYTES: u64 = 10 << 20;

/// What a server is called, by which it knows the requests that are meant for it.
pub(super) struct Own {
    /// As the `Host` header names it; none when it answers to all.
    hosts: Option<Vec<String>>,
    transport: Transport,
}

impl Own {
    /// A server that listens at `listen`. One that other machines may reach has names that it cannot know, and answers
    /// to all.
    pub(super) fn new(listen: IpAddr, front: &Front) -> Self {
        let local = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        let hosts = local
            .into_iter()
            .chain([host_name::in_url(listen)])
            .chain(front.names.iter().map(HostName::in_url));
        Self {
            hosts: listen.is_loopback().then(|| hosts.collect()),
            transport: match front.tls {
                Some(_) => Transport::Tls,
                None => Transport::Plain,
            },
        }
    }
}

/// Whether a server hears this request at all: one from a program or a page that may talk to it.
pub(super) fn hear(parts: &Parts, transport: Transport, own: &Own) -> Result<(), Refusal> {
    if transport != own.transport {
        let reason = "this sandbox speaks HTTPS only: call https:// and the same host and port";
        return Err(Refusal::new(400, reason.to_owned()));
    }
    if parts
        .uri
        .path_and_query()
        .map_or(0, |url| url.as_str().len())
        > URL_BYTES
    {
        return Err(Refusal::new(
            414,
            format!("the URL is longer than {URL_BYTES} bytes"),
        ));
    }
    let host = check_host(parts, own)?;
    check_origin(parts, own.transport, host)?;
    if !matches!(parts.method, Method::GET | Method::POST) {
        return Err(Refusal::new(405, "use POST or GET".to_owned()));
    }
    Ok(())
}

/// A page of another site that has its own name point to this machine (DNS rebinding) is known by the name.
fn check_host<'a>(parts: &'a Parts, own: &Own) -> Result<Option<&'a str>, Refusal> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        (None, _) if parts.version < Version::HTTP_11 => return Ok(None),
        _ => {
            return Err(Refusal::new(
                400,
                "exactly one Host header is needed".to_owned(),
            ));
        }
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let is_own = |own: &String| own.eq_ignore_ascii_case(name);
    if own.hosts.as_ref().is_none_or(|own| own.iter().any(is_own)) {
        return Ok(Some(host));
    }
    Err(Refusal::new(
        403,
        "the Host header names a host that this sandbox does not answer to: it answers to localhost, and to those that \
         it was started with (--host-name)"
            .to_owned(),
    ))
}

/// A page of another site may send forms here without being asked; the browser says where they come from.
fn check_origin(parts: &Parts, transport: Transport, host: Option<&str>) -> Result<(), Refusal> {
    let foreign_site = parts
        .headers
        .get(HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let foreign_origin = parts.headers.get(ORIGIN).is_some_and(|origin| {
        let origin = origin.to_str().ok();
        let origin = origin.and_then(|origin| origin.split_once("://"));
        origin.is_none() || origin != host.map(|host| (transport.scheme(), host))
    });
    if foreign_site || foreign_origin {
        return Err(Refusal::new(
            403,
            "this sandbox does not answer pages of other sites".to_owned(),
        ));
    }
    Ok(())
}

/// The body, within its limits. One that says to be too big is refused before it is read.
pub(super) async fn read_body(parts: &Parts, body: Incoming) -> Result<Bytes, Refusal> {
    let bulk = Endpoint::from_path(parts.uri.path()) == Some(Endpoint::EntityBulkCreate);
    let most = if bulk { BULK_BODY_BYTES } else { BODY_BYTES };
    let too_big = || Refusal::new(413, format!("the body is larger than {most} bytes"));
    if body.size_hint().lower() > most {
        discard(parts, body);
        return Err(too_big());
    }
    let most_bytes = usize::try_from(most).expect("ten megabytes fit");
    match Limited::new(body, most_bytes).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_big()),
        Err(_) => Err(Refusal::new(
            400,
            "the body broke off or is malformed".to_owned(),
        )),
    }
}

/// Refuses a flood of arguments before any of them is decoded.
pub(super) fn check_arguments(parts: &Parts, body: &Bytes) -> Result<(), Refusal> {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let separators = query.iter().chain(body).filter(|byte| **byte == b'&');
    if separators.count() > ARGUMENTS {
        return Err(Refusal::new(
            400,
            format!("a call has at most {ARGUMENTS} arguments"),
        ));
    }
    Ok(())
}

/// Reads a refused body for a moment: were it left unread, closing would reset the connection, and the answer could be
/// lost on its way. A client that waits to be told to go on is not told.
pub(super) fn discard(parts: &Parts, mut body: Incoming) {
    if parts.headers.contains_key(EXPECT) || body.is_end_stream() {
        return;
    }
    tokio::spawn(timeout(DRAIN_TIME, async move {
        while let Some(Ok(_)) = body.frame().await {}
    }));
}

/// A request that never becomes a call. Its code says how the caller may see it: 403 for one that may not be heard, 200
/// for one that is malformed. The HTTP statuses are no codes of the protocol: there, 413 means something else.
pub(super) struct Refusal {
    status: u16,
    reason: String,
}

impl Refusal {
    pub(super) fn new(status: u16, reason: String) -> Self {
        Self { status, reason }
    }

    /// As an answer.
    pub(super) fn reply(self) -> Reply {
        let code = if self.status == 403 {
            ErrorCode::CLIENT_PERMISSION_ERROR
        } else {
            ErrorCode::INVALID_ARGUMENT
        };
        pipeline::refuse(self.status, ApiError::new(code, self.reason))
    }
}

//! The Capture protocol, as data and pure functions.
//!
//! The Capture API is RPC over HTTP: the path is the operation, the arguments are flat strings in a form body or a
//! query, structured values are JSON text inside one argument, and the answer is a JSON object whose `stat` and `code`
//! (never the HTTP status) say how it went.
//!
//! ```text
//!  EntityType + record ──validate──▶ Violations          (before sending, and on receipt)
//!
//!  Endpoint + Args = ApiRequest ──sign──▶ Wire ── HTTP ──▶ Call ──authenticate, check──▶ ApiRequest
//!                                                                                         │
//!  Answer ◀──read── status, content type, body ◀── HTTP ── {"stat":…} ◀── result or ApiError
//! ```
//!
//! One `validate` serves the form and the sandbox, one signature both ends, one table of endpoints every front-end.
//! Nothing here does I/O, reads a clock or knows a terminal: time and randomness come in as arguments.

pub mod advice;
pub mod attr_type;
pub mod auth;
pub mod compare;
pub mod constraint;
pub mod delta;
pub mod endpoint;
pub mod error;
pub mod explain;
pub mod filter;
pub mod json;
pub mod lint;
pub mod path;
pub mod raw;
pub mod redact;
pub mod request;
pub mod response;
pub mod sample;
pub mod schema;
pub mod secret;
pub mod validate;
pub mod value;

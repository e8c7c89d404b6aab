//! Calls as a script that a POSIX shell runs: the credentials are variables, and values that were masked are told of at its
//! head. The commands themselves are [`crate::curl::export`]'s.

use crate::curl::export::Shown;
use crate::curl::export::export;
use crate::exchange::Exchange;
use crate::handover::colophon;
use crate::handover::mask::Parcel;

/// The script, with a line end at its end.
pub(super) fn write(parcel: &Parcel) -> String {
    let mut script = format!("#!/bin/sh\n# {}\n", colophon(parcel));
    script.push_str("# Set CLIENT_ID and CLIENT_SECRET first; put masked values in before it is run.\nset -eu\n");
    for entry in &parcel.entries {
        let exchange = &entry.exchange;
        let what = format!(
            "{} {} {}",
            exchange.started, exchange.environment, exchange.request.endpoint
        );
        // A line of its own whatever an environment is called.
        let what: String = what
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        for part in ["\n# ", &what, "\n", &command(exchange), "\necho\n"] {
            script.push_str(part);
        }
    }
    script
}

/// One call as a command.
pub(super) fn command(exchange: &Exchange) -> String {
    export(
        &exchange.request,
        &domain(&exchange.sent.url),
        Shown::Variables,
    )
}

/// Scheme, host and port of a URL.
pub(super) fn domain(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("//") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    format!("{scheme}//{}", &rest[..end])
}

//! The certificates of `captui sandbox serve --tls`: which are used, where the authority's is put for clients, and what
//! to tell a person when there are none.

use std::error::Error;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;

use crate::cli::args::tls::Tls;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox::host_name::HostName;
use crate::sandbox::store::StorePath;
use crate::sandbox::tls;
use crate::sandbox::tls::Authority;
use crate::sandbox::tls::TlsError;

/// A server's side of TLS.
pub(super) struct Secured {
    pub(super) config: Arc<ServerConfig>,
    /// The authority's certificate, for clients; none for a certificate that the user brings.
    pub(super) ca_file: Option<PathBuf>,
}

/// Refuses an authority that nobody could know of.
pub(super) fn check(asked: &Tls, data: &StorePath) -> Result<(), Failure> {
    let own = asked.tls && asked.tls_cert.is_none();
    if own && *data == StorePath::Memory && asked.ca_file.is_none() {
        return Err(Failure::new(
            FailureKind::Usage,
            "--data :memory: keeps no certificate that clients could be given",
        )
        .hint("--ca-file FILE writes it there"));
    }
    Ok(())
}

/// What a server at `listen` needs to speak HTTPS as it is asked for; `None` when it is not. The data folder exists.
pub(super) fn prepare(
    asked: &Tls,
    data: &StorePath,
    listen: IpAddr,
    names: &[HostName],
) -> Result<Option<Secured>, Failure> {
    if !asked.is_wanted() {
        return Ok(None);
    }
    let secured = match (&asked.tls_cert, &asked.tls_key) {
        (Some(certificate), Some(key)) => tls::brought(certificate, key).map(|config| Secured {
            config,
            ca_file: None,
        }),
        _ => own(asked, data, listen, names),
    };
    secured.map(Some).map_err(|error| failure(&error, data))
}

fn own(
    asked: &Tls,
    data: &StorePath,
    listen: IpAddr,
    names: &[HostName],
) -> Result<Secured, TlsError> {
    let now = Timestamp::now();
    let (authority, kept) = match data {
        StorePath::Dir(folder) => {
            let kept = Authority::certificate_in(folder);
            (Authority::of(folder, now)?, Some(kept))
        }
        StorePath::Memory => (Authority::temporary(now)?, None),
    };
    let config = authority.server(listen, names, now)?;
    if let Some(file) = &asked.ca_file {
        authority.export(file)?;
    }
    let ca_file = asked.ca_file.clone().or(kept);
    // Clients may run elsewhere; a working directory that is gone makes it no worse than it was said.
    let ca_file = ca_file.map(|file| std::path::absolute(&file).unwrap_or(file));
    Ok(Secured { config, ca_file })
}

fn failure(error: &TlsError, data: &StorePath) -> Failure {
    let mut failure = Failure::new(FailureKind::Usage, error.to_string());
    if let Some(cause) = error.source() {
        failure = failure.because(cause);
    }
    match data {
        StorePath::Dir(folder) if error.is_of_authority(folder) => failure.hint(format!(
            "remove {}, and the next start makes another authority; clients then need its certificate",
            tls::folder_in(folder).display()
        )),
        StorePath::Dir(_) | StorePath::Memory => failure,
    }
}

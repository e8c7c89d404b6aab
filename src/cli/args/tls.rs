//! How `captui sandbox serve` is asked to speak HTTPS.

use std::path::PathBuf;

use clap::Args;

/// HTTPS, if at all, and with which certificate.
#[derive(Debug, Default, Args)]
pub struct Tls {
    /// Speak HTTPS only, with a certificate that an authority of the sandbox's own signs
    #[arg(long)]
    pub tls: bool,
    /// Also write the authority's certificate to this file; with --data :memory: there is no other
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls",
        conflicts_with = "tls_cert"
    )]
    pub ca_file: Option<PathBuf>,
    /// Speak HTTPS only, with this certificate, and those that signed it after it, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

impl Tls {
    /// Whether HTTPS is asked for.
    pub fn is_wanted(&self) -> bool {
        self.tls || self.tls_cert.is_some()
    }
}

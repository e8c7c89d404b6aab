//! TLS for the sandbox's port: a local authority that signs a certificate for the sandbox's names, or a certificate that
//! the user brings. Used by `captui sandbox serve`, which tells where the authority's certificate is. Nothing here tells
//! a system or a browser to trust the authority: clients are given its certificate one by one.
//!
//! ```text
//! DIR/tls/ca.key ─▶ Authority ─▶ certificate for localhost and the names, ─▶ ServerConfig
//! DIR/tls/ca.pem ─▶ the clients  whose key is never written anywhere
//! ```

use std::collections::HashSet;
use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::date_time_ymd;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;

use crate::capture::secret::Secret;
use crate::sandbox::host_name::HostName;

/// What an authority is kept in.
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// How the authority's name begins, by which its certificate is known again.
const AUTHORITY: &str = "captui sandbox ";

/// How long an authority is good for: clients are told of it once.
const AUTHORITY_DAYS: i32 = 3650;
/// How long a server's certificate is good for: longer than any server runs.
const SERVER_DAYS: i32 = 365;

/// The names that every sandbox has.
const LOCAL: &str = "localhost";

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file or a folder cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} holds no {what} in PEM", path.display())]
    Nothing {
        /// Which.
        path: PathBuf,
        /// What is missed.
        what: &'static str,
    },
    /// There is something that must not be lost.
    #[error("not overwriting {}: it is not the certificate of a sandbox's authority", .0.display())]
    Foreign(PathBuf),
    /// What the authority signs is not accepted with its own certificate: its files are not of one piece.
    #[error("the sandbox's authority cannot be used")]
    Authority(#[source] rustls::Error),
    /// Certificate and key are of no use, or do not belong together.
    #[error("the certificate cannot be used with this key")]
    Pair(#[source] rustls::Error),
    /// A certificate could not be made.
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
}

impl TlsError {
    /// Whether the authority of the sandbox in `data` is to blame.
    pub fn is_of_authority(&self, data: &Path) -> bool {
        match self {
            Self::Authority(_) => true,
            Self::Read { path, .. } | Self::Nothing { path, .. } => {
                path.starts_with(folder_in(data))
            }
            Self::Write { .. } | Self::Foreign(_) | Self::Pair(_) | Self::Make(_) => false,
        }
    }
}

/// Where the authority of the sandbox in `data` is.
pub fn folder_in(data: &Path) -> PathBuf {
    data.join("tls")
}

/// Signs the certificates of sandboxes. Its own certificate is for their clients.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    /// One that nothing is kept of.
    pub fn temporary(now: Timestamp) -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = about(&key);
        last(&mut params, now, AUTHORITY_DAYS);
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    /// The one of the sandbox in `data`, a folder that exists. The first use makes it, for the user alone.
    pub fn of(data: &Path, now: Timestamp) -> Result<Self, TlsError> {
        let folder = folder_in(data);
        if !folder.exists() {
            Self::temporary(now)?.keep(data, &folder)?;
        }
        let key = folder.join(KEY);
        let pem = Secret::new(read(&key)?);
        let pair = KeyPair::from_pem(pem.reveal()).map_err(|_| TlsError::Nothing {
            path: key,
            what: "private key",
        })?;
        Ok(Self {
            issuer: Issuer::new(about(&pair), pair),
            certificate: read(&Self::certificate_in(data))?,
        })
    }

    /// Its certificate, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Where the certificate of the sandbox in `data` is.
    pub fn certificate_in(data: &Path) -> PathBuf {
        folder_in(data).join(CERTIFICATE)
    }

    /// Writes both files, all or nothing. Another process may be doing the same: the first one's stay.
    fn keep(&self, data: &Path, folder: &Path) -> Result<(), TlsError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Write { path, source }
        };
        let key = Secret::new(self.issuer.key().serialize_pem());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".tls-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let made = builder.tempdir_in(data).map_err(failed(data))?;
        for (name, text) in [
            (CERTIFICATE, self.certificate.as_str()),
            (KEY, key.reveal()),
        ] {
            let path = made.path().join(name);
            write_new(&path, text).map_err(failed(&path))?;
        }
        match fs::rename(made.path(), folder) {
            Ok(()) => {
                // It has another name now: there is nothing left to be removed.
                let _ = made.keep();
                Ok(())
            }
            Err(_) if folder.exists() => Ok(()),
            Err(source) => Err(failed(folder)(source)),
        }
    }

    /// Writes the certificate to a file, for everybody, in place of that of an earlier authority.
    pub fn export(&self, file: &Path) -> Result<(), TlsError> {
        let failed = |source| TlsError::Write {
            path: file.to_owned(),
            source,
        };
        if fs::symlink_metadata(file).is_ok() && !is_authoritys(file) {
            return Err(TlsError::Foreign(file.to_owned()));
        }
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut whole = builder.tempfile_in(folder).map_err(failed)?;
        whole
            .write_all(self.certificate.as_bytes())
            .map_err(failed)?;
        whole.persist(file).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// What a server at `listen` needs to be believed under its names by clients that have the authority's certificate.
    pub fn server(
        &self,
        listen: IpAddr,
        names: &[HostName],
        now: Timestamp,
    ) -> Result<Arc<ServerConfig>, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(all_names(listen, names))?;
        params.distinguished_name = called(&format!("{AUTHORITY}server"));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        last(&mut params, now, SERVER_DAYS);
        let certificate = params.signed_by(&key, &self.issuer)?.der().clone();
        self.check(&certificate).map_err(TlsError::Authority)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        config(vec![certificate], key.into())
    }

    /// Looks at a certificate as a client does. Better here than in every client.
    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        let own = CertificateDer::from_pem_slice(self.certificate.as_bytes())
            .map_err(|_| rustls::CertificateError::BadEncoding)?;
        let mut roots = RootCertStore::empty();
        roots.add(own)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider())
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        let local = ServerName::try_from(LOCAL).expect("is a host");
        verifier.verify_server_cert(certificate, &[], &local, &[], UnixTime::now())?;
        Ok(())
    }
}

/// What a server with a certificate and a key of the user's own needs: PEM files, the certificate first in its file and
/// those that signed it after it.
pub fn brought(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let nothing = |path: &Path, what| TlsError::Nothing {
        path: path.to_owned(),
        what,
    };
    let chain = certificates(&read(certificate)?)
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| nothing(certificate, "certificate"))?;
    let pem = Secret::new(read(key)?);
    // What is wrong with it is not told: the error may hold a part of it.
    let pair = PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes())
        .map_err(|_| nothing(key, "private key"))?;
    config(chain, pair)
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"http/1.0".to_vec()];
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// What an authority with this key says of itself: the same whenever it is asked, but for its validity.
fn about(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    // Two authorities of one name would be taken for each other.
    let id = params.key_identifier(key);
    let mark = id.first_chunk().map_or(0, |four| u32::from_be_bytes(*four));
    params.distinguished_name = called(&format!("{AUTHORITY}{mark:08x}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// Makes a certificate good from the day before, since clocks differ, for so many days.
fn last(params: &mut CertificateParams, now: Timestamp, days: i32) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let [begin, end] = [-1, days].map(|days| {
        let date = today.saturating_add(days.days());
        let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
        date_time_ymd(date.year().into(), month, day)
    });
    (params.not_before, params.not_after) = (begin, end);
}

/// Everything that a certificate for a server at `listen` is good for.
fn all_names(listen: IpAddr, names: &[HostName]) -> Vec<String> {
    let addresses = [
        Ipv4Addr::LOCALHOST.into(),
        Ipv6Addr::LOCALHOST.into(),
        listen,
    ];
    let mut all = vec![LOCAL.to_owned()];
    all.extend(addresses.map(|address: IpAddr| address.to_string()));
    all.extend(names.iter().map(HostName::as_text));
    let mut seen = HashSet::new();
    all.retain(|name| seen.insert(name.clone()));
    all
}

/// Whether a file holds nothing but the certificate of an authority made here.
fn is_authoritys(file: &Path) -> bool {
    let held = read(file).ok().as_deref().and_then(certificates);
    let [certificate] = held.as_deref().unwrap_or_default() else {
        return false;
    };
    memchr::memmem::find(certificate, AUTHORITY.as_bytes()).is_some()
}

/// The certificates in a PEM text; `None` for one that is broken.
fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .ok()
}

fn read(path: &Path) -> Result<String, TlsError> {
    fs::read_to_string(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file that was not there, for its owner alone.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Does something to the folder of an authority.
    type Spoil = fn(&Path);

    const LISTEN: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary directory can be made")
    }

    fn mode(path: &Path) -> u32 {
        let metadata = fs::metadata(path).expect("is there");
        metadata.permissions().mode() & 0o777
    }

    #[test]
    fn an_authority_is_made_once_and_for_its_user_alone() {
        let data = folder();
        let now = Timestamp::now();
        let first = Authority::of(data.path(), now).expect("is made");
        let again = Authority::of(data.path(), now).expect("is read");
        assert_eq!(first.certificate(), again.certificate());
        again.server(LISTEN, &[], now).expect("goes on signing");
        let kept = folder_in(data.path());
        assert_eq!(mode(&kept), 0o700);
        assert_eq!(mode(&kept.join(KEY)), 0o600);
        let left = fs::read_dir(data.path()).expect("can be read").count();
        assert_eq!(left, 1, "nothing else is left there");
    }

    #[test]
    fn of_many_at_once_the_first_makes_it() {
        let data = folder();
        let now = Timestamp::now();
        let certificates: HashSet<String> = std::thread::scope(|scope| {
            let make = || Authority::of(data.path(), now).expect("is made or read");
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            let authorities = threads.into_iter().map(|it| it.join().expect("no panic"));
            authorities.map(|it| it.certificate().to_owned()).collect()
        });
        assert_eq!(certificates.len(), 1);
        let left = fs::read_dir(data.path()).expect("can be read").count();
        assert_eq!(left, 1, "the others leave nothing");
    }

    #[test]
    fn an_authority_that_clients_would_refuse_is_not_used() {
        let now = Timestamp::now();
        let spoils: [(&str, Spoil); 4] = [
            ("another's certificate", |kept| {
                let other = Authority::temporary(Timestamp::now()).expect("is made");
                fs::write(kept.join(CERTIFICATE), other.certificate()).expect("can be written");
            }),
            ("no certificate", |kept| {
                fs::write(kept.join(CERTIFICATE), "").expect("can be written");
            }),
            ("no key", |kept| {
                fs::write(kept.join(KEY), "?").expect("can be written");
            }),
            ("nothing", |kept| {
                fs::remove_file(kept.join(KEY)).expect("is there");
            }),
        ];
        for (what, spoil) in spoils {
            let data = folder();
            Authority::of(data.path(), now).expect("is made");
            spoil(&folder_in(data.path()));
            let used = Authority::of(data.path(), now)
                .and_then(|authority| authority.server(LISTEN, &[], now));
            let error = used.expect_err(what);
            assert!(error.is_of_authority(data.path()), "{what}: {error:?}");
        }
    }

    #[test]
    fn only_an_authoritys_certificate_is_overwritten() {
        let folder = folder();
        let file = folder.path().join("ca.pem");
        let now = Timestamp::now();
        let made = || Authority::temporary(now).expect("is made");
        for _ in 0..2 {
            let authority = made();
            authority.export(&file).expect("is written");
            assert_eq!(read(&file).expect("is there"), authority.certificate());
            assert_eq!(mode(&file) & 0o600, 0o600);
        }
        let two = format!("{}{}", made().certificate(), made().certificate());
        let key = KeyPair::generate().expect("is made").serialize_pem();
        let foreign = rcgen::generate_simple_self_signed(Vec::new()).expect("is made");
        for other in ["", "text", &two, &key, &foreign.cert.pem()] {
            fs::write(&file, other).expect("can be written");
            let error = made().export(&file).expect_err("is something else");
            assert!(matches!(error, TlsError::Foreign(_)), "{error:?}");
            assert_eq!(read(&file).expect("is there"), other);
        }
        let error = made().export(folder.path()).expect_err("is a folder");
        assert!(matches!(error, TlsError::Foreign(_)), "{error:?}");
    }

    #[test]
    fn a_certificate_of_the_users_own_has_to_be_one_with_its_key() {
        let folder = folder();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("can be written");
            path
        };
        let pair = || {
            let pair = rcgen::generate_simple_self_signed([LOCAL.to_owned()]).expect("is made");
            (pair.cert.pem(), pair.signing_key.serialize_pem())
        };
        let (certificate, key) = pair();
        let both = write("both", &format!("{key}{certificate}"));
        let certificate = write("certificate", &certificate);
        let key = write("key", &key);
        let other = write("other", &pair().1);
        let canary = write("canary", "-----BEGIN PRIVATE KEY-----\ncanary!\n");
        brought(&certificate, &key).expect("fit");
        brought(&both, &both).expect("each takes its own");
        for (certificate, key, why) in [
            (&certificate, &other, "cannot be used with this key"),
            (&key, &key, "key holds no certificate"),
            (
                &certificate,
                &certificate,
                "certificate holds no private key",
            ),
            (&certificate, &canary, "canary holds no private key"),
            (&canary, &key, "canary holds no certificate"),
            (&folder.path().join("none"), &key, "cannot read"),
        ] {
            let error = brought(certificate, key).expect_err(why);
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error:?}").contains("canary!"), "{error:?}");
        }
    }

    #[test]
    fn every_name_is_there_once() {
        let names = ["localhost", "my-app.example", "::1", "my-app.example"];
        let names = names.map(|name| name.parse().expect("is a host"));
        let all = all_names([127, 0, 0, 2].into(), &names);
        assert_eq!(
            all,
            [
                "localhost",
                "127.0.0.1",
                "::1",
                "127.0.0.2",
                "my-app.example"
            ]
        );
    }
}

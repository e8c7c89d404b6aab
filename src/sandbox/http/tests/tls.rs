//! The server over TLS, with a client of another library's making: who is believed, under which names, and what becomes
//! of those that do not speak it.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Shutdown;
use std::net::TcpStream;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::StreamOwned;
use rustls::SupportedProtocolVersion;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::version::TLS12;
use rustls::version::TLS13;

use crate::sandbox::Front;
use crate::sandbox::http::tests::Answer;
use crate::sandbox::http::tests::FINE;
use crate::sandbox::http::tests::ROOM;
use crate::sandbox::http::tests::Server;
use crate::sandbox::http::tests::fine;
use crate::sandbox::http::tests::read_fine;
use crate::sandbox::tls::Authority;

const APP: &str = "my-app.janraincapture.com";

/// A server that speaks TLS and is called [`APP`], and the certificate that its clients need.
fn start() -> (Server, String) {
    let now = Timestamp::now();
    let authority = Authority::temporary(now).expect("is made");
    let names = vec![APP.parse().expect("is a host")];
    let listen = IpAddr::from(Ipv4Addr::LOCALHOST);
    let front = Front {
        tls: Some(authority.server(listen, &names, now).expect("is signed")),
        names,
    };
    let server = Server::fronted(front, &[], |_| fine());
    (server, authority.certificate().to_owned())
}

fn client(
    server: &Server,
    trusted: &str,
    name: &str,
    version: &'static SupportedProtocolVersion,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(trusted.as_bytes());
    roots.add_parsable_certificates(certificates.map(|it| it.expect("is a certificate")));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("is a version there is")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("is a host");
    let connection = ClientConnection::new(config.into(), name).expect("is a client");
    StreamOwned::new(connection, server.connect())
}

fn exchange(
    stream: &mut StreamOwned<ClientConnection, TcpStream>,
    headers: &str,
) -> io::Result<Answer> {
    let request = format!("GET /entity HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut text = Vec::new();
    // An end that TLS does not announce is an error.
    stream.read_to_end(&mut text)?;
    Ok(Answer::read(&text))
}

#[test]
fn it_is_believed_under_its_names_by_those_who_know_the_authority() {
    let (server, trusted) = start();
    for version in [&TLS12, &TLS13] {
        for name in ["localhost", "127.0.0.1", "::1", APP] {
            let mut stream = client(&server, &trusted, name, version);
            let answer = exchange(&mut stream, "Host: localhost\r\n").expect(name);
            assert_eq!(answer.body, FINE, "{name}");
        }
    }
    let refused = |trusted: &str, name: &str| {
        let mut stream = client(&server, trusted, name, &TLS13);
        let error = exchange(&mut stream, "Host: localhost\r\n").err();
        let inner = error.and_then(io::Error::into_inner).expect("has a cause");
        *inner.downcast::<rustls::Error>().expect("is of TLS")
    };
    for name in [
        "janraincapture.com",
        "other.janraincapture.com",
        "192.0.2.1",
    ] {
        let error = refused(&trusted, name);
        let wrong_name = matches!(
            error,
            rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })
        );
        assert!(wrong_name, "{name}: {error}");
    }
    let (_, other) = start();
    for trusted in ["", &other] {
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(refused(trusted, "localhost"), unknown);
    }
}

#[test]
fn a_further_host_is_answered_and_no_other() {
    let (server, trusted) = start();
    for (headers, status) in [
        ("Host: localhost:8443", 200),
        ("Host: my-app.janraincapture.com", 200),
        ("Host: MY-APP.janraincapture.com:443", 200),
        ("Host: evil.example", 403),
        ("Host: janraincapture.com", 403),
        ("Host: x.my-app.janraincapture.com", 403),
        ("Host: my-app.janraincapture.com.evil.example", 403),
        (
            "Host: my-app.janraincapture.com\r\nOrigin: https://my-app.janraincapture.com",
            200,
        ),
        (
            "Host: my-app.janraincapture.com\r\nOrigin: http://my-app.janraincapture.com",
            403,
        ),
        ("Host: localhost\r\nOrigin: https://evil.example", 403),
    ] {
        let mut stream = client(&server, &trusted, APP, &TLS13);
        let answer = exchange(&mut stream, &format!("{headers}\r\n")).expect(headers);
        assert_eq!(answer.status(), status, "{headers}");
    }
}

#[test]
fn http_without_tls_is_told_and_makes_no_call() {
    let (server, _) = start();
    for request in [
        "GET /entity HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /entity HTTP/1.1\r\nHost: localhost\r\n\r\nGET /entity HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /entity HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 3\r\n\r\na=b",
    ] {
        let answer = server.exchange(request.as_bytes()).expect("is answered");
        assert_eq!((answer.status(), answer.code()), (400, Some(200)));
        assert!(answer.text("error_description").contains("HTTPS"));
        assert_eq!(answer.header("connection"), Some("close"));
    }
    let answer = server.exchange(b"\0\x01\x02\r\n\r\n");
    assert_eq!(answer.expect("is answered").status(), 400);
    assert!(server.taken().is_empty());
}

/// Clients that begin to shake hands and then say nothing, more than there is room for; and some that break off.
#[test]
fn half_a_handshake_keeps_nobody_out() {
    let (server, trusted) = start();
    let half: Vec<TcpStream> = (0..ROOM + 4)
        .map(|number| {
            let mut stream = server.connect();
            // Of a record of 512 bytes.
            let begun = [22, 3, 1, 2, 0, 1, 0, 1, 252];
            let length = 1 + number % begun.len();
            stream.write_all(&begun[..length]).expect("sends");
            if number % 3 == 0 {
                stream.shutdown(Shutdown::Write).expect("is open");
            }
            stream
        })
        .collect();
    let mut stream = client(&server, &trusted, APP, &TLS13);
    let answer = exchange(&mut stream, "Host: localhost\r\n").expect("is answered");
    assert_eq!(answer.body, FINE);
    drop(half);
    // And those that shook hands.
    let mut silent: Vec<_> = (0..ROOM + 4)
        .map(|_| {
            let mut stream = client(&server, &trusted, APP, &TLS13);
            let done = stream.conn.complete_io(&mut stream.sock);
            done.expect("shakes hands");
            stream
        })
        .collect();
    let mut stream = client(&server, &trusted, APP, &TLS13);
    let answer = exchange(&mut stream, "Host: localhost\r\n").expect("is answered");
    assert_eq!(answer.body, FINE);
    // The last of them is still there.
    let newest = silent.last_mut().expect("there are some");
    let answer = exchange(newest, "Host: localhost\r\n").expect("is answered");
    assert_eq!(answer.body, FINE);
}

#[test]
fn a_connection_takes_several_calls_and_nonsense_ends_it() {
    let (server, trusted) = start();
    let mut stream = client(&server, &trusted, APP, &TLS13);
    for _ in 0..3 {
        let request = "GET /entity HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("sends");
        read_fine(&mut stream);
    }
    // No record of TLS can look like this.
    stream.sock.write_all(&[0xff; 64]).expect("sends");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect_err("is broken off");
    assert_eq!(server.taken().len(), 3);
}

#[test]
fn faults_spoil_what_comes_over_tls_too() {
    let (server, trusted) = start();
    let ask = |fault: &str| {
        let mut stream = client(&server, &trusted, APP, &TLS13);
        let headers = format!("Host: localhost\r\nX-Captui-Fault: {fault}\r\n");
        exchange(&mut stream, &headers)
    };
    assert_eq!(ask("504").expect("is answered").code(), Some(504));
    let error = ask("reset").err().expect("is reset").kind();
    assert_eq!(error, io::ErrorKind::ConnectionReset);
    // It promised more than it sent, and TLS did not say that this was all.
    let error = ask("truncated").err().expect("is cut off").kind();
    assert_eq!(error, io::ErrorKind::UnexpectedEof);
}

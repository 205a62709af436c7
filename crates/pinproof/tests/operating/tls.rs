//! TLS without a proxy: pip and uv install through it, renewed certificates are taken, and broken ones are not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::certificates::Authority;
use crate::clients::{BOTH, Client, Clients, installed, said};
use crate::gateway::Gateway;
use crate::http::{get, host, send};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;
use crate::{WHEEL, until};

const FILES: [&str; 4] = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

fn start(sandbox: &Sandbox, shelf: &Shelf) -> Gateway {
    Gateway::start(
        sandbox,
        &[&FILES[..], &["--index-url", &shelf.url()]].concat(),
    )
}

/// What a client that trusts the authority sees: the certificate, the protocol, and the answer.
struct Seen {
    certificate: Vec<u8>,
    protocol: Option<Vec<u8>>,
    answer: String,
}

fn look(gateway: &Gateway, authority: &Authority) -> Seen {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM");
    roots.add(root).expect("an authority");
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let stream = TcpStream::connect(host(&gateway.url)).expect("it listens");
    let mut stream = StreamOwned::new(client, stream);
    stream
        .write_all(b"GET /simple/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        .expect("it trusts us");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let chain = stream.conn.peer_certificates().expect("a certificate");
    Seen {
        certificate: chain[0].to_vec(),
        protocol: stream.conn.alpn_protocol().map(<[u8]>::to_vec),
        answer: String::from_utf8_lossy(&answer).into_owned(),
    }
}

#[test]
fn pip_and_uv_install_through_it_and_are_told_why_not() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    authority.issue_into(&sandbox);
    sandbox.write("ca.pem", authority.pem());
    let young = File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z");
    let shelf = Shelf::with(&[File::wheel("demo", "1.0"), young]);
    let gateway = start(&sandbox, &shelf);
    assert!(gateway.url.starts_with("https://"), "{}", gateway.url);
    for client in BOTH {
        let into = format!("{client:?}");
        let run = |what: &str, into: &str| {
            let index = gateway.simple();
            let trusts: &[&str] = match client {
                Client::Pip => &["--cert", "ca.pem"],
                Client::Uv => &[],
            };
            let args = [
                "install",
                client.index_option(),
                &index,
                "--target",
                into,
                what,
            ];
            let variables = [("SSL_CERT_FILE", "ca.pem")];
            clients.run(client, &sandbox, &[&args, trusts].concat(), &variables)
        };
        run("demo", &into).ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
        let refused = run("demo==2.0", "none");
        assert_ne!(refused.code, 0);
        for why in [
            "younger than the cooldown of 7 days [recent-release]",
            "see https://127.0.0.1:",
        ] {
            assert!(said(&refused).contains(why), "{}", refused.all());
        }
        let distrusting = clients.install(client, &sandbox, (&gateway.simple(), "none"), &["demo"]);
        assert_ne!(distrusting.code, 0, "nobody told it whom to trust");
    }
}

#[test]
fn a_renewed_pair_is_taken_and_a_broken_one_is_not() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    authority.issue_into(&sandbox);
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    let gateway = start(&sandbox, &shelf);
    let first = look(&gateway, &authority);
    assert!(first.answer.starts_with("HTTP/1.1 200") && first.answer.contains(WHEEL));
    assert_eq!(first.protocol.as_deref(), Some(&b"http/1.1"[..]));
    sandbox.write("cert.pem", "-----BEGIN CERTIFICATE-----\nbroken\n");
    until("the broken pair is noticed", || {
        gateway
            .log()
            .contains("error: the certificate is not renewed")
    });
    assert_eq!(look(&gateway, &authority).certificate, first.certificate);
    authority.issue_into(&sandbox);
    until("the new pair is taken", || {
        gateway.log().contains("info: the certificate was renewed")
    });
    let second = look(&gateway, &authority);
    assert_ne!(second.certificate, first.certificate);
    assert!(second.answer.starts_with("HTTP/1.1 200"));
}

#[test]
fn what_cannot_be_used_ends_the_start_with_the_file_and_what_to_do() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    let start = |more: &[&str]| {
        let usual = ["serve", "--listen", "127.0.0.1:0", "--data", "data"];
        sandbox.run(&[&usual[..], more].concat())
    };
    let fails = |why: &str, hint: &str| {
        start(&FILES).ends_with(2).notes(why).notes(hint);
    };
    start(&FILES[..2]).ends_with(2).notes("--tls-key");
    fails("cert.pem cannot be read: ", "can read");
    authority.issue_into(&sandbox);
    let (_, other_key) = authority.issue();
    sandbox.write("key.pem", &other_key);
    fails(
        "the key in key.pem is not that of the first certificate in cert.pem",
        "has to come first",
    );
    sandbox.write("key.pem", "no key\n");
    fails(
        "key.pem has no private key in PEM",
        "`--tls-key` the unencrypted key",
    );
    sandbox.write("cert.pem", other_key);
    fails("cert.pem has no certificate in PEM", "`--tls-cert` names");
    sandbox.write("cert.pem", "x".repeat(2 << 20));
    fails("cert.pem cannot be read: it is larger than 1 MiB", "hint");
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_can_read_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    authority.issue_into(&sandbox);
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    let key = sandbox.project().join("key.pem");
    for (mode, is_said) in [(0o644, true), (0o600, false)] {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&key, rights).expect("it is ours");
        let gateway = start(&sandbox, &shelf);
        assert!(
            look(&gateway, &authority)
                .answer
                .starts_with("HTTP/1.1 200")
        );
        until("the request is told", || {
            gateway.log().contains("/simple/demo/")
        });
        let said = gateway
            .log()
            .contains("warning: everybody on this machine can read the key");
        assert_eq!(said, is_said, "{}", gateway.log());
        assert_eq!(gateway.stop(), 0);
    }
}

#[test]
fn who_speaks_http_to_it_is_told_so_and_is_counted() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    authority.issue_into(&sandbox);
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    let url = shelf.url();
    let more = ["--index-url", &url, "--metrics", "127.0.0.1:0"];
    let gateway = Gateway::start(&sandbox, &[&FILES[..], &more].concat());
    let request = b"GET /simple/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let answer = send(&gateway.url, request);
    assert_eq!(answer.status, 400);
    let said = "this port speaks TLS";
    assert!(answer.phrase.contains(said), "{}", answer.phrase);
    assert!(answer.is_whole, "{}", answer.text());
    let seen = look(&gateway, &authority);
    assert!(seen.answer.starts_with("HTTP/1.1 200"));
    let metrics = gateway.greeting.split("metrics are at ").nth(1);
    let metrics = metrics.and_then(|rest| rest.split("/metrics").next());
    let metrics = metrics.expect("it says where");
    until("it is counted", || {
        let text = get(metrics, "/metrics", &[]).text();
        text.contains("pinproof_connections_without_tls_total 1\n")
    });
}

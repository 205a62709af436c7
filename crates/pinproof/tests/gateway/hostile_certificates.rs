//! An upstream with the certificate of somebody else: no answer, and nothing that it says is remembered.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificates::Authority;
use crate::gateway::Gateway;
use crate::hostile_pages::{bad, entry, sandbox};
use crate::shelf::JSON;

const ACCEPT: &str = "Accept: application/vnd.pypi.simple.v1+json";

/// A certificate with its key, and the one file that the index lists to whoever believes it.
type Shown = ((String, String), String);

/// An index behind TLS. Each connection is for one request.
struct Secure {
    address: SocketAddr,
    shown: Arc<Mutex<Shown>>,
    answered: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Secure {
    fn new(shown: Shown) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let secure = Self {
            address: listener.local_addr().expect("an address"),
            shown: Arc::new(Mutex::new(shown)),
            answered: Arc::default(),
            stopped: Arc::default(),
        };
        let (shown, answered) = (Arc::clone(&secure.shown), Arc::clone(&secure.answered));
        let stopped = Arc::clone(&secure.stopped);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let shown = shown.lock().expect("no test thread panicked").clone();
                let answered = Arc::clone(&answered);
                thread::spawn(move || {
                    // Clients that turn away are what the tests look at.
                    let _ = answer(stream, &shown, &answered);
                });
            }
        });
        secure
    }

    fn shows(&self, shown: Shown) {
        *self.shown.lock().expect("no test thread panicked") = shown;
    }

    fn simple(&self) -> String {
        format!("https://{}/simple/", self.address)
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect(self.address);
    }
}

/// `None` where the client does not ask for anything, or does not want to know.
fn answer(
    stream: TcpStream,
    ((certificate, key), entry): &Shown,
    answered: &AtomicUsize,
) -> Option<()> {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .ok()?;
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key that fits");
    let connection = ServerConnection::new(Arc::new(config)).expect("a configuration");
    let mut stream = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut part = [0; 1_000];
    while !head.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&part[..read]);
    }
    answered.fetch_add(1, Ordering::Relaxed);
    let page =
        format!(r#"{{"meta": {{"api-version": "1.1"}}, "name": "demo", "files": [{entry}]}}"#);
    let length = page.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {JSON}\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + &page).as_bytes()).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

#[test]
fn a_wrong_certificate_is_no_answer_until_there_is_a_right_one() {
    let authority = Authority::new();
    let right = || (authority.issue(), entry("a"));
    let unknown = Authority::called("somebody").issue();
    let unknown = (unknown, "its issuer is not trusted");
    let of_the_same_name = (Authority::new().issue(), "its signature is wrong");
    let of_another = (
        authority.issue_for("other.example"),
        "it is for another host",
    );
    for (wrong, why) in [unknown, of_the_same_name, of_another] {
        let sandbox = sandbox();
        sandbox.write("ca.pem", authority.pem());
        let upstream = Secure::new((wrong.clone(), bad()));
        let index = upstream.simple();
        let trusted = [("SSL_CERT_FILE", "ca.pem")];
        let gateway = Gateway::start_with(&sandbox, &["--index-url", &index], &trusted);
        let answer = gateway.get("/simple/demo/", &[ACCEPT]);
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.text().contains(why), "{}", answer.text());
        assert!(answer.header("retry-after").is_some());
        assert_eq!(upstream.answered(), 0, "it was asked for a page");
        // What counts is what the right one says first.
        upstream.shows(right());
        let page = gateway.page("demo");
        let file = &page["files"][0];
        assert_eq!(file["hashes"]["sha256"], "a".repeat(64), "{page}");
        assert!(file["_pinproof"]["changed"].is_null(), "{page}");
        assert!(page["_pinproof"]["stale"].is_null(), "{page}");
        // And it goes on counting when the wrong one is back.
        upstream.shows((wrong, bad()));
        let page = gateway.page("demo");
        let stale = page["_pinproof"]["stale"].as_str().unwrap_or("");
        assert!(stale.contains(why), "{page}");
        assert_eq!(page["files"][0]["hashes"]["sha256"], "a".repeat(64));
        assert_eq!(upstream.answered(), 1);
    }
}

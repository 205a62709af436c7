//! A3 and A13, dependency confusion: the public index has the name of an internal project, in version 9999.0.

use std::sync::Arc;
use std::thread;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::clients::Client;
use crate::lab::{Lab, TWO_INDEXES, tells};
use crate::shelf::{File, Shelf};
use crate::support::{Reply, Server};

const OURS: &str = "1.2.0";
const THEIRS: &str = "9999.0";
/// What is installed, and what it is in Python.
const NAME: &str = "acme-core";
const MODULE: &str = "acme_core";

fn indexes() -> (Shelf, Shelf) {
    (
        Shelf::with(&[File::wheel(NAME, THEIRS)]),
        Shelf::with(&[File::wheel(NAME, OURS)]),
    )
}

/// Every way to say two indexes that takes the higher version.
fn ways(public: &str) -> [(Client, Vec<&str>); 3] {
    [
        (Client::Pip, vec!["--extra-index-url", public, NAME]),
        (Client::Uv, vec!["--extra-index-url", public, NAME]),
        (
            Client::Uv,
            vec![
                "--extra-index-url",
                public,
                "--index-strategy",
                "unsafe-best-match",
                NAME,
            ],
        ),
    ]
}

pub(crate) fn a_public_9999_takes_an_internal_name() {
    let Some(lab) = Lab::open("dependency confusion: a public project has an internal name") else {
        return;
    };
    let (public, internal) = indexes();
    tells(&format!(
        "{NAME} {OURS} is at {}, the internal index",
        internal.url()
    ));
    tells(&format!(
        "{NAME} {THEIRS} is at {}, the public one",
        public.url()
    ));
    tells("clients that ask both take the higher version");
    for (client, what) in ways(&public.url()) {
        lab.installs(client, (&internal.url(), MODULE), &what)
            .got(THEIRS);
    }
    let before = public.asked().len();
    tells("one index for every name, and `acme-*` belongs to the internal one");
    let gateway = lab.gateway_of_two(&public.url(), &internal.url());
    for client in [Client::Pip, Client::Uv] {
        lab.installs(client, (&gateway.simple(), MODULE), &[NAME])
            .got(OURS);
    }
    assert_eq!(public.asked().len(), before, "nobody told it the name");
}

#[test]
fn check_and_lock_refuse_to_mix_indexes() {
    let Some(lab) = Lab::open("dependency confusion: what check and lock say") else {
        return;
    };
    let (public, internal) = indexes();
    let mixed = format!(
        "--index-url {}\n--extra-index-url {}\n{NAME}\n",
        internal.url(),
        public.url()
    );
    lab.sandbox.write("mixed.txt", &mixed);
    let reason = "package indexes are mixed: any of them may answer for any name";
    let ran = lab.pinproof(&["check", "mixed.txt"], (1, reason));
    ran.says("error[mixed-indexes]");
    lab.sandbox.write("requirements.in", &mixed);
    let lock = ["lock", "requirements.in", "--python", "3.11"];
    lab.pinproof(&lock, (1, reason));
    assert!(!lab.sandbox.project().join("requirements.txt").exists());
    tells("bound to the internal index and asked for there, it is the internal project");
    lab.sandbox.write("pinproof.toml", TWO_INDEXES);
    let settings = format!("[global]\nindex-url = {}\n", internal.url());
    lab.sandbox.write_home(".config/pip/pip.conf", &settings);
    lab.sandbox.write("requirements.in", format!("{NAME}\n"));
    let before = public.asked().len();
    let corp = format!("corp={}", internal.url());
    let named = [&lock[..], &["--index", &corp]].concat();
    lab.pinproof(&named, (0, "+ acme-core  1.2.0"));
    let locked = lab.sandbox.read("requirements.txt");
    assert!(locked.contains("acme-core==1.2.0"), "{locked}");
    assert_eq!(public.asked().len(), before, "nobody told it the name");
}

/// The internal index gives no answer in some way, and pip takes the public project without a word of failure.
fn without_answer(lab: &Lab, internal: &str, why: &str) {
    let public = Shelf::with(&[File::wheel(NAME, THEIRS)]);
    let extra = ["--extra-index-url", &public.url(), NAME];
    lab.installs(Client::Pip, (internal, MODULE), &extra)
        .got(THEIRS);
    let before = public.asked().len();
    let gateway = lab.gateway_of_two(&public.url(), internal);
    // pip says nothing of why there is no page, only that there is none.
    let reasons = [
        (Client::Pip, "No matching distribution found for acme-core"),
        (Client::Uv, "pinproof: nothing is known of `acme-core` yet"),
    ];
    for (client, reason) in reasons {
        lab.installs(client, (&gateway.simple(), MODULE), &[NAME])
            .got_nothing(reason);
    }
    let answer = gateway.get("/simple/acme-core/", &[]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains(why), "{}", answer.text());
    assert_eq!(public.asked().len(), before, "nobody told it the name");
}

#[test]
fn an_internal_index_that_is_down() {
    let Some(lab) = Lab::open("dependency confusion while the internal index is down") else {
        return;
    };
    without_answer(&lab, &format!("{}simple/", Server::refused()), "connect");
}

#[test]
fn an_internal_index_that_forbids() {
    let Some(lab) = Lab::open("dependency confusion while the internal index says 403") else {
        return;
    };
    let forbidding = Server::new(|_| Reply::status(403));
    without_answer(&lab, &format!("{}simple/", forbidding.url()), "403");
}

#[test]
fn an_internal_index_with_a_certificate_that_is_not_valid() {
    let Some(lab) = Lab::open("dependency confusion while the internal certificate is broken")
    else {
        return;
    };
    without_answer(&lab, &self_signed(), "certificate");
}

/// The address of a server whose certificate nobody signed but itself.
fn self_signed() -> String {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let secret = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], secret.into())
        .expect("a key that fits");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let bound = tokio::net::TcpListener::bind("127.0.0.1:0");
    let listener = runtime.block_on(bound).expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        runtime.block_on(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // The client is expected to turn away.
                let _ = acceptor.accept(stream).await;
            }
        });
    });
    format!("https://{address}/simple/")
}

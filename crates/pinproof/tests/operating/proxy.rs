//! Behind a proxy that has the gateway under a path of its own: nothing that is answered leads out of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::clients::{BOTH, Clients, installed, said};
use crate::gateway::Gateway;
use crate::http::{get, host};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;
use crate::until;

/// Where the proxy has the gateway.
const PREFIX: &str = "/pypi";

/// A proxy that takes the prefix away, and knows nothing else of what it hands on.
struct Proxy(TcpListener);

impl Proxy {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("an address")
    }

    /// The address of the gateway as clients see it.
    fn url(&self) -> String {
        format!("http://{}{PREFIX}", self.address())
    }

    fn hands_on_to(self, gateway: &str) {
        let gateway = host(gateway).to_owned();
        thread::spawn(move || {
            for client in self.0.incoming().flatten() {
                let gateway = gateway.clone();
                thread::spawn(move || hand_on(&client, &gateway));
            }
        });
    }
}

fn hand_on(client: &TcpStream, gateway: &str) -> Option<()> {
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut head = line.replacen(&format!(" {PREFIX}"), " ", 1);
    if head == line {
        let outside =
            "HTTP/1.1 418 outside of the gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return { client }.write_all(outside.as_bytes()).ok();
    }
    loop {
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|bytes| *bytes > 0)?;
        if line == "\r\n" {
            break;
        }
        if !line.to_ascii_lowercase().starts_with("connection:") {
            head.push_str(&line);
        }
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut server = TcpStream::connect(gateway).ok()?;
    server.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    { client }.write_all(&answer).ok()
}

/// A gateway behind a proxy, and the address that clients see.
fn started(sandbox: &Sandbox) -> (Shelf, Gateway, String) {
    let young = File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z");
    let shelf = Shelf::with(&[File::wheel("demo", "1.0"), young]);
    let proxy = Proxy::new();
    let url = proxy.url();
    let gateway = Gateway::start(sandbox, &["--index-url", &shelf.url(), "--url", &url]);
    proxy.hands_on_to(&gateway.url);
    (shelf, gateway, url)
}

#[test]
fn pip_and_uv_install_from_a_path_of_a_proxy() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let (_shelf, _gateway, url) = started(&sandbox);
    // As it is written, and as people write it.
    for (at, index) in [format!("{url}/simple/"), format!("{url}/simple")]
        .iter()
        .enumerate()
    {
        for client in BOTH {
            let into = format!("{client:?}-{at}");
            clients
                .install(client, &sandbox, (index, &into), &["Demo"])
                .ends_with(0);
            assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
            let ran = clients.install(client, &sandbox, (index, "none"), &["demo==2.0"]);
            assert_ne!(ran.code, 0);
            let why = format!("see {url}/why/demo-2.0-py3-none-any.whl");
            assert!(said(&ran).contains(&why), "{}", ran.all());
        }
    }
}

#[test]
fn redirects_and_links_stay_within() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway, url) = started(&sandbox);
    for (path, location) in [
        ("/simple", "simple/"),
        ("/simple/Demo/", "../demo/"),
        ("/simple/Demo", "demo/"),
        ("/simple/demo", "demo/"),
    ] {
        let answer = gateway.get(path, &[]);
        assert_eq!(
            (answer.status, answer.header("location")),
            (301, Some(location))
        );
    }
    let page = gateway.get("/simple/demo/", &[]).text();
    let links: Vec<&str> = page.split("href=\"").skip(1).collect();
    assert!(!links.is_empty() && links.iter().all(|link| link.starts_with("../../files/")));
    let why = get(
        &url.replace(PREFIX, ""),
        &format!("{PREFIX}/why/demo-2.0-py3-none-any.whl"),
        &[],
    );
    assert_eq!(why.status, 200, "{}", why.text());
}

/// Who says anything may say these, so nothing that is answered or told comes from them.
#[test]
fn what_a_client_says_of_itself_changes_nothing() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway, url) = started(&sandbox);
    let claims = [
        "X-Forwarded-For: 203.0.113.7",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Prefix: /evil",
        "Forwarded: for=203.0.113.7;host=evil.example;proto=https",
        "X-Real-IP: 203.0.113.7",
        "X-Original-URL: /why/demo",
        "X-HTTP-Method-Override: DELETE",
    ];
    for path in [
        "/",
        "/simple/demo/",
        "/simple/Demo/",
        "/why/demo-2.0-py3-none-any.whl",
    ] {
        let honest = gateway.get(path, &[]);
        let claimed = gateway.get(path, &claims);
        assert_eq!(claimed.status, honest.status);
        assert_eq!(claimed.header("location"), honest.header("location"));
        assert_eq!(claimed.text(), honest.text());
        assert!(!claimed.text().contains("evil"));
    }
    assert!(
        gateway
            .get("/", &claims)
            .text()
            .contains(&format!("{url}/simple/"))
    );
    until("the requests are told", || {
        gateway.log().matches(" 200 GET / ").count() >= 3
    });
    assert!(!gateway.log().contains("203.0.113.7"), "{}", gateway.log());
}

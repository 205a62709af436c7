//! A forward proxy around one command: it leads to the gateway, and to the places that were decided about before the
//! command started. Everything else is refused, so that a client which is told to go elsewhere by its own settings gets
//! there through nobody.
//!
//! A connection carries one request: the next one may be for another place. What is fetched with TLS is not seen here,
//! so a place is a host and a port there, and a whole address where there is no TLS.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pinproof_core::Printable;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

/// The most that the head of a request may have.
const MOST_HEAD: usize = 64 * 1024;
/// Connections at one time.
const MOST_CONNECTIONS: usize = 256;
/// How long a head may take, and the way to a place.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection through TLS may live: a large file takes a while.
const LONGEST: Duration = Duration::from_hours(2);

/// The places behind the fence.
#[derive(Clone, Debug, Default)]
pub struct Places {
    hosts: BTreeSet<(String, u16)>,
    addresses: BTreeSet<String>,
    below: Vec<String>,
}

/// A fence.
pub struct Fence {
    gateway: SocketAddr,
    places: Places,
    refused: Box<dyn Fn(&Printable) + Send + Sync>,
}

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// Bytes in both directions, to that host.
    Tunnel(String, u16),
    /// One request, as it is to be sent on, to that host.
    Relay(String, u16, Vec<u8>),
    /// Nothing that is led anywhere, and what was asked for.
    Refused(String),
}

impl Places {
    /// Opens an address: with TLS its host, else that address alone. Any other scheme opens nothing.
    pub fn open(&mut self, address: &str) {
        let Ok(url) = Url::parse(address) else { return };
        let host = url.host_str().zip(url.port_or_known_default());
        match (url.scheme(), host) {
            ("https", Some((host, port))) => drop(self.hosts.insert((host.to_owned(), port))),
            ("http", Some(_)) => drop(self.addresses.insert(bare(&url))),
            _ => {}
        }
    }

    /// Opens an address and everything on its host: a client finds the rest by the pages there.
    pub fn open_host(&mut self, address: &str) {
        self.open(address);
        let Ok(mut url) = Url::parse(address) else {
            return;
        };
        if url.scheme() == "http" {
            url.set_path("/");
            url.set_query(None);
            self.below.push(bare(&url));
        }
    }

    /// Whether nothing is open.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.addresses.is_empty()
    }

    fn has(&self, url: &Url) -> bool {
        let address = bare(url);
        self.addresses.contains(&address)
            || self.below.iter().any(|below| address.starts_with(below))
    }
}

/// An address without what a server is not asked for.
fn bare(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // These fail only for addresses without a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

impl Fence {
    /// A fence around the gateway at an address; `refused` is told of each refusal.
    pub fn new(
        gateway: SocketAddr,
        places: Places,
        refused: impl Fn(&Printable) + Send + Sync + 'static,
    ) -> Self {
        Self {
            gateway,
            places,
            refused: Box::new(refused),
        }
    }

    /// Stands on `listener` until it is dropped.
    pub async fn stand(self, listener: TcpListener) {
        let (fence, room) = (Arc::new(self), Arc::new(Semaphore::new(MOST_CONNECTIONS)));
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            let Ok((client, _)) = listener.accept().await else {
                // The machine has no more connections at the moment.
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            };
            let fence = Arc::clone(&fence);
            tokio::spawn(async move {
                // Whoever goes away is no trouble of ours.
                let _ = timeout(LONGEST, fence.answer(client)).await;
                drop(place);
            });
        }
    }

    async fn answer(&self, mut client: TcpStream) -> std::io::Result<()> {
        let head = timeout(PATIENCE, head(&mut client)).await??;
        let Some((head, rest)) = head else {
            return refuse(
                &mut client,
                "400 Bad Request",
                "pinproof: this is no request",
            )
            .await;
        };
        match self.wanted(&head) {
            Wanted::Refused(what) => {
                let what = Printable::new(&what).shortened(160);
                let why = Printable::from(format!(
                    "{what} is asked for past the gateway, and nobody decided about it"
                ));
                (self.refused)(&why);
                refuse(&mut client, "403", &format!("pinproof: {why}")).await
            }
            Wanted::Tunnel(host, port) => {
                let Some(mut server) = connect(&host, port).await else {
                    return unreached(&mut client, &host).await;
                };
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
                server.write_all(&rest).await?;
                copy_bidirectional(&mut client, &mut server).await?;
                Ok(())
            }
            Wanted::Relay(host, port, head) => {
                let Some(mut server) = connect(&host, port).await else {
                    return unreached(&mut client, &host).await;
                };
                server.write_all(&head).await?;
                server.write_all(&rest).await?;
                copy_bidirectional(&mut client, &mut server).await?;
                Ok(())
            }
        }
    }

    fn wanted(&self, head: &str) -> Wanted {
        let (line, fields) = head.split_once("\r\n").unwrap_or((head, ""));
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        if method == "CONNECT" {
            let Some((host, port)) = target
                .rsplit_once(':')
                .and_then(|(host, port)| Some((host, port.parse().ok()?)))
            else {
                return Wanted::Refused(target.to_owned());
            };
            let host = host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_ascii_lowercase();
            let place = (host, port);
            if self.places.hosts.contains(&place) {
                return Wanted::Tunnel(place.0, place.1);
            }
            return Wanted::Refused(place.0);
        }
        let url = Url::parse(target).ok().filter(|url| url.scheme() == "http");
        let Some(url) = url else {
            return Wanted::Refused(target.to_owned());
        };
        let Some((host, port)) = url.host_str().zip(url.port_or_known_default()) else {
            return Wanted::Refused(target.to_owned());
        };
        let is_gateway = host == self.gateway.ip().to_string() && port == self.gateway.port();
        let only_asks = matches!(method, "GET" | "HEAD");
        if !only_asks || !(is_gateway || self.places.has(&url)) {
            return Wanted::Refused(bare(&url));
        }
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut sent =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nVia: 1.1 pinproof\r\n");
        for field in fields.split("\r\n").filter(|field| !is_of_the_hop(field)) {
            sent.push_str(field);
            sent.push_str("\r\n");
        }
        sent.push_str("\r\n");
        Wanted::Relay(host.to_owned(), port, sent.into_bytes())
    }
}

/// Whether a field of a head is for us, and not for the server; a request that only asks has no body.
fn is_of_the_hop(field: &str) -> bool {
    let name = field
        .split(':')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    let ours = [
        "",
        "connection",
        "proxy-connection",
        "proxy-authorization",
        "keep-alive",
        "te",
        "upgrade",
        "transfer-encoding",
        "content-length",
        "expect",
    ];
    ours.contains(&name.as_str())
}

/// The head of a request without its last empty line, and what came behind it; `None` if it is none.
async fn head(client: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            bytes.truncate(end);
            return Ok(String::from_utf8(bytes).ok().map(|head| (head, rest)));
        }
        let mut piece = [0; 4096];
        let read = client.read(&mut piece).await?;
        if read == 0 || bytes.len() > MOST_HEAD {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..read]);
    }
}

async fn connect(host: &str, port: u16) -> Option<TcpStream> {
    let connected = timeout(PATIENCE, TcpStream::connect((host, port))).await;
    connected.ok()?.ok()
}

async fn unreached(client: &mut TcpStream, host: &str) -> std::io::Result<()> {
    let host = Printable::new(host).shortened(160);
    refuse(
        client,
        "502",
        &format!("pinproof: {host} cannot be reached"),
    )
    .await
}

async fn refuse(client: &mut TcpStream, status: &str, why: &str) -> std::io::Result<()> {
    let line: String = why
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .collect();
    let (status, reason) = status.split_once(' ').unwrap_or((status, &line));
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{why}\n",
        why.len() + 1
    );
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::{Fence, Places, Wanted};

    fn fence() -> Fence {
        let mut places = Places::default();
        places.open("https://files.example/a/demo.whl");
        places.open("http://mirror.example:8000/a/demo.whl#sha256=00");
        places.open("file:///etc/passwd");
        Fence::new(
            "127.0.0.1:8086".parse().expect("an address"),
            places,
            |_| {},
        )
    }

    #[test]
    fn only_open_places_are_led_to() {
        let fence = fence();
        let tunnel = Wanted::Tunnel("files.example".to_owned(), 443);
        assert_eq!(fence.wanted("CONNECT Files.example:443 HTTP/1.1"), tunnel);
        for refused in [
            "CONNECT files.example:8443 HTTP/1.1",
            "CONNECT pypi.example:443 HTTP/1.1",
            "CONNECT 127.0.0.1:8086 HTTP/1.1",
            "CONNECT files.example",
            "GET http://mirror.example:8000/a/other.whl HTTP/1.1",
            "GET http://mirror.example/a/demo.whl HTTP/1.1",
            "POST http://mirror.example:8000/a/demo.whl HTTP/1.1",
            "GET /simple/demo/ HTTP/1.1",
            "GET http://127.0.0.1:8087/simple/ HTTP/1.1",
            "",
        ] {
            let wanted = fence.wanted(refused);
            assert!(
                matches!(wanted, Wanted::Refused(_)),
                "{refused}: {wanted:?}"
            );
        }
    }

    #[test]
    fn a_request_is_sent_on_without_what_is_for_us() {
        let head = "GET http://127.0.0.1:8086/simple/demo/?x=1 HTTP/1.1\r\nHost: 127.0.0.1:8086\r\n\
                    Proxy-Connection: keep-alive\r\nConnection: keep-alive\r\nAccept: text/html";
        let Wanted::Relay(host, port, sent) = fence().wanted(head) else {
            panic!("it is led to the gateway");
        };
        assert_eq!((host.as_str(), port), ("127.0.0.1", 8086));
        assert_eq!(
            String::from_utf8(sent).expect("text"),
            "GET /simple/demo/?x=1 HTTP/1.1\r\nConnection: close\r\nVia: 1.1 pinproof\r\nHost: 127.0.0.1:8086\r\nAccept: text/html\r\n\r\n"
        );
    }
}

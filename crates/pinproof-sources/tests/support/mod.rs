//! An index on loopback that answers as badly as told: HTTP/1.1 over tokio, and nothing else.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinproof_core::{IndexUrl, ProjectName, Version};
use pinproof_sources::{ClientSettings, Index, IndexClient, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// What one request gets.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A whole answer with a `Content-Length`.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, and the end of the connection.
    Close,
    /// Nothing, for ever.
    Hang,
    /// This head, then these bytes, one at a time.
    Drip(String, Vec<u8>, Duration),
    /// This head, then zeros for ever.
    Endless(String),
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: Vec<(String, String)>,
}

type Handler = dyn Fn(&Seen) -> Reply + Send + Sync;

pub struct Server {
    pub origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }

    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, JSON, body)
    }

    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub fn status(status: u16) -> Self {
        Self::new(status, "text/plain", "no")
    }

    pub fn redirect(location: impl Into<String>) -> Self {
        Self::status(302).with("location", location)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// The part of `file` that the request asks for, or all of it.
    pub fn file(file: &[u8], seen: &Seen) -> Self {
        let Some(range) = seen
            .header("range")
            .and_then(|range| range.strip_prefix("bytes="))
        else {
            return Self::new(200, "application/octet-stream", file);
        };
        let (first, last) = range.split_once('-').unwrap();
        let (from, to) = match first {
            "" => (file.len().saturating_sub(last.parse().unwrap()), file.len()),
            first if last.is_empty() => (first.parse().unwrap(), file.len()),
            first => (first.parse().unwrap(), last.parse::<usize>().unwrap() + 1),
        };
        let content_range = format!("bytes {from}-{}/{}", to - 1, file.len());
        Self::new(206, "application/octet-stream", &file[from..to])
            .with("content-range", content_range)
    }
}

pub const JSON: &str = "application/vnd.pypi.simple.v1+json";

impl Server {
    pub async fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                tokio::spawn(async move {
                    // The client closes connections in the middle of answers that it does not want.
                    let _ = serve(stream, &*handler, &log).await;
                });
            }
        });
        Self { origin, seen }
    }

    /// A server that answers everything with `reply`.
    pub async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    /// An address that refuses connections.
    pub async fn refusing() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
        }
    }

    pub fn index(&self) -> Index {
        index(&format!("{}/simple/", self.origin))
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

async fn serve(
    mut stream: TcpStream,
    handler: &Handler,
    log: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        while !buffer.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            if buffer.starts_with(b"\x16") {
                // The start of TLS, which this server does not speak.
                return stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").await;
            }
        }
        let seen = parse(&String::from_utf8_lossy(&buffer));
        buffer.clear();
        let reply = handler(&seen);
        log.lock().unwrap().push(seen);
        if !answer(&mut stream, reply).await? {
            return Ok(());
        }
    }
}

fn parse(request: &str) -> Seen {
    let mut lines = request.lines();
    let path = lines
        .next()
        .unwrap_or("")
        .split(' ')
        .nth(1)
        .unwrap_or("")
        .to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Seen { path, headers }
}

/// Sends a reply; `false` ends the connection.
async fn answer(stream: &mut TcpStream, reply: Reply) -> std::io::Result<bool> {
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                let _ = write!(head, "{name}: {value}\r\n");
            }
            stream.write_all(format!("{head}\r\n").as_bytes()).await?;
            stream.write_all(&body).await?;
            return Ok(true);
        }
        Reply::Raw(bytes) => stream.write_all(&bytes).await?,
        Reply::Close => {}
        Reply::Hang => tokio::time::sleep(Duration::from_hours(1)).await,
        Reply::Drip(head, bytes, pause) => {
            stream.write_all(head.as_bytes()).await?;
            for byte in bytes {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(pause).await;
            }
        }
        Reply::Endless(head) => {
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream.write_all(&[b' '; 8 * 1024]).await?;
            }
        }
    }
    stream.shutdown().await?;
    Ok(false)
}

/// The address of a server whose certificate nobody signed but itself.
pub async fn self_signed_server() -> String {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let secret = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], secret.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client is expected to turn away.
            let _ = acceptor.accept(stream).await;
        }
    });
    format!("https://localhost:{port}/simple/")
}

pub fn index(url: &str) -> Index {
    Index {
        name: "corp".to_owned(),
        url: IndexUrl::parse(url).unwrap(),
    }
}

/// Limits under which every test ends quickly.
pub fn limits() -> Limits {
    Limits {
        page_bytes: 256 * 1024,
        metadata_bytes: 64 * 1024,
        archive_bytes: 1024 * 1024,
        download_bytes: 512 * 1024,
        unpacked_bytes: 4 * 1024 * 1024,
        connect_timeout: Duration::from_millis(500),
        read_timeout: Duration::from_millis(300),
        request_timeout: Duration::from_millis(1500),
        gather_timeout: Duration::from_secs(10),
        backoff: Duration::from_millis(5),
        max_retry_after: Duration::from_secs(1),
        ..Limits::default()
    }
}

pub fn settings() -> ClientSettings {
    ClientSettings {
        limits: limits(),
        now: "2026-11-22T10:00:00Z".parse().unwrap(),
        ..ClientSettings::default()
    }
}

pub fn client() -> IndexClient {
    IndexClient::new(settings())
}

pub fn project(name: &str) -> ProjectName {
    name.parse().unwrap()
}

pub fn versions(versions: &[&str]) -> BTreeSet<Version> {
    versions
        .iter()
        .map(|version| version.parse().unwrap())
        .collect()
}

/// A page of `demo` with a wheel and a source distribution of 1.0, and a wheel of 2.0.
pub fn demo_page() -> String {
    let file = |name: &str, day: u32| {
        format!(
            r#"{{"filename": "{name}", "url": "../../files/{name}", "hashes": {{"sha256": "{}"}},
                "size": 1234, "upload-time": "2026-01-{day:02}T00:00:00.123456Z", "yanked": false,
                "requires-python": ">=3.9"}}"#,
            format!("{day:02x}").repeat(32)
        )
    };
    format!(
        r#"{{"meta": {{"api-version": "1.4"}}, "name": "Demo", "versions": ["1.0", "2.0"], "files": [{}]}}"#,
        [
            file("demo-1.0-py3-none-any.whl", 2),
            file("demo-1.0.tar.gz", 1),
            file("demo-2.0-py3-none-any.whl", 3)
        ]
        .join(", ")
    )
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

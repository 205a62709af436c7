//! A Simple API index on loopback: honest, or in one of many moods.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// How an index behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Answers what it has.
    Honest,
    /// Accepts a connection and never answers.
    Hung,
    /// Promises more bytes than it sends.
    Truncated,
    /// 200 with a web page.
    Html,
    /// 200 with no files.
    Empty,
    /// This status, always.
    Status(u16),
    /// Redirects in a circle.
    Circle,
    /// Sends bytes without end.
    Endless,
    /// 200 with JSON of the wrong types.
    WrongTypes,
    /// Redirects to plain HTTP at another host.
    Elsewhere,
    /// 200 with exactly this page.
    Says(String),
}

/// One release for the index to offer.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    name: String,
    version: String,
    uploaded: Option<String>,
    requires: Vec<String>,
    yanked: Option<String>,
    sdist: bool,
    tag: String,
    algorithm: &'static str,
}

/// An index that listens until it is dropped.
pub(crate) struct Index {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
}

impl Release {
    /// A release with one wheel for every platform, uploaded long ago.
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            uploaded: Some("2020-01-01T00:00:00Z".to_owned()),
            requires: Vec::new(),
            yanked: None,
            sdist: false,
            tag: "py3-none-any".to_owned(),
            algorithm: "sha256",
        }
    }

    /// It needs this.
    pub(crate) fn requires(mut self, requirement: &str) -> Self {
        self.requires.push(requirement.to_owned());
        self
    }

    /// It was uploaded then; an empty text is no time.
    pub(crate) fn uploaded(mut self, time: &str) -> Self {
        self.uploaded = (!time.is_empty()).then(|| time.to_owned());
        self
    }

    /// Its authors withdrew it.
    pub(crate) fn yanked(mut self, reason: &str) -> Self {
        self.yanked = Some(reason.to_owned());
        self
    }

    /// It has a source distribution only.
    pub(crate) fn sdist_only(mut self) -> Self {
        self.sdist = true;
        self
    }

    /// Its wheel is for this platform only.
    pub(crate) fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    /// The index publishes an md5 of its file, and no sha256.
    pub(crate) fn md5_only(mut self) -> Self {
        self.algorithm = "md5";
        self
    }

    /// The sha256 of its file.
    pub(crate) fn sha256(&self) -> String {
        hex(&Sha256::digest(self.filename()))
    }

    /// The line that pins it.
    pub(crate) fn pinned(&self) -> String {
        format!("{}=={}\n", self.name, self.version)
    }

    /// The line that pins and hashes it.
    pub(crate) fn locked(&self) -> String {
        format!(
            "{}=={} --hash=sha256:{}\n",
            self.name,
            self.version,
            self.sha256()
        )
    }

    fn filename(&self) -> String {
        let stem = self.name.replace('-', "_");
        if self.sdist {
            format!("{stem}-{}.tar.gz", self.version)
        } else {
            format!("{stem}-{}-{}.whl", self.version, self.tag)
        }
    }

    fn metadata(&self) -> String {
        let mut text = format!(
            "Metadata-Version: 2.2\nName: {}\nVersion: {}\n",
            self.name, self.version
        );
        for requirement in &self.requires {
            let _ = writeln!(text, "Requires-Dist: {requirement}");
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        let metadata = hex(&Sha256::digest(self.metadata()));
        let sha256 = self.sha256();
        let digest = if self.algorithm == "md5" {
            &sha256[..32]
        } else {
            &sha256
        };
        let mut file = serde_json::json!({
            "filename": self.filename(),
            "url": format!("/files/{}", self.filename()),
            "hashes": {self.algorithm: digest},
            "size": 10,
            "core-metadata": {"sha256": metadata},
        });
        if let Some(time) = &self.uploaded {
            file["upload-time"] = time.as_str().into();
        }
        if let Some(reason) = &self.yanked {
            file["yanked"] = reason.as_str().into();
        }
        file
    }
}

impl Index {
    /// An honest index with these releases.
    pub(crate) fn with(releases: &[Release]) -> Self {
        Self::in_mood(Mood::Honest, releases)
    }

    /// An index that behaves like this.
    pub(crate) fn in_mood(mood: Mood, releases: &[Release]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let world = Arc::new(World::new(mood, releases, Arc::clone(&asked)));
        let until = Arc::clone(&stopped);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if until.load(Ordering::Relaxed) {
                    return;
                }
                let world = Arc::clone(&world);
                thread::spawn(move || world.serve(connection));
            }
        });
        Self {
            address,
            asked,
            stopped,
        }
    }

    /// The address of a port on which nobody listens.
    pub(crate) fn refused() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        format!("http://{address}/simple/")
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/simple/", self.address)
    }

    /// The projects it was asked about, sorted; what is no project is a path, or an address if it is
    /// used as a proxy.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().expect("no test thread panicked").clone();
        asked.sort();
        asked.dedup();
        asked
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect(self.address);
    }
}

struct World {
    mood: Mood,
    pages: BTreeMap<String, String>,
    metadata: BTreeMap<String, String>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn new(mood: Mood, releases: &[Release], asked: Arc<Mutex<Vec<String>>>) -> Self {
        let mut files: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
        let mut metadata = BTreeMap::new();
        for release in releases {
            files
                .entry(release.name.clone())
                .or_default()
                .push(release.json());
            metadata.insert(
                format!("{}.metadata", release.filename()),
                release.metadata(),
            );
        }
        let pages = files.into_iter().map(|(name, files)| {
            let page = serde_json::json!({
                "meta": {"api-version": "1.4"},
                "name": name,
                "files": files,
            });
            (name, page.to_string())
        });
        Self {
            mood,
            pages: pages.collect(),
            metadata,
            asked,
        }
    }

    fn serve(&self, mut connection: TcpStream) {
        let _ = connection.set_read_timeout(Some(Duration::from_secs(30)));
        let Ok(reading) = connection.try_clone() else {
            return;
        };
        let mut lines = BufReader::new(reading).lines().map_while(Result::ok);
        while let Some(request) = lines.next() {
            for line in lines.by_ref() {
                if line.is_empty() {
                    break;
                }
            }
            let path = request.split(' ').nth(1).unwrap_or("").to_owned();
            if self.answer(&path, &mut connection).is_err() {
                return;
            }
        }
    }

    fn answer(&self, path: &str, to: &mut TcpStream) -> std::io::Result<()> {
        let project = path
            .strip_prefix("/simple/")
            .map(|name| name.trim_end_matches('/'));
        if !path.starts_with("/files/") {
            let mut asked = self.asked.lock().expect("no test thread panicked");
            asked.push(project.unwrap_or(path).to_owned());
        }
        match &self.mood {
            Mood::Honest => self.honest(path, project, to),
            Mood::Hung => {
                thread::sleep(Duration::from_secs(20));
                Err(std::io::ErrorKind::TimedOut.into())
            }
            Mood::Truncated => {
                write!(
                    to,
                    "HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 9999\r\n\r\n{{\"meta\""
                )?;
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            Mood::Html => send(
                to,
                200,
                "text/html",
                "<html><body>Please log in</body></html>",
            ),
            Mood::Empty => {
                let name = project.unwrap_or("");
                let page = format!(
                    "{{\"meta\":{{\"api-version\":\"1.4\"}},\"name\":\"{name}\",\"files\":[]}}"
                );
                send(to, 200, JSON, &page)
            }
            Mood::Status(status) => send(to, *status, "text/plain", "no"),
            Mood::Circle => redirect(to, path),
            Mood::Elsewhere => redirect(to, "http://elsewhere.invalid/simple/x/"),
            Mood::Endless => endless(to),
            Mood::Says(page) => send(to, 200, JSON, page),
            Mood::WrongTypes => send(to, 200, JSON, "{\"meta\": 1, \"files\": {\"a\": []}}"),
        }
    }

    fn honest(&self, path: &str, project: Option<&str>, to: &mut TcpStream) -> std::io::Result<()> {
        if let Some(page) = project.and_then(|name| self.pages.get(name)) {
            return send(to, 200, JSON, page);
        }
        let file = path.strip_prefix("/files/").unwrap_or("");
        match self.metadata.get(file) {
            Some(metadata) => send(to, 200, "application/octet-stream", metadata),
            None => send(to, 404, "text/plain", "not found"),
        }
    }
}

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn send(to: &mut TcpStream, status: u16, kind: &str, body: &str) -> std::io::Result<()> {
    write!(
        to,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn redirect(to: &mut TcpStream, location: &str) -> std::io::Result<()> {
    write!(
        to,
        "HTTP/1.1 302 X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// Sends until the client has had enough, and at most a gigabyte.
fn endless(to: &mut TcpStream) -> std::io::Result<()> {
    write!(
        to,
        "HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n\r\n{{\"files\": ["
    )?;
    let block = " ".repeat(1024 * 1024);
    for _ in 0..1024 {
        to.write_all(block.as_bytes())?;
    }
    Err(std::io::ErrorKind::BrokenPipe.into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

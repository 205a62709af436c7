//! An upstream that writes to its clients whatever a test wants, byte by byte.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Result, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::shelf::{self, File, JSON};

/// A request: its path, and its head in lower case.
pub(crate) struct Request {
    pub(crate) path: String,
    head: String,
}

impl Request {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1);
        lines.find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key == name).then(|| value.trim())
        })
    }

    /// The same request for another path.
    pub(crate) fn at(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            head: self.head.clone(),
        }
    }

    /// Where the part begins that is asked for.
    pub(crate) fn from(&self) -> Option<usize> {
        let range = self.header("range")?.strip_prefix("bytes=")?;
        range.strip_suffix('-')?.parse().ok()
    }
}

type Behaviour = dyn Fn(&Request, &mut TcpStream) -> Result<()> + Send + Sync;

/// It listens until it is dropped. Each connection is for one request.
pub(crate) struct Upstream {
    address: SocketAddr,
    behaviour: Arc<Mutex<Arc<Behaviour>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

impl Upstream {
    /// One that behaves like this.
    pub(crate) fn new(
        behaviour: impl Fn(&Request, &mut TcpStream) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let upstream = Self {
            address: listener.local_addr().expect("an address"),
            behaviour: Arc::new(Mutex::new(Arc::new(behaviour))),
            requests: Arc::default(),
            stopped: Arc::default(),
        };
        let (behaviour, requests) = (
            Arc::clone(&upstream.behaviour),
            Arc::clone(&upstream.requests),
        );
        let stopped = Arc::clone(&upstream.stopped);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (behaviour, requests) = (Arc::clone(&behaviour), Arc::clone(&requests));
                thread::spawn(move || {
                    let Some(request) = read(&stream) else {
                        return;
                    };
                    let does = Arc::clone(&*lock(&behaviour));
                    // Clients that do not want the rest are a part of what tests look at.
                    let _ = does(&request, &mut stream);
                    lock(&requests).push(request);
                });
            }
        });
        upstream
    }

    /// An honest one: this page of a project, and its files.
    pub(crate) fn honest(files: &[File]) -> Self {
        Self::new(honest(files))
    }

    /// Behaves otherwise from now on.
    pub(crate) fn behaves(
        &self,
        behaviour: impl Fn(&Request, &mut TcpStream) -> Result<()> + Send + Sync + 'static,
    ) {
        *lock(&self.behaviour) = Arc::new(behaviour);
    }

    /// Its address, as that of an index.
    pub(crate) fn simple(&self) -> String {
        format!("http://{}/simple/", self.address)
    }

    /// A header of each request that was answered so far, in the order of their ends.
    pub(crate) fn headers(&self, name: &str) -> Vec<Option<String>> {
        let requests = lock(&self.requests);
        let values = requests.iter().map(|request| request.header(name));
        values.map(|value| value.map(str::to_owned)).collect()
    }

    /// How often a path was answered so far.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let requests = lock(&self.requests);
        let same = requests.iter().filter(|request| request.path == path);
        same.count()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(stream: &TcpStream) -> Option<Request> {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut head = first;
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line).ok()?;
        if read == 0 || line.trim().is_empty() {
            let head = head.to_lowercase();
            return Some(Request { path, head });
        }
        head.push_str(&line);
    }
}

/// What an honest index does.
pub(crate) fn honest(
    files: &[File],
) -> impl Fn(&Request, &mut TcpStream) -> Result<()> + Send + Sync + 'static {
    let files = files.to_vec();
    move |request, stream| {
        if let Some(project) = request.path.strip_prefix("/simple/") {
            let project = project.trim_end_matches('/');
            if !files.iter().any(|file| file.project == project) {
                return says(stream, 404, &[], b"no");
            }
            return page(stream, &shelf::page(project, &files));
        }
        let name = request.path.strip_prefix("/files/").unwrap_or("");
        match files.iter().find(|file| file.name == name) {
            Some(file) => says(stream, 200, &[], &file.bytes),
            None => says(stream, 404, &[], b"no"),
        }
    }
}

/// Answers with a page in JSON.
pub(crate) fn page(stream: &mut TcpStream, text: &str) -> Result<()> {
    says(stream, 200, &[("Content-Type", JSON)], text.as_bytes())
}

/// Answers with this and nothing else.
pub(crate) fn says(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<()> {
    let length = body.len().to_string();
    head(
        stream,
        status,
        &[headers, &[("Content-Length", &length)]].concat(),
    )?;
    stream.write_all(body)
}

/// The head of an answer.
pub(crate) fn head(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)]) -> Result<()> {
    let mut text = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes())
}

//! An HTTP server on loopback that answers what a test tells it, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
pub(crate) struct Asked {
    /// Its path, with a query if there is one.
    pub(crate) path: String,
    /// The bytes that are asked for, as `Range` says it.
    pub(crate) range: Option<String>,
    /// Its body.
    pub(crate) body: Vec<u8>,
    /// Whether it asks for no body: `HEAD`.
    is_head: bool,
    /// Whether a proxy sent it on (`Via`), or pinproof itself asks.
    is_led: bool,
}

/// What is answered.
#[derive(Clone)]
pub(crate) enum Reply {
    /// This status, these headers, and this body.
    Says(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Nothing, for longer than anybody waits.
    Hangs,
    /// 200, and less of this body than is promised; then the connection ends.
    BreaksOff(Vec<u8>),
    /// 200, and less of this body than is promised; then nothing more.
    Stalls(Vec<u8>),
    /// This status, these headers, and this body in pieces, with a pause after each.
    Drips(u16, Vec<(&'static str, String)>, Vec<u8>, Duration),
}

/// The path of each request, and whether a proxy sent it on, or pinproof itself asked.
type Log = Mutex<Vec<(String, bool)>>;

/// A server that listens until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Log>,
    stopped: Arc<AtomicBool>,
}

impl Reply {
    /// 200 with a body.
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Says(200, Vec::new(), body.into())
    }

    /// Another status.
    pub(crate) fn status(status: u16) -> Self {
        Self::Says(status, Vec::new(), b"no".to_vec())
    }
}

impl Server {
    /// Answers every request with what `answer` makes of it.
    pub(crate) fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (log, until) = (Arc::clone(&asked), Arc::clone(&stopped));
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if until.load(Ordering::Relaxed) {
                    return;
                }
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                thread::spawn(move || serve(&connection, &*answer, &log));
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
        format!("http://{address}/")
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The paths it was asked for so far, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().expect("no test thread panicked");
        asked.iter().map(|(path, _)| path.clone()).collect()
    }

    /// Those of them that a client asked for with nobody between.
    pub(crate) fn asked_straight(&self) -> Vec<String> {
        let asked = self.asked.lock().expect("no test thread panicked");
        let straight = asked.iter().filter(|(_, is_led)| !is_led);
        straight.map(|(path, _)| path.clone()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(connection: &TcpStream, answer: &dyn Fn(&Asked) -> Reply, log: &Log) {
    let _ = connection.set_read_timeout(Some(Duration::from_secs(30)));
    // An answer is several writes; none of them shall wait until the one before it is acknowledged.
    let _ = connection.set_nodelay(true);
    let mut reader = BufReader::new(connection);
    while let Some(asked) = read(&mut reader) {
        log.lock()
            .expect("no test thread panicked")
            .push((asked.path.clone(), asked.is_led));
        let reply = match answer(&asked) {
            Reply::Says(status, headers, body) if asked.is_head => {
                if send_head(connection, status, headers, body.len()).is_err() {
                    return;
                }
                continue;
            }
            reply => reply,
        };
        if send(connection, reply).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|bytes| *bytes > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let is_head = line.starts_with("HEAD ");
    let mut length = 0;
    let mut range = None;
    let mut is_led = false;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        is_led |= header.starts_with("via:") || header.starts_with("user-agent: pinproof/");
        if let Some(value) = header.strip_prefix("range:") {
            range = Some(value.trim().to_owned());
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        path,
        range,
        body,
        is_head,
        is_led,
    })
}

/// What drips at one time.
const PIECE: usize = 2_000;

fn send_head(
    mut to: &TcpStream,
    status: u16,
    headers: Vec<(&'static str, String)>,
    length: usize,
) -> std::io::Result<()> {
    write!(to, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n")?;
    for (name, value) in headers {
        write!(to, "{name}: {value}\r\n")?;
    }
    to.write_all(b"\r\n")
}

fn send(mut to: &TcpStream, reply: Reply) -> std::io::Result<()> {
    let partly = |mut to: &TcpStream, body: &[u8]| -> std::io::Result<()> {
        let length = body.len() + 1000;
        write!(to, "HTTP/1.1 200 X\r\nContent-Length: {length}\r\n\r\n")?;
        to.write_all(body)
    };
    match reply {
        Reply::Says(status, headers, body) => {
            send_head(to, status, headers, body.len())?;
            to.write_all(&body)
        }
        Reply::Drips(status, headers, body, pause) => {
            send_head(to, status, headers, body.len())?;
            for piece in body.chunks(PIECE) {
                to.write_all(piece)?;
                thread::sleep(pause);
            }
            Ok(())
        }
        Reply::Hangs => {
            thread::sleep(Duration::from_secs(20));
            Err(std::io::ErrorKind::TimedOut.into())
        }
        Reply::BreaksOff(body) => {
            partly(to, &body)?;
            let _ = to.shutdown(std::net::Shutdown::Both);
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        Reply::Stalls(body) => {
            partly(to, &body)?;
            thread::sleep(Duration::from_secs(20));
            Err(std::io::ErrorKind::TimedOut.into())
        }
    }
}

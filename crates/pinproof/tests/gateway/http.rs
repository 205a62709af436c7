//! A client that does what a test tells it, and nothing else.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 where the connection ended without an answer.
    pub(crate) status: u16,
    /// The first line after the status.
    pub(crate) phrase: String,
    head: String,
    pub(crate) body: Vec<u8>,
    /// Whether all of the body came.
    pub(crate) is_whole: bool,
}

impl Answer {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1);
        lines.find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A request that was sent, and whose answer was not read yet.
pub(crate) struct Asking {
    stream: TcpStream,
    /// What was read already.
    read: Vec<u8>,
}

/// Asks `http://host:port` for a path.
pub(crate) fn get(url: &str, path: &str, headers: &[&str]) -> Answer {
    Asking::with(url, path, headers).finish()
}

/// The same; nothing where nobody listens any more.
pub(crate) fn get_if_there(url: &str, path: &str, headers: &[&str]) -> Option<Answer> {
    Asking::begin(url, path, headers).ok().map(Asking::finish)
}

/// Sends these bytes, whatever they are, and reads until the connection ends.
pub(crate) fn exchange(url: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(url);
    // It may have heard enough before the end.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Sends these bytes, and reads one answer.
pub(crate) fn send(url: &str, bytes: &[u8]) -> Answer {
    parse(&exchange(url, bytes))
}

fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(host(url)).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .expect("a time limit");
    stream
}

/// The host and port of an address.
pub(crate) fn host(url: &str) -> &str {
    url.split_once("://").expect("an address").1
}

impl Asking {
    /// Asks, and reads nothing.
    pub(crate) fn start(url: &str, path: &str) -> Self {
        Self::with(url, path, &[])
    }

    fn with(url: &str, path: &str, headers: &[&str]) -> Self {
        Self::begin(url, path, headers).expect("it listens")
    }

    fn begin(url: &str, path: &str, headers: &[&str]) -> std::io::Result<Self> {
        let host = host(url);
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let headers = headers.join("\r\n");
        let more = if headers.is_empty() {
            headers
        } else {
            format!("{headers}\r\n")
        };
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"
        )?;
        Ok(Self {
            stream,
            read: Vec::new(),
        })
    }

    /// Reads until so many bytes are there, and no further.
    pub(crate) fn wait_for(&mut self, bytes: usize) {
        let mut block = [0; 16_384];
        while self.read.len() < bytes {
            let read = self.stream.read(&mut block).expect("it sends");
            assert!(read > 0, "it ended after {} bytes", self.read.len());
            self.read.extend_from_slice(&block[..read]);
        }
    }

    /// Reads the answer.
    pub(crate) fn finish(self) -> Answer {
        read(self.stream, self.read)
    }
}

fn read(mut stream: TcpStream, mut bytes: Vec<u8>) -> Answer {
    // A connection that is cut is a part of what tests look at.
    let _ = stream.read_to_end(&mut bytes);
    parse(&bytes)
}

/// Makes an answer of its bytes.
pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 4..]),
        None => (&[][..], &[][..]),
    };
    let (head, body) = (String::from_utf8_lossy(head).into_owned(), body.to_vec());
    let mut words = head.lines().next().unwrap_or("").splitn(3, ' ').skip(1);
    let status = words.next().and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status.unwrap_or(0),
        phrase: words.next().unwrap_or("").to_owned(),
        head,
        body,
        is_whole: end.is_some(),
    };
    let length: Option<usize> = answer
        .header("content-length")
        .and_then(|length| length.parse().ok());
    if answer.header("transfer-encoding") == Some("chunked") {
        (answer.body, answer.is_whole) = unchunked(&answer.body);
    } else if let Some(length) = length {
        answer.is_whole = answer.body.len() == length;
    }
    answer
}

fn unchunked(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") else {
            return (body, false);
        };
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            return (body, false);
        };
        bytes = &bytes[end + 2..];
        if size == 0 {
            return (body, true);
        }
        if bytes.len() < size + 2 {
            return (body, false);
        }
        body.extend_from_slice(&bytes[..size]);
        bytes = &bytes[size + 2..];
    }
}

//! Clients: with a pace that does not wait for answers, or many at one time.

use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Connections of paced clients, as many as wrk has in the other measurements.
const CONNECTIONS: u32 = 16;

/// An address on loopback.
#[derive(Clone)]
struct Target {
    host: String,
    request: String,
}

impl Target {
    fn new(url: &str, headers: &[&str]) -> Self {
        let rest = url.strip_prefix("http://").expect("an http address");
        let (host, path) = rest.split_once('/').expect("a path");
        let more: Vec<&str> = headers
            .iter()
            .flat_map(|header| [*header, "\r\n"])
            .collect();
        let headers = more.concat();
        Self {
            host: host.to_owned(),
            request: format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"),
        }
    }

    async fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(&self.host).await.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        BufReader::with_capacity(64 * 1024, stream)
    }

    /// Asks, and reads all of the answer; its status and its length.
    async fn ask(&self, stream: &mut BufReader<TcpStream>) -> (u16, u64) {
        stream
            .write_all(self.request.as_bytes())
            .await
            .expect("it is sent");
        let (mut status, mut length) = (0, 0);
        let mut line = String::new();
        loop {
            line.clear();
            stream.read_line(&mut line).await.expect("a line");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(code) = line.strip_prefix("HTTP/1.1 ") {
                status = code
                    .get(..3)
                    .and_then(|code| code.parse().ok())
                    .unwrap_or(0);
            } else if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut left = if status == 304 { 0 } else { length };
        while left > 0 {
            let here = stream.fill_buf().await.expect("bytes").len() as u64;
            assert!(here > 0, "the answer ends early");
            let taken = here.min(left);
            stream.consume(usize::try_from(taken).expect("a length of memory"));
            left -= taken;
        }
        (status, length)
    }
}

/// Requests at a fixed rate, each with the time from when it was due to the end of its answer: who is late with one is
/// late with those after it too.
pub(crate) async fn pace(url: &str, rate: u32, long: Duration, headers: &[&str]) -> String {
    let target = Target::new(url, headers);
    let start = Instant::now() + Duration::from_millis(50);
    let mut clients = JoinSet::new();
    for number in 0..CONNECTIONS {
        let target = target.clone();
        clients.spawn(async move {
            let mut stream = target.connect().await;
            let mut took = Vec::new();
            for turn in 0.. {
                let request = f64::from(number) + f64::from(turn) * f64::from(CONNECTIONS);
                let due = Duration::from_secs_f64(request / f64::from(rate));
                if due > long {
                    break;
                }
                tokio::time::sleep_until((start + due).into()).await;
                target.ask(&mut stream).await;
                took.push((start + due).elapsed());
            }
            took
        });
    }
    let mut took: Vec<Duration> = clients.join_all().await.into_iter().flatten().collect();
    took.sort();
    let at = |thousandth: usize| {
        let place = (took.len() * thousandth / 1000).min(took.len() - 1);
        took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    format!(
        r#"{{"requests": {}, "seconds": {:.3}, "p50": {:.3}, "p99": {:.3}, "p999": {:.3}}}"#,
        took.len(),
        start.elapsed().as_secs_f64(),
        at(500),
        at(990),
        at(999),
    )
}

/// The same file by many clients at one time.
pub(crate) async fn download(url: &str, clients: usize) -> String {
    let target = Target::new(url, &[]);
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let target = target.clone();
        running.spawn(async move {
            let mut stream = target.connect().await;
            target.ask(&mut stream).await
        });
    }
    let done = running.join_all().await;
    let whole = done.iter().filter(|(status, _)| *status == 200);
    let bytes: u64 = whole.clone().map(|(_, bytes)| bytes).sum();
    format!(
        r#"{{"clients": {}, "bytes": {bytes}, "seconds": {:.3}}}"#,
        whole.count(),
        start.elapsed().as_secs_f64(),
    )
}

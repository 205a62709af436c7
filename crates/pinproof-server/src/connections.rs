//! Connections of clients that may be slow, many, or neither: nobody holds a place for ever.
//!
//! A client that stops sending, or stops reading, is let go; where all places are taken, others wait until one
//! is free, and nobody keeps one for later. The bounds are those of a service on a machine or in its network, not of one that faces the
//! internet.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;
use tokio_io_timeout::TimeoutStream;

use crate::tls::{self, Tls};

/// Bytes of the head of a request, and of what is read ahead.
const MOST_BUFFERED: usize = 64 * 1024;
/// How long to wait before the next try where a connection could not be accepted: the machine has no more.
const BREATH: Duration = Duration::from_millis(500);

/// Connections that wait for a place; who finds none here either is told nothing, and tries again after a second.
const MOST_WAITING: u32 = 4096;

/// What clients get.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at one time.
    pub connections: usize,
    /// From the first byte that is awaited to the last of a request's head; so long may a connection idle too, and
    /// so long may it take to agree on TLS.
    pub head: Duration,
    /// From the head of a request to its answer: its body is read within it.
    pub request: Duration,
    /// How long the client may take nothing of an answer.
    pub stalled: Duration,
    /// For requests under way when the service ends.
    pub end: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256,
            head: Duration::from_secs(15),
            request: Duration::from_secs(30),
            stalled: Duration::from_secs(15),
            // Service managers wait for 30 seconds or longer, and counters have to be kept after that.
            end: Duration::from_secs(25),
        }
    }
}

/// Listens at `address`; port 0 takes any that is free. It has to be within a runtime.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Windows, this would let another process take the port away.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(MOST_WAITING)
}

/// Where clients come in.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    tls: Option<Tls>,
    counted: Counted,
}

/// What is counted of connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicUsize,
    without_tls: AtomicU64,
}

/// Who sent a request: the other end of its connection, which may be a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

impl Door {
    /// A door that speaks TLS.
    pub fn with_tls(listener: TcpListener, tls: Tls) -> Self {
        Self {
            tls: Some(tls),
            ..Self::from(listener)
        }
    }

    /// Its certificate and key, if it speaks TLS.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The same door, counting into `counted`.
    pub(crate) fn counting(self, counted: Counted) -> Self {
        Self { counted, ..self }
    }
}

impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Self {
            listener,
            tls: None,
            counted: Counted::default(),
        }
    }
}

impl Counted {
    /// How many connections there are.
    pub(crate) fn open(&self) -> usize {
        self.0.open.load(Ordering::Relaxed)
    }

    /// How many ended before there was an agreement on TLS: a client that does not trust us says so by leaving.
    pub(crate) fn without_tls(&self) -> u64 {
        self.0.without_tls.load(Ordering::Relaxed)
    }
}

/// A place that a connection takes for as long as it lives.
struct Place {
    counted: Counted,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn new(counted: &Counted, permit: OwnedSemaphorePermit) -> Self {
        counted.0.open.fetch_add(1, Ordering::Relaxed);
        Self {
            counted: counted.clone(),
            _permit: permit,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counted.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers at the door until `stop` is over; requests under way are answered first, and nobody new comes in.
/// How many connections were cut in the end is the answer.
pub(crate) async fn serve(
    door: Door,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) -> usize {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let within = Arc::clone(&places);
    let in_time = move |request: Request, next: Next| {
        let within = Arc::clone(&within);
        async move {
            let mut answer = answer_in_time(bounds.request, request, next).await;
            if within.available_permits() == 0 {
                // Somebody may be waiting: this client has been served, and can come again.
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
            }
            answer
        }
    };
    let router = router.layer(middleware::from_fn(in_time));
    let under_way = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let next = tokio::select! {
            next = accept(&door, &places) => next,
            () = &mut stop => break,
        };
        let Some((stream, client, place)) = next else {
            time::sleep(BREATH).await;
            continue;
        };
        let tls = door.tls.clone();
        let answering = Answering {
            router: router.clone(),
            client,
            bounds,
            counted: door.counted.clone(),
        };
        let watcher = under_way.watcher();
        tokio::spawn(async move {
            answering.serve(stream, tls, watcher).await;
            drop(place);
        });
    }
    let Door {
        listener, counted, ..
    } = door;
    drop(listener);
    // Whoever is still there then is ended with the process.
    let ended = time::timeout(bounds.end, under_way.shutdown()).await;
    if ended.is_ok() { 0 } else { counted.open() }
}

/// The next connection, once there is a place for it.
async fn accept(door: &Door, places: &Arc<Semaphore>) -> Option<(TcpStream, Client, Place)> {
    let permit = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, client) = door.listener.accept().await.ok()?;
    let client = Client(client.ip().to_canonical());
    Some((stream, client, Place::new(&door.counted, permit)))
}

/// What one connection gets.
struct Answering {
    router: Router,
    client: Client,
    bounds: Bounds,
    counted: Counted,
}

impl Answering {
    async fn serve(self, stream: TcpStream, tls: Option<Tls>, watcher: Watcher) {
        let Some(tls) = tls else {
            return self.answer(bounded(stream, self.bounds), watcher).await;
        };
        let shaken = time::timeout(self.bounds.head, async {
            if tls::is_plain_http(&stream).await {
                tls::say_that_it_is_tls(stream).await;
                return None;
            }
            let stream = Box::pin(bounded(stream, self.bounds));
            tls.acceptor().accept(stream).await.ok()
        });
        // A client that goes away, or does not trust us, is no trouble of ours.
        if let Ok(Some(stream)) = shaken.await {
            self.answer(stream, watcher).await;
        } else {
            self.counted.0.without_tls.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn answer(&self, stream: impl AsyncRead + AsyncWrite + Send + 'static, watcher: Watcher) {
        let (client, router) = (self.client, TowerToHyperService::new(self.router.clone()));
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(client);
            router.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head)
            .max_buf_size(MOST_BUFFERED)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        // A client that goes away, or is let go, is no trouble of ours.
        let _ = watcher.watch(connection).await;
    }
}

fn bounded(stream: TcpStream, bounds: Bounds) -> TimeoutStream<TcpStream> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.stalled));
    stream
}

/// The answer, or that the client took too long to say what it wants.
async fn answer_in_time(limit: Duration, request: Request, next: Next) -> Response {
    let answer = time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let why = "the request did not arrive in time";
        (StatusCode::REQUEST_TIMEOUT, why).into_response()
    })
}

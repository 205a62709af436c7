//! Connections of clients that may be slow, many, or neither: nobody holds a place for ever.
//!
//! A client that stops sending, or stops reading, is let go; where all places are taken, others wait until one
//! is free. The bounds are those of a service on a machine or in its network, not of one that faces the
//! internet.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;
use tokio_io_timeout::TimeoutStream;

/// Bytes of the head of a request, and of what is read ahead.
const MOST_BUFFERED: usize = 64 * 1024;
/// How long to wait before the next try where a connection could not be accepted: the machine has no more.
const BREATH: Duration = Duration::from_millis(500);

/// What clients get.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at one time.
    pub connections: usize,
    /// From the first byte that is awaited to the last of a request's head; so long may a connection idle too.
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
            end: Duration::from_secs(30),
        }
    }
}

/// Answers on `listener` until `stop` is over; requests under way are answered first.
pub(crate) async fn serve(
    listener: &TcpListener,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let in_time = move |request: Request, next: Next| answer_in_time(bounds.request, request, next);
    let router = router.layer(middleware::from_fn(in_time));
    let places = Arc::new(Semaphore::new(bounds.connections));
    let under_way = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let next = tokio::select! {
            next = accept(listener, &places) => next,
            () = &mut stop => break,
        };
        let Some((stream, place)) = next else {
            time::sleep(BREATH).await;
            continue;
        };
        let connection = answer(stream, router.clone(), bounds, under_way.watcher());
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
    // Whoever is still there then is ended with the process.
    let _ = time::timeout(bounds.end, under_way.shutdown()).await;
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    Some((stream, place))
}

async fn answer(stream: TcpStream, router: Router, bounds: Bounds, watcher: Watcher) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.stalled));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_buf_size(MOST_BUFFERED)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(router),
        );
    // A client that goes away, or is let go, is no trouble of ours.
    let _ = watcher.watch(connection).await;
}

/// The answer, or that the client took too long to say what it wants.
async fn answer_in_time(limit: Duration, request: Request, next: Next) -> Response {
    let answer = time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let why = "the request did not arrive in time";
        (StatusCode::REQUEST_TIMEOUT, why).into_response()
    })
}

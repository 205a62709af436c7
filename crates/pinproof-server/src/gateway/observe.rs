//! Every request is told of and counted once it is answered, also where the answer is that there is a bug.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use pinproof_core::Printable;

use super::Gateway;
use super::refusal::{Refusal, Said};
use crate::connections::Client;

/// The most of a path that is told.
const MOST_PATH: usize = 300;

/// What is told to whoever keeps an eye on a gateway.
#[derive(Clone, Debug)]
pub enum Observed {
    /// A request was answered.
    Request(Access),
    /// Something happened that nobody asked for.
    Event(Event),
}

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is as it should be.
    Info,
    /// Somebody should look at it some time.
    Warning,
    /// Somebody should look at it now.
    Error,
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Access {
    /// The other end of the connection; behind a proxy, that is the proxy.
    pub client: Option<IpAddr>,
    /// The method.
    pub method: Printable,
    /// The path; a query is left out, and nobody's credentials are in it.
    pub path: Printable,
    /// The status.
    pub status: u16,
    /// From its head to that of the answer.
    pub took: Duration,
    /// What was said, where it was not simply an answer.
    pub said: Option<Printable>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// How much it matters.
    pub level: Level,
    /// What happened.
    pub said: Printable,
}

impl Level {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Access {
    /// How much it matters: an answer of the policy is as it should be, one that nobody could give is not.
    pub fn level(&self) -> Level {
        match self.status {
            500 => Level::Error,
            501.. => Level::Warning,
            _ => Level::Info,
        }
    }
}

impl Event {
    /// It is as it should be.
    pub fn info(said: Printable) -> Self {
        Self {
            level: Level::Info,
            said,
        }
    }

    /// Somebody should look at it some time.
    pub fn warning(said: Printable) -> Self {
        Self {
            level: Level::Warning,
            said,
        }
    }

    /// Somebody should look at it now.
    pub fn error(said: Printable) -> Self {
        Self {
            level: Level::Error,
            said,
        }
    }
}

impl Gateway {
    /// Tells what happened.
    pub(super) fn tell(&self, event: Event) {
        (self.0.options.observer)(Observed::Event(event));
    }
}

/// The answer of whoever is next, told and counted.
pub(super) async fn observe(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    let method = Printable::new(request.method().as_str()).shortened(30);
    let path = Printable::new(request.uri().path()).shortened(MOST_PATH);
    let client = request.extensions().get::<Client>().map(|client| client.0);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started = Instant::now();
    let answer = or_a_bug(next.run(request), || gateway.0.metrics.panicked()).await;
    let took = started.elapsed();
    let route = route.as_ref().map(MatchedPath::as_str);
    gateway.0.metrics.answered(route, answer.status(), took);
    (gateway.0.options.observer)(Observed::Request(Access {
        client,
        method,
        path,
        status: answer.status().as_u16(),
        took,
        said: answer.extensions().get::<Said>().map(|said| said.0.clone()),
    }));
    answer
}

/// The answer, or that there is a bug: it is one for this request, and no other hears of it.
async fn or_a_bug(answer: impl Future<Output = Response>, count: impl FnOnce()) -> Response {
    let answer = AssertUnwindSafe(answer).catch_unwind().await;
    answer.unwrap_or_else(|_| {
        count();
        let said =
            "pinproof: this request met a bug of pinproof; the log of the gateway says where";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "A bug", said).into_response()
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::or_a_bug;

    #[tokio::test]
    async fn a_panic_is_an_answer_and_is_counted() {
        let mut counted = 0;
        let answer = or_a_bug(async { panic!("a bug of the test") }, || counted += 1).await;
        assert_eq!(
            (answer.status(), counted),
            (StatusCode::INTERNAL_SERVER_ERROR, 1)
        );
        let well = or_a_bug(async { "ok".into_response() }, || counted += 1).await;
        assert_eq!((well.status(), counted), (StatusCode::OK, 1));
    }
}

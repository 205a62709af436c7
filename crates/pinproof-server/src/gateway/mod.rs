//! The gateway: a Simple API index that hands out what the policy admits, and says why it hands out nothing else.
//!
//! A handler is short: the page of a project comes from [`pages`], with a verdict on every file by
//! `pinproof_engine::admit`; it is shown as JSON or HTML from that one model, and a file is handed out or refused
//! by the same verdict. Nothing here knows a rule.

mod addresses;
mod answer;
pub(crate) mod evidence;
mod files;
mod history;
mod html;
mod identity;
mod ledger;
mod metadata;
mod model;
mod negotiate;
mod pages;
mod quarantine;
mod ranges;
mod refusal;
mod reload;
mod simple;
mod transfer;
mod why;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_engine::admit::Gate;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::connections::{self, Bounds};
use crate::store::{Store, StoreError};
use ledger::Ledger;
use pages::Pages;
use quarantine::Quarantine;
use refusal::Said;
use transfer::Transfers;

/// How often counters go to the store, and the advisories are looked at.
const HOUSEKEEPING: Duration = Duration::from_secs(10);
/// Every so many rounds of it, advisories that are old are fetched; and those that are missing.
const RENEW_EVERY: u32 = 360;
const RENEW_MISSING_EVERY: u32 = 6;

/// How a gateway answers.
pub struct Options {
    /// Looks whether the policy is another one by now.
    pub watch: Option<Watch>,
    /// The address that clients see, without a slash at its end: links in refusals start with it.
    pub public: String,
    /// The time to decide for; `None` is that of each question.
    pub at: Option<Timestamp>,
    /// Whether advisories are fetched when they are old.
    pub renews: bool,
    /// Told of every request that was answered.
    pub observer: Box<dyn Fn(&Access) + Send + Sync>,
    /// What clients get.
    pub bounds: Bounds,
}

pub use reload::{Reading, Watch};

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Access {
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

/// A gateway.
#[derive(Clone)]
pub struct Gateway(Arc<Shared>);

struct Shared {
    gate: RwLock<Arc<Gate>>,
    store: Arc<dyn Store>,
    options: Options,
    pages: Pages,
    transfers: Transfers,
    quarantine: Quarantine,
    ledger: Ledger,
}

impl Gateway {
    /// A gateway that hands out what `gate` admits, and remembers it in `store`.
    pub fn new(gate: Gate, store: Arc<dyn Store>, options: Options) -> Self {
        Self(Arc::new(Shared {
            gate: RwLock::new(Arc::new(gate)),
            store,
            options,
            pages: Pages::default(),
            transfers: Transfers::default(),
            quarantine: Quarantine::default(),
            ledger: Ledger::default(),
        }))
    }

    /// Answers on `listener` until `stop` is over; requests under way are answered first, and what was counted
    /// is kept.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> Result<(), StoreError> {
        let house = tokio::spawn(keep_house(self.clone()));
        let router = self.router();
        connections::serve(&listener, router, self.0.options.bounds, stop).await;
        house.abort();
        self.0.ledger.flush(&*self.0.store).await
    }

    /// Who decides at the moment.
    fn gate(&self) -> Arc<Gate> {
        let gate = self.0.gate.read();
        Arc::clone(&gate.unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches advisories that are missing or old; what went wrong is the answer. Reading them takes a processor for
    /// a while, which is not one of those that answer.
    pub async fn renew(&self) -> Vec<Printable> {
        let (gateway, runtime) = (self.clone(), Handle::current());
        let renewing = tokio::task::spawn_blocking(move || {
            runtime.block_on(gateway.gate().renew(gateway.now()))
        });
        let stopped = |_| vec![Printable::new("the advisories were not renewed")];
        renewing.await.unwrap_or_else(stopped)
    }

    fn is_to_renew(&self, rounds: u32) -> bool {
        let is_unready = || self.gate().unready(self.now()).is_some();
        rounds.is_multiple_of(RENEW_EVERY)
            || (rounds.is_multiple_of(RENEW_MISSING_EVERY) && is_unready())
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/", get(why::front))
            .route("/simple/", get(simple::root))
            .route("/simple", get(simple::root_without_slash))
            .route("/simple/{project}/", get(simple::page))
            .route("/simple/{project}", get(simple::without_slash))
            .route("/files/{sha256}/{filename}", get(files::file))
            .route("/why/{what}", get(why::page))
            .route("/health", get(health))
            .route("/ready", get(ready))
            .fallback(refusal::nothing_here)
            .layer(middleware::from_fn_with_state(self.clone(), observe))
            .with_state(self.clone())
    }

    fn now(&self) -> Timestamp {
        self.0.options.at.unwrap_or_else(Timestamp::now)
    }
}

async fn observe(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    let method = Printable::new(request.method().as_str());
    let path = Printable::new(request.uri().path()).shortened(300);
    let started = Instant::now();
    let answer = next.run(request).await;
    (gateway.0.options.observer)(&Access {
        method,
        path,
        status: answer.status().as_u16(),
        took: started.elapsed(),
        said: answer.extensions().get::<Said>().map(|said| said.0.clone()),
    });
    answer
}

/// The process answers; whether it can decide anything is the matter of `/ready`.
async fn health() -> &'static str {
    "ok\n"
}

async fn ready(State(gateway): State<Gateway>) -> Response {
    match gateway.gate().unready(gateway.now()) {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// Keeps counters and advisories up to date, until it is ended.
async fn keep_house(gateway: Gateway) {
    let mut rounds: u32 = 0;
    loop {
        tokio::time::sleep(HOUSEKEEPING).await;
        rounds = rounds.wrapping_add(1);
        let mut troubles = Vec::new();
        if let Err(error) = gateway.0.ledger.flush(&*gateway.0.store).await {
            troubles.push(Printable::from(format!("counters are not kept: {error}")));
        }
        if gateway.0.options.renews && gateway.is_to_renew(rounds) {
            troubles.extend(gateway.renew().await);
        }
        troubles
            .into_iter()
            .for_each(|trouble| gateway.say(trouble));
        gateway.read_policy_if_changed().await;
    }
}

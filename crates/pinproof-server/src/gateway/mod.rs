//! The gateway: a Simple API index that hands out what the policy admits, and says why it hands out nothing else.
//!
//! A handler is short: the page of a project comes from [`pages`], with a verdict on every file by
//! `pinproof_engine::admit`; it is shown as JSON or HTML from that one model, and a file is handed out or refused
//! by the same verdict. Nothing here knows a rule.

mod addresses;
mod answer;
pub mod canary;
pub(crate) mod evidence;
mod files;
mod freshness;
mod guard;
mod health;
mod history;
mod hosts;
mod house;
mod html;
mod identity;
mod kept_back;
mod ledger;
mod metadata;
mod metrics;
mod model;
mod negotiate;
mod observe;
mod pages;
mod process;
mod provenance;
mod quarantine;
mod ranges;
mod refusal;
mod reload;
mod scrape;
mod serials;
mod simple;
mod transfer;
mod why;

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use pinproof_engine::admit::Gate;
use tokio::sync::oneshot;

use crate::connections::{self, Bounds, Counted, Door};
use crate::store::{Store, StoreError};
use health::Health;
use hosts::Hosts;
use ledger::Ledger;
use metrics::Metrics;
pub use observe::{Access, Event, Level, Observed};
use pages::Pages;
use quarantine::Quarantine;
pub use reload::{Reading, Watch};
use transfer::Transfers;

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
    /// Told of every request that was answered, and of what else happens. Nobody is answered before it returns.
    pub observer: Box<dyn Fn(Observed) + Send + Sync>,
    /// What clients get.
    pub bounds: Bounds,
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
    metrics: Metrics,
    counted: Counted,
    health: Health,
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
            metrics: Metrics::new(),
            counted: Counted::default(),
            health: Health::default(),
        }))
    }

    /// Answers at the door until `stop` is over; requests under way are answered first, and what was counted is
    /// kept. How many connections had to be cut is the answer.
    pub async fn serve(
        &self,
        door: impl Into<Door>,
        stop: impl Future<Output = ()>,
    ) -> Result<usize, StoreError> {
        let door = door.into().counting(self.0.counted.clone());
        let house = tokio::spawn(house::keep(self.clone(), door.tls().cloned()));
        let (end, ended) = oneshot::channel();
        let counting = tokio::spawn(house::keep_counters(self.clone(), ended));
        let cut = connections::serve(door, self.router(), self.0.options.bounds, stop).await;
        house.abort();
        drop(end);
        // What it took is kept before what came since.
        let _ = counting.await;
        self.0.ledger.flush(&*self.0.store).await?;
        Ok(cut)
    }

    /// Who decides at the moment.
    fn gate(&self) -> Arc<Gate> {
        let gate = self.0.gate.read();
        Arc::clone(&gate.unwrap_or_else(PoisonError::into_inner))
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
            .method_not_allowed_fallback(refusal::no_such_method)
            .layer(middleware::from_fn_with_state(
                Hosts::of(&self.0.options.public),
                guard::guard,
            ))
            .layer(middleware::from_fn_with_state(
                self.clone(),
                observe::observe,
            ))
            .with_state(self.clone())
    }

    fn now(&self) -> Timestamp {
        self.0.options.at.unwrap_or_else(Timestamp::now)
    }
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

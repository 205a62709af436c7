//! `/metrics`, at a door of its own: what is measured there is for whoever runs the gateway.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pinproof_engine::admit::SourceState;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::TcpListener;

use super::guard::guard;
use super::hosts::Hosts;
use super::metrics::OfSource;
use super::process::Process;
use super::{Gateway, health, ready};
use crate::connections::{self, Bounds, Door};

/// The media type of what is written: `OpenMetrics`, which Prometheus reads since 2.5.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Gateway {
    /// Answers `/metrics`, `/health` and `/ready` on `listener`, until `stop` is over.
    pub async fn serve_metrics(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let address = listener.local_addr();
        let public = address.map_or_else(|_| String::new(), |address| format!("http://{address}"));
        let router = Router::new()
            .route("/metrics", get(metrics))
            .route("/health", get(health))
            .route("/ready", get(ready))
            .layer(middleware::from_fn_with_state(Hosts::of(&public), guard))
            .with_state(self.clone());
        let bounds = Bounds {
            connections: 16,
            end: Duration::from_secs(1),
            ..Bounds::default()
        };
        connections::serve(Door::from(listener), router, bounds, stop).await;
    }

    /// Measures what is measured when somebody asks.
    async fn measure(&self) {
        let measured = &self.0.metrics.measured;
        let (now, gate) = (self.now(), self.gate());
        measured.policy.set(gate.policy_digest());
        measured.ready.set(i64::from(gate.unready(now).is_none()));
        set(&measured.connections, self.0.counted.open());
        let without_tls = self.0.counted.without_tls();
        measured
            .without_tls
            .inner()
            .store(without_tls, Ordering::Relaxed);
        set(&measured.transfers, self.0.transfers.running());
        let (pages, files) = self.0.pages.size();
        set(&measured.pages, pages);
        set(&measured.files, files);
        let totals = self.0.store.totals().await;
        measured.store_answers.set(i64::from(totals.is_ok()));
        if let Ok(totals) = totals {
            set(&measured.incidents, totals.incidents);
            set(&measured.log_entries, totals.log_entries);
            set(&measured.store_waiting, totals.waiting);
        }
        measured.advisories_age.clear();
        measured.advisories_trouble.clear();
        for source in gate.advisory_sources(now) {
            self.measure_source(&source);
        }
        let process = Process::now();
        let of_process = [
            (&measured.resident, process.resident),
            (&measured.open_files, process.open),
            (&measured.most_open_files, process.most_open),
        ];
        for (gauge, value) in of_process {
            set(gauge, value.unwrap_or(0));
        }
    }

    fn measure_source(&self, state: &SourceState) {
        let measured = &self.0.metrics.measured;
        let source = OfSource {
            source: state.name.to_string(),
        };
        if let Some(newest) = state.newest {
            let age = self.now().duration_since(newest).as_secs_f64();
            measured.advisories_age.get_or_create(&source).set(age);
        }
        let trouble = i64::from(state.trouble.is_some());
        measured
            .advisories_trouble
            .get_or_create(&source)
            .set(trouble);
    }
}

fn set(gauge: &Gauge, value: impl TryInto<i64>) {
    gauge.set(value.try_into().unwrap_or(i64::MAX));
}

async fn metrics(State(gateway): State<Gateway>) -> Response {
    gateway.measure().await;
    let mut text = String::new();
    match encode(&mut text, &gateway.0.metrics.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

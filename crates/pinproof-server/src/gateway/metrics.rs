//! What is counted, for Prometheus: numbers about the gateway, and of nobody's project.
//!
//! A label is one of a few words of ours, or the name that the configuration gives to an index. A name that a
//! client or an upstream sends is never one: whoever sends names could make as many series as there are names.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use pinproof_core::{Admission, Answer};
use pinproof_engine::admit::Visit;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::model::Withheld;

/// Seconds; pip gives up at 15.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// The routes; everything else is one more.
const ROUTES: [&str; 9] = [
    "/",
    "/simple/",
    "/simple",
    "/simple/{project}/",
    "/simple/{project}",
    "/files/{sha256}/{filename}",
    "/why/{what}",
    "/health",
    "/ready",
];

type Times<L> = Family<L, Histogram, fn() -> Histogram>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    admission: &'static str,
    rule: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    index: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfIndex {
    index: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfSource {
    pub(super) source: String,
}

/// What is counted as it happens, and what is measured when somebody asks.
pub(super) struct Metrics {
    /// Everything below, to be written.
    pub(super) registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Times<OfRoute>,
    decisions: Family<Decided, Counter>,
    upstream: Family<Asked, Counter>,
    upstream_seconds: Times<OfIndex>,
    transfers: Family<Ended, Counter>,
    transferred: Counter,
    panics: Counter,
    /// What is measured.
    pub(super) measured: Measured,
}

/// What is as it is at a moment.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) policy: PolicyDigest,
    pub(super) ready: Gauge,
    pub(super) connections: Gauge,
    pub(super) without_tls: Counter,
    pub(super) transfers: Gauge,
    pub(super) pages: Gauge,
    pub(super) files: Gauge,
    pub(super) store_answers: Gauge,
    pub(super) incidents: Gauge,
    pub(super) log_entries: Gauge,
    pub(super) store_waiting: Gauge,
    pub(super) advisories_age: Family<OfSource, Gauge<f64, AtomicU64>>,
    pub(super) advisories_trouble: Family<OfSource, Gauge>,
    pub(super) resident: Gauge,
    pub(super) open_files: Gauge,
    pub(super) most_open_files: Gauge,
}

/// The digest of the policy that decides; it changes where a policy is read anew.
#[derive(Clone, Debug, Default)]
pub(super) struct PolicyDigest(Arc<Mutex<String>>);

impl PolicyDigest {
    /// This one decides.
    pub(super) fn set(&self, digest: &str) {
        digest.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Collector for PolicyDigest {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let digest = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let info = Info::new([("digest", digest)]);
        let help = "The policy that decides";
        info.encode(encoder.encode_descriptor("policy", help, None, MetricType::Info)?)
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub(super) fn new() -> Self {
        let times: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(times),
            decisions: Family::default(),
            upstream: Family::default(),
            upstream_seconds: Family::new_with_constructor(times),
            transfers: Family::default(),
            transferred: Counter::default(),
            panics: Counter::default(),
            measured: Measured::default(),
        };
        metrics.register_counted();
        metrics.measured.register(&mut metrics.registry);
        metrics.measured.register_process(&mut metrics.registry);
        // A rate needs a series that was there before the first failure.
        for outcome in ["done", "failed"] {
            drop(metrics.transfers.get_or_create(&Ended { outcome }));
        }
        metrics
    }

    fn register_counted(&mut self) {
        let ours = self.registry.sub_registry_with_prefix("pinproof");
        ours.register(
            "build",
            "The version that runs",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        ours.register(
            "requests",
            "Requests that were answered, by route and class of the status",
            self.requests.clone(),
        );
        ours.register(
            "request_duration_seconds",
            "From the head of a request to the head of its answer",
            self.seconds.clone(),
        );
        ours.register(
            "decisions",
            "Answers about a file, or about a name that nobody is asked about, by admission and the rule that withholds",
            self.decisions.clone(),
        );
        ours.register(
            "upstream_requests",
            "Pages that indexes were asked for, by what came of it",
            self.upstream.clone(),
        );
        ours.register(
            "upstream_duration_seconds",
            "Until an index had answered about a page, or had not",
            self.upstream_seconds.clone(),
        );
        ours.register(
            "transfers",
            "Files that were fetched from indexes, by what came of it",
            self.transfers.clone(),
        );
        ours.register(
            "transferred_bytes",
            "Bytes of files that came from indexes",
            self.transferred.clone(),
        );
        ours.register("panics", "Bugs that were met", self.panics.clone());
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: Option<&str>, status: StatusCode, took: Duration) {
        let known = ROUTES.into_iter().find(|known| route == Some(*known));
        let route = known.unwrap_or("other");
        let status = class(status);
        self.requests
            .get_or_create(&Answered { route, status })
            .inc();
        let seconds = took.as_secs_f64();
        self.seconds
            .get_or_create(&OfRoute { route })
            .observe(seconds);
    }

    /// Somebody was told whether a file is handed out.
    pub(super) fn decided(&self, withheld: Option<&Withheld<'_>>) {
        let (admission, rule) = match withheld {
            None => (Admission::Admitted, ""),
            Some(withheld) => (withheld.admission, withheld.because.rule),
        };
        self.counted(admission, rule);
    }

    /// Somebody was told that nobody is asked about a name.
    pub(super) fn closed(&self, rule: &'static str) {
        self.counted(Admission::Refused, rule);
    }

    fn counted(&self, admission: Admission, rule: &'static str) {
        let admission = match admission {
            Admission::Admitted => "admitted",
            Admission::Undecided => "undecided",
            Admission::Refused => "refused",
        };
        self.decisions
            .get_or_create(&Decided { admission, rule })
            .inc();
    }

    /// Bytes of a file came.
    pub(super) fn transferred(&self, bytes: usize) {
        self.transferred.inc_by(bytes as u64);
    }

    /// A transfer is over.
    pub(super) fn transfer_ended(&self, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.transfers.get_or_create(&Ended { outcome }).inc();
    }

    /// There is a bug.
    pub(super) fn panicked(&self) {
        self.panics.inc();
    }
}

impl Measured {
    fn register(&self, registry: &mut Registry) {
        let ours = registry.sub_registry_with_prefix("pinproof");
        let plain: [(&str, &str, &Gauge); 9] = [
            (
                "ready",
                "1 where everything that the policy asks can be asked",
                &self.ready,
            ),
            (
                "connections",
                "Connections that clients hold",
                &self.connections,
            ),
            (
                "transfers_running",
                "Files that are being fetched",
                &self.transfers,
            ),
            (
                "pages_in_memory",
                "Pages of projects in memory",
                &self.pages,
            ),
            (
                "files_in_memory",
                "Files on those pages, with their verdicts",
                &self.files,
            ),
            ("store_up", "1 where the store answers", &self.store_answers),
            (
                "incidents",
                "Files of which an index listed other bytes than were seen first",
                &self.incidents,
            ),
            (
                "log_entries",
                "Entries of the decision log",
                &self.log_entries,
            ),
            (
                "store_waiting",
                "Writes that wait for the disk",
                &self.store_waiting,
            ),
        ];
        for (name, help, gauge) in plain {
            ours.register(name, help, gauge.clone());
        }
        ours.register(
            "advisories_age_seconds",
            "Since the newest record of a source of advisories",
            self.advisories_age.clone(),
        );
        ours.register(
            "advisories_trouble",
            "1 where the records of a source do not count as the present state",
            self.advisories_trouble.clone(),
        );
        ours.register(
            "connections_without_tls",
            "Connections that ended before there was an agreement on TLS",
            self.without_tls.clone(),
        );
        ours.register_collector(Box::new(self.policy.clone()));
    }

    fn register_process(&self, registry: &mut Registry) {
        let of_process: [(&str, &str, &Gauge); 3] = [
            (
                "process_resident_memory_bytes",
                "Memory in use",
                &self.resident,
            ),
            (
                "process_open_fds",
                "Descriptors that are open",
                &self.open_files,
            ),
            (
                "process_max_fds",
                "Descriptors that may be open",
                &self.most_open_files,
            ),
        ];
        for (name, help, gauge) in of_process {
            registry.register(name, help, gauge.clone());
        }
    }
}

impl Metrics {
    /// Counts what an upstream answered when it was asked for a page.
    pub(super) fn asked(&self, index: &str, answer: &Answer<Visit>, took: Duration) {
        let outcome = match answer {
            Answer::Known(Visit::Page { .. }) => "answered",
            Answer::Known(Visit::Unchanged(_)) => "unchanged",
            Answer::Absent => "absent",
            Answer::Unavailable(_) => "unavailable",
            Answer::Unsupported(_) => "unsupported",
        };
        let index = index.to_owned();
        let of_index = OfIndex {
            index: index.clone(),
        };
        let seconds = self.upstream_seconds.get_or_create(&of_index);
        seconds.observe(took.as_secs_f64());
        self.upstream.get_or_create(&Asked { index, outcome }).inc();
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

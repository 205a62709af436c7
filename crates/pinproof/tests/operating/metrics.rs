//! What Prometheus reads, read by the parser of its own client library.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::WHEEL;
use crate::gateway::Gateway;
use crate::http::{get, send};
use crate::shelf::{File, Shelf};
use crate::support::{Sandbox, environment};

/// Prints every sample, its labels in order, with its value; whatever is not as the standard says is an error.
const SCRIPT: &str = "\
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
samples = {}
for family in parse(sys.stdin.read()):
    assert family.documentation and family.type != 'unknown', family
    for sample in family.samples:
        labels = ','.join(f'{key}={value}' for key, value in sorted(sample.labels.items()))
        samples[sample.name + '{' + labels + '}'] = sample.value
print(json.dumps(samples))
";

type Samples = BTreeMap<String, f64>;

/// A gateway and where its metrics are.
struct Measured {
    gateway: Gateway,
    metrics: String,
}

impl Measured {
    fn start(sandbox: &Sandbox, shelf: &Shelf) -> Self {
        sandbox.write(
            "pinproof.toml",
            "[[index]]\nname = \"main\"\ndefault = true\n[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\n",
        );
        let index = format!("main={}", shelf.url());
        let gateway = Gateway::start(sandbox, &["--index", &index, "--metrics", "127.0.0.1:0"]);
        let mut lines = gateway.greeting.lines();
        let metrics = lines.find_map(|line| line.trim().strip_prefix("metrics are at "));
        let metrics = metrics.expect("it says where").strip_suffix("/metrics");
        Self {
            metrics: metrics.expect("an address").to_owned(),
            gateway,
        }
    }

    fn text(&self) -> String {
        let answer = get(&self.metrics, "/metrics", &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(answer.header("content-type"), Some(kind));
        answer.text()
    }
}

fn parsed(text: &str) -> Option<Samples> {
    let bin = environment("prometheus", &["prometheus-client==0.22.1"])?;
    let mut child = Command::new(bin.join("python"))
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{text}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn value(samples: &Samples, name: &str) -> f64 {
    samples.get(name).copied().unwrap_or(0.0)
}

#[test]
fn counters_move_with_what_is_answered() {
    let young = File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z");
    let (sandbox, good) = (Sandbox::new(), File::wheel("demo", "1.0"));
    let shelf = Shelf::with(&[good.clone(), young.clone()]);
    let measured = Measured::start(&sandbox, &shelf);
    let Some(before) = parsed(&measured.text()) else {
        return;
    };
    let ask = |file: &File, status| {
        let path = format!("/files/{}/{}", file.sha256(), file.name);
        let answer = measured.gateway.get(&path, &[]);
        assert_eq!(answer.status, status, "{}", answer.text());
    };
    ask(&good, 200);
    ask(&young, 403);
    ask(&young, 403);
    assert_eq!(measured.gateway.get("/simple/acme-core/", &[]).status, 451);
    assert_eq!(measured.gateway.get("/simple/absent/", &[]).status, 404);
    assert_eq!(measured.gateway.get("/nothing/here", &[]).status, 404);
    let after = parsed(&measured.text()).expect("as before");
    let size = f64::from(u32::try_from(good.bytes.len()).expect("it is small"));
    for (name, by) in [
        ("pinproof_decisions_total{admission=admitted,rule=}", 1.0),
        (
            "pinproof_decisions_total{admission=refused,rule=recent-release}",
            2.0,
        ),
        (
            "pinproof_decisions_total{admission=refused,rule=name-outside-namespace}",
            1.0,
        ),
        (
            "pinproof_requests_total{route=/files/{sha256}/{filename},status=2xx}",
            1.0,
        ),
        (
            "pinproof_requests_total{route=/files/{sha256}/{filename},status=4xx}",
            2.0,
        ),
        ("pinproof_requests_total{route=other,status=4xx}", 1.0),
        (
            "pinproof_request_duration_seconds_count{route=/files/{sha256}/{filename}}",
            3.0,
        ),
        (
            "pinproof_upstream_requests_total{index=main,outcome=answered}",
            1.0,
        ),
        (
            "pinproof_upstream_requests_total{index=main,outcome=absent}",
            1.0,
        ),
        ("pinproof_upstream_duration_seconds_count{index=main}", 2.0),
        ("pinproof_transfers_total{outcome=done}", 1.0),
        ("pinproof_transfers_total{outcome=failed}", 0.0),
        ("pinproof_transferred_bytes_total{}", size),
        ("pinproof_log_entries{}", 2.0),
        ("pinproof_pages_in_memory{}", 1.0),
        ("pinproof_files_in_memory{}", 2.0),
        ("pinproof_incidents{}", 0.0),
        ("pinproof_panics_total{}", 0.0),
    ] {
        let moved = value(&after, name) - value(&before, name);
        assert!((moved - by).abs() < 0.1, "{name}: {moved}, {after:#?}");
    }
}

#[test]
fn it_is_measured_how_things_stand() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[]));
    let measured = Measured::start(&sandbox, &shelf);
    let Some(samples) = parsed(&measured.text()) else {
        return;
    };
    for (name, is) in [
        ("pinproof_ready{}", 1.0),
        ("pinproof_store_up{}", 1.0),
        ("pinproof_advisories_trouble{source=osv}", 0.0),
    ] {
        assert!(
            (value(&samples, name) - is).abs() < 0.1,
            "{name}: {samples:#?}"
        );
    }
    assert!(value(&samples, "pinproof_advisories_age_seconds{source=osv}") > 0.0);
    if cfg!(target_os = "linux") {
        assert!(value(&samples, "process_resident_memory_bytes{}") > 1e6);
        assert!(value(&samples, "process_open_fds{}") > 5.0);
    }
    let version = format!(
        "pinproof_build_info{{version={}}}",
        env!("CARGO_PKG_VERSION")
    );
    assert!(samples.contains_key(&version), "{samples:#?}");
    assert!(
        samples
            .keys()
            .any(|name| name.starts_with("pinproof_policy_info{digest="))
    );
}

#[test]
fn an_incident_and_a_broken_transfer_are_seen() {
    let (sandbox, first) = (Sandbox::new(), File::wheel("demo", "1.0"));
    let shelf = Shelf::with(std::slice::from_ref(&first));
    let measured = Measured::start(&sandbox, &shelf);
    assert_eq!(measured.gateway.get("/simple/demo/", &[]).status, 200);
    drop(measured);
    let other = [("demo/__init__.py", "version = \"evil\"\n")];
    let other = File::wheel_of("demo", "1.0", "py3-none-any", &other);
    shelf.offers(std::slice::from_ref(&other));
    let measured = Measured::start(&sandbox, &shelf);
    let path = format!("/files/{}/{}", first.sha256(), first.name);
    let answer = measured.gateway.get(&path, &[]);
    assert_ne!(answer.status, 200, "its index has other bytes now");
    let Some(samples) = parsed(&measured.text()) else {
        return;
    };
    assert!(
        (value(&samples, "pinproof_incidents{}") - 1.0).abs() < 0.1,
        "{samples:#?}"
    );
}

/// Names that anybody may send would be as many series as there are names.
#[test]
fn no_name_of_a_client_or_an_upstream_is_a_label() {
    let sandbox = Sandbox::new();
    let secret = File::wheel("secret-project", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&secret));
    let measured = Measured::start(&sandbox, &shelf);
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    let ask = |name: &str| {
        for path in ["simple", "why", name] {
            let _ = measured.gateway.get(&format!("/{path}/{name}/"), &[]);
        }
        let _ = measured
            .gateway
            .get(&format!("/files/00/{name}-1.0.zip"), &[]);
    };
    ask("secret-project");
    ask("secret-other");
    let before = series(&measured.text());
    (0..20).for_each(|number| ask(&format!("secret-{number}")));
    let text = measured.text();
    assert_eq!(series(&text), before, "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn clients_of_the_index_get_no_metrics() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let measured = Measured::start(&sandbox, &shelf);
    assert_eq!(measured.gateway.get("/metrics", &[]).status, 404);
    for (path, said) in [("/health", "ok"), ("/ready", "ready")] {
        let answer = get(&measured.metrics, path, &[]);
        assert_eq!((answer.status, answer.text().trim()), (200, said));
    }
    let page = b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(
        send(&measured.metrics, page).status,
        421,
        "the page of a browser"
    );
    let elsewhere = format!("/files/{}/{WHEEL}", "0".repeat(64));
    assert_eq!(get(&measured.metrics, &elsewhere, &[]).status, 404);
}

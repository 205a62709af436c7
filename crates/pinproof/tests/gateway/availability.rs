//! An upstream that is slow, or dies, keeps nobody from what was served before, and everybody else waits for a little.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::gateway::Gateway;
use crate::http::Answer;
use crate::shelf::{self, File};
use crate::support::{Sandbox, Server};
use crate::upstream::{Request, Upstream, head, honest, page, says};

const ACCEPT: &str = "Accept: application/vnd.pypi.simple.v1+json";

fn sandbox(cache: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let index = "[[index]]\nname = \"main\"\ndefault = true\n";
    sandbox.write("pinproof.toml", format!("[cache]\n{cache}\n{index}"));
    sandbox
}

fn impatient() -> Sandbox {
    sandbox("fresh-for = \"0 minutes\"")
}

fn before(sandbox: &Sandbox, index: &str) -> Gateway {
    Gateway::start(sandbox, &["--index", &format!("main={index}")])
}

/// An address at which nobody listens.
fn nobody() -> String {
    format!("{}simple/", Server::refused())
}

/// Twenty projects, with a file each.
fn many() -> Vec<File> {
    (0..20)
        .map(|number| File::wheel(&format!("demo-{number}"), "1.0"))
        .collect()
}

fn is_stale(answer: &Answer) -> bool {
    let page: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    !page["_pinproof"]["stale"].is_null()
}

/// Everything that was served once is served, and says how old it is.
fn has_all(gateway: &Gateway, files: &[(File, String)]) {
    for (file, path) in files {
        let ask = || gateway.get(&format!("/simple/{}/", file.project), &[ACCEPT]);
        let mut page = ask();
        // Nobody waits for the end of an attempt; who asks after it is told.
        for _ in 0..100 {
            assert_eq!(page.status, 200, "{}", page.text());
            if is_stale(&page) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
            page = ask();
        }
        assert!(is_stale(&page), "{}", page.text());
        assert_eq!(page.header("cache-control"), Some("max-age=0"));
        let answer = gateway.get(path, &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.is_whole && answer.body == file.bytes);
    }
    let html = gateway
        .get("/simple/demo-1/", &["Accept: text/html"])
        .text();
    assert!(html.contains("This is the page of 2026-11-01"), "{html}");
    let unknown = gateway.get("/simple/unknown/", &[ACCEPT]);
    assert_eq!(unknown.status, 503, "{}", unknown.text());
    assert!(unknown.header("retry-after").is_some());
    assert!(
        unknown.text().contains("nothing is known of `unknown`"),
        "{}",
        unknown.text()
    );
    let file = "unknown-1.0-py3-none-any.whl";
    let unknown = gateway.get(&format!("/files/{}/{file}", "a".repeat(64)), &[]);
    assert_eq!(unknown.status, 503, "{}", unknown.text());
}

#[test]
fn everything_that_was_served_outlives_the_upstream_and_the_gateway() {
    let (sandbox, files) = (impatient(), many());
    let upstream = Upstream::honest(&files);
    let gateway = before(&sandbox, &upstream.simple());
    let served: Vec<(File, String)> = files
        .into_iter()
        .map(|file| {
            let path = gateway.path(&file.project, &file.name);
            assert_eq!(gateway.get(&path, &[]).status, 200);
            (file, path)
        })
        .collect();
    drop(upstream);
    has_all(&gateway, &served);
    // It is killed, with no time to keep anything, and starts while nobody is there.
    drop(gateway);
    let gateway = before(&sandbox, &nobody());
    has_all(&gateway, &served);
}

#[test]
fn a_page_counts_as_long_as_is_set_and_no_longer() {
    for (cache, days, counts) in [
        ("", 6, true),
        ("", 8, false),
        ("max-age = \"1 days\"", 2, false),
        ("max-age = \"400 days\"", 20, true),
    ] {
        let (sandbox, file) = (sandbox(cache), File::wheel("demo", "1.0"));
        let upstream = Upstream::honest(std::slice::from_ref(&file));
        let gateway = before(&sandbox, &upstream.simple());
        let path = gateway.path("demo", &file.name);
        assert_eq!(gateway.get(&path, &[]).status, 200);
        drop((upstream, gateway));
        let later = format!("2026-11-{:02}T00:00:00Z", 1 + days);
        let gateway = Gateway::start_at(
            &sandbox,
            &later,
            &["--index", &format!("main={}", nobody())],
        );
        let status = if counts { 200 } else { 503 };
        for path in ["/simple/demo/", &path] {
            let answer = gateway.get(path, &[ACCEPT]);
            assert_eq!(answer.status, status, "{cache} {days}: {}", answer.text());
            if !counts {
                assert!(
                    answer.text().contains("older than `max-age`"),
                    "{}",
                    answer.text()
                );
            }
        }
    }
}

#[test]
fn who_says_that_it_is_gone_is_no_outage_however_old_the_page_is() {
    let (sandbox, file) = (sandbox("max-age = \"1 days\""), File::wheel("demo", "1.0"));
    let upstream = Upstream::honest(std::slice::from_ref(&file));
    let gateway = before(&sandbox, &upstream.simple());
    let path = gateway.path("demo", &file.name);
    assert_eq!(gateway.get(&path, &[]).status, 200);
    drop(gateway);
    upstream.behaves(|_, stream| says(stream, 404, &[], b"no"));
    let index = format!("main={}", upstream.simple());
    let gateway = Gateway::start_at(&sandbox, "2026-11-20T00:00:00Z", &["--index", &index]);
    for _ in 0..2 {
        let answer = gateway.get(&path, &[]);
        assert!(
            answer.status == 200 && answer.body == file.bytes,
            "{}",
            answer.text()
        );
    }
}

/// An upstream that says nothing until it is let go.
fn held(files: &[File], go_on: &Arc<AtomicBool>) -> Upstream {
    let (honest, go_on) = (honest(files), Arc::clone(go_on));
    Upstream::new(move |request, stream| {
        while !go_on.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        honest(request, stream)
    })
}

#[test]
fn who_has_a_page_does_not_wait_for_a_slow_upstream() {
    let (sandbox, files) = (impatient(), many());
    let go_on = Arc::new(AtomicBool::new(true));
    let upstream = held(&files, &go_on);
    let index = format!("main={}", upstream.simple());
    let gateway = Gateway::start(&sandbox, &["--index", &index, "--timeout", "15"]);
    for file in &files {
        gateway.page(&file.project);
    }
    go_on.store(false, Ordering::Relaxed);
    // Nobody is answered by the upstream from here on, and everybody by the gateway.
    for file in files.iter().chain(&files) {
        let answer = gateway.get(&format!("/simple/{}/", file.project), &[ACCEPT]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        // It did not fail yet, so nothing is stale.
        assert!(!is_stale(&answer));
    }
    let unknown = gateway.get("/simple/unknown/", &[ACCEPT]);
    assert_eq!(unknown.status, 503, "{}", unknown.text());
    assert!(
        unknown.text().contains("is being fetched"),
        "{}",
        unknown.text()
    );
    go_on.store(true, Ordering::Relaxed);
    let mut unknown = gateway.get("/simple/unknown/", &[ACCEPT]);
    for _ in 0..100 {
        if unknown.status == 404 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        unknown = gateway.get("/simple/unknown/", &[ACCEPT]);
    }
    assert_eq!(unknown.status, 404, "{}", unknown.text());
}

#[test]
fn slow_files_keep_no_page_waiting() {
    let files: Vec<File> = (0..120)
        .map(|number| File::wheel(&format!("demo-{number}"), "1.0"))
        .collect();
    let go_on = Arc::new(AtomicBool::new(false));
    let (honest, held_back) = (honest(&files), Arc::clone(&go_on));
    let upstream = Upstream::new(move |request, stream| {
        while request.path.starts_with("/files/") && !held_back.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        honest(request, stream)
    });
    let sandbox = impatient();
    let index = format!("main={}", upstream.simple());
    let gateway = Gateway::start(&sandbox, &["--index", &index, "--timeout", "15"]);
    let paths: Vec<String> = files
        .iter()
        .map(|file| gateway.path(&file.project, &file.name))
        .collect();
    thread::scope(|scope| {
        let gets: Vec<_> = paths
            .iter()
            .map(|path| scope.spawn(|| gateway.get(path, &[])))
            .collect();
        // More files are on their way than there may be requests to one host; pages come all the same.
        for file in &files[..5] {
            gateway.page(&file.project);
        }
        assert_eq!(gateway.get("/simple/unknown/", &[ACCEPT]).status, 404);
        go_on.store(true, Ordering::Relaxed);
        for (get, file) in gets.into_iter().zip(&files) {
            let answer = get.join().expect("no panic");
            assert!(
                answer.is_whole && answer.body == file.bytes,
                "{}",
                answer.text()
            );
        }
    });
}

#[test]
fn hundreds_who_ask_a_silent_upstream_are_answered_and_few_of_them_ask_it() {
    let (sandbox, go_on) = (impatient(), Arc::new(AtomicBool::new(false)));
    let upstream = held(&[], &go_on);
    let index = format!("main={}", upstream.simple());
    let options = ["--index", &index, "--timeout", "1", "--retries", "0"];
    let gateway = Gateway::start(&sandbox, &options);
    thread::scope(|scope| {
        let asks = (0..300).map(|number| {
            let gateway = &gateway;
            scope.spawn(move || gateway.get(&format!("/simple/demo-{number}/"), &[ACCEPT]))
        });
        for ask in asks.collect::<Vec<_>>() {
            let answer = ask.join().expect("no panic");
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert!(answer.header("retry-after").is_some());
        }
    });
    go_on.store(true, Ordering::Relaxed);
    let later = gateway.get("/simple/one-more/", &[ACCEPT]);
    assert_eq!(
        later.status,
        503,
        "nobody asks it for a while: {}",
        later.text()
    );
    // As many as may be on their way at one time, and those that began before the third of them failed.
    assert!(
        upstream.headers("host").len() < 100,
        "{}",
        upstream.headers("host").len()
    );
}

#[test]
fn who_asks_for_peace_is_left_alone() {
    for status in [429, 503] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let upstream = Upstream::new(move |_: &Request, stream| {
            count.fetch_add(1, Ordering::Relaxed);
            says(stream, status, &[("Retry-After", "120")], b"later")
        });
        let sandbox = impatient();
        let gateway = before(&sandbox, &upstream.simple());
        for name in ["demo", "demo", "other", "third"] {
            let answer = gateway.get(&format!("/simple/{name}/"), &[ACCEPT]);
            assert_eq!(answer.status, 503, "{}", answer.text());
            let says = format!("answered {status}, asking to wait 120 s");
            assert!(answer.text().contains(&says), "{}", answer.text());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn an_upstream_that_dies_in_the_middle_of_a_page_leaves_the_last_one() {
    let (sandbox, file) = (impatient(), File::wheel("demo", "1.0"));
    let upstream = Upstream::honest(std::slice::from_ref(&file));
    let gateway = before(&sandbox, &upstream.simple());
    gateway.page("demo");
    let text = shelf::page("demo", &[file, File::wheel("demo", "2.0")]);
    let half = text.clone();
    upstream.behaves(move |_, stream| {
        head(
            stream,
            200,
            &[
                ("Content-Type", shelf::JSON),
                ("Content-Length", &half.len().to_string()),
            ],
        )?;
        std::io::Write::write_all(stream, &half.as_bytes()[..half.len() / 2])
    });
    let page_then = gateway.page("demo");
    assert_eq!(page_then["versions"], serde_json::json!(["1.0"]));
    let stale = page_then["_pinproof"]["stale"].as_str().expect("a reason");
    assert!(stale.contains("truncated"), "{stale}");
    upstream.behaves(move |_, stream| page(stream, &text));
    let mut versions = gateway.page("demo")["versions"].clone();
    for _ in 0..100 {
        if versions == serde_json::json!(["1.0", "2.0"]) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
        versions = gateway.page("demo")["versions"].clone();
    }
    panic!("{versions}");
}

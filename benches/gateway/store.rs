//! How fast the gateway's store logs decisions and lists what it knows.
//!
//! ```text
//! cargo bench -p pinproof-server --bench store [-- FILES]
//! ```
//!
//! Decisions are logged by one client after the other, by 64 at a time with one decision each, and as whole pages;
//! every answer is on the disk before the next is asked for. Then a million files are pinned, and all of them listed as a
//! re-evaluation after a change of policy lists them. Fails if 64 clients log fewer than 2,000 decisions a second, or if
//! the list takes more than 10 seconds of CPU time (of the clock, where the system does not tell it).

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pinproof_core::Admission;
use pinproof_server::store::local::{LocalStore, LogBook};
use pinproof_server::store::records::{Decision, Sighting, VerdictKey};
use pinproof_server::store::words::Sha256;
use pinproof_server::store::{Origin, Store as _};

const LEAST_PER_SECOND: f64 = 2_000.0;
const LONGEST_LIST: f64 = 10.0;
const FILES: u32 = 1_000_000;
const FILES_OF_PROJECT: u32 = 20;

#[expect(clippy::print_stdout, reason = "it is what a benchmark is for")]
fn say(what: &str, value: f64, unit: &str) {
    println!("{what:<48} {value:>12.1} {unit}");
}

fn main() -> ExitCode {
    let files = std::env::args().find_map(|word| word.parse().ok());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let logged = runtime.block_on(log(&folder.path().join("log")));
    let listed = runtime.block_on(list(&folder.path().join("files"), files.unwrap_or(FILES)));
    if logged < LEAST_PER_SECOND || listed > LONGEST_LIST {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn decision(number: u32) -> Decision {
    Decision {
        key: VerdictKey {
            project: format!("project-{}", number / FILES_OF_PROJECT)
                .parse()
                .expect("a name"),
            filename: format!("project-{number}-py3-none-any.whl")
                .parse()
                .expect("a name"),
            sha256: Sha256::of(&number.to_le_bytes()),
            policy: Sha256::of(b"policy").to_string(),
            evidence: Sha256::of(b"evidence").to_string(),
        },
        upstream: "pypi".parse().expect("a name"),
        admission: Admission::Refused,
        rule: Some("recent-release".to_owned()),
        reason: Some(
            "`project` 1.0 was uploaded 2 days ago, and the cooldown is 7 days".to_owned(),
        ),
        decided_at: Timestamp::UNIX_EPOCH,
        next_change_at: Some(Timestamp::UNIX_EPOCH),
    }
}

/// Decisions in a second, by 64 clients.
async fn log(data: &Path) -> f64 {
    let store = Arc::new(LocalStore::open(data).expect("a store"));
    let next = Arc::new(AtomicU32::new(0));
    let for_long = Duration::from_secs(4);
    let mut by_many = 0.0;
    for (what, clients, batch) in [
        ("decisions logged by one client", 1, 1),
        ("decisions logged by 64 clients", 64, 1),
        ("decisions logged as pages of 100 by 4 clients", 4, 100),
    ] {
        let before = next.load(Ordering::Relaxed);
        let start = Instant::now();
        let tasks: Vec<_> = (0..clients)
            .map(|_| {
                let (store, next) = (Arc::clone(&store), Arc::clone(&next));
                tokio::spawn(async move {
                    while start.elapsed() < for_long {
                        let first = next.fetch_add(batch, Ordering::Relaxed);
                        let decisions = (first..first + batch).map(decision).collect();
                        store.record(decisions).await.expect("it is logged");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        let done = next.load(Ordering::Relaxed) - before;
        let rate = f64::from(done) / start.elapsed().as_secs_f64();
        say(what, rate, "/s");
        if clients == 64 {
            by_many = rate;
        }
    }
    let start = Instant::now();
    let verified = LogBook::open(data)
        .and_then(|book| book.verify(&[]))
        .expect("a log");
    assert!(verified.faults.is_empty(), "{:?}", verified.faults);
    let rate = f64::from(next.load(Ordering::Relaxed)) / start.elapsed().as_secs_f64();
    say("entries verified", rate, "/s");
    by_many
}

/// Seconds to list so many files, all stored.
async fn list(data: &Path, files: u32) -> f64 {
    let store = LocalStore::open(data).expect("a store");
    let start = Instant::now();
    for project in 0..files / FILES_OF_PROJECT {
        let origin = Origin {
            project: format!("project-{project}").parse().expect("a name"),
            upstream: "pypi".parse().expect("a name"),
            at: Timestamp::UNIX_EPOCH,
        };
        let seen = (0..FILES_OF_PROJECT).map(|number| Sighting {
            filename: format!("project_{project}-1.{number}-py3-none-any.whl")
                .parse()
                .expect("a name"),
            sha256: Sha256::of(&(project * FILES_OF_PROJECT + number).to_le_bytes()),
            size: Some(10_000),
            upload_time: Some(Timestamp::UNIX_EPOCH),
        });
        store
            .pin(origin, seen.collect())
            .await
            .expect("they are pinned");
    }
    say(
        "files pinned, one project after the other",
        f64::from(files) / start.elapsed().as_secs_f64(),
        "/s",
    );
    drop(store);
    let database = rusqlite::Connection::open(data.join("store.sqlite3")).expect("a database");
    database
        .execute_batch("INSERT INTO file (sha256, size) SELECT sha256, size FROM pin")
        .expect("files are noted");
    drop(database);
    let store = LocalStore::open(data).expect("a store");
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let (mut after, mut found) = (None, 0);
    loop {
        let next = store.files(after, 10_000).await.expect("a list");
        let Some(last) = next.last() else { break };
        after = Some((last.pin.project.clone(), last.pin.first.filename.clone()));
        found += next.iter().filter(|known| known.is_stored).count();
    }
    assert_eq!(
        found,
        (files / FILES_OF_PROJECT * FILES_OF_PROJECT) as usize
    );
    let seconds = start.elapsed().as_secs_f64();
    let what = format!("list of {found} stored files with their pins");
    say(&what, seconds, "s");
    let Some((before, now)) = cpu.zip(cpu_seconds()) else {
        return seconds;
    };
    say("the same, CPU time", now - before, "s");
    now - before
}

/// The CPU time of this process so far, where Linux tells it.
fn cpu_seconds() -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may have spaces; what follows it has not.
    let (_, numbers) = stat.rsplit_once(") ")?;
    let ticks: Vec<f64> = numbers
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|number| number.parse().ok())
        .collect();
    Some(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}

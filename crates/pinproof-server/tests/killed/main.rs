//! A process that writes and is killed at any moment: what it had acknowledged is there, and nothing is half done.
//!
//! The process is this test binary, asked to run [`writes_until_it_is_killed`] alone. A kill leaves what the kernel had
//! taken; that a power failure loses nothing rests on the calls that wait for the disk.

//!
//! It has a test binary of its own: a process that starts another one shares its locks with it for a moment.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "../store/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pinproof_core::Admission;
use pinproof_server::store::Store as _;
use pinproof_server::store::local::{LocalStore, LogBook};
use pinproof_server::store::records::{Recorded, Visit};
use pinproof_server::store::words::Sha256;
use tokio::sync::Mutex;

use support::{bytes, decision, file, from, index, listed, page, project, sighting, store_file};

const FOLDER: &str = "PINPROOF_TEST_KILLED_IN";
const ROUND: &str = "PINPROOF_TEST_KILLED_ROUND";

#[tokio::test]
async fn twenty_kills_lose_nothing() {
    kill_again_and_again(20).await;
}

#[tokio::test]
#[ignore = "takes minutes: 200 kills"]
async fn two_hundred_kills_lose_nothing() {
    kill_again_and_again(200).await;
}

/// What was acknowledged, over all rounds.
#[derive(Default)]
struct Acknowledged {
    pins: BTreeMap<String, Sha256>,
    files: Vec<Sha256>,
    entries: BTreeMap<u64, String>,
    pages: usize,
}

async fn kill_again_and_again(times: u64) {
    // One after the other, for the same reason.
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut known = Acknowledged::default();
    for round in 0..times {
        for line in killed(&data, round) {
            known.take(&line);
        }
        whole_log(&data, round);
        let store = LocalStore::open(&data).unwrap();
        known.compare(&store).await;
        drop(store);
        nothing_is_half_done(&data);
        whole_log(&data, round);
    }
    let seen = (
        known.pins.len(),
        known.files.len(),
        known.entries.len(),
        known.pages,
    );
    let least = usize::try_from(times).unwrap();
    assert!(
        seen.0 > least && seen.1 > least && seen.2 > least && seen.3 > 0,
        "the processes hardly wrote before they were killed: {seen:?}"
    );
}

/// The log is whole, also before anybody has opened the store again; an auditor may be the first.
fn whole_log(data: &Path, round: u64) {
    let verified = LogBook::open(data)
        .and_then(|book| book.verify(&[]))
        .unwrap();
    assert_eq!(verified.faults, [], "round {round}");
}

/// Lets a process write, kills it, and returns what it said before.
fn killed(data: &Path, round: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg("writes_until_it_is_killed")
        .env_clear()
        .env(FOLDER, data)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // From a moment before the first answer to some dozens of them, and then anywhere between two.
    let answers = usize::try_from(round * 7 % 41).unwrap();
    let pause = round * 13 % 11;
    let mut said: Vec<String> = lines
        .by_ref()
        .take(answers + 4)
        .map(Result::unwrap)
        .collect();
    thread::sleep(Duration::from_millis(pause));
    child.kill().unwrap();
    child.wait().unwrap();
    // A line that the kill cut in two is no acknowledgement.
    said.extend(lines.map_while(Result::ok));
    said.retain(|line| line.ends_with(" ok"));
    said
}

impl Acknowledged {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["pin", name, hash, _] => {
                let hash = hash.parse().unwrap();
                assert_eq!(
                    *self.pins.entry(name.to_owned()).or_insert(hash),
                    hash,
                    "{name}"
                );
            }
            ["file", hash, _] => self.files.push(hash.parse().unwrap()),
            ["entry", sequence, name, _] => {
                let before = self
                    .entries
                    .insert(sequence.parse().unwrap(), name.to_owned());
                assert_eq!(before, None, "{line}");
            }
            ["page", _] => self.pages += 1,
            _ => panic!("{line}"),
        }
    }

    async fn compare(&self, store: &LocalStore) {
        for (name, hash) in &self.pins {
            let pin = store.pinned(project("demo"), file(name)).await.unwrap();
            assert_eq!(pin.map(|pin| pin.first.sha256), Some(*hash), "{name}");
        }
        for hash in &self.files {
            let stored = bytes(store, *hash).await.unwrap();
            assert_eq!(stored.map(|bytes| Sha256::of(&bytes)), Some(*hash));
        }
        let writer = store.writers().await.unwrap().remove(0);
        let lines = store.log(writer, 0, usize::MAX >> 1).await.unwrap();
        let logged: BTreeMap<_, _> = lines
            .iter()
            .map(|line| (line.sequence, line.read().unwrap().filename.to_string()))
            .collect();
        for (sequence, name) in &self.entries {
            assert_eq!(logged.get(sequence), Some(name));
        }
        if self.pages > 0 {
            let kept = store
                .page(project("paged"), index("pypi"))
                .await
                .unwrap()
                .unwrap();
            let history = store
                .history(project("paged"), index("pypi"))
                .await
                .unwrap();
            let number = String::from_utf8(kept.body).unwrap();
            let listed = history.files.iter().filter(|file| file.is_listed);
            let listed: Vec<_> = listed.map(|file| file.filename.to_string()).collect();
            assert_eq!(
                listed,
                [format!("paged-{number}.tar.gz")],
                "page and history are of one moment"
            );
        }
    }
}

/// Every file in the folder has the bytes that its name says, and nothing waits to become one.
fn nothing_is_half_done(data: &Path) {
    for shard in std::fs::read_dir(data.join("files")).unwrap() {
        for stored in std::fs::read_dir(shard.unwrap().path()).unwrap() {
            let path: PathBuf = stored.unwrap().path();
            let hash = Sha256::of(&std::fs::read(&path).unwrap()).to_string();
            assert_eq!(path.file_name().unwrap().to_str(), Some(hash.as_str()));
        }
    }
    assert_eq!(std::fs::read_dir(data.join("incoming")).unwrap().count(), 0);
}

/// Says what is acknowledged, in one call for each line.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line} ok\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The process that is killed; without a folder in its environment there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other tests start it as a process of its own"]
async fn writes_until_it_is_killed() {
    let Some(data) = std::env::var_os(FOLDER) else {
        return;
    };
    let round: u64 = std::env::var(ROUND).unwrap().parse().unwrap();
    // Ends the line that the test harness began.
    println!();
    let store = Arc::new(LocalStore::open(Path::new(&data)).unwrap());
    let tasks = [
        tokio::spawn(pins(Arc::clone(&store), round)),
        tokio::spawn(files(Arc::clone(&store), round)),
        tokio::spawn(entries(Arc::clone(&store), round)),
        tokio::spawn(pages(store, round)),
    ];
    for task in tasks {
        task.await.unwrap();
    }
}

async fn pins(store: Arc<LocalStore>, round: u64) {
    for number in 0_u64.. {
        // Names of earlier rounds come again, with other bytes.
        let name = format!("demo-{}.tar.gz", number + round * 3);
        let seen = vec![sighting(&name, &format!("{round} {number}"))];
        let pinned = store.pin(from("demo", "pypi", 1), seen).await.unwrap();
        say(&format!("pin {name} {}", pinned[0].pin.first.sha256));
    }
}

async fn files(store: Arc<LocalStore>, round: u64) {
    for number in 0_u64.. {
        let content = format!("{round} {number} ").repeat(20_000);
        let hash = store_file(&*store, content.as_bytes()).await.unwrap();
        say(&format!("file {hash}"));
    }
}

async fn entries(store: Arc<LocalStore>, round: u64) {
    for number in 0_u64.. {
        let name = format!("a-{round}-{number}.tar.gz");
        let new = decision(&name, Admission::Admitted, None);
        let Recorded::New { sequence } = store.record(vec![new]).await.unwrap()[0] else {
            panic!("{name} was logged before");
        };
        say(&format!("entry {sequence} {name}"));
    }
}

async fn pages(store: Arc<LocalStore>, round: u64) {
    for number in 0_u64.. {
        let number = round * 1_000_000 + number;
        let visit = Visit {
            project: project("paged"),
            upstream: index("pypi"),
            page: page(i64::try_from(round).unwrap(), &number.to_string()),
            files: vec![listed(&format!("paged-{number}.tar.gz"), "1.0")],
        };
        store.record_page(visit).await.unwrap();
        say("page");
    }
}

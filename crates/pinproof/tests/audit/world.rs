//! Records, databases and exports that tests make, and the project that is audited.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Asked, NOW, Ran, Reply, Sandbox, Server};
pub(crate) use crate::support::{build, record, record_of};

/// What is audited: one project with a record, and one without.
pub(crate) const LOCK: &str = "flask==2.2.2\nclick==8.1.3\n";

/// The record of these tests.
pub(crate) fn flask() -> Value {
    record("PYSEC-2026-7", "flask", "2.2.5")
}

/// A time before now, as records write it; whole seconds.
pub(crate) fn ago(hours: i64) -> String {
    let then = Timestamp::now() - SignedDuration::from_hours(hours);
    format!("{then:.0}")
}

/// A project with the lock, in a sandbox of its own.
pub(crate) fn project() -> Sandbox {
    Sandbox::with_requirements(LOCK)
}

/// Audits at the time of the tests, in what state the cache is.
pub(crate) fn audit(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.run_without_db(&[&["audit", "--as-of", NOW, "requirements.txt"], more].concat())
}

/// Audits now, so that databases are renewed.
pub(crate) fn audit_now(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.run_without_db(&[&["audit", "requirements.txt"], more].concat())
}

/// The database of the only source that was fetched.
pub(crate) fn stored(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.home().join(".cache/pinproof/advisories-v1");
    let files = std::fs::read_dir(folder).expect("the folder of databases");
    let paths = files.map(|file| file.expect("a file").path());
    let mut databases = paths.filter(|path| path.extension().is_some_and(|end| end == "db"));
    databases.next().expect("a database")
}

/// Fails unless the audit was open about every requirement for this reason.
#[track_caller]
pub(crate) fn is_undecided(ran: &Ran, why: &str) {
    ran.ends_with(3).says("UNDECIDED").says(why);
    ran.says("= note: not decided: known-malware, vulnerable-release");
    assert!(ran.last_line().starts_with("judged 0 of"), "{}", ran.all());
}

/// The records of an export, by id.
pub(crate) type Records = BTreeMap<String, Value>;

/// An export laid out as OSV's, whose records a test may change.
pub(crate) struct Export {
    pub(crate) server: Server,
    pub(crate) records: Arc<Mutex<Records>>,
}

impl Export {
    /// Serves these records.
    pub(crate) fn new(records: &[Value]) -> Self {
        Self::with(records, |_| None)
    }

    /// Serves these records, but where `instead` has another answer.
    pub(crate) fn with(
        records: &[Value],
        instead: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let records: Records = records
            .iter()
            .map(|record| (id(record), record.clone()))
            .collect();
        let records = Arc::new(Mutex::new(records));
        let shared = Arc::clone(&records);
        let server = Server::new(move |asked: &Asked| {
            let records = shared.lock().expect("no test thread panicked");
            instead(&asked.path).unwrap_or_else(|| answer(&records, &asked.path))
        });
        Self { server, records }
    }

    /// Adds a record, or changes it.
    pub(crate) fn put(&self, record: Value) {
        let mut records = self.records.lock().expect("no test thread panicked");
        records.insert(id(&record), record);
    }

    /// Names it as the address of OSV for a project.
    pub(crate) fn is_used_by(&self, sandbox: &Sandbox) {
        use_export(sandbox, &self.server.url());
    }
}

/// Names an address as that of OSV for a project.
pub(crate) fn use_export(sandbox: &Sandbox, url: &str) {
    sandbox.write(
        "pinproof.toml",
        format!("[[advisories]]\nname = \"osv\"\nurl = \"{url}\"\n"),
    );
}

fn id(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

fn answer(records: &Records, path: &str) -> Reply {
    match path {
        "/all.zip" => Reply::ok(zip(records)),
        "/modified_id.csv" => Reply::ok(changes(records)),
        path => {
            let id = path.trim_start_matches('/').trim_end_matches(".json");
            let record = records.get(id).map(ToString::to_string);
            record.map_or_else(|| Reply::status(404), Reply::ok)
        }
    }
}

/// `modified_id.csv`, newest first.
pub(crate) fn changes(records: &Records) -> String {
    let lines = records.values().map(|record| {
        let time = record["modified"].as_str().expect("a time");
        format!("{time},{}\n", id(record))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by(|a, b| b.cmp(a));
    lines.concat()
}

/// `all.zip`.
pub(crate) fn zip(records: &Records) -> Vec<u8> {
    let files = records
        .iter()
        .map(|(id, record)| (format!("{id}.json"), record.to_string()));
    zip_of(files)
}

/// An archive of these files.
pub(crate) fn zip_of(files: impl IntoIterator<Item = (String, String)>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive
            .start_file(name, SimpleFileOptions::default())
            .expect("a member");
        archive.write_all(text.as_bytes()).expect("its text");
    }
    archive.finish().expect("an archive").into_inner()
}

//! Updates: by changes or as a whole, interrupted, two at once, and never back in time.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::support::{Reply, Sandbox};
use crate::world::{Export, ago, audit_now, is_undecided, project, record_of, stored};

fn update(sandbox: &Sandbox, more: &[&str]) -> crate::support::Ran {
    sandbox.run_without_db(&[&["db", "update"], more].concat())
}

/// The line of `db status` that says from what is answered.
fn digest(sandbox: &Sandbox) -> String {
    let status = sandbox.run_without_db(&["db", "status"]);
    let line = status.stdout.lines().find(|line| line.contains("sha256"));
    line.unwrap_or_else(|| panic!("{}", status.all()))
        .to_owned()
}

/// What a test turns, and what a server sees.
fn switch() -> (Arc<AtomicBool>, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(false));
    (Arc::clone(&switch), switch)
}

/// As if it had been written that many hours ago.
fn age_file(path: &Path, hours: u64) {
    let file = File::options()
        .append(true)
        .open(path)
        .expect("the database");
    let then = SystemTime::now() - Duration::from_hours(hours);
    file.set_modified(then).expect("a time");
}

#[test]
fn the_first_audit_fetches_and_the_next_does_not_ask() {
    let sandbox = project();
    let export = Export::new(&[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1))]);
    export.is_used_by(&sandbox);
    audit_now(&sandbox, &["--offline"]).ends_with(3);
    assert!(export.server.asked().is_empty());
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
    assert_eq!(export.server.asked(), ["/all.zip"]);
    audit_now(&sandbox, &[]).ends_with(1);
    assert_eq!(export.server.asked(), ["/all.zip"]);
}

#[test]
fn after_a_day_it_asks_again_and_if_nothing_is_new_not_for_another_day() {
    let sandbox = project();
    let export = Export::new(&[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(30))]);
    export.is_used_by(&sandbox);
    update(&sandbox, &[])
        .ends_with(0)
        .says("fetched as a whole; 1 record");
    age_file(&stored(&sandbox), 25);
    for _ in 0..2 {
        audit_now(&sandbox, &[]).ends_with(1);
        assert_eq!(export.server.asked(), ["/all.zip", "/modified_id.csv"]);
    }
    update(&sandbox, &[])
        .ends_with(0)
        .says("nothing new; 1 record");
}

#[test]
fn an_update_by_changes_equals_a_complete_one() {
    let sandbox = project();
    let export = Export::new(&[
        record_of("PYSEC-2026-1", "flask", "2.2.4", &ago(9)),
        record_of("PYSEC-2026-2", "click", "8.0", &ago(8)),
        record_of("PYSEC-2026-3", "jinja2", "3", &ago(7)),
    ]);
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    let before = digest(&sandbox);
    // One is new and older than the newest, one is changed, one is withdrawn.
    export.put(record_of("PYSEC-2026-4", "flask", "2.3", &ago(8)));
    export.put(record_of("PYSEC-2026-2", "click", "8.2", &ago(2)));
    let mut withdrawn = record_of("PYSEC-2026-1", "flask", "2.2.4", &ago(1));
    withdrawn["withdrawn"] = json!(ago(1));
    export.put(withdrawn);
    update(&sandbox, &[])
        .ends_with(0)
        .says("3 records changed; 4 records, 1 withdrawn");
    let asked = export.server.asked();
    assert_eq!(asked[..2], ["/all.zip", "/modified_id.csv"]);
    let mut records = asked[2..].to_vec();
    records.sort();
    assert_eq!(
        records,
        [
            "/PYSEC-2026-1.json",
            "/PYSEC-2026-2.json",
            "/PYSEC-2026-4.json"
        ]
    );
    let by_changes = (digest(&sandbox), audit_now(&sandbox, &[]).stdout);
    update(&sandbox, &["--complete"])
        .ends_with(0)
        .says("fetched as a whole");
    assert_ne!(by_changes.0, before);
    assert_eq!(
        (digest(&sandbox), audit_now(&sandbox, &[]).stdout),
        by_changes
    );
    // The same by somebody who never had the first state.
    let other = project();
    export.is_used_by(&other);
    update(&other, &[]).ends_with(0);
    assert_eq!(digest(&other), by_changes.0);
}

/// A record is listed as changed, and its file is still the old one: it is asked for again.
#[test]
fn a_change_that_comes_late_is_not_missed() {
    let sandbox = project();
    let records = [record_of("PYSEC-2026-7", "flask", "1.0", &ago(9))];
    let (is_late, late) = switch();
    let old = records[0].to_string();
    let export = Export::with(&records, move |path| {
        let is_old = path == "/PYSEC-2026-7.json" && late.load(Ordering::Relaxed);
        is_old.then(|| Reply::ok(old.clone()))
    });
    is_late.store(true, Ordering::Relaxed);
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    export.put(record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1)));
    update(&sandbox, &[]).ends_with(0);
    audit_now(&sandbox, &[]).ends_with(0);
    is_late.store(false, Ordering::Relaxed);
    update(&sandbox, &[]).ends_with(0).says("1 record changed");
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
}

#[test]
fn what_was_taken_out_of_the_export_is_gone_after_a_complete_update() {
    let sandbox = project();
    let export = Export::new(&[
        record_of("PYSEC-2026-1", "click", "8.0", &ago(8)),
        record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(9)),
    ]);
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    audit_now(&sandbox, &[]).ends_with(1);
    let mut records = export.records.lock().expect("no panic");
    records.remove("PYSEC-2026-7");
    drop(records);
    // The list of changes may be incomplete: what is not in it is no reason to forget anything.
    update(&sandbox, &[])
        .ends_with(0)
        .says("nothing new; 2 records");
    update(&sandbox, &["--complete"])
        .ends_with(0)
        .says("fetched as a whole; 1 record");
    audit_now(&sandbox, &[]).ends_with(0);
}

/// A record that is listed as changed and is not there: the whole tells whether it is gone.
#[test]
fn a_record_that_is_listed_and_missing_is_looked_for_in_the_whole() {
    let sandbox = project();
    let export = Export::with(
        &[record_of("PYSEC-2026-7", "flask", "2.2.4", &ago(9))],
        |path| (path == "/PYSEC-2026-7.json").then(|| Reply::status(404)),
    );
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    export.put(record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1)));
    update(&sandbox, &[])
        .ends_with(0)
        .says("fetched as a whole; 1 record");
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
}

#[test]
fn an_interrupted_update_leaves_the_old_database_whole() {
    let sandbox = project();
    let records = [record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(2))];
    let (is_slow, slow) = switch();
    let export = Export::with(&records, move |_| {
        let is_slow = slow.load(Ordering::Relaxed);
        is_slow.then(|| Reply::Stalls(vec![b'P', b'K', 3, 4]))
    });
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    let before = fs::read(stored(&sandbox)).expect("the database");
    is_slow.store(true, Ordering::Relaxed);
    let mut command = sandbox.command(&["db", "update", "--complete", "--timeout", "60"]);
    let mut child = command.spawn().expect("the binary runs");
    while export.server.asked().len() < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(fs::read(stored(&sandbox)).expect("the database"), before);
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
    // Nobody holds its lock any more.
    is_slow.store(false, Ordering::Relaxed);
    update(&sandbox, &["--complete"]).ends_with(0);
}

#[test]
fn two_updates_at_once_are_one_after_the_other() {
    let sandbox = project();
    let export = Export::with(
        &[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(2))],
        |path| {
            if path == "/all.zip" {
                std::thread::sleep(Duration::from_millis(300));
            }
            None
        },
    );
    export.is_used_by(&sandbox);
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| audit_now(&sandbox, &[]).code))
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("a run"))
            .collect()
    });
    assert_eq!(codes, [1; 4]);
    let archives = export
        .server
        .asked()
        .iter()
        .filter(|path| *path == "/all.zip")
        .count();
    assert_eq!(archives, 1, "{:?}", export.server.asked());
    update(&sandbox, &[]).ends_with(0).says("nothing new");
}

#[test]
fn an_export_that_went_back_in_time_is_refused() {
    let sandbox = project();
    let export = Export::new(&[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1))]);
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    let mut records = export.records.lock().expect("no panic");
    records.clear();
    records.insert(
        "PYSEC-2026-6".to_owned(),
        record_of("PYSEC-2026-6", "click", "1.0", &ago(50)),
    );
    drop(records);
    update(&sandbox, &["--complete"])
        .ends_with(2)
        .notes("older than the one of");
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
}

/// An export that is halved is more likely broken than true.
#[test]
fn an_export_that_lost_most_of_its_records_is_taken_only_by_hand() {
    let sandbox = project();
    let many = (0..9).map(|at| record_of(&format!("PYSEC-2026-{at}"), "jinja2", "2", &ago(200)));
    let export = Export::new(&many.collect::<Vec<_>>());
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    let mut records = export.records.lock().expect("no panic");
    records.retain(|id, _| id == "PYSEC-2026-1");
    // So much later that the whole is fetched.
    records.insert(
        "PYSEC-2026-10".to_owned(),
        record_of("PYSEC-2026-10", "click", "1", &ago(1)),
    );
    drop(records);
    update(&sandbox, &[])
        .ends_with(0)
        .says("1 record changed; 10 records");
    export.put(record_of("PYSEC-2026-11", "click", "1", &ago(1)));
    let refused = update(&sandbox, &[]);
    refused
        .ends_with(2)
        .notes("the archive has 3 records where there were 10");
    update(&sandbox, &["--complete"])
        .ends_with(0)
        .says("fetched as a whole; 3 records");
}

/// A record of next year, or a server whose clock is wrong, must not keep a database new for ever.
#[test]
fn a_time_of_the_future_is_not_believed() {
    let sandbox = project();
    let export = Export::with(&[], |path| {
        let future = record_of("PYSEC-2999-1", "jinja2", "1.0", "2999-01-01T00:00:00Z");
        let old = record_of("PYSEC-2026-7", "jinja2", "1.0", &ago(9 * 24));
        let files = [future, old].map(|record| {
            (
                format!("{}.json", record["id"].as_str().expect("an id")),
                record.to_string(),
            )
        });
        let later = ("Last-Modified", "Tue, 01 Jan 2999 00:00:00 GMT".to_owned());
        let archive = crate::world::zip_of(files);
        (path == "/all.zip").then(|| Reply::Says(200, vec![later], archive))
    });
    export.is_used_by(&sandbox);
    update(&sandbox, &[]).ends_with(0);
    is_undecided(&audit_now(&sandbox, &["--offline"]), "older than 7 days");
}

/// The cache is shared by all projects of a user; the name of a source is not.
#[test]
fn two_projects_may_call_different_sources_by_one_name() {
    let sandbox = project();
    let (quiet, speaking) = (
        Export::new(&[record_of("PYSEC-2026-1", "jinja2", "1.0", &ago(1))]),
        Export::new(&[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1))]),
    );
    quiet.is_used_by(&sandbox);
    audit_now(&sandbox, &[]).ends_with(0);
    speaking.is_used_by(&sandbox);
    is_undecided(&audit_now(&sandbox, &["--offline"]), "there is no database");
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
}

#[test]
fn an_update_asks_somebody() {
    let sandbox = project();
    update(&sandbox, &["--offline"])
        .ends_with(2)
        .notes("`--offline` forbids it");
}

//! An export server in every bad state: an update fails as a whole, and an audit without it is not green.

use crate::support::{Reply, Server};
use crate::world::{
    Export, Records, ago, audit_now, changes, flask, is_undecided, project, record_of, use_export,
    zip, zip_of,
};

/// Fails unless an update from there ends with 2 and an audit with 3, both with this reason.
#[track_caller]
fn brings_nothing(url: &str, why: &str) {
    let sandbox = project();
    use_export(&sandbox, url);
    let update = sandbox.run_without_db(&["db", "update"]);
    update
        .ends_with(2)
        .notes("osv could not be updated: ")
        .notes(why);
    let ran = audit_now(&sandbox, &[]);
    ran.notes("the advisories of osv could not be renewed: ")
        .notes(why);
    is_undecided(&ran, "there is no database");
}

#[track_caller]
fn an_archive_brings_nothing(archive: Reply, why: &str) {
    let export = Export::with(&[], move |path| {
        (path == "/all.zip").then(|| archive.clone())
    });
    brings_nothing(&export.server.url(), why);
}

fn whole() -> Vec<u8> {
    zip(&Records::from([("PYSEC-2026-7".to_owned(), flask())]))
}

#[test]
fn nobody_listens() {
    brings_nothing(&Server::refused(), "connection refused");
}

#[test]
fn no_answer_comes() {
    an_archive_brings_nothing(Reply::Hangs, "timed out after 1 s");
}

#[test]
fn the_archive_breaks_off() {
    let half = whole()[..100].to_vec();
    an_archive_brings_nothing(Reply::BreaksOff(half), "truncated");
}

#[test]
fn the_archive_stalls() {
    an_archive_brings_nothing(Reply::Stalls(whole()), "timed out after 1 s");
}

/// A proxy may cut it off and say a length that fits.
#[test]
fn the_archive_lacks_its_end() {
    let half = whole()[..100].to_vec();
    an_archive_brings_nothing(Reply::ok(half), "it is no zip archive");
}

#[test]
fn a_page_to_log_in() {
    let page = "<html><body>Please log in</body></html>";
    an_archive_brings_nothing(Reply::ok(page), "it is no zip archive");
}

#[test]
fn a_status_that_is_no_success() {
    for status in [403, 404, 429, 500, 503] {
        an_archive_brings_nothing(Reply::status(status), &format!("answered {status}"));
    }
}

#[test]
fn an_archive_without_a_record() {
    let why = "has no record about a project of PyPI that is understood";
    an_archive_brings_nothing(Reply::ok(zip_of([])), why);
    let text = ("README.txt".to_owned(), "nothing".to_owned());
    an_archive_brings_nothing(Reply::ok(zip_of([text])), why);
    let garbage = ["a", "b"].map(|name| (format!("{name}.json"), "garbage".to_owned()));
    an_archive_brings_nothing(Reply::ok(zip_of(garbage)), why);
    let mut other = flask();
    other["affected"][0]["package"]["ecosystem"] = "npm".into();
    let other = ("GHSA-1.json".to_owned(), other.to_string());
    an_archive_brings_nothing(Reply::ok(zip_of([other])), why);
}

/// One record of two is garbage: it may be about any project.
#[test]
fn an_archive_with_a_record_that_is_garbage() {
    let files = [
        (
            "PYSEC-2026-7.json",
            record_of("PYSEC-2026-7", "flask", "1.0", &ago(1)).to_string(),
        ),
        ("PYSEC-2026-8.json", "garbage".to_owned()),
    ];
    let archive = zip_of(files.map(|(name, text)| (name.to_owned(), text)));
    let export = Export::with(&[], move |path| {
        (path == "/all.zip").then(|| Reply::ok(archive.clone()))
    });
    let sandbox = project();
    export.is_used_by(&sandbox);
    is_undecided(
        &audit_now(&sandbox, &[]),
        "PYSEC-2026-8 is not understood, and may be about any project",
    );
}

/// The database is older than a week, and the list of changes is not one: nothing is renewed.
#[test]
fn a_list_of_changes_that_is_none_renews_nothing() {
    let good = || changes(&Records::from([("PYSEC-2026-9".to_owned(), flask())]));
    let lists = [
        (
            good() + "yesterday,PYSEC-2026-8\n",
            "the line `yesterday,PYSEC-2026-8`",
        ),
        (
            good() + "2026-10-31T23:00:00Z\n",
            "which is no time with an id",
        ),
        (
            good() + "2026-10-31T23:00:00Z,../../etc/passwd\n",
            "which is no time with an id",
        ),
        ("<html></html>".to_owned(), "which is no time with an id"),
        (String::new(), "the list of changes is empty"),
    ];
    for (list, why) in lists {
        let fails = move |path: &str| (path == "/modified_id.csv").then(|| Reply::ok(list.clone()));
        an_old_database_stays_old(fails, why);
    }
    let fails =
        |path: &str| (path == "/modified_id.csv").then(|| Reply::BreaksOff(b"2026".to_vec()));
    an_old_database_stays_old(fails, "truncated");
}

#[track_caller]
fn an_old_database_stays_old(
    instead: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static,
    why: &str,
) {
    let sandbox = project();
    let export = Export::with(
        &[record_of("PYSEC-2026-7", "flask", "1.0", &ago(9 * 24))],
        instead,
    );
    export.is_used_by(&sandbox);
    sandbox.run_without_db(&["db", "update"]).ends_with(0);
    let update = sandbox.run_without_db(&["db", "update"]);
    update.ends_with(2).notes(why);
    is_undecided(&audit_now(&sandbox, &[]), "older than 7 days");
}

/// What is listed as changed is something else: the record it stands for must not be lost.
#[test]
fn a_record_that_is_another_one_renews_nothing() {
    let export = Export::with(
        &[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(2))],
        |path| {
            let other = record_of("PYSEC-2026-9", "flask", "1.0", &ago(1)).to_string();
            (path == "/PYSEC-2026-7.json").then(|| Reply::ok(other))
        },
    );
    let sandbox = project();
    export.is_used_by(&sandbox);
    sandbox.run_without_db(&["db", "update"]).ends_with(0);
    export.put(record_of("PYSEC-2026-7", "flask", "2.2.6", &ago(1)));
    let update = sandbox.run_without_db(&["db", "update"]);
    update
        .ends_with(2)
        .notes("asked for the record PYSEC-2026-7, and got PYSEC-2026-9");
    audit_now(&sandbox, &[]).ends_with(1).says("fixed in 2.2.5");
}

/// A record that is no record counts as one that is not understood until it is one again.
#[test]
fn a_record_that_is_a_page_leaves_all_open() {
    let records = [
        record_of("PYSEC-2026-7", "flask", "1.0", &ago(2)),
        record_of("PYSEC-2026-8", "jinja2", "1.0", &ago(2)),
    ];
    let export = Export::with(&records, |path| {
        (path == "/PYSEC-2026-7.json").then(|| Reply::ok("<html></html>"))
    });
    let sandbox = project();
    export.is_used_by(&sandbox);
    sandbox.run_without_db(&["db", "update"]).ends_with(0);
    audit_now(&sandbox, &[]).ends_with(0);
    export.put(record_of("PYSEC-2026-7", "flask", "1.1", &ago(1)));
    let update = sandbox.run_without_db(&["db", "update"]);
    update.ends_with(0).says("1 part is not understood");
    let ran = audit_now(&sandbox, &[]);
    is_undecided(
        &ran,
        "PYSEC-2026-7 is not understood, and may be about any project",
    );
}

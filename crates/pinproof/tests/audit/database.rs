//! The database: missing, stale, damaged, or older than one that was here before.

use std::fs;

use crate::support::NOW;
use crate::world::{Export, audit, build, flask, is_undecided, project, record_of, stored};

const OLD: &str = "2026-10-20T12:00:00Z";

#[test]
fn a_database_finds_what_it_knows() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(1)
        .says("`flask` 2.2.2 is affected by PYSEC-2026-7, severity unknown, fixed in 2.2.5")
        .says("raise flask 2.2.2 -> 2.2.5");
    assert!(
        ran.last_line().starts_with("judged 2 of 2"),
        "{}",
        ran.all()
    );
    sandbox.write("requirements.txt", "flask==2.2.5\nclick==8.1.3\n");
    audit(&sandbox, &["--db", "osv.db"])
        .ends_with(0)
        .says("CLEAN");
}

#[test]
fn without_a_database_nothing_is_green() {
    let sandbox = project();
    for more in [&[][..], &["--offline"], &["--db", "missing.db"]] {
        let ran = audit(&sandbox, more);
        is_undecided(
            &ran,
            "no answer from osv about click, flask: there is no database",
        );
    }
    audit(&sandbox, &["--offline"]).says("`pinproof db update` fetches it");
    let status = sandbox.run_without_db(&["db", "status"]);
    status.ends_with(3).says("osv: not there");
}

#[test]
fn check_is_as_strict_as_audit() {
    let sandbox = project();
    let only = ["--only", "vulnerable-release,known-malware"];
    let args = [&["check", "--as-of", NOW, "--offline"][..], &only].concat();
    is_undecided(&sandbox.run_without_db(&args), "there is no database");
}

#[test]
fn a_stale_database_decides_nothing_and_shows_what_it_knows() {
    let sandbox = project();
    build(
        &sandbox,
        "osv",
        &[record_of("PYSEC-2026-7", "flask", "2.2.5", OLD)],
    );
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(1)
        .says("`flask` 2.2.2 is affected by PYSEC-2026-7");
    ran.says("its newest record is of 2026-10-20T12:00:00Z, older than 7 days");
    assert!(
        ran.last_line().starts_with("judged 0 of 2"),
        "{}",
        ran.all()
    );
    sandbox.write("requirements.txt", "flask==2.2.5\nclick==8.1.3\n");
    is_undecided(&audit(&sandbox, &["--db", "osv.db"]), "older than 7 days");
}

/// What was compiled today of records of last month is of last month.
#[test]
fn the_age_is_that_of_the_records_and_not_of_the_file() {
    let sandbox = project();
    build(
        &sandbox,
        "osv",
        &[record_of("PYSEC-2026-7", "click", "1.0", OLD)],
    );
    let status = sandbox.run_without_db(&["db", "status", "--db", "osv.db", "--as-of", NOW]);
    status.ends_with(3).says("its newest record is 11 days old");
    let then = [
        "audit",
        "requirements.txt",
        "--db",
        "osv.db",
        "--as-of",
        "2026-10-21",
    ];
    sandbox.run_without_db(&then).ends_with(0);
}

/// Records of next year would make a database look new for a year.
#[test]
fn a_time_that_has_not_come_yet_is_no_age() {
    let sandbox = project();
    let later = "2999-01-01T00:00:00Z";
    build(
        &sandbox,
        "osv",
        &[record_of("PYSEC-2999-1", "flask", "1.0", later)],
    );
    let ran = sandbox.run_without_db(&["audit", "requirements.txt", "--db", "osv.db"]);
    is_undecided(
        &ran,
        "which has not come yet: nobody can tell how old it is",
    );
}

#[test]
fn a_database_that_is_cut_off_anywhere_decides_nothing() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    let whole = fs::read(sandbox.project().join("osv.db")).expect("the database");
    let cuts = (0..whole.len()).step_by(29).chain([whole.len() - 1]);
    for length in cuts {
        sandbox.write("cut.db", &whole[..length]);
        let ran = audit(&sandbox, &["--db", "cut.db"]);
        is_undecided(&ran, "no answer from osv about click, flask");
    }
    sandbox.write("longer.db", [&whole[..], b"x"].concat());
    is_undecided(
        &audit(&sandbox, &["--db", "longer.db"]),
        "longer or shorter",
    );
}

/// A byte is noticed when it is read; what nobody reads may be anything.
#[test]
fn a_changed_byte_hides_no_finding() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    let whole = fs::read(sandbox.project().join("osv.db")).expect("the database");
    let mut noticed = 0;
    for at in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[at] ^= 0x41;
        sandbox.write("changed.db", &changed);
        let ran = audit(&sandbox, &["--db", "changed.db"]);
        let is_found = ran
            .stdout
            .contains("`flask` 2.2.2 is affected by PYSEC-2026-7");
        let is_open = ran.stdout.contains("unavailable-evidence");
        assert!(
            ran.code != 0 && (is_found || is_open),
            "byte {at}: {}",
            ran.all()
        );
        noticed += usize::from(is_open);
    }
    assert!(noticed > 20, "only {noticed} changes were noticed");
}

#[test]
fn what_is_no_database_is_not_taken_for_an_empty_one() {
    let sandbox = project();
    sandbox.write("empty.db", "");
    sandbox.write("page.db", "<html>Please log in</html>");
    for name in ["empty.db", "page.db", "."] {
        let ran = audit(&sandbox, &["--db", name]);
        is_undecided(&ran, "is no database that this version of pinproof reads");
    }
}

#[test]
fn nothing_is_no_database() {
    let sandbox = project();
    std::fs::create_dir(sandbox.project().join("nothing")).expect("a folder");
    let ran = sandbox.run(&["db", "build", "nothing", "--output", "nothing.db"]);
    ran.ends_with(2)
        .notes("has no record about a project of PyPI");
    assert!(!sandbox.project().join("nothing.db").exists());
}

#[test]
fn a_database_older_than_one_that_was_here_counts_only_by_name() {
    let sandbox = project();
    build(
        &sandbox,
        "old",
        &[record_of(
            "PYSEC-2026-6",
            "click",
            "1.0",
            "2026-10-30T00:00:00Z",
        )],
    );
    let export = Export::new(&[flask()]);
    export.is_used_by(&sandbox);
    sandbox.run_without_db(&["db", "update"]).ends_with(0);
    audit(&sandbox, &[]).ends_with(1);
    fs::copy(sandbox.project().join("old.db"), stored(&sandbox)).expect("a copy");
    let ran = audit(&sandbox, &[]);
    is_undecided(
        &ran,
        "older than the one of 2026-10-31T12:00:00Z that was used here before",
    );
    audit(&sandbox, &["--db", "old.db"]).ends_with(0);
    // Who damages the mark does not get the old one in.
    let mark = stored(&sandbox).with_extension("seen");
    fs::write(mark, "yesterday").expect("the mark");
    is_undecided(&audit(&sandbox, &[]), "it should hold a time");
}

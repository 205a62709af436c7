//! `--as-of`: what was known then, and what nobody can know of it any more.

use serde_json::json;

use crate::world::{build, project, record_of};

#[test]
fn records_of_later_are_left_out_and_withdrawals_of_later_undone() {
    let sandbox = project();
    let mut withdrawn = record_of("PYSEC-2026-2", "click", "9", "2026-02-01T00:00:00Z");
    withdrawn["withdrawn"] = json!("2026-06-01T00:00:00Z");
    withdrawn["modified"] = json!("2026-06-01T00:00:00Z");
    let mut undated = record_of("PYSEC-2026-3", "flask", "2.2.3", "2026-09-01T00:00:00Z");
    undated
        .as_object_mut()
        .expect("an object")
        .remove("published");
    let later = record_of("PYSEC-2026-4", "flask", "2.2.5", "2026-08-01T00:00:00Z");
    build(&sandbox, "osv", &[withdrawn, undated, later]);
    let ids = |date: &str| {
        let args = [
            "audit",
            "requirements.txt",
            "--db",
            "osv.db",
            "--format",
            "json",
            "--as-of",
        ];
        let report = sandbox
            .run_without_db(&[&args[..], &[date]].concat())
            .json();
        let findings = report["findings"].as_array().expect("findings").clone();
        let ids = findings
            .iter()
            .map(|finding| finding["advisories"]["ids"][0].clone());
        let mut ids: Vec<String> = ids
            .map(|id| id.as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    };
    // One without a date of publication counts as always known.
    assert_eq!(ids("2026-01-01"), ["PYSEC-2026-3"]);
    assert_eq!(ids("2026-03-01"), ["PYSEC-2026-2", "PYSEC-2026-3"]);
    assert_eq!(ids("2026-07-01"), ["PYSEC-2026-3"]);
    assert_eq!(ids("2026-09-02"), ["PYSEC-2026-3", "PYSEC-2026-4"]);
}

#[test]
fn the_head_says_that_later_edits_cannot_be_undone() {
    let sandbox = project();
    build(
        &sandbox,
        "osv",
        &[record_of(
            "PYSEC-2026-4",
            "flask",
            "2.2.5",
            "2026-08-01T00:00:00Z",
        )],
    );
    let run = |date: &str| {
        sandbox.run_without_db(&[
            "audit",
            "requirements.txt",
            "--db",
            "osv.db",
            "--as-of",
            date,
        ])
    };
    run("2026-03-01").ends_with(0).says(
        "as of 2026-03-01T00:00:00Z: what was published later is left out, and what was withdrawn later counts; \
         later edits of a record cannot be undone",
    );
    run("2026-08-02").ends_with(1).never_says("later edits");
}

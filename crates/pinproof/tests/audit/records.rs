//! Records that are not understood: each is a gap, for the projects it names or for all.

use serde_json::json;

use crate::world::{audit, build, is_undecided, project, record};

const CLEAN: &str = "flask==2.2.5\nclick==8.1.3\n";

#[test]
fn one_that_names_an_audited_project_leaves_that_project_open() {
    let sandbox = project();
    sandbox.write("requirements.txt", CLEAN);
    let mut unclear = record("PYSEC-2026-8", "click", "1.0");
    unclear["affected"][0]["ranges"][0]["events"] = json!("everything before 1.0");
    build(
        &sandbox,
        "osv",
        &[record("PYSEC-2026-7", "flask", "2.2.5"), unclear],
    );
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(3)
        .says("no answer from osv about click: PYSEC-2026-8 is not understood");
    assert!(
        ran.last_line().starts_with("judged 1 of 2"),
        "{}",
        ran.all()
    );
    ran.says("1 part is not understood");
}

#[test]
fn one_that_names_another_project_is_counted_and_costs_nothing() {
    let sandbox = project();
    sandbox.write("requirements.txt", CLEAN);
    let mut unclear = record("PYSEC-2026-8", "jinja2", "1.0");
    unclear["affected"][0]["ranges"][0]["events"] = json!("everything before 1.0");
    build(
        &sandbox,
        "osv",
        &[record("PYSEC-2026-7", "flask", "2.2.5"), unclear],
    );
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(0).says("1 part is not understood");
}

#[test]
fn one_that_names_nobody_may_be_about_anybody() {
    let sandbox = project();
    sandbox.write("requirements.txt", CLEAN);
    build(&sandbox, "osv", &[record("PYSEC-2026-7", "flask", "2.2.5")]);
    let broken = [
        "",
        "{",
        "[]",
        "{\"id\": \"PYSEC-2026-8\"}",
        "null",
        "not json",
    ];
    for text in broken {
        sandbox.write("osv-records/broken.json", text);
        let args = ["db", "build", "osv-records", "--output", "broken.db"];
        sandbox.run(&args).ends_with(0).notes("warning: ");
        let ran = audit(&sandbox, &["--db", "broken.db"]);
        is_undecided(&ran, "is not understood, and may be about any project");
    }
}

/// A boundary that is no version: nobody can tell, and that is not the same as "not affected".
#[test]
fn one_with_a_boundary_that_is_no_version_is_possible() {
    let sandbox = project();
    build(
        &sandbox,
        "osv",
        &[record("PYSEC-2026-8", "flask", "2019-09-12")],
    );
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(1)
        .says("`flask` 2.2.2 may be affected by PYSEC-2026-8");
    ran.says("has the boundary `2019-09-12`, which is no version by PEP 440");
}

#[test]
fn one_that_was_taken_back_is_over_whether_it_is_understood_or_not() {
    let sandbox = project();
    let mut withdrawn = record("PYSEC-2026-8", "flask", "9");
    withdrawn["withdrawn"] = json!("2026-10-31T00:00:00Z");
    let mut unclear = withdrawn.clone();
    unclear["id"] = json!("PYSEC-2026-9");
    unclear["affected"][0]["ranges"][0]["events"] = json!(7);
    build(&sandbox, "osv", &[withdrawn, unclear]);
    audit(&sandbox, &["--db", "osv.db"]).ends_with(0);
    // On the day before it was not over.
    let before = [
        "audit",
        "requirements.txt",
        "--db",
        "osv.db",
        "--as-of",
        "2026-10-30",
    ];
    let ran = sandbox.run_without_db(&before);
    ran.says("PYSEC-2026-9 is not understood");
    assert!(ran.code != 0, "{}", ran.all());
}

//! Several sources: what each says counts, and what one of them cannot say stays open.

use crate::world::{
    Export, ago, audit, audit_now, build, flask, is_undecided, project, record, record_of,
};

const CLEAN: &str = "flask==2.2.5\nclick==8.1.3\n";

fn source(name: &str, rest: &str) -> String {
    format!("[[advisories]]\nname = \"{name}\"\n{rest}\n")
}

#[test]
fn records_of_all_sources_count_and_aliases_join_them() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    let mut own = record("ACME-2026-1", "flask", "2.2.4");
    own["aliases"] = serde_json::json!(["PYSEC-2026-7"]);
    own["severity"] = serde_json::json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
    sandbox.write("advisories/ACME-2026-1.json", own.to_string());
    sandbox.write(
        "advisories/ACME-2026-2.json",
        record("ACME-2026-2", "click", "9").to_string(),
    );
    sandbox.write("pinproof.toml", source("acme", "path = \"advisories\""));
    let ran = audit(&sandbox, &["--db", "osv.db", "--format", "json"]);
    ran.ends_with(1);
    let report = ran.json();
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 2, "{}", ran.all());
    let flask = &findings[0]["advisories"];
    assert_eq!(
        flask["records"],
        serde_json::json!(["PYSEC-2026-7", "ACME-2026-1"])
    );
    assert_eq!(flask["sources"], serde_json::json!(["acme", "osv"]));
    assert_eq!(flask["severity"], "critical");
    assert_eq!(flask["rated"]["by"], "ACME-2026-1");
    // The one of another source is not fixed in 2.2.4.
    assert_eq!(flask["fixed"], "2.2.5");
    assert_eq!(
        findings[1]["advisories"]["sources"],
        serde_json::json!(["acme"])
    );
}

#[test]
fn a_folder_is_read_anew_for_each_run() {
    let sandbox = project();
    sandbox.write(
        "pinproof.toml",
        source("osv", "enabled = false") + &source("acme", "path = \"own\""),
    );
    sandbox.write(
        "own/ACME-1.json",
        record("ACME-1", "jinja2", "1").to_string(),
    );
    audit(&sandbox, &[]).ends_with(0);
    sandbox.write(
        "own/ACME-2.json",
        record("ACME-2", "click", "9").to_string(),
    );
    audit(&sandbox, &[])
        .ends_with(1)
        .says("`click` 8.1.3 is affected by ACME-2");
    sandbox.write("own/ACME-2.json", "{");
    is_undecided(
        &audit(&sandbox, &[]),
        "no answer from acme about click, flask: ACME-2 is not understood",
    );
}

#[test]
fn a_source_that_is_missing_or_damaged_leaves_all_open_and_the_other_speaks() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    build(&sandbox, "acme", &[record("ACME-1", "jinja2", "1")]);
    sandbox.write("pinproof.toml", source("acme", "path = \"acme.db\""));
    audit(&sandbox, &["--db", "osv.db"])
        .ends_with(1)
        .never_says("no answer from");
    let whole = std::fs::read(sandbox.project().join("acme.db")).expect("the database");
    let damaged = [
        (
            whole[..whole.len() / 2].to_vec(),
            "longer or shorter than it should be",
        ),
        (
            whole[..40].to_vec(),
            "it is no zip archive, folder, .json or .yaml",
        ),
        (
            b"garbage".to_vec(),
            "it is no zip archive, folder, .json or .yaml",
        ),
    ];
    for (bytes, why) in damaged {
        sandbox.write("acme.db", bytes);
        let ran = audit(&sandbox, &["--db", "osv.db"]);
        ran.ends_with(1)
            .says("PYSEC-2026-7")
            .says("no answer from acme")
            .says(why);
        sandbox.write("requirements.txt", CLEAN);
        is_undecided(&audit(&sandbox, &["--db", "osv.db"]), why);
        sandbox.write("requirements.txt", crate::world::LOCK);
    }
    std::fs::remove_file(sandbox.project().join("acme.db")).expect("the database");
    sandbox.write("requirements.txt", CLEAN);
    is_undecided(
        &audit(&sandbox, &["--db", "osv.db"]),
        "there is no database: ",
    );
}

#[test]
fn a_source_that_is_turned_off_is_not_asked() {
    let sandbox = project();
    build(&sandbox, "acme", &[record("ACME-1", "jinja2", "1")]);
    sandbox.write(
        "pinproof.toml",
        source("osv", "enabled = false") + &source("acme", "path = \"acme.db\""),
    );
    audit(&sandbox, &[]).ends_with(0).never_says("osv");
    // Nobody is left to ask, and the rules ask.
    sandbox.write("pinproof.toml", source("osv", "enabled = false"));
    is_undecided(
        &audit(&sandbox, &[]),
        "no answer from the policy about click, flask: it turns every source of advisories off",
    );
}

#[test]
fn every_source_has_its_own_age() {
    let sandbox = project();
    sandbox.write("requirements.txt", CLEAN);
    build(
        &sandbox,
        "acme",
        &[record_of("ACME-1", "jinja2", "1", "2026-01-01T00:00:00Z")],
    );
    let off = source("osv", "enabled = false");
    // Its own records may be of any time, unless it says otherwise.
    sandbox.write(
        "pinproof.toml",
        off.clone() + &source("acme", "path = \"acme.db\""),
    );
    audit(&sandbox, &[]).ends_with(0);
    let strict = source("acme", "path = \"acme.db\"\nmax-age = \"30 days\"");
    sandbox.write("pinproof.toml", off + &strict);
    is_undecided(&audit(&sandbox, &[]), "older than 30 days");
    // OSV's may be given more time than a week.
    build(
        &sandbox,
        "osv",
        &[record_of(
            "PYSEC-2026-1",
            "jinja2",
            "1",
            "2026-10-01T00:00:00Z",
        )],
    );
    sandbox.write("pinproof.toml", "");
    is_undecided(&audit(&sandbox, &["--db", "osv.db"]), "older than 7 days");
    sandbox.write("pinproof.toml", source("osv", "max-age = \"60 days\""));
    audit(&sandbox, &["--db", "osv.db"]).ends_with(0);
}

#[test]
fn sources_with_an_address_are_fetched_beside_osv() {
    let sandbox = project();
    let osv = Export::new(&[record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1))]);
    let acme = Export::new(&[record_of("ACME-1", "click", "9", &ago(1))]);
    let url = |export: &Export| format!("url = \"{}\"", export.server.url());
    sandbox.write(
        "pinproof.toml",
        source("osv", &url(&osv)) + &source("acme", &url(&acme)),
    );
    audit_now(&sandbox, &[])
        .ends_with(1)
        .says("PYSEC-2026-7")
        .says("ACME-1");
    assert_eq!(acme.server.asked(), ["/all.zip"]);
    let status = sandbox.run_without_db(&["db", "status"]);
    status
        .ends_with(0)
        .says("osv: 1 record")
        .says("acme: 1 record");
}

//! An advisory instead of a release: every release that it is about.

use serde_json::{Value, json};

use crate::repository;
use crate::support::{Ran, Sandbox};

const NOW: &str = "2026-11-01T00:00:00Z";
const LOCKS: [&str; 4] = [
    "flask==2.2.1\nlitellm==1.0\n",
    "flask==2.2.2\n",
    "flask==2.2.5\n",
    "flask==2.3.1\n",
];

/// A record about one project.
fn record(id: &str, aliases: &[&str], project: &str, events: &Value) -> Value {
    json!({
        "id": id,
        "aliases": aliases,
        "published": "2026-05-02T18:15:00Z",
        "modified": "2026-10-31T00:00:00Z",
        "summary": "Cookies are kept for others",
        "affected": [{
            "package": { "ecosystem": "PyPI", "name": project },
            "ranges": [{ "type": "ECOSYSTEM", "events": events }],
        }],
    })
}

/// The one that most tests ask for.
fn flask() -> Value {
    let events = json!([
        { "introduced": "0" }, { "fixed": "2.2.5" },
        { "introduced": "2.3.0" }, { "fixed": "2.3.2" },
    ]);
    record(
        "PYSEC-2026-62",
        &["CVE-2026-30861", "GHSA-m2qf-hxjv-5gpq"],
        "flask",
        &events,
    )
}

/// Builds a database of these records; `.db` is no file that anybody looks at.
fn build(sandbox: &Sandbox, records: &[Value]) {
    let folder = sandbox.home().join("records");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("our folder");
    }
    for (at, record) in records.iter().enumerate() {
        sandbox.write_home(&format!("records/{at}.json"), &record.to_string());
    }
    let folder = folder.display().to_string();
    let database = database(sandbox);
    sandbox
        .run(&["db", "build", &folder, "--output", &database])
        .ends_with(0);
}

fn database(sandbox: &Sandbox) -> String {
    sandbox.home().join("advisories.db").display().to_string()
}

fn ask(sandbox: &Sandbox, id: &str, more: &[&str]) -> Ran {
    let database = database(sandbox);
    let args = ["exposed", id, "--db", &database, "--as-of", NOW];
    sandbox.run(&[&args[..], more].concat())
}

#[test]
fn every_affected_release_is_told_with_what_came_after_it() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS) else {
        return;
    };
    build(&sandbox, &[flask()]);
    let ran = ask(&sandbox, "PYSEC-2026-62", &[]);
    ran.ends_with(1)
        .says("vulnerability in flask: Cookies are kept for others\n")
        .says("  = note: known as CVE-2026-30861, GHSA-m2qf-hxjv-5gpq, PYSEC-2026-62\n")
        .says("requirements.txt: flask 2.2.1: came 2026-03-01T12:00:00Z")
        .says("; then 2.2.2, which is affected too\n")
        .says("requirements.txt: flask 2.2.2: came 2026-03-02T12:00:00Z")
        .says("; then 2.2.5\n")
        .says("requirements.txt: flask 2.3.1: came 2026-03-04T12:00:00Z")
        .says("still there, in 1 version of the file; fixed in 2.3.2\n")
        .says("EXPOSED  PYSEC-2026-62: 1 place had it, 1 still does, 0 gaps\n")
        .never_says("flask 2.2.5:");
    sandbox.write("requirements.txt", "flask==2.3.2\n");
    sandbox.commit_at("2026-03-05T12:00:00Z");
    ask(&sandbox, "PYSEC-2026-62", &[])
        .ends_with(1)
        .says("; then 2.3.2\n")
        .says("1 place had it, 0 still do");
}

#[test]
fn any_id_of_it_does() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    build(&sandbox, &[flask()]);
    for id in [
        "CVE-2026-30861",
        "cve-2026-30861",
        "GHSA-m2qf-hxjv-5gpq",
        "pysec-2026-62",
    ] {
        ask(&sandbox, id, &[])
            .ends_with(1)
            .says(&format!("EXPOSED  {id}: "));
    }
    let json = ask(&sandbox, "CVE-2026-30861", &["--format", "json"]).json();
    assert_eq!(json["asked"]["kind"], "advisory");
    assert_eq!(json["asked"]["flaws"][0]["project"], "flask");
    assert_eq!(json["sightings"][0]["fixed"], "2.2.5");
}

#[test]
fn records_that_are_linked_by_an_alias_count_as_one() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    // The record that has the id is about no version that was here; the linked one is.
    let events = json!([{ "introduced": "9" }]);
    let narrow = record("ACME-2026-1", &["CVE-2026-30861"], "flask", &events);
    build(&sandbox, &[flask(), narrow]);
    ask(&sandbox, "ACME-2026-1", &[])
        .ends_with(1)
        .says("flask 2.2.1: came");
}

#[test]
fn an_id_may_be_about_several_projects() {
    let locks = ["flask==2.2.1\n", "litellm==1.0\n"];
    let Some(sandbox) = repository("requirements.txt", &locks) else {
        return;
    };
    let open = json!([{ "introduced": "0" }]);
    let other = record("MAL-2026-7", &["CVE-2026-30861"], "litellm", &open);
    build(&sandbox, &[flask(), other]);
    ask(&sandbox, "CVE-2026-30861", &[])
        .ends_with(1)
        .says("malware in litellm: ")
        .says("vulnerability in flask: ")
        .says("flask 2.2.1: came")
        .says("litellm 1.0: came");
    let ran = ask(&sandbox, "MAL-2026-7", &[]);
    ran.ends_with(1)
        .says("litellm 1.0: came")
        .never_says("flask 2.2.1");
}

#[test]
fn what_is_only_possibly_affected_is_marked() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    let events = json!([{ "introduced": "0" }, { "fixed": "the next one" }]);
    build(&sandbox, &[record("PYSEC-2026-8", &[], "flask", &events)]);
    ask(&sandbox, "PYSEC-2026-8", &[])
        .ends_with(1)
        .says("flask 2.2.1, possibly affected: came")
        .says("PYSEC-2026-8 has the boundary `the next one`, which is no version by PEP 440");
    let json = ask(&sandbox, "PYSEC-2026-8", &["--format", "json"]).json();
    assert!(json["sightings"][0]["doubt"].is_string());
}

#[test]
fn nowhere_is_nowhere() {
    let Some(sandbox) = repository("requirements.txt", &["flask==2.2.5\n", "django==4.2\n"]) else {
        return;
    };
    build(&sandbox, &[flask()]);
    ask(&sandbox, "PYSEC-2026-62", &[])
        .ends_with(0)
        .says("NOT EXPOSED  PYSEC-2026-62: 0 places had it, 0 gaps\n");
}

#[test]
fn a_range_without_a_lock_is_a_gap_where_it_meets_what_is_affected() {
    for (requirement, code) in [
        ("flask", 3),
        ("flask>=2", 3),
        ("flask>=2.3,<3", 3),
        ("flask~=2.2.1", 3),
        ("flask==2.2.*", 3),
        ("flask<2.2", 3),
        ("flask>2.2.4", 3),
        ("flask>=2.3.2", 0),
        ("flask>=2.2.5,<2.3", 0),
        ("flask==3.*", 0),
        ("flask>2.3.1,!=2.3.0", 3),
        ("flask>=3,>=2.2", 0),
    ] {
        let Some(sandbox) = repository("requirements.in", &[&format!("{requirement}\n")]) else {
            return;
        };
        build(&sandbox, &[flask()]);
        let ran = ask(&sandbox, "PYSEC-2026-62", &[]);
        assert_eq!(ran.code, code, "{requirement}: {}", ran.all());
        if code == 3 {
            ran.says("it accepts an affected release without pinning it, and no lock ever pinned `flask`");
        }
    }
}

#[test]
fn an_id_that_nobody_knows_could_not_run() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    build(&sandbox, &[flask()]);
    for id in ["PYSEC-2026-63", "CVE-2026-3086", "PYSEC-2026-62x", "MAL-1"] {
        ask(&sandbox, id, &[])
            .ends_with(2)
            .notes(&format!("no source of advisories knows `{id}`"))
            .notes("hint: `pinproof db status` shows which sources there are");
    }
}

#[test]
fn a_record_that_was_taken_back_or_is_of_later_does_not_count() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    let mut withdrawn = flask();
    withdrawn["withdrawn"] = json!("2026-10-20T00:00:00Z");
    build(&sandbox, &[withdrawn]);
    ask(&sandbox, "CVE-2026-30861", &[])
        .ends_with(2)
        .notes("PYSEC-2026-62 was taken back on 2026-10-20")
        .notes("hint: `--as-of TIME` asks what was known at another time");
    let database = database(&sandbox);
    let at = |time: &str| {
        sandbox.run(&[
            "exposed",
            "PYSEC-2026-62",
            "--db",
            &database,
            "--as-of",
            time,
        ])
    };
    at("2026-10-19").ends_with(1).says("flask 2.2.1: came");
    at("2026-05-01")
        .ends_with(2)
        .notes("PYSEC-2026-62 was published on 2026-05-02");
}

#[test]
fn a_source_that_cannot_tell_is_a_gap() {
    let Some(sandbox) = repository("requirements.txt", &["django==4.2\n"]) else {
        return;
    };
    build(&sandbox, &[flask()]);
    let database = database(&sandbox);
    ask(&sandbox, "PYSEC-2026-62", &[]).ends_with(0);
    // Stale: for an id that it knows, and for one that it does not know.
    for id in ["PYSEC-2026-62", "PYSEC-2026-63"] {
        let later = ["exposed", id, "--db", &database, "--as-of", "2026-12-24"];
        sandbox.run(&later).ends_with(3).says(
            "not known: osv: its newest record is of 2026-10-31T00:00:00Z, older than 7 days",
        );
    }
    // Missing.
    let nowhere = [
        "exposed",
        "PYSEC-2026-62",
        "--db",
        "nowhere.db",
        "--as-of",
        NOW,
    ];
    sandbox
        .run(&nowhere)
        .ends_with(3)
        .says("not known: osv: there is no database: nowhere.db")
        .says("UNDECIDED  PYSEC-2026-62");
    // Damaged, wherever that is.
    let bytes = std::fs::read(&database).unwrap();
    for at in [20, bytes.len() / 2] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        std::fs::write(&database, &damaged).unwrap();
        ask(&sandbox, "PYSEC-2026-62", &[])
            .ends_with(3)
            .says("damaged");
    }
    std::fs::write(&database, &bytes[..bytes.len() - 1]).unwrap();
    ask(&sandbox, "PYSEC-2026-62", &[])
        .ends_with(3)
        .says("damaged");
}

#[test]
fn a_record_that_is_not_understood_is_known_and_a_gap() {
    let Some(sandbox) = repository("requirements.txt", &["django==4.2\n"]) else {
        return;
    };
    let mut broken = flask();
    broken["affected"] = json!("everything");
    let events = json!([{ "introduced": "0" }]);
    build(
        &sandbox,
        &[broken, record("PYSEC-2026-9", &[], "fine", &events)],
    );
    ask(&sandbox, "PYSEC-2026-62", &[])
        .ends_with(3)
        .says("not known: osv: PYSEC-2026-62 is not understood: ");
}

#[test]
fn the_sources_of_the_policy_are_asked_and_a_bound_name_is_another_project() {
    let Some(sandbox) = repository("requirements.txt", &["flask==2.2.1\nshop==1\n"]) else {
        return;
    };
    build(&sandbox, &[flask()]);
    let events = json!([{ "introduced": "0" }, { "fixed": "2" }]);
    let own = record("ACME-2026-1", &[], "shop", &events);
    sandbox.write("own/ACME-2026-1.json", own.to_string());
    let index = "[[index]]\nname = \"corp\"\nurl = \"https://corp.example/simple/\"\n";
    let source = "[[advisories]]\nname = \"acme\"\npath = \"own\"\n";
    sandbox.write(
        "pinproof.toml",
        format!("{index}only = [\"shop\", \"flask\"]\n{source}indexes = [\"corp\"]\n"),
    );
    ask(&sandbox, "ACME-2026-1", &[])
        .ends_with(1)
        .says("shop 1: came");
    // What OSV calls flask is not what this project installs under that name.
    ask(&sandbox, "PYSEC-2026-62", &[])
        .ends_with(3)
        .says("it speaks of `flask`, and the policy binds that name to an index");
    ask(&sandbox, "PYSEC-2026-62", &["--no-config"]).ends_with(1);
    sandbox.write("pinproof.toml", "preset = \"harsh\"\n");
    ask(&sandbox, "PYSEC-2026-62", &[]).ends_with(2);
    // A release needs no source, and no configuration.
    sandbox.run(&["exposed", "flask==2.2.1"]).ends_with(1);
}

#[test]
fn environments_and_caches_are_asked_too() {
    let sandbox = Sandbox::new();
    build(&sandbox, &[flask()]);
    sandbox.write(
        "venv/flask-2.2.1.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: flask\nVersion: 2.2.1\n",
    );
    sandbox.write("cache/archive-v0/x/flask-2.3.0.dist-info/METADATA", "");
    let look = ["--environment", "venv", "--cache", "cache"];
    ask(&sandbox, "PYSEC-2026-62", &look)
        .ends_with(1)
        .says("flask 2.2.1: installed; fixed in 2.2.5\n")
        .says("flask 2.3.0: in a cache; fixed in 2.3.2\n")
        .says("2 places had it, 2 still do");
}

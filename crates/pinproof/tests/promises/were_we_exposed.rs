//! P13: "were we exposed?" is one question to history, environments and caches, by release or by advisory.

use std::time::{Duration, Instant};

use crate::support::Sandbox;

const NOW: &str = "2024-07-12T00:00:00Z";

/// A project that had flask 2.2.2 for a while, an environment that still has it, and a cache.
fn project() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    sandbox.init()?;
    for (day, version) in [(1, "2.1.0"), (2, "2.2.2"), (3, "2.2.2"), (4, "2.2.5")] {
        let lock = format!("flask=={version}\nsix==1.{day}\n");
        sandbox.write("requirements.txt", lock);
        sandbox.commit_at(&format!("2023-05-{day:02}T12:00:00Z"));
    }
    sandbox.write_home(
        "venv/lib/python3.11/site-packages/flask-2.2.2.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: Flask\nVersion: 2.2.2\n",
    );
    sandbox.write_home(".cache/uv/wheels-v8/pypi/flask/2.2.2-py3-none-any.http", "");
    Some(sandbox)
}

#[test]
fn a_release_is_found_in_history_environment_and_cache_with_its_time() {
    let Some(sandbox) = project() else { return };
    let venv = sandbox.home().join("venv").display().to_string();
    let start = Instant::now();
    let ran = sandbox.run(&[
        "exposed",
        "flask==2.2.2",
        ".",
        "--environment",
        &venv,
        "--caches",
    ]);
    assert!(start.elapsed() < Duration::from_secs(10));
    ran.ends_with(1)
        .says("requirements.txt: flask 2.2.2: came 2023-05-02T12:00:00Z (")
        .says("), gone 2023-05-04T12:00:00Z (")
        .says("), in 2 versions of the file; then 2.2.5\n")
        .says("flask-2.2.2.dist-info/METADATA: flask 2.2.2: installed\n")
        .says("flask/2.2.2-py3-none-any.http: flask 2.2.2: in a cache\n")
        .says("EXPOSED  flask 2.2.2: 3 places had it, 2 still do, 0 gaps\n");
    sandbox
        .run(&[
            "exposed",
            "flask==2.2.3",
            ".",
            "--environment",
            &venv,
            "--caches",
        ])
        .ends_with(0)
        .says("NOT EXPOSED");
}

#[test]
fn an_advisory_is_asked_for_by_any_id_and_the_fix_is_told() {
    let Some(sandbox) = project() else { return };
    let records = std::path::Path::new("../../examples/advisories");
    let records = records.canonicalize().expect("the examples");
    let database = sandbox.home().join("advisories.db").display().to_string();
    let build = [
        "db",
        "build",
        &records.display().to_string(),
        "--output",
        &database,
    ];
    sandbox.run(&build).ends_with(0);
    for id in ["PYSEC-2023-62", "CVE-2023-30861", "GHSA-m2qf-hxjv-5gpq"] {
        let ask = [
            "exposed",
            id,
            "--offline",
            "--db",
            &database,
            "--as-of",
            NOW,
        ];
        sandbox
            .run(&ask)
            .ends_with(1)
            .says("flask 2.1.0: came 2023-05-01T12:00:00Z")
            .says("; then 2.2.2, which is affected too\n")
            .says("flask 2.2.2: came 2023-05-02T12:00:00Z")
            .says("; then 2.2.5\n")
            .says("1 place had it, 0 still do, 0 gaps");
    }
}

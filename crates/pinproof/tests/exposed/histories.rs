//! What commits say.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::Sandbox;
use crate::{BAD, exposed, repository};

const LOCKS: [&str; 5] = [
    "litellm==1.82.7\n",
    "litellm==1.82.8\n",
    "litellm==1.82.8\nflask==1.0\n",
    "litellm==1.82.9\nflask==1.0\n",
    "litellm==1.82.9\nflask==1.1\n",
];

#[test]
fn it_came_and_went() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS) else {
        return;
    };
    let came = sandbox.git(&["rev-parse", "HEAD~3"]);
    let went = sandbox.git(&["rev-parse", "HEAD~1"]);
    let ran = exposed(&sandbox, &[]);
    let period = format!(
        "requirements.txt: litellm 1.82.8: came 2026-03-02T12:00:00Z ({}), gone 2026-03-04T12:00:00Z ({}), \
         in 2 versions of the file; then 1.82.9\n",
        &came[..12],
        &went[..12]
    );
    ran.ends_with(1)
        .says(&period)
        .says("EXPOSED  litellm 1.82.8: 1 place had it, 0 still do, 0 gaps\n")
        .says("looked at .: 5 commits since 2026-03-01, 5 versions of 1 file, 1 in the working tree\n");
    let json = exposed(&sandbox, &["--format", "json"]).json();
    assert_eq!(json["exit_code"], 1);
    assert_eq!(
        json["sightings"],
        json!([{
            "path": "requirements.txt",
            "project": "litellm",
            "release": "1.82.8",
            "doubt": null,
            "fixed": null,
            "presence": {
                "kind": "locked",
                "came": { "time": "2026-03-02T12:00:00Z", "commit": came, "or_earlier": false },
                "went": { "time": "2026-03-04T12:00:00Z", "commit": went, "or_earlier": false },
                "then": [{ "release": "1.82.9", "is_hit": false }],
                "versions": 2,
            },
        }])
    );
    exposed(&sandbox, &["--format", "concise"])
        .says("requirements.txt: exposed: litellm 1.82.8: came ");
}

#[test]
fn what_is_there_now_is_still_there_and_another_name_is_another_file() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..2]) else {
        return;
    };
    exposed(&sandbox, &[])
        .ends_with(1)
        .says("still there, in 1 version of the file");
    sandbox.git(&["mv", "requirements.txt", "requirements-prod.txt"]);
    sandbox.commit_at("2026-03-09T12:00:00Z");
    exposed(&sandbox, &[])
        .ends_with(1)
        .says("requirements.txt: litellm 1.82.8: came 2026-03-02T12:00:00Z")
        .says("gone 2026-03-09T12:00:00Z")
        .says("; then no litellm was pinned")
        .says("requirements-prod.txt: litellm 1.82.8: came 2026-03-09T12:00:00Z")
        .says("2 places had it, 1 still does");
}

#[test]
fn what_was_never_there_is_0() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS) else {
        return;
    };
    for other in [
        "litellm==1.82.6",
        "flask==2.0",
        "lite==1.82.8",
        "LiteLLM-x==1.82.8",
    ] {
        let ran = sandbox.run(&["exposed", other]);
        ran.ends_with(0)
            .says("NOT EXPOSED")
            .says("looked at .: 5 commits");
    }
    sandbox.run(&["exposed", "Lite_LLM==1.82.8"]).ends_with(0);
    sandbox.run(&["exposed", "LITELLM==1.82.8"]).ends_with(1);
}

#[test]
fn every_spelling_of_the_same_release_counts() {
    for line in [
        "LiteLLM[proxy] == 1.82.8 ; python_version > '3'\n",
        "litellm===1.82.8\n",
        "litellm==1.82.8.0\n",
        "litellm==1.82.8+patched\n",
        "litellm @ https://files.invalid/litellm-1.82.8-py3-none-any.whl\n",
        "https://files.invalid/litellm-1.82.8.tar.gz\n",
        "./vendor/litellm-1.82.8-py3-none-any.whl\n",
    ] {
        let Some(sandbox) = repository("requirements.txt", &[line]) else {
            return;
        };
        let ran = exposed(&sandbox, &[]);
        ran.ends_with(1).says("still there");
    }
}

/// A bill of materials with one component.
fn sbom(purl: &str) -> String {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{ "type": "library", "name": "a component", "purl": purl }],
    })
    .to_string()
}

#[test]
fn bills_of_materials_are_looked_at_by_their_usual_names() {
    for path in [
        "bom.json",
        "release/shop-1.0.cdx.json",
        "sbom/sbom-web.json",
        "shop.spdx.json",
    ] {
        let bad = sbom("pkg:pypi/LiteLLM@1.82.8");
        let good = sbom("pkg:pypi/litellm@1.82.9");
        let Some(sandbox) = repository(path, &[&good, &bad, &good]) else {
            return;
        };
        exposed(&sandbox, &[])
            .ends_with(1)
            .says(&format!(
                "{path}: litellm 1.82.8: came 2026-03-02T12:00:00Z"
            ))
            .says("gone 2026-03-03T12:00:00Z");
    }
    let npm = sbom("pkg:npm/litellm@1.82.8");
    for (path, text, code) in [
        ("package.json", sbom("pkg:pypi/litellm@1.82.8"), 0),
        ("bom.json", npm, 0),
        ("bom.json", sbom("pkg:pypi/litellm"), 3),
        ("bom.json", "{\"litellm\": 1}".to_owned(), 3),
        ("bom.json", "{\"flask\": 1}".to_owned(), 0),
        ("bom.xml", "<bom>litellm</bom>".to_owned(), 3),
        ("shop.cdx.xml", "<bom>flask</bom>".to_owned(), 0),
    ] {
        let Some(sandbox) = repository(path, &[&text]) else {
            return;
        };
        exposed(&sandbox, &[]).ends_with(code);
    }
}

#[test]
fn other_branches_are_looked_at_on_request() {
    let Some(sandbox) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    sandbox.git(&["switch", "-q", "-c", "side"]);
    sandbox.write("requirements.txt", LOCKS[1]);
    sandbox.commit_at("2026-03-02T12:00:00Z");
    sandbox.git(&["switch", "-q", "main"]);
    exposed(&sandbox, &[]).ends_with(0);
    exposed(&sandbox, &["--all-refs"])
        .ends_with(1)
        .says("still there");
    sandbox.git(&[
        "merge", "-q", "--no-ff", "-m", "merge", "-s", "ours", "side",
    ]);
    exposed(&sandbox, &[]).ends_with(1).says("gone ");
}

#[test]
fn several_repositories_are_looked_through_and_each_once() {
    let Some(one) = repository("requirements.txt", &LOCKS[..1]) else {
        return;
    };
    let Some(two) = repository("service/requirements.txt", &LOCKS[..2]) else {
        return;
    };
    let (one, two_path) = (one.project(), two.project().join("service"));
    let paths = [one.to_str().unwrap(), two_path.to_str().unwrap(), "."];
    let ran = exposed(&two, &paths);
    ran.ends_with(1).says("1 place had it");
    assert_eq!(ran.stdout.matches("looked at ").count(), 2, "{}", ran.all());
}

#[test]
fn a_thousand_locks_are_looked_through_at_once() {
    let sandbox = Sandbox::new();
    if sandbox.init().is_none() {
        return;
    }
    let mut stream = String::new();
    for commit in 0..1_000 {
        let pins = (0..100).map(|at| {
            let version = (commit + 100 - at) / 100;
            let digest = format!("{:064x}", at * 1_000_003 + version * 7_919);
            format!("project{at}==1.{version} \\\n    --hash=sha256:{digest}\n")
        });
        let mut lock: String = pins.fold(String::new(), |text, pin| text + &pin);
        if (500..510).contains(&commit) {
            lock += BAD;
            lock.push('\n');
        }
        let time = 1_700_000_000 + commit * 3_600;
        let _ = write!(
            stream,
            "commit refs/heads/main\ncommitter x <x@x.invalid> {time} +0000\ndata 1\nx\n\
             M 100644 inline requirements.txt\ndata {}\n{lock}\n",
            lock.len()
        );
    }
    sandbox.feed(&["fast-import", "--quiet"], &stream);
    let start = Instant::now();
    let ran = exposed(&sandbox, &[]);
    let took = start.elapsed();
    ran.ends_with(1)
        .says("in 10 versions of the file")
        .says("1000 commits since 2023-11-14, 1000 versions of 1 file");
    // Unoptimised, and on a machine that does other things too; `benches/exposed` has the real figure.
    assert!(took < Duration::from_secs(40), "{took:?}");
}

//! P7: one application in six encodings gives the same findings, with neither Python nor resolver nor network.
//!
//! The locks are those that the real tools wrote. The index is the test's own: it has every release, and its files
//! have hashes of another kind than the locks, so that each of them may be the one that is installed.

use std::collections::BTreeSet;

use crate::support::{Index, Release, Sandbox};

const LOCKS: [(&str, &str); 6] = [
    (
        "requirements.txt",
        include_str!("../../../pinproof-formats/tests/locks/small/requirements.txt"),
    ),
    (
        "pylock.toml",
        include_str!("../../../pinproof-formats/tests/locks/small/pylock.uv.toml"),
    ),
    (
        "uv.lock",
        include_str!("../../../pinproof-formats/tests/locks/small/uv.lock"),
    ),
    (
        "poetry.lock",
        include_str!("../../../pinproof-formats/tests/locks/small/poetry.lock"),
    ),
    (
        "pdm.lock",
        include_str!("../../../pinproof-formats/tests/locks/small/pdm.lock"),
    ),
    (
        "Pipfile.lock",
        include_str!("../../../pinproof-formats/tests/locks/small/Pipfile.lock"),
    ),
];

/// What stands beside each lock of the tool.
const PIPFILE: &str = include_str!("../../../pinproof-formats/tests/locks/small/Pipfile");

/// The releases of the application; some of them are in trouble.
fn releases() -> Vec<Release> {
    let pins = "asgiref 3.13.0, blinker 1.9.0, certifi 2026.10.19.post1, charset-normalizer 3.5.3, click 8.5.1, \
                flask 3.1.3, idna 3.20, itsdangerous 2.2.0, jinja2 3.1.6, packaging 26.4, pluggy 1.7.0, \
                pygments 2.21.0, pysocks 1.7.1, pytest 9.2.0, requests 2.34.2, urllib3 2.8.0, colorama 0.4.6";
    let pins = pins
        .split(", ")
        .map(|pin| pin.split_once(' ').expect("a version"));
    let sound = pins.map(|(name, version)| match name {
        "click" => Release::new(name, version).yanked("broken"),
        "idna" => Release::new(name, version).uploaded("2099-01-01T00:00:00Z"),
        "pluggy" => Release::new(name, version).sdist_only(),
        // Only a lock that pins it for other platforms has it, and nobody installs it here.
        "colorama" => Release::new(name, version).tag("py3-none-win_amd64"),
        _ => Release::new(name, version),
    });
    // The index has another version of one, and does not have another at all.
    let wrong = [
        Release::new("werkzeug", "1.0"),
        Release::new("pywin32-ctypes", "0.2.3").tag("py3-none-win_amd64"),
    ];
    sound.chain(wrong).map(Release::md5_only).collect()
}

/// What a report finds: the rule, its level, and the projects; without places, which differ.
fn findings(sandbox: &Sandbox, index: &Index, python: &str) -> BTreeSet<(String, String, String)> {
    let args = [
        "--format",
        "json",
        "--python",
        python,
        "--allow",
        "unneeded-pin",
    ];
    let report = sandbox.check(index, &args).json();
    let findings = report["findings"].as_array().expect("a list").iter();
    let text =
        |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or("").to_owned();
    findings
        .map(|finding| {
            let project = text(finding, "project");
            (text(finding, "rule"), text(finding, "level"), project)
        })
        .collect()
}

#[test]
fn one_application_gives_the_same_findings_in_every_encoding() {
    let index = Index::with(&releases());
    let mut expected = None;
    for (name, lock) in LOCKS {
        let sandbox = Sandbox::new();
        sandbox.write(name, lock);
        if name == "Pipfile.lock" {
            sandbox.write("Pipfile", PIPFILE);
        }
        let found = findings(&sandbox, &index, "3.12");
        let rules: BTreeSet<&str> = found.iter().map(|(rule, ..)| rule.as_str()).collect();
        for rule in [
            "yanked-release",
            "recent-release",
            "build-required",
            "unknown-release",
            "unknown-project",
            "direct-url",
        ] {
            assert!(rules.contains(rule), "{name}: no {rule} in {found:?}");
        }
        let yanked = found.iter().find(|(rule, ..)| rule == "yanked-release");
        assert_eq!(yanked.expect("a finding").2, "click");
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(found, *expected, "{name}");
    }
}

const LARGE: [(&str, &str); 6] = [
    (
        "uv.lock",
        include_str!("../../../pinproof-formats/tests/locks/large/uv.lock"),
    ),
    (
        "poetry.lock",
        include_str!("../../../pinproof-formats/tests/locks/large/poetry.lock"),
    ),
    (
        "pdm.lock",
        include_str!("../../../pinproof-formats/tests/locks/large/pdm.lock"),
    ),
    (
        "Pipfile.lock",
        include_str!("../../../pinproof-formats/tests/locks/large/Pipfile.lock"),
    ),
    (
        "pylock.toml",
        include_str!("../../../pinproof-formats/tests/locks/large/pylock.pip.toml"),
    ),
    (
        "requirements.txt",
        include_str!("../../../pinproof-formats/tests/locks/large/requirements.uv.txt"),
    ),
];

/// Every release that the large application is locked to for some environment. Of those that every lock has, as
/// the one of pip for one machine does, every tenth is yanked and every seventh is new.
fn large_releases() -> Vec<Release> {
    let entries = |lock: &'static str, head: &'static str| {
        let value = |line: Option<&'static str>| {
            let value = line.and_then(|line| line.split('"').nth(1));
            value.expect("a string")
        };
        let entry = move |entry: &'static str| {
            let mut lines = entry.lines();
            (value(lines.next()), value(lines.next()))
        };
        lock.split(head).skip(1).map(entry)
    };
    let everywhere: Vec<_> = entries(LARGE[4].1, "[[packages]]\n").collect();
    let release = |(name, version)| {
        let release = Release::new(name, version).md5_only();
        let mut places = everywhere.iter();
        match places.position(|known| *known == (name, version)) {
            Some(at) if at % 10 == 0 => release.yanked("broken"),
            Some(at) if at % 7 == 0 => release.uploaded("2099-01-01T00:00:00Z"),
            _ => release,
        }
    };
    entries(LARGE[0].1, "[[package]]\n").map(release).collect()
}

#[test]
fn a_large_application_gives_the_same_findings_in_every_encoding() {
    let index = Index::with(&large_releases());
    let mut expected = None;
    for (name, lock) in LARGE {
        let sandbox = Sandbox::new();
        sandbox.write(name, lock);
        let found = findings(&sandbox, &index, "3.11");
        let count = |rule: &str| found.iter().filter(|(found, ..)| found == rule).count();
        let counts = (count("yanked-release"), count("recent-release"));
        assert_eq!(counts, (19, 24), "{name}: {found:?}");
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(found, *expected, "{name}");
    }
}

/// A lock without the entry of a project.
fn without(lock: &str, project: &str) -> String {
    let entries = lock.split("\n[[package]]\n");
    let named = format!("name = \"{project}\"\n");
    let kept: Vec<_> = entries.filter(|entry| !entry.starts_with(&named)).collect();
    kept.join("\n[[package]]\n")
}

fn lock(name: &str) -> &'static str {
    let mut locks = LOCKS.iter();
    locks.find(|(known, _)| *known == name).expect("a lock").1
}

#[test]
fn a_lock_is_held_to_its_own_edges() {
    // An index that nobody can reach: the lock itself says that it is not complete.
    let index = Index::refused();
    for name in ["uv.lock", "poetry.lock", "pdm.lock"] {
        let sandbox = Sandbox::new();
        sandbox.write(name, without(lock(name), "markupsafe"));
        let args = ["check", "--index-url", &index, "--python", "3.12"];
        sandbox
            .run(&args)
            .ends_with(1)
            .says("not a lock file: its dependency tree is incomplete")
            .says("error[incomplete-tree]: `markupsafe` is needed on");
        sandbox.write(name, lock(name));
        let ran = sandbox.run(&args);
        ran.says(&format!("{name}: a lock file"))
            .never_says("incomplete-tree");
    }
}

#[test]
fn a_format_from_the_future_is_an_open_question() {
    let index = Index::with(&releases());
    for (name, now, later) in [
        ("uv.lock", "version = 1\n", "version = 2\n"),
        ("uv.lock", "revision = 5\n", "revision = 99\n"),
        (
            "pylock.toml",
            "lock-version = \"1.0\"",
            "lock-version = \"1.1\"",
        ),
        (
            "poetry.lock",
            "lock-version = \"2.1\"",
            "lock-version = \"3.0\"",
        ),
        (
            "pdm.lock",
            "lock_version = \"4.5.0\"",
            "lock_version = \"5.0.0\"",
        ),
        ("Pipfile.lock", "\"pipfile-spec\": 6", "\"pipfile-spec\": 7"),
    ] {
        let sandbox = Sandbox::new();
        let text = lock(name).replacen(now, later, 1);
        assert_ne!(text, lock(name), "{name}");
        sandbox.write(name, text);
        let ran = sandbox.check(&index, &["--format", "json"]);
        let questions = ran.json()["questions"].as_array().expect("a list").clone();
        let is_open = |question: &serde_json::Value| {
            question["rule"] == "not-understood" && question["level"] == "deny"
        };
        assert!(questions.iter().any(is_open), "{name}: {questions:?}");
    }
}

#[test]
fn a_lock_that_cannot_be_read_is_an_open_question_where_it_was_found() {
    let index = Index::with(&releases());
    for (name, _) in LOCKS.iter().skip(1) {
        let sandbox = Sandbox::with_requirements(lock("requirements.txt"));
        sandbox.write(name, "[[");
        let all = ["--allow", "direct-url", "--format", "concise"];
        let ran = sandbox.check(&index, &all);
        ran.says(name);
        sandbox.check(&index, &[name]).ends_with(2);
    }
}

#[test]
fn a_manifest_beside_its_lock_is_the_input_of_it() {
    let index = Index::with(&releases());
    let project = include_str!("../../../pinproof-formats/tests/locks/small/pyproject.toml");
    for (lock_name, manifest, text) in [
        ("pylock.toml", "pyproject.toml", project),
        ("uv.lock", "pyproject.toml", project),
        ("poetry.lock", "pyproject.toml", project),
        ("pdm.lock", "pyproject.toml", project),
        ("Pipfile.lock", "Pipfile", PIPFILE),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(lock_name, lock(lock_name));
        sandbox.write(manifest, text);
        let input = format!("{manifest}: the input of {lock_name}");
        sandbox
            .check(&index, &[])
            .says(&input)
            .never_says("unpinned-requirement");
        // Also where only one of both is named.
        sandbox.check(&index, &[manifest]).says(&input);
        sandbox
            .check(&index, &[lock_name])
            .never_says(&input)
            .never_says("[unneeded-pin]");
    }
}

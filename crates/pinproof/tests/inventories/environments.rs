//! Installed environments, read from what is written in them.

use crate::support::{Index, Release, Sandbox};

const PACKAGES: &str = ".venv/lib/python3.12/site-packages";

fn install(sandbox: &Sandbox, folder: &str, name: &str, version: &str, more: &str) {
    sandbox.write(
        &format!("{folder}/{name}-{version}.dist-info/METADATA"),
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}\n\nName: body\n"),
    );
}

fn index() -> Index {
    Index::with(&[
        Release::new("flask", "3.1.2"),
        Release::new("click", "8.3.0").yanked("broken"),
    ])
}

fn venv() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".venv/pyvenv.cfg",
        "home = /usr/bin\ninclude-system-site-packages = false\n",
    );
    install(
        &sandbox,
        PACKAGES,
        "Flask",
        "3.1.2",
        "Requires-Dist: click>=8\nRequires-Dist: dotenv; extra == 'dotenv'",
    );
    install(&sandbox, PACKAGES, "click", "8.3.0", "Summary: x");
    sandbox.write(
        &format!("{PACKAGES}/flask/__init__.py"),
        "raise SystemExit('never run')\n",
    );
    sandbox
}

#[test]
fn the_place_is_the_metadata_of_the_release() {
    let sandbox = venv();
    sandbox.write(&format!("{PACKAGES}/Flask-3.1.2.dist-info/REQUESTED"), "");
    let ran = sandbox.check(&index(), &["--environment", ".venv"]);
    ran.ends_with(0)
        .says(".venv: an installed environment\n  2 Python releases")
        .says("warning[yanked-release]: `click` 8.3.0")
        .says(&format!("{PACKAGES}/click-8.3.0.dist-info/METADATA:3:10"))
        .says("3 | Version: 8.3.0")
        .says("judged 2 of 2 from .venv sha256:")
        .never_says("unhashed")
        .never_says("tree");
    let json = sandbox
        .check(&index(), &["--environment", ".venv", "--format", "json"])
        .json();
    assert_eq!(
        json["files"][0]["inventory"]["kind"],
        "an installed environment"
    );
    let ways: Vec<_> = json["decisions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|decision| {
            (
                decision["name"].as_str().unwrap_or(""),
                decision["needed_by"].to_string(),
            )
        })
        .collect();
    let asked = "[\"asked for by name\"]".to_owned();
    let needed = "[\"asked for by name\",\"flask\"]".to_owned();
    assert_eq!(ways, [("flask", asked), ("click", needed)]);
}

#[test]
fn every_root_leads_to_the_same_releases() {
    for (packages, root) in [
        (PACKAGES, PACKAGES),
        ("env/Lib/site-packages", "env"),
        ("image/usr/lib/python3/dist-packages", "image"),
        ("image/usr/local/lib/python3.13/site-packages", "image"),
        ("image/lib64/python3.13t/site-packages", "image"),
        ("flat", "flat"),
    ] {
        let sandbox = Sandbox::new();
        install(&sandbox, packages, "flask", "3.1.2", "");
        let ran = sandbox.check(&index(), &["--environment", root]);
        ran.ends_with(0).says("judged 1 of 1");
    }
}

#[test]
fn without_a_path_only_the_environment_is_judged() {
    let sandbox = venv();
    sandbox.write("requirements.txt", "nope\n");
    sandbox
        .check(&index(), &["--environment", ".venv"])
        .ends_with(0)
        .never_says("nope");
    sandbox
        .check(&index(), &["--environment", ".venv", "."])
        .ends_with(1)
        .says("nope");
    let variables = [
        ("PINPROOF_ENVIRONMENT", ".venv"),
        ("PINPROOF_INDEX_URL", &index().url()),
    ];
    let ran = sandbox.check_as_configured(&[], &variables);
    ran.says("an installed environment");
}

#[test]
fn two_environments_are_two_inputs() {
    let sandbox = venv();
    install(&sandbox, "other/site-packages", "nope", "1", "");
    let folders = [
        "--environment",
        ".venv",
        "--environment",
        "other/site-packages",
    ];
    sandbox
        .check(&index(), &folders)
        .ends_with(1)
        .says("error[unknown-project]: `nope`")
        .says("2 of 2 from .venv")
        .says("1 of 1 from other/site-packages");
}

#[test]
fn releases_from_elsewhere_are_asked_of_no_index() {
    let sandbox = Sandbox::new();
    let own = index();
    for (name, direct) in [
        (
            "vcs",
            r#"{"url": "https://me:secret@git.example/a", "vcs_info": {"vcs": "git", "commit_id": "00"}}"#,
        ),
        (
            "archive",
            r#"{"url": "https://files.example/a-1.whl", "archive_info": {}}"#,
        ),
        (
            "folder",
            r#"{"url": "file:///srv/a", "dir_info": {"editable": true}}"#,
        ),
    ] {
        install(&sandbox, PACKAGES, name, "1", "");
        sandbox.write(
            &format!("{PACKAGES}/{name}-1.dist-info/direct_url.json"),
            direct,
        );
    }
    let ran = sandbox.check(&own, &["--environment", ".venv", "--format", "json"]);
    assert_eq!(own.asked(), [""; 0]);
    let json = ran.ends_with(0).never_says("secret").json();
    assert_eq!(json["decisions"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["findings"][0]["rule"], "direct-url");
    assert_eq!(json["findings"][0]["project"], "archive");
    assert_eq!(json["decisions"][0]["release"], "1");
    // A bound name that came from elsewhere is a finding.
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"corp\"\nonly = [\"vcs\"]\n",
    );
    sandbox
        .check(&own, &["--environment", ".venv"])
        .ends_with(1)
        .says("`vcs` belongs to index `corp`, but is taken from git+https://git.example/a");
}

#[test]
fn older_records_are_read() {
    let sandbox = Sandbox::new();
    let metadata = "Metadata-Version: 1.1\nName: flask\nVersion: 3.1.2\n";
    sandbox.write("a/site-packages/flask-3.1.2.egg-info", metadata);
    sandbox.write(
        "b/site-packages/flask-3.1.2-py3.9.egg-info/PKG-INFO",
        metadata,
    );
    sandbox.write(
        "c/site-packages/flask-3.1.2-py3.9.egg/EGG-INFO/PKG-INFO",
        metadata,
    );
    for root in ["a", "b", "c"] {
        let folder = format!("{root}/site-packages");
        sandbox
            .check(&index(), &["--environment", &folder])
            .ends_with(0)
            .says("judged 1 of 1");
    }
}

#[test]
fn the_same_environment_has_the_same_digest() {
    let digest = |sandbox: &Sandbox| {
        let ran = sandbox.check(&index(), &["--environment", ".venv", "-v"]);
        ran.last_line().to_owned()
    };
    let first = digest(&venv());
    assert_eq!(first, digest(&venv()));
    let changed = venv();
    install(&changed, PACKAGES, "click", "8.3.0", "Summary: y");
    assert_ne!(first, digest(&changed));
}

#[test]
fn a_finding_of_an_environment_is_known_and_ignored_by_its_folder() {
    let fingerprints = |version: &str| {
        let sandbox = Sandbox::new();
        install(&sandbox, PACKAGES, "nope", version, "");
        let ran = sandbox.check(&index(), &["--environment", ".venv", "--format", "json"]);
        ran.ends_with(1).json()["findings"][0]["fingerprint"].clone()
    };
    assert_eq!(fingerprints("1"), "unknown-project:.venv:nope:unknown");
    assert_eq!(fingerprints("2"), fingerprints("1"));
    let sandbox = Sandbox::new();
    install(&sandbox, PACKAGES, "nope", "1", "");
    let ignore = |file: &str| {
        format!("[[ignore]]\nrule = \"unknown-project\"\nfile = \"{file}\"\nreason = \"ours\"\n")
    };
    sandbox.write("pinproof.toml", ignore(".venv"));
    sandbox
        .check(&index(), &["--environment", ".venv"])
        .ends_with(0);
    sandbox.write("pinproof.toml", ignore("requirements.txt"));
    sandbox
        .check(&index(), &["--environment", ".venv"])
        .ends_with(1);
}

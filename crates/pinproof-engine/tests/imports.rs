//! Which files a run reads for imports, and what its findings say of them.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod support;

use pinproof_core::imports::Imported;
use pinproof_engine::Report;
use support::example::Example;

/// A lock with a flaw in pyyaml, and these files beside it.
fn run(files: &[(&str, &str)]) -> Report {
    project("pyyaml==5.3", files).run()
}

fn project(pin: &str, files: &[(&str, &str)]) -> Example {
    let lock = format!("{pin} --hash=sha256:{}\n", "ab".repeat(32));
    let files = files
        .iter()
        .copied()
        .chain([("requirements.txt", lock.as_str())]);
    Example {
        files: files
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect(),
        world: "[advisory.PYSEC-2020-96]\nproject = \"pyyaml\"\nseverity = \"high\"\nfixed = \"5.3.1\"\n"
            .to_owned(),
        ..Example::default()
    }
}

fn imported(report: &Report) -> Imported {
    let mut classes = report
        .findings
        .iter()
        .filter_map(|found| found.advisories.as_ref());
    classes.next().unwrap().imported.clone().unwrap()
}

fn places(report: &Report) -> Vec<String> {
    let imported = imported(report);
    let at = imported.at.iter();
    at.map(|place| format!("{}:{}", place.file, place.line))
        .collect()
}

#[test]
fn the_files_of_the_project_are_read_in_order() {
    let report = run(&[
        (
            "b/main.py",
            "import os\n\ndef f():\n    from yaml import load",
        ),
        ("a.py", "'import yaml'\n# import yaml\nimport os"),
        ("app/c.py", "import yaml.loader as l\nimport yaml"),
        ("notes.txt", "import yaml"),
    ]);
    assert_eq!(places(&report), ["app/c.py:1", "b/main.py:4"]);
    let imported = imported(&report);
    assert_eq!(
        (imported.files, imported.looked_at, imported.left_out),
        (2, 3, 0)
    );
    let notes = report.findings.iter().flat_map(|found| &found.notes);
    let said = notes.filter(|note| {
        note.as_str()
            .contains("imported by app/c.py:1 and 1 more file")
    });
    assert_eq!(said.count(), 1);
}

#[test]
fn what_others_wrote_is_not_the_projects() {
    let report = run(&[
        (".venv/lib/site-packages/x.py", "import yaml"),
        ("old/pyvenv.cfg", "home = x"),
        ("old/lib/x.py", "import yaml"),
        ("lib/site-packages/x.py", "import yaml"),
        ("node_modules/x/y.py", "import yaml"),
        (".hidden/x.py", "import yaml"),
        ("app.py", "import os"),
    ]);
    let imported = imported(&report);
    assert_eq!(
        (imported.files, imported.looked_at, imported.left_out),
        (0, 1, 0)
    );
}

const CACHE_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# made by a test";

#[test]
fn what_tools_made_is_not_the_projects() {
    let report = run(&[
        ("target/CACHEDIR.TAG", CACHE_TAG),
        ("target/debug/x.py", "import yaml"),
        ("conda/conda-meta/history", ""),
        ("conda/lib/x.py", "import yaml"),
        ("one/pyproject.toml", ""),
        ("one/build/lib/x.py", "import yaml"),
        ("one/dist/x.py", "import yaml"),
        ("two/setup.cfg", ""),
        ("two/build/lib/x.py", "import yaml"),
        ("app.py", "import os"),
    ]);
    let imported = imported(&report);
    assert_eq!(
        (imported.files, imported.looked_at, imported.left_out),
        (0, 1, 0)
    );
}

#[test]
fn what_only_looks_as_if_a_tool_had_made_it_is_read() {
    let report = run(&[
        // The project itself is what somebody asked about.
        ("CACHEDIR.TAG", CACHE_TAG),
        ("a/CACHEDIR.TAG", "no signature"),
        ("a/x.py", "import yaml"),
        // Nobody builds a project here.
        ("build/x.py", "import yaml"),
        ("one/pyproject.toml", ""),
        // A package has this name.
        ("one/build/__init__.py", "import yaml"),
        ("one/src/dist/x.py", "import yaml"),
        ("target/x.py", "import yaml"),
    ]);
    let expected = [
        "a/x.py:1",
        "build/x.py:1",
        "one/build/__init__.py:1",
        "one/src/dist/x.py:1",
        "target/x.py:1",
    ];
    let imported = imported(&report);
    assert_eq!(places(&report), expected[..imported.at.len()]);
    assert_eq!(imported.files, expected.len());
}

#[test]
fn what_cannot_be_read_is_counted() {
    let large = "#".repeat(1024 * 1024 + 1);
    let deep = format!("{}x.py", "d/".repeat(20));
    let report = run(&[
        ("large.py", large.as_str()),
        ("coded.py", "# coding: no-such-encoding\nimport yaml"),
        (deep.as_str(), "import yaml"),
        ("app.py", "import os"),
    ]);
    let imported = imported(&report);
    assert_eq!(
        (imported.files, imported.looked_at, imported.left_out),
        (0, 1, 3)
    );
}

#[test]
fn a_declared_encoding_is_read() {
    let report = run(&[("app.py", "# -*- coding: latin-1 -*-\nimport yaml")]);
    assert_eq!(places(&report), ["app.py:2"]);
}

/// No advisory is about the version, so no file is opened.
#[test]
fn without_a_finding_nothing_is_said() {
    let report = project("pyyaml==5.3.1", &[("app.py", "import yaml")]).run();
    assert!(
        report
            .findings
            .iter()
            .all(|found| found.advisories.is_none())
    );
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_followed() {
    use std::os::unix::fs::symlink;

    let project = project(
        "pyyaml==5.3",
        &[("app.py", "import os"), ("far/x.py", "import yaml")],
    );
    let report = project.run_after(|folder| {
        let outside = folder.parent().unwrap().join("outside");
        std::fs::rename(folder.join("far"), &outside).unwrap();
        symlink(&outside, folder.join("near")).unwrap();
        symlink(outside.join("x.py"), folder.join("y.py")).unwrap();
        symlink(folder, folder.join("circle")).unwrap();
    });
    let imported = imported(&report);
    assert_eq!(
        (imported.files, imported.looked_at, imported.left_out),
        (0, 1, 0)
    );
}

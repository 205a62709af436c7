//! Documents and environments that want to be overlooked, or to cost more than they should.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::{Index, Release, Sandbox};

const PACKAGES: &str = "env/lib/python3.12/site-packages";

fn index() -> Index {
    Index::with(&[Release::new("flask", "3.1.2")])
}

fn metadata(name: &str, version: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n")
}

/// An environment with one sound release.
fn environment() -> Sandbox {
    let sandbox = Sandbox::new();
    let path = format!("{PACKAGES}/flask-3.1.2.dist-info/METADATA");
    sandbox.write(&path, metadata("flask", "3.1.2"));
    sandbox
}

/// One open question about that file, whatever else is installed.
#[track_caller]
fn is_open(sandbox: &Sandbox, path: &str, why: &str) {
    let ran = sandbox.check(&index(), &["--environment", "env"]);
    ran.ends_with(3)
        .says(&format!("{PACKAGES}/{path}: "))
        .says(why)
        .says("judged 1 of 2 from env")
        .says("; 1 question unanswered");
}

#[test]
fn a_broken_record_is_a_question_with_its_name() {
    for (path, text, place, why) in [
        (
            "a-1.dist-info/METADATA",
            String::new(),
            "a-1.dist-info/METADATA",
            "no `Metadata-Version`",
        ),
        (
            "a-1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: a\n".to_owned(),
            "a-1.dist-info/METADATA",
            "no `Version`",
        ),
        (
            "a-1.dist-info/METADATA",
            metadata("a", "1").replace("\n\n", "\nVersion: 2\n"),
            "a-1.dist-info/METADATA",
            "more than one `Version`",
        ),
        (
            "a-1.dist-info/METADATA",
            metadata("-", "1"),
            "a-1.dist-info/METADATA",
            "not a valid name",
        ),
        (
            "a-1.dist-info/METADATA",
            metadata("a", "one"),
            "a-1.dist-info/METADATA",
            "no version by PEP 440",
        ),
        (
            "a-1.dist-info/METADATA",
            metadata("b", "1"),
            "a-1.dist-info",
            "that of `b` 1",
        ),
        (
            "a-1.dist-info/METADATA",
            metadata("a", "2"),
            "a-1.dist-info",
            "that of `a` 2",
        ),
        (
            "a-1.dist-info/RECORD",
            String::new(),
            "a-1.dist-info",
            "has no METADATA",
        ),
        (
            "a-1.dist-info",
            "a file".to_owned(),
            "a-1.dist-info",
            "cannot be read",
        ),
        (
            "a.egg-link",
            "/srv/a\n".to_owned(),
            "a.egg-link",
            "installed from its source",
        ),
        ("a-1-py3.9.egg", "PK".to_owned(), "a-1-py3.9.egg", "archive"),
    ] {
        let sandbox = environment();
        sandbox.write(&format!("{PACKAGES}/{path}"), text);
        is_open(&sandbox, place, why);
    }
}

#[test]
fn a_direct_url_that_is_not_understood_is_a_question() {
    for text in [
        "",
        "{}",
        "{\"url\": \"file:///a\", \"url\": \"file:///b\", \"dir_info\": {}}",
    ] {
        let sandbox = environment();
        sandbox.write(
            &format!("{PACKAGES}/a-1.dist-info/METADATA"),
            metadata("a", "1"),
        );
        sandbox.write(&format!("{PACKAGES}/a-1.dist-info/direct_url.json"), text);
        is_open(&sandbox, "a-1.dist-info/direct_url.json", "");
    }
}

#[test]
fn two_metadata_where_case_counts_are_a_question() {
    let sandbox = environment();
    for name in ["METADATA", "Metadata"] {
        sandbox.write(
            &format!("{PACKAGES}/a-1.dist-info/{name}"),
            metadata("a", "1"),
        );
    }
    is_open(&sandbox, "a-1.dist-info", "more than one METADATA");
}

#[test]
fn pipes_links_in_circles_and_large_files_end() {
    let sandbox = environment();
    let folder = sandbox.project().join(PACKAGES);
    std::fs::create_dir(folder.join("pipe-1.dist-info")).expect("a folder");
    let made = Command::new("mkfifo")
        .arg(folder.join("pipe-1.dist-info/METADATA"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    is_open(&sandbox, "pipe-1.dist-info/METADATA", "a pipe or a device");

    let sandbox = environment();
    let folder = sandbox.project().join(PACKAGES);
    symlink("loop-1.dist-info", folder.join("loop-1.dist-info")).expect("a link");
    is_open(&sandbox, "loop-1.dist-info", "cannot be read");

    let sandbox = environment();
    let large = metadata("a", "1") + &"x".repeat(5 * 1024 * 1024);
    sandbox.write(&format!("{PACKAGES}/a-1.dist-info/METADATA"), large);
    is_open(&sandbox, "a-1.dist-info/METADATA", "larger than 4 MiB");

    let sandbox = environment();
    symlink(".", sandbox.project().join("env/lib64")).expect("a link");
    symlink("../..", sandbox.project().join("env/lib/python3.13")).expect("a link");
    sandbox
        .check(&index(), &["--environment", "env"])
        .ends_with(0)
        .says("judged 1 of 1");
}

#[test]
fn a_library_that_cannot_be_looked_into_is_a_question() {
    let sandbox = environment();
    symlink("python3.13", sandbox.project().join("env/lib/python3.13")).expect("a link");
    sandbox
        .check(&index(), &["--environment", "env"])
        .ends_with(3)
        .says("env/lib/python3.13/site-packages: it cannot be read");
    let sandbox = environment();
    sandbox.write("env/usr/lib", "a file");
    sandbox
        .check(&index(), &["--environment", "env"])
        .ends_with(3)
        .says("env/usr/lib: ");
}

#[test]
fn a_link_out_of_the_environment_is_a_question() {
    let sandbox = environment();
    sandbox.write(
        "elsewhere/site-packages/a-1.dist-info/METADATA",
        metadata("a", "1"),
    );
    let target = sandbox.project().join("elsewhere");
    symlink(target, sandbox.project().join("env/lib/python3.13")).expect("a link");
    sandbox
        .check(&index(), &["--environment", "env"])
        .ends_with(3)
        .says("a link out of the environment");
}

#[test]
fn what_an_environment_uses_besides_is_a_question() {
    let sandbox = environment();
    sandbox.write("env/pyvenv.cfg", "include-system-site-packages = TRUE\n");
    sandbox
        .check(&index(), &["--environment", "env"])
        .ends_with(3)
        .says("installed for the whole system");
    sandbox
        .check(&index(), &["--environment", PACKAGES])
        .ends_with(3)
        .says("installed for the whole system");
    let sandbox = environment();
    sandbox.write("more/a-1.dist-info/METADATA", metadata("a", "1"));
    sandbox.write(
        &format!("{PACKAGES}/x.pth"),
        "import os; os.abort()\n../../../../more\n",
    );
    sandbox
        .check(&index(), &["--environment", "env"])
        .ends_with(3)
        .says("it adds more, whose releases are not judged here");
}

#[test]
fn no_environment_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/readme", "");
    sandbox.write("none/site-packages/readme", "");
    for (folder, why) in [
        ("empty", "holds no Python environment"),
        ("none/site-packages", "nothing is installed there"),
        ("missing", "there is no such file"),
        ("empty/readme", "cannot be read"),
    ] {
        sandbox
            .check(&index(), &["--environment", folder])
            .ends_with(2)
            .says(why);
    }
    let venv = environment();
    venv.write("env/pyvenv.cfg", "");
    venv.check(&index(), &["env"])
        .ends_with(2)
        .says("name it with `--environment`");
}

#[test]
fn text_of_metadata_and_documents_does_not_act() {
    let sandbox = environment();
    sandbox.write(
        &format!("{PACKAGES}/a-1.dist-info/METADATA"),
        metadata("a", "1\u{1b}[2J\u{202e}"),
    );
    let name = "\\u001b[2J\\u202e\u{202e}";
    sandbox.write(
        "sbom.json",
        format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{{"type": "library", "name": "{name}"}}]}}"#),
    );
    let ran = sandbox.check(&index(), &["--environment", "env", "sbom.json"]);
    ran.ends_with(3).never_says("\u{1b}").never_says("\u{202e}");
}

#[test]
fn documents_in_any_dress() {
    let sandbox = Sandbox::new();
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "flask", "purl": "pkg:pypi/flask@3.1.2"}]}"#;
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.write("bom.json", [b"\xef\xbb\xbf", text.as_bytes()].concat());
    sandbox.write("wide.json", [b"\xff\xfe", wide.as_slice()].concat());
    sandbox.write("bom", text);
    for name in ["bom.json", "wide.json", "bom"] {
        sandbox
            .check(&index(), &[name])
            .ends_with(0)
            .says("a CycloneDX 1.6 document");
    }
    for (name, text, why) in [
        ("wide-without-mark.json", wide.as_slice(), "bom"),
        (
            "bom.xml",
            b"<?xml version=\"1.0\"?><bom/>".as_slice(),
            "does not read XML",
        ),
        (
            "package-lock.json",
            b"{\"lockfileVersion\": 3}".as_slice(),
            "neither a CycloneDX nor an SPDX document",
        ),
        ("cut.json", &text.as_bytes()[..80], "EOF"),
        (
            "old.json",
            b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"2.0\"}".as_slice(),
            "CycloneDX 2.0 is not read",
        ),
        (
            "twice.json",
            b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"specVersion\": \"1.5\"}"
                .as_slice(),
            "duplicate field",
        ),
    ] {
        sandbox.write(name, text);
        let ran = sandbox.check(&index(), &[name]);
        ran.ends_with(2);
        assert!(
            why == "bom" || ran.stdout.contains(why),
            "{why}: {}",
            ran.all()
        );
    }
}

#[test]
fn bombs_end_soon() {
    let sandbox = Sandbox::new();
    let deep = format!("{}{}", "[".repeat(3_000_000), "]".repeat(3_000_000));
    let component = |name: &str| {
        format!(r#"{{"type": "library", "name": {name}, "purl": "pkg:pypi/flask@3.1.2"}}"#)
    };
    let document = |component: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "x": {deep}, "components": [{component}]}}"#
        )
    };
    sandbox.write("deep.json", document(&component(&deep)));
    sandbox
        .check(&index(), &["deep.json"])
        .ends_with(3)
        .says("a string is expected here");
    let long = format!("\"{}\"", "a".repeat(30 * 1024 * 1024));
    sandbox.write("long.json", document(&component(&long)));
    let ran = sandbox.check(&index(), &["long.json"]);
    ran.ends_with(0);
    assert!(ran.stdout.len() < 10_000);
    sandbox.write("huge.json", " ".repeat(129 * 1024 * 1024));
    sandbox
        .check(&index(), &["huge.json"])
        .ends_with(2)
        .says("larger than 128 MiB");
}

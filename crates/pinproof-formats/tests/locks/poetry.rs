//! `poetry.lock` in its three formats.

use pinproof_core::manifest::{LockTool, Origin};
use pinproof_core::{Environment, Platform, PythonVersion};
use pinproof_formats::poetry_lock::parse;

use crate::support::{assert_read, assert_sound, find, needs, reasons, unclear};

const NEW: &str = include_str!("small/poetry.lock");
const OLDER: &str = include_str!("small/poetry-1.6.lock");
const OLD: &str = include_str!("small/poetry-1.1.lock");

#[test]
fn every_format_is_read() {
    for text in [NEW, OLDER] {
        let manifest = parse(text).unwrap();
        assert_sound(text, &manifest);
        let header = manifest.header.as_ref().unwrap();
        assert_eq!(header.tool, Some(LockTool::Poetry));
        assert_eq!(header.inputs, ["pyproject.toml"]);
        let flask = find(&manifest, "flask");
        assert_eq!(flask.hashes.len(), 2);
        assert_eq!(flask.index.as_ref().unwrap().host().as_str(), "pypi.org");
    }
    let manifest = parse(OLD).unwrap();
    // Poetry 1.1 writes no hash for a URL, and nothing holds it to its bytes.
    assert_read(OLD, &manifest, &["iniconfig"]);
    assert_eq!(find(&manifest, "pysocks").hashes.len(), 3);
}

#[test]
fn groups_and_extras_are_parts() {
    let manifest = parse(NEW).unwrap();
    let scope = |name| find(&manifest, name).scope.to_string();
    assert_eq!(scope("flask"), "dependencies");
    assert_eq!(scope("iniconfig"), "dependencies");
    assert_eq!(scope("asgiref"), "extra `async`");
    assert_eq!(scope("pytest"), "group `dev`");
    // Poetry 1 wrote no group, or the same one for all of them.
    for text in [OLD, OLDER] {
        let old = parse(text).unwrap();
        assert_eq!(find(&old, "pytest").scope.to_string(), "dependencies");
        assert_eq!(find(&old, "asgiref").scope.to_string(), "extra `async`");
    }
}

#[test]
fn markers_are_for_environments() {
    let python = PythonVersion {
        major: 3,
        minor: 12,
        patch: None,
    };
    let linux = Environment::of_target(python, Platform::LinuxX86_64);
    let manifest = parse(NEW).unwrap();
    let holds = |name| {
        let marker = find(&manifest, name).marker.as_ref();
        marker.is_none_or(|marker| marker.evaluate(&linux, &[]))
    };
    assert!(holds("flask") && holds("asgiref") && !holds("pywin32-ctypes") && !holds("colorama"));
    let by_group = |markers: &str| {
        let text = format!(
            "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"main\", \"dev\"]\nmarkers = {markers}\n\
             [metadata]\nlock-version = \"2.1\"\n"
        );
        let manifest = parse(&text).unwrap();
        assert_eq!(unclear(&text, &manifest), []);
        let marker = manifest.requirements[0].marker.clone();
        marker.is_none_or(|marker| marker.evaluate(&linux, &[]))
    };
    assert!(by_group("{main = \"os_name == 'nt'\"}"));
    assert!(!by_group(
        "{main = \"os_name == 'nt'\", dev = \"os_name == 'java'\"}"
    ));
}

#[test]
fn edges_and_reasons() {
    let manifest = parse(NEW).unwrap();
    let requests = find(&manifest, "requests");
    assert_eq!(
        needs(requests).unwrap(),
        [
            "certifi",
            "charset-normalizer",
            "idna",
            "pysocks",
            "urllib3"
        ]
    );
    let socks = requests.needs.as_ref().unwrap()[3].marker.as_ref().unwrap();
    assert!(socks.mentions_extra());
    let found: Vec<_> = reasons(&manifest, "markupsafe").into_iter().collect();
    assert_eq!(found, ["flask", "jinja2", "werkzeug"]);
}

fn with(keys: &str) -> String {
    format!(
        "[[package]]\nname = \"a\"\nversion = \"1\"\n{keys}\n[metadata]\nlock-version = \"2.1\"\n"
    )
}

#[test]
fn optional_dependencies_belong_to_the_extras_that_list_them() {
    let text = with(
        "[package.dependencies]\nB = {version = \"*\", optional = true}\nc = [{version = \"1\", markers = \
         \"os_name == 'nt'\"}, {version = \"2\", extras = [\"x\"]}]\n[package.extras]\nweb = [\"b (>=1)\"]\n\
         other = [\"bb\"]",
    );
    let manifest = parse(&text).unwrap();
    assert_eq!(unclear(&text, &manifest), []);
    let needs = manifest.requirements[0].needs.clone().unwrap();
    let shown: Vec<_> = needs.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["b", "c", "c[x]"]);
    assert_eq!(needs[0].with_extra.as_ref().unwrap().as_str(), "web");
    assert!(needs[1].marker.is_some() && needs[2].marker.is_none());
}

#[test]
fn every_source_is_told_apart() {
    let read = |source: &str| {
        let text = with(&format!("[package.source]\n{source}"));
        let manifest = parse(&text).unwrap();
        assert_eq!(unclear(&text, &manifest), [], "{source}");
        manifest.requirements[0].clone()
    };
    let git = "type = \"git\"\nurl = \"https://me:t0ken@h.example/a\"\nreference = \"main\"\n";
    let commit = "resolved_reference = \"0123456789012345678901234567890123456789\"";
    let pinned = read(&format!("{git}{commit}"));
    assert!(pinned.is_pinned_to_commit());
    assert!(
        matches!(&pinned.origin, Origin::Vcs { shown, .. } if !shown.as_str().contains("t0ken"))
    );
    assert!(!read(git).is_pinned_to_commit());
    assert!(matches!(
        read("type = \"directory\"\nurl = \"../a\"").origin,
        Origin::Path(_)
    ));
    assert!(matches!(
        read("type = \"file\"\nurl = \"a-1.whl\"").origin,
        Origin::Path(_)
    ));
    let private =
        read("type = \"legacy\"\nurl = \"http://corp.example/simple\"\nreference = \"corp\"");
    assert!(private.index.unwrap().is_plain_http());
}

#[test]
fn releases_of_one_project_have_their_own_hashes() {
    let hash = |digit: &str| format!("hash = \"sha256:{}\"", digit.repeat(64));
    let text = format!(
        "[[package]]\nname = \"a\"\nversion = \"1\"\n[[package]]\nname = \"a\"\nversion = \"2\"\n[metadata]\n\
         lock-version = \"1.1\"\n[metadata.files]\nA = [{{file = \"a-1.tar.gz\", {}}}, {{file = \"a-2.tar.gz\", {}}}]\n",
        hash("1"),
        hash("2"),
    );
    let manifest = parse(&text).unwrap();
    assert_eq!(unclear(&text, &manifest), []);
    for (requirement, digit) in manifest.requirements.iter().zip(["1", "2"]) {
        assert_eq!(requirement.hashes.len(), 1);
        assert!(requirement.hashes[0].hash.digest().starts_with(digit));
    }
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let versioned = |version: &str| format!("[metadata]\nlock-version = {version}\n");
    for (text, place, why) in [
        (versioned("\"3.0\""), "\"3.0\"", "nothing of it is read"),
        (versioned("\"2.2\""), "\"2.2\"", "not known here"),
        (versioned("\"1.0\""), "\"1.0\"", "nothing of it is read"),
        (String::new(), "", "does not say which version"),
        (
            with("[package.source]\ntype = \"svn\"\nurl = \"x\""),
            "svn",
            "one of `legacy`",
        ),
        (
            with("[package.source]\ntype = \"git\""),
            "[package.source]",
            "a `type` and a `url`",
        ),
        (with("files = [{file = \"x\"}]"), "{file", "without a hash"),
        (
            with("files = [{file = \"x\", hash = \"sha256:1\"}]"),
            "sha256:1",
            "64 hexadecimal",
        ),
        (with("files = 1"), "1", "an array"),
        (with("markers = \"os\""), "os", "expected"),
    ] {
        let unclear = unclear(&text, &parse(&text).unwrap());
        let [(found, said)] = &unclear[..] else {
            panic!("{text}: {unclear:?}")
        };
        assert!(
            found.starts_with(place) && said.contains(why),
            "{text}: {found}: {said}"
        );
    }
}

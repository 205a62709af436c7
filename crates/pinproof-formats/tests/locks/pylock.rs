//! `pylock.toml`, by uv, pip and PDM.

use pinproof_core::manifest::{LockTool, Origin};
use pinproof_core::{Environment, Platform, PythonVersion};
use pinproof_formats::pylock::{is_name, parse};

use crate::support::{assert_sound, find, needs, reasons, unclear};

const UV: &str = include_str!("small/pylock.uv.toml");
const PIP: &str = include_str!("small/pylock.pip.toml");
const PDM: &str = include_str!("small/pylock.pdm.toml");

fn linux() -> Environment {
    let python = PythonVersion {
        major: 3,
        minor: 11,
        patch: None,
    };
    Environment::of_target(python, Platform::LinuxX86_64)
}

#[test]
fn every_tool_is_read() {
    let tools = [
        (UV, LockTool::Uv),
        (PIP, LockTool::Pip),
        (PDM, LockTool::Pdm),
    ];
    for (text, tool) in tools {
        let manifest = parse(text).unwrap();
        assert_sound(text, &manifest);
        let header = manifest.header.as_ref().unwrap();
        assert_eq!(header.tool, Some(tool));
        assert_eq!(header.inputs, ["pyproject.toml"]);
    }
}

#[test]
fn every_file_of_a_release_counts() {
    let manifest = parse(UV).unwrap();
    assert_eq!(find(&manifest, "requests").hashes.len(), 2);
    assert_eq!(find(&manifest, "certifi").hashes.len(), 1);
    assert!(find(&manifest, "markupsafe").hashes.len() > 50);
    assert_eq!(manifest.requires_python.unwrap().to_string(), ">=3.11");
}

#[test]
fn the_index_of_an_entry_is_its_own() {
    let uv = parse(UV).unwrap();
    let flask = find(&uv, "flask").index.as_ref().unwrap();
    assert_eq!(flask.host().as_str(), "pypi.org");
    assert_eq!(uv.locations.len(), 1);
    assert!(uv.locations[0].explicit);
    // pip notes none: it takes the file from where it was, and its own index otherwise.
    let pip = parse(PIP).unwrap();
    assert_eq!(
        (&find(&pip, "flask").index, pip.locations.len()),
        (&None, 0)
    );
}

#[test]
fn markers_about_groups_leave_the_environment_open() {
    let manifest = parse(PDM).unwrap();
    let holds = |name| {
        find(&manifest, name)
            .marker
            .as_ref()
            .unwrap()
            .evaluate(&linux(), &[])
    };
    assert!(holds("flask") && holds("pytest") && holds("asgiref"));
    assert!(!holds("pywin32-ctypes") && !holds("colorama"));
}

#[test]
fn dependencies_are_edges() {
    let text = r#"lock-version = "1.0"
created-by = "x"
[[packages]]
name = "a"
version = "1"
wheels = [{ url = "https://h.example/a-1-py3-none-any.whl", hashes = { sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } }]
dependencies = [{ name = "B.c", version = "2" }, { name = "gone" }]
[[packages]]
name = "b-c"
version = "2"
vcs = { type = "git", url = "https://h.example/b", commit-id = "0123456789012345678901234567890123456789" }
[[packages]]
name = "own"
directory = { path = ".", editable = true }
"#;
    let manifest = parse(text).unwrap();
    assert_eq!(unclear(text, &manifest), []);
    assert_eq!(needs(find(&manifest, "a")).unwrap(), ["b-c", "gone"]);
    assert_eq!(needs(find(&manifest, "b-c")), None);
    assert!(reasons(&manifest, "b-c").contains("a"));
    assert!(find(&manifest, "b-c").is_pinned_to_commit());
    let own = find(&manifest, "own");
    assert!(own.editable && matches!(&own.origin, Origin::Path(path) if path == "."));
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let entry =
        |keys: &str| format!("lock-version = \"1.0\"\ncreated-by = \"x\"\n[[packages]]\n{keys}\n");
    let wheel = "wheels = [{ url = \"https://h.example/a.whl\", hashes = { sha256 = \"aa\" } }]";
    for (keys, place, why) in [
        ("version = \"1\"", "[[packages]]", "has a `name`"),
        (
            "name = \"a\"\nversion = \"1\"",
            "[[packages]]",
            "exactly one of",
        ),
        (
            "name = \"a\"\nversion = \"1\"\nwheels = [{}]",
            "{}",
            "without a hash",
        ),
        ("name = \"a\"\nversion = \"x y\"", "x y", "version"),
        (
            &format!("name = \"a\"\n{wheel}"),
            "[[packages]]",
            "no `version`",
        ),
        (
            &format!("name = \"a\"\nversion = \"1\"\n{wheel}"),
            "aa",
            "64 hexadecimal digits",
        ),
        (
            "name = \"a\"\nversion = \"1\"\nmarker = \"os\"\nwheels = []",
            "os",
            "expected",
        ),
        (
            "name = \"a\"\nvcs = { type = \"git\", url = \"https://h.example/a\" }",
            "{ type",
            "commit-id",
        ),
        (
            "name = \"a\"\nversion = \"1\"\nindex = \"ftp://h.example\"\nwheels = []",
            "ftp://h.example",
            "no address",
        ),
    ] {
        let text = entry(keys);
        let unclear = unclear(&text, &parse(&text).unwrap());
        let [(found, said)] = &unclear[..] else {
            panic!("{keys}: {unclear:?}")
        };
        assert!(
            found.starts_with(place) && said.contains(why),
            "{keys}: {found}: {said}"
        );
    }
}

#[test]
fn a_version_from_the_future_is_a_question() {
    let newer = UV.replacen("lock-version = \"1.0\"", "lock-version = \"1.1\"", 1);
    let manifest = parse(&newer).unwrap();
    assert_eq!(manifest.requirements.len(), 21);
    let [(place, why)] = &unclear(&newer, &manifest)[..] else {
        panic!()
    };
    assert!(
        place == "\"1.1\"" && why.contains("not known here"),
        "{place}: {why}"
    );
    for other in [
        "lock-version = \"2.0\"",
        "lock-version = 1",
        "lock-version = []",
        "",
    ] {
        let text = UV.replacen("lock-version = \"1.0\"", other, 1);
        let manifest = parse(&text).unwrap();
        let read = manifest.requirements.len();
        // The integer 1 is major version 1, and no string as the specification wants it; it is read.
        assert_eq!(read, if other.ends_with('1') { 21 } else { 0 }, "{other}");
        assert_eq!(
            manifest.not_understood.len(),
            usize::from(read == 0),
            "{other}"
        );
    }
}

#[test]
fn names_of_files() {
    assert!(is_name("pylock.toml") && is_name("pylock.dev.toml"));
    assert!(!is_name("pylock.tom") && !is_name("a.pylock.toml") && !is_name("pylock.txt"));
}

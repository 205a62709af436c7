//! `pdm.lock` in its formats.

use pinproof_core::manifest::{LockTool, Origin, Requirement};
use pinproof_core::{Environment, Platform, PythonVersion};
use pinproof_formats::coverage;
use pinproof_formats::pdm_lock::parse;

use crate::support::{assert_sound, expected, find, needs, pins, reasons, unclear};

const NEW: &str = include_str!("small/pdm.lock");
const OLDER: &str = include_str!("small/pdm-2.8.lock");
const OLD: &str = include_str!("small/pdm-2.4.lock");

#[test]
fn every_format_is_read() {
    let manifest = parse(NEW).unwrap();
    assert_sound(NEW, &manifest);
    let header = manifest.header.as_ref().unwrap();
    assert_eq!(header.tool, Some(LockTool::Pdm));
    for text in [OLDER, OLD] {
        let manifest = parse(text).unwrap();
        assert_eq!(unclear(text, &manifest), []);
        assert_eq!(coverage::uncovered(&manifest, text), []);
        assert!(
            manifest
                .requirements
                .iter()
                .all(Requirement::has_strong_hash)
        );
        let pins = pins(&manifest);
        let expected = expected();
        assert!(
            pins.len() >= 15
                && pins
                    .iter()
                    .all(|(name, pin)| expected.get(name) == Some(pin))
        );
    }
}

#[test]
fn a_project_with_extras_is_one_requirement() {
    for text in [NEW, OLDER, OLD] {
        let manifest = parse(text).unwrap();
        let requests = find(&manifest, "requests");
        assert_eq!(requests.extras[0].as_str(), "socks");
        assert_eq!(requests.hashes.len(), 2);
        let needs = needs(requests).unwrap();
        assert_eq!(
            needs,
            [
                "certifi",
                "charset-normalizer",
                "idna",
                "urllib3",
                "pysocks"
            ]
        );
        let found: Vec<_> = reasons(&manifest, "pysocks").into_iter().collect();
        assert_eq!(found, ["requests"]);
        let of_name = manifest
            .requirements
            .iter()
            .filter(|one| one.name == requests.name);
        assert_eq!(of_name.count(), 1);
    }
}

#[test]
fn groups_are_parts_that_are_an_extra_or_a_group() {
    let manifest = parse(NEW).unwrap();
    let scope = |name| find(&manifest, name).scope.to_string();
    assert_eq!(scope("flask"), "dependencies");
    // Needed by the project and by a group.
    assert_eq!(scope("iniconfig"), "dependencies");
    assert_eq!(scope("asgiref"), "extra or group `async`");
    assert_eq!(scope("pytest"), "extra or group `dev`");
    // An entry with extras is in another group than the one without.
    let text = format!(
        "{}groups = [\"dev\"]\n[[package]]\nname = \"a\"\nversion = \"1\"\nextras = [\"x\"]\n\
         groups = [\"docs\"]\n",
        with("version = \"1\"")
    );
    let manifest = parse(&text).unwrap();
    assert_eq!(unclear(&text, &manifest), []);
    assert_eq!(find(&manifest, "a").scope.to_string(), "dependencies");
}

#[test]
fn a_reason_is_one_in_some_environment_of_the_lock() {
    let reasons_of_b = |more: &str| {
        let text = format!(
            "[metadata]\nlock_version = \"4.5.0\"\n[[metadata.targets]]\nrequires_python = \">=3.11,<3.14\"\n{more}\
             [[package]]\nname = \"a\"\nversion = \"1\"\n\
             dependencies = [\"b; python_version < \\\"3.11\\\"\", \"b; extra == \\\"x\\\"\"]\n\
             [[package]]\nname = \"c\"\nversion = \"1\"\n\
             dependencies = [\"b; sys_platform == \\\"win32\\\" and python_version < \\\"3.12\\\"\"]\n\
             [[package]]\nname = \"b\"\nversion = \"1\"\n"
        );
        let manifest = parse(&text).unwrap();
        assert_eq!(unclear(&text, &manifest), []);
        reasons(&manifest, "b").into_iter().collect::<Vec<_>>()
    };
    assert_eq!(reasons_of_b(""), ["c"]);
    // One for each platform: which Pythons it is for is not known.
    let another = "[[metadata.targets]]\nrequires_python = \">=3.8\"\n";
    assert_eq!(reasons_of_b(another), ["a", "c"]);
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
    let marker = find(&manifest, "pywin32-ctypes").marker.as_ref().unwrap();
    assert!(!marker.evaluate(&linux, &[]));
}

fn with(keys: &str) -> String {
    format!("[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"a\"\n{keys}\n")
}

#[test]
fn every_source_is_told_apart() {
    let one = |keys: &str| {
        let text = with(keys);
        let manifest = parse(&text).unwrap();
        assert_eq!(unclear(&text, &manifest), [], "{keys}");
        manifest.requirements[0].clone()
    };
    let git = "version = \"1\"\ngit = \"https://me:t0ken@h.example/a\"\nref = \"main\"\n";
    let commit = "revision = \"0123456789012345678901234567890123456789\"";
    let pinned = one(&format!("{git}{commit}"));
    assert!(pinned.is_pinned_to_commit());
    assert!(
        matches!(&pinned.origin, Origin::Vcs { shown, .. } if !shown.as_str().contains("t0ken"))
    );
    assert!(!one(git).is_pinned_to_commit());
    let folder = one("path = \"./lib\"\neditable = true");
    assert!(folder.editable && matches!(folder.origin, Origin::Path(_)));
    assert!(matches!(
        one("version = \"1\"\nurl = \"http://h.example/a.whl\"").origin,
        Origin::Url {
            plain_http: true,
            ..
        }
    ));
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let versioned = |version: &str| format!("[metadata]\nlock_version = {version}\n");
    for (text, place, why) in [
        (versioned("\"5.0\""), "\"5.0\"", "nothing of it is read"),
        (versioned("\"4.6.0\""), "\"4.6.0\"", "not known here"),
        (versioned("4.5"), "4.5", "not known here"),
        (with("summary = \"x\""), "[[package]]", "no `version`"),
        (
            with("version = \"1\"\ndependencies = [\"b c\"]"),
            "b c",
            "expected",
        ),
        (with("version = \"1\"\nmarker = \"os\""), "os", "expected"),
        (
            with("path = \"https://me:t0ken@h.example\""),
            "https",
            "is an address",
        ),
        (
            with("version = \"1\"\nfiles = [{file = \"x\"}]"),
            "{file",
            "without a hash",
        ),
        (
            "[metadata]\nlock_version = \"4.1\"\n[metadata.files]\na = []\n".to_owned(),
            "a",
            "its name and version",
        ),
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

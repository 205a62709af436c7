//! `Pipfile.lock`, and `Pipfile`.

use pinproof_core::index::LocationKind;
use pinproof_core::manifest::{InstallOptionKind, LockTool, Origin};
use pinproof_core::{Environment, Manifest, Platform, PythonVersion};
use pinproof_formats::{coverage, pipfile, pipfile_lock};

use crate::support::{assert_sound, find, needs, unclear};

const LOCK: &str = include_str!("small/Pipfile.lock");
const PIPFILE: &str = include_str!("small/Pipfile");

#[test]
fn the_lock_is_read() {
    let manifest = pipfile_lock::parse(LOCK).unwrap();
    assert_sound(LOCK, &manifest);
    // What two sections have alike is there once.
    assert_eq!(manifest.requirements.len(), 20);
    let header = manifest.header.as_ref().unwrap();
    assert_eq!(header.tool, Some(LockTool::Pipenv));
    assert_eq!(header.inputs, ["Pipfile"]);
    assert_eq!(header.python.unwrap().minor, 11);
    let scope = |name| find(&manifest, name).scope.to_string();
    assert_eq!(scope("flask"), "dependencies");
    assert_eq!(scope("pytest"), "group `develop`");
    assert_eq!(scope("iniconfig"), "dependencies");
    let requests = find(&manifest, "requests");
    assert_eq!(requests.extras[0].as_str(), "socks");
    assert_eq!(requests.index.as_ref().unwrap().host().as_str(), "pypi.org");
    assert_eq!(needs(requests), None);
    let python = PythonVersion {
        major: 3,
        minor: 11,
        patch: None,
    };
    let linux = Environment::of_target(python, Platform::LinuxX86_64);
    let marker = find(&manifest, "pywin32-ctypes").marker.as_ref().unwrap();
    assert!(!marker.evaluate(&linux, &[]));
}

#[test]
fn the_manifest_is_read() {
    let manifest = pipfile::parse(PIPFILE).unwrap();
    assert_eq!(unclear(PIPFILE, &manifest), []);
    assert_eq!(coverage::uncovered(&manifest, PIPFILE), []);
    let shown = |name| match &find(&manifest, name).origin {
        Origin::Index(specifiers) => specifiers.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(shown("flask"), ">=3.0");
    assert_eq!(shown("pywin32-ctypes"), "==0.2.3");
    assert!(find(&manifest, "pywin32-ctypes").marker.is_some());
    assert!(matches!(
        find(&manifest, "iniconfig").origin,
        Origin::Url { .. }
    ));
    assert_eq!(
        find(&manifest, "pytest").scope.to_string(),
        "group `dev-packages`"
    );
    assert_eq!(find(&manifest, "requests").extras[0].as_str(), "socks");
}

#[test]
fn a_manifest_may_say_more() {
    let text = "[[source]]\nname = \"a\"\nurl = \"https://a.example/simple\"\n[[source]]\nname = \"b\"\n\
                url = \"https://b.example/simple\"\nverify_ssl = false\n[packages]\nx = \"*\"\n\
                y = {git = \"https://me:t0ken@h.example/y\", ref = \"main\"}\n\
                z = {path = \".\", editable = true}\nw = {version = \"==1\", index = \"b\", sys_platform = \"== 'win32'\"}\n\
                [docs]\nv = \"==1\"\n[pipenv]\nallow_prereleases = true\n";
    let manifest = pipfile::parse(text).unwrap();
    assert_eq!(unclear(text, &manifest), []);
    let kinds: Vec<_> = manifest
        .locations
        .iter()
        .map(|one| (one.kind, one.explicit))
        .collect();
    assert_eq!(
        kinds,
        [(LocationKind::Default, false), (LocationKind::Extra, true)]
    );
    assert!(
        matches!(&manifest.options[0].kind, InstallOptionKind::TrustedHost(host) if host == "b.example")
    );
    assert_eq!(manifest.bindings[0].index, "b");
    assert!(
        matches!(&find(&manifest, "y").origin, Origin::Vcs { shown, .. } if !shown.as_str().contains("t0ken"))
    );
    assert!(find(&manifest, "z").editable);
    assert!(find(&manifest, "w").marker.is_some());
    assert_eq!(find(&manifest, "v").scope.to_string(), "group `docs`");
    for (broken, place) in [
        ("[packages]\nx = \"^1\"\n", "^1"),
        ("[packages]\nx = 1\n", "1"),
        ("[packages]\n\"x y\" = \"*\"\n", "\"x y\""),
        ("[[source]]\nname = \"a\"\n", "[[source]]"),
        ("packages = 1\n", "1"),
        ("[packages]\nx = {markers = \"os\"}\n", "os"),
    ] {
        let unclear = unclear(broken, &pipfile::parse(broken).unwrap());
        assert_eq!(unclear.len(), 1, "{broken}: {unclear:?}");
        assert!(unclear[0].0.starts_with(place), "{broken}: {unclear:?}");
    }
}

fn with(package: &str) -> String {
    format!(
        "{{\"_meta\": {{\"pipfile-spec\": 6, \"sources\": [\n{{\"name\": \"a\", \"url\": \"https://a.example/simple\"}},\n\
         {{\"name\": \"b\", \"url\": \"http://b.example/simple\", \"verify_ssl\": false}}]}},\n\"default\": {{\"x\": {package}}}}}"
    )
}

fn read(text: &str) -> Manifest {
    pipfile_lock::parse(text).unwrap()
}

#[test]
fn every_source_is_told_apart() {
    let one = |package: &str| {
        let text = with(package);
        let manifest = read(&text);
        assert_eq!(unclear(&text, &manifest), [], "{package}");
        assert_eq!(coverage::uncovered(&manifest, &text), []);
        manifest.requirements[0].clone()
    };
    let host = |package: &str| one(package).index.unwrap().host().to_string();
    assert_eq!(host("{\"version\": \"==1\"}"), "a.example");
    assert_eq!(
        host("{\"version\": \"==1\", \"index\": \"b\"}"),
        "b.example"
    );
    let git = one(
        "{\"git\": \"https://h.example/x\", \"ref\": \"0123456789012345678901234567890123456789\"}",
    );
    assert!(git.is_pinned_to_commit() && git.index.is_none());
    assert!(!one("{\"git\": \"https://h.example/x\", \"ref\": \"main\"}").is_pinned_to_commit());
    assert!(matches!(
        one("{\"path\": \".\", \"editable\": true}").origin,
        Origin::Path(_)
    ));
    assert!(matches!(
        one("{\"file\": \"x.whl\"}").origin,
        Origin::Path(_)
    ));
    assert!(matches!(
        one("{\"file\": \"http://h.example/x.whl\"}").origin,
        Origin::Url {
            plain_http: true,
            ..
        }
    ));
    assert!(one("{\"version\": \"*\"}").pin().is_none());
    let manifest = read(&with("{\"version\": \"==1\"}"));
    assert!(
        matches!(&manifest.options[0].kind, InstallOptionKind::TrustedHost(host) if host == "b.example")
    );
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    for (text, place, why) in [
        (
            "{\"_meta\": {\"pipfile-spec\": 7}, \"default\": {}}".to_owned(),
            "7",
            "not known here",
        ),
        ("{\"default\": {}}".to_owned(), "", "not known here"),
        (with("{}"), "{}", "a `version` or a source"),
        (with("[]"), "[]", "an object"),
        (
            with("{\"version\": \"==1\", \"index\": \"c\"}"),
            "c",
            "no source",
        ),
        (with("{\"version\": \"1 2\"}"), "1 2", "version specifier"),
        (
            with("{\"version\": \"==1\", \"hashes\": [\"sha256:1\"]}"),
            "sha256:1",
            "64 hexadecimal",
        ),
        (
            with("{\"version\": \"==1\", \"markers\": \"os\"}"),
            "os",
            "expected",
        ),
    ] {
        let unclear = unclear(&text, &read(&text));
        let [(found, said)] = &unclear[..] else {
            panic!("{text}: {unclear:?}")
        };
        assert!(
            found.starts_with(place) && said.contains(why),
            "{text}: {found}: {said}"
        );
    }
    for broken in [
        "[]",
        "{",
        "{\"default\": {}, \"default\": {}}",
        "{\"_meta\": {\"pipfile-spec\": 6}, \"default\": {\"a\": {}, \"a\": {}}}",
        "{\"_meta\": {\"pipfile-spec\": 6}, \"default\": []}",
    ] {
        assert!(pipfile_lock::parse(broken).is_err(), "{broken}");
    }
}

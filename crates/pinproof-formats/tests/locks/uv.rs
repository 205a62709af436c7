//! `uv.lock`: of a project, and of a workspace.

use pinproof_core::manifest::{LockTool, Origin, Scope};
use pinproof_core::{Environment, Manifest, Platform, PythonVersion};
use pinproof_formats::uv_lock::parse;

use crate::support::{assert_sound, find, needs, reasons, unclear};

const SMALL: &str = include_str!("small/uv.lock");
const WORKSPACE: &str = include_str!("workspace/uv.lock");

fn environment(minor: u16, platform: Platform) -> Environment {
    let python = PythonVersion {
        major: 3,
        minor,
        patch: None,
    };
    Environment::of_target(python, platform)
}

/// The versions of a project that are for an environment.
fn versions_for(manifest: &Manifest, name: &str, environment: &Environment) -> Vec<String> {
    let all = manifest.requirements.iter();
    let of_name = all.filter(|one| {
        one.name
            .as_ref()
            .is_some_and(|found| found.as_str() == name)
    });
    let here = of_name.filter(|one| match &one.marker {
        Some(marker) => marker.evaluate(environment, &[]),
        None => true,
    });
    here.map(|one| one.version.as_ref().unwrap().to_string())
        .collect()
}

#[test]
fn a_project_is_read() {
    let manifest = parse(SMALL).unwrap();
    assert_sound(SMALL, &manifest);
    assert_eq!(manifest.requirements.len(), 21);
    let header = manifest.header.as_ref().unwrap();
    assert_eq!(header.tool, Some(LockTool::Uv));
    assert_eq!(header.inputs, ["pyproject.toml"]);
    assert_eq!(manifest.locations.len(), 1);
    let flask = find(&manifest, "flask").index.as_ref().unwrap();
    assert_eq!(flask.host().as_str(), "pypi.org");
}

#[test]
fn every_entry_has_its_reason_and_its_part() {
    let manifest = parse(SMALL).unwrap();
    let reasons = |name| reasons(&manifest, name).into_iter().collect::<Vec<_>>();
    assert_eq!(reasons("flask"), ["small-app"]);
    assert_eq!(reasons("markupsafe"), ["flask", "jinja2", "werkzeug"]);
    assert_eq!(reasons("pysocks"), ["requests"]);
    assert_eq!(reasons("colorama"), ["pytest"]);
    let scope = |name| find(&manifest, name).scope.to_string();
    assert_eq!(scope("werkzeug"), "dependencies");
    assert_eq!(scope("pysocks"), "dependencies");
    assert_eq!(scope("asgiref"), "extra `async`");
    assert_eq!(scope("pluggy"), "group `dev`");
    // Needed by the project and by a group.
    assert_eq!(scope("iniconfig"), Scope::Main.to_string());
}

#[test]
fn edges_carry_extras() {
    let manifest = parse(SMALL).unwrap();
    let requests = find(&manifest, "requests");
    assert_eq!(
        needs(requests).unwrap(),
        [
            "certifi",
            "charset-normalizer",
            "idna",
            "urllib3",
            "pysocks"
        ]
    );
    let with_extra = requests.needs.as_ref().unwrap()[4].with_extra.as_ref();
    assert_eq!(with_extra.unwrap().as_str(), "socks");
    assert_eq!(needs(find(&manifest, "certifi")).unwrap(), [""; 0]);
}

#[test]
fn markers_on_the_way_are_those_of_the_entry() {
    let manifest = parse(SMALL).unwrap();
    let linux = environment(12, Platform::LinuxX86_64);
    let windows = environment(12, Platform::WindowsX86_64);
    for name in ["pywin32-ctypes", "colorama"] {
        assert_eq!(versions_for(&manifest, name, &linux), [""; 0], "{name}");
        assert_eq!(versions_for(&manifest, name, &windows).len(), 1, "{name}");
    }
    assert!(find(&manifest, "flask").marker.is_none());
}

#[test]
fn a_workspace_has_members_and_forks() {
    let manifest = parse(WORKSPACE).unwrap();
    assert_eq!(unclear(WORKSPACE, &manifest), []);
    let header = manifest.header.as_ref().unwrap();
    assert_eq!(
        header.inputs,
        ["packages/lib/pyproject.toml", "pyproject.toml"]
    );
    let all = manifest.requirements.iter();
    let names: Vec<_> = all.map(|one| one.name.as_ref().unwrap().as_str()).collect();
    assert_eq!(
        names,
        [
            "certifi", "click", "click", "colorama", "dep", "ed", "idna", "idna", "six"
        ]
    );
    let old = environment(11, Platform::LinuxX86_64);
    let new = environment(13, Platform::LinuxX86_64);
    assert_eq!(versions_for(&manifest, "idna", &old), ["3.19"]);
    assert_eq!(versions_for(&manifest, "idna", &new), ["3.20"]);
    // Extras that exclude each other: which one is installed is not known.
    assert_eq!(versions_for(&manifest, "click", &new), ["8.1.7", "8.1.8"]);
    let ed = find(&manifest, "ed");
    assert!(ed.editable && ed.version.is_none());
    assert!(matches!(&ed.origin, Origin::Path(path) if path == "vendored/ed"));
    assert_eq!(
        reasons(&manifest, "certifi")
            .into_iter()
            .collect::<Vec<_>>(),
        ["lib"]
    );
    assert_eq!(
        reasons(&manifest, "six").into_iter().collect::<Vec<_>>(),
        ["dep"]
    );
}

/// What is needed in one version or the other is always needed, so what it needs has its own condition only.
#[test]
fn versions_that_take_turns_are_no_condition() {
    let of_a = |otherwise: &str| {
        let entry = |name: &str, version: &str, needs: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ registry = \"https://h.example/\" }}\n\
                 dependencies = [{needs}]\n"
            )
        };
        let on_windows = "{ name = \"c\", marker = \"sys_platform == 'win32'\" }";
        let text = format!(
            "version = 1\n[[package]]\nname = \"root\"\nversion = \"1\"\nsource = {{ virtual = \".\" }}\ndependencies = [\n\
             {{ name = \"a\", version = \"1\", marker = \"python_full_version < '3.11.5'\" }},\n\
             {{ name = \"a\", version = \"2\", marker = \"{otherwise}\" }},\n]\n{}{}{}",
            entry("a", "1", on_windows),
            entry("a", "2", on_windows),
            entry("c", "1", ""),
        );
        let manifest = parse(&text).unwrap();
        assert_eq!(unclear(&text, &manifest), []);
        let linux = environment(12, Platform::LinuxX86_64);
        let windows = environment(12, Platform::WindowsX86_64);
        let of = |platform| versions_for(&manifest, "c", platform).len();
        (of(&linux), of(&windows))
    };
    assert_eq!(of_a("python_full_version >= '3.11.5'"), (0, 1));
    // In some environments it is not needed at all: what is behind it is looked at in one too many.
    assert_eq!(of_a("python_full_version >= '3.12'"), (1, 1));
}

fn with_source(source: &str) -> String {
    format!("version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = {source}\n")
}

#[test]
fn every_source_is_told_apart() {
    let origin = |source: &str| {
        let text = with_source(source);
        let manifest = parse(&text).unwrap();
        assert_eq!(unclear(&text, &manifest), [], "{source}");
        manifest.requirements[0].clone()
    };
    let commit = "0123456789012345678901234567890123456789";
    let git = origin(&format!(
        "{{ git = \"https://me:t0ken@h.example/a?rev=main#{commit}\" }}"
    ));
    assert!(git.is_pinned_to_commit());
    let Origin::Vcs { shown, is_open, .. } = &git.origin else {
        panic!()
    };
    assert!(!is_open && !shown.as_str().contains("t0ken"));
    assert!(!origin("{ git = \"https://h.example/a\" }").is_pinned_to_commit());
    let url = origin("{ url = \"http://h.example/a-1.whl\" }").origin;
    assert!(matches!(
        url,
        Origin::Url {
            plain_http: true,
            ..
        }
    ));
    assert!(matches!(
        origin("{ path = \"a-1.whl\" }").origin,
        Origin::Path(_)
    ));
    assert!(matches!(
        origin("{ directory = \"../a\" }").origin,
        Origin::Path(_)
    ));
    assert!(origin("{ registry = \"../wheels\" }").index.is_none());
    let private = origin("{ registry = \"https://me:t0ken@corp.example/simple\" }");
    assert_eq!(
        private.index.unwrap().to_string(),
        "https://corp.example/simple/"
    );
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    for (text, place, why) in [
        (
            "version = 2\n[[package]]\n".to_owned(),
            "2",
            "version `2` of `uv.lock`",
        ),
        ("version = 1\nrevision = 99\n".to_owned(), "99", "revision"),
        (with_source("{}"), "{}", "exactly one of"),
        (with_source("{ svn = \"x\" }"), "{ svn", "exactly one of"),
        (
            with_source("{ git = \"x\", url = \"y\" }"),
            "{ git",
            "exactly one of",
        ),
        (
            with_source("{ registry = \"ftp://x\" }"),
            "ftp://x",
            "no address",
        ),
        (
            with_source("{ path = \"https://me:t0ken@x\" }"),
            "https",
            "is an address",
        ),
        (with_source("7"), "7", "a table"),
        (
            with_source("{ registry = \"x\" }\nwheels = [{ url = \"u\" }]"),
            "{ url",
            "without a hash",
        ),
        (
            with_source("{ registry = \"x\" }\ndependencies = [{}]"),
            "{}",
            "has a `name`",
        ),
        (
            with_source("{ registry = \"x\" }\nresolution-markers = [\"os\"]"),
            "os",
            "expected",
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
        assert!(!said.contains("t0ken"), "{said}");
    }
    for broken in [
        "version = 1\nversion = 1\n",
        "[[package]\n",
        &"[".repeat(1_000_000),
    ] {
        assert!(parse(broken).is_err());
    }
}

//! Locks that the real tools write now, read here and exported by the tools themselves: both say the same.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools"
)]

#[path = "locks_oracle/large.rs"]
mod large;
mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use pinproof_core::manifest::{Origin, Requirement, Via};
use pinproof_core::{Environment, Manifest, Platform, PythonVersion, filename};
use pinproof_formats::{pdm_lock, pipfile_lock, poetry_lock, pylock, requirements_txt, uv_lock};

const PROJECT: &str = include_str!("locks/small/pyproject.toml");
const PIPFILE: &str = include_str!("locks/small/Pipfile");
/// Poetry asks another interface of PyPI unless it is told.
const SOURCE: &str = "\n[[tool.poetry.source]]\nname = \"simple\"\nurl = \"https://pypi.org/simple/\"\npriority = \"primary\"\n";

/// A tool, and what it is installed from.
const TOOLS: [(&str, &[&str]); 4] = [
    ("poetry", &["poetry==2.5.1", "poetry-plugin-export==1.10.1"]),
    ("pdm", &["pdm[locked]==2.24.2"]),
    ("pipenv", &["pipenv==2026.10.3"]),
    ("pip", &["pip==26.3"]),
];

/// The program of a tool in a virtual environment of its own, made with uv.
fn program(uv: &Path, tool: &str) -> Result<PathBuf, String> {
    let (_, packages) = TOOLS.iter().find(|(name, _)| *name == tool).unwrap();
    let name = format!("lock-{}", packages.join("-").replace("==", "-"));
    let ready = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !ready.join("bin").join(tool).exists() {
        let making = [
            &["venv", "--quiet", "--seed", "--clear"],
            &[ready.to_str().unwrap()][..],
        ]
        .concat();
        run(Command::new(uv).args(making))?;
        let python = ready.join("bin/python");
        let install = [
            "pip",
            "install",
            "--quiet",
            "--python",
            python.to_str().unwrap(),
        ];
        run(Command::new(uv).args([&install[..], packages].concat()))?;
    }
    Ok(ready.join("bin").join(tool))
}

/// Runs a command, and gives what it writes.
fn run(command: &mut Command) -> Result<String, String> {
    // A folder of wheels of the machine is no part of the application.
    command
        .env_remove("PIP_FIND_LINKS")
        .env("PDM_CHECK_UPDATE", "false");
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!(
            "{command:?}: {}{}",
            text(&output.stdout),
            text(&output.stderr)
        ))
    }
}

/// Skips loudly where the tools or PyPI are not to be had; where `CI=true`, that is a failure.
fn or_skip<T>(result: Result<T, String>) -> Option<T> {
    if let Err(why) = &result {
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "the oracle is not available: {why}");
        eprintln!("SKIPPED: the oracle is not available: {why}");
    }
    result.ok()
}

/// A project in a folder of its own, with commands run in it.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new(file: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), text).unwrap();
        Self { folder }
    }

    fn run(&self, program: &Path, args: &[&str]) -> Result<String, String> {
        let home = self.folder.path().join("home");
        run(Command::new(program)
            .args(args)
            .current_dir(self.folder.path())
            .env("PIPENV_IGNORE_VIRTUALENVS", "1")
            .env("WORKON_HOME", home))
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }
}

/// What is installed as one release, and where.
#[derive(Debug, Default, PartialEq, Eq)]
struct Release {
    hashes: BTreeSet<String>,
    from: BTreeSet<String>,
    environments: BTreeSet<String>,
}

fn environments() -> Vec<Environment> {
    let pythons = [11, 12, 13].map(|minor| PythonVersion {
        major: 3,
        minor,
        patch: None,
    });
    let of = |python| Platform::ALL.map(|platform| Environment::of_target(python, platform));
    pythons.into_iter().flat_map(of).collect()
}

/// The name of a requirement; the file behind a URL tells one where the requirement does not.
fn name(requirement: &Requirement) -> String {
    match (&requirement.name, &requirement.origin) {
        (Some(name), _) => name.to_string(),
        (None, Origin::Url { filename, .. }) => filename.split('-').next().unwrap().to_owned(),
        _ => panic!("{requirement:?}"),
    }
}

fn version(requirement: &Requirement) -> String {
    let in_filename = || match &requirement.origin {
        Origin::Url { filename, .. } => {
            let project = name(requirement).parse().unwrap();
            filename::parse(filename, &project).map(|parsed| parsed.version)
        }
        _ => None,
    };
    let version = requirement.pin().cloned().or_else(in_filename);
    version.unwrap().to_string()
}

/// Everything that a manifest installs, by name and version.
fn releases(manifest: &Manifest) -> BTreeMap<(String, String), Release> {
    assert_eq!(manifest.not_understood, []);
    let mut releases: BTreeMap<(String, String), Release> = BTreeMap::new();
    for requirement in &manifest.requirements {
        let release = releases
            .entry((name(requirement), version(requirement)))
            .or_default();
        let hashes = requirement.hashes.iter();
        release
            .hashes
            .extend(hashes.map(|written| written.hash.to_string()));
        if let Origin::Url { shown, .. } = &requirement.origin {
            // The hash may stand in the fragment, and is compared as a hash.
            let url = shown.as_str().split('#').next().unwrap();
            release.from.insert(url.to_owned());
        }
        for environment in environments() {
            let marker = requirement.marker.as_ref();
            if marker.is_none_or(|marker| marker.evaluate(&environment, &[])) {
                release.environments.insert(environment.to_string());
            }
        }
    }
    releases
}

/// Asserts that a lock and its export say the same, and are not empty.
fn assert_same(lock: &Manifest, export: &str) -> Manifest {
    let exported = requirements_txt::parse(export, &|_| None);
    let (ours, theirs) = (releases(lock), releases(&exported));
    assert!(ours.len() >= 20, "{ours:?}");
    let names = |releases: &BTreeMap<(String, String), Release>| {
        releases.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&ours), names(&theirs));
    for (key, release) in &ours {
        assert_eq!(*release, theirs[key], "{key:?}");
    }
    exported
}

fn uv() -> Option<PathBuf> {
    Some(oracle::environment()?.join("bin/uv"))
}

/// Who needs each project.
fn reasons(manifest: &Manifest) -> BTreeMap<String, BTreeSet<String>> {
    let shown = |via: &Via| via.to_string();
    let all = manifest.requirements.iter();
    all.map(|one| (name(one), one.via.iter().map(shown).collect()))
        .collect()
}

#[test]
fn uv_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let project = Project::new("pyproject.toml", PROJECT);
    let locked = project.run(&uv, &["lock", "--quiet", "--python", "3"]);
    let all = [
        "export",
        "--quiet",
        "--frozen",
        "--all-extras",
        "--all-groups",
    ];
    let Some(export) = or_skip(locked.and_then(|_| project.run(&uv, &all))) else {
        return;
    };
    let lock = uv_lock::parse(&project.read("uv.lock")).unwrap();
    let exported = assert_same(&lock, &export);
    // uv exports no reason for what a group of the project asks for.
    let mut noted = reasons(&exported);
    let of_group = BTreeSet::from(["small-app".to_owned()]);
    assert_eq!(
        noted.insert("pytest".to_owned(), of_group),
        Some(BTreeSet::new())
    );
    assert_eq!(reasons(&lock), noted);
    let to_pylock = [&all[..], &["--format", "pylock.toml"]].concat();
    let written = project.run(&uv, &to_pylock).unwrap();
    assert_same(&pylock::parse(&written).unwrap(), &export);
}

#[test]
fn poetry_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(poetry) = or_skip(program(&uv, "poetry")) else {
        return;
    };
    let project = Project::new("pyproject.toml", &format!("{PROJECT}{SOURCE}"));
    let locked = project.run(&poetry, &["lock", "--no-interaction"]);
    let all = ["export", "--all-extras", "--all-groups"];
    let Some(export) = or_skip(locked.and_then(|_| project.run(&poetry, &all))) else {
        return;
    };
    assert_same(
        &poetry_lock::parse(&project.read("poetry.lock")).unwrap(),
        &export,
    );
}

#[test]
fn pdm_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(pdm) = or_skip(program(&uv, "pdm")) else {
        return;
    };
    let project = Project::new("pyproject.toml", PROJECT);
    let locked = project.run(&pdm, &["lock", "--quiet", "-G", ":all"]);
    let Some(export) = or_skip(locked.and_then(|_| project.run(&pdm, &["export", "-G", ":all"])))
    else {
        return;
    };
    assert_same(
        &pdm_lock::parse(&project.read("pdm.lock")).unwrap(),
        &export,
    );
    let written = project
        .run(&pdm, &["export", "-f", "pylock", "-G", ":all"])
        .unwrap();
    assert_same(&pylock::parse(&written).unwrap(), &export);
}

#[test]
fn pipenv_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(pipenv) = or_skip(program(&uv, "pipenv")) else {
        return;
    };
    // Any Python of the machine will do.
    let pipfile = PIPFILE.split("[requires]").next().unwrap();
    let project = Project::new("Pipfile", pipfile);
    let locked = project.run(&pipenv, &["lock"]);
    let all = ["requirements", "--hash", "--dev"];
    let Some(export) = or_skip(locked.and_then(|_| project.run(&pipenv, &all))) else {
        return;
    };
    let mut lock = pipfile_lock::parse(&project.read("Pipfile.lock")).unwrap();
    // Pipenv does not export the hashes of a URL, which its lock has.
    for requirement in &mut lock.requirements {
        if matches!(requirement.origin, Origin::Url { .. }) {
            assert!(requirement.has_strong_hash());
            requirement.hashes.clear();
        }
    }
    assert_same(&lock, &export);
}

#[test]
fn pip_locks_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(pip) = or_skip(program(&uv, "pip")) else {
        return;
    };
    let project = Project::new("requirements.in", "flask>=3.0\nrequests[socks]>=2.31\n");
    let args = [
        "lock",
        "--quiet",
        "-r",
        "requirements.in",
        "-o",
        "pylock.toml",
    ];
    if or_skip(project.run(&pip, &args)).is_none() {
        return;
    }
    let text = project.read("pylock.toml");
    let lock = releases(&pylock::parse(&text).unwrap());
    let names: BTreeSet<&str> = lock.keys().map(|(name, _)| name.as_str()).collect();
    assert!(names.is_superset(&BTreeSet::from(["flask", "requests", "pysocks", "urllib3"])));
    for (key, release) in &lock {
        assert_eq!(release.hashes.len(), 1, "{key:?}");
    }
}

//! A large application, locked by old and new releases of every tool: the same answers, whoever locked it.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::manifest::{Requirement, Via};
use pinproof_core::{Environment, Manifest, Platform, PythonVersion};
use pinproof_formats::{
    coverage, pdm_lock, pipfile_lock, poetry_lock, pylock, requirements_txt, uv_lock,
};

use crate::support::unclear;

/// A lock, read; with it, what it holds on Linux and uv's does not, and the other way round.
struct Lock {
    name: &'static str,
    text: &'static str,
    manifest: Manifest,
    more: &'static [&'static str],
    less: &'static [&'static str],
}

/// The Python that the tools ran on takes another version of it than the first Python that the project is for.
const NEW: &[&str] = &["soupsieve 4.1.3"];
const OLD: &[&str] = &["soupsieve 2.10"];
/// What old formats have no markers for, so that it counts as needed everywhere.
const EVERYWHERE: &[&str] = &[
    "async-timeout 5.0.1",
    "colorama 0.4.6",
    "httpx2-jsfetch 1.0",
    "pywin32-ctypes 0.2.3",
    "soupsieve 2.10",
];

/// PDM 2.0 also took pre-releases.
const PDM_2_0: &[&str] = &[
    "async-timeout 5.0.1",
    "colorama 0.4.6",
    "httpx2-jsfetch 1.0",
    "protobuf 7.37.0rc1",
    "pywin32-ctypes 0.2.3",
    "sentry-sdk 3.0.0b2",
    "soupsieve 2.10",
];
const NOT_PDM_2_0: &[&str] = &["protobuf 7.36.2", "sentry-sdk 2.75.0", "soupsieve 4.1.3"];

type Difference = (&'static [&'static str], &'static [&'static str]);

fn lock(
    (name, text): (&'static str, &'static str),
    parse: impl Fn(&str) -> Manifest,
    (more, less): Difference,
) -> Lock {
    Lock {
        name,
        text,
        manifest: parse(text),
        more,
        less,
    }
}

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_str!(concat!("large/", $name)))
    };
}

fn locks() -> Vec<Lock> {
    let uv = |text: &str| uv_lock::parse(text).unwrap();
    let poetry = |text: &str| poetry_lock::parse(text).unwrap();
    let pdm = |text: &str| pdm_lock::parse(text).unwrap();
    let pipenv = |text: &str| pipfile_lock::parse(text).unwrap();
    let pip = |text: &str| pylock::parse(text).unwrap();
    let requirements = |text: &str| requirements_txt::parse(text, &|_| None);
    vec![
        lock(fixture!("uv.lock"), uv, (&[], &[])),
        lock(fixture!("uv-0.4.lock"), uv, (OLD, NEW)),
        lock(fixture!("poetry.lock"), poetry, (OLD, NEW)),
        lock(fixture!("poetry-1.4.lock"), poetry, (EVERYWHERE, NEW)),
        lock(fixture!("pdm.lock"), pdm, (OLD, NEW)),
        lock(fixture!("pdm-2.0.lock"), pdm, (PDM_2_0, NOT_PDM_2_0)),
        lock(fixture!("Pipfile.lock"), pipenv, (&[], &[])),
        lock(fixture!("Pipfile-2022.lock"), pipenv, (&[], &[])),
        lock(fixture!("pylock.pip.toml"), pip, (&[], &[])),
        lock(fixture!("requirements.uv.txt"), requirements, (&[], &[])),
        lock(
            fixture!("requirements.pip-tools.txt"),
            requirements,
            (&[], &[]),
        ),
    ]
}

fn linux() -> Environment {
    let python = PythonVersion {
        major: 3,
        minor: 11,
        patch: Some(7),
    };
    Environment::of_target(python, Platform::LinuxX86_64)
}

/// What is installed in an environment.
fn pins<'a>(
    manifest: &'a Manifest,
    environment: &Environment,
) -> BTreeMap<String, &'a Requirement> {
    let holds = |one: &&Requirement| {
        let marker = one.marker.as_ref();
        marker.is_none_or(|marker| marker.evaluate(environment, &[]))
    };
    let pin = |one: &'a Requirement| {
        let (name, version) = (one.name.as_ref().unwrap(), one.pin().unwrap());
        (format!("{name} {version}"), one)
    };
    manifest
        .requirements
        .iter()
        .filter(holds)
        .map(pin)
        .collect()
}

/// Who needs each project, but for the project itself, which some locks do not name.
fn reasons(manifest: &Manifest) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut reasons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in &manifest.requirements {
        let by = one.via.iter().filter_map(|via| match via {
            Via::Project(by) => Some(by.as_str()),
            _ => None,
        });
        let by = by.filter(|by| *by != "large-app");
        let name = one.name.as_ref().unwrap().as_str();
        reasons.entry(name).or_default().extend(by);
    }
    reasons
}

#[test]
fn every_lock_is_read_as_a_whole() {
    for lock in locks() {
        let Lock { name, text, .. } = lock;
        assert_eq!(unclear(text, &lock.manifest), [], "{name}");
        assert_eq!(coverage::uncovered(&lock.manifest, text), [], "{name}");
        assert!(lock.manifest.requirements.len() >= 180, "{name}");
        for one in &lock.manifest.requirements {
            // pip-compile was not asked for hashes.
            let is_hashed = name != "requirements.pip-tools.txt";
            assert_eq!(one.has_strong_hash(), is_hashed, "{name} {:?}", one.name);
            let place = &text[one.name_span.start..one.name_span.end];
            assert_eq!(
                place.parse().as_ref(),
                Ok(one.name.as_ref().unwrap()),
                "{name}"
            );
        }
    }
}

#[test]
fn every_lock_installs_the_same() {
    let all = locks();
    let uv: BTreeSet<String> = pins(&all[0].manifest, &linux()).into_keys().collect();
    assert_eq!(uv.len(), 189);
    for lock in &all {
        let found: BTreeSet<String> = pins(&lock.manifest, &linux()).into_keys().collect();
        let mut expected = uv.clone();
        for less in lock.less {
            assert!(expected.remove(*less), "{} {less}", lock.name);
        }
        for more in lock.more {
            assert!(expected.insert((*more).to_owned()), "{} {more}", lock.name);
        }
        assert_eq!(found, expected, "{}", lock.name);
    }
}

#[test]
fn every_lock_means_the_same_bytes_from_the_same_index() {
    let all = locks();
    let hashes = |one: &Requirement| -> BTreeSet<String> {
        let all = one.hashes.iter();
        all.map(|written| written.hash.to_string()).collect()
    };
    // Poetry lists the files for every Python; others leave out those that the project is not for.
    let poetry = all.iter().find(|lock| lock.name == "poetry.lock").unwrap();
    let poetry = pins(&poetry.manifest, &linux());
    for lock in &all {
        let mut compared = 0;
        for (pin, one) in pins(&lock.manifest, &linux()) {
            let Some(known) = poetry.get(&pin) else {
                continue;
            };
            compared += 1;
            // PDM 2.0 wrote the files of every version that was possible to some; its installer takes any of them.
            let (own, known) = (hashes(one), hashes(known));
            let is_sound = if lock.name == "pdm-2.0.lock" {
                own.is_superset(&known)
            } else {
                own.is_subset(&known)
            };
            assert!(is_sound, "{} {pin}", lock.name);
            let host = one.index.as_ref().map(|index| index.host().to_string());
            assert!(
                host.is_none_or(|host| host == "pypi.org"),
                "{} {pin}",
                lock.name
            );
        }
        assert!(compared >= 180, "{}", lock.name);
    }
}

#[test]
fn every_lock_with_edges_gives_the_same_reasons() {
    let all = locks();
    let expected = reasons(&all[0].manifest);
    let none = BTreeSet::new();
    for lock in &all {
        let found = reasons(&lock.manifest);
        let has_edges =
            !["Pipfile.lock", "Pipfile-2022.lock", "pylock.pip.toml"].contains(&lock.name);
        for (name, by) in found {
            // Another version of Sentry's client, which does not need it.
            let is_other = (lock.name, name) == ("pdm-2.0.lock", "fastapi");
            let expected = if has_edges && !is_other {
                &expected[name]
            } else {
                &none
            };
            if lock.name == "requirements.pip-tools.txt" {
                // Who needs it elsewhere is not in a lock for one environment.
                assert!(by.is_subset(expected), "{name}");
                assert_eq!(by.is_empty(), expected.is_empty(), "{name}");
            } else {
                assert_eq!(by, *expected, "{} {name}", lock.name);
            }
        }
    }
}

#[test]
fn every_lock_with_parts_tells_them_alike() {
    let all = locks();
    let scopes = |lock: &Lock| -> BTreeMap<String, String> {
        let all = pins(&lock.manifest, &linux()).into_iter();
        all.map(|(pin, one)| (pin, one.scope.to_string())).collect()
    };
    let expected = scopes(&all[0]);
    for name in ["uv-0.4.lock", "poetry.lock", "pdm.lock"] {
        let lock = all.iter().find(|lock| lock.name == name).unwrap();
        for (pin, scope) in scopes(lock) {
            // PDM does not tell an extra from a group.
            let is_same = |known: &String| {
                let name = scope.strip_prefix("extra or ").unwrap_or(&scope);
                let (_, name) = name.split_once(' ').unwrap_or(("", name));
                known.ends_with(name)
            };
            assert!(
                expected.get(&pin).is_none_or(is_same),
                "{} {pin} {scope}",
                lock.name
            );
        }
    }
}

/// The tools of today do not export these; the ones that wrote them did.
#[test]
fn old_locks_are_read_as_their_tools_exported_them() {
    let pins = |manifest: &Manifest| -> BTreeSet<String> {
        let all = manifest.requirements.iter();
        all.map(|one| format!("{} {}", one.name.as_ref().unwrap(), one.pin().unwrap()))
            .collect()
    };
    let read = |text: &str| pins(&requirements_txt::parse(text, &|_| None));
    let all = locks();
    let of = |name| pins(&all.iter().find(|lock| lock.name == name).unwrap().manifest);
    let exported = read(include_str!("large/poetry-1.4.export.txt"));
    assert_eq!(of("poetry-1.4.lock"), exported);
    // PDM 2.0 exported for the machine that it ran on.
    let exported = read(include_str!("large/pdm-2.0.export.txt"));
    let lock = of("pdm-2.0.lock");
    assert!(exported.is_subset(&lock));
    let elsewhere: Vec<_> = lock.difference(&exported).collect();
    assert_eq!(elsewhere, EVERYWHERE[..4].iter().collect::<Vec<_>>());
}

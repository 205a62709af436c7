//! File names and compatibility tags, compared with `packaging`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the oracle is a Python process, and a test; the crate under test stays pure"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use pinproof_core::filename::{self, DistributionKind, WheelFilename};
use pinproof_core::tags::TagSet;
use pinproof_core::{Environment, Platform, PythonVersion};

/// The ceilings of glibc, musl and macOS that `pinproof_core::tags` documents.
const CEILINGS: [&str; 3] = ["39", "2", "15"];

#[test]
fn agrees_with_packaging() {
    let Some(python) = support::oracle_python(&["packaging==26.3"]) else {
        return;
    };
    let records = ask(&python);
    let environments = environments();
    let mut differences = Vec::new();
    let mut counts = BTreeMap::new();
    for record in records.lines() {
        let fields: Vec<&str> = record.split('\t').collect();
        let (ours, theirs) = match *fields.as_slice() {
            ["wheel", filename, ref parts @ ..] => (wheel(filename), parts.join(" | ")),
            ["sdist", filename, project, version] => (sdist(filename, project), version.to_owned()),
            ["order", environment, tags] => (
                in_our_order(&environments, environment, tags),
                tags.to_owned(),
            ),
            ["tags", tags, accepting] => (accepted_by(&environments, tags), accepting.to_owned()),
            _ => panic!("unknown record: {record}"),
        };
        *counts.entry(fields[0]).or_insert(0) += 1;
        if ours != theirs {
            differences.push(format!(
                "{}\n  ours:   {ours}\n  theirs: {theirs}",
                fields[..2].join(" ")
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        first(&differences)
    );
    for (kind, at_least) in [
        ("wheel", 2_000),
        ("sdist", 500),
        ("order", 48),
        ("tags", 20_000),
    ] {
        assert!(
            counts.get(kind).is_some_and(|count| *count >= at_least),
            "{kind}: {counts:?}"
        );
    }
}

/// What the script next to this file prints.
fn ask(python: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tags_oracle.py");
    let output = Command::new(python)
        .arg(script)
        .args(CEILINGS)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn environments() -> Vec<(String, TagSet)> {
    let mut environments = Vec::new();
    for platform in Platform::ALL {
        for minor in 9..=14 {
            let python: PythonVersion = format!("3.{minor}").parse().unwrap();
            let tags = TagSet::of(&Environment::of_target(python, platform));
            environments.push((format!("{platform}/3.{minor}"), tags));
        }
    }
    environments
}

/// The parts of a wheel's name as the script writes them; `-` for what is no wheel.
fn wheel(filename: &str) -> String {
    let Some(wheel) = WheelFilename::parse(filename) else {
        return "-".to_owned();
    };
    let build = wheel.build().map(without_leading_zeros).unwrap_or_default();
    let sets = [
        sorted(wheel.interpreters()),
        sorted(wheel.abis()),
        sorted(wheel.platforms()),
    ];
    format!(
        "{} | {} | {build} | {}",
        wheel.name(),
        wheel.version(),
        sets.join(" | ")
    )
}

/// `packaging` gives the build number as an integer.
fn without_leading_zeros(build: &str) -> String {
    let digits = build.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = build.split_at(digits);
    let number = number.trim_start_matches('0');
    format!("{}{suffix}", if number.is_empty() { "0" } else { number })
}

fn sorted<'a>(tags: impl Iterator<Item = &'a str>) -> String {
    let mut tags: Vec<&str> = tags.collect();
    tags.sort_unstable();
    tags.dedup();
    tags.join(".")
}

/// The version of a source distribution of `project`; `-` for what is none.
fn sdist(filename: &str, project: &str) -> String {
    filename::parse(filename, &project.parse().unwrap())
        .filter(|file| file.kind == DistributionKind::Sdist)
        .map_or("-".to_owned(), |file| file.version.to_string())
}

/// The environments that accept a wheel with these tags.
fn accepted_by(environments: &[(String, TagSet)], tags: &str) -> String {
    let wheel = WheelFilename::parse(&format!("foo-1.0-{tags}.whl")).unwrap();
    let accepting = environments.iter().filter(|(_, tags)| tags.accepts(&wheel));
    let keys: Vec<&str> = accepting.map(|(key, _)| key.as_str()).collect();
    keys.join(" ")
}

/// Tags that an environment accepts, the best first.
fn in_our_order(environments: &[(String, TagSet)], environment: &str, tags: &str) -> String {
    let (_, set) = environments
        .iter()
        .find(|(key, _)| key == environment)
        .unwrap();
    let mut ranked: Vec<_> = tags
        .split(' ')
        .map(|tags| {
            let wheel = WheelFilename::parse(&format!("foo-1.0-{tags}.whl")).unwrap();
            (set.rank(&wheel).unwrap(), tags)
        })
        .collect();
    ranked.sort_unstable();
    let tags: Vec<&str> = ranked.into_iter().map(|(_, tags)| tags).collect();
    tags.join(" ")
}

fn first(differences: &[String]) -> String {
    differences
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

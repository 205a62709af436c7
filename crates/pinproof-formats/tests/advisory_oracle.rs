//! Real advisories against an independent computation with `packaging`: every boundary of every record,
//! from both sides. Rows that are open to argument are counted and argued in `ambiguous.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools, and stop where they fail"
)]

mod oracle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::advisory::{Match, classes};
use pinproof_core::{Advisory, ProjectName, Version};
use pinproof_formats::osv::{self, Record};
use pinproof_formats::requirements_txt::parse;
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("advisory_oracle/table.py");
const ARGUED: &str = include_str!("advisory_oracle/ambiguous.md");

/// The records of the export are judged at the end of its day.
const AT: &str = "2024-10-11T23:59:59Z";

fn export() -> Option<PathBuf> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/osv-pypi-2024-10.zip");
    if path.exists() {
        return Some(path);
    }
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "{} is missing", path.display());
    eprintln!("SKIPPED: {} is missing", path.display());
    None
}

#[test]
fn agrees_with_packaging_about_every_boundary() {
    let Some((zip, environment)) = export().zip(oracle::environment()) else {
        return;
    };
    let table = oracle::ask(&environment, SCRIPT, &json!({"zip": zip, "at": AT}));
    let mut compared = Compared::default();
    let mut projects: BTreeMap<ProjectName, Vec<Advisory>> = BTreeMap::new();
    for entry in table["records"].as_array().unwrap() {
        let record = osv::parse(entry["text"].as_str().unwrap().as_bytes());
        assert_eq!(record.not_understood, [], "{:?}", record.id);
        for row in entry["rows"].as_array().unwrap() {
            compared.compare(&record, row);
        }
        for (name, advisory) in record.advisories {
            projects.entry(name).or_default().push(advisory);
        }
    }
    let Compared {
        rows,
        kinds,
        differences,
    } = compared;
    let first: Vec<_> = differences.iter().take(20).collect();
    assert!(
        differences.is_empty(),
        "{} differences in {rows} rows: {first:#?}",
        differences.len()
    );
    assert!(rows > 100_000, "{rows} rows");
    assert_eq!(
        kinds,
        argued(),
        "the table in ambiguous.md says something else"
    );
    assert_eq!(json!(ids_in_classes(&projects)), table["classes"]);
    assert_eq!(
        about_the_lock(&projects),
        (56, 27),
        "as the README of the lock says"
    );
}

/// How many records are about pins of `examples/lock-of-2023`, and about how many of these.
fn about_the_lock(projects: &BTreeMap<ProjectName, Vec<Advisory>>) -> (usize, usize) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/lock-of-2023/requirements.txt");
    let lock = parse(&std::fs::read_to_string(path).unwrap(), &|_| None);
    let time: Timestamp = AT.parse().unwrap();
    let counts = lock.requirements.iter().filter_map(|requirement| {
        let pin = requirement.pin()?;
        let advisories = projects.get(requirement.name.as_ref()?)?.iter();
        let about = advisories.filter(|advisory| {
            advisory.is_in_force(time) && matches!(advisory.affects(pin), Match::Yes(_))
        });
        Some(about.count()).filter(|count| *count > 0)
    });
    let counts: Vec<usize> = counts.collect();
    (counts.iter().sum(), counts.len())
}

/// What `ambiguous.md` counts, by its own table.
fn argued() -> BTreeMap<String, usize> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let (kind, count) = (cells.next()?, cells.next()?);
        Some((kind.to_owned(), count.replace(',', "").parse().ok()?))
    };
    ARGUED.lines().filter_map(row).collect()
}

fn ids_in_classes(projects: &BTreeMap<ProjectName, Vec<Advisory>>) -> Vec<(&str, Vec<Vec<&str>>)> {
    let mut named = Vec::new();
    for (name, advisories) in projects {
        let all: Vec<_> = advisories.iter().collect();
        let mut found: Vec<Vec<&str>> = classes(&all)
            .into_iter()
            .map(|class| {
                let mut ids: Vec<_> = class.into_iter().map(|at| all[at].id.as_str()).collect();
                ids.sort_unstable();
                ids
            })
            .collect();
        found.sort();
        named.push((name.as_str(), found));
    }
    named
}

#[derive(Default)]
struct Compared {
    rows: usize,
    kinds: BTreeMap<String, usize>,
    differences: Vec<String>,
}

impl Compared {
    fn compare(&mut self, record: &Record, row: &Value) {
        let text = |at: usize| row[at].as_str();
        let (name, version) = (text(0).unwrap(), text(1).unwrap());
        let time: Timestamp = text(2).unwrap_or(AT).parse().unwrap();
        let expected = (text(3).unwrap(), text(4).map(|fix| fix.parse().unwrap()));
        self.rows += 1;
        if let Some(kind) = text(5) {
            *self.kinds.entry(kind.to_owned()).or_default() += 1;
        }
        let ours = answer(record, name, version, time);
        if ours != expected {
            let id = record.id.clone().unwrap_or_default();
            self.differences
                .push(format!("{id} {row}: ours is {ours:?}"));
        }
    }
}

/// Whether `record` is about a version of a project at `time`, and its fix.
fn answer(
    record: &Record,
    name: &str,
    version: &str,
    time: Timestamp,
) -> (&'static str, Option<Version>) {
    let name: ProjectName = name.parse().unwrap();
    let mut about = record
        .advisories
        .iter()
        .filter(|(project, _)| *project == name);
    let Some((_, advisory)) = about.next() else {
        return ("no", None);
    };
    if !advisory.is_in_force(time) {
        return ("no", None);
    }
    let parsed = version.parse::<Version>();
    let found = match &parsed {
        Ok(version) => advisory.affects(version),
        Err(_) => advisory.affects_text(version),
    };
    match found {
        Match::No => ("no", None),
        Match::Possibly(_) => ("possibly", None),
        Match::Yes(_) => {
            let fix = parsed
                .ok()
                .and_then(|version| advisory.fix_for(&version).cloned());
            ("yes", fix)
        }
    }
}

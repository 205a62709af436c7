//! The records in `osv_records`, and what `osv_records.txt` says that each gives; the real ones in
//! `examples/advisories` are read to the end.
//!
//! A line of the table is a file, versions to ask about, and the answer. `1.0+2.0` is affected and fixed
//! in 2.0; `-` is not affected and `?` possibly. What is not understood comes after `!`, with the
//! projects that it may be about.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests read files, and stop where they fail"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::advisory::{Kind, Match, classes, worst};
use pinproof_core::{Advisory, Version};
use pinproof_formats::osv::{self, Record};

const TABLE: &str = include_str!("osv_records.txt");

/// The time of the table.
const AT: &str = "2024-10-11T00:00:00Z";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/osv_records")
}

fn read(path: &Path) -> Record {
    let bytes = std::fs::read(path).unwrap();
    if path
        .extension()
        .is_some_and(|extension| extension == "yaml")
    {
        osv::parse_yaml(&bytes)
    } else {
        osv::parse(&bytes)
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn each_gives_what_the_table_says() {
    let mut probes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in TABLE.lines() {
        let mut cells = line.split(" | ");
        let (file, versions) = (cells.next().unwrap().trim(), cells.next().unwrap());
        probes.insert(file, versions.split_whitespace().collect());
    }
    let mut table = String::new();
    for path in files(&folder()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let versions = probes.get(name).cloned().unwrap_or_default();
        let shown = shown(&read(&path), &versions);
        let versions = versions.join(" ");
        writeln!(table, "{name:<32} | {versions} | {shown}").unwrap();
    }
    assert!(table.lines().count() >= 80, "records are missing");
    assert!(table == TABLE, "the table is now:\n{table}");
}

fn shown(record: &Record, versions: &[&str]) -> String {
    let time: Timestamp = AT.parse().unwrap();
    let mut parts = Vec::new();
    for (name, advisory) in &record.advisories {
        let mut part = format!("{name}:");
        if advisory.kind == Kind::Malware {
            part += " malware";
        }
        match worst([advisory]) {
            Some((severity, rating, _)) => write!(part, " {severity} by {}", rating.kind).unwrap(),
            None => part += " unknown",
        }
        if !advisory.is_in_force(time) {
            part += " (not in force)";
        }
        for version in versions {
            write!(part, " {version}{}", answer(advisory, version)).unwrap();
        }
        parts.push(part);
    }
    if record.elsewhere > 0 {
        parts.push(format!("{} elsewhere", record.elsewhere));
    }
    for entry in &record.not_understood {
        let projects: Vec<_> = entry.projects.iter().map(ToString::to_string).collect();
        parts.push(format!("! {} ({})", entry.problem, projects.join(" ")));
    }
    parts.join("; ")
}

fn answer(advisory: &Advisory, version: &str) -> String {
    let parsed = version.parse::<Version>();
    let found = match &parsed {
        Ok(version) => advisory.affects(version),
        Err(_) => advisory.affects_text(version),
    };
    match found {
        Match::Yes(_) => {
            let fix = parsed
                .ok()
                .and_then(|version| advisory.fix_for(&version).cloned());
            format!("+{}", fix.map(|fix| fix.to_string()).unwrap_or_default())
        }
        Match::Possibly(_) => "?".to_owned(),
        Match::No => "-".to_owned(),
    }
}

#[test]
fn the_aliases_of_four_records_make_two_classes() {
    let names = [
        "alias-a.json",
        "alias-b.json",
        "alias-c.json",
        "alias-d.json",
    ];
    let records = names.map(|name| read(&folder().join(name)));
    let advisories: Vec<_> = records
        .iter()
        .map(|record| &record.advisories[0].1)
        .collect();
    assert_eq!(classes(&advisories), [vec![0, 1, 2], vec![3]]);
}

#[test]
fn the_examples_are_read_to_the_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/advisories");
    let mut count = 0;
    for path in files(&folder) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let record = read(&path);
        assert_eq!(record.not_understood, [], "{}", path.display());
        let id = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(record.id.unwrap().as_str(), id);
        assert!(record.modified.is_some(), "{id}");
        let [(_, advisory)] = record.advisories.as_slice() else {
            panic!("{id} is about several projects");
        };
        assert!(
            advisory
                .affected
                .iter()
                .all(|affected| affected.undecidable().is_none()),
            "{id}"
        );
        assert!(!advisory.summary.is_empty(), "{id}");
        count += 1;
    }
    assert!(count >= 12, "{count} examples");
}

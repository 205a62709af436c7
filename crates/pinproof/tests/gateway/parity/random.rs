//! Worlds of dice: each seed is one.

use serde_json::{Value, json};

use super::fixture::{File, Fixture};
use super::worlds::{POLICIES, wheel};
use crate::dice::Dice;
use crate::support::{Offered, Wheel, record, record_of_all};

const NAMES: &[&str] = &[
    "young",
    "late",
    "wicked",
    "built",
    "quarantined",
    "reqeusts",
    "six",
    "numpyy",
];
const VERSIONS: &[&str] = &["0.1", "1.0", "1.0.post1", "2.0rc1", "2.0", "2.1", "10.0"];
const TIMES: &[&str] = &[
    "",
    "2019-01-01T00:00:00Z",
    "2026-08-01T00:00:00Z",
    "2026-10-14T00:00:00Z",
    "2026-10-25T00:00:01Z",
    "2026-10-25T00:00:00Z",
    "2026-10-31T23:59:59Z",
    "2027-01-01T00:00:00Z",
];
const TAGS: &[&str] = &[
    "py3-none-any",
    "py2-none-any",
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp313-cp313-win_amd64",
];

const REASONS: &[&str] = &["", "broken", "see <https://x.example/?a=1&b=2>"];

fn one(all: &[&'static str], dice: &mut Dice) -> &'static str {
    all[dice.below(all.len())]
}

/// The world of a seed.
pub(super) fn world(seed: u64) -> Fixture {
    let mut dice = Dice::new(seed);
    let mut files = Vec::new();
    for &name in NAMES {
        if dice.percent(60) {
            files.extend(project(name, &mut dice));
        }
    }
    if files.is_empty() {
        files.push(wheel("1.0", &Wheel::new("six", "1.0")));
    }
    let policy = dice.of(&POLICIES);
    let records = NAMES
        .iter()
        .enumerate()
        .filter_map(|(at, name)| advisory(at, name, &mut dice));
    let records: Vec<Value> = records.collect();
    Fixture {
        records,
        ..Fixture::new(&format!("seed {seed}, {policy:?}"), policy, files)
    }
}

fn project(name: &str, dice: &mut Dice) -> Vec<File> {
    let status = dice.of(&[
        None,
        None,
        None,
        Some("archived"),
        Some("quarantined"),
        Some("deprecated"),
    ]);
    let mut files = Vec::new();
    for &version in VERSIONS {
        if !dice.percent(40) {
            continue;
        }
        for &tag in TAGS {
            if dice.percent(40) {
                files.push(a_wheel((name, version, tag), dice));
            }
        }
        if dice.percent(30) {
            let mut offered = Offered::sdist(name, version, &[]);
            one(TIMES, dice).clone_into(&mut offered.uploaded);
            files.push(File {
                version: version.to_owned(),
                offered,
            });
        }
    }
    for file in &mut files {
        file.offered.status = *status;
    }
    files
}

fn a_wheel((name, version, tag): (&str, &str, &str), dice: &mut Dice) -> File {
    let mut made = Wheel::new(name, version)
        .tag(tag)
        .uploaded(one(TIMES, dice));
    if dice.percent(15) {
        made = made.yanked(one(REASONS, dice));
    }
    let mut file = wheel(version, &made);
    if dice.percent(10) {
        let sha256 = file.offered.sha256();
        file.offered.hashes = Some(json!({"md5": "0".repeat(32), "sha256": sha256}));
    }
    file
}

fn advisory(at: usize, name: &str, dice: &mut Dice) -> Option<Value> {
    let kind = *dice.of(&["PYSEC", "PYSEC", "MAL"]);
    let id = format!("{kind}-2020-{at}");
    let severity = *dice.of(&["LOW", "MODERATE", "CRITICAL"]);
    let mut record = match dice.below(4) {
        0 => record(&id, name, one(VERSIONS, dice)),
        1 => record_of_all(&id, name),
        _ => return None,
    };
    record["database_specific"] = json!({"severity": severity});
    Some(record)
}

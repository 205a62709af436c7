//! How fast a gateway decides about files it knows: one large page, and a million files after a change of policy.
//!
//! ```text
//! cargo bench -p pinproof-engine --bench judge [-- FILES]
//! ```
//!
//! Every rule of the default preset is asked, with advisories about every project. Fails if a million files take more than
//! 10 seconds of CPU time (of the clock, where the system does not tell it): 100,000 a second on one core.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use pinproof_core::{Admission, Answer, IndexUrl, ProjectFacts, ProjectName};
use pinproof_engine::Settings;
use pinproof_engine::admit::{Gate, RawPage, Revision};
use pinproof_engine::advisories::{Places, build};
use pinproof_engine::config::Config;
use pinproof_engine::gather::Silent;
use pinproof_engine::settings::ScopeChoice;
use pinproof_engine::sources::{ClientSettings, Index};

const LONGEST: f64 = 10.0;
const FILES: usize = 1_000_000;
/// Releases of a large page, and of one of the projects.
const LARGE: usize = 2_150;
const USUAL: usize = 50;

#[expect(clippy::print_stdout, reason = "it is what a benchmark is for")]
fn say(what: &str, value: f64, unit: &str) {
    println!("{what:<56} {value:>12.1} {unit}");
}

fn main() -> ExitCode {
    let files = std::env::args().find_map(|word| word.parse().ok());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let now = Timestamp::now();
    let gate = gate(folder.path(), now);

    let page = page("large", LARGE, now);
    let facts = timed("a page of 4,300 files is read", 20, || {
        read(&gate, "large", &page, now)
    });
    timed("every file of it is decided", 20, || {
        gate.judge(facts.clone(), None, now)
    });
    if again(&gate, files.unwrap_or(FILES), now) > LONGEST {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn timed<T>(what: &str, times: u32, mut work: impl FnMut() -> T) -> T {
    let before = seconds();
    for _ in 1..times {
        work();
    }
    let last = work();
    say(what, (seconds() - before) * 1e3 / f64::from(times), "ms");
    last
}

/// Seconds for so many files of projects of a hundred files each.
fn again(gate: &Gate, files: usize, now: Timestamp) -> f64 {
    let names = (0..100).map(|number| format!("project-{number}"));
    let known: Vec<ProjectFacts> = names
        .map(|name| read(gate, &name, &page(&name, USUAL, now), now))
        .collect();
    let (mut decided, mut refused) = (0, 0);
    let mut took = 0.0;
    for turn in 0.. {
        if decided >= files {
            break;
        }
        let facts = known[turn % known.len()].clone();
        let before = seconds();
        let page = gate.judge(facts, None, now);
        took += seconds() - before;
        let is_refused = |file: &&pinproof_engine::admit::AdmittedFile| {
            file.verdict.admission == Admission::Refused
        };
        refused += page.files.iter().filter(is_refused).count();
        decided += page.files.len();
    }
    assert!(refused * 2 >= decided, "source distributions are refused");
    say(
        &format!("{decided} files are decided again, CPU time"),
        took,
        "s",
    );
    #[expect(clippy::cast_precision_loss, reason = "a million is far below")]
    say("decisions of one core", decided as f64 / took, "/s");
    took
}

fn gate(folder: &Path, now: Timestamp) -> Gate {
    let settings = Settings {
        base: folder.to_owned(),
        paths: Vec::new(),
        environments: Vec::new(),
        config: Config::default(),
        config_folder: None,
        config_source: None,
        environment: BTreeMap::new(),
        scope: ScopeChoice::default(),
        python: None,
        platform: None,
        index_url: Some(address()),
        lists_releases: false,
        now,
    };
    let places = Places {
        database: Some(advisories(folder, now)),
        ..Places::default()
    };
    Gate::new(settings, ClientSettings::default(), places)
}

/// Records about every project here, of which the last is not fixed.
fn advisories(folder: &Path, now: Timestamp) -> PathBuf {
    let records = folder.join("records");
    std::fs::create_dir(&records).expect("a folder");
    for (number, fixed) in ["1.0.5", "1.0.9", "1.1.3", "1.2.0", "1.4.2"]
        .iter()
        .enumerate()
    {
        let names = (0..100)
            .map(|number| format!("project-{number}"))
            .chain(["large".to_owned()]);
        let affected = names.map(|name| {
            format!(
                r#"{{"package": {{"ecosystem": "PyPI", "name": "{name}"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}]}}"#
            )
        });
        let affected: Vec<String> = affected.collect();
        let id = format!("PYSEC-0000-{number}");
        let record = format!(
            r#"{{"id": "{id}", "modified": "{now}", "summary": "A flaw", "affected": [{}]}}"#,
            affected.join(", ")
        );
        std::fs::write(records.join(format!("{id}.json")), record).expect("a file");
    }
    let database = folder.join("advisories.db");
    build(&[records], &database, &Silent).expect("a database");
    database
}

fn address() -> IndexUrl {
    IndexUrl::parse("https://index.example/simple/").expect("an address")
}

/// A page as PyPI writes it: a wheel and a source distribution for each release, the newest of them young.
fn page(name: &str, releases: usize, now: Timestamp) -> RawPage {
    let mut files = String::new();
    for number in 0..releases {
        let age = SignedDuration::from_hours(24 * i64::try_from(releases - number).expect("a few"));
        let time = now - age;
        let module = name.replace('-', "_");
        for end in ["-py3-none-any.whl", ".tar.gz"] {
            let filename = format!("{module}-1.{}.{}{end}", number / 10, number % 10);
            let comma = if files.is_empty() { "" } else { ", " };
            let is_yanked = number % 20 == 3;
            let _ = write!(
                files,
                r#"{comma}{{"filename": "{filename}", "hashes": {{"sha256": "{number:064x}"}}, "requires-python": ">=3.8", "size": {}, "upload-time": "{time}", "url": "https://files.example/packages/{filename}", "yanked": {is_yanked}, "core-metadata": false}}"#,
                10_000 + number
            );
        }
    }
    let body =
        format!(r#"{{"meta": {{"api-version": "1.4"}}, "name": "{name}", "files": [{files}]}}"#);
    RawPage {
        url: format!("https://index.example/simple/{name}/"),
        content_type: Some("application/vnd.pypi.simple.v1+json".to_owned()),
        body: body.into_bytes(),
        revision: Revision::default(),
    }
}

fn read(gate: &Gate, name: &str, page: &RawPage, now: Timestamp) -> ProjectFacts {
    let index = Index {
        name: "index".to_owned(),
        url: address(),
    };
    let project: ProjectName = name.parse().expect("a name");
    match gate.read(&index, &project, (page, now)) {
        Answer::Known(facts) => facts,
        other => panic!("{other:?}"),
    }
}

/// The CPU time of this process so far, where Linux tells it; the time otherwise.
fn seconds() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let cpu = || {
        let stat = std::fs::read_to_string("/proc/self/schedstat").ok()?;
        let nanoseconds: f64 = stat.split(' ').next()?.parse().ok()?;
        Some(nanoseconds / 1e9)
    };
    cpu().unwrap_or_else(|| START.elapsed().as_secs_f64())
}

//! How long a million stored files take to be decided again after a change of policy.
//!
//! ```text
//! cargo bench -p pinproof-server --bench replay [-- [FILES] [DATA]]
//! ```
//!
//! Makes a store of pages with 100 files each, as an index answers them, and decides about every file by two policies:
//! the preset, and one with a longer cooldown and a freeze. With DATA the store is kept in that folder, and not made again
//! where it is there. Fails above 10 seconds of the clock, or 20 of CPU time where others use the processors, for each
//! million of files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use pinproof_engine::admit::Gate;
use pinproof_engine::advisories::Places;
use pinproof_engine::gather::Silent;
use pinproof_engine::settings::ScopeChoice;
use pinproof_engine::sources::ClientSettings;
use pinproof_engine::{Settings, advisories, config_file};
use pinproof_server::replay::{Report, Request, What, replay};
use pinproof_server::store::Store as _;
use pinproof_server::store::local::LocalStore;
use pinproof_server::store::records::{Listed, Page, Sighting, Visit};
use pinproof_server::store::words::Sha256;

const FILES: u32 = 1_000_000;
const RELEASES: u32 = 25;
const WHEELS: [&str; 4] = [
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp313-cp313-manylinux_2_17_x86_64",
    "cp313-cp313-macosx_11_0_arm64",
    "cp313-cp313-win_amd64",
];
const LONGEST: f64 = 10.0;
const RECORD: &str = r#"{"id": "PYSEC-2020-1", "modified": "2026-10-01T00:00:00Z", "affected": [
    {"package": {"ecosystem": "PyPI", "name": "nobody"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}"#;

#[expect(clippy::print_stdout, reason = "it is what a benchmark is for")]
fn say(what: &str, value: f64, unit: &str) {
    println!("{what:<48} {value:>12.2} {unit}");
}

/// There are no more than a few millions.
fn number(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::NAN, f64::from)
}

fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().expect("a time")
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let files = words
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(FILES);
    let named = words
        .iter()
        .find(|word| word.starts_with('/') || word.starts_with('.'));
    let own = tempfile::tempdir().expect("a temporary folder");
    let data = named.map_or_else(|| own.path().join("data"), PathBuf::from);
    if !data.join("store.sqlite3").is_file() {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let start = Instant::now();
        runtime.block_on(make(&data, files));
        say(
            "seconds to make the store",
            start.elapsed().as_secs_f64(),
            "s",
        );
    }
    let current = gate(own.path(), "");
    let other = "freeze = 2026-09-01\n[rules.recent-release]\ncooldown = \"60 days\"\n";
    let other = gate(own.path(), other);
    forget_peak();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let report = replay(&Request {
        data: &data,
        current: &current,
        other: &other,
        what: What::Everything,
        now: now(),
        workers: 2,
    });
    let report = report.expect("a report");
    let clock = start.elapsed().as_secs_f64();
    let cpu = cpu.zip(cpu_seconds()).map(|(before, after)| after - before);
    show(&report, clock, cpu);
    let millions = number(report.files) / 1e6;
    let is_fast =
        clock <= LONGEST * millions || cpu.is_some_and(|cpu| cpu <= 2.0 * LONGEST * millions);
    if report.open.files > 0 || report.refused.files == 0 || !is_fast {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn show(report: &Report, clock: f64, cpu: Option<f64>) {
    say(
        "files decided again by two policies",
        number(report.files),
        "",
    );
    say("newly refused", number(report.refused.files), "");
    say("seconds", clock, "s");
    if let Some(cpu) = cpu {
        say("CPU time", cpu, "s");
    }
    if let Some(peak) = peak_mebibytes() {
        say("most memory while deciding", peak, "MiB");
    }
}

/// A gate with this policy, and advisories that speak of nobody.
fn gate(folder: &Path, policy: &str) -> Gate {
    let digest = Sha256::of(policy.as_bytes()).to_string();
    let path = folder.join(digest).with_extension("toml");
    std::fs::write(&path, policy).expect("a policy");
    let found = config_file::read(&path, folder)
        .expect("a policy")
        .expect("a policy");
    let (record, database) = (folder.join("record.json"), folder.join("quiet.db"));
    std::fs::write(&record, RECORD).expect("a record");
    if !database.is_file() {
        advisories::build(&[record], &database, &Silent).expect("a database");
    }
    let settings = Settings {
        base: folder.to_owned(),
        paths: Vec::new(),
        environments: Vec::new(),
        config: found.config,
        config_folder: Some(folder.to_owned()),
        config_source: None,
        environment: std::collections::BTreeMap::new(),
        scope: ScopeChoice::default(),
        python: None,
        platform: None,
        index_url: None,
        lists_releases: false,
        now: now(),
    };
    let places = Places {
        cache_dir: None,
        database: Some(database),
        config_folder: None,
        online: false,
        is_replay: true,
    };
    let client = ClientSettings {
        offline: true,
        now: now(),
        ..ClientSettings::default()
    };
    Gate::new(settings, client, places)
}

/// Pages of 100 files, recorded as the gateway does it.
async fn make(data: &Path, files: u32) {
    const AT_ONCE: u32 = 64;
    let store = std::sync::Arc::new(LocalStore::open(data).expect("a store"));
    let of_page = RELEASES * u32::try_from(WHEELS.len()).expect("a few");
    let projects: Vec<u32> = (0..files / of_page).collect();
    for some in projects.chunks(AT_ONCE as usize) {
        let tasks = some.iter().map(|project| {
            let (store, project) = (std::sync::Arc::clone(&store), *project);
            tokio::spawn(async move { store.record_page(visit(project)).await })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("no panic").expect("it is kept");
        }
    }
}

fn visit(project: u32) -> Visit {
    let name = format!("project-{project}");
    let (mut listed, mut entries) = (Vec::new(), Vec::new());
    for release in 0..RELEASES {
        for tag in WHEELS {
            let filename = format!("project_{project}-1.{release}.0-{tag}.whl");
            let sha256 = Sha256::of(filename.as_bytes());
            let days = i64::from(RELEASES - release) * 23 - i64::from(project % 20);
            let uploaded = now() - SignedDuration::from_hours(24 * days.max(0));
            entries.push(serde_json::json!({
                "core-metadata": {"sha256": sha256.to_string()},
                "data-dist-info-metadata": {"sha256": sha256.to_string()},
                "filename": filename,
                "hashes": {"sha256": sha256.to_string()},
                "provenance": null,
                "requires-python": ">=3.9",
                "size": 1_234_567,
                "upload-time": uploaded.to_string(),
                "url": format!("https://files.example/packages/ab/cd/{sha256}/{filename}"),
                "yanked": false,
            }));
            let filename: pinproof_server::store::words::FileName =
                filename.parse().expect("a name");
            listed.push(Listed {
                filename: filename.clone(),
                version: format!("1.{release}.0").parse().ok(),
                is_yanked: false,
                sighting: Some(Sighting {
                    filename,
                    sha256,
                    size: Some(1_234_567),
                    upload_time: Some(uploaded),
                }),
            });
        }
    }
    let page = serde_json::json!({"meta": {"api-version": "1.4"}, "name": name, "files": entries});
    Visit {
        project: name.parse().expect("a name"),
        upstream: "PyPI".parse().expect("a name"),
        page: Page {
            fetched_at: now(),
            base: format!("https://index.example/simple/{name}/"),
            content_type: "application/vnd.pypi.simple.v1+json".to_owned(),
            etag: None,
            last_modified: None,
            serial: None,
            body: page.to_string().into_bytes(),
        },
        files: listed,
    }
}

/// Seconds of CPU time of this process, where the system tells it in hundredths.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit(')').next()?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// From here on the peak is counted anew, where the system can do that.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_mebibytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

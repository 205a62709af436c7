//! One world, and what the gateway and `check` say of its files.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::gateway::Gateway;
use crate::support::{NOW, Offered, Sandbox, Shelf, record_of, sha256};

/// The rules that speak of a line, a project file or a setting, which a gateway does not have. Every other rule is compared,
/// one that does not exist yet included.
const OF_LINES: [&str; 19] = [
    "direct-url",
    "expired-ignore",
    "hash-mismatch",
    "incomplete-tree",
    "insecure-index",
    "mixed-indexes",
    "name-outside-namespace",
    "skipped-input",
    "stale-lockfile",
    "unchecked-hashes",
    "unhashed-requirement",
    "unknown-project",
    "unknown-release",
    "unlocked-build-requirement",
    "unneeded-pin",
    "unpinned-requirement",
    "unpinned-vcs",
    "unused-ignore",
    "weak-hash",
];

/// Rules that speak of a release to whoever pins one, and of a file to whoever asks for that file: the same finding in other
/// words.
const IN_OTHER_WORDS: [&str; 2] = ["build-required", "release-after-freeze"];

/// Where the two differ on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByDesign {
    /// A wheel that does not fit the environment of `check` is refused there (`build-required`): a build would be needed. A
    /// gateway knows no environment.
    WheelElsewhere,
    /// `check` also says whom the installer of this machine would ask for a bound name. Whoever asks the gateway, asks it.
    AskedElsewhere,
    /// The gateway pins a file without a published SHA-256 by its bytes. In `check`, that the published hash cannot be
    /// compared is an open question of `hash-mismatch`.
    WithoutSha256,
    /// A release counts as withdrawn where all files are that may be taken: in `check` those that the line has hashes of,
    /// in the gateway all. PyPI withdraws whole releases.
    PartlyYanked,
}

/// A world.
pub(super) struct Fixture {
    /// What it is called where something differs.
    pub(super) title: String,
    /// `pinproof.toml`.
    pub(super) config: String,
    /// The time to decide for.
    pub(super) now: String,
    /// The indexes: name and files; one without a name is the only one.
    pub(super) indexes: Vec<(&'static str, Vec<File>)>,
    /// The advisories.
    pub(super) records: Vec<Value>,
}

/// A file and its version.
#[derive(Clone)]
pub(super) struct File {
    pub(super) version: String,
    pub(super) offered: Offered,
}

/// What was compared, and what differs.
pub(super) struct Outcome {
    pub(super) files: usize,
    pub(super) differences: Vec<String>,
}

/// What one of the two says of a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    admission: String,
    /// Level, rule, message, and whether it refuses.
    findings: BTreeSet<(String, String, String, bool)>,
    /// Rules whose question is open.
    open: BTreeSet<String>,
    /// Rules about lines and settings that refuse, too; only `check` has them.
    of_lines: BTreeSet<String>,
}

impl Fixture {
    /// A world of one index, at the time of the tests.
    pub(super) fn new(title: &str, config: &str, files: Vec<File>) -> Self {
        Self {
            title: title.to_owned(),
            config: config.to_owned(),
            now: NOW.to_owned(),
            indexes: vec![("", files)],
            records: Vec::new(),
        }
    }

    fn files(&self) -> impl Iterator<Item = &File> {
        self.indexes.iter().flat_map(|(_, files)| files)
    }

    /// Asks both about every file.
    pub(super) fn compare(&self) -> Outcome {
        let sandbox = Sandbox::new();
        sandbox.write("pinproof.toml", &self.config);
        let shelves: Vec<(&str, Shelf)> = self
            .indexes
            .iter()
            .map(|(name, files)| {
                let offered: Vec<Offered> = files.iter().map(|file| file.offered.clone()).collect();
                (*name, Shelf::with(&offered))
            })
            .collect();
        let mut args = addresses(&shelves);
        // A database that is old is no answer for `check`, while a gateway goes on with what was known last.
        let fresh = record_of("PYSEC-2020-9999", "spoken-of-by-nobody", "2", &self.now);
        let records = [&self.records[..], &[fresh]].concat();
        args.extend(["--db".to_owned(), sandbox.database(&records)]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let gateway = Gateway::start_at(&sandbox, &self.now, &args);
        let report = self.check(&sandbox, &gateway, &args);
        let mut differences = Vec::new();
        for (at, file) in self.files().enumerate() {
            let checked = of_check(&report, &format!("{at}.txt"));
            let page = gateway.page(&file.offered.project);
            let digest = page["_pinproof"]["policy"].as_str().expect("a digest");
            if report["policy_digest"] != format!("sha256:{digest}") {
                differences.push(format!("{}: the policy digests differ", self.title));
            }
            let listed = gateway.listed(&file.offered.project, &file.offered.filename);
            let why = gateway.get(&format!("/why/{}", file.offered.filename), &[]);
            assert_eq!(why.status, 200, "{}", why.text());
            let told = of_gateway(&listed["_pinproof"], &why.text());
            let own = &listed["_pinproof"];
            differences.extend(self.compare_one(file, (checked, told), own));
        }
        Outcome {
            files: self.files().count(),
            differences,
        }
    }

    /// The report on one requirements file for each distribution.
    fn check(&self, sandbox: &Sandbox, gateway: &Gateway, args: &[&str]) -> Value {
        let mut names = Vec::new();
        for (at, file) in self.files().enumerate() {
            let Offered { project, bytes, .. } = &file.offered;
            let line = format!(
                "{project}=={} --hash=sha256:{}\n",
                file.version,
                sha256(bytes)
            );
            names.push(format!("{at}.txt"));
            sandbox.write(&format!("{at}.txt"), line);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let usual = [
            "check",
            "--format",
            "json",
            "--as-of",
            &self.now,
            "--timeout",
            "5",
            "--retries",
            "0",
        ];
        // As on a machine whose installers ask the gateway for every name.
        let machine = [("PIP_INDEX_URL", gateway.simple())];
        let machine = machine
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        sandbox
            .run_with(&[&usual[..], args, &names].concat(), &machine)
            .json()
    }

    fn compare_one(&self, file: &File, (checked, told): (Said, Said), own: &Value) -> Vec<String> {
        let mut differences = Vec::new();
        let mut differ = |what: &str, checked: String, told: String| {
            differences.push(format!(
                "{}: {}: {what}\n  check:   {checked}\n  gateway: {told}",
                self.title, file.offered.filename
            ));
        };
        let by_design = |design| self.designs(file).contains(&design);
        if by_design(ByDesign::WithoutSha256) {
            if told.admission != "admitted" {
                differ("admission", checked.admission, told.admission);
            }
            return differences;
        }
        // What other rules say decides then, and is compared below.
        let is_aside = |rule: &str| {
            (rule == "build-required" && by_design(ByDesign::WheelElsewhere))
                || (rule == "yanked-release" && by_design(ByDesign::PartlyYanked))
                || (rule == "name-outside-namespace" && by_design(ByDesign::AskedElsewhere))
        };
        let refusing = checked.findings.iter().filter(|(.., refuses)| *refuses);
        let refusing: Vec<&str> = refusing
            .map(|(_, rule, ..)| rule)
            .chain(&checked.of_lines)
            .map(String::as_str)
            .collect();
        let is_by_design = !refusing.is_empty() && refusing.iter().all(|rule| is_aside(rule));
        if checked.admission != told.admission && !is_by_design {
            differ(
                "admission",
                checked.admission.clone(),
                told.admission.clone(),
            );
        }
        if let (Some(rule), Some(reason)) = (own["rule"].as_str(), own["reason"].as_str()) {
            let says = |(_, of, message, refuses): &(String, String, String, bool)| {
                let is_said = message == reason || IN_OTHER_WORDS.contains(&rule);
                of == rule && *refuses && is_said
            };
            let is_open = told.admission == "undecided" || checked.open.contains(rule);
            if !is_open && !checked.findings.iter().any(says) {
                differ(
                    "reason",
                    format!("{:?}", checked.findings),
                    format!("{rule}: {reason}"),
                );
            }
        }
        let plain = |said: &Said| -> BTreeSet<_> {
            let findings = said.findings.iter();
            findings
                .filter(|(_, rule, ..)| !is_aside(rule))
                .cloned()
                .map(|(level, rule, message, refuses)| {
                    let is_other = IN_OTHER_WORDS.contains(&rule.as_str());
                    let message = if is_other { String::new() } else { message };
                    (level, rule, message, refuses)
                })
                .collect()
        };
        if plain(&checked) != plain(&told) {
            differ(
                "findings",
                format!("{:?}", plain(&checked)),
                format!("{:?}", plain(&told)),
            );
        }
        if checked.open != told.open {
            differ(
                "open",
                format!("{:?}", checked.open),
                format!("{:?}", told.open),
            );
        }
        differences
    }

    /// In what the two may differ about a file.
    fn designs(&self, file: &File) -> Vec<ByDesign> {
        let mut designs = Vec::new();
        if is_wheel(&file.offered.filename) {
            designs.push(ByDesign::WheelElsewhere);
        }
        if self.indexes.len() > 1 {
            designs.push(ByDesign::AskedElsewhere);
        }
        let hashes = file.offered.hashes.as_ref();
        if hashes.is_some_and(|hashes| hashes.get("sha256").is_none()) {
            designs.push(ByDesign::WithoutSha256);
        }
        let same = |other: &&File| {
            (&other.offered.project, &other.version) == (&file.offered.project, &file.version)
        };
        let yanked = |file: &File| file.offered.yanked.is_some();
        if self
            .files()
            .filter(same)
            .any(|other| yanked(other) != yanked(file))
        {
            designs.push(ByDesign::PartlyYanked);
        }
        designs
    }
}

/// Whether a file is a wheel.
fn is_wheel(filename: &str) -> bool {
    Path::new(filename)
        .extension()
        .is_some_and(|end| end == "whl")
}

/// The options that name the indexes.
fn addresses(shelves: &[(&str, Shelf)]) -> Vec<String> {
    let mut args = Vec::new();
    for (name, shelf) in shelves {
        if name.is_empty() {
            args.extend(["--index-url".to_owned(), shelf.url()]);
        } else {
            args.extend(["--index".to_owned(), format!("{name}={}", shelf.url())]);
        }
    }
    args
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

/// What a report says of a requirements file.
fn of_check(report: &Value, name: &str) -> Said {
    let all = |key: &str| report[key].as_array().expect("a list").clone();
    let is_here = |value: &Value| {
        let places = value["places"].as_array().expect("places");
        places.iter().any(|place| place["file"] == name)
    };
    let is_of_files = |value: &Value| !OF_LINES.contains(&text(&value["rule"]).as_str());
    let decided = all("decisions").into_iter().find(|one| one["file"] == name);
    let findings = all("findings")
        .into_iter()
        .filter(|one| is_here(one) && is_of_files(one));
    let questions = all("questions")
        .into_iter()
        .filter(|one| is_here(one) && is_of_files(one));
    let of_lines = all("findings").into_iter();
    let of_lines =
        of_lines.filter(|one| is_here(one) && !is_of_files(one) && one["refuses"] == true);
    Said {
        admission: decided
            .map_or_else(|| panic!("{name}: {report}"), |one| text(&one["admission"])),
        findings: findings
            .map(|one| {
                let refuses = one["refuses"] == true;
                (
                    text(&one["level"]),
                    text(&one["rule"]),
                    text(&one["message"]),
                    refuses,
                )
            })
            .collect(),
        open: questions.map(|one| text(&one["rule"])).collect(),
        of_lines: of_lines.map(|one| text(&one["rule"])).collect(),
    }
}

/// What the gateway says of a file, on its page and on the page that explains it.
fn of_gateway(own: &Value, why: &str) -> Said {
    let list = why.split("<h2>Findings</h2>").nth(1).unwrap_or("");
    let list = list.split("</ul>").next().unwrap_or("");
    let items = list.split("<li>").skip(1);
    let open = why.split("<p>Open: ").skip(1);
    Said {
        admission: text(&own["admission"]),
        findings: items.map(finding).collect(),
        open: open
            .filter_map(|rest| Some(rest.split_once(": ")?.0.to_owned()))
            .collect(),
        of_lines: BTreeSet::new(),
    }
}

/// `LEVEL <code>RULE</code>: MESSAGE (refuses)<br>NOTE…`
fn finding(item: &str) -> (String, String, String, bool) {
    let item = item.split("</li>").next().unwrap_or("");
    let first = item.split("<br>").next().unwrap_or("");
    let (level, rest) = first.split_once(" <code>").expect("a level");
    let (rule, rest) = rest.split_once("</code>: ").expect("a rule");
    let (message, refuses) = match rest.strip_suffix(" (refuses)") {
        Some(message) => (message, true),
        None => (rest, false),
    };
    (
        level.to_owned(),
        rule.to_owned(),
        unescaped(message),
        refuses,
    )
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

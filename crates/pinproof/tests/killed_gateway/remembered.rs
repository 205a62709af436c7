//! What was answered over all rounds, and that it is still so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pinproof_server::store::Store as _;
use pinproof_server::store::local::LocalStore;
use serde_json::Value;

use crate::gateway::Gateway;
use crate::load::Noted;
use crate::support::{Sandbox, sha256};
use crate::upstream::Upstream;

/// Files whose bytes are asked for again in each round: the newest ones, and some of the others.
const ASKED_AGAIN: usize = 40;

/// What clients were answered.
#[derive(Default)]
pub(crate) struct Remembered {
    /// The hash of each file name, and its project.
    pins: BTreeMap<String, (&'static str, String)>,
    /// Whose bytes were handed out.
    files: BTreeMap<String, String>,
    /// What has to be in the log: name, hash, admission.
    decisions: BTreeSet<(String, String, String)>,
    /// The newest entry after each kill.
    heads: Vec<String>,
    /// How often bytes were handed out, and how often a pin was looked at whose file is replaced upstream.
    handed_out: usize,
    replaced: usize,
}

/// A gateway that has just started has nothing half-written.
pub(crate) fn nothing_waits(sandbox: &Sandbox) {
    let incoming = std::fs::read_dir(sandbox.project().join("data/incoming"));
    assert_eq!(incoming.expect("a folder").count(), 0);
}

impl Remembered {
    /// Takes what the clients of a round noted.
    pub(crate) fn take(&mut self, noted: Vec<Noted>) {
        for one in noted {
            match one {
                Noted::Listed {
                    project,
                    filename,
                    sha256,
                    admission,
                } => {
                    let pin = self.pins.entry(filename.clone());
                    let (_, first) = pin.or_insert_with(|| (project, sha256.clone()));
                    assert_eq!(*first, sha256, "{filename}: its pin changed");
                    if admission != "admitted" {
                        self.decisions.insert((filename, sha256, admission));
                    }
                }
                Noted::Bytes { filename, sha256 } => {
                    self.handed_out += 1;
                    self.decisions.insert((
                        filename.clone(),
                        sha256.clone(),
                        "admitted".to_owned(),
                    ));
                    self.files.insert(filename, sha256);
                }
                Noted::Refused { filename, sha256 } => {
                    self.decisions
                        .insert((filename, sha256, "refused".to_owned()));
                }
            }
        }
    }

    /// Every pin is listed as it was, and the bytes that came once come again, whatever the upstream lists now.
    pub(crate) fn still_answered(&mut self, gateway: &Gateway, upstream: &Upstream) {
        let projects: BTreeSet<&str> = self.pins.values().map(|(project, _)| *project).collect();
        for project in projects {
            let page = gateway.page(project);
            let files = page["files"].as_array().expect("files").iter();
            let files: BTreeMap<&str, &Value> = files
                .map(|file| (file["filename"].as_str().expect("a name"), file))
                .collect();
            let now = upstream.listed(project);
            let pins = self.pins.iter().filter(|(_, (of, _))| *of == project);
            for (filename, (_, pinned)) in pins {
                let file = files.get(filename.as_str());
                let file = file.unwrap_or_else(|| panic!("{filename} is not listed any more"));
                assert_eq!(
                    file["hashes"]["sha256"], **pinned,
                    "{filename}: its pin changed"
                );
                let is_changed = now[filename] != *pinned;
                let said = file["_pinproof"]["changed"] == true;
                assert_eq!(said, is_changed, "{filename}: {file}");
                self.replaced += usize::from(is_changed);
            }
        }
        for (filename, hash) in self.files.iter().rev().take(ASKED_AGAIN) {
            let answer = gateway.get(&format!("/files/{hash}/{filename}"), &[]);
            assert_eq!(answer.status, 200, "{filename}: {}", answer.text());
            assert_eq!(sha256(&answer.body), *hash, "{filename}");
        }
    }

    /// Every file in the folder has the bytes that its name says.
    pub(crate) fn whole_files_only(&self, sandbox: &Sandbox) {
        let shards = std::fs::read_dir(sandbox.project().join("data/files")).expect("a folder");
        let mut stored = BTreeSet::new();
        for shard in shards {
            for file in std::fs::read_dir(shard.expect("a shard").path()).expect("a folder") {
                let path: PathBuf = file.expect("a file").path();
                let hash = sha256(&std::fs::read(&path).expect("bytes"));
                assert_eq!(
                    path.file_name().and_then(|name| name.to_str()),
                    Some(hash.as_str())
                );
                stored.insert(hash);
            }
        }
        let missing = self.files.iter().find(|(_, hash)| !stored.contains(*hash));
        assert_eq!(missing, None, "its bytes were handed out and are gone");
    }

    /// The log is whole up to every head that was noted, and has every decision that somebody was told.
    pub(crate) fn in_the_log(&mut self, sandbox: &Sandbox) {
        let mut verify = vec!["serve", "log", "verify", "--data", "data"];
        for head in self.heads.iter().rev().take(20) {
            verify.extend(["--head", head]);
        }
        let verified = sandbox.run(&verify);
        verified.ends_with(0).says("the log is");
        let head = verified.stdout.split("has the hash ").nth(1);
        self.heads
            .extend(head.map(|rest| rest.trim_end().chars().take(64).collect::<String>()));
        let exported = sandbox.run(&["serve", "log", "export", "--data", "data"]);
        exported.ends_with(0);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let entries = exported.stdout.lines().map(|line| {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let entry = &line["entry"];
            (
                text(&entry["filename"]),
                text(&entry["sha256"]),
                text(&entry["admission"]),
            )
        });
        let logged: BTreeSet<_> = entries.collect();
        let missing: Vec<_> = self.decisions.difference(&logged).collect();
        assert!(missing.is_empty(), "told and not logged: {missing:?}");
    }

    /// Whatever is an incident was listed by the upstream, and is not what was seen first.
    pub(crate) fn no_invented_incident(&self, sandbox: &Sandbox, upstream: &Upstream) {
        let store = LocalStore::open(&sandbox.project().join("data")).expect("a store");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let incidents = runtime
            .block_on(store.incidents(0, 1_000_000))
            .expect("incidents");
        assert!(!incidents.is_empty(), "no file was replaced");
        for incident in incidents {
            let name = incident.seen.filename.as_str();
            let (pinned, seen) = (
                incident.pinned.to_string(),
                incident.seen.sha256.to_string(),
            );
            assert_ne!(pinned, seen, "{name}");
            if let Some((_, known)) = self.pins.get(name) {
                assert_eq!(*known, pinned, "{name}");
            }
            let listed = upstream.ever_listed(name);
            assert!(
                listed.contains(&seen) && listed.contains(&pinned),
                "{name}: {seen}"
            );
        }
    }

    /// What there was to lose.
    pub(crate) fn summary(&self) -> String {
        format!(
            "{} pins, {} files, {} times handed out, {} decisions told, {} looks at a replaced file",
            self.pins.len(),
            self.files.len(),
            self.handed_out,
            self.decisions.len(),
            self.replaced
        )
    }

    /// A gateway that hardly answered before it was killed shows nothing.
    pub(crate) fn is_enough(&self, kills: usize) {
        let is_enough = self.pins.len() >= kills && self.handed_out >= kills;
        let has_all = self.decisions.len() >= kills / 2 && self.replaced > 0;
        assert!(is_enough && has_all, "{}", self.summary());
    }
}

//! What somebody who watches an index remembers, as a world says it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pinproof_core::evidence::Source;
use pinproof_core::project_history::{Absence, ChangedFile, Contradiction};
use pinproof_core::{Hash, HashAlgorithm, ProjectHistory};
use serde::Deserialize;

/// When the first page was seen, where nothing is said.
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// What is remembered of one project.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Remembered {
    known_since: Option<String>,
    upload_times: Option<String>,
    #[serde(default)]
    seen: BTreeMap<String, String>,
    #[serde(default)]
    gone: Vec<Gone>,
    #[serde(default)]
    changed: BTreeMap<String, Changed>,
    #[serde(default)]
    vanished: BTreeMap<String, String>,
    #[serde(default)]
    contradicted: BTreeMap<String, Contradicted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gone {
    since: String,
    last: String,
    back: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    first: String,
    other: String,
    #[serde(default)]
    listed: bool,
    #[serde(default)]
    kept: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contradicted {
    offered: String,
    found: String,
}

impl Remembered {
    /// The same in the words of the core.
    pub(crate) fn history(&self, source: &Source) -> ProjectHistory {
        let since = self.known_since.as_deref().unwrap_or(LONG_AGO);
        let changed = |(name, changed): (&String, &Changed)| {
            let seen = (time(since), source.clone());
            let changed = ChangedFile {
                first: hash(&changed.first),
                first_seen: seen.clone(),
                other: hash(&changed.other),
                other_seen: seen,
                is_listed: changed.listed,
                is_kept: changed.kept,
            };
            (name.clone(), changed)
        };
        let gone = |gone: &Gone| Absence {
            since: time(&gone.since),
            last_confirmed: time(&gone.last),
            until: gone.back.as_deref().map(time),
        };
        let contradicted = |(name, says): (&String, &Contradicted)| {
            let contradiction = Contradiction {
                offered: hash(&says.offered),
                found: hash(&says.found),
            };
            (name.clone(), contradiction)
        };
        let seen = self.seen.iter();
        let vanished = self.vanished.iter();
        ProjectHistory {
            trusts_upload_times: self.upload_times.as_deref() == Some("trusted"),
            later: seen.map(|(name, at)| (name.clone(), time(at))).collect(),
            absences: self.gone.iter().map(gone).collect(),
            changed: self.changed.iter().map(changed).collect(),
            vanished: vanished
                .map(|(version, at)| (version.parse().expect("a version"), time(at)))
                .collect(),
            contradicted: self.contradicted.iter().map(contradicted).collect(),
            ..ProjectHistory::new(source.clone(), time(since))
        }
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn hash(digits: &str) -> Hash {
    Hash::new(HashAlgorithm::Sha256, digits).expect("a hash")
}

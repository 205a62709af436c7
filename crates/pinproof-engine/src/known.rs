//! `--baseline FILE`: the findings that a project has and knows of, in a file of the project.
//!
//! One line for each, sorted and without dates, so that a change is a line in a review. Only findings are
//! known: what stayed open has no answer that could be.

use std::path::Path;

use pinproof_core::{Level, Printable};
use pinproof_policy::{Policy, find_rule, tool};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::base::BaseUse;
use crate::identity::{Counts, Identity, counts, move_known};
use crate::inputs::{normalize, read_bytes, shown_path};
use crate::report::Report;
use crate::settings::Settings;

/// The version of the format.
const VERSION: u64 = 1;

/// The known findings.
#[derive(Clone, Debug)]
pub struct Known {
    path: Printable,
    entries: Counts,
}

/// Why a file of known findings cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KnownError {
    /// It cannot be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// Its path.
        path: Printable,
        /// Why not.
        why: Printable,
    },
    /// It is something else.
    #[error("{path} is no file of known findings: {why}")]
    NotUnderstood {
        /// Its path.
        path: Printable,
        /// What is wrong.
        why: Printable,
    },
    /// A later version of pinproof wrote it.
    #[error("{path} has version {version} of the format, and this is version {VERSION}")]
    LaterVersion {
        /// Its path.
        path: Printable,
        /// Its version.
        version: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u64,
    known: Vec<Entry>,
}

/// A finding, or several that nothing tells apart.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    file: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    project: String,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
    #[serde(default = "once", skip_serializing_if = "is_once")]
    count: usize,
}

fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it out so")]
fn is_once(count: &usize) -> bool {
    *count == 1
}

impl KnownError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable { .. } => Some("`--write-baseline` makes it"),
            Self::NotUnderstood { .. } => {
                Some("remove it and write it again with `--write-baseline`")
            }
            Self::LaterVersion { .. } => None,
        }
    }
}

impl Known {
    /// An empty one, to be written to this path.
    pub fn new(path: &Path, settings: &Settings) -> Self {
        Self {
            path: shown_path(&normalize(path), &settings.base),
            entries: Counts::new(),
        }
    }

    /// Reads the file at this path.
    ///
    /// # Errors
    ///
    /// It cannot be read, is something else, or is of a later version.
    pub fn read(path: &Path, settings: &Settings) -> Result<Self, KnownError> {
        let mut known = Self::new(path, settings);
        let bytes = read_bytes(path).map_err(|why| KnownError::Unreadable {
            path: known.path.clone(),
            why: Printable::from(why),
        })?;
        known.entries = known.parse(&bytes)?;
        Ok(known)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Counts, KnownError> {
        let path = || self.path.clone();
        let not_understood = |error: serde_json::Error| KnownError::NotUnderstood {
            path: path(),
            why: Printable::from(error.to_string()).shortened(300),
        };
        // A later version may look different: its number is read first.
        let whole: Value = serde_json::from_slice(bytes).map_err(not_understood)?;
        let version = whole.get("version").and_then(Value::as_u64);
        if let Some(version) = version.filter(|version| *version > VERSION) {
            return Err(KnownError::LaterVersion {
                path: path(),
                version,
            });
        }
        let file: File = serde_json::from_value(whole).map_err(not_understood)?;
        let mut entries = Counts::new();
        for entry in file.known {
            let count = entry.count;
            let known = entries.entry(entry.into()).or_default();
            *known = usize::saturating_add(*known, count);
        }
        Ok(entries)
    }

    /// The findings of a report, and what is known of files and rules that the report says nothing of.
    #[must_use]
    pub fn renewed(&self, report: &Report, settings: &Settings) -> Self {
        let mut entries = counts(report);
        for (identity, count) in &self.entries {
            if !is_asked(identity, report, settings) {
                entries.insert(identity.clone(), *count);
            }
        }
        Self {
            path: self.path.clone(),
            entries,
        }
    }

    /// The number of known findings.
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The path, as it is shown.
    pub fn path(&self) -> &Printable {
        &self.path
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let entries = self.entries.iter().map(|(identity, count)| {
            let entry = Entry::new(identity, *count);
            // Texts and numbers always serialize.
            serde_json::to_string(&entry).unwrap_or_default()
        });
        let entries: Vec<String> = entries.map(|entry| format!("\n    {entry}")).collect();
        let end = if entries.is_empty() { "" } else { "\n  " };
        format!(
            "{{\n  \"version\": {VERSION},\n  \"known\": [{}{end}]\n}}\n",
            entries.join(",")
        )
    }

    /// Sets apart what is known, and reports the entries whose findings are gone.
    pub fn apply(&self, report: &mut Report, settings: &Settings) {
        let mut left = self.entries.clone();
        move_known(report, &mut left);
        let gone: Vec<Printable> = left
            .iter()
            .filter(|(identity, count)| **count > 0 && is_asked(identity, report, settings))
            .map(|(identity, _)| words(identity))
            .collect();
        let policy = &settings.config.policy;
        report
            .findings
            .extend(tool::of_baseline((policy, settings.now), &self.path, &gone));
        report.base = Some(BaseUse {
            name: self.path.clone(),
            commit: None,
            unread: Vec::new(),
        });
    }
}

/// Whether a report would have the finding if it were there: its rule was asked, and its file judged. A file
/// that is gone has no findings either.
fn is_asked(identity: &Identity, report: &Report, settings: &Settings) -> bool {
    let is_judged = || {
        let file = Printable::new(&identity.file);
        report.source(&file).is_some()
    };
    let is_gone = || {
        let is_path = identity.file.contains('.');
        is_path && !settings.base.join(&identity.file).exists()
    };
    is_asked_rule(&identity.rule, &settings.config.policy) && (is_judged() || is_gone())
}

fn is_asked_rule(name: &str, policy: &Policy) -> bool {
    find_rule(name).is_none_or(|rule| policy.level(rule) != Level::Allow)
}

fn words(identity: &Identity) -> Printable {
    let Identity {
        rule,
        file,
        project,
        ..
    } = identity;
    let about = if project.is_empty() {
        String::new()
    } else {
        format!(" about {project}")
    };
    Printable::from(format!("`{rule}`{about} in {file}")).shortened(300)
}

impl Entry {
    fn new(identity: &Identity, count: usize) -> Self {
        let Identity {
            rule,
            file,
            project,
            key,
            pin,
        } = identity.clone();
        Self {
            rule,
            file,
            project,
            key,
            pin,
            count,
        }
    }
}

impl From<Entry> for Identity {
    fn from(entry: Entry) -> Self {
        Self {
            rule: entry.rule,
            file: entry.file,
            project: entry.project,
            key: entry.key,
            pin: entry.pin,
        }
    }
}

/// The JSON schema of the file.
pub fn schema() -> Value {
    let text = |help: &str| json!({"type": "string", "description": help});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Known findings",
        "description": "What `pinproof check --baseline FILE` knows already; `--write-baseline` writes it.",
        "type": "object",
        "additionalProperties": false,
        "required": ["version", "known"],
        "properties": {
            "version": {"const": VERSION, "description": "The version of this format."},
            "known": {"type": "array", "description": "The known findings.", "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["rule", "file", "key"],
                "properties": {
                    "rule": text("The rule."),
                    "file": text("The file, the environment, or the origin of a setting, as reports show it."),
                    "project": text("The project; left out where the finding speaks of none."),
                    "key": text("What tells the finding from others of the same rule, file and project."),
                    "pin": text("A digest of the pinned text, for rules that speak of exactly what is pinned."),
                    "count": {"type": "integer", "minimum": 0, "description": "How many there are; 1 by default."}
                }
            }}
        }
    })
}

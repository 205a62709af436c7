//! What goes into the store, and what comes out of it. Times are kept to the microsecond.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pinproof_core::{Admission, ProjectName, Version};

use super::words::{FileName, IndexName, Sha256};

/// A file as an upstream shows it at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The name of the file.
    pub filename: FileName,
    /// The hash that the upstream gives, or that its bytes have.
    pub sha256: Sha256,
    /// The size, if it is known.
    pub size: Option<u64>,
    /// When the upstream says that it was uploaded.
    pub upload_time: Option<Timestamp>,
}

/// The first sight of a file, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The project.
    pub project: ProjectName,
    /// What was seen first.
    pub first: Sighting,
    /// Which upstream showed it.
    pub upstream: IndexName,
    /// When.
    pub first_seen: Timestamp,
}

/// What a sighting was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The pin, made now or earlier.
    pub pin: Pin,
    /// Whether the sighting has other bytes than the pin: there is an incident.
    pub is_changed: bool,
}

/// A pinned file, and whether its bytes are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The pin.
    pub pin: Pin,
    /// Whether the pinned bytes are stored.
    pub is_stored: bool,
}

/// Other bytes under a name that is pinned. One record for each hash and upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its number; later ones are larger.
    pub id: u64,
    /// The project.
    pub project: ProjectName,
    /// The hash that counts.
    pub pinned: Sha256,
    /// What was seen instead.
    pub seen: Sighting,
    /// Which upstream showed it.
    pub upstream: IndexName,
    /// When it was seen first.
    pub seen_at: Timestamp,
}

/// A file on a page, for history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name of the file.
    pub filename: FileName,
    /// The release that it belongs to, where its name says so.
    pub version: Option<Version>,
    /// Whether it is withdrawn.
    pub is_yanked: bool,
    /// What to pin, where the page gives a SHA-256 hash.
    pub sighting: Option<Sighting>,
}

/// A page as an upstream answered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// When the upstream answered, or confirmed it last.
    pub fetched_at: Timestamp,
    /// The address that its links are relative to, without credentials.
    pub base: String,
    /// The media type.
    pub content_type: String,
    /// The validator `ETag`.
    pub etag: Option<String>,
    /// The validator `Last-Modified`.
    pub last_modified: Option<String>,
    /// The serial number of the index, if it gives one.
    pub serial: Option<u64>,
    /// The bytes, as answered.
    pub body: Vec<u8>,
}

/// A page that has been fetched, and what was read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The project.
    pub project: ProjectName,
    /// The upstream.
    pub upstream: IndexName,
    /// The page.
    pub page: Page,
    /// The files on it, all of them: what is not among them counts as gone.
    pub files: Vec<Listed>,
}

/// Everything that was ever seen of a project at one upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When the project was there or not there: the first time, and each change since.
    pub presence: Vec<Presence>,
    /// Every file that was ever listed.
    pub files: Vec<PastFile>,
    /// The pins of these files, where they have one.
    pub pins: Vec<Pin>,
    /// Every incident about the project, whichever upstream it was.
    pub incidents: Vec<Incident>,
    /// The digests of the core metadata that was read from these files, where it was.
    pub metadata: BTreeMap<FileName, Sha256>,
    /// The largest serial number that the upstream ever gave, if it gave one.
    pub largest_serial: Option<LargestSerial>,
}

/// The largest serial number of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargestSerial {
    /// The number.
    pub serial: u64,
    /// When a page had it last.
    pub seen_at: Timestamp,
}

/// From when on a project was there, or was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// When it was noticed.
    pub at: Timestamp,
    /// When the upstream last said again that it is not there; for one that was there, when that was noticed.
    pub confirmed_at: Timestamp,
    /// Whether it was there.
    pub is_present: bool,
}

/// A file that was listed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastFile {
    /// The name of the file.
    pub filename: FileName,
    /// The release that it belongs to.
    pub version: Option<Version>,
    /// When it was listed first.
    pub first_seen: Timestamp,
    /// Whether it was listed when the upstream was asked last.
    pub is_listed: bool,
    /// Whether it was withdrawn when it was listed last.
    pub is_yanked: bool,
    /// When it was missing last.
    pub gone_at: Option<Timestamp>,
    /// When it came back last.
    pub returned_at: Option<Timestamp>,
}

/// What a verdict is about: a file under its name, a policy, and the evidence.
///
/// The name belongs to it, because the same bytes may be listed under two names, and only one be refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerdictKey {
    /// The project.
    pub project: ProjectName,
    /// The name of the file.
    pub filename: FileName,
    /// Its bytes.
    pub sha256: Sha256,
    /// The digest of the policy; that of a policy which answers nobody has a mark ([`VerdictKey::shadow`]).
    pub policy: String,
    /// The digest of the evidence.
    pub evidence: String,
}

/// What stands before the digest of a policy that answers nobody.
const SHADOW: &str = "shadow:";

impl VerdictKey {
    /// The policy of a verdict that nobody was answered by.
    pub fn shadow(digest: &str) -> String {
        format!("{SHADOW}{digest}")
    }

    /// Whether nobody was answered by it.
    pub fn is_shadow(&self) -> bool {
        self.policy.starts_with(SHADOW)
    }

    /// The digest of the policy, whatever part it has.
    pub fn policy_digest(&self) -> &str {
        self.policy.strip_prefix(SHADOW).unwrap_or(&self.policy)
    }
}

/// A verdict on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What it is about.
    pub key: VerdictKey,
    /// The upstream that the file is from.
    pub upstream: IndexName,
    /// Whether it may enter.
    pub admission: Admission,
    /// The rule that says so, if one does.
    pub rule: Option<String>,
    /// What the client was told.
    pub reason: Option<String>,
    /// The time that it was decided for.
    pub decided_at: Timestamp,
    /// When the passing of time alone may change it.
    pub next_change_at: Option<Timestamp>,
}

/// The last verdict for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastVerdict {
    /// Whether it may enter.
    pub admission: Admission,
    /// The rule that says so.
    pub rule: Option<String>,
    /// When it was decided first.
    pub decided_at: Timestamp,
    /// When the passing of time alone may change it.
    pub next_change_at: Option<Timestamp>,
    /// How often it was the answer.
    pub times: u64,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is in the log, durably.
    New {
        /// Its place in the chain.
        sequence: u64,
    },
    /// The log has it already; it was counted.
    Repeat,
}

/// How much there is of what somebody keeps an eye on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Incidents, ever.
    pub incidents: u64,
    /// Entries of the log, of all who write it.
    pub log_entries: u64,
    /// Writes that wait for the disk.
    pub waiting: u64,
}

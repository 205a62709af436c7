//! What an index says of a project: facts extracted from one Simple API page (PEP 691, 700, 592, 792).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::environment::PythonVersion;
use crate::evidence::{Answer, Source};
use crate::specifier::Prereleases;
use crate::{Hash, HashAlgorithm, ProjectName, Specifiers, Version};

/// The facts of one project page, with the full facts of the releases that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFacts {
    /// The project.
    pub project: ProjectName,
    /// Who said so.
    pub source: Source,
    /// When the page was fetched from the index.
    pub fetched_at: Timestamp,
    /// What this index publishes at all.
    pub publishes: Publishes,
    /// PEP 792: what the index says of the project as a whole.
    pub status: Option<ProjectStatus>,
    /// Every release on the page, oldest version first.
    pub releases: Releases,
    /// The files of the releases that were asked for; a version that is missing here is not on the page.
    pub files: BTreeMap<Version, ReleaseFacts>,
    /// How many entries of the page were kept out because they could not be understood.
    pub not_understood: usize,
}

/// Which facts an index publishes; what it never publishes is `Unsupported`, not absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publishes {
    /// PEP 700 upload times: at least one file of the page has one.
    pub upload_times: bool,
    /// PEP 792 project status: API version 1.4 or later, or a status on the page.
    pub project_status: bool,
    /// The hash algorithms seen on the page.
    pub hashes: BTreeSet<HashAlgorithm>,
}

/// A project's status marker (PEP 792).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectStatus {
    /// The marker.
    pub marker: StatusMarker,
    /// The reason given by the index or the maintainers; untrusted text.
    pub reason: Option<String>,
}

/// The status markers of PEP 792.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusMarker {
    /// Nothing special.
    Active,
    /// No further releases are expected.
    Archived,
    /// The index suspects that the project is unsafe.
    Quarantined,
    /// Obsolete, possibly superseded.
    Deprecated,
    /// A marker this version does not know; untrusted text.
    Other(String),
}

/// One release in short: enough to name the next release that a policy allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSummary {
    /// The version.
    pub version: Version,
    /// The earliest upload time of its files, if the index gives one for each.
    pub first_upload: Option<Timestamp>,
    /// Whether every file is yanked.
    pub yanked: bool,
    /// Whether at least one file is a wheel.
    pub has_wheel: bool,
}

/// The releases of a page, oldest version first; read from their encoding when first looked at.
///
/// A page may have thousands of releases, and most verdicts look at none but the pinned one.
#[derive(Clone, Debug)]
pub struct Releases {
    encoded: Vec<u8>,
    decode: fn(&[u8]) -> Vec<ReleaseSummary>,
    decoded: OnceLock<Vec<ReleaseSummary>>,
}

impl Releases {
    /// Releases that `decode` reads from `encoded` when they are needed.
    pub fn encoded(encoded: Vec<u8>, decode: fn(&[u8]) -> Vec<ReleaseSummary>) -> Self {
        Self {
            encoded,
            decode,
            decoded: OnceLock::new(),
        }
    }
}

impl From<Vec<ReleaseSummary>> for Releases {
    fn from(releases: Vec<ReleaseSummary>) -> Self {
        Self {
            encoded: Vec::new(),
            decode: |_| Vec::new(),
            decoded: OnceLock::from(releases),
        }
    }
}

impl Deref for Releases {
    type Target = [ReleaseSummary];

    fn deref(&self) -> &[ReleaseSummary] {
        self.decoded.get_or_init(|| (self.decode)(&self.encoded))
    }
}

impl<'a> IntoIterator for &'a Releases {
    type Item = &'a ReleaseSummary;
    type IntoIter = std::slice::Iter<'a, ReleaseSummary>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Releases {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Releases {}

/// The files of one release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseFacts {
    /// Its distributions, in the order of the page.
    pub files: Vec<FileFacts>,
}

/// One distribution, as the index lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// The file name; untrusted text.
    pub filename: String,
    /// Where its bytes are, absolute.
    pub url: String,
    /// The hashes that the index publishes.
    pub hashes: Vec<Hash>,
    /// Its size in bytes (PEP 700).
    pub size: Option<u64>,
    /// When it was uploaded (PEP 700).
    pub uploaded_at: Option<Timestamp>,
    /// PEP 592: withdrawn, with the reason if there is one; untrusted text.
    pub yanked: Option<Option<String>>,
    /// The Python versions it is for; untrusted text that may be no specifier.
    pub requires_python: Option<String>,
    /// PEP 714: whether its metadata is served beside it, and the metadata's hashes.
    pub core_metadata: Option<Vec<Hash>>,
    /// PEP 740: where its provenance is, absolute; nobody has looked at it.
    pub provenance: Option<String>,
}

/// The dependencies of one release, read without building it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseMetadata {
    /// `Requires-Dist` as written; untrusted text.
    pub requires_dist: Vec<String>,
    /// `Provides-Extra` as written.
    pub provides_extra: Vec<String>,
    /// `Requires-Python` as written.
    pub requires_python: Option<String>,
    /// The file they were read from.
    pub read_from: String,
}

/// Why the dependencies of a release are not known, although its files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetadataObstacle {
    /// Only building it would tell: no wheel, and the source distribution declares its dependencies dynamic.
    NeedsBuild,
}

impl ProjectFacts {
    /// When a file was uploaded: `Absent` is an unknown age on an index that gives times.
    pub fn uploaded_at(&self, file: &FileFacts) -> Answer<Timestamp> {
        match file.uploaded_at {
            Some(time) => Answer::Known(time),
            None if self.publishes.upload_times => Answer::Absent,
            None => Answer::Unsupported(self.source.clone()),
        }
    }

    /// The status marker; no marker on an index that publishes them means active.
    pub fn status(&self) -> Answer<&ProjectStatus> {
        match &self.status {
            Some(status) => Answer::Known(status),
            None if self.publishes.project_status => Answer::Absent,
            None => Answer::Unsupported(self.source.clone()),
        }
    }

    /// The files of `version`; `Absent` if the page has no such release.
    pub fn release(&self, version: &Version) -> Answer<&ReleaseFacts> {
        match self.files.get(version) {
            Some(release) => Answer::Known(release),
            None => Answer::Absent,
        }
    }

    /// Whether the page has the release, whether or not its files were asked for.
    pub fn lists(&self, version: &Version) -> bool {
        let is_it = |release: &ReleaseSummary| release.version == *version;
        self.files.contains_key(version) || self.releases.iter().any(is_it)
    }

    /// The releases that `specifiers` accept, newest last, pre-releases by the rules of PEP 440.
    pub fn matching<'a>(
        &'a self,
        specifiers: &'a Specifiers,
    ) -> impl DoubleEndedIterator<Item = &'a ReleaseSummary> {
        let accepts =
            |release: &&ReleaseSummary, modes| specifiers.contains(&release.version, modes);
        let any_final = self
            .releases
            .iter()
            .any(|release| accepts(&release, crate::specifier::Prereleases::Auto));
        let modes = if any_final {
            crate::specifier::Prereleases::Auto
        } else {
            crate::specifier::Prereleases::Allow
        };
        self.releases
            .iter()
            .filter(move |release| specifiers.contains(&release.version, modes))
    }
}

impl FileFacts {
    /// The hash that the index publishes for `algorithm`.
    pub fn hash(&self, algorithm: HashAlgorithm) -> Option<&Hash> {
        self.hashes
            .iter()
            .find(|hash| hash.algorithm() == algorithm)
    }

    /// Whether its `Requires-Python` accepts a Python; installers take an invalid one as none, and so does this.
    pub fn is_for_python(&self, python: PythonVersion) -> bool {
        let required = self.requires_python.as_deref();
        let Some(Ok(required)) = required.map(str::parse::<Specifiers>) else {
            return true;
        };
        // Without a patch number the first patch release or a late one has to do.
        let patches = match python.patch {
            Some(patch) => [patch, patch],
            None => [0, 99],
        };
        patches.into_iter().any(|patch| {
            let version = format!("{}.{}.{patch}", python.major, python.minor);
            let version = version.parse::<Version>();
            version.is_ok_and(|version| required.contains(&version, Prereleases::Allow))
        })
    }

    /// Whether a lock line with these hashes accepts the file; no hashes accept every file.
    pub fn is_accepted_by(&self, hashes: &[&Hash]) -> bool {
        hashes.is_empty() || hashes.iter().any(|hash| self.hashes.contains(hash))
    }
}

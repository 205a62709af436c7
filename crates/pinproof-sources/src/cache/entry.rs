//! The layout of one cached page: a summary, then the files of each release, each part with a checksum.
//!
//! ```text
//! magic and layout number   12 bytes
//! length of the summary      4 bytes, little-endian
//! checksum of the summary   16 bytes
//! summary                    postcard: whose page, when, what the index publishes; one row a release
//! one part a release         16 bytes of checksum, then postcard: its files
//! ```
//!
//! A row tells the length of its part, so one project is read for a few versions without touching
//! the others. A checksum is the first half of a SHA-256: it finds damage; who may write the cache
//! can write anything.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, SeekFrom};

use jiff::Timestamp;
use pinproof_core::evidence::Source;
use pinproof_core::project_facts::{
    FileFacts, ProjectFacts, ProjectStatus, Publishes, ReleaseFacts, ReleaseSummary, Releases,
};
use pinproof_core::{ProjectName, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::simple::Page;

/// Changes whenever an older program could misread the bytes.
const MAGIC: &[u8; 12] = b"pinproof\0\0\0\x02";
const CHECKSUM_BYTES: usize = 16;
/// What is reserved for a part on the word of a length that is not checked yet.
const MAX_RESERVED_BYTES: usize = 256 * 1024;
const PREFIX_BYTES: usize = MAGIC.len() + 4 + CHECKSUM_BYTES;

/// Whose page an entry is: a digest of the index (with the user, without the password) and the project.
pub(crate) type Key = [u8; 32];

/// Why an entry cannot be used; it is then as good as missing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damaged {
    /// It could not be read, or ends early.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A checksum does not match, or the content is not what a summary says.
    #[error("it is damaged, or written by another version of pinproof")]
    Content,
}

#[derive(Serialize, Deserialize)]
struct Summary {
    key: Key,
    fetched_at: Moment,
    /// `None`: the index answered that it has no such project.
    page: Option<PageSummary>,
}

#[derive(Serialize, Deserialize)]
struct PageSummary {
    publishes: Publishes,
    status: Option<ProjectStatus>,
    not_understood: usize,
    /// How many rows follow.
    releases: usize,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    version: &'a str,
    first_upload: Option<Moment>,
    yanked: bool,
    has_wheel: bool,
    /// The length of its part, checksum included.
    bytes: u64,
}

/// Seconds and nanoseconds: read faster than text, and thousands of them are read.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Moment(i64, i32);

/// Writes an entry; `None` is an index that has no such project.
pub(crate) fn encode(
    key: Key,
    fetched_at: Timestamp,
    page: Option<&Page>,
) -> Result<Vec<u8>, postcard::Error> {
    let mut summary = postcard::to_stdvec(&Summary {
        key,
        fetched_at: fetched_at.into(),
        page: page.map(|page| PageSummary {
            publishes: page.publishes.clone(),
            status: page.status.clone(),
            not_understood: page.not_understood,
            releases: page.releases.len(),
        }),
    })?;
    let mut parts = Vec::new();
    for (version, release) in page.iter().flat_map(|page| &page.releases) {
        let part = postcard::to_stdvec(release)?;
        let bytes = (CHECKSUM_BYTES + part.len()) as u64;
        let version = version.to_string();
        summary = postcard::to_extend(&Row::new(&version, release, bytes), summary)?;
        parts.extend_from_slice(&checksum(&part));
        parts.extend_from_slice(&part);
    }
    let length = u32::try_from(summary.len()).map_err(|_| postcard::Error::SerializeBufferFull)?;
    let head = [&MAGIC[..], &length.to_le_bytes(), &checksum(&summary)].concat();
    Ok([head, summary, parts].concat())
}

/// An entry whose summary was read and found whole.
#[derive(Debug)]
pub(crate) struct Entry<R> {
    reader: R,
    summary: Vec<u8>,
    fetched_at: Timestamp,
}

impl<R: Read + Seek> Entry<R> {
    /// Reads the summary of the entry that should be about `key`.
    pub(crate) fn open(mut reader: R, key: &Key) -> Result<Self, Damaged> {
        let mut prefix = [0; PREFIX_BYTES];
        reader.read_exact(&mut prefix)?;
        let (magic, rest) = prefix.split_at(MAGIC.len());
        let (length, expected) = rest.split_at(4);
        let length: [u8; 4] = length.try_into().map_err(|_| Damaged::Content)?;
        if magic != MAGIC {
            return Err(Damaged::Content);
        }
        let summary = read_checked(&mut reader, u64::from(u32::from_le_bytes(length)), expected)?;
        let (head, _) = take::<Head>(&summary)?;
        if head.key != *key {
            return Err(Damaged::Content);
        }
        Ok(Self {
            fetched_at: head.fetched_at.try_into()?,
            reader,
            summary,
        })
    }

    /// When the page was fetched.
    pub(crate) fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }

    /// The facts, with the files of the versions asked for; `None` if the index has no such project.
    pub(crate) fn facts(mut self, asked: &Asked<'_>) -> Result<Option<ProjectFacts>, Damaged> {
        let (summary, mut rows) = take::<Summary>(&self.summary)?;
        let Some(page) = summary.page else {
            return Ok(None);
        };
        let encoded = rows.to_vec();
        let texts: Option<Vec<(String, &Version)>> = asked.versions.map(|versions| {
            let texts = versions.iter();
            texts
                .map(|version| (version.to_string(), version))
                .collect()
        });
        let asked_for: Option<BTreeMap<(&str, &str), &Version>> = texts.as_ref().map(|texts| {
            let texts = texts.iter();
            texts
                .map(|(text, version)| (split_release(text), *version))
                .collect()
        });
        let mut files = BTreeMap::new();
        let mut start = (PREFIX_BYTES + self.summary.len()) as u64;
        for _ in 0..page.releases {
            let row: Row<'_>;
            (row, rows) = take(rows)?;
            let version = match &asked_for {
                None => Some(row.version.parse().map_err(|_| Damaged::Content)?),
                Some(asked_for) => asked_for.get(&split_release(row.version)).copied().cloned(),
            };
            if let Some(version) = version {
                self.reader.seek(SeekFrom::Start(start))?;
                let part = read_part(&mut self.reader, row.bytes)?;
                files.insert(version, part);
            }
            start = start.checked_add(row.bytes).ok_or(Damaged::Content)?;
        }
        Ok(Some(ProjectFacts {
            project: asked.project.clone(),
            source: asked.source.clone(),
            fetched_at: self.fetched_at,
            publishes: page.publishes,
            status: page.status,
            releases: Releases::encoded(encoded, summaries),
            files,
            not_understood: page.not_understood,
        }))
    }
}

/// What is asked of a page.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) project: &'a ProjectName,
    source: Source,
    /// `None` is all of them.
    versions: Option<&'a BTreeSet<Version>>,
}

impl<'a> Asked<'a> {
    /// Asks `source` for `project`, with the files of `versions`.
    pub(crate) fn new(
        source: Source,
        project: &'a ProjectName,
        versions: &'a BTreeSet<Version>,
    ) -> Self {
        Self {
            project,
            source,
            versions: Some(versions),
        }
    }

    /// Asks `source` for every release of `project`.
    pub(crate) fn all(source: Source, project: &'a ProjectName) -> Self {
        Self {
            project,
            source,
            versions: None,
        }
    }
}

/// The start of a [`Summary`].
#[derive(Deserialize)]
struct Head {
    key: Key,
    fetched_at: Moment,
}

impl<'a> Row<'a> {
    fn new(version: &'a str, release: &ReleaseFacts, bytes: u64) -> Self {
        let short = Short::of(release);
        Self {
            version,
            first_upload: short.first_upload.map(Moment::from),
            yanked: short.yanked,
            has_wheel: short.has_wheel,
            bytes,
        }
    }

    fn summary(&self) -> Result<ReleaseSummary, Damaged> {
        Ok(ReleaseSummary {
            version: self.version.parse().map_err(|_| Damaged::Content)?,
            first_upload: self.first_upload.map(Timestamp::try_from).transpose()?,
            yanked: self.yanked,
            has_wheel: self.has_wheel,
        })
    }
}

/// What there is to know of a release in short.
struct Short {
    first_upload: Option<Timestamp>,
    yanked: bool,
    has_wheel: bool,
}

impl Short {
    fn of(release: &ReleaseFacts) -> Self {
        let files = &release.files;
        let first_upload = files
            .iter()
            .map(|file| file.uploaded_at)
            .try_fold(None, |first: Option<Timestamp>, time| {
                let time = time?;
                Some(Some(first.map_or(time, |first| first.min(time))))
            })
            .flatten();
        Self {
            first_upload,
            yanked: !files.is_empty() && files.iter().all(|file| file.yanked.is_some()),
            has_wheel: files.iter().any(is_wheel),
        }
    }
}

/// The facts that an entry of the page would give with every release, without the way through its bytes.
pub(crate) fn facts_of(
    page: Page,
    (source, project): (Source, &ProjectName),
    fetched_at: Timestamp,
) -> ProjectFacts {
    let releases = page.releases.iter().map(|(version, release)| {
        let short = Short::of(release);
        ReleaseSummary {
            version: version.clone(),
            first_upload: short.first_upload,
            yanked: short.yanked,
            has_wheel: short.has_wheel,
        }
    });
    ProjectFacts {
        project: project.clone(),
        source,
        fetched_at,
        publishes: page.publishes,
        status: page.status,
        releases: releases.collect::<Vec<_>>().into(),
        files: page.releases,
        not_understood: page.not_understood,
    }
}

/// The releases in the rows of a summary. The summary's checksum matched, so each row is as it was
/// written; one that is not would only be missing among the alternatives that a finding names.
fn summaries(mut rows: &[u8]) -> Vec<ReleaseSummary> {
    let mut releases = Vec::new();
    while let Ok((row, rest)) = take::<Row<'_>>(rows) {
        releases.extend(row.summary());
        rows = rest;
    }
    releases
}

/// Epoch and release without trailing zeros, and what follows them: two normalized versions are equal (PEP 440) if these
/// are, such as `1.0` and `1.0.0`.
///
/// Parsing each of a thousand rows to compare it with one version is most of what reading costs.
fn split_release(text: &str) -> (&str, &str) {
    let is_release = |c: char| c.is_ascii_digit() || matches!(c, '.' | '!');
    let end = text.find(|c| !is_release(c)).unwrap_or(text.len());
    let (release, rest) = text.split_at(end);
    // A suffix such as `.post1` or `.dev1` leaves its dot behind.
    let (mut release, has_dot) = match release.strip_suffix('.') {
        Some(release) => (release, true),
        None => (release, false),
    };
    while let Some(shorter) = release.strip_suffix(".0") {
        release = shorter;
    }
    let rest = if has_dot { &text[end - 1..] } else { rest };
    (release, rest)
}

fn is_wheel(file: &FileFacts) -> bool {
    let extension = file.filename.rsplit_once('.').map(|(_, end)| end);
    extension == Some("whl")
}

/// Writes a value with a checksum.
pub(super) fn seal<T: Serialize>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    let content = postcard::to_stdvec(value)?;
    Ok([&MAGIC[..], &checksum(&content), &content].concat())
}

/// Reads a sealed value; damage is as good as nothing.
pub(super) fn unseal<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (expected, content) = bytes
        .strip_prefix(MAGIC)?
        .split_at_checked(CHECKSUM_BYTES)?;
    if checksum(content)[..] != *expected {
        return None;
    }
    postcard::from_bytes(content).ok()
}

/// Decodes a value from the front of `bytes`.
fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Damaged> {
    postcard::take_from_bytes(bytes).map_err(|_| Damaged::Content)
}

fn read_part(reader: &mut impl Read, bytes: u64) -> Result<ReleaseFacts, Damaged> {
    let length = bytes
        .checked_sub(CHECKSUM_BYTES as u64)
        .ok_or(Damaged::Content)?;
    let mut expected = [0; CHECKSUM_BYTES];
    reader.read_exact(&mut expected)?;
    let part = read_checked(reader, length, &expected)?;
    postcard::from_bytes(&part).map_err(|_| Damaged::Content)
}

/// Reads `length` bytes with that checksum; a length that is not true costs no memory.
fn read_checked(reader: &mut impl Read, length: u64, expected: &[u8]) -> Result<Vec<u8>, Damaged> {
    let expected_bytes = usize::try_from(length).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(expected_bytes.min(MAX_RESERVED_BYTES));
    let read = reader.take(length).read_to_end(&mut bytes)?;
    if read as u64 != length || checksum(&bytes)[..] != *expected {
        return Err(Damaged::Content);
    }
    Ok(bytes)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|i| digest[i])
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(time.as_second(), time.subsec_nanosecond())
    }
}

impl TryFrom<Moment> for Timestamp {
    type Error = Damaged;

    fn try_from(moment: Moment) -> Result<Self, Damaged> {
        Self::new(moment.0, moment.1).map_err(|_| Damaged::Content)
    }
}

#[cfg(test)]
mod tests {
    use pinproof_core::Version;

    use super::split_release;

    #[test]
    fn compares_normalized_text_as_versions_compare() {
        let versions = [
            "1",
            "1.0",
            "1.0.0",
            "10",
            "1.0.1",
            "1.10",
            "1!1.0",
            "1!1",
            "1.0a1",
            "1a1",
            "1.0rc1",
            "1.0.post1",
            "1.post1",
            "1.0.0.post1",
            "1.0.dev0",
            "1.dev0",
            "1.0+local.0",
            "1+local.0",
            "1.0+local",
            "0",
            "0.0",
            "0.0.0",
            "0.1",
            "0!1",
        ];
        for a in versions {
            for b in versions {
                let (a, b): (Version, Version) = (a.parse().unwrap(), b.parse().unwrap());
                let (left, right) = (a.to_string(), b.to_string());
                let is_same = split_release(&left) == split_release(&right);
                assert_eq!(is_same, a == b, "{a} {b}");
            }
        }
    }
}

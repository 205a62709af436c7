//! One page, whatever its form: its files by release, and what could not be understood.

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use pinproof_core::filename;
use pinproof_core::project_facts::{
    FileFacts, ProjectStatus, Publishes, ReleaseFacts, StatusMarker,
};
use pinproof_core::{Hash, HashAlgorithm, ProjectName, Version};
use url::Url;

use super::PageError;

/// The facts of a page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What the index publishes at all.
    pub publishes: Publishes,
    /// PEP 792.
    pub status: Option<ProjectStatus>,
    /// The files of each release, in the order of the page.
    pub releases: BTreeMap<Version, ReleaseFacts>,
    /// Entries that are no distribution of the project, or have values of other types.
    pub not_understood: usize,
    /// The serial number of the index, if the page has it.
    pub serial: Option<u64>,
}

/// One entry of a page, before its values are understood.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    /// The address, perhaps relative.
    pub(super) url: &'a str,
    /// The file name; without one it is the end of the address.
    pub(super) filename: Option<&'a str>,
    /// Algorithms and digests.
    pub(super) hashes: Vec<(&'a str, &'a str)>,
    /// PEP 700.
    pub(super) size: Option<u64>,
    /// PEP 700.
    pub(super) upload_time: Option<&'a str>,
    /// PEP 592: `Some` is yanked, perhaps with a reason.
    pub(super) yanked: Option<&'a str>,
    /// PEP 503.
    pub(super) requires_python: Option<&'a str>,
    /// PEP 714: there is metadata, with these hashes.
    pub(super) core_metadata: Option<Vec<(&'a str, &'a str)>>,
    /// PEP 740: the address of its provenance, perhaps relative.
    pub(super) provenance: Option<&'a str>,
}

/// Entries of one page: ten times as many as boto3 has, and 400 MB while it is decided.
const MOST_ENTRIES: usize = 50_000;

/// Builds a page entry by entry.
#[derive(Debug)]
pub(super) struct PageBuilder<'a> {
    page: Page,
    project: &'a ProjectName,
    base: Url,
    local: bool,
    entries: usize,
}

impl<'a> PageBuilder<'a> {
    /// A page about `project` that was fetched from `url`.
    pub(super) fn new(url: &Url, project: &'a ProjectName) -> Self {
        Self {
            page: Page::default(),
            project,
            base: url.clone(),
            local: url.scheme() == "file",
            entries: 0,
        }
    }

    /// `<base href>`: where relative addresses start from now on.
    pub(super) fn set_base(&mut self, href: &str) {
        if let Ok(base) = self.base.join(href) {
            self.base = base;
        }
    }

    /// Says that the index publishes project status (PEP 792).
    pub(super) fn publishes_status(&mut self) {
        self.page.publishes.project_status = true;
    }

    /// Sets the status marker (PEP 792).
    pub(super) fn set_status(&mut self, marker: &str, reason: Option<&str>) {
        let marker = match marker {
            "active" => StatusMarker::Active,
            "archived" => StatusMarker::Archived,
            "quarantined" => StatusMarker::Quarantined,
            "deprecated" => StatusMarker::Deprecated,
            other => StatusMarker::Other(other.to_owned()),
        };
        self.page.publishes.project_status = true;
        self.page.status = Some(ProjectStatus {
            marker,
            reason: non_empty(reason),
        });
    }

    /// Notes the serial number of the index.
    pub(super) fn set_serial(&mut self, serial: Option<u64>) {
        self.page.serial = serial;
    }

    /// Whether it has more entries than any page may have; further ones change nothing.
    pub(super) fn is_full(&self) -> bool {
        self.entries > MOST_ENTRIES
    }

    /// Counts an entry that is kept out.
    pub(super) fn not_understood(&mut self) {
        self.entries += 1;
        self.page.not_understood += 1;
    }

    /// Takes an entry; one that is not understood is counted, and kept out.
    pub(super) fn add(&mut self, entry: &Entry<'_>) {
        let url = self.address(entry.url);
        let end = url.as_ref().and_then(last_segment);
        let name = entry.filename.or(end.as_deref()).unwrap_or(entry.url);
        match url.and_then(|url| self.understand(name, &url, entry)) {
            Some((version, facts)) => self.take(version, self.with_provenance(facts, entry)),
            None if is_worth_a_word(name, entry) => self.not_understood(),
            None => {}
        }
    }

    fn understand(&self, name: &str, url: &Url, entry: &Entry<'_>) -> Option<(Version, FileFacts)> {
        let distribution = filename::parse(name, self.project)?;
        Some((
            distribution.version,
            file_facts(name.to_owned(), url, entry)?,
        ))
    }

    /// An address that is none is no provenance; the file is not worse for it.
    fn with_provenance(&self, facts: FileFacts, entry: &Entry<'_>) -> FileFacts {
        let url = non_empty(entry.provenance).and_then(|url| self.address(&url));
        FileFacts {
            provenance: url.map(|url| crate::http::bare(&url).into()),
            ..facts
        }
    }

    fn take(&mut self, version: Version, facts: FileFacts) {
        self.entries += 1;
        self.page.publishes.upload_times |= facts.uploaded_at.is_some();
        let algorithms = facts.hashes.iter().map(Hash::algorithm);
        self.page.publishes.hashes.extend(algorithms);
        self.page
            .releases
            .entry(version)
            .or_default()
            .files
            .push(facts);
    }

    /// Whether no file of the project was found.
    pub(super) fn is_empty(&self) -> bool {
        self.page.releases.is_empty()
    }

    /// The page, unless nothing of it was understood, which is no empty page, or it has too much.
    pub(super) fn finish(self) -> Result<Page, PageError> {
        if self.is_full() {
            return Err(PageError::TooManyEntries(MOST_ENTRIES));
        }
        if self.page.releases.is_empty() && self.page.not_understood > 0 {
            return Err(PageError::NothingUnderstood(self.page.not_understood));
        }
        Ok(self.page)
    }

    /// The absolute address of a file: `http`, `https`, or `file` if the index is a local folder.
    fn address(&self, text: &str) -> Option<Url> {
        let url = self.base.join(text).ok()?;
        match url.scheme() {
            "http" | "https" => Some(url),
            "file" if self.local => Some(url),
            _ => None,
        }
    }
}

fn file_facts(filename: String, url: &Url, entry: &Entry<'_>) -> Option<FileFacts> {
    let uploaded_at = match non_empty(entry.upload_time) {
        Some(time) => Some(time.parse::<Timestamp>().ok()?),
        None => None,
    };
    Some(FileFacts {
        filename,
        // Facts go into reports, locks and the cache, where credentials have no place.
        url: crate::http::bare(url).into(),
        hashes: hashes(&entry.hashes)?,
        size: entry.size,
        uploaded_at,
        yanked: entry.yanked.map(|reason| non_empty(Some(reason))),
        requires_python: non_empty(entry.requires_python),
        core_metadata: match &entry.core_metadata {
            Some(named) => Some(hashes(named)?),
            None => None,
        },
        provenance: None,
    })
}

/// The hashes of known algorithms; a damaged digest makes the whole entry unusable, because leaving
/// it out would look like an index that publishes none.
fn hashes(named: &[(&str, &str)]) -> Option<Vec<Hash>> {
    let mut hashes = Vec::with_capacity(named.len());
    for (name, digest) in named {
        if let Ok(algorithm) = name.parse::<HashAlgorithm>() {
            hashes.push(Hash::new(algorithm, digest).ok()?);
        }
    }
    hashes.sort();
    hashes.dedup();
    Some(hashes)
}

/// The decoded last part of an address.
fn last_segment(url: &Url) -> Option<String> {
    let segment = url.path_segments()?.next_back()?;
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    (!decoded.is_empty()).then(|| decoded.into_owned())
}

/// Whether a name that is no distribution of the project is counted as not understood.
///
/// Pages in HTML have links of other kinds, and old pages of `PyPI` list formats that installers
/// stopped to read long ago.
fn is_worth_a_word(name: &str, entry: &Entry<'_>) -> bool {
    const DISTRIBUTIONS: [&str; 7] = [".whl", ".gz", ".zip", ".bz2", ".xz", ".tgz", ".tar"];
    const LEGACY: [&str; 7] = [".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg", ".asc"];
    let is_one_of = |extensions: [&str; 7]| extensions.iter().any(|end| ends_with(name, end));
    match entry.filename {
        Some(_) => !is_one_of(LEGACY),
        None => is_one_of(DISTRIBUTIONS),
    }
}

fn ends_with(name: &str, extension: &str) -> bool {
    let start = name.len().saturating_sub(extension.len());
    name.as_bytes()[start..].eq_ignore_ascii_case(extension.as_bytes())
}

fn non_empty(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

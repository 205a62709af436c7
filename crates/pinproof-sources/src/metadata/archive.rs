//! The bytes of a distribution, read where they are: by ranges over HTTP, or from a file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use pinproof_core::{FileFacts, HashAlgorithm};
use url::Url;

use super::error::MetadataProblem;
use super::zip_member::{self, TAIL_BYTES, Wanted};
use crate::http::{FetchError, Fetched, Http, Request, Spool};

/// A directory larger than this is not read: 65,535 entries have about 8 MiB.
const DIRECTORY_BYTES: u64 = 16 * 1024 * 1024;

/// A distribution that can be read from any place.
pub(super) struct Archive<'a> {
    origin: Origin<'a>,
    total: u64,
}

enum Origin<'a> {
    /// A server that answers range requests; the end was fetched first.
    Ranges { place: Place<'a>, tail: Vec<u8> },
    /// A whole file.
    Whole(Box<dyn ReadSeek>),
}

pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Where a distribution is, and how it is asked for.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) http: &'a Http,
    pub(super) url: &'a Url,
    pub(super) realm: &'a Url,
    pub(super) facts: &'a FileFacts,
}

impl<'a> Archive<'a> {
    /// Opens a distribution with as few bytes as possible: its end, if the server knows ranges.
    pub(super) async fn open(place: Place<'a>) -> Result<Self, MetadataProblem> {
        if let Some(file) = place.local_file()? {
            return Self::of_file(file);
        }
        let answer = match place.get(Some(format!("bytes=-{TAIL_BYTES}"))).await {
            // No suffix ranges here, or no ranges at all.
            Err(FetchError::Status(error)) if matches!(error.status, 400 | 405 | 416 | 501) => {
                place.get(None).await?
            }
            answer => answer?,
        };
        if answer.status != 206 {
            return Self::of_download(place, answer);
        }
        let (range, total) = content_range(&answer).ok_or(MetadataProblem::WrongRange)?;
        let tail = bytes_of(answer)?;
        let starts_right = range.start == total.saturating_sub(TAIL_BYTES as u64);
        if range.end != total || !starts_right || range.end - range.start != tail.len() as u64 {
            return Err(MetadataProblem::WrongRange);
        }
        place.expect_size(total)?;
        Ok(Self {
            origin: Origin::Ranges { place, tail },
            total,
        })
    }

    /// Opens a distribution by reading all of it, and checks its hash.
    pub(super) async fn download(place: Place<'a>) -> Result<Self, MetadataProblem> {
        match place.local_file()? {
            Some(file) => Self::of_file(file),
            None => Self::of_download(place, place.get(None).await?),
        }
    }

    /// The whole file; `None` if only ranges of it were opened.
    pub(super) fn into_file(self) -> Option<Box<dyn ReadSeek>> {
        match self.origin {
            Origin::Ranges { .. } => None,
            Origin::Whole(file) => Some(file),
        }
    }

    /// The content of one member of a zip archive.
    pub(super) async fn zip_member(&mut self, wanted: &Wanted) -> Result<Vec<u8>, MetadataProblem> {
        let tail = self
            .bytes(self.total.saturating_sub(TAIL_BYTES as u64)..self.total)
            .await?;
        let directory = zip_member::find_directory(&tail, self.total)?;
        let range = directory.range.clone();
        if range.end - range.start > DIRECTORY_BYTES {
            return Err(zip_member::ZipError::TooLarge("zip directory").into());
        }
        let entries = self.bytes(range).await?;
        let member = zip_member::find_member(&directory, &entries, wanted)?;
        let bytes = self.bytes(member.range.clone()).await?;
        Ok(zip_member::extract(&member, &bytes, wanted)?)
    }

    async fn bytes(&mut self, range: Range<u64>) -> Result<Vec<u8>, MetadataProblem> {
        match &mut self.origin {
            Origin::Ranges { place, tail } => {
                let tail_start = self.total - tail.len() as u64;
                let mut bytes = Vec::new();
                if range.start < tail_start {
                    bytes = place
                        .range(range.start..range.end.min(tail_start), self.total)
                        .await?;
                }
                let from = in_memory(range.start.saturating_sub(tail_start));
                let to = in_memory(range.end.saturating_sub(tail_start));
                bytes.extend_from_slice(tail.get(from..to).unwrap_or_default());
                Ok(bytes)
            }
            Origin::Whole(file) => {
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(range.start))?;
                file.take(range.end - range.start).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    fn of_file(mut file: File) -> Result<Self, MetadataProblem> {
        let total = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        Ok(Self {
            origin: Origin::Whole(Box::new(file)),
            total,
        })
    }

    fn of_download(place: Place<'a>, answer: Fetched<Spool>) -> Result<Self, MetadataProblem> {
        let (mut file, found) = answer.body.finish()?;
        let total = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        place.expect_size(total)?;
        if place
            .facts
            .hash(HashAlgorithm::Sha256)
            .is_some_and(|listed| *listed != found)
        {
            return Err(MetadataProblem::WrongHash {
                what: "it",
                algorithm: HashAlgorithm::Sha256.name(),
            });
        }
        Ok(Self {
            origin: Origin::Whole(Box::new(file)),
            total,
        })
    }
}

impl Place<'_> {
    async fn get(&self, range: Option<String>) -> Result<Fetched<Spool>, FetchError> {
        let request = Request {
            url: self.url,
            realm: Some(self.realm),
            accept: "*/*",
            range,
            json: None,
            known: None,
            exact_bytes: true,
            what: "file",
            max_bytes: self.http.limits().archive_bytes,
        };
        self.http.get(&request).await
    }

    async fn range(&self, range: Range<u64>, total: u64) -> Result<Vec<u8>, MetadataProblem> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let last = range.end - 1;
        let answer = self
            .get(Some(format!("bytes={}-{last}", range.start)))
            .await?;
        let expected = Some((range.clone(), total));
        if answer.status != 206 || content_range(&answer) != expected {
            return Err(MetadataProblem::WrongRange);
        }
        let bytes = bytes_of(answer)?;
        if bytes.len() as u64 != range.end - range.start {
            return Err(MetadataProblem::WrongRange);
        }
        Ok(bytes)
    }

    /// The file itself, if the index is a folder of this machine.
    fn local_file(&self) -> Result<Option<File>, MetadataProblem> {
        if self.url.scheme() != "file" {
            return Ok(None);
        }
        let path = self.url.to_file_path().unwrap_or_default();
        Ok(Some(File::open(path)?))
    }

    fn expect_size(&self, found: u64) -> Result<(), MetadataProblem> {
        match self.facts.size {
            Some(listed) if listed != found => Err(MetadataProblem::WrongSize { listed, found }),
            _ => Ok(()),
        }
    }
}

fn bytes_of(answer: Fetched<Spool>) -> Result<Vec<u8>, MetadataProblem> {
    let mut bytes = Vec::new();
    answer.body.finish()?.0.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The range and the length of the whole from `bytes FIRST-LAST/LENGTH` (RFC 9110 §14.4).
fn content_range(answer: &Fetched<Spool>) -> Option<(Range<u64>, u64)> {
    let value = answer.content_range.as_deref()?.strip_prefix("bytes ")?;
    let (range, total) = value.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let total: u64 = total.trim().parse().ok()?;
    (first <= last && last < total).then(|| (first..last + 1, total))
}

/// A length in memory; one that does not fit is past the end of everything.
fn in_memory(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

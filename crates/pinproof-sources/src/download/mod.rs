//! Fetches one distribution into a folder: nothing is there under its name before its bytes are right.
//!
//! The bytes come into a file that no installer takes for a distribution, and are hashed while they come.
//! After an interruption the bytes so far are hashed again from the disk and the rest is asked for; where
//! the whole then has a wrong hash, it is fetched once more from the start. Length and hash decide alone:
//! nothing that a server says of its answer makes bytes good.

mod digests;
mod error;
mod partial;
mod plain_name;
mod resuming;
mod stream;
mod transfer;

use std::path::{Path, PathBuf};

use pinproof_core::{Hash, HashAlgorithm, IndexUrl, Printable};
use url::Url;

pub use error::{DownloadError, Trouble};
pub use stream::Stream;

use crate::http::FetchError;
use crate::index_client::IndexClient;
use digests::Digests;
use partial::{Existing, Partial};
use transfer::{Transfer, joined};

/// A distribution, and what it has to be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The name to keep it under; anything but a plain file name is refused.
    pub filename: &'a str,
    /// Where its bytes are.
    pub url: &'a str,
    /// The index whose page lists it; `None` where a lock names the address itself.
    pub index: Option<&'a IndexUrl>,
    /// It has to have one of these; at least one has to be a SHA-256, SHA-384 or SHA-512.
    pub hashes: &'a [Hash],
    /// The size that the index says.
    pub size: Option<u64>,
}

/// A distribution that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// Where.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, whichever hash was asked for.
    pub sha256: Hash,
    /// The hash that it had to have.
    pub matched: Hash,
    /// In which way it came.
    pub arrival: Arrival,
}

/// In which way a distribution came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// All of it was fetched.
    Fetched,
    /// An earlier run had fetched this many of its bytes.
    Resumed(u64),
    /// It was there already, with the right bytes.
    Kept,
}

/// Told how many bytes come in.
pub trait Meter: Sync {
    /// That many more are there.
    fn received(&self, bytes: u64);
    /// That many of them have to be fetched again.
    fn discarded(&self, bytes: u64);
}

impl IndexClient {
    /// Fetches a distribution into `folder`, which has to be there.
    ///
    /// Nothing is visible under the final name before length and hash are right, and nothing that is
    /// there already is replaced. Bytes that came before an interruption stay for the next try.
    pub async fn download(
        &self,
        wanted: &Wanted<'_>,
        folder: &Path,
        meter: &dyn Meter,
    ) -> Result<Downloaded, DownloadError> {
        let filename = plain_name::checked(wanted.filename)?;
        let hashes: Vec<Hash> = wanted
            .hashes
            .iter()
            .filter(|hash| digests::can_take(hash.algorithm()))
            .cloned()
            .collect();
        if hashes.is_empty() {
            return Err(DownloadError::NoStrongHash);
        }
        let limit = self.http.limits().download_bytes;
        if wanted.size.is_some_and(|size| size > limit) {
            return Err(FetchError::TooLarge {
                what: "file",
                limit,
            }
            .into());
        }
        let target = folder.join(filename);
        let digests = Digests::of(&hashes);
        if let Some(found) = existing(&target, &hashes, &digests).await? {
            meter.received(found.size);
            return Ok(found);
        }
        let url = address(wanted)?;
        if self.settings.offline && url.scheme() != "file" {
            return Err(DownloadError::Offline);
        }
        let transfer = Transfer {
            http: &self.http,
            url: &url,
            realm: wanted.index.map(IndexUrl::with_credentials),
            size: wanted.size,
            meter,
        };
        let key = partial_key(filename, &hashes);
        let (place, most) = (folder.to_owned(), wanted.size.unwrap_or(limit));
        let partial = joined(move || Partial::open(&place, &key, digests, most)).await?;
        let (partial, matched, resumed) = transfer.verified(partial, &hashes).await?;
        publish(partial, target, matched, (&hashes, resumed)).await
    }
}

/// The file that is there under the final name already: the right one, or an error.
async fn existing(
    target: &Path,
    hashes: &[Hash],
    digests: &Digests,
) -> Result<Option<Downloaded>, DownloadError> {
    let (path, fresh) = (target.to_owned(), digests.clone());
    let found = joined(move || Existing::read(&path, fresh)).await?;
    let Some(Existing { size, found }) = found else {
        return Ok(None);
    };
    let name = || shown_name(target);
    let Some(matched) = hashes.iter().find(|hash| found.contains(hash)) else {
        return Err(DownloadError::Different {
            name: name(),
            found: sha256(&found)?,
        });
    };
    Ok(Some(Downloaded {
        path: target.to_owned(),
        size,
        sha256: sha256(&found)?,
        matched: matched.clone(),
        arrival: Arrival::Kept,
    }))
}

/// Gives a complete file its name; whoever was faster is looked at.
async fn publish(
    partial: Partial,
    target: PathBuf,
    matched: Hash,
    (hashes, resumed): (&[Hash], u64),
) -> Result<Downloaded, DownloadError> {
    let (size, digests) = (partial.len(), Digests::of(hashes));
    let sha256 = sha256(&partial.found())?;
    let path = target.clone();
    let is_published = joined(move || partial.publish(&path)).await?;
    if !is_published {
        let found = existing(&target, hashes, &digests).await?;
        return found.ok_or(DownloadError::Vanished(shown_name(&target)));
    }
    Ok(Downloaded {
        path: target,
        size,
        sha256,
        matched,
        arrival: match resumed {
            0 => Arrival::Fetched,
            bytes => Arrival::Resumed(bytes),
        },
    })
}

/// Where the bytes are, unless the index may not send anybody there.
fn address(wanted: &Wanted<'_>) -> Result<Url, DownloadError> {
    let url = Url::parse(wanted.url).map_err(|_| DownloadError::NoAddress)?;
    let index = wanted.index.map(IndexUrl::with_credentials);
    let from = index.map_or("", Url::scheme);
    match url.scheme() {
        "http" if from == "https" => Err(DownloadError::PlainHttp),
        "https" | "http" => Ok(url),
        "file" if from == "file" => Ok(url),
        "file" => Err(DownloadError::FileOfThisMachine),
        _ => Err(DownloadError::NoAddress),
    }
}

/// The same for every try to have the same bytes under the same name.
fn partial_key(filename: &str, hashes: &[Hash]) -> String {
    let mut all: Vec<String> = hashes.iter().map(ToString::to_string).collect();
    all.sort();
    all.dedup();
    let mut key = digests::hex_sha256(format!("{filename} {}", all.join(" ")).as_bytes());
    key.truncate(32);
    key
}

fn sha256(found: &[Hash]) -> Result<Hash, DownloadError> {
    let hash = found
        .iter()
        .find(|hash| hash.algorithm() == HashAlgorithm::Sha256);
    // `Digests` always has one.
    hash.cloned().ok_or(DownloadError::NoStrongHash)
}

fn shown_name(target: &Path) -> Printable {
    let name = target.file_name().unwrap_or_default();
    Printable::from(name.to_string_lossy().into_owned())
}

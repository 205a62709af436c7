//! The bytes of a file as they come, for whoever checks and keeps them himself.

use std::fs::File;
use std::io::Read as _;

use pinproof_core::{IndexUrl, Printable};
use url::Url;

use super::resuming::Resuming;
use super::transfer::joined;
use super::{DownloadError, Wanted, address};
use crate::http::FetchError;
use crate::index_client::IndexClient;

/// Bytes of a local file that are read at one time.
const BLOCK: usize = 256 * 1024;

/// A file on its way. Nothing of it has been checked but its size, where that is known.
pub struct Stream {
    from: From,
    left: u64,
    listed: Option<u64>,
    limit: u64,
}

enum From {
    Network(Box<Resuming>),
    Folder(Option<File>),
}

impl IndexClient {
    /// Opens a distribution, or a file beside one, for reading. Where its answer breaks off, the rest is asked for.
    pub async fn open(&self, wanted: &Wanted<'_>) -> Result<Stream, DownloadError> {
        let limit = self.http.limits().download_bytes;
        let too_large = || {
            DownloadError::from(FetchError::TooLarge {
                what: "file",
                limit,
            })
        };
        let most = wanted.size.unwrap_or(limit);
        if most > limit {
            return Err(too_large());
        }
        let url = address(wanted)?;
        let from = if url.scheme() == "file" {
            From::Folder(Some(open_local(url).await?))
        } else {
            if self.settings.offline {
                return Err(DownloadError::Offline);
            }
            let realm = wanted.index.map(IndexUrl::with_credentials).cloned();
            let opened = Resuming::open(self.http.clone(), url, (realm, wanted.size)).await?;
            if opened.announced().is_some_and(|length| length > most) {
                return Err(match wanted.size {
                    Some(listed) => DownloadError::WrongSize {
                        listed,
                        found: opened.announced().unwrap_or(listed),
                    },
                    None => too_large(),
                });
            }
            From::Network(Box::new(opened))
        };
        Ok(Stream {
            from,
            left: most,
            listed: wanted.size,
            limit,
        })
    }
}

impl Stream {
    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, DownloadError> {
        let chunk = match &mut self.from {
            From::Network(body) => body.chunk().await?,
            From::Folder(file) => read(file).await?,
        };
        let Some(chunk) = chunk else { return Ok(None) };
        let length = chunk.len() as u64;
        let Some(left) = self.left.checked_sub(length) else {
            return Err(match self.listed {
                Some(listed) => DownloadError::WrongSize {
                    listed,
                    found: listed - self.left + length,
                },
                None => FetchError::TooLarge {
                    what: "file",
                    limit: self.limit,
                }
                .into(),
            });
        };
        self.left = left;
        Ok(Some(chunk))
    }
}

/// Opens a plain file; opening a pipe would wait for ever.
async fn open_local(url: Url) -> Result<File, DownloadError> {
    joined(move || {
        let path = url.to_file_path().unwrap_or_default();
        let failed = |error: std::io::Error| DownloadError::unreadable(&path, &error);
        if !std::fs::metadata(&path).map_err(failed)?.is_file() {
            return Err(failed(std::io::ErrorKind::InvalidInput.into()));
        }
        File::open(&path).map_err(failed)
    })
    .await
}

async fn read(file: &mut Option<File>) -> Result<Option<Vec<u8>>, DownloadError> {
    let Some(mut opened) = file.take() else {
        return Ok(None);
    };
    let (opened, block) = joined(move || {
        let mut block = Vec::new();
        let read = opened.by_ref().take(BLOCK as u64).read_to_end(&mut block);
        read.map_err(|error| DownloadError::Unreadable(Printable::from(error.to_string())))?;
        Ok((opened, block))
    })
    .await?;
    *file = Some(opened);
    Ok((!block.is_empty()).then_some(block))
}

//! The way of a distribution from its address into its partial file.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use pinproof_core::{Hash, Printable};
use tokio::time::{self, Instant};
use url::Url;

use super::partial::Partial;
use super::{DownloadError, Meter};
use crate::http::{Body, FetchError, Http, Request, retry_delay};

/// A connection that breaks again and again is worth another try as long as so much came in between.
pub(super) const WORTH_A_TRY: u64 = 1024 * 1024;

/// Bytes of a local file that are copied at one time.
const BLOCK: usize = 256 * 1024;

/// One distribution on its way.
#[derive(Clone, Copy)]
pub(super) struct Transfer<'a> {
    pub(super) http: &'a Http,
    pub(super) url: &'a Url,
    pub(super) realm: Option<&'a Url>,
    pub(super) size: Option<u64>,
    pub(super) meter: &'a dyn Meter,
}

impl Transfer<'_> {
    /// Completes `partial` and checks it; with it comes the hash it has, and how many bytes of an earlier
    /// run are in it.
    pub(super) async fn verified(
        &self,
        mut partial: Partial,
        hashes: &[Hash],
    ) -> Result<(Partial, Hash, u64), DownloadError> {
        let mut resumed = partial.len();
        self.meter.received(resumed);
        loop {
            let (back, received) = self.complete(partial).await;
            partial = back;
            let encoding = match received {
                Ok(received) => {
                    resumed = resumed.min(received.kept);
                    received.encoding
                }
                Err(error) => return Err(self.give_up(partial, error)),
            };
            let found = partial.found();
            if let Some(hash) = hashes.iter().find(|hash| found.contains(hash)) {
                return Ok((partial, hash.clone(), resumed));
            }
            if resumed == 0 {
                let wrong = wrong_hash(hashes, &found, encoding);
                return Err(self.give_up(partial, wrong));
            }
            // The beginning is of another run, and of who knows what: only a whole answer accuses the server.
            self.restart(&mut partial)?;
            resumed = 0;
        }
    }

    /// Bytes that cannot be a beginning are removed; others stay for the next run.
    fn give_up(&self, partial: Partial, error: DownloadError) -> DownloadError {
        if matches!(error.trouble(), super::Trouble::Alarming) {
            self.meter.discarded(partial.len());
            partial.discard();
        }
        error
    }

    fn restart(&self, partial: &mut Partial) -> Result<(), DownloadError> {
        self.meter.discarded(partial.len());
        partial.restart()
    }

    async fn complete(&self, mut partial: Partial) -> (Partial, Result<Received, DownloadError>) {
        if self.url.scheme() == "file" {
            if let Err(error) = self.restart(&mut partial) {
                return (partial, Err(error));
            }
            return self.copy(partial).await;
        }
        let limit = self.http.limits().download_timeout;
        let received = time::timeout_at(Instant::now() + limit, self.fetch(&mut partial)).await;
        let received = received.unwrap_or(Err(DownloadError::OutOfTime(limit)));
        (partial, received)
    }

    /// Fetches what is missing, again and again where that may help.
    async fn fetch(&self, partial: &mut Partial) -> Result<Received, DownloadError> {
        let mut attempt = 0;
        loop {
            let before = partial.len();
            let error = match self.fetch_once(partial).await {
                Ok(received) => return Ok(received),
                Err(error) => error,
            };
            if partial.len().saturating_sub(before) >= WORTH_A_TRY {
                attempt = 0;
            }
            let DownloadError::Fetch(failure) = &error else {
                return Err(error);
            };
            let Some(delay) = retry_delay(failure, attempt, self.http.limits()) else {
                return Err(error);
            };
            time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn fetch_once(&self, partial: &mut Partial) -> Result<Received, DownloadError> {
        let from = partial.len();
        if from > 0 && self.size == Some(from) {
            return Ok(Received::default().keeping(from));
        }
        let mut body = match self.open(from).await {
            Err(DownloadError::Fetch(FetchError::Status(error)))
                if from > 0 && matches!(error.status, 400 | 416 | 501) =>
            {
                self.open(0).await?
            }
            opened => opened?,
        };
        if from > 0 && !is_the_rest(&body, from, self.size) {
            self.restart(partial)?;
            if body.status == 206 {
                body = self.open(0).await?;
            }
        }
        if body.status == 206 && partial.len() == 0 {
            return Err(DownloadError::WrongRange);
        }
        let kept = partial.len();
        self.receive(&mut body, partial).await?;
        Ok(Received {
            kept,
            encoding: body.encoding,
        })
    }

    async fn open(&self, from: u64) -> Result<Body, DownloadError> {
        let request = Request {
            url: self.url,
            realm: self.realm,
            accept: "*/*",
            range: (from > 0).then(|| format!("bytes={from}-")),
            json: None,
            known: None,
            exact_bytes: true,
            what: "file",
            max_bytes: self.http.limits().download_bytes,
        };
        Ok(self.http.open(&request).await?)
    }

    async fn receive(&self, body: &mut Body, partial: &mut Partial) -> Result<(), DownloadError> {
        let announced = body
            .length
            .map(|length| partial.len().saturating_add(length));
        if let Some(announced) = announced {
            self.expect_at_most(announced)?;
        }
        while let Some(chunk) = body.chunk().await? {
            let bytes = chunk.as_ref();
            self.expect_at_most(partial.len() + bytes.len() as u64)?;
            partial.append(bytes)?;
            self.meter.received(bytes.len() as u64);
        }
        match self.size {
            // Nothing else tells that the connection broke.
            Some(listed) if listed > partial.len() && body.length.is_none() => {
                Err(FetchError::Truncated.into())
            }
            Some(listed) if listed != partial.len() => Err(DownloadError::WrongSize {
                listed,
                found: partial.len(),
            }),
            _ => Ok(()),
        }
    }

    fn expect_at_most(&self, found: u64) -> Result<(), DownloadError> {
        let limit = self.http.limits().download_bytes;
        match self.size {
            Some(listed) if found > listed => Err(DownloadError::WrongSize { listed, found }),
            None if found > limit => Err(FetchError::TooLarge {
                what: "file",
                limit,
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Copies a file of an index that is a folder of this machine.
    async fn copy(&self, partial: Partial) -> (Partial, Result<Received, DownloadError>) {
        let path = self.url.to_file_path().unwrap_or_default();
        let most = self.size.unwrap_or(self.http.limits().download_bytes);
        let task = tokio::task::spawn_blocking(move || {
            let mut partial = partial;
            let copied = copy(&path, &mut partial, most);
            (partial, copied)
        });
        let (partial, copied) = match task.await {
            Ok(done) => done,
            // The task is never cancelled; its panic is a bug, and stays one.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.meter.received(partial.len());
        let wrong = self.size.filter(|listed| *listed != partial.len());
        let received = match (copied, wrong) {
            (Err(error), _) => Err(error),
            (Ok(()), Some(listed)) => Err(DownloadError::WrongSize {
                listed,
                found: partial.len(),
            }),
            (Ok(()), None) => Ok(Received::default()),
        };
        (partial, received)
    }
}

/// How the bytes came.
#[derive(Default)]
struct Received {
    /// How many were there before.
    kept: u64,
    encoding: Option<Printable>,
}

impl Received {
    fn keeping(self, kept: u64) -> Self {
        Self { kept, ..self }
    }
}

/// Whether an answer is what follows the first `from` bytes, to the end (RFC 9110 §14.4).
pub(super) fn is_the_rest(body: &Body, from: u64, size: Option<u64>) -> bool {
    let range = || {
        let value = body.content_range.as_deref()?.strip_prefix("bytes ")?;
        let (range, total) = value.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        let total: u64 = total.trim().parse().ok()?;
        Some((first, last, total))
    };
    body.status == 206
        && range().is_some_and(|(first, last, total)| {
            first == from
                && last.checked_add(1) == Some(total)
                && size.is_none_or(|size| size == total)
        })
}

fn copy(path: &Path, partial: &mut Partial, most: u64) -> Result<(), DownloadError> {
    let failed = |error: io::Error| DownloadError::unreadable(path, &error);
    // Opening a pipe would wait for ever.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(DownloadError::unreadable(
            path,
            &io::ErrorKind::InvalidInput.into(),
        ));
    }
    let mut file = File::open(path)
        .map_err(failed)?
        .take(most.saturating_add(1));
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(read) => partial.append(&block[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

fn wrong_hash(expected: &[Hash], found: &[Hash], encoding: Option<Printable>) -> DownloadError {
    let algorithm = expected.first().map(Hash::algorithm);
    let found = found
        .iter()
        .find(|hash| Some(hash.algorithm()) == algorithm)
        .or(found.first());
    match found {
        Some(found) => DownloadError::WrongHash {
            expected: expected.to_vec(),
            found: found.clone(),
            encoding,
        },
        None => DownloadError::NoStrongHash,
    }
}

/// Runs what may block for long beside the requests; its panic is a bug, and stays one.
pub(super) async fn joined<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DownloadError> + Send + 'static,
) -> Result<T, DownloadError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(DownloadError::Stopped),
        },
    }
}

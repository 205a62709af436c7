//! The body of an answer that is asked for again from where it broke off.
//!
//! Bytes that were handed on cannot be taken back, so what comes after an interruption is only ever added. Whether
//! the whole is right is for the hash to say.

use tokio::time;
use url::Url;

use super::DownloadError;
use super::transfer::{WORTH_A_TRY, is_the_rest};
use crate::http::{Body, FetchError, Http, Request, retry_delay};

/// A file on its way.
pub(super) struct Resuming {
    http: Http,
    url: Url,
    realm: Option<Url>,
    size: Option<u64>,
    body: Option<Body>,
    /// What was handed on.
    at: u64,
    /// What the answer repeats of it.
    repeated: u64,
    /// Failures since so much came that it is worth another try.
    failures: u32,
    at_failure: u64,
}

impl Resuming {
    /// Asks for a file.
    pub(super) async fn open(
        http: Http,
        url: Url,
        (realm, size): (Option<Url>, Option<u64>),
    ) -> Result<Self, DownloadError> {
        let mut opened = Self {
            http,
            url,
            realm,
            size,
            body: None,
            at: 0,
            repeated: 0,
            failures: 0,
            at_failure: 0,
        };
        loop {
            match opened.ask().await {
                Ok(()) => return Ok(opened),
                Err(error) => opened.pause(error).await?,
            }
        }
    }

    /// How many bytes the answer says that it has.
    pub(super) fn announced(&self) -> Option<u64> {
        self.body.as_ref()?.length
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, DownloadError> {
        loop {
            match self.piece().await {
                Ok(piece) => return Ok(piece),
                Err(error) => self.pause(error).await?,
            }
        }
    }

    async fn piece(&mut self) -> Result<Option<Vec<u8>>, DownloadError> {
        loop {
            let Some(body) = &mut self.body else {
                if self.size == Some(self.at) {
                    return Ok(None);
                }
                self.ask().await?;
                continue;
            };
            let Some(chunk) = body.chunk().await? else {
                let is_short = self.size.is_some_and(|size| self.at < size);
                if is_short && body.length.is_none() {
                    // Nothing else tells that the connection broke.
                    return Err(FetchError::Truncated.into());
                }
                return Ok(None);
            };
            let chunk = chunk.as_ref();
            let known = usize::try_from(self.repeated).unwrap_or(usize::MAX);
            let new = chunk.get(known..).unwrap_or_default();
            self.repeated -= (chunk.len() - new.len()) as u64;
            if !new.is_empty() {
                self.at += new.len() as u64;
                return Ok(Some(new.to_vec()));
            }
        }
    }

    /// Waits before another try, if there is one.
    async fn pause(&mut self, error: DownloadError) -> Result<(), DownloadError> {
        // The connection and its place among the requests are free meanwhile.
        self.body = None;
        if self.at.saturating_sub(self.at_failure) >= WORTH_A_TRY {
            self.failures = 0;
        }
        self.at_failure = self.at;
        let delay = match &error {
            DownloadError::Fetch(failure) => {
                retry_delay(failure, self.failures, self.http.limits())
            }
            _ => None,
        };
        time::sleep(delay.ok_or(error)?).await;
        self.failures += 1;
        Ok(())
    }

    /// Asks for what is missing, or for all of it where a server gives no parts.
    async fn ask(&mut self) -> Result<(), DownloadError> {
        let from = self.at;
        if from > 0 {
            match self.send(Some(from)).await {
                Ok(body) if is_the_rest(&body, from, self.size) => {
                    (self.body, self.repeated) = (Some(body), 0);
                    return Ok(());
                }
                Ok(body) if body.status != 206 => {
                    (self.body, self.repeated) = (Some(body), from);
                    return Ok(());
                }
                Ok(_) => {}
                Err(FetchError::Status(said)) if matches!(said.status, 400 | 416 | 501) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let body = self.send(None).await?;
        if body.status == 206 {
            return Err(DownloadError::WrongRange);
        }
        (self.body, self.repeated) = (Some(body), from);
        Ok(())
    }

    async fn send(&self, from: Option<u64>) -> Result<Body, FetchError> {
        let request = Request {
            url: &self.url,
            realm: self.realm.as_ref(),
            accept: "*/*",
            range: from.map(|from| format!("bytes={from}-")),
            json: None,
            known: None,
            exact_bytes: true,
            what: "file",
            max_bytes: self.http.limits().download_bytes,
        };
        self.http.open(&request).await
    }
}

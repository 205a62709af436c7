//! An export over HTTP, laid out as OSV's: `all.zip`, `modified_id.csv`, and `ID.json` for each record.

use std::time::Duration;

use jiff::Timestamp;
use pinproof_core::{IndexUrl, Printable};
use tempfile::SpooledTempFile;
use url::Url;

use super::error::AdvisoryError;
use crate::Limits;
use crate::http::{Fetched, Http, Request, Sink, Spool};

/// The address of an export.
#[derive(Debug)]
pub struct Feed {
    base: Url,
    http: Http,
    limits: FeedLimits,
}

/// How much is accepted from an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedLimits {
    /// Bytes of `all.zip`.
    pub archive_bytes: u64,
    /// Bytes of `modified_id.csv`.
    pub changes_bytes: u64,
    /// Bytes of one record.
    pub record_bytes: u64,
    /// How long a download may take as a whole.
    pub time: Duration,
}

/// A downloaded `all.zip`.
#[derive(Debug)]
pub struct Archive {
    /// Its bytes, at the start.
    pub file: SpooledTempFile,
    /// When the server says that it was made.
    pub made_at: Option<Timestamp>,
}

/// A line of `modified_id.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When the record was changed.
    pub at: Timestamp,
    /// Its id; untrusted text, and a file name without folders.
    pub id: String,
}

impl Default for FeedLimits {
    fn default() -> Self {
        Self {
            archive_bytes: 1024 * 1024 * 1024,
            changes_bytes: 128 * 1024 * 1024,
            record_bytes: 8 * 1024 * 1024,
            time: Duration::from_mins(10),
        }
    }
}

impl Feed {
    /// An export below `base`, asked within `requests`.
    pub fn new(base: &Url, requests: &Limits, limits: FeedLimits) -> Self {
        let mut base = base.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let requests = Limits {
            request_timeout: limits.time,
            gather_timeout: limits.time,
            ..requests.clone()
        };
        Self {
            base,
            http: Http::new(requests),
            limits,
        }
    }

    /// Its address as reports show it, without credentials.
    pub fn shown(&self) -> Printable {
        shown(&self.base)
    }

    /// Downloads every record.
    pub async fn archive(&self) -> Result<Archive, AdvisoryError> {
        let fetched: Fetched<Spool> = self
            .get("all.zip", "archive", self.limits.archive_bytes)
            .await?;
        let storage = |error: std::io::Error| AdvisoryError::Unreadable {
            path: self.shown(),
            why: Printable::from(error.to_string()),
        };
        let (file, _) = fetched.body.finish().map_err(storage)?;
        Ok(Archive {
            file,
            made_at: fetched.last_modified,
        })
    }

    /// When each record was last changed, newest first, as the export lists it.
    ///
    /// A list that is empty is none: an export without records is a mistake.
    pub async fn changes(&self) -> Result<Vec<Change>, AdvisoryError> {
        let fetched: Fetched<Vec<u8>> = self
            .get(
                "modified_id.csv",
                "list of changes",
                self.limits.changes_bytes,
            )
            .await?;
        let text =
            String::from_utf8(fetched.body).map_err(|_| bad("the list of changes is no text"))?;
        let mut changes = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let change = change(line).ok_or_else(|| {
                let line = Printable::new(line).shortened(80);
                bad(&format!(
                    "the list of changes has the line `{line}`, which is no time with an id"
                ))
            })?;
            changes.push(change);
        }
        if changes.is_empty() {
            return Err(bad("the list of changes is empty"));
        }
        Ok(changes)
    }

    /// One record; `None` if the export has none of that id.
    pub async fn record(&self, id: &str) -> Result<Option<Vec<u8>>, AdvisoryError> {
        let fetched = self
            .get::<Vec<u8>>(&format!("{id}.json"), "record", self.limits.record_bytes)
            .await;
        match fetched {
            Ok(fetched) => Ok(Some(fetched.body)),
            Err(AdvisoryError::Fetch(error)) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn get<S: Sink>(
        &self,
        name: &str,
        what: &'static str,
        max_bytes: u64,
    ) -> Result<Fetched<S>, AdvisoryError> {
        let url = self
            .base
            .join(name)
            .map_err(|_| bad("a record has an id that is no file name"))?;
        let request = Request {
            url: &url,
            realm: Some(&self.base),
            accept: "*/*",
            range: None,
            json: None,
            known: None,
            exact_bytes: false,
            what,
            max_bytes,
        };
        Ok(self.http.get(&request).await?)
    }
}

/// An address without credentials.
pub(super) fn shown(url: &Url) -> Printable {
    match IndexUrl::parse(url.as_str()) {
        Ok(url) => Printable::from(url.to_string()),
        Err(_) => Printable::new(url.host_str().unwrap_or_default()),
    }
}

/// A time and an id; an export of all ecosystems puts the ecosystem before the id.
fn change(line: &str) -> Option<Change> {
    let (at, id) = line.split_once(',')?;
    let id = id.trim();
    let id = id.strip_prefix("PyPI/").unwrap_or(id);
    let is_name = !id.is_empty()
        && id.len() <= 200
        && !id.starts_with('.')
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    is_name.then_some(())?;
    Some(Change {
        at: at.trim().parse().ok()?,
        id: id.to_owned(),
    })
}

fn bad(why: &str) -> AdvisoryError {
    AdvisoryError::BadAnswer(Printable::new(why))
}

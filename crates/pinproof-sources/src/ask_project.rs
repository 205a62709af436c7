//! The first half of the client: pages of projects, from the cache, the network, or a folder.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use pinproof_core::evidence::{Source, Unavailable};
use pinproof_core::project_facts::ProjectFacts;
use pinproof_core::{Answer, ProjectName, Version};
use thiserror::Error;
use url::Url;

use crate::cache::IndexKey;
use crate::cache::entry::{self, Asked, Damaged, Entry, Key};
use crate::http::{FetchError, Fetched, Request, Revision};
use crate::index_client::{Index, IndexClient, unavailable};
use crate::local::{self, LocalError};
use crate::simple::{self, PageError};

/// Why an answer that arrived is no page.
#[derive(Debug, Error)]
pub(crate) enum Unusable {
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Local(#[from] LocalError),
    #[error("its page cannot be kept: {0}")]
    Encode(#[from] postcard::Error),
    #[error(transparent)]
    Damaged(#[from] Damaged),
}

impl IndexClient {
    /// What `index` says of `project`, with the files of `versions`.
    ///
    /// `Absent`: the index answered that there is no such project. A cached page counts for
    /// [`ClientSettings::fresh_for`]; where the index then gives no answer, the older page is none.
    pub async fn project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Answer<ProjectFacts> {
        if let Some(answer) = self.cached_project(index, project, versions) {
            return answer;
        }
        let raw = match self.fetch_page(index, project, None).await {
            Ok(raw) => raw,
            Err(error) if error.is_absent() => None,
            Err(error) => return unavailable(index, &error),
        };
        let (client, index) = (self.clone(), index.clone());
        let (project, versions) = (project.clone(), versions.clone());
        // Reading a large page and writing to the disk would hold up the other requests.
        blocking(move || {
            let asked = Asked::new(index.source(), &project, &versions);
            let answer = client.take_page(&index, &asked, raw.as_ref());
            answer.unwrap_or_else(|error| unavailable(&index, &error))
        })
        .await
    }

    /// The answer, if no request is needed for it: from a fresh entry of the cache, from a local
    /// folder, and always when offline. It reads a file or two, and starts no TLS client.
    pub fn cached_project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Option<Answer<ProjectFacts>> {
        let asked = Asked::new(index.source(), project, versions);
        if let Some(root) = local::folder(&index.url) {
            let answer = self.local_project(index, &root, &asked);
            return Some(answer.unwrap_or_else(|error| unavailable(index, &error)));
        }
        let key = IndexKey::new(&index.url);
        let entry = self
            .cache
            .as_ref()
            .and_then(|cache| cache.page(&key, project));
        match entry {
            Some(entry) if self.counts(entry.fetched_at()) => match entry.facts(&asked) {
                Ok(facts) => Some(facts.map_or(Answer::Absent, Answer::Known)),
                Err(_) if !self.settings.offline => None,
                Err(damaged) => Some(unavailable(
                    index,
                    &format!("offline, and its cached page: {damaged}"),
                )),
            },
            _ if !self.settings.offline => None,
            Some(entry) => Some(unavailable(index, &self.too_old(entry.fetched_at()))),
            None => Some(unavailable(
                index,
                &"its page is not in the cache, and --offline",
            )),
        }
    }

    /// Whether an answer of that time may be used instead of a request.
    fn counts(&self, fetched_at: Timestamp) -> bool {
        let limit = if self.settings.offline {
            self.settings.max_age
        } else {
            self.settings.fresh_for
        };
        age(fetched_at, self.settings.now) <= limit
    }

    fn too_old(&self, fetched_at: Timestamp) -> String {
        format!(
            "its cached page is {} old, older than max-age ({}), and --offline",
            Words(age(fetched_at, self.settings.now)),
            Words(self.settings.max_age),
        )
    }

    pub(crate) async fn fetch_page(
        &self,
        index: &Index,
        project: &ProjectName,
        known: Option<&Revision>,
    ) -> Result<Option<Fetched<Vec<u8>>>, FetchError> {
        let request = Request {
            url: &index.page_url(project),
            realm: Some(index.url.with_credentials()),
            accept: simple::ACCEPT,
            range: None,
            json: None,
            known,
            exact_bytes: false,
            what: "page",
            max_bytes: self.settings.limits.page_bytes,
        };
        self.http.get(&request).await.map(Some)
    }

    /// Reads and stores a page; `None` is the answer that there is no such project.
    fn take_page(
        &self,
        index: &Index,
        asked: &Asked<'_>,
        raw: Option<&Fetched<Vec<u8>>>,
    ) -> Result<Answer<ProjectFacts>, Unusable> {
        let entry = self.take_entry(index, asked.project, raw)?;
        facts(
            &entry,
            &IndexKey::new(&index.url).page(asked.project),
            asked,
        )
    }

    /// Reads a page, stores it, and gives it as the cache has it.
    pub(crate) fn take_entry(
        &self,
        index: &Index,
        project: &ProjectName,
        raw: Option<&Fetched<Vec<u8>>>,
    ) -> Result<Vec<u8>, Unusable> {
        let read = |raw: &Fetched<Vec<u8>>| {
            simple::parse(raw.content_type.as_deref(), &raw.body, &raw.url, project)
        };
        let page = raw.map(read).transpose()?;
        let key = IndexKey::new(&index.url);
        let entry = entry::encode(key.page(project), self.fetch_time(), page.as_ref())?;
        if let Some(cache) = &self.cache {
            cache.store_page(&key, project, &entry);
        }
        Ok(entry)
    }

    /// Reads the page of an index that is a folder; nothing is kept.
    fn local_project(
        &self,
        index: &Index,
        root: &Path,
        asked: &Asked<'_>,
    ) -> Result<Answer<ProjectFacts>, Unusable> {
        let Some(entry) = self.local_entry(index, root, asked.project)? else {
            return Ok(Answer::Absent);
        };
        facts(
            &entry,
            &IndexKey::new(&index.url).page(asked.project),
            asked,
        )
    }

    /// The page of an index that is a folder, as the cache would have it.
    pub(crate) fn local_entry(
        &self,
        index: &Index,
        root: &Path,
        project: &ProjectName,
    ) -> Result<Option<Vec<u8>>, Unusable> {
        let Some(page) = local::page(root, project, self.settings.limits.page_bytes)? else {
            return Ok(None);
        };
        let key = IndexKey::new(&index.url).page(project);
        Ok(Some(entry::encode(key, self.settings.now, Some(&page))?))
    }

    /// The time of an answer from the network: no later than the clock of this machine.
    ///
    /// With a time of the run in the future, an answer would otherwise count as fresh until then.
    fn fetch_time(&self) -> Timestamp {
        self.settings.now.min(Timestamp::now())
    }
}

/// The facts of an entry that was just written: what is answered now and what is answered from the
/// cache later come out of the same bytes.
fn facts(entry: &[u8], key: &Key, asked: &Asked<'_>) -> Result<Answer<ProjectFacts>, Unusable> {
    let facts = Entry::open(Cursor::new(entry), key)?.facts(asked)?;
    Ok(facts.map_or(Answer::Absent, Answer::Known))
}

impl Index {
    /// The address of a project's page (PEP 503), with credentials.
    fn page_url(&self, project: &ProjectName) -> Url {
        let mut url = self.url.with_credentials().clone();
        // An address of an index ends in a slash, and a name has no character to escape.
        let path = format!("{}{project}/", url.path());
        url.set_path(&path);
        url
    }
}

/// Runs `work` where it may block; its panic is a bug, and stays one.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Answer<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Answer::Unavailable(Unavailable::new(
                &Source::new("pinproof"),
                "it is being stopped",
            )),
        },
    }
}

/// How old an answer is; one from the future, after a change of the clock, is new.
fn age(fetched_at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(fetched_at)).unwrap_or(Duration::ZERO)
}

/// A duration in its largest whole unit.
struct Words(Duration);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (number, unit) = match seconds {
            0..120 => (seconds, "second"),
            120..7_200 => (seconds / 60, "minute"),
            7_200..172_800 => (seconds / 3_600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        write!(f, "{number} {unit}{}", if number == 1 { "" } else { "s" })
    }
}

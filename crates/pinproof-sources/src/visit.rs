//! A page as the index answered it, to be kept by somebody else than the cache, and read again later.

use jiff::Timestamp;
use pinproof_core::{Answer, ProjectName};
use url::Url;

use crate::ask_page::ProjectPage;
use crate::ask_project::blocking;
use crate::cache::IndexKey;
use crate::cache::entry;
use crate::index_client::{Index, IndexClient, unavailable};
use crate::{local, simple};

/// The bytes of a page, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawPage {
    /// The address that answered, without credentials: links are relative to it.
    pub url: String,
    /// The media type, without parameters.
    pub content_type: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// A page that has just been asked for.
#[derive(Clone, Debug)]
pub struct Visited {
    /// The page, read.
    pub page: ProjectPage,
    /// Its bytes; an index that is a folder of this machine has none worth keeping.
    pub raw: Option<RawPage>,
}

impl IndexClient {
    /// Asks for the page of `project` on `index`, whatever the cache has, and keeps nothing.
    pub async fn visit(&self, index: &Index, project: &ProjectName) -> Answer<Visited> {
        let (client, index, project) = (self.clone(), index.clone(), project.clone());
        let now = self.settings.now;
        if let Some(root) = local::folder(&index.url) {
            return blocking(move || match client.local_entry(&index, &root, &project) {
                Ok(Some(entry)) => Answer::Known(Visited {
                    page: ProjectPage::of_entry(&index, &project, entry),
                    raw: None,
                }),
                Ok(None) => Answer::Absent,
                Err(error) => unavailable(&index, &error),
            })
            .await;
        }
        if self.settings.offline {
            return unavailable(&index, &"--offline");
        }
        let fetched = match self.fetch_page(&index, &project).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) => return Answer::Absent,
            Err(error) if error.is_absent() => return Answer::Absent,
            Err(error) => return unavailable(&index, &error),
        };
        let raw = RawPage {
            url: fetched.url.into(),
            content_type: fetched.content_type,
            body: fetched.body,
        };
        blocking(move || {
            ProjectPage::read(&index, &project, &raw, now).and_then(|page| {
                Answer::Known(Visited {
                    page,
                    raw: Some(raw),
                })
            })
        })
        .await
    }
}

impl ProjectPage {
    /// Reads the page of `project` that `index` answered at `fetched_at`.
    pub fn read(
        index: &Index,
        project: &ProjectName,
        raw: &RawPage,
        fetched_at: Timestamp,
    ) -> Answer<Self> {
        let Ok(url) = Url::parse(&raw.url) else {
            return unavailable(index, &"the address of its page is none");
        };
        let page = match simple::parse(raw.content_type.as_deref(), &raw.body, &url, project) {
            Ok(page) => page,
            Err(error) => return unavailable(index, &error),
        };
        let key = IndexKey::new(&index.url).page(project);
        match entry::encode(key, fetched_at, Some(&page)) {
            Ok(entry) => Answer::Known(Self::of_entry(index, project, entry)),
            Err(error) => unavailable(index, &error),
        }
    }
}

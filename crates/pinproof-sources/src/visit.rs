//! A page as the index answered it, to be kept by somebody else than the cache, and read again later.

use jiff::Timestamp;
use pinproof_core::{Answer, ProjectFacts, ProjectName};
use url::Url;

use crate::ask_page::ProjectPage;
use crate::ask_project::blocking;
use crate::cache::IndexKey;
use crate::cache::entry;
use crate::http::{Fetched, Revision};
use crate::index_client::{Index, IndexClient, unavailable};
use crate::simple::Page;
use crate::{local, simple};

/// The bytes of a page, and what they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawPage {
    /// The address that answered, without credentials: links are relative to it.
    pub url: String,
    /// The media type, without parameters.
    pub content_type: Option<String>,
    /// What tells it from another state of the page.
    pub revision: Revision,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What a visit brought.
#[derive(Clone, Debug)]
pub enum Visited {
    /// A page, read.
    Page {
        /// What it says.
        page: ProjectPage,
        /// Its bytes; an index that is a folder of this machine has none worth keeping.
        raw: Option<RawPage>,
    },
    /// The page is still the one of the revision that was known. For how long that counts is said anew.
    Unchanged(Revision),
}

impl IndexClient {
    /// Asks for the page of `project` on `index`, whatever the cache has, and keeps nothing.
    ///
    /// With a known revision, the index is asked for another one only.
    pub async fn visit(
        &self,
        index: &Index,
        project: &ProjectName,
        known: Option<&Revision>,
    ) -> Answer<Visited> {
        let (client, index, project) = (self.clone(), index.clone(), project.clone());
        let now = self.settings.now;
        if let Some(root) = local::folder(&index.url) {
            return blocking(move || match client.local_entry(&index, &root, &project) {
                Ok(Some(entry)) => Answer::Known(Visited::Page {
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
        let known = known.filter(|known| known.has_validator());
        let fetched = match self.fetch_page(&index, &project, known).await {
            Ok(Some(fetched)) if fetched.status == 304 => {
                return Answer::Known(Visited::Unchanged(fetched.revision));
            }
            Ok(Some(fetched)) => fetched,
            Ok(None) => return Answer::Absent,
            Err(error) if error.is_absent() => return Answer::Absent,
            Err(error) => return unavailable(&index, &error),
        };
        blocking(move || take(&index, &project, fetched, now)).await
    }

    /// Whether the host of an index was out of reach when it was asked last.
    pub fn is_out_of_reach(&self, index: &Index) -> bool {
        self.http.is_out_of_reach(index.url.with_credentials())
    }
}

fn take(
    index: &Index,
    project: &ProjectName,
    fetched: Fetched<Vec<u8>>,
    now: Timestamp,
) -> Answer<Visited> {
    let mut raw = RawPage {
        url: fetched.url.into(),
        content_type: fetched.content_type,
        revision: fetched.revision,
        body: fetched.body,
    };
    let page = match raw.parse(index, project) {
        Ok(page) => page,
        Err(why) => return why,
    };
    raw.revision.serial = raw.revision.serial.or(page.serial);
    ProjectPage::of_page(index, project, &page, now).and_then(|page| {
        Answer::Known(Visited::Page {
            page,
            raw: Some(raw),
        })
    })
}

impl RawPage {
    /// Everything that the page of `project` says, which `index` answered at `fetched_at`.
    pub fn facts(
        &self,
        index: &Index,
        project: &ProjectName,
        fetched_at: Timestamp,
    ) -> Answer<ProjectFacts> {
        match self.parse(index, project) {
            Ok(page) => {
                let whose = (index.source(), project);
                Answer::Known(entry::facts_of(page, whose, fetched_at))
            }
            Err(why) => why,
        }
    }

    fn parse<T>(&self, index: &Index, project: &ProjectName) -> Result<Page, Answer<T>> {
        let Ok(url) = Url::parse(&self.url) else {
            return Err(unavailable(index, &"the address of its page is none"));
        };
        let read = simple::parse(self.content_type.as_deref(), &self.body, &url, project);
        read.map_err(|error| unavailable(index, &error))
    }
}

impl ProjectPage {
    fn of_page(
        index: &Index,
        project: &ProjectName,
        page: &Page,
        fetched_at: Timestamp,
    ) -> Answer<Self> {
        let key = IndexKey::new(&index.url).page(project);
        match entry::encode(key, fetched_at, Some(page)) {
            Ok(entry) => Answer::Known(Self::of_entry(index, project, entry)),
            Err(error) => unavailable(index, &error),
        }
    }
}

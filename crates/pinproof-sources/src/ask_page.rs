//! A whole page of a project, kept in memory and read release by release: what a resolver needs.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};
use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::evidence::{Source, Unavailable};
use pinproof_core::project_facts::ProjectFacts;
use pinproof_core::{Answer, FileFacts, Hash, Printable, ProjectName, ReleaseFacts, Version};

use crate::ask_project::blocking;
use crate::cache::IndexKey;
use crate::cache::entry::{self, Asked, Entry, Key};
use crate::index_client::{Index, IndexClient, unavailable};
use crate::simple::Page;
use crate::{local, metadata};

/// A page as it was fetched or cached. Its files are decoded when they are asked for, so that a
/// thousand pages fit in memory.
#[derive(Clone, Debug)]
pub struct ProjectPage {
    entry: Arc<[u8]>,
    key: Key,
    source: Source,
    project: ProjectName,
}

impl ProjectPage {
    /// The facts of the page, with the files of `versions`. The page is known, so an answer other than
    /// [`Answer::Known`] is one that does not happen.
    pub fn facts(&self, versions: &BTreeSet<Version>) -> Answer<ProjectFacts> {
        self.read_facts(&Asked::new(self.source.clone(), &self.project, versions))
    }

    /// The facts of the page, with the files of every release.
    pub fn all_facts(&self) -> Answer<ProjectFacts> {
        self.read_facts(&Asked::all(self.source.clone(), &self.project))
    }

    fn read_facts(&self, asked: &Asked<'_>) -> Answer<ProjectFacts> {
        let read =
            Entry::open(Cursor::new(&self.entry), &self.key).and_then(|entry| entry.facts(asked));
        match read {
            Ok(facts) => facts.map_or(Answer::Absent, Answer::Known),
            Err(damaged) => {
                Answer::Unavailable(Unavailable::new(&self.source, damaged.to_string()))
            }
        }
    }
}

impl ProjectPage {
    /// A page as the cache has it.
    pub(crate) fn of_entry(index: &Index, project: &ProjectName, entry: Vec<u8>) -> Self {
        Self {
            entry: entry.into(),
            key: IndexKey::new(&index.url).page(project),
            source: index.source(),
            project: project.clone(),
        }
    }

    /// A page of one file that is named by its address and listed by no index. Nothing is known of it
    /// but what is stated here.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    pub fn of_file(
        index: &Index,
        project: &ProjectName,
        (version, file): (Version, FileFacts),
        now: Timestamp,
    ) -> Result<Self, Printable> {
        let key = IndexKey::new(&index.url).page(project);
        let page = Page {
            releases: [(version, ReleaseFacts { files: vec![file] })].into(),
            ..Page::default()
        };
        let entry = entry::encode(key, now, Some(&page));
        let entry = entry.map_err(|error| Printable::from(error.to_string()))?;
        Ok(Self {
            entry: entry.into(),
            key,
            source: index.source(),
            project: project.clone(),
        })
    }
}

impl IndexClient {
    /// The SHA-256 of a file that the index publishes none of: it is read as a whole.
    pub async fn sha256(&self, index: &Index, file: &FileFacts) -> Answer<Hash> {
        let is_local = index.url.with_credentials().scheme() == "file";
        if self.settings.offline && !is_local {
            let file = Printable::new(&file.filename).shortened(120);
            let why = format!("{file} would have to be fetched to be hashed, and --offline");
            return unavailable(index, &why);
        }
        let realm = index.url.with_credentials();
        match metadata::sha256(&self.http, realm, file).await {
            Ok(hash) => Answer::Known(hash),
            Err(error) => unavailable(index, &error),
        }
    }

    /// The `pyproject.toml` of a source distribution, read without running anything; `Absent` if it has none.
    pub async fn pyproject(&self, index: &Index, file: &FileFacts) -> Answer<Vec<u8>> {
        let is_local = index.url.with_credentials().scheme() == "file";
        if self.settings.offline && !is_local {
            let file = Printable::new(&file.filename).shortened(120);
            let why = format!("{file} would have to be fetched to be read, and --offline");
            return unavailable(index, &why);
        }
        let realm = index.url.with_credentials();
        match metadata::pyproject(&self.http, realm, file).await {
            Ok(Some(content)) => Answer::Known(content),
            Ok(None) => Answer::Absent,
            Err(error) => unavailable(index, &error),
        }
    }

    /// The page of `project` on `index`, with every release; see [`project`](Self::project) for how long
    /// a cached one counts.
    pub async fn page(&self, index: &Index, project: &ProjectName) -> Answer<ProjectPage> {
        if let Some(answer) = self.cached_page(index, project) {
            return answer;
        }
        let raw = match self.fetch_page(index, project, None).await {
            Ok(raw) => raw,
            Err(error) if error.is_absent() => return self.keep_absent(index, project).await,
            Err(error) => return unavailable(index, &error),
        };
        let (client, index, project) = (self.clone(), index.clone(), project.clone());
        blocking(
            move || match client.take_entry(&index, &project, raw.as_ref()) {
                Ok(entry) => known(&index, &project, entry),
                Err(error) => unavailable(&index, &error),
            },
        )
        .await
    }

    async fn keep_absent(&self, index: &Index, project: &ProjectName) -> Answer<ProjectPage> {
        let (client, index, project) = (self.clone(), index.clone(), project.clone());
        blocking(move || match client.take_entry(&index, &project, None) {
            Ok(_) => Answer::Absent,
            Err(error) => unavailable(&index, &error),
        })
        .await
    }

    /// The page, if no request is needed for it.
    fn cached_page(&self, index: &Index, project: &ProjectName) -> Option<Answer<ProjectPage>> {
        let nothing = BTreeSet::new();
        if let Some(root) = local::folder(&index.url) {
            return Some(match self.local_entry(index, &root, project) {
                Ok(Some(entry)) => known(index, project, entry),
                Ok(None) => Answer::Absent,
                Err(error) => unavailable(index, &error),
            });
        }
        let answer = self.cached_project(index, project, &nothing)?;
        Some(answer.and_then(|_| {
            let key = IndexKey::new(&index.url);
            let cached = self
                .cache
                .as_ref()
                .and_then(|cache| cache.page_bytes(&key, project));
            match cached {
                Some(entry) => known(index, project, entry),
                None => unavailable(index, &"its cached page cannot be read"),
            }
        }))
    }
}

fn known(index: &Index, project: &ProjectName, entry: Vec<u8>) -> Answer<ProjectPage> {
    Answer::Known(ProjectPage::of_entry(index, project, entry))
}

/// The bytes of a file of the cache, bounded.
pub(crate) fn read_bounded(file: std::fs::File, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes).ok()?;
    (read as u64 <= most).then_some(bytes)
}

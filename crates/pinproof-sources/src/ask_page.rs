//! A whole page of a project, kept in memory and read release by release: what a resolver needs.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};
use std::sync::Arc;

use pinproof_core::evidence::{Source, Unavailable};
use pinproof_core::project_facts::ProjectFacts;
use pinproof_core::{Answer, ProjectName, Version};

use crate::ask_project::blocking;
use crate::cache::IndexKey;
use crate::cache::entry::{Asked, Entry, Key};
use crate::index_client::{Index, IndexClient, unavailable};
use crate::local;

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
        let asked = Asked::new(self.source.clone(), &self.project, versions);
        let read =
            Entry::open(Cursor::new(&self.entry), &self.key).and_then(|entry| entry.facts(&asked));
        match read {
            Ok(facts) => facts.map_or(Answer::Absent, Answer::Known),
            Err(damaged) => {
                Answer::Unavailable(Unavailable::new(&self.source, damaged.to_string()))
            }
        }
    }
}

impl IndexClient {
    /// The page of `project` on `index`, with every release; see [`project`](Self::project) for how long
    /// a cached one counts.
    pub async fn page(&self, index: &Index, project: &ProjectName) -> Answer<ProjectPage> {
        if let Some(answer) = self.cached_page(index, project) {
            return answer;
        }
        let raw = match self.fetch_page(index, project).await {
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
    Answer::Known(ProjectPage {
        entry: entry.into(),
        key: IndexKey::new(&index.url).page(project),
        source: index.source(),
        project: project.clone(),
    })
}

/// The bytes of a file of the cache, bounded.
pub(crate) fn read_bounded(file: std::fs::File, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes).ok()?;
    (read as u64 <= most).then_some(bytes)
}

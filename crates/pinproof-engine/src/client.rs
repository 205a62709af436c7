//! Indexes and databases as the sources of evidence.

use std::collections::BTreeSet;

use pinproof_core::filename;
use pinproof_core::tags::TagSet;
use pinproof_core::{Answer, FileFacts, ProjectFacts, ProjectName, Version};
use pinproof_policy::Policy;
use pinproof_policy::evidence::{Advisories, Metadata};
use pinproof_sources::{Index, IndexClient, Release};

use crate::advisories::{self, Book, Online};
use crate::gather::{ByProject, EvidenceSource, MetadataQuestion, Releases};

/// Who answers in a real run.
#[derive(Debug)]
pub struct Sources<'a> {
    /// Indexes.
    pub client: IndexClient,
    /// Advisories, from databases.
    pub advisories: &'a Book,
    /// An OSV server that is asked instead of OSV's database.
    pub online: Option<Online>,
}

impl EvidenceSource for Sources<'_> {
    fn known_project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Option<Answer<ProjectFacts>> {
        self.client.cached_project(index, project, versions)
    }

    async fn project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Answer<ProjectFacts> {
        self.client.project(index, project, versions).await
    }

    fn known_metadata(&self, question: &MetadataQuestion<'_>) -> Option<Answer<Metadata>> {
        self.client
            .cached_metadata(question.index, release(question), &rank(question))
    }

    async fn metadata(&self, question: &MetadataQuestion<'_>) -> Answer<Metadata> {
        let client = &self.client;
        client
            .metadata(question.index, release(question), &rank(question))
            .await
    }

    async fn advisories(
        &self,
        wanted: &Releases,
        policy: &Policy,
    ) -> ByProject<Answer<Advisories>> {
        let mut online = match &self.online {
            Some(online) => online.about(wanted, policy).await,
            None => ByProject::new(),
        };
        let mut answer = |project: &ProjectName| {
            let others = self.advisories.about(project, policy);
            advisories::joined(online.remove(project), others)
        };
        wanted
            .keys()
            .map(|project| (project.clone(), answer(project)))
            .collect()
    }
}

fn release<'a>(question: &MetadataQuestion<'a>) -> Release<'a> {
    Release {
        project: question.project,
        version: question.version,
        files: question.release,
    }
}

/// The wheel that would be installed is read first: accepted by the hashes, and for the environment.
fn rank(question: &MetadataQuestion<'_>) -> impl Fn(&FileFacts) -> u32 + Sync {
    let tags = TagSet::of(question.target);
    let hashes: Vec<_> = question
        .hashes
        .iter()
        .map(|written| &written.hash)
        .collect();
    move |file| {
        let fits = filename::parse(&file.filename, question.project)
            .and_then(|parsed| parsed.wheel)
            .is_some_and(|wheel| tags.accepts(&wheel));
        let is_accepted = file.is_accepted_by(&hashes);
        u32::from(!is_accepted) * 2 + u32::from(!fits)
    }
}

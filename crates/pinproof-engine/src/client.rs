//! The index client as a source of evidence.

use std::collections::BTreeSet;

use pinproof_core::filename;
use pinproof_core::tags::TagSet;
use pinproof_core::{Answer, FileFacts, ProjectFacts, ProjectName, Version};
use pinproof_policy::evidence::Metadata;
use pinproof_sources::{Index, IndexClient, Release};

use crate::gather::{EvidenceSource, MetadataQuestion};

impl EvidenceSource for IndexClient {
    fn known_project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Option<Answer<ProjectFacts>> {
        self.cached_project(index, project, versions)
    }

    async fn project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Answer<ProjectFacts> {
        Self::project(self, index, project, versions).await
    }

    fn known_metadata(&self, question: &MetadataQuestion<'_>) -> Option<Answer<Metadata>> {
        self.cached_metadata(question.index, release(question), &rank(question))
    }

    async fn metadata(&self, question: &MetadataQuestion<'_>) -> Answer<Metadata> {
        Self::metadata(self, question.index, release(question), &rank(question)).await
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

//! The second half of the client: metadata of releases, from the cache or the index.

use pinproof_core::project_facts::{MetadataObstacle, ReleaseMetadata};
use pinproof_core::{Answer, FileFacts, HashAlgorithm};

use crate::cache::IndexKey;
use crate::index_client::{Index, IndexClient, unavailable};
use crate::metadata::{self, Known, MetadataError, Question, Release};

impl IndexClient {
    /// The dependencies of a release, read without building it.
    ///
    /// `rank` orders its files, lowest first; wheels come before source distributions in any case.
    /// `Absent`: the release has no wheel and no source distribution. What was read once about a file
    /// with a SHA-256 is kept for ever, offline or not: it cannot change.
    pub async fn metadata(
        &self,
        index: &Index,
        release: Release<'_>,
        rank: &(dyn Fn(&FileFacts) -> u32 + Sync),
    ) -> Answer<Result<ReleaseMetadata, MetadataObstacle>> {
        let Some(question) = release.question(rank) else {
            return Answer::Absent;
        };
        if let Some(answer) = self.cached_answer(index, &question) {
            return answer;
        }
        match question.ask(&self.http, index.url.with_credentials()).await {
            Ok(known) => {
                self.keep(index, &question, &known);
                Answer::Known(known)
            }
            Err(error) => unavailable(index, &error),
        }
    }

    /// The answer, if no request is needed for it: see [`cached_project`](Self::cached_project).
    pub fn cached_metadata(
        &self,
        index: &Index,
        release: Release<'_>,
        rank: &(dyn Fn(&FileFacts) -> u32 + Sync),
    ) -> Option<Answer<Result<ReleaseMetadata, MetadataObstacle>>> {
        match release.question(rank) {
            Some(question) => self.cached_answer(index, &question),
            None => Some(Answer::Absent),
        }
    }

    /// The core metadata in a wheel, read where the wheel is with as few bytes as possible. Nothing is kept, and where
    /// the server answers parts of a file, nothing holds them to its hash.
    pub async fn wheel_metadata(
        &self,
        index: &Index,
        file: &FileFacts,
    ) -> Result<Vec<u8>, MetadataError> {
        metadata::of_wheel(&self.http, index.url.with_credentials(), file).await
    }

    fn cached_answer(&self, index: &Index, question: &Question<'_>) -> Option<Answer<Known>> {
        let hash = question.file.hash(HashAlgorithm::Sha256);
        let stored: Option<Known> = match (&self.cache, hash) {
            (Some(cache), Some(hash)) => cache.metadata(&IndexKey::new(&index.url), hash),
            _ => None,
        };
        let is_its_own = |known: &Known| match known {
            Ok(metadata) => metadata.read_from == question.file.filename,
            Err(_) => true,
        };
        if let Some(known) = stored.filter(is_its_own) {
            return Some(Answer::Known(known));
        }
        let is_local = index.url.with_credentials().scheme() == "file";
        if self.settings.offline && !is_local {
            let file = &question.file.filename;
            let why = format!("the metadata of {file} is not in the cache, and --offline");
            return Some(unavailable(index, &why));
        }
        None
    }

    fn keep(&self, index: &Index, question: &Question<'_>, known: &Known) {
        if let (Some(cache), Some(hash)) = (&self.cache, question.file.hash(HashAlgorithm::Sha256))
        {
            cache.store_metadata(&IndexKey::new(&index.url), hash, known);
        }
    }
}

//! Every file of a release at once: what is true of the release is found once, and not again for each file.

use jiff::Timestamp;
use pinproof_core::Verdict;

use super::Run;
use crate::digest;
use crate::evidence::Evidence;
use crate::policy::Policy;
use crate::subject::{DistributionSubject, ReleaseSubject, Subject};

/// Decides about each file of `release`, in its order.
///
/// The verdicts are those of [`decide`](crate::decide) about each [`Subject::Distribution`]. A release may have hundreds of files,
/// and a page thousands of them.
pub fn decide_files(
    release: &ReleaseSubject<'_>,
    evidence: &Evidence,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Verdict> {
    let files = &release.release.files;
    let subject = |file| DistributionSubject {
        release: release.clone(),
        file,
    };
    let Some(first) = files.first() else {
        return Vec::new();
    };
    // The evidence is that of the release, so its digest is the same for each of them.
    let digest = digest::of_evidence(&Subject::Distribution(&subject(first)), evidence, policy);
    let mut of_release = Run::new(evidence, policy, now);
    of_release.release_alone(release);
    let verdict = |file| {
        let subject = subject(file);
        let mut run = Run {
            asked: of_release.asked.clone(),
            collected: of_release.collected.clone(),
            ..Run::new(evidence, policy, now)
        };
        run.file_alone(&subject);
        run.verdict(&Subject::Distribution(&subject), digest.clone())
    };
    files.iter().map(verdict).collect()
}

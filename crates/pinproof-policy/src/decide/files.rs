//! Every file of a release at once: what is true of the release is found once, and not again for each file.

use jiff::Timestamp;
use pinproof_core::{FileFacts, Verdict};

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
    let Some(first) = files.first() else {
        return Vec::new();
    };
    let digest = digest_of_release(release, first, evidence, policy);
    let mut verdicts = Vec::with_capacity(files.len());
    each_file(
        release,
        (evidence, policy, now),
        |_| true,
        |_, run, subject| {
            verdicts.push(run.verdict(&Subject::Distribution(subject), digest.clone()));
        },
    );
    verdicts
}

/// Decides about those files of `release` that are `wanted`, in its order, for somebody who compares policies: the
/// verdicts are those of [`decide_files`], and have no digest of the evidence.
pub fn decide_wanted(
    release: &ReleaseSubject<'_>,
    (evidence, policy, now): (&Evidence, &Policy, Timestamp),
    wanted: impl Fn(&FileFacts) -> bool,
    mut each: impl FnMut(&FileFacts, Verdict),
) {
    each_file(
        release,
        (evidence, policy, now),
        wanted,
        |file, run, subject| {
            each(
                file,
                run.verdict(&Subject::Distribution(subject), String::new()),
            );
        },
    );
}

/// The digest of the evidence that the files of a release are decided on: it is that of the release, so it is the same
/// for each of them.
pub fn digest_of_release(
    release: &ReleaseSubject<'_>,
    any: &FileFacts,
    evidence: &Evidence,
    policy: &Policy,
) -> String {
    let subject = DistributionSubject {
        release: release.clone(),
        file: any,
    };
    digest::of_evidence(&Subject::Distribution(&subject), evidence, policy)
}

fn each_file(
    release: &ReleaseSubject<'_>,
    (evidence, policy, now): (&Evidence, &Policy, Timestamp),
    wanted: impl Fn(&FileFacts) -> bool,
    mut each: impl FnMut(&FileFacts, Run<'_>, &DistributionSubject<'_>),
) {
    let mut of_release: Option<Run<'_>> = None;
    for file in release.release.files.iter().filter(|file| wanted(file)) {
        let of_release = of_release.get_or_insert_with(|| {
            let mut run = Run::new(evidence, policy, now);
            run.release_alone(release);
            run
        });
        let subject = DistributionSubject {
            release: release.clone(),
            file,
        };
        let mut run = Run {
            asked: of_release.asked.clone(),
            collected: of_release.collected.clone(),
            ..*of_release
        };
        run.file_alone(&subject);
        each(file, run, &subject);
    }
}

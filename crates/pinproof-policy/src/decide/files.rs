//! Every file of a page: what is true of the project is found once, and what is true of a release once for its files.

use jiff::Timestamp;
use pinproof_core::{FileFacts, ProjectFacts, Verdict};

use super::{Run, alone};
use crate::alternatives::Newest;
use crate::digest::OfPage;
use crate::evidence::Evidence;
use crate::joined::Joined;
use crate::once::Once;
use crate::outcome::{About, Collected};
use crate::policy::Policy;
use crate::subject::{DistributionSubject, ReleaseSubject, Subject};

/// A policy, and a page to decide about: its releases may be thousands, and its files more.
#[derive(Clone, Debug)]
pub struct Judge<'a> {
    evidence: &'a Evidence,
    policy: &'a Policy,
    now: Timestamp,
    newest: Newest<'a>,
    /// What the rules about the project say where that names no release: it is the same for each of them.
    of_project: Option<Collected>,
}

impl<'a> Judge<'a> {
    /// Decides about releases of `page`, on `evidence` by `policy`, as of `now`.
    pub fn new(
        page: &'a ProjectFacts,
        evidence: &'a Evidence,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        let mut run = Run::new(evidence, policy, now);
        run.project_alone(page, &alone(&page.project, None));
        let found = run.collected;
        let is_silent =
            found.findings.is_empty() && found.questions.is_empty() && found.lanes.is_empty();
        Self {
            evidence,
            policy,
            now,
            newest: Newest::new(page),
            of_project: is_silent.then_some(found),
        }
    }

    /// Decides about each file of `release`, in its order; `digest` is that of the evidence on its page.
    ///
    /// The verdicts are those of [`decide`](crate::decide) about each [`Subject::Distribution`].
    pub fn files(&self, release: &ReleaseSubject<'_>, digest: &OfPage) -> Vec<Verdict> {
        let digest = digest.of_release(release, self.evidence);
        let mut verdicts = Vec::with_capacity(release.release.files.len());
        self.each_file(
            release,
            |_| true,
            |_, run, subject| {
                verdicts.push(run.verdict(&Subject::Distribution(subject), digest.clone()));
            },
        );
        verdicts
    }

    /// Decides about those files of `release` that are `wanted`, in its order, for somebody who compares policies: the
    /// verdicts are those of [`Judge::files`], and have no digest of the evidence.
    pub fn wanted(
        &self,
        release: &ReleaseSubject<'_>,
        wanted: impl Fn(&FileFacts) -> bool,
        mut each: impl FnMut(&FileFacts, Verdict),
    ) {
        self.each_file(release, wanted, |file, run, subject| {
            each(
                file,
                run.verdict(&Subject::Distribution(subject), "".into()),
            );
        });
    }

    fn each_file(
        &self,
        release: &ReleaseSubject<'_>,
        wanted: impl Fn(&FileFacts) -> bool,
        mut each: impl FnMut(&FileFacts, Run<'_>, &DistributionSubject<'_>),
    ) {
        let mut files = release.release.files.iter().filter(|file| wanted(file));
        let Some(mut file) = files.next() else { return };
        let about = alone(release.project, Some(release.version));
        let joined = Joined::new(release.release);
        let mut of_release = self.release(release, &joined, &about);
        loop {
            let next = files.next();
            // The last one takes what the others copy.
            let collected = match next {
                Some(_) => of_release.collected.clone(),
                None => std::mem::take(&mut of_release.collected),
            };
            let subject = DistributionSubject {
                release: release.clone(),
                file,
            };
            let mut run = Run {
                collected,
                ..of_release
            };
            run.file_alone(&subject, &about);
            each(file, run, &subject);
            let Some(next) = next else { return };
            file = next;
        }
    }

    /// What is true of a release, whichever of its files is asked for.
    fn release<'s>(
        &'s self,
        release: &ReleaseSubject<'_>,
        joined: &'s Joined<'s>,
        about: &About,
    ) -> Run<'s> {
        let mut run = Run::new(self.evidence, self.policy, self.now);
        run.once = Once {
            newest: Some(&self.newest),
            joined: Some(joined),
        };
        run.named_alone(release, about);
        match &self.of_project {
            Some(found) => run.collected.extend(found.clone()),
            None => run.project_alone(release.page, about),
        }
        run.release(
            release,
            &super::alone(release.project, Some(release.version)),
        );
        run
    }
}

/// Decides about each file of `release`, in its order.
pub fn decide_files(
    release: &ReleaseSubject<'_>,
    evidence: &Evidence,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Verdict> {
    let digest = OfPage::new(release.page, evidence);
    Judge::new(release.page, evidence, policy, now).files(release, &digest)
}

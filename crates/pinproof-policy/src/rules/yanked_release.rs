//! `yanked-release`: withdrawn by its authors, who often say why.

use pinproof_core::FileFacts;

use crate::alternatives::newest_allowed;
use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::ReleaseSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "yanked-release",
    summary: "withdrawn by its authors",
    cases: &[YANKED],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Release(check),
};

const YANKED: Case = Case::warn("yanked").not_chosen().of_the_pin();

fn check(subject: &ReleaseSubject<'_>, out: &mut Outcome<'_>) {
    let accepted: Vec<_> = subject.accepted_files().collect();
    // Without a file that the requirement accepts, what counts is the release as a whole.
    let is_yanked = if accepted.is_empty() {
        are_all_yanked(subject.release.files.iter())
    } else {
        are_all_yanked(accepted.iter().copied())
    };
    if !is_yanked {
        return;
    }
    let (project, version) = (subject.project, subject.version);
    let instead = newest_allowed(subject.page, out, Some(version))
        .map(|release| release.version.to_string());
    let report = out
        .report(&YANKED, format!("`{project}` {version} was withdrawn by its authors (yanked)"))
        .label("yanked")
        .note(match reason(subject) {
            Some(reason) => format!("they say: {}", quote(reason)),
            None => "they give no reason".to_owned(),
        });
    match instead {
        Some(version) => report.help(format!("{version} is the newest release that the policy allows")),
        None => report.help("no other release is allowed by the policy"),
    };
}

fn are_all_yanked<'a>(mut files: impl Iterator<Item = &'a FileFacts>) -> bool {
    let is_first_yanked = files.next().is_some_and(|file| file.yanked.is_some());
    is_first_yanked && files.all(|file| file.yanked.is_some())
}

fn reason<'a>(subject: &ReleaseSubject<'a>) -> Option<&'a str> {
    let reasons = subject.release.files.iter().filter_map(|file| file.yanked.as_ref()?.as_deref());
    reasons.map(str::trim).find(|reason| !reason.is_empty())
}

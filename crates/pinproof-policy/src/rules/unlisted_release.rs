//! `unlisted-release`: there is an allow-list, and no lock in it has this.

use pinproof_core::evidence::{Openness, Source};
use pinproof_core::manifest::{Origin, Requirement};
use pinproof_core::{ProjectName, Specifiers, Version};

use crate::allow_list::{AllowList, Listed};
use crate::outcome::{Outcome, Report};
use crate::rule::{Case, Check, Rule};
use crate::subject::{DistributionSubject, RequirementSubject};
use crate::wording::quote;

pub(crate) const NAME: &str = "unlisted-release";

pub(super) static RULE: Rule = Rule {
    name: NAME,
    summary: "in no lock of the allow-list",
    cases: &[PROJECT, RELEASE, FILE],
    needs: &[],
    settings: &[],
    check: Check::RequirementOrFile(check, check_file),
};

const PROJECT: Case = Case::deny("project").refused();
const RELEASE: Case = Case::deny("release").refused().of_the_pin();
const FILE: Case = Case::deny("file").refused().of_the_pin();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Some(list) = &out.policy.allow_list else {
        return;
    };
    let requirement = subject.requirement;
    let Some(project) = &requirement.name else {
        return;
    };
    // What is no file of an index comes through no gateway: other rules speak of it.
    if !matches!(requirement.origin, Origin::Index(_) | Origin::Url { .. }) {
        return;
    }
    let Some(listed) = listed(list, out) else {
        return;
    };
    if !listed.has_project(project) {
        return report_project(project, list, out);
    }
    match (subject.version(), &requirement.origin) {
        (Some(version), _) if !listed.has_release(project, &version) => {
            let message = format!("`{project}` {version} {NOWHERE}");
            let report = out.report(&RELEASE, message);
            explain(report, listed, project, list);
        }
        (Some(version), _) => check_hashes(requirement, (project, &version), (list, listed), out),
        (None, Origin::Index(specifiers)) => check_range(project, specifiers, (list, listed), out),
        // An address that names no version: the hash would have to be that of a listed file.
        (None, _) => {
            let report = out.report(&FILE, format!("the file of `{project}` {NOWHERE}"));
            explain(report, listed, project, list);
        }
    }
}

const NOWHERE: &str = "is in no lock of the allow-list";

/// What the locks name; without it the question stays open.
fn listed<'a>(list: &'a AllowList, out: &mut Outcome<'_>) -> Option<&'a Listed> {
    let listed = list.listed();
    if listed.is_none() {
        let source = Source::new("the allow-list");
        out.open(source, Openness::Unavailable, "its lock files were not read");
    }
    listed
}

/// What is said of a project, whatever an index has of it.
pub(crate) fn report_project(project: &ProjectName, list: &AllowList, out: &mut Outcome<'_>) {
    out.report(&PROJECT, format!("`{project}` {NOWHERE}"))
        .label("not in the allow-list")
        .help(help(list));
}

fn check_hashes(
    requirement: &Requirement,
    (project, version): (&ProjectName, &Version),
    (list, listed): (&AllowList, &Listed),
    out: &mut Outcome<'_>,
) {
    let hashes = requirement.hashes.iter();
    let is_unlisted = |hash| !listed.has_hash(project, version, hash);
    let unlisted = hashes.filter(|written| is_unlisted(&written.hash)).count();
    let message = match (unlisted, requirement.hashes.len()) {
        (0, _) => return,
        (1, 1) => format!("the hash of `{project}` {version} {NOWHERE}"),
        (some, all) if some == all => {
            format!("none of the {all} hashes of `{project}` {version} is in a lock of the allow-list")
        }
        (some, all) => format!(
            "{some} of the {all} hashes of `{project}` {version} {} in no lock of the allow-list",
            if some == 1 { "is" } else { "are" }
        ),
    };
    out.report(&FILE, message)
        .label("accepts files that are not in the allow-list")
        .note("the release is in the allow-list, with other files")
        .help(help(list));
}

fn check_range(
    project: &ProjectName,
    specifiers: &Specifiers,
    (list, listed): (&AllowList, &Listed),
    out: &mut Outcome<'_>,
) {
    if listed.satisfies(project, specifiers) {
        return;
    }
    let message = format!("no release of `{project}` in the allow-list satisfies `{specifiers}`");
    let report = out.report(&RELEASE, message);
    explain(report, listed, project, list);
}

fn check_file(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let Some(list) = &out.policy.allow_list else {
        return;
    };
    let Some(listed) = listed(list, out) else {
        return;
    };
    let (project, version) = (subject.release.project, subject.release.version);
    if listed.has_file(project, version, subject.file) {
        return;
    }
    if !listed.has_project(project) {
        return report_project(project, list, out);
    }
    let filename = quote(&subject.file.filename);
    let report = out
        .report(&FILE, format!("`{filename}` {NOWHERE}"))
        .key(filename.as_str());
    if listed.has_release(project, version) {
        report
            .note("its release is in the allow-list, with the hashes of other files")
            .help(help(list));
    } else {
        explain(report, listed, project, list);
    }
}

fn explain(report: Report<'_>, listed: &Listed, project: &ProjectName, list: &AllowList) {
    /// The newest ones say enough.
    const MOST: usize = 5;
    let versions = listed.versions(project).rev().take(MOST);
    let versions: Vec<_> = versions.map(ToString::to_string).collect();
    let note = if versions.is_empty() {
        format!("the allow-list has no version of `{project}`")
    } else {
        format!("the allow-list has `{project}` {}", versions.join(", "))
    };
    report
        .label("not in the allow-list")
        .note(note)
        .help(help(list));
}

fn help(list: &AllowList) -> String {
    format!(
        "take what the allow-list has, or let those who answer for it add this to one of its locks: {}",
        list.shown()
    )
}

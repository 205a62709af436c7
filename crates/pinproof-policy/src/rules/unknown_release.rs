//! `unknown-release`: the index has the project, but nothing that the requirement accepts.

use pinproof_core::project_facts::StatusMarker;
use pinproof_core::{ProjectFacts, ProjectName, Specifiers, Version};

use crate::alternatives::newest_allowed;
use crate::outcome::{Outcome, Report};
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::RequirementSubject;

pub(super) static RULE: Rule = Rule {
    name: "unknown-release",
    summary: "the index has the project but not this version",
    cases: &[UNKNOWN, NONE_FITS],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Requirement(check),
};

const UNKNOWN: Case = Case::deny("unknown").refused().of_the_pin();
const NONE_FITS: Case = Case::deny("none-fits").refused().of_the_pin();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Some((project, specifiers)) = subject.from_index() else {
        return;
    };
    let Some(page) = out.page(subject) else { return };
    match subject.pin {
        Some(version) => check_pin(page, project, version, out),
        None => check_range(page, project, specifiers, out),
    }
}

/// A pin names exactly one release: `==2.0` would also install `2.0+local`, but that is another one.
fn check_pin(page: &ProjectFacts, project: &ProjectName, version: &Version, out: &mut Outcome<'_>) {
    if page.lists(version) {
        return;
    }
    let newest = newest(page, out);
    let report = out
        .report(&UNKNOWN, format!("`{project}` {version} is not on {}", page.source))
        .label("no such release")
        .note(match page.releases.len() {
            0 => format!("{} lists no release of it", page.source),
            1 => format!("{} lists one other release of it", page.source),
            count => format!("{} lists {count} other releases of it", page.source),
        });
    explain(report, page, newest);
}

fn check_range(
    page: &ProjectFacts,
    project: &ProjectName,
    specifiers: &Specifiers,
    out: &mut Outcome<'_>,
) {
    if page.matching(specifiers).next().is_some() {
        return;
    }
    let message = if page.releases.is_empty() {
        format!("{} lists no release of `{project}`", page.source)
    } else {
        format!("no release of `{project}` on {} satisfies `{specifiers}`", page.source)
    };
    let newest = newest(page, out);
    let report = out.report(&NONE_FITS, message).label("no such release");
    explain(report, page, newest);
}

fn newest(page: &ProjectFacts, out: &Outcome<'_>) -> Option<String> {
    newest_allowed(page, out, None).map(|release| release.version.to_string())
}

fn explain(mut report: Report<'_>, page: &ProjectFacts, newest: Option<String>) {
    if page.not_understood > 0 {
        report = report.note(format!(
            "entries of its page that could not be understood: {}",
            page.not_understood
        ));
    }
    let is_quarantined = page
        .status
        .as_ref()
        .is_some_and(|status| status.marker == StatusMarker::Quarantined);
    if is_quarantined {
        report = report.note("the project is quarantined, and an index hides the files of such a project");
    }
    match newest {
        Some(version) => report.help(format!("{version} is the newest release that the policy allows")),
        None => report.help("check the version, and which index the project is published on"),
    };
}

//! `quarantined-project`: the index itself suspects that the project is malware.

use pinproof_core::project_facts::{ProjectStatus, StatusMarker};

use crate::outcome::Outcome;
use crate::project_status::{status_of, with_reason};
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::ProjectSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "quarantined-project",
    summary: "the index suspects malware",
    cases: &[QUARANTINED, UNKNOWN_STATUS],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Project(check),
};

const QUARANTINED: Case = Case::deny("quarantined").refused();
const UNKNOWN_STATUS: Case = Case::warn("unknown-status");

fn check(subject: &ProjectSubject<'_>, out: &mut Outcome<'_>) {
    if let Some(status) = status_of(subject, out) {
        report_status(subject, status, out);
    }
}

fn report_status(subject: &ProjectSubject<'_>, status: &ProjectStatus, out: &mut Outcome<'_>) {
    let project = subject.project;
    let place = subject.requirement.map(|requirement| requirement.name_place("quarantined"));
    let report = match &status.marker {
        StatusMarker::Active | StatusMarker::Archived | StatusMarker::Deprecated => return,
        StatusMarker::Quarantined => out
            .report(
                &QUARANTINED,
                format!("`{project}` is quarantined: its index suspects that it is malware"),
            )
            .help("do not install it; if it is installed somewhere, treat that machine as compromised \
                   until the index has decided"),
        StatusMarker::Other(marker) => out.report(
            &UNKNOWN_STATUS,
            format!("`{project}` has the status `{}`, which pinproof does not know", quote(marker)),
        ),
    };
    let report = with_reason(report, status);
    if let Some(place) = place {
        let label = if status.marker == StatusMarker::Quarantined { "quarantined" } else { "unknown status" };
        report.at(place).label(label);
    }
}

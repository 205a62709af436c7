//! `quarantined-project`: the index itself suspects that the project is malware.

use pinproof_core::evidence::{Answer, Openness};
use pinproof_core::project_facts::{ProjectStatus, StatusMarker};

use crate::outcome::{Outcome, Report};
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
    let Some(page) = out.ask(subject.page.clone(), "") else {
        return;
    };
    match page.status() {
        Answer::Known(status) => report_status(subject, status, out),
        Answer::Absent => {}
        Answer::Unsupported(source) => {
            out.open(source, Openness::Unsupported, "publishes no project status");
        }
        Answer::Unavailable(reason) => {
            out.open(reason.source, Openness::Unavailable, reason.why.as_str());
        }
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
    let report = with_reason(report, status.reason.as_deref());
    if let Some(place) = place {
        let label = if status.marker == StatusMarker::Quarantined { "quarantined" } else { "unknown status" };
        report.at(place).label(label);
    }
}

fn with_reason<'a>(report: Report<'a>, reason: Option<&str>) -> Report<'a> {
    match reason {
        Some(reason) => report.note(format!("the index says: {}", quote(reason))),
        None => report,
    }
}

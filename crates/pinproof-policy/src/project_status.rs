//! What an index says of a project as a whole (PEP 792), for the rules about it.

use pinproof_core::evidence::{Answer, Openness};
use pinproof_core::project_facts::{ProjectStatus, StatusMarker};

use crate::outcome::{Outcome, Report};
use crate::rule::Case;
use crate::subject::ProjectSubject;
use crate::wording::quote;

/// The status of the project; none on an index that publishes them means active, and is no question.
pub(crate) fn status_of<'a>(
    subject: &ProjectSubject<'a>,
    out: &mut Outcome<'_>,
) -> Option<&'a ProjectStatus> {
    let page = out.ask(subject.page.clone(), "")?;
    match page.status() {
        Answer::Known(status) => Some(status),
        Answer::Absent => None,
        Answer::Unsupported(source) => {
            out.open(source, Openness::Unsupported, "publishes no project status");
            None
        }
        Answer::Unavailable(reason) => {
            out.open(reason.source, Openness::Unavailable, reason.why.as_str());
            None
        }
    }
}

/// Adds the words that the index or the maintainers gave for the status.
pub(crate) fn with_reason<'a>(report: Report<'a>, status: &ProjectStatus) -> Report<'a> {
    match &status.reason {
        Some(reason) => report.note(format!("the index says: {}", quote(reason))),
        None => report,
    }
}

/// A marker that means "nobody works on this any more", as a rule reports it.
pub(crate) struct Ended {
    /// The marker that the rule looks for.
    pub(crate) marker: StatusMarker,
    /// The case that it reports.
    pub(crate) case: &'static Case,
    /// What the project is, after its name.
    pub(crate) says: &'static str,
    /// The label of its place.
    pub(crate) label: &'static str,
    /// What to do.
    pub(crate) help: &'static str,
}

/// Reports a project that has the marker.
pub(crate) fn report_ended(ended: &Ended, subject: &ProjectSubject<'_>, out: &mut Outcome<'_>) {
    let Some(status) = status_of(subject, out).filter(|status| status.marker == ended.marker)
    else {
        return;
    };
    let message = format!("`{}` {}", subject.project, ended.says);
    let report = out.report(ended.case, message).help(ended.help);
    let report = with_reason(report, status);
    if let Some(requirement) = subject.requirement {
        report.at(requirement.name_place(ended.label));
    }
}

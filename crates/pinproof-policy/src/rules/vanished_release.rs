//! `vanished-release`: a release that its index listed once, and that nobody withdrew.

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::ReleaseSubject;

pub(super) static RULE: Rule = Rule {
    name: "vanished-release",
    summary: "disappeared from its index without being yanked",
    cases: &[VANISHED],
    needs: &[Need::History],
    settings: &[],
    check: Check::Release(check),
};

const VANISHED: Case = Case::warn("vanished").not_chosen().of_the_pin();

fn check(subject: &ReleaseSubject<'_>, out: &mut Outcome<'_>) {
    let history = out.evidence.history(subject.page);
    let Some(gone) = history.and_then(|history| history.vanished.get(subject.version)) else {
        return;
    };
    let gone = *gone;
    let message = format!(
        "`{}` {} is not listed by its index any more, and was not yanked",
        subject.project, subject.version
    );
    out.report(&VANISHED, message)
        .label("a release that vanished")
        .note(format!("missing since {gone:.0}"))
        .help("find out why: authors delete releases, and whoever hides a fix does the same");
}

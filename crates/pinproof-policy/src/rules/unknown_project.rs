//! `unknown-project`: the index does not have the name, so whoever registers it is installed.

use pinproof_core::evidence::Answer;

use crate::lookalike::{self, Resemblance};
use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::{ProjectSubject, Route};

pub(super) static RULE: Rule = Rule {
    name: "unknown-project",
    summary: "the index does not have it; anybody may register it",
    cases: &[UNKNOWN],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Project(check),
};

const UNKNOWN: Case = Case::deny("unknown").refused();

fn check(subject: &ProjectSubject<'_>, out: &mut Outcome<'_>) {
    let Route::Indexes(indexes) = subject.route else {
        // Nobody who could know is asked: the question stays open, and is said so.
        out.ask(subject.page.clone(), "");
        return;
    };
    if !matches!(subject.page, Answer::Absent) {
        out.ask(subject.page.clone(), "");
        return;
    }
    let message = format!("`{}` does not exist on {}", subject.project, indexes.join(" or "));
    let meant = lookalike::resembled(subject.project, out.policy).filter(Resemblance::is_worth_asking);
    let mut report = out.report(&UNKNOWN, message).label("no such project");
    if let Some(meant) = meant {
        report = report.help(meant.suggestion());
    }
    report = report.help("check the spelling; if the name is yours, bind it to your index under `[[index]]`");
    if let Some(requirement) = subject.requirement {
        report.at(requirement.name_place("anybody may register this name"));
    }
}

//! `metadata-mismatch`: the index says something else of a file than the file itself.

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::DistributionSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "metadata-mismatch",
    summary: "the metadata that the index offers is not that of the file",
    cases: &[CONTRADICTED],
    needs: &[Need::History],
    settings: &[],
    check: Check::Distribution(check),
};

const CONTRADICTED: Case = Case::deny("contradicted").refused().of_the_pin();

fn check(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let history = out.evidence.history(subject.release.page);
    let contradicted = history.and_then(|history| history.contradicted.get(&subject.file.filename));
    let Some(contradicted) = contradicted.cloned() else {
        return;
    };
    let filename = quote(&subject.file.filename);
    let message =
        format!("the metadata that its index offers of `{filename}` is not the one in the file");
    out.report(&CONTRADICTED, message)
        .label("contradicted by its own bytes")
        .key(filename.as_str())
        .note(format!("offered: {}", contradicted.offered))
        .note(format!("in the file: {}", contradicted.found))
        .help("do not use it: what would be resolved is not what would be installed");
}

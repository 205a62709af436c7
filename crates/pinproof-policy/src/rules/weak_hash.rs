//! `weak-hash`: held only to a hash for which somebody can make a second file.

use std::collections::BTreeSet;

use pinproof_core::Place;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::RequirementSubject;

pub(super) static RULE: Rule = Rule {
    name: "weak-hash",
    summary: "only md5, sha1 or shorter",
    cases: &[WEAK],
    needs: &[],
    settings: &[],
    check: Check::Requirement(check),
};

const WEAK: Case = Case::deny("weak").refused().of_the_pin();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let requirement = subject.requirement;
    let Some(first) = requirement.hashes.first() else {
        return;
    };
    if !subject.is_lock_line() || requirement.has_strong_hash() {
        return;
    }
    let algorithms: BTreeSet<_> = requirement
        .hashes
        .iter()
        .map(|written| written.hash.algorithm().name())
        .collect();
    let names = algorithms.into_iter().collect::<Vec<_>>().join(" and ");
    out.report(
        &WEAK,
        format!("`{}` is held only to {names}, which is too weak", subject.shown_name()),
    )
    .at(Place::in_file(subject.source, first.span, "too weak"))
    .note("pip takes sha256, sha384 and sha512 for `--hash`")
    .help("replace it by the sha256 that the index publishes");
}

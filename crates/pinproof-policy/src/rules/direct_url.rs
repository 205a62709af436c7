//! `direct-url`: a file from an address, beside every index and what an index does for its users.

use pinproof_core::manifest::Origin;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::RequirementSubject;

pub(super) static RULE: Rule = Rule {
    name: "direct-url",
    summary: "taken from a URL: denied without a hash, shown with one",
    cases: &[UNHASHED, HASHED],
    needs: &[],
    settings: &[],
    check: Check::Requirement(check),
};

const UNHASHED: Case = Case::deny("unhashed").refused().of_the_pin();
const HASHED: Case = Case::warn("hashed").of_the_pin();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Origin::Url { shown, plain_http, .. } = &subject.requirement.origin else {
        return;
    };
    // What is there already can be held to no hash, but it is beside every index all the same.
    let is_inventory = !subject.is_installed_from_here();
    if !subject.is_lock_line() && !is_inventory {
        return;
    }
    let name = subject.shown_name();
    // A weak hash is still a hash here: `weak-hash` says what is wrong with it.
    let is_hashed = !subject.requirement.hashes.is_empty();
    let report = if is_hashed || is_inventory {
        out.report(
            &HASHED,
            format!("`{name}` is taken from a URL: no index tells when it is yanked or quarantined"),
        )
        .label("not from an index")
        .help("take it from an index, if it is published there")
    } else {
        out.report(
            &UNHASHED,
            format!("`{name}` is taken from a URL without a hash: the file behind it may change"),
        )
        .label("no hash")
        .help("add `--hash=sha256:…`, or take it from an index")
    };
    let report = report.note(format!("taken from {shown}"));
    if is_inventory {
        return;
    }
    match (plain_http, is_hashed) {
        (true, true) => report.note("over plain HTTP: only the hash protects it"),
        (true, false) => report.note("over plain HTTP: anybody on the way can replace it"),
        (false, _) => report,
    };
}

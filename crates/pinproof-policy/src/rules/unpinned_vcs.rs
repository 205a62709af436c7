//! `unpinned-vcs`: a branch or tag of a repository, which its owners can move to other code.

use pinproof_core::manifest::Origin;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::RequirementSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "unpinned-vcs",
    summary: "a repository without a full commit id",
    cases: &[UNPINNED],
    needs: &[],
    settings: &[],
    check: Check::Requirement(check),
};

const UNPINNED: Case = Case::deny("unpinned").refused().of_the_pin();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Origin::Vcs { shown, revision, .. } = &subject.requirement.origin else {
        return;
    };
    if !subject.is_lock_line() || subject.requirement.is_pinned_to_commit() {
        return;
    }
    let name = subject.shown_name();
    let (message, label) = match revision.as_deref() {
        None => (
            format!("`{name}` is whatever its repository holds on the day of the install"),
            "no commit id",
        ),
        Some(revision) if is_abbreviated(revision) => (
            format!("`{name}` is held to `{revision}`, which is not a full commit id"),
            "abbreviated",
        ),
        Some(revision) => (
            format!("`{name}` is held to `{}`, which can be moved to other code", quote(revision)),
            "a branch or tag",
        ),
    };
    out.report(&UNPINNED, message)
        .label(label)
        .note(format!("taken from {shown}"))
        .help("write the full commit id after `@`: 40 hexadecimal digits, or 64");
}

fn is_abbreviated(revision: &str) -> bool {
    (7..40).contains(&revision.len()) && revision.bytes().all(|b| b.is_ascii_hexdigit())
}

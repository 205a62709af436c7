//! `unhashed-requirement`: pinned, but nothing holds the pin to the same bytes.

use pinproof_core::manifest::Origin;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::{Reader, RequirementSubject};

pub(super) static RULE: Rule = Rule {
    name: "unhashed-requirement",
    summary: "pinned, but no hash",
    cases: &[UNHASHED],
    needs: &[],
    settings: &[],
    check: Check::Requirement(check),
};

const UNHASHED: Case = Case::deny("unhashed").refused();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let requirement = subject.requirement;
    let is_from_index = matches!(requirement.origin, Origin::Index(_));
    let is_pinned = is_from_index && subject.pin.is_some();
    // In pyproject.toml no hash can stand: `unpinned-requirement` asks for a lock.
    let can_have_hashes = subject.is_lock_line() && subject.reader != Reader::Uv;
    if !can_have_hashes || !is_pinned || !requirement.hashes.is_empty() {
        return;
    }
    out.report(
        &UNHASHED,
        format!("`{}` is pinned, but has no hash", subject.shown_name()),
    )
    .label("no hash")
    .help(match subject.reader {
        Reader::Lock => "lock again with a tool that writes hashes",
        Reader::Conda => "write `--hash=sha256:…` behind it, or leave `-r` and a lock with hashes to pip",
        Reader::Pip | Reader::Uv => "`pinproof check --fix` adds the hashes that the index publishes",
    });
}

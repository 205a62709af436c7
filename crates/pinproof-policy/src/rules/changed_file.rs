//! `changed-file`: a file name that was seen with other bytes than the first.

use pinproof_core::project_history::ChangedFile;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::DistributionSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "changed-file",
    summary: "other bytes than the first that were seen under this name",
    cases: &[LOST, KEPT],
    needs: &[Need::History],
    settings: &[],
    check: Check::Distribution(check),
};

const LOST: Case = Case::deny("lost").refused().of_the_pin();
// The bytes that are handed out are the first ones, also where a preset refuses all it denies. Nobody chooses it anew.
const KEPT: Case = Case::deny("kept").not_chosen().of_the_pin();

fn check(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let history = out.evidence.history(subject.release.page);
    let changed = history.and_then(|history| history.changed.get(&subject.file.filename));
    if let Some(changed) = changed {
        report(subject, changed, out);
    }
}

fn report(subject: &DistributionSubject<'_>, changed: &ChangedFile, out: &mut Outcome<'_>) {
    let filename = quote(&subject.file.filename);
    let message = match (changed.is_listed, changed.is_kept) {
        (true, true) => format!(
            "`{filename}` has other bytes on its index now than were seen first; the first ones are handed out"
        ),
        (true, false) => format!(
            "`{filename}` has other bytes on its index now than were seen first, and the first ones are not kept here"
        ),
        (false, _) => {
            format!("`{filename}` was seen with other bytes once; its index lists the first ones again")
        }
    };
    let is_lost = changed.is_listed && !changed.is_kept;
    let case = if is_lost { &LOST } else { &KEPT };
    let (at, whose) = &changed.first_seen;
    let (later, where_else) = &changed.other_seen;
    out.report(case, message)
        .label("a file that was changed")
        .key(filename.as_str())
        .note(format!("first seen {at:.0} on {whose}: {}", changed.first))
        .note(format!("seen {later:.0} on {where_else}: {}", changed.other))
        .help("ask its authors why it was replaced: an honest project publishes another version");
}

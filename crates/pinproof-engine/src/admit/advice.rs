//! What somebody can do about a refusal.

use pinproof_core::{Admission, Printable, ProjectName, Verdict};

use crate::lock::Because;

/// The rule's own advice, and the exception that would let the file in.
pub(super) fn of(
    because: Option<&Because>,
    verdict: &Verdict,
    project: &ProjectName,
) -> Vec<Printable> {
    let Some(because) = because else {
        return Vec::new();
    };
    if verdict.admission == Admission::Undecided {
        return vec![Printable::new("try again in a little while")];
    }
    let refusing = verdict
        .findings
        .iter()
        .filter(|finding| finding.refuses && finding.rule == because.rule);
    let mut advice: Vec<Printable> = refusing.flat_map(|finding| finding.help.clone()).collect();
    advice.push(Printable::from(format!(
        "whoever answers for the policy lets it in with an `[[ignore]]` of rule `{}`, `match = \"{project}\"`, a reason and an end",
        because.rule
    )));
    advice
}

//! `revived-project`: the name was free for a while, and whoever has it now may be somebody else.

use jiff::SignedDuration;
use pinproof_core::ProjectHistory;
use pinproof_core::project_history::Absence;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::DistributionSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "revived-project",
    summary: "the name was gone and came back",
    cases: &[REVIVED],
    needs: &[Need::History],
    settings: &[],
    check: Check::Distribution(check),
};

const REVIVED: Case = Case::deny("revived").refused().of_the_pin();

/// How long it was seen to be gone, at least: one wrong answer of an index holds no project.
const LASTING: SignedDuration = SignedDuration::from_hours(1);

fn check(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let Some(history) = out.evidence.history(subject.release.page) else {
        return;
    };
    let Some((absence, returned)) = before(&subject.file.filename, history) else {
        return;
    };
    let (project, filename) = (subject.release.project, quote(&subject.file.filename));
    let message = format!(
        "`{project}` was gone from its index and came back, and `{filename}` is from after that: somebody else may have the name now"
    );
    let (since, last) = (absence.since, absence.last_confirmed);
    out.report(&REVIVED, message)
        .label("a name that was free")
        .key(filename.as_str())
        .note(format!(
            "gone from {since:.0} to {last:.0} at least, back {returned:.0}"
        ))
        .help("find out who publishes it now; files from before it was gone are still handed out");
}

/// The newest lasting absence that was over before the file was seen first.
fn before<'a>(
    filename: &str,
    history: &'a ProjectHistory,
) -> Option<(&'a Absence, jiff::Timestamp)> {
    // What was on the first page that was ever seen is from before all of them.
    let seen = history.later.get(filename)?;
    let mut absences = history.absences.iter().rev();
    absences.find_map(|absence| {
        let returned = absence.until.filter(|until| until <= seen)?;
        let was_there_before = history.known_since < absence.since;
        let lasted = absence.last_confirmed.duration_since(absence.since);
        (was_there_before && lasted > LASTING).then_some((absence, returned))
    })
}

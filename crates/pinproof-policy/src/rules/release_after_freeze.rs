//! `release-after-freeze`: the policy stops the world at a moment, and this was uploaded later.

use jiff::Timestamp;
use pinproof_core::evidence::{Answer, Openness, Source, Unavailable};
use pinproof_core::{FileFacts, ProjectFacts, ProjectName};

use crate::alternatives::newest_allowed;
use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::{DistributionSubject, RequirementSubject};
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "release-after-freeze",
    summary: "uploaded after the freeze date",
    cases: &[AFTER, UNKNOWN_TIME],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::RequirementOrFile(check, check_file),
};

const AFTER: Case = Case::deny("after").refused().of_the_pin();
const UNKNOWN_TIME: Case = Case::deny("unknown-time").refused().of_the_pin();

/// How the files of a release stand to the freeze.
#[derive(Default)]
struct Sorted<'a> {
    all: usize,
    /// Uploaded later, with the first of these times.
    after: Vec<&'a FileFacts>,
    first_after: Option<Timestamp>,
    /// Without an upload time, on an index that gives times.
    unknown: Vec<&'a FileFacts>,
    /// The index gives no times, or no answer.
    open: Option<(Source, Openness, String)>,
}

fn sort<'a>(page: &ProjectFacts, files: impl Iterator<Item = &'a FileFacts>, freeze: Timestamp) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    for file in files {
        sorted.all += 1;
        match page.uploaded_at(file) {
            Answer::Known(time) if time <= freeze => {}
            Answer::Known(time) => {
                sorted.first_after = Some(sorted.first_after.map_or(time, |first| first.min(time)));
                sorted.after.push(file);
            }
            Answer::Absent => sorted.unknown.push(file),
            Answer::Unsupported(source) => {
                let why = "publishes no upload times".to_owned();
                sorted.open = Some((source, Openness::Unsupported, why));
            }
            Answer::Unavailable(Unavailable { source, why }) => {
                sorted.open = Some((source, Openness::Unavailable, why.to_string()));
            }
        }
    }
    sorted
}

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Some(freeze) = out.policy.freeze else {
        return;
    };
    let Some((project, _)) = subject.from_index() else {
        return;
    };
    let Some(version) = subject.pin else { return };
    let Some((page, release)) = out.release(subject) else {
        return;
    };
    let files = release.files.iter().filter(|file| subject.accepts(file));
    let sorted = sort(page, files, freeze);
    let of = |some: usize, one: &str| match sorted.all {
        all if all == some => format!("`{project}` {version} was"),
        all => format!("{some} of the {all} files of `{project}` {version} {one}"),
    };
    if let Some(first) = sorted.first_after {
        let late = sorted.after.len();
        let who = of(late, if late == 1 { "was" } else { "were" });
        let message = format!("{who} uploaded after the freeze at {freeze:.0}");
        report(&AFTER, message, (page, project), Some(first), out);
    } else if !sorted.unknown.is_empty() {
        let message = format!(
            "when `{project}` {version} was uploaded is not known, and the policy has a freeze at {freeze:.0}"
        );
        report(&UNKNOWN_TIME, message, (page, project), None, out);
    }
    ask(sorted, out);
}

fn check_file(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let Some(freeze) = out.policy.freeze else {
        return;
    };
    let release = &subject.release;
    let sorted = sort(release.page, std::iter::once(subject.file), freeze);
    let of = (release.page, release.project);
    let filename = quote(&subject.file.filename);
    if let Some(first) = sorted.first_after {
        let message = format!("`{filename}` was uploaded after the freeze at {freeze:.0}");
        report(&AFTER, message, of, Some(first), out);
    } else if !sorted.unknown.is_empty() {
        let message = format!(
            "when `{filename}` was uploaded is not known, and the policy has a freeze at {freeze:.0}"
        );
        report(&UNKNOWN_TIME, message, of, None, out);
    }
    ask(sorted, out);
}

fn ask(sorted: Sorted<'_>, out: &mut Outcome<'_>) {
    if let Some((source, openness, why)) = sorted.open {
        out.open(source, openness, &why);
    }
}

fn report(
    case: &'static Case,
    message: String,
    (page, project): (&ProjectFacts, &ProjectName),
    uploaded: Option<Timestamp>,
    out: &mut Outcome<'_>,
) {
    let older = newest_allowed(page, out, None).map(|release| release.version.to_string());
    let report = out.report(case, message).label("after the freeze");
    let report = match uploaded {
        Some(time) => report.note(format!("uploaded {time:.0}")),
        None => report.note(format!("{} gives no upload time for it", page.source)),
    };
    match older {
        Some(version) => report.help(format!(
            "`{project}` {version} is its newest release that was there before the freeze"
        )),
        None => report.help(format!(
            "no release of `{project}` that the policy allows was there before the freeze"
        )),
    };
}

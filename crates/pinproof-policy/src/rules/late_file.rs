//! `late-file`: a file that joined a release long after it was published and looked at.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::Openness;

use crate::alternatives::{cooldown, end_of};
use crate::clock::Clock;
use crate::joined::{First, Joined};
use crate::outcome::Outcome;
use crate::rule::{Case, Check, DefaultValue, Need, Rule, Setting};
use crate::subject::DistributionSubject;
use crate::wording::{quote, span};

pub(super) static RULE: Rule = Rule {
    name: "late-file",
    summary: "added to a release long after its other files",
    cases: &[FRESH, SETTLED],
    needs: &[Need::IndexPage],
    settings: &[Setting {
        name: "older-than",
        help: "How old a release is before a new file of it is late: whole days or hours.",
        default: DefaultValue::Days(14),
    }],
    check: Check::Distribution(check),
};

const FRESH: Case = Case::warn("fresh").refused().of_the_pin();
const SETTLED: Case = Case::warn("settled").of_the_pin();

fn check(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let clock = Clock::of(subject.file, subject.release.page, out);
    let uploaded = match &clock {
        Clock::Uploaded(time) | Clock::FirstSeen(time, _) => *time,
        // A file of unknown age: `recent-release` refuses its release.
        Clock::Unknown => return,
        // It joined nothing since it was seen first; before that, nobody knows.
        Clock::Before(seen, source) => {
            let old = cooldown(out.policy, subject.release.project).map(|span| end_of(*seen, span));
            if old.is_some_and(|old| out.now >= old) {
                return;
            }
            return out.open(source.clone(), Openness::Unsupported, "publishes no upload times");
        }
        Clock::Unsupported(source) => {
            return out.open(source.clone(), Openness::Unsupported, "publishes no upload times");
        }
        Clock::Unavailable(reason) => {
            return out.open(reason.source.clone(), Openness::Unavailable, reason.why.as_str());
        }
    };
    let release = subject.release.release;
    let anew = Joined::new(release);
    let kept = out.once.joined.filter(|joined| joined.is_of(release));
    let joined = kept.unwrap_or(&anew);
    let Some(First { at: first, may_be_older }) = joined.first(subject.release.page, out) else { return };
    let limit = SignedDuration::from_hours(i64::from(out.hours("older-than")));
    if !may_be_older && uploaded.duration_since(first) <= limit {
        return;
    }
    let ends = cooldown(out.policy, subject.release.project).map(|span| end_of(uploaded, span));
    match ends.filter(|ends| out.now < *ends) {
        Some(ends) => {
            out.changes_at(ends);
            report(&FRESH, subject, (&clock, uploaded, first), out, |report| {
                report
                    .note(format!("its own cooldown ends {ends:.0}"))
                    .help("wait until then, or hash only the files that the release had before")
            });
        }
        // Months later a project adds wheels for a new Python, and nobody is harmed. A file that takes
        // the place of one that installers already used is another matter.
        None if joined.replaces_an_older(subject.file, subject.release.project, end_of(first, limit)) => {
            report(&SETTLED, subject, (&clock, uploaded, first), out, |report| {
                report
                    .note("installers that took an older file of this release now take this one")
                    .help("look at what differs between the two, then hash the one that you mean")
            });
        }
        None => {}
    }
}

fn report(
    case: &'static Case,
    subject: &DistributionSubject<'_>,
    (clock, uploaded, first): (&Clock, Timestamp, Timestamp),
    out: &mut Outcome<'_>,
    explain: impl FnOnce(crate::outcome::Report<'_>) -> crate::outcome::Report<'_>,
) {
    let release = &subject.release;
    let filename = quote(&subject.file.filename);
    let message = format!(
        "`{filename}` was added to `{}` {} {} after the release",
        release.project,
        release.version,
        span(uploaded.duration_since(first)),
    );
    let report = out
        .report(case, message)
        .label("accepts a late file")
        .key(filename.as_str())
        .note(match clock.note() {
            Some(note) => note,
            None => format!("released {first:.0}, this file uploaded {uploaded:.0}"),
        });
    explain(report);
}

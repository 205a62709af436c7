//! `recent-release`: younger than the cooldown, in which most malicious releases are found.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::{Answer, Openness};

use crate::alternatives::{end_of, newest_allowed};
use crate::lane::{self, Lane};
use crate::outcome::Outcome;
use crate::rule::{Case, Check, DefaultValue, Need, Rule, Setting};
use crate::subject::ReleaseSubject;
use crate::wording::span;

pub(super) static RULE: Rule = Rule {
    name: "recent-release",
    summary: "younger than the cooldown",
    cases: &[RECENT, UNKNOWN_AGE],
    needs: &[Need::IndexPage, Need::Advisories],
    settings: &[
        Setting {
            name: "cooldown",
            help: "How old a release must be: whole days or hours, such as \"7 days\" or \"36 hours\".",
            default: DefaultValue::Days(7),
        },
        Setting {
            name: "except",
            help: "Projects without a cooldown, such as your own.",
            default: DefaultValue::Names,
        },
    ],
    check: Check::Release(check),
};

const RECENT: Case = Case::warn("recent").refused().of_the_pin();
const UNKNOWN_AGE: Case = Case::warn("unknown-age").refused().of_the_pin();

fn check(subject: &ReleaseSubject<'_>, out: &mut Outcome<'_>) {
    if out.names_include("except", subject.project) {
        return;
    }
    match first_upload(subject) {
        Answer::Known(uploaded) => check_age(subject, uploaded, out),
        Answer::Absent => {
            out.report(
                &UNKNOWN_AGE,
                format!(
                    "the age of `{}` {} is not known: {} gives no upload time for it",
                    subject.project, subject.version, subject.page.source
                ),
            );
        }
        Answer::Unsupported(source) => out.open(
            source,
            Openness::Unsupported,
            "publishes no upload times",
        ),
        Answer::Unavailable(reason) => {
            out.open(reason.source, Openness::Unavailable, reason.why.as_str());
        }
    }
}

/// When the first file of the release was uploaded; `Absent` if any file has no time.
fn first_upload(subject: &ReleaseSubject<'_>) -> Answer<Timestamp> {
    let mut first: Option<Timestamp> = None;
    for file in &subject.release.files {
        match subject.page.uploaded_at(file) {
            Answer::Known(time) => first = Some(first.map_or(time, |known| known.min(time))),
            other => return other,
        }
    }
    first.map_or(Answer::Absent, Answer::Known)
}

fn check_age(subject: &ReleaseSubject<'_>, uploaded: Timestamp, out: &mut Outcome<'_>) {
    let cooldown = SignedDuration::from_hours(i64::from(out.hours("cooldown")));
    let ends = end_of(uploaded, cooldown);
    if out.now >= ends {
        return;
    }
    out.changes_at(ends);
    let why_no_lane = match lane::of(subject, out) {
        Lane::Open(fixes) => return out.pass(subject, fixes, ends),
        Lane::Unknown(why) => Some(why),
        Lane::Closed => None,
    };
    let message = format!(
        "`{}` {} is {} old, younger than the cooldown of {}",
        subject.project,
        subject.version,
        span(out.now.duration_since(uploaded)),
        span(cooldown),
    );
    let project = subject.project;
    let note = format!("`{project}` was uploaded {uploaded:.0}; its cooldown ends {ends:.0}");
    let older = newest_allowed(subject.page, out, |_| true).map(|release| release.version.to_string());
    let mut report = out.report(&RECENT, message).label("too young").note(note);
    if let Some(why) = why_no_lane {
        report = report.note(format!("the fix of a known vulnerability would pass; whether this is one is not known: {why}"));
    }
    match older {
        Some(version) => report.help(format!("`{project}` {version} is its newest release past the cooldown")),
        None => report.help(format!("no other release of `{project}` is past the cooldown")),
    };
}

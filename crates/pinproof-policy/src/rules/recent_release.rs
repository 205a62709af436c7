//! `recent-release`: younger than the cooldown, in which most malicious releases are found.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::{Openness, Source};

use crate::alternatives::{end_of, newest_allowed};
use crate::clock::Clock;
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
        Setting {
            name: "grace",
            help: "How much older than its first sight a gateway takes a file to be, where upload times are not trusted.",
            default: DefaultValue::Days(1),
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
    match Clock::of_release(subject.release, subject.page, out) {
        clock @ (Clock::Uploaded(start) | Clock::FirstSeen(start, _)) => {
            check_age(subject, (start, &clock), out);
        }
        Clock::Before(seen, source) => check_least_age((seen, source), out),
        Clock::Unknown => {
            out.report(
                &UNKNOWN_AGE,
                format!(
                    "the age of `{}` {} is not known: {} gives no upload time for it",
                    subject.project, subject.version, subject.page.source
                ),
            );
        }
        Clock::Unsupported(source) => {
            out.open(source, Openness::Unsupported, "publishes no upload times");
        }
        Clock::Unavailable(reason) => {
            out.open(reason.source, Openness::Unavailable, reason.why.as_str());
        }
    }
}

/// Files without a time that were there at the first sight: after a cooldown from then they are old in any case.
fn check_least_age((seen, source): (Timestamp, Source), out: &mut Outcome<'_>) {
    let ends = end_of(seen, cooldown_of(out));
    if out.now < ends {
        out.changes_at(ends);
        out.open(source, Openness::Unsupported, "publishes no upload times");
    }
}

fn cooldown_of(out: &Outcome<'_>) -> SignedDuration {
    SignedDuration::from_hours(i64::from(out.hours("cooldown")))
}

fn check_age(
    subject: &ReleaseSubject<'_>,
    (start, clock): (Timestamp, &Clock),
    out: &mut Outcome<'_>,
) {
    let cooldown = cooldown_of(out);
    let ends = end_of(start, cooldown);
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
        span(out.now.duration_since(start)),
        span(cooldown),
    );
    let project = subject.project;
    let note = match clock.note() {
        Some(note) => format!("{note}; its cooldown ends {ends:.0}"),
        None => format!("`{project}` was uploaded {start:.0}; its cooldown ends {ends:.0}"),
    };
    let older = newest_allowed(subject.page, out, None).map(|release| release.version.to_string());
    let mut report = out.report(&RECENT, message).label("too young").note(note);
    if let Some(why) = why_no_lane {
        report = report.note(format!("the fix of a known vulnerability would pass; whether this is one is not known: {why}"));
    }
    match older {
        Some(version) => report.help(format!("`{project}` {version} is its newest release past the cooldown")),
        None => report.help(format!("no other release of `{project}` is past the cooldown")),
    };
}

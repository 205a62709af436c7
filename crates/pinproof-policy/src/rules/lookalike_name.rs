//! `lookalike-name`: easily mistaken for a popular, bound or standard-library name.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::ProjectFacts;
use pinproof_core::evidence::{Answer, Openness, Source, Unavailable};

use crate::alternatives::end_of;
use crate::lookalike::{self, Resemblance, Target, Tier};
use crate::outcome::Outcome;
use crate::rule::{Case, Check, DefaultValue, Need, Rule, Setting};
use crate::subject::ProjectSubject;
use crate::wording::span;

pub(super) static RULE: Rule = Rule {
    name: "lookalike-name",
    summary: "easily mistaken for a popular, bound or standard-library name: denied for a new project",
    cases: &[NEW, RESEMBLES],
    needs: &[Need::IndexPage],
    settings: &[
        Setting {
            name: "new",
            help: "How long after its first upload a project is new: whole days or hours.",
            default: DefaultValue::Days(90),
        },
        Setting {
            name: "except",
            help: "Projects that are what they seem, although their names resemble others.",
            default: DefaultValue::Names,
        },
    ],
    check: Check::Project(check),
};

const NEW: Case = Case::deny("new").refused();
const RESEMBLES: Case = Case::warn("resembles");

/// How long the project has been there.
enum Age {
    /// Its first file was uploaded then.
    Since(Timestamp),
    /// The index gives times, and none for this project.
    Unknown,
    /// Nobody could say; the question stays open.
    Open(Source, Openness, String),
}

fn check(subject: &ProjectSubject<'_>, out: &mut Outcome<'_>) {
    if out.names_include("except", subject.project) {
        return;
    }
    let found = lookalike::resembled(subject.project, out.policy);
    let Some(found) = found.filter(|found| found.tier >= Tier::Medium) else {
        return;
    };
    let age = match subject.page.clone() {
        Answer::Known(page) => age_of(page),
        // `unknown-project` says so, and which name may be meant.
        Answer::Absent => return,
        Answer::Unsupported(source) => Age::Open(source, Openness::Unsupported, String::new()),
        Answer::Unavailable(Unavailable { source, why }) => {
            Age::Open(source, Openness::Unavailable, why.as_str().to_owned())
        }
    };
    judge(subject, &found, age, out);
}

/// The oldest upload counts: later releases are added to what is there.
fn age_of(page: &ProjectFacts) -> Age {
    let first = page.releases.iter().filter_map(|release| release.first_upload).min();
    match first {
        Some(first) => Age::Since(first),
        None if page.publishes.upload_times || page.releases.is_empty() => Age::Unknown,
        None => Age::Open(
            page.source.clone(),
            Openness::Unsupported,
            "publishes no upload times".to_owned(),
        ),
    }
}

/// A strong resemblance is reported at any age, a weak one where the project may be new.
fn judge(subject: &ProjectSubject<'_>, found: &Resemblance, age: Age, out: &mut Outcome<'_>) {
    let limit = SignedDuration::from_hours(i64::from(out.hours("new")));
    let is_strong = found.tier == Tier::High;
    match age {
        Age::Since(first) => {
            let ends = end_of(first, limit);
            let is_new = out.now < ends;
            if is_new {
                out.changes_at(ends);
            }
            let since = format!("was first uploaded {} ago, {first:.0}", span(out.now.duration_since(first)));
            if is_new && is_strong {
                report(&NEW, subject, found, &since, out);
            } else if is_new || is_strong {
                report(&RESEMBLES, subject, found, &since, out);
            }
        }
        Age::Unknown => {
            let case = if is_strong { &NEW } else { &RESEMBLES };
            report(case, subject, found, "is of unknown age", out);
        }
        Age::Open(source, openness, why) => {
            report(&RESEMBLES, subject, found, "is of unknown age", out);
            // What resembles little is a warning at most, whatever the answer.
            if is_strong {
                out.open(source, openness, &why);
            }
        }
    }
}

fn report(
    case: &'static Case,
    subject: &ProjectSubject<'_>,
    found: &Resemblance,
    since: &str,
    out: &mut Outcome<'_>,
) {
    let project = subject.project;
    let new = if *case == NEW { ", and it is new" } else { "" };
    let message = match &found.target {
        Target::Project { called, .. } => format!("`{project}` is easily mistaken for `{called}`{new}"),
        Target::Module(_) => format!("`{project}` is the name of a module of Python's standard library{new}"),
        Target::Bound { name, index } => {
            format!("`{project}` is easily mistaken for `{name}` of index `{index}`{new}")
        }
    };
    let own_rank = match lookalike::rank(project) {
        Some(rank) => format!("number {rank} of the most downloaded projects of PyPI"),
        None => "not among the 15,000 most downloaded projects of PyPI".to_owned(),
    };
    let suggestion = found.suggestion();
    let report = out
        .report(case, message)
        .label(suggestion.clone())
        .note(found.explanation())
        .note(format!("`{project}` {since}; it is {own_rank}"))
        .help(suggestion.clone())
        .help("if this project is meant, name it in `except` under `[rules.lookalike-name]`");
    if let Some(requirement) = subject.requirement {
        report.at(requirement.name_place(suggestion));
    }
}

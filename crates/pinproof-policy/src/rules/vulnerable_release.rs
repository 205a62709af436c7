//! `vulnerable-release`: somebody published that this version has a flaw.

use pinproof_core::advisory::{Class, Kind, Severity};

use crate::advisories;
use crate::outcome::Outcome;
use crate::rule::{Case, Check, DefaultValue, Need, Rule, Setting};
use crate::subject::NamedSubject;
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "vulnerable-release",
    summary: "a known vulnerability",
    cases: &[KNOWN, UNKNOWN_SEVERITY, POSSIBLE, BELOW],
    needs: &[Need::Advisories],
    settings: &[Setting {
        name: "threshold",
        help: "The lowest severity that is denied; below it, a vulnerability is a warning. One that \
               nobody rated is always denied.",
        default: DefaultValue::Severity(Severity::Medium),
    }],
    check: Check::Named(check),
};

const KNOWN: Case = Case::deny("known");
const UNKNOWN_SEVERITY: Case = Case::deny("unknown-severity");
const POSSIBLE: Case = Case::deny("possible");
const BELOW: Case = Case::warn("below-threshold");

fn check(subject: &NamedSubject<'_>, out: &mut Outcome<'_>) {
    let Some(classes) = advisories::about(subject, Kind::Vulnerability, out) else {
        return;
    };
    for class in classes {
        report(subject, class, out);
    }
}

fn case(class: &Class, out: &Outcome<'_>) -> &'static Case {
    let threshold = out.severity("threshold");
    match (class.severity(), &class.doubt) {
        (_, Some(_)) => &POSSIBLE,
        (None, None) => &UNKNOWN_SEVERITY,
        (Some(severity), None) if severity >= threshold => &KNOWN,
        (Some(_), None) => &BELOW,
    }
}

fn report(subject: &NamedSubject<'_>, class: Class, out: &mut Outcome<'_>) {
    let case = case(&class, out);
    let project = subject.project;
    let version = subject.version.map(ToString::to_string).unwrap_or_default();
    let safe = advisories::safe_version(subject, out);
    let fixed = match &class.fixed {
        Some(version) => format!("fixed in {version}"),
        None => "no fixed version is named".to_owned(),
    };
    let verb = if class.doubt.is_some() { "may be affected by" } else { "is affected by" };
    let message = format!("`{project}` {version} {verb} {}, {}, {fixed}", class.id(), severity(&class));
    let mut report = out
        .report(case, message)
        .key(class.id().as_str())
        .label(format!("{}, {}, {fixed}", class.id(), severity(&class)));
    if !class.summary.as_str().is_empty() {
        report = report.note(format!("{}: {}", class.id(), quote(class.summary.as_str())));
    }
    if let Some(doubt) = &class.doubt {
        report = report.note(doubt.clone());
    }
    for note in advisories::context(subject, &class) {
        report = report.note(note);
    }
    let help = match safe {
        Some(safe) => format!("raise `{project}` to {safe}, the smallest version without a known vulnerability"),
        None => format!("no later version of `{project}` is known to be without one: replace it, or accept the risk with an `[[ignore]]` that has a reason and an end"),
    };
    report.help(help).advisories(class);
}

fn severity(class: &Class) -> String {
    match class.severity() {
        Some(severity) => severity.to_string(),
        None => "severity unknown".to_owned(),
    }
}

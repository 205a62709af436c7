//! `vulnerable-release`: somebody published that this version has a flaw.

use pinproof_core::Version;
use pinproof_core::advisory::{Class, Kind, Severity};

use crate::advisories;
use crate::outcome::Outcome;
use crate::reach;
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
        // What may be there is no worse than what is.
        (Some(severity), _) if severity < threshold => &BELOW,
        (_, Some(_)) => &POSSIBLE,
        (None, None) => &UNKNOWN_SEVERITY,
        (Some(_), None) => &KNOWN,
    }
}

fn report(subject: &NamedSubject<'_>, mut class: Class, out: &mut Outcome<'_>) {
    let case = case(&class, out);
    class.safe = advisories::safe_version(subject, out);
    let version = subject.version.map(ToString::to_string).unwrap_or_default();
    let verb = if class.doubt.is_some() { "may be" } else { "is" };
    let malware = class
        .fixed
        .as_ref()
        .and_then(|fixed| malware_note(subject, fixed, out));
    if malware.is_some() {
        class.fixed = None;
    }
    class.imported = reach::imported(subject, &class, out);
    let facts = facts(&class);
    let mut report = out
        .report(case, format!("`{}` {version} {verb} affected by {facts}", subject.project))
        .key(class.id().as_str())
        .label(facts);
    for note in advisories::notes(subject, &class) {
        report = report.note(note);
    }
    if let Some(note) = malware {
        report = report.note(note);
    }
    report.help(help(subject, &class)).advisories(class);
}

/// A fix that is malware is none.
fn malware_note(subject: &NamedSubject<'_>, fixed: &Version, out: &Outcome<'_>) -> Option<String> {
    let record = advisories::malware_at(subject, fixed, out)?;
    let (project, id) = (subject.project, quote(&record.id));
    Some(format!("`{project}` {fixed}, which is named as the fix, is published as malware: {id}"))
}

/// The id, how bad it is, and where it is fixed.
fn facts(class: &Class) -> String {
    let fixed = match &class.fixed {
        Some(version) => format!("fixed in {version}"),
        None => "no fix named".to_owned(),
    };
    format!("{}, {}, {fixed}", class.id(), severity(class))
}

fn help(subject: &NamedSubject<'_>, class: &Class) -> String {
    let project = subject.project;
    match (&class.safe, &class.fixed) {
        (Some(safe), _) => format!("raise `{project}` to {safe}, the smallest version without a known vulnerability"),
        (None, Some(fixed)) => format!("raise `{project}` to {fixed}; another known vulnerability has no fix"),
        (None, None) => format!("no fix is named: replace `{project}`, or accept the risk with an `[[ignore]]` that has a reason and an end"),
    }
}

fn severity(class: &Class) -> String {
    match class.severity() {
        Some(severity) => severity.to_string(),
        None => "severity unknown".to_owned(),
    }
}

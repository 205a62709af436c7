//! Findings of the tool about itself: exceptions that cover nothing or are over, inputs left out.

use jiff::Timestamp;
use pinproof_core::index::redact;
use pinproof_core::manifest::InlineIgnore;
use pinproof_core::{Finding, Level, Place, Printable, SourceFile};

use crate::ignore::Ignore;
use crate::outcome::announcement;
use crate::policy::Policy;
use crate::rule::Case;
use crate::rules::{CASES_OF_THE_TOOL as TOOL, find};

/// Why an input that was found is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Its format is not read.
    Unsupported,
    /// The configuration leaves it out, or a limit does.
    LeftOut,
}

/// What there is to say of an exception of the configuration; `is_used` if it covered something.
pub fn of_ignore(
    policy: &Policy,
    ignore: &Ignore,
    is_used: bool,
    now: Timestamp,
) -> Option<Finding> {
    if let Some(until) = ignore.until.filter(|_| ignore.is_expired(now)) {
        let message = format!("the exception from `{}` ended on {until}", ignore.rule);
        let finding = finding((policy, now), &TOOL.expired, message, ignore.place.clone())?;
        let finding = with_origin(finding, ignore);
        let help = "decide again: extend `until`, or remove the exception and mend the finding";
        return Some(with_help(finding, help));
    }
    let is_asked = find(ignore.rule).is_some_and(|rule| policy.level(rule) != Level::Allow);
    if is_used || !is_asked {
        return None;
    }
    let message = format!("the exception from `{}` covers nothing", ignore.rule);
    let finding = finding((policy, now), &TOOL.unused, message, ignore.place.clone())?;
    let finding = with_origin(finding, ignore);
    Some(with_help(finding, "remove it: what it was for is gone"))
}

/// What there is to say of an inline exception; `is_used` if it covered something.
pub fn of_inline_ignore(
    (policy, now): (&Policy, Timestamp),
    (file, ignore): (&SourceFile, &InlineIgnore),
    is_used: bool,
) -> Vec<Finding> {
    let place = || Place::in_file(file, ignore.span, "");
    let unknown = ignore.rules.iter().filter(|rule| find(rule).is_none());
    let mut findings: Vec<Finding> = unknown
        .filter_map(|rule| {
            let shown = redact(rule).shortened(60);
            let message = format!("`{shown}` is no rule, so this comment ignores nothing");
            let found = finding((policy, now), &TOOL.unknown_rule, message, place())?;
            Some(with_help(found, "`pinproof explain` lists the rules"))
        })
        .collect();
    if ignore.reason.trim().is_empty() {
        let message = "this comment gives no reason, so it ignores nothing".to_owned();
        let found = finding((policy, now), &TOOL.no_reason, message, place());
        let help = "write why after the bracket: `# pinproof: ignore[rule] reason`";
        findings.extend(found.map(|found| with_help(found, help)));
    } else if !is_used && findings.is_empty() {
        let message = "this comment ignores nothing".to_owned();
        let found = finding((policy, now), &TOOL.unused, message, place());
        findings.extend(found.map(|found| with_help(found, "remove it")));
    }
    findings
}

/// Entries of a file of known findings whose findings are gone; `gone` are their words.
pub fn of_baseline(
    (policy, now): (&Policy, Timestamp),
    path: &Printable,
    gone: &[Printable],
) -> Option<Finding> {
    let first = gone.first()?;
    let place = Place {
        origin: path.clone(),
        span: None,
        label: Printable::default(),
    };
    let message = match gone.len() {
        1 => format!("an entry of `{path}` covers nothing any more"),
        many => format!("{many} entries of `{path}` cover nothing any more"),
    };
    let mut found = finding((policy, now), &TOOL.stale_baseline, message, place)?;
    // One finding however many there are, and the same one tomorrow.
    TOOL.stale_baseline.1.name.clone_into(&mut found.key);
    let more = match gone.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    found.notes.push(Printable::from(format!("{first}{more}")));
    Some(with_help(found, "`--write-baseline` takes them out"))
}

/// A file that was found and is not judged.
pub fn of_skipped(
    (policy, now): (&Policy, Timestamp),
    path: &Printable,
    skip: Skip,
    why: &str,
) -> Option<Finding> {
    let case = match skip {
        Skip::Unsupported => &TOOL.unsupported,
        Skip::LeftOut => &TOOL.excluded,
    };
    let place = Place {
        origin: path.clone(),
        span: None,
        label: Printable::default(),
    };
    finding(
        (policy, now),
        case,
        format!("`{path}` is not judged: {why}"),
        place,
    )
}

fn finding(
    (policy, now): (&Policy, Timestamp),
    (rule, case): &(&'static str, Case),
    message: String,
    place: Place,
) -> Option<Finding> {
    let rule = find(rule)?;
    let (level, _) = policy.effective(rule, case, now);
    (level != Level::Allow).then(|| Finding {
        rule: rule.name,
        level,
        refuses: false,
        key: format!("{}/{message}", case.name),
        advisories: None,
        message: Printable::from(message),
        places: vec![place],
        notes: announcement(policy, rule, now),
        help: Vec::new(),
        project: None,
        version: None,
        environment: None,
    })
}

/// Who accepted it, and why: they are the ones to ask.
fn with_origin(mut finding: Finding, ignore: &Ignore) -> Finding {
    let by = ignore
        .owner
        .as_ref()
        .map_or_else(String::new, |owner| format!(" by {owner}"));
    let note = format!("accepted{by}: {}", ignore.reason);
    finding.notes.push(Printable::from(note).shortened(300));
    finding
}

fn with_help(mut finding: Finding, help: &str) -> Finding {
    finding.help.push(Printable::new(help));
    finding
}

//! `stale-lockfile`: the lock is not what its tool would make of its inputs now.

use std::collections::HashSet;

use pinproof_core::evidence::{Openness, Source};
use pinproof_core::manifest::{MadeFrom, Requirement};
use pinproof_core::{Place, ProjectName, Span};

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::staleness::noted::{self, Difference};
use crate::staleness::unsatisfied::{self, Lack};
use crate::staleness::{Content, LockInput, LockSubject};
use crate::subject::{FileSubject, InputRequirement};

pub(super) static RULE: Rule = Rule {
    name: "stale-lockfile",
    summary: "the lock does not satisfy its inputs, or was made from others",
    cases: &[UNSATISFIED, OTHER_INPUT],
    needs: &[],
    settings: &[],
    check: Check::File(check),
};

const UNSATISFIED: Case = Case::deny("unsatisfied");
const OTHER_INPUT: Case = Case::deny("other-input");

fn check(file: &FileSubject<'_>, out: &mut Outcome<'_>) {
    for lock in &file.locks {
        for input in &lock.inputs {
            check_input(lock, input, out);
        }
    }
}

fn check_input(lock: &LockSubject<'_>, input: &LockInput<'_>, out: &mut Outcome<'_>) {
    let differences = differences(lock, input, out);
    let mut reported: HashSet<&ProjectName> = HashSet::new();
    for difference in &differences {
        reported.insert(difference.project);
        report_difference(difference, lock, input, out);
    }
    let lacks = unsatisfied::find(lock, input);
    for (asked, lack) in &lacks {
        let name = asked.requirement.name.as_ref();
        if name.is_none_or(|name| !reported.contains(name)) {
            report_lack(asked, lack, lock, out);
        }
    }
    if noted::is_for_other_pythons(lock, input) {
        report_pythons(lock, input, out);
    } else if input.content == Content::Other && lacks.is_empty() {
        report_content(lock, input, out);
    }
}

fn differences<'l, 'a>(
    lock: &LockSubject<'a>,
    input: &'l LockInput<'a>,
    out: &mut Outcome<'_>,
) -> Vec<Difference<'l, 'a>> {
    let Some(noted) = input.noted else {
        return Vec::new();
    };
    noted::find(lock, input, noted).unwrap_or_else(|| {
        let why = "too many requirements in too many parts to compare them with what the lock noted";
        out.open(Source(lock.source.path.clone()), Openness::Unavailable, why);
        Vec::new()
    })
}

fn report_lack(asked: &InputRequirement<'_>, missing: &Lack<'_>, lock: &LockSubject<'_>, out: &mut Outcome<'_>) {
    let requirement = asked.requirement;
    let Some(name) = &requirement.name else {
        return;
    };
    let path = &lock.source.path;
    let specifiers = requirement.specifiers();
    let accepts = specifiers.map(ToString::to_string).unwrap_or_default();
    let locked = |entry: &Requirement| entry.pin().map(ToString::to_string).unwrap_or_default();
    let (message, label, place) = match missing {
        Lack::Entry => (
            format!("`{name}` is asked for, and the lock has no entry of it"),
            format!("not in `{path}`"),
            lock_place(lock, "made without it"),
        ),
        Lack::Version(entry) => (
            format!("`{name}{accepts}` is asked for, and {} is locked", locked(entry)),
            "asks for another version".to_owned(),
            entry_place(lock, entry, "locked"),
        ),
        Lack::Extra(entry, extra) => (
            format!("the extra `{extra}` of `{name}` is asked for, and the lock was made without it"),
            "asks for the extra".to_owned(),
            entry_place(lock, entry, "locked without it"),
        ),
        Lack::Origin(entry) => (
            format!("`{name}` is asked for from one place, and locked from another"),
            "asked for from here".to_owned(),
            entry_place(lock, entry, "locked from elsewhere"),
        ),
    };
    let report = out
        .report(&UNSATISFIED, message)
        .at(Place::in_file(asked.source, requirement.origin_span, label))
        .project(name)
        .key(path.as_str());
    let report = match place {
        Some(place) => report.also_at(place),
        None => report,
    };
    report.help(lock_again(lock));
}

fn report_difference(
    difference: &Difference<'_, '_>,
    lock: &LockSubject<'_>,
    input: &LockInput<'_>,
    out: &mut Outcome<'_>,
) {
    let (name, path) = (difference.project, &input.source.path);
    let now = difference
        .now
        .map(|asked| Place::in_file(asked.source, asked.requirement.origin_span, "asked for now"));
    let then = difference
        .then
        .map(|noted| Place::in_file(lock.source, noted.origin_span, "what the lock was made from"));
    let message = match (&now, &then) {
        (Some(_), Some(_)) => format!("`{name}` is asked for otherwise than when the lock was made"),
        (Some(_), None) => format!("`{name}` is asked for, and the lock was made without it"),
        _ => format!("the lock was made with `{name}`, which `{path}` does not ask for any more"),
    };
    let mut places = now.into_iter().chain(then);
    let Some(first) = places.next() else {
        return;
    };
    let mut report = out
        .report(&OTHER_INPUT, message)
        .at(first)
        .project(name)
        .key(lock.source.path.as_str())
        .help(lock_again(lock));
    for place in places {
        report = report.also_at(place);
    }
}

fn report_pythons(lock: &LockSubject<'_>, input: &LockInput<'_>, out: &mut Outcome<'_>) {
    let shown = |manifest: &pinproof_core::Manifest| {
        let specifiers = manifest.requires_python.as_ref();
        specifiers.map(ToString::to_string).unwrap_or_default()
    };
    let (now, then) = (shown(input.manifest), shown(lock.manifest));
    let message = format!("the lock was made for Python `{then}`, and the project is for `{now}`");
    report_made(lock, input, message, out).key("python");
}

fn report_content(lock: &LockSubject<'_>, input: &LockInput<'_>, out: &mut Outcome<'_>) {
    let message = format!("the lock was made from another `{}`", input.source.path);
    report_made(lock, input, message, out)
        .label("the digest of another content")
        .note("what it asks for is locked: something was removed, or a setting that the tool counts has changed");
}

fn report_made<'o>(
    lock: &LockSubject<'_>,
    input: &LockInput<'_>,
    message: String,
    out: &'o mut Outcome<'_>,
) -> crate::outcome::Report<'o> {
    let place = match (&lock.manifest.made_from, input.noted) {
        (Some(MadeFrom::Digest(digest)), _) => digest.span,
        (_, Some(noted)) => noted.span,
        _ => Span::new(0, 0),
    };
    out.report(&OTHER_INPUT, message)
        .at(Place::in_file(lock.source, place, "made from another content"))
        .of_the_whole_file()
        .key(input.source.path.as_str())
        .help(lock_again(lock))
}

/// Where a lock says what it was made from, if it does.
fn lock_place(lock: &LockSubject<'_>, label: &str) -> Option<Place> {
    match &lock.manifest.made_from {
        Some(MadeFrom::Digest(digest)) => Some(Place::in_file(lock.source, digest.span, label)),
        _ => None,
    }
}

/// The place of an entry, if it stands in the lock itself and not in a file that is installed with it.
fn entry_place(lock: &LockSubject<'_>, entry: &Requirement, label: &str) -> Option<Place> {
    let own = lock.manifest.requirements.as_ptr_range();
    let is_own = own.contains(&std::ptr::from_ref(entry));
    is_own.then(|| Place::in_file(lock.source, entry.origin_span, label))
}

fn lock_again(lock: &LockSubject<'_>) -> String {
    if lock.remedy.as_str().is_empty() {
        return format!("make `{}` again from its inputs", lock.source.path);
    }
    format!("make the lock again: `{}`", lock.remedy)
}

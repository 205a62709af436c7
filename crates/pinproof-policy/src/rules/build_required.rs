//! `build-required`: installing it would build it, and building it runs its code.

use std::collections::BTreeSet;

use pinproof_core::filename::{self, WheelFilename};
use pinproof_core::manifest::Origin;
use pinproof_core::tags::TagSet;
use pinproof_core::{Environment, FileFacts, ProjectName};

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::{DistributionSubject, RequirementSubject};
use crate::wording::quote;

pub(super) static RULE: Rule = Rule {
    name: "build-required",
    summary: "no wheel fits, or it is a source distribution: installing would run code",
    cases: &[NO_WHEEL, SOURCE],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::RequirementOrFile(check, check_file),
};

const NO_WHEEL: Case = Case::warn("no-wheel").refused().of_the_pin();
const SOURCE: Case = Case::warn("source").refused().of_the_pin();

const HELP: &str = "pinproof never builds: take a release with a wheel, or build one yourself where \
                    nothing can be stolen and publish it on your own index";

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    if !subject.is_for_target() || !subject.is_installed_from_here() {
        return;
    }
    match &subject.requirement.origin {
        Origin::Index(_) => check_release(subject, out),
        Origin::Url { filename, .. } => {
            if !filename.to_ascii_lowercase().ends_with(".whl") {
                let what = format!("`{}`, which is no wheel", quote(filename));
                report_source(subject, &what, out);
            }
        }
        Origin::Vcs { .. } => report_source(subject, "a repository", out),
        // A folder of the project is its own code.
        Origin::Path(_) => {}
    }
}

fn report_source(subject: &RequirementSubject<'_>, what: &str, out: &mut Outcome<'_>) {
    out.report(
        &SOURCE,
        format!("`{}` is installed from {what}: that builds it, and runs its code", subject.shown_name()),
    )
    .label("runs code at install time")
    .help(HELP);
}

/// A file that somebody asks for by itself: a gateway does not know for which environment.
fn check_file(subject: &DistributionSubject<'_>, out: &mut Outcome<'_>) {
    let (project, filename) = (subject.release.project, &subject.file.filename);
    if !is_source(subject.file, project) {
        return;
    }
    out.report(
        &SOURCE,
        format!("`{}` is a source distribution: installing it runs its code", quote(filename)),
    )
    .label("runs code at install time")
    .key(filename)
    .help(HELP);
}

fn check_release(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let (Some((project, _)), Some(version)) = (subject.from_index(), subject.pin) else {
        return;
    };
    let Some((_, release)) = out.release(subject) else {
        return;
    };
    let accepted: Vec<_> = release.files.iter().filter(|file| subject.accepts(file)).collect();
    // Hashes of no file that the index has are the matter of `hash-mismatch`.
    if accepted.is_empty() {
        return;
    }
    if subject.no_binary {
        return report_source(subject, "its source distribution (`--no-binary`)", out);
    }
    let wheels: Vec<_> = accepted.iter().filter_map(|file| wheel_of(file, project)).collect();
    if accepted.iter().any(|file| fits(file, project, subject.target)) {
        return;
    }
    let name = subject.shown_name();
    let message = if wheels.is_empty() {
        format!("`{name}` {version} has no wheel that is accepted here: installing it runs its code")
    } else {
        format!("no accepted wheel of `{name}` {version} fits {}", subject.target)
    };
    let report = out.report(&NO_WHEEL, message).label("no wheel fits").help(HELP);
    let report = if wheels.is_empty() {
        report
    } else {
        report.note(format!("its wheels are for {}", targets_of(&wheels)))
    };
    match accepted.iter().find(|file| is_source(file, project)) {
        Some(file) => report.note(format!("an installer builds `{}`", quote(&file.filename))),
        None => report.note("no source distribution is accepted either, so it cannot be installed there"),
    };
}

fn wheel_of(file: &FileFacts, project: &ProjectName) -> Option<WheelFilename> {
    filename::parse(&file.filename, project)?.wheel
}

fn is_source(file: &FileFacts, project: &ProjectName) -> bool {
    filename::parse(&file.filename, project)
        .is_some_and(|parsed| parsed.kind == filename::DistributionKind::Sdist)
}

fn fits(file: &FileFacts, project: &ProjectName, target: &Environment) -> bool {
    wheel_of(file, project).is_some_and(|wheel| TagSet::of(target).accepts(&wheel))
        && file.is_for_python(target.python())
}

/// The Python versions and platforms of the wheels, in short.
fn targets_of(wheels: &[WheelFilename]) -> String {
    let interpreters: BTreeSet<&str> = wheels.iter().flat_map(WheelFilename::interpreters).collect();
    let platforms: BTreeSet<&str> = wheels
        .iter()
        .flat_map(WheelFilename::platforms)
        .map(platform_name)
        .collect();
    format!("{} on {}", listed(&interpreters), listed(&platforms))
}

fn platform_name(tag: &str) -> &str {
    let families = [
        ("manylinux", "Linux"),
        ("musllinux", "Linux with musl"),
        ("linux", "Linux"),
        ("macosx", "macOS"),
        ("win", "Windows"),
        ("any", "any platform"),
    ];
    let family = families.into_iter().find(|(prefix, _)| tag.starts_with(prefix));
    family.map_or(tag, |(_, name)| name)
}

fn listed(items: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> = items.iter().take(SHOWN).map(|item| quote(item).to_string()).collect();
    let more = items.len().saturating_sub(SHOWN);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

//! `unpinned-requirement`: more than one version may be installed, so tomorrow's install is other code.

use pinproof_core::manifest::Origin;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::{FileSubject, RequirementSubject, Role};

pub(super) static RULE: Rule = Rule {
    name: "unpinned-requirement",
    summary: "allows more than one version",
    cases: &[RANGE, NO_LOCK],
    needs: &[],
    settings: &[],
    check: Check::File(check),
};

const RANGE: Case = Case::deny("range");
const NO_LOCK: Case = Case::deny("no-lock");

/// A file that pins nothing is a manifest without a lock: one finding. In a file that pins some of its
/// requirements, each of the others is a gap of its own.
fn check(file: &FileSubject<'_>, out: &mut Outcome<'_>) {
    if file.role != Role::Installed {
        return;
    }
    let from_index: Vec<_> = file.from_index().map(|(_, subject)| subject).collect();
    let unpinned: Vec<_> = from_index
        .iter()
        .filter(|subject| subject.pin.is_none())
        .collect();
    if unpinned.is_empty() {
        return;
    }
    if unpinned.len() == from_index.len() {
        return report_manifest(file, unpinned.len(), unpinned[0], out);
    }
    for subject in unpinned {
        report_range(subject, out);
    }
}

fn report_manifest(
    file: &FileSubject<'_>,
    count: usize,
    first: &RequirementSubject<'_>,
    out: &mut Outcome<'_>,
) {
    let message = match count {
        1 => "the only requirement allows more than one version, and no lock file pins it".to_owned(),
        _ => format!("none of the {count} requirements is pinned, and no lock file pins them"),
    };
    out.report(&NO_LOCK, message)
        .at(first.place("allows more than one version"))
        .note(format!(
            "`{}` is read as a manifest: what it installs changes from day to day",
            file.source.path
        ))
        .help("compile it to a lock: every version pinned, every file hashed");
}

fn report_range(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let requirement = subject.requirement;
    let Origin::Index(specifiers) = &requirement.origin else {
        return;
    };
    let name = subject.shown_name();
    let message = if specifiers.is_empty() {
        format!("`{name}` has no version: any release may be installed")
    } else {
        format!("`{name}{specifiers}` allows more than one version")
    };
    let report = out
        .report(&RANGE, message)
        .at(subject.place("not pinned"))
        .help("pin it to one version with `==`");
    if let Some(project) = &requirement.name {
        report.project(project);
    }
}

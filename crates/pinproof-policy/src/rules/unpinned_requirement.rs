//! `unpinned-requirement`: more than one version may be installed, so tomorrow's install is other code.

use pinproof_core::manifest::{Origin, Scope};

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::{FileSubject, Reader, RequirementSubject, Role};

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

/// A file that pins nothing is a manifest without a lock: one finding. So is a pyproject.toml, whatever it
/// pins: it says what is needed, and can hold no hash. In a requirements file that pins some of its
/// requirements, each of the others is a gap of its own.
fn check(file: &FileSubject<'_>, out: &mut Outcome<'_>) {
    if file.role != Role::Installed {
        return;
    }
    // What builds need is in no lock of the project: `unlocked-build-requirement` speaks of it.
    let is_built_with = |subject: &&RequirementSubject<'_>| subject.requirement.scope == Scope::Build;
    let from_index = file.from_index().map(|(_, subject)| subject);
    let from_index: Vec<_> = from_index.filter(|subject| !is_built_with(subject)).collect();
    let unpinned: Vec<_> = from_index
        .iter()
        .copied()
        .filter(|subject| subject.pin.is_none())
        .collect();
    let is_pyproject = file.settings.reader == Reader::Uv;
    if unpinned.len() == from_index.len() || is_pyproject {
        if let Some(first) = unpinned.first().or(from_index.first()) {
            report_manifest(file, (unpinned.len(), from_index.len()), first, out);
        }
        return;
    }
    for subject in unpinned {
        report_range(subject, out);
    }
}

fn report_manifest(
    file: &FileSubject<'_>,
    (unpinned, count): (usize, usize),
    first: &RequirementSubject<'_>,
    out: &mut Outcome<'_>,
) {
    let message = match (unpinned, count) {
        (0, 1) => "the only requirement is pinned, but no lock file pins what it needs".to_owned(),
        (0, _) => format!("the {count} requirements are pinned, but no lock file pins what they need"),
        (1, 1) => "the only requirement allows more than one version, and no lock file pins it".to_owned(),
        _ if unpinned == count => {
            format!("none of the {count} requirements is pinned, and no lock file pins them")
        }
        (1, _) => format!("1 of the {count} requirements is not pinned, and no lock file pins it"),
        _ => format!("{unpinned} of the {count} requirements are not pinned, and no lock file pins them"),
    };
    let label = match unpinned {
        0 => "pinned, but not to its bytes",
        _ => "allows more than one version",
    };
    out.report(&NO_LOCK, message)
        .at(first.place(label))
        .note(format!(
            "`{}` is read as a manifest: what it installs changes from day to day",
            file.source.path
        ))
        .help(lock(file.source.path.as_str(), file.settings.reader));
}

/// The command that makes a lock of a manifest.
fn lock(path: &str, reader: Reader) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let beside = |name: &str| match folder {
        "" => name.to_owned(),
        _ => format!("{folder}/{name}"),
    };
    let others = "`uv pip compile --generate-hashes` and pip-compile make one too";
    if reader == Reader::Conda {
        let input = beside("requirements.in");
        return format!(
            "write the lines for pip to `{input}`, make a lock of that, and leave `-r requirements.txt` to pip: \
             `pinproof lock {input}`; {others}"
        );
    }
    if name.rsplit_once('.').is_some_and(|(_, end)| end == "in") || name == "pyproject.toml" {
        return format!("make a lock of it: `pinproof lock {path}`; {others}");
    }
    let stem = name.strip_suffix(".txt").unwrap_or(name);
    let input = beside(&format!("{stem}.in"));
    let to = if stem == name { format!(" --to {path}") } else { String::new() };
    format!("rename it to `{input}`, and make a lock of that: `pinproof lock {input}{to}`; {others}")
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

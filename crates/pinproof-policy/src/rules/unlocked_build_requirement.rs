//! `unlocked-build-requirement`: what builds the project is chosen anew with every build, and runs.

use pinproof_core::ProjectName;
use pinproof_core::manifest::Scope;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::{FileSubject, RequirementSubject};

pub(super) static RULE: Rule = Rule {
    name: "unlocked-build-requirement",
    summary: "needed to build the project, and not pinned",
    cases: &[UNLOCKED],
    needs: &[],
    settings: &[],
    check: Check::File(check),
};

const UNLOCKED: Case = Case::warn("unlocked");

/// The role of the file does not matter: no lock of a project has what builds it.
fn check(file: &FileSubject<'_>, out: &mut Outcome<'_>) {
    for (name, subject) in file.from_index() {
        let is_for_builds = subject.requirement.scope == Scope::Build;
        if is_for_builds && subject.pin.is_none() && !is_constrained(file, name) {
            report(name, subject, out);
        }
    }
}

/// Whether uv's constraints on builds leave one version of it.
fn is_constrained(file: &FileSubject<'_>, name: &ProjectName) -> bool {
    let mut requirements = file.manifest.requirements.iter();
    requirements.any(|limit| {
        limit.scope == Scope::BuildConstraint && limit.name.as_ref() == Some(name) && limit.pin().is_some()
    })
}

fn report(name: &ProjectName, subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let specifiers = subject.requirement.specifiers();
    let accepts = specifiers.map(ToString::to_string).unwrap_or_default();
    out.report(&UNLOCKED, format!("`{name}{accepts}` builds the project, and no version of it is pinned"))
        .of(subject)
        .at(subject.place("not pinned"))
        .note("its code runs wherever the project is built, with what the build may read and write")
        .help("pin it to one version with `==`");
}

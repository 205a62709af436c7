//! Whether the project imports what an advisory is about: a help to judge a finding, and never a verdict.
//!
//! A flaw in what the project does not import may be reached through another dependency, and an import says
//! nothing of what is called. So level, admission and exit code are the same either way.

use std::collections::BTreeSet;

use jiff::Timestamp;
use pinproof_core::advisory::{Class, Match};
use pinproof_core::evidence::Answer;
use pinproof_core::imports::Imported;
use pinproof_core::{Advisory, Level, Printable};

use crate::evidence::Evidence;
use crate::modules::{Modules, is_module, of_project};
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::subject::{NamedSubject, RequirementSubject};

/// The rules that say whether a module is imported.
const RULES: [&str; 2] = ["vulnerable-release", "known-malware"];

/// The modules that the findings about these requirements will be about; none where there is no advisory,
/// so that no file is read for nothing.
pub fn modules_to_look_for<'a>(
    requirements: impl Iterator<Item = &'a RequirementSubject<'a>>,
    evidence: &Evidence,
    policy: &Policy,
    now: Timestamp,
) -> BTreeSet<String> {
    let is_asked =
        |rule: &&str| crate::find_rule(rule).is_some_and(|rule| policy.level(rule) != Level::Allow);
    let mut modules = BTreeSet::new();
    if !RULES.iter().any(is_asked) {
        return modules;
    }
    for subject in requirements {
        let Some(project) = &subject.requirement.name else {
            continue;
        };
        let Answer::Known(found) = evidence.advisories(project) else {
            continue;
        };
        let version = subject.version();
        let is_about = |advisory: &&Advisory| match &version {
            Some(version) => advisory.affects(version) != Match::No,
            None => advisory.affects_everything(),
        };
        let records = found.records.iter().map(|(_, advisory)| advisory);
        let in_force = records.filter(|advisory| advisory.is_in_force(now));
        for advisory in in_force.filter(is_about) {
            modules.extend(of_project(project).names);
            modules.extend(
                advisory
                    .imports
                    .iter()
                    .filter(|name| is_module(name))
                    .cloned(),
            );
        }
    }
    modules
}

/// Whether the project imports what `class` is about: the modules that its records name, else those that
/// the project is known by, else a guess.
pub(crate) fn imported(
    subject: &NamedSubject<'_>,
    class: &Class,
    out: &Outcome<'_>,
) -> Option<Imported> {
    let imports = out.evidence.imports()?;
    let named = class.imports.iter().map(Printable::as_str);
    let named: Vec<String> = named
        .filter(|name| is_module(name))
        .map(str::to_owned)
        .collect();
    let modules = if named.is_empty() {
        of_project(subject.project)
    } else {
        Modules {
            names: named,
            is_guess: false,
        }
    };
    Some(imports.of(&modules.names, modules.is_guess))
}

/// What to say of it; nothing where the project has no Python of its own.
pub(crate) fn note(imported: &Imported) -> Option<String> {
    if imported.looked_at == 0 && imported.left_out == 0 {
        return None;
    }
    let modules = listing(&imported.modules);
    let guess = if imported.is_guess {
        ", a guess from the project's name"
    } else {
        ""
    };
    let part = match imported.left_out {
        0 => String::new(),
        _ if imported.looked_at == 1 => "; only 1 file was looked at".to_owned(),
        _ => format!("; only {} files were looked at", imported.looked_at),
    };
    let said = match imported.at.first() {
        Some(first) => {
            let more = match imported.files - 1 {
                0 => String::new(),
                more => format!(" and {}", files_more(more)),
            };
            format!(
                "{modules}{guess}: imported by {}:{}{more}{part}",
                first.file, first.line
            )
        }
        None => format!(
            "{modules}{guess}: no file of the project imports it{part}; that says nothing about what \
             other dependencies do"
        ),
    };
    Some(said)
}

fn listing(modules: &[Printable]) -> String {
    let quoted: Vec<_> = modules.iter().map(|module| format!("`{module}`")).collect();
    quoted.join(" or ")
}

fn files_more(count: usize) -> String {
    match count {
        1 => "1 more file".to_owned(),
        count => format!("{count} more files"),
    }
}

//! What to do first: the findings about advisories, put together for each release.

use std::cmp::Reverse;

use pinproof_core::advisory::{Class, Kind, Severity};
use pinproof_core::{Finding, Printable, ProjectName, Version};

use crate::report::Report;

/// What to do about one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The project.
    pub project: ProjectName,
    /// The version that is there.
    pub version: Option<Version>,
    /// What to do.
    pub action: Action,
    /// The worst known severity; `None` if nobody rated any of its flaws.
    pub severity: Option<Severity>,
    /// The ids of its flaws, the worst first.
    pub ids: Vec<Printable>,
    /// The files that have it.
    pub files: Vec<Printable>,
}

/// What to do about a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Remove it, and treat the machine as compromised.
    Remove,
    /// Raise it to this version, which no advisory is about.
    Raise(Version),
    /// Raise it to this version: what is left has no fix.
    RaiseInPart(Version),
    /// Look for another project: no advisory names a fix.
    Replace,
}

/// The advice of a report: malware first, then the worst, then what mends most.
pub fn advice(report: &Report) -> Vec<Advice> {
    let mut releases: Vec<(&Finding, Vec<(&Finding, &Class)>)> = Vec::new();
    for finding in &report.findings {
        let Some(class) = &finding.advisories else {
            continue;
        };
        let same = |(first, _): &&mut (&Finding, _)| {
            first.project == finding.project && first.version == finding.version
        };
        match releases.iter_mut().find(same) {
            Some((_, classes)) => classes.push((finding, class)),
            None => releases.push((finding, vec![(finding, class)])),
        }
    }
    let mut advice: Vec<Advice> = releases
        .iter()
        .filter_map(|(first, classes)| of_release(first, classes))
        .collect();
    advice.sort_by_key(|advice| {
        let is_malware = advice.action == Action::Remove;
        (
            Reverse(is_malware),
            Reverse(advice.severity),
            Reverse(advice.ids.len()),
            advice.project.clone(),
        )
    });
    advice
}

fn of_release(first: &Finding, classes: &[(&Finding, &Class)]) -> Option<Advice> {
    let mut by_severity: Vec<&Class> = classes.iter().map(|(_, class)| *class).collect();
    by_severity.sort_by_key(|class| Reverse(class.severity()));
    let mut ids: Vec<Printable> = Vec::new();
    for class in &by_severity {
        if !ids.contains(class.id()) {
            ids.push(class.id().clone());
        }
    }
    let mut files: Vec<Printable> = classes
        .iter()
        .filter_map(|(finding, _)| Some(finding.places.first()?.origin.clone()))
        .collect();
    files.sort();
    files.dedup();
    Some(Advice {
        project: first.project.clone()?,
        version: first.version.clone(),
        action: action(&by_severity),
        severity: by_severity
            .iter()
            .filter_map(|class| class.severity())
            .max(),
        ids,
        files,
    })
}

fn action(classes: &[&Class]) -> Action {
    if classes.iter().any(|class| class.kind == Kind::Malware) {
        return Action::Remove;
    }
    let safe = classes.iter().find_map(|class| class.safe.clone());
    let part = || classes.iter().filter_map(|class| class.fixed.clone()).max();
    match safe {
        Some(version) => Action::Raise(version),
        None => part().map_or(Action::Replace, Action::RaiseInPart),
    }
}

//! What makes two findings the same, in two runs or in a run and a file of known findings.
//!
//! Line, wording and version do not matter. Where a rule speaks of exactly what is pinned (its age, its
//! hashes, its address), the pinned text has to be the same too, or whoever replaces one too young release
//! by another would be let through.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::{Finding, Printable};
use pinproof_policy::find_rule;
use sha2::{Digest as _, Sha256};

use crate::report::Report;

/// The parts of a fingerprint, not joined, so that no name can pose as two of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    /// The rule.
    pub(crate) rule: String,
    /// The file, or the environment, or the origin of a machine setting.
    pub(crate) file: String,
    /// The project; empty where it speaks of none.
    pub(crate) project: String,
    /// The rule's own key.
    pub(crate) key: String,
    /// The start of the sha256 of the pinned text, where the rule speaks of exactly that. A digest, because
    /// the text of an address may hold credentials.
    pub(crate) pin: Option<String>,
}

/// How often each identity is there.
pub(crate) type Counts = BTreeMap<Identity, usize>;

/// The findings of a report by identity.
pub(crate) fn counts(report: &Report) -> Counts {
    let mut counts = Counts::new();
    for finding in &report.findings {
        *counts.entry(identity(finding, report)).or_default() += 1;
    }
    counts
}

/// Moves the findings that are known out of those that count; a finding that is there twice and known
/// once counts once. What is left of `known` is there no more.
pub(crate) fn move_known(report: &mut Report, known: &mut Counts) {
    let is_known: Vec<bool> = report
        .findings
        .iter()
        .map(|finding| match known.get_mut(&identity(finding, report)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        })
        .collect();
    let findings = std::mem::take(&mut report.findings);
    for (finding, is_known) in findings.into_iter().zip(is_known) {
        if is_known {
            report.existing.push(finding);
        } else {
            report.findings.push(finding);
        }
    }
}

fn identity(finding: &Finding, report: &Report) -> Identity {
    let place = finding.places.first();
    let origin = place.map(|place| &place.origin);
    let file = finding.environment.as_ref().or(origin);
    let case = finding.key.split('/').next();
    let cases = find_rule(finding.rule).map_or(&[][..], |rule| rule.cases);
    let is_of_the_pin = cases
        .iter()
        .any(|known| Some(known.name) == case && known.is_of_the_pin);
    let text = || {
        let source = report.source(&place?.origin)?;
        let span = place?.span?;
        source.text.get(span.start..span.end)
    };
    let project = finding.project.as_ref();
    Identity {
        rule: finding.rule.to_owned(),
        file: file.map_or_else(String::new, ToString::to_string),
        project: project.map_or_else(String::new, ToString::to_string),
        key: Printable::new(&finding.key).to_string(),
        pin: is_of_the_pin.then(text).flatten().map(digest),
    }
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

//! Versions and lists, in words.

use pinproof_core::{Printable, Version};
use pubgrub::VersionSet;

use crate::catalog::{Kind, Project};
use crate::indexes::Indexes;

/// How many parts a list of versions or requirements may have.
const MAX_PARTS: usize = 5;

/// A version, bounded.
pub(super) fn shown(version: &Version) -> String {
    Printable::new(&version.to_string())
        .shortened(40)
        .as_str()
        .to_owned()
}

/// `a`, `a and b`, `a, b and c`, and so on; of too many the first, and how many more.
pub(super) fn list(parts: &[String], word: &str) -> String {
    let beyond;
    let (parts, last) = match parts {
        [] => return String::new(),
        [only] => return only.clone(),
        parts if parts.len() > MAX_PARTS => {
            beyond = format!("{} more", parts.len() - MAX_PARTS + 1);
            (&parts[..MAX_PARTS - 1], &beyond)
        }
        [parts @ .., last] => (parts, last),
    };
    format!("{} {word} {last}", parts.join(", "))
}

/// Whether a version could have been chosen, as far as is known.
pub(super) fn is_selectable(project: &Project, index: u32) -> bool {
    matches!(project.kind(index), Kind::Regular | Kind::Fallback)
        && !matches!(
            project.known_standing(index),
            Some(crate::provider::Standing::Barred(_))
        )
}

/// `is`, or `are` where there is more than one version.
pub(super) fn is_or_are(set: &Indexes) -> &'static str {
    if set.iter_below(u32::MAX).nth(1).is_some() {
        "are"
    } else {
        "is"
    }
}

/// Versions as ranges over those that exist: `1.0 and 2.0 to 2.4`. What could not be chosen anyway does
/// not part a range.
pub(super) fn ranges(project: &Project, set: &Indexes) -> String {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    let mut is_open = false;
    for index in 0..project.count() {
        if set.contains(&index) {
            match spans.last_mut() {
                Some(span) if is_open => span.1 = index,
                _ => spans.push((index, index)),
            }
            is_open = true;
        } else if is_selectable(project, index) {
            is_open = false;
        }
    }
    let parts: Vec<String> = spans
        .into_iter()
        .map(|(first, last)| {
            let first_shown = shown(project.version(first));
            let last_shown = shown(project.version(last));
            match set.iter_below(last).filter(|&index| index >= first).count() {
                0 => first_shown,
                1 => format!("{first_shown} and {last_shown}"),
                _ => format!("{first_shown} to {last_shown}"),
            }
        })
        .collect();
    list(&parts, "and")
}

/// Whether every version that could be chosen is in `set`.
pub(super) fn is_all(project: &Project, set: &Indexes) -> bool {
    (0..project.count())
        .filter(|&index| is_selectable(project, index))
        .all(|index| set.contains(&index))
}

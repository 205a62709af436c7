//! Gathers what the tool has to say about itself: exceptions and inputs that were left out.

use std::collections::BTreeSet;

use jiff::Timestamp;
use pinproof_core::Finding;
use pinproof_core::verdict::IgnoreRef;
use pinproof_policy::Policy;
use pinproof_policy::tool::{self, Skip};

use crate::discover::{SkipReason, Skipped};
use crate::inputs::LoadedFile;

/// Exceptions that cover nothing, are over, or are written wrongly.
pub(crate) fn of_ignores(
    policy: &Policy,
    files: &[LoadedFile],
    used: &BTreeSet<IgnoreRef>,
    now: Timestamp,
) -> Vec<Finding> {
    let configured = policy
        .ignores
        .iter()
        .enumerate()
        .filter_map(|(at, ignore)| {
            let is_used = used.contains(&IgnoreRef::Configured(at));
            tool::of_ignore(policy, ignore, is_used, now)
        });
    let inline = files.iter().flat_map(|file| {
        file.manifest.ignores.iter().flat_map(|ignore| {
            let by = IgnoreRef::Inline {
                file: file.source.path.clone(),
                at: ignore.span,
            };
            tool::of_inline_ignore((policy, now), (&file.source, ignore), used.contains(&by))
        })
    });
    configured.chain(inline).collect()
}

/// Inputs that were found and are not judged.
pub(crate) fn of_skipped(policy: &Policy, skipped: &[Skipped], now: Timestamp) -> Vec<Finding> {
    let findings = skipped.iter().filter_map(|skipped| {
        let (skip, why) = match skipped.why {
            SkipReason::Unsupported(what) => (
                Skip::Unsupported,
                format!("this version does not read {what}"),
            ),
            SkipReason::Excluded => (Skip::LeftOut, "the configuration excludes it".to_owned()),
            SkipReason::TooDeep => (
                Skip::LeftOut,
                "its folders are nested too deeply".to_owned(),
            ),
            SkipReason::Unreadable => (Skip::LeftOut, "the folder cannot be listed".to_owned()),
            SkipReason::NoFile => (Skip::LeftOut, "there is no file behind it".to_owned()),
        };
        tool::of_skipped((policy, now), &skipped.path, skip, &why)
    });
    findings.collect()
}

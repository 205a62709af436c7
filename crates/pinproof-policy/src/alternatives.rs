//! What could be taken instead: the newest release that the policy lets in, for the help of a refusal.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use pinproof_core::project_facts::ReleaseSummary;
use pinproof_core::{Level, ProjectFacts, ProjectName, Version};

use crate::clock::Clock;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::rule::SettingValue;

/// How old a release of `project` must be; `None` where `recent-release` does not look at it.
pub(crate) fn cooldown(policy: &Policy, project: &ProjectName) -> Option<SignedDuration> {
    let rule = crate::find_rule("recent-release")?;
    if policy.level(rule) == Level::Allow {
        return None;
    }
    if let Some(SettingValue::Names(names)) = policy.setting(rule, "except")
        && names.iter().any(|pattern| pattern.matches(project))
    {
        return None;
    }
    match policy.setting(rule, "cooldown") {
        Some(SettingValue::Hours(hours)) => Some(SignedDuration::from_hours(i64::from(hours))),
        _ => None,
    }
}

/// The cooldown that keeps young releases out of a lock, for projects that are no exceptions; `None` where
/// `recent-release` refuses nothing. It is good for guesses only: `decide` decides.
pub fn general_cooldown(policy: &Policy, now: Timestamp) -> Option<SignedDuration> {
    let rule = crate::find_rule("recent-release").filter(|rule| policy.refuses(rule, now))?;
    match policy.setting(rule, "cooldown") {
        Some(SettingValue::Hours(hours)) => Some(SignedDuration::from_hours(i64::from(hours))),
        _ => None,
    }
}

/// The moment after which nothing is there, where `release-after-freeze` is asked.
fn freeze(policy: &Policy) -> Option<Timestamp> {
    let freeze = policy.freeze?;
    let rule = crate::find_rule("release-after-freeze")?;
    (policy.level(rule) != Level::Allow).then_some(freeze)
}

/// When a span that starts at `start` is over; the end of time where a hostile index gives a time near it.
pub(crate) fn end_of(start: Timestamp, span: SignedDuration) -> Timestamp {
    start.checked_add(span).unwrap_or(Timestamp::MAX)
}

/// The newest releases of a page that the policy allows, found for the first one that asks.
#[derive(Clone, Debug)]
pub(crate) struct Newest<'a> {
    page: &'a ProjectFacts,
    /// Where they are among its releases: the second one is for whoever asks about the first.
    found: OnceLock<[Option<usize>; 2]>,
}

impl<'a> Newest<'a> {
    /// Looks at nothing yet.
    pub(crate) fn new(page: &'a ProjectFacts) -> Self {
        Self {
            page,
            found: OnceLock::new(),
        }
    }

    fn found(&self, out: &Outcome<'_>) -> [Option<usize>; 2] {
        *self.found.get_or_init(|| {
            let mut allowed = allowed(self.page, out);
            [allowed.next(), allowed.next()]
        })
    }
}

/// The newest release on the page that is final, not yanked, past the cooldown and before a freeze; another one than
/// `but`.
pub(crate) fn newest_allowed<'a>(
    page: &'a ProjectFacts,
    out: &Outcome<'_>,
    but: Option<&Version>,
) -> Option<&'a ReleaseSummary> {
    let is_other = |release: &&ReleaseSummary| but.is_none_or(|but| release.version != *but);
    let release = |at: usize| page.releases.get(at);
    match out
        .once
        .newest
        .filter(|newest| std::ptr::eq(newest.page, page))
    {
        Some(newest) => {
            let found = newest.found(out).into_iter().flatten();
            found.filter_map(release).find(is_other)
        }
        None => allowed(page, out).filter_map(release).find(is_other),
    }
}

/// Where the releases that may be taken are among those of the page, newest first.
fn allowed(page: &ProjectFacts, out: &Outcome<'_>) -> impl Iterator<Item = usize> {
    let cooldown = cooldown(out.policy, &page.project);
    let is_past_cooldown = move |release: &ReleaseSummary| {
        let Some(cooldown) = cooldown else {
            return true;
        };
        match Clock::of_summary(release, page, out) {
            Clock::Uploaded(start) | Clock::FirstSeen(start, _) => {
                out.now >= end_of(start, cooldown)
            }
            // An index without times could not be asked for more.
            Clock::Before(..) | Clock::Unsupported(_) => true,
            // A release without a time, among others that have one, is of unknown age.
            Clock::Unknown | Clock::Unavailable(_) => false,
        }
    };
    let freeze = freeze(out.policy);
    let is_there = move |release: &ReleaseSummary| match (freeze, release.first_upload) {
        (Some(freeze), Some(uploaded)) => uploaded <= freeze,
        (Some(_), None) => !page.publishes.upload_times,
        (None, _) => true,
    };
    let releases = page.releases.iter().enumerate().rev();
    releases
        .filter(|(_, release)| !release.yanked && !release.version.is_prerelease())
        .filter(move |(_, release)| is_past_cooldown(release) && is_there(release))
        .map(|(at, _)| at)
}

//! What could be taken instead: the newest release that the policy lets in, for the help of a refusal.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::project_facts::ReleaseSummary;
use pinproof_core::{Level, ProjectFacts, ProjectName};

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

/// The newest release on the page that is final, not yanked, past the cooldown, before a freeze, and accepted by `fits`.
pub(crate) fn newest_allowed<'a>(
    page: &'a ProjectFacts,
    out: &Outcome<'_>,
    fits: impl Fn(&ReleaseSummary) -> bool,
) -> Option<&'a ReleaseSummary> {
    let cooldown = cooldown(out.policy, &page.project);
    let is_past_cooldown = |release: &ReleaseSummary| match (cooldown, release.first_upload) {
        (Some(cooldown), Some(uploaded)) => out.now.duration_since(uploaded) >= cooldown,
        // An index without times could not be asked for more; a release without one, among others
        // that have one, is of unknown age.
        (Some(_), None) => !page.publishes.upload_times,
        (None, _) => true,
    };
    let is_there = |release: &ReleaseSummary| match (freeze(out.policy), release.first_upload) {
        (Some(freeze), Some(uploaded)) => uploaded <= freeze,
        (Some(_), None) => !page.publishes.upload_times,
        (None, _) => true,
    };
    page.releases
        .iter()
        .rev()
        .filter(|release| !release.yanked && !release.version.is_prerelease())
        .find(|release| is_past_cooldown(release) && is_there(release) && fits(release))
}

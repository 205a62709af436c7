//! What is decided of a project before any index is asked about it.

use jiff::Timestamp;
use pinproof_core::{Finding, ProjectName};

use crate::evidence::Evidence;
use crate::ignore::Ignore;
use crate::outcome::{About, Outcome};
use crate::policy::Policy;
use crate::rules::{UNLISTED_RELEASE, report_unlisted};

/// Why a project is refused whatever an index has of it: an allow-list has none of its releases, and no exception
/// may cover one.
pub fn refuses_project(project: &ProjectName, policy: &Policy, now: Timestamp) -> Option<Finding> {
    let list = policy.allow_list.as_ref()?;
    if list.listed()?.has_project(project) {
        return None;
    }
    let rule = policy.asked().find(|rule| rule.name == UNLISTED_RELEASE)?;
    // One that is about some versions only is for the verdict on each file.
    let may_cover = |ignore: &Ignore| {
        let of = ignore.project.as_ref().map(|(name, _)| name);
        ignore.rule == rule.name && !ignore.is_expired(now) && of.is_none_or(|name| name == project)
    };
    if policy.ignores.iter().any(may_cover) {
        return None;
    }
    let about = About {
        project: Some(project.clone()),
        ..About::default()
    };
    let evidence = Evidence::default();
    let mut outcome = Outcome::new(rule, (&evidence, policy, now), &about);
    report_unlisted(project, list, &mut outcome);
    let findings = outcome.into_collected().findings;
    findings.into_iter().find(|finding| finding.refuses)
}

//! The registry: one line a rule.

use crate::rule::{Case, Rule};

/// A rule with its page.
#[derive(Clone, Copy, Debug)]
pub struct RulePage {
    /// The rule.
    pub rule: &'static Rule,
    /// The page in Markdown: what it says, why, what to do, and examples that run as tests.
    pub page: &'static str,
}

macro_rules! rules {
    ($($module:ident,)*) => {
        $(mod $module;)*

        /// Every rule, in the order in which reports show them.
        pub static ALL: &[RulePage] = &[
            $(RulePage {
                rule: &$module::RULE,
                page: include_str!(concat!("rules/", stringify!($module), ".md")),
            },)*
        ];
    };
}

rules! {
    mixed_indexes,
    insecure_index,
    unchecked_hashes,
    name_outside_namespace,
    unknown_project,
    lookalike_name,
    known_malware,
    quarantined_project,
    changed_file,
    revived_project,
    metadata_mismatch,
    vulnerable_release,
    unknown_release,
    hash_mismatch,
    unlisted_release,
    release_after_freeze,
    unpinned_requirement,
    stale_lockfile,
    unlocked_build_requirement,
    unhashed_requirement,
    weak_hash,
    unpinned_vcs,
    direct_url,
    incomplete_tree,
    unneeded_pin,
    build_required,
    yanked_release,
    recent_release,
    late_file,
    vanished_release,
    archived_project,
    deprecated_project,
    unused_ignore,
    expired_ignore,
    skipped_input,
}

pub(crate) use insecure_index::{NAME as INSECURE_INDEX, key_of as key_of_address};
pub(crate) use unlisted_release::{NAME as UNLISTED_RELEASE, report_project as report_unlisted};

/// The cases of the rules that `decide` does not ask: [`crate::tool`] reports them.
pub(crate) struct CasesOfTheTool {
    pub(crate) unused: (&'static str, Case),
    pub(crate) unknown_rule: (&'static str, Case),
    pub(crate) no_reason: (&'static str, Case),
    pub(crate) stale_baseline: (&'static str, Case),
    pub(crate) expired: (&'static str, Case),
    pub(crate) unsupported: (&'static str, Case),
    pub(crate) excluded: (&'static str, Case),
}

pub(crate) static CASES_OF_THE_TOOL: CasesOfTheTool = CasesOfTheTool {
    unused: ("unused-ignore", unused_ignore::UNUSED),
    unknown_rule: ("unused-ignore", unused_ignore::UNKNOWN_RULE),
    no_reason: ("unused-ignore", unused_ignore::NO_REASON),
    stale_baseline: ("unused-ignore", unused_ignore::STALE_BASELINE),
    expired: ("expired-ignore", expired_ignore::EXPIRED),
    unsupported: ("skipped-input", skipped_input::UNSUPPORTED),
    excluded: ("skipped-input", skipped_input::EXCLUDED),
};

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    ALL.iter()
        .map(|page| page.rule)
        .find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let names: BTreeSet<_> = ALL.iter().map(|page| page.rule.name).collect();
        assert_eq!(names.len(), ALL.len());
        for name in names {
            let is_kebab = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(is_kebab, "{name}");
        }
    }

    #[test]
    fn every_page_is_titled_by_its_rule_and_every_rule_has_a_case() {
        for page in ALL {
            let title = page.page.lines().next();
            assert_eq!(title, Some(format!("# {}", page.rule.name).as_str()));
            assert!(!page.rule.cases.is_empty(), "{}", page.rule.name);
            assert!(!page.rule.summary.ends_with('.'), "{}", page.rule.name);
        }
    }
}

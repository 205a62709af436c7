//! `unused-ignore`: an exception, or an entry of a baseline, that covers nothing, so nobody would notice when
//! it starts to.

use crate::rule::{Case, Check, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unused-ignore",
    summary: "an exception that covers nothing, or names a rule that does not exist",
    cases: &[UNUSED, UNKNOWN_RULE, NO_REASON, STALE_BASELINE],
    needs: &[],
    settings: &[],
    check: Check::Tool,
};

pub(crate) const UNUSED: Case = Case::warn("unused");
pub(crate) const UNKNOWN_RULE: Case = Case::warn("unknown-rule");
pub(crate) const NO_REASON: Case = Case::warn("no-reason");
pub(crate) const STALE_BASELINE: Case = Case::warn("stale-baseline");

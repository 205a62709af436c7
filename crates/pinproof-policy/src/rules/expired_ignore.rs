//! `expired-ignore`: an exception whose last day is over; it ignores nothing any more.

use crate::rule::{Case, Check, Rule};

pub(super) static RULE: Rule = Rule {
    name: "expired-ignore",
    summary: "an exception whose last day is over",
    cases: &[EXPIRED],
    needs: &[],
    settings: &[],
    check: Check::Tool,
};

pub(crate) const EXPIRED: Case = Case::deny("expired");

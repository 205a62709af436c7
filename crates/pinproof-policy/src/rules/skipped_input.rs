//! `skipped-input`: a file that was found and is not judged.

use crate::rule::{Case, Check, Rule};

pub(super) static RULE: Rule = Rule {
    name: "skipped-input",
    summary: "a file that was found, and is not judged",
    cases: &[UNSUPPORTED, EXCLUDED],
    needs: &[],
    settings: &[],
    check: Check::Tool,
};

pub(crate) const UNSUPPORTED: Case = Case::warn("unsupported");
pub(crate) const EXCLUDED: Case = Case::warn("excluded");

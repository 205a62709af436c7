//! `deprecated-project`: its maintainers call it obsolete, and often name what took its place.

use pinproof_core::project_facts::StatusMarker;

use crate::project_status::{Ended, report_ended};
use crate::rule::{Case, Check, Need, Rule};

pub(super) static RULE: Rule = Rule {
    name: "deprecated-project",
    summary: "obsolete by the word of its maintainers, possibly superseded",
    cases: &[DEPRECATED],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Project(|subject, out| report_ended(&ENDED, subject, out)),
};

const DEPRECATED: Case = Case::warn("deprecated");

static ENDED: Ended = Ended {
    marker: StatusMarker::Deprecated,
    case: &DEPRECATED,
    says: "is deprecated: its maintainers call it obsolete",
    label: "deprecated",
    help: "move to what its maintainers name instead; new code should not need it",
};

//! `archived-project`: its maintainers expect no further releases, also none that fix a flaw.

use pinproof_core::project_facts::StatusMarker;

use crate::project_status::{Ended, report_ended};
use crate::rule::{Case, Check, Need, Rule};

pub(super) static RULE: Rule = Rule {
    name: "archived-project",
    summary: "no further releases are expected, also no fixes",
    cases: &[ARCHIVED],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Project(|subject, out| report_ended(&ENDED, subject, out)),
};

const ARCHIVED: Case = Case::warn("archived");

static ENDED: Ended = Ended {
    marker: StatusMarker::Archived,
    case: &ARCHIVED,
    says: "is archived: no further releases are expected",
    label: "archived",
    help: "look for a maintained project, or decide who of you would fix a flaw in it",
};

//! `unneeded-pin`: installed although nothing asks for it, as `pip freeze` leaves it behind.

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::{FileSubject, Role};

pub(super) static RULE: Rule = Rule {
    name: "unneeded-pin",
    summary: "no declared input needs it",
    cases: &[UNNEEDED],
    needs: &[Need::Metadata],
    settings: &[],
    check: Check::File(check),
};

const UNNEEDED: Case = Case::warn("unneeded");

fn check(file: &FileSubject<'_>, out: &mut Outcome<'_>) {
    if file.role != Role::Installed || file.inputs.is_none() {
        return;
    }
    let Some(tree) = file.tree(out.evidence) else {
        return;
    };
    out.open_metadata(file, tree);
    for name in tree.unneeded.iter().flatten() {
        let Some(subject) = file.find(name) else {
            continue;
        };
        out.report(&UNNEEDED, format!("`{name}` is pinned, but nothing asks for it"))
            .of(subject)
            .at(subject.name_place("needed by no input"))
            .note("whatever is installed can attack, needed or not")
            .help("remove it, or name it in the input file if the project imports it");
    }
}

//! `incomplete-tree`: a pinned release needs a project that the file does not pin.

use pinproof_core::Printable;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::{FileSubject, Role};
use crate::tree::Tree;

pub(super) static RULE: Rule = Rule {
    name: "incomplete-tree",
    summary: "a pinned release needs a project that the file does not pin",
    cases: &[MISSING, NEEDS_BUILD, INVALID],
    needs: &[Need::Metadata],
    settings: &[],
    check: Check::File(check),
};

const MISSING: Case = Case::deny("missing");
const NEEDS_BUILD: Case = Case::warn("needs-build");
const INVALID: Case = Case::warn("invalid-metadata");

fn check(file: &FileSubject<'_>, out: &mut Outcome<'_>) {
    if file.role != Role::Installed {
        return;
    }
    let Some(tree) = file.tree(out.evidence) else {
        return;
    };
    report_missing(file, tree, out);
    report_unreadable(file, tree, out);
    report_invalid(file, tree, out);
    out.open_metadata(file, tree);
}

fn report_missing(file: &FileSubject<'_>, tree: &Tree, out: &mut Outcome<'_>) {
    for (name, by) in &tree.missing {
        let requirement = Printable::new(&by.requirement).shortened(80);
        let report = out
            .report(
                &MISSING,
                format!("`{name}` is needed on {}, but not pinned", file.target),
            )
            .project(name)
            .note(format!("`{}` requires `{requirement}`", by.project))
            .help(match name.as_str() {
                "pip" | "setuptools" | "wheel" => {
                    "`pip freeze` and pip-compile leave it out unless asked: \
                     `pip freeze --all`, `pip-compile --allow-unsafe`"
                }
                _ => "compile the lock again with every dependency in it",
            });
        if let Some(subject) = file.find(&by.project) {
            report.at(subject.name_place(format!("needs `{name}`")));
        }
    }
}

fn report_unreadable(file: &FileSubject<'_>, tree: &Tree, out: &mut Outcome<'_>) {
    for subject in tree.unreadable.iter().filter_map(|name| file.find(name)) {
        let name = subject.shown_name();
        out.report(
            &NEEDS_BUILD,
            format!("the dependencies of `{name}` cannot be read without building it"),
        )
        .of(subject)
        .at(subject.name_place("no wheel, no static metadata"))
        .help("pinproof never builds: take a release with a wheel, or ask its maintainers for one");
    }
}

fn report_invalid(file: &FileSubject<'_>, tree: &Tree, out: &mut Outcome<'_>) {
    for (name, written) in &tree.invalid {
        let Some(subject) = file.find(name) else { continue };
        let written = Printable::new(written).shortened(80);
        out.report(
            &INVALID,
            format!("`{name}` says it needs `{written}`, which is no valid requirement"),
        )
        .of(subject)
        .at(subject.name_place("its metadata is not understood"))
        .key(written.as_str())
        .help("check by hand whether the file pins what it means");
    }
}

//! `unchecked-hashes`: a setting turns hash checking off, so the hashes of a lock protect nobody.

use pinproof_core::manifest::InstallOptionKind;

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::SettingsSubject;

pub(super) static RULE: Rule = Rule {
    name: "unchecked-hashes",
    summary: "a setting turns hash checking off",
    cases: &[OFF],
    needs: &[],
    settings: &[],
    check: Check::Settings(check),
};

const OFF: Case = Case::deny("off").refused();

fn check(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    for option in &subject.options {
        if option.value.kind != InstallOptionKind::NoRequireHashes || !subject.concerns(option) {
            continue;
        }
        let hashed = subject.requirements.iter().filter(|r| !r.value.hashes.is_empty()).count();
        let report = out
            .report(&OFF, "hash checking is turned off: the installer takes any bytes")
            .at(option.place.clone())
            .help("remove the setting");
        if hashed > 0 {
            report.note(format!("{hashed} requirements have hashes that would not be checked"));
        }
    }
}

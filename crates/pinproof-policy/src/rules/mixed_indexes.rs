//! `mixed-indexes`: more than one index may answer for a name, and the attacker's may be one of them.

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::InstallOptionKind;

use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::rule::{Case, Check, Rule};
use crate::subject::{Placed, Reader, SettingsSubject};

type Location<'a> = Placed<&'a pinproof_core::IndexLocation>;

pub(super) static RULE: Rule = Rule {
    name: "mixed-indexes",
    summary: "more than one index may answer for a name",
    cases: &[INDEX, FOLDER, BEST_MATCH],
    needs: &[],
    settings: &[],
    check: Check::Settings(check),
};

const INDEX: Case = Case::deny("index").refused();
const FOLDER: Case = Case::warn("folder");
const BEST_MATCH: Case = Case::deny("best-match").refused();

fn check(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    report_strategy(subject, out);
    let asks_no_index = subject.asks_no_index();
    let others: Vec<&Location<'_>> = subject
        .locations
        .iter()
        .filter(|location| is_beside_the_index(location, asks_no_index))
        .collect();
    // With `--no-index` the pages and folders of links are all there is: one of them mixes nothing.
    let mixing = if asks_no_index { others.get(1..).unwrap_or(&[]) } else { &others[..] };
    for location in mixing {
        if subject.concerns(location) && !is_settled(subject, location, out.policy) {
            report_location(subject, location, out);
        }
    }
}

fn is_beside_the_index(location: &Location<'_>, asks_no_index: bool) -> bool {
    match location.value.kind {
        LocationKind::Default => false,
        LocationKind::Extra => !location.value.explicit && !asks_no_index,
        LocationKind::FindLinks => true,
    }
}

/// Mixing is settled when the policy names what the other index may answer, and hashes hold every
/// requirement: then another index's file of the same name is not installed, whoever offers it.
fn is_settled(subject: &SettingsSubject<'_>, location: &Location<'_>, policy: &Policy) -> bool {
    let Address::Url(url) = &location.value.address else {
        return false;
    };
    let is_bound = policy.indexes.iter().any(|index| {
        !index.only.is_empty() && index.url.as_ref().is_some_and(|known| known.is_same_place(url))
    });
    is_bound
        && !subject.requirements.is_empty()
        && subject
            .requirements
            .iter()
            .all(|requirement| requirement.value.has_strong_hash())
}

fn report_location(subject: &SettingsSubject<'_>, location: &Location<'_>, out: &mut Outcome<'_>) {
    let address = &location.value.address;
    let is_folder = matches!(address, Address::Folder(_));
    let case = if is_folder { &FOLDER } else { &INDEX };
    let message = match (is_folder, subject.reader) {
        (true, _) => format!("any file in the folder `{address}` may stand in for the index's"),
        (false, Reader::Pip | Reader::Conda | Reader::Lock) => {
            "package indexes are mixed: any of them may answer for any name".to_owned()
        }
        (false, Reader::Uv) => {
            "package indexes are mixed: the first that has a name answers for it".to_owned()
        }
    };
    let label = match subject.requirements.len() {
        0 => format!("`{address}` may answer for every name"),
        1 => format!("`{address}` may answer for the requirement"),
        count => format!("`{address}` may answer for all {count} requirements"),
    };
    let mut place = location.place.clone();
    place.label = label.into();
    out.report(case, message)
        .at(place)
        .key(&address.to_string())
        .help(match subject.reader {
            _ if is_folder => "remove it where it is not needed; a hash on every requirement holds the \
                               folder's files to the bytes of the lock",
            Reader::Pip | Reader::Conda | Reader::Lock => "name what it may serve under `[[index]]` in pinproof.toml and hash every \
                            requirement, or use one index that answers for every name",
            Reader::Uv => "set `explicit = true` and bind its names under `[tool.uv.sources]`",
        });
}

fn report_strategy(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    for option in &subject.options {
        let InstallOptionKind::IndexStrategy(strategy) = &option.value.kind else {
            continue;
        };
        if strategy.starts_with("unsafe-") && subject.concerns(option) {
            out.report(
                &BEST_MATCH,
                format!("`index-strategy = {strategy}` lets every index answer for every name"),
            )
            .at(option.place.clone())
            .key(strategy)
            .help("remove it: uv's default takes a name from the first index that has it");
        }
    }
}

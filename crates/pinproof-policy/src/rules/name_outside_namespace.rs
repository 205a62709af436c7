//! `name-outside-namespace`: a name that the policy binds to one index is asked of another place.

use pinproof_core::manifest::Origin;
use pinproof_core::{Place, ProjectName};

use crate::outcome::Outcome;
use crate::policy::{IndexPolicy, Policy};
use crate::rule::{Case, Check, Rule};
use crate::subject::{ClientIndex, RequirementSubject};

pub(super) static RULE: Rule = Rule {
    name: "name-outside-namespace",
    summary: "a name bound to, or reserved for, another index",
    cases: &[ELSEWHERE, URL, NOT_DEFAULT],
    needs: &[],
    settings: &[],
    check: Check::Requirement(check),
};

const ELSEWHERE: Case = Case::deny("elsewhere").refused();
const URL: Case = Case::deny("url").refused();
const NOT_DEFAULT: Case = Case::deny("not-default").refused();

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Some(name) = &subject.requirement.name else {
        return;
    };
    let bound = out.policy.bound_index(name);
    match (&subject.requirement.origin, bound) {
        // No installer is asked for what an inventory lists.
        (Origin::Index(_), _) if !subject.is_installed_from_here() => {}
        (Origin::Index(_), Some(bound)) => check_bound(subject, name, bound, out),
        (Origin::Index(_), None) => check_default(subject, out),
        (Origin::Url { shown, .. } | Origin::Vcs { shown, .. }, Some(bound)) => {
            out.report(
                &URL,
                format!("`{name}` belongs to index `{}`, but is taken from {shown}", bound.name),
            )
            .label("not from its index")
            .key(&bound.name)
            .help(format!("publish it on `{}` and take it from there", bound.name));
        }
        (Origin::Url { .. } | Origin::Vcs { .. }, None) | (Origin::Path(_), _) => {}
    }
}

fn check_bound(
    subject: &RequirementSubject<'_>,
    name: &ProjectName,
    bound: &IndexPolicy,
    out: &mut Outcome<'_>,
) {
    let Some(other) = place_that_may_answer(subject, bound, out.policy) else {
        return;
    };
    let message = format!(
        "`{name}` belongs to index `{}`, but the installer asks {} for it",
        bound.name, other.address
    );
    let report = out
        .report(&ELSEWHERE, message)
        .at(subject.name_place(format!("belongs to `{}`", bound.name)))
        .key(&bound.name)
        .note("whoever registers the name there first is installed instead");
    let report = match &other.place {
        Some(place) => report.also_at(labelled(place, "asked for every name")),
        None => report.note("that is the installer's own default: no setting names another index"),
    };
    let help = match &bound.url {
        Some(url) => format!("let the installer ask only {url} for it"),
        None => format!("set the address of index `{}`, and let the installer ask only that", bound.name),
    };
    report.help(help);
}

/// An address that the installer asks, and that may answer with something else than the bound index.
fn place_that_may_answer<'a>(
    subject: &RequirementSubject<'a>,
    bound: &IndexPolicy,
    policy: &Policy,
) -> Option<&'a ClientIndex> {
    let client = subject.client;
    let Some(url) = &bound.url else {
        let is_of_another_index = |asked: &&ClientIndex| {
            if asked.is_pypi && !bound.name.eq_ignore_ascii_case("pypi") {
                return true;
            }
            let mut others = policy.indexes.iter().filter(|index| index.name != bound.name);
            others.any(|index| {
                index.url.as_ref().is_some_and(|url| url.is_same_place(&asked.address))
            })
        };
        // One unknown address may be the bound index's own; of two, one is not.
        let second = client.get(1);
        return client.iter().find(is_of_another_index).or(second);
    };
    let asks_bound = client.iter().any(|asked| asked.address.is_same_place(url));
    if asks_bound && subject.requirement.has_strong_hash() {
        // Whatever the others answer, only the bytes that the lock took from the bound index pass;
        // `hash-mismatch` compares them with what that index publishes.
        return None;
    }
    client.iter().find(|asked| !asked.address.is_same_place(url))
}

/// Names that no index is bound to belong to the default index, where the policy names one.
///
/// Only an address in the project's own file is held against it: a mirror that a machine sets is the
/// machine's affair. All requirements of a file share the finding, so it names none of them.
fn check_default(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    let Some(default) = out.policy.default_index() else {
        return;
    };
    let Some(url) = &default.url else { return };
    for asked in subject.client {
        let Some(place) = asked.place_in_project() else {
            continue;
        };
        // An index with names of its own may be asked beside the default one: `mixed-indexes` judges that.
        if asked.address.is_same_place(url) || is_bound_index(asked, out.policy) {
            continue;
        }
        out.report(
            &NOT_DEFAULT,
            format!(
                "the file asks {}, but index `{}` ({url}) answers for every name that is not bound",
                asked.address, default.name
            ),
        )
        .of_the_whole_file()
        .at(labelled(place, "not the index of the policy"))
        .key(&asked.address.to_string())
        .help("remove the option, or name the index under `[[index]]` in pinproof.toml");
    }
}

fn is_bound_index(asked: &ClientIndex, policy: &Policy) -> bool {
    policy.indexes.iter().any(|index| {
        let is_same = index.url.as_ref().is_some_and(|url| url.is_same_place(&asked.address));
        is_same && !index.only.is_empty()
    })
}

fn labelled(place: &Place, label: &str) -> Place {
    Place {
        label: label.into(),
        ..place.clone()
    }
}

//! `insecure-index`: whoever sits between the installer and the index chooses what is installed.

use pinproof_core::IndexUrl;
use pinproof_core::index::{Address, LocationKind, redact};
use pinproof_core::manifest::{InstallOptionKind, Origin};

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Rule};
use crate::subject::SettingsSubject;

pub(super) static RULE: Rule = Rule {
    name: NAME,
    summary: "plain HTTP, or `trusted-host`",
    cases: &[PLAIN_HTTP, TRUSTED_HOST, REPOSITORY, PINNED_REPOSITORY],
    needs: &[],
    settings: &[],
    check: Check::Settings(check),
};

/// The rule's name.
pub(crate) const NAME: &str = "insecure-index";

const PLAIN_HTTP: Case = Case::deny("plain-http").refused();
const TRUSTED_HOST: Case = Case::deny("trusted-host").refused();
const REPOSITORY: Case = Case::deny("repository").refused();
const PINNED_REPOSITORY: Case = Case::warn("pinned-repository");

/// The key of the finding about an address.
pub(crate) fn key_of(url: &IndexUrl) -> String {
    format!("{}/{url}", PLAIN_HTTP.name)
}

fn check(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    report_plain_http(subject, out);
    report_trusted_hosts(subject, out);
    report_repositories(subject, out);
}

fn report_plain_http(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    for location in &subject.locations {
        let Address::Url(url) = &location.value.address else {
            continue;
        };
        let is_asked = location.value.kind == LocationKind::FindLinks || !subject.asks_no_index();
        let is_open = url.is_plain_http() && !url.is_local();
        if !is_asked || !is_open || !subject.concerns(location) {
            continue;
        }
        let mut place = location.place.clone();
        place.label = "no encryption, no proof of who answers".into();
        let report = out
            .report(
                &PLAIN_HTTP,
                format!("`{url}` is an address without TLS: anybody on the way can change the answer"),
            )
            .at(place)
            .key(&url.to_string())
            .help("use its `https:` address");
        if has_credentials(url) {
            report.note("its user name and password travel in the clear");
        }
    }
}

fn has_credentials(url: &IndexUrl) -> bool {
    let url = url.with_credentials();
    !url.username().is_empty() || url.password().is_some()
}

fn report_trusted_hosts(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    for option in &subject.options {
        let InstallOptionKind::TrustedHost(host) = &option.value.kind else {
            continue;
        };
        if !subject.concerns(option) || is_this_machine(host) {
            continue;
        }
        let shown = redact(host);
        let mut place = option.place.clone();
        place.label = "its certificate is not checked".into();
        out.report(
            &TRUSTED_HOST,
            format!("`{shown}` is trusted without a certificate: anybody on the way can answer for it"),
        )
        .at(place)
        .key(shown.as_str())
        .help("remove it; if the certificate is your own, name its authority with pip's `--cert` \
               or `SSL_CERT_FILE`");
    }
}

/// A repository is asked for one requirement, as an index is for many; a full commit id holds its content.
fn report_repositories(subject: &SettingsSubject<'_>, out: &mut Outcome<'_>) {
    for requirement in &subject.requirements {
        let Origin::Vcs { shown, is_open: true, .. } = &requirement.value.origin else {
            continue;
        };
        let is_held = requirement.value.is_pinned_to_commit();
        let (case, message) = if is_held {
            (&PINNED_REPOSITORY, format!("{shown} is fetched without TLS: only the commit id protects it"))
        } else {
            (&REPOSITORY, format!("{shown} is fetched without TLS: anybody on the way can put in other code"))
        };
        let mut place = requirement.place.clone();
        place.label = "no encryption, no proof of who answers".into();
        let report = out
            .report(case, message)
            .at(place)
            .help("use its `https:` or `ssh:` address");
        match &requirement.value.name {
            Some(name) => report.project(name),
            None => report.key(shown.as_str()),
        };
    }
}

fn is_this_machine(host: &str) -> bool {
    IndexUrl::parse(&format!("http://{host}/")).is_ok_and(|url| url.is_local())
}

//! Which one upstream answers for a name.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use pinproof_core::{Finding, Printable, ProjectName};
use pinproof_policy::subject::{ClientIndex, Route};
use pinproof_policy::{Subject, refuses_address, refuses_project};
use pinproof_sources::Index;

use super::Gate;
use crate::addresses::OwnAddress;
use crate::lock::Because;
use crate::routes::{AddressBook, Bindings, Router, pypi};
use crate::settings::Settings;

/// Who answers for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// This index, and no other.
    Asks(Index),
    /// Nobody is asked.
    Closed(Closed),
}

/// Why nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The index that the name belongs to.
    pub index: Printable,
    /// The rule and the reason.
    pub because: Because,
    /// What to do about it.
    pub help: Printable,
}

/// Who answers for the names that were asked about. A gate has one policy and one set of settings, so it stays true.
#[derive(Debug, Default)]
pub(super) struct Routes(Mutex<HashMap<ProjectName, Upstream>>);

impl Routes {
    /// Names that are kept at one time; clients may ask for any.
    const MOST: usize = 10_000;

    fn of(&self, project: &ProjectName, route: impl FnOnce() -> Upstream) -> Upstream {
        // A panic elsewhere leaves it whole: an entry is added in one step.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(upstream) = known.get(project) {
            return upstream.clone();
        }
        let upstream = route();
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(project.clone(), upstream.clone());
        upstream
    }
}

/// The addresses of the policy, and which of them the policy refuses to ask.
pub(super) fn addresses(settings: &Settings) -> AddressBook {
    let policy = &settings.config.policy;
    let mut book = AddressBook::new(policy, settings);
    if let Some(url) = &settings.index_url {
        // Without an `[[index]]` it gets its name only when it is asked; it has to be judged before.
        book.name_of(url);
    }
    let own = OwnAddress::all(settings);
    let subjects: Vec<_> = own.iter().map(OwnAddress::subject).collect();
    book.refuse(|url| {
        let refuses =
            |subject: &_| refuses_address(&Subject::Settings(subject), url, policy, settings.now);
        url.is_plain_http() && subjects.iter().any(refuses)
    });
    book
}

impl Gate {
    /// Who answers for `project`. Settled by the policy and the settings alone: no answer of an index counts.
    pub fn upstream(&self, project: &ProjectName, now: Timestamp) -> Upstream {
        let policy = &self.settings.config.policy;
        if let Some(finding) = refuses_project(project, policy, now) {
            return Upstream::Closed(unlisted(&finding));
        }
        self.routes.of(project, || self.route(project))
    }

    fn route(&self, project: &ProjectName) -> Upstream {
        let mut book = self.addresses.clone();
        let own: Vec<_> = pypi().map(default_index).into_iter().collect();
        let router = Router {
            policy: &self.settings.config.policy,
            settings: &self.settings,
            client: &own,
            bindings: Bindings::new(),
            may_name_indexes: false,
        };
        let name = match router.route(project, None, &mut book) {
            // One default and one bound index: there is never a second.
            Route::Indexes(names) if names.len() == 1 => names.into_iter().next(),
            Route::WithoutAddress(name) => {
                return Upstream::Closed(without_address(project, &name));
            }
            _ => None,
        };
        let index = name.and_then(|name| {
            let url = book.address(&name)?.clone();
            Some((Index { name, url }, book))
        });
        match index {
            Some((index, book)) if !book.is_refused(&index.name) => Upstream::Asks(index),
            Some((index, _)) => Upstream::Closed(without_tls(&index)),
            None => Upstream::Closed(nobody(project)),
        }
    }
}

impl Gate {
    /// Whether the upload times that an upstream gives are believed: those of PyPI are, others if the policy says so.
    pub fn trusts_upload_times(&self, index: &Index) -> bool {
        let mut indexes = self.settings.config.policy.indexes.iter();
        let is_pypi = pypi().is_some_and(|pypi| *pypi == index.url);
        is_pypi || indexes.any(|known| known.name == index.name && known.trusts_upload_times)
    }
}

fn default_index(url: &pinproof_core::IndexUrl) -> ClientIndex {
    ClientIndex {
        address: url.clone(),
        place: None,
        is_pypi: true,
    }
}

fn without_address(project: &ProjectName, index: &str) -> Closed {
    let message = format!("`{project}` belongs to index `{index}`, which has no address here");
    Closed {
        index: Printable::new(index),
        because: because("name-outside-namespace", message),
        help: Printable::from(format!(
            "give the gateway the address with `--index {index}=URL`; no other index is asked for the name"
        )),
    }
}

fn unlisted(finding: &Finding) -> Closed {
    Closed {
        index: Printable::new("no index"),
        because: Because {
            rule: finding.rule,
            message: finding.message.clone(),
            until: None,
        },
        help: finding.help.first().cloned().unwrap_or_default(),
    }
}

fn without_tls(index: &Index) -> Closed {
    let message = format!(
        "index `{}` is on plain http, so it is not asked",
        index.name
    );
    Closed {
        index: Printable::new(&index.name),
        because: because("insecure-index", message),
        help: Printable::new("give it an https address"),
    }
}

fn nobody(project: &ProjectName) -> Closed {
    let message = format!("no index answers for `{project}`");
    Closed {
        index: Printable::new("no index"),
        because: because("name-outside-namespace", message),
        help: Printable::new("name a default index under `[[index]]`"),
    }
}

fn because(rule: &'static str, message: String) -> Because {
    Because {
        rule,
        message: Printable::from(message),
        until: None,
    }
}

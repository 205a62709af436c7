//! Which index is asked about a name that some release needs: the same decision as in a check.

use std::sync::{Mutex, PoisonError};

use pinproof_core::{IndexUrl, Manifest, ProjectName};
use pinproof_policy::subject::{ClientIndex, IndexName, Route};
use pinproof_sources::Index;

use crate::routes::{self, AddressBook, Router};
use crate::settings::Settings;

/// What decides routes during one search; shared by every question under way.
#[derive(Debug)]
pub(super) struct Routes {
    settings: Settings,
    client: Vec<ClientIndex>,
    /// The manifest whose bindings count.
    manifest: Manifest,
    book: Mutex<AddressBook>,
}

impl Routes {
    pub(super) fn new(
        settings: Settings,
        client: Vec<ClientIndex>,
        manifest: Manifest,
        book: AddressBook,
    ) -> Self {
        Self {
            settings,
            client,
            manifest,
            book: Mutex::new(book),
        }
    }

    /// Whom the installing client would ask.
    pub(super) fn client(&self) -> &[ClientIndex] {
        &self.client
    }

    /// The route of a name.
    pub(super) fn route(&self, project: &ProjectName) -> Route {
        let router = Router {
            policy: &self.settings.config.policy,
            settings: &self.settings,
            client: &self.client,
            bindings: routes::bindings(&self.manifest),
            may_name_indexes: true,
        };
        // A panic elsewhere leaves the book whole: it only ever grows.
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        router.route(project, None, &mut book)
    }

    /// The index of that name; `None` where its address has no TLS, and the policy refuses that.
    pub(super) fn index(&self, name: &IndexName) -> Option<Index> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        if book.is_refused(name) {
            return None;
        }
        let url: IndexUrl = book.address(name)?.clone();
        Some(Index {
            name: name.clone(),
            url,
        })
    }
}

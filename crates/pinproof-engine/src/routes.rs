//! Which index is asked about a name. Decided before anybody is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use pinproof_core::index::Address;
use pinproof_core::{IndexLocation, IndexUrl, Manifest, ProjectName, Span};
use pinproof_policy::Policy;
use pinproof_policy::subject::{ClientIndex, IndexName, Route};
use pinproof_sources::endpoints::PYPI_INDEX;

use crate::settings::Settings;

/// The name of PyPI in evidence and reports.
pub const PYPI: &str = "PyPI";

/// Why nobody is asked where a client asks no index at all.
const NO_INDEX: &str = "`no-index` leaves none to ask; `--index-url` names one for the check";

/// The addresses of the indexes, by name; names are what evidence is keyed by.
#[derive(Clone, Debug, Default)]
pub struct AddressBook {
    addresses: BTreeMap<IndexName, IndexUrl>,
    refused: BTreeSet<IndexName>,
}

impl AddressBook {
    /// The addresses of the policy's indexes; `--index-url` takes the place of the default one's.
    pub fn new(policy: &Policy, settings: &Settings) -> Self {
        let mut book = Self::default();
        for index in &policy.indexes {
            let given = settings.index_url.as_ref().filter(|_| index.default);
            if let Some(url) = given.or(index.url.as_ref()) {
                book.addresses.insert(index.name.clone(), url.clone());
            }
        }
        book
    }

    /// The address of a named index.
    pub fn address(&self, name: &str) -> Option<&IndexUrl> {
        self.addresses.get(name)
    }

    /// Whether the policy refuses to ask the index at its address.
    pub fn is_refused(&self, name: &str) -> bool {
        self.refused.contains(name)
    }

    /// Has the indexes that `is_refused` by their addresses never asked.
    pub fn refuse(&mut self, is_refused: impl Fn(&IndexUrl) -> bool) {
        let indexes = self.addresses.iter();
        let refused = indexes.filter(|(_, url)| is_refused(url));
        self.refused = refused.map(|(name, _)| name.clone()).collect();
    }

    /// Every index with its address.
    pub fn iter(&self) -> impl Iterator<Item = (&IndexName, &IndexUrl)> {
        self.addresses.iter()
    }

    /// The name of the index at an address: the policy's, `PyPI`, or its host and path.
    pub fn name_of(&mut self, url: &IndexUrl) -> IndexName {
        let known = self
            .addresses
            .iter()
            .find(|(_, known)| known.is_same_place(url));
        if let Some((name, _)) = known {
            return name.clone();
        }
        let name = if is_pypi(url) {
            PYPI.to_owned()
        } else {
            let shown = url.to_string();
            let shown = shown
                .split_once("://")
                .map_or(shown.as_str(), |(_, rest)| rest);
            shown.trim_end_matches('/').to_owned()
        };
        self.addresses.insert(name.clone(), url.clone());
        name
    }
}

/// PyPI's own index.
pub fn pypi() -> Option<&'static IndexUrl> {
    static ADDRESS: LazyLock<Option<IndexUrl>> = LazyLock::new(|| IndexUrl::parse(PYPI_INDEX).ok());
    ADDRESS.as_ref()
}

/// Whether it is some address of PyPI: package URLs name its front page.
fn is_of_pypi(url: &IndexUrl) -> bool {
    pypi().is_some_and(|pypi| pypi.host() == url.host())
}

/// Whether an address is that of PyPI's own index.
pub(crate) fn is_pypi(url: &IndexUrl) -> bool {
    pypi().is_some_and(|pypi| pypi.is_same_place(url))
}

/// The index that a file binds a name to, and where it says so.
pub type Bindings<'a> = BTreeMap<&'a ProjectName, (&'a IndexUrl, Span)>;

/// The names that a file binds to one of its indexes; the first binding and the first index of a name count.
pub fn bindings(manifest: &Manifest) -> Bindings<'_> {
    let mut locations: BTreeMap<&str, &IndexLocation> = BTreeMap::new();
    for location in &manifest.locations {
        if let Some(name) = &location.name {
            locations.entry(name).or_insert(location);
        }
    }
    let mut bindings = BTreeMap::new();
    for binding in &manifest.bindings {
        let location = locations.get(binding.index.as_str());
        if let Some(Address::Url(url)) = location.map(|location| &location.address) {
            bindings
                .entry(&binding.project)
                .or_insert((url, binding.span));
        }
    }
    bindings
}

/// What decides the route of the names of one file.
pub struct Router<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The settings.
    pub settings: &'a Settings,
    /// Whom the installing client would ask.
    pub client: &'a [ClientIndex],
    /// Names that the file binds to one of its own indexes.
    pub bindings: Bindings<'a>,
    /// Whether the file decides who is asked; an inventory may be anybody's, and only says where
    /// something came from.
    pub may_name_indexes: bool,
}

impl Router<'_> {
    /// The route of `project`, which a lock may say is from the index at `locked`.
    pub fn route(
        &self,
        project: &ProjectName,
        locked: Option<&IndexUrl>,
        book: &mut AddressBook,
    ) -> Route {
        if let Some(index) = self.policy.bound_index(project) {
            return route_to(&index.name, book);
        }
        if let Some(url) = locked {
            return self.locked_route(url, book);
        }
        match self.bindings.get(project).map(|(url, _)| *url) {
            Some(url) if self.may_name_indexes || self.is_configured(url) => {
                return Route::Indexes(vec![book.name_of(url)]);
            }
            Some(url) if !is_of_pypi(url) => return Route::WithoutAddress(url.to_string()),
            _ => {}
        }
        if let Some(index) = self.policy.default_index() {
            if index.url.is_none() && book.address(&index.name).is_none() {
                return self.client_route(book);
            }
            return route_to(&index.name, book);
        }
        if let Some(url) = &self.settings.index_url {
            return Route::Indexes(vec![book.name_of(url)]);
        }
        self.client_route(book)
    }

    /// A lock names PyPI where nobody said anything else, so whoever stands in for PyPI here is asked instead.
    fn locked_route(&self, url: &IndexUrl, book: &mut AddressBook) -> Route {
        if is_pypi(url) {
            let default = self.policy.default_index();
            if let Some(index) = default.filter(|index| book.address(&index.name).is_some()) {
                return route_to(&index.name, book);
            }
            if let Some(url) = &self.settings.index_url {
                return Route::Indexes(vec![book.name_of(url)]);
            }
        }
        Route::Indexes(vec![book.name_of(url)])
    }

    fn client_route(&self, book: &mut AddressBook) -> Route {
        let mut names = Vec::new();
        for index in self.client {
            let name = book.name_of(&index.address);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Route::Unasked(NO_INDEX);
        }
        Route::Indexes(names)
    }

    /// Whether the policy, the command line or the machine names the index at an address.
    fn is_configured(&self, url: &IndexUrl) -> bool {
        let of_policy = self
            .policy
            .indexes
            .iter()
            .filter_map(|index| index.url.as_ref());
        let of_machine = self.client.iter().map(|index| &index.address);
        let mut known = of_policy.chain(of_machine).chain(&self.settings.index_url);
        known.any(|known| known.is_same_place(url))
    }
}

fn route_to(name: &str, book: &AddressBook) -> Route {
    if book.address(name).is_some() {
        Route::Indexes(vec![name.to_owned()])
    } else {
        Route::WithoutAddress(name.to_owned())
    }
}

//! A client for indexes: how it asks, and where it keeps answers.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use pinproof_core::evidence::{Source, Unavailable};
use pinproof_core::{Answer, IndexUrl, Printable};

use crate::Limits;
use crate::cache::Cache;
use crate::http::Http;

/// An index, and the name that reports use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name in evidence and reports.
    pub name: String,
    /// Its address, with the credentials for requests.
    pub url: IndexUrl,
}

/// How a client asks.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Where answers are kept; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// Whether only the cache is asked.
    pub offline: bool,
    /// How long a cached page is as good as a new one.
    pub fresh_for: Duration,
    /// How old a cached page may be when offline.
    pub max_age: Duration,
    /// The bounds of requests and answers.
    pub limits: Limits,
    /// The time of the run: ages are counted from it.
    pub now: Timestamp,
}

/// Asks indexes; clones are cheap, and share connections, bounds and cache.
#[derive(Clone, Debug)]
pub struct IndexClient {
    pub(crate) settings: Arc<ClientSettings>,
    pub(crate) cache: Option<Cache>,
    pub(crate) http: Http,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            cache_dir: None,
            offline: false,
            fresh_for: Duration::from_mins(10),
            max_age: Duration::from_hours(7 * 24),
            limits: Limits::default(),
            now: Timestamp::now(),
        }
    }
}

impl Index {
    /// The index as evidence names it.
    pub fn source(&self) -> Source {
        Source::new(&self.name)
    }
}

impl IndexClient {
    /// A client; nothing is opened or connected before the first question.
    pub fn new(settings: ClientSettings) -> Self {
        Self {
            cache: settings.cache_dir.as_deref().map(Cache::new),
            http: Http::new(settings.limits.clone()),
            settings: Arc::new(settings),
        }
    }

    /// The same client for one gathering of evidence, all of whose requests end within
    /// [`Limits::gather_timeout`] from now.
    #[must_use]
    pub fn gather(&self) -> Self {
        Self {
            http: self.http.gather(),
            ..self.clone()
        }
    }

    /// The same client at another time: what a long-running process needs.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let settings = ClientSettings {
            now,
            ..(*self.settings).clone()
        };
        Self {
            settings: Arc::new(settings),
            ..self.clone()
        }
    }

    /// Why nothing could be cached, if that happened: worth a warning, and changes no answer.
    pub fn cache_trouble(&self) -> Option<Printable> {
        self.cache.as_ref().and_then(Cache::trouble)
    }
}

/// No answer from `index`, because `why`.
pub(crate) fn unavailable<T>(index: &Index, why: &dyn fmt::Display) -> Answer<T> {
    let why = Printable::from(why.to_string());
    Answer::Unavailable(Unavailable::new(&index.source(), why))
}

//! How the sources of advisories stand, for whoever runs a gateway.

use jiff::Timestamp;
use pinproof_core::Printable;

use super::Gate;
use crate::advisories::needs_advisories;

/// A source of advisories that the policy asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Its name.
    pub name: Printable,
    /// The time of its newest record, if it could be opened.
    pub newest: Option<Timestamp>,
    /// Why its records do not count as the present state, if they do not.
    pub trouble: Option<Printable>,
}

impl Gate {
    /// The sources of advisories that decide; none where the policy asks for none.
    pub fn advisory_sources(&self, now: Timestamp) -> Vec<SourceState> {
        if !needs_advisories(&self.settings.config.policy) {
            return Vec::new();
        }
        let uses = self.book(now).uses().into_iter();
        uses.map(|used| SourceState {
            name: used.name,
            newest: used.head.map(|head| head.as_of),
            trouble: used.trouble,
        })
        .collect()
    }
}

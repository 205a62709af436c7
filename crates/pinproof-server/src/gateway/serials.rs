//! The serial number of an index only grows: a smaller one is an older page, or another index in its place.

use jiff::Timestamp;
use pinproof_core::{Printable, ProjectName};
use pinproof_engine::admit::Revision;

use crate::store::records::LargestSerial;

/// An index gives a smaller number than it gave once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WentBack {
    /// What it gives.
    now: u64,
    /// What it gave.
    pub(super) from: u64,
    /// When it gave that last.
    at: Timestamp,
}

impl WentBack {
    /// Whether a page is older than one that was there before. An index that gives no number says nothing.
    pub(super) fn of(page: &Revision, largest: Option<LargestSerial>) -> Option<Self> {
        let (now, largest) = (page.serial?, largest?);
        (now < largest.serial).then_some(Self {
            now,
            from: largest.serial,
            at: largest.seen_at,
        })
    }

    /// In a sentence.
    pub(super) fn said(&self, project: &ProjectName, index: &str) -> Printable {
        let Self { now, from, at } = self;
        Printable::from(format!(
            "{index} went back: its page of `{project}` has the serial number {now}, and had {from} at {at:.0}; it is an \
             older page, and may hide what came since"
        ))
    }
}

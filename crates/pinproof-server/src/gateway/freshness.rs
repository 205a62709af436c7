//! For how long an answer of an upstream counts, and how old it may become while there is no other.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pinproof_engine::admit::Gate;

/// How long nobody is asked again after an answer that did not come, or that there is no such project.
pub(super) const REST: Duration = Duration::from_secs(10);
/// An upstream that says less is not asked more often than this.
const SHORTEST: Duration = Duration::from_secs(30);

/// When an upstream was asked, and for how long that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    at: Timestamp,
    counts_for: SignedDuration,
    was_in_vain: bool,
}

impl Asked {
    /// It answered, and said for how long that counts, or did not.
    pub(super) fn answered(at: Timestamp, max_age: Option<Duration>, gate: &Gate) -> Self {
        let most = gate.fresh_for();
        let wanted = max_age.unwrap_or(most);
        Self {
            at,
            counts_for: signed(wanted.clamp(SHORTEST.min(most), most)),
            was_in_vain: false,
        }
    }

    /// It gave no answer.
    pub(super) fn in_vain(at: Timestamp, gate: &Gate) -> Self {
        Self {
            at,
            counts_for: signed(REST.min(gate.fresh_for())),
            was_in_vain: true,
        }
    }

    /// Whether it gave no answer.
    pub(super) fn was_in_vain(self) -> bool {
        self.was_in_vain
    }

    /// For how long it still counts.
    pub(super) fn left(self, now: Timestamp) -> SignedDuration {
        let left = self.counts_for - now.duration_since(self.at);
        left.max(SignedDuration::ZERO)
    }

    /// Whether nobody has to be asked yet.
    pub(super) fn is_fresh(self, now: Timestamp) -> bool {
        self.left(now) > SignedDuration::ZERO
    }
}

/// Whether a page is older than it may be while its upstream is silent.
pub(super) fn is_too_old(fetched_at: Timestamp, now: Timestamp, gate: &Gate) -> bool {
    now.duration_since(fetched_at) > signed(gate.max_age())
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

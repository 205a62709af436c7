//! What a policy says of files beside the one that decides, on the same evidence: nobody is answered by it.

use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::{Admission, ProjectFacts, Verdict};
use pinproof_policy::Policy;

use super::Gate;
use super::judge::{because, verdicts};
use crate::lock::Because;

/// What a policy says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Whether it may enter.
    pub admission: Admission,
    /// Why not.
    pub because: Option<Because>,
    /// When the passing of time alone may change it.
    pub next_change_at: Option<Timestamp>,
}

impl Opinion {
    pub(super) fn of(verdict: &Verdict, policy: &Policy, now: Timestamp) -> Self {
        Self {
            admission: verdict.admission,
            because: because(verdict, policy, now),
            next_change_at: verdict.next_change_at,
        }
    }
}

impl Gate {
    /// The same gate with a policy beside its own. It changes no answer; it is asked with the advisories of the
    /// gate's own policy, about the files of the upstream that this one asks.
    #[must_use]
    pub fn with_shadow(self, shadow: Policy) -> Self {
        Self {
            shadow: Some(shadow),
            ..self
        }
    }

    /// The digest of the policy beside its own.
    pub fn shadow_digest(&self) -> Option<&str> {
        self.shadow.as_ref().map(Policy::digest)
    }

    /// For each decided file in its order, what the shadow policy says where it would decide otherwise. Empty where
    /// there is no such policy.
    pub(super) fn beside(
        &self,
        facts: &Arc<ProjectFacts>,
        decided: &[Verdict],
        now: Timestamp,
    ) -> Vec<Option<Opinion>> {
        let Some(shadow) = &self.shadow else {
            return Vec::new();
        };
        let evidence = self.evidence(shadow, facts, now);
        let verdicts = verdicts(facts, &evidence, shadow, now);
        let pairs = decided.iter().zip(verdicts);
        pairs
            .map(|(decided, verdict)| {
                let differs = verdict.admission != decided.admission;
                differs.then(|| Opinion::of(&verdict, shadow, now))
            })
            .collect()
    }
}

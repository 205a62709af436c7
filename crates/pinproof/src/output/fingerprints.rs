//! Fingerprints of a fixed length for formats that follow findings from run to run.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// Gives each finding its own, also where several have the same identity.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    seen: BTreeMap<String, usize>,
}

impl Fingerprints {
    /// The start of the sha256 of an identity, and how many had it before, from 1.
    pub(crate) fn next(&mut self, identity: &str) -> String {
        let digest = Sha256::digest(identity);
        let hash = digest
            .iter()
            .take(16)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let seen = self.seen.entry(hash.clone()).or_default();
        *seen += 1;
        format!("{hash}:{seen}")
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprints;

    #[test]
    fn equal_identities_are_told_apart_by_their_order() {
        let mut fingerprints = Fingerprints::default();
        let given: Vec<_> = ["a", "b", "a"].map(|text| fingerprints.next(text)).into();
        assert_eq!(given[0], "ca978112ca1bbdcafac231b39a23dc4d:1");
        assert_eq!(given[2], "ca978112ca1bbdcafac231b39a23dc4d:2");
        assert!(given[1].ends_with(":1") && given[1] != given[0]);
    }
}

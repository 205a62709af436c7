//! Several hashes of the same bytes, taken in one pass.

use pinproof_core::{Hash, HashAlgorithm};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::hex;

/// Hashes in the making. SHA-256 is always among them: that is what reports and installers use.
#[derive(Clone, Debug)]
pub(super) struct Digests {
    sha256: Sha256,
    sha384: Option<Sha384>,
    sha512: Option<Sha512>,
}

/// Whether bytes can be held to a hash of that kind.
pub(super) fn can_take(algorithm: HashAlgorithm) -> bool {
    matches!(
        algorithm,
        HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512
    )
}

/// The digits of the SHA-256 of `bytes`.
pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes))
}

impl Digests {
    /// What it takes to compare with `hashes`.
    pub(super) fn of(hashes: &[Hash]) -> Self {
        let needs = |algorithm| hashes.iter().any(|hash| hash.algorithm() == algorithm);
        Self {
            sha256: Sha256::new(),
            sha384: needs(HashAlgorithm::Sha384).then(Sha384::new),
            sha512: needs(HashAlgorithm::Sha512).then(Sha512::new),
        }
    }

    /// Takes the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(digest) = &mut self.sha384 {
            digest.update(bytes);
        }
        if let Some(digest) = &mut self.sha512 {
            digest.update(bytes);
        }
    }

    /// Forgets every byte.
    pub(super) fn reset(&mut self) {
        *self = Self {
            sha256: Sha256::new(),
            sha384: self.sha384.as_ref().map(|_| Sha384::new()),
            sha512: self.sha512.as_ref().map(|_| Sha512::new()),
        };
    }

    /// The hashes of the bytes so far.
    pub(super) fn found(&self) -> Vec<Hash> {
        let digests = [
            Some((
                HashAlgorithm::Sha256,
                hex::encode(&self.sha256.clone().finalize()),
            )),
            self.sha384
                .clone()
                .map(|digest| (HashAlgorithm::Sha384, hex::encode(&digest.finalize()))),
            self.sha512
                .clone()
                .map(|digest| (HashAlgorithm::Sha512, hex::encode(&digest.finalize()))),
        ];
        let found = digests.into_iter().flatten();
        found
            .filter_map(|(algorithm, digits)| Hash::new(algorithm, &digits).ok())
            .collect()
    }
}

//! What somebody who was refused may take instead: the newest release that is admitted, or when there will be one.

use std::fmt;

use jiff::Timestamp;
use pinproof_core::{Admission, HashAlgorithm, Printable, ProjectName, Version};

use super::judge::AdmittedFile;

/// What may be taken instead of a release that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This release, now.
    Now(Version),
    /// None now; this one may be let in at that time, for the passing of time alone changes what is said of it.
    Later(Version, Timestamp),
    /// None, as far as is known.
    None,
}

impl Next {
    /// Among files of a project, oldest release first. What its authors withdrew is no advice, and a pre-release only
    /// where nothing else is left.
    pub(super) fn among(files: &[AdmittedFile]) -> Self {
        let usable = |file: &&AdmittedFile| {
            file.verdict.admission == Admission::Admitted
                && file.facts.yanked.is_none()
                && file.facts.hash(HashAlgorithm::Sha256).is_some()
        };
        let is_final = |file: &&AdmittedFile| !file.version.is_prerelease();
        let newest_first = || files.iter().rev().filter(usable);
        let found = newest_first()
            .find(is_final)
            .or_else(|| newest_first().next());
        if let Some(file) = found {
            return Self::Now(file.version.clone());
        }
        let later = files.iter().rev().filter_map(|file| {
            let refusing = file
                .verdict
                .findings
                .iter()
                .filter(|finding| finding.refuses);
            // Of two reasons, one may stay.
            let is_advice = refusing.count() == 1 && file.facts.yanked.is_none();
            let at = file.verdict.next_change_at.filter(|_| is_advice)?;
            Some((at, file))
        });
        // Of those at the same time, the newest: the first one that is seen stays.
        match later.min_by_key(|(at, _)| *at) {
            Some((at, file)) => Self::Later(file.version.clone(), at),
            None => Self::None,
        }
    }

    /// The version, now or later.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Now(version) | Self::Later(version, _) => Some(version),
            Self::None => None,
        }
    }

    /// When it may be taken, if that is not now.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Later(_, at) => Some(*at),
            Self::Now(_) | Self::None => None,
        }
    }

    /// A sentence of its own, without a full stop.
    pub fn advice(&self, project: &ProjectName) -> Printable {
        Printable::from(match self {
            Self::Now(version) => {
                format!("`{project}` {version} is the newest release that is admitted")
            }
            Self::Later(version, at) => format!(
                "no release of `{project}` is admitted now; {version} may be from {at:.0} on"
            ),
            Self::None => format!("no release of `{project}` is admitted"),
        })
    }
}

/// A few words at the end of a reason.
impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(version) => write!(f, "{version} is admitted"),
            Self::Later(version, at) => write!(f, "{version} may be admitted from {at:.0} on"),
            Self::None => f.write_str("no release of it is admitted"),
        }
    }
}

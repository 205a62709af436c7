//! How bad an advisory says it is; that nobody said so is a class of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Advisory;

/// The qualitative severity scale of CVSS, without "none".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A CVSS score below 4.
    Low,
    /// From 4 on.
    Medium,
    /// From 7 on.
    High,
    /// From 9 on.
    Critical,
}

/// One statement about severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The notation.
    pub kind: RatingKind,
    /// As written: a CVSS vector, or a word; untrusted text.
    pub text: String,
    /// The CVSS base score in tenths; words have none.
    pub score: Option<u8>,
    /// What it amounts to; `None` if it is not understood.
    pub severity: Option<Severity>,
}

/// The notation of a [`Rating`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RatingKind {
    /// A word without a vector, as GitHub's advisories have.
    Word,
    /// CVSS 2.
    CvssV2,
    /// CVSS 3.0 or 3.1.
    CvssV3,
    /// CVSS 4.0.
    CvssV4,
    /// Another notation, kept as it is.
    Other,
}

/// The worst rating of any of `advisories`, and the advisory that has it; of two that are equal, the
/// newer notation.
pub fn worst<'a>(
    advisories: impl IntoIterator<Item = &'a Advisory>,
) -> Option<(Severity, &'a Rating, &'a Advisory)> {
    let rated = advisories.into_iter().flat_map(|advisory| {
        let known = move |rating: &'a Rating| Some((rating.severity?, rating, advisory));
        advisory.ratings.iter().filter_map(known)
    });
    rated.max_by_key(|(severity, rating, _)| (*severity, rating.kind, rating.score))
}

impl Severity {
    /// From the mildest to the worst.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The severity of a CVSS score in tenths. 0 has none, and so counts like one that is not understood:
    /// an advisory that says "no impact" needs a reader.
    pub fn of_score(tenths: u8) -> Option<Self> {
        match tenths {
            0 => None,
            1..40 => Some(Self::Low),
            40..70 => Some(Self::Medium),
            70..90 => Some(Self::High),
            90.. => Some(Self::Critical),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = ();

    /// Reads the names of this scale, and `moderate`, in any case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        if is("moderate") {
            return Ok(Self::Medium);
        }
        Self::ALL
            .into_iter()
            .find(|severity| is(severity.name()))
            .ok_or(())
    }
}

impl fmt::Display for RatingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Word => "a word",
            Self::CvssV2 => "CVSS 2",
            Self::CvssV3 => "CVSS 3",
            Self::CvssV4 => "CVSS 4",
            Self::Other => "another notation",
        })
    }
}

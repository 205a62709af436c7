//! Versions of releases and their order (PEP 440).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Printable;

/// A text that is no version by PEP 440.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a valid version (PEP 440)")]
pub struct VersionError(pub Printable);

/// A version (PEP 440): it shows in normalized form, and `1.0` equals `1.0.0`.
///
/// Reading, showing and ordering agree with Python's `packaging`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    epoch: Number,
    release: Vec<Number>,
    pre: Option<(Stage, Number)>,
    post: Option<Number>,
    dev: Option<Number>,
    local: Vec<LocalPart>,
}

/// A number in a version. PEP 440 sets it no limit, and dates with a time exceed 64 bits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Repr);

/// The derived order is the order of the numbers: what fits is less than what does not, and of two
/// that do not, the one with more digits is greater.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Fits(u64),
    Exceeds { digits: usize, text: Box<str> },
}

/// The stages before a release, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Alpha,
    Beta,
    Candidate,
}

/// A segment of a local version; the derived order puts text before numbers, as PEP 440 does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum LocalPart {
    Text(String),
    Number(Number),
}

/// What PEP 440 compares, in its order; the derived comparison is that of versions.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SortKey<'a> {
    epoch: &'a Number,
    /// Without the zeros at its end.
    release: &'a [Number],
    stage: StageKey<'a>,
    post: Option<&'a Number>,
    is_not_dev: bool,
    dev: Option<&'a Number>,
    local: &'a [LocalPart],
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum StageKey<'a> {
    /// `1.0.dev1` comes before `1.0a1`.
    OnlyDev,
    Pre(Stage, &'a Number),
    Final,
}

static ZERO: Number = Number(Repr::Fits(0));

/// Python converts no text of more digits to an integer; `packaging` refuses such a version.
const MAX_DIGITS: usize = 4300;

/// The spellings of a pre-release; longer ones come before their own beginnings.
const STAGES: [&str; 8] = ["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"];

impl Version {
    /// The epoch; zero where none is written.
    pub fn epoch(&self) -> &Number {
        &self.epoch
    }

    /// The numbers of the release segment, at least one, with the zeros at its end.
    pub fn release(&self) -> &[Number] {
        &self.release
    }

    /// Whether it is a pre-release or a development release.
    pub fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// Whether it is a post-release.
    pub fn is_postrelease(&self) -> bool {
        self.post.is_some()
    }

    /// Whether it is a development release.
    pub fn is_devrelease(&self) -> bool {
        self.dev.is_some()
    }

    /// Whether it has a local segment (`+cu121`).
    pub fn is_local(&self) -> bool {
        !self.local.is_empty()
    }

    /// The version without its local segment.
    #[must_use]
    pub fn public(&self) -> Self {
        Self {
            local: Vec::new(),
            ..self.clone()
        }
    }

    /// The epoch and the release segment alone.
    #[must_use]
    pub fn base(&self) -> Self {
        Self {
            epoch: self.epoch.clone(),
            release: self.release.clone(),
            pre: None,
            post: None,
            dev: None,
            local: Vec::new(),
        }
    }

    /// Reads a version that has no white space around it.
    pub(crate) fn parse_trimmed(text: &str) -> Option<Self> {
        if has_overlong_number(text) {
            return None;
        }
        let mut scanner = Scanner { rest: text };
        scanner.word("v");
        let first = scanner.number()?;
        let (epoch, first) = if scanner.eat('!') {
            (first, scanner.number()?)
        } else {
            (ZERO.clone(), first)
        };
        let version = Self {
            epoch,
            release: scanner.release(first),
            pre: scanner
                .suffix(&STAGES)
                .map(|(word, number)| (Stage::of(word), number)),
            post: scanner.post(),
            dev: scanner.suffix(&["dev"]).map(|(_, number)| number),
            local: scanner.local()?,
        };
        scanner.rest.is_empty().then_some(version)
    }

    /// Compares without local segments, which the operators of PEP 440 ignore unless they name one.
    pub(crate) fn cmp_public(&self, other: &Self) -> Ordering {
        let mine = self.key(self.dev.as_ref(), &[]);
        mine.cmp(&other.key(other.dev.as_ref(), &[]))
    }

    /// Whether it comes before `other` and before every pre-release of `other`.
    pub(crate) fn precedes_prereleases_of(&self, other: &Self) -> bool {
        self.sort_key() < other.key(Some(&ZERO), &[])
    }

    /// Whether it has nothing but an epoch and a release segment.
    pub(crate) fn is_base(&self) -> bool {
        !self.is_prerelease() && !self.is_postrelease() && !self.is_local()
    }

    /// Whether both have the same epoch, release segment and pre-release.
    pub(crate) fn has_same_stage(&self, other: &Self) -> bool {
        self.epoch == other.epoch
            && self.trimmed_release() == other.trimmed_release()
            && self.pre == other.pre
    }

    /// Whether its release segment, continued by zeros, begins with the first `length` numbers of
    /// `other`'s, in the same epoch.
    pub(crate) fn has_prefix_of(&self, other: &Self, length: usize) -> bool {
        let prefix = other.release.iter().take(length);
        let continued = self.release.iter().chain(std::iter::repeat(&ZERO));
        self.epoch == other.epoch && prefix.zip(continued).all(|(theirs, mine)| theirs == mine)
    }

    fn trimmed_release(&self) -> &[Number] {
        let zeros = self
            .release
            .iter()
            .rev()
            .take_while(|number| **number == ZERO);
        &self.release[..self.release.len() - zeros.count()]
    }

    fn sort_key(&self) -> SortKey<'_> {
        self.key(self.dev.as_ref(), &self.local)
    }

    fn key<'a>(&'a self, dev: Option<&'a Number>, local: &'a [LocalPart]) -> SortKey<'a> {
        SortKey {
            epoch: &self.epoch,
            release: self.trimmed_release(),
            stage: match &self.pre {
                Some((stage, number)) => StageKey::Pre(*stage, number),
                None if self.post.is_none() && dev.is_some() => StageKey::OnlyDev,
                None => StageKey::Final,
            },
            post: self.post.as_ref(),
            is_not_dev: dev.is_none(),
            dev,
            local,
        }
    }
}

/// Reads a version from its beginning; letters in either case.
#[derive(Clone, Copy)]
struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn eat(&mut self, c: char) -> bool {
        let after = self.rest.strip_prefix(c);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn word(&mut self, word: &str) -> bool {
        let matches = self
            .rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word));
        if matches {
            self.rest = &self.rest[word.len()..];
        }
        matches
    }

    fn separator(&mut self) -> bool {
        let after = self.rest.strip_prefix(['.', '-', '_']);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn run(&mut self, accepts: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.rest.find(|c| !accepts(c)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!run.is_empty()).then_some(run)
    }

    fn number(&mut self) -> Option<Number> {
        self.run(|c| c.is_ascii_digit()).map(Number::from_digits)
    }

    /// A release segment whose first number is read; a `.` without a number is left alone.
    fn release(&mut self, first: Number) -> Vec<Number> {
        let mut release = vec![first];
        loop {
            let mut ahead = *self;
            if !ahead.eat('.') {
                return release;
            }
            let Some(number) = ahead.number() else {
                return release;
            };
            release.push(number);
            *self = ahead;
        }
    }

    /// `.dev1`, `-dev-1`, `dev`: a separator, a word, a separator and a number, all but the word optional.
    fn suffix(&mut self, words: &[&'static str]) -> Option<(&'static str, Number)> {
        let mut ahead = *self;
        ahead.separator();
        let word = words.iter().find(|word| ahead.word(word))?;
        ahead.separator();
        let number = ahead.number().unwrap_or(ZERO.clone());
        *self = ahead;
        Some((word, number))
    }

    /// A post-release, also without its word: `1.0-1` is `1.0.post1`.
    fn post(&mut self) -> Option<Number> {
        let mut ahead = *self;
        if ahead.eat('-')
            && let Some(number) = ahead.number()
        {
            *self = ahead;
            return Some(number);
        }
        self.suffix(&["post", "rev", "r"]).map(|(_, number)| number)
    }

    /// The local segment, empty where there is none; `None` where a `+` has no segment after it.
    fn local(&mut self) -> Option<Vec<LocalPart>> {
        let mut parts = Vec::new();
        if !self.eat('+') {
            return Some(parts);
        }
        loop {
            let part = self.run(|c| c.is_ascii_alphanumeric())?;
            parts.push(if part.bytes().all(|b| b.is_ascii_digit()) {
                LocalPart::Number(Number::from_digits(part))
            } else {
                LocalPart::Text(part.to_ascii_lowercase())
            });
            if !self.separator() {
                return Some(parts);
            }
        }
    }
}

impl Number {
    /// The number, if it fits 64 bits.
    pub fn to_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Fits(number) => Some(number),
            Repr::Exceeds { .. } => None,
        }
    }

    fn from_digits(digits: &str) -> Self {
        if let Ok(number) = digits.parse() {
            return Self(Repr::Fits(number));
        }
        let text = digits.trim_start_matches('0');
        Self(Repr::Exceeds {
            digits: text.len(),
            text: text.into(),
        })
    }
}

/// White space as Python's `str.strip` and `\s` know it: four separators more than Unicode's.
pub(crate) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

fn has_overlong_number(text: &str) -> bool {
    text.len() > MAX_DIGITS
        && text
            .split(|c: char| !c.is_ascii_digit())
            .any(|run| run.len() > MAX_DIGITS)
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::parse_trimmed(text.trim_matches(is_python_space))
            .ok_or_else(|| VersionError(Printable::new(text).shortened(100)))
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.sort_key() == other.sort_key()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key().cmp(&other.sort_key())
    }
}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sort_key().hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch != ZERO {
            write!(f, "{}!", self.epoch)?;
        }
        for (at, number) in self.release.iter().enumerate() {
            write!(f, "{}{number}", if at == 0 { "" } else { "." })?;
        }
        if let Some((stage, number)) = &self.pre {
            write!(f, "{}{number}", stage.letters())?;
        }
        if let Some(number) = &self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = &self.dev {
            write!(f, ".dev{number}")?;
        }
        for (at, part) in self.local.iter().enumerate() {
            write!(f, "{}{part}", if at == 0 { "+" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Fits(number) => write!(f, "{number}"),
            Repr::Exceeds { text, .. } => f.write_str(text),
        }
    }
}

impl fmt::Display for LocalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl Stage {
    fn of(word: &str) -> Self {
        match word {
            "alpha" | "a" => Self::Alpha,
            "beta" | "b" => Self::Beta,
            _ => Self::Candidate,
        }
    }

    fn letters(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Version;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn shows_the_normalized_form() {
        let written_and_shown = [
            (" v1.0 ", "1.0"),
            ("1.0-1", "1.0.post1"),
            ("1!02.0ALPHA", "1!2.0a0"),
            ("1.0c.post-3_dev", "1.0rc0.post3.dev0"),
            ("1.0+Ubuntu-007", "1.0+ubuntu.7"),
            ("20260101123456789012345", "20260101123456789012345"),
        ];
        for (written, shown) in written_and_shown {
            assert_eq!(version(written).to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_is_no_version() {
        for bad in [
            "", "v", "1.", "1..0", "1.0+", "1.0-", "1!", "1.0a1b1", "1.0 0", "١", "1.*",
        ] {
            assert!(bad.parse::<Version>().is_err(), "{bad:?}");
        }
        assert!("1".repeat(4301).parse::<Version>().is_err());
    }

    #[test]
    fn orders_by_pep_440() {
        let ordered = [
            "1.dev0",
            "1a1.dev1",
            "1a1",
            "1a1.post1",
            "1b1",
            "1rc1",
            "1",
            "1+a",
            "1+1",
            "1.post1.dev1",
            "1.post1",
            "1.1",
            "18446744073709551615",
            "18446744073709551616",
            "1!0",
        ];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("1.0"), version("1.0.0"));
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = text.parse::<Version>();
        }

        #[test]
        fn reading_what_is_shown_changes_nothing(text in "v?([0-9]!)?[0-9]{1,25}(\\.[0-9]){0,3}(-?(a|rc)[0-9]?)?(\\.post[0-9])?(dev)?(\\+[a-z0-9]{1,3})?") {
            let version: Version = text.parse().unwrap();
            let shown = version.to_string();
            let again: Version = shown.parse().unwrap();
            prop_assert_eq!(&again, &version);
            prop_assert_eq!(again.to_string(), shown);
        }
    }
}

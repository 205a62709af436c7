//! Version specifiers: which versions a requirement accepts (PEP 440).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::version::is_python_space;
use crate::{Printable, Version};

/// A text that is no version specifier by PEP 440.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a valid version specifier (PEP 440)")]
pub struct SpecifierError(pub Printable);

/// What to do with pre-releases and development releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prereleases {
    /// Accept them where a specifier names one, such as `>=2.0b1`: the rule of PEP 440 for a project
    /// that has a final release to offer. One that has none is asked again with `Allow`.
    Auto,
    /// Accept them like any other version.
    Allow,
    /// Accept none.
    Forbid,
}

/// The operators of PEP 440.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `~=`
    Compatible,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `===`, equality of texts.
    Arbitrary,
}

/// One clause, such as `>=1.0` or `==1.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specifier {
    operator: Operator,
    /// What follows the operator, as written.
    text: String,
    bound: Bound,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Bound {
    Version(Version),
    /// `1.0.*`
    Prefix(Version),
    /// After `===`, what is no version.
    Text,
}

/// A set of clauses which all have to accept a version, in the order written; the empty set accepts all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specifiers(Vec<Specifier>);

impl Operator {
    /// Longer operators come before their own beginnings.
    const ALL: [Self; 8] = [
        Self::Arbitrary,
        Self::Compatible,
        Self::Equal,
        Self::NotEqual,
        Self::LessOrEqual,
        Self::GreaterOrEqual,
        Self::Less,
        Self::Greater,
    ];

    /// The operator as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "~=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::Arbitrary => "===",
        }
    }

    /// The operator that `text` starts with.
    pub(crate) fn at_start_of(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operator| text.starts_with(operator.as_str()))
    }
}

impl Specifier {
    /// The operator.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The version after the operator, without `.*`; none where `===` is followed by another text.
    pub fn version(&self) -> Option<&Version> {
        match &self.bound {
            Bound::Version(version) | Bound::Prefix(version) => Some(version),
            Bound::Text => None,
        }
    }

    /// Whether it is a prefix match: `==1.*`, `!=1.*`.
    pub fn is_wildcard(&self) -> bool {
        matches!(self.bound, Bound::Prefix(_))
    }

    /// The one version it accepts.
    fn exact_pin(&self) -> Option<&Version> {
        match (self.operator, &self.bound) {
            (Operator::Equal | Operator::Arbitrary, Bound::Version(version)) => Some(version),
            _ => None,
        }
    }

    /// Whether it accepts `version`, pre-releases like any other.
    fn accepts(&self, version: &Version) -> bool {
        match &self.bound {
            _ if self.operator == Operator::Arbitrary => self.is_text(&version.to_string()),
            Bound::Text => false,
            Bound::Prefix(bound) => {
                let matches = version.has_prefix_of(bound, bound.release().len());
                matches == (self.operator == Operator::Equal)
            }
            Bound::Version(bound) => compare(version, self.operator, bound),
        }
    }

    /// Whether it accepts a text that may be no version, as comparisons of markers do (PEP 508).
    pub(crate) fn accepts_text(&self, text: &str) -> bool {
        if self.operator == Operator::Arbitrary {
            return self.is_text(text);
        }
        text.parse().is_ok_and(|version| self.accepts(&version))
    }

    fn is_text(&self, text: &str) -> bool {
        text.to_lowercase() == self.text.to_lowercase()
    }

    /// Whether it names a pre-release, and so lets them in. Exclusions and prefixes never do.
    fn names_prerelease(&self) -> bool {
        match &self.bound {
            Bound::Version(version) => {
                self.operator != Operator::NotEqual && version.is_prerelease()
            }
            Bound::Prefix(_) | Bound::Text => false,
        }
    }
}

fn compare(version: &Version, operator: Operator, bound: &Version) -> bool {
    match operator {
        Operator::Equal => is_equal(version, bound),
        Operator::NotEqual => !is_equal(version, bound),
        Operator::LessOrEqual => version.cmp_public(bound) != Ordering::Greater,
        Operator::GreaterOrEqual => version >= bound,
        // `<1.0` leaves out the pre-releases of 1.0, unless it names one itself.
        Operator::Less if bound.is_prerelease() => version < bound,
        Operator::Less => version.precedes_prereleases_of(bound),
        // `>1.0` leaves out the post-releases and local versions of 1.0; `>1.0.post1` only the latter.
        Operator::Greater if bound.is_postrelease() || bound.is_devrelease() => {
            version.cmp_public(bound) == Ordering::Greater
        }
        Operator::Greater => version > bound && !version.has_same_stage(bound),
        Operator::Compatible => {
            let prefix = bound.release().len().saturating_sub(1);
            version >= bound && version.has_prefix_of(bound, prefix)
        }
        Operator::Arbitrary => false,
    }
}

/// A bound without a local segment accepts every local version of it.
fn is_equal(version: &Version, bound: &Version) -> bool {
    if bound.is_local() {
        version == bound
    } else {
        version.cmp_public(bound) == Ordering::Equal
    }
}

impl Specifiers {
    /// Whether every clause accepts `version`, and the pre-release mode does.
    pub fn contains(&self, version: &Version, prereleases: Prereleases) -> bool {
        let lets_prereleases_in = || match prereleases {
            Prereleases::Auto => self.0.iter().any(Specifier::names_prerelease),
            Prereleases::Allow => true,
            Prereleases::Forbid => false,
        };
        (!version.is_prerelease() || lets_prereleases_in())
            && self.0.iter().all(|specifier| specifier.accepts(version))
    }

    /// Whether there is no clause.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The clauses, in the order written.
    pub fn iter(&self) -> std::slice::Iter<'_, Specifier> {
        self.0.iter()
    }

    /// The one version that a clause pins: `==1.0` or `===1.0`, whatever else stands beside it.
    pub fn exact_pin(&self) -> Option<&Version> {
        self.0.iter().find_map(Specifier::exact_pin)
    }
}

impl<'a> IntoIterator for &'a Specifiers {
    type Item = &'a Specifier;
    type IntoIter = std::slice::Iter<'a, Specifier>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Specifiers {
    type Item = Specifier;
    type IntoIter = std::vec::IntoIter<Specifier>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Specifier> for Specifiers {
    fn from_iter<I: IntoIterator<Item = Specifier>>(clauses: I) -> Self {
        Self(clauses.into_iter().collect())
    }
}

impl FromStr for Specifier {
    type Err = SpecifierError;

    fn from_str(text: &str) -> Result<Self, SpecifierError> {
        parse(text.trim_matches(is_python_space))
            .ok_or_else(|| SpecifierError(Printable::new(text).shortened(100)))
    }
}

fn parse(clause: &str) -> Option<Specifier> {
    let operator = Operator::at_start_of(clause)?;
    let text = clause[operator.as_str().len()..].trim_start_matches(is_python_space);
    Some(Specifier {
        operator,
        text: text.to_owned(),
        bound: parse_bound(operator, text)?,
    })
}

fn parse_bound(operator: Operator, text: &str) -> Option<Bound> {
    let takes_more = matches!(operator, Operator::Equal | Operator::NotEqual);
    if operator == Operator::Arbitrary {
        // Any text goes, but where a requirement would end it, it ends.
        let ends_here = |c| is_python_space(c) || matches!(c, ';' | ')');
        let bound = Version::parse_trimmed(text).map_or(Bound::Text, Bound::Version);
        return (!text.contains(ends_here)).then_some(bound);
    }
    if let Some(prefix) = text.strip_suffix(".*") {
        let version = Version::parse_trimmed(prefix)?;
        return (takes_more && version.is_base()).then_some(Bound::Prefix(version));
    }
    let version = Version::parse_trimmed(text)?;
    let is_fit = match operator {
        // `~=1` would have no prefix to keep to.
        Operator::Compatible => version.release().len() > 1 && !version.is_local(),
        _ => takes_more || !version.is_local(),
    };
    is_fit.then_some(Bound::Version(version))
}

impl FromStr for Specifiers {
    type Err = SpecifierError;

    fn from_str(text: &str) -> Result<Self, SpecifierError> {
        text.split(',')
            .map(|clause| clause.trim_matches(is_python_space))
            .filter(|clause| !clause.is_empty())
            .map(str::parse)
            .collect()
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Specifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator, self.text)
    }
}

impl fmt::Display for Specifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, specifier) in self.0.iter().enumerate() {
            write!(f, "{}{specifier}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Prereleases, Specifiers};
    use crate::Version;

    fn specifiers(text: &str) -> Specifiers {
        text.parse().unwrap()
    }

    fn contains(set: &str, version: &str, prereleases: Prereleases) -> bool {
        specifiers(set).contains(&version.parse().unwrap(), prereleases)
    }

    #[test]
    fn shows_the_clauses_in_order_without_spaces() {
        assert_eq!(specifiers(" >= 1 , <2,").to_string(), ">=1,<2");
        assert_eq!(specifiers("").to_string(), "");
    }

    #[test]
    fn pre_releases_need_a_clause_that_names_one() {
        assert!(!contains(">=1", "2a1", Prereleases::Auto));
        assert!(contains(">=1a1", "2a1", Prereleases::Auto));
        assert!(!contains("!=1a1", "2a1", Prereleases::Auto));
        assert!(contains(">=1", "2a1", Prereleases::Allow));
        assert!(!contains(">=1a1", "2a1", Prereleases::Forbid));
        assert!(!contains("", "2a1", Prereleases::Auto));
    }

    #[test]
    fn one_exact_clause_pins() {
        let pin = |text: &str| specifiers(text).exact_pin().map(Version::to_string);
        assert_eq!(pin("!=1.1,==v1.0").as_deref(), Some("1.0"));
        assert_eq!(pin("===1.0").as_deref(), Some("1.0"));
        for open in ["==1.*", "===1.x", "~=1.0", "<=1,>=1", ""] {
            assert_eq!(pin(open), None, "{open}");
        }
    }

    #[test]
    fn refuses_what_is_no_specifier() {
        for bad in [
            "1", "=1", "~=1", ">=1.*", "==1a.*", ">=1+x", "== 1 .*", ">=1 <2", "> =1", "===",
        ] {
            let is_refused = bad.parse::<Specifiers>().is_err();
            assert_eq!(is_refused, bad != "===", "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = text.parse::<Specifiers>();
        }

        #[test]
        fn a_clause_and_its_opposite_part_the_versions(
            bound in "[0-2](\\.[0-2]){0,2}(a1)?(\\.post1)?(\\.dev1)?",
            version in "[0-2](\\.[0-2]){0,2}(a1)?(\\.post1)?(\\.dev1)?(\\+x)?",
        ) {
            let is_in = |operator: &str| contains(&format!("{operator}{bound}"), &version, Prereleases::Allow);
            prop_assert_ne!(is_in("=="), is_in("!="));
            prop_assert!(is_in("<=") || is_in(">="));
            prop_assert!(!(is_in("<") && is_in(">=")));
            prop_assert!(!(is_in(">") && is_in("<=")));
        }
    }
}

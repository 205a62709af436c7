//! Names of projects and extras, normalized (PEP 503, PEP 685), and patterns over them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Printable;

/// A text that is no name by PEP 508: letters, digits, `-`, `_`, `.`, with a letter or digit at both ends.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a valid name: it may have ASCII letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit"
)]
pub struct NameError(pub Printable);

/// A normalized project name (PEP 503): lower case, runs of `-`, `_` and `.` are one `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName(String);

/// A normalized name of an extra (PEP 685) or of a dependency group (PEP 735).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExtraName(String);

macro_rules! normalized_name {
    ($name:ident) => {
        impl $name {
            /// The normalized text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                normalize(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

normalized_name!(ProjectName);
normalized_name!(ExtraName);

fn normalize(text: &str) -> Result<String, NameError> {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_part = |c: char| c.is_ascii_alphanumeric() || is_separator(c);
    if !is_end(text.chars().next()) || !is_end(text.chars().last()) || !text.chars().all(is_part) {
        return Err(NameError(Printable::new(text).shortened(100)));
    }
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_separator(c) {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    Ok(name)
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | '.')
}

/// A pattern over project names: a name, or a prefix that ends in `*`, such as `acme-*`.
///
/// `acme-*` matches `acme-web` and, because anybody could register it beside them, `acme` itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub enum NamePattern {
    /// Exactly this project.
    Exact(ProjectName),
    /// Every project whose normalized name starts with the text (normalized, without the `*`).
    Prefix(String),
    /// Every project: `*`.
    All,
}

impl NamePattern {
    /// Whether `name` falls under the pattern.
    pub fn matches(&self, name: &ProjectName) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Prefix(prefix) => {
                name.as_str().starts_with(prefix.as_str())
                    || prefix.strip_suffix('-') == Some(name.as_str())
            }
            Self::All => true,
        }
    }
}

impl FromStr for NamePattern {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "*" {
            return Ok(Self::All);
        }
        let Some(prefix) = text.strip_suffix('*') else {
            return text.parse().map(Self::Exact);
        };
        let ends_in_separator = prefix.ends_with(is_separator);
        let mut normalized = normalize(prefix.trim_end_matches(is_separator))
            .map_err(|_| NameError(Printable::new(text).shortened(100)))?;
        if ends_in_separator {
            normalized.push('-');
        }
        Ok(Self::Prefix(normalized))
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => write!(f, "{name}"),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::All => f.write_str("*"),
        }
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{NamePattern, ProjectName};

    #[test]
    fn normalizes_by_pep_503() {
        let name: ProjectName = "Zope.-_Interface".parse().unwrap();
        assert_eq!(name.as_str(), "zope-interface");
    }

    #[test]
    fn refuses_what_is_no_name() {
        for bad in ["", "-a", "a-", "a b", "a/b", "é", ".."] {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn patterns_bind_the_prefix_and_its_bare_stem() {
        let pattern: NamePattern = "Acme_*".parse().unwrap();
        assert_eq!(pattern.to_string(), "acme-*");
        assert!(pattern.matches(&"acme.web".parse().unwrap()));
        assert!(pattern.matches(&"ACME".parse().unwrap()));
        assert!(!pattern.matches(&"acmeweb".parse().unwrap()));
        assert!("*-acme".parse::<NamePattern>().is_err());
    }
}

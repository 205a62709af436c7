//! Package URLs (purl): how software bills of materials name a release of any ecosystem.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use thiserror::Error;

use crate::{Printable, ProjectName, Version};

/// The type of Python projects.
const PYPI: &str = "pypi";

/// What stands unencoded in a purl; `:` may, too, and is what other tools write in qualifiers.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// A package URL, decoded: `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH`.
///
/// The subpath is not kept: it names a part of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Purl {
    /// The ecosystem, in lower case: `pypi`, `npm`, `deb`.
    pub kind: String,
    /// A prefix of the name; Python has none.
    pub namespace: Option<String>,
    /// The name, as written.
    pub name: String,
    /// The version, as written.
    pub version: Option<String>,
    /// The qualifiers with a value; keys are in lower case.
    pub qualifiers: BTreeMap<String, String>,
}

/// A text that is no package URL.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no package URL: {why}")]
pub struct PurlError {
    text: Printable,
    why: &'static str,
}

impl Purl {
    /// The purl of a Python project, or of one of its releases.
    pub fn pypi(project: &ProjectName, version: Option<&Version>) -> Self {
        Self {
            kind: PYPI.to_owned(),
            namespace: None,
            name: project.to_string(),
            version: version.map(ToString::to_string),
            qualifiers: BTreeMap::new(),
        }
    }

    /// Whether it names a Python project.
    pub fn is_pypi(&self) -> bool {
        self.kind == PYPI
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        let fail = |why| PurlError {
            text: Printable::new(text).shortened(120),
            why,
        };
        let without_subpath = text.rsplit_once('#').map_or(text, |(rest, _)| rest);
        let (path, query) = match without_subpath.split_once('?') {
            Some((path, query)) => (path, query),
            None => (without_subpath, ""),
        };
        let path = match path.split_once(':') {
            Some((scheme, path)) if scheme.eq_ignore_ascii_case("pkg") => path,
            _ => return Err(fail("it does not start with `pkg:`")),
        };
        let (kind, rest) = path
            .trim_start_matches('/')
            .split_once('/')
            .ok_or_else(|| fail("it has no type and name"))?;
        let is_kind = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-');
        if kind.is_empty() || !kind.bytes().all(is_kind) {
            return Err(fail("its type is none"));
        }
        // An `@` in front of the name belongs to a namespace.
        let (rest, version) = match rest.rsplit_once('@') {
            Some((rest, version)) if !version.contains('/') => (rest, Some(version)),
            _ => (rest, None),
        };
        let rest = rest.trim_matches('/');
        let (namespace, name) = match rest.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, rest),
        };
        let decoded = |text: &str| decode(text).ok_or_else(|| fail("it is not UTF-8"));
        let name = decoded(name)?;
        if name.is_empty() {
            return Err(fail("it has no name"));
        }
        let version = version.map(decoded).transpose()?;
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: namespace.map(decoded).transpose()?,
            name,
            version: version.filter(|version| !version.is_empty()),
            qualifiers: qualifiers(query).ok_or_else(|| fail("its qualifiers are none"))?,
        })
    }
}

/// `key=value` pairs; a key that is there twice could be read in two ways.
fn qualifiers(query: &str) -> Option<BTreeMap<String, String>> {
    let mut qualifiers = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=')?;
        let value = decode(value)?;
        if !value.is_empty() && qualifiers.insert(key.to_ascii_lowercase(), value).is_some() {
            return None;
        }
    }
    Some(qualifiers)
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        write!(f, "pkg:{}/", self.kind)?;
        for segment in self.namespace.iter().flat_map(|text| text.split('/')) {
            write!(f, "{}/", encoded(segment))?;
        }
        write!(f, "{}", encoded(&self.name))?;
        if let Some(version) = &self.version {
            write!(f, "@{}", encoded(version))?;
        }
        for (at, (key, value)) in self.qualifiers.iter().enumerate() {
            let sign = if at == 0 { '?' } else { '&' };
            write!(f, "{sign}{key}={}", encoded(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Purl;

    #[test]
    fn reads_every_part() {
        let purl: Purl =
            "PKG://PyPI/Jinja2@3.1%2Blocal.1?vcs_url=git%2Bhttps://a.example/b%401&Extra=#sub/path"
                .parse()
                .unwrap();
        assert!(purl.is_pypi());
        assert_eq!(purl.name, "Jinja2");
        assert_eq!(purl.version.as_deref(), Some("3.1+local.1"));
        assert_eq!(purl.qualifiers["vcs_url"], "git+https://a.example/b@1");
        assert_eq!(purl.qualifiers.len(), 1);
        let scoped: Purl = "pkg:npm/%40angular/animation@12.3.1".parse().unwrap();
        assert_eq!(scoped.namespace.as_deref(), Some("@angular"));
        assert_eq!(scoped.version.as_deref(), Some("12.3.1"));
        let unencoded: Purl = "pkg:npm/@angular/animation".parse().unwrap();
        assert_eq!(unencoded.name, "animation");
        assert_eq!(unencoded.version, None);
    }

    #[test]
    fn a_plus_in_a_version_is_a_plus() {
        let purl: Purl = "pkg:pypi/torch@2.1.0+cpu".parse().unwrap();
        assert_eq!(purl.version.as_deref(), Some("2.1.0+cpu"));
        assert_eq!(purl.to_string(), "pkg:pypi/torch@2.1.0%2Bcpu");
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "pypi/a@1",
            "pkg:",
            "pkg:pypi",
            "pkg:pypi/",
            "pkg:/a",
            "pkg:py pi/a",
            "pkg:pypi/@1",
            "pkg:pypi/a%ff@1",
            "pkg:pypi/a?b",
            "pkg:pypi/a?b=1&B=2",
            "http://pkg:pypi/a",
        ] {
            assert!(text.parse::<Purl>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_releases() {
        let name = "Zope.Interface".parse().unwrap();
        let version = "1!2.0+a.1".parse().unwrap();
        assert_eq!(
            Purl::pypi(&name, Some(&version)).to_string(),
            "pkg:pypi/zope-interface@1%212.0%2Ba.1"
        );
        assert_eq!(
            Purl::pypi(&name, None).to_string(),
            "pkg:pypi/zope-interface"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            name in "[^/\\x00]{1,9}", version in "[^\\x00]{1,9}", value in "[^\\x00]{1,9}",
        ) {
            let purl = Purl {
                kind: "pypi".to_owned(),
                namespace: None,
                name,
                version: Some(version),
                qualifiers: [("a".to_owned(), value)].into(),
            };
            prop_assert_eq!(purl.to_string().parse::<Purl>().unwrap(), purl);
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = text.parse::<Purl>();
            let _ = format!("pkg:{text}").parse::<Purl>();
        }
    }
}

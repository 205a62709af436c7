//! What tells one state of an answer from another, and for how long it counts (RFC 9110 §8.8, RFC 9111 §5.2).

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::{self, HeaderMap, HeaderName};

use super::text;

/// Longer validators are not worth keeping.
const MOST_VALIDATOR: usize = 1_000;
/// The serial number of an index, as PyPI and its mirrors send it.
const SERIAL: HeaderName = HeaderName::from_static("x-pypi-last-serial");

/// A state of an answer. What is sent back for another one is what was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified`, as written.
    pub last_modified: Option<String>,
    /// The serial number of the index.
    pub serial: Option<u64>,
    /// For how long it counts, if the answer says so.
    pub max_age: Option<Duration>,
}

impl Revision {
    /// What the headers of an answer say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let validator = |name| {
            let value = text(headers, name).map(str::trim)?;
            let is_good = !value.is_empty() && value.len() <= MOST_VALIDATOR;
            is_good.then(|| value.to_owned())
        };
        Self {
            etag: validator(&header::ETAG).filter(|tag| is_entity_tag(tag)),
            last_modified: validator(&header::LAST_MODIFIED),
            serial: text(headers, &SERIAL).and_then(|serial| serial.trim().parse().ok()),
            max_age: max_age(headers),
        }
    }

    /// Whether there is something to ask with.
    pub fn has_validator(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// Asks for another state only.
    pub(super) fn ask(&self, mut request: RequestBuilder) -> RequestBuilder {
        if let Some(etag) = &self.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(time) = &self.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, time);
        }
        request
    }
}

/// `"…"`, or a weak one; anything else would not come back as it was.
fn is_entity_tag(tag: &str) -> bool {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let inside = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.is_some_and(|inside| !inside.contains('"'))
}

/// What `Cache-Control` says; an answer that is not to be kept counts for no time.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut found = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match &*name.trim().to_ascii_lowercase() {
            "no-cache" | "no-store" => return Some(Duration::ZERO),
            "max-age" => {
                let seconds = value.trim().trim_matches('"').parse::<u64>();
                found = found.or(seconds.ok().map(Duration::from_secs));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::Revision;

    fn of(headers: &[(&'static str, &'static str)]) -> Revision {
        let pair = |(name, value): &(&'static str, &'static str)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        Revision::of(&headers.iter().map(pair).collect::<HeaderMap>())
    }

    #[test]
    fn only_what_can_be_sent_back_is_kept() {
        for good in ["\"abc\"", "W/\"abc\"", "\"\""] {
            assert_eq!(of(&[("etag", good)]).etag.as_deref(), Some(good));
        }
        for bad in ["abc", "\"a\"b\"", "", "W/abc"] {
            assert_eq!(of(&[("etag", bad)]).etag, None, "{bad}");
        }
        let serial = |value| of(&[("x-pypi-last-serial", value)]).serial;
        assert_eq!(serial("30000000"), Some(30_000_000));
        assert!(serial("-1").is_none() && serial("soon").is_none() && serial("1e9").is_none());
    }

    #[test]
    fn how_long_an_answer_counts() {
        let age = |value| of(&[("cache-control", value)]).max_age;
        assert_eq!(age("public, max-age=600"), Some(Duration::from_mins(10)));
        assert_eq!(age("MAX-AGE=5"), Some(Duration::from_secs(5)));
        assert_eq!(age("max-age=600, no-cache"), Some(Duration::ZERO));
        assert_eq!(age("public"), None);
        assert_eq!(age("max-age=99999999999999999999"), None);
        assert_eq!(of(&[]), Revision::default());
    }
}

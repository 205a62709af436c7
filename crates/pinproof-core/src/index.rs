//! Where projects come from: addresses of indexes, and who configured them.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;
use url::Url;

use crate::{Printable, Span};

/// The address of an index; it is shown without credentials, query and fragment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexUrl {
    url: Url,
    /// What to show instead: the address may hold the value of a variable, which may be a secret.
    shown: Option<Printable>,
}

/// Longer than any address that works with common servers and proxies.
const MAX_LENGTH: usize = 2048;

/// Why a text is no address of an index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not an address of an index: {why}")]
pub struct IndexUrlError {
    text: Printable,
    why: &'static str,
}

impl IndexUrl {
    /// Reads an `https:`, `http:` or `file:` address; a trailing slash makes no difference.
    pub fn parse(text: &str) -> Result<Self, IndexUrlError> {
        let fail = |why| IndexUrlError {
            text: redact(text),
            why,
        };
        if text.len() > MAX_LENGTH {
            return Err(fail("it is longer than 2048 bytes"));
        }
        let mut url = Url::parse(text.trim()).map_err(|_| fail("it is not a URL"))?;
        if !matches!(url.scheme(), "https" | "http" | "file") {
            return Err(fail("its scheme is none of https, http and file"));
        }
        if url.scheme() != "file" && url.host_str().is_none() {
            return Err(fail("it has no host"));
        }
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self { url, shown: None })
    }

    /// The same address, shown as `text`: as it is written in a file, with its variables unexpanded.
    #[must_use]
    pub fn shown_as(self, text: Printable) -> Self {
        Self {
            shown: Some(text),
            ..self
        }
    }

    /// The address with its credentials: only for the client that sends the request.
    pub fn with_credentials(&self) -> &Url {
        &self.url
    }

    /// Whether requests go through an unprotected connection to another machine.
    pub fn is_plain_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether it names this machine: a loopback address, `localhost`, or a file.
    pub fn is_local(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => true,
        }
    }

    /// The host, with the port if it is not the scheme's own.
    pub fn host(&self) -> Printable {
        let host = self.url.host_str().unwrap_or("");
        if let Some(shown) = self
            .shown
            .as_ref()
            .filter(|shown| !shown.as_str().contains(host))
        {
            return shown.clone();
        }
        match self.url.port() {
            Some(port) => Printable::from(format!("{host}:{port}")),
            None => Printable::new(host),
        }
    }

    /// Whether both lead to the same place, whatever the credentials.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.without_secrets() == other.without_secrets()
    }

    fn without_secrets(&self) -> Url {
        let mut url = self.url.clone();
        // These fail only for addresses without a host, which have no credentials to remove.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url
    }
}

/// Removes what may be a secret from a text that looks like a URL.
pub fn redact(text: &str) -> Printable {
    let url = Url::parse(text.trim()).ok();
    // `user:secret@host` without a scheme parses too, with `user` as its scheme and no authority.
    if let Some(mut url) = url.filter(|url| !url.cannot_be_a_base()) {
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        return Printable::new(url.as_str()).shortened(200);
    }
    let scheme = text.find("://").map_or(0, |at| at + 3);
    let without = match text.rfind('@') {
        Some(at) if scheme <= at && may_be_credentials(&text[..at]) => {
            format!("{}{}", &text[..scheme], &text[at + 1..])
        }
        _ => text.to_owned(),
    };
    Printable::from(without).shortened(200)
}

/// Whether the text before an `@` may be a user and a password.
fn may_be_credentials(text: &str) -> bool {
    text.contains(':')
}

impl fmt::Display for IndexUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shown {
            Some(shown) => write!(f, "{shown}"),
            None => write!(f, "{}", Printable::new(self.without_secrets().as_str())),
        }
    }
}

impl Serialize for IndexUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A place that may answer for names: what an option or a variable added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexLocation {
    /// How it takes part.
    pub kind: LocationKind,
    /// Its address, or the text that is none.
    pub address: Address,
    /// A name, where the client's configuration gives one (uv's `[[index]]`).
    pub name: Option<String>,
    /// uv: used only for the names that sources bind to it.
    pub explicit: bool,
    /// Where in a file it stands; machine settings from variables have none.
    pub span: Option<Span>,
}

/// How an index location takes part in the search for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocationKind {
    /// The index: `--index-url`, uv's `default = true`.
    Default,
    /// An index beside it: `--extra-index-url`, uv's other indexes.
    Extra,
    /// A folder or page of links: `--find-links`.
    FindLinks,
}

/// An address as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An index or a page of links.
    Url(IndexUrl),
    /// A folder of this machine, as written.
    Folder(String),
    /// Neither: shown as it may be shown, never asked.
    Invalid(Printable),
}

impl Address {
    /// Reads what pip and uv take as a location: an address, or a path of this machine.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        // A URL parser drops line ends, and would make one address of two.
        if text.is_empty() || text.contains(char::is_control) {
            return Self::Invalid(redact(text));
        }
        if let Ok(url) = IndexUrl::parse(text) {
            return Self::Url(url);
        }
        // A Windows path parses as a URL whose scheme is its drive, so `://` is what tells a URL.
        let before_at = text.rsplit_once('@').map_or("", |(before, _)| before);
        if text.contains("://") || may_be_credentials(before_at) {
            Self::Invalid(redact(text))
        } else {
            Self::Folder(text.to_owned())
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(f, "{url}"),
            Self::Folder(path) => write!(f, "{}", Printable::new(path).shortened(200)),
            Self::Invalid(text) => write!(f, "{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, IndexUrl, redact};

    #[test]
    fn credentials_are_never_shown() {
        let url = IndexUrl::parse("https://user:s3cret@corp.example/simple?token=abc").unwrap();
        assert_eq!(url.to_string(), "https://corp.example/simple/");
        assert_eq!(
            redact("https://user:s3cret@corp.example/x?t=1").as_str(),
            "https://corp.example/x"
        );
        assert!(
            !redact("ht!tp://user:s3cret@corp.example")
                .as_str()
                .contains("s3cret")
        );
        assert_eq!(
            redact("user:s3cret@corp.example/x").as_str(),
            "corp.example/x"
        );
        let without_scheme = Address::parse("user:s3cret@corp.example/simple");
        assert_eq!(without_scheme.to_string(), "corp.example/simple");
        let error = IndexUrl::parse("ftp://user:s3cret@corp.example/").unwrap_err();
        assert!(!error.to_string().contains("s3cret"));
    }

    #[test]
    fn an_address_from_a_variable_is_shown_as_written() {
        let url = IndexUrl::parse("https://s3cret.example/t0ken/").unwrap();
        let url = url.shown_as("https://${HOST}/${TOKEN}".into());
        assert_eq!(url.to_string(), "https://${HOST}/${TOKEN}");
        assert_eq!(url.host().as_str(), "https://${HOST}/${TOKEN}");
        assert_eq!(url.with_credentials().host_str(), Some("s3cret.example"));
    }

    #[test]
    fn the_same_place_in_two_spellings() {
        let a = IndexUrl::parse("https://corp.example/simple").unwrap();
        let b = IndexUrl::parse("https://me@corp.example/simple/").unwrap();
        assert!(a.is_same_place(&b));
        assert!(!a.is_plain_http());
    }

    #[test]
    fn an_address_is_a_url_a_folder_or_neither() {
        let kind = |text| match Address::parse(text) {
            Address::Url(_) => "url",
            Address::Folder(_) => "folder",
            Address::Invalid(_) => "invalid",
        };
        for url in [
            "https://corp.example/simple",
            " http://corp.example ",
            "file:///srv/wheels",
        ] {
            assert_eq!(kind(url), "url", "{url}");
        }
        for folder in [
            "wheels",
            "../wheels",
            "/srv/wheels",
            r"C:\wheels",
            "a b",
            "~/wheels",
        ] {
            assert_eq!(kind(folder), "folder", "{folder}");
        }
        for invalid in [
            "",
            "ftp://corp.example/",
            "https://",
            "git+https://a.example/b",
            "a\nb",
        ] {
            assert_eq!(kind(invalid), "invalid", "{invalid}");
        }
    }

    #[test]
    fn knows_this_machine() {
        for local in [
            "http://127.0.0.1:9/simple",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert!(IndexUrl::parse(local).unwrap().is_local(), "{local}");
        }
        assert!(!IndexUrl::parse("http://corp.example/").unwrap().is_local());
    }
}

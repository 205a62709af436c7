//! Where a redirect may lead, and to whom credentials may be sent.

use url::Url;

use super::error::FetchError;

/// The addresses that one request went through.
#[derive(Debug)]
pub(crate) struct Route {
    visited: Vec<Url>,
    limit: usize,
}

impl Route {
    /// A route that starts at `url`, with its credentials removed, and follows up to `limit` redirects.
    pub(crate) fn new(url: &Url, limit: usize) -> Self {
        Self {
            visited: vec![bare(url)],
            limit,
        }
    }

    /// Where the route is now.
    pub(crate) fn current(&self) -> &Url {
        // The list starts with one address and only grows.
        &self.visited[self.visited.len() - 1]
    }

    /// Goes on to `location`, relative to the current address (RFC 9110 §10.2.2).
    pub(crate) fn follow(&mut self, location: Option<&str>) -> Result<(), FetchError> {
        let current = self.current();
        let next = location
            .and_then(|location| current.join(location).ok())
            .filter(|next| matches!(next.scheme(), "http" | "https") && next.has_host())
            .ok_or(FetchError::BadRedirect)?;
        if current.scheme() == "https" && next.scheme() == "http" {
            return Err(FetchError::Downgrade);
        }
        let next = bare(&next);
        if self.visited.contains(&next) {
            return Err(FetchError::RedirectLoop);
        }
        if self.visited.len() > self.limit {
            return Err(FetchError::TooManyRedirects(self.limit));
        }
        self.visited.push(next);
        Ok(())
    }
}

/// `url` with the credentials of `realm` if both have scheme, host and port in common.
///
/// The HTTP client turns the credentials of an address into an `Authorization` header.
pub(crate) fn authorized(url: &Url, realm: Option<&Url>) -> Url {
    let mut url = bare(url);
    if let Some(realm) = realm.filter(|realm| realm.origin() == url.origin()) {
        // These fail only for addresses without a host, and a route has none of those.
        let _ = url.set_username(realm.username());
        let _ = url.set_password(realm.password());
    }
    url
}

/// `url` without user name, password and fragment.
pub(crate) fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::{Route, authorized};
    use crate::http::FetchError;
    use url::Url;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn never_from_https_to_http() {
        let mut route = Route::new(&url("https://a.example/x"), 5);
        assert_eq!(
            route.follow(Some("http://a.example/x")),
            Err(FetchError::Downgrade)
        );
        assert_eq!(
            route.follow(Some("file:///etc/passwd")),
            Err(FetchError::BadRedirect)
        );
        assert_eq!(route.follow(None), Err(FetchError::BadRedirect));
        route.follow(Some("//b.example/y")).unwrap();
        assert_eq!(route.current().as_str(), "https://b.example/y");
    }

    #[test]
    fn circles_and_long_ways_end() {
        let mut route = Route::new(&url("http://a.example/0"), 2);
        assert_eq!(
            route.follow(Some("/0#again")),
            Err(FetchError::RedirectLoop)
        );
        route.follow(Some("/1")).unwrap();
        route.follow(Some("/2")).unwrap();
        assert_eq!(
            route.follow(Some("/3")),
            Err(FetchError::TooManyRedirects(2))
        );
    }

    #[test]
    fn credentials_stay_at_their_origin() {
        let realm = url("https://me:secret@a.example/simple/");
        let same = authorized(&url("https://a.example/files/x"), Some(&realm));
        assert_eq!(same.as_str(), "https://me:secret@a.example/files/x");
        for other in [
            "https://b.example/",
            "http://a.example/",
            "https://a.example:8443/",
        ] {
            assert_eq!(authorized(&url(other), Some(&realm)).as_str(), other);
        }
        let planted = authorized(&url("https://x:y@b.example/"), Some(&realm));
        assert_eq!(planted.as_str(), "https://b.example/");
    }
}

//! The address of a direct reference: `name @ https://…`, `name @ git+https://…@commit`.

use pinproof_core::hash::HashError;
use pinproof_core::index::redact;
use pinproof_core::manifest::Origin;
use pinproof_core::{Hash, HashAlgorithm, Span};
use url::Url;

/// What an address leads to; `None` if installers know no such scheme.
pub(crate) fn origin(text: &str) -> Option<Origin> {
    let url = Url::parse(text).ok()?;
    let scheme = url.scheme();
    match scheme {
        "https" | "http" | "ftp" => Some(web(&url)),
        "file" => Some(Origin::Path(text.to_owned())),
        _ => {
            let system = scheme.split_once('+')?.0;
            matches!(system, "git" | "hg" | "svn" | "bzr").then(|| Origin::Vcs {
                shown: redact(text),
                revision: revision(&url),
            })
        }
    }
}

/// The origin of an address that leads to one file, whatever its form.
pub(super) fn file_origin(text: &str) -> Origin {
    match Url::parse(text) {
        Ok(url) => web(&url),
        Err(_) => Origin::Url {
            shown: redact(text),
            filename: String::new(),
            // Nobody can say that it is fetched safely.
            plain_http: true,
        },
    }
}

fn web(url: &Url) -> Origin {
    let last = url
        .path_segments()
        .and_then(|mut segments| segments.next_back());
    let filename = percent_encoding::percent_decode_str(last.unwrap_or("")).decode_utf8_lossy();
    Origin::Url {
        shown: redact(url.as_str()),
        filename: filename.into_owned(),
        plain_http: url.scheme() != "https",
    }
}

/// What stands behind the last `@` of a repository's path.
fn revision(url: &Url) -> Option<String> {
    let (_, revision) = url.path().rsplit_once('@')?;
    Some(
        percent_encoding::percent_decode_str(revision)
            .decode_utf8_lossy()
            .into_owned(),
    )
}

/// The hash in the fragment of a URL (`#sha256=…`), and the place of `algorithm=digest` in the text.
pub(super) fn hash(text: &str) -> Option<(Span, Result<Hash, HashError>)> {
    let (before, fragment) = text.split_once('#')?;
    let mut start = before.len() + 1;
    for part in fragment.split('&') {
        let span = Span::new(start, start + part.len());
        start = span.end + 1;
        if let Some((name, digest)) = part.split_once('=')
            && let Ok(algorithm) = name.parse::<HashAlgorithm>()
        {
            return Some((span, Hash::new(algorithm, digest)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{hash, origin};
    use pinproof_core::manifest::Origin;

    #[test]
    fn knows_repositories_files_and_paths() {
        let Some(Origin::Vcs { shown, revision }) =
            origin("git+https://me:secret@h.example/a/b@v1?q#egg=x")
        else {
            panic!("a repository");
        };
        assert_eq!(shown.as_str(), "git+https://h.example/a/b@v1#egg=x");
        assert_eq!(revision.as_deref(), Some("v1"));
        let Some(Origin::Url {
            filename,
            plain_http,
            ..
        }) = origin("http://h.example/d/a%2Bb-1.whl?x#y")
        else {
            panic!("a file");
        };
        assert_eq!((filename.as_str(), plain_http), ("a+b-1.whl", true));
        assert!(matches!(origin("file:///srv/x.whl"), Some(Origin::Path(_))));
        for unknown in [
            "./x",
            "gopher://h.example/x",
            "{root:uri}/x",
            "a b",
            "",
            "git:x",
            "foo+https://h.example/",
        ] {
            assert!(origin(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn finds_the_hash_of_a_fragment() {
        let text = format!("https://h.example/x.whl#egg=x&sha256={}", "0".repeat(64));
        let (span, found) = hash(&text).unwrap();
        assert!(text[span.start..span.end].starts_with("sha256=0") && found.is_ok());
        assert!(hash("https://h.example/x#sha256=0").unwrap().1.is_err());
        assert!(hash("https://h.example/x#egg=x").is_none());
    }
}

//! Addresses of requirements: what installers take for a URL, a repository, a file or a folder.

use std::borrow::Cow;
use std::ops::Range;

use pinproof_core::hash::HashError;
use pinproof_core::index::redact;
use pinproof_core::manifest::Origin;
use pinproof_core::{Hash, HashAlgorithm, IndexUrl, Printable};
use url::Url;

/// What an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file behind `https:`, `http:` or `ftp:`.
    Web,
    /// A repository: `git+https:` and its kin.
    Vcs,
    /// A `file:` URL.
    File,
}

const VCS_SCHEMES: [&str; 22] = [
    "bzr+file",
    "bzr+ftp",
    "bzr+http",
    "bzr+https",
    "bzr+lp",
    "bzr+sftp",
    "bzr+ssh",
    "git+file",
    "git+git",
    "git+http",
    "git+https",
    "git+ssh",
    "hg+file",
    "hg+http",
    "hg+https",
    "hg+ssh",
    "hg+static-http",
    "svn+file",
    "svn+http",
    "svn+https",
    "svn+ssh",
    "svn+svn",
];

const ARCHIVES: [&str; 12] = [
    ".zip",
    ".whl",
    ".tar.bz2",
    ".tbz",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
];

/// What `text` leads to if it is a URL that pip knows.
pub(crate) fn kind(text: &str) -> Option<Kind> {
    match scheme(text)?.as_str() {
        "http" | "https" | "ftp" => Some(Kind::Web),
        "file" => Some(Kind::File),
        other => VCS_SCHEMES.contains(&other).then_some(Kind::Vcs),
    }
}

/// The scheme in lower case: a letter, then letters, digits, `+`, `-` and `.`, up to the colon.
pub(crate) fn scheme(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once(':')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let starts_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (starts_well && scheme.chars().all(is_part)).then(|| scheme.to_ascii_lowercase())
}

/// Whether pip would look for a file or folder of that name: a separator, or a dot at the start.
///
/// A drive is one on Windows only; elsewhere pip refuses such a line as no requirement.
pub(crate) fn looks_like_path(text: &str) -> bool {
    let mut start = text.chars();
    let drive = (start.next(), start.next(), start.next());
    let is_drive =
        matches!(drive, (Some(letter), Some(':'), Some('\\')) if letter.is_ascii_alphabetic());
    text.starts_with('.') || text.contains('/') || is_drive
}

/// Whether pip, a browser and this crate agree where a URL leads.
///
/// Parsers differ in backslashes, white space, missing slashes and malformed hosts: what one takes for
/// the host is a path to another. A `file:` URL with a host is a file of another machine.
pub(crate) fn is_unambiguous(text: &str, kind: Kind) -> bool {
    if text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        return false;
    }
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let rest = text.split_once(':').map_or("", |(_, rest)| rest);
    let has_authority = rest.starts_with("//");
    match kind {
        // A browser drops a third slash; for pip it ends a host that is empty.
        Kind::Web => {
            has_authority
                && !rest.starts_with("///")
                && url.host_str().is_some_and(|host| !host.is_empty())
        }
        // `bzr+lp:project` has no host; `git+ssh:user@host` is what git itself would not read.
        Kind::Vcs => has_authority || url.scheme() == "bzr+lp",
        Kind::File => !has_authority || url.host_str().is_none_or(|host| host == "localhost"),
    }
}

/// What an address leads to; `expanded` is the same one with its variables replaced, which is not shown.
///
/// `None` is an address that every reader takes apart differently.
pub(crate) fn origin(written: &str, expanded: &str, kind: Kind) -> Option<Origin> {
    if !is_unambiguous(expanded, kind) {
        return None;
    }
    Some(match kind {
        Kind::Vcs => repository(written, expanded),
        Kind::File => Origin::Path(written.to_owned()),
        Kind::Web => Origin::Url {
            shown: shown(written),
            filename: UrlParts::split(written).filename(written).into_owned(),
            plain_http: scheme(expanded).as_deref() != Some("https"),
        },
    })
}

/// The repository behind an address, with what is checked out behind the last `@` of its path.
pub(crate) fn repository(written: &str, expanded: &str) -> Origin {
    Origin::Vcs {
        shown: shown(written),
        revision: revision(written).map(str::to_owned),
        is_open: is_open(expanded),
    }
}

/// Whether a repository is fetched from another machine with neither encryption nor proof of who answers.
pub(crate) fn is_open(text: &str) -> bool {
    let scheme = scheme(text).unwrap_or_default();
    let transport = scheme.rsplit('+').next().unwrap_or_default();
    let is_local = || {
        let url = Url::parse(text).ok();
        let host = url.as_ref().and_then(Url::host_str);
        host.and_then(|host| IndexUrl::parse(&format!("http://{host}/")).ok())
            .is_some_and(|url| url.is_local())
    };
    matches!(transport, "http" | "static-http" | "ftp" | "git" | "svn") && !is_local()
}

/// The hash in a URL's fragment, the first that pip finds, and where `algorithm=digest` stands.
pub(crate) fn hash(url: &str) -> Option<(Range<usize>, Result<Hash, HashError>)> {
    let pip_knows = |algorithm: &HashAlgorithm| *algorithm != HashAlgorithm::Blake2b;
    let found = HashAlgorithm::ALL
        .into_iter()
        .filter(pip_knows)
        .filter_map(|algorithm| {
            let value = fragment_value(url, algorithm.name())?;
            Some((value.start - algorithm.name().len() - 1, value, algorithm))
        });
    let (start, value, algorithm) = found.min_by_key(|(start, ..)| *start)?;
    let digest = url.get(value.clone()).unwrap_or("");
    Some((start..value.end, Hash::new(algorithm, digest)))
}

/// Whether the extension is one of an archive that pip unpacks.
pub(crate) fn is_archive(text: &str) -> bool {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    ARCHIVES.iter().any(|extension| {
        let stem = name.len().saturating_sub(extension.len());
        let has_extension = name
            .get(stem..)
            .is_some_and(|end| end.eq_ignore_ascii_case(extension));
        has_extension
            && name
                .get(..stem)
                .is_some_and(|stem| !stem.trim_start_matches('.').is_empty())
    })
}

/// Where the parts of a URL stand, by the generic syntax of RFC 3986.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UrlParts {
    /// The path.
    pub(crate) path: Range<usize>,
    /// The fragment, after its `#`; empty if there is none.
    pub(crate) fragment: Range<usize>,
}

impl UrlParts {
    /// Splits a text that has a scheme.
    pub(crate) fn split(text: &str) -> Self {
        let rest = text.find(':').map_or(0, |at| at + 1);
        let after = text.get(rest..).unwrap_or("");
        let authority = match after.strip_prefix("//") {
            Some(inner) => 2 + inner.find(['/', '?', '#']).unwrap_or(inner.len()),
            None => 0,
        };
        let start = rest + authority;
        let end = |from: usize, marks: &[char]| {
            text.get(from..)
                .and_then(|part| part.find(marks))
                .map_or(text.len(), |at| from + at)
        };
        let path_end = end(start, &['?', '#']);
        let fragment = (end(path_end, &['#']) + 1).min(text.len());
        Self {
            path: start..path_end,
            fragment: fragment..text.len(),
        }
    }

    /// The last segment of the path, decoded.
    pub(crate) fn filename<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let path = text
            .get(self.path.clone())
            .unwrap_or("")
            .trim_end_matches('/');
        let last = path.rsplit('/').next().unwrap_or(path);
        percent_encoding::percent_decode_str(last).decode_utf8_lossy()
    }
}

/// What stands behind the last `@` of a repository's path.
pub(crate) fn revision(text: &str) -> Option<&str> {
    let path = text.get(UrlParts::split(text).path)?;
    path.rsplit_once('@').map(|(_, revision)| revision)
}

/// The value of `key=value` in what follows the `#`; pip takes any `&` before it for good enough.
pub(crate) fn fragment_value(text: &str, key: &str) -> Option<Range<usize>> {
    let found = text.match_indices(key).find(|(at, _)| {
        let before = text
            .get(..*at)
            .is_some_and(|before| before.ends_with(['#', '&']));
        before
            && text
                .get(at + key.len()..)
                .is_some_and(|after| after.starts_with('='))
    });
    let start = found?.0 + key.len() + 1;
    let value = text.get(start..)?;
    Some(start..start + value.find('&').unwrap_or(value.len()))
}

/// What follows the user and password of a URL, or all of another text.
pub(crate) fn without_credentials(text: &str) -> &str {
    let authority = text.split_once("://").map_or("", |(_, rest)| {
        rest.split(['/', '?', '#']).next().unwrap_or("")
    });
    let Some((credentials, _)) = authority.rsplit_once('@') else {
        return text;
    };
    text.split_once(credentials).map_or(text, |(_, rest)| rest)
}

/// An address as it may be shown, from the text of the file: never with the value of a variable.
pub(crate) fn shown(written: &str) -> Printable {
    let shown = redact(written);
    if written.contains("${") {
        return Printable::from(shown.as_str().replace("%7B", "{").replace("%7D", "}"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use pinproof_core::manifest::Origin;

    use super::{
        Kind, UrlParts, fragment_value, hash, is_archive, is_open, kind, origin, revision, shown,
    };

    #[test]
    fn knows_what_pip_takes_for_a_url() {
        assert_eq!(kind("HTTPS:x"), Some(Kind::Web));
        assert_eq!(kind("git+ssh://git@h/r"), Some(Kind::Vcs));
        assert_eq!(kind("file:x.whl"), Some(Kind::File));
        for other in [
            "foo",
            "git+git@github.com:u/r.git",
            r"C:\x",
            "name @ https://h/x",
            "git://h/r",
            "1:x",
        ] {
            assert_eq!(kind(other), None, "{other}");
        }
    }

    #[test]
    fn finds_the_parts() {
        let text = "git+https://u:p@h/r@1%202.git/@v1?q=@no#egg=a-b&subdirectory=s@x";
        assert_eq!(revision(text), Some("v1"));
        assert_eq!(
            fragment_value(text, "egg").map(|range| &text[range]),
            Some("a-b")
        );
        let url = "https://h/d/a%2Bb.whl?x#y";
        assert_eq!(UrlParts::split(url).filename(url), "a+b.whl");
        assert_eq!(UrlParts::split("file:").filename("file:"), "");
    }

    #[test]
    fn archives_end_as_pip_expects() {
        assert!(is_archive("a/b-1.0.TAR.GZ") && is_archive("x.whl"));
        assert!(!is_archive(".whl") && !is_archive("a.gz") && !is_archive("a.whl/b"));
    }

    #[test]
    fn variables_are_shown_as_written() {
        let text = "https://${USER}:${TOKEN}@h/${SLUG}/x.whl?token=1";
        assert_eq!(shown(text).as_str(), "https://h/${SLUG}/x.whl");
    }

    #[test]
    fn an_address_leads_to_a_repository_a_file_or_a_path() {
        let lead = |text: &str| origin(text, text, kind(text)?);
        let Some(Origin::Vcs {
            shown,
            revision,
            is_open,
        }) = lead("git+https://me:secret@h.example/a/b@v1?q#egg=x")
        else {
            panic!("a repository");
        };
        assert_eq!(shown.as_str(), "git+https://h.example/a/b@v1#egg=x");
        assert_eq!((revision.as_deref(), is_open), (Some("v1"), false));
        let Some(Origin::Url {
            filename,
            plain_http,
            ..
        }) = lead("http://h.example/d/a%2Bb-1.whl?x#y")
        else {
            panic!("a file");
        };
        assert_eq!((filename.as_str(), plain_http), ("a+b-1.whl", true));
        assert!(matches!(lead("file:///srv/x.whl"), Some(Origin::Path(_))));
        for unknown in [
            "./x",
            "gopher://h.example/x",
            "{root:uri}/x",
            "a b",
            "",
            "git:x",
            "foo+https://h.example/",
            "https:///h.example/x.whl",
        ] {
            assert!(lead(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_repository_is_open_without_encryption_on_the_way() {
        for open in [
            "git+http://h.example/r",
            "GIT+HTTP://h.example/r",
            "git+git://h.example/r",
            "hg+static-http://h.example/r",
            "svn+svn://h.example/r",
            "http://h.example/r",
        ] {
            assert!(is_open(open), "{open}");
        }
        for closed in [
            "git+https://h.example/r",
            "git+ssh://git@h.example/r",
            "git+file:///srv/r",
            "git+http://127.0.0.1:8000/r",
            "git+http://localhost/r",
            "ssh://git@h.example/r",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }

    #[test]
    fn finds_the_hash_of_a_fragment() {
        let text = format!("https://h.example/x.whl#egg=x&sha256={}", "0".repeat(64));
        let (range, found) = hash(&text).unwrap();
        assert!(text[range].starts_with("sha256=0") && found.is_ok());
        assert!(hash("https://h.example/x#sha256=0").unwrap().1.is_err());
        assert!(hash("https://h.example/x#egg=x").is_none());
    }
}

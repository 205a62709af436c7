//! `direct_url.json` of an installed release (PEP 610): where it came from, beside every index.

use pinproof_core::index::redact;
use pinproof_core::manifest::Origin;
use serde::Deserialize;

use crate::address;
use crate::json_text::{Document, JsonError, Raw};

/// An origin, and whether it is installed from its source in place.
#[derive(Clone, Debug)]
pub struct DirectUrl {
    /// Where it came from.
    pub origin: Origin,
    /// Installed in place.
    pub editable: bool,
}

#[derive(Deserialize)]
struct Entry<'t> {
    #[serde(borrow)]
    url: Option<Raw<'t>>,
    vcs_info: Option<Raw<'t>>,
    archive_info: Option<Raw<'t>>,
    dir_info: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Vcs<'t> {
    #[serde(borrow)]
    vcs: Option<Raw<'t>>,
    commit_id: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Dir {
    #[serde(default)]
    editable: bool,
}

/// Reads a `direct_url.json`.
pub fn parse(text: &str) -> Result<DirectUrl, JsonError> {
    let document = Document::parse(text)?;
    let entry: Entry<'_> = document.object(document.root())?;
    let missing = |what| document.expected(document.root(), what);
    let url = document.optional(entry.url)?;
    let url = url.ok_or_else(|| missing("`url`"))?.value;
    let plain = |origin| DirectUrl {
        origin,
        editable: false,
    };
    match (entry.vcs_info, entry.archive_info, entry.dir_info) {
        (Some(vcs), None, None) => {
            let vcs: Vcs<'_> = document.object(vcs)?;
            let system = document.optional(vcs.vcs)?;
            let system = system.ok_or_else(|| missing("`vcs`"))?.value;
            let commit = document.optional(vcs.commit_id)?;
            let repository = format!("{system}+{url}");
            Ok(plain(Origin::Vcs {
                is_open: address::is_open(&repository),
                shown: redact(&repository),
                revision: commit.map(|commit| commit.value),
            }))
        }
        (None, Some(_), None) => {
            let kind = address::kind(&url);
            let origin = kind.and_then(|kind| address::origin(&url, &url, kind));
            let origin = origin.filter(|origin| !matches!(origin, Origin::Vcs { .. }));
            Ok(plain(origin.ok_or_else(|| missing("the URL of a file"))?))
        }
        (None, None, Some(dir)) => Ok(DirectUrl {
            editable: document.object::<Dir>(dir)?.editable,
            origin: Origin::Path(url),
        }),
        _ => Err(missing("one of `vcs_info`, `archive_info` and `dir_info`")),
    }
}

#[cfg(test)]
mod tests {
    use pinproof_core::manifest::Origin;

    use super::parse;

    #[test]
    fn reads_every_kind() {
        let commit = "0".repeat(40);
        let vcs = format!(
            "{{\"url\": \"https://me:secret@h.example/a.git\", \"vcs_info\": {{\"vcs\": \"git\", \
             \"requested_revision\": \"main\", \"commit_id\": \"{commit}\"}}}}"
        );
        let Origin::Vcs {
            shown, revision, ..
        } = parse(&vcs).unwrap().origin
        else {
            panic!("a repository");
        };
        assert_eq!(shown.as_str(), "git+https://h.example/a.git");
        assert_eq!(revision, Some(commit));
        let archive = r#"{"url": "http://h.example/a-1.whl", "archive_info": {}}"#;
        let origin = parse(archive).unwrap().origin;
        assert!(
            matches!(origin, Origin::Url { filename, plain_http: true, .. } if filename == "a-1.whl")
        );
        let dir = parse(r#"{"url": "file:///srv/a", "dir_info": {"editable": true}}"#).unwrap();
        assert!(dir.editable && matches!(dir.origin, Origin::Path(_)));
    }

    #[test]
    fn refuses_what_can_be_read_in_two_ways() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"url": 1, "dir_info": {}}"#,
            r#"{"url": "file:///a"}"#,
            r#"{"url": "file:///a", "dir_info": {}, "archive_info": {}}"#,
            r#"{"url": "file:///a", "url": "file:///b", "dir_info": {}}"#,
            r#"{"url": "https://h.example/a", "vcs_info": {}}"#,
            r#"{"url": "no url", "archive_info": {}}"#,
            r#"{"url": "file:///a", "dir_info": {"editable": "yes"}}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

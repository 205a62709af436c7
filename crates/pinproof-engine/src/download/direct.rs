//! Entries of a lock that name where they are themselves: an address, a file, a folder.

use pinproof_core::Printable;
use pinproof_policy::subject::RequirementSubject;
use url::Url;

use super::item::{Outcome, Reason};
use super::plan::refused;

/// Why an entry is left out.
const OWN_FOLDER: &str = "a folder of this machine: there is nothing to fetch";

/// What becomes of a path.
pub(super) fn of_path(path: &str, is_editable: bool) -> Outcome {
    let is_file = [".whl", ".tar.gz", ".zip"]
        .iter()
        .any(|end| path.ends_with(end));
    if is_editable || !is_file {
        return Outcome::LeftOut(OWN_FOLDER);
    }
    refused(
        Reason::new(
            "direct-url",
            "it is a file of this machine, which no index vouches for",
        )
        .helped("publish it on your own index, and take it from there"),
    )
}

/// The address in a lock; what is shown of it has no credentials and no query.
pub(super) fn address_as_written(
    subject: &RequirementSubject<'_>,
    shown: &Printable,
) -> Option<Url> {
    let written = subject.source.slice(subject.requirement.origin_span);
    let written = written.trim().trim_matches(['"', '\'']);
    let is_it = |url: &Url| {
        let is_web = matches!(url.scheme(), "https" | "http");
        is_web && pinproof_core::index::redact(url.as_str()) == *shown
    };
    let url = |text: &str| Url::parse(text).ok();
    let whole = url(written)
        .filter(is_it)
        .filter(|_| !written.contains("${"));
    whole
        .or_else(|| url(shown.as_str()).filter(|_| !shown.as_str().ends_with('…')))
        .filter(|url| matches!(url.scheme(), "https" | "http"))
}

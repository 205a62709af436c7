//! The canary: a project that no index has, whose one file is refused. A client that is told so goes through a gateway.
//!
//! The gateway answers for its name alone; no upstream is ever asked. What the answer says of the gateway and of
//! its policy tells whoever asked whose answer it was. A second name is absent, for certain: a client that asks
//! others after us shows them by asking them for it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pinproof_core::ProjectName;
use serde_json::json;

use super::answer::text;
use super::html::Html;
use super::negotiate::Form;
use super::refusal::Refusal;
use super::{Gateway, addresses};
use crate::store::words::Sha256;

/// The name of the canary.
pub const PROJECT: &str = "pinproof-canary";
/// The name of what the gateway says that there is none of.
pub const ABSENT: &str = "pinproof-canary-absent";
/// The one version of the canary.
pub const VERSION: &str = "1";
/// What the refusal begins with, and what comes before the digest of the policy.
pub const REFUSED: &str = "pinproof: protection is on: the canary is refused by policy ";
/// Digits of the digest of the policy in the refusal; the page has all of them.
pub const DIGITS: usize = 16;

const FILENAME: &str = "pinproof_canary-1-py3-none-any.whl";

/// The hash that the file is listed with. Nobody gets bytes, so these are of no wheel.
pub fn sha256() -> String {
    hash(FILENAME).to_string()
}

fn hash(of: &str) -> Sha256 {
    Sha256::of(of.as_bytes())
}

/// Which of the two names it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Canary {
    Refused,
    Absent,
}

impl Canary {
    /// Whether it is a name that no upstream is asked about.
    pub(super) fn named(project: &ProjectName) -> Option<Self> {
        match project.as_str() {
            PROJECT => Some(Self::Refused),
            ABSENT => Some(Self::Absent),
            _ => None,
        }
    }

    /// Whether a file would belong to such a name.
    pub(super) fn of_file(filename: &str) -> Option<Self> {
        let projects = addresses::projects_of(filename);
        projects.iter().find_map(Self::named)
    }

    /// Why its file is not handed out.
    pub(super) fn refusal(self, gateway: &Gateway) -> Refusal {
        match self {
            Self::Refused => Refusal::of_canary(
                sentence(gateway),
                addresses::why(&gateway.0.options.public, PROJECT),
            ),
            Self::Absent => Refusal::nothing(&format!("there is never a project `{ABSENT}`")),
        }
    }

    /// Its page, in the form that the client prefers.
    pub(super) fn page(self, gateway: &Gateway, headers: &HeaderMap) -> Response {
        if self == Self::Absent {
            return self.refusal(gateway).into_response();
        }
        let form = Form::wanted(text(headers, &header::ACCEPT));
        let body = match form {
            Form::Json => json_page(gateway),
            Form::Html | Form::TextHtml => html_page(gateway),
        };
        let mut answer = body.into_response();
        let set = answer.headers_mut();
        let fixed = [
            (header::CONTENT_TYPE, form.media_type()),
            (header::VARY, "Accept"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        for (name, value) in fixed {
            set.insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

fn sentence(gateway: &Gateway) -> String {
    let gate = gateway.gate();
    let digest = gate.policy_digest();
    let digest = digest.get(..DIGITS).unwrap_or(digest);
    let why = addresses::why(&gateway.0.options.public, PROJECT);
    format!("{REFUSED}{digest}; see {why}")
}

fn json_page(gateway: &Gateway) -> String {
    let metadata = json!({"sha256": hash(addresses::METADATA).to_string()});
    json!({
        "meta": {"api-version": "1.1"},
        "name": PROJECT,
        "versions": [VERSION],
        "files": [{
            "filename": FILENAME,
            "url": addresses::file(Some(hash(FILENAME)), FILENAME),
            "hashes": {"sha256": sha256()},
            "size": 1,
            "upload-time": "2020-01-01T00:00:00Z",
            "requires-python": null,
            "yanked": sentence(gateway),
            "core-metadata": metadata,
            "data-dist-info-metadata": metadata,
        }],
        "_pinproof": {
            "canary": true,
            "gateway": gateway.0.options.public,
            "policy": gateway.gate().policy_digest(),
        },
    })
    .to_string()
}

fn html_page(gateway: &Gateway) -> String {
    let address = format!(
        "{}#sha256={}",
        addresses::file(Some(hash(FILENAME)), FILENAME),
        sha256()
    );
    let metadata = format!("sha256={}", hash(addresses::METADATA));
    let mut html = Html::default();
    html.markup("<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"1.1\">\n<title>Links for ");
    html.text(PROJECT)
        .markup("</title>\n</head>\n<body>\n<a")
        .attribute("href", &address)
        .attribute("data-yanked", &sentence(gateway))
        .attribute("data-core-metadata", &metadata)
        .attribute("data-dist-info-metadata", &metadata)
        .markup(">")
        .text(FILENAME)
        .markup("</a><br>\n</body>\n</html>\n");
    html.into_string()
}

#[cfg(test)]
mod tests {
    use super::{Canary, FILENAME};

    #[test]
    fn every_file_of_the_two_names_is_theirs() {
        assert_eq!(Canary::of_file(FILENAME), Some(Canary::Refused));
        let other = "pinproof_canary-2-py3-none-any.whl";
        assert_eq!(Canary::of_file(other), Some(Canary::Refused));
        let absent = "pinproof_canary_absent-1.tar.gz";
        assert_eq!(Canary::of_file(absent), Some(Canary::Absent));
        assert_eq!(Canary::of_file("demo-1.tar.gz"), None);
    }
}

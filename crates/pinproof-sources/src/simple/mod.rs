//! Pages of the Simple API: bytes to facts, pure and total (PEP 503, 592, 691, 700, 714, 740, 792).

mod html;
mod json;
mod page;

use pinproof_core::{Printable, ProjectName};
use thiserror::Error;
use url::Url;

pub use page::Page;

/// What is asked for: JSON where there is a choice (PEP 691, content negotiation).
pub(crate) const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, \
     application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// Why an answer is no page of the project; `Display` is the end of "could not ask SOURCE: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PageError {
    /// The media type is none of those asked for.
    #[error("answered {0}, not the Simple API")]
    ContentType(Printable),
    /// HTML without links to distributions and without the mark of PEP 629.
    #[error("answered a web page, not the Simple API")]
    WebPage,
    /// JSON that is damaged, or whose top level has other types than PEP 691 says.
    #[error("answered JSON that is not a page of the Simple API: {0}")]
    Json(Printable),
    /// A major version that is not known here (PEP 629).
    #[error("answered version {0} of the Simple API; only version 1 is understood")]
    ApiVersion(Printable),
    /// The page of another project.
    #[error("answered for the project `{0}` instead")]
    OtherProject(Printable),
    /// There are entries, and none is a distribution of the project.
    #[error("none of the {0} entries of its page could be understood")]
    NothingUnderstood(usize),
    /// More entries than any project has.
    #[error("its page has more than {0} entries")]
    TooManyEntries(usize),
}

/// Reads a page that was fetched from `url` as an answer about `project`.
pub(crate) fn parse(
    content_type: Option<&str>,
    body: &[u8],
    url: &Url,
    project: &ProjectName,
) -> Result<Page, PageError> {
    match content_type.unwrap_or("no content type") {
        "application/vnd.pypi.simple.v1+json" => json::parse(body, url, project),
        "application/vnd.pypi.simple.v1+html" | "text/html" => html::parse(body, url, project),
        other => Err(PageError::ContentType(Printable::new(other).shortened(80))),
    }
}

/// Reads the text of a version of the API, such as `1.4`: whether it has project status (PEP 792).
fn has_project_status(api_version: &str) -> Result<bool, PageError> {
    let unknown = || PageError::ApiVersion(Printable::new(api_version).shortened(40));
    let (major, minor) = api_version.split_once('.').ok_or_else(unknown)?;
    if major.trim() != "1" {
        return Err(unknown());
    }
    let minor: u32 = minor.trim().parse().map_err(|_| unknown())?;
    Ok(minor >= 4)
}

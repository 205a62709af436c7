//! Software bills of materials: CycloneDX 1.2 and later, and SPDX 2, in JSON.
//!
//! A component is a Python release if its package URL says so (`pkg:pypi/…`); its name and its
//! description are free text, and decide nothing. Components of other ecosystems are counted. So are
//! those that no index has, such as a file or a device; a library without a package URL may be a Python
//! project, and is listed as not understood.
//!
//! The hashes of a component are those of the component as it was built, and are not read: they are
//! nothing that an index publishes. Those of a reference of type `distribution` are: they belong to
//! the file behind its address.

mod builder;
mod cyclonedx;
mod graph;
mod spdx;

use pinproof_core::{Manifest, Printable};
use serde::Deserialize;
use thiserror::Error;

pub use crate::json_text::JsonError;
use crate::json_text::{Document, Raw};

/// More components than this are refused: the largest real documents have a tenth of it.
const MAX_COMPONENTS: usize = 200_000;

/// Why a text is no bill of materials that is read here.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SbomError {
    /// It is no JSON, or a part of it that everything depends on is of another kind than it has to be.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// It is JSON, and something else.
    #[error("this JSON is neither a CycloneDX nor an SPDX document")]
    Unknown,
    /// A version whose documents mean something else.
    #[error("{format} {version} is not read")]
    Version {
        /// The format.
        format: &'static str,
        /// The version it gives.
        version: Printable,
    },
}

/// What tells the formats apart.
#[derive(Deserialize)]
struct Head<'t> {
    #[serde(borrow, rename = "bomFormat")]
    bom_format: Option<Raw<'t>>,
    #[serde(rename = "specVersion")]
    spec_version: Option<Raw<'t>>,
    #[serde(rename = "spdxVersion")]
    spdx_version: Option<Raw<'t>>,
    /// SPDX 3 is JSON-LD, whose context is its version.
    #[serde(rename = "@context")]
    context: Option<Raw<'t>>,
}

/// Reads a bill of materials.
pub fn parse(text: &str) -> Result<Manifest, SbomError> {
    let document = Document::parse(text)?;
    if !document.root().get().starts_with('{') {
        return Err(SbomError::Unknown);
    }
    let head: Head<'_> = document.object(document.root())?;
    if let Some(context) = head.context
        && context.get().contains("spdx.org/rdf/3")
    {
        return Err(SbomError::Version {
            format: "SPDX",
            version: Printable::new("3"),
        });
    }
    let format = document.optional(head.bom_format)?;
    let is_cyclonedx = format.is_some_and(|format| format.value == "CycloneDX");
    let mut manifest = match (is_cyclonedx, head.spdx_version) {
        (true, None) => {
            let version = document.optional(head.spec_version)?;
            let version =
                version.ok_or_else(|| document.expected(document.root(), "`specVersion`"))?;
            cyclonedx::read(document, &version.value)?
        }
        (false, Some(version)) => {
            let version = document.string(version)?;
            spdx::read(document, &version.value)?
        }
        _ => return Err(SbomError::Unknown),
    };
    let rest = crate::coverage::uncovered(&manifest, text);
    manifest.trivia.extend(rest);
    Ok(manifest)
}

/// The numbers of a version such as `1.6`.
fn numbers(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    Some((number(major)?, number(minor)?))
}

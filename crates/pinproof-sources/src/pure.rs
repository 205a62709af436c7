//! The pure readers behind the client: bytes in, facts or an error out. Fuzz targets call them.

use pinproof_core::ProjectName;
use url::Url;

use crate::Limits;
use crate::metadata::{self, CoreMetadata, CoreMetadataError, MetadataProblem, ZipError};
use crate::simple::{self, Page, PageError};

/// Reads a page of the Simple API (PEP 503, PEP 691) that was fetched from `url`.
pub fn page(
    content_type: &str,
    body: &[u8],
    url: &Url,
    project: &ProjectName,
) -> Result<Page, PageError> {
    simple::parse(Some(content_type), body, url, project)
}

/// Reads core metadata.
pub fn core_metadata(bytes: &[u8]) -> Result<CoreMetadata, CoreMetadataError> {
    metadata::core_metadata::parse(bytes)
}

/// Finds METADATA in the bytes of a wheel.
pub fn wheel_metadata(wheel: &[u8], limits: &Limits) -> Result<Vec<u8>, ZipError> {
    let wanted = metadata::zip_member::Wanted::in_wheel(limits.metadata_bytes);
    metadata::zip_member::read(wheel, &wanted)
}

/// Finds PKG-INFO in the bytes of a source distribution that is a compressed tar archive.
pub fn sdist_pkg_info(sdist: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, MetadataProblem> {
    metadata::sdist::pkg_info(sdist, limits)
}

//! An index that is a folder of this machine, in the layout of PEP 503: `NAME/index.html`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pinproof_core::{IndexUrl, Printable, ProjectName};
use thiserror::Error;
use url::Url;

use crate::http::FetchError;
use crate::simple::{self, Page, PageError};

/// Why a local folder gives no answer.
#[derive(Debug, Error)]
pub(crate) enum LocalError {
    #[error("the folder of the index cannot be read: {0}")]
    Io(Printable),
    #[error(transparent)]
    TooLarge(FetchError),
    #[error(transparent)]
    Page(#[from] PageError),
}

/// The folder of a `file:` index.
pub(crate) fn folder(index: &IndexUrl) -> Option<PathBuf> {
    let url = index.with_credentials();
    // A file address that is no path of this machine has no folder: asking it finds nothing.
    (url.scheme() == "file").then(|| url.to_file_path().unwrap_or_default())
}

/// The page of a project; `None` if the index is there and the project is not.
pub(crate) fn page(
    root: &Path,
    project: &ProjectName,
    limit: u64,
) -> Result<Option<Page>, LocalError> {
    fs::read_dir(root)?;
    let path = root.join(project.as_str()).join("index.html");
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut body = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut body)?;
    if body.len() as u64 > limit {
        return Err(LocalError::TooLarge(FetchError::TooLarge {
            what: "page",
            limit,
        }));
    }
    let url =
        Url::from_file_path(&path).map_err(|()| io::Error::from(io::ErrorKind::InvalidFilename))?;
    Ok(Some(simple::parse(
        Some("text/html"),
        &body,
        &url,
        project,
    )?))
}

impl From<io::Error> for LocalError {
    fn from(error: io::Error) -> Self {
        Self::Io(Printable::from(error.to_string()))
    }
}

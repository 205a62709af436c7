//! Which files of a repository may hold a release, by their names alone.

use std::path::Path;

use pinproof_sources::git::Select;

use crate::discover::{is_input_in, is_left_alone, unsupported_format};

/// The files that `check` finds, bills of materials, and locks that are only searched for names.
pub(super) struct Holders;

impl Select for Holders {
    fn enters(&self, folder: &str) -> bool {
        !is_left_alone(folder)
    }

    fn takes(&self, folder: &str, file: &str) -> bool {
        is_input_in(folder, file) || is_sbom(file) || unread_format(Path::new(file)).is_some()
    }
}

/// The name of a format that may hold releases and is not read, if `path` is of one.
pub(super) fn unread_format(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let is_document = ["bom.xml", ".cdx.xml", ".spdx"]
        .iter()
        .any(|end| name.ends_with(end));
    let document = is_document.then_some("a bill of materials that is not in JSON");
    unsupported_format(path).or(document)
}

/// Whether a file has a name that CycloneDX or SPDX recommend, or that says what it is.
///
/// `check` judges such a document only where it is named, for it may be about anything. In a search
/// that is no reason to leave it out: whoever reads the answer sees in which document the release was.
fn is_sbom(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".json") else {
        return false;
    };
    let is_marked = |mark: &str| stem == mark || stem.ends_with(&format!(".{mark}"));
    ["bom", "cdx", "spdx"].into_iter().any(is_marked)
        || stem.contains("sbom")
        || stem.contains("cyclonedx")
}

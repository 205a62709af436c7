//! The addresses that we give out: relative on pages, whole in reasons.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinproof_core::{ProjectName, filename};

use crate::store::words::Sha256;

/// What stands for itself in a part of a path, and looks the same in every client.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'+')
    .remove(b'!');

/// The end of the address of core metadata (PEP 658).
pub(super) const METADATA: &str = ".metadata";
/// The end of the address of provenance (PEP 740).
pub(super) const PROVENANCE: &str = ".provenance";

/// What stands in the place of a hash that nobody knows yet.
pub(super) const UNHASHED: &str = "unhashed";

/// The address of a file, relative to the page of its project.
pub(super) fn file(sha256: Option<Sha256>, filename: &str) -> String {
    let name = utf8_percent_encode(filename, PART);
    match sha256 {
        Some(sha256) => format!("../../files/{sha256}/{name}"),
        None => format!("../../files/{UNHASHED}/{name}"),
    }
}

/// The address of a file under its hash, relative to the one that it has without.
pub(super) fn beside(sha256: Sha256, filename: &str) -> String {
    format!("../{sha256}/{}", utf8_percent_encode(filename, PART))
}

/// The whole address of the provenance of a file: PEP 740 wants no relative one.
pub(super) fn provenance(public: &str, sha256: Sha256, filename: &str) -> String {
    let name = utf8_percent_encode(filename, PART);
    format!("{public}/files/{sha256}/{name}{PROVENANCE}")
}

/// The page that explains what was decided about a file or a project.
pub(super) fn why(public: &str, of: &str) -> String {
    format!("{public}/why/{}", utf8_percent_encode(of, PART))
}

/// The projects that a file of this name may belong to: one, but for names from before PEP 625.
pub(super) fn projects_of(filename: &str) -> Vec<ProjectName> {
    /// More dashes than these are in no name of a file.
    const MOST: usize = 30;
    let dashes = filename.match_indices('-').take(MOST);
    let mut projects: Vec<ProjectName> = dashes
        .filter_map(|(at, _)| filename[..at].parse::<ProjectName>().ok())
        .filter(|project| filename::parse(filename, project).is_some())
        .collect();
    projects.dedup();
    projects
}

#[cfg(test)]
mod tests {
    use super::projects_of;

    #[test]
    fn a_name_says_whose_it_is() {
        let of = |name: &str| -> Vec<String> {
            let projects = projects_of(name);
            projects.iter().map(ToString::to_string).collect()
        };
        assert_eq!(of("demo_x-1.0-py3-none-any.whl"), ["demo-x"]);
        assert_eq!(of("foo-bar-1.0.tar.gz"), ["foo-bar"]);
        assert_eq!(of("demo.whl"), Vec::<String>::new());
    }
}

//! What would build the releases that need a build: read, listed, and never run.

use pinproof_core::manifest::Scope;
use pinproof_core::{Answer, Printable, ProjectName, Version};
use pinproof_formats::pyproject;

use super::ask::Asker;
use super::judge::Judged;

/// What installers take to build a project that says nothing of it (PEP 518).
const DEFAULT: &str = "setuptools";

/// What builds a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// Its build requirements, as written; or why they are not known.
    pub requires: Result<Vec<Printable>, Printable>,
}

/// What builds a release of which only a source distribution can be installed.
pub(super) fn of(
    project: &ProjectName,
    version: &Version,
    (judged, asker): (&Judged, &Asker),
) -> Build {
    let source = judged.files.iter().find(|file| !file.is_wheel);
    let answer = match source {
        Some(file) => asker.pyproject(project, &file.facts),
        None => Answer::Absent,
    };
    Build {
        project: project.clone(),
        version: version.clone(),
        requires: match answer {
            Answer::Known(content) => read(&content),
            Answer::Absent => Ok(vec![Printable::new(DEFAULT)]),
            Answer::Unsupported(source) => Err(Printable::from(source.to_string())),
            Answer::Unavailable(reason) => Err(Printable::from(reason.to_string())),
        },
    }
}

/// The requirements of `[build-system]`.
fn read(content: &[u8]) -> Result<Vec<Printable>, Printable> {
    let unreadable =
        |why: String| Printable::from(format!("its pyproject.toml cannot be read: {why}"));
    let text = std::str::from_utf8(content).map_err(|error| unreadable(error.to_string()))?;
    let manifest = pyproject::parse(text).map_err(|error| unreadable(error.to_string()))?;
    let of_the_build = manifest
        .requirements
        .iter()
        .filter(|requirement| requirement.scope == Scope::Build);
    let requires: Vec<_> = of_the_build
        .map(|requirement| {
            let written = text.get(requirement.span.start..requirement.span.end);
            Printable::new(written.unwrap_or_default().trim_matches(['"', '\''])).shortened(120)
        })
        .collect();
    if requires.is_empty() {
        return Ok(vec![Printable::new(DEFAULT)]);
    }
    Ok(requires)
}

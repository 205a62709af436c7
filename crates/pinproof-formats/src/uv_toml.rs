//! `uv.toml`: the settings of uv for a project, a user or the system.

use pinproof_core::manifest::{InstallOption, InstallOptionKind};
use pinproof_core::{IndexConfig, Manifest};

use crate::pyproject;
pub use crate::toml_text::TomlError;

/// Reads the `uv.toml` of a project.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    pyproject::parse_uv_toml(text)
}

/// Reads a `uv.toml` of the user or the system: what it says about indexes.
pub fn parse_machine(text: &str) -> Result<IndexConfig, TomlError> {
    let manifest = parse(text)?;
    let mut options = manifest.options;
    // Constraints and overrides of a machine are no requirements of a project.
    options.extend(
        manifest
            .requirements
            .iter()
            .map(|requirement| InstallOption {
                kind: InstallOptionKind::Other(requirement.scope.to_string()),
                span: requirement.span,
            }),
    );
    Ok(IndexConfig {
        locations: manifest.locations,
        options,
        not_understood: manifest.not_understood,
    })
}

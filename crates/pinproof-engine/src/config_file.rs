//! Finds the configuration: the nearest `pinproof.toml`, or pyproject.toml with `[tool.pinproof]`.

use std::path::{Path, PathBuf};

use pinproof_core::{Printable, SourceFile};
use pinproof_policy::config::{self, Config, ConfigError, Table};
use thiserror::Error;

use crate::allow_list;
use crate::inputs::{hex_sha256, read_bytes, shown_path};
use crate::report::InputError;

/// A configuration and where it was found.
#[derive(Clone, Debug, Default)]
pub struct FoundConfig {
    /// What it says.
    pub config: Config,
    /// Its file.
    pub path: Option<PathBuf>,
    /// Its text, for findings that point into it.
    pub source: Option<SourceFile>,
    /// The locks of its allow-list, with what they include.
    pub locks: Vec<PathBuf>,
}

/// Why there is no configuration to run with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FindConfigError {
    /// The file cannot be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: Printable,
        /// Why.
        why: Printable,
    },
    /// The file has errors.
    #[error("{}: the configuration has {} errors", source_file.path, errors.len())]
    Invalid {
        /// The file with its text.
        source_file: Box<SourceFile>,
        /// The errors, in the order of their places.
        errors: Vec<ConfigError>,
    },
    /// A lock of the allow-list cannot be used.
    #[error("{}", shown_error(.0))]
    AllowList(Box<InputError>),
    /// Two files of one folder configure the same project.
    #[error("{pinproof} and [tool.pinproof] in {pyproject} both configure this project: keep one")]
    Ambiguous {
        /// The one.
        pinproof: Printable,
        /// The other.
        pyproject: Printable,
    },
    /// Inputs in different folders have different configurations.
    #[error(
        "the inputs have different configurations, {first} and {second}: name one with --config"
    )]
    Different {
        /// That of the first input.
        first: Printable,
        /// That of another.
        second: Printable,
    },
}

fn shown_error(error: &InputError) -> String {
    match error.line_column {
        Some((line, column)) => format!("{}:{line}:{column}: {}", error.path, error.message),
        None => format!("{}: {}", error.path, error.message),
    }
}

/// Reads the configuration at `path`, and the locks of its allow-list.
pub fn read(path: &Path, base: &Path) -> Result<Option<FoundConfig>, FindConfigError> {
    let found = read_alone(path, base)?;
    found.map(|found| with_allow_list(found, base)).transpose()
}

/// The configuration with what its allow-list has.
fn with_allow_list(mut found: FoundConfig, base: &Path) -> Result<FoundConfig, FindConfigError> {
    if let Some(list) = &mut found.config.policy.allow_list {
        let folder = found.path.as_deref().and_then(Path::parent);
        let folder = folder.unwrap_or(Path::new(""));
        let read = allow_list::read(list, folder, base);
        found.locks = read.map_err(|mut error| {
            let own = found.source.as_ref();
            let own = own.filter(|own| own.path == error.path && error.line_column.is_none());
            if let (Some(own), Some((_, span))) = (own, &error.place) {
                let at = own.locate(*span);
                error.line_column = Some((at.line, at.column));
            }
            FindConfigError::AllowList(error)
        })?;
    }
    Ok(found)
}

/// Reads the configuration at `path` and nothing else.
fn read_alone(path: &Path, base: &Path) -> Result<Option<FoundConfig>, FindConfigError> {
    let shown = shown_path(path, base);
    let unreadable = |why: String| FindConfigError::Unreadable {
        path: shown.clone(),
        why: Printable::from(why),
    };
    let bytes = read_bytes(path).map_err(unreadable)?;
    let sha256 = hex_sha256(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    let is_pyproject = path
        .file_name()
        .is_some_and(|name| name == "pyproject.toml");
    let table = if is_pyproject {
        Table::ToolPinproof
    } else {
        Table::Top
    };
    let parsed = config::parse(&text, table, &shown);
    let source = SourceFile::new(shown, sha256, text);
    match parsed {
        Ok(config) => Ok(config.map(|config| FoundConfig {
            config,
            path: Some(path.to_owned()),
            source: Some(source),
            locks: Vec::new(),
        })),
        Err(errors) => Err(FindConfigError::Invalid {
            source_file: Box::new(source),
            errors,
        }),
    }
}

/// Finds the configuration of inputs: from the folder of each upwards, the nearest wins.
pub fn find(inputs: &[PathBuf], base: &Path) -> Result<FoundConfig, FindConfigError> {
    let mut found: Option<FoundConfig> = None;
    for input in inputs {
        let next = find_from(&absolute(input, base), base)?;
        match &found {
            None => found = Some(next),
            Some(first) if first.path == next.path => {}
            Some(first) => {
                let shown = |path: &Option<PathBuf>| match path {
                    Some(path) => shown_path(path, base),
                    None => Printable::new("none"),
                };
                return Err(FindConfigError::Different {
                    first: shown(&first.path),
                    second: shown(&next.path),
                });
            }
        }
    }
    with_allow_list(found.unwrap_or_default(), base)
}

fn absolute(path: &Path, base: &Path) -> PathBuf {
    crate::inputs::normalize(&base.join(path))
}

fn find_from(input: &Path, base: &Path) -> Result<FoundConfig, FindConfigError> {
    let folder = if input.is_dir() {
        Some(input)
    } else {
        input.parent()
    };
    for folder in folder.into_iter().flat_map(Path::ancestors) {
        let pinproof = folder.join("pinproof.toml");
        let pyproject = folder.join("pyproject.toml");
        let has_pinproof = pinproof.is_file();
        // A pyproject.toml that is no TOML is reported as an input; it configures nothing.
        let in_pyproject = if pyproject.is_file() {
            match read_alone(&pyproject, base) {
                Ok(config) => config,
                Err(FindConfigError::Invalid { errors, .. })
                    if errors
                        .iter()
                        .any(|e| e.message.as_str().starts_with("not valid TOML")) =>
                {
                    None
                }
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        match (has_pinproof, in_pyproject) {
            (true, Some(_)) => {
                return Err(FindConfigError::Ambiguous {
                    pinproof: shown_path(&pinproof, base),
                    pyproject: shown_path(&pyproject, base),
                });
            }
            (true, None) => return Ok(read_alone(&pinproof, base)?.unwrap_or_default()),
            (false, Some(found)) => return Ok(found),
            (false, None) => {}
        }
    }
    Ok(FoundConfig::default())
}

//! Which format a file is in, and its text as a manifest.

use std::path::Path;

use pinproof_core::{Manifest, Printable, SourceFile, Span};
use pinproof_formats::conda_environment::YamlError;
use pinproof_formats::pipfile_lock::JsonError;
use pinproof_formats::pyproject::TomlError;
use pinproof_formats::sbom::{self, SbomError};
use pinproof_formats::{
    conda_environment, pdm_lock, pipfile, pipfile_lock, poetry_lock, pylock, pyproject,
    requirements_txt, script, uv_lock,
};

use crate::inputs::Format;
use crate::report::InputError;
use crate::settings::Settings;

/// The format of a file: by its name, and where that says nothing, by how it begins.
///
/// An installer reads whatever a requirements file includes as requirements, and so does this.
pub(crate) fn format_of(path: &Path, text: &str, is_included: bool) -> Format {
    let name = path.file_name().and_then(|name| name.to_str());
    if let Some(format) = name.and_then(format_of_name) {
        return format;
    }
    let has_extension = |wanted: &str| {
        let extension = path.extension();
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
    };
    let is_for_requirements = has_extension("txt") || has_extension("in");
    if is_included || is_for_requirements {
        return Format::Requirements;
    }
    if has_extension("py") {
        return Format::Script;
    }
    if has_extension("yml") || has_extension("yaml") {
        return Format::Conda;
    }
    // No requirement begins like a document in JSON or XML.
    let is_document = matches!(text.trim_start().chars().next(), Some('{' | '<'));
    if is_document || has_extension("json") {
        Format::Sbom
    } else {
        Format::Requirements
    }
}

/// The format of the files that have a name of their own.
pub(crate) fn format_of_name(name: &str) -> Option<Format> {
    Some(match name {
        "pyproject.toml" => Format::Pyproject,
        "uv.lock" => Format::UvLock,
        "poetry.lock" => Format::PoetryLock,
        "pdm.lock" => Format::PdmLock,
        "Pipfile" => Format::Pipfile,
        "Pipfile.lock" => Format::PipfileLock,
        _ if conda_environment::is_name(name) => Format::Conda,
        _ if pylock::is_name(name) => Format::Pylock,
        // uv locks a script beside it.
        _ if name.ends_with(".py.lock") => Format::UvLock,
        _ => return None,
    })
}

/// Why a text is not in its format.
#[derive(Debug)]
pub(crate) enum ParseError {
    Toml(TomlError),
    Json(JsonError),
    Sbom(SbomError),
    Yaml(YamlError),
}

/// Parses a text of that format; an environment is no text.
pub(crate) fn parse(
    format: Format,
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Manifest, ParseError> {
    match format {
        Format::Requirements | Format::Environment => {
            Ok(requirements_txt::parse(text, environment))
        }
        Format::Pyproject => pyproject::parse(text).map_err(ParseError::Toml),
        Format::Pylock => pylock::parse(text).map_err(ParseError::Toml),
        Format::UvLock => uv_lock::parse(text).map_err(ParseError::Toml),
        Format::PoetryLock => poetry_lock::parse(text).map_err(ParseError::Toml),
        Format::PdmLock => pdm_lock::parse(text).map_err(ParseError::Toml),
        Format::Script => script::parse(text).map_err(ParseError::Toml),
        Format::Pipfile => pipfile::parse(text).map_err(ParseError::Toml),
        Format::PipfileLock => pipfile_lock::parse(text).map_err(ParseError::Json),
        Format::Sbom => sbom::parse(text).map_err(ParseError::Sbom),
        Format::Conda => conda_environment::parse(text, environment).map_err(ParseError::Yaml),
    }
}

/// Parses a file of the project.
pub(crate) fn parse_file(
    format: Format,
    source: &SourceFile,
    settings: &Settings,
) -> Result<Manifest, Box<InputError>> {
    parse_text(format, source, &|name| settings.variable(name))
}

/// Parses a file with these variables.
pub(crate) fn parse_text(
    format: Format,
    source: &SourceFile,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Manifest, Box<InputError>> {
    parse(format, &source.text, environment).map_err(|error| {
        Box::new(match error {
            ParseError::Toml(error) => error_at(source, error.span, &error.to_string()),
            ParseError::Json(error) => error_at(source, error.span, error.message.as_str()),
            ParseError::Yaml(error) => error_at(source, error.span, error.message.as_str()),
            ParseError::Sbom(error) => sbom_error(source, &error),
        })
    })
}

/// What is read of its kind.
const READ: &str = "CycloneDX 1.2 and later and SPDX 2.2 and 2.3 are read, in JSON";

fn sbom_error(source: &SourceFile, error: &SbomError) -> InputError {
    let input_error = |message: String, help: &str| InputError {
        path: source.path.clone(),
        place: None,
        line_column: None,
        message: Printable::from(message),
        help: Some(Printable::new(help)),
    };
    match error {
        SbomError::Json(_) if source.text.trim_start().starts_with('<') => {
            input_error("this version does not read XML".to_owned(), READ)
        }
        SbomError::Json(error) => error_at(source, error.span, error.message.as_str()),
        _ => input_error(error.to_string(), READ),
    }
}

fn error_at(source: &SourceFile, span: Span, message: &str) -> InputError {
    let at = source.locate(span);
    InputError {
        path: source.path.clone(),
        place: Some((Printable::default(), span)),
        line_column: Some((at.line, at.column)),
        message: Printable::new(message),
        help: None,
    }
}

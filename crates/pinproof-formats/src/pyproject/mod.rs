//! `pyproject.toml`: requirements, indexes and bindings of a project, with the place of each.
//!
//! Read are `[project]` (PEP 621), `[dependency-groups]` (PEP 735), `[build-system]` (PEP 518) and
//! uv's `[tool.uv]`, Poetry's `[tool.poetry]` and PDM's sources. Below those, every key that says what is installed or from where is a
//! requirement, a location, a binding, an option or an entry of `not_understood`; other tables are
//! trivia.

mod build_system;
mod collector;
mod dynamic;
mod groups;
mod ignores;
mod pdm;
mod poetry;
mod poetry_requirement;
mod poetry_source;
mod project;
mod requirement;
mod trivia;
mod uv;
mod uv_index;
mod uv_keys;
mod uv_sources;

use pinproof_core::Manifest;

use crate::toml_text::Document;
pub use crate::toml_text::TomlError;
pub(crate) use collector::Collector;
pub(crate) use requirement::read as read_requirement;
pub(crate) use uv::read as read_uv;

/// Reads a `pyproject.toml`; an error is a text that is no TOML.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    project::read(&document.root, &mut out);
    groups::read(&document.root, &mut out);
    build_system::read(&document.root, &mut out);
    poetry::read(&document.root, &mut out);
    pdm::read(&document.root, &mut out);
    // Last, because its sources change where the requirements above come from.
    uv::read(&document.root, &mut out);
    Ok(finish(&document, out))
}

/// Reads a `uv.toml`, whose top level is what `[tool.uv]` is in a `pyproject.toml`.
pub(crate) fn parse_uv_toml(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    uv::read_settings(&document.root, &mut out);
    Ok(finish(&document, out))
}

pub(crate) fn finish(document: &Document<'_>, out: Collector<'_>) -> Manifest {
    let Collector {
        source,
        mut manifest,
        ..
    } = out;
    // Tables may stand in any order; a manifest is in the order of the file.
    manifest.requirements.sort_by_key(|item| item.span.start);
    manifest.includes.sort_by_key(|item| item.span.start);
    manifest
        .locations
        .sort_by_key(|item| item.span.map(|span| span.start));
    manifest.options.sort_by_key(|item| item.span.start);
    manifest.bindings.sort_by_key(|item| item.span.start);
    manifest.not_understood.sort_by_key(|item| item.span.start);
    ignores::read(source, &document.comments, &mut manifest);
    trivia::fill(source, &mut manifest);
    manifest
}

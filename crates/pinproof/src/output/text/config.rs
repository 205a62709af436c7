//! Errors of a configuration file, at their lines.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use pinproof_core::SourceFile;
use pinproof_engine::config::ConfigError;

use super::excerpts::excerpt;

/// The errors, each with its line and what to do.
pub(crate) fn config_errors(file: &SourceFile, errors: &[ConfigError]) -> String {
    let renderer = Renderer::styled();
    let blocks = errors.iter().map(|error| {
        let excerpt = excerpt(file, &[error.span]);
        let snippet = Snippet::source(excerpt.text.as_ref())
            .line_start(excerpt.first_line)
            .path(file.path.as_str())
            .annotation(AnnotationKind::Primary.span(excerpt.ranges[0].clone()));
        let mut group = Level::ERROR
            .primary_title(error.message.as_str())
            .element(snippet);
        if !error.help.as_str().is_empty() {
            group = group.element(Level::HELP.message(error.help.as_str()));
        }
        renderer.render(&[group]) + "\n"
    });
    let blocks: Vec<_> = blocks.collect();
    blocks.join("\n")
}

//! The text of a TOML file that nothing recorded covers: other tables, punctuation, comments.

use pinproof_core::{Manifest, Span};

use crate::coverage;

/// The places of everything a manifest records, in no particular order.
pub(super) fn recorded(manifest: &Manifest) -> Vec<Span> {
    let mut spans = Vec::new();
    spans.extend(manifest.requirements.iter().map(|item| item.span));
    // A source of uv stands elsewhere than the requirement whose origin it is.
    spans.extend(manifest.requirements.iter().map(|item| item.origin_span));
    spans.extend(manifest.includes.iter().map(|item| item.span));
    spans.extend(manifest.locations.iter().filter_map(|item| item.span));
    spans.extend(manifest.options.iter().map(|item| item.span));
    spans.extend(manifest.bindings.iter().map(|item| item.span));
    spans.extend(manifest.parts.iter().map(|item| item.span));
    let included = manifest.parts.iter().flat_map(|part| &part.includes);
    spans.extend(included.map(|item| item.span));
    spans.extend(manifest.ignores.iter().map(|item| item.span));
    spans.extend(manifest.not_understood.iter().map(|item| item.span));
    spans
}

/// Records all other text as trivia, so that every byte of the file is accounted for.
pub(super) fn fill(source: &str, manifest: &mut Manifest) {
    manifest.trivia = coverage::uncovered(manifest, source);
}

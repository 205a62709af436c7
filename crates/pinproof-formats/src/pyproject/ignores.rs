//! Inline ignores in TOML: `# pinproof: ignore[rule] reason` beside a value or on a line before it.

use pinproof_core::manifest::InlineIgnore;
use pinproof_core::{Manifest, Span};

use super::trivia;
use crate::ignore_comment;

/// Reads the comments that speak to pinproof, and finds what each speaks of.
pub(super) fn read(source: &str, comments: &[Span], manifest: &mut Manifest) {
    let mut items = trivia::recorded(manifest);
    items.sort_by_key(|span| (span.end, span.start));
    for comment in comments {
        let text = source.get(comment.start..comment.end).unwrap_or("");
        if let Some((rules, reason)) = ignore_comment::parse(text) {
            manifest.ignores.push(InlineIgnore {
                rules,
                reason,
                span: *comment,
                applies_to: subject(source, *comment, &items),
            });
        }
    }
}

/// Everything recorded on the comment's line before it, or the next thing after it.
fn subject(source: &str, comment: Span, items: &[Span]) -> Span {
    let before = source.get(..comment.start).unwrap_or("");
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let first = items.partition_point(|item| item.end <= line);
    let here = items.get(first..).unwrap_or(&[]).iter();
    let here = here
        .take_while(|item| item.end <= comment.start)
        .copied()
        .reduce(Span::cover);
    here.unwrap_or_else(|| {
        let next = items.partition_point(|item| item.end <= comment.end);
        items.get(next).copied().unwrap_or(comment)
    })
}

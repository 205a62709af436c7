//! What comments say: who made the file, who needs a requirement, what pinproof shall ignore.

use pinproof_core::Span;
use pinproof_core::manifest::{InlineIgnore, LockTool, Manifest, Via};

use super::header::Head;
use super::noted_path;
use super::via::ViaReader;
use crate::ignore_comment;

/// Reads the comments of a file in their order.
#[derive(Debug, Default)]
pub(super) struct Comments {
    head: Head,
    via: ViaReader,
    /// The first of the ignores that wait for the next requirement or option.
    waiting: Option<usize>,
}

impl Comments {
    /// A comment on a line of its own.
    pub(super) fn own_line(&mut self, text: &str, span: Span, manifest: &mut Manifest) {
        let comment = first_line(text, span);
        self.head.comment(comment);
        self.note(comment, manifest);
        let next = manifest.ignores.len();
        if push_ignore(comment, span, span, manifest) {
            self.waiting.get_or_insert(next);
        }
    }

    /// A blank line.
    pub(super) fn blank(&mut self) {
        self.via.close();
    }

    /// Something that is no comment, at `place`, and the comment at its end.
    ///
    /// `is_requirement` tells whether the last requirement of the manifest stands there.
    pub(super) fn content(&mut self, place: Span, is_requirement: bool, manifest: &mut Manifest) {
        if let Some(header) = self.head.end() {
            manifest.header = Some(header);
        }
        if let Some(first) = self.waiting.take() {
            for ignore in manifest.ignores.iter_mut().skip(first) {
                ignore.applies_to = place;
            }
        }
        if is_requirement {
            self.via.open();
        } else {
            self.via.close();
        }
    }

    /// The comment at the end of what stands at `place`.
    pub(super) fn trailing(
        &mut self,
        text: &str,
        span: Span,
        place: Span,
        manifest: &mut Manifest,
    ) {
        let comment = first_line(text, span);
        self.note(comment, manifest);
        push_ignore(comment, span, place, manifest);
    }

    /// The end of the file.
    pub(super) fn end(&mut self, manifest: &mut Manifest) {
        if let Some(header) = self.head.end() {
            manifest.header = Some(header);
        }
    }

    fn note(&mut self, comment: &str, manifest: &mut Manifest) {
        let mut via = self.via.comment(comment);
        let header = manifest.header.as_ref();
        if header.is_some_and(|header| header.tool == Some(LockTool::Pinproof)) {
            for via in &mut via {
                if let Via::Input(path) = via {
                    *path = noted_path::read(path);
                }
            }
        }
        if let Some(requirement) = manifest.requirements.last_mut() {
            requirement.via.extend(via);
        }
    }
}

fn push_ignore(comment: &str, span: Span, applies_to: Span, manifest: &mut Manifest) -> bool {
    let Some((rules, reason)) = ignore_comment::parse(comment) else {
        return false;
    };
    manifest.ignores.push(InlineIgnore {
        rules,
        reason,
        span,
        applies_to,
    });
    true
}

/// The comment without the lines that a backslash adds to it.
fn first_line(text: &str, span: Span) -> &str {
    let comment = text.get(span.start..span.end).unwrap_or("");
    super::lines::first_line(comment)
}

//! A file of the project, decoded, with what identifies it in a report.

use crate::span::{LineColumn, LineIndex};
use crate::{Printable, Span};

/// One file that is judged: its name for reports, the digest of its bytes, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path relative to the project, with `/`, as reports and fingerprints show it.
    pub path: Printable,
    /// The sha256 of the bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The text; spans are byte offsets into it.
    pub text: String,
    lines: LineIndex,
}

impl SourceFile {
    /// A file from its shown path, the digest of its bytes and its decoded text.
    pub fn new(path: impl Into<Printable>, sha256: String, text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self {
            path: path.into(),
            sha256,
            text,
            lines,
        }
    }

    /// The text of a span; empty if the span is not within the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The line and column where a span starts.
    pub fn locate(&self, span: Span) -> LineColumn {
        self.lines.locate(&self.text, span.start)
    }

    /// The line and column just after a span.
    pub fn locate_end(&self, span: Span) -> LineColumn {
        self.lines.locate(&self.text, span.end)
    }
}

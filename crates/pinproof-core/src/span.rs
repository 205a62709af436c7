//! Places in a text: byte ranges, and the lines and columns people read.

use serde::Serialize;

/// A range of bytes in the decoded text of a [`SourceFile`](crate::SourceFile); `end` is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` up to `end`; an end before the start makes an empty span.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Whether `other` lies within this span.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A line and a column, both counted from 1; columns count characters, as editors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Finds the line of a byte offset.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes the line starts of `text`; lines end at `\n`, `\r\n` or a lone `\r`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        let mut at = 0;
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        while let Some(length) = bytes[at..].iter().position(is_end) {
            at += length + 1;
            // The second byte of `\r\n` ends the line, which is one.
            if bytes[at - 1] == b'\n' || bytes.get(at) != Some(&b'\n') {
                starts.push(at);
            }
        }
        Self { starts }
    }

    /// The line and column of byte `offset` in the `text` this index was made from.
    pub fn locate(&self, text: &str, offset: usize) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        let before = text.get(start..offset.min(text.len())).unwrap_or("");
        LineColumn {
            line: line.max(1),
            column: before.chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineColumn, LineIndex, Span};

    #[test]
    fn locates_over_every_line_end() {
        let text = "a\r\nbü\rc\nd";
        let index = LineIndex::new(text);
        let at = |needle: char| index.locate(text, text.find(needle).unwrap_or_default());
        assert_eq!(at('a'), LineColumn { line: 1, column: 1 });
        assert_eq!(at('ü'), LineColumn { line: 2, column: 2 });
        assert_eq!(at('c'), LineColumn { line: 3, column: 1 });
        assert_eq!(at('d'), LineColumn { line: 4, column: 1 });
    }

    #[test]
    fn an_offset_past_the_end_is_on_the_last_line() {
        let text = "a\nb";
        let place = LineIndex::new(text).locate(text, 99);
        assert_eq!(place, LineColumn { line: 2, column: 2 });
    }

    #[test]
    fn spans_cover_and_contain() {
        let whole = Span::new(2, 5).cover(Span::new(7, 9));
        assert_eq!(whole, Span::new(2, 9));
        assert!(whole.contains(Span::new(3, 4)));
        assert!(Span::new(4, 1).is_empty());
    }
}

//! Text joined from pieces of a file, which knows where each of its bytes comes from.

use std::borrow::Cow;
use std::ops::Range;

use pinproof_core::Span;

use super::lines::is_space;

/// Text that stands in the file with gaps: line ends, backslashes.
#[derive(Clone, Debug)]
pub(super) struct Joined<'a> {
    text: Cow<'a, str>,
    pieces: Vec<Piece>,
    /// The part of `text` that counts.
    window: Range<usize>,
}

/// Where a run of the text comes from; it goes on up to the next piece.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: usize,
    source: usize,
}

impl<'a> Joined<'a> {
    /// No text yet.
    pub(super) fn new() -> Self {
        Self {
            text: Cow::Borrowed(""),
            pieces: Vec::new(),
            window: 0..0,
        }
    }

    /// Appends `text`, which stands at `source` in the file.
    pub(super) fn push(&mut self, source: usize, text: &'a str) {
        if text.is_empty() {
            return;
        }
        self.pieces.push(Piece {
            at: self.text.len(),
            source,
        });
        if self.text.is_empty() {
            self.text = Cow::Borrowed(text);
        } else {
            self.text.to_mut().push_str(text);
        }
        self.window = 0..self.text.len();
    }

    /// Appends a space that the file does not have, before what stands at `source`.
    pub(super) fn push_space(&mut self, source: usize) {
        self.push(source, " ");
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        self.text.get(self.window.clone()).unwrap_or("")
    }

    /// Whether there is no text.
    pub(super) fn is_empty(&self) -> bool {
        self.window.is_empty()
    }

    /// Drops the text from `at` on.
    pub(super) fn truncate(&mut self, at: usize) {
        self.window.end = self.window.end.min(self.window.start + at);
    }

    /// Drops white space at both ends, as Python's `str.strip` does.
    pub(super) fn trim(&mut self) {
        let kept = self.text().trim_end_matches(is_space).len();
        self.truncate(kept);
        let lost = self.text().len() - self.text().trim_start_matches(is_space).len();
        self.window.start += lost;
    }

    /// Where byte `at` of the text stands in the file.
    pub(super) fn source_start(&self, at: usize) -> usize {
        self.source_of(self.window.start + at)
    }

    /// Where the byte before `at` ends in the file.
    pub(super) fn source_end(&self, at: usize) -> usize {
        match (self.window.start + at).checked_sub(1) {
            Some(last) if at > 0 => self.source_of(last) + 1,
            _ => self.source_start(at),
        }
    }

    /// The place of a range of the text, with the gaps in it.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source_start(range.start), self.source_end(range.end))
    }

    /// The place of the whole text.
    pub(super) fn whole(&self) -> Span {
        self.span(0..self.text().len())
    }

    fn source_of(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        match after
            .checked_sub(1)
            .and_then(|index| self.pieces.get(index))
        {
            Some(piece) => piece.source + (at - piece.at),
            None => 0,
        }
    }
}

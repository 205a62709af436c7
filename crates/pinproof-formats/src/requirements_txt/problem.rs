//! What is wrong with a part of a line, before its place in the file is known.

use std::ops::Range;

use pinproof_core::manifest::NotUnderstood;
use pinproof_core::{Printable, Span};

/// A reason, a remedy, and the part of the text in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) why: Printable,
    pub(super) help: Option<Printable>,
    /// In the text that was read; an empty range speaks of the whole.
    pub(super) range: Range<usize>,
}

impl Problem {
    /// `why` is a sentence without a full stop.
    pub(super) fn new(why: impl Into<Printable>, range: Range<usize>) -> Self {
        Self {
            why: why.into(),
            help: None,
            range,
        }
    }

    /// Adds what to do about it.
    pub(super) fn help(mut self, help: impl Into<Printable>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The entry for the manifest.
    pub(super) fn at(self, span: Span) -> NotUnderstood {
        NotUnderstood {
            span,
            why: self.why,
            help: self.help,
        }
    }
}

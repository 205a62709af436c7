//! What is wrong with a part of a line, before its place in the file is known.

use pinproof_core::manifest::NotUnderstood;
use pinproof_core::{Printable, Span};

/// A reason and a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) why: Printable,
    pub(super) help: Option<Printable>,
}

impl Problem {
    /// `why` is a sentence without a full stop.
    pub(super) fn new(why: impl Into<Printable>) -> Self {
        Self {
            why: why.into(),
            help: None,
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

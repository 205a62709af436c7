//! What was found out: an answer is never an empty list by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Printable;

/// The answer of a source to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// The source answered, and this is it.
    Known(T),
    /// The source answered: there is none.
    Absent,
    /// This source never publishes that.
    Unsupported(Source),
    /// The source was asked, and gave no answer that counts.
    Unavailable(Unavailable),
}

/// A source as reports name it, such as the name of an index; never an address with credentials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Source(pub Printable);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Unavailable {
    /// Who was asked.
    pub source: Source,
    /// What went wrong, as the end of the sentence "could not ask SOURCE: …".
    pub why: Printable,
}

/// The ways in which a question stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Openness {
    /// See [`Answer::Absent`]; open only where a rule needs a value that the source should have.
    Absent,
    /// See [`Answer::Unsupported`].
    Unsupported,
    /// See [`Answer::Unavailable`].
    Unavailable,
}

impl<T> Answer<T> {
    /// The same answer, by reference.
    pub fn as_ref(&self) -> Answer<&T> {
        match self {
            Self::Known(value) => Answer::Known(value),
            Self::Absent => Answer::Absent,
            Self::Unsupported(source) => Answer::Unsupported(source.clone()),
            Self::Unavailable(reason) => Answer::Unavailable(reason.clone()),
        }
    }

    /// The answer about `f` of the value; what is not known stays as it is.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Answer<U>) -> Answer<U> {
        match self {
            Self::Known(value) => f(value),
            Self::Absent => Answer::Absent,
            Self::Unsupported(source) => Answer::Unsupported(source),
            Self::Unavailable(reason) => Answer::Unavailable(reason),
        }
    }

    /// The value, where it is known. What a missing value means is for the caller to say.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

impl Source {
    /// A source of that name.
    pub fn new(name: &str) -> Self {
        Self(Printable::new(name))
    }
}

impl Unavailable {
    /// No answer from `source`, because `why`.
    pub fn new(source: &Source, why: impl Into<Printable>) -> Self {
        Self {
            source: source.clone(),
            why: why.into(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.why)
    }
}

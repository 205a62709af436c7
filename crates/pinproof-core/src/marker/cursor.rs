//! A place in the text of a requirement or marker, and the steps both parsers take from it.

use super::MarkerError;
use crate::Span;

/// Reads a text from left to right; offsets are bytes.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// The white space of PEP 508: spaces and tabs, no line ends.
    pub(crate) fn skip_space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t'));
    }

    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let is_here = self.rest().starts_with(token);
        if is_here {
            self.at += token.len();
        }
        is_here
    }

    /// Eats `word` where it stands alone, as `or` does in `)or(` and not in `order`.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let before = self.text.get(..self.at).unwrap_or("");
        let stands_alone = !before.ends_with(is_word)
            && self
                .rest()
                .strip_prefix(word)
                .is_some_and(|after| !after.starts_with(is_word));
        stands_alone && self.eat(word)
    }

    pub(crate) fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let (taken, _) = rest.split_at(rest.find(|c| !accepts(c)).unwrap_or(rest.len()));
        self.at += taken.len();
        taken
    }

    /// What was read since `start`.
    pub(crate) fn text_from(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    /// From `start` to here.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    /// From `start` to here, without white space at the end.
    pub(crate) fn trimmed_span_from(&self, start: usize) -> Span {
        Span::new(start, start + self.text_from(start).trim_end().len())
    }

    /// An error at the next character.
    pub(crate) fn expected(&self, what: &str) -> MarkerError {
        let end = self.at + self.peek().map_or(0, char::len_utf8);
        MarkerError {
            span: Span::new(self.at, end),
            message: format!("expected {what}"),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

//! The content of a line, taken apart into arguments and options.

use std::ops::Range;

use pinproof_core::Span;
use pinproof_core::manifest::Manifest;

use super::joined::Joined;
use super::options::{self, Given, Name, Options, Trouble};
use super::problem::Problem;
use super::shlex;
use super::trouble;
use super::variables::Environment;

/// A line taken apart; ranges are in the text of its content.
pub(super) struct Statement<'l> {
    pub(super) content: &'l Joined<'l>,
    pub(super) env: &'l Environment<'l>,
    /// What stands before the options.
    pub(super) arguments: &'l str,
    pub(super) options: Options,
}

impl<'l> Statement<'l> {
    /// Takes the content of a line apart.
    pub(super) fn read(content: &'l Joined<'l>, env: &'l Environment<'l>) -> Self {
        let text = content.text();
        let start = options_start(text);
        let (options, arguments) = match start {
            Some(start) => (
                read_options(text, start),
                text.get(..start.saturating_sub(1)).unwrap_or(""),
            ),
            None => (Options::default(), text),
        };
        Self {
            content,
            env,
            arguments,
            options,
        }
    }

    /// Whether pip takes it for a requirement, whatever else stands on the line.
    pub(super) fn is_requirement(&self) -> bool {
        !self.arguments.is_empty()
            || self
                .options
                .given
                .iter()
                .any(|given| given.name == Name::Editable)
    }

    /// Enters what pip cannot use into the manifest.
    pub(super) fn note_troubles(&self, manifest: &mut Manifest) {
        for (trouble, range) in &self.options.troubles {
            let written = self.content.text().get(range.clone()).unwrap_or("");
            let problem = trouble::explain(*trouble, written);
            manifest
                .not_understood
                .push(problem.at(self.span(range.clone())));
        }
    }

    /// Enters an option that pip drops into the manifest.
    pub(super) fn note_unheeded(&self, given: &Given, manifest: &mut Manifest) {
        let option = given.name.long();
        let why = if self.is_requirement() {
            format!("pip does not heed `{option}` on the line of a requirement")
        } else {
            format!("pip does not heed this `{option}`")
        };
        let problem = Problem::new(why).help("put it on a line of its own");
        manifest
            .not_understood
            .push(problem.at(self.span(given.range.clone())));
    }

    /// The place in the file of a range of the line.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.content.span(range)
    }
}

/// Where the first word starts that begins with a dash; words are parted by spaces, not by tabs.
fn options_start(text: &str) -> Option<usize> {
    if text.starts_with('-') {
        return Some(0);
    }
    text.find(" -").map(|at| at + 1)
}

fn read_options(text: &str, start: usize) -> Options {
    let part = text.get(start..).unwrap_or("");
    let mut read = match shlex::split(part) {
        Ok(words) => options::read(&words),
        Err(unfinished) => Options {
            given: Vec::new(),
            troubles: vec![(Trouble::Unfinished(unfinished), 0..part.len())],
        },
    };
    for given in &mut read.given {
        given.range = moved(&given.range, start);
        given.value_range = moved(&given.value_range, start);
    }
    for (_, range) in &mut read.troubles {
        *range = moved(range, start);
    }
    read
}

fn moved(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

//! Fills a manifest line by line.

use std::ops::Range;

use pinproof_core::manifest::Manifest;
use pinproof_core::{Printable, Span};

use super::comments::Comments;
use super::joined::Joined;
use super::lines::LogicalLine;
use super::options::{self, Options, Trouble};
use super::problem::Problem;
use super::variables::{self, Environment};
use super::{option_line, requirement_line, shlex};

/// Longer lines are nobody's: 4 MiB hold fifty thousand hashes.
const MAX_LINE: usize = 4 * 1024 * 1024;

/// The manifest so far.
pub(super) struct Reader<'a> {
    text: &'a str,
    env: &'a Environment<'a>,
    manifest: Manifest,
    comments: Comments,
}

/// A line taken apart; ranges are in the text of its content.
pub(super) struct Statement<'l> {
    pub(super) content: &'l Joined<'l>,
    pub(super) env: &'l Environment<'l>,
    /// What stands before the options.
    pub(super) arguments: &'l str,
    pub(super) options: Options,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, env: &'a Environment<'a>) -> Self {
        Self {
            text,
            env,
            manifest: Manifest::default(),
            comments: Comments::default(),
        }
    }

    /// The whole of what has been read.
    pub(super) fn finish(mut self) -> Manifest {
        self.comments.end(&mut self.manifest);
        self.manifest
    }

    /// Reads one line.
    pub(super) fn line(&mut self, line: &LogicalLine<'_>) {
        if line.content.is_empty() {
            self.trivia(line.raw);
            match line.comment {
                Some(comment) => self
                    .comments
                    .own_line(self.text, comment, &mut self.manifest),
                None => self.comments.blank(),
            }
        } else {
            let place = line.content.whole();
            self.trivia(Span::new(line.raw.start, place.start));
            let before = self.manifest.requirements.len();
            self.content(&line.content);
            self.trivia(Span::new(place.end, line.raw.end));
            let is_requirement = self.manifest.requirements.len() > before;
            self.comments
                .content(place, is_requirement, &mut self.manifest);
            if let Some(comment) = line.comment {
                self.comments
                    .trailing(self.text, comment, place, &mut self.manifest);
            }
        }
        if let Some(swallowed) = line.swallowed {
            let problem = Problem::new(
                "a backslash ends the comment above, so pip reads this line as part of it",
                0..0,
            )
            .help("take the backslash away, or move the comment to a line of its own");
            self.manifest.not_understood.push(problem.at(swallowed));
        }
    }

    fn content(&mut self, content: &Joined<'_>) {
        if content.text().len() > MAX_LINE {
            let problem = Problem::new("a line of more than 4 MiB is not read", 0..0);
            return self
                .manifest
                .not_understood
                .push(problem.at(content.whole()));
        }
        if let Some(variable) = variables::unsafe_variable(content.text(), self.env) {
            let why = format!(
                "the value of `${{{}}}` is more than a part of an address",
                variable.name
            );
            let problem = Problem::new(Printable::from(why), 0..0)
                .help("a value may not hold white space, quotes, `;`, `#`, `$` or backslashes, nor start an option");
            self.manifest
                .not_understood
                .push(problem.at(content.whole()));
            return;
        }
        let statement = Statement::read(content, self.env);
        let first = self.manifest.not_understood.len();
        if statement.is_requirement() {
            requirement_line::read(&statement, &mut self.manifest);
        } else {
            let spans = option_line::read(&statement, &mut self.manifest);
            let noted = self.manifest.not_understood.iter().skip(first);
            let noted: Vec<Span> = noted.map(|entry| entry.span).chain(spans).collect();
            self.fill(content.whole(), noted);
        }
    }

    /// What lies between the entries of a line is white space and backslashes.
    fn fill(&mut self, whole: Span, mut entries: Vec<Span>) {
        entries.sort_unstable();
        let mut at = whole.start;
        for entry in entries {
            self.trivia(Span::new(at, entry.start));
            at = at.max(entry.end);
        }
        self.trivia(Span::new(at, whole.end));
    }

    fn trivia(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        match self.manifest.trivia.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => self.manifest.trivia.push(span),
        }
    }
}

impl<'l> Statement<'l> {
    fn read(content: &'l Joined<'l>, env: &'l Environment<'l>) -> Self {
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
                .any(|given| given.name == options::Name::Editable)
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

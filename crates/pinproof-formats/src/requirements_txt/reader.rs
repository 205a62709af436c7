//! Fills a manifest line by line.

use pinproof_core::manifest::Manifest;
use pinproof_core::{Printable, Span};

use super::comments::Comments;
use super::joined::Joined;
use super::lines::{LogicalLine, is_space};
use super::problem::Problem;
use super::statement::Statement;
use super::variables::{self, Environment};
use super::{option_line, requirement_line};

/// Longer lines are nobody's: 4 MiB hold fifty thousand hashes.
const MAX_LINE: usize = 4 * 1024 * 1024;

/// The manifest so far.
pub(super) struct Reader<'a> {
    text: &'a str,
    env: &'a Environment<'a>,
    manifest: Manifest,
    comments: Comments,
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
            )
            .help("take the backslash away, or move the comment to a line of its own");
            self.manifest.not_understood.push(problem.at(swallowed));
        }
    }

    fn content(&mut self, content: &Joined<'_>) {
        if content.text().len() > MAX_LINE {
            let problem = Problem::new("a line of more than 4 MiB is not read");
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
            let problem = Problem::new(Printable::from(why))
                .help("a value may not hold white space, quotes, `;`, `#`, `$` or backslashes, nor start an option");
            self.manifest
                .not_understood
                .push(problem.at(content.whole()));
            return;
        }
        let statement = Statement::read(content, self.env);
        let first = self.manifest.not_understood.len();
        statement.note_troubles(&mut self.manifest);
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
    ///
    /// Anything else stays uncovered, for [`crate::coverage`] to find.
    fn fill(&mut self, whole: Span, mut entries: Vec<Span>) {
        entries.sort_unstable();
        entries.push(Span::new(whole.end, whole.end));
        let mut at = whole.start;
        for entry in entries {
            let gap = Span::new(at, entry.start);
            let text = self.text.get(gap.start..gap.end).unwrap_or("");
            if text.chars().all(|c| is_space(c) || c == '\\') {
                self.trivia(gap);
            }
            at = at.max(entry.end);
        }
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

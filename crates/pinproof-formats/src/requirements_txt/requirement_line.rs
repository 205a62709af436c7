//! A line with a requirement: its parts, its hashes, and the options that pip heeds there.

use std::ops::Range;

use pinproof_core::Span;
use pinproof_core::manifest::{Manifest, Origin, Requirement, Scope, WrittenHash};

use super::hashes;
use super::option_line;
use super::options::{Given, Name};
use super::problem::Problem;
use super::requirement::{self, Parts};
use super::statement::Statement;

/// Reads the line into the manifest.
pub(super) fn read(statement: &Statement<'_>, manifest: &mut Manifest) {
    let mut given = statement.options.given.iter();
    let editable = given.find(|given| given.name == Name::Editable);
    let arguments = statement.arguments;
    let (parts, line) = match editable {
        Some(given) if arguments.is_empty() => {
            let parts = requirement::read_editable(&given.value, statement.env);
            (parts, Line::of_value(statement, given))
        }
        // Whatever stands before `--editable` takes the place of its value.
        Some(_) => {
            let parts = requirement::read_editable(arguments.trim_end(), statement.env);
            (parts, Line::of_arguments(statement))
        }
        None => {
            let parts = requirement::read(arguments, statement.env);
            (parts, Line::of_arguments(statement))
        }
    };
    match parts {
        Ok(parts) => {
            let requirement = line.requirement(parts, editable.is_some(), manifest);
            manifest.requirements.push(requirement);
        }
        // The hashes and options on the line are as little understood as what they belong to.
        Err(problem) => manifest
            .not_understood
            .push(problem.at(statement.content.whole())),
    }
    line.options(editable, manifest);
}

/// A line, and where the requirement stands in it.
struct Line<'s, 'l> {
    statement: &'s Statement<'l>,
    /// The requirement.
    text_range: Range<usize>,
    /// What to add to a place in the requirement to get one in the line; nothing does within quotes.
    offset: Option<usize>,
}

impl<'s, 'l> Line<'s, 'l> {
    fn of_arguments(statement: &'s Statement<'l>) -> Self {
        Self {
            statement,
            text_range: 0..statement.arguments.len(),
            offset: Some(0),
        }
    }

    fn of_value(statement: &'s Statement<'l>, given: &Given) -> Self {
        let is_plain = given.value.len() == given.value_range.len();
        Self {
            statement,
            text_range: given.value_range.clone(),
            offset: is_plain.then_some(given.value_range.start),
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        match self.offset {
            Some(offset) => self
                .statement
                .span(range.start + offset..range.end + offset),
            None => self.statement.span(self.text_range.clone()),
        }
    }

    fn requirement(&self, parts: Parts, editable: bool, manifest: &mut Manifest) -> Requirement {
        let origin_span = self.span(parts.origin_range.clone());
        let mut hashes = Vec::new();
        if !matches!(parts.origin, Origin::Index(_)) && self.offset.is_some() {
            hashes.extend(self.url_hash(&parts, manifest));
        }
        for given in self
            .statement
            .options
            .given
            .iter()
            .filter(|given| given.name == Name::Hash)
        {
            let span = self.statement.span(given.value_range.clone());
            match hashes::read(&given.value) {
                Ok(hash) if !editable => hashes.push(WrittenHash { hash, span }),
                Ok(_) => manifest.not_understood.push(
                    Problem::new("pip drops the hash of an editable requirement")
                        .help("what is editable cannot be held to a hash: install it on its own")
                        .at(span),
                ),
                Err(problem) => manifest.not_understood.push(problem.at(span)),
            }
        }
        Requirement {
            name: parts.name,
            extras: parts.extras,
            origin: parts.origin,
            version: None,
            index: None,
            needs: None,
            marker: parts.marker,
            hashes,
            editable,
            scope: Scope::Main,
            via: Vec::new(),
            span: self.statement.content.whole(),
            name_span: self.span(parts.name_range),
            origin_span,
        }
    }

    /// The hash in the URL's fragment; pip holds the file to it as to a `--hash`.
    fn url_hash(&self, parts: &Parts, manifest: &mut Manifest) -> Option<WrittenHash> {
        let text = self.statement.content.text();
        let start = self.offset? + parts.origin_range.start;
        let url = text.get(start..start + parts.origin_range.len())?;
        let (range, hash) = hashes::in_url(url)?;
        let span = self.statement.span(start + range.start..start + range.end);
        match hash {
            Ok(hash) => Some(WrittenHash { hash, span }),
            Err(problem) => {
                manifest.not_understood.push(problem.at(span));
                None
            }
        }
    }

    /// pip heeds hashes and build settings here, and the format options, which act on the whole file.
    fn options(&self, editable: Option<&Given>, manifest: &mut Manifest) {
        let is_first_editable = |given: &Given| {
            editable.is_some_and(|first| first == given) && self.statement.arguments.is_empty()
        };
        for given in &self.statement.options.given {
            match given.name {
                Name::Hash => {}
                Name::Editable if is_first_editable(given) => {}
                name if name == Name::ConfigSettings || name.acts_everywhere() => {
                    option_line::set(self.statement, given, manifest);
                }
                _ => self.statement.note_unheeded(given, manifest),
            }
        }
    }
}

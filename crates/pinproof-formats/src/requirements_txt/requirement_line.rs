//! A line with a requirement: its parts, its hashes, and the options that pip heeds there.

use std::ops::Range;

use pinproof_core::manifest::{Manifest, Origin, Requirement, Scope, WrittenHash};

use super::hashes;
use super::option_line;
use super::options::{Given, Name};
use super::problem::Problem;
use super::reader::Statement;
use super::requirement::{self, Parts};
use super::trouble;

/// Reads the line into the manifest.
pub(super) fn read(statement: &Statement<'_>, manifest: &mut Manifest) {
    for (trouble, range) in &statement.options.troubles {
        let written = statement.content.text().get(range.clone()).unwrap_or("");
        let problem = trouble::explain(*trouble, written);
        manifest
            .not_understood
            .push(problem.at(statement.span(range.clone())));
    }
    let editable = statement
        .options
        .given
        .iter()
        .find(|given| given.name == Name::Editable);
    let (parts, text_range, place) = match editable {
        // Whatever stands before `--editable` takes the place of its value.
        Some(given) if statement.arguments.is_empty() => (
            requirement::read_editable(&given.value, statement.env),
            given.value_range.clone(),
            place_of_value(given),
        ),
        Some(_) => {
            let range = 0..statement.arguments.len();
            (
                requirement::read_editable(statement.arguments.trim(), statement.env),
                range,
                Some(0),
            )
        }
        None => {
            let range = 0..statement.arguments.len();
            (
                requirement::read(statement.arguments, statement.env),
                range,
                Some(0),
            )
        }
    };
    let whole = statement.content.whole();
    let line = Line {
        statement,
        text_range,
        offset: place,
    };
    match parts {
        Ok(parts) => {
            let requirement = line.requirement(parts, editable.is_some(), manifest);
            manifest.requirements.push(requirement);
        }
        Err(problem) => {
            // The hashes and options on the line are as little understood as what they belong to.
            let span = if problem.range.is_empty() {
                whole
            } else {
                line.span(problem.range.clone())
            };
            manifest.not_understood.push(problem.at(span.cover(whole)));
        }
    }
    line.options(editable, manifest);
}

/// The offset of a value within the line; `None` where quotes make its places differ.
fn place_of_value(given: &Given) -> Option<usize> {
    (given.value.len() == given.value_range.len()).then_some(given.value_range.start)
}

struct Line<'s, 'l> {
    statement: &'s Statement<'l>,
    /// Where the requirement stands in the line.
    text_range: Range<usize>,
    /// What to add to a place in the requirement to get one in the line.
    offset: Option<usize>,
}

impl Line<'_, '_> {
    fn span(&self, range: Range<usize>) -> pinproof_core::Span {
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
                    Problem::new("pip drops the hash of an editable requirement", 0..0)
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
                name => {
                    let why = format!(
                        "pip does not heed `{}` on the line of a requirement",
                        name.long()
                    );
                    let problem = Problem::new(why, 0..0).help("put it on a line of its own");
                    manifest
                        .not_understood
                        .push(problem.at(self.statement.span(given.range.clone())));
                }
            }
        }
    }
}

//! Lines of a file with the places that a block is about, and the labels that fit beside them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use pinproof_core::{Place, Printable, SourceFile, Span};
use pinproof_engine::Report;

use crate::output::mask::mask;
use crate::output::wording;

/// A longer line is not shown: nobody reads it, and it may be there to hide something.
const MAX_LINE: usize = 400;

/// The text that a block shows of one file.
pub(super) enum Shown<'a> {
    Source {
        excerpt: Excerpt<'a>,
        path: &'a Printable,
        labels: Vec<Option<&'a Printable>>,
    },
    Origin(String),
}

impl Shown<'_> {
    /// Takes the labels that do not fit beside their places: they become notes.
    pub(super) fn take_long_labels(&mut self, width: usize) -> Vec<Printable> {
        let Self::Source {
            excerpt, labels, ..
        } = self
        else {
            return Vec::new();
        };
        let beside = width.saturating_sub(excerpt.gutter());
        let mut places_of_line: BTreeMap<usize, usize> = BTreeMap::new();
        for range in &excerpt.ranges {
            *places_of_line
                .entry(excerpt.line_start(range.start))
                .or_default() += 1;
        }
        let places = excerpt.ranges.iter().zip(labels);
        let long = places.filter_map(|(range, label)| {
            let start = excerpt.line_start(range.start);
            // One label stands behind its place, several stand below where theirs begin.
            let before = match places_of_line.get(&start) {
                Some(1) => excerpt.columns(excerpt.line_start(range.end)..range.end) + 1,
                _ => excerpt.columns(start..range.start),
            };
            let needed = before + wording::columns(label.as_ref()?.as_str());
            label.take_if(|_| needed > beside).cloned()
        });
        long.collect()
    }
}

/// The places of a block: one excerpt for each file, or its name where there is no text to show.
pub(super) fn excerpts<'a>(places: &[&'a Place], report: &'a Report) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = Vec::new();
    let mut origins: Vec<&Printable> = places.iter().map(|place| &place.origin).collect();
    origins.dedup();
    for origin in origins {
        let here: Vec<&Place> = places
            .iter()
            .copied()
            .filter(|place| place.origin == *origin)
            .collect();
        let spans: Vec<Span> = here.iter().filter_map(|place| place.span).collect();
        match report.source(origin) {
            Some(file) if spans.len() == here.len() && is_readable(file, &spans) => {
                shown.push(Shown::Source {
                    excerpt: excerpt(file, &spans),
                    path: &file.path,
                    labels: here.iter().map(|place| shown_label(place)).collect(),
                });
            }
            Some(file) if !spans.is_empty() => {
                let at = file.locate(spans[0]);
                shown.push(Shown::Origin(format!("{origin}:{}:{}", at.line, at.column)));
            }
            _ => shown.push(Shown::Origin(origin.to_string())),
        }
    }
    shown
}

fn shown_label(place: &Place) -> Option<&Printable> {
    Some(&place.label).filter(|label| !label.as_str().is_empty())
}

fn is_readable(file: &SourceFile, spans: &[Span]) -> bool {
    let mut lines = spans.iter().flat_map(|span| {
        let range = line_range(&file.text, *span);
        file.text[range].lines()
    });
    lines.all(|line| line.len() <= MAX_LINE)
}

/// The lines of a file that hold some places.
pub(crate) struct Excerpt<'a> {
    /// The lines, whole, as they may be shown.
    pub(crate) text: Cow<'a, str>,
    /// The number of the first.
    pub(crate) first_line: usize,
    /// The places, within the text.
    pub(crate) ranges: Vec<Range<usize>>,
}

impl Excerpt<'_> {
    /// Columns before the text: the widest number of a line, and what parts them.
    fn gutter(&self) -> usize {
        let last = self.first_line + self.text.lines().count();
        last.to_string().len() + 3
    }

    /// Where the line begins that holds byte `at`.
    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        before.rfind('\n').map_or(0, |end| end + 1)
    }

    fn columns(&self, range: Range<usize>) -> usize {
        wording::columns(self.text.get(range).unwrap_or(""))
    }
}

/// Cuts the lines from the first place to the last out of a file.
pub(crate) fn excerpt<'a>(file: &'a SourceFile, spans: &[Span]) -> Excerpt<'a> {
    let whole = spans
        .iter()
        .copied()
        .reduce(Span::cover)
        .unwrap_or_default();
    let lines = line_range(&file.text, whole);
    let first_line = file.locate(Span::new(lines.start, lines.start)).line;
    let ranges = spans
        .iter()
        .map(|span| {
            let start = span.start.clamp(lines.start, lines.end) - lines.start;
            let end = span.end.clamp(lines.start, lines.end) - lines.start;
            start..end.max(start)
        })
        .collect();
    Excerpt {
        text: mask(&file.text[lines]),
        first_line,
        ranges,
    }
}

/// The bytes of the whole lines that a span touches.
fn line_range(text: &str, span: Span) -> Range<usize> {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let before = text.get(..start).unwrap_or("");
    let after = text.get(end..).unwrap_or("");
    let first = before.rfind('\n').map_or(0, |at| at + 1);
    let last = after.find('\n').map_or(text.len(), |at| end + at);
    first..last
}

//! Where findings are, for formats that attach them to files of the project.

use pinproof_core::span::LineColumn;
use pinproof_core::{Place, Printable};
use pinproof_engine::Report;

/// Where a place is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spot<'a> {
    /// In a file of the project, as a whole or from here up to there.
    InProject {
        /// The file's path, relative, with `/`.
        path: &'a str,
        /// The start, and the character just after the end.
        range: Option<(LineColumn, LineColumn)>,
    },
    /// In a file outside of the project, or in no file at all: a variable, an option of the call.
    Elsewhere(&'a Printable),
}

/// Where a place of a report is.
pub(crate) fn spot<'a>(report: &Report, place: &'a Place) -> Spot<'a> {
    if !is_in_project(report, &place.origin) {
        return Spot::Elsewhere(&place.origin);
    }
    let file = report.source(&place.origin);
    let range = file
        .zip(place.span)
        .map(|(file, span)| (file.locate(span), file.locate_end(span)));
    Spot::InProject {
        path: place.origin.as_str(),
        range,
    }
}

/// The file that stands for the whole project where a format wants one: the first that was judged.
pub(crate) fn anchor(report: &Report) -> Option<&str> {
    let paths = report.files.iter().map(|file| &file.source.path);
    let mut in_project = paths.filter(|path| is_in_project(report, path));
    in_project.next().map(Printable::as_str)
}

/// Paths of the project are relative and stay inside; variables and options are no paths.
pub(crate) fn is_in_project(report: &Report, origin: &Printable) -> bool {
    let text = origin.as_str();
    let is_outside = text.starts_with(['/', '\\']) || text.starts_with("..") || is_drive(text);
    let is_variable = text
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_setting = is_variable || text.starts_with("--");
    !is_outside && (!is_setting || report.source(origin).is_some())
}

fn is_drive(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

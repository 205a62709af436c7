//! The parts of a line that are in the notation of PEP 508.

use std::ops::Range;
use std::str::FromStr;

use pinproof_core::manifest::Origin;
use pinproof_core::requirement::{Pep508, RequirementError};
use pinproof_core::{ExtraName, Marker, Printable, Span};

use super::problem::Problem;
use super::requirement::Parts;

/// A requirement with a name; with a URL, the origin is still to be told from it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) parts: Parts,
    pub(super) url: Option<Range<usize>>,
}

/// Reads a requirement, with or without a marker.
pub(super) fn read(text: &str) -> Result<Named, Problem> {
    let read = Pep508::from_str(text).map_err(|error| explain(text, &error))?;
    let name_range = range(read.name_span);
    Ok(Named {
        url: read.url_span.map(range),
        parts: Parts {
            name: Some(read.name),
            extras: read.extras,
            origin: Origin::Index(read.specifiers),
            marker: read.marker,
            origin_range: read
                .specifier_span
                .map_or_else(|| name_range.clone(), range),
            name_range,
        },
    })
}

/// Reads a marker that pip has cut off before it reads the rest.
pub(super) fn marker(text: &str) -> Result<Marker, Problem> {
    Marker::from_str(text).map_err(|error| Problem::new(error.message))
}

/// Reads `[extra, …]`.
pub(super) fn extras(text: &str) -> Result<Vec<ExtraName>, Problem> {
    // pip, too, asks with a name that is only there for its brackets.
    let read = Pep508::from_str(&format!("x{text}"));
    read.map(|read| read.extras)
        .map_err(|error| Problem::new(error.message))
}

fn explain(text: &str, error: &RequirementError) -> Problem {
    let problem = Problem::new(match place(text, error.span.start) {
        Some(place) => format!("{} at `{place}`", error.message),
        None => error.message.clone(),
    });
    let has_comparison = ["==", "~=", "!=", "<", ">"]
        .iter()
        .any(|operator| text.contains(operator));
    if text.contains('=') && !has_comparison {
        return problem.help("`=` compares nothing: write `==`");
    }
    if text.contains("--") {
        return problem.help("put a space before `--`: pip looks for options after spaces only");
    }
    problem
}

/// What stands at the place of an error, unless that is all, or may be a part of an address.
fn place(text: &str, at: usize) -> Option<Printable> {
    let rest = text.get(at..)?.trim();
    let is_telling = at > 0 && !rest.is_empty() && !text.contains('@');
    is_telling.then(|| Printable::new(rest).shortened(24))
}

fn range(span: Span) -> Range<usize> {
    span.start..span.end
}

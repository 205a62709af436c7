//! The requirement on a line: a name with specifiers, a URL, a repository, a file or a folder.
//!
//! pip decides by looks and by what the file system holds. Here it is by looks alone: what could only
//! be a path is one, whether it exists or not.

use std::ops::Range;

use pinproof_core::manifest::Origin;
use pinproof_core::{ExtraName, Marker, ProjectName};

use super::direct;
use super::lines::is_space;
use super::pep508;
use super::problem::Problem;
use super::variables::{self, Environment};
use crate::MAX_TEXT;
use crate::address::{self, Kind};

/// What the text of a requirement says; places are in that text.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) name: Option<ProjectName>,
    pub(super) extras: Vec<ExtraName>,
    pub(super) origin: Origin,
    pub(super) marker: Option<Marker>,
    pub(super) name_range: Range<usize>,
    pub(super) origin_range: Range<usize>,
}

/// Reads what stands before the options of a line.
pub(super) fn read(text: &str, env: &Environment<'_>) -> Result<Parts, Problem> {
    check_length(text)?;
    let expanded = variables::expand(text, env);
    let kind = address::kind(&expanded);
    // A `;` may be part of a URL, so there a marker needs white space; elsewhere it does not.
    let separator = if kind.is_some() { "; " } else { ";" };
    let (address, marker) = match text.split_once(separator) {
        Some((address, marker)) => (address, marker.trim_matches(is_space)),
        None => (text, ""),
    };
    let marker = read_marker(marker, env)?;
    let range = trimmed(address);
    let address = text.get(range.clone()).unwrap_or("");
    let read = match kind {
        Some(kind) => direct::url(address, kind, env)?,
        None if is_path(&variables::expand(address, env)) => direct::path(address)?,
        None => named(address, env)?,
    };
    Ok(read.moved_by(range.start).with_marker(marker))
}

/// Reads the value of `--editable`.
pub(super) fn read_editable(text: &str, env: &Environment<'_>) -> Result<Parts, Problem> {
    check_length(text)?;
    let expanded = variables::expand(text, env);
    if let Some(kind) = address::kind(&expanded) {
        return editable_url(text, kind, env);
    }
    // `git:…` is read as `git+git:…`.
    if is_bare_vcs(&expanded) {
        return direct::bare_vcs(text);
    }
    match named(text, env) {
        Ok(parts) if matches!(parts.origin, Origin::Vcs { .. } | Origin::Path(_)) => Ok(parts),
        Ok(parts) if matches!(parts.origin, Origin::Url { .. }) => Err(not_editable()),
        _ if looks_like_folder(text) => direct::path(text),
        _ => Err(not_editable()),
    }
}

fn editable_url(text: &str, kind: Kind, env: &Environment<'_>) -> Result<Parts, Problem> {
    match kind {
        Kind::Web => Err(not_editable()),
        Kind::File => {
            let (base, extras) = direct::split_extras(text)?;
            direct::url(base, kind, env).map(|parts| Parts { extras, ..parts })
        }
        Kind::Vcs => {
            let parts = direct::url(text, kind, env)?;
            if parts.name.is_some() {
                return Ok(parts);
            }
            Err(Problem::new("an editable repository needs a name")
                .help("write `-e \"NAME @ git+https://…\"`, or end the address in `#egg=NAME`"))
        }
    }
}

impl Parts {
    fn moved_by(mut self, start: usize) -> Self {
        for range in [&mut self.name_range, &mut self.origin_range] {
            *range = range.start + start..range.end + start;
        }
        self
    }

    fn with_marker(mut self, marker: Option<Marker>) -> Self {
        self.marker = marker.or(self.marker);
        self
    }
}

fn check_length(text: &str) -> Result<(), Problem> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    Err(Problem::new(
        "a requirement of more than 64 KiB is not read",
    ))
}

fn not_editable() -> Problem {
    Problem::new("only a folder or a repository can be editable")
        .help("write `-e ./folder` or `-e \"NAME @ git+https://…\"`")
}

fn read_marker(text: &str, env: &Environment<'_>) -> Result<Option<Marker>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    if variables::has_set_variable(text, env) {
        return Err(variable_problem("the marker"));
    }
    pep508::marker(text).map(Some)
}

/// A name with specifiers, or a name with an address.
fn named(text: &str, env: &Environment<'_>) -> Result<Parts, Problem> {
    // Digits in the place of variables: they may stand in an address, whatever their value is.
    let masked = variables::masked(text);
    match pep508::read(&masked) {
        Ok(pep508::Named {
            parts,
            url: Some(url),
        }) => {
            let has_variable = |range: Range<usize>| {
                text.get(range)
                    .is_some_and(|part| variables::has_set_variable(part, env))
            };
            if has_variable(0..url.start) || has_variable(url.end..text.len()) {
                return Err(variable_problem("the name"));
            }
            let address = text.get(url.clone()).unwrap_or("");
            direct::named(parts, address, url, env)
        }
        // Most lines have no variable, and are read once.
        Ok(named) if masked == text => Ok(named.parts),
        _ if variables::has_set_variable(text, env) => Err(variable_problem("the requirement")),
        // Unset variables stay as they are, and no name or version has a brace.
        _ => pep508::read(text).map(|named| named.parts),
    }
}

fn variable_problem(of: &str) -> Problem {
    Problem::new(format!("an environment variable decides over {of}"))
        .help("write it out: variables belong in addresses and paths only")
}

fn is_path(text: &str) -> bool {
    let base = direct::without_extras(text);
    let is_pathlike = address::looks_like_path(text);
    if !address::is_archive(base) && !is_pathlike {
        return false;
    }
    // `name @ address` may end like an archive and has slashes, too.
    let is_named_address = text
        .split_once('@')
        .is_some_and(|(before, _)| !address::looks_like_path(before));
    !is_named_address
}

fn is_bare_vcs(text: &str) -> bool {
    let scheme = address::scheme(text);
    scheme.is_some_and(|scheme| matches!(scheme.as_str(), "git" | "hg" | "bzr" | "svn"))
}

/// A folder may have nearly every name; `-e requests==2.0` still means no folder.
fn looks_like_folder(text: &str) -> bool {
    !text.is_empty()
        && (address::looks_like_path(text) || !text.contains(['=', '<', '>', '~', '!', ';']))
}

fn trimmed(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start_matches(is_space).len();
    start..start + text.trim_matches(is_space).len()
}

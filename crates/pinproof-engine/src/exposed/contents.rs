//! What the bytes of one file say about one release.

use std::path::{Component, Path};

use pinproof_core::manifest::{Include, Origin};
use pinproof_core::specifier::Prereleases;
use pinproof_core::{Manifest, Printable, ProjectName, filename};
use pinproof_formats::{coverage, decode};

use super::Asked;
use crate::discover::{is_input_in, unsupported_format};
use crate::inputs::normalize;
use crate::parse::{format_of, parse};

/// What a file says about the release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Says {
    /// About the project, if anything.
    pub(super) pin: Pin,
    /// Why that may not be all.
    pub(super) gap: Option<Printable>,
}

/// How a file holds the project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pin {
    /// Not at all.
    #[default]
    None,
    /// To other versions.
    Other,
    /// To nothing that the release is not a part of.
    Accepts,
    /// To the release.
    Exactly,
}

/// Reads one version of a file.
pub(super) fn of(asked: &Asked, path: &Path, bytes: &[u8]) -> Says {
    let Ok(decoded) = decode::decode(bytes) else {
        return gap("it is not readable as text");
    };
    let text = &decoded.text;
    let name = asked.project.as_str();
    if let Some(format) = unsupported_format(path) {
        if mentions(text, name) {
            return gap(&format!(
                "this version does not read {format}, and it names the project"
            ));
        }
        return Says::default();
    }
    let Ok(manifest) = parse(format_of(path, text, false), text, &|_| None) else {
        return gap("it is not valid TOML");
    };
    let requirements = manifest.requirements.iter();
    let pin = requirements.map(|requirement| {
        let is_it = requirement.name.as_ref() == Some(&asked.project);
        match &requirement.origin {
            Origin::Index(_) if is_it => match requirement.pin() {
                Some(pin) if asked.is(pin) => Pin::Exactly,
                Some(_) => Pin::Other,
                None => accepts(asked, requirement.specifiers()),
            },
            Origin::Url { filename, .. } | Origin::Path(filename) => {
                of_file(asked, filename, is_it)
            }
            // A commit has the version that its files say, and they are not here.
            Origin::Vcs { .. } if is_it => Pin::Accepts,
            Origin::Index(_) | Origin::Vcs { .. } => Pin::None,
        }
    });
    Says {
        pin: pin.max().unwrap_or_default(),
        gap: unread(&manifest, text, path, &asked.project),
    }
}

fn accepts(asked: &Asked, specifiers: Option<&pinproof_core::Specifiers>) -> Pin {
    let contains = specifiers.is_some_and(|all| all.contains(&asked.version, Prereleases::Allow));
    if contains { Pin::Accepts } else { Pin::Other }
}

fn of_file(asked: &Asked, path: &str, is_it: bool) -> Pin {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match filename::parse(name, &asked.project) {
        Some(file) if asked.is(&file.version) => Pin::Exactly,
        Some(_) => Pin::Other,
        None if is_it => Pin::Accepts,
        None => Pin::None,
    }
}

/// What of a file is not understood and may be about the project.
fn unread(
    manifest: &Manifest,
    text: &str,
    path: &Path,
    project: &ProjectName,
) -> Option<Printable> {
    if let Some(include) = manifest
        .includes
        .iter()
        .find(|include| !is_looked_at(path, include))
    {
        let target = pinproof_core::index::redact(&include.target).shortened(100);
        let why = format!("it includes {target}, which is not looked at");
        return Some(Printable::from(why));
    }
    let unclear = manifest.not_understood.iter().map(|unclear| unclear.span);
    let lost = coverage::uncovered(manifest, text);
    let mut spans = unclear.chain(lost);
    let may_name_it = spans.any(|span| {
        let text = text.get(span.start..span.end).unwrap_or("");
        text.contains("${") || mentions(text, project.as_str())
    });
    may_name_it.then(|| Printable::new("a line that names the project is not understood"))
}

/// Whether an included file is one of those that are looked at anyway.
fn is_looked_at(path: &Path, include: &Include) -> bool {
    if include.target.contains("://") || include.target.contains("${") {
        return false;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let target = normalize(&folder.join(&include.target));
    let is_inside = target
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let name = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    is_inside && is_input_in(&name(target.parent()), &name(Some(&target)))
}

/// Whether a text has the name of a project, in any of its spellings.
fn mentions(text: &str, name: &str) -> bool {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '-' | '_' | '.' if folded.ends_with('-') => {}
            '-' | '_' | '.' => folded.push('-'),
            _ => folded.push(letter.to_ascii_lowercase()),
        }
    }
    folded.contains(name)
}

fn gap(why: &str) -> Says {
    Says {
        pin: Pin::None,
        gap: Some(Printable::new(why)),
    }
}

//! What the bytes of one file say about the projects that are asked about.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use pinproof_core::manifest::{Include, Origin, Requirement};
use pinproof_core::{Manifest, Printable, ProjectName, Version, filename};
use pinproof_formats::{coverage, decode};

use super::Asked;
use super::holders::unread_format;
use crate::discover::is_input_in;
use crate::inputs::{Format, normalize};
use crate::parse::{ParseError, format_of, parse};

/// What a file says about the projects that are asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Says {
    /// How it holds each of them; those that it does not name are left out.
    pub(super) held: BTreeMap<ProjectName, Held>,
    /// Why that may not be all.
    pub(super) gap: Option<Printable>,
}

/// How a file holds a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Altogether.
    pub(super) pin: Pin,
    /// The versions that it pins, and whether each is one that is looked for.
    pub(super) versions: BTreeMap<Version, bool>,
}

/// How a file holds a project, the more telling the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pin {
    /// Not at all.
    #[default]
    None,
    /// To other versions.
    Other,
    /// To nothing that a release which is looked for is not a part of.
    Accepts,
    /// To a release that is looked for.
    Exactly,
}

impl Says {
    /// The releases that are looked for.
    pub(super) fn hits(&self) -> impl Iterator<Item = (&ProjectName, &Version)> {
        self.held.iter().flat_map(|(project, held)| {
            let hits = held.versions.iter().filter(|(_, is_hit)| **is_hit);
            hits.map(move |(version, _)| (project, version))
        })
    }

    /// Whether it has that release, and it is looked for.
    pub(super) fn has(&self, project: &ProjectName, version: &Version) -> bool {
        let held = self.held.get(project);
        held.is_some_and(|held| held.versions.get(version) == Some(&true))
    }

    fn pin(&mut self, asked: &Asked, project: &ProjectName, version: &Version) {
        let is_hit = asked.hit(project, version).is_some();
        let held = self.held.entry(project.clone()).or_default();
        held.pin = held.pin.max(if is_hit { Pin::Exactly } else { Pin::Other });
        held.versions.insert(version.clone(), is_hit);
    }

    fn hold(&mut self, project: &ProjectName, is_accepted: bool) {
        let held = self.held.entry(project.clone()).or_default();
        let pin = if is_accepted {
            Pin::Accepts
        } else {
            Pin::Other
        };
        held.pin = held.pin.max(pin);
    }
}

/// Reads one version of a file.
pub(super) fn of(asked: &Asked, path: &Path, bytes: &[u8]) -> Says {
    let Ok(decoded) = decode::decode(bytes) else {
        return gap("it is not readable as text");
    };
    let text = &decoded.text;
    if let Some(format) = unread_format(path) {
        if mentions(text, asked) {
            return gap(&format!(
                "this version does not read {format}, and it names the project"
            ));
        }
        return Says::default();
    }
    let format = format_of(path, text, false);
    let manifest = match parse(format, text, &|_| None) {
        Ok(manifest) => manifest,
        Err(ParseError::Toml(_)) => return gap("it is not valid TOML"),
        Err(ParseError::Json(_)) => return gap("it is not valid JSON"),
        Err(ParseError::Yaml(_)) => return gap("it is not valid YAML"),
        Err(ParseError::Sbom(error)) if mentions(text, asked) => {
            return gap(&format!("{error}, and it names the project"));
        }
        // Any JSON may have such a name.
        Err(ParseError::Sbom(_)) => return Says::default(),
    };
    let mut says = Says {
        gap: unread((&manifest, format), text, path, asked),
        ..Says::default()
    };
    for requirement in &manifest.requirements {
        add(&mut says, asked, requirement);
    }
    says
}

/// Adds what a requirement says.
pub(super) fn add(says: &mut Says, asked: &Asked, requirement: &Requirement) {
    let name = requirement
        .name
        .as_ref()
        .filter(|name| asked.is_about(name));
    if let (Some(name), Some(version)) = (name, requirement.pin()) {
        return says.pin(asked, name, version);
    }
    match (&requirement.origin, name) {
        (Origin::Index(specifiers), Some(name)) => {
            says.hold(name, asked.is_accepted(name, specifiers));
        }
        (Origin::Url { filename, .. } | Origin::Path(filename), name) => {
            let file = filename.rsplit(['/', '\\']).next().unwrap_or(filename);
            let of = |project: &ProjectName| filename::parse(file, project);
            // A file tells what it is where the requirement does not.
            for project in asked.projects() {
                match of(project) {
                    Some(file) => says.pin(asked, project, &file.version),
                    None if name == Some(project) => says.hold(project, true),
                    None => {}
                }
            }
        }
        // A commit has the version that its files say, and they are not here.
        (Origin::Vcs { .. }, Some(name)) => says.hold(name, true),
        (Origin::Index(_) | Origin::Vcs { .. }, None) => {}
    }
}

/// What of a file is not understood and may be about the project.
fn unread(
    (manifest, format): (&Manifest, Format),
    text: &str,
    path: &Path,
    asked: &Asked,
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
    if manifest.foreign > 0 && mentions(&without_requirements(manifest, text), asked) {
        let why = "what it asks conda for is not read, and it names the project there";
        return Some(Printable::new(why));
    }
    let unclear = manifest.not_understood.iter().map(|unclear| unclear.span);
    let lost = coverage::uncovered(manifest, text);
    let mut spans = unclear.chain(lost);
    // What one part of a lock means may hang on another, such as the version of its format.
    let is_one_whole = format != Format::Requirements;
    let may_name_it = spans.any(|span| {
        if is_one_whole {
            return mentions(text, asked);
        }
        let text = text.get(span.start..span.end).unwrap_or("");
        text.contains("${") || mentions(text, asked)
    });
    may_name_it.then(|| Printable::new("a line that names the project is not understood"))
}

/// The text between the requirements of a file, which are in the order of the file.
fn without_requirements(manifest: &Manifest, text: &str) -> String {
    let mut rest = String::new();
    let mut at = 0;
    for requirement in &manifest.requirements {
        let span = requirement.span;
        rest.push_str(text.get(at..span.start).unwrap_or(""));
        rest.push(' ');
        at = at.max(span.end);
    }
    rest.push_str(text.get(at..).unwrap_or(""));
    rest
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

/// Whether a text has the name of one of the projects, in any of its spellings.
fn mentions(text: &str, asked: &Asked) -> bool {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '-' | '_' | '.' if folded.ends_with('-') => {}
            '-' | '_' | '.' => folded.push('-'),
            _ => folded.push(letter.to_ascii_lowercase()),
        }
    }
    asked
        .projects()
        .any(|project| folded.contains(project.as_str()))
}

fn gap(why: &str) -> Says {
    Says {
        gap: Some(Printable::new(why)),
        ..Says::default()
    }
}

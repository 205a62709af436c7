//! What there is to judge: a release of a project, its files, and the pin that it would be in a lock.

use pinproof_core::manifest::{InlineIgnore, Origin, Requirement, Scope, WrittenHash};
use pinproof_core::specifier::Prereleases;
use pinproof_core::{
    Environment, FileFacts, ProjectFacts, ProjectName, SourceFile, Span, Specifiers, Version,
};
use pinproof_policy::Evidence;
use pinproof_policy::subject::Route;

use super::ask::Listing;

/// What there is to judge: a release, and where it was asked for.
pub(super) struct Candidate<'a> {
    pub(super) project: &'a ProjectName,
    pub(super) version: &'a Version,
    pub(super) listing: &'a Listing,
    pub(super) facts: &'a ProjectFacts,
    pub(super) evidence: &'a Evidence,
    /// The requirement of the inputs that asks for it: exceptions may stand beside it.
    pub(super) asked_at: Option<AskedAt<'a>>,
}

/// A requirement of an input, and its file.
#[derive(Clone, Copy)]
pub(super) struct AskedAt<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) requirement: &'a Requirement,
    pub(super) ignores: &'a [InlineIgnore],
}

/// A file that an installer takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Distribution<'a> {
    pub(super) facts: &'a FileFacts,
    pub(super) is_wheel: bool,
}

impl Candidate<'_> {
    /// Whether an input holds it to hashes.
    pub(super) fn names_hashes(&self) -> bool {
        let asked = self.asked_at.map(|asked| &asked.requirement.hashes);
        asked.is_some_and(|hashes| !hashes.is_empty())
    }

    /// Whether an input that holds it to hashes accepts the file.
    pub(super) fn asks_for(&self, file: &FileFacts) -> bool {
        let hashes = self
            .asked_at
            .iter()
            .flat_map(|asked| &asked.requirement.hashes);
        let hashes: Vec<_> = hashes.map(|written| &written.hash).collect();
        file.is_accepted_by(&hashes)
    }

    /// Whether an input names it by its address, so that no index is asked.
    pub(super) fn is_direct(&self) -> bool {
        self.listing.route == Route::Nowhere
    }
}

/// The requirement that the release would be in a lock.
pub(super) fn pinned(candidate: &Candidate<'_>, files: &[Distribution<'_>]) -> Requirement {
    let spans = candidate.asked_at.map(|asked| {
        let requirement = asked.requirement;
        (
            requirement.span,
            requirement.name_span,
            requirement.origin_span,
        )
    });
    let (span, name_span, origin_span) = spans.unwrap_or_default();
    let hash = |file: &Distribution<'_>| {
        let hashes = file.facts.hashes.iter();
        let hash = hashes.max_by_key(|hash| hash.algorithm().is_strong())?;
        Some(WrittenHash {
            hash: hash.clone(),
            span: Span::default(),
        })
    };
    let exactly = format!("=={}", candidate.version);
    let asked = candidate.asked_at.filter(|_| candidate.is_direct());
    let origin = asked.map(|asked| asked.requirement.origin.clone());
    Requirement {
        name: Some(candidate.project.clone()),
        extras: Vec::new(),
        origin: origin.unwrap_or_else(|| Origin::Index(exactly.parse().unwrap_or_default())),
        version: None,
        index: None,
        marker: None,
        hashes: files.iter().filter_map(hash).collect(),
        editable: false,
        scope: Scope::Main,
        via: Vec::new(),
        needs: None,
        span,
        name_span,
        origin_span,
    }
}

/// Whether a file is for the Python of an environment; installers take an invalid `Requires-Python` as
/// none.
pub(super) fn is_for_python(file: &FileFacts, target: &Environment) -> bool {
    let Some(Ok(required)) = file
        .requires_python
        .as_deref()
        .map(str::parse::<Specifiers>)
    else {
        return true;
    };
    let version = target
        .marker_value("python_full_version")
        .unwrap_or_default();
    let version = version.parse::<Version>();
    version.is_ok_and(|version| required.contains(&version, Prereleases::Allow))
}

//! The releases that were judged, each once: what a bill of materials lists.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::evidence::Answer;
use pinproof_core::manifest::{InventoryKind, Origin, Scope, Via};
use pinproof_core::requirement::Pep508;
use pinproof_core::{
    Finding, Hash, IndexUrl, Manifest, Place, Printable, ProjectName, Purl, Version,
};
use pinproof_policy::subject::{RequirementSubject, Role};
use pinproof_policy::{Evidence, Policy};

use crate::assemble::Subjects;
use crate::inputs::LoadedFile;
use crate::routes::pypi;

/// The releases of a run, in the order of their references.
#[derive(Clone, Debug, Default)]
pub struct Bom {
    /// What they are the releases of: the project, or the first file.
    pub subject: Printable,
    /// The releases by their references: unique, and the same in every run.
    pub releases: BTreeMap<Reference, BomRelease>,
    /// The releases that nothing else in the bill needs, as far as that is known.
    pub tops: BTreeSet<Reference>,
    /// The release of each requirement, by its file and where its version begins there.
    at: BTreeMap<(Printable, usize), Reference>,
}

/// What a release is called within a bill: its package URL, or its name and version where it has none.
pub type Reference = String;

/// A release, or a project whose version is not stated.
#[derive(Clone, Debug, Default)]
pub struct BomRelease {
    /// Its name.
    pub name: Printable,
    /// Whether nothing but the build of a project needs it, as far as is known.
    pub is_only_for_builds: bool,
    /// Its version, where the file states one.
    pub version: Option<Version>,
    /// Its package URL; what is installed from this machine has none.
    pub purl: Option<Purl>,
    /// The hashes of its distributions that the files accept.
    pub hashes: BTreeSet<Hash>,
    /// Where its distributions are: its page on an index, or the address of the one that it is. It has
    /// no credentials.
    pub distributions_at: Option<Printable>,
    /// Where it stands: file and line.
    pub places: BTreeSet<(Printable, usize)>,
    /// What it needs, where that is known.
    pub needs: Option<BTreeSet<Reference>>,
}

/// One requirement that is listed, with its release.
struct Listed<'a> {
    subject: &'a RequirementSubject<'a>,
    reference: Reference,
}

/// Collects the releases of every judged file.
///
/// Left out is a range whose project is pinned elsewhere in the run: the pin is what is installed.
pub(crate) fn of(
    subjects: &Subjects<'_>,
    (files, roles): (&[LoadedFile], &[Role]),
    (policy, evidence): (&Policy, &Evidence),
) -> Bom {
    let all = || subjects.files.iter().flat_map(|file| &file.requirements);
    let is_for_builds =
        |subject: &RequirementSubject<'_>| subject.requirement.scope == Scope::Build;
    let pinned: BTreeSet<&ProjectName> = all()
        .filter(|subject| subject.pin.is_some() && !is_for_builds(subject))
        .filter_map(|subject| subject.requirement.name.as_ref())
        .collect();
    let is_listed = |subject: &&RequirementSubject<'_>| {
        let name = subject.requirement.name.as_ref();
        let is_pinned_elsewhere = name.is_some_and(|name| pinned.contains(name));
        subject.pin.is_some() || !is_pinned_elsewhere
    };
    let mut bom = Bom {
        subject: subject(files, roles),
        ..Bom::default()
    };
    for (of_file, file) in subjects.files.iter().zip(files) {
        let subjects_listed = of_file.requirements.iter().filter(is_listed);
        let mut listed: Vec<Listed<'_>> = subjects_listed
            .map(|subject| bom.add(subject, policy))
            .collect();
        // What builds one project is no part of another's tree.
        listed.retain(|one| !is_for_builds(one.subject));
        bom.connect(&listed, &file.manifest, evidence);
    }
    bom
}

/// The project that a file declares, what an inventory says that it is of, or the first file that is
/// no part of another.
fn subject(files: &[LoadedFile], roles: &[Role]) -> Printable {
    let manifests = || files.iter().map(|file| &file.manifest);
    let project = manifests().find_map(|manifest| manifest.project.as_ref());
    let project = project.map(|name| Printable::new(name.as_str()));
    let of_inventory = || manifests().find_map(|file| file.inventory.as_ref()?.subject.clone());
    let first = || {
        let is_whole = |role: &Role| matches!(role, Role::Installed | Role::Inventory);
        let mut files = files.iter().zip(roles).filter(|(_, role)| is_whole(role));
        files.next().map(|(file, _)| file.source.path.clone())
    };
    project
        .or_else(of_inventory)
        .or_else(first)
        .unwrap_or_default()
}

impl Bom {
    /// The releases that a finding speaks of: that of its requirement, or those of its project where the
    /// requirement itself is no release.
    pub fn of_finding(&self, finding: &Finding) -> Vec<&Reference> {
        if let Some(reference) = finding.places.first().and_then(|place| self.at(place)) {
            return vec![reference];
        }
        let name = finding.project.as_ref().map(ProjectName::as_str);
        let named = |(_, release): &(&Reference, &BomRelease)| {
            name.is_some_and(|name| release.name.as_str() == name)
        };
        let releases = self.releases.iter().filter(named);
        releases.map(|(reference, _)| reference).collect()
    }

    /// The release of the requirement at a place.
    pub fn at(&self, place: &Place) -> Option<&Reference> {
        let start = place.span?.start;
        self.at.get(&(place.origin.clone(), start))
    }

    fn add<'a>(&mut self, subject: &'a RequirementSubject<'a>, policy: &Policy) -> Listed<'a> {
        let requirement = subject.requirement;
        let name = subject.shown_name();
        let repository = repository(subject, policy);
        let purl = purl(subject, repository.as_ref());
        let reference = match (&purl, subject.pin) {
            (Some(purl), _) => purl.to_string(),
            (None, Some(version)) => format!("{name}@{version}"),
            (None, None) => name.to_string(),
        };
        let start = requirement.origin_span.start;
        let place = (subject.source.path.clone(), start);
        self.at.insert(place, reference.clone());
        let is_for_builds = requirement.scope == Scope::Build;
        let is_new = !self.releases.contains_key(&reference);
        let release = self.releases.entry(reference.clone()).or_default();
        release.is_only_for_builds = is_for_builds && (is_new || release.is_only_for_builds);
        release.name = name;
        release.version = subject.pin.cloned();
        release.purl = purl;
        release.distributions_at = distributions_at(subject, repository.as_ref());
        let line = subject.source.locate(requirement.span).line;
        release.places.insert((subject.source.path.clone(), line));
        let hashes = requirement
            .hashes
            .iter()
            .map(|written| written.hash.clone());
        release.hashes.extend(hashes);
        Listed { subject, reference }
    }

    /// Adds who needs whom in one file: as the tool that wrote it noted, or by the metadata of its pins.
    fn connect(&mut self, listed: &[Listed<'_>], manifest: &Manifest, evidence: &Evidence) {
        let mut by_name: BTreeMap<&ProjectName, Vec<&Reference>> = BTreeMap::new();
        for one in listed {
            if let Some(name) = &one.subject.requirement.name {
                by_name.entry(name).or_default().push(&one.reference);
            }
        }
        let has_notes = listed
            .iter()
            .any(|one| !one.subject.requirement.via.is_empty());
        // A document may note only some; what a compiler or an installer notes is the whole of it.
        let inventory = manifest.inventory.as_ref().map(|inventory| &inventory.kind);
        let notes_all =
            has_notes && inventory.is_none_or(|kind| *kind == InventoryKind::Environment);
        let mut needed = BTreeSet::new();
        let mut is_known = has_notes;
        for one in listed {
            if notes_all {
                self.needs(&one.reference);
            }
            let edges = if has_notes {
                noted(one, &by_name)
            } else {
                let edges = by_metadata(one, &by_name, evidence);
                is_known |= edges.is_some();
                if edges.is_some() {
                    self.needs(&one.reference);
                }
                edges.unwrap_or_default()
            };
            for (by, on) in edges.into_iter().filter(|(by, on)| by != on) {
                needed.insert(on.clone());
                self.needs(by).insert(on.clone());
            }
        }
        if is_known {
            let references = listed.iter().map(|one| one.reference.clone());
            self.tops
                .extend(references.filter(|reference| !needed.contains(reference)));
        }
    }

    /// What a release needs, known from here on.
    fn needs(&mut self, reference: &Reference) -> &mut BTreeSet<Reference> {
        let release = self.releases.entry(reference.clone()).or_default();
        release.needs.get_or_insert_default()
    }
}

/// Who needs whom: the first needs the second.
type Edges<'a> = Vec<(&'a Reference, &'a Reference)>;

fn noted<'a>(
    one: &'a Listed<'_>,
    by_name: &BTreeMap<&ProjectName, Vec<&'a Reference>>,
) -> Edges<'a> {
    let mut edges = Vec::new();
    for via in &one.subject.requirement.via {
        if let Via::Project(name) = via {
            let dependents = by_name.get(name).into_iter().flatten();
            edges.extend(dependents.map(|by| (*by, &one.reference)));
        }
    }
    edges
}

/// What the metadata of a pinned release says that it needs; `None` where it is not known.
fn by_metadata<'a>(
    one: &'a Listed<'_>,
    by_name: &BTreeMap<&ProjectName, Vec<&'a Reference>>,
    evidence: &Evidence,
) -> Option<Edges<'a>> {
    let subject = one.subject;
    let (name, _) = subject.from_index()?;
    let Answer::Known(Ok(metadata)) = evidence.metadata(&subject.route, name, subject.pin?) else {
        return None;
    };
    let mut edges = Vec::new();
    for text in &metadata.requires_dist {
        let Ok(needed) = text.parse::<Pep508>() else {
            continue;
        };
        let marker = needed.marker.as_ref();
        if marker.is_none_or(|marker| marker.evaluate(subject.target, &subject.requirement.extras))
        {
            let on = by_name.get(&needed.name).into_iter().flatten();
            edges.extend(on.map(|on| (&one.reference, *on)));
        }
    }
    Some(edges)
}

/// The package URL: that of the project, with where it is from if that is not PyPI. There is none for
/// what no index is known to have: the name alone would be that of somebody else's project.
fn purl(subject: &RequirementSubject<'_>, repository: Option<&IndexUrl>) -> Option<Purl> {
    let name = subject.requirement.name.as_ref()?;
    let mut purl = Purl::pypi(name, subject.pin);
    let qualifier = match &subject.requirement.origin {
        Origin::Index(_) => {
            let repository = repository?;
            let is_pypi = pypi().is_some_and(|pypi| pypi.is_same_place(repository));
            (!is_pypi).then(|| ("repository_url", repository.to_string()))
        }
        Origin::Url { shown, .. } => Some(("download_url", shown.to_string())),
        Origin::Vcs {
            shown, revision, ..
        } => Some(("vcs_url", at_revision(shown, revision.as_deref()))),
        Origin::Path(_) => return None,
    };
    if let Some((key, value)) = qualifier {
        purl.qualifiers.insert(key.to_owned(), value);
    }
    Some(purl)
}

fn distributions_at(
    subject: &RequirementSubject<'_>,
    repository: Option<&IndexUrl>,
) -> Option<Printable> {
    if let Origin::Url { shown, .. } = &subject.requirement.origin {
        return Some(shown.clone());
    }
    let name = subject.requirement.name.as_ref()?;
    let repository = repository?.to_string();
    let page = format!("{}/{name}/", repository.trim_end_matches('/'));
    Some(Printable::from(page))
}

fn at_revision(shown: &Printable, revision: Option<&str>) -> String {
    match revision {
        Some(revision) if !shown.as_str().contains(&format!("@{revision}")) => {
            format!("{shown}@{}", Printable::new(revision))
        }
        _ => shown.to_string(),
    }
}

/// The index that a release is from: by the policy, by the file itself, or PyPI. The settings of the
/// machine do not count, so that the same files give the same bill everywhere.
fn repository(subject: &RequirementSubject<'_>, policy: &Policy) -> Option<IndexUrl> {
    let (name, _) = subject.from_index()?;
    if let Some(bound) = policy.bound_index(name) {
        return bound.url.clone();
    }
    if let [index] = subject.client
        && index.place_in_project().is_some()
    {
        return Some(index.address.clone());
    }
    let default = policy.default_index().and_then(|index| index.url.clone());
    default.or_else(|| pypi().cloned())
}

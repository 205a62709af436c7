//! The dependency tree of a file whose requirements are all pinned: is everything there, and is all of it needed?
//!
//! A lock that says who needs whom is held to its own word: that is what its installer follows. Elsewhere the
//! tree is read from each pinned release's own metadata. Nothing is resolved and nothing is built: the
//! question is only whether the file names what its releases need.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pinproof_core::evidence::{Answer, Openness, Source, Unavailable};
use pinproof_core::manifest::Need;
use pinproof_core::requirement::Pep508;
use pinproof_core::{Environment, ExtraName, Marker, Platform, ProjectName, Version};

use crate::evidence::Evidence;
use crate::subject::{FileSubject, RequirementSubject};

/// What the metadata of the pinned releases says of a file as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Projects that a pinned release needs in the environment, and the file does not pin.
    pub missing: BTreeMap<ProjectName, NeededBy>,
    /// Projects that the same Python needs on other platforms only, and that are not pinned.
    pub elsewhere: BTreeMap<ProjectName, NeededBy>,
    /// Releases whose dependencies only a build would tell.
    pub unreadable: BTreeSet<ProjectName>,
    /// Whether anything else is in the file whose dependencies nobody was asked for: a URL, a
    /// repository, a folder, or a release that does not exist.
    pub has_gaps: bool,
    /// Releases whose dependencies could not be found out.
    pub open: Vec<OpenMetadata>,
    /// Pins that no declared input needs; `None` where the inputs are not known, or where what they
    /// lead to could not be read.
    pub unneeded: Option<BTreeSet<ProjectName>>,
    /// Dependencies as written that are no valid requirement.
    pub invalid: Vec<(ProjectName, String)>,
}

/// Who needs a project that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededBy {
    /// The pinned project.
    pub project: ProjectName,
    /// Its requirement as written; untrusted text.
    pub requirement: String,
}

/// A release whose dependencies could not be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMetadata {
    /// The project.
    pub project: ProjectName,
    /// Who was asked.
    pub source: Source,
    /// Why there is no answer.
    pub why: String,
    /// In which way the question stayed open.
    pub openness: Openness,
}

struct Dependency {
    name: ProjectName,
    extras: Vec<ExtraName>,
    marker: Option<Marker>,
    /// The extra of the release that needs it; in metadata the marker says so.
    with_extra: Option<ExtraName>,
    written: String,
    /// Whether the release that needs it is the one for the target environment.
    for_target: bool,
}

/// One pinned project of the file, with what all its pins need: two are for different environments.
#[derive(Default)]
struct Pin {
    dependencies: Vec<Dependency>,
    /// Whether the dependencies of every one of its pins are known.
    is_known: bool,
    extras: BTreeSet<ExtraName>,
    for_target: bool,
}

/// Walks the tree of `file`; `None` where the file does not pin everything, so that it states no tree.
pub fn walk(file: &FileSubject<'_>, evidence: &Evidence) -> Option<Tree> {
    let states_a_tree = !file.requirements.is_empty()
        && file
            .from_index()
            .all(|(_, requirement)| requirement.pin.is_some());
    if !states_a_tree {
        return None;
    }
    let mut tree = Tree::default();
    let mut pins = read_pins(file, evidence, &mut tree);
    activate_input_extras(file, &mut pins);
    find_missing(file.target, &mut pins, &mut tree);
    let invalid = tree.invalid.iter().map(|(name, _)| name.clone()).collect();
    tree.unneeded = find_unneeded(file, &pins, &invalid);
    Some(tree)
}

fn read_pins(
    file: &FileSubject<'_>,
    evidence: &Evidence,
    tree: &mut Tree,
) -> BTreeMap<ProjectName, Pin> {
    let mut pins: BTreeMap<ProjectName, Pin> = BTreeMap::new();
    for subject in &file.requirements {
        let Some(name) = &subject.requirement.name else {
            tree.has_gaps = true;
            continue;
        };
        let dependencies = read_dependencies(subject, name, evidence, tree);
        let pin = pins.entry(name.clone()).or_insert_with(|| Pin {
            is_known: true,
            ..Pin::default()
        });
        pin.is_known &= dependencies.is_some();
        pin.dependencies.extend(dependencies.into_iter().flatten());
        pin.for_target |= subject.is_for_target();
        pin.extras
            .extend(subject.requirement.extras.iter().cloned());
    }
    pins
}

/// The dependencies of one pinned release; `None` is noted in `tree` as what it is.
fn read_dependencies(
    subject: &RequirementSubject<'_>,
    name: &ProjectName,
    evidence: &Evidence,
    tree: &mut Tree,
) -> Option<Vec<Dependency>> {
    if let Some(needs) = &subject.requirement.needs {
        let for_target = subject.is_for_target();
        return Some(needs.iter().map(|need| noted(need, for_target)).collect());
    }
    let Some(version) = subject.pin else {
        tree.has_gaps = true;
        return None;
    };
    match evidence.metadata(&subject.route, name, version) {
        Answer::Known(Ok(metadata)) => {
            let written = metadata.requires_dist.iter();
            return Some(
                written
                    .filter_map(|text| parse(text, subject, name, tree))
                    .collect(),
            );
        }
        Answer::Known(Err(_)) => {
            tree.unreadable.insert(name.clone());
        }
        Answer::Absent => note_absent(subject, name, version, evidence, tree),
        Answer::Unsupported(source) => {
            tree.note_open(name, source, "", Openness::Unsupported);
        }
        Answer::Unavailable(Unavailable { source, why }) => {
            tree.note_open(name, source, why.as_str(), Openness::Unavailable);
        }
    }
    None
}

fn parse(
    text: &str,
    subject: &RequirementSubject<'_>,
    name: &ProjectName,
    tree: &mut Tree,
) -> Option<Dependency> {
    let Ok(parsed) = text.parse::<Pep508>() else {
        tree.invalid.push((name.clone(), text.to_owned()));
        return None;
    };
    Some(Dependency {
        name: parsed.name,
        extras: parsed.extras,
        marker: parsed.marker,
        with_extra: None,
        written: text.to_owned(),
        for_target: subject.is_for_target(),
    })
}

/// What the lock itself says that an entry needs.
fn noted(need: &Need, for_target: bool) -> Dependency {
    Dependency {
        name: need.name.clone(),
        extras: need.extras.clone(),
        marker: need.marker.clone(),
        with_extra: need.with_extra.clone(),
        written: need.to_string(),
        for_target,
    }
}

/// A release without metadata: `unknown-project` and `unknown-release` report one that does not exist.
/// Where nobody could say that it does not exist, its dependencies are an open question.
fn note_absent(
    subject: &RequirementSubject<'_>,
    name: &ProjectName,
    version: &Version,
    evidence: &Evidence,
    tree: &mut Tree,
) {
    match evidence.project(&subject.route, name) {
        Answer::Known(page)
            if page
                .releases
                .iter()
                .any(|release| release.version == *version) =>
        {
            let why = "it lists the release, and gave no metadata";
            tree.note_open(name, page.source.clone(), why, Openness::Unavailable);
        }
        Answer::Known(_) | Answer::Absent => tree.has_gaps = true,
        Answer::Unsupported(source) => tree.note_open(name, source, "", Openness::Unsupported),
        Answer::Unavailable(Unavailable { source, why }) => {
            tree.note_open(name, source, why.as_str(), Openness::Unavailable);
        }
    }
}

/// Compiled locks drop extras (`celery[redis]` becomes `celery`): the inputs still tell them.
fn activate_input_extras(file: &FileSubject<'_>, pins: &mut BTreeMap<ProjectName, Pin>) {
    for input in file.inputs.iter().flatten() {
        let requirement = input.requirement;
        if let Some(pin) = requirement
            .name
            .as_ref()
            .and_then(|name| pins.get_mut(name))
        {
            pin.extras.extend(requirement.extras.iter().cloned());
        }
    }
}

/// Follows every pin's dependencies until no further extra is asked for.
fn find_missing(target: &Environment, pins: &mut BTreeMap<ProjectName, Pin>, tree: &mut Tree) {
    let elsewhere = other_platforms(target);
    let mut queue: VecDeque<ProjectName> = pins.keys().cloned().collect();
    while let Some(name) = queue.pop_front() {
        let Some(pin) = pins.get(&name) else { continue };
        let extras: Vec<_> = pin.extras.iter().cloned().collect();
        let mut activated: Vec<(ProjectName, ExtraName)> = Vec::new();
        for dependency in &pin.dependencies {
            let needed = is_needed(dependency, (target, &elsewhere), &extras);
            let wanted = &dependency.name;
            match (pins.get(wanted), needed) {
                (_, Needed::NotHere) | (Some(_), Needed::Elsewhere) => {}
                // An extra that only another platform asks for adds nothing here.
                (Some(found), Needed::Here) if found.for_target => {
                    let extras = dependency.extras.iter();
                    let new = extras.filter(|extra| !found.extras.contains(extra));
                    activated.extend(new.map(|extra| (wanted.clone(), extra.clone())));
                }
                _ => tree.add_missing(wanted, needed, &name, dependency),
            }
        }
        for (wanted, extra) in activated {
            if let Some(pin) = pins.get_mut(&wanted) {
                pin.extras.insert(extra);
                queue.push_back(wanted);
            }
        }
    }
    let missing = &tree.missing;
    tree.elsewhere.retain(|name, _| !missing.contains_key(name));
}

/// The same Python on the other platforms.
fn other_platforms(target: &Environment) -> Vec<Environment> {
    let others = Platform::ALL
        .into_iter()
        .filter(|platform| *platform != target.platform());
    others
        .map(|platform| Environment::of_target(target.python(), platform))
        .collect()
}

/// Where a dependency is needed, for the Python that is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Here,
    Elsewhere,
    NotHere,
}

fn is_needed(
    dependency: &Dependency,
    (target, elsewhere): (&Environment, &[Environment]),
    extras: &[ExtraName],
) -> Needed {
    let holds = |environment: &Environment| {
        let marker = dependency.marker.as_ref();
        dependency.is_of(extras) && marker.is_none_or(|marker| marker.evaluate(environment, extras))
    };
    if dependency.for_target && holds(target) {
        Needed::Here
    } else if elsewhere.iter().any(holds) {
        Needed::Elsewhere
    } else {
        Needed::NotHere
    }
}

impl Dependency {
    /// Whether the release needs it with these of its extras.
    fn is_of(&self, extras: &[ExtraName]) -> bool {
        let with = self.with_extra.as_ref();
        with.is_none_or(|with| extras.contains(with))
    }
}

impl Tree {
    fn add_missing(
        &mut self,
        wanted: &ProjectName,
        needed: Needed,
        by: &ProjectName,
        dependency: &Dependency,
    ) {
        let list = match needed {
            Needed::Here => &mut self.missing,
            Needed::Elsewhere => &mut self.elsewhere,
            Needed::NotHere => return,
        };
        list.entry(wanted.clone()).or_insert_with(|| NeededBy {
            project: by.clone(),
            requirement: dependency.written.clone(),
        });
    }

    /// Whether every dependency is known and pinned; `None` where a release could not be read.
    pub fn is_complete(&self) -> Option<bool> {
        if !self.missing.is_empty() {
            Some(false)
        } else if self.knows_every_dependency() {
            Some(true)
        } else {
            None
        }
    }

    fn knows_every_dependency(&self) -> bool {
        self.open.is_empty()
            && self.unreadable.is_empty()
            && self.invalid.is_empty()
            && !self.has_gaps
    }

    fn note_open(&mut self, name: &ProjectName, source: Source, why: &str, openness: Openness) {
        self.open.push(OpenMetadata {
            project: name.clone(),
            source,
            why: why.to_owned(),
            openness,
        });
    }
}

/// The pins that no input reaches, in any environment.
fn find_unneeded(
    file: &FileSubject<'_>,
    pins: &BTreeMap<ProjectName, Pin>,
    invalid: &BTreeSet<ProjectName>,
) -> Option<BTreeSet<ProjectName>> {
    let inputs = file.inputs.as_ref()?;
    let asked = inputs
        .iter()
        .filter(|input| input.requirement.scope.is_needed());
    // An input without a name, such as a folder, may need anything.
    let names: Option<VecDeque<_>> = asked.map(|input| input.requirement.name.clone()).collect();
    let reached = reach(names?, pins, invalid)?;
    let unneeded = pins.keys().filter(|name| !reached.contains_key(*name));
    Some(unneeded.cloned().collect())
}

/// Every project that `queue` leads to, with the extras asked of it anywhere; `None` where a release on
/// the way could not be read, because it may need any of the others.
fn reach(
    mut queue: VecDeque<ProjectName>,
    pins: &BTreeMap<ProjectName, Pin>,
    invalid: &BTreeSet<ProjectName>,
) -> Option<BTreeMap<ProjectName, BTreeSet<ExtraName>>> {
    let extras_of = |name: &ProjectName| pins.get(name).map(|pin| pin.extras.clone());
    let mut reached: BTreeMap<ProjectName, BTreeSet<ExtraName>> = queue
        .iter()
        .map(|name| (name.clone(), extras_of(name).unwrap_or_default()))
        .collect();
    while let Some(name) = queue.pop_front() {
        let Some(pin) = pins.get(&name) else { continue };
        if !pin.is_known || invalid.contains(&name) {
            return None;
        }
        let extras: Vec<_> = reached.get(&name)?.iter().cloned().collect();
        for dependency in &pin.dependencies {
            let marker = dependency.marker.as_ref();
            let is_possible = marker.is_none_or(|marker| marker.possible(&extras));
            if !is_possible || !dependency.is_of(&extras) {
                continue;
            }
            let wanted = &dependency.name;
            let is_new = !reached.contains_key(wanted);
            let known = reached
                .entry(wanted.clone())
                .or_insert_with(|| extras_of(wanted).unwrap_or_default());
            let before = known.len();
            known.extend(dependency.extras.iter().cloned());
            if is_new || known.len() > before {
                queue.push_back(wanted.clone());
            }
        }
    }
    Some(reached)
}

//! Gathers the evidence that the asked rules need: in parallel, bounded, each question once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::manifest::WrittenHash;
use pinproof_core::{
    Environment, ProjectFacts, ProjectHistory, ProjectName, ReleaseFacts, Version,
};
use pinproof_policy::evidence::{Advisories, Metadata};
use pinproof_policy::subject::{IndexName, RequirementSubject, Role, Route};
use pinproof_policy::{Evidence, Need, Policy};
use pinproof_sources::Index;

use crate::assemble::Subjects;

/// Requests that wait here at one time; the client has its own, tighter bounds for each host.
const IN_FLIGHT: usize = 64;

/// Why an index of the address book is not asked.
const REFUSED: &str = "its address has no TLS, so it is not asked";

/// Who answers: an index client, or a world made by a test.
pub trait EvidenceSource: Sync {
    /// The answer, if no request is needed for it.
    fn known_project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Option<Answer<ProjectFacts>>;

    /// Asks an index about a project and the files of some of its releases.
    fn project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> impl Future<Output = Answer<ProjectFacts>> + Send;

    /// The dependencies, if no request is needed for them.
    fn known_metadata(&self, question: &MetadataQuestion<'_>) -> Option<Answer<Metadata>>;

    /// Reads the dependencies of a release, without building it.
    fn metadata(
        &self,
        question: &MetadataQuestion<'_>,
    ) -> impl Future<Output = Answer<Metadata>> + Send;

    /// What is remembered of the project on that index; an index itself remembers nothing.
    fn history(&self, _index: &IndexName, _project: &ProjectName) -> Option<ProjectHistory> {
        None
    }

    /// What the sources of advisories that `policy` trusts say of each project; an answer for each.
    fn advisories(
        &self,
        wanted: &Releases,
        policy: &Policy,
    ) -> impl Future<Output = ByProject<Answer<Advisories>>> + Send;
}

/// Something for each project.
pub type ByProject<T> = BTreeMap<ProjectName, T>;

/// Projects, with the versions that are pinned.
pub type Releases = ByProject<Vec<Version>>;

/// Which release's dependencies are asked for.
#[derive(Clone, Copy, Debug)]
pub struct MetadataQuestion<'a> {
    /// The index.
    pub index: &'a Index,
    /// The project.
    pub project: &'a ProjectName,
    /// The version.
    pub version: &'a Version,
    /// Its files.
    pub release: &'a ReleaseFacts,
    /// The hashes that its requirement accepts; none accept every file.
    pub hashes: &'a [WrittenHash],
    /// The environment whose wheel is read first.
    pub target: &'a Environment,
}

/// Told how far a run is.
pub trait Progress: Sync {
    /// A phase with `total` steps begins.
    fn begin(&self, phase: &'static str, total: usize);
    /// One step is done.
    fn advance(&self);
    /// The phase is over.
    fn end(&self);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _phase: &'static str, _total: usize) {}
    fn advance(&self) {}
    fn end(&self) {}
}

/// One project on the indexes of its route, with the versions to ask for.
type Wanted<'a> = BTreeMap<(&'a [IndexName], &'a ProjectName), BTreeSet<Version>>;

/// Whether any rule that `policy` asks looks at what indexes say.
pub fn asks_indexes(policy: &Policy) -> bool {
    let needs = [Need::IndexPage, Need::Metadata];
    needs
        .into_iter()
        .any(|need| pinproof_policy::needs(policy, need))
}

/// Gathers what the rules of `policy` ask about the subjects of a project and of its base.
pub async fn gather(
    subjects: &[&Subjects<'_>],
    policy: &Policy,
    source: &impl EvidenceSource,
    progress: &impl Progress,
) -> Evidence {
    let needs = |need| pinproof_policy::needs(policy, need);
    let has = Asks {
        pages: needs(Need::IndexPage),
        metadata: needs(Need::Metadata),
    };
    gather_what(has, subjects, policy, (source, progress)).await
}

/// What indexes are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asks {
    /// The pages of projects.
    pub(crate) pages: bool,
    /// The dependencies of releases.
    pub(crate) metadata: bool,
}

/// Gathers that, and the advisories that the rules of `policy` ask for.
pub(crate) async fn gather_what(
    asks: Asks,
    subjects: &[&Subjects<'_>],
    policy: &Policy,
    (source, progress): (&impl EvidenceSource, &impl Progress),
) -> Evidence {
    let mut evidence = Evidence::default();
    if pinproof_policy::needs(policy, Need::Advisories) {
        let wanted = named_releases(subjects);
        for (project, answer) in source.advisories(&wanted, policy).await {
            let answer = answer.and_then(|found| Answer::Known(Arc::new(found)));
            evidence.add_advisories(project, answer);
        }
    }
    if !asks.metadata && !asks.pages {
        return evidence;
    }
    // The project's own addresses come last and win.
    let indexes: BTreeMap<&str, Index> = subjects
        .iter()
        .rev()
        .flat_map(|subjects| {
            let asked = subjects.book.iter();
            asked.filter(|(name, _)| !subjects.book.is_refused(name))
        })
        .map(|(name, url)| {
            let index = Index {
                name: name.clone(),
                url: url.clone(),
            };
            (name.as_str(), index)
        })
        .collect();
    let wanted = wanted_projects(subjects);
    ask_projects(&wanted, &indexes, &mut evidence, (source, progress)).await;
    for (route, project) in wanted.keys() {
        let remembered = route
            .iter()
            .find_map(|index| source.history(index, project));
        if let Some(history) = remembered {
            evidence.add_history((*project).clone(), Arc::new(history));
        }
    }
    if asks.metadata {
        ask_metadata(subjects, &indexes, &mut evidence, (source, progress)).await;
    }
    evidence
}

/// Every project that is named, from an index or not: a fork keeps the flaws of its origin.
fn named_releases(subjects: &[&Subjects<'_>]) -> Releases {
    let mut wanted = Releases::new();
    let files = subjects.iter().flat_map(|subjects| &subjects.files);
    for subject in files.flat_map(|file| &file.requirements) {
        if let Some(name) = &subject.requirement.name {
            let versions = wanted.entry(name.clone()).or_default();
            versions.extend(subject.pin.cloned());
        }
    }
    for versions in wanted.values_mut() {
        versions.sort();
        versions.dedup();
    }
    wanted
}

fn wanted_projects<'a>(subjects: &[&'a Subjects<'_>]) -> Wanted<'a> {
    let mut wanted = Wanted::new();
    let files = subjects.iter().flat_map(|subjects| &subjects.files);
    for subject in files.flat_map(|file| &file.requirements) {
        let (Route::Indexes(indexes), Some(name)) = (&subject.route, &subject.requirement.name)
        else {
            continue;
        };
        let versions = wanted.entry((indexes.as_slice(), name)).or_default();
        versions.extend(subject.pin.cloned());
    }
    wanted
}

async fn ask_projects(
    wanted: &Wanted<'_>,
    indexes: &BTreeMap<&str, Index>,
    evidence: &mut Evidence,
    (source, progress): (&impl EvidenceSource, &impl Progress),
) {
    let mut to_ask = Vec::new();
    for ((route, name), versions) in wanted {
        if !add_known(evidence, source, indexes, (route, name, versions)) {
            to_ask.push((*route, *name, versions));
        }
    }
    if to_ask.is_empty() {
        return;
    }
    progress.begin("asking indexes", to_ask.len());
    let answers = stream::iter(to_ask)
        .map(|(route, name, versions)| async move {
            let answers = ask_route(source, indexes, route, (name, versions)).await;
            progress.advance();
            (name, answers)
        })
        .buffer_unordered(IN_FLIGHT)
        .collect::<Vec<_>>()
        .await;
    progress.end();
    for (name, answers) in answers {
        for (index, answer) in answers {
            evidence.add_project(index, name.clone(), share(answer));
        }
    }
}

type Question<'a> = (&'a [IndexName], &'a ProjectName, &'a BTreeSet<Version>);

/// Adds the answers of a route if none of them needs a request.
fn add_known(
    evidence: &mut Evidence,
    source: &impl EvidenceSource,
    indexes: &BTreeMap<&str, Index>,
    (route, name, versions): Question<'_>,
) -> bool {
    for index_name in route {
        let Some(index) = indexes.get(index_name.as_str()) else {
            return false;
        };
        let Some(answer) = source.known_project(index, name, versions) else {
            return false;
        };
        let is_absent = matches!(answer, Answer::Absent);
        evidence.add_project(index_name.clone(), name.clone(), share(answer));
        if !is_absent {
            return true;
        }
    }
    true
}

/// Asks the indexes of a route in turn, until one has the project or cannot say.
async fn ask_route(
    source: &impl EvidenceSource,
    indexes: &BTreeMap<&str, Index>,
    route: &[IndexName],
    (name, versions): (&ProjectName, &BTreeSet<Version>),
) -> Vec<(IndexName, Answer<ProjectFacts>)> {
    let mut answers = Vec::new();
    for index_name in route {
        let answer = match indexes.get(index_name.as_str()) {
            Some(index) => source.project(index, name, versions).await,
            None => Answer::Unavailable(Unavailable::new(&Source::new(index_name), REFUSED)),
        };
        let is_absent = matches!(answer, Answer::Absent);
        answers.push((index_name.clone(), answer));
        if !is_absent {
            break;
        }
    }
    answers
}

fn share(answer: Answer<ProjectFacts>) -> Answer<Arc<ProjectFacts>> {
    answer.and_then(|facts| Answer::Known(Arc::new(facts)))
}

/// A pinned release of a file that states its whole tree.
struct Pinned<'a> {
    index: &'a Index,
    subject: &'a RequirementSubject<'a>,
    name: &'a ProjectName,
    version: &'a Version,
    facts: Arc<ProjectFacts>,
}

async fn ask_metadata(
    subjects: &[&Subjects<'_>],
    indexes: &BTreeMap<&str, Index>,
    evidence: &mut Evidence,
    (source, progress): (&impl EvidenceSource, &impl Progress),
) {
    let pins = pinned_releases(subjects, indexes, evidence);
    let mut to_ask = Vec::new();
    for pin in &pins {
        match pin
            .question()
            .and_then(|question| source.known_metadata(&question))
        {
            Some(answer) => pin.add(answer, evidence),
            None => to_ask.push(pin),
        }
    }
    if to_ask.is_empty() {
        return;
    }
    progress.begin("reading metadata", to_ask.len());
    let answers = stream::iter(to_ask)
        .map(|pin| async move {
            let answer = match pin.question() {
                Some(question) => source.metadata(&question).await,
                None => Answer::Absent,
            };
            progress.advance();
            (pin, answer)
        })
        .buffer_unordered(IN_FLIGHT)
        .collect::<Vec<_>>()
        .await;
    progress.end();
    for (pin, answer) in answers {
        pin.add(answer, evidence);
    }
}

/// The pinned releases whose dependencies are needed; for those without a page, the page's answer is
/// theirs too.
fn pinned_releases<'a>(
    subjects: &[&'a Subjects<'a>],
    indexes: &'a BTreeMap<&str, Index>,
    evidence: &Evidence,
) -> Vec<Pinned<'a>> {
    let mut pins: BTreeMap<(&str, &ProjectName, &Version), Pinned<'a>> = BTreeMap::new();
    let installed = subjects
        .iter()
        .flat_map(|subjects| &subjects.files)
        .filter_map(|file| file.file.as_ref())
        .filter(|file| file.role == Role::Installed);
    for file in installed {
        let states_a_tree = file.from_index().all(|(_, subject)| subject.pin.is_some());
        if !states_a_tree {
            continue;
        }
        for (name, subject) in file.from_index() {
            let Some(version) = subject.pin else { continue };
            if subject.requirement.needs.is_some() {
                continue;
            }
            let page = evidence.shared_project(&subject.route, name);
            let Answer::Known((index_name, facts)) = page else {
                continue;
            };
            if let Some(index) = indexes.get(index_name.as_str()) {
                let pin = Pinned {
                    index,
                    subject,
                    name,
                    version,
                    facts,
                };
                pins.entry((&index.name, name, version)).or_insert(pin);
            }
        }
    }
    pins.into_values().collect()
}

impl Pinned<'_> {
    fn add(&self, answer: Answer<Metadata>, evidence: &mut Evidence) {
        let release = (self.name.clone(), self.version.clone());
        evidence.add_metadata(self.index.name.clone(), release, answer);
    }

    /// The question; `None` where the index has no such release, which another rule reports.
    fn question(&self) -> Option<MetadataQuestion<'_>> {
        Some(MetadataQuestion {
            index: self.index,
            project: self.name,
            version: self.version,
            release: self.facts.files.get(self.version)?,
            hashes: &self.subject.requirement.hashes,
            target: self.subject.target,
        })
    }
}

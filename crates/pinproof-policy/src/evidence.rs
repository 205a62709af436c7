//! The evidence a verdict rests on: answers of indexes, keyed by who was asked about what.

use std::collections::BTreeMap;
use std::sync::Arc;

use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::project_facts::{MetadataObstacle, ReleaseMetadata};
use pinproof_core::{
    Advisory, ProjectFacts, ProjectHistory, ProjectImports, ProjectName, ReleaseFacts, Version,
};

use serde::Serialize;

use crate::subject::{IndexName, Route};

/// Every answer that was gathered for a run.
///
/// A question that nobody gathered an answer for is `Unavailable`, so a forgotten request can never
/// pass as "nothing wrong".
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    projects: BTreeMap<(IndexName, ProjectName), Answer<Arc<ProjectFacts>>>,
    metadata: BTreeMap<(IndexName, ProjectName, Version), Answer<Metadata>>,
    advisories: BTreeMap<ProjectName, Answer<Arc<Advisories>>>,
    histories: BTreeMap<ProjectName, Arc<ProjectHistory>>,
    imports: Option<ProjectImports>,
}

/// What the sources of advisories say of one project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Advisories {
    /// The records, each with who published it.
    pub records: Vec<(Source, Advisory)>,
    /// What is missing: a source that is stale, damaged or silent, a record that is not understood.
    /// What the other records say counts all the same.
    pub gaps: Vec<Unavailable>,
}

/// The dependencies of a release, or why they cannot be read without building it.
pub type Metadata = Result<ReleaseMetadata, MetadataObstacle>;

/// The source that stands for an index without an address here: nobody is asked.
pub fn without_address(index: &str) -> Source {
    Source::new(&format!("index `{index}`{NO_ADDRESS}"))
}

/// Whether a question is open because the name belongs to an index without an address here.
pub fn is_without_address(source: &Source) -> bool {
    source.0.as_str().ends_with(NO_ADDRESS)
}

const NO_ADDRESS: &str = " (no address configured)";

impl Evidence {
    /// Adds what `index` said of `project`.
    pub fn add_project(
        &mut self,
        index: IndexName,
        project: ProjectName,
        answer: Answer<Arc<ProjectFacts>>,
    ) {
        self.projects.insert((index, project), answer);
    }

    /// Adds what `index` said of the dependencies of a release.
    pub fn add_metadata(
        &mut self,
        index: IndexName,
        (project, version): (ProjectName, Version),
        answer: Answer<Metadata>,
    ) {
        self.metadata.insert((index, project, version), answer);
    }

    /// What the indexes of `route` say of `project`: the first that has it answers.
    ///
    /// An index that could not be asked ends the search: the next one's answer might be another's
    /// project of the same name.
    pub fn project(&self, route: &Route, project: &ProjectName) -> Answer<&ProjectFacts> {
        self.answer(route, project)
            .and_then(|(_, facts)| Answer::Known(&**facts))
    }

    /// The same answer, shared, with the name of the index that gave it.
    pub fn shared_project(
        &self,
        route: &Route,
        project: &ProjectName,
    ) -> Answer<(IndexName, Arc<ProjectFacts>)> {
        self.answer(route, project)
            .and_then(|(index, facts)| Answer::Known((index.clone(), Arc::clone(facts))))
    }

    fn answer<'e>(
        &'e self,
        route: &Route,
        project: &ProjectName,
    ) -> Answer<(&'e IndexName, &'e Arc<ProjectFacts>)> {
        let indexes = match route {
            Route::Indexes(indexes) => indexes,
            Route::WithoutAddress(index) => {
                return Answer::Unsupported(without_address(index));
            }
            Route::Unasked(why) => {
                return Answer::Unavailable(Unavailable::new(&Source::new("an index"), *why));
            }
            Route::Nowhere => return Answer::Unsupported(Source::new("no index (none is asked)")),
        };
        if indexes.is_empty() {
            return Answer::Unavailable(Unavailable::new(
                &Source::new("index"),
                "none is configured",
            ));
        }
        for index in indexes {
            match self
                .projects
                .get_key_value(&(index.clone(), project.clone()))
            {
                Some((_, Answer::Absent)) => {}
                Some(((name, _), answer)) => {
                    return answer
                        .as_ref()
                        .and_then(|facts| Answer::Known((name, facts)));
                }
                None => {
                    return Answer::Unavailable(Unavailable::new(&Source::new(index), "not asked"));
                }
            }
        }
        Answer::Absent
    }

    /// The dependencies of a release, by the index that answers for the project: another index may have
    /// another release of that name and version.
    pub fn metadata(
        &self,
        route: &Route,
        project: &ProjectName,
        version: &Version,
    ) -> Answer<&Metadata> {
        self.answer(route, project).and_then(|(index, _)| {
            let key = (index.clone(), project.clone(), version.clone());
            match self.metadata.get(&key) {
                Some(answer) => answer.as_ref(),
                None => {
                    Answer::Unavailable(Unavailable::new(&Source::new("metadata"), "not asked"))
                }
            }
        })
    }

    /// Adds what the sources of advisories say of `project`.
    pub fn add_advisories(&mut self, project: ProjectName, answer: Answer<Arc<Advisories>>) {
        self.advisories.insert(project, answer);
    }

    /// The advisories about a project; one without any is `Known` and empty.
    pub fn advisories(&self, project: &ProjectName) -> Answer<&Advisories> {
        match self.advisories.get(project) {
            Some(answer) => answer.as_ref().and_then(|found| Answer::Known(&**found)),
            None => Answer::Unavailable(Unavailable::new(&Source::new("advisories"), "not asked")),
        }
    }

    /// Adds what is remembered of `project`.
    pub fn add_history(&mut self, project: ProjectName, history: Arc<ProjectHistory>) {
        self.histories.insert(project, history);
    }

    /// What is remembered of a project on the index that `page` is from. Only somebody who watches an index
    /// remembers anything: without a history, no question is open.
    pub fn history(&self, page: &ProjectFacts) -> Option<&ProjectHistory> {
        let history = self.histories.get(&page.project)?;
        (history.source == page.source).then_some(&**history)
    }

    /// Adds what the project's own files import.
    pub fn add_imports(&mut self, imports: ProjectImports) {
        self.imports = Some(imports);
    }

    /// What the project's own files import, if anybody looked. It explains findings; no level and no
    /// admission rests on it, so it is no answer to a question, and no part of the digest.
    pub fn imports(&self) -> Option<&ProjectImports> {
        self.imports.as_ref()
    }

    /// Whether anybody was asked for the advisories about a project.
    pub fn has_advisories(&self, project: &ProjectName) -> bool {
        self.advisories.contains_key(project)
    }

    /// Every project answer, in a fixed order.
    pub fn projects(
        &self,
    ) -> impl Iterator<Item = (&(IndexName, ProjectName), &Answer<Arc<ProjectFacts>>)> {
        self.projects.iter()
    }
}

/// The files of a release; a release that the page lists and whose files nobody gathered is no answer.
pub(crate) fn files_of<'a>(page: &'a ProjectFacts, version: &Version) -> Answer<&'a ReleaseFacts> {
    match page.release(version) {
        Answer::Absent if page.lists(version) => Answer::Unavailable(Unavailable::new(
            &page.source,
            "its files were not asked for",
        )),
        answer => answer,
    }
}

//! What a search is told: versions, whether one may be chosen, and what it needs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use pinproof_core::evidence::Answer;
use pinproof_core::project_facts::MetadataObstacle;
use pinproof_core::requirement::Pep508;
use pinproof_core::specifier::Prereleases;
use pinproof_core::{ExtraName, Hash, Printable, ProjectFacts, ProjectName, Specifiers, Version};
use pinproof_policy::subject::Route;
use pinproof_policy::{Evidence, Need};
use pinproof_resolve::Provider;
use pinproof_resolve::provider::{
    Dependencies, ListedVersion, Needs, Standing as Choice, Unanswered, Versions,
};

use super::ask::{Asker, Listing};
use super::candidate::{AskedAt, Candidate};
use super::judge::{Because, Judge, Judged, Standing};
use crate::advisories::Book;

/// More of a project's releases than this are not put before a policy one by one.
const MOST_JUDGED: usize = 5_000;

/// The world of one environment.
pub(super) struct World<'a> {
    pub(super) asker: &'a Asker,
    pub(super) judge: Judge<'a>,
    pub(super) book: &'a Book,
    /// Where the inputs ask for a project.
    pub(super) asked_at: BTreeMap<ProjectName, AskedAt<'a>>,
    pub(super) judged: HashMap<(ProjectName, Version), Rc<Judged>>,
    /// What was held back, and why.
    pub(super) held_back: BTreeMap<(ProjectName, Version), Because>,
    evidence: HashMap<ProjectName, Answer<Arc<pinproof_policy::evidence::Advisories>>>,
    needs: HashMap<(ProjectName, Version), Arc<Needs>>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        asker: &'a Asker,
        judge: Judge<'a>,
        book: &'a Book,
        asked_at: BTreeMap<ProjectName, AskedAt<'a>>,
    ) -> Self {
        Self {
            asker,
            judge,
            book,
            asked_at,
            judged: HashMap::new(),
            held_back: BTreeMap::new(),
            evidence: HashMap::new(),
            needs: HashMap::new(),
        }
    }

    /// What was decided about a release.
    pub(super) fn judged(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Rc<Judged>, Unanswered> {
        let key = (project.clone(), version.clone());
        if let Some(judged) = self.judged.get(&key) {
            return Ok(Rc::clone(judged));
        }
        if self.judged.len() >= MOST_JUDGED * 4 {
            return Err(Unanswered(Printable::from(format!(
                "more than {} releases would have to be judged",
                MOST_JUDGED * 4
            ))));
        }
        let listing = self.asker.listing(project);
        let facts = facts(&listing, version)?;
        let judged = Rc::new(self.decide(project, version, (&listing, facts)));
        if let Standing::Refused(because) | Standing::Denied(because) = &judged.standing {
            self.held_back.insert(key.clone(), because.clone());
        }
        self.judged.insert(key, Rc::clone(&judged));
        Ok(judged)
    }

    /// Every hash that the index publishes for the files of a release.
    pub(super) fn published(
        &self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Vec<Hash>, Unanswered> {
        let facts = facts(&self.asker.listing(project), version)?;
        let files = facts
            .files
            .get(version)
            .map_or(&[][..], |release| &release.files);
        Ok(files.iter().flat_map(|file| file.hashes.clone()).collect())
    }

    fn decide(
        &mut self,
        project: &ProjectName,
        version: &Version,
        (listing, facts): (&Listing, ProjectFacts),
    ) -> Judged {
        let mut evidence = Evidence::default();
        let facts = Arc::new(facts);
        for name in &listing.absent {
            evidence.add_project(name.clone(), project.clone(), Answer::Absent);
        }
        if let Answer::Known((index, _, _)) = &listing.page {
            let answer = Answer::Known(Arc::clone(&facts));
            evidence.add_project(index.name.clone(), project.clone(), answer);
        }
        if pinproof_policy::needs(self.judge.policy, Need::Advisories) {
            evidence.add_advisories(project.clone(), self.advisories(project));
        }
        self.judge.judge(&Candidate {
            project,
            version,
            listing,
            facts: &facts,
            evidence: &evidence,
            asked_at: self.asked_at.get(project).copied(),
        })
    }

    fn advisories(
        &mut self,
        project: &ProjectName,
    ) -> Answer<Arc<pinproof_policy::evidence::Advisories>> {
        let (book, policy) = (self.book, self.judge.policy);
        let ask = || {
            let answer = book.last_known(project, policy);
            answer.and_then(|found| Answer::Known(Arc::new(found)))
        };
        self.evidence
            .entry(project.clone())
            .or_insert_with(ask)
            .clone()
    }

    fn read_needs(
        &self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Result<Needs, Printable>, Unanswered> {
        let answer = self.asker.metadata(project, version);
        let metadata = match &*answer {
            Answer::Known(Ok(metadata)) => metadata,
            Answer::Known(Err(MetadataObstacle::NeedsBuild)) => {
                return Ok(Err(Printable::new(
                    "what it needs cannot be read without running its code",
                )));
            }
            Answer::Absent => return Ok(Err(Printable::new("the index lists no files of it"))),
            Answer::Unsupported(source) => {
                return Err(Unanswered(Printable::from(format!(
                    "what `{project}` {version} needs is not known: {source} does not say it"
                ))));
            }
            Answer::Unavailable(reason) => {
                return Err(Unanswered(Printable::from(format!(
                    "what `{project}` {version} needs is not known: {reason}"
                ))));
            }
        };
        if let Some(required) = &metadata.requires_python
            && let Ok(specifiers) = required.parse::<Specifiers>()
            && !self.is_for_python(&specifiers)
        {
            let required = Printable::new(required).shortened(60);
            return Ok(Err(Printable::from(format!("it needs Python {required}"))));
        }
        Ok(parse_needs(
            &metadata.requires_dist,
            &metadata.provides_extra,
        ))
    }

    fn is_for_python(&self, required: &Specifiers) -> bool {
        let python = self.judge.target.marker_value("python_full_version");
        let version = python.unwrap_or_default().parse::<Version>();
        version.is_ok_and(|version| required.contains(&version, Prereleases::Allow))
    }
}

impl Provider for World<'_> {
    fn versions(&mut self, project: &ProjectName) -> Result<Versions, Unanswered> {
        let listing = self.asker.listing(project);
        match &listing.page {
            Answer::Known((_, _, releases)) => Ok(Versions::Known(
                releases
                    .iter()
                    .map(|release| ListedVersion {
                        version: release.version.clone(),
                        yanked: release.yanked,
                    })
                    .collect(),
            )),
            Answer::Absent => Ok(Versions::None(unknown(&listing))),
            Answer::Unsupported(source) => Err(Unanswered(Printable::from(format!(
                "`{project}` was asked of nobody: {source}"
            )))),
            Answer::Unavailable(reason) => Err(Unanswered(Printable::from(format!(
                "no answer about `{project}`: {reason}"
            )))),
        }
    }

    fn standing(&mut self, project: &ProjectName, version: &Version) -> Result<Choice, Unanswered> {
        let judged = self.judged(project, version)?;
        let because = |because: &Because| {
            let until = because.until.map(|until| format!("; until {until:.0}"));
            let until = until.unwrap_or_default();
            Printable::from(format!("{} [{}]{until}", because.message, because.rule))
        };
        Ok(match &judged.standing {
            Standing::Good => Choice::Good,
            Standing::Denied(why) => Choice::Poor(because(why)),
            Standing::Refused(why) => Choice::Barred(because(why)),
            Standing::Unfit(why) => Choice::Barred(why.clone()),
            Standing::Undecided(why) => {
                let what = format!("whether `{project}` {version} may enter is not known: {why}");
                return Err(Unanswered(Printable::from(what)));
            }
        })
    }

    fn dependencies(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Dependencies, Unanswered> {
        let key = (project.clone(), version.clone());
        if let Some(needs) = self.needs.get(&key) {
            return Ok(Dependencies::Known(Arc::clone(needs)));
        }
        match self.read_needs(project, version)? {
            Ok(needs) => {
                let needs = Arc::new(needs);
                self.needs.insert(key, Arc::clone(&needs));
                Ok(Dependencies::Known(needs))
            }
            Err(why) => Ok(Dependencies::Unreadable(why)),
        }
    }

    fn foresee(&mut self, projects: &[ProjectName]) {
        for project in projects {
            self.asker.foresee(project, None);
        }
    }
}

/// The facts of a page with the files of one release.
pub(super) fn facts(listing: &Listing, version: &Version) -> Result<ProjectFacts, Unanswered> {
    let Answer::Known((_, page, _)) = &listing.page else {
        return Err(Unanswered(Printable::new("its page is not known")));
    };
    match page.facts(&BTreeSet::from([version.clone()])) {
        Answer::Known(facts) => Ok(facts),
        Answer::Unavailable(reason) => Err(Unanswered(Printable::from(reason.to_string()))),
        Answer::Absent | Answer::Unsupported(_) => {
            Err(Unanswered(Printable::new("its page cannot be read again")))
        }
    }
}

fn unknown(listing: &Listing) -> Printable {
    match &listing.route {
        Route::Indexes(names) => {
            let names: Vec<_> = names.iter().map(|name| Printable::new(name)).collect();
            let names: Vec<_> = names.iter().map(Printable::as_str).collect();
            Printable::from(format!("{} does not have it", names.join(" and ")))
        }
        _ => Printable::new("no index is asked for it"),
    }
}

/// The requirements of core metadata; one that is no requirement makes all of them unreadable, because
/// an installer would refuse the release or install something else.
fn parse_needs(requires: &[String], extras: &[String]) -> Result<Needs, Printable> {
    let requires = requires
        .iter()
        .map(|text| {
            text.parse::<Pep508>().map_err(|error| {
                let text = Printable::new(text).shortened(120);
                Printable::from(format!("its metadata cannot be read: `{text}`: {error}"))
            })
        })
        .collect::<Result<_, _>>()?;
    let extras = extras
        .iter()
        .filter_map(|extra| extra.parse::<ExtraName>().ok());
    Ok(Needs {
        requires,
        extras: extras.collect(),
    })
}

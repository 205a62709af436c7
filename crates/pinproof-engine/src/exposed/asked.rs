//! What is asked for: one release, or every release that an advisory is about.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::advisory::{Class, Kind};
use pinproof_core::evidence::Source;
use pinproof_core::specifier::Prereleases;
use pinproof_core::{Advisory, Printable, ProjectName, Specifiers, Version};
use pinproof_policy::Policy;

use super::Gap;
use crate::advisories::Book;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question, for reports.
    pub question: Question,
    about: BTreeMap<ProjectName, About>,
    /// What keeps the sources of advisories from saying all there is.
    pub(super) gaps: Vec<Gap>,
}

/// The question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// One release; its local versions, such as `2.0+cpu` of `2.0`, count too.
    Release {
        /// The project.
        project: ProjectName,
        /// The version.
        version: Version,
    },
    /// Whatever an advisory is about.
    Advisory {
        /// Its id, as given.
        id: Printable,
        /// What it says, for each project it is about.
        flaws: Vec<Flaw>,
    },
}

/// What an advisory says of one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The project.
    pub project: ProjectName,
    /// Every id it is known by.
    pub ids: BTreeSet<Printable>,
    /// Whether it is about malware, and not a flaw in an honest release.
    pub is_malware: bool,
    /// One line about it.
    pub summary: Printable,
}

/// Why an id leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownAdvisory {
    /// No source has a record of that id.
    Unknown,
    /// There are records, and at this time they do not count: why not.
    NotInForce(Printable),
}

/// Which versions of a project are meant.
#[derive(Clone, Debug)]
enum About {
    Release {
        version: Version,
        versions: Specifiers,
    },
    Records(Vec<(Source, Advisory)>),
}

/// That a release is one of those that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// Why it is only possible that it is.
    pub doubt: Option<Printable>,
    /// The smallest later version that the advisory is not about.
    pub fixed: Option<Version>,
}

impl Asked {
    /// Reads `NAME==VERSION`.
    pub fn release(text: &str) -> Option<Self> {
        let (name, version) = text.split_once("==")?;
        let project: ProjectName = name.trim().parse().ok()?;
        let version: Version = version.trim().parse().ok()?;
        let versions = format!("=={version}").parse().ok()?;
        let about = About::Release {
            version: version.clone(),
            versions,
        };
        Some(Self {
            about: BTreeMap::from([(project.clone(), about)]),
            question: Question::Release { project, version },
            gaps: Vec::new(),
        })
    }

    /// Looks an advisory up. Where a source cannot tell whether it knows the id, that is a gap, and the
    /// question stays open.
    pub fn advisory(id: &str, book: &Book, policy: &Policy) -> Result<Self, UnknownAdvisory> {
        let lookup = book.lookup(id, policy);
        if lookup.about.is_empty() && lookup.gaps.is_empty() {
            let why = lookup.not_in_force.into_iter().next();
            return Err(why.map_or(UnknownAdvisory::Unknown, UnknownAdvisory::NotInForce));
        }
        let flaws = lookup.about.iter().map(|(project, records)| {
            let advisories = || records.iter().map(|(_, advisory)| advisory);
            let ids = advisories().flat_map(|advisory| {
                let own = std::iter::once(&advisory.id);
                own.chain(&advisory.aliases).map(|id| shown_id(id))
            });
            let summary = advisories().map(|advisory| advisory.summary.as_str());
            let summary = { summary }.find(|summary| !summary.is_empty());
            Flaw {
                project: project.clone(),
                ids: ids.collect(),
                is_malware: advisories().any(|advisory| advisory.kind == Kind::Malware),
                summary: Printable::new(summary.unwrap_or("")).shortened(300),
            }
        });
        let question = Question::Advisory {
            id: shown_id(id),
            flaws: flaws.collect(),
        };
        let gap = |gap: pinproof_core::evidence::Unavailable| Gap {
            path: gap.source.0,
            why: gap.why,
            help: None,
        };
        let about = lookup.about.into_iter();
        Ok(Self {
            question,
            about: about
                .map(|(project, records)| (project, About::Records(records)))
                .collect(),
            gaps: lookup.gaps.into_iter().map(gap).collect(),
        })
    }

    /// What is looked for, as the object of a sentence.
    pub(super) fn which(&self) -> &'static str {
        match self.question {
            Question::Release { .. } => "the release",
            Question::Advisory { .. } => "an affected release",
        }
    }

    /// The projects whose releases are looked for.
    pub fn projects(&self) -> impl Iterator<Item = &ProjectName> {
        self.about.keys()
    }

    /// Whether releases of that project are looked for.
    pub(super) fn is_about(&self, project: &ProjectName) -> bool {
        self.about.contains_key(project)
    }

    /// Whether a release is one of those that are looked for.
    pub(super) fn hit(&self, project: &ProjectName, version: &Version) -> Option<Hit> {
        match self.about.get(project)? {
            About::Release {
                version: asked,
                versions,
            } => {
                let is_it = version == asked || versions.contains(version, Prereleases::Allow);
                is_it.then(Hit::default)
            }
            About::Records(records) => {
                let records: Vec<(&Source, &Advisory)> = records
                    .iter()
                    .map(|(source, advisory)| (source, advisory))
                    .collect();
                let class = Class::of(&records, version)?;
                Some(Hit {
                    doubt: class.doubt,
                    fixed: class.fixed,
                })
            }
        }
    }

    /// Whether a requirement that pins nothing accepts a release that is looked for.
    pub(super) fn is_accepted(&self, project: &ProjectName, specifiers: &Specifiers) -> bool {
        match self.about.get(project) {
            None => false,
            Some(About::Release { version, .. }) => {
                specifiers.contains(version, Prereleases::Allow)
            }
            Some(About::Records(records)) => records
                .iter()
                .any(|(_, advisory)| advisory.meets(specifiers)),
        }
    }
}

/// An id is foreign text.
fn shown_id(id: &str) -> Printable {
    Printable::new(id).shortened(100)
}

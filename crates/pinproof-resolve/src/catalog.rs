//! What is known of each project: its versions, and which of them may be chosen in which order.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pinproof_core::specifier::Prereleases;
use pinproof_core::{Printable, ProjectName, Specifiers, Version};
use pubgrub::VersionSet;

use crate::demands::Demands;
use crate::indexes::Indexes;
use crate::limits::{Limits, TooMuch};
use crate::problem::{PrereleaseMode, Strategy};
use crate::provider::{ListedVersion, Provider, Standing, Unanswered, Versions};
use crate::search::Stop;

/// A project, by the order in which the search came upon it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ProjectId(u32);

/// What a version is before anybody is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It may be chosen like any other.
    Regular,
    /// A pre-release, only for where no regular version fits.
    Fallback,
    /// A pre-release that the mode does not let in.
    Prerelease,
    /// Withdrawn, and nobody outside asks for exactly it.
    Yanked,
}

/// A project.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: ProjectName,
    pub(crate) listed: Arc<[ListedVersion]>,
    /// Why there is no version at all.
    pub(crate) absent: Option<Printable>,
    kinds: Vec<Kind>,
    standings: Vec<Option<Standing>>,
    preference: Option<u32>,
    accepted: HashMap<String, Indexes>,
}

/// The projects that the search came upon.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    projects: Vec<Project>,
    ids: BTreeMap<ProjectName, ProjectId>,
    comparisons: u64,
}

impl Project {
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.listed.len()).unwrap_or(u32::MAX - 1)
    }

    pub(crate) fn version(&self, index: u32) -> &Version {
        &self.listed[index as usize].version
    }

    pub(crate) fn kind(&self, index: u32) -> Kind {
        self.kinds[index as usize]
    }

    /// The standing of a version, if it was asked.
    pub(crate) fn known_standing(&self, index: u32) -> Option<&Standing> {
        self.standings[index as usize].as_ref()
    }
}

impl Catalog {
    pub(crate) fn id(&self, name: &ProjectName) -> Option<ProjectId> {
        self.ids.get(name).copied()
    }

    pub(crate) fn get(&self, id: ProjectId) -> &Project {
        &self.projects[id.0 as usize]
    }

    /// The project of this name; its versions are asked for where it is new.
    pub(crate) fn learn(
        &mut self,
        name: &ProjectName,
        demands: &Demands<'_>,
        provider: &mut impl Provider,
        limits: &Limits,
    ) -> Result<ProjectId, Stop> {
        if let Some(&id) = self.ids.get(name) {
            return Ok(id);
        }
        if self.projects.len() >= limits.projects {
            return Err(Stop::TooMuch(TooMuch::Projects {
                limit: limits.projects,
                last: name.clone(),
            }));
        }
        let (listed, absent) = match provider.versions(name)? {
            Versions::Known(listed) => (listed, None),
            Versions::None(reason) => (Arc::from([]), Some(reason)),
        };
        // The limit on projects keeps the number in range.
        #[expect(clippy::cast_possible_truncation)]
        let id = ProjectId(self.projects.len() as u32);
        self.projects
            .push(Project::new(name, listed, absent, demands));
        self.ids.insert(name.clone(), id);
        Ok(id)
    }

    /// The versions that `specifiers` accept.
    pub(crate) fn accepted(
        &mut self,
        id: ProjectId,
        specifiers: &Specifiers,
        limits: &Limits,
    ) -> Result<Indexes, Stop> {
        let project = &mut self.projects[id.0 as usize];
        let count = project.count();
        if specifiers.is_empty() {
            return Ok(Indexes::below(count));
        }
        let text = specifiers.to_string();
        if let Some(known) = project.accepted.get(&text) {
            return Ok(known.clone());
        }
        self.comparisons += u64::from(count) * specifiers.iter().len() as u64;
        if self.comparisons > limits.comparisons {
            return Err(Stop::TooMuch(TooMuch::Comparisons(limits.comparisons)));
        }
        let listed = &project.listed;
        let accepted = Indexes::matching(count, |index| {
            specifiers.contains(&listed[index as usize].version, Prereleases::Allow)
        });
        project.accepted.insert(text, accepted.clone());
        Ok(accepted)
    }

    /// The version to choose from `range`: the preferred one, then final releases, then pre-releases;
    /// among these the good ones first, and of equals the highest, or the lowest.
    pub(crate) fn best(
        &mut self,
        id: ProjectId,
        range: &Indexes,
        strategy: Strategy,
        provider: &mut impl Provider,
    ) -> Result<Option<u32>, Unanswered> {
        let project = &mut self.projects[id.0 as usize];
        if let Some(preferred) = project.preference.filter(|index| range.contains(index))
            && *project.standing(preferred, provider)? == Standing::Good
        {
            return Ok(Some(preferred));
        }
        for kind in [Kind::Regular, Kind::Fallback] {
            let mut poor = None;
            let all = range.iter_below(project.count());
            let ordered: Box<dyn Iterator<Item = u32>> = match strategy {
                Strategy::Highest => Box::new(all.rev()),
                Strategy::Lowest => Box::new(all),
            };
            for index in ordered {
                if project.kind(index) != kind {
                    continue;
                }
                match project.standing(index, provider)? {
                    Standing::Good => return Ok(Some(index)),
                    Standing::Poor(_) => poor = poor.or(Some(index)),
                    Standing::Barred(_) => {}
                }
            }
            if poor.is_some() {
                return Ok(poor);
            }
        }
        Ok(None)
    }
}

impl Project {
    fn new(
        name: &ProjectName,
        listed: Arc<[ListedVersion]>,
        absent: Option<Printable>,
        demands: &Demands<'_>,
    ) -> Self {
        let kinds = kinds(name, &listed, demands);
        let preferred = demands.preference(name);
        let is_preferred = |listed: &ListedVersion| Some(&listed.version) == preferred;
        let preference = listed
            .iter()
            .position(is_preferred)
            .and_then(|index| u32::try_from(index).ok())
            .filter(|&index| matches!(kinds[index as usize], Kind::Regular | Kind::Fallback));
        Self {
            name: name.clone(),
            standings: vec![None; listed.len()],
            listed,
            absent,
            kinds,
            preference,
            accepted: HashMap::new(),
        }
    }

    fn standing(
        &mut self,
        index: u32,
        provider: &mut impl Provider,
    ) -> Result<&Standing, Unanswered> {
        let known = &mut self.standings[index as usize];
        let standing = match known.take() {
            Some(standing) => standing,
            None => provider.standing(&self.name, &self.listed[index as usize].version)?,
        };
        Ok(known.insert(standing))
    }
}

fn kinds(name: &ProjectName, listed: &[ListedVersion], demands: &Demands<'_>) -> Vec<Kind> {
    if demands.url(name).is_some() {
        return vec![Kind::Regular; listed.len()];
    }
    let has_final = listed
        .iter()
        .any(|listed| !listed.version.is_prerelease() && !listed.yanked);
    let prereleases = match demands.prereleases {
        PrereleaseMode::Allow => Kind::Regular,
        PrereleaseMode::IfNecessary => Kind::Fallback,
        PrereleaseMode::IfNecessaryOrNamed if demands.names_prerelease(name) => Kind::Regular,
        PrereleaseMode::IfNecessaryOrNamed if !has_final => Kind::Fallback,
        PrereleaseMode::IfNecessaryOrNamed | PrereleaseMode::Disallow => Kind::Prerelease,
    };
    let preferred = match demands.prereleases {
        PrereleaseMode::Disallow => None,
        _ => demands.preference(name),
    };
    let kind = |listed: &ListedVersion| match &listed.version {
        version if listed.yanked && !demands.pins(name, version) => Kind::Yanked,
        version if !version.is_prerelease() => Kind::Regular,
        version if preferred == Some(version) && prereleases == Kind::Prerelease => Kind::Fallback,
        _ => prereleases,
    };
    listed.iter().map(kind).collect()
}

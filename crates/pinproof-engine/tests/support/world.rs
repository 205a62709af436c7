//! An evidence source that answers from a TOML text, and friendly where the text says nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pinproof_core::advisory::{Affected, Boundary, Event, Kind, Range, Rating, RatingKind};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::project_facts::{
    MetadataObstacle, ProjectStatus, Publishes, ReleaseMetadata, ReleaseSummary, StatusMarker,
};
use pinproof_core::{
    Advisory, FileFacts, Hash, HashAlgorithm, ProjectFacts, ProjectHistory, ProjectName,
    ReleaseFacts, Version,
};
use pinproof_engine::gather::{ByProject, EvidenceSource, MetadataQuestion, Releases};
use pinproof_engine::inputs::LoadedFile;
use pinproof_engine::sources::Index;
use pinproof_policy::Policy;
use pinproof_policy::evidence::{Advisories, Metadata};
use pinproof_policy::subject::IndexName;
use serde::Deserialize;

use super::remembered::Remembered;

/// The world of a test; see the rule pages for what it may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct World {
    /// The time to decide for.
    pub(crate) now: Option<String>,
    /// The Python to judge for.
    pub(crate) python: Option<String>,
    /// The platform to judge for.
    pub(crate) platform: Option<String>,
    #[serde(default)]
    index: BTreeMap<String, IndexSays>,
    #[serde(default)]
    project: BTreeMap<String, ProjectSays>,
    #[serde(default)]
    advisory: BTreeMap<String, AdvisorySays>,
    #[serde(default)]
    history: BTreeMap<String, Remembered>,
    #[serde(default)]
    advisories: AdvisoriesSay,
    /// The hashes that the files of the test hold each release to.
    #[serde(skip)]
    hashes: BTreeMap<(ProjectName, Version), Vec<Hash>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct IndexSays {
    unavailable: Option<String>,
    upload_times: Option<bool>,
    project_status: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ProjectSays {
    index: Option<String>,
    #[serde(default)]
    absent: bool,
    status: Option<String>,
    reason: Option<String>,
    #[serde(flatten)]
    releases: BTreeMap<String, ReleaseSays>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ReleaseSays {
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    needs_build: bool,
    metadata_unavailable: Option<String>,
    files: Option<Vec<FileSays>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileSays {
    filename: String,
    sha256: Option<String>,
    md5: Option<String>,
    uploaded: Option<String>,
    yanked: Option<String>,
    requires_python: Option<String>,
}

/// An advisory, by its id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AdvisorySays {
    project: String,
    #[serde(default)]
    aliases: Vec<String>,
    summary: Option<String>,
    severity: Option<String>,
    introduced: Option<String>,
    fixed: Option<String>,
    /// A boundary that is no version.
    undecidable: Option<String>,
    published: Option<String>,
    withdrawn: Option<String>,
}

/// How the source of the advisories answers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AdvisoriesSay {
    unavailable: Option<String>,
    #[serde(default)]
    unsupported: bool,
}

impl AdvisorySays {
    fn advisory(&self, id: &str) -> Advisory {
        let version = |text: &String| Boundary::Version(text.parse().expect("a version"));
        let introduced = self.introduced.as_ref().map_or(Boundary::Zero, version);
        let mut events = vec![Event::Introduced(introduced)];
        events.extend(
            self.fixed
                .as_ref()
                .map(|fixed| Event::Fixed(version(fixed))),
        );
        let range = match &self.undecidable {
            Some(boundary) => Range::Undecidable(boundary.clone()),
            None => Range::of_events(events),
        };
        let rating = |word: &String| Rating {
            kind: RatingKind::Word,
            text: word.clone(),
            score: None,
            severity: word.parse().ok(),
        };
        let time = |text: &String| text.parse().expect("a time");
        Advisory {
            id: id.to_owned(),
            aliases: self.aliases.clone(),
            kind: if id.starts_with("MAL-") {
                Kind::Malware
            } else {
                Kind::Vulnerability
            },
            summary: self.summary.clone().unwrap_or_default(),
            ratings: self.severity.iter().map(rating).collect(),
            published: self.published.as_ref().map(time),
            modified: None,
            withdrawn: self.withdrawn.as_ref().map(time),
            affected: vec![Affected::new(vec![range], [])],
            imports: Vec::new(),
        }
    }
}

impl World {
    /// Reads a world.
    pub(crate) fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|error| panic!("world: {error}\n{text}"))
    }

    /// Takes over the hashes of the files, for the releases that the world does not mention.
    pub(crate) fn know(&mut self, files: &[LoadedFile]) {
        for requirement in files.iter().flat_map(|file| &file.manifest.requirements) {
            if let (Some(name), Some(pin)) = (&requirement.name, requirement.pin()) {
                let hashes = requirement
                    .hashes
                    .iter()
                    .map(|written| written.hash.clone());
                let known = self.hashes.entry((name.clone(), pin.clone())).or_default();
                known.extend(hashes);
            }
        }
    }

    fn says_of_index(&self, index: &str) -> Option<&IndexSays> {
        self.index
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(index))
            .map(|(_, says)| says)
    }

    fn says_of(&self, index: &str, project: &ProjectName) -> Option<&ProjectSays> {
        let says = self.project.get(project.as_str())?;
        let asked = says.index.as_deref().unwrap_or(index);
        asked.eq_ignore_ascii_case(index).then_some(says)
    }

    fn answer(
        &self,
        index: &str,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Answer<ProjectFacts> {
        let source = Source::new(index);
        let of_index = self.says_of_index(index);
        if let Some(why) = of_index.and_then(|says| says.unavailable.as_deref()) {
            return Answer::Unavailable(Unavailable::new(&source, why));
        }
        let Some(says) = self.says_of(index, project) else {
            if self.project.contains_key(project.as_str()) {
                return Answer::Absent;
            }
            return Answer::Known(self.friendly(source, of_index, (project, versions)));
        };
        if says.absent {
            return Answer::Absent;
        }
        let mut facts = self.friendly(source, of_index, (project, &BTreeSet::new()));
        facts.status = says.status.as_ref().map(|status| ProjectStatus {
            marker: match status.as_str() {
                "quarantined" => StatusMarker::Quarantined,
                "archived" => StatusMarker::Archived,
                "deprecated" => StatusMarker::Deprecated,
                "active" => StatusMarker::Active,
                other => StatusMarker::Other(other.to_owned()),
            },
            reason: says.reason.clone(),
        });
        if says.releases.is_empty() {
            let status = facts.status.take();
            facts = self.friendly(facts.source, of_index, (project, versions));
            facts.status = status;
        } else {
            self.add_releases(&mut facts, says, of_index, versions);
        }
        Answer::Known(facts)
    }

    fn add_releases(
        &self,
        facts: &mut ProjectFacts,
        says: &ProjectSays,
        of_index: Option<&IndexSays>,
        versions: &BTreeSet<Version>,
    ) {
        let has_times = of_index.and_then(|says| says.upload_times).unwrap_or(true);
        let mut summaries = Vec::new();
        facts.files.clear();
        facts.publishes.hashes.clear();
        for (version, release) in &says.releases {
            let version: Version = version.parse().expect("a version");
            let mut files = match &release.files {
                Some(files) => files.iter().map(file).collect(),
                None => self.friendly_files(&facts.project, &version),
            };
            if !has_times {
                for file in &mut files {
                    file.uploaded_at = None;
                }
            }
            facts.publishes.hashes.extend(
                files
                    .iter()
                    .flat_map(|file| &file.hashes)
                    .map(Hash::algorithm),
            );
            summaries.push(summary(&version, &files));
            if versions.contains(&version) {
                facts.files.insert(version, ReleaseFacts { files });
            }
        }
        facts.publishes.upload_times = summaries
            .iter()
            .any(|r: &ReleaseSummary| r.first_upload.is_some())
            || facts
                .files
                .values()
                .flat_map(|r| &r.files)
                .any(|f| f.uploaded_at.is_some());
        summaries.sort_by(|a, b| a.version.cmp(&b.version));
        facts.releases = summaries.into();
    }

    fn friendly(
        &self,
        source: Source,
        of_index: Option<&IndexSays>,
        (project, versions): (&ProjectName, &BTreeSet<Version>),
    ) -> ProjectFacts {
        let says = |of: fn(&IndexSays) -> Option<bool>| of_index.and_then(of).unwrap_or(true);
        let has_times = says(|says| says.upload_times);
        let one: Version = "1.0".parse().expect("a version");
        let wanted = if versions.is_empty() {
            BTreeSet::from([one])
        } else {
            versions.clone()
        };
        let files: BTreeMap<Version, ReleaseFacts> = wanted
            .into_iter()
            .map(|version| {
                let mut files = self.friendly_files(project, &version);
                if !has_times {
                    for file in &mut files {
                        file.uploaded_at = None;
                    }
                }
                (version, ReleaseFacts { files })
            })
            .collect();
        ProjectFacts {
            project: project.clone(),
            source,
            fetched_at: Timestamp::UNIX_EPOCH,
            publishes: Publishes {
                upload_times: has_times,
                project_status: says(|says| says.project_status),
                hashes: BTreeSet::from([HashAlgorithm::Sha256]),
            },
            status: None,
            releases: files
                .iter()
                .map(|(version, r)| summary(version, &r.files))
                .collect::<Vec<_>>()
                .into(),
            not_understood: 0,
            files,
        }
    }

    fn friendly_files(&self, project: &ProjectName, version: &Version) -> Vec<FileFacts> {
        let stem = project.as_str().replace('-', "_");
        let hashes = self.hashes.get(&(project.clone(), version.clone()));
        let strong: Vec<Hash> = hashes
            .into_iter()
            .flatten()
            .filter(|hash| hash.algorithm() == HashAlgorithm::Sha256)
            .cloned()
            .collect();
        let hashes = if strong.is_empty() {
            vec![Hash::new(HashAlgorithm::Sha256, &"0".repeat(64)).expect("a hash")]
        } else {
            strong
        };
        hashes
            .into_iter()
            .enumerate()
            .map(|(at, hash)| FileFacts {
                filename: match at {
                    0 => format!("{stem}-{version}-py3-none-any.whl"),
                    at => format!("{stem}-{version}-{at}-py3-none-any.whl"),
                },
                url: String::new(),
                hashes: vec![hash],
                size: Some(1),
                uploaded_at: "2020-01-01T00:00:00Z".parse().ok(),
                yanked: None,
                requires_python: None,
                core_metadata: None,
                provenance: None,
            })
            .collect()
    }

    fn said_of(&self, project: &ProjectName) -> Answer<Advisories> {
        let source = Source::new("osv");
        if self.advisories.unsupported {
            return Answer::Unsupported(source);
        }
        let says = self
            .advisory
            .iter()
            .filter(|(_, says)| says.project == project.as_str());
        let records = says.map(|(id, says)| (source.clone(), says.advisory(id)));
        let gap = self.advisories.unavailable.as_ref();
        Answer::Known(Advisories {
            records: records.collect(),
            gaps: gap
                .map(|why| Unavailable::new(&source, why.as_str()))
                .into_iter()
                .collect(),
        })
    }

    fn dependencies(&self, question: &MetadataQuestion<'_>) -> Answer<Metadata> {
        let says = self
            .says_of(&question.index.name, question.project)
            .and_then(|says| {
                says.releases.iter().find(|(version, _)| {
                    version
                        .parse::<Version>()
                        .is_ok_and(|version| version == *question.version)
                })
            })
            .map(|(_, release)| release);
        if let Some(why) = says.and_then(|says| says.metadata_unavailable.as_deref()) {
            let source = Source::new(&question.index.name);
            return Answer::Unavailable(Unavailable::new(&source, why));
        }
        if says.is_some_and(|says| says.needs_build) {
            return Answer::Known(Err(MetadataObstacle::NeedsBuild));
        }
        Answer::Known(Ok(ReleaseMetadata {
            requires_dist: says.map(|says| says.requires.clone()).unwrap_or_default(),
            provides_extra: Vec::new(),
            requires_python: None,
            read_from: "world".to_owned(),
        }))
    }
}

fn file(says: &FileSays) -> FileFacts {
    let hash = |algorithm, digits: &Option<String>| {
        let digits = digits.as_ref()?;
        Some(Hash::new(algorithm, digits).expect("a hash"))
    };
    let sha256 = hash(HashAlgorithm::Sha256, &says.sha256);
    let md5 = hash(HashAlgorithm::Md5, &says.md5);
    FileFacts {
        filename: says.filename.clone(),
        url: String::new(),
        hashes: sha256.into_iter().chain(md5).collect(),
        size: Some(1),
        uploaded_at: says
            .uploaded
            .as_ref()
            .map(|time| time.parse().expect("a time")),
        yanked: says
            .yanked
            .as_ref()
            .map(|reason| (!reason.is_empty()).then(|| reason.clone())),
        requires_python: says.requires_python.clone(),
        core_metadata: None,
        provenance: None,
    }
}

fn summary(version: &Version, files: &[FileFacts]) -> ReleaseSummary {
    let times: Option<Vec<Timestamp>> = files.iter().map(|file| file.uploaded_at).collect();
    ReleaseSummary {
        version: version.clone(),
        first_upload: times.and_then(|times| times.into_iter().min()),
        yanked: !files.is_empty() && files.iter().all(|file| file.yanked.is_some()),
        has_wheel: files.iter().any(|file| file.filename.contains(".whl")),
    }
}

impl EvidenceSource for World {
    fn history(&self, index: &IndexName, project: &ProjectName) -> Option<ProjectHistory> {
        let remembered = self.history.get(project.as_str())?;
        Some(remembered.history(&Source::new(index)))
    }

    fn known_project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Option<Answer<ProjectFacts>> {
        Some(self.answer(&index.name, project, versions))
    }

    async fn project(
        &self,
        index: &Index,
        project: &ProjectName,
        versions: &BTreeSet<Version>,
    ) -> Answer<ProjectFacts> {
        self.answer(&index.name, project, versions)
    }

    fn known_metadata(&self, question: &MetadataQuestion<'_>) -> Option<Answer<Metadata>> {
        Some(self.dependencies(question))
    }

    async fn metadata(&self, question: &MetadataQuestion<'_>) -> Answer<Metadata> {
        self.dependencies(question)
    }

    async fn advisories(&self, wanted: &Releases, _: &Policy) -> ByProject<Answer<Advisories>> {
        wanted
            .keys()
            .map(|project| (project.clone(), self.said_of(project)))
            .collect()
    }
}

//! Projects and indexes made of a few words, for the tests of this crate.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::manifest::{InlineIgnore, Origin, Requirement, Scope, WrittenHash};
use pinproof_core::project_facts::{
    MetadataObstacle, ProjectStatus, Publishes, ReleaseMetadata, ReleaseSummary, StatusMarker,
};
use pinproof_core::requirement::Pep508;
use pinproof_core::{
    Environment, FileFacts, Hash, HashAlgorithm, IndexUrl, Manifest, Platform, ProjectFacts,
    ProjectName, PythonVersion, ReleaseFacts, SourceFile, Span, Verdict, Version,
};

use crate::evidence::{Evidence, Metadata};
use crate::policy::{IndexPolicy, Policy, Preset, RuleConfig};
use crate::subject::{
    ClientIndex, FileSubject, InputRequirement, Reader, RequirementSubject, Role, Route,
    SettingsSubject, Subject,
};
use crate::{decide, find_rule};

/// The only index of most tests.
pub(super) const INDEX: &str = "pypi";

/// The time that every test decides for.
pub(super) fn now() -> Timestamp {
    time("2026-11-01T00:00:00Z")
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn name(text: &str) -> ProjectName {
    text.parse().unwrap()
}

pub(super) fn version(text: &str) -> Version {
    text.parse().unwrap()
}

pub(super) fn url(text: &str) -> IndexUrl {
    IndexUrl::parse(text).unwrap()
}

/// A sha256 whose digits repeat `pair`.
pub(super) fn sha256(pair: &str) -> Hash {
    Hash::new(HashAlgorithm::Sha256, &pair.repeat(32)).unwrap()
}

/// A file of requirements: one a line, `NAME==VERSION [; MARKER] [#PAIR…]`, each pair a sha256.
pub(super) struct Project {
    pub(super) source: SourceFile,
    pub(super) manifest: Manifest,
    pub(super) role: Role,
    pub(super) target: Environment,
    pub(super) route: Route,
    pub(super) client: Vec<ClientIndex>,
    pub(super) inputs: Option<(SourceFile, Manifest)>,
}

impl Project {
    pub(super) fn of(text: &str) -> Self {
        let (source, manifest) = read("requirements.txt", text);
        Self {
            source,
            manifest,
            role: Role::Installed,
            target: Environment::of_target(python(3, 14), Platform::LinuxX86_64),
            route: Route::Indexes(vec![INDEX.to_owned()]),
            client: vec![ClientIndex {
                address: url("https://pypi.example/simple/"),
                place: None,
                is_pypi: false,
            }],
            inputs: None,
        }
    }

    pub(super) fn with_inputs(text: &str, inputs: &str) -> Self {
        Self {
            inputs: Some(read("requirements.in", inputs)),
            ..Self::of(text)
        }
    }

    pub(super) fn requirements(&self) -> Vec<RequirementSubject<'_>> {
        let subject = |requirement| RequirementSubject {
            environment: None,
            source: &self.source,
            requirement,
            pin: Requirement::pin(requirement),
            route: self.route.clone(),
            client: &self.client,
            role: &self.role,
            ignores: &self.manifest.ignores,
            target: &self.target,
            no_binary: false,
            reader: Reader::Pip,
        };
        self.manifest.requirements.iter().map(subject).collect()
    }

    pub(super) fn file(&self) -> FileSubject<'_> {
        let inputs = self.inputs.as_ref().map(|(source, manifest)| {
            let input = |requirement| InputRequirement {
                requirement,
                source,
            };
            manifest.requirements.iter().map(input).collect()
        });
        FileSubject {
            source: &self.source,
            manifest: &self.manifest,
            role: self.role.clone(),
            requirements: self.requirements(),
            settings: SettingsSubject::default(),
            locks: Vec::new(),
            inputs,
            target: &self.target,
            tree: OnceCell::new(),
        }
    }

    /// The verdict about the first requirement.
    pub(super) fn decide_first(&self, evidence: &Evidence, policy: &Policy) -> Verdict {
        let requirements = self.requirements();
        decide(
            &Subject::Requirement(&requirements[0]),
            &self.without_advisories(evidence),
            policy,
            now(),
        )
    }

    /// The verdict about the file.
    pub(super) fn decide_file(&self, evidence: &Evidence, policy: &Policy) -> Verdict {
        let evidence = self.without_advisories(evidence);
        decide(&Subject::File(&self.file()), &evidence, policy, now())
    }

    /// The same evidence, and no advisory about any requirement that it says nothing of.
    fn without_advisories(&self, evidence: &Evidence) -> Evidence {
        let mut evidence = evidence.clone();
        for requirement in &self.manifest.requirements {
            if let Some(name) = &requirement.name
                && !evidence.has_advisories(name)
            {
                evidence.add_advisories(name.clone(), Answer::Known(Arc::default()));
            }
        }
        evidence
    }

    /// An inline ignore of `rule` that covers the `at`-th requirement.
    pub(super) fn ignore_inline(&mut self, at: usize, rule: &str, reason: &str) {
        self.manifest.ignores.push(InlineIgnore {
            rules: vec![rule.to_owned()],
            reason: reason.to_owned(),
            span: Span::default(),
            applies_to: self.manifest.requirements[at].span,
        });
    }
}

pub(super) fn python(major: u16, minor: u16) -> PythonVersion {
    PythonVersion {
        major,
        minor,
        patch: None,
    }
}

fn read(path: &str, text: &str) -> (SourceFile, Manifest) {
    let mut manifest = Manifest::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        if end > start {
            manifest
                .requirements
                .push(requirement(line.trim_end(), Span::new(start, end)));
        }
        start += line.len();
    }
    (
        SourceFile::new(path, String::new(), text.to_owned()),
        manifest,
    )
}

fn requirement(line: &str, span: Span) -> Requirement {
    let (text, pairs) = line.split_once('#').unwrap_or((line, ""));
    let parsed: Pep508 = text.trim().parse().unwrap();
    let shifted = |part: Span| Span::new(span.start + part.start, span.start + part.end);
    let hash = |pair| WrittenHash {
        hash: sha256(pair),
        span,
    };
    Requirement {
        name: Some(parsed.name),
        extras: parsed.extras,
        origin: Origin::Index(parsed.specifiers),
        version: None,
        index: None,
        needs: None,
        marker: parsed.marker,
        hashes: pairs.split_whitespace().map(hash).collect(),
        editable: false,
        scope: Scope::Main,
        via: Vec::new(),
        span,
        name_span: shifted(parsed.name_span),
        origin_span: shifted(parsed.specifier_span.unwrap_or(parsed.name_span)),
    }
}

/// What an index says of a project: releases with files, all published long ago.
pub(super) fn page(project: &str, releases: &[(&str, Vec<FileFacts>)]) -> ProjectFacts {
    let mut facts = ProjectFacts {
        project: name(project),
        source: Source::new(INDEX),
        fetched_at: now(),
        publishes: Publishes {
            upload_times: true,
            project_status: true,
            hashes: [HashAlgorithm::Sha256].into(),
        },
        status: None,
        releases: Vec::new().into(),
        files: std::collections::BTreeMap::new(),
        not_understood: 0,
    };
    let mut summaries = Vec::new();
    for (number, files) in releases {
        summaries.push(ReleaseSummary {
            version: version(number),
            first_upload: files.iter().filter_map(|file| file.uploaded_at).min(),
            yanked: !files.is_empty() && files.iter().all(|file| file.yanked.is_some()),
            has_wheel: files.iter().any(|file| file.filename.contains(".whl")),
        });
        let release = ReleaseFacts {
            files: files.clone(),
        };
        facts.files.insert(version(number), release);
    }
    summaries.sort_by(|a, b| a.version.cmp(&b.version));
    facts.releases = summaries.into();
    facts
}

/// A file that was uploaded long ago.
pub(super) fn file(filename: &str, pair: &str) -> FileFacts {
    FileFacts {
        filename: filename.to_owned(),
        url: format!("https://files.example/{filename}"),
        hashes: vec![sha256(pair)],
        size: Some(1),
        uploaded_at: Some(time("2020-01-01T00:00:00Z")),
        yanked: None,
        requires_python: None,
        core_metadata: None,
        provenance: None,
    }
}

/// A page with one release that has one wheel for every platform.
pub(super) fn wheel_page(project: &str, number: &str, pair: &str) -> ProjectFacts {
    let filename = format!("{}-{number}-py3-none-any.whl", project.replace('-', "_"));
    page(project, &[(number, vec![file(&filename, pair)])])
}

pub(super) fn quarantined(mut page: ProjectFacts) -> ProjectFacts {
    page.status = Some(ProjectStatus {
        marker: StatusMarker::Quarantined,
        reason: None,
    });
    page
}

/// Evidence in which `INDEX` gave these pages.
pub(super) fn world(pages: Vec<ProjectFacts>) -> Evidence {
    let mut evidence = Evidence::default();
    for page in pages {
        let project = page.project.clone();
        evidence.add_project(INDEX.to_owned(), project, Answer::Known(Arc::new(page)));
    }
    evidence
}

pub(super) fn unavailable<T>() -> Answer<T> {
    Answer::Unavailable(Unavailable::new(&Source::new(INDEX), "timed out"))
}

/// Adds what the metadata of a release says it needs.
pub(super) fn needs(evidence: &mut Evidence, project: &str, number: &str, requires: &[&str]) {
    let metadata = ReleaseMetadata {
        requires_dist: requires.iter().map(|text| (*text).to_owned()).collect(),
        provides_extra: Vec::new(),
        requires_python: None,
        read_from: "a wheel".to_owned(),
    };
    add_metadata(evidence, project, number, Answer::Known(Ok(metadata)));
}

/// Adds that only a build would tell what a release needs.
pub(super) fn needs_build(evidence: &mut Evidence, project: &str, number: &str) {
    let answer = Answer::Known(Err(MetadataObstacle::NeedsBuild));
    add_metadata(evidence, project, number, answer);
}

/// Metadata comes from an index that has the project: its page is added where a test has none.
fn add_metadata(evidence: &mut Evidence, project: &str, number: &str, answer: Answer<Metadata>) {
    let route = Route::Indexes(vec![INDEX.to_owned()]);
    if !matches!(evidence.project(&route, &name(project)), Answer::Known(_)) {
        let page = Arc::new(wheel_page(project, number, "ab"));
        evidence.add_project(INDEX.to_owned(), name(project), Answer::Known(page));
    }
    evidence.add_metadata(INDEX.to_owned(), (name(project), version(number)), answer);
}

pub(super) fn preset(preset: Preset) -> Policy {
    Policy {
        preset,
        ..Policy::default()
    }
}

/// The policy `recommended` with one rule configured.
pub(super) fn configured(rule: &str, config: RuleConfig) -> Policy {
    let mut policy = Policy::default();
    policy.rules.insert(find_rule(rule).unwrap().name, config);
    policy
}

pub(super) fn bound(index: &str, address: Option<&str>, only: &[&str]) -> IndexPolicy {
    IndexPolicy {
        trusts_upload_times: false,
        name: index.to_owned(),
        only: only
            .iter()
            .map(|pattern| pattern.parse().unwrap())
            .collect(),
        default: false,
        url: address.map(url),
        url_place: None,
    }
}

/// The rules that found something.
pub(super) fn found(verdict: &Verdict) -> Vec<&'static str> {
    verdict
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect()
}

/// The rules that left a question open.
pub(super) fn asked(verdict: &Verdict) -> Vec<&'static str> {
    verdict
        .questions
        .iter()
        .map(|question| question.rule)
        .collect()
}

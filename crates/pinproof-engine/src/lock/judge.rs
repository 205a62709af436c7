//! Whether a release may be chosen, by the same function that decides in a check.
//!
//! A release is judged as the exact pin that it would become. If everything about it is admitted, so are
//! all its files. Otherwise each file is judged alone, because a file that came late must not keep out
//! the release, only itself.

use std::collections::BTreeSet;

use jiff::Timestamp;
use pinproof_core::evidence::Openness;
use pinproof_core::filename::{self, DistributionKind};
use pinproof_core::tags::TagSet;
use pinproof_core::{
    Admission, Environment, FileFacts, Finding, Level, Printable, ProjectName, ReleaseFacts,
    SourceFile, Verdict,
};
use pinproof_policy::subject::{
    DistributionSubject, Reader, ReleaseSubject, RequirementSubject, Role,
};
use pinproof_policy::{Policy, Subject, decide};

use super::candidate::{Candidate, Distribution, is_for_python, pinned};

const BUILD_REQUIRED: &str = "build-required";

/// Judges the releases of one project for one environment.
pub(super) struct Judge<'a> {
    /// The policy.
    pub(super) policy: &'a Policy,
    /// The time to decide for.
    pub(super) now: Timestamp,
    /// The projects that may be built.
    pub(super) allow_build: &'a BTreeSet<ProjectName>,
    /// The exact pins of the existing lock, with their hashes.
    pub(super) pins: &'a super::existing::Pins,
    /// Whom the installing client would ask.
    pub(super) client: &'a [pinproof_policy::subject::ClientIndex],
    /// The environment.
    pub(super) target: &'a Environment,
}

/// What is decided about a release.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) standing: Standing,
    /// The files that may be in a lock, by name.
    pub(super) files: Vec<AdmittedFile>,
    /// It can be installed in this environment by a build only.
    pub(super) needs_build: bool,
    /// Whether an input names it by its address.
    pub(super) is_direct: bool,
}

/// A file that may be in a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AdmittedFile {
    pub(super) facts: FileFacts,
    pub(super) is_wheel: bool,
    /// Nobody published its hash; pinproof read the file.
    pub(super) is_hashed_here: bool,
}

/// How a release stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is said against it.
    Good,
    /// A check would fail because of it, and it may enter all the same.
    Denied(Because),
    /// It may not enter.
    Refused(Because),
    /// Nobody can tell.
    Undecided(Printable),
    /// It cannot be installed here without a build.
    Unfit(Printable),
}

/// The finding that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// The rule.
    pub rule: &'static str,
    /// What it says.
    pub message: Printable,
    /// When time alone may change that.
    pub until: Option<Timestamp>,
}

impl Judge<'_> {
    /// Decides about a release.
    pub(super) fn judge(&self, candidate: &Candidate<'_>) -> Judged {
        let Some(release) = candidate.facts.files.get(candidate.version) else {
            return Judged::without_files(Standing::Unfit("the index lists no files of it".into()));
        };
        let files = match self.distributions(release, candidate.project) {
            Ok(files) => files,
            Err(twice) => return Judged::without_files(Standing::Unfit(twice)),
        };
        let files: Vec<_> = files
            .into_iter()
            .filter(|file| candidate.asks_for(file.facts))
            .collect();
        if files.is_empty() && candidate.names_hashes() {
            let why = "none of its files has a hash that the inputs ask for";
            return Judged::without_files(Standing::Unfit(why.into()));
        }
        let fitting = self.fitting(&files, candidate.project);
        let may_build = self.allow_build.contains(candidate.project);
        let needs_build = fitting.is_empty();
        let can_be_built = may_build && files.iter().any(|file| !file.is_wheel);
        if needs_build && !can_be_built {
            return Judged::without_files(Standing::Unfit(self.why_unfit(&files, candidate)));
        }
        let verdict = self.verdict(candidate, &files);
        let (admitted, standing) = match self.standing(&verdict, candidate, needs_build) {
            standing @ (Standing::Good | Standing::Denied(_)) => {
                (self.known_or_admitted(candidate, files, &verdict), standing)
            }
            standing => self.by_file(candidate, files, standing, needs_build),
        };
        Judged {
            standing,
            files: admitted
                .into_iter()
                .filter(|file| file.is_wheel || may_build || self.admits_sources())
                .map(|file| AdmittedFile {
                    facts: file.facts.clone(),
                    is_wheel: file.is_wheel,
                    is_hashed_here: candidate.listing.hashed.contains(&file.facts.filename),
                })
                .collect(),
            needs_build,
            is_direct: candidate.is_direct(),
        }
    }

    /// Whether an installer in this environment would take the file, or build it where that is allowed.
    pub(super) fn can_install(&self, project: &ProjectName, file: &AdmittedFile) -> bool {
        let facts = Distribution {
            facts: &file.facts,
            is_wheel: file.is_wheel,
        };
        !file.is_wheel && self.allow_build.contains(project)
            || !self.fitting(&[facts], project).is_empty()
    }

    /// The wheels and source distributions of a release by name that were there at the time of the run; one
    /// that alone is yanked is left out.
    ///
    /// Two different files of one name are an error, as a sentence: the order of the page would decide which of
    /// them is locked.
    fn distributions<'a>(
        &self,
        release: &'a ReleaseFacts,
        project: &ProjectName,
    ) -> Result<Vec<Distribution<'a>>, Printable> {
        let is_there = |file: &&FileFacts| file.uploaded_at.is_none_or(|at| at <= self.now);
        let there = || release.files.iter().filter(is_there);
        let all_yanked = there().all(|file| file.yanked.is_some());
        let mut files: Vec<_> = there()
            .filter(|file| all_yanked || file.yanked.is_none())
            .filter_map(|facts| {
                let kind = filename::parse(&facts.filename, project)?.kind;
                (kind != DistributionKind::Other).then_some(Distribution {
                    facts,
                    is_wheel: kind == DistributionKind::Wheel,
                })
            })
            .collect();
        files.sort_by(|a, b| a.facts.filename.cmp(&b.facts.filename));
        files.dedup_by(|a, b| a.facts == b.facts);
        let same_name =
            |pair: &&[Distribution<'_>]| pair[0].facts.filename == pair[1].facts.filename;
        match files.windows(2).find(same_name) {
            Some(twice) => {
                let name = Printable::new(&twice[0].facts.filename).shortened(120);
                let what = format!("the index has two different files named `{name}`");
                Err(Printable::from(what))
            }
            None => Ok(files),
        }
    }

    /// Whether source distributions may be in a lock without being named: `build-required` refuses them.
    fn admits_sources(&self) -> bool {
        let rule = pinproof_policy::find_rule(BUILD_REQUIRED);
        rule.is_none_or(|rule| !self.policy.refuses(rule, self.now))
    }

    fn fitting<'f>(
        &self,
        files: &'f [Distribution<'_>],
        project: &ProjectName,
    ) -> Vec<&'f Distribution<'f>> {
        let tags = TagSet::of(self.target);
        let fits = |file: &&Distribution<'_>| {
            let parsed = filename::parse(&file.facts.filename, project);
            let wheel = parsed.and_then(|parsed| parsed.wheel);
            wheel.is_some_and(|wheel| tags.accepts(&wheel))
                && is_for_python(file.facts, self.target)
        };
        files.iter().filter(fits).collect()
    }

    fn why_unfit(&self, files: &[Distribution<'_>], candidate: &Candidate<'_>) -> Printable {
        let required: BTreeSet<&str> = files
            .iter()
            .filter(|file| !is_for_python(file.facts, self.target))
            .filter_map(|file| file.facts.requires_python.as_deref())
            .collect();
        let of_other_pythons = files
            .iter()
            .all(|file| !is_for_python(file.facts, self.target));
        if let (true, Some(required)) = (of_other_pythons, required.first()) {
            let required = Printable::new(required).shortened(60);
            return Printable::from(format!("it needs Python {required}"));
        }
        let has_source = files.iter().any(|file| !file.is_wheel);
        let has_wheel = files.iter().any(|file| file.is_wheel);
        let target = self.target;
        Printable::from(match (has_wheel, has_source) {
            (true, true) => format!(
                "none of its wheels fits {target}, and building it would run its code \
                 (`--allow-build {}` lets it in)",
                candidate.project
            ),
            (true, false) => format!("none of its wheels fits {target}"),
            (false, true) => format!(
                "it has no wheel, and building it would run its code (`--allow-build {}` lets it in)",
                candidate.project
            ),
            (false, false) => "it has no files that an installer takes".to_owned(),
        })
    }

    /// What a verdict means for a choice.
    fn standing(
        &self,
        verdict: &Verdict,
        candidate: &Candidate<'_>,
        needs_build: bool,
    ) -> Standing {
        let is_about_a_choice = |finding: &&Finding| {
            let is_admitted_build = needs_build && finding.rule == BUILD_REQUIRED;
            !is_about_hashes(finding.rule) && !is_admitted_build
        };
        let findings = || verdict.findings.iter().filter(is_about_a_choice);
        let until = verdict.next_change_at;
        let because = |finding: &Finding| Because {
            rule: finding.rule,
            message: finding.message.clone(),
            until,
        };
        let is_kept = self.is_locked(candidate);
        let refuses = |finding: &&Finding| finding.refuses && !(is_kept && is_age(finding.rule));
        if let Some(finding) = findings().find(refuses) {
            return Standing::Refused(because(finding));
        }
        if verdict.admission == Admission::Undecided
            && let Some(why) = self.open_question(verdict, is_kept)
        {
            return Standing::Undecided(why);
        }
        match findings().find(|finding| finding.level == Level::Deny) {
            Some(finding) => Standing::Denied(because(finding)),
            None => Standing::Good,
        }
    }

    /// A question that a refusing rule has no answer to.
    fn open_question(&self, verdict: &Verdict, is_kept: bool) -> Option<Printable> {
        let question = verdict.questions.iter().find(|question| {
            let rule = pinproof_policy::find_rule(question.rule);
            question.openness == Openness::Unavailable
                && !(is_kept && is_age(question.rule))
                && !is_about_hashes(question.rule)
                && rule.is_some_and(|rule| self.policy.refuses(rule, self.now))
        })?;
        Some(Printable::from(format!(
            "{} could not be answered: {}: {}",
            question.rule, question.source, question.why
        )))
    }

    /// Whether the existing lock has exactly this release, with hashes.
    fn is_locked(&self, candidate: &Candidate<'_>) -> bool {
        let pin = self.pins.get(candidate.project);
        pin.is_some_and(|(version, hashes)| version == candidate.version && !hashes.is_empty())
    }

    /// Of a release that is kept in spite of its age: the files that the lock has already, and those that
    /// may enter on their own.
    fn known_or_admitted<'f>(
        &self,
        candidate: &Candidate<'_>,
        mut files: Vec<Distribution<'f>>,
        verdict: &Verdict,
    ) -> Vec<Distribution<'f>> {
        let locked = self.pins.get(candidate.project).map(|(_, hashes)| hashes);
        let is_locked = |file: &Distribution<'_>| {
            let hashes = locked.into_iter().flatten();
            file.facts
                .hashes
                .iter()
                .any(|hash| hashes.clone().any(|locked| locked == hash))
        };
        if verdict.admission != Admission::Admitted {
            files.retain(|file| is_locked(file) || self.admits_file(candidate, file));
        }
        files
    }

    /// Each file alone: what is admitted without the others.
    fn by_file<'f>(
        &self,
        candidate: &Candidate<'_>,
        files: Vec<Distribution<'f>>,
        of_all: Standing,
        needs_build: bool,
    ) -> (Vec<Distribution<'f>>, Standing) {
        if files.len() < 2 {
            return (Vec::new(), of_all);
        }
        let admitted: Vec<_> = files
            .into_iter()
            .filter(|file| self.admits_file(candidate, file))
            .collect();
        if admitted.is_empty()
            || (!needs_build && self.fitting(&admitted, candidate.project).is_empty())
        {
            return (Vec::new(), of_all);
        }
        let verdict = self.verdict(candidate, &admitted);
        match self.standing(&verdict, candidate, needs_build) {
            standing @ (Standing::Good | Standing::Denied(_)) => (admitted, standing),
            _ => (Vec::new(), of_all),
        }
    }

    fn admits_file(&self, candidate: &Candidate<'_>, file: &Distribution<'_>) -> bool {
        let Some(release) = candidate.facts.files.get(candidate.version) else {
            return false;
        };
        let subject = DistributionSubject {
            release: ReleaseSubject {
                project: candidate.project,
                version: candidate.version,
                page: candidate.facts,
                release,
                requirement: None,
            },
            file: file.facts,
        };
        let subject = Subject::Distribution(&subject);
        let verdict = decide(&subject, candidate.evidence, self.policy, self.now);
        // Whether a source distribution may be in the lock is decided for the release.
        let mut findings = verdict.findings;
        findings.retain(|finding| finding.rule != BUILD_REQUIRED);
        let admission = self
            .policy
            .admission(&findings, &verdict.questions, self.now);
        admission == Admission::Admitted
    }

    /// The verdict on the exact pin of the release with the hashes of these files.
    fn verdict(&self, candidate: &Candidate<'_>, files: &[Distribution<'_>]) -> Verdict {
        let requirement = pinned(candidate, files);
        let source = SourceFile::new("pinproof lock", String::new(), String::new());
        let subject = RequirementSubject {
            source: candidate.asked_at.map_or(&source, |asked| asked.source),
            environment: None,
            requirement: &requirement,
            pin: Some(candidate.version),
            route: candidate.listing.route.clone(),
            client: self.client,
            role: &Role::Installed,
            ignores: candidate.asked_at.map_or(&[], |asked| asked.ignores),
            target: self.target,
            no_binary: false,
            reader: Reader::Pip,
        };
        let subject = Subject::Requirement(&subject);
        decide(&subject, candidate.evidence, self.policy, self.now)
    }
}

impl Judged {
    fn without_files(standing: Standing) -> Self {
        Self {
            standing,
            files: Vec::new(),
            needs_build: false,
            is_direct: false,
        }
    }
}

fn is_age(rule: &str) -> bool {
    matches!(rule, "recent-release" | "late-file")
}

fn is_about_hashes(rule: &str) -> bool {
    matches!(rule, "unhashed-requirement" | "weak-hash" | "hash-mismatch")
}

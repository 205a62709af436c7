//! `--fix`: adds the hashes that the index publishes to exactly pinned lines, and rewrites nothing else.
//!
//! A hash that is added blesses bytes for ever, so it is refused where the bytes are not yet trusted: a
//! release inside its cooldown, a file added late, an index without TLS, anything a rule refuses.

use std::collections::BTreeMap;

use pinproof_core::evidence::{Answer, Openness};
use pinproof_core::{Admission, Hash, HashAlgorithm, Printable};
use pinproof_formats::{diff, edit, requirements_txt};
use pinproof_policy::subject::{DistributionSubject, ReleaseSubject, RequirementSubject, Route};
use pinproof_policy::{Evidence, Policy, Subject, decide};

use crate::assemble::Subjects;
use crate::inputs::{Format, LoadedFile};
use crate::settings::Settings;

/// The edits of one file.
#[derive(Debug)]
pub struct FileFix {
    /// The position of the file.
    pub file: usize,
    /// Its text with the hashes added.
    pub text: String,
    /// The change as a unified diff; its lines are those of the file, unescaped.
    pub diff: String,
    /// How many requirements got hashes.
    pub requirements: usize,
    /// How many hashes were added.
    pub hashes: usize,
    /// The indexes that the hashes come from.
    pub sources: Vec<Printable>,
}

/// A pinned requirement that got no hashes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFixed {
    /// Its file.
    pub file: Printable,
    /// Its line.
    pub line: usize,
    /// Its name.
    pub name: Printable,
    /// Why.
    pub why: Printable,
}

/// What `--fix` would change.
#[derive(Debug, Default)]
pub struct Fixes {
    /// The edits, by file.
    pub files: Vec<FileFix>,
    /// What was left alone.
    pub not_fixed: Vec<NotFixed>,
}

/// Plans the edits.
pub fn plan(
    subjects: &Subjects<'_>,
    files: &[LoadedFile],
    evidence: &Evidence,
    settings: &Settings,
) -> Fixes {
    let planner = Planner {
        subjects,
        evidence,
        settings,
    };
    let mut all = Fixes::default();
    for (at, of_file) in subjects.files.iter().enumerate() {
        if files[at].format == Format::Requirements {
            planner.plan_file((at, &files[at]), &of_file.requirements, &mut all);
        }
    }
    all
}

/// Writes the edited file in place, whole or not at all.
pub fn write(fix: &FileFix, file: &LoadedFile) -> Result<(), std::io::Error> {
    crate::write_atomically(&file.path, &file.encode(&fix.text))
}

fn wants_hashes(subject: &RequirementSubject<'_>) -> bool {
    let requirement = subject.requirement;
    requirement.pin().is_some()
        && requirement.hashes.is_empty()
        && !matches!(subject.role, pinproof_policy::subject::Role::InputOf(_))
}

fn not_fixed(subject: &RequirementSubject<'_>, why: &str) -> NotFixed {
    NotFixed {
        file: subject.source.path.clone(),
        line: subject.source.locate(subject.requirement.span).line,
        name: subject.shown_name(),
        why: Printable::new(why),
    }
}

/// What is added to one file: hashes by the position of the requirement, and where they come from.
#[derive(Default)]
struct Additions {
    hashes: BTreeMap<usize, Vec<Hash>>,
    sources: Vec<Printable>,
}

impl Additions {
    fn add(&mut self, position: usize, hashes: Vec<Hash>, source: Printable) {
        self.hashes.insert(position, hashes);
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }
}

fn add_file(fixes: &mut Fixes, (at, file): (usize, &LoadedFile), additions: Additions) {
    let (path, text) = (&file.source.path, &file.source.text);
    let edits = if file.is_plain_utf8 {
        requirements_txt::add_hashes(&file.manifest, text, &additions.hashes)
    } else {
        Vec::new()
    };
    let Some(new_text) = edit::apply(text, &edits).filter(|_| !edits.is_empty()) else {
        fixes.not_fixed.push(NotFixed {
            file: path.clone(),
            line: 1,
            name: path.clone(),
            why: Printable::new("the file is not plain UTF-8, so it is not edited"),
        });
        return;
    };
    fixes.files.push(FileFix {
        file: at,
        diff: diff::unified(path.as_str(), text, &edits),
        text: new_text,
        requirements: additions.hashes.len(),
        hashes: additions.hashes.values().map(Vec::len).sum(),
        sources: additions.sources,
    });
}

struct Planner<'a> {
    subjects: &'a Subjects<'a>,
    evidence: &'a Evidence,
    settings: &'a Settings,
}

impl Planner<'_> {
    fn plan_file(
        &self,
        (at, file): (usize, &LoadedFile),
        subjects: &[RequirementSubject<'_>],
        fixes: &mut Fixes,
    ) {
        let mut additions = Additions::default();
        for subject in subjects.iter().filter(|subject| wants_hashes(subject)) {
            let mut requirements = file.manifest.requirements.iter();
            let position = requirements.position(|one| std::ptr::eq(one, subject.requirement));
            match (self.hashes(subject), position) {
                (Ok((hashes, source)), Some(position)) => additions.add(position, hashes, source),
                (Ok(_), None) => {}
                (Err(why), _) => fixes.not_fixed.push(not_fixed(subject, &why)),
            }
        }
        if !additions.hashes.is_empty() {
            add_file(fixes, (at, file), additions);
        }
    }

    fn policy(&self) -> &Policy {
        &self.settings.config.policy
    }

    /// The hashes of every file of the pinned release, and the index they come from.
    fn hashes(&self, subject: &RequirementSubject<'_>) -> Result<(Vec<Hash>, Printable), String> {
        let requirement = subject.requirement;
        let (Some(name), Some(version)) = (&requirement.name, requirement.pin()) else {
            return Err("it is not pinned".to_owned());
        };
        self.refuse_plain_http(&subject.route)?;
        let page = match self.evidence.project(&subject.route, name) {
            Answer::Known(page) => page,
            Answer::Absent => return Err("no index has the project".to_owned()),
            Answer::Unsupported(source) => return Err(format!("nobody was asked: {source}")),
            Answer::Unavailable(reason) => return Err(format!("no answer from {reason}")),
        };
        let Answer::Known(release) = page.release(version) else {
            return Err(format!("{} has no such release", page.source));
        };
        let release = ReleaseSubject {
            project: name,
            version,
            page,
            release,
            requirement: Some(subject),
        };
        self.refuse_requirement(subject)?;
        let mut hashes = Vec::new();
        for file in &release.release.files {
            let distribution = DistributionSubject {
                release: release.clone(),
                file,
            };
            self.refuse_distribution(&distribution)?;
            let hash = file.hash(HashAlgorithm::Sha256);
            hashes.push(
                hash.cloned()
                    .ok_or("the index publishes no sha256 for it")?,
            );
        }
        if hashes.is_empty() {
            return Err("the release has no files".to_owned());
        }
        hashes.sort();
        hashes.dedup();
        Ok((hashes, page.source.0.clone()))
    }

    fn refuse_plain_http(&self, route: &Route) -> Result<(), String> {
        let Route::Indexes(names) = route else {
            return Ok(());
        };
        for name in names {
            let address = self.subjects.book.address(name);
            if address.is_some_and(|url| url.is_plain_http() && !url.is_local()) {
                return Err(format!(
                    "{name} is asked over plain HTTP: its hashes may be anybody's"
                ));
            }
        }
        Ok(())
    }

    /// Whatever refuses the requirement refuses its hashes, except that it has none yet.
    fn refuse_requirement(&self, subject: &RequirementSubject<'_>) -> Result<(), String> {
        let verdict = decide(
            &Subject::Requirement(subject),
            self.evidence,
            self.policy(),
            self.settings.now,
        );
        let refusing = verdict
            .findings
            .iter()
            .find(|finding| finding.refuses && !is_about_hashes(finding.rule));
        if let Some(finding) = refusing {
            return Err(format!("{}: {}", finding.rule, finding.message));
        }
        // What an index never publishes holds nothing back, but the age of bytes must be known.
        let open = verdict.questions.iter().find(|question| {
            let counts = question.openness != Openness::Unsupported || is_about_age(question.rule);
            let rule = pinproof_policy::find_rule(question.rule);
            counts && rule.is_some_and(|rule| self.policy().refuses(rule, self.settings.now))
        });
        match open {
            Some(question) => Err(format!(
                "{} could not be answered: {}: {}",
                question.rule, question.source, question.why
            )),
            None => Ok(()),
        }
    }

    fn refuse_distribution(&self, subject: &DistributionSubject<'_>) -> Result<(), String> {
        let verdict = decide(
            &Subject::Distribution(subject),
            self.evidence,
            self.policy(),
            self.settings.now,
        );
        // A release with a wheel gets the hashes of all its files; one without was refused before.
        let mut findings = verdict.findings;
        findings.retain(|finding| finding.rule != "build-required");
        let admission = self
            .policy()
            .admission(&findings, &verdict.questions, self.settings.now);
        if admission == Admission::Refused {
            let finding = findings.iter().find(|finding| finding.refuses);
            let why = finding.map(|finding| format!("{}: {}", finding.rule, finding.message));
            return Err(why.unwrap_or_else(|| "the policy refuses it".to_owned()));
        }
        Ok(())
    }
}

fn is_about_age(rule: &str) -> bool {
    matches!(rule, "recent-release" | "late-file")
}

fn is_about_hashes(rule: &str) -> bool {
    matches!(rule, "unhashed-requirement" | "weak-hash")
}

//! `--fix`: adds the hashes that the index publishes to exactly pinned lines, and rewrites nothing else.
//!
//! A hash that is added blesses bytes for ever, so it is refused where the bytes are not yet trusted: a
//! release inside its cooldown, a file added late, an index without TLS, anything a rule refuses.

use std::collections::BTreeMap;

use pinproof_core::evidence::{Answer, Openness};
use pinproof_core::{Admission, Hash, HashAlgorithm, Printable};
use pinproof_policy::subject::{DistributionSubject, ReleaseSubject, RequirementSubject, Route};
use pinproof_policy::{Evidence, Policy, Subject, decide};

use crate::assemble::Subjects;
use crate::inputs::LoadedFile;
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
    let mut fixes = Fixes::default();
    for (at, of_file) in subjects.files.iter().enumerate() {
        let file = &files[at];
        if file.format != crate::inputs::Format::Requirements {
            continue;
        }
        let mut added: BTreeMap<usize, Vec<Hash>> = BTreeMap::new();
        let mut sources: Vec<Printable> = Vec::new();
        for subject in &of_file.requirements {
            if !wants_hashes(subject) {
                continue;
            }
            let planner = Planner {
                subjects,
                evidence,
                policy: &settings.config.policy,
                settings,
            };
            match planner.hashes(subject) {
                Ok((hashes, source)) => {
                    let position = file
                        .manifest
                        .requirements
                        .iter()
                        .position(|requirement| std::ptr::eq(requirement, subject.requirement));
                    if let Some(position) = position {
                        added.insert(position, hashes);
                    }
                    if !sources.contains(&source) {
                        sources.push(source);
                    }
                }
                Err(why) => fixes.not_fixed.push(not_fixed(subject, &why)),
            }
        }
        if !added.is_empty() {
            add_file(&mut fixes, (at, file), &added, sources);
        }
    }
    fixes
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

fn add_file(
    fixes: &mut Fixes,
    (at, file): (usize, &LoadedFile),
    added: &BTreeMap<usize, Vec<Hash>>,
    sources: Vec<Printable>,
) {
    let edits = if file.is_plain_utf8 {
        pinproof_formats::requirements_txt::add_hashes(&file.manifest, &file.source.text, added)
    } else {
        Vec::new()
    };
    let text = pinproof_formats::edit::apply(&file.source.text, &edits);
    let Some(text) = text.filter(|_| !edits.is_empty()) else {
        fixes.not_fixed.push(NotFixed {
            file: file.source.path.clone(),
            line: 1,
            name: file.source.path.clone(),
            why: Printable::new("the file is not plain UTF-8, so it is not edited"),
        });
        return;
    };
    fixes.files.push(FileFix {
        file: at,
        diff: pinproof_formats::diff::unified(file.source.path.as_str(), &file.source.text, &edits),
        text,
        requirements: added.len(),
        hashes: added.values().map(Vec::len).sum(),
        sources,
    });
}

struct Planner<'a> {
    subjects: &'a Subjects<'a>,
    evidence: &'a Evidence,
    policy: &'a Policy,
    settings: &'a Settings,
}

impl Planner<'_> {
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
            hashes.push(hash.cloned().ok_or("the index publishes no sha256 for it")?);
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
                return Err(format!("{name} is asked over plain HTTP: its hashes may be anybody's"));
            }
        }
        Ok(())
    }

    /// Whatever refuses the requirement refuses its hashes, except that it has none yet.
    fn refuse_requirement(&self, subject: &RequirementSubject<'_>) -> Result<(), String> {
        let verdict = decide(
            &Subject::Requirement(subject),
            self.evidence,
            self.policy,
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
            counts && rule.is_some_and(|rule| self.policy.refuses(rule))
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
            self.policy,
            self.settings.now,
        );
        if verdict.admission == Admission::Refused {
            let finding = verdict.findings.iter().find(|finding| finding.refuses);
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

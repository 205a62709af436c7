//! `check`: every supply-chain risk of a project, one report.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use pinproof_core::evidence::{Answer, Openness, Source};
use pinproof_core::reason::Reasons;
use pinproof_core::verdict::{IgnoreRef, NOT_UNDERSTOOD};
use pinproof_core::{Level, Place, Printable, Question, Verdict};
use pinproof_policy::evidence::is_without_address;
use pinproof_policy::subject::{RequirementSubject, Role};
use pinproof_policy::{Evidence, LockStatus, Policy, Subject, decide};

use crate::assemble::{Plan, Subjects, SubjectsOfFile};
use crate::base::Base;
use crate::baseline::Unchanged;
use crate::bom::{self, Bom};
use crate::fix::{self, Fixes};
use crate::gather::{EvidenceSource, Progress, gather};
use crate::inputs::LoadedFile;
pub use crate::prepare::{Prepared, prepare};
use crate::report::{Counts, Decision, FileUse, InputError, JudgedFile, Kind, Report, SourceUse};
use crate::settings::Settings;
use crate::{addresses, baseline, exceptions, imports, roles};

/// Places of one file that are listed as not understood; nobody reads more.
const MOST_QUESTIONS: usize = 1_000;

/// What a check gives.
#[derive(Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// What `--fix` would change.
    pub fixes: Fixes,
}

/// Judges the prepared inputs.
pub async fn check(
    prepared: &Prepared,
    settings: &Settings,
    source: &impl EvidenceSource,
    progress: &impl Progress,
) -> Outcome {
    check_against(prepared, None, settings, source, progress).await
}

/// Judges the prepared inputs, and sets apart what a base has too.
///
/// Both are judged by the same policy, at the same time and on the same evidence, which is asked for
/// once.
pub async fn check_against(
    prepared: &Prepared,
    base: Option<&Base>,
    settings: &Settings,
    source: &impl EvidenceSource,
    progress: &impl Progress,
) -> Outcome {
    let policy = &settings.config.policy;
    let plan = plan(prepared, settings);
    let subjects = subjects(&plan, prepared, settings);
    let base_plan = base.map(|base| self::plan(&base.prepared, settings));
    let base_subjects = base
        .zip(base_plan.as_ref())
        .map(|(base, plan)| self::subjects(plan, &base.prepared, settings));
    let all: Vec<_> = std::iter::once(&subjects).chain(&base_subjects).collect();
    let mut evidence = gather(&all, policy, source, progress).await;
    imports::gather(&all, prepared, settings, &mut evidence);
    let run = |prepared, plan| Run {
        prepared,
        settings,
        policy,
        plan,
        evidence: &evidence,
    };
    let mut report = run(prepared, &plan).report(&subjects);
    if let (Some(base), Some(plan), Some(subjects)) = (base, &base_plan, &base_subjects) {
        let base_report = run(&base.prepared, plan).report(subjects);
        let unchanged = Unchanged::between(prepared, &base.prepared);
        baseline::set_apart(&mut report, &base_report, base.about.clone(), &unchanged);
    }
    Outcome {
        report,
        fixes: fix::plan(&subjects, &prepared.inputs.files, &evidence, settings),
    }
}

pub(crate) fn plan(prepared: &Prepared, settings: &Settings) -> Plan {
    let files = &prepared.inputs.files;
    let roles = roles::assign(files);
    Plan::new(files, roles, &prepared.machine.settings, settings)
}

pub(crate) fn subjects<'a>(
    plan: &'a Plan,
    prepared: &'a Prepared,
    settings: &'a Settings,
) -> Subjects<'a> {
    let files = &prepared.inputs.files;
    let machine = &prepared.machine.settings;
    let mut subjects = plan.subjects(files, machine, &settings.config.policy, settings);
    leave_out_context(&mut subjects, files, &prepared.context);
    addresses::refuse(&mut subjects, &settings.config.policy, settings.now);
    subjects
}

/// Files that were read only to know the inputs of a lock are not judged themselves.
fn leave_out_context(
    subjects: &mut Subjects<'_>,
    files: &[LoadedFile],
    context: &BTreeSet<PathBuf>,
) {
    for (subject, file) in subjects.files.iter_mut().zip(files) {
        if context.contains(&file.path) {
            subject.file = None;
            subject.requirements.clear();
        }
    }
}

struct Run<'a> {
    prepared: &'a Prepared,
    settings: &'a Settings,
    policy: &'a Policy,
    plan: &'a Plan,
    evidence: &'a Evidence,
}

impl Run<'_> {
    fn report(&self, subjects: &Subjects<'_>) -> Report {
        let mut report = self.empty_report();
        let mut used = BTreeSet::new();
        for settings in subjects.addresses.iter().chain(&subjects.machine) {
            let verdict = self.decide(&Subject::Settings(settings));
            add_verdict(&mut report, &mut used, verdict);
        }
        for (at, of_file) in subjects.files.iter().enumerate() {
            let file = &self.prepared.inputs.files[at];
            if !self.prepared.context.contains(&file.path) {
                self.judge_file(at, of_file, &mut report, &mut used);
            }
        }
        self.add_context(&mut report);
        self.add_unread(&mut report);
        report.findings.extend(exceptions::of_ignores(
            self.policy,
            &self.prepared.inputs.files,
            &used,
            self.settings.now,
        ));
        report.findings.extend(exceptions::of_skipped(
            self.policy,
            &self.prepared.discovered.skipped,
            self.settings.now,
        ));
        let spoke = report.findings.iter().map(|finding| finding.rule);
        let day = self.policy.next_day(spoke, self.settings.now);
        report.next_change_at = earliest(report.next_change_at, day);
        if self.settings.lists_releases {
            let files = (&*self.prepared.inputs.files, &*self.plan.roles);
            report.bom = bom::of(subjects, files, (self.policy, self.evidence));
        }
        report.sources = self.sources(subjects);
        report.questions.sort();
        report.questions.dedup();
        report
    }

    fn empty_report(&self) -> Report {
        Report {
            files: Vec::new(),
            other_sources: self.settings.config_source.iter().cloned().collect(),
            errors: self.prepared.inputs.errors.clone(),
            findings: Vec::new(),
            base: None,
            existing: Vec::new(),
            existing_questions: Vec::new(),
            ignored: Vec::new(),
            ignored_questions: Vec::new(),
            questions: Vec::new(),
            lanes: Vec::new(),
            decisions: Vec::new(),
            bom: Bom::default(),
            sources: Vec::new(),
            advisories: Vec::new(),
            asked: self.policy.asked().map(|rule| rule.name).collect(),
            kind: Kind::default(),
            policy_digest: self.policy.digest().to_owned(),
            decided_at: self.settings.now,
            next_change_at: None,
            contact: self.policy.contact.clone(),
        }
    }

    fn decide(&self, subject: &Subject<'_>) -> Verdict {
        decide(subject, self.evidence, self.policy, self.settings.now)
    }

    fn judge_file(
        &self,
        at: usize,
        of_file: &SubjectsOfFile<'_>,
        report: &mut Report,
        used: &mut BTreeSet<IgnoreRef>,
    ) {
        let file = &self.prepared.inputs.files[at];
        let (not_understood, unclear) = not_understood(file);
        let unclear = unclear + file.unread.len();
        let reasons = Reasons::of(&file.manifest);
        let mut counts = Counts {
            requirements: of_file.requirements.len() + unclear,
            not_understood: unclear,
            ..Counts::default()
        };
        if let Some(subject) = &of_file.file {
            add_verdict(report, used, self.decide(&Subject::File(subject)));
        }
        for requirement in &of_file.requirements {
            let verdict = self.decide(&Subject::Requirement(requirement));
            counts.add(&verdict);
            report
                .decisions
                .push(decision(requirement, &reasons, &verdict));
            add_verdict(report, used, verdict);
        }
        let is_asked = matches!(self.plan.roles[at], Role::Installed);
        let lock = of_file.file.as_ref().filter(|_| is_asked);
        report.files.push(JudgedFile {
            source: file.source.clone(),
            use_of: file_use(&self.plan.roles[at], file),
            lock: lock.map(|subject| LockStatus::of(subject, self.evidence, self.policy)),
            target: lock.map(|subject| subject.target.to_string()),
            scope: self.plan.scopes[at].clone(),
            foreign: file.manifest.foreign,
            counts,
        });
        report.questions.extend(not_understood);
        report
            .questions
            .extend(file.unread.iter().map(unread_input));
        report.other_sources.extend(file.metadata.iter().cloned());
    }

    /// The files that were read only to know the inputs of a lock, where a finding points into them.
    fn add_context(&self, report: &mut Report) {
        let places = report.findings.iter().flat_map(|finding| &finding.places);
        let shown: BTreeSet<&Printable> = places.map(|place| &place.origin).collect();
        let files = self.prepared.inputs.files.iter();
        let context = files.filter(|file| self.prepared.context.contains(&file.path));
        let pointed_at: Vec<_> = context
            .filter(|file| shown.contains(&file.source.path))
            .map(|file| (*file.source).clone())
            .collect();
        report.other_sources.extend(pointed_at);
    }

    /// Settings of the machine that cannot be read are open questions: they decide who answers. So are
    /// files that were found: nobody said that they matter, and nobody may overlook them.
    fn add_unread(&self, report: &mut Report) {
        for unread in &self.prepared.machine.unread {
            let why = unread.why.clone();
            let question = not_read(&unread.origin, why, Vec::new());
            report.questions.push(question);
        }
        let unread = self.prepared.unread.iter().map(unread_input);
        report.questions.extend(unread);
    }

    fn sources(&self, subjects: &Subjects<'_>) -> Vec<SourceUse> {
        let mut sources: Vec<SourceUse> = Vec::new();
        for ((index, _), answer) in self.evidence.projects() {
            if subjects.book.is_refused(index) {
                continue;
            }
            let fetched = match answer {
                Answer::Known(facts) => Some(facts.fetched_at),
                _ => None,
            };
            let known = sources
                .iter_mut()
                .find(|source| source.name.as_str() == index);
            if let Some(source) = known {
                source.asked += 1;
                source.oldest = match (source.oldest, fetched) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            } else {
                let address = subjects.book.address(index);
                sources.push(SourceUse {
                    name: Printable::new(index),
                    address: Printable::from(address.map(ToString::to_string).unwrap_or_default()),
                    asked: 1,
                    oldest: fetched,
                });
            }
        }
        sources
    }
}

/// A question of a denying rule about something that nobody could read.
fn not_read(origin: &Printable, why: Printable, places: Vec<Place>) -> Question {
    Question {
        rule: NOT_UNDERSTOOD,
        level: Level::Deny,
        source: Source(origin.clone()),
        openness: Openness::Unavailable,
        why,
        places,
        project: None,
    }
}

fn unread_input(error: &InputError) -> Question {
    let place = Place {
        origin: error.path.clone(),
        span: None,
        label: error.help.clone().unwrap_or_default(),
    };
    let why = match error.line_column {
        Some((line, column)) => {
            Printable::from(format!("line {line}, column {column}: {}", error.message))
        }
        None => error.message.clone(),
    };
    not_read(&error.path, why, vec![place])
}

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        let is_open = |question: &Question| question.openness != Openness::Unsupported;
        let ignored = verdict.ignored_questions.iter().map(|one| &one.question);
        let mut all = verdict.questions.iter().chain(ignored);
        // Not by its route: an audit asks no index, and may have advisories of a name that no index has here.
        if all.any(|question| is_without_address(&question.source)) {
            self.internal += 1;
        } else if verdict.questions.iter().any(is_open) {
            // Not judged, and the questions say why.
        } else if !verdict.ignored_questions.is_empty() {
            self.excepted += 1;
        } else {
            self.judged += 1;
        }
    }
}

fn decision(
    subject: &RequirementSubject<'_>,
    reasons: &Reasons<'_>,
    verdict: &Verdict,
) -> Decision {
    let needed_by = reasons.chain(subject.requirement);
    Decision {
        file: subject.source.path.clone(),
        line: subject.source.locate(subject.requirement.span).line,
        name: subject.shown_name(),
        version: subject.pin.map(ToString::to_string),
        needed_by: needed_by
            .iter()
            .map(|via| Printable::from(via.to_string()))
            .collect(),
        admission: verdict.admission,
        evidence_digest: verdict.evidence_digest.to_string(),
    }
}

fn add_verdict(report: &mut Report, used: &mut BTreeSet<IgnoreRef>, verdict: Verdict) {
    let of_questions = verdict.ignored_questions.iter().map(|one| &one.exception);
    let exceptions = verdict.ignored.iter().map(|one| &one.exception);
    used.extend(exceptions.chain(of_questions).map(|one| one.by.clone()));
    report.findings.extend(verdict.findings);
    report.ignored.extend(verdict.ignored);
    report.ignored_questions.extend(verdict.ignored_questions);
    report.questions.extend(verdict.questions);
    report.lanes.extend(verdict.lanes);
    report.next_change_at = earliest(report.next_change_at, verdict.next_change_at);
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn file_use(role: &Role, file: &LoadedFile) -> FileUse {
    if let Some(inventory) = &file.manifest.inventory {
        return FileUse::Inventory(inventory.clone());
    }
    match role {
        Role::Installed | Role::Inventory => FileUse::Installed,
        Role::InputOf(lock) => FileUse::InputOf(lock.clone()),
        Role::IncludedBy(file) => FileUse::IncludedBy(file.clone()),
    }
}

/// What a file says that is not understood, and bytes that no part of the parse accounts for; and how
/// many places these are, of which a hostile file may have millions.
pub(crate) fn not_understood(file: &LoadedFile) -> (Vec<Question>, usize) {
    let question = |span, why: &Printable, help: Option<&Printable>| Question {
        rule: NOT_UNDERSTOOD,
        level: Level::Deny,
        source: Source(file.source.path.clone()),
        openness: Openness::Unavailable,
        why: why.clone(),
        places: vec![Place {
            origin: file.source.path.clone(),
            span: Some(span),
            label: help.cloned().unwrap_or_default(),
        }],
        project: None,
    };
    let unclear = &file.manifest.not_understood;
    let lost = pinproof_formats::coverage::uncovered(&file.manifest, &file.source.text);
    let total = unclear.len() + lost.len();
    let lost_why = Printable::new("not understood");
    let said = unclear
        .iter()
        .map(|unclear| (unclear.span, &unclear.why, unclear.help.as_ref()));
    let mut places = said.chain(lost.iter().map(|span| (*span, &lost_why, None)));
    let mut questions: Vec<_> = places
        .by_ref()
        .take(MOST_QUESTIONS)
        .map(|(span, why, help)| question(span, why, help))
        .collect();
    if let Some((span, ..)) = places.next() {
        let more = total - MOST_QUESTIONS;
        let why = Printable::from(format!(
            "nor are {more} more places of this file understood"
        ));
        questions.push(question(span, &why, None));
    }
    (questions, total)
}

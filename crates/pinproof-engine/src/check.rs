//! `check`: every supply-chain risk of a project, one report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pinproof_core::evidence::{Answer, Openness, Source};
use pinproof_core::verdict::{IgnoreRef, NOT_UNDERSTOOD};
use pinproof_core::{Level, Place, Printable, Question, Verdict};
use pinproof_policy::subject::{RequirementSubject, Role, Route};
use pinproof_policy::{Evidence, LockStatus, Policy, Subject, decide};

use crate::assemble::{Plan, Subjects, SubjectsOfFile};
use crate::discover::{self, Discovered};
use crate::gather::{EvidenceSource, Progress, gather};
use crate::inputs::{Inputs, LoadedFile, load};
use crate::report::{Decision, FileUse, InputError, JudgedFile, Report, SourceUse};
use crate::settings::Settings;
use crate::fix::{self, Fixes};
use crate::{exceptions, machine, roles};

/// What a check needs to read before it asks anybody.
#[derive(Debug)]
pub struct Prepared {
    /// The files.
    pub inputs: Inputs,
    /// What was found besides.
    pub discovered: Discovered,
    /// The machine's index settings.
    pub machine: machine::Machine,
    /// Files that were read only because a lock names them as its input.
    context: BTreeSet<PathBuf>,
}

/// Reads the inputs and the machine's settings.
pub fn prepare(settings: &Settings) -> Prepared {
    let mut discovered = Discovered::default();
    let mut paths = Vec::new();
    let mut errors = Vec::new();
    for path in &settings.paths {
        add_path(path, settings, (&mut paths, &mut discovered, &mut errors));
    }
    let mut inputs = load(&paths, settings);
    inputs.errors.splice(0..0, errors);
    let context = load_context(&mut inputs, &paths, settings);
    Prepared {
        inputs,
        discovered,
        machine: machine::read(settings),
        context,
    }
}

fn add_path(
    path: &Path,
    settings: &Settings,
    (paths, discovered, errors): (&mut Vec<PathBuf>, &mut Discovered, &mut Vec<InputError>),
) {
    if path.is_dir() {
        let configured = settings.config.inputs.as_ref();
        let folder = settings.config_folder.as_deref().unwrap_or(path);
        if let Some(globs) = configured.filter(|_| path == folder) {
            for glob in globs {
                paths.extend(discover::matching(folder, glob));
            }
            return;
        }
        let found = discover::discover(path, settings);
        paths.extend(found.files);
        discovered.skipped.extend(found.skipped);
        discovered.foreign_locks.extend(found.foreign_locks);
        return;
    }
    if let Some(what) = discover::unsupported_format(path) {
        errors.push(InputError {
            path: crate::inputs::shown_path(path, &settings.base),
            place: None,
            line_column: None,
            message: Printable::from(format!("this version does not read {what}")),
            help: Some(Printable::new(
                "requirements files and pyproject.toml are read; export the lock to requirements.txt",
            )),
        });
        return;
    }
    paths.push(path.to_owned());
}

/// Reads the inputs that a lock names and that were not given: they tell which pins are needed.
fn load_context(inputs: &mut Inputs, given: &[PathBuf], settings: &Settings) -> BTreeSet<PathBuf> {
    let known: BTreeSet<PathBuf> = inputs.files.iter().map(|file| file.path.clone()).collect();
    let named: BTreeSet<PathBuf> = inputs.files.iter().flat_map(roles::paths_of_inputs).collect();
    let missing: Vec<PathBuf> = named
        .into_iter()
        .map(|path| crate::inputs::normalize(&path))
        .filter(|path| !known.contains(path) && !given.contains(path) && path.is_file())
        .collect();
    let offset = inputs.files.len();
    let more = load(&missing, settings);
    inputs.files.extend(more.files.into_iter().map(|mut file| {
        for (by, _) in &mut file.included_by {
            *by += offset;
        }
        file
    }));
    inputs.errors.extend(more.errors);
    missing.into_iter().collect()
}

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
    let files = &prepared.inputs.files;
    let policy = &settings.config.policy;
    let foreign = &prepared.discovered.foreign_locks;
    let roles = roles::assign(files, foreign, &settings.base);
    let machine = &prepared.machine.settings;
    let plan = Plan::new(files, roles, machine, settings);
    let mut subjects = plan.subjects(files, machine, policy, settings);
    leave_out_context(&mut subjects, files, &prepared.context);
    let evidence = gather(&subjects, policy, source, progress).await;
    let run = Run {
        prepared,
        settings,
        policy,
        plan: &plan,
        evidence: &evidence,
    };
    Outcome {
        report: run.report(&subjects),
        fixes: fix::plan(&subjects, files, &evidence, settings),
    }
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
        for machine in &subjects.machine {
            let verdict = self.decide(&Subject::Settings(machine));
            add_verdict(&mut report, &mut used, verdict);
        }
        for (at, of_file) in subjects.files.iter().enumerate() {
            let file = &self.prepared.inputs.files[at];
            if !self.prepared.context.contains(&file.path) {
                self.judge_file(at, of_file, &mut report, &mut used);
            }
        }
        self.add_machine_questions(&mut report);
        report.findings.extend(exceptions::of_ignores(
            self.policy,
            &self.prepared.inputs.files,
            &used,
            self.settings.now,
        ));
        report
            .findings
            .extend(exceptions::of_skipped(self.policy, &self.prepared.discovered.skipped));
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
            ignored: Vec::new(),
            questions: Vec::new(),
            decisions: Vec::new(),
            sources: Vec::new(),
            internal: 0,
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
        let not_understood = not_understood(file);
        let mut judged = 0;
        if let Some(subject) = &of_file.file {
            add_verdict(report, used, self.decide(&Subject::File(subject)));
        }
        for requirement in &of_file.requirements {
            let verdict = self.decide(&Subject::Requirement(requirement));
            judged += usize::from(is_judged(&verdict));
            report.internal += usize::from(matches!(requirement.route, Route::WithoutAddress(_)));
            report.decisions.push(decision(requirement, &verdict));
            add_verdict(report, used, verdict);
        }
        let is_asked = matches!(self.plan.roles[at], Role::Installed);
        let lock = of_file.file.as_ref().filter(|_| is_asked);
        let unclear = not_understood.len();
        report.files.push(JudgedFile {
            source: file.source.clone(),
            use_of: file_use(&self.plan.roles[at]),
            lock: lock.map(|subject| LockStatus::of(subject, self.evidence)),
            target: lock.map(|subject| subject.target.to_string()),
            scope: self.plan.scopes[at].clone(),
            requirements: of_file.requirements.len() + unclear,
            judged,
        });
        report.questions.extend(not_understood);
    }

    /// Settings of the machine that cannot be read are open questions: they decide who answers.
    fn add_machine_questions(&self, report: &mut Report) {
        let machine = &self.prepared.machine;
        for unread in &machine.unread {
            report.questions.push(Question {
                rule: NOT_UNDERSTOOD,
                level: Level::Deny,
                source: Source(unread.origin.clone()),
                openness: Openness::Unavailable,
                why: unread.why.clone(),
                places: Vec::new(),
                project: None,
            });
        }
    }

    fn sources(&self, subjects: &Subjects<'_>) -> Vec<SourceUse> {
        let mut sources: Vec<SourceUse> = Vec::new();
        for ((index, _), answer) in self.evidence.projects() {
            let fetched = match answer {
                Answer::Known(facts) => Some(facts.fetched_at),
                _ => None,
            };
            let known = sources.iter_mut().find(|source| source.name.as_str() == index);
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

/// Whether every denying rule had its answer.
fn is_judged(verdict: &Verdict) -> bool {
    !verdict.questions.iter().any(|question| {
        question.level == Level::Deny && question.openness != Openness::Unsupported
    })
}

fn decision(subject: &RequirementSubject<'_>, verdict: &Verdict) -> Decision {
    Decision {
        file: subject.source.path.clone(),
        line: subject.source.locate(subject.requirement.span).line,
        name: subject.shown_name(),
        version: subject.pin.map(ToString::to_string),
        admission: verdict.admission,
        evidence_digest: verdict.evidence_digest.clone(),
    }
}

fn add_verdict(report: &mut Report, used: &mut BTreeSet<IgnoreRef>, verdict: Verdict) {
    used.extend(verdict.ignored.iter().map(|ignored| ignored.ignore.clone()));
    used.extend(verdict.ignored_questions);
    report.findings.extend(verdict.findings);
    report.ignored.extend(verdict.ignored);
    report.questions.extend(verdict.questions);
    report.next_change_at = match (report.next_change_at, verdict.next_change_at) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}

fn file_use(role: &Role) -> FileUse {
    match role {
        Role::Installed => FileUse::Installed,
        Role::InputOf(lock) => FileUse::InputOf(lock.clone()),
        Role::IncludedBy(file) => FileUse::IncludedBy(file.clone()),
    }
}

/// What a file says that is not understood, and bytes that no part of the parse accounts for.
fn not_understood(file: &LoadedFile) -> Vec<Question> {
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
    let manifest = &file.manifest;
    let said = manifest
        .not_understood
        .iter()
        .map(|unclear| question(unclear.span, &unclear.why, unclear.help.as_ref()));
    let uncovered = pinproof_formats::coverage::uncovered(manifest, &file.source.text);
    let lost = uncovered
        .into_iter()
        .map(|span| question(span, &Printable::new("not understood"), None));
    said.chain(lost).collect()
}


//! The one function that decides.

mod files;
mod projects;

use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::evidence::{Answer, Openness, Source, Unavailable};
use pinproof_core::{
    Admission, FileFacts, Finding, IndexUrl, Place, ProjectFacts, ProjectName, Question, Verdict,
    Version,
};

pub use files::{Judge, decide_files};
pub use projects::refuses_project;

use crate::digest;
use crate::evidence::{Evidence, files_of};
use crate::ignore::{Ignores, InlineIgnores};
use crate::joined::Joined;
use crate::once::Once;
use crate::outcome::{About, Collected, Outcome};
use crate::policy::{Policy, Preset};
use crate::rule::{Check, Need, Rule};
use crate::rules::{INSECURE_INDEX, key_of_address};
use crate::subject::{
    DistributionSubject, FileSubject, NamedSubject, ProjectSubject, ReleaseSubject,
    RequirementSubject, SettingsSubject, Subject,
};

/// Decides about `subject` on `evidence` by `policy`, as of `now`.
///
/// The same arguments give the same verdict, whoever asks.
pub fn decide(
    subject: &Subject<'_>,
    evidence: &Evidence,
    policy: &Policy,
    now: Timestamp,
) -> Verdict {
    let mut run = Run::new(evidence, policy, now);
    match subject {
        Subject::Settings(settings) => run.settings(settings),
        Subject::File(file) => {
            run.settings(&file.settings);
            run.file(file);
        }
        Subject::Requirement(requirement) => run.requirement(requirement),
        Subject::Distribution(distribution) => {
            let release = &distribution.release;
            let about = alone(release.project, Some(release.version));
            run.named_alone(release, &about);
            run.project_alone(release.page, &about);
            run.release(release, &about);
            run.file_alone(distribution, &about);
        }
    }
    let digest = digest::of_evidence(subject, evidence, policy);
    run.verdict(subject, digest.into())
}

/// Whether `insecure-index` refuses `url` in the settings of `subject`, and no exception covers that: then
/// nobody may ask there. It needs no evidence, so it is decided before any is gathered.
pub fn refuses_address(
    subject: &Subject<'_>,
    url: &IndexUrl,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    let settings = match subject {
        Subject::Settings(settings) => settings,
        Subject::File(file) => &file.settings,
        Subject::Requirement(_) | Subject::Distribution(_) => return false,
    };
    let asked = policy.asked().filter(|rule| rule.name == INSECURE_INDEX);
    let asked: Vec<_> = asked.collect();
    let mut run = Run {
        evidence: &Evidence::default(),
        policy,
        now,
        asked: &asked,
        once: Once::default(),
        collected: Collected::default(),
    };
    run.settings(settings);
    let inline = InlineIgnores::of(subject);
    let exceptions = Ignores::new(&policy.ignores, &inline, now);
    let (findings, _) = exceptions.split(run.collected.findings);
    let key = key_of_address(url);
    findings
        .iter()
        .any(|finding| finding.refuses && finding.key == key)
}

struct Run<'a> {
    evidence: &'a Evidence,
    policy: &'a Policy,
    now: Timestamp,
    /// The rules that the policy does not allow.
    asked: &'a [&'static Rule],
    once: Once<'a>,
    collected: Collected,
}

impl<'a> Run<'a> {
    fn new(evidence: &'a Evidence, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            evidence,
            policy,
            now,
            asked: policy.asked_rules(),
            once: Once::default(),
            collected: Collected::default(),
        }
    }

    fn settings(&mut self, settings: &SettingsSubject<'_>) {
        self.each_rule(&About::default(), |check| match check {
            Check::Settings(check) => {
                Some(move |outcome: &mut Outcome<'_>| check(settings, outcome))
            }
            _ => None,
        });
    }

    fn file(&mut self, file: &FileSubject<'_>) {
        let about = About {
            place: Some(Place::in_file(
                file.source,
                pinproof_core::Span::default(),
                "",
            )),
            ..About::default()
        };
        self.each_rule(&about, |check| match check {
            Check::File(check) => Some(move |outcome: &mut Outcome<'_>| check(file, outcome)),
            _ => None,
        });
    }

    fn requirement(&mut self, subject: &RequirementSubject<'_>) {
        let about = About {
            place: Some(subject.place("")),
            environment: subject.environment.cloned(),
            project: subject.requirement.name.clone(),
            version: subject.pin.cloned(),
            pinned: subject.pin.is_some(),
        };
        self.each_rule(&about, |check| match check {
            Check::Requirement(check) | Check::RequirementOrFile(check, _) => {
                Some(move |outcome: &mut Outcome<'_>| check(subject, outcome))
            }
            _ => None,
        });
        if let Some(project) = &subject.requirement.name {
            let version = subject.version();
            let named = NamedSubject {
                project,
                version: version.as_ref(),
                requirement: Some(subject),
            };
            let about = About {
                version: named.version.cloned(),
                ..about.clone()
            };
            self.named(&named, &about);
        }
        self.requirement_on_index(subject, &about);
    }

    /// What the requirement inherits: the findings of its project, its release, its distributions.
    fn requirement_on_index(&mut self, subject: &RequirementSubject<'_>, about: &About) {
        let Some((project, _)) = subject.from_index() else {
            return;
        };
        let project_subject = ProjectSubject {
            project,
            route: &subject.route,
            page: self.evidence.project(&subject.route, project),
            requirement: Some(subject),
        };
        self.project(&project_subject, about);
        let Some(version) = subject.pin else { return };
        let answer = project_subject.page.and_then(|page| {
            files_of(page, version).and_then(|release| Answer::Known((page, release)))
        });
        match answer {
            Answer::Known((page, release)) => {
                let release = ReleaseSubject {
                    project,
                    version,
                    page,
                    release,
                    requirement: Some(subject),
                };
                self.release(&release, about);
                self.accepted_files(&release, about);
            }
            // `unknown-project` and `unknown-release` say so.
            Answer::Absent => {}
            Answer::Unsupported(source) => {
                self.open_release_questions(&source, Openness::Unsupported, "", about);
            }
            Answer::Unavailable(Unavailable { source, why }) => {
                self.open_release_questions(&source, Openness::Unavailable, why.as_str(), about);
            }
        }
    }

    fn accepted_files(&mut self, release: &ReleaseSubject<'_>, about: &About) {
        let joined = Joined::new(release.release);
        let mut run = Run {
            once: Once {
                joined: Some(&joined),
                ..self.once
            },
            collected: std::mem::take(&mut self.collected),
            ..*self
        };
        for file in release.accepted_files() {
            run.distribution(release, file, about);
        }
        self.collected = run.collected;
    }

    /// What others published about a release.
    fn named_alone(&mut self, release: &ReleaseSubject<'_>, about: &About) {
        let named = NamedSubject {
            project: release.project,
            version: Some(release.version),
            requirement: None,
        };
        self.named(&named, about);
    }

    /// What is true of a project, said of a release.
    fn project_alone(&mut self, page: &ProjectFacts, about: &About) {
        let route = crate::subject::Route::Indexes(vec![page.source.0.to_string()]);
        let project = ProjectSubject {
            project: &page.project,
            route: &route,
            page: Answer::Known(page),
            requirement: None,
        };
        self.project(&project, about);
    }

    fn file_alone(&mut self, subject: &DistributionSubject<'_>, about: &About) {
        self.distribution(&subject.release, subject.file, about);
        self.each_rule(about, |check| match check {
            Check::RequirementOrFile(_, check) => {
                Some(move |outcome: &mut Outcome<'_>| check(subject, outcome))
            }
            _ => None,
        });
    }

    fn named(&mut self, subject: &NamedSubject<'_>, about: &About) {
        self.each_rule(about, |check| match check {
            Check::Named(check) => Some(move |outcome: &mut Outcome<'_>| check(subject, outcome)),
            _ => None,
        });
    }

    fn project(&mut self, subject: &ProjectSubject<'_>, about: &About) {
        self.each_rule(about, |check| match check {
            Check::Project(check) => Some(move |outcome: &mut Outcome<'_>| check(subject, outcome)),
            _ => None,
        });
    }

    fn release(&mut self, subject: &ReleaseSubject<'_>, about: &About) {
        self.each_rule(about, |check| match check {
            Check::Release(check) => Some(move |outcome: &mut Outcome<'_>| check(subject, outcome)),
            _ => None,
        });
    }

    fn distribution(&mut self, release: &ReleaseSubject<'_>, file: &FileFacts, about: &About) {
        let subject = &DistributionSubject {
            release: release.clone(),
            file,
        };
        self.each_rule(about, |check| match check {
            Check::Distribution(check) => {
                Some(move |outcome: &mut Outcome<'_>| check(subject, outcome))
            }
            _ => None,
        });
    }

    /// Rules about a release cannot run without its page: each leaves its question open.
    fn open_release_questions(
        &mut self,
        source: &Source,
        openness: Openness,
        why: &str,
        about: &About,
    ) {
        self.each_rule(about, |check| {
            let is_of_releases = matches!(check, Check::Release(_) | Check::Distribution(_));
            let open = |outcome: &mut Outcome<'_>| {
                if outcome.needs_a_page() {
                    outcome.open(source.clone(), openness, why);
                }
            };
            is_of_releases.then_some(open)
        });
    }

    /// Asks the rules that look at such a subject; most of them do not.
    fn each_rule<F: FnOnce(&mut Outcome<'_>)>(
        &mut self,
        about: &About,
        of: impl Fn(&'static Check) -> Option<F>,
    ) {
        for rule in self.asked {
            let Some(ask) = of(&rule.check) else { continue };
            let world = (self.evidence, self.policy, self.now);
            let mut outcome = Outcome::new(rule, world, about);
            outcome.once = self.once;
            ask(&mut outcome);
            self.collected.extend(outcome.into_collected());
        }
    }

    fn verdict(self, subject: &Subject<'_>, evidence_digest: Arc<str>) -> Verdict {
        let Collected {
            findings,
            questions,
            lanes,
            next_change_at,
        } = self.collected;
        let inline = InlineIgnores::of(subject);
        let exceptions = Ignores::new(&self.policy.ignores, &inline, self.now);
        let (mut findings, ignored) = exceptions.split(findings);
        let (mut questions, ignored_questions) = exceptions.split_questions(questions);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        questions.sort();
        questions.dedup();
        let of_questions = ignored_questions.iter().map(|ignored| &ignored.exception);
        let used = ignored
            .iter()
            .map(|ignored| &ignored.exception)
            .chain(of_questions);
        let next_change_at = earliest(next_change_at, exceptions.first_end(used));
        let spoke = findings.iter().map(|finding| finding.rule);
        let spoke = spoke.chain(questions.iter().map(|question| question.rule));
        let next_change_at = earliest(next_change_at, self.policy.next_day(spoke, self.now));
        Verdict {
            admission: self.policy.admission(&findings, &questions, self.now),
            findings,
            questions,
            ignored,
            ignored_questions,
            lanes,
            policy_digest: self.policy.shared_digest(),
            evidence_digest,
            decided_at: self.now,
            next_change_at,
        }
    }
}

/// What is asked for by itself has no place.
fn alone(project: &ProjectName, version: Option<&Version>) -> About {
    About {
        place: None,
        environment: None,
        project: Some(project.clone()),
        version: version.cloned(),
        pinned: true,
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Collected {
    fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.questions.extend(other.questions);
        self.lanes.extend(other.lanes);
        self.next_change_at = earliest(self.next_change_at, other.next_change_at);
    }
}

impl Policy {
    /// Refused by any finding that refuses; undecided while a rule that refuses has no answer.
    ///
    /// A verdict has this answer already. Where a use-case leaves a rule aside (what is fetched to be read
    /// need not be a wheel), it asks again with what the other rules said.
    pub fn admission(
        &self,
        findings: &[Finding],
        questions: &[Question],
        now: Timestamp,
    ) -> Admission {
        if findings.iter().any(|finding| finding.refuses) {
            return Admission::Refused;
        }
        if questions
            .iter()
            .any(|question| self.waits_for(question, now))
        {
            return if self.preset == Preset::Strict {
                self.strict_admission(questions, now)
            } else {
                Admission::Undecided
            };
        }
        Admission::Admitted
    }

    /// Whether nothing is admitted while the question is open.
    pub fn waits_for(&self, question: &Question, now: Timestamp) -> bool {
        let counts = match question.openness {
            Openness::Unavailable => true,
            Openness::Unsupported => self.preset == Preset::Strict,
            Openness::Absent => false,
        };
        counts && crate::find_rule(question.rule).is_some_and(|rule| self.refuses(rule, now))
    }

    /// In preset `strict`, what a source never publishes refuses: no later answer will come.
    fn strict_admission(&self, questions: &[Question], now: Timestamp) -> Admission {
        let refuses = |question: &Question| {
            question.openness == Openness::Unsupported
                && crate::find_rule(question.rule).is_some_and(|rule| self.refuses(rule, now))
        };
        if questions.iter().any(refuses) {
            Admission::Refused
        } else {
            Admission::Undecided
        }
    }
}

/// Whether any asked rule needs `need`: evidence that no rule asks for is not fetched.
pub fn needs(policy: &Policy, need: Need) -> bool {
    policy.asked().any(|rule| rule.needs.contains(&need))
}

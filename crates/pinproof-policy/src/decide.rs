//! The one function that decides.

mod files;
mod projects;

use jiff::Timestamp;
use pinproof_core::evidence::{Answer, Openness, Source, Unavailable};
use pinproof_core::{Admission, FileFacts, Finding, IndexUrl, Place, Question, Verdict};

pub use files::{decide_files, decide_wanted, digest_of_release};
pub use projects::refuses_project;

use crate::digest;
use crate::evidence::{Evidence, files_of};
use crate::ignore::{Ignores, InlineIgnores};
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
            run.release_alone(&distribution.release);
            run.file_alone(distribution);
        }
    }
    run.verdict(subject, digest::of_evidence(subject, evidence, policy))
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
    let mut run = Run {
        evidence: &Evidence::default(),
        policy,
        now,
        asked: policy
            .asked()
            .filter(|rule| rule.name == INSECURE_INDEX)
            .collect(),
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
    asked: Vec<&'static Rule>,
    collected: Collected,
}

impl<'a> Run<'a> {
    fn new(evidence: &'a Evidence, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            evidence,
            policy,
            now,
            asked: policy.asked().collect(),
            collected: Collected::default(),
        }
    }

    fn settings(&mut self, settings: &SettingsSubject<'_>) {
        self.each_rule(&About::default(), |check, outcome| {
            if let Check::Settings(check) = check {
                check(settings, outcome);
            }
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
        self.each_rule(&about, |check, outcome| {
            if let Check::File(check) = check {
                check(file, outcome);
            }
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
        self.each_rule(&about, |check, outcome| {
            if let Check::Requirement(check) | Check::RequirementOrFile(check, _) = check {
                check(subject, outcome);
            }
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
                for file in release.accepted_files() {
                    self.distribution(&release, file, about);
                }
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

    /// What is true of a release, whichever of its files is asked for.
    fn release_alone(&mut self, release: &ReleaseSubject<'_>) {
        let about = alone(release);
        let route = crate::subject::Route::Indexes(vec![release.page.source.0.to_string()]);
        let project = ProjectSubject {
            project: release.project,
            route: &route,
            page: Answer::Known(release.page),
            requirement: None,
        };
        let named = NamedSubject {
            project: release.project,
            version: Some(release.version),
            requirement: None,
        };
        self.named(&named, &about);
        self.project(&project, &about);
        self.release(release, &about);
    }

    fn file_alone(&mut self, subject: &DistributionSubject<'_>) {
        let about = alone(&subject.release);
        self.distribution(&subject.release, subject.file, &about);
        self.each_rule(&about, |check, outcome| {
            if let Check::RequirementOrFile(_, check) = check {
                check(subject, outcome);
            }
        });
    }

    fn named(&mut self, subject: &NamedSubject<'_>, about: &About) {
        self.each_rule(about, |check, outcome| {
            if let Check::Named(check) = check {
                check(subject, outcome);
            }
        });
    }

    fn project(&mut self, subject: &ProjectSubject<'_>, about: &About) {
        self.each_rule(about, |check, outcome| {
            if let Check::Project(check) = check {
                check(subject, outcome);
            }
        });
    }

    fn release(&mut self, subject: &ReleaseSubject<'_>, about: &About) {
        self.each_rule(about, |check, outcome| {
            if let Check::Release(check) = check {
                check(subject, outcome);
            }
        });
    }

    fn distribution(&mut self, release: &ReleaseSubject<'_>, file: &FileFacts, about: &About) {
        let subject = DistributionSubject {
            release: release.clone(),
            file,
        };
        self.each_rule(about, |check, outcome| {
            if let Check::Distribution(check) = check {
                check(&subject, outcome);
            }
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
        self.each_rule(about, |check, outcome| {
            let is_about_it = matches!(check, Check::Release(_) | Check::Distribution(_));
            if is_about_it && outcome.needs_a_page() {
                outcome.open(source.clone(), openness, why);
            }
        });
    }

    fn each_rule(&mut self, about: &About, mut ask: impl FnMut(&Check, &mut Outcome<'_>)) {
        for rule in &self.asked {
            let world = (self.evidence, self.policy, self.now);
            let mut outcome = Outcome::new(rule, world, about);
            ask(&rule.check, &mut outcome);
            self.collected.extend(outcome.into_collected());
        }
    }

    fn verdict(self, subject: &Subject<'_>, evidence_digest: String) -> Verdict {
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
            policy_digest: self.policy.digest().to_owned(),
            evidence_digest,
            decided_at: self.now,
            next_change_at,
        }
    }
}

/// What is asked for by itself has no place.
fn alone(release: &ReleaseSubject<'_>) -> About {
    About {
        place: None,
        environment: None,
        project: Some(release.project.clone()),
        version: Some(release.version.clone()),
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

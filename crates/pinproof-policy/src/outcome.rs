//! Where a rule puts what it finds: levels and refusals are applied here, in one place.

use jiff::Timestamp;
use pinproof_core::advisory::{Class, Severity};
use pinproof_core::evidence::{Answer, Openness, Source};
use pinproof_core::verdict::Lane;
use pinproof_core::{
    Finding, Level, NamePattern, Place, Printable, ProjectFacts, ProjectName, Question,
    ReleaseFacts, Version,
};

use crate::evidence::{Evidence, files_of};
use crate::once::Once;
use crate::policy::Policy;
use crate::rule::{Case, Need, Refusal, Rule, SettingValue};
use crate::subject::{FileSubject, ReleaseSubject, RequirementSubject};
use crate::tree::Tree;

/// What one rule says of one subject, and what it may look at.
pub struct Outcome<'a> {
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The policy.
    pub policy: &'a Policy,
    /// The time to decide for.
    pub now: Timestamp,
    /// What others who are asked about the same page have found.
    pub(crate) once: Once<'a>,
    rule: &'static Rule,
    about: &'a About,
    findings: Vec<Finding>,
    questions: Vec<Question>,
    lanes: Vec<Lane>,
    next_change_at: Option<Timestamp>,
}

/// What findings speak of and point at, unless the rule says otherwise.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The place.
    pub place: Option<Place>,
    /// The installed environment that the place is in.
    pub environment: Option<Printable>,
    /// The project.
    pub project: Option<ProjectName>,
    /// The version.
    pub version: Option<Version>,
    /// Whether the subject is pinned exactly, so that it is no choice.
    pub pinned: bool,
}

/// What a rule found, taken out of its [`Outcome`].
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Findings.
    pub findings: Vec<Finding>,
    /// Open questions.
    pub questions: Vec<Question>,
    /// What passes as the fix of a flaw.
    pub lanes: Vec<Lane>,
    /// When time alone changes the answer.
    pub next_change_at: Option<Timestamp>,
}

impl<'a> Outcome<'a> {
    /// An empty outcome for `rule`.
    pub fn new(
        rule: &'static Rule,
        (evidence, policy, now): (&'a Evidence, &'a Policy, Timestamp),
        about: &'a About,
    ) -> Self {
        Self {
            evidence,
            policy,
            now,
            once: Once::default(),
            rule,
            about,
            findings: Vec::new(),
            questions: Vec::new(),
            lanes: Vec::new(),
            next_change_at: None,
        }
    }

    /// Reports a finding; the returned reference adds places, notes and help.
    ///
    /// A case that the policy allows is dropped here.
    pub fn report(&mut self, case: &'static Case, message: impl Into<Printable>) -> Report<'_> {
        let (level, refuses) = self.policy.effective(self.rule, case, self.now);
        let refuses = match refuses {
            Refusal::Always => true,
            Refusal::AsChoice => !self.about.pinned,
            Refusal::Never => false,
        };
        if level == Level::Allow {
            return Report(None);
        }
        self.findings.push(Finding {
            rule: self.rule.name,
            level,
            refuses,
            message: message.into(),
            places: self.about.place.iter().cloned().collect(),
            notes: announcement(self.policy, self.rule, self.now),
            help: Vec::new(),
            project: self.about.project.clone(),
            version: self.about.version.clone(),
            environment: self.about.environment.clone(),
            key: case.name.to_owned(),
            advisories: None,
        });
        Report(self.findings.last_mut())
    }

    /// The value of an answer; an answer that is missing becomes an open question, except `Absent`,
    /// whose meaning each rule states itself.
    pub fn ask<T>(&mut self, answer: Answer<T>, what: &str) -> Option<T> {
        match answer {
            Answer::Known(value) => return Some(value),
            Answer::Absent => {}
            Answer::Unsupported(source) => self.open(source, Openness::Unsupported, what),
            Answer::Unavailable(reason) => {
                self.open(reason.source, Openness::Unavailable, reason.why.as_str());
            }
        }
        None
    }

    /// The page of a requirement's project, from the index that answers for it.
    ///
    /// An index that gives no answer leaves the question open; `None` without one is a project that
    /// does not exist, which `unknown-project` reports.
    pub fn page(&mut self, subject: &RequirementSubject<'_>) -> Option<&'a ProjectFacts> {
        let (project, _) = subject.from_index()?;
        self.ask(self.evidence.project(&subject.route, project), "")
    }

    /// The page and the files of the release that a requirement pins; `None` as in [`Outcome::page`],
    /// for a range, and for a release that is not on the page, which `unknown-release` reports.
    pub fn release(
        &mut self,
        subject: &RequirementSubject<'_>,
    ) -> Option<(&'a ProjectFacts, &'a ReleaseFacts)> {
        let version = subject.pin?;
        let page = self.page(subject)?;
        let release = self.ask(files_of(page, version), "")?;
        Some((page, release))
    }

    /// Records a question for every release of `tree` whose dependencies could not be found out.
    pub fn open_metadata(&mut self, file: &FileSubject<'_>, tree: &Tree) {
        for open in &tree.open {
            let place = file
                .find(&open.project)
                .map(|subject| subject.name_place("its dependencies are not known"));
            let about = About {
                place: place.or_else(|| self.about.place.clone()),
                project: Some(open.project.clone()),
                ..About::default()
            };
            self.open_about(&about, (open.source.clone(), open.openness), &open.why);
        }
    }

    /// Records a question that stays open.
    pub fn open(&mut self, source: Source, openness: Openness, why: &str) {
        self.open_about(self.about, (source, openness), why);
    }

    fn open_about(&mut self, about: &About, (source, openness): (Source, Openness), why: &str) {
        let level = self.policy.question_level(self.rule, openness, self.now);
        if level == Level::Allow {
            return;
        }
        self.questions.push(Question {
            rule: self.rule.name,
            level,
            source,
            openness,
            why: Printable::new(why),
            places: about.place.iter().cloned().collect(),
            project: about.project.clone(),
        });
    }

    /// Lets a release pass until `ends_at`, because it is the fix of these flaws.
    pub fn pass(
        &mut self,
        subject: &ReleaseSubject<'_>,
        fixes: Vec<Printable>,
        ends_at: Timestamp,
    ) {
        self.lanes.push(Lane {
            rule: self.rule.name,
            project: subject.project.clone(),
            version: subject.version.clone(),
            fixes,
            ends_at,
            places: self.about.place.iter().cloned().collect(),
        });
    }

    /// Says that the answer changes at `time` by itself.
    pub fn changes_at(&mut self, time: Timestamp) {
        if time > self.now {
            let earliest = self.next_change_at.map_or(time, |known| known.min(time));
            self.next_change_at = Some(earliest);
        }
    }

    /// The hours of one of the rule's own settings.
    pub fn hours(&self, setting: &str) -> u32 {
        match self.policy.setting(self.rule, setting) {
            Some(SettingValue::Hours(hours)) => hours,
            _ => 0,
        }
    }

    /// Whether one of the rule's own lists of names has `project`.
    pub fn names_include(&self, setting: &str, project: &ProjectName) -> bool {
        match self.policy.setting(self.rule, setting) {
            Some(SettingValue::Names(names)) => matches_any(&names, project),
            _ => false,
        }
    }

    /// The severity that one of the rule's own settings names.
    pub fn severity(&self, setting: &str) -> Severity {
        match self.policy.setting(self.rule, setting) {
            Some(SettingValue::Severity(severity)) => severity,
            _ => Severity::Low,
        }
    }

    /// Whether the rule looks at what an index says now.
    pub fn needs_a_page(&self) -> bool {
        self.rule.needs.contains(&Need::IndexPage)
    }

    /// Whether the policy asks another rule at all.
    pub fn asks(&self, rule: &str) -> bool {
        crate::find_rule(rule).is_some_and(|rule| self.policy.level(rule) != Level::Allow)
    }

    /// What was found.
    pub fn into_collected(self) -> Collected {
        Collected {
            findings: self.findings,
            questions: self.questions,
            lanes: self.lanes,
            next_change_at: self.next_change_at,
        }
    }
}

/// Whoever sees a warning that becomes a denial is told when.
pub(crate) fn announcement(policy: &Policy, rule: &Rule, now: Timestamp) -> Vec<Printable> {
    let day = policy.announced(rule, now);
    let note = day.map(|day| Printable::from(format!("denied from {day} on")));
    note.into_iter().collect()
}

fn matches_any(names: &[NamePattern], project: &ProjectName) -> bool {
    names.iter().any(|pattern| pattern.matches(project))
}

/// A finding that was just reported, if the policy does not allow its case.
pub struct Report<'a>(Option<&'a mut Finding>);

impl Report<'_> {
    /// Points at `place` before any other.
    pub fn at(mut self, place: Place) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.places = vec![place];
        }
        self
    }

    /// Points at `place` too.
    pub fn also_at(mut self, place: Place) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.places.push(place);
        }
        self
    }

    /// Labels the first place.
    pub fn label(mut self, label: impl Into<Printable>) -> Self {
        if let Some(place) = self
            .0
            .as_mut()
            .and_then(|finding| finding.places.first_mut())
        {
            place.label = label.into();
        }
        self
    }

    /// Adds what supports the finding.
    pub fn note(mut self, note: impl Into<Printable>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.notes.push(note.into());
        }
        self
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<Printable>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.help.push(help.into());
        }
        self
    }

    /// Speaks of another project than the subject's.
    pub fn project(mut self, project: &ProjectName) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.project = Some(project.clone());
        }
        self
    }

    /// Speaks of a requirement: its project, and the version it is held to.
    pub fn of(mut self, subject: &RequirementSubject<'_>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.project.clone_from(&subject.requirement.name);
            finding.version = subject.pin.cloned();
        }
        self
    }

    /// Speaks of no single project: what a setting does to every requirement of a file is one finding.
    pub fn of_the_whole_file(mut self) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.project = None;
            finding.version = None;
        }
        self
    }

    /// Rests on the records of `class`.
    pub fn advisories(mut self, class: Class) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.advisories = Some(Box::new(class));
        }
        self
    }

    /// Extends what tells this finding from others of its case.
    pub fn key(mut self, key: &str) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.key = format!("{}/{key}", finding.key);
        }
        self
    }
}

//! Exceptions: who accepted a finding, why, and until when.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pinproof_core::advisory::Class;
use pinproof_core::manifest::InlineIgnore;
use pinproof_core::verdict::{Exception, IgnoreRef, Ignored, IgnoredQuestion};
use pinproof_core::{Finding, Place, Printable, ProjectName, Question, Span, Specifiers, Version};

use crate::outcome::Outcome;
use crate::subject::{RequirementSubject, Subject};

/// An `[[ignore]]` of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Ignore {
    /// The rule it silences.
    pub rule: &'static str,
    /// The project, and the versions it is about; without one, every subject of the rule.
    pub project: Option<(ProjectName, Specifiers)>,
    /// The advisory it is about, by any of its ids.
    pub id: Option<String>,
    /// Why a vulnerability does not matter here, in the words of `CycloneDX`.
    pub justification: Option<&'static str>,
    /// The file it is about, as reports show it; without one, every file.
    pub file: Option<String>,
    /// Why it is accepted.
    pub reason: Printable,
    /// Who accepted it.
    pub owner: Option<Printable>,
    /// The last day on which it counts, in UTC.
    pub until: Option<Date>,
    /// Where it is written.
    pub place: Place,
}

impl Ignore {
    /// Whether its last day is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        let today = now.to_zoned(TimeZone::UTC).date();
        self.until.is_some_and(|until| until < today)
    }

    /// The first moment at which it does not count any more.
    fn ends_at(&self) -> Option<Timestamp> {
        let first_day_without = self.until?.tomorrow().ok()?;
        let midnight = first_day_without.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    }

    /// Whether it speaks of this rule, project, version and file, expired or not.
    fn covers(&self, about: &IgnoredSubject<'_>) -> bool {
        self.rule == about.rule
            && self.project.as_ref().is_none_or(|(project, versions)| {
                about.project == Some(project) && covers_version(versions, about.version)
            })
            && self.id.as_ref().is_none_or(|id| about.is_known_as(id))
            && self.file.as_ref().is_none_or(|file| {
                let place = about.place.map(|place| &place.origin);
                let shown = [place, about.environment];
                shown
                    .into_iter()
                    .flatten()
                    .any(|shown| shown.as_str() == file)
            })
    }
}

struct IgnoredSubject<'a> {
    rule: &'a str,
    project: Option<&'a ProjectName>,
    version: Option<&'a Version>,
    place: Option<&'a Place>,
    advisories: Option<&'a Class>,
    environment: Option<&'a Printable>,
}

impl IgnoredSubject<'_> {
    fn is_known_as(&self, id: &str) -> bool {
        let ids = self
            .advisories
            .map_or(&[][..], |class| class.ids.as_slice());
        ids.iter()
            .any(|known| known.as_str().eq_ignore_ascii_case(id))
    }
}

fn covers_version(versions: &Specifiers, version: Option<&Version>) -> bool {
    versions.is_empty()
        || version.is_some_and(|version| {
            versions.contains(version, pinproof_core::specifier::Prereleases::Allow)
        })
}

/// The comments that may cover what is found of a subject, each with its file: spans of one file mean
/// nothing in another.
pub(crate) struct InlineIgnores<'a>(Vec<(&'a Printable, &'a InlineIgnore)>);

impl<'a> InlineIgnores<'a> {
    /// Those of the subject's file, of the files that it includes, and of the inputs of its locks.
    pub(crate) fn of(subject: &Subject<'a>) -> Self {
        let mut files: Vec<(&Printable, &[InlineIgnore])> = match subject {
            Subject::Settings(_) | Subject::Distribution(_) => Vec::new(),
            Subject::Requirement(requirement) => {
                vec![(&requirement.source.path, requirement.ignores)]
            }
            Subject::File(file) => {
                let own = (&file.source.path, file.manifest.ignores.as_slice());
                let included = file.requirements.iter();
                let inputs = file.locks.iter().flat_map(|lock| &lock.inputs);
                let inputs =
                    inputs.map(|input| (&input.source.path, input.manifest.ignores.as_slice()));
                std::iter::once(own)
                    .chain(included.map(|subject| (&subject.source.path, subject.ignores)))
                    .chain(inputs)
                    .collect()
            }
        };
        files.sort_by_key(|(path, _)| *path);
        files.dedup_by_key(|(path, _)| *path);
        let comments = |(path, ignores): (&'a Printable, &'a [InlineIgnore])| {
            ignores.iter().map(move |ignore| (path, ignore))
        };
        Self(files.into_iter().flat_map(comments).collect())
    }
}

/// Whether an exception in force may cover what `rule` says of the requirement, or of the file it stands in.
pub(crate) fn may_be_excepted(
    rule: &str,
    subject: &RequirementSubject<'_>,
    out: &Outcome<'_>,
) -> bool {
    let is_about = |ignore: &Ignore| {
        let project = ignore.project.as_ref().map(|(project, _)| project);
        let file = ignore.file.as_deref();
        ignore.rule == rule
            && !ignore.is_expired(out.now)
            && (project.is_none() || project == subject.requirement.name.as_ref())
            && file.is_none_or(|file| subject.source.path.as_str() == file)
    };
    let names_it =
        |ignore: &InlineIgnore| is_in_force(ignore) && ignore.rules.iter().any(|name| name == rule);
    out.policy.ignores.iter().any(is_about) || subject.ignores.iter().any(names_it)
}

/// The exceptions that apply to one subject: those of the configuration, and those of its files.
#[derive(Clone, Copy)]
pub(crate) struct Ignores<'a> {
    configured: &'a [Ignore],
    inline: &'a InlineIgnores<'a>,
    now: Timestamp,
}

impl<'a> Ignores<'a> {
    pub(crate) fn new(
        configured: &'a [Ignore],
        inline: &'a InlineIgnores<'a>,
        now: Timestamp,
    ) -> Self {
        Self {
            configured,
            inline,
            now,
        }
    }

    /// Takes out the findings that an exception in force covers.
    pub(crate) fn split(self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Ignored>) {
        let mut kept = Vec::new();
        let mut ignored = Vec::new();
        for finding in findings {
            let about = IgnoredSubject {
                rule: finding.rule,
                project: finding.project.as_ref(),
                version: finding.version.as_ref(),
                place: finding.places.first(),
                advisories: finding.advisories.as_deref(),
                environment: finding.environment.as_ref(),
            };
            match self.find(&about) {
                Some(exception) => ignored.push(Ignored { finding, exception }),
                None => kept.push(finding),
            }
        }
        (kept, ignored)
    }

    /// Takes out the questions that an exception in force covers: nobody waits for their answer.
    pub(crate) fn split_questions(
        self,
        questions: Vec<Question>,
    ) -> (Vec<Question>, Vec<IgnoredQuestion>) {
        let mut kept = Vec::new();
        let mut ignored = Vec::new();
        for question in questions {
            let about = IgnoredSubject {
                rule: question.rule,
                project: question.project.as_ref(),
                version: None,
                place: question.places.first(),
                advisories: None,
                environment: None,
            };
            match self.find(&about) {
                Some(exception) => ignored.push(IgnoredQuestion {
                    question,
                    exception,
                }),
                None => kept.push(question),
            }
        }
        (kept, ignored)
    }

    /// When the first of the exceptions that were used stops to count: the verdict changes then.
    pub(crate) fn first_end<'u>(
        self,
        used: impl Iterator<Item = &'u Exception>,
    ) -> Option<Timestamp> {
        let ends = used.filter_map(|exception| match exception.by {
            IgnoreRef::Configured(at) => self.configured.get(at)?.ends_at(),
            IgnoreRef::Inline { .. } => None,
        });
        ends.min()
    }

    fn find(self, about: &IgnoredSubject<'_>) -> Option<Exception> {
        self.find_inline(about)
            .or_else(|| self.find_configured(about))
    }

    fn find_configured(self, about: &IgnoredSubject<'_>) -> Option<Exception> {
        self.configured
            .iter()
            .enumerate()
            .find(|(_, ignore)| !ignore.is_expired(self.now) && ignore.covers(about))
            .map(|(at, ignore)| Exception {
                by: IgnoreRef::Configured(at),
                reason: ignore.reason.clone(),
                owner: ignore.owner.clone(),
                justification: ignore.justification,
                until: ignore.until,
            })
    }

    fn find_inline(self, about: &IgnoredSubject<'_>) -> Option<Exception> {
        let place = about.place?;
        let span = place.span?;
        self.inline
            .0
            .iter()
            .filter(|(file, _)| **file == place.origin)
            .find(|(_, ignore)| is_in_force(ignore) && covers_span(ignore, about.rule, span))
            .map(|(_, ignore)| Exception {
                by: IgnoreRef::Inline {
                    file: place.origin.clone(),
                    at: ignore.span,
                },
                reason: Printable::new(&ignore.reason),
                owner: None,
                justification: None,
                until: None,
            })
    }
}

/// An inline ignore needs a reason, as a configured one does; without it, it is reported and ignores nothing.
fn is_in_force(ignore: &InlineIgnore) -> bool {
    !ignore.reason.trim().is_empty()
}

/// What is said of a file as a whole has an empty span; no comment on a line speaks of that.
fn covers_span(ignore: &InlineIgnore, rule: &str, span: Span) -> bool {
    !span.is_empty()
        && ignore.rules.iter().any(|name| name == rule)
        && ignore.applies_to.start <= span.start
        && span.end <= ignore.applies_to.end
}

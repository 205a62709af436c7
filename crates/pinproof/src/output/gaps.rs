//! What stayed open, put together for formats that list it: one gap for each source and reason.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::evidence::Openness;
use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Level, Place, Printable, ProjectName, Question};
use pinproof_engine::is_without_address;

use super::wording::{count, listing};

/// What a gap is called where formats want the name of a rule; it is none, and has no level of its own.
pub(crate) const UNAVAILABLE: &str = "unavailable-evidence";

/// Questions that stayed open for one reason.
#[derive(Debug)]
pub(crate) struct Gap<'a> {
    /// [`UNAVAILABLE`] or [`NOT_UNDERSTOOD`].
    pub(crate) name: &'static str,
    /// The strongest level of the rules that asked.
    pub(crate) level: Level,
    /// Who was asked.
    pub(crate) source: &'a Printable,
    /// In which way it stayed open.
    pub(crate) openness: Openness,
    /// Why there is no answer.
    pub(crate) why: &'a Printable,
    /// The rules that asked, with their levels.
    pub(crate) asked: BTreeMap<&'static str, Level>,
    /// The projects it is about.
    pub(crate) projects: BTreeSet<&'a ProjectName>,
    /// Where the answer was needed: for each project, one place in each file.
    pub(crate) places: Vec<&'a Place>,
    placed: BTreeSet<(&'a Printable, Option<&'a ProjectName>)>,
}

/// What tells one gap from another; text that is not understood has a gap for each place.
type Reason<'a> = (&'static str, &'a Printable, Openness, &'a Printable);

/// The gaps of some questions, those of denying rules first.
pub(crate) fn gaps<'a>(questions: impl IntoIterator<Item = &'a Question>) -> Vec<Gap<'a>> {
    let mut unclear = Vec::new();
    let mut by_reason: BTreeMap<Reason<'a>, Gap<'a>> = BTreeMap::new();
    for question in questions.into_iter().filter(|question| is_shown(question)) {
        if question.rule == NOT_UNDERSTOOD {
            let mut gap = Gap::new(NOT_UNDERSTOOD, question);
            gap.add(question);
            unclear.push(gap);
            continue;
        }
        let reason = (
            UNAVAILABLE,
            &question.source.0,
            question.openness,
            &question.why,
        );
        let gap = by_reason
            .entry(reason)
            .or_insert_with(|| Gap::new(UNAVAILABLE, question));
        gap.add(question);
    }
    let mut gaps = unclear;
    gaps.extend(by_reason.into_values());
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.level));
    gaps
}

/// A name that the policy binds to an index without an address is counted, and no gap.
fn is_shown(question: &Question) -> bool {
    let is_internal = question.openness == Openness::Unsupported
        && question.level < Level::Deny
        && is_without_address(&question.source);
    !is_internal
}

impl<'a> Gap<'a> {
    fn new(name: &'static str, question: &'a Question) -> Self {
        Self {
            name,
            level: Level::Allow,
            source: &question.source.0,
            openness: question.openness,
            why: &question.why,
            asked: BTreeMap::new(),
            projects: BTreeSet::new(),
            places: Vec::new(),
            placed: BTreeSet::new(),
        }
    }

    fn add(&mut self, question: &'a Question) {
        self.level = self.level.max(question.level);
        self.asked.insert(question.rule, question.level);
        self.projects.extend(&question.project);
        for place in &question.places {
            if self
                .placed
                .insert((&place.origin, question.project.as_ref()))
            {
                self.places.push(place);
            }
        }
    }

    /// What stayed open, as a sentence without a full stop.
    pub(crate) fn message(&self) -> String {
        if self.name == NOT_UNDERSTOOD {
            return self.why.to_string();
        }
        let (source, why) = (self.source, self.why);
        if self.openness == Openness::Unsupported {
            let what = match why.as_str() {
                "" => "answers nothing",
                why => why,
            };
            return format!("{source} {what}");
        }
        let about = match self.projects.len() {
            0 => String::new(),
            1..=3 => format!(" about {}", self.names(3)),
            many => format!(" about {}", count(many, "project", "projects")),
        };
        format!("no answer from {source}{about}: {why}")
    }

    /// Which rules have no answer; text that is not understood has none either.
    pub(crate) fn undecided(&self) -> Option<String> {
        let of = |denying: bool, word: &str| {
            let asked = self.asked.iter();
            let rules = asked.filter(|(_, level)| (**level == Level::Deny) == denying);
            let rules: Vec<&str> = rules.map(|(rule, _)| *rule).collect();
            (!rules.is_empty()).then(|| format!("{word}: {}", rules.join(", ")))
        };
        let parts = [of(true, "not decided"), of(false, "not known")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (self.name != NOT_UNDERSTOOD).then(|| parts.join("; "))
    }

    /// The projects it is about, at most so many by name.
    pub(crate) fn names(&self, most: usize) -> String {
        let names = self.projects.iter();
        let names: Vec<_> = names.map(|name| Printable::new(name.as_str())).collect();
        listing(&names, most)
    }

    /// What tells it from other gaps over time.
    pub(crate) fn identity(&self) -> String {
        let file = self.places.first().map_or("", |at| at.origin.as_str());
        if self.name == NOT_UNDERSTOOD {
            return format!("{}:{file}:{}", self.name, self.why);
        }
        format!("{}:{file}:{}:{:?}", self.name, self.source, self.openness)
    }
}

//! What a rule is: a name that reads well after "allow", its cases, and one function.

use pinproof_core::advisory::Severity;
use pinproof_core::{Level, NamePattern};

use crate::outcome::Outcome;
use crate::subject::{
    DistributionSubject, FileSubject, NamedSubject, ProjectSubject, ReleaseSubject,
    RequirementSubject, SettingsSubject,
};

/// A rule. Its page, with the examples that test it, is the `.md` file beside it.
#[derive(Debug)]
pub struct Rule {
    /// Its name in configuration, reports and ignores, such as `unhashed-requirement`.
    pub name: &'static str,
    /// One line for the table of rules, without a full stop.
    pub summary: &'static str,
    /// What it can object to; the first case is the main one.
    pub cases: &'static [Case],
    /// The evidence it asks for.
    pub needs: &'static [Need],
    /// Its own settings in `[rules.NAME]`.
    pub settings: &'static [Setting],
    /// What it looks at, and how.
    pub check: Check,
}

/// One way in which a rule objects, with the level of preset `recommended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// A word that tells the case from the others of its rule.
    pub name: &'static str,
    /// Its level.
    pub level: Level,
    /// Whether the subject may not enter.
    pub refuses: Refusal,
    /// Whether it speaks of exactly what is pinned, so that another version, hash or address is another
    /// finding, and no longer the one that was there before.
    pub is_of_the_pin: bool,
}

/// Whether a case keeps its subject out of a lock, an environment and a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is reported and may enter.
    Never,
    /// It may not be chosen, but what is pinned exactly or asked for by file name may enter.
    AsChoice,
    /// It may not enter.
    Always,
}

/// Evidence that a rule asks for; see [`Evidence`](crate::Evidence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// What the index says of the project and of the pinned release's files.
    IndexPage,
    /// The dependencies of every pinned release.
    Metadata,
    /// The advisories about every project.
    Advisories,
    /// What is remembered of a project. Only a gateway remembers; without a history the rule says nothing.
    History,
}

/// A setting of one rule, in `[rules.NAME]`.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key.
    pub name: &'static str,
    /// What it means, for the reference and the schema.
    pub help: &'static str,
    /// Its value where the policy has none.
    pub default: DefaultValue,
}

/// The kinds of rule settings, with their defaults.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
    /// A number of days, written `"7 days"`.
    Days(u32),
    /// Project names and prefixes such as `acme-*`; none by default.
    Names,
    /// A severity: `"low"`, `"medium"`, `"high"` or `"critical"`.
    Severity(Severity),
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// A span of time in hours; policies write whole days or hours.
    Hours(u32),
    /// Project names and prefixes.
    Names(Vec<NamePattern>),
    /// A severity.
    Severity(Severity),
}

/// The function of a rule, by the kind of subject it looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// The index settings that take effect together: those of a file, or the machine's alone.
    Settings(fn(&SettingsSubject<'_>, &mut Outcome<'_>)),
    /// A file of the project.
    File(fn(&FileSubject<'_>, &mut Outcome<'_>)),
    /// A requirement.
    Requirement(fn(&RequirementSubject<'_>, &mut Outcome<'_>)),
    /// A requirement, and a file that is asked for by itself, as it is of a gateway.
    RequirementOrFile(
        fn(&RequirementSubject<'_>, &mut Outcome<'_>),
        fn(&DistributionSubject<'_>, &mut Outcome<'_>),
    ),
    /// A release by name and version, on whatever index: what others published about it.
    Named(fn(&NamedSubject<'_>, &mut Outcome<'_>)),
    /// A project on an index.
    Project(fn(&ProjectSubject<'_>, &mut Outcome<'_>)),
    /// A release on an index.
    Release(fn(&ReleaseSubject<'_>, &mut Outcome<'_>)),
    /// One file of a release.
    Distribution(fn(&DistributionSubject<'_>, &mut Outcome<'_>)),
    /// The tool itself: asked by [`crate::ignore`] and the engine, not by `decide`.
    Tool,
}

impl Case {
    /// A case that fails a check.
    pub const fn deny(name: &'static str) -> Self {
        Self {
            name,
            level: Level::Deny,
            refuses: Refusal::Never,
            is_of_the_pin: false,
        }
    }

    /// A case that is shown.
    pub const fn warn(name: &'static str) -> Self {
        Self {
            name,
            level: Level::Warn,
            refuses: Refusal::Never,
            is_of_the_pin: false,
        }
    }

    /// The same case, and its subject may not enter.
    #[must_use]
    pub const fn refused(self) -> Self {
        Self {
            refuses: Refusal::Always,
            ..self
        }
    }

    /// The same case, and it speaks of exactly what is pinned.
    #[must_use]
    pub const fn of_the_pin(self) -> Self {
        Self {
            is_of_the_pin: true,
            ..self
        }
    }

    /// The same case, and its subject is not chosen.
    #[must_use]
    pub const fn not_chosen(self) -> Self {
        Self {
            refuses: Refusal::AsChoice,
            ..self
        }
    }
}

impl Rule {
    /// Whether the rule speaks of pinproof's own configuration and reach.
    pub fn is_about_the_tool(&self) -> bool {
        matches!(self.check, Check::Tool)
    }

    /// The kind of subject, as its page names it.
    pub fn subject(&self) -> &'static str {
        match self.check {
            Check::Settings(_) => "the index settings of a file, or of the machine",
            Check::File(_) => "a file of the project",
            Check::Requirement(_) => "a requirement",
            Check::RequirementOrFile(..) => {
                "a requirement, or a distribution that is asked for by itself"
            }
            Check::Named(_) => "a release, by name and version",
            Check::Project(_) => "a project on an index",
            Check::Release(_) => "a release on an index",
            Check::Distribution(_) => "a distribution (one file of a release)",
            Check::Tool => "the tool itself",
        }
    }
}

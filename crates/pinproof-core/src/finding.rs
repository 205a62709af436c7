//! Findings: what a rule says, where, and how strongly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Printable, Span};

/// How strongly a policy objects.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule is not asked.
    #[default]
    Allow,
    /// Shown; does not change the exit code.
    Warn,
    /// Shown, and the exit code is 1.
    Deny,
}

/// What one rule says about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How strongly the policy objects.
    pub level: Level,
    /// Whether the subject may not enter because of it.
    pub refuses: bool,
    /// What is wrong, as a sentence without a full stop.
    pub message: Printable,
    /// Where; the first place is the one to show.
    pub places: Vec<Place>,
    /// What supports it: evidence, a reason in somebody's words, the chain of requirements.
    pub notes: Vec<Printable>,
    /// What to do about it.
    pub help: Vec<Printable>,
    /// The project it speaks of, if it speaks of one.
    pub project: Option<crate::ProjectName>,
    /// The version it speaks of, if it speaks of one.
    pub version: Option<crate::Version>,
    /// The shown path of the installed environment that it is found in: its places are files in there,
    /// whose names change with every version.
    pub environment: Option<Printable>,
    /// What tells this finding from others of the same rule, file and project; stable over edits.
    pub key: String,
    /// The advisories that it rests on, if it rests on any: what machine formats say of them.
    pub advisories: Option<Box<crate::advisory::Class>>,
}

/// A place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's shown path, or the origin of a machine setting such as `PIP_EXTRA_INDEX_URL`.
    pub origin: Printable,
    /// The span in the file; machine settings have none.
    pub span: Option<Span>,
    /// A few words at the place.
    pub label: Printable,
}

impl Finding {
    /// The identity of the finding over time: rule, file, project and the rule's own key.
    ///
    /// Line, version and wording do not take part, so a finding survives edits around it.
    pub fn fingerprint(&self) -> String {
        let place = self.places.first().map(|place| &place.origin);
        let file = self.environment.as_ref().or(place);
        let file = file.map_or("", Printable::as_str);
        let project = self.project.as_ref().map_or("", |name| name.as_str());
        format!("{}:{}:{}:{}", self.rule, file, project, self.key)
    }
}

impl Place {
    /// A place in a file.
    pub fn in_file(file: &crate::SourceFile, span: Span, label: impl Into<Printable>) -> Self {
        Self {
            origin: file.path.clone(),
            span: Some(span),
            label: label.into(),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        })
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "allow" => Ok(Self::Allow),
            "warn" => Ok(Self::Warn),
            "deny" => Ok(Self::Deny),
            _ => Err(()),
        }
    }
}

//! Why requirements contradict each other.

use std::fmt;

use pinproof_core::{Printable, ProjectName, Version};
use thiserror::Error;

/// Requirements that nothing meets together, and what can be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
pub struct Conflict {
    /// What stands against each other, in the order to read it; each a sentence without a full stop. The
    /// last ones say what is impossible.
    pub sentences: Vec<Printable>,
    /// How many more facts the proof has, beyond what may be told.
    pub untold: usize,
    /// How the roots lead to each requirement on what is impossible: a label, projects, the requirement.
    pub chains: Vec<Vec<Printable>>,
    /// The versions that would fit and may not be chosen.
    pub left_out: Vec<LeftOut>,
    /// What may help.
    pub hints: Vec<Hint>,
}

/// A version that would fit and may not be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// Why not; a sentence that can follow "1.2 is left out: ".
    pub reason: Printable,
}

/// What may help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A pre-release would fit.
    Prerelease {
        /// The project.
        project: ProjectName,
        /// The best pre-release.
        version: Version,
        /// Whether a requirement that names one lets it in.
        by_name: bool,
    },
    /// A withdrawn version would fit.
    Yanked {
        /// The project.
        project: ProjectName,
        /// The best withdrawn version.
        version: Version,
    },
    /// A requirement of somebody else may be stricter than it has to be.
    Override {
        /// The project that has the requirement.
        by: ProjectName,
        /// The requirement.
        requirement: Printable,
        /// What is asked for instead.
        instead: Printable,
    },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prerelease {
                project,
                version,
                by_name,
            } => {
                let version = Printable::new(&version.to_string()).shortened(40);
                f.write_str("allow pre-releases")?;
                if *by_name {
                    write!(f, ", or name one (`{project}>={version}`)")?;
                }
                write!(f, ": {version} would fit")
            }
            Self::Yanked { project, version } => {
                let version = Printable::new(&version.to_string()).shortened(40);
                write!(
                    f,
                    "pin `{project}=={version}` if you want it although it was withdrawn"
                )
            }
            Self::Override {
                by,
                requirement,
                instead,
            } => write!(
                f,
                "if `{by}` works with it, override `{requirement}` by `{instead}`"
            ),
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no versions fit together")?;
        for sentence in &self.sentences {
            write!(f, "\n  {sentence}")?;
        }
        if self.untold > 0 {
            write!(f, "\n  and {} more requirements take part", self.untold)?;
        }
        for hint in &self.hints {
            write!(f, "\nhelp: {hint}")?;
        }
        Ok(())
    }
}

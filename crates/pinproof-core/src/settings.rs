//! Settings of the machine: what configuration files and environment variables tell pip and uv.
//!
//! They are no part of a project, so no policy digest knows them; they still decide who answers for a
//! name, so a report names each with its origin.

use std::fmt;

use serde::Serialize;

use crate::Printable;
use crate::index::IndexLocation;
use crate::manifest::{InstallOption, NotUnderstood};

/// What one place of configuration says about indexes and installation.
///
/// Spans are places in the text of its file; those of a variable are places in its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexConfig {
    /// The indexes and folders it configures, in its order.
    pub locations: Vec<IndexLocation>,
    /// The options it sets.
    pub options: Vec<InstallOption>,
    /// What could not be understood; each is an unanswered question.
    pub not_understood: Vec<NotUnderstood>,
}

/// The installer that obeys a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// pip.
    Pip,
    /// uv.
    Uv,
}

/// What one configuration file or one environment variable says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSetting {
    /// The path of the file, or the name of the variable.
    pub origin: Printable,
    /// Who obeys it.
    pub client: Client,
    /// What it says.
    pub config: IndexConfig,
}

impl IndexConfig {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.locations.is_empty() && self.options.is_empty() && self.not_understood.is_empty()
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
        })
    }
}

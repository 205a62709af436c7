//! What a run is told: everything that the command line, the environment and the clock decide.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use pinproof_core::{ExtraName, IndexUrl, Level, Platform, PythonVersion, SourceFile};
use pinproof_policy::config::Config;

/// The settings of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that shown paths are relative to.
    pub base: PathBuf,
    /// Files and folders to judge, as given.
    pub paths: Vec<PathBuf>,
    /// Folders of installed environments to judge, as given.
    pub environments: Vec<PathBuf>,
    /// The configuration.
    pub config: Config,
    /// The folder of the configuration file, which its paths are relative to.
    pub config_folder: Option<PathBuf>,
    /// The configuration file, for findings that point into it.
    pub config_source: Option<SourceFile>,
    /// The environment variables of the process.
    pub environment: BTreeMap<String, String>,
    /// Which part of a pyproject.toml is judged.
    pub scope: ScopeChoice,
    /// The Python version to judge trees for; else the file's header or the project says it.
    pub python: Option<PythonVersion>,
    /// The platform to judge trees for; Linux on x86-64 by default.
    pub platform: Option<Platform>,
    /// `--index-url`: the address of the default index.
    pub index_url: Option<IndexUrl>,
    /// Whether the report lists the releases, for a bill of materials or a tree; most reports do not.
    pub lists_releases: bool,
    /// The time to decide for.
    pub now: Timestamp,
}

/// Which part of a pyproject.toml is judged; what is left out is said in the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeChoice {
    /// These extras; `None` is all.
    pub extras: Option<Vec<ExtraName>>,
    /// These groups; `None` is all.
    pub groups: Option<Vec<ExtraName>>,
}

/// A level set on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelChoice {
    /// The rule.
    pub rule: &'static str,
    /// Its level.
    pub level: Level,
}

impl Settings {
    /// A variable of the environment.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name).cloned()
    }
}

//! pip's configuration files: `pip.conf`, on Windows `pip.ini`.

use std::collections::BTreeSet;

use pinproof_core::{IndexConfig, Printable};

pub use crate::ini::IniError;
use crate::ini::{self, Entry};
use crate::pip_effective::effective_files;
use crate::pip_setting::{PipSetting, normalize};

/// The settings of one file, by section: `global` for every command, or the name of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipConf {
    sections: Vec<(String, Vec<PipSetting>)>,
    defaults: Vec<PipSetting>,
}

/// Reads a configuration file; an error is a file that pip refuses.
pub fn parse(text: &str) -> Result<PipConf, IniError> {
    let ini = ini::parse(text, normalize)?;
    let sections = ini.sections.into_iter();
    let sections = sections.map(|section| {
        (
            section.name,
            section.entries.into_iter().map(setting).collect(),
        )
    });
    Ok(PipConf {
        sections: sections.collect(),
        defaults: ini.defaults.into_iter().map(setting).collect(),
    })
}

impl PipConf {
    /// What this file alone says to a command of pip, such as `install`.
    pub fn config(&self, command: &str) -> IndexConfig {
        let files = [(Printable::default(), self.clone())];
        let settings = effective_files(&files, command).into_iter().next();
        settings.map(|setting| setting.config).unwrap_or_default()
    }

    /// The settings of a section. Python gives each section the entries of `[DEFAULT]` beneath its own.
    pub(crate) fn section(&self, name: &str) -> Vec<&PipSetting> {
        let found = self.sections.iter().find(|(section, _)| section == name);
        let Some((_, settings)) = found else {
            return Vec::new();
        };
        let own: BTreeSet<&str> = settings
            .iter()
            .map(|setting| setting.name.as_str())
            .collect();
        let inherited = self
            .defaults
            .iter()
            .filter(|setting| !own.contains(setting.name.as_str()));
        inherited.chain(settings).collect()
    }
}

fn setting(entry: Entry) -> PipSetting {
    PipSetting {
        name: entry.key,
        lines: entry.lines,
        in_file: true,
    }
}

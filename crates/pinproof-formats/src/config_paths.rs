//! Where a client may have its configuration files: what pip's and uv's answers have in common.

use std::collections::BTreeMap;

use crate::truth::truth;

/// The systems whose conventions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux and other systems with XDG folders.
    Unix,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// A file that a client reads if it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Its path.
    pub path: String,
    /// Whose configuration it is.
    pub level: ConfigLevel,
    /// Files and folders in whose presence it is not read.
    pub unless_exists: Vec<String>,
}

/// Whose configuration a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigLevel {
    /// Everybody's on this machine.
    System,
    /// The user's.
    User,
    /// The virtual environment's.
    VirtualEnvironment,
    /// Named by an environment variable.
    Variable,
}

/// An environment, and the conventions of its system.
#[derive(Clone, Copy)]
pub(crate) struct Folders<'a> {
    pub system: System,
    pub environment: &'a BTreeMap<String, String>,
}

impl<'a> Folders<'a> {
    /// The value of a variable; an empty one is none.
    pub(crate) fn variable(&self, name: &str) -> Option<&'a str> {
        let value = self.environment.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Whether a variable says yes; uv takes any other text as no answer.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.variable(name)
            .is_some_and(|value| truth(value) == Some(true))
    }

    /// The home folder.
    pub(crate) fn home(&self) -> Option<&'a str> {
        match self.system {
            System::Windows => self.variable("USERPROFILE"),
            System::Unix | System::MacOs => self.variable("HOME"),
        }
    }

    /// The folder behind an XDG variable; a relative path counts as none, as the specification says.
    pub(crate) fn xdg(&self, name: &str) -> Option<&'a str> {
        let value = self.variable(name).map(str::trim);
        value.filter(|path| path.starts_with('/'))
    }

    /// The folders behind an XDG variable that lists them.
    pub(crate) fn xdg_list(&self, name: &str) -> Vec<&'a str> {
        let folders = self.variable(name).unwrap_or("").split(':').map(str::trim);
        folders.filter(|path| path.starts_with('/')).collect()
    }

    /// The parts of a path, joined as the system joins them.
    pub(crate) fn join(&self, folder: &str, parts: &[&str]) -> String {
        let separator = if self.system == System::Windows {
            '\\'
        } else {
            '/'
        };
        let mut path = folder.to_owned();
        for part in parts {
            if !path.ends_with(separator) {
                path.push(separator);
            }
            path.push_str(part);
        }
        path
    }
}

impl ConfigFile {
    /// A file that is read whenever it exists.
    pub(crate) fn new(path: String, level: ConfigLevel) -> Self {
        Self {
            path,
            level,
            unless_exists: Vec::new(),
        }
    }
}

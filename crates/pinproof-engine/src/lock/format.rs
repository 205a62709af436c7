//! The formats that a lock is written in.

use std::path::Path;

use pinproof_core::Lock;
use pinproof_formats::{pylock, requirements_txt};

/// What a lock is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockFormat {
    /// A requirements file, in the layout of pip-compile.
    Requirements,
    /// `pylock.toml` (PEP 751).
    Pylock,
}

impl LockFormat {
    /// The format that the name of a file asks for.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(pylock::is_name) {
            Self::Pylock
        } else {
            Self::Requirements
        }
    }

    /// The lock in this format; `command` is what makes it again.
    pub fn write(self, lock: &Lock, command: &str) -> String {
        match self {
            Self::Requirements => requirements_txt::write(lock, command),
            Self::Pylock => pylock::write(lock),
        }
    }
}

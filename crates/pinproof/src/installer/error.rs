//! Why nothing can be installed, before anything was asked or fetched.

use std::io;
use std::time::Duration;

use pinproof_core::Printable;
use thiserror::Error;

/// Why there is no environment to install into.
#[derive(Debug, Error)]
pub(crate) enum EnvironmentError {
    /// Nobody named one.
    #[error("no environment is named, and none is active")]
    NotNamed,
    /// The active one is none.
    #[error("`VIRTUAL_ENV` names {path}, which is no virtual environment")]
    NotAnEnvironment {
        /// What it names.
        path: Printable,
    },
    /// There is no such interpreter.
    #[error("there is no interpreter at {path}")]
    NoInterpreter {
        /// Where it should be.
        path: Printable,
    },
    /// It cannot be started.
    #[error("{path} cannot be started: {error}")]
    NotStarted {
        /// The program.
        path: Printable,
        /// Why.
        error: io::Error,
    },
    /// It does not end.
    #[error("{path} gave no answer within {} s", .limit.as_secs())]
    Silent {
        /// The program.
        path: Printable,
        /// How long it was waited for.
        limit: Duration,
    },
    /// It says something else than asked.
    #[error("{path} does not answer like a Python that wheels are for: {why}")]
    Strange {
        /// The interpreter.
        path: Printable,
        /// In which way.
        why: Printable,
    },
    /// There is nobody to install.
    #[error("{environment} has no pip, and there is no uv on PATH")]
    NoInstaller {
        /// The environment.
        environment: Printable,
    },
    /// The place for the wheels cannot be made.
    #[error("no private folder can be made in {path}: {error}")]
    NoFolder {
        /// Where.
        path: Printable,
        /// Why.
        error: io::Error,
    },
}

impl EnvironmentError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotNamed => {
                "activate a virtual environment, or name the interpreter of one with `--python-exe PATH`: \
                 none is looked for"
            }
            Self::NotAnEnvironment { .. } => "name the interpreter with `--python-exe PATH`",
            Self::NoInterpreter { .. } => {
                "write the path of an interpreter, such as `.venv/bin/python`: PATH is not looked through"
            }
            Self::Strange { .. } => {
                "`--python` and `--platform` together say what files are for, and it is not asked"
            }
            Self::NoInstaller { .. } => "install pip into the environment, or uv on this machine",
            Self::NotStarted { .. } | Self::Silent { .. } | Self::NoFolder { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

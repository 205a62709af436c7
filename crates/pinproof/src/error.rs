//! Why a command could not run, and what to do.

use pinproof_core::Printable;
use pinproof_engine::base::BaseError;
use pinproof_engine::config_file::FindConfigError;
use pinproof_engine::download::AskedError;
use pinproof_engine::known::KnownError;
use pinproof_engine::report::InputError;
use pinproof_server::store::StoreError;
use pinproof_server::tls::TlsError;
use thiserror::Error;

use crate::installer::EnvironmentError;

/// Every way in which a command ends with exit code 2 before it has a report.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] FindConfigError),
    /// There is nothing to compare with.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The file of known findings cannot be used.
    #[error(transparent)]
    Known(#[from] KnownError),
    /// It names no release and no advisory.
    #[error("`{given}` is no release and no advisory")]
    NotARelease {
        /// As given.
        given: Printable,
    },
    /// No source of advisories has a record of that id.
    #[error("no source of advisories knows `{given}`")]
    UnknownAdvisory {
        /// As given.
        given: Printable,
    },
    /// There is a record, and it does not count at the time of the question.
    #[error("`{given}` does not count at {now:.0}: {why}")]
    NotInForce {
        /// As given.
        given: Printable,
        /// The time of the question.
        now: jiff::Timestamp,
        /// What happened to the record.
        why: Printable,
    },
    /// It names no release to fetch.
    #[error(transparent)]
    Asked(#[from] AskedError),
    /// What a named release needs would have to be resolved.
    #[error("what `{name}` needs is not resolved by this version")]
    NeedsNoDeps {
        /// The first name.
        name: Printable,
    },
    /// Something named as a lock is a folder.
    #[error("{0} is a folder, and a lock is a file")]
    NotALock(Printable),
    /// Nobody said where to install.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// A rule that does not exist was named.
    #[error("unknown rule `{name}`")]
    UnknownRule {
        /// As given.
        name: Printable,
        /// What was probably meant.
        near: Option<&'static str>,
    },
    /// An address was given for an index that the configuration does not name.
    #[error("no `[[index]]` of the configuration is named `{name}`")]
    UnknownIndex {
        /// As given.
        name: Printable,
    },
    /// This version may not judge the project.
    #[error("this is pinproof {running}, and the project requires {required}")]
    WrongVersion {
        /// The running version.
        running: &'static str,
        /// What the configuration asks for.
        required: Printable,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {why}")]
    Unwritable {
        /// The file.
        path: Printable,
        /// Why.
        why: Printable,
    },
    /// A file that must not be overwritten is there.
    #[error("{path} is there already")]
    Exists {
        /// The file.
        path: Printable,
    },
    /// There is nothing to lock, and nothing was named.
    #[error("there is no requirements.in and no pyproject.toml here")]
    NothingToLock,
    /// Nothing says where the lock shall be.
    #[error("where shall the lock of {input} be?")]
    WhereTo {
        /// The input.
        input: Printable,
    },
    /// The lock would take the place of what it is made from.
    #[error("{path} would be both the input and the lock")]
    LockIsInput {
        /// The file.
        path: Printable,
    },
    /// An input cannot be read.
    #[error("{}: {}", .0.path, .0.message)]
    Unreadable(Box<InputError>),
    /// What is there is no lock.
    #[error("{0}")]
    NoLockThere(Printable),
    /// The data folder of the gateway cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A command is not started behind a gateway.
    #[error("the command is not started: {why}")]
    NotStarted {
        /// Why.
        why: Printable,
        /// What to do instead.
        hint: Option<Printable>,
    },
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The machine did not give what a run needs.
    #[error("{0}")]
    Machine(Printable),
}

impl CliError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NotStarted { hint, .. } => hint.as_ref().map(ToString::to_string),
            Self::Config(FindConfigError::AllowList(error)) => {
                error.help.as_ref().map(ToString::to_string)
            }
            Self::Base(error) => error.hint(),
            Self::Tls(error) => Some(error.hint().to_owned()),
            Self::Store(error) => error.hint().map(str::to_owned),
            Self::Known(error) => error.hint().map(str::to_owned),
            Self::NotARelease { .. } => Some(
                "write the name and the version, as in `pinproof exposed litellm==1.82.8`, or the id \
                 of an advisory"
                    .to_owned(),
            ),
            Self::Asked(_) => Some(
                "write `pinproof download flask==3.1.2 --no-deps -d wheels`, or name a lock with `-r`".to_owned(),
            ),
            Self::NeedsNoDeps { name } => Some(format!(
                "`--no-deps` fetches {name} alone; to fetch everything that is needed, name a lock with \
                 `-r`: `pinproof lock` makes one, and one of pip-compile, uv, Poetry, PDM or Pipenv will do"
            )),
            Self::NotALock(_) => Some("name the lock in it".to_owned()),
            Self::Environment(error) => error.hint(),
            Self::UnknownAdvisory { .. } => Some(
                "`pinproof db status` shows which sources there are; a release is written NAME==VERSION"
                    .to_owned(),
            ),
            Self::NotInForce { .. } => {
                Some("`--as-of TIME` asks what was known at another time".to_owned())
            }
            Self::UnknownRule {
                near: Some(near), ..
            } => Some(format!("did you mean `{near}`?")),
            Self::UnknownRule { .. } => Some("`pinproof explain` lists the rules".to_owned()),
            Self::UnknownIndex { .. } => {
                Some("`--index-url URL` asks another index than PyPI".to_owned())
            }
            Self::WrongVersion { .. } => {
                Some("install a version that `required-version` accepts".to_owned())
            }
            Self::NothingToLock => Some("name what shall be locked: `pinproof lock FILE`".to_owned()),
            Self::WhereTo { .. } | Self::LockIsInput { .. } => {
                Some("`--to FILE` names the lock".to_owned())
            }
            Self::Unreadable(error) => error.help.as_ref().map(ToString::to_string),
            Self::NoLockThere(_) => Some("remove it, or name another file with `--to`".to_owned()),
            Self::Exists { .. } => {
                Some("`pinproof config show` prints what is in effect".to_owned())
            }
            _ => None,
        }
    }
}

//! Why a distribution is not there.

use std::path::Path;
use std::time::Duration;

use pinproof_core::{Hash, Printable};
use thiserror::Error;

use crate::http::FetchError;

/// Why a distribution could not be fetched; `Display` follows its file name and a colon.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The name leads elsewhere, or is none on some system.
    #[error("`{0}` is not a plain file name")]
    NotAPlainName(Printable),
    /// Nothing to compare the bytes with.
    #[error("it has no sha256, sha384 or sha512 to be held to")]
    NoStrongHash,
    /// The address is none that is fetched from.
    #[error("its address is no https address")]
    NoAddress,
    /// The page of an encrypted index lists a file on a plain connection.
    #[error("it is on plain http, although the index is on https")]
    PlainHttp,
    /// The page of an index lists a file of this machine.
    #[error("its address is a file of this machine")]
    FileOfThisMachine,
    /// Nobody may be asked.
    #[error("it is not there yet, and --offline")]
    Offline,
    /// Other bytes are there under its name.
    #[error("a file of that name is there with other bytes ({found}), and is left alone")]
    Different {
        /// The name.
        name: Printable,
        /// The SHA-256 of what is there.
        found: Hash,
    },
    /// A link, a folder or a device is there under its name.
    #[error("something of that name is there that is no plain file, and is left alone")]
    NotAFile,
    /// What was there under its name went away.
    #[error("`{0}` was there, and went away")]
    Vanished(Printable),
    /// The bytes are not the ones asked for.
    #[error("its bytes are not the expected ones: {found}, not {}{}", listed(.expected), encoded(.encoding.as_ref()))]
    WrongHash {
        /// What was accepted.
        expected: Vec<Hash>,
        /// What came, in the first algorithm of these.
        found: Hash,
        /// The `Content-Encoding` that the server sent it in, although asked for none.
        encoding: Option<Printable>,
    },
    /// The size is not the one that the index says.
    #[error("it has {found} bytes, and the index says {listed}")]
    WrongSize {
        /// What the index says.
        listed: u64,
        /// How many came; more were not read.
        found: u64,
    },
    /// An answer to a range request that does not fit the request.
    #[error("the server answered with another part of the file than asked for")]
    WrongRange,
    /// The request failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It took longer than one file may.
    #[error("not complete after {} minutes", .0.as_secs() / 60)]
    OutOfTime(Duration),
    /// The folder does not take it.
    #[error("it cannot be written: {0}")]
    Storage(Printable),
    /// The folder of a `file:` index does not have it.
    #[error("it cannot be read: {0}")]
    Unreadable(Printable),
    /// The run is over.
    #[error("it is being stopped")]
    Stopped,
}

/// What an error says about who is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What came, or what was there, is not what it has to be.
    Alarming,
    /// Nobody could find out: another try may succeed.
    Unavailable,
    /// The machine did not take it.
    Machine,
}

impl DownloadError {
    /// What kind of trouble it is.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::NotAPlainName(_)
            | Self::NoStrongHash
            | Self::NoAddress
            | Self::PlainHttp
            | Self::FileOfThisMachine
            | Self::Different { .. }
            | Self::NotAFile
            | Self::WrongHash { .. }
            | Self::WrongSize { .. }
            | Self::Fetch(
                FetchError::TooLarge { .. } | FetchError::Downgrade | FetchError::Inwards(_),
            ) => Trouble::Alarming,
            Self::Storage(_) => Trouble::Machine,
            Self::Offline
            | Self::Vanished(_)
            | Self::WrongRange
            | Self::Fetch(_)
            | Self::OutOfTime(_)
            | Self::Unreadable(_)
            | Self::Stopped => Trouble::Unavailable,
        }
    }

    pub(super) fn storage(error: &std::io::Error) -> Self {
        Self::Storage(Printable::from(error.to_string()).shortened(160))
    }

    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::Unreadable(Printable::from(format!("{name}: {error}")).shortened(160))
    }
}

/// The first few; a release may have a hundred files.
fn listed(hashes: &[Hash]) -> String {
    const SHOWN: usize = 2;
    let shown: Vec<String> = hashes.iter().take(SHOWN).map(ToString::to_string).collect();
    match hashes.len().saturating_sub(SHOWN) {
        0 => shown.join(" or "),
        more => format!("{} or one of {more} more", shown.join(", ")),
    }
}

fn encoded(encoding: Option<&Printable>) -> String {
    encoding.map_or(String::new(), |encoding| {
        format!("; the server sent it as `{encoding}`, although asked for the plain bytes")
    })
}

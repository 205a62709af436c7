//! The command lines of the gateway.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use pinproof_server::store::words::Sha256;

#[derive(Debug, Subcommand)]
pub(crate) enum Serve {
    /// What was decided, and whether somebody changed it since
    #[command(subcommand)]
    Log(ServeLog),
    /// Copies the data folder; a gateway that uses it goes on meanwhile
    Backup(Backup),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeLog {
    /// Writes every entry as a line of JSON
    Export(Data),
    /// Looks for entries that were changed, removed or moved
    Verify(Verify),
}

/// Which gateway.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The data folder of the gateway
    #[arg(long = "data", value_name = "DIR", env = "PINPROOF_DATA")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("of").args(["file", "folder"]).required(true).multiple(true),
    after_help = "Exit codes: 0 the log is whole · 1 it was changed · 2 it cannot be read")]
pub(crate) struct Verify {
    /// An export, instead of the log of a data folder
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The data folder of the gateway
    #[arg(long = "data", value_name = "DIR", env = "PINPROOF_DATA")]
    pub(crate) folder: Option<PathBuf>,
    /// A hash that was noted earlier has to be in the log; may be repeated
    #[arg(long, value_name = "HASH")]
    pub(crate) head: Vec<Sha256>,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The folder to copy to; it must not be there yet
    #[arg(value_name = "DIR")]
    pub(crate) to: PathBuf,
}

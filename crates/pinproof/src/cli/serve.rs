//! The command lines of the gateway.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use pinproof_server::store::words::Sha256;
use url::Url;

/// The gateway, or something about one.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(subcommand)]
    pub(crate) about: Option<AboutServe>,
    #[command(flatten)]
    pub(crate) gateway: Gateway,
}

/// How a gateway answers.
#[derive(Debug, Args)]
pub(crate) struct Gateway {
    /// Where to listen; port 0 takes any that is free
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8086",
        env = "PINPROOF_LISTEN"
    )]
    pub(crate) listen: SocketAddr,
    /// The folder to remember everything in [default: pinproof/gateway in this user's folder for data]
    #[arg(long, value_name = "DIR", env = "PINPROOF_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The address that clients see, for the links in refusals [default: where it listens]
    #[arg(long, value_name = "URL", env = "PINPROOF_URL")]
    pub(crate) url: Option<Url>,
    /// Try this policy beside the one in effect: what it would decide otherwise is logged, and changes no answer
    #[arg(long, value_name = "FILE", env = "PINPROOF_SHADOW")]
    pub(crate) shadow: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AboutServe {
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

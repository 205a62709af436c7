//! The command lines of the gateway.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use jiff::Timestamp;
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
    /// Speak TLS with this certificate, and those that lead to its authority, in PEM; renewed ones are taken without a restart
    #[arg(
        long,
        value_name = "FILE",
        env = "PINPROOF_TLS_CERT",
        requires = "tls_key"
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key of that certificate, unencrypted, in PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "PINPROOF_TLS_KEY",
        requires = "tls_cert"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// Answer /metrics at this address, for Prometheus; without it, nowhere
    #[arg(long, value_name = "ADDRESS", env = "PINPROOF_METRICS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// How many connections clients may hold at one time; others wait
    #[arg(
        long,
        value_name = "N",
        env = "PINPROOF_CONNECTIONS",
        default_value = "256",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub(crate) connections: u16,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AboutServe {
    /// What was decided, and whether somebody changed it since
    #[command(subcommand)]
    Log(ServeLog),
    /// Copies the data folder; a gateway that uses it goes on meanwhile
    Backup(Backup),
    /// Decides again what was answered, by another policy, and shows what would change
    Replay(Replay),
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
    #[arg(long, value_name = "HASH", env = "PINPROOF_HEAD")]
    pub(crate) head: Vec<Sha256>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Every file is decided for the time of its last answer, by the policy in effect and by the other one, on the\n\
    pages that the gateway keeps and the advisories as they are now; nobody is asked. A gateway may run meanwhile.\n\
    Give it the --index-url and --index of the gateway.\n\n\
    Exit codes: 0 nothing would change · 1 something would · 2 could not run · 3 nothing would as far as is known, and \
    something could not be decided"
)]
pub(crate) struct Replay {
    /// The policy to try: a pinproof.toml, or a pyproject.toml with [tool.pinproof]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    #[command(flatten)]
    pub(crate) data: Data,
    /// Only answers that were decided for this time or later
    #[arg(long, value_name = "TIME", value_parser = super::as_of, conflicts_with = "all")]
    pub(crate) since: Option<Timestamp>,
    /// Decide about every file that is pinned, for now, and not only about what was answered
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The folder to copy to; it must not be there yet
    #[arg(value_name = "DIR")]
    pub(crate) to: PathBuf,
}

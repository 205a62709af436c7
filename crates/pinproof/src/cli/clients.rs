//! The command lines that are about the clients of this machine.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::clients::Client;

/// Whether the clients of this machine go through a gateway.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every client goes through a gateway · 1 one goes around it · 2 there is no client to ask · 3 one could not be asked"
)]
pub(crate) struct Doctor {
    /// Ask only this client; may be repeated
    #[arg(
        long,
        value_name = "CLIENT",
        env = "PINPROOF_CLIENT",
        value_delimiter = ','
    )]
    pub(crate) client: Vec<Client>,
    /// Ask the pip of this interpreter [default: that of the active environment, else the first on PATH]
    #[arg(long = "python-exe", value_name = "PATH", env = "PINPROOF_PYTHON_EXE")]
    pub(crate) python_exe: Option<PathBuf>,
    /// The gateway that has to answer, by the address that it calls itself [default: any]
    #[arg(long, value_name = "URL", env = "PINPROOF_GATEWAY")]
    pub(crate) gateway: Option<url::Url>,
}

/// A command behind a gateway of its own.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: that of the command · 1 the command was refused, and did not start · 2 it could not be started"
)]
pub(crate) struct Run {
    /// The folder to remember everything in [default: pinproof/run in this user's folder for data]
    #[arg(long, value_name = "DIR", env = "PINPROOF_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Start a command that is no known client: what of it does not honour the variables of pip and uv is not protected
    #[arg(long, env = "PINPROOF_ANY_COMMAND")]
    pub(crate) any_command: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub(crate) command: Vec<OsString>,
}

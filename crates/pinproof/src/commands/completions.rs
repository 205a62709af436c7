//! `pinproof completions SHELL`.

use clap::CommandFactory as _;
use pinproof_engine::ExitCode;

use crate::cli::{Cli, Completions};
use crate::console::Console;
use crate::error::CliError;

/// Prints the completion script of a shell.
#[expect(clippy::unnecessary_wraps, reason = "every command has the same shape")]
pub(crate) fn run(args: &Completions, console: &Console) -> Result<ExitCode, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pinproof", &mut script);
    console.result(&String::from_utf8_lossy(&script));
    Ok(ExitCode::Clean)
}

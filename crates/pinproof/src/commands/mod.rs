//! The subcommands, one file each.

mod advisories;
mod cache;
mod check;
mod completions;
mod config;
mod db;
pub(crate) mod doctor;
mod download;
mod explain;
mod exposed;
mod gateway;
mod install;
mod live_policy;
pub(crate) mod lock;
mod replay;
mod run;
mod sbom;
mod serve;
mod stop;

use std::path::Path;

use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::report::Kind;

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::error::CliError;

/// Runs a command; the exit code is that of its report, or of the command that it started.
pub(crate) fn run(cli: Cli, console: &Console) -> Result<u8, CliError> {
    let global = &cli.global;
    let code = match cli.command {
        Command::Run(args) => return run::run(&args, global, console),
        Command::Check(args) => check::run(Kind::Check, &args, global, console),
        Command::Audit(args) => check::run(Kind::Audit, &args, global, console),
        Command::Lock(args) => lock::run(&args, global, console),
        Command::Download(args) => download::run(&args, global, console),
        Command::Install(args) => install::run(&args, global, console),
        Command::Db(args) => db::run(&args, global, console),
        Command::Serve(args) => serve::run(&args, global, console),
        Command::Doctor(args) => doctor::run(&args, global, console),
        Command::Sbom(args) => sbom::run(&args, global, console),
        Command::Exposed(args) => exposed::run(&args, global, console),
        Command::Explain(args) => explain::run(&args, console),
        Command::Config(args) => config::run(&args, global, console),
        Command::Cache(args) => cache::run(&args, global, console),
        Command::Completions(args) => completions::run(&args, console),
    };
    code.map(ExitCode::number)
}

/// Writes a report to a file, without colour.
fn write_output(path: &Path, text: &str) -> Result<(), CliError> {
    let plain = anstream::adapter::strip_str(text).to_string();
    pinproof_engine::write_atomically(path, plain.as_bytes()).map_err(|error| {
        CliError::Unwritable {
            path: Printable::from(path.display().to_string()),
            why: Printable::from(error.to_string()),
        }
    })
}

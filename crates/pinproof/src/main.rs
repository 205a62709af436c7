//! The `pinproof` command: argv in, a report out, an exit code.

mod cli;
mod clients;
mod commands;
mod console;
mod error;
mod installer;
mod output;
mod progress;
mod resolve;
mod user_caches;

use std::process::ExitCode;

use clap::Parser as _;

use crate::console::Console;

fn main() -> ExitCode {
    // clap prints the help only where no variable sets an option either.
    let is_bare = std::env::args_os().len() <= 1;
    let parsed = if is_bare {
        cli::Cli::try_parse_from(["pinproof", "-h"])
    } else {
        cli::Cli::try_parse()
    };
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error, is_bare),
    };
    let console = Console::new(&cli.global);
    match commands::run(cli, &console) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            console.error(&error);
            ExitCode::from(2)
        }
    }
}

/// Help and version go to stdout and succeed; a wrong call goes to stderr and could not run.
fn usage(error: &clap::Error, is_bare: bool) -> ExitCode {
    if is_bare || error.use_stderr() {
        console::usage_error(error);
        return ExitCode::from(2);
    }
    ExitCode::from(if error.print().is_ok() { 0 } else { 2 })
}

//! The `pinproof` command: argv in, a report out, an exit code.

mod cli;
mod commands;
mod console;
mod error;
mod output;
mod progress;
mod resolve;

use std::process::ExitCode;

use clap::Parser as _;

use crate::console::Console;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let console = Console::new(&cli.global);
    match commands::run(cli, &console) {
        Ok(code) => ExitCode::from(code.number()),
        Err(error) => {
            console.error(&error);
            ExitCode::from(2)
        }
    }
}

/// Help and version go to stdout and succeed; a wrong call goes to stderr and could not run.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        console::usage_error(error);
        return ExitCode::from(2);
    }
    ExitCode::from(if error.print().is_ok() { 0 } else { 2 })
}

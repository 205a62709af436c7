//! The project's own chores: `cargo xtask gen|layers|budgets|popular|lookalike`.

use std::process::ExitCode;

use xtask::{Trouble, budgets, generate, layers, lookalike, popular};

const USAGE: &str = "\
cargo xtask gen [--check] [--binary FILE]   write docs/reference and the outputs that documents show
cargo xtask layers                          check which crate depends on which
cargo xtask budgets                         check the sizes and the heads of source files
cargo xtask popular FILE                    embed another list of the most downloaded projects
cargo xtask lookalike [--check]             judge known look-alikes and popular names; see benches/lookalike";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(said) => {
            say(&said);
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            say(&trouble.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<String, Trouble> {
    match args {
        ["gen", options @ ..] => generate::run(options),
        ["layers"] => layers::run(),
        ["budgets"] => budgets::run(),
        ["popular", file] => popular::run(file),
        ["lookalike"] => lookalike::run(false),
        ["lookalike", "--check"] => lookalike::run(true),
        _ => Err(USAGE.into()),
    }
}

#[expect(clippy::print_stderr, reason = "the one place where xtask speaks")]
fn say(text: &str) {
    eprintln!("{text}");
}

//! `pinproof sbom [PATH]…`: what a project installs, as a CycloneDX document.
//!
//! It is a check without rules: nobody is asked, and what is not understood is still said.

use pinproof_core::Printable;
use pinproof_engine::advisories::{Book, Places};
use pinproof_engine::check::{check, prepare};
use pinproof_engine::gather::Silent;
use pinproof_engine::sources::IndexClient;
use pinproof_engine::{ExitCode, Sources};

use crate::cli::{Format, Global, Sbom};
use crate::commands::write_output;
use crate::console::Console;
use crate::error::CliError;
use crate::output::{concise, cyclonedx};
use crate::resolve;

/// Writes the document; whatever keeps it from being whole goes to stderr, and into the exit code.
pub(crate) fn run(args: &Sbom, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    if global.format == Format::Vex {
        return Err(CliError::Machine(Printable::new(
            "`sbom` asks no advisories: use `pinproof audit --format vex`",
        )));
    }
    let mut settings = resolve::without_rules(&args.inputs, global)?;
    settings.lists_releases = true;
    let client = IndexClient::new(resolve::client(&settings, global));
    let prepared = prepare(&settings);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| CliError::Machine(Printable::from(error.to_string())))?;
    let book = Book::open(&settings.config.policy, &Places::default(), settings.now);
    let source = Sources {
        client,
        advisories: &book,
        online: None,
    };
    let outcome = runtime.block_on(check(&prepared, &settings, &source, &Silent));
    let report = outcome.report;
    let code = report.exit_code();
    if code != ExitCode::Clean || !report.findings.is_empty() {
        console.warning(&format!(
            "not all of it is in the document:\n{}",
            concise::render(&report).trim_end()
        ));
    }
    let document = cyclonedx::render(&report);
    match &global.output {
        Some(path) => write_output(path, &document)?,
        None => console.result(&document),
    }
    Ok(code)
}

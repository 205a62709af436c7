//! `pinproof check [PATH]…`, and `pinproof audit [PATH]…`: the same with the rules about advisories.

use pinproof_core::Printable;
use pinproof_engine::advisories::{Online, needs_advisories};
use pinproof_engine::base;
use pinproof_engine::check::{Outcome, check_against, prepare};
use pinproof_engine::fix::{Fixes, write};
use pinproof_engine::inputs::LoadedFile;
use pinproof_engine::known::Known;
use pinproof_engine::report::Kind;
use pinproof_engine::sources::IndexClient;
use pinproof_engine::{ExitCode, Report, Settings, Sources};

use super::advisories;
use crate::cli::{Check, Format, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::output::wording::count;
use crate::output::{self, Look};
use crate::progress::Line;
use crate::resolve;

/// Judges the inputs and prints the report.
pub(crate) fn run(
    kind: Kind,
    args: &Check,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    let settings = resolve::check(kind, args, global)?;
    let client = IndexClient::new(resolve::client(&settings, global));
    let base = args.base.as_deref();
    let base = base.map(|given| base::read(given, &settings)).transpose()?;
    let known = read_known(args, &settings)?;
    let prepared = prepare(&settings);
    let progress = Line::new(console.shows_progress());
    let runtime = resolve::runtime_of(&settings, global)?;
    let asks_advisories = needs_advisories(&settings.config.policy);
    let book = advisories::open(&settings, global, &runtime, console);
    let sources = Sources {
        client: client.gather(),
        advisories: &book,
        online: resolve::online(global),
    };
    let checked = check_against(&prepared, base.as_ref(), &settings, &sources, &progress);
    let Outcome { mut report, fixes } = runtime.block_on(checked);
    report.kind = kind;
    if asks_advisories {
        let server = sources.online.as_ref().map(Online::as_used);
        report.advisories = server.into_iter().chain(book.uses()).collect();
    }
    // Blocking reads of a hung file system must not hold up the end of the run.
    runtime.shutdown_background();
    if let Some(trouble) = client.cache_trouble() {
        console.warning(&format!("nothing is cached: {trouble}"));
    }
    if let Some(known) = known {
        apply_known(known, args, (&mut report, &settings), console)?;
    }
    if args.diff || args.fix {
        show_fixes(args, &fixes, &prepared.inputs.files, console)?;
    }
    emit(&report, args, global, console)?;
    Ok(exit_code(&report, args.exit_zero))
}

/// The file of `--baseline`; it need not be there to be written.
fn read_known(args: &Check, settings: &Settings) -> Result<Option<Known>, CliError> {
    let Some(path) = &args.baseline else {
        return Ok(None);
    };
    let path = settings.base.join(path);
    if args.write_baseline && !path.exists() {
        return Ok(Some(Known::new(&path, settings)));
    }
    Ok(Some(Known::read(&path, settings)?))
}

/// Writes what is found, if that is asked for, and sets apart what is known.
fn apply_known(
    mut known: Known,
    args: &Check,
    (report, settings): (&mut Report, &Settings),
    console: &Console,
) -> Result<(), CliError> {
    let shown = known.path().clone();
    let written = args.baseline.as_ref().filter(|_| args.write_baseline);
    if written.is_some() && !report.errors.is_empty() {
        console.warning(&format!(
            "{shown} is left as it is: inputs cannot be read, and nobody knows what is found in them"
        ));
    } else if let Some(path) = written {
        known = known.renewed(report, settings);
        super::write_output(&settings.base.join(path), &known.text())?;
        let findings = count(known.len(), "finding", "findings");
        console.note(&format!("wrote {findings} to {shown}"));
        if report.open() > 0 {
            let open = count(report.open(), "question stays", "questions stay");
            console.note(&format!(
                "{open} open: no baseline knows what the answers would be"
            ));
        }
    }
    known.apply(report, settings);
    Ok(())
}

fn is_json(format: Format) -> bool {
    match format {
        Format::Json | Format::Sarif | Format::Gitlab | Format::Cyclonedx | Format::Vex => true,
        Format::Text | Format::Concise | Format::Github | Format::Markdown | Format::Html => false,
    }
}

fn emit(report: &Report, args: &Check, global: &Global, console: &Console) -> Result<(), CliError> {
    let look = Look {
        verbose: global.verbose,
        statistics: args.statistics,
        width: output::width(global.output.is_none()),
    };
    let text = match global.format {
        Format::Text => output::text::render(report, &look),
        Format::Concise => output::concise::render(report),
        Format::Json => output::json::render(report),
        Format::Github => output::github::render(report, &look),
        Format::Gitlab => output::gitlab::render(report),
        Format::Markdown => output::markdown::render(report),
        Format::Html => output::html::render(report),
        Format::Sarif => output::sarif::render(report, &look),
        Format::Cyclonedx => output::cyclonedx::render(report),
        Format::Vex => output::cyclonedx::vex(report),
    };
    let is_quiet = global.quiet > 1 && report.exit_code() == ExitCode::Clean;
    match &global.output {
        Some(path) => super::write_output(path, &text),
        None if is_quiet => Ok(()),
        None if is_json(global.format) => {
            Console::json_result(&text);
            Ok(())
        }
        None => {
            console.result(&text);
            Ok(())
        }
    }
}

/// Shows what `--fix` changes as a diff, and writes it unless `--diff` only asked to see it.
fn show_fixes(
    args: &Check,
    fixes: &Fixes,
    inputs: &[LoadedFile],
    console: &Console,
) -> Result<(), CliError> {
    for fix in &fixes.files {
        let file = &inputs[fix.file];
        if args.diff {
            console.result(&output::diff::render(&fix.diff));
        } else {
            write(fix, file).map_err(|error| CliError::Unwritable {
                path: file.source.path.clone(),
                why: Printable::from(error.to_string()),
            })?;
        }
        let sources: Vec<_> = fix.sources.iter().map(ToString::to_string).collect();
        let verb = if args.diff { "would add" } else { "added" };
        console.note(&format!(
            "{verb} {} to {} of {}, as published by {}",
            count(fix.hashes, "hash", "hashes"),
            count(fix.requirements, "requirement", "requirements"),
            file.source.path,
            sources.join(", "),
        ));
    }
    for left in &fixes.not_fixed {
        console.warning(&format!(
            "{}:{}: `{}` got no hashes: {}",
            left.file, left.line, left.name, left.why
        ));
    }
    if fixes.files.is_empty() && fixes.not_fixed.is_empty() {
        console.note("nothing to fix: no exactly pinned line lacks hashes");
    }
    if args.fix && !args.diff && !fixes.files.is_empty() {
        console.note("the report below is about the files as they were; run the check again");
    }
    Ok(())
}

fn exit_code(report: &Report, exit_zero: bool) -> ExitCode {
    match report.exit_code() {
        ExitCode::Denied | ExitCode::Undecided if exit_zero => ExitCode::Clean,
        code => code,
    }
}

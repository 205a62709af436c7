//! `pinproof serve`, `pinproof serve log export|verify`, `pinproof serve backup` and `pinproof serve replay`.

use std::fs::File;
use std::io::{BufReader, BufWriter, Error, Write as _};
use std::path::Path;

use pinproof_core::Printable;
use pinproof_engine::{ExitCode, write_atomically_by};
use pinproof_server::store::chain::{Chains, Verified};
use pinproof_server::store::local::{LogBook, backup};

use super::{gateway, replay};
use crate::cli::{AboutServe, Backup, Data, Global, Serve, ServeLog, Verify};
use crate::console::Console;
use crate::error::CliError;
use crate::output::wording::count;

/// Runs the subcommand.
pub(crate) fn run(args: &Serve, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    match &args.about {
        None => gateway::run(&args.gateway, global, console),
        Some(AboutServe::Log(ServeLog::Export(args))) => run_export(args, global, console),
        Some(AboutServe::Log(ServeLog::Verify(args))) => run_verify(args, console),
        Some(AboutServe::Backup(args)) => run_backup(args, console),
        Some(AboutServe::Replay(args)) => replay::run(args, global, console),
    }
}

/// Writes line by line: a log may be larger than the memory. A line that cannot be written ends the run.
fn run_export(args: &Data, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    let book = LogBook::open(&args.folder)?;
    let mut written = 0;
    if let Some(path) = &global.output {
        write_atomically_by(path, |file| {
            let mut out = BufWriter::new(file);
            written = book.export(&mut out).map_err(Error::other)?;
            out.flush()
        })
        .map_err(|error| unwritable(path, &error))?;
    } else {
        let mut out = BufWriter::new(Console::stream());
        written = book.export(&mut out)?;
        out.flush()
            .map_err(|error| unwritable(Path::new("standard output"), &error))?;
    }
    console.note(&count_of(written, "entry", "entries"));
    Ok(ExitCode::Clean)
}

fn run_verify(args: &Verify, console: &Console) -> Result<ExitCode, CliError> {
    let verified = match (&args.file, &args.folder) {
        (Some(file), _) => {
            let mut chains = Chains::default();
            args.head.iter().for_each(|head| chains.expect(*head));
            let opened = File::open(file).map_err(|error| unreadable(file, &error))?;
            chains.take_lines(BufReader::new(opened))?;
            chains.finish()
        }
        (None, Some(folder)) => LogBook::open(folder)?.verify(&args.head)?,
        (None, None) => {
            return Err(CliError::Machine(Printable::new(
                "nothing is named to verify",
            )));
        }
    };
    console.result(&said(&verified));
    if verified.faults.is_empty() {
        console.note(
            "keep the hash elsewhere: given as `--head`, it shows later that nothing up to it has changed",
        );
        return Ok(ExitCode::Clean);
    }
    Ok(ExitCode::Denied)
}

fn said(verified: &Verified) -> String {
    let mut lines: Vec<String> = verified.faults.iter().map(ToString::to_string).collect();
    if verified.more_faults > 0 {
        let more = count_of(verified.more_faults, "more fault", "more faults");
        lines.push(format!("and {more}"));
    }
    let faults = verified.faults.len() as u64 + verified.more_faults;
    for head in &verified.heads {
        let entries = count_of(head.entries, "entry", "entries");
        lines.push(format!(
            "writer {}: {entries}, the newest has the hash {}",
            head.writer, head.hash
        ));
    }
    lines.push(match (faults, verified.heads.is_empty()) {
        (0, true) => "the log is empty".to_owned(),
        (0, false) => "the log is whole".to_owned(),
        _ => format!(
            "the log is not whole: {}",
            count_of(faults, "fault", "faults")
        ),
    });
    lines.join("\n") + "\n"
}

fn run_backup(args: &Backup, console: &Console) -> Result<ExitCode, CliError> {
    let files = backup(&args.data.folder, &args.to)?;
    let to = Printable::from(args.to.display().to_string());
    console.result(&format!(
        "{to}: the database and {}\n",
        count_of(files, "file", "files")
    ));
    Ok(ExitCode::Clean)
}

fn count_of(number: u64, one: &str, many: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), one, many)
}

fn unwritable(path: &Path, error: &Error) -> CliError {
    CliError::Unwritable {
        path: Printable::from(path.display().to_string()),
        why: Printable::from(error.to_string()),
    }
}

fn unreadable(path: &Path, error: &Error) -> CliError {
    CliError::Machine(Printable::from(format!(
        "{} cannot be read: {error}",
        path.display()
    )))
}

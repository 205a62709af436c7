//! `pinproof db update|status|build|serve`.

use std::path::Path;

use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::advisories::OSV;
use pinproof_engine::advisories::{Book, Built, Update, UpdateSettings, build, update};
use pinproof_engine::sources::{AdvisoryError, Database, FeedLimits, Store};
use pinproof_server::connections::listen;
use pinproof_server::osv::Served;

use super::stop::stop;
use crate::cli::{Db, DbBuild, DbServe, DbUpdate, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::output::advisories::{held, status};
use crate::output::wording::count;
use crate::progress::Line;
use crate::resolve;

/// Runs the subcommand.
pub(crate) fn run(args: &Db, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    match args {
        Db::Update(args) => run_update(args, global, console),
        Db::Status => run_status(global, console),
        Db::Build(args) => run_build(args, global, console),
        Db::Serve(args) => run_serve(args, global, console),
    }
}

fn run_update(args: &DbUpdate, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    if global.offline {
        return Err(machine(
            "`db update` has to ask somebody, and `--offline` forbids it",
        ));
    }
    let base = resolve::base()?;
    let config = resolve::config(global, std::slice::from_ref(&base), &base)?.config;
    let folder = resolve::cache_dir(global).ok_or_else(resolve::no_cache)?;
    let store = Store::new(&folder);
    let settings = UpdateSettings {
        requests: resolve::limits(global),
        downloads: FeedLimits::default(),
        complete: args.complete,
        now: jiff::Timestamp::now(),
    };
    let progress = Line::new(console.shows_progress());
    let runtime = resolve::runtime()?;
    let mut code = ExitCode::Clean;
    for source in config.policy.advisory_sources() {
        if source.is_read_in_place() {
            console.note(&format!(
                "{} is read where it is, for every run",
                source.name
            ));
            continue;
        }
        match runtime.block_on(update(&source, &store, &settings, &progress)) {
            Ok(done) => console.result(&format!("{}: {}\n", source.name, said(&done))),
            Err(error) => {
                console.warning(&format!("{} could not be updated: {error}", source.name));
                code = ExitCode::CouldNotRun;
            }
        }
    }
    Ok(code)
}

fn said(update: &Update) -> String {
    match update {
        Update::Current(head) => format!("nothing new; {}", held(head)),
        Update::Changed(built, records) => {
            format!(
                "{} changed; {}",
                count(*records, "record", "records"),
                held(&built.head)
            )
        }
        Update::Complete(built) => format!("fetched as a whole; {}", held(&built.head)),
    }
}

fn run_status(global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    let base = resolve::base()?;
    let found = resolve::config(global, std::slice::from_ref(&base), &base)?;
    let folder = found.path.as_deref().and_then(Path::parent);
    let places = resolve::places(folder, global);
    let now = global.as_of.unwrap_or_else(jiff::Timestamp::now);
    let book = Book::open(&found.config.policy, &places, now);
    let uses = book.uses();
    console.result(&status(&uses, now));
    let is_complete = uses.iter().all(|used| used.trouble.is_none());
    Ok(if is_complete {
        ExitCode::Clean
    } else {
        ExitCode::Undecided
    })
}

fn run_build(args: &DbBuild, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    let Some(path) = &global.output else {
        return Err(machine(
            "name the file to write: `pinproof db build SRC… --output FILE`",
        ));
    };
    let progress = Line::new(console.shows_progress());
    let built = build(&args.inputs, path, &progress)
        .map_err(|error| CliError::Machine(Printable::from(error.to_string())))?;
    let Built { head, bytes } = &built;
    console.result(&format!(
        "{}: {}, {bytes} bytes\n",
        Printable::from(path.display().to_string()),
        held(head)
    ));
    for unclear in &head.unclear {
        console.warning(&format!(
            "{}: {}",
            Printable::new(&unclear.what),
            Printable::new(&unclear.why)
        ));
    }
    Ok(ExitCode::Clean)
}

/// Serves the named database, or that of OSV; an old one is served too, and its age is said.
fn run_serve(args: &DbServe, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    let broken = |error: AdvisoryError| machine(&error.to_string());
    let database = open(global)?.map_err(broken)?;
    console.note(&held(database.head()));
    let served = Served::new(database, global.as_of).map_err(broken)?;
    let failed = |error: std::io::Error| machine(&format!("{}: {error}", args.listen));
    resolve::runtime()?.block_on(async {
        let listener = listen(args.listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        console.result(&format!("answering at http://{address}/\n"));
        served.serve(listener, stop()).await;
        Ok(ExitCode::Clean)
    })
}

/// The database that `--db` names, or that of OSV.
fn open(global: &Global) -> Result<Result<Database, AdvisoryError>, CliError> {
    if let Some(path) = &global.db {
        return Ok(Database::open(path));
    }
    let folder = resolve::cache_dir(global).ok_or_else(resolve::no_cache)?;
    Ok(Store::new(&folder).open(OSV))
}

fn machine(text: &str) -> CliError {
    CliError::Machine(Printable::new(text))
}

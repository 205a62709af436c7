//! `pinproof lock [INPUT]…`: requirements in, a complete lock with hashes out.

mod existing;
mod place;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use pinproof_core::{Environment, Printable, ProjectName, Version};
use pinproof_engine::advice::{Action, advice};
use pinproof_engine::advisories::Book;
use pinproof_engine::check::{Prepared, check, prepare};
use pinproof_engine::config::Override;
use pinproof_engine::inputs::LoadedFile;
use pinproof_engine::lock::{
    self, Answerers, LockError, Locked, PrereleaseMode, Request, Strategy,
};
use pinproof_engine::sources::IndexClient;
use pinproof_engine::{ExitCode, Report, Settings, Sources};

pub(crate) use self::existing::Existing;
pub(crate) use self::place::LockPlace;
use crate::cli::{Format, Global, Lock, Prerelease};
use crate::console::Console;
use crate::error::CliError;
use crate::output::{self, Look, lock::Made};
use crate::progress::Line;
use crate::resolve;

/// Makes a lock and writes it, or says whether the one that is there still is what it would be.
pub(crate) fn run(args: &Lock, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    if !matches!(global.format, Format::Text | Format::Json) {
        return Err(CliError::Machine(Printable::new(
            "`lock` answers as text or json; `pinproof check` reports on a lock in every format",
        )));
    }
    let place = LockPlace::of(args, &resolve::base()?)?;
    let settings = Arc::new(resolve::lock(args, &place.inputs, global)?);
    let job = Job {
        existing: Existing::read(args, &place, &settings)?,
        runtime: resolve::runtime()?,
        args,
        global,
        console,
        place,
        settings,
    };
    let code = job.run();
    job.runtime.shutdown_background();
    code
}

/// One run of the command.
struct Job<'a> {
    args: &'a Lock,
    global: &'a Global,
    console: &'a Console,
    settings: Arc<Settings>,
    place: LockPlace,
    existing: Existing,
    runtime: tokio::runtime::Runtime,
}

impl Job<'_> {
    fn run(&self) -> Result<ExitCode, CliError> {
        let prepared = Arc::new(prepare(&self.settings));
        if let Some(error) = prepared.inputs.errors.first() {
            return Err(CliError::Unreadable(Box::new(error.clone())));
        }
        let mut request = self.request(&prepared)?;
        let inputs = lock::noted_inputs(&prepared, &request);
        if self.args.check
            && let Some(changed) = self.existing.changed_inputs(&inputs)
        {
            self.say(
                || output::lock::other_inputs(&self.place, &changed, self.existing.is_there()),
                || output::lock::other_inputs_as_json(&self.place, &changed),
            )?;
            return Ok(ExitCode::Denied);
        }
        let targets = request.targets.clone();
        let client = IndexClient::new(resolve::client(&self.settings, self.global));
        let book =
            super::advisories::open(&self.settings, self.global, &self.runtime, self.console);
        let book = Arc::new(book);
        let anew: Vec<_> = if self.args.lowest_fix {
            self.fixes(&targets, &client, &book)
        } else {
            self.args.upgrade_package.clone()
        };
        request.pins = self.existing.kept(self.args, &anew);
        match self.make(&prepared, request, (&client, &book)) {
            Ok(locked) => self.finish(&locked, &targets, (&client, &book)),
            Err(error) => {
                let said = output::lock::no_lock(&error, &self.place, self.existing.is_there());
                let code = said.code;
                self.say(
                    || said.text,
                    || output::lock::no_lock_as_json(&self.place, &error, code),
                )?;
                Ok(code)
            }
        }
    }

    fn request(&self, prepared: &Prepared) -> Result<Request, CliError> {
        let args = self.args;
        Ok(Request {
            targets: lock::targets(prepared, &self.settings, &args.python, &args.platform),
            pins: Vec::new(),
            folder: self.place.folder().to_owned(),
            constraints: self.files(&args.constraints)?,
            overrides: self.files(&args.overrides)?,
            excludes: args.exclude.iter().cloned().collect(),
            configured: self.overrides().0,
            allow_build: args.allow_build.iter().cloned().collect(),
            prereleases: match args.prerelease {
                Prerelease::IfNecessary => PrereleaseMode::IfNecessary,
                Prerelease::IfNamed => PrereleaseMode::IfNecessaryOrNamed,
                Prerelease::Allow => PrereleaseMode::Allow,
                Prerelease::Disallow => PrereleaseMode::Disallow,
            },
            strategy: if args.lowest {
                Strategy::Lowest
            } else {
                Strategy::Highest
            },
        })
    }

    /// The overrides of the configuration: those that count, and those whose last day is over.
    fn overrides(&self) -> (Vec<Override>, Vec<Override>) {
        let today = self.settings.now.to_zoned(TimeZone::UTC).date();
        let all = self.settings.config.overrides.iter().cloned();
        all.partition(|one| one.until.is_none_or(|until| today <= until))
    }

    /// Constraints and overrides, with the files that they include.
    fn files(&self, paths: &[PathBuf]) -> Result<Vec<LoadedFile>, CliError> {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| self.settings.base.join(path))
            .collect();
        lock::read_files(&paths, &self.settings).map_err(CliError::Unreadable)
    }

    fn make(
        &self,
        prepared: &Arc<Prepared>,
        request: Request,
        (client, book): (&IndexClient, &Arc<Book>),
    ) -> Result<Locked, LockError> {
        let _guard = self.runtime.enter();
        let answerers = Answerers {
            client: client.gather(),
            book: Arc::clone(book),
        };
        let made = lock::lock(prepared, &self.settings, request, answerers);
        self.runtime.block_on(made)
    }

    /// Writes the lock, and reports on it.
    fn finish(
        &self,
        locked: &Locked,
        targets: &[Environment],
        (client, book): (&IndexClient, &Arc<Book>),
    ) -> Result<ExitCode, CliError> {
        let text = self.place.text(&locked.lock, self.args, targets);
        let is_changed = self.existing.text() != Some(text.as_str());
        let only_looks = self.args.check || self.args.diff;
        if only_looks && is_changed && self.global.format == Format::Text {
            let diff = self.existing.diff(&self.place.shown, &text);
            self.console.result(&output::diff::render(&diff));
        }
        if is_changed && !only_looks {
            super::write_output(&self.place.path, &text)?;
        }
        let (overrides, expired) = self.overrides();
        let report = (!only_looks || !is_changed).then(|| self.report(targets, client, book));
        let made = Made {
            place: &self.place,
            locked,
            changes: self.existing.changes(&locked.lock),
            report: report.as_ref(),
            overrides: &overrides,
            expired: &expired,
            targets,
            was_there: self.existing.is_there(),
            is_changed,
            only_looks,
        };
        let look = Look {
            verbose: self.global.verbose,
            statistics: false,
            width: output::width(self.global.output.is_none()),
        };
        let code = match &report {
            _ if self.args.check && is_changed => ExitCode::Denied,
            Some(report) => report.exit_code(),
            None => ExitCode::Clean,
        };
        self.say(
            || output::lock::render(&made, &look),
            || output::lock::made_as_json(&made, code),
        )?;
        Ok(code)
    }

    /// Writes the report in the format that is asked for, to where it is asked for.
    fn say(
        &self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> String,
    ) -> Result<(), CliError> {
        let said = match self.global.format {
            Format::Json => json(),
            _ => text(),
        };
        match &self.global.output {
            Some(path) => super::write_output(path, &said)?,
            None => self.console.result(&said),
        }
        Ok(())
    }

    /// The releases of the existing lock that an advisory names, with the smallest version that mends each.
    fn fixes(
        &self,
        targets: &[Environment],
        client: &IndexClient,
        book: &Arc<Book>,
    ) -> Vec<(ProjectName, Option<Version>)> {
        if !self.existing.is_there() {
            return Vec::new();
        }
        let report = self.report(targets, client, book);
        let fix = |action| match action {
            Action::Raise(version) | Action::RaiseInPart(version) => Some(version),
            Action::Remove | Action::Replace => None,
        };
        let advice = advice(&report).into_iter();
        advice
            .map(|advice| (advice.project, fix(advice.action)))
            .collect()
    }

    /// What a check says of the lock as it is written.
    fn report(&self, targets: &[Environment], client: &IndexClient, book: &Arc<Book>) -> Report {
        let target = targets.first();
        let settings = Settings {
            paths: vec![self.place.path.clone()],
            python: target.map(Environment::python),
            platform: target.map(Environment::platform),
            ..Settings::clone(&self.settings)
        };
        let prepared = prepare(&settings);
        let sources = Sources {
            client: client.gather(),
            advisories: book,
            online: None,
        };
        let progress = Line::new(self.console.shows_progress());
        let checked = check(&prepared, &settings, &sources, &progress);
        let mut report = self.runtime.block_on(checked).report;
        report.advisories = book.uses();
        report
    }
}

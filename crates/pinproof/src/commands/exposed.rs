//! `pinproof exposed NAME==VERSION|ADVISORY [PATH]…`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pinproof_core::{Admission, Printable, ProjectName};
use pinproof_engine::advisories::Book;
use pinproof_engine::exposed::{
    Answered, Asked, Exposure, FileAnswers, Gateway, GatewayLog, Places, UnknownAdvisory, exposed,
};
use pinproof_engine::{ExitCode, Settings};
use pinproof_server::store::chain::Verified;
use pinproof_server::store::local::{FileStory, LogBook, Stories, Told};

use super::advisories;
use crate::cli::{Exposed, Format, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::output;
use crate::{resolve, user_caches};

/// Looks for releases in the past, in environments, in the logs of gateways and in caches, and prints where they were.
pub(crate) fn run(
    args: &Exposed,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    let (asked, settings) = match Asked::release(&args.what) {
        Some(asked) => (asked, resolve::search(global)?),
        None => advisory(&args.what, global, console)?,
    };
    let mut places = places(args, global, &settings);
    places.gateways = args
        .gateway
        .iter()
        .map(|path| gateway(path, &asked, &settings))
        .collect();
    let exposure = exposed(&asked, &places, &settings);
    emit(&asked, &exposure, global, console)?;
    Ok(exposure.exit_code())
}

/// Looks an advisory up in the sources of the policy, renewed as for an audit.
fn advisory(id: &str, global: &Global, console: &Console) -> Result<(Asked, Settings), CliError> {
    let given = || Printable::new(id).shortened(100);
    if !is_like_an_id(id) {
        return Err(CliError::NotARelease { given: given() });
    }
    if global.online {
        return Err(CliError::Machine(Printable::new(
            "an advisory is looked up in a database, not with `--online`",
        )));
    }
    let settings = resolve::search_by_policy(global)?;
    let policy = &settings.config.policy;
    let places = resolve::places(settings.config_folder.as_deref(), global);
    let runtime = resolve::runtime()?;
    advisories::renew(&settings, (&places, global), &runtime, console);
    let book = Book::open(policy, &places, settings.now);
    let asked = Asked::advisory(id, &book, policy).map_err(|error| match error {
        UnknownAdvisory::Unknown => CliError::UnknownAdvisory { given: given() },
        UnknownAdvisory::NotInForce(why) => CliError::NotInForce {
            given: given(),
            now: settings.now,
            why,
        },
    })?;
    Ok((asked, settings))
}

/// Whether a text may be an id: what has neither a digit nor a dash is rather a project without a version.
fn is_like_an_id(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    text.chars().all(is_part) && text.contains(|c: char| c == '-' || c.is_ascii_digit())
}

/// Without any place that is named, the repository around this folder is looked through.
fn places(args: &Exposed, global: &Global, settings: &Settings) -> Places {
    let absolute = |paths: &[PathBuf]| -> Vec<PathBuf> {
        paths.iter().map(|path| settings.base.join(path)).collect()
    };
    let is_elsewhere = !args.environment.is_empty()
        || !args.gateway.is_empty()
        || !args.cache.is_empty()
        || args.caches;
    let mut places = Places {
        repositories: absolute(&args.paths),
        environments: absolute(&args.environment),
        gateways: Vec::new(),
        caches: absolute(&args.cache),
        usual_caches: Vec::new(),
        all_refs: args.all_refs,
    };
    if places.repositories.is_empty() && !is_elsewhere {
        places.repositories.push(settings.base.clone());
    }
    if args.caches {
        places.usual_caches = user_caches::folders(global);
    }
    places
}

/// Reads the log of a gateway, which may be running.
fn gateway(path: &Path, asked: &Asked, settings: &Settings) -> Gateway {
    let path = settings.base.join(path);
    let projects: BTreeSet<ProjectName> = asked.projects().cloned().collect();
    let stories = LogBook::open(&path).and_then(|book| book.stories(&path, &projects));
    let log = stories.map(log_of);
    Gateway {
        path,
        log: log.map_err(|error| Printable::from(error.to_string())),
    }
}

fn log_of(stories: Stories) -> GatewayLog {
    let Verified { heads, faults, .. } = stories.verified;
    let answered = |told: Told| Answered {
        time: told.time,
        is_admitted: told.admission == Admission::Admitted,
        rule: told.rule,
    };
    let file = |story: FileStory| FileAnswers {
        project: story.project,
        filename: story.filename.to_string(),
        bytes: story.bytes,
        verdicts: story.verdicts.into_iter().map(answered).collect(),
        admitted: story.admitted,
        withheld: story.withheld,
    };
    GatewayLog {
        entries: heads.iter().map(|head| head.entries).sum(),
        since: stories.since,
        faults: faults
            .iter()
            .map(|fault| Printable::from(fault.to_string()))
            .collect(),
        files: stories.files.into_iter().map(file).collect(),
    }
}

fn emit(
    asked: &Asked,
    exposure: &Exposure,
    global: &Global,
    console: &Console,
) -> Result<(), CliError> {
    let text = match global.format {
        Format::Text => output::exposed::text(asked, exposure),
        Format::Concise => output::exposed::concise(asked, exposure),
        Format::Json => output::exposed::json(asked, exposure),
        _ => {
            return Err(CliError::Machine(Printable::new(
                "`exposed` answers as text, concise or json: use `--format json`",
            )));
        }
    };
    match &global.output {
        Some(path) => super::write_output(path, &text)?,
        None if global.quiet > 1 && exposure.exit_code() == ExitCode::Clean => {}
        None => console.result(&text),
    }
    Ok(())
}

//! What a command reads that names files or indexes itself: decided before it starts, by the policy of the gateway.
//!
//! An index that a file names beats the variables of its client, and nothing holds the client to what was decided, so
//! such a file is refused. A file with a hash, and a repository at a commit, are held to it; they are judged as `check`
//! judges them, and their places are opened in the fence.

use std::path::{Path, PathBuf};

use pinproof_core::manifest::Origin;
use pinproof_core::{Finding, Level, Printable};
use pinproof_engine::check::{check, prepare};
use pinproof_engine::inputs::{Format, LoadedFile};
use pinproof_engine::routes::pypi;
use pinproof_engine::sources::{IndexClient, PYPI_FILES};
use pinproof_engine::{ExitCode, Report, Settings, Sources};
use pinproof_server::fence::Places;

use super::command::Command;
use super::variables::{INPUTS_OF_PIP, INPUTS_OF_UV};
use crate::cli::Global;
use crate::clients::{Client, Lead, LeadKind, Leads, PDM_INDEX};
use crate::commands::advisories;
use crate::console::Console;
use crate::error::CliError;
use crate::progress::Line;
use crate::resolve;

/// Findings that are named; more are counted.
const MOST_NAMED: usize = 10;
/// Whoever hashed a release has decided about its age.
const AGE: &str = "recent-release";

/// Decides about what the command reads; what it may fetch past the gateway is the answer.
pub(super) fn decide(
    command: &Command,
    settings: &Settings,
    (global, console): (&Global, &Console),
) -> Result<Places, CliError> {
    let folder = command.folder.as_ref().map_or_else(
        || settings.base.clone(),
        |folder| settings.base.join(folder),
    );
    let lock = command
        .lock
        .map(|name| lock_above(&folder, name))
        .transpose()?;
    let mut places = Places::default();
    if let Some(client) = command
        .client
        .filter(|client| matches!(client, Client::Pdm | Client::Poetry))
    {
        open_sources(
            client,
            lock.as_deref().and_then(Path::parent).unwrap_or(&folder),
            settings,
            &mut places,
        )?;
    }
    let mut paths = files(command, &folder)?;
    paths.extend(lock);
    if paths.is_empty() {
        return Ok(places);
    }
    let mut settings = Settings {
        paths,
        ..settings.clone()
    };
    let prepared = prepare(&settings);
    if let Some(error) = prepared.inputs.errors.first() {
        return Err(not_started(
            format!("{}: {}", error.path, error.message),
            None,
        ));
    }
    let mut judged: Vec<PathBuf> = Vec::new();
    for file in &prepared.inputs.files {
        refuse_indexes(file)?;
        if command.lock.is_none() && settings.paths.contains(&file.path) {
            refuse_bindings(file)?;
        }
        let addresses = addresses(file);
        if !addresses.is_empty() || (file.format.is_lock() && command.lock.is_some()) {
            judged.push(file.path.clone());
            for address in &addresses {
                places.open(address);
            }
        }
    }
    if !judged.is_empty() {
        settings.paths = judged;
        let report = judge(&settings, global, console)?;
        refuse_denied(&report)?;
    }
    Ok(places)
}

/// The lock that the command installs: the nearest one, as its client looks for it.
fn lock_above(folder: &Path, name: &str) -> Result<PathBuf, CliError> {
    let mut folders = folder.ancestors().map(|folder| folder.join(name));
    folders.find(|path| path.is_file()).ok_or_else(|| {
        let why = format!(
            "there is no {name}, and the command would make one with the address of this gateway"
        );
        not_started(
            why,
            Some("make it without `pinproof run`, or through `pinproof serve`"),
        )
    })
}

/// PDM asks the sources of the project beside what a variable says, and Poetry nobody else.
fn open_sources(
    client: Client,
    project: &Path,
    settings: &Settings,
    places: &mut Places,
) -> Result<(), CliError> {
    let leads = Leads::read(settings, project);
    let names_index = |lead: &&Lead| {
        matches!(
            lead.kind,
            LeadKind::Default | LeadKind::Extra | LeadKind::Bound | LeadKind::FindLinks
        )
    };
    let is_of_project = |lead: &&Lead| lead.origin.as_str() != PDM_INDEX;
    let sources = leads.of(client).filter(names_index);
    let mut sources = sources.filter(is_of_project).peekable();
    if client == Client::Pdm {
        return sources.next().map_or(Ok(()), |lead| {
            let place = lead.line.map_or_else(
                || lead.origin.to_string(),
                |line| format!("{}:{line}", lead.origin),
            );
            let why = format!(
                "{place} names {}, which PDM asks whatever a variable says",
                lead.to
            );
            Err(not_started(why, Some(IN_THE_POLICY)))
        });
    }
    if sources.peek().is_none() {
        places.open_host(pypi().map_or("", |pypi| pypi.with_credentials().as_str()));
        places.open_host(PYPI_FILES);
    }
    for lead in sources {
        places.open_host(
            lead.index
                .as_ref()
                .map_or("", |index| index.with_credentials().as_str()),
        );
    }
    Ok(())
}

/// The files that the command line and variables name.
fn files(command: &Command, folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let of_variables = match command.client {
        Some(Client::Pip) => &INPUTS_OF_PIP[..],
        Some(Client::UvPip | Client::Uv) => &INPUTS_OF_UV[..],
        _ => &[],
    };
    let values = of_variables
        .iter()
        .filter_map(|name| std::env::var(name).ok());
    let named: Vec<PathBuf> = values
        .flat_map(|value| {
            value
                .split_whitespace()
                .map(PathBuf::from)
                .collect::<Vec<_>>()
        })
        .collect();
    let mut files = Vec::new();
    for input in command.inputs.iter().chain(&named) {
        let shown = input.to_string_lossy();
        if shown == "-" || shown.contains("://") {
            let why = format!(
                "`{}` cannot be looked at before the command reads it",
                Printable::new(&shown).shortened(200)
            );
            return Err(not_started(why, Some("write it into a file")));
        }
        files.push(folder.join(input));
    }
    Ok(files)
}

const IN_THE_POLICY: &str = "take it out: the policy says which indexes are asked, and `[[index]]` in pinproof.toml names others";

fn refuse_indexes(file: &LoadedFile) -> Result<(), CliError> {
    if file.format != Format::Requirements {
        return Ok(());
    }
    let manifest = &file.manifest;
    let place = |span| format!("{}:{}", file.source.path, file.source.locate(span).line);
    if let Some(location) = manifest.locations.first() {
        let place = location
            .span
            .map_or_else(|| file.source.path.to_string(), place);
        let why =
            format!("{place} names whom to ask, which beats what the command is told by variables");
        return Err(not_started(why, Some(IN_THE_POLICY)));
    }
    if let Some(unclear) = manifest.not_understood.first() {
        let why = format!("{}: {}", place(unclear.span), unclear.why);
        return Err(not_started(
            why,
            Some("nobody knows where such a line leads"),
        ));
    }
    Ok(())
}

/// uv asks the index that a name is bound to, whatever a variable says.
fn refuse_bindings(file: &LoadedFile) -> Result<(), CliError> {
    file.manifest.bindings.first().map_or(Ok(()), |binding| {
        let line = file.source.locate(binding.span).line;
        let why = format!(
            "{}:{line} binds `{}` to index `{}`, which beats what the command is told by variables",
            file.source.path,
            binding.project,
            Printable::new(&binding.index).shortened(60)
        );
        Err(not_started(
            why,
            Some("bind the name in pinproof.toml instead: `[[index]]` with `only`"),
        ))
    })
}

/// The addresses of files and repositories that it names.
fn addresses(file: &LoadedFile) -> Vec<String> {
    let mut addresses = Vec::new();
    for requirement in &file.manifest.requirements {
        if let Origin::Vcs { shown, .. } | Origin::Url { shown, .. } = &requirement.origin {
            let shown = shown.as_str();
            addresses.push(shown.strip_prefix("git+").unwrap_or(shown).to_owned());
        }
    }
    if file.format.is_lock() {
        let words = file.source.text.split(['"', '\'', ' ', '\n', '\t', ',']);
        let is_file = |word: &&str| {
            let path = word.split(['#', '?']).next().unwrap_or(word);
            word.starts_with("http")
                && [".whl", ".tar.gz", ".zip"]
                    .iter()
                    .any(|end| path.ends_with(end))
        };
        addresses.extend(words.filter(is_file).map(str::to_owned));
    }
    addresses
}

fn judge(settings: &Settings, global: &Global, console: &Console) -> Result<Report, CliError> {
    let runtime = resolve::runtime()?;
    let client = IndexClient::new(resolve::client(settings, global));
    let book = advisories::open(settings, global, &runtime, console);
    let sources = Sources {
        client: client.gather(),
        advisories: &book,
        online: None,
    };
    let prepared = prepare(settings);
    let progress = Line::new(console.shows_progress());
    let outcome = runtime.block_on(check(&prepared, settings, &sources, &progress));
    runtime.shutdown_background();
    Ok(outcome.report)
}

fn refuse_denied(report: &Report) -> Result<(), CliError> {
    if let Some(error) = report.errors.first() {
        return Err(not_started(
            format!("{}: {}", error.path, error.message),
            None,
        ));
    }
    let counts = |finding: &&Finding| {
        finding.level == Level::Deny || (finding.refuses && finding.rule != AGE)
    };
    let denied: Vec<String> = report
        .findings
        .iter()
        .filter(counts)
        .map(|finding| said(finding, report))
        .collect();
    let hint = Some("`pinproof check` has the whole report");
    if !denied.is_empty() {
        let more = denied.len().saturating_sub(MOST_NAMED);
        let mut lines = denied;
        lines.truncate(MOST_NAMED);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        return Err(not_started(
            format!("its inputs are denied: {}", lines.join("; ")),
            hint,
        ));
    }
    if report.exit_code() != ExitCode::Clean {
        let open = report
            .questions
            .iter()
            .find(|question| question.level == Level::Deny);
        let why = open.map_or_else(
            || "not everything in its inputs could be judged".to_owned(),
            |open| format!("its inputs are undecided: {}: {}", open.source, open.why),
        );
        return Err(not_started(why, hint));
    }
    Ok(())
}

fn said(finding: &Finding, report: &Report) -> String {
    let place = finding.places.first().map_or_else(String::new, |place| {
        let line = place.span.zip(report.source(&place.origin));
        let line = line.map_or_else(String::new, |(span, source)| {
            format!(":{}", source.locate(span).line)
        });
        format!("{}{line}: ", place.origin)
    });
    format!("{place}{} [{}]", finding.message, finding.rule)
}

pub(super) fn not_started(why: String, hint: Option<&str>) -> CliError {
    CliError::NotStarted {
        why: Printable::from(why),
        hint: hint.map(Printable::new),
    }
}

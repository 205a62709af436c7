//! `pinproof doctor`: asks the clients of this machine, in the environment of the user, for a project that only a gateway
//! refuses, and looks for what goes around it.

mod verdict;

use std::path::{Path, PathBuf};

use pinproof_core::{IndexUrl, Printable};
use pinproof_engine::{ExitCode, Settings};

pub(crate) use verdict::{Diagnosis, OfClient, Way};

use crate::cli::{Doctor, Format, Global};
use crate::clients::{Asker, Client, Installed, Leads, Programs};
use crate::console::Console;
use crate::error::CliError;
use crate::output;
use crate::resolve;

/// Why Poetry is asked last, and only where its project names gateways that others have proven.
const MAY_BUILD: &str = "it was not asked: nothing tells Poetry not to build what it is given, so it is asked only where \
     every source of the project is a gateway that refused another client here";

/// Asks each client.
pub(crate) fn run(args: &Doctor, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    if !matches!(global.format, Format::Text | Format::Json) {
        return Err(CliError::Machine(Printable::new(
            "`doctor` answers as text or json: use `--format json`",
        )));
    }
    let mut settings = resolve::search_by_policy(global)?;
    let project = project_around(&settings.base);
    let python = args
        .python_exe
        .as_ref()
        .map(|python| settings.base.join(python));
    if let Some(python) = python.as_ref().filter(|python| !python.is_file()) {
        return Err(CliError::Machine(Printable::from(format!(
            "there is no interpreter at {}",
            python.display()
        ))));
    }
    let active = resolve::folder("VIRTUAL_ENV");
    let path = std::env::var_os("PATH");
    let mut found = Programs {
        path: path.as_deref(),
        python: python.as_deref(),
        active: active.as_deref(),
        project: &project,
    }
    .find();
    if let Some(python) = &python {
        with_its_folder(&mut settings, python);
    }
    let is_wanted = |installed: &Installed| match installed.client {
        client if !args.client.is_empty() => args.client.contains(&client),
        // Not every project with a Poetry on the machine is one of Poetry.
        Client::Poetry => uses(&project, "poetry"),
        Client::Pdm => uses(&project, "pdm"),
        _ => true,
    };
    found.installed.retain(is_wanted);
    found.not_started.retain(is_wanted);
    let doctor = Examination {
        asker: Asker {
            folder: settings.base.clone(),
            project: project.clone(),
            python: found.python.clone(),
        },
        leads: Leads::read(&settings, &project),
        gateway: args
            .gateway
            .as_ref()
            .map(|url| url.as_str().trim_end_matches('/').to_owned()),
    };
    let mut diagnosis = doctor.examine(&found.installed, console);
    for installed in &found.not_started {
        let why = "it was not started: it lies in the project, where it may be anybody's program";
        diagnosis.clients.push(OfClient::not_asked(
            installed,
            &settings.base,
            Printable::new(why),
        ));
    }
    settings
        .config
        .policy
        .digest()
        .clone_into(&mut diagnosis.policy);
    let is_there = |client: &Client| diagnosis.clients.iter().any(|of| of.client == *client);
    diagnosis.missing = args
        .client
        .iter()
        .filter(|client| !is_there(client))
        .copied()
        .collect();
    emit(&diagnosis, global, console)?;
    Ok(diagnosis.exit_code())
}

struct Examination {
    asker: Asker,
    leads: Leads,
    gateway: Option<String>,
}

impl Examination {
    fn examine(&self, installed: &[Installed], console: &Console) -> Diagnosis {
        let mut diagnosis = Diagnosis::default();
        let mut known: Vec<IndexUrl> = Vec::new();
        for installed in installed {
            if installed.client == Client::Poetry
                && !verdict::leads_only_to(&known, &self.leads, Client::Poetry)
            {
                diagnosis
                    .clients
                    .push(self.poetry_by_its_settings(installed));
                continue;
            }
            console.note(&format!("asking {} for the canary", installed.client));
            let reply = self.asker.ask(installed);
            let of = verdict::judge(
                (installed, &self.asker.folder),
                reply,
                &self.leads,
                self.gateway.as_deref(),
            );
            if let Some(of) = of {
                known.extend(of.refused.iter().map(|refused| refused.index.clone()));
                diagnosis.clients.push(of);
            }
        }
        diagnosis
    }

    /// Poetry asks PyPI unless the project names another index, and no setting elsewhere names one.
    fn poetry_by_its_settings(&self, installed: &Installed) -> OfClient {
        let names_index = self
            .leads
            .of(Client::Poetry)
            .any(|lead| lead.kind == crate::clients::LeadKind::Default);
        if names_index {
            return OfClient::not_asked(installed, &self.asker.folder, Printable::new(MAY_BUILD));
        }
        let mut of = OfClient::new(installed, &self.asker.folder);
        of.around.push(Way {
            setting: Some(Printable::new("pyproject.toml")),
            line: None,
            what: Printable::new("it asks PyPI: the project names no primary source"),
            help: Printable::from(Client::Poetry.how_to_point("http://GATEWAY/simple/")),
        });
        of
    }
}

fn emit(diagnosis: &Diagnosis, global: &Global, console: &Console) -> Result<(), CliError> {
    let text = match global.format {
        Format::Json => output::doctor::json(diagnosis),
        _ => output::doctor::text(diagnosis),
    };
    match &global.output {
        Some(path) => super::write_output(path, &text)?,
        None if global.quiet > 1 && diagnosis.exit_code() == ExitCode::Clean => {}
        None => console.result(&text),
    }
    Ok(())
}

/// The nearest folder with a project in it, as the clients look for it.
fn project_around(base: &Path) -> PathBuf {
    let mut folders = base.ancestors();
    let found = folders.find(|folder| folder.join("pyproject.toml").is_file());
    found.unwrap_or(base).to_owned()
}

/// Whether the project is one of that client.
fn uses(project: &Path, client: &str) -> bool {
    if project.join(format!("{client}.lock")).is_file()
        || project.join(format!("{client}.toml")).is_file()
    {
        return true;
    }
    let text = std::fs::read_to_string(project.join("pyproject.toml"));
    text.is_ok_and(|text| text.contains(&format!("tool.{client}")))
}

/// pip reads a file of the environment of its interpreter, too.
fn with_its_folder(settings: &mut Settings, python: &Path) {
    let folder = python.parent().and_then(Path::parent);
    if let Some(folder) = folder.and_then(Path::to_str) {
        settings
            .environment
            .insert("VIRTUAL_ENV".to_owned(), folder.to_owned());
    }
}

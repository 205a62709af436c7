//! `pinproof install -r FILE`: everything is verified before the environment is touched, and then all of it or
//! nothing is handed to the environment's own installer.

use std::collections::BTreeMap;

use pinproof_core::{Printable, Version};
use pinproof_engine::ExitCode;
use pinproof_engine::download::{Bundle, FileState, Kind, Order};

use super::download::{Session, emit, refuse_folders};
use crate::cli::{Global, Install, Target};
use crate::console::Console;
use crate::error::CliError;
use crate::installer::{Environment, Facts, Tool, Wheel, private_folder};
use crate::output::download::{End, Installed, Told};
use crate::resolve;

/// Installs the lock, and says what was installed or why nothing was.
pub(crate) fn run(
    args: &Install,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    refuse_folders(&args.requirements)?;
    let base = resolve::base()?;
    let active = std::env::var_os("VIRTUAL_ENV");
    let environment = Environment::find(args.python_exe.as_deref(), active, &base)?;
    console.note(&format!(
        "installing into {} with {}",
        environment.shown(),
        environment.shown_python()
    ));
    let (target, newest_system) = target(args, &environment)?;
    let settings = resolve::fetching(&args.requirements, target, global)?;
    let python = target.python.unwrap_or(pinproof_core::PythonVersion {
        major: 3,
        minor: 0,
        patch: None,
    });
    let path = std::env::var_os("PATH");
    let tool = Tool::choose(
        args.installer,
        (&environment, python),
        path.as_deref(),
        &base,
    )?;
    let order = Order {
        kind: Kind::Wheel,
        newest_system,
        is_of_a_lock: true,
    };
    let session = Session::new(&settings, global, console)?;
    let mut bundle = session.plan(&[], order);
    bundle.refuse_two_releases_of_one_name();
    let end = if bundle.is_complete() {
        let parent = resolve::cache_dir(global);
        let folder = private_folder(parent.as_deref().unwrap_or(environment.folder()))?;
        session.fetch(&mut bundle, folder.path());
        installed(&bundle, (&tool, &environment), folder.path(), console)?
    } else {
        End::NotStarted
    };
    let told = Told {
        bundle: &bundle,
        folder: None,
        installed: Some(Installed {
            environment: environment.shown(),
            python: environment.shown_python(),
            installer: Printable::new(tool.name()),
            end,
        }),
    };
    emit(&told, global, console)?;
    Ok(told.exit_code())
}

/// What files are for: as the user says, or else as the interpreter does.
fn target(args: &Install, environment: &Environment) -> Result<(Target, Option<u16>), CliError> {
    if args.target.python.is_some() && args.target.platform.is_some() {
        return Ok((args.target, None));
    }
    let facts = Facts::of(environment)?;
    let target = Target {
        python: args.target.python.or(Some(facts.python)),
        platform: args.target.platform.or(Some(facts.platform)),
    };
    let is_its_own = args.target.platform.is_none();
    Ok((target, facts.newest_system.filter(|_| is_its_own)))
}

/// Hands the fetched wheels to the installer, if all of them are there.
fn installed(
    bundle: &Bundle,
    (tool, environment): (&Tool, &Environment),
    folder: &std::path::Path,
    console: &Console,
) -> Result<End, CliError> {
    let wheels = wheels(bundle);
    if !bundle.is_complete() || wheels.is_empty() {
        return Ok(End::NotStarted);
    }
    if let Some(program) = tool.shown() {
        console.note(&format!("the installer is {program}"));
    }
    let installation = tool.install(&wheels, environment, folder)?;
    if installation.is_done {
        return Ok(End::Done);
    }
    for line in &installation.said {
        console.warning(&format!("{}: {line}", tool.name()));
    }
    Ok(End::Failed)
}

/// Each release once, whoever asks for it how often.
fn wheels(bundle: &Bundle) -> Vec<Wheel> {
    let mut wheels: BTreeMap<(Printable, Version), Wheel> = BTreeMap::new();
    for item in &bundle.items {
        let there = item.files().iter().find_map(|file| match &file.state {
            FileState::There(found) => Some(found),
            _ => None,
        });
        if let (Some(found), Some(version)) = (there, &item.version) {
            let wheel = Wheel {
                name: item.name.clone(),
                version: version.clone(),
                sha256: found.sha256.clone(),
            };
            wheels.insert((item.name.clone(), version.clone()), wheel);
        }
    }
    wheels.into_values().collect()
}

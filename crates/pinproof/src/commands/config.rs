//! `pinproof config show|schema|init`.

use std::fs::OpenOptions;
use std::io::Write as _;

use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::config::{canonical_policy, schema, template};
use pinproof_engine::known;
use serde_json::json;

use crate::cli::{Config, Global, SchemaOf};
use crate::console::Console;
use crate::error::CliError;
use crate::{output, resolve};

/// Runs the subcommand.
pub(crate) fn run(args: &Config, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    match args {
        Config::Show => show(global, console)?,
        Config::Schema { of } => {
            let schema = match of {
                SchemaOf::Config => schema(),
                SchemaOf::Report => output::json::schema(),
                SchemaOf::Exposed => output::exposed::schema(),
                SchemaOf::Download => output::download::schema(),
                SchemaOf::Lock => output::lock::schema(),
                SchemaOf::Doctor => output::doctor::schema(),
                SchemaOf::ServeLog => output::served::schema(),
                SchemaOf::Baseline => known::schema(),
                SchemaOf::Replay => output::replay::schema(),
            };
            console.result(&format!("{schema:#}\n"));
        }
        Config::Init => init(console)?,
    }
    Ok(ExitCode::Clean)
}

/// The effective policy with its digest and where it comes from.
fn show(global: &Global, console: &Console) -> Result<(), CliError> {
    let base = resolve::base()?;
    let found = resolve::config(global, std::slice::from_ref(&base), &base)?;
    let policy = &found.config.policy;
    let addresses: serde_json::Map<String, serde_json::Value> = policy
        .indexes
        .iter()
        .map(|index| (index.name.clone(), json!(index.url)))
        .collect();
    let shown = json!({
        "file": found.path.map(|path| path.display().to_string()),
        "policy-digest": format!("sha256:{}", policy.digest()),
        "policy": canonical_policy(policy),
        "machine": {
            "index": addresses,
            "cache-dir": resolve::cache_dir(global).map(|path| path.display().to_string()),
        },
    });
    console.result(&format!("{shown:#}\n"));
    Ok(())
}

fn init(console: &Console) -> Result<(), CliError> {
    let path = resolve::base()?.join("pinproof.toml");
    let shown = Printable::new("pinproof.toml");
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => CliError::Exists {
            path: shown.clone(),
        },
        _ => CliError::Unwritable {
            path: shown.clone(),
            why: Printable::from(error.to_string()),
        },
    })?;
    file.write_all(template().as_bytes())
        .map_err(|error| CliError::Unwritable {
            path: shown,
            why: Printable::from(error.to_string()),
        })?;
    console.note("wrote pinproof.toml");
    Ok(())
}

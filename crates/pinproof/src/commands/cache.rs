//! `pinproof cache dir|clean`.

use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::sources::{cache_size, clean_cache};

use crate::cli::{Cache, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::resolve;

/// Runs the subcommand.
pub(crate) fn run(args: &Cache, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    let folder = resolve::cache_dir(global).ok_or_else(resolve::no_cache)?;
    let shown = Printable::from(folder.display().to_string());
    let failed = |why: String| CliError::Unwritable {
        path: shown.clone(),
        why: Printable::from(why),
    };
    match args {
        Cache::Dir => {
            console.result(&format!("{shown}\n"));
            let size = cache_size(&folder).map_err(|error| failed(error.to_string()))?;
            console.note(&format!("{} entries, {} bytes", size.entries, size.bytes));
        }
        Cache::Clean => {
            let size = clean_cache(&folder).map_err(|error| failed(error.to_string()))?;
            console.note(&format!(
                "removed {} entries, {} bytes",
                size.entries, size.bytes
            ));
        }
    }
    Ok(ExitCode::Clean)
}

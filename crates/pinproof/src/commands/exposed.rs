//! `pinproof exposed NAME==VERSION [PATH]…`.

use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::exposed::{Asked, Places, exposed};

use crate::cli::{Exposed, Format, Global};
use crate::console::Console;
use crate::error::CliError;
use crate::output;
use crate::resolve;

/// Looks for a release in the past and in environments, and prints where it was.
pub(crate) fn run(
    args: &Exposed,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, CliError> {
    let asked = Asked::parse(&args.release).ok_or_else(|| CliError::NotARelease {
        given: Printable::new(&args.release).shortened(100),
    })?;
    let base = resolve::base()?;
    let absolute =
        |paths: &[std::path::PathBuf]| paths.iter().map(|path| base.join(path)).collect();
    let mut places = Places {
        repositories: absolute(&args.paths),
        environments: absolute(&args.environment),
        all_refs: args.all_refs,
        base,
    };
    if places.repositories.is_empty() && places.environments.is_empty() {
        places.repositories.push(places.base.clone());
    }
    let exposure = exposed(&asked, &places);
    let text = match global.format {
        Format::Text => output::exposed::text(&asked, &exposure),
        Format::Concise => output::exposed::concise(&exposure),
        Format::Json => output::exposed::json(&asked, &exposure),
        _ => {
            return Err(CliError::Machine(Printable::new(
                "`exposed` answers as text, concise or json: use `--format json`",
            )));
        }
    };
    let code = exposure.exit_code();
    match &global.output {
        Some(path) => super::write_output(path, &text)?,
        None if global.quiet > 1 && code == ExitCode::Clean => {}
        None => console.result(&text),
    }
    Ok(code)
}

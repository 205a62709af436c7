//! `pinproof serve replay`: what another policy would have answered.

use std::thread;

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::admit::Gate;
use pinproof_engine::config_file::FoundConfig;
use pinproof_engine::sources::ClientSettings;
use pinproof_server::replay::{Request, What, replay};

use super::live_policy::policy_of;
use crate::cli::{Format, Global, Replay};
use crate::console::Console;
use crate::error::CliError;
use crate::{output, resolve};

/// Runs the subcommand.
pub(super) fn run(args: &Replay, global: &Global, console: &Console) -> Result<ExitCode, CliError> {
    if !matches!(global.format, Format::Text | Format::Json) {
        return Err(CliError::Machine(Printable::new(
            "`serve replay` answers as text or json: use `--format json`",
        )));
    }
    let now = global.as_of.unwrap_or_else(Timestamp::now);
    let current = gate(global, resolve::of_this_folder(global)?)?;
    let other = gate(global, policy_of(&args.policy)?)?;
    let missing = [&current, &other]
        .into_iter()
        .find_map(|gate| gate.unready(now));
    if let Some(missing) = missing {
        console.warning(&format!(
            "what rests on advisories cannot be decided: {missing}"
        ));
    }
    let report = replay(&Request {
        data: &args.data.folder,
        current: &current,
        other: &other,
        what: if args.all {
            What::Everything
        } else {
            What::Answers(args.since)
        },
        now,
        workers: thread::available_parallelism().map_or(2, usize::from),
    })?;
    if report.files == 0 {
        return Err(CliError::Machine(Printable::new(if args.all {
            "there is nothing to decide again: no file is pinned there"
        } else {
            "there is nothing to decide again: the log has no such answer"
        })));
    }
    let tried = output::replay::Tried {
        policy: Printable::from(args.policy.display().to_string()),
        current: current.policy_digest(),
        other: other.policy_digest(),
        is_of_everything: args.all,
    };
    let text = match global.format {
        Format::Json => output::replay::json(&report, &tried),
        _ => output::replay::text(&report, &tried),
    };
    match &global.output {
        Some(path) => super::write_output(path, &text)?,
        None => console.result(&text),
    }
    Ok(output::replay::exit_code(&report))
}

/// A policy that asks no index and fetches nothing.
fn gate(global: &Global, found: FoundConfig) -> Result<Gate, CliError> {
    let settings = resolve::by_policy(global, found)?;
    let places = resolve::places(settings.config_folder.as_deref(), global);
    let client = ClientSettings {
        cache_dir: None,
        offline: true,
        ..resolve::client(&settings, global)
    };
    Ok(Gate::new(settings, client, places))
}

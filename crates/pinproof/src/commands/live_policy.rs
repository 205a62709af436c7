//! The policy of a gateway that runs: read from its files, and again when they change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use pinproof_core::Printable;
use pinproof_engine::admit::Gate;
use pinproof_engine::config_file::{FindConfigError, FoundConfig};
use pinproof_engine::sources::{ClientSettings, Limits};
use pinproof_engine::{allow_list, config_file};
use pinproof_server::gateway::Reading;

use crate::cli::Global;
use crate::error::CliError;
use crate::resolve;

/// How often the files are looked at in vain before a policy that cannot be used is mentioned again: with a look every
/// ten seconds, every ten minutes.
const REMIND_EVERY: u32 = 60;

/// Requests upstream at one time, for pages and again for files: many clients wait for them, not one run.
const REQUESTS: usize = 256;
const REQUESTS_PER_HOST: usize = 96;

/// Where the policy comes from.
pub(super) struct LivePolicy {
    global: Global,
    shadow: Option<PathBuf>,
    seen: Mutex<Seen>,
}

/// What the files of the policy were like when they were read.
#[derive(Default)]
struct Seen {
    /// The files of the policies that could be used last.
    sources: Vec<FoundConfig>,
    traces: Traces,
    /// Why the newest version of them cannot be used, and how often they were looked at since that was said.
    trouble: Option<(Printable, u32)>,
}

type Traces = BTreeMap<PathBuf, Option<Trace>>;

/// What changes when a file is written or replaced.
#[derive(Clone, PartialEq, Eq)]
struct Trace {
    length: u64,
    modified: Option<SystemTime>,
    /// Another file under the same name, in the same moment and of the same length.
    number: u64,
}

impl LivePolicy {
    /// Reads the policy, and the one that is tried beside it.
    pub(super) fn read(global: &Global, shadow: Option<&Path>) -> Result<(Self, Gate), CliError> {
        let live = Self {
            global: global.clone(),
            shadow: shadow.map(Path::to_owned),
            seen: Mutex::default(),
        };
        let gate = live.gate()?;
        Ok((live, gate))
    }

    /// Reads it again where that is asked for, or where a file has changed; a new version that cannot be used is
    /// said at once, and then from time to time.
    pub(super) fn again(&self, why: Reading) -> Option<Result<Gate, Printable>> {
        let is_to_be_read = why == Reading::Asked || {
            let seen = self.seen();
            traces(&seen) != seen.traces
        };
        if !is_to_be_read {
            return self.reminder().map(Err);
        }
        let read = self.gate().map_err(|error| said(&error));
        self.seen().trouble = read.as_ref().err().map(|why| (why.clone(), 0));
        Some(read)
    }

    fn gate(&self) -> Result<Gate, CliError> {
        // What changes while it is read is read once more.
        let before = traces(&self.seen());
        let read = self.read_files();
        let mut seen = self.seen();
        if let Ok((sources, _)) = &read {
            seen.sources.clone_from(sources);
        }
        let mut after = traces(&seen);
        after.extend(before);
        seen.traces = after;
        read.map(|(_, gate)| gate)
    }

    fn read_files(&self) -> Result<(Vec<FoundConfig>, Gate), CliError> {
        let global = &self.global;
        let found = resolve::of_this_folder(global)?;
        let mut sources = vec![found.clone()];
        let settings = resolve::by_policy(global, found)?;
        let places = resolve::places(settings.config_folder.as_deref(), global);
        let client = of_gateway(&resolve::client(&settings, global));
        let gate = Gate::new(settings, client, places);
        let Some(shadow) = &self.shadow else {
            return Ok((sources, gate));
        };
        let shadow = policy_of(shadow)?;
        sources.push(shadow.clone());
        Ok((sources, gate.with_shadow(shadow.config.policy)))
    }

    fn reminder(&self) -> Option<Printable> {
        let mut seen = self.seen();
        let (why, times) = seen.trouble.as_mut()?;
        *times += 1;
        (*times % REMIND_EVERY == 0).then(|| why.clone())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A panic elsewhere leaves it whole: what is in it is only compared.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a gateway asks, beside what is set.
pub(super) fn of_gateway(client: &ClientSettings) -> ClientSettings {
    ClientSettings {
        // What is known is in the store, in a form that outlives this version.
        cache_dir: None,
        limits: Limits {
            concurrency: REQUESTS,
            per_host: REQUESTS_PER_HOST,
            // It asks for whoever asks it, from a place that an index out there does not see.
            leads_inwards: false,
            ..client.limits.clone()
        },
        ..client.clone()
    }
}

/// The policy in a file that is named.
pub(super) fn policy_of(path: &Path) -> Result<FoundConfig, CliError> {
    let base = resolve::base()?;
    let found = config_file::read(&base.join(path), &base)?;
    found.ok_or_else(|| {
        CliError::Machine(Printable::from(format!(
            "{} has no [tool.pinproof]",
            path.display()
        )))
    })
}

/// What the files are like now: those that were read, and those that the patterns of an allow-list lead to by now.
fn traces(seen: &Seen) -> Traces {
    let mut paths = Vec::new();
    for source in &seen.sources {
        paths.extend(source.path.clone());
        paths.extend(source.locks.iter().cloned());
        let folder = source.path.as_deref().and_then(Path::parent);
        let list = source.config.policy.allow_list.as_ref();
        if let (Some(folder), Some(list)) = (folder, list) {
            paths.extend(allow_list::files(list, folder));
        }
    }
    let trace = |path: PathBuf| {
        let trace = path.metadata().ok().map(|metadata| Trace {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            number: number(&metadata),
        });
        (path, trace)
    };
    paths.into_iter().map(trace).collect()
}

#[cfg(unix)]
fn number(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &std::fs::Metadata) -> u64 {
    0
}

/// Why it cannot be used, in a line.
fn said(error: &CliError) -> Printable {
    let text = match error {
        CliError::Config(FindConfigError::Invalid {
            source_file,
            errors,
        }) => {
            let first = errors.first().map(|error| {
                let at = source_file.locate(error.span);
                format!(":{}:{}: {}", at.line, at.column, error.message)
            });
            format!("{}{}", source_file.path, first.unwrap_or_default())
        }
        other => other.to_string(),
    };
    Printable::from(match error.hint() {
        Some(hint) => format!("{text}; {hint}"),
        None => text,
    })
}

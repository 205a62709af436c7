//! Command line, variables and configuration become the settings of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use pinproof_core::{IndexUrl, Level, Place, Printable};
use pinproof_engine::Settings;
use pinproof_engine::advisories::{Online, Places};
use pinproof_engine::config::{Config, nearest};
use pinproof_engine::config_file::{self, FoundConfig};
use pinproof_engine::gather::asks_indexes;
use pinproof_engine::report::Kind;
use pinproof_engine::rules::{RULES, Rule, find_rule};
use pinproof_engine::settings::ScopeChoice;
use pinproof_engine::sources::{Api, ApiLimits, ClientSettings, Limits, OSV_API};

use url::Url;

use crate::cli::{Check, Format, Global, Inputs, Levels, Lock, Target};
use crate::error::CliError;

/// The folder that paths are relative to.
pub(crate) fn base() -> Result<PathBuf, CliError> {
    std::env::current_dir()
        .map_err(|error| CliError::Machine(Printable::from(format!("no working folder: {error}"))))
}

/// The configuration for inputs.
pub(crate) fn config(
    global: &Global,
    inputs: &[PathBuf],
    base: &Path,
) -> Result<FoundConfig, CliError> {
    if global.no_config {
        return Ok(FoundConfig::default());
    }
    if let Some(path) = &global.config {
        return Ok(config_file::read(&base.join(path), base)?.unwrap_or_default());
    }
    Ok(config_file::find(inputs, base)?)
}

/// The settings of a check.
pub(crate) fn check(kind: Kind, args: &Check, global: &Global) -> Result<Settings, CliError> {
    let mut settings = inputs(&args.inputs, global)?;
    set_levels(&mut settings.config, kind, &args.levels)?;
    Ok(settings)
}

/// The settings of a lock that is made from `inputs`: only the extras and groups that are asked for.
pub(crate) fn lock(args: &Lock, inputs: &[PathBuf], global: &Global) -> Result<Settings, CliError> {
    let inputs = Inputs {
        paths: inputs.to_vec(),
        extra: args.extra.clone(),
        group: args.group.clone(),
        no_extras: args.extra.is_empty(),
        no_groups: args.group.is_empty(),
        ..Inputs::default()
    };
    let mut settings = self::inputs(&inputs, global)?;
    set_levels(&mut settings.config, Kind::Check, &args.levels)?;
    Ok(settings)
}

/// The settings of a run that only reads: no rule about the project is asked.
pub(crate) fn without_rules(args: &Inputs, global: &Global) -> Result<Settings, CliError> {
    let mut settings = inputs(args, global)?;
    // What was found and is not read is missing in whatever comes out.
    let asked = RULES
        .iter()
        .filter(|page| page.rule.name != "skipped-input");
    for page in asked {
        settings.config.policy.set_level(page.rule, Level::Allow);
    }
    Ok(settings)
}

/// The settings of whatever fetches distributions for these locks, or for names where there are none.
pub(crate) fn fetching(
    locks: &[PathBuf],
    target: Target,
    global: &Global,
) -> Result<Settings, CliError> {
    let args = Inputs {
        paths: locks.to_vec(),
        python: target.python,
        platform: target.platform,
        ..Inputs::default()
    };
    inputs(&args, global)
}

/// The settings of a search for a release: no configuration is read, for a broken one must not keep
/// anybody from an answer in an incident.
pub(crate) fn search(global: &Global) -> Result<Settings, CliError> {
    settings(&Inputs::default(), global, base()?, FoundConfig::default())
}

/// The settings of a search for an advisory: the configuration of this folder says which sources are asked.
pub(crate) fn search_by_policy(global: &Global) -> Result<Settings, CliError> {
    by_policy(global, of_this_folder(global)?)
}

/// The configuration of this folder.
pub(crate) fn of_this_folder(global: &Global) -> Result<FoundConfig, CliError> {
    let base = base()?;
    config(global, std::slice::from_ref(&base), &base)
}

/// The settings of whatever has no inputs, by this configuration.
pub(crate) fn by_policy(global: &Global, found: FoundConfig) -> Result<Settings, CliError> {
    settings(&Inputs::default(), global, base()?, found)
}

/// The settings of whatever reads inputs.
fn inputs(args: &Inputs, global: &Global) -> Result<Settings, CliError> {
    let base = base()?;
    let found = config(global, &paths(args), &base)?;
    settings(args, global, base, found)
}

fn settings(
    args: &Inputs,
    global: &Global,
    base: PathBuf,
    found: FoundConfig,
) -> Result<Settings, CliError> {
    let paths = paths(args);
    let FoundConfig {
        mut config,
        path,
        source,
        locks: _,
    } = found;
    require_version(&config)?;
    set_addresses(&mut config, &global.index)?;
    Ok(Settings {
        paths: named(
            &base,
            if args.environment.is_empty() {
                &paths
            } else {
                &args.paths
            },
        ),
        environments: named(&base, &args.environment),
        config_folder: path.and_then(|path| path.parent().map(Path::to_owned)),
        config_source: source,
        environment: environment(),
        scope: scope(args, &config),
        python: args.python,
        platform: args.platform,
        index_url: global.index_url.clone(),
        lists_releases: matches!(
            global.format,
            Format::Html | Format::Cyclonedx | Format::Vex
        ),
        now: global.as_of.unwrap_or_else(Timestamp::now),
        config,
        base,
    })
}

/// The paths whose configuration counts: this folder, where none is named.
fn paths(args: &Inputs) -> Vec<PathBuf> {
    if args.paths.is_empty() {
        vec![PathBuf::from(".")]
    } else {
        args.paths.clone()
    }
}

fn named(base: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| base.join(path)).collect()
}

/// How indexes are asked.
pub(crate) fn client(settings: &Settings, global: &Global) -> ClientSettings {
    let defaults = ClientSettings::default();
    let duration = |wanted: Option<jiff::SignedDuration>, default| {
        wanted
            .and_then(|wanted| wanted.try_into().ok())
            .unwrap_or(default)
    };
    ClientSettings {
        limits: limits(global),
        cache_dir: cache_dir(global),
        offline: global.offline,
        fresh_for: duration(settings.config.fresh_for, defaults.fresh_for),
        max_age: duration(settings.config.max_age, defaults.max_age),
        now: settings.now,
    }
}

/// The bounds of requests.
pub(crate) fn limits(global: &Global) -> Limits {
    let defaults = Limits::default();
    let timeout = Duration::from_secs(global.timeout);
    Limits {
        connect_timeout: timeout.min(defaults.connect_timeout),
        read_timeout: timeout,
        request_timeout: timeout * 4,
        retries: global.retries,
        ..defaults
    }
}

/// Where databases of advisories are, for a configuration in this folder.
pub(crate) fn places(config_folder: Option<&Path>, global: &Global) -> Places {
    Places {
        cache_dir: cache_dir(global),
        database: global.db.clone(),
        config_folder: config_folder.map(Path::to_owned),
        online: global.online,
        is_replay: global.as_of.is_some(),
    }
}

/// What runs requests.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::Machine(Printable::from(error.to_string())))
}

/// What runs a check: threads of its own are for the requests to indexes.
pub(crate) fn runtime_of(
    settings: &Settings,
    global: &Global,
) -> Result<tokio::runtime::Runtime, CliError> {
    if asks_indexes(&settings.config.policy) && !global.offline {
        return runtime();
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Machine(Printable::from(error.to_string())))
}

/// This machine has no place to keep anything.
pub(crate) fn no_cache() -> CliError {
    CliError::Machine(Printable::new(
        "this machine names no folder for caches: use --cache-dir",
    ))
}

/// The OSV server to ask, if one is to be asked.
pub(crate) fn online(global: &Global) -> Option<Online> {
    let own = || Url::parse(OSV_API).ok();
    let server = global.osv_url.clone().or_else(own)?;
    let api = || Api::new(&server, limits(global), ApiLimits::default());
    global.online.then(|| Online::new(api()))
}

/// A folder that a variable names.
pub(crate) fn folder(variable: &str) -> Option<PathBuf> {
    let value = std::env::var_os(variable).map(PathBuf::from);
    value.filter(|path| path.is_absolute())
}

/// Where index answers are kept.
pub(crate) fn cache_dir(global: &Global) -> Option<PathBuf> {
    if let Some(folder) = &global.cache_dir {
        return Some(folder.clone());
    }
    let variable = folder;
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|folder| folder.join("pinproof").join("cache"));
    }
    if cfg!(target_os = "macos") {
        return variable("HOME").map(|home| home.join("Library/Caches/pinproof"));
    }
    let home = || variable("HOME").map(|home| home.join(".cache"));
    variable("XDG_CACHE_HOME")
        .or_else(home)
        .map(|folder| folder.join("pinproof"))
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn scope(args: &Inputs, config: &Config) -> ScopeChoice {
    let choose = |given: &Vec<_>, none: bool, configured: &Option<Vec<_>>| {
        if none {
            Some(Vec::new())
        } else if given.is_empty() {
            configured.clone()
        } else {
            Some(given.clone())
        }
    };
    ScopeChoice {
        extras: choose(&args.extra, args.no_extras, &config.extras),
        groups: choose(&args.group, args.no_groups, &config.groups),
    }
}

fn require_version(config: &Config) -> Result<(), CliError> {
    let Some(required) = &config.required_version else {
        return Ok(());
    };
    let running = env!("CARGO_PKG_VERSION");
    let accepts = |version: &pinproof_core::Version| {
        required.contains(version, pinproof_core::specifier::Prereleases::Allow)
    };
    if running.parse().is_ok_and(|version| accepts(&version)) {
        return Ok(());
    }
    Err(CliError::WrongVersion {
        running,
        required: Printable::from(required.to_string()),
    })
}

/// Addresses of the command line: an index of the policy keeps its name and its names.
fn set_addresses(config: &mut Config, given: &[(String, IndexUrl)]) -> Result<(), CliError> {
    for (name, url) in given {
        let mut indexes = config.policy.indexes.iter_mut();
        let index = indexes.find(|index| index.name == *name);
        let unknown = || CliError::UnknownIndex {
            name: Printable::new(name).shortened(60),
        };
        let index = index.ok_or_else(unknown)?;
        index.url = Some(url.clone());
        index.url_place = Some(Place {
            origin: Printable::new("--index"),
            span: None,
            label: Printable::default(),
        });
    }
    Ok(())
}

/// The rules of `audit`; the exceptions from them report themselves.
const AUDITED: [&str; 4] = [
    "vulnerable-release",
    "known-malware",
    "unused-ignore",
    "expired-ignore",
];

/// Levels of the command line: they beat the configuration, and change no refusal but that of `allow`.
fn set_levels(config: &mut Config, kind: Kind, args: &Levels) -> Result<(), CliError> {
    let audited = AUDITED.map(str::to_owned);
    let only: Vec<&Rule> = match kind {
        Kind::Audit if args.only.is_empty() => rules(&audited)?,
        _ => rules(&args.only)?,
    };
    if !only.is_empty() {
        for page in RULES {
            let is_asked = only.iter().any(|rule| rule.name == page.rule.name);
            if !is_asked {
                config.policy.set_level(page.rule, Level::Allow);
            }
        }
    }
    let choices = [
        (&args.allow, Level::Allow),
        (&args.warn, Level::Warn),
        (&args.deny, Level::Deny),
    ];
    for (names, level) in choices {
        for rule in rules(names)? {
            config.policy.set_level(rule, level);
        }
    }
    Ok(())
}

fn rules(names: &[String]) -> Result<Vec<&'static Rule>, CliError> {
    let find = |name: &String| {
        find_rule(name).ok_or_else(|| {
            let known: Vec<_> = RULES.iter().map(|page| page.rule.name).collect();
            CliError::UnknownRule {
                name: Printable::new(name).shortened(60),
                near: nearest(name, &known),
            }
        })
    };
    names.iter().map(find).collect()
}

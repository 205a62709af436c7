//! The command line: every flag, its variable and its help, once.

mod clients;
mod fetching;
mod lock;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::Timestamp;
use pinproof_core::{ExtraName, IndexUrl, Platform, PythonVersion};

pub(crate) use clients::{Doctor, Run};
pub(crate) use fetching::{Download, Install, Installer, Kind, Target};
pub(crate) use lock::{Lock, Prerelease};
pub(crate) use serve::{AboutServe, Backup, Data, Gateway, Replay, Serve, ServeLog, Verify};

/// Secures the software supply chain of Python projects.
#[derive(Debug, Parser)]
#[command(
    name = "pinproof",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 nothing denied · 1 something denied · 2 could not run · 3 a denying rule could not be answered"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Every supply-chain risk of a project, in one report
    Check(Box<Check>),
    /// Known vulnerabilities and known malware in a project
    Audit(Box<Check>),
    /// Requirements in, a complete lock with hashes out; no package code runs on the way
    Lock(Box<Lock>),
    /// Files of a lock or of a release, held to their hashes, into a folder
    Download(Box<Download>),
    /// Installs a lock into an environment: verified wheels only, all of them or none
    Install(Box<Install>),
    /// The database of advisories
    #[command(subcommand)]
    Db(Db),
    /// A package index that hands out what the policy admits, and says why not
    Serve(Box<Serve>),
    /// Whether the clients of this machine go through a gateway, proven with a harmless project
    Doctor(Doctor),
    /// A command behind a gateway of its own, with the policy of this folder
    Run(Run),
    /// What a project installs, as a bill of materials in CycloneDX 1.6; nobody is asked
    Sbom(Box<Sbom>),
    /// Whether a release was ever locked or installed here, when it came, and when it went
    Exposed(Box<Exposed>),
    /// What a rule says, why, and what to do; without a rule, the table of rules
    Explain(Explain),
    /// The configuration: what is in effect, its schema, a template
    #[command(subcommand)]
    Config(Config),
    /// The cache of index answers
    #[command(subcommand)]
    Cache(Cache),
    /// Completions for a shell
    Completions(Completions),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) levels: Levels,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Count only what this git revision, or this older file, does not have too
    #[arg(
        long,
        value_name = "REF|FILE",
        env = "PINPROOF_BASE",
        help_heading = "What counts"
    )]
    pub(crate) base: Option<String>,
    /// Count only what this file of known findings does not have
    #[arg(
        long,
        value_name = "FILE",
        env = "PINPROOF_BASELINE",
        conflicts_with = "base",
        help_heading = "What counts"
    )]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what is found to the file of --baseline
    #[arg(
        long,
        env = "PINPROOF_WRITE_BASELINE",
        requires = "baseline",
        help_heading = "What counts"
    )]
    pub(crate) write_baseline: bool,
    /// Add the hashes that the index publishes to exactly pinned lines
    #[arg(long, env = "PINPROOF_FIX", help_heading = "Changes")]
    pub(crate) fix: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long, env = "PINPROOF_DIFF", help_heading = "Changes")]
    pub(crate) diff: bool,
    /// Count findings by rule instead of listing them
    #[arg(long, env = "PINPROOF_STATISTICS", help_heading = "Output")]
    pub(crate) statistics: bool,
    /// End with 0 where it would be 1 or 3; what could not run still ends with 2
    #[arg(long, env = "PINPROOF_EXIT_ZERO", help_heading = "Output")]
    pub(crate) exit_zero: bool,
}

/// Which rules are asked, and how strongly they speak.
#[derive(Debug, Default, Args)]
pub(crate) struct Levels {
    /// Ask only this rule; may be repeated
    #[arg(
        long,
        value_name = "RULE",
        env = "PINPROOF_ONLY",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(crate) only: Vec<String>,
    /// Do not ask this rule
    #[arg(
        short = 'A',
        long,
        value_name = "RULE",
        env = "PINPROOF_ALLOW",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(crate) allow: Vec<String>,
    /// Show what this rule finds, without failing
    #[arg(
        short = 'W',
        long,
        value_name = "RULE",
        env = "PINPROOF_WARN",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(crate) warn: Vec<String>,
    /// Fail on what this rule finds
    #[arg(
        short = 'D',
        long,
        value_name = "RULE",
        env = "PINPROOF_DENY",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(crate) deny: Vec<String>,
}

/// What is judged, and which part of it.
#[derive(Debug, Default, Args)]
pub(crate) struct Inputs {
    /// Files and folders to judge [default: this folder, unless an environment is named]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Judge what is installed in this folder, such as a virtual environment; may be repeated
    #[arg(
        long,
        value_name = "DIR",
        env = "PINPROOF_ENVIRONMENT",
        help_heading = "What is judged"
    )]
    pub(crate) environment: Vec<PathBuf>,
    /// Judge this dependency group of pyproject.toml, and no other group
    #[arg(
        long,
        value_name = "GROUP",
        env = "PINPROOF_GROUP",
        value_delimiter = ',',
        help_heading = "What is judged"
    )]
    pub(crate) group: Vec<ExtraName>,
    /// Judge this extra of pyproject.toml, and no other extra
    #[arg(
        long,
        value_name = "EXTRA",
        env = "PINPROOF_EXTRA",
        value_delimiter = ',',
        help_heading = "What is judged"
    )]
    pub(crate) extra: Vec<ExtraName>,
    /// Judge no dependency group: what ships, without what develops it
    #[arg(
        long,
        env = "PINPROOF_NO_GROUPS",
        conflicts_with = "group",
        help_heading = "What is judged"
    )]
    pub(crate) no_groups: bool,
    /// Judge no extra
    #[arg(
        long,
        env = "PINPROOF_NO_EXTRAS",
        conflicts_with = "extra",
        help_heading = "What is judged"
    )]
    pub(crate) no_extras: bool,
    /// The Python version to judge dependency trees for [default: the file's head, else 3.14]
    #[arg(
        long,
        value_name = "VERSION",
        env = "PINPROOF_PYTHON",
        help_heading = "What is judged"
    )]
    pub(crate) python: Option<PythonVersion>,
    /// The platform to judge dependency trees for [default: linux-x86_64]
    #[arg(
        long,
        value_name = "PLATFORM",
        env = "PINPROOF_PLATFORM",
        help_heading = "What is judged"
    )]
    pub(crate) platform: Option<Platform>,
}

#[derive(Debug, Args)]
pub(crate) struct Sbom {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Fetches what is new
    Update(DbUpdate),
    /// What is there, from when, and what of it is not understood
    Status,
    /// Builds a database of records in OSV's format
    Build(DbBuild),
    /// Answers OSV's API from a database, for pip-audit, uv and other tools
    Serve(DbServe),
}

#[derive(Debug, Args)]
pub(crate) struct DbUpdate {
    /// Fetch everything, whatever is there
    #[arg(long)]
    pub(crate) complete: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DbBuild {
    /// Zip archives as OSV exports them, folders, or single records
    #[arg(value_name = "SRC", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DbServe {
    /// Where to listen; port 0 takes any that is free
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8087",
        env = "PINPROOF_LISTEN"
    )]
    pub(crate) listen: std::net::SocketAddr,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it was nowhere · 1 it was somewhere · 2 a named place cannot be looked at, or nobody knows the advisory · 3 it was nowhere as far as could be read"
)]
pub(crate) struct Exposed {
    /// A release, such as litellm==1.82.8, or an advisory by any of its ids, such as PYSEC-2023-62:
    /// then every release that it is about
    #[arg(value_name = "NAME==VERSION|ADVISORY")]
    pub(crate) what: String,
    /// Git repositories to look through, each as a whole [default: the one around this folder, unless
    /// an environment, a gateway or a cache is named]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look at what is installed here; may be repeated
    #[arg(
        long,
        value_name = "DIR",
        env = "PINPROOF_ENVIRONMENT",
        help_heading = "What is looked at"
    )]
    pub(crate) environment: Vec<PathBuf>,
    /// Look at the log of the gateway that keeps its data in this folder; may be repeated
    #[arg(
        long,
        value_name = "DIR",
        env = "PINPROOF_GATEWAY",
        help_heading = "What is looked at"
    )]
    pub(crate) gateway: Vec<PathBuf>,
    /// Look at the caches of this user, too: those of pip, uv and pinproof, by the names in them
    #[arg(long, env = "PINPROOF_CACHES", help_heading = "What is looked at")]
    pub(crate) caches: bool,
    /// Look at the cache of pip, uv or pinproof in this folder; may be repeated
    #[arg(
        long,
        value_name = "DIR",
        env = "PINPROOF_CACHE",
        help_heading = "What is looked at"
    )]
    pub(crate) cache: Vec<PathBuf>,
    /// Follow every branch and tag, not only what is checked out
    #[arg(long, env = "PINPROOF_ALL_REFS", help_heading = "What is looked at")]
    pub(crate) all_refs: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The rule
    pub(crate) rule: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// The configuration in effect, with the digest of its policy
    Show,
    /// The JSON schema of pinproof.toml, of a report, or of a baseline
    Schema {
        /// Which schema
        #[arg(value_enum, default_value = "config")]
        of: SchemaOf,
    },
    /// Writes a commented pinproof.toml into this folder
    Init,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// pinproof.toml
    Config,
    /// `check --format json`
    Report,
    /// `exposed --format json`
    Exposed,
    /// `download --format json` and `install --format json`
    Download,
    /// `lock --format json`
    Lock,
    /// `doctor --format json`
    Doctor,
    /// A line on stderr of `serve --format json`
    ServeLog,
    /// The file of `check --baseline`
    Baseline,
    /// `serve replay --format json`
    Replay,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Cache {
    /// Where it is, and how large
    Dir,
    /// Removes it
    Clean,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Global {
    /// Read this configuration instead of the nearest one
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PINPROOF_CONFIG",
        help_heading = "Configuration"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration
    #[arg(
        long,
        global = true,
        env = "PINPROOF_NO_CONFIG",
        conflicts_with = "config",
        help_heading = "Configuration"
    )]
    pub(crate) no_config: bool,
    /// Ask this index instead of PyPI
    #[arg(long, global = true, value_name = "URL", env = "PINPROOF_INDEX_URL", value_parser = index_url, hide_env_values = true, help_heading = "Evidence")]
    pub(crate) index_url: Option<IndexUrl>,
    /// The address of an index that the configuration names; may be repeated
    #[arg(long, global = true, value_name = "NAME=URL", env = "PINPROOF_INDEX", value_delimiter = ' ', value_parser = pinproof_policy_index, hide_env_values = true, help_heading = "Evidence")]
    pub(crate) index: Vec<(String, IndexUrl)>,
    /// Ask nobody: cached answers count up to `[cache] max-age`
    #[arg(
        long,
        global = true,
        env = "PINPROOF_OFFLINE",
        help_heading = "Evidence"
    )]
    pub(crate) offline: bool,
    /// Look advisories up in this database instead of OSV's
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PINPROOF_DB",
        hide_env_values = true,
        help_heading = "Evidence"
    )]
    pub(crate) db: Option<PathBuf>,
    /// Ask an OSV server instead of a database: it learns what the project depends on, and knows the present only
    #[arg(long, global = true, env = "PINPROOF_ONLINE", conflicts_with_all = ["offline", "db", "as_of"], help_heading = "Evidence")]
    pub(crate) online: bool,
    /// The server of --online [default: that of OSV]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "PINPROOF_OSV_URL",
        hide_env_values = true,
        help_heading = "Evidence"
    )]
    pub(crate) osv_url: Option<url::Url>,
    /// Seconds that an index may take before it counts as silent
    #[arg(long, global = true, value_name = "SECONDS", default_value = "15", env = "PINPROOF_TIMEOUT", value_parser = clap::value_parser!(u64).range(1..=600), help_heading = "Evidence")]
    pub(crate) timeout: u64,
    /// How often a request is repeated after a failure that may pass
    #[arg(long, global = true, value_name = "N", default_value = "2", env = "PINPROOF_RETRIES", value_parser = clap::value_parser!(u32).range(0..=10), help_heading = "Evidence")]
    pub(crate) retries: u32,
    /// Decide as of this time, such as 2026-11-01T00:00:00Z
    #[arg(long, global = true, value_name = "TIME", env = "PINPROOF_AS_OF", value_parser = as_of, help_heading = "Evidence")]
    pub(crate) as_of: Option<Timestamp>,
    /// Keep index answers here
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PINPROOF_CACHE_DIR",
        help_heading = "Evidence"
    )]
    pub(crate) cache_dir: Option<PathBuf>,
    /// How the report is written
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        env = "PINPROOF_FORMAT",
        help_heading = "Output"
    )]
    pub(crate) format: Format,
    /// Write the report to this file
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "PINPROOF_OUTPUT",
        help_heading = "Output"
    )]
    pub(crate) output: Option<PathBuf>,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        env = "PINPROOF_COLOR",
        help_heading = "Output"
    )]
    pub(crate) color: Color,
    /// Say less: no notes on stderr; twice, no report where nothing is denied
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "PINPROOF_QUIET", help_heading = "Output")]
    pub(crate) quiet: u8,
    /// Say more: every place of a finding, what was ignored, full digests
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "PINPROOF_VERBOSE", help_heading = "Output")]
    pub(crate) verbose: u8,
    /// Show no progress
    #[arg(
        long,
        global = true,
        env = "PINPROOF_NO_PROGRESS",
        help_heading = "Output"
    )]
    pub(crate) no_progress: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One line for each finding
    Concise,
    /// For programs; see `pinproof config schema report`
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: the text, and annotations of files
    Github,
    /// For merge requests of GitLab: a code-quality report
    Gitlab,
    /// For pull requests: a comment in Markdown
    Markdown,
    /// One page for a browser, with the dependency tree; it needs no network and no script
    Html,
    /// The judged releases as a bill of materials with their vulnerabilities, in CycloneDX 1.6
    Cyclonedx,
    /// What the exceptions say of vulnerabilities, and nothing else, in CycloneDX 1.6
    Vex,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn index_url(text: &str) -> Result<IndexUrl, String> {
    IndexUrl::parse(text).map_err(|error| error.to_string())
}

fn pinproof_policy_index(text: &str) -> Result<(String, IndexUrl), String> {
    pinproof_engine::config::index_argument(text)
}

/// Reads a time: RFC 3339, or a date, which means its start in UTC.
fn as_of(text: &str) -> Result<Timestamp, String> {
    let date = || text.parse::<jiff::civil::Date>().ok();
    let start = |date: jiff::civil::Date| date.to_zoned(jiff::tz::TimeZone::UTC).ok();
    text.parse()
        .ok()
        .or_else(|| date().and_then(start).map(|zoned| zoned.timestamp()))
        .ok_or_else(|| "it is written 2026-11-01 or 2026-11-01T12:00:00Z".to_owned())
}

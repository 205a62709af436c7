//! The use-cases of pinproof: read the inputs, plan the evidence, gather it, decide, report.
//!
//! Everything here returns values; nothing prints. The clock, the environment and the command line
//! come in as [`Settings`].

mod addresses;
pub mod admit;
pub mod advice;
pub mod advisories;
pub mod allow_list;
pub mod assemble;
pub mod base;
mod baseline;
pub mod bom;
pub mod check;
mod client;
mod commit_files;
pub mod config_file;
pub mod discover;
pub mod download;
mod environment;
mod exceptions;
pub mod exposed;
mod files;
pub mod fix;
pub mod gather;
mod identity;
mod imports;
mod includes;
pub mod inputs;
mod installed;
mod installers;
pub mod known;
pub mod lock;
mod locks;
pub mod machine;
mod parse;
mod prepare;
mod project_folders;
pub mod report;
mod roles;
pub mod routes;
mod scope;
pub mod settings;
mod target;
mod write;

pub use check::check;
pub use client::Sources;
pub use pinproof_policy::LockStatus;
pub use pinproof_policy::evidence::is_without_address;
pub use pinproof_policy::lock_status::LockKind;
pub use report::{ExitCode, Report};
pub use settings::Settings;
pub use write::{write_atomically, write_atomically_by};

/// The configuration: what it may say, and how it is read.
pub mod config {
    pub use pinproof_policy::config::{
        Config, ConfigError, Overridden, Override, index_argument, nearest, schema, template,
    };
    pub use pinproof_policy::digest::canonical_policy;
}

/// The rules and their pages.
pub mod rules {
    pub use pinproof_policy::{Need, RULES, Refusal, Rule, RulePage, find_rule};
}

/// Who is asked.
pub mod sources {
    pub use pinproof_sources::advisories::{
        AdvisoryError, Api, ApiLimits, Database, FeedLimits, Head, RecordTable, Store, StoredAge,
    };
    pub use pinproof_sources::download::{
        Arrival, DownloadError, Downloaded, Meter, Stream, Trouble, Wanted,
    };
    pub use pinproof_sources::endpoints::{OSV_API, PYPI_FILES};
    pub use pinproof_sources::{
        ClientSettings, Index, IndexClient, Limits, WheelReader, WheelStep, cache_size, clean_cache,
    };
}

//! Bytes of a project file to a [`Manifest`](pinproof_core::Manifest) with spans, edits back to bytes,
//! and a [`Lock`](pinproof_core::Lock) to bytes.
//!
//! Also the configuration of a machine, as pip and uv read it. This crate is pure: it opens no file and
//! reads no variable; text and environment are parameters.

mod address;
pub mod conda_environment;
pub mod config_paths;
pub mod content_digest;
pub mod coverage;
pub mod decode;
pub mod diff;
pub mod direct_url;
pub mod edit;
pub(crate) mod ignore_comment;
mod ini;
mod json_text;
mod lock;
pub mod lock_inputs;
pub mod osv;
pub mod pdm_lock;
pub mod pip_conf;
pub mod pip_effective;
pub mod pip_env;
mod pip_format_control;
pub mod pip_paths;
mod pip_setting;

pub mod pipfile;
pub mod pipfile_lock;
mod poetry_constraint;
pub mod poetry_lock;
pub mod pylock;
pub mod pyproject;
pub mod python_imports;
pub mod requirements_txt;
pub mod sbom;
pub mod script;
mod toml_as_json;
pub(crate) mod toml_text;
mod truth;
pub mod uv_env;
pub mod uv_lock;
pub mod uv_paths;
pub mod uv_toml;

/// Longer texts are no name, version or address that anybody wrote, and would fill a report.
pub(crate) const MAX_TEXT: usize = 64 * 1024;

//! Installs verified wheels into an environment, with the environment's own installer.

mod environment;
mod error;
mod facts;
mod folder;
pub(crate) mod process;
mod tool;

pub(crate) use environment::Environment;
pub(crate) use error::EnvironmentError;
pub(crate) use facts::Facts;
pub(crate) use folder::private_folder;
pub(crate) use tool::{Tool, Wheel};

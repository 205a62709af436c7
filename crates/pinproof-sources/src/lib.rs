//! Asks the outside world, bounded and cached; judges nothing.
//!
//! Every question has an [`Answer`](pinproof_core::Answer): what cannot be found out is a value with
//! a reason, and never an empty list. Everything from outside has a limit in [`Limits`].

pub mod advisories;
mod ask_metadata;
mod ask_page;
mod ask_project;
mod cache;
pub mod download;
pub mod endpoints;
pub mod git;
mod hex;
mod http;
mod index_client;
mod limits;
mod local;
mod metadata;
pub mod pure;
mod simple;
mod visit;

pub use ask_page::ProjectPage;
pub use cache::{CacheError, CacheSize, asked_about, clean as clean_cache, size as cache_size};
pub use http::{FetchError, Revision, StatusError};
pub use index_client::{ClientSettings, Index, IndexClient};
pub use limits::Limits;
pub use metadata::{
    CoreMetadata, CoreMetadataError, MetadataError, MetadataProblem, Release, WheelReader,
    WheelStep, ZipError,
};
pub use simple::{Page, PageError};
pub use visit::{RawPage, Visited};

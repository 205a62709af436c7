//! The vocabulary of pinproof: names, versions, hashes, spans, evidence, findings, verdicts.
//!
//! Words follow the PyPA glossary, PEP 440, PEP 503, PEP 508 and PEP 691; one word has one meaning.
//! This crate is pure: it opens no file, reads no clock and asks nobody.

pub mod advisory;
pub mod environment;
pub mod evidence;
pub mod filename;
pub mod finding;
pub mod hash;
pub mod imports;
pub mod index;
pub mod lock;
pub mod lock_diff;
pub mod lock_marker;
pub mod manifest;
pub mod marker;
pub mod name;
pub mod printable;
pub mod project_facts;
pub mod project_history;
pub mod purl;
pub mod reason;
pub mod requirement;
pub mod settings;
pub mod source_file;
pub mod span;
pub mod specifier;
pub mod tags;
pub mod verdict;
pub mod version;

pub use advisory::Advisory;
pub use environment::{Environment, Platform, PythonVersion};
pub use evidence::{Answer, Unavailable};
pub use finding::{Finding, Level, Place};
pub use hash::{Hash, HashAlgorithm};
pub use imports::ProjectImports;
pub use index::{IndexLocation, IndexUrl};
pub use lock::Lock;
pub use manifest::Manifest;
pub use marker::Marker;
pub use name::{ExtraName, NamePattern, ProjectName};
pub use printable::Printable;
pub use project_facts::{FileFacts, ProjectFacts, ReleaseFacts};
pub use project_history::ProjectHistory;
pub use purl::Purl;
pub use settings::{Client, IndexConfig, MachineSetting};
pub use source_file::SourceFile;
pub use span::Span;
pub use specifier::Specifiers;
pub use verdict::{Admission, Question, Verdict};
pub use version::Version;

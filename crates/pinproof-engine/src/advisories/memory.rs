//! A source that is a folder of records: read anew for each run, so that an edit counts at once.

use std::collections::BTreeMap;
use std::path::Path;

use pinproof_core::{Advisory, ProjectName};
use pinproof_sources::advisories::{AdvisoryError, CollectLimits, Head, collect};

use super::compile::compile;

/// Records that are read for every run; more belong into a database.
const MOST_RECORDS: usize = 5_000;

/// The records of a folder, an archive or a file.
#[derive(Debug)]
pub struct Memory {
    head: Head,
    projects: BTreeMap<ProjectName, Vec<Advisory>>,
}

impl Memory {
    /// Reads `path`; larger sources are refused, and are for `pinproof db build`.
    pub fn read(path: &Path) -> Result<Self, AdvisoryError> {
        let limits = CollectLimits {
            records: MOST_RECORDS,
            ..CollectLimits::default()
        };
        let mut head = Head::empty();
        let mut projects: BTreeMap<ProjectName, Vec<Advisory>> = BTreeMap::new();
        collect(path, limits, &mut |raw| {
            let record = compile(raw);
            head.count(&record);
            head.as_of = record
                .modified
                .map_or(head.as_of, |time| time.max(head.as_of));
            for (project, advisory) in record.advisories {
                projects.entry(project).or_default().push(advisory);
            }
        })?;
        Ok(Self { head, projects })
    }

    /// What it says of itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Every project that a record is about.
    pub fn project_names(&self) -> impl Iterator<Item = &ProjectName> {
        self.projects.keys()
    }

    /// The records about a project.
    pub fn about(&self, project: &ProjectName) -> Vec<Advisory> {
        self.projects.get(project).cloned().unwrap_or_default()
    }
}

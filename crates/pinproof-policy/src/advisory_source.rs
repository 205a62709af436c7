//! Which sources of advisories a policy trusts, for which names, and how old they may be.

use jiff::SignedDuration;
use pinproof_core::ProjectName;

use crate::policy::Policy;

/// The name of the public source that every policy has unless it turns it off.
pub const OSV: &str = "osv";

/// How old OSV's records may be where the policy says nothing.
const OSV_MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A source of advisories. Where it is belongs to the machine and takes no part in the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisorySource {
    /// Its name in reports, and that of its database.
    pub name: String,
    /// How old its newest record may be; `None` is any age.
    pub max_age: Option<SignedDuration>,
    /// The indexes whose names it speaks of too; a source speaks of every name that no index is bound to.
    pub indexes: Vec<String>,
    /// Whether it is asked at all.
    pub enabled: bool,
    /// Where its records are, if the policy says so.
    pub location: Option<AdvisoryLocation>,
}

/// Where the records of a source are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisoryLocation {
    /// A folder, an archive, a record or a database; relative to the configuration.
    Path(String),
    /// The address of an export laid out as OSV's: `all.zip` and `modified_id.csv`.
    Url(url::Url),
}

impl AdvisorySource {
    /// OSV with its defaults.
    pub fn osv() -> Self {
        Self {
            name: OSV.to_owned(),
            max_age: Some(OSV_MAX_AGE),
            indexes: Vec::new(),
            enabled: true,
            location: None,
        }
    }

    /// Whether it is a folder or file of this machine, and not fetched.
    pub fn is_read_in_place(&self) -> bool {
        matches!(self.location, Some(AdvisoryLocation::Path(_)))
    }
}

impl Policy {
    /// The sources that are asked: OSV, unless it is turned off, and those of the configuration.
    pub fn advisory_sources(&self) -> Vec<AdvisorySource> {
        let mut sources = self.advisories.clone();
        if !sources.iter().any(|source| source.name == OSV) {
            sources.insert(0, AdvisorySource::osv());
        }
        sources.retain(|source| source.enabled);
        sources
    }

    /// Whether `source` speaks of `project`: a name that is bound to an index is another project than
    /// the public one of that name.
    pub fn is_spoken_of(&self, project: &ProjectName, source: &AdvisorySource) -> bool {
        match self.bound_index(project) {
            None => true,
            Some(index) => index.default || source.indexes.contains(&index.name),
        }
    }
}

//! Requirements that name one file by its address: what a lock is made of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use pinproof_core::evidence::{Source, Unavailable};
use pinproof_core::filename;
use pinproof_core::manifest::{Origin, Requirement};
use pinproof_core::{Answer, FileFacts, IndexUrl, Printable, ProjectName, Version};
use pinproof_policy::subject::Route;
use pinproof_sources::{Index, IndexClient, ProjectPage};
use url::Url;

use super::ask::{self, Listing};
use crate::inputs::LoadedFile;

/// One file that an input names by its address.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    /// Stands in for the index that no one asks: the address without the file.
    place: Index,
    version: Version,
    file: FileFacts,
}

impl Direct {
    /// The file of a requirement; `None` if an index answers for it.
    ///
    /// # Errors
    ///
    /// Its name does not say what it is, or its address cannot be used; a sentence without a full stop.
    pub(super) fn of(
        file: &LoadedFile,
        requirement: &Requirement,
    ) -> Result<Option<Self>, Printable> {
        let Origin::Url { filename, .. } = &requirement.origin else {
            return Ok(None);
        };
        let Some(name) = &requirement.name else {
            return Ok(None);
        };
        let written = file.source.slice(requirement.origin_span).trim();
        let address = || -> Option<(Url, IndexUrl)> {
            let mut url = Url::parse(written).ok()?;
            url.set_fragment(None);
            let place = IndexUrl::parse(url.join(".").ok()?.as_str()).ok()?;
            Some((url, place))
        };
        // A variable may be a secret, and what it stands for is no part of a lock.
        let Some((url, place)) = address().filter(|_| !written.contains("${")) else {
            return Err(Printable::from(format!(
                "the address of `{name}` cannot be part of a lock"
            )));
        };
        let Some(parsed) = filename::parse(filename, name) else {
            let filename = Printable::new(filename).shortened(120);
            return Err(Printable::from(format!(
                "`{filename}` is not the name of a distribution of `{name}`, so nothing says its version"
            )));
        };
        let hashes = requirement
            .hashes
            .iter()
            .map(|written| written.hash.clone());
        Ok(Some(Self {
            place: Index {
                name: place.host().to_string(),
                url: place,
            },
            version: parsed.version,
            file: FileFacts {
                filename: filename.clone(),
                url: url.to_string(),
                hashes: hashes.filter(|hash| hash.algorithm().is_strong()).collect(),
                size: None,
                uploaded_at: None,
                yanked: None,
                requires_python: None,
                core_metadata: None,
                provenance: None,
            },
        }))
    }

    /// Whether the other requirement names the same file.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        self.file == other.file
    }

    /// The file as a page of its own; without a hash in the input, it is fetched and hashed once.
    pub(super) async fn listing(
        &self,
        project: &ProjectName,
        client: &IndexClient,
        now: Timestamp,
    ) -> Listing {
        let mut hashed = BTreeSet::new();
        let page = self.page(project, client, (now, &mut hashed)).await;
        Listing {
            route: Route::Nowhere,
            absent: Vec::new(),
            page,
            hashed,
        }
    }

    async fn page(
        &self,
        project: &ProjectName,
        client: &IndexClient,
        (now, hashed): (Timestamp, &mut BTreeSet<String>),
    ) -> Answer<(
        Index,
        ProjectPage,
        Vec<pinproof_core::project_facts::ReleaseSummary>,
    )> {
        let mut file = self.file.clone();
        if file.hashes.is_empty() {
            match client.sha256(&self.place, &file).await {
                Answer::Known(hash) => file.hashes.push(hash),
                Answer::Absent => return Answer::Absent,
                Answer::Unsupported(source) => return Answer::Unsupported(source),
                Answer::Unavailable(reason) => return Answer::Unavailable(reason),
            }
            hashed.insert(file.filename.clone());
        }
        match ProjectPage::of_file(&self.place, project, (self.version.clone(), file), now) {
            Ok(page) => ask::summaries(&page, now)
                .and_then(|releases| Answer::Known((self.place.clone(), page, releases))),
            Err(why) => {
                let source = Source::new(&self.place.name);
                Answer::Unavailable(Unavailable::new(&source, why))
            }
        }
    }
}

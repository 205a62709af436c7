//! `--online`: an OSV server is asked instead of a database.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::{ProjectName, Version};
use pinproof_policy::advisory_source::OSV;
use pinproof_policy::evidence::Advisories;
use pinproof_policy::{AdvisorySource, Policy};
use pinproof_sources::advisories::{AdvisoryError, Api, Compiled, RawRecord};

use super::compile::compile;
use crate::gather::{ByProject, Releases};

/// Requests for records under way at one time.
const IN_FLIGHT: usize = 16;

/// An OSV server that answers for one run.
#[derive(Clone, Debug)]
pub struct Online {
    api: Api,
}

impl Online {
    /// Asks `api`.
    pub fn new(api: Api) -> Self {
        Self { api }
    }

    /// What the server says of the pinned releases; names that are bound to an index are not sent.
    ///
    /// A server that gives no usable answer leaves a gap for every project.
    pub async fn about(&self, wanted: &Releases, policy: &Policy) -> ByProject<Advisories> {
        let osv = AdvisorySource::osv();
        let spoken: Vec<(&ProjectName, &BTreeSet<Version>)> = wanted
            .iter()
            .filter(|(project, _)| policy.is_spoken_of(project, &osv))
            .collect();
        let releases: Vec<(&ProjectName, &Version)> = spoken
            .iter()
            .flat_map(|(project, versions)| versions.iter().map(|version| (*project, version)))
            .collect();
        let answered = self.ask(&releases).await;
        let source = Source::new(OSV);
        let said = |project: &ProjectName| match &answered {
            Ok(records) => said_of(project, records, &source),
            Err(error) => Advisories {
                records: Vec::new(),
                gaps: vec![Unavailable::new(&source, error.to_string())],
            },
        };
        spoken
            .iter()
            .map(|(project, _)| ((*project).clone(), said(project)))
            .collect()
    }

    /// The records about the releases, read, by id.
    async fn ask(
        &self,
        releases: &[(&ProjectName, &Version)],
    ) -> Result<BTreeMap<String, Compiled>, AdvisoryError> {
        let ids: BTreeSet<String> = self
            .api
            .ids(releases)
            .await?
            .into_values()
            .flatten()
            .collect();
        let fetched: Vec<Result<(String, Compiled), AdvisoryError>> = stream::iter(ids)
            .map(|id| async move {
                let bytes = self.api.record(&id).await?;
                let raw = RawRecord {
                    name: format!("{id}.json"),
                    bytes: Ok(bytes),
                };
                Ok((id, compile(raw)))
            })
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        fetched.into_iter().collect()
    }
}

fn said_of(
    project: &ProjectName,
    records: &BTreeMap<String, Compiled>,
    source: &Source,
) -> Advisories {
    let mut found = Advisories::default();
    for record in records.values() {
        let about = record.advisories.iter().filter(|(name, _)| name == project);
        found
            .records
            .extend(about.map(|(_, advisory)| (source.clone(), advisory.clone())));
        let unclear = record
            .unclear
            .iter()
            .filter(|unclear| unclear.projects.is_empty() || unclear.projects.contains(project));
        let gaps = unclear.map(|unclear| {
            let why = format!("{} is not understood: {}", unclear.what, unclear.why);
            Unavailable::new(source, why)
        });
        found.gaps.extend(gaps);
    }
    found
}

/// The answers of a server and of the other sources, together.
pub(crate) fn joined(online: Option<Advisories>, others: Answer<Advisories>) -> Answer<Advisories> {
    match (online, others) {
        (Some(mut online), Answer::Known(others)) => {
            online.records.extend(others.records);
            online.gaps.extend(others.gaps);
            Answer::Known(online)
        }
        (Some(online), _) => Answer::Known(online),
        (None, others) => others,
    }
}

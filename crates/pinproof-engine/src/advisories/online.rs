//! `--online`: an OSV server is asked instead of a database.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::{Printable, ProjectName, Version};
use pinproof_policy::Policy;
use pinproof_policy::advisory_source::OSV;
use pinproof_policy::evidence::Advisories;
use pinproof_sources::advisories::{AdvisoryError, Api, Compiled};

use super::compile::compile_as;
use super::{AdvisoryUse, not_understood};
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

    /// The server as the report shows it.
    pub fn as_used(&self) -> AdvisoryUse {
        AdvisoryUse {
            name: Printable::new(OSV),
            server: Some(self.api.shown()),
            head: None,
            digest: None,
            trouble: None,
        }
    }

    /// What the server says of the pinned releases; names that OSV does not speak of are not sent.
    ///
    /// A server that gives no usable answer leaves a gap for every project; a record that it lists and does
    /// not give, for the projects it is about.
    pub async fn about(&self, wanted: &Releases, policy: &Policy) -> ByProject<Advisories> {
        let sources = policy.advisory_sources();
        let Some(osv) = sources.iter().find(|source| source.name == OSV) else {
            return ByProject::new();
        };
        let spoken = wanted
            .iter()
            .filter(|(project, _)| policy.is_spoken_of(project, osv));
        let spoken: Vec<_> = spoken.collect();
        let releases: Vec<(&ProjectName, &Version)> = spoken
            .iter()
            .flat_map(|(project, versions)| versions.iter().map(|version| (*project, version)))
            .collect();
        let answered = self.ask(&releases).await;
        let said = |project: &ProjectName| match &answered {
            Ok(answers) => answers.about(project),
            Err(error) => Advisories {
                records: Vec::new(),
                gaps: vec![gap(error.to_string())],
            },
        };
        spoken
            .iter()
            .map(|(project, _)| ((*project).clone(), said(project)))
            .collect()
    }

    async fn ask(&self, releases: &[(&ProjectName, &Version)]) -> Result<Answers, AdvisoryError> {
        let mut listed: ByProject<BTreeSet<String>> = ByProject::new();
        for ((project, _), ids) in self.api.ids(releases).await? {
            listed.entry(project.clone()).or_default().extend(ids);
        }
        let ids: BTreeSet<String> = listed.values().flatten().cloned().collect();
        let records = stream::iter(ids)
            .map(|id| async move {
                let record = self.api.record(&id).await;
                let record = record.and_then(|bytes| compile_as(&id, bytes));
                (id, record)
            })
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        Ok(Answers { listed, records })
    }
}

/// What a server answered.
struct Answers {
    /// The ids that it lists for the releases of a project.
    listed: ByProject<BTreeSet<String>>,
    /// The records of these ids, read.
    records: BTreeMap<String, Result<Compiled, AdvisoryError>>,
}

impl Answers {
    fn about(&self, project: &ProjectName) -> Advisories {
        let mut found = Advisories::default();
        let listed = self.listed.get(project).into_iter().flatten();
        for (id, record) in listed.filter_map(|id| self.records.get_key_value(id)) {
            match record {
                Ok(record) => add(record, project, &mut found),
                Err(error) => {
                    let id = Printable::new(id).shortened(80);
                    found.gaps.push(gap(format!("the record {id}: {error}")));
                }
            }
        }
        found
    }
}

/// Adds what a record that is listed for `project` says of it, and what of it is not understood.
fn add(record: &Compiled, project: &ProjectName, found: &mut Advisories) {
    let about = record.advisories.iter().filter(|(name, _)| name == project);
    let about = about.map(|(_, advisory)| (Source::new(OSV), advisory.clone()));
    found.records.extend(about);
    let gaps = record
        .unclear
        .iter()
        .map(|unclear| gap(not_understood(unclear)));
    found.gaps.extend(gaps);
}

fn gap(why: String) -> Unavailable {
    Unavailable::new(&Source::new(OSV), why)
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

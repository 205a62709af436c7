//! OSV's API (<https://google.github.io/osv.dev/api/>): which records are about which releases, asked of a server.
//!
//! The server learns what a project depends on. It is asked only where the user says so; the database is
//! the better way.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::{Printable, ProjectName, Version};
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::AdvisoryError;
use crate::Limits;
use crate::http::{Fetched, Http, Request};

/// An OSV server.
#[derive(Clone, Debug)]
pub struct Api {
    base: Url,
    http: Http,
    limits: ApiLimits,
}

/// How much is asked of, and accepted from, a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiLimits {
    /// Releases in one request; OSV takes 1,000.
    pub batch: usize,
    /// Pages of one answer.
    pub pages: usize,
    /// Bytes of one answer.
    pub answer_bytes: u64,
}

impl Default for ApiLimits {
    fn default() -> Self {
        Self {
            batch: 1_000,
            pages: 100,
            answer_bytes: 32 * 1024 * 1024,
        }
    }
}

#[derive(Serialize)]
struct Queries<'a> {
    queries: Vec<Query<'a>>,
}

#[derive(Serialize)]
struct Query<'a> {
    package: Package<'a>,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

#[derive(Serialize)]
struct Package<'a> {
    ecosystem: &'static str,
    name: &'a str,
}

#[derive(Deserialize)]
struct Answers {
    results: Vec<AnswerOfOne>,
}

#[derive(Deserialize)]
struct AnswerOfOne {
    #[serde(default)]
    vulns: Vec<Known>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Known {
    id: String,
}

impl Api {
    /// The server at `base`, asked within `requests`.
    pub fn new(base: &Url, requests: Limits, limits: ApiLimits) -> Self {
        let mut base = base.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Self {
            base,
            http: Http::new(requests),
            limits,
        }
    }

    /// Its address as reports show it, without credentials.
    pub fn shown(&self) -> Printable {
        super::feed::shown(&self.base)
    }

    /// The ids of the records about each release.
    ///
    /// Every release is in the answer, or the whole is an error: a server that answers fewer questions
    /// than it was asked has said nothing of the others.
    pub async fn ids<'a>(
        &self,
        releases: &[(&'a ProjectName, &'a Version)],
    ) -> Result<BTreeMap<(&'a ProjectName, &'a Version), BTreeSet<String>>, AdvisoryError> {
        let mut ids: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for batch in releases.chunks(self.limits.batch.max(1)) {
            let mut open: Vec<_> = batch.iter().map(|release| (*release, None)).collect();
            let mut pages = 0;
            while !open.is_empty() {
                pages += 1;
                if pages > self.limits.pages {
                    return Err(bad("an answer has more pages than anybody reads"));
                }
                let answers = self.query(&open).await?;
                let mut next = Vec::new();
                for ((release, _), answer) in open.into_iter().zip(answers) {
                    let known = ids.entry(release).or_default();
                    known.extend(answer.vulns.into_iter().map(|known| known.id));
                    let token = answer.next_page_token.filter(|token| !token.is_empty());
                    next.extend(token.map(|token| (release, Some(token))));
                }
                open = next;
            }
        }
        Ok(ids)
    }

    /// One record, as JSON.
    pub async fn record(&self, id: &str) -> Result<Vec<u8>, AdvisoryError> {
        let mut url = self.join("v1/vulns/")?;
        let mut path = url
            .path_segments_mut()
            .map_err(|()| bad("the address has no path"))?;
        path.pop_if_empty().push(id);
        drop(path);
        self.ask(&url, None).await
    }

    async fn query(
        &self,
        open: &[((&ProjectName, &Version), Option<String>)],
    ) -> Result<Vec<AnswerOfOne>, AdvisoryError> {
        let queries = open.iter().map(|((project, version), token)| Query {
            package: Package {
                ecosystem: "PyPI",
                name: project.as_str(),
            },
            version: version.to_string(),
            page_token: token.clone(),
        });
        let queries = Queries {
            queries: queries.collect(),
        };
        let body =
            serde_json::to_vec(&queries).map_err(|_| bad("the question cannot be written"))?;
        let answer = self.ask(&self.join("v1/querybatch")?, Some(&body)).await?;
        let answers: Answers = serde_json::from_slice(&answer)
            .map_err(|_| bad("the answer is not what an OSV server answers"))?;
        if answers.results.len() == open.len() {
            Ok(answers.results)
        } else {
            let (got, asked) = (answers.results.len(), open.len());
            Err(bad(&format!("answered {got} of {asked} questions")))
        }
    }

    async fn ask(&self, url: &Url, json: Option<&[u8]>) -> Result<Vec<u8>, AdvisoryError> {
        let request = Request {
            url,
            realm: Some(&self.base),
            accept: "application/json",
            range: None,
            json,
            known: None,
            exact_bytes: false,
            what: "answer",
            max_bytes: self.limits.answer_bytes,
        };
        let fetched: Fetched<Vec<u8>> = self.http.get(&request).await?;
        Ok(fetched.body)
    }

    fn join(&self, path: &str) -> Result<Url, AdvisoryError> {
        self.base
            .join(path)
            .map_err(|_| bad("the address of the server is no base"))
    }
}

fn bad(why: &str) -> AdvisoryError {
    AdvisoryError::BadAnswer(Printable::new(why))
}

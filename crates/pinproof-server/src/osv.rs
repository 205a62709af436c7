//! OSV's API (<https://google.github.io/osv.dev/api/>) on a local database, for tools that speak it.
//!
//! `POST /v1/query`, `POST /v1/querybatch` and `GET /v1/vulns/ID`. What may be about a version is in the
//! answer too: a tool that asks here must not hear less than `pinproof audit` says. Answers are whole;
//! there are no further pages.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use pinproof_core::advisory::Match;
use pinproof_core::{Advisory, ProjectName, Version};
use pinproof_engine::sources::{AdvisoryError, Database, RecordTable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::connections::{self, Bounds, Door};

/// Queries of one batch, as OSV's server limits them.
const MOST_QUERIES: usize = 1_000;
/// Bytes of one request.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A database that answers.
#[derive(Debug)]
pub struct Served {
    database: Database,
    records: RecordTable,
    /// The time to answer for; `None` is that of each question.
    at: Option<Timestamp>,
    bounds: Bounds,
}

/// A question about one release, or about all of a project.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    package: Package,
    version: String,
    commit: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Package {
    name: String,
    ecosystem: String,
    purl: String,
}

#[derive(Debug, Deserialize)]
struct Batch {
    queries: Vec<Query>,
}

#[derive(Serialize)]
struct Found {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vulns: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct FoundInBatch {
    results: Vec<IdsOfOne>,
}

#[derive(Serialize)]
struct IdsOfOne {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vulns: Vec<Id>,
}

#[derive(Serialize)]
struct Id {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
}

/// Why a question has no answer, as OSV's server says it.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: u8,
    message: String,
}

/// A project and a version, understood.
struct Asked {
    project: ProjectName,
    version: Option<String>,
}

impl Served {
    /// Answers from `database`. With a time, records that were not published or already withdrawn then are
    /// left out.
    pub fn new(database: Database, at: Option<Timestamp>) -> Result<Self, AdvisoryError> {
        Ok(Self {
            records: database.record_table()?,
            database,
            at,
            bounds: Bounds::default(),
        })
    }

    /// The same with other bounds for its clients.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Answers at the door until `stop` is over; requests under way are answered first.
    pub async fn serve(self, door: impl Into<Door>, stop: impl Future<Output = ()>) {
        let bounds = self.bounds;
        let router = Router::new()
            .route("/v1/query", post(query))
            .route("/v1/querybatch", post(query_batch))
            .route("/v1/vulns/{id}", get(record))
            .layer(DefaultBodyLimit::max(MOST_BYTES))
            .with_state(Arc::new(self));
        connections::serve(door.into(), router, bounds, stop).await;
    }
}

async fn query(State(served): State<Arc<Served>>, body: Bytes) -> Result<Response, Refusal> {
    let asked = read::<Query>(&body)?.understood()?;
    let mut vulns = Vec::new();
    for advisory in served.about(&asked)? {
        vulns.push(served.record(&advisory.id)?);
    }
    Ok(axum::Json(Found { vulns }).into_response())
}

async fn query_batch(State(served): State<Arc<Served>>, body: Bytes) -> Result<Response, Refusal> {
    let queries = read::<Batch>(&body)?.queries;
    if queries.len() > MOST_QUERIES {
        return Err(Refusal::invalid(format!(
            "more than {MOST_QUERIES} queries"
        )));
    }
    let mut results = Vec::new();
    for query in queries {
        let advisories = served.about(&query.understood()?)?;
        let vulns = advisories.into_iter().map(|advisory| Id {
            modified: advisory.modified.map(|time| time.to_string()),
            id: advisory.id,
        });
        results.push(IdsOfOne {
            vulns: vulns.collect(),
        });
    }
    Ok(axum::Json(FoundInBatch { results }).into_response())
}

/// Reads a body, whatever type it says it has: OSV's server does so, and pip-audit names none.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("the body is no question: {error}")))
}

async fn record(
    State(served): State<Arc<Served>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let found = served.database.record(&served.records, &id)?;
    let bytes = found.ok_or_else(|| Refusal {
        status: StatusCode::NOT_FOUND,
        code: 5,
        message: "Bug not found.".to_owned(),
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes).into_response())
}

impl Served {
    /// The records in force about what is asked, in the order of their ids.
    fn about(&self, asked: &Asked) -> Result<Vec<Advisory>, AdvisoryError> {
        let mut advisories = self.database.project(&asked.project)?;
        let at = self.at.unwrap_or_else(Timestamp::now);
        advisories.retain(|advisory| advisory.is_in_force(at) && asked.concerns(advisory));
        Ok(advisories)
    }

    fn record(&self, id: &str) -> Result<Box<RawValue>, Refusal> {
        let lost = || Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: 13,
            message: "a record of the database is no JSON".to_owned(),
        };
        let bytes = self.database.record(&self.records, id)?.ok_or_else(lost)?;
        serde_json::from_slice(&bytes).map_err(|_| lost())
    }
}

impl Asked {
    fn concerns(&self, advisory: &Advisory) -> bool {
        let Some(version) = &self.version else {
            return true;
        };
        let found = match version.parse::<Version>() {
            Ok(version) => advisory.affects(&version),
            Err(_) => advisory.affects_text(version),
        };
        found != Match::No
    }
}

impl Query {
    /// The project and version; another ecosystem, or a question by commit, cannot be answered here, and an
    /// empty answer would say that all is well.
    fn understood(self) -> Result<Asked, Refusal> {
        if !self.commit.is_empty() {
            return Err(Refusal::invalid(
                "questions by commit are not answered here",
            ));
        }
        let Package {
            mut name,
            ecosystem,
            purl,
        } = self.package;
        let mut version = self.version;
        if !purl.is_empty() {
            let (of_purl, in_purl) = read_purl(&purl)
                .ok_or_else(|| Refusal::invalid("the purl is not of the type `pypi`"))?;
            name = of_purl;
            version = in_purl.unwrap_or(version);
        } else if ecosystem != "PyPI" {
            return Err(Refusal::invalid(
                "only the ecosystem `PyPI` is answered for here",
            ));
        }
        let project = name
            .parse()
            .map_err(|_| Refusal::invalid("the name is no name of a project"))?;
        Ok(Asked {
            project,
            version: (!version.is_empty()).then_some(version),
        })
    }
}

/// The name and version of a purl of type `pypi`.
fn read_purl(purl: &str) -> Option<(String, Option<String>)> {
    let rest = purl.strip_prefix("pkg:pypi/")?;
    let rest = rest.split(['?', '#']).next()?;
    match rest.split_once('@') {
        Some((name, version)) => Some((
            name.to_owned(),
            Some(version.replace("%2B", "+").replace("%2b", "+")),
        )),
        None => Some((rest.to_owned(), None)),
    }
}

impl Refusal {
    fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: 3,
            message: message.into(),
        }
    }
}

impl From<AdvisoryError> for Refusal {
    fn from(error: AdvisoryError) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: 13,
            message: error.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({"code": self.code, "message": self.message});
        (self.status, axum::Json(body)).into_response()
    }
}

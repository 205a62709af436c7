//! An index that `run.py` filled: `simple/NAME.json`, `simple/NAME.html` and `files/FILENAME`, answered after a while.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as InPath, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

struct Upstream {
    folder: PathBuf,
    late: Duration,
}

/// Answers from `folder`, so late.
pub(crate) fn router(folder: &str, late: Duration) -> Router {
    let folder = PathBuf::from(folder);
    Router::new()
        .route("/simple/", get(root))
        .route("/simple/{project}/", get(page))
        .route("/files/{filename}", get(file))
        .with_state(Arc::new(Upstream { folder, late }))
}

impl Upstream {
    fn read(&self, part: &str, name: &str) -> Option<Bytes> {
        let path = self.folder.join(part).join(Path::new(name).file_name()?);
        std::fs::read(path).ok().map(Bytes::from)
    }

    async fn wait(&self) {
        if !self.late.is_zero() {
            tokio::time::sleep(self.late).await;
        }
    }
}

/// Mirrors want every name.
async fn root(State(upstream): State<Arc<Upstream>>) -> Html<String> {
    upstream.wait().await;
    let pages = std::fs::read_dir(upstream.folder.join("simple")).expect("a folder");
    let names = pages.filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let name = name.strip_suffix(".json")?;
        Some(format!("<a href=\"/simple/{name}/\">{name}</a><br>\n"))
    });
    Html(format!(
        "<!DOCTYPE html><html><body>\n{}</body></html>\n",
        names.collect::<String>()
    ))
}

async fn page(
    State(upstream): State<Arc<Upstream>>,
    InPath(project): InPath<String>,
    headers: HeaderMap,
) -> Response {
    upstream.wait().await;
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let wants_json =
        accept.is_some_and(|accept| accept.contains("application/vnd.pypi.simple.v1+json"));
    let (end, media_type) = if wants_json {
        ("json", "application/vnd.pypi.simple.v1+json")
    } else {
        ("html", "text/html; charset=utf-8")
    };
    match upstream.read("simple", &format!("{project}.{end}")) {
        Some(body) => {
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, "max-age=600, public"),
                (header::VARY, "Accept"),
            ];
            (headers, body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn file(State(upstream): State<Arc<Upstream>>, InPath(filename): InPath<String>) -> Response {
    upstream.wait().await;
    match upstream.read("files", &filename) {
        Some(body) => ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

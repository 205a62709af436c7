//! `/files/<sha256>/<filename>.provenance`: what an index says of where a file comes from (PEP 740), from our own
//! address.
//!
//! It is fetched once and kept beside the file. Nobody here looks into it: what it is worth is for whoever verifies
//! its signatures. A page offers it for the files that are handed out.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::Response;
use pinproof_core::Printable;
use pinproof_engine::admit::AdmittedFile;
use pinproof_engine::sources::{DownloadError, Wanted};
use serde_json::Value;
use tokio::time::timeout;

use super::answer::of_content;
use super::model::{Model, withheld};
use super::refusal::Refusal;
use super::{Gateway, addresses, evidence};
use crate::store::words::Sha256;

/// The most that the provenance of a file may have.
const MOST: usize = 1 << 20;
/// How long a client waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a page offers for a file, if its upstream does.
pub(super) fn offered(file: &AdmittedFile, public: &str) -> Option<String> {
    file.facts.provenance.as_ref()?;
    let sha256 = evidence::sha256(&file.facts).filter(|_| withheld(file).is_none())?;
    Some(addresses::provenance(public, sha256, &file.facts.filename))
}

/// The provenance from the store, or from the upstream.
pub(super) async fn answer(
    gateway: &Gateway,
    (model, file): (&Model, &AdmittedFile),
    sha256: Sha256,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let of_store = |error| Refusal::of_store(&error);
    let store = &gateway.0.store;
    let kept = store.provenance(sha256).await.map_err(of_store)?;
    let content = match (kept, &file.facts.provenance) {
        (Some(kept), _) => kept,
        (None, None) => {
            return Err(Refusal::nothing("no provenance is offered for this file"));
        }
        (None, Some(url)) => {
            let late = Printable::new("its provenance takes too long");
            let fetched = timeout(PATIENCE, gateway.provenance_at(url, model, file)).await;
            let fetched = fetched.unwrap_or(Err(late));
            let content =
                fetched.map_err(|why| Refusal::of_transfer(&file.facts.filename, &why))?;
            let saved = store.save_provenance(sha256, content.clone()).await;
            saved.map_err(of_store)?;
            content
        }
    };
    let etag = format!("\"{}\"", Sha256::of(&content));
    let how = ("application/json", "private, max-age=600");
    Ok(of_content(content, &etag, how, headers))
}

impl Gateway {
    async fn provenance_at(
        &self,
        url: &str,
        model: &Model,
        file: &AdmittedFile,
    ) -> Result<Vec<u8>, Printable> {
        let said = |error: DownloadError| Printable::from(format!("its provenance: {error}"));
        let wanted = Wanted {
            filename: &file.facts.filename,
            url,
            index: Some(&model.index.url),
            hashes: &[],
            size: None,
        };
        let gate = self.gate();
        let mut stream = gate.client().open(&wanted).await.map_err(said)?;
        let mut content = Vec::new();
        while let Some(piece) = stream.next().await.map_err(said)? {
            content.extend(piece);
            if content.len() > MOST {
                return Err(Printable::new("its provenance is larger than 1 MiB"));
            }
        }
        if is_provenance(&content) {
            Ok(content)
        } else {
            Err(Printable::new(
                "what its index gives as its provenance is none",
            ))
        }
    }
}

/// Whether it has the form of PEP 740: a page that says something else is not kept for ever.
fn is_provenance(content: &[u8]) -> bool {
    let Ok(Value::Object(read)) = serde_json::from_slice(content) else {
        return false;
    };
    let bundles = read.get("attestation_bundles").and_then(Value::as_array);
    read.get("version").and_then(Value::as_u64) == Some(1)
        && bundles.is_some_and(|bundles| !bundles.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_provenance;

    #[test]
    fn what_has_not_the_form_is_not_kept() {
        assert!(is_provenance(
            br#"{"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": []}]}"#
        ));
        let deep = format!(
            "{{\"version\": 1, \"attestation_bundles\": [{}{}]}}",
            "[".repeat(5_000),
            "]".repeat(5_000)
        );
        for bad in [
            "",
            "<html></html>",
            "[]",
            "{}",
            r#"{"version": 1}"#,
            r#"{"version": 1, "attestation_bundles": []}"#,
            r#"{"version": 2, "attestation_bundles": [{}]}"#,
            "[1, [{}]]",
            r#"{"version": "1", "attestation_bundles": [{}]}"#,
            &deep,
        ] {
            assert!(!is_provenance(bad.as_bytes()), "{bad:.80}");
        }
    }
}

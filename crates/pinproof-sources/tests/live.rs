//! One look at the real PyPI; skipped, loudly, where it cannot be reached, and a failure in CI.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod support;

use pinproof_core::Answer;
use pinproof_sources::{ClientSettings, IndexClient, Release, endpoints};
use support::{index, project, versions};

#[tokio::test]
async fn click_on_pypi() {
    let client = IndexClient::new(ClientSettings::default());
    let pypi = index(endpoints::PYPI_INDEX);
    let (click, version) = (project("click"), "8.1.7".parse().unwrap());
    let facts = match client.project(&pypi, &click, &versions(&["8.1.7"])).await {
        Answer::Known(facts) => facts,
        other if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("PyPI: {other:?}"),
        other => {
            println!("SKIPPED: PyPI cannot be reached: {other:?}");
            return;
        }
    };
    assert!(facts.releases.len() > 40 && facts.publishes.upload_times);
    assert_eq!(facts.not_understood, 0);
    let release = Release {
        project: &click,
        version: &version,
        files: &facts.files[&version],
    };
    let found = client.metadata(&pypi, release, &|_| 0).await;
    let Answer::Known(Ok(metadata)) = found else {
        panic!("{found:?}")
    };
    assert_eq!(
        metadata.requires_dist,
        [
            "colorama ; platform_system == \"Windows\"",
            "importlib-metadata ; python_version < \"3.8\""
        ]
    );
    assert_eq!(metadata.requires_python.as_deref(), Some(">=3.7"));
}

//! Pages of the Simple API in both forms: what is read, what is counted as not understood, what is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use std::fmt::Write;

use pinproof_core::project_facts::StatusMarker;
use pinproof_core::{FileFacts, HashAlgorithm, ProjectName, Version};
use pinproof_sources::{Page, PageError, pure};
use url::Url;

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const SHA: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn read(content_type: &str, body: &str) -> Result<Page, PageError> {
    let project: ProjectName = "demo".parse().unwrap();
    let url = Url::parse("https://corp.example/simple/demo/").unwrap();
    pure::page(content_type, body.as_bytes(), &url, &project)
}

fn json(files: &str) -> Page {
    read(JSON, &format!(r#"{{"name": "demo", "files": [{files}]}}"#)).unwrap()
}

fn entry(rest: &str) -> Page {
    json(&format!(
        r#"{{"filename": "demo-1.0.tar.gz", "url": "demo-1.0.tar.gz", "hashes": {{"sha256": "{SHA}"}} {rest}}}"#
    ))
}

fn only(page: &Page) -> &FileFacts {
    assert_eq!((page.releases.len(), page.not_understood), (1, 0));
    &page.releases.values().next().unwrap().files[0]
}

#[test]
fn every_field_of_an_entry() {
    let page = entry(
        r#", "size": 7, "upload-time": "2018-09-25T20:57:05.462110Z", "requires-python": ">=3.8",
           "yanked": "broken", "core-metadata": {"sha256": "AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
           "gpg-sig": false, "provenance": null, "_private": [1, {"x": []}]"#,
    );
    let file = only(&page);
    assert_eq!(file.url, "https://corp.example/simple/demo/demo-1.0.tar.gz");
    assert_eq!(file.hash(HashAlgorithm::Sha256).unwrap().digest(), SHA);
    assert_eq!(file.size, Some(7));
    assert_eq!(
        file.uploaded_at.unwrap().to_string(),
        "2018-09-25T20:57:05.46211Z"
    );
    assert_eq!(file.requires_python.as_deref(), Some(">=3.8"));
    assert_eq!(file.yanked, Some(Some("broken".to_owned())));
    assert_eq!(file.core_metadata.as_ref().unwrap()[0].digest(), SHA);
    assert!(page.publishes.upload_times);
    assert!(!page.publishes.project_status);
    assert!(page.publishes.hashes.contains(&HashAlgorithm::Sha256));
}

#[test]
fn values_that_mean_nothing_and_values_that_mean_something() {
    let nothing = entry(
        r#", "size": null, "upload-time": null, "requires-python": "", "yanked": false, "core-metadata": false"#,
    );
    let file = only(&nothing);
    assert_eq!(
        (file.size, file.uploaded_at, &file.requires_python),
        (None, None, &None)
    );
    assert_eq!((&file.yanked, &file.core_metadata), (&None, &None));
    for yanked in ["true", "\"\""] {
        assert_eq!(
            only(&entry(&format!(r#", "yanked": {yanked}"#))).yanked,
            Some(None)
        );
    }
    for key in [
        "core-metadata",
        "dist-info-metadata",
        "data-dist-info-metadata",
    ] {
        let page = entry(&format!(r#", "{key}": true"#));
        assert_eq!(only(&page).core_metadata, Some(Vec::new()), "{key}");
    }
}

#[test]
fn a_bad_entry_is_counted_and_kept_out() {
    let good = format!(
        r#"{{"filename": "demo-1.0.tar.gz", "url": "x", "hashes": {{"sha256": "{SHA}"}}}}"#
    );
    let bad = [
        r#"{"filename": "demo-2.0.tar.gz", "url": "x"}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "x", "hashes": []}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "x", "hashes": {"sha256": "abc"}}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "x", "hashes": {}, "size": -1}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "x", "hashes": {}, "size": "7"}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "x", "hashes": {}, "yanked": 1}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "x", "hashes": {}, "upload-time": "yesterday"}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "ftp://x/y", "hashes": {}}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "file:///etc/passwd", "hashes": {}}"#,
        r#"{"filename": "demo-2.0.tar.gz", "url": "javascript:alert(1)", "hashes": {}}"#,
        r#"{"filename": "../demo-2.0.tar.gz", "url": "x", "hashes": {}}"#,
        r#"{"filename": "other-2.0.tar.gz", "url": "x", "hashes": {}}"#,
        r#"{"filename": "demo-two.tar.gz", "url": "x", "hashes": {}}"#,
        "null",
        "7",
    ];
    for bad in bad {
        let page = json(&format!("{bad}, {good}"));
        assert_eq!((page.releases.len(), page.not_understood), (1, 1), "{bad}");
    }
}

#[test]
fn an_unknown_algorithm_is_left_out() {
    let page =
        json(r#"{"filename": "demo-1.0.tar.gz", "url": "x", "hashes": {"shake_256": "00ff"}}"#);
    assert!(only(&page).hashes.is_empty());
    assert!(page.publishes.hashes.is_empty());
}

#[test]
fn releases_in_the_order_of_versions() {
    let mut files = String::new();
    for version in [
        "1.10",
        "1.2",
        "1.2rc1",
        "1.2.post1",
        "2.0.dev1",
        "1.0.0",
        "1.0",
    ] {
        let _ = write!(
            files,
            r#"{{"filename": "demo-{version}.tar.gz", "url": "x", "hashes": {{}}}},"#
        );
    }
    let page = json(files.trim_end_matches(','));
    let versions: Vec<String> = page.releases.keys().map(Version::to_string).collect();
    assert_eq!(
        versions,
        ["1.0.0", "1.2rc1", "1.2", "1.2.post1", "1.10", "2.0.dev1"]
    );
    assert_eq!(page.releases.values().next().unwrap().files.len(), 2);
}

#[test]
fn project_status() {
    let page = |rest: &str| read(JSON, &format!(r#"{{"files": [] {rest}}}"#)).unwrap();
    assert_eq!(page("").status, None);
    assert!(
        page(r#", "meta": {"api-version": "1.4"}"#)
            .publishes
            .project_status
    );
    assert!(
        !page(r#", "meta": {"api-version": "1.3"}"#)
            .publishes
            .project_status
    );
    let quarantined = page(r#", "project-status": {"status": "quarantined", "reason": "malware"}"#);
    let status = quarantined.status.unwrap();
    assert_eq!(
        (status.marker, status.reason.as_deref()),
        (StatusMarker::Quarantined, Some("malware"))
    );
    let new = page(r#", "project-status": {"status": "adopted"}"#)
        .status
        .unwrap();
    assert_eq!(new.marker, StatusMarker::Other("adopted".to_owned()));
}

#[test]
fn the_html_form() {
    let page = read(
        "text/html",
        &format!(
            r#"<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.4">
            <meta name="pypi:project-status" content="archived">
            <meta name="pypi:project-status-reason" content="use &lt;demo2&gt;">
            <base href="https://files.corp.example/p/"></head><body><a href="/">home</a>
            <A HREF="demo-1.0%2Blocal-py3-none-any.whl#sha256={SHA}&amp;x=y" data-requires-python="&gt;=3.8"
               data-yanked data-dist-info-metadata="sha256={SHA}">whatever</A>
            <a href="../q/demo-2.0.tar.gz#md5=d41d8cd98f00b204e9800998ecf8427e" data-yanked="bad"
               data-core-metadata="true">x</a>
            <a href="demo-3.0.tar.gz">no hash</a><a href="other-3.0.tar.gz">x</a><a>x</a><!-- <a href="demo-9.tar.gz"> -->"#
        ),
    )
    .unwrap();
    assert_eq!(page.not_understood, 1);
    let status = page.status.as_ref().unwrap();
    assert_eq!(
        (&status.marker, status.reason.as_deref()),
        (&StatusMarker::Archived, Some("use <demo2>"))
    );
    let files: Vec<&FileFacts> = page
        .releases
        .values()
        .flat_map(|release| &release.files)
        .collect();
    let [local, yanked, plain] = files[..] else {
        panic!("{files:?}")
    };
    assert_eq!(local.filename, "demo-1.0+local-py3-none-any.whl");
    assert_eq!(
        local.url,
        "https://files.corp.example/p/demo-1.0%2Blocal-py3-none-any.whl"
    );
    assert_eq!(local.hashes[0].to_string(), format!("sha256:{SHA}"));
    assert_eq!(local.requires_python.as_deref(), Some(">=3.8"));
    assert_eq!(local.yanked, Some(None));
    assert_eq!(local.core_metadata.as_ref().unwrap().len(), 1);
    assert_eq!(yanked.url, "https://files.corp.example/q/demo-2.0.tar.gz");
    assert_eq!(yanked.hashes[0].algorithm(), HashAlgorithm::Md5);
    assert_eq!(yanked.yanked, Some(Some("bad".to_owned())));
    assert_eq!(yanked.core_metadata, Some(Vec::new()));
    assert!(plain.hashes.is_empty());
    assert!(!page.publishes.upload_times);
}

#[test]
fn html_with_nothing_to_recognize_is_a_web_page() {
    let marked = r#"<meta name="pypi:repository-version" content="1.0">"#;
    assert!(read("text/html", marked).unwrap().releases.is_empty());
    let links_alone = r#"<a href="demo-1.0.tar.gz">demo-1.0.tar.gz</a>"#;
    assert_eq!(read("text/html", links_alone).unwrap().releases.len(), 1);
    let others = r#"<a href="other-1.0.tar.gz">other-1.0.tar.gz</a>"#;
    assert_eq!(read("text/html", others).unwrap_err(), PageError::WebPage);
    let marked_others = format!("{marked}{others}");
    assert_eq!(
        read("text/html", &marked_others).unwrap_err(),
        PageError::NothingUnderstood(1)
    );
    let next = r#"<meta name="pypi:repository-version" content="2.0">"#;
    assert!(matches!(
        read("text/html", next),
        Err(PageError::ApiVersion(_))
    ));
}

#[test]
fn a_page_of_many_files_takes_linear_time() {
    let time = |files: usize| {
        let mut body = String::from(r#"{"name": "demo", "files": ["#);
        for n in 0..files {
            let _ = write!(
                body,
                r#"{{"filename": "demo-1.{n}.tar.gz", "url": "x", "hashes": {{}}}},"#
            );
        }
        body.pop();
        body.push_str("]}");
        let run = || {
            let start = std::time::Instant::now();
            assert_eq!(read(JSON, &body).unwrap().releases.len(), files);
            start.elapsed()
        };
        (0..3).map(|_| run()).min().unwrap()
    };
    let (small, large) = (time(2_000), time(20_000));
    assert!(
        large < small * 40,
        "{small:?} for 2,000 files, {large:?} for 20,000"
    );
}

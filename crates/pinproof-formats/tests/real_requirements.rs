//! Requirements files of a real project (PyPI's own), when they are at hand.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests read files, and stop where they fail"
)]

use std::path::PathBuf;

use pinproof_core::Manifest;
use pinproof_core::manifest::{LockTool, Via};
use pinproof_formats::coverage::uncovered;
use pinproof_formats::decode::decode;
use pinproof_formats::requirements_txt::parse;

fn real(name: &str) -> Option<(String, Manifest)> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/requirements");
    let path = folder.join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_ci, "{} is missing", path.display());
        eprintln!("skipped: {} is missing", path.display());
        return None;
    };
    let text = decode(&bytes).unwrap().text;
    let manifest = parse(&text, &|_| None);
    assert_eq!(uncovered(&manifest, &text), [], "{name}");
    assert_eq!(manifest.not_understood, [], "{name}");
    Some((text, manifest))
}

#[test]
fn reads_the_lock_of_warehouse() {
    let Some((text, manifest)) = real("warehouse-main.txt") else {
        return;
    };
    assert_eq!(manifest.requirements.len(), 184);
    let pinned = manifest
        .requirements
        .iter()
        .filter(|r| r.pin().is_some() && r.has_strong_hash());
    assert_eq!(pinned.count(), 184);
    let hashes: usize = manifest.requirements.iter().map(|r| r.hashes.len()).sum();
    assert_eq!(hashes, text.matches("--hash=").count());
    for written in manifest.requirements.iter().flat_map(|r| &r.hashes) {
        assert_eq!(
            &text[written.span.start..written.span.end],
            written.hash.to_string()
        );
    }
    assert!(manifest.requirements.iter().all(|r| !r.via.is_empty()));
    let via: usize = manifest.requirements.iter().map(|r| r.via.len()).sum();
    let inline = text.matches("# via ").count();
    assert_eq!(via, inline + text.matches("\n    #   ").count());
    let amqp = manifest
        .requirements
        .iter()
        .find(|r| text[r.name_span.start..r.name_span.end] == *"amqp");
    assert_eq!(amqp.unwrap().via, [Via::Project("kombu".parse().unwrap())]);
    let header = manifest.header.unwrap();
    assert_eq!(header.tool, Some(LockTool::PipCompile));
    assert_eq!(header.inputs, ["requirements/main.in"]);
    assert_eq!(header.output.as_deref(), Some("requirements/main.txt"));
    assert_eq!(header.python, Some("3.14".parse().unwrap()));
}

#[test]
fn reads_every_other_file_of_warehouse() {
    for (name, requirements) in [
        ("warehouse-main.in", None),
        ("warehouse-deploy.in", Some(2)),
        ("warehouse-deploy.txt", None),
        ("warehouse-lint.in", None),
        ("warehouse-lint.txt", None),
        ("warehouse-tests.in", None),
        ("warehouse-tests.txt", None),
    ] {
        if let Some((text, manifest)) = real(name) {
            let lines = text
                .lines()
                .filter(|line| !line.starts_with([' ', '#']) && !line.is_empty());
            assert_eq!(
                manifest.requirements.len(),
                requirements.unwrap_or(lines.count()),
                "{name}"
            );
            assert_eq!(manifest.header.is_some(), !name.contains(".in"), "{name}");
        }
    }
}

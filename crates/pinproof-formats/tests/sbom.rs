//! Bills of materials: what is a Python release, what is counted, and what stays an open question.

use pinproof_core::manifest::{InventoryKind, Origin, Requirement};
use pinproof_core::reason::Reasons;
use pinproof_core::{Manifest, Span};
use pinproof_formats::coverage::uncovered;
use pinproof_formats::sbom::{SbomError, parse};
use proptest::prelude::*;

fn read(text: &str) -> Manifest {
    let manifest = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(uncovered(&manifest, text), []);
    manifest
}

fn cyclonedx(components: &str) -> String {
    format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{components}]}}"#)
}

/// A library with that package URL.
fn library(purl: &str) -> String {
    format!(r#"{{"type": "library", "name": "x", "purl": "{purl}"}}"#)
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start..span.end]
}

fn shown(requirement: &Requirement) -> String {
    let name = requirement.name.as_ref().map_or("", |name| name.as_str());
    let version = requirement.pin().map(ToString::to_string);
    format!("{name} {}", version.unwrap_or_default())
}

/// Counts: Python releases, of other ecosystems, without identity, not understood.
fn counts(manifest: &Manifest) -> (usize, usize, usize, usize) {
    let inventory = manifest.inventory.as_ref().expect("an inventory");
    (
        manifest.requirements.len(),
        inventory.foreign,
        inventory.unidentified,
        manifest.not_understood.len(),
    )
}

fn whys(text: &str) -> Vec<String> {
    let manifest = read(text);
    let whys = manifest.not_understood.iter();
    whys.map(|entry| entry.why.to_string()).collect()
}

#[test]
fn a_release_has_its_place_its_version_and_its_hashes() {
    let digest = "ab".repeat(32);
    let text = cyclonedx(&format!(
        r#"{{"type": "library", "name": "Flask", "version": "3.0", "purl": "pkg:pypi/flask@3.0",
            "hashes": [{{"alg": "SHA-256", "content": "{}"}}],
            "externalReferences": [
              {{"type": "website", "url": "https://a.example", "hashes": [{{"alg": "MD5", "content": "x"}}]}},
              {{"type": "distribution", "url": "https://a.example/f.whl",
                "hashes": [{{"alg": "SHA-256", "content": "{digest}"}}, {{"alg": "SHA3-256", "content": "00"}}]}}]}}"#,
        "cd".repeat(32)
    ));
    let manifest = read(&text);
    assert_eq!(counts(&manifest), (1, 0, 0, 0));
    let flask = &manifest.requirements[0];
    assert_eq!(shown(flask), "flask 3.0");
    assert_eq!(slice(&text, flask.name_span), "Flask");
    assert_eq!(slice(&text, flask.origin_span), "3.0");
    assert!(
        slice(&text, flask.span).starts_with("{\"type\"")
            && slice(&text, flask.span).ends_with('}')
    );
    let hashes: Vec<_> = flask
        .hashes
        .iter()
        .map(|written| written.hash.digest())
        .collect();
    assert_eq!(hashes, [digest]);
    assert_eq!(slice(&text, flask.hashes[0].span).len(), 64);
}

#[test]
fn every_component_is_a_release_a_count_or_a_question() {
    let text = cyclonedx(
        r#"{"type": "library", "name": "a", "purl": "PKG:PyPI/A_b@1%2Blocal"},
           {"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1"},
           {"type": "operating-system", "name": "debian"},
           {"type": "library", "name": "mystery", "version": "2"},
           {"type": "new-in-2.0", "name": "what"},
           {"type": "library", "name": "b", "purl": "pkg:pypi/b"},
           {"type": "library", "name": "c", "version": "2", "purl": "pkg:pypi/c"},
           7"#,
    );
    let manifest = read(&text);
    assert_eq!(counts(&manifest), (2, 1, 1, 4));
    let found: Vec<_> = manifest.requirements.iter().map(shown).collect();
    assert_eq!(found, ["a-b 1+local", "c 2"]);
    assert_eq!(
        whys(&text),
        [
            "`mystery 2` has no package URL: it may be a Python project",
            "`what` has no package URL: it may be a Python project",
            "`b` has no version: nobody can tell which release it is",
            "an object is expected here",
        ]
    );
}

#[test]
fn what_can_be_read_in_two_ways_is_a_question() {
    let purls = [
        ("pkg:pypi/a/b@1", "a Python project has no namespace"),
        ("pkg:pypi/-a@1", "is not a valid name"),
        ("pkg:pypi/a@latest", "no version by PEP 440"),
        ("pkg:pypi/a@%ff", "is no package URL"),
        ("pypi/a@1", "is no package URL"),
        ("pkg:pypi/a@1?repository_url=nowhere", "no address"),
        ("pkg:pypi/a@1?vcs_url=nowhere", "is none"),
    ];
    for (purl, why) in purls {
        let whys = whys(&cyclonedx(&library(purl)));
        assert!(whys.len() == 1 && whys[0].contains(why), "{purl}: {whys:?}");
    }
    let two = r#"{"name": "a", "version": "2", "purl": "pkg:pypi/a@1"}"#;
    assert_eq!(
        whys(&cyclonedx(two)),
        ["the version is `2` here, and 1 in the package URL"]
    );
    let same = r#"{"name": "a", "version": "1.0", "purl": "pkg:pypi/a@1"}"#;
    assert_eq!(whys(&cyclonedx(same)), [""; 0]);
    let twice = r#"{"name": "a", "purl": "pkg:pypi/a@1", "purl": "pkg:pypi/b@1"}"#;
    assert_eq!(whys(&cyclonedx(twice)), ["duplicate field `purl`"]);
    let wrong = [
        r#"{"name": 1}"#,
        r#"{"name": "a", "purl": ["pkg:pypi/a@1"]}"#,
        "[]",
        "null",
    ];
    for component in wrong {
        assert_eq!(whys(&cyclonedx(component)).len(), 1, "{component}");
    }
    let documents = [
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [], "components": []}"#,
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": {}}"#,
        r#"{"bomFormat": "CycloneDX", "components": []}"#,
        r#"{"bomFormat": "CycloneDX", "specVersion": 1.6, "components": []}"#,
        r#"{"bomFormat": "CycloneDX", "spdxVersion": "SPDX-2.3", "specVersion": "1.6"}"#,
        r#"["CycloneDX"]"#,
        "{}",
        "",
        "[1,",
        "\"CycloneDX\"",
        r#"{"lockfileVersion": 3}"#,
    ];
    for document in documents {
        assert!(parse(document).is_err(), "{document}");
    }
}

#[test]
fn origins_beside_the_index() {
    let purls = [
        "pkg:pypi/a@1?vcs_url=git%2Bhttps://me:secret@h.example/a%40main",
        "pkg:pypi/b@2?download_url=https://h.example/b-2.whl",
        "pkg:pypi/c@3?repository_url=https://corp.example/simple",
        "pkg:pypi/d@4?file_name=d-4.whl",
    ];
    let components: Vec<_> = purls.iter().map(|purl| library(purl)).collect();
    let manifest = read(&cyclonedx(&components.join(",")));
    let found: Vec<_> = manifest.requirements.iter().map(shown).collect();
    assert_eq!(found, ["a 1", "b 2", "c 3", "d 4"]);
    let origins: Vec<_> = manifest.requirements.iter().map(|r| &r.origin).collect();
    assert!(
        matches!(origins[0], Origin::Vcs { shown, revision: Some(revision), .. }
        if shown.as_str() == "git+https://h.example/a@main" && revision == "main")
    );
    assert!(matches!(origins[1], Origin::Url { filename, .. } if filename == "b-2.whl"));
    assert!(matches!(origins[2], Origin::Index(_)));
    assert_eq!(manifest.bindings.len(), 1);
    assert_eq!(manifest.bindings[0].project.as_str(), "c");
    assert!(manifest.locations[0].explicit);
}

#[test]
fn versions_of_the_formats() {
    let kind =
        |text: &str| parse(text).map(|manifest| manifest.inventory.unwrap().kind.to_string());
    let cyclonedx =
        |version| format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "{version}"}}"#);
    let spdx = |version| format!(r#"{{"spdxVersion": "{version}", "packages": []}}"#);
    for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        let expected = format!("a CycloneDX {version} document");
        assert_eq!(kind(&cyclonedx(version)), Ok(expected));
    }
    assert_eq!(
        kind(&cyclonedx("1.12")).unwrap(),
        "a CycloneDX 1.12 (read as 1.7) document"
    );
    assert_eq!(kind(&spdx("SPDX-2.2")).unwrap(), "an SPDX 2.2 document");
    assert_eq!(
        kind(&spdx("SPDX-2.4")).unwrap(),
        "an SPDX 2.4 (read as 2.3) document"
    );
    let three = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}"#;
    for other in [
        cyclonedx("2.0"),
        cyclonedx("x"),
        cyclonedx("1.+6"),
        spdx("SPDX-3.0"),
        three.to_owned(),
    ] {
        let error = parse(&other).unwrap_err();
        assert!(
            matches!(error, SbomError::Version { .. }),
            "{other}: {error}"
        );
    }
    // "SPDX-1.2" existed as tag-value only.
    assert!(parse(&spdx("SPDX-1.2")).is_err());
}

#[test]
fn nested_components_and_the_shortest_way_to_them() {
    let text = r#"{
      "bomFormat": "CycloneDX", "specVersion": "1.5",
      "metadata": {"component": {"type": "application", "name": "shop", "version": "7", "bom-ref": "root",
        "components": [{"type": "library", "name": "in-root", "purl": "pkg:pypi/in-root@1"}]}},
      "components": [
        {"type": "library", "name": "flask", "purl": "pkg:pypi/flask@3", "bom-ref": "f", "components": [
          {"type": "library", "name": "jinja2", "purl": "pkg:pypi/jinja2@3", "bom-ref": "j", "components": [
            {"type": "library", "name": "markupsafe", "purl": "pkg:pypi/markupsafe@2", "bom-ref": "m"}]}]}],
      "dependencies": [
        {"ref": "root", "dependsOn": ["f", "gone"]}, {"ref": "f", "dependsOn": ["j", "f"]},
        {"ref": "j", "dependsOn": ["m"]}, {"ref": "m", "dependsOn": ["j"]}, {"ref": "nowhere"}]
    }"#;
    let manifest = read(text);
    assert_eq!(counts(&manifest), (4, 0, 0, 0));
    let inventory = manifest.inventory.as_ref().unwrap();
    assert_eq!(inventory.subject.as_ref().unwrap().as_str(), "shop 7");
    let reasons = Reasons::of(&manifest);
    let way = |at: usize| -> Vec<String> {
        let chain = reasons.chain(&manifest.requirements[at]);
        chain.iter().map(ToString::to_string).collect()
    };
    assert_eq!(shown(&manifest.requirements[3]), "markupsafe 2");
    assert_eq!(way(3), ["shop 7", "flask", "jinja2"]);
    assert_eq!(way(0), [""; 0]);
}

const SPDX: &str = r#"{
  "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "documentDescribes": ["SPDXRef-app"],
  "packages": [
    {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1"},
    {"SPDXID": "SPDXRef-a", "name": "A", "versionInfo": "1.0", "externalRefs": [
      {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a"},
      {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/a@1.0"}],
      "checksums": [{"algorithm": "SHA256", "checksumValue": "00"}]},
    {"SPDXID": "SPDXRef-b", "name": "b", "externalRefs": [
      {"referenceType": "purl", "referenceLocator": "pkg:deb/debian/b@1"}]},
    {"SPDXID": "SPDXRef-c", "name": "c", "versionInfo": "3"},
    {"SPDXID": "SPDXRef-d", "name": "d", "primaryPackagePurpose": "CONTAINER"},
    {"SPDXID": "SPDXRef-e", "name": "e", "externalRefs": [
      {"referenceType": "purl", "referenceLocator": "pkg:pypi/e@1"},
      {"referenceType": "purl", "referenceLocator": "pkg:pypi/other@1"}]}],
  "relationships": [
    {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-b"},
    {"spdxElementId": "SPDXRef-a", "relationshipType": "RUNTIME_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-b"},
    {"spdxElementId": "SPDXRef-a", "relationshipType": "ANCESTOR_OF", "relatedSpdxElement": "SPDXRef-c"},
    {"spdxElementId": "SPDXRef-a"}]
}"#;

#[test]
fn spdx_packages() {
    let manifest = read(SPDX);
    assert_eq!(counts(&manifest), (1, 1, 1, 3));
    let inventory = manifest.inventory.as_ref().unwrap();
    assert!(matches!(&inventory.kind, InventoryKind::Spdx(version) if version.as_str() == "2.3"));
    assert_eq!(inventory.subject.as_ref().unwrap().as_str(), "app 1");
    let a = &manifest.requirements[0];
    assert_eq!(shown(a), "a 1.0");
    assert_eq!(slice(SPDX, a.name_span), "A");
    assert_eq!(slice(SPDX, a.origin_span), "1.0");
    assert!(a.hashes.is_empty());
    assert_eq!(
        a.via.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["b"]
    );
    let whys = whys(SPDX);
    assert!(whys[0].contains("`c 3` has no package URL"), "{whys:?}");
    assert!(whys[1].contains("different releases"), "{whys:?}");
    assert!(whys[2].contains("relationship"), "{whys:?}");
}

#[test]
fn bombs_are_bounded() {
    let mut nested = library("pkg:pypi/a@1");
    for _ in 0..60 {
        nested = format!(
            r#"{{"type": "library", "name": "x", "purl": "pkg:pypi/a@1", "components": [{nested}]}}"#
        );
    }
    let manifest = read(&cyclonedx(&nested));
    assert_eq!(counts(&manifest), (17, 0, 0, 1));
    assert!(
        manifest.not_understood[0]
            .why
            .as_str()
            .contains("too deeply")
    );

    let deep = format!("{}{}", "[".repeat(2_000_000), "]".repeat(2_000_000));
    let whys = whys(&cyclonedx(&format!(
        r#"{{"name": {deep}}}, {{"type": "file", "x": {deep}}}"#
    )));
    assert_eq!(whys, ["a string is expected here"]);

    let many = "{},".repeat(200_000) + "{}";
    let error = parse(&cyclonedx(&many)).unwrap_err().to_string();
    assert!(error.contains("more than 200000"), "{error}");

    let long = "a".repeat(20_000_000);
    let manifest = read(&cyclonedx(&library(&format!("pkg:pypi/{long}@1!"))));
    assert!(manifest.not_understood[0].why.as_str().len() < 400);
}

proptest! {
    #[test]
    fn never_panics_and_loses_no_component(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                r#"{"type": "library", "name": "a", "purl": "pkg:pypi/a@1"}"#,
                r#"{"type": "file", "name": "a"}"#,
                r#"{"type": "library", "name": "a", "purl": "pkg:npm/a@1"}"#,
                r#"{"type": "library", "name": "é"}"#,
                r#"{"type": "library", "purl": "\ud800"}"#,
                "1", "null", "[[]]", r#"{"version": {}}"#,
            ]),
            0..8,
        ),
        cut in 0_usize..400,
    ) {
        let text = cyclonedx(&parts.join(","));
        let manifest = read(&text);
        let (python, foreign, other, unclear) = counts(&manifest);
        prop_assert_eq!(python + foreign + other + unclear, parts.len());
        if let Some(start) = text.get(..cut.min(text.len())) {
            let _ = parse(start);
        }
    }
}

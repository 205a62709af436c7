//! `cargo +nightly fuzz run sbom`: any text is read without panic; every place lies within it, and every
//! byte is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pinproof_core::reason::Reasons;
use pinproof_formats::coverage::uncovered;
use pinproof_formats::direct_url;
use pinproof_formats::sbom::{SbomError, parse};

fuzz_target!(|text: &str| {
    let _ = direct_url::parse(text);
    let manifest = match parse(text) {
        Ok(manifest) => manifest,
        Err(SbomError::Json(error)) => return assert!(text.get(error.span.start..error.span.end).is_some()),
        Err(_) => return,
    };
    assert_eq!(uncovered(&manifest, text), []);
    let reasons = Reasons::of(&manifest);
    for requirement in &manifest.requirements {
        assert!(text.get(requirement.name_span.start..requirement.name_span.end).is_some());
        assert!(text.get(requirement.origin_span.start..requirement.origin_span.end).is_some());
        let _ = reasons.chain(requirement);
    }
});

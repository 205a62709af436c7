//! `cargo +nightly fuzz run conda_environment`: any text is read without panic; every place lies within it, and
//! every byte is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pinproof_formats::conda_environment::parse;
use pinproof_formats::coverage::uncovered;

fuzz_target!(|text: &str| {
    let manifest = match parse(text, &|_| None) {
        Ok(manifest) => manifest,
        Err(error) => return assert!(text.get(error.span.start..error.span.end).is_some()),
    };
    assert_eq!(uncovered(&manifest, text), []);
    for requirement in &manifest.requirements {
        assert!(text.get(requirement.name_span.start..requirement.name_span.end).is_some());
        assert!(text.get(requirement.origin_span.start..requirement.origin_span.end).is_some());
    }
});

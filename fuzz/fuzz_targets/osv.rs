//! `cargo +nightly fuzz run osv`: any bytes are read as a record without panic, as JSON and as YAML, and
//! never to nothing: there is an advisory, something about another ecosystem, or a problem with a name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pinproof_core::Version;
use pinproof_formats::osv::{Record, parse, parse_yaml};

fuzz_target!(|bytes: &[u8]| {
    let version: Version = "1.0".parse().expect("a version");
    for record in [parse(bytes), parse_yaml(bytes)] {
        let Record { advisories, elsewhere, not_understood, withdrawn, .. } = &record;
        let is_told = !advisories.is_empty() || *elsewhere > 0 || !not_understood.is_empty();
        assert!(is_told || withdrawn.is_some(), "nothing of it was read");
        for (_, advisory) in advisories {
            let _ = (advisory.affects(&version), advisory.fix_for(&version), advisory.affects_text("x"));
        }
    }
});

//! `cargo +nightly fuzz run requirements_txt`: any bytes are read without panic, and to the last one;
//! adding a hash changes nothing else.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use pinproof_core::Hash;
use pinproof_formats::coverage::uncovered;
use pinproof_formats::decode::decode;
use pinproof_formats::edit::apply;
use pinproof_formats::requirements_txt::{add_hashes, parse};

fuzz_target!(|bytes: &[u8]| {
    let Ok(decoded) = decode(bytes) else {
        return;
    };
    let text = decoded.text.as_str();
    let env = |name: &str| (name != "UNSET").then(|| "value".to_owned());
    let manifest = parse(text, &env);
    assert_eq!(uncovered(&manifest, text), []);

    let hash: Hash = format!("sha256:{}", "7".repeat(64)).parse().expect("a hash");
    let every: BTreeMap<_, _> =
        (0..manifest.requirements.len()).map(|index| (index, vec![hash.clone()])).collect();
    let edits = add_hashes(&manifest, text, &every);
    let edited = apply(text, &edits).expect("edits that fit");
    let again = parse(&edited, &env);
    assert_eq!(manifest.requirements.len(), again.requirements.len());
    assert_eq!(manifest.not_understood.len(), again.not_understood.len());
    for (before, after) in manifest.requirements.iter().zip(&again.requirements) {
        assert_eq!((&before.name, &before.extras, before.editable), (&after.name, &after.extras, after.editable));
    }
});

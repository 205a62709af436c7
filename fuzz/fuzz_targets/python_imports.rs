//! `cargo +nightly fuzz run python_imports`: any text is read without panic, and every name has a length and
//! a line that the text has.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pinproof_formats::python_imports::each_import;

fuzz_target!(|text: &str| {
    let lines = text.split(['\n', '\r']).count();
    each_import(text, |name, line| {
        assert!((1..=255).contains(&name.len()) && (1..=lines).contains(&line));
    });
});

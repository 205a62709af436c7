//! `pinproof lock` in a sandbox, and what is in a lock.

use std::collections::{BTreeMap, BTreeSet};

use super::{NOW, Ran, Sandbox, Shelf};

/// The hashes of each pin, `flask==3.1.2`.
pub(crate) type Pins = BTreeMap<String, BTreeSet<String>>;

/// Locks `requirements.in` of the sandbox for Python 3.12 on Linux, at [`NOW`].
pub(crate) fn lock(sandbox: &Sandbox, shelf: &Shelf, more: &[&str]) -> Ran {
    let target = ["--python", "3.12", "--platform", "linux-x86_64"];
    lock_for(sandbox, &shelf.url(), &[&target[..], more].concat())
}

/// Locks at [`NOW`], asking this index.
pub(crate) fn lock_for(sandbox: &Sandbox, url: &str, more: &[&str]) -> Ran {
    let args = ["lock", "--index-url", url, "--as-of", NOW, "--retries", "0"];
    sandbox.run(&[&args[..], more].concat())
}

/// A project that asks for this in `requirements.in`.
pub(crate) fn asking(requirements: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("requirements.in", requirements);
    sandbox
}

/// The pins of a requirements file, without extras and markers.
pub(crate) fn pins(text: &str) -> Pins {
    let mut pins = Pins::new();
    let mut last = String::new();
    for line in text.lines().map(str::trim) {
        let line = line.trim_end_matches('\\').trim();
        if let Some(hash) = line.strip_prefix("--hash=sha256:") {
            let hashes = pins.get_mut(&last).expect("a hash belongs to a pin");
            hashes.insert(hash.to_owned());
        } else if !line.is_empty() && !line.starts_with('#') {
            let (pin, _) = line.split_once(';').unwrap_or((line, ""));
            last = without_extras(pin.trim());
            pins.entry(last.clone()).or_default();
        }
    }
    pins
}

fn without_extras(pin: &str) -> String {
    match (pin.find('['), pin.find(']')) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &pin[..from], &pin[to + 1..]),
        _ => pin.to_owned(),
    }
}

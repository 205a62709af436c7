//! The promises that a gateway has to keep too: the same policy, at the place where everybody's packages come from.

mod cooldown;
mod handed_out;
mod one_source;
mod protection;
mod refusals;

use std::path::Path;

use crate::clients::{BOTH, Client, Clients};
use crate::gateway::Gateway;
use crate::support::{Ran, Sandbox};

/// Two days before the time of the tests.
const YOUNG: &str = "2026-10-30T00:00:00Z";

/// The policy of a company with an index of its own.
const TWO_INDEXES: &str = r#"
[[index]]
name = "main"
default = true

[[index]]
name = "corp"
only = ["acme-*"]
"#;

/// Installs into a new folder of the project with each of the clients.
fn with_both(
    clients: &Clients,
    (sandbox, gateway): (&Sandbox, &Gateway),
    what: &[&str],
    then: impl Fn(&Ran, &Path),
) {
    for client in BOTH {
        let into = format!("{client:?}-{}", what.join("-").replace(['/', '='], "_"));
        let ran = clients.install(client, sandbox, (&gateway.simple(), &into), what);
        then(&ran, &sandbox.project().join(&into));
    }
}

/// What is installed in a folder, such as `demo-1.0`.
fn releases_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("a name"));
    let mut releases: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".dist-info")?.to_owned()))
        .collect();
    releases.sort();
    releases
}

/// Runs `pip download` into a folder of the project; what is there then.
fn downloaded(clients: &Clients, sandbox: &Sandbox, index: &str, what: &str) -> (Ran, Vec<String>) {
    let args = ["download", "--index-url", index, "--dest", "down", what];
    let ran = clients.run(Client::Pip, sandbox, &args, &[]);
    let folder = sandbox.project().join("down");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("a name"))
        .collect();
    names.sort();
    (ran, names)
}

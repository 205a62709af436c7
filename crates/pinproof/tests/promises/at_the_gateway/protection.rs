//! P17 at the gateway: protection is in the index that every client asks, and in no alias of a shell; `doctor` proves it
//! with a harmless canary. What it says of each client, and each way around, is in `tests/clients`.

use super::YOUNG;
use crate::clients::{Client, Clients, said};
use crate::gateway::Gateway;
use crate::support::{Ran, Sandbox, Shelf, Wheel};
use crate::tools::Tools;

const PROGRAMS: [(Client, &str); 2] = [
    (Client::Pip, "PIP_INDEX_URL"),
    (Client::Uv, "UV_DEFAULT_INDEX"),
];

fn doctor(sandbox: &Sandbox, tools: &Tools, index: &str) -> Ran {
    let (python, path) = (tools.python(), tools.path(sandbox, &["uv"]));
    let of_programs = PROGRAMS.map(|(_, variable)| (variable, index));
    let variables = [&[("PATH", path.as_str())], &of_programs[..]].concat();
    sandbox.run_with(&["doctor", "--python-exe", &python], &variables)
}

#[test]
fn programs_that_no_shell_starts_are_protected_and_a_canary_proves_it() {
    let (Some(tools), Some(clients)) = (Tools::get(), Clients::get()) else {
        return;
    };
    let sandbox = Sandbox::new();
    let shelf = Shelf::with(&[
        Wheel::new("demo", "1.0").offered(),
        Wheel::new("demo", "2.0").uploaded(YOUNG).offered(),
    ]);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let index = gateway.simple();
    doctor(&sandbox, &tools, &index)
        .ends_with(0)
        .says("PROTECTED: of 3 clients, 3 through a gateway, 0 not, 0 not known");
    assert!(shelf.asked().is_empty(), "no index hears of the canary");
    for (client, variable) in PROGRAMS {
        let install = ["install", "--target", "got", "demo==2.0"];
        let ran = clients.run(client, &sandbox, &install, &[(variable, &index)]);
        assert_ne!(ran.code, 0, "{}", ran.all());
        assert!(said(&ran).contains("[recent-release]"), "{}", ran.all());
    }
    // Past the gateway nobody is protected, and the proof fails.
    doctor(&sandbox, &tools, &shelf.url())
        .ends_with(1)
        .says("NOT PROTECTED: of 3 clients, 0 through a gateway, 3 not");
    let got = sandbox.project().join("got");
    assert!(!got.join("demo").exists() && !got.join("pinproof_canary").exists());
}

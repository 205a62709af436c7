//! What `pinproof doctor` says, for programs, and its schema.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::doctor::{Diagnosis, OfClient, Way};

/// A report of `pinproof doctor`.
#[derive(Serialize, JsonSchema)]
struct DoctorV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// 0 every client goes through a gateway; 1 one goes around it; 2 there is no client to ask, or a named one is not
    /// there; 3 one could not be asked.
    exit_code: u8,
    /// The digest of the policy of the folder that it was run in.
    policy: String,
    /// The clients that are there.
    clients: Vec<ClientV1>,
    /// Clients that were named and are not there.
    missing: Vec<&'static str>,
}

/// A client.
#[derive(Serialize, JsonSchema)]
struct ClientV1 {
    /// `pip`, `uv pip`, `uv`, `PDM` or `Poetry`.
    client: &'static str,
    /// How it is started.
    program: String,
    /// `protected`, `not_protected` or `not_known`.
    outcome: &'static str,
    /// The gateway that refused it, as that calls itself; null where none did.
    gateway: Option<String>,
    /// The first digits of the digest of the gateway's policy.
    policy: Option<String>,
    /// Whether that is the policy of the folder that it was run in.
    is_policy_of_this_folder: bool,
    /// What goes around a gateway.
    around: Vec<WayV1>,
    /// Why something is not known.
    not_known: Vec<String>,
    /// The last things that the client said, where it was not refused.
    said: Vec<String>,
}

/// A way around a gateway.
#[derive(Serialize, JsonSchema)]
struct WayV1 {
    /// The file or the variable that says so; null where no setting does.
    setting: Option<String>,
    /// Its line.
    line: Option<usize>,
    /// What it says.
    message: String,
    /// What to do.
    help: String,
}

/// The report for programs.
pub(crate) fn json(diagnosis: &Diagnosis) -> String {
    let report = DoctorV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: diagnosis.exit_code().number(),
        policy: diagnosis.policy.clone(),
        clients: diagnosis
            .clients
            .iter()
            .map(|of| client(of, &diagnosis.policy))
            .collect(),
        missing: diagnosis
            .missing
            .iter()
            .map(|client| client.name())
            .collect(),
    };
    // No key of it is anything but text.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// The schema of the report.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(DoctorV1).to_value()
}

fn client(of: &OfClient, policy: &str) -> ClientV1 {
    let refused = of.refused.as_ref();
    ClientV1 {
        client: of.client.name(),
        program: of.program.to_string(),
        outcome: match (of.around.is_empty(), of.unknown.is_empty()) {
            (false, _) => "not_protected",
            (true, false) => "not_known",
            (true, true) => "protected",
        },
        gateway: refused.map(|refused| refused.gateway.clone()),
        policy: refused.and_then(|refused| refused.policy.clone()),
        is_policy_of_this_folder: refused
            .and_then(|refused| refused.policy.as_ref())
            .is_some_and(|digits| policy.starts_with(digits)),
        around: of.around.iter().map(way).collect(),
        not_known: of.unknown.iter().map(ToString::to_string).collect(),
        said: of.said.iter().map(ToString::to_string).collect(),
    }
}

fn way(way: &Way) -> WayV1 {
    WayV1 {
        setting: way.setting.as_ref().map(ToString::to_string),
        line: way.line,
        message: way.what.to_string(),
        help: way.help.to_string(),
    }
}

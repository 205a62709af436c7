//! The attack lab: each attack that an index can show, carried out. The real pip and uv fall for it first, and
//! then they do not, because `pinproof serve`, `check` or `lock` is in the way.
//!
//! Nothing here harms anybody: what "malicious" code does is to say so in a constant or a file of the sandbox.
//! `cargo test -p pinproof --test attacks three -- --nocapture --test-threads 1` shows three of them as they happen.

#[path = "../support/mod.rs"]
mod support;

#[path = "../download/shelf.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod shelf;

#[path = "../gateway/clients.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod clients;

#[path = "../gateway/gateway.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod gateway;

#[path = "../gateway/http.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod http;

mod dependency_confusion;
mod drift;
mod fresh_release;
mod hidden_release;
mod install_time_code;
mod known_malware;
mod lab;
mod late_file;
mod lookalike;
mod man_in_the_middle;
mod misconfiguration;
mod mixed_metadata;
mod replaced_file;
mod revived_name;
mod three;
mod vanished_release;

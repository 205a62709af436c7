//! `pinproof serve` as pip and uv meet it: what they install, what they are refused, and what they say then.

#[path = "../support/mod.rs"]
mod support;

#[path = "../download/shelf.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod shelf;

#[path = "../lock/dice.rs"]
mod dice;

#[path = "../schemas/validator.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod validator;

#[path = "../operating/certificates.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod certificates;

mod availability;
mod clients;
mod closed;
mod confusion;
mod files;
mod first_sight;
#[allow(dead_code, reason = "made for other tests, too")]
mod gateway;
mod hostile_certificates;
mod hostile_entries;
mod hostile_files;
mod hostile_pages;
#[allow(dead_code, reason = "made for other tests, too")]
mod http;
mod incidents;
mod installs;
mod memory;
mod moves;
mod others;
mod outages;
mod parity;
mod provenance;
mod quarantine;
mod redirects;
mod replay;
mod revalidation;
mod transfers;
mod upstream;
mod views;

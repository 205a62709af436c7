//! `pinproof doctor` and `pinproof run`, with the clients that they are about.

#[path = "../support/mod.rs"]
mod support;

#[path = "../download/shelf.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod shelf;

#[path = "../gateway/gateway.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod gateway;
#[path = "../gateway/http.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod http;

mod around;
mod canary;
mod doctor;
mod locks;
mod run;
mod tools;

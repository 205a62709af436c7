//! The promises P1, P2, P4 to P10 and P13 to P19, each as somebody meets it.

#[path = "../support/mod.rs"]
mod support;

#[path = "../gateway/clients.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod clients;

#[path = "../gateway/gateway.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod gateway;

#[path = "../gateway/http.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod http;

#[path = "../clients/tools.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod tools;

mod at_the_gateway;
mod exceptions;
mod judged;
mod locks;
mod one_source;
mod pull_requests;
mod refusals;
mod same_offline;
mod severity;
mod six_encodings;
mod were_we_exposed;
mod what_ships;

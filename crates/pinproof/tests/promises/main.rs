//! The promises P1, P2, P6, P8, P9, P13 and P15, each as somebody meets it.

#[path = "../support/mod.rs"]
mod support;

mod exceptions;
mod judged;
mod one_source;
mod pull_requests;
mod refusals;
mod were_we_exposed;
mod what_ships;

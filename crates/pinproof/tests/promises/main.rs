//! The promises P1, P2, P6, P7, P8, P9, P10, P13, P15 and P19, each as somebody meets it.

#[path = "../support/mod.rs"]
mod support;

mod exceptions;
mod judged;
mod one_source;
mod pull_requests;
mod refusals;
mod same_offline;
mod severity;
mod six_encodings;
mod were_we_exposed;
mod what_ships;

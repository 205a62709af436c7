//! The promises P1, P2, P4 to P10, P13 to P16, P18 and P19, each as somebody meets it.

#[path = "../support/mod.rs"]
mod support;

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

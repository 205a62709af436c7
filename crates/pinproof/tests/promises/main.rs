//! The promises P2, P6, P8, P9, P10, P15 and P19, each as somebody meets it.

#[path = "../support/mod.rs"]
mod support;

mod exceptions;
mod judged;
mod one_source;
mod refusals;
mod same_offline;
mod severity;
mod what_ships;

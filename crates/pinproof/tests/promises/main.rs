//! The promises P2, P6, P8, P9 and P15, each as somebody meets it.

#[path = "../support/mod.rs"]
mod support;

mod exceptions;
mod judged;
mod one_source;
mod refusals;
mod what_ships;

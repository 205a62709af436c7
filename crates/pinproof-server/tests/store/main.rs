//! The store of the gateway: what every implementation has to do, and what becomes of damage, crashes and editors.

mod conformance;
mod local;
mod support;

//! The store of the gateway: what every implementation has to do, and what becomes of damage, crashes and editors.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod conformance;
mod local;
mod support;

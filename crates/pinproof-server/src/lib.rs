//! Answers other tools over HTTP; decides nothing itself.

pub mod connections;
pub mod osv;
pub mod store;

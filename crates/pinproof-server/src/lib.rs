//! Answers other tools over HTTP; decides nothing itself.

pub mod connections;
pub mod fence;
pub mod gateway;
pub mod osv;
pub mod replay;
pub mod store;
pub mod tls;

//! Answers other tools over HTTP; decides nothing itself.

pub mod osv;

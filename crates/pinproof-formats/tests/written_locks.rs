//! What a lock is written as is read back: the same releases, hashes, markers, reasons and inputs.

#![expect(
    clippy::unwrap_used,
    reason = "the texts of the tests are what they say they are"
)]

#[path = "written_locks/any_lock.rs"]
mod any_lock;
#[path = "written_locks/read_back.rs"]
mod read_back;
#[path = "written_locks/text.rs"]
mod text;

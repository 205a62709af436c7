//! requirements.txt as pip reads it: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>.
//!
//! Nothing is skipped in silence. What pip refuses, and what pip drops without a word, is
//! `not_understood`; everything around it is still read. Every byte of the text is part of an entry of
//! the manifest or of its trivia ([`crate::coverage`]).
//!
//! Where this reader is stricter than pip, it is so on purpose: words that pip drops (`--pre flask`,
//! a hash without a requirement), a line that a comment swallows, and environment variables that
//! add words to a line or stand in a name are all questions for a person.

mod add_hashes;
mod command;
mod comments;
mod direct;
mod hashes;
mod header;
mod joined;
mod lines;
mod noted_path;
mod option_line;
mod options;
mod pep508;
mod problem;
mod reader;
mod requirement;
mod requirement_line;
mod shlex;
mod statement;
mod trouble;
mod variables;
mod via;
mod write;

pub use add_hashes::add_hashes;
pub use variables::expand;
pub use write::write;

use pinproof_core::Manifest;

use lines::LogicalLines;
use reader::Reader;

/// Reads the text of a requirements file; `env` gives the values of environment variables.
///
/// Includes are named, not followed: their targets are as written, for [`expand`].
pub fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Manifest {
    let mut reader = Reader::new(text, env);
    for line in LogicalLines::new(text) {
        reader.line(&line);
    }
    reader.finish()
}

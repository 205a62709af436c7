//! What is found once for everything that is decided about a page.
//!
//! Whoever writes a page chooses how many releases it has, and how many files are in one of them. What each asks of all
//! the others is found for the first one that asks, and kept for the rest.

use crate::alternatives::Newest;
use crate::joined::Joined;

/// What is kept while one page is decided about; without it, everything is found anew.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Once<'a> {
    /// The newest releases of a page that the policy allows.
    pub(crate) newest: Option<&'a Newest<'a>>,
    /// When the files of a release came.
    pub(crate) joined: Option<&'a Joined<'a>>,
}

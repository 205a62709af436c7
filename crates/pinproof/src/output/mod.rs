//! How a report is written: one file for each format.

pub(crate) mod advisories;
pub(crate) mod concise;
pub(crate) mod cyclonedx;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod download;
pub(crate) mod exposed;
mod fingerprints;
mod gaps;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod lanes;
pub(crate) mod lock;
pub(crate) mod markdown;
pub(crate) mod mask;
pub(crate) mod replay;
pub(crate) mod sarif;
pub(crate) mod served;
mod spots;
pub(crate) mod text;
pub(crate) mod wording;

use terminal_size::{Width, terminal_size_of};

/// How a text report looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Every place, what was ignored, full digests.
    pub(crate) verbose: u8,
    /// Counts instead of findings.
    pub(crate) statistics: bool,
    /// Columns.
    pub(crate) width: usize,
}

/// The columns of the terminal, within what can be read: as `COLUMNS` says, else as it says itself.
pub(crate) fn width(is_shown: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse::<usize>().ok());
    let of_terminal = || {
        let (Width(columns), _) = terminal_size_of(std::io::stdout())?;
        Some(usize::from(columns))
    };
    let columns = columns.or_else(|| of_terminal().filter(|_| is_shown));
    columns.unwrap_or(100).clamp(60, 160)
}

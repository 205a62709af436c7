//! `cargo xtask popular FILE`: the most downloaded projects, as `lookalike-name` embeds them.

use std::fmt::Write as _;

use pinproof_policy::lookalike::spelling;

use crate::{Trouble, workspace};

/// Where the list is embedded from.
pub const LIST: &str = "crates/pinproof-policy/data/popular-projects.txt";

/// Writes the list from a table with a rank and a name in each line.
pub fn run(table: &str) -> Result<String, Trouble> {
    let text = std::fs::read_to_string(table)?;
    let mut rows = Vec::new();
    for line in text.lines() {
        let (rank, name) = line
            .split_once('\t')
            .ok_or_else(|| format!("no tab in `{line}`"))?;
        let rank: u32 = rank.parse()?;
        let name: pinproof_core::ProjectName = name.parse()?;
        rows.push((spelling(name.as_str()), name, rank));
    }
    rows.sort();
    let mut lines = String::new();
    for (_, name, rank) in &rows {
        let _ = writeln!(lines, "{name} {rank}");
    }
    std::fs::write(workspace::root().join(LIST), &lines)?;
    Ok(format!(
        "popular: {} projects, {} bytes",
        rows.len(),
        lines.len()
    ))
}

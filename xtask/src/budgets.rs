//! `cargo xtask budgets`: the tail is where quality is lost, so the tail has a limit.
//!
//! Functions and their arguments have theirs in `clippy.toml`.

use std::path::{Component, Path};

use crate::{Trouble, workspace};

/// A file that is longer is listed.
const WANTED: usize = 400;
/// A file that is longer fails.
const MOST: usize = 600;
/// Names that say nothing of what is inside.
const NAMELESS: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

/// Runs the check on the workspace.
pub fn run() -> Result<String, Trouble> {
    let mut said = Said::default();
    let mut count = 0;
    for folder in ["crates", "xtask", "fuzz", "benches"] {
        let folder = workspace::root().join(folder);
        if !folder.is_dir() {
            continue;
        }
        for path in workspace::files(&folder, "rs")? {
            count += 1;
            said.judge(
                Path::new(&workspace::shown(&path)),
                &workspace::read(&path)?,
            );
        }
    }
    let mut lines = said.long;
    if said.wrong.is_empty() {
        lines.push(format!("budgets: {count} files, all within"));
        return Ok(lines.join("\n"));
    }
    lines.extend(said.wrong);
    Err(lines.join("\n").into())
}

#[derive(Debug, Default)]
struct Said {
    long: Vec<String>,
    wrong: Vec<String>,
}

impl Said {
    fn judge(&mut self, path: &Path, text: &str) {
        let shown = path.display();
        let lines = text.lines().count();
        if lines > MOST {
            self.wrong.push(format!(
                "{shown}: {lines} lines, more than {MOST}: split it"
            ));
        } else if lines > WANTED {
            self.long.push(format!(
                "{shown}: {lines} lines, more than the {WANTED} wanted"
            ));
        }
        if !text.starts_with("//!") {
            self.wrong.push(format!(
                "{shown}: does not open with `//!` and what it is for"
            ));
        }
        let is_source = path
            .components()
            .any(|part| part == Component::Normal("src".as_ref()));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if is_source && NAMELESS.contains(&stem.as_ref()) {
            self.wrong
                .push(format!("{shown}: `{stem}` says nothing of what is inside"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{MOST, Said, WANTED};

    fn judged(path: &str, text: &str) -> Said {
        let mut said = Said::default();
        said.judge(Path::new(path), text);
        said
    }

    #[test]
    fn lengths_heads_and_names() {
        let lines = |count: usize| "//! One.\n".repeat(count);
        assert!(judged("a/src/name.rs", &lines(WANTED)).long.is_empty());
        assert_eq!(judged("a/src/name.rs", &lines(WANTED + 1)).long.len(), 1);
        assert!(judged("a/src/name.rs", &lines(MOST)).wrong.is_empty());
        assert_eq!(judged("a/src/name.rs", &lines(MOST + 1)).wrong.len(), 1);
        assert_eq!(judged("a/src/name.rs", "fn one() {}\n").wrong.len(), 1);
        assert_eq!(judged("a/src/utils.rs", "//! One.\n").wrong.len(), 1);
        assert!(judged("a/tests/common.rs", "//! One.\n").wrong.is_empty());
    }
}

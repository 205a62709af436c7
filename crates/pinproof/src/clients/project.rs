//! A project for PDM or Poetry that needs the canary and nothing else, with the indexes of the user's project. Nothing
//! else of that project is taken: its scripts and plug-ins would run.

use std::fs;
use std::io;
use std::path::Path;

use toml::{Table, Value};

/// A larger file is not read.
const MOST_BYTES: u64 = 8 << 20;

/// Writes a project for PDM into `folder`.
pub(super) fn write_pdm(project: &Path, folder: &Path, needs: &str) -> io::Result<()> {
    copy(&project.join("pdm.toml"), &folder.join("pdm.toml"))?;
    write(project, folder, needs, ("pdm", &["source", "resolution"]))
}

/// Writes a project for Poetry into `folder`.
pub(super) fn write_poetry(project: &Path, folder: &Path, needs: &str) -> io::Result<()> {
    copy(&project.join("poetry.toml"), &folder.join("poetry.toml"))?;
    write(project, folder, needs, ("poetry", &["source"]))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        fs::write(to, read(from)?)?;
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > MOST_BYTES {
        return Err(io::Error::other(format!("{} is too large", path.display())));
    }
    fs::read_to_string(path)
}

fn write(
    project: &Path,
    folder: &Path,
    needs: &str,
    (tool, keys): (&str, &[&str]),
) -> io::Result<()> {
    let path = project.join("pyproject.toml");
    let theirs: Table = if path.is_file() {
        toml::from_str(&read(&path)?).map_err(io::Error::other)?
    } else {
        Table::new()
    };
    let theirs = theirs.get("tool").and_then(|tools| tools.get(tool));
    let theirs = theirs.and_then(Value::as_table);
    let mut ours = Table::new();
    for key in keys {
        let value = theirs.and_then(|theirs| theirs.get(*key));
        ours.extend(value.map(|value| ((*key).to_owned(), value.clone())));
    }
    if tool == "poetry" {
        ours.insert("package-mode".to_owned(), Value::Boolean(false));
    }
    let text = |text: &str| Value::String(text.to_owned());
    let about = Table::from_iter([
        ("name".to_owned(), text("asks-for-the-canary")),
        ("version".to_owned(), text("0")),
        ("requires-python".to_owned(), text(">=3.9,<4")),
        ("dependencies".to_owned(), Value::Array(vec![text(needs)])),
    ]);
    let tools = Table::from_iter([(tool.to_owned(), Value::Table(ours))]);
    let whole = Table::from_iter([
        ("project".to_owned(), Value::Table(about)),
        ("tool".to_owned(), Value::Table(tools)),
    ]);
    let whole = toml::to_string(&whole).map_err(io::Error::other)?;
    fs::write(folder.join("pyproject.toml"), whole)
}

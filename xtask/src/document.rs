//! Documents that show commands: what they print and how they end is found out, never written by hand.
//!
//! In a fenced block with the language `console`, a line that begins with `$ ` is a command; the line
//! `# exit N` after it says how it ends, where that is not with 0. The other lines are its output. A
//! block with `file=NAME` after its language is a file, written before the commands that follow it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::Binary;
use crate::{Trouble, workspace};

/// Programs whose commands a document shows and nobody runs for it.
const NOT_RUN: &[&str] = &[
    "cd",
    "cargo",
    "git",
    "pdm",
    "pip",
    "pip-compile",
    "pipenv",
    "poetry",
    "python",
    "uv",
];
/// How a document makes an environment: the one command of another program that is run.
const MAKE_ENVIRONMENT: &str = "python -m venv ";
/// What a shell would do more with than split words.
const SHELL: &[char] = &['|', '&', ';', '<', '>', '$', '`', '*', '\'', '"', '\\', '('];

/// A document.
#[derive(Debug)]
pub struct Document {
    /// Its path.
    pub path: PathBuf,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// Lines that stay as they are.
    Text(String),
    /// A file of the document; its lines are in the text before it.
    File { name: String, text: String },
    /// A command with what it prints.
    Command(Shown),
}

/// A command as a document shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The number of its line.
    pub line: usize,
    /// The command, without the `$`.
    pub text: String,
    /// The arguments of `pinproof`; `None` is another program.
    pub args: Option<Vec<String>>,
    /// How it ends.
    pub exit: i32,
    /// What it prints; empty where the document leaves that out.
    pub output: String,
}

/// Every document of the workspace.
pub fn all() -> Result<Vec<Document>, Trouble> {
    let root = workspace::root();
    let mut paths = vec![root.join("README.md")];
    for folder in ["docs/guide", "examples"] {
        paths.extend(workspace::files(&root.join(folder), "md")?);
    }
    paths.iter().map(|path| Document::read(path)).collect()
}

impl Document {
    /// Reads a document.
    pub fn read(path: &Path) -> Result<Self, Trouble> {
        Self::parse(path, &workspace::read(path)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Trouble> {
        let mut document = Self {
            path: path.to_owned(),
            parts: Vec::new(),
        };
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            document.add_text(line);
            let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else {
                continue;
            };
            let inside: Vec<&str> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```")
                .collect();
            if info == "console" {
                document.add_console(at + 2, &inside)?;
            } else {
                for line in &inside {
                    document.add_text(line);
                }
                if let Some((_, name)) = info.split_once(" file=") {
                    let name = name.to_owned();
                    let text = inside.join("\n") + "\n";
                    document.parts.push(Part::File { name, text });
                }
            }
            document.add_text("```");
        }
        Ok(document)
    }

    /// The document with another text.
    pub fn with_text(&self, text: &str) -> Result<Self, Trouble> {
        Self::parse(&self.path, text)
    }

    fn add_text(&mut self, line: &str) {
        if let Some(Part::Text(text)) = self.parts.last_mut() {
            let _ = writeln!(text, "{line}");
        } else {
            self.parts.push(Part::Text(format!("{line}\n")));
        }
    }

    fn add_console(&mut self, first: usize, lines: &[&str]) -> Result<(), Trouble> {
        for (at, line) in lines.iter().enumerate() {
            let number = first + at;
            if let Some(text) = line.strip_prefix("$ ") {
                let args = arguments(text)
                    .map_err(|why| format!("{}:{number}: {why}", workspace::shown(&self.path)))?;
                self.parts.push(Part::Command(Shown {
                    line: number,
                    text: text.to_owned(),
                    args,
                    exit: 0,
                    output: String::new(),
                }));
                continue;
            }
            let Some(Part::Command(command)) = self.parts.last_mut() else {
                return Err(format!(
                    "{}:{number}: output without a command",
                    workspace::shown(&self.path)
                )
                .into());
            };
            match line.strip_prefix("# exit ").map(str::parse) {
                Some(Ok(code)) => command.exit = code,
                _ => {
                    let _ = writeln!(command.output, "{line}");
                }
            }
        }
        Ok(())
    }

    /// The commands.
    pub fn commands(&self) -> impl Iterator<Item = &Shown> {
        self.parts.iter().filter_map(|part| match part {
            Part::Command(command) => Some(command),
            _ => None,
        })
    }

    /// Runs the commands in order, in a folder of their own; the document as it should be.
    ///
    /// A document whose commands name the examples has them.
    pub fn run(&self, binary: &Binary) -> Result<String, Trouble> {
        let folder = tempfile::tempdir()?;
        if self
            .commands()
            .any(|command| command.text.contains("examples/"))
        {
            copy(
                &workspace::root().join("examples"),
                &folder.path().join("examples"),
            )?;
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(lines) => text.push_str(lines),
                Part::File { name, text } => {
                    let path = folder.path().join(name);
                    fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
                    fs::write(path, text)?;
                }
                Part::Command(command) => {
                    text.push_str(&self.run_command(command, binary, folder.path())?);
                }
            }
        }
        Ok(text)
    }

    fn run_command(
        &self,
        command: &Shown,
        binary: &Binary,
        folder: &Path,
    ) -> Result<String, Trouble> {
        let mut text = format!("$ {}\n", command.text);
        let mut output = command.output.clone();
        if let Some(environment) = command.text.strip_prefix(MAKE_ENVIRONMENT) {
            make_environment(&folder.join(environment.trim()))?;
        }
        if let Some(args) = &command.args {
            let ran = binary.run(args, folder)?;
            if ran.code != command.exit {
                let at = format!("{}:{}", workspace::shown(&self.path), command.line);
                let expected = command.exit;
                let said = format!(
                    "{at}: `{}` ended with {}, not {expected}:\n{}",
                    command.text, ran.code, ran.output
                );
                return Err(said.into());
            }
            if !output.is_empty() {
                output = of_the_project(&ran.output);
            }
        }
        text.push_str(&output);
        if command.exit != 0 {
            let _ = writeln!(text, "# exit {}", command.exit);
        }
        Ok(text)
    }
}

/// An environment for the commands that follow.
fn make_environment(folder: &Path) -> Result<(), Trouble> {
    let status = Command::new("python3")
        .args(["-m", "venv"])
        .arg(folder)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`python3 -m venv` ended with {status}").into()),
        Err(error) => Err(format!("`python3` does not start: {error}").into()),
    }
}

/// The arguments of `pinproof`, or `None` for another program.
fn arguments(command: &str) -> Result<Option<Vec<String>>, String> {
    if command.contains(SHELL) {
        return Err(format!("`{command}` needs a shell: write a plain command"));
    }
    let words: Vec<&str> = command.split_whitespace().collect();
    let args = match words.as_slice() {
        ["pinproof", args @ ..] | ["cargo", "run", "-q", "--", args @ ..] => args,
        [program, ..] if NOT_RUN.contains(program) => return Ok(None),
        _ => return Err(format!("`{command}` is neither run nor known as not run")),
    };
    Ok(Some(args.iter().map(|word| (*word).to_owned()).collect()))
}

/// An output without the lines that say what the asked index publishes: a mirror may publish less.
fn of_the_project(output: &str) -> String {
    let is_about_the_index =
        |line: &str| line.starts_with("asked ") || line.starts_with("warning: PyPI publishes no ");
    let mut kept = Vec::new();
    let mut is_left_out = false;
    for line in output.lines() {
        // A long line goes on in the next.
        let goes_on = is_left_out && line.starts_with("  ");
        is_left_out = goes_on || is_about_the_index(line);
        if !is_left_out {
            kept.push(line.trim_end());
        }
    }
    kept.join("\n") + "\n"
}

fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Document, Part, of_the_project};

    const TEXT: &str = "# One\n\n```text file=a.txt\nflask\n```\n\n```console\n$ pinproof check a.txt\nsaid\n\
                        # exit 1\n$ cargo test\n```\n";

    #[test]
    fn a_document_has_files_and_commands() {
        let document = Document::parse(Path::new("one.md"), TEXT).unwrap();
        let commands: Vec<_> = document.commands().collect();
        assert_eq!(commands.len(), 2);
        assert_eq!(commands[0].line, 8);
        assert_eq!(
            commands[0].args.as_deref(),
            Some(&["check".to_owned(), "a.txt".to_owned()][..])
        );
        assert_eq!(
            (commands[0].exit, commands[0].output.as_str()),
            (1, "said\n")
        );
        assert_eq!(commands[1].args, None);
        let files: Vec<_> = document
            .parts
            .iter()
            .filter(|part| matches!(part, Part::File { .. }))
            .collect();
        assert_eq!(files.len(), 1);
    }

    #[test]
    fn what_cannot_be_run_is_told() {
        let parse = |command: &str| {
            Document::parse(
                Path::new("one.md"),
                &format!("```console\n$ {command}\n```\n"),
            )
        };
        assert!(parse("pinproof check | less").is_err());
        assert!(parse("curl something").is_err());
        assert!(parse("uv pip compile").is_ok());
    }

    #[test]
    fn lines_about_the_index_are_left_out() {
        let output = "a.txt: a lock file\n  2 pinned\nasked PyPI about 2 projects\nwarning: PyPI publishes no \
                      times; not known:\n         late-file\nCLEAN  0 denied\n";
        assert_eq!(
            of_the_project(output),
            "a.txt: a lock file\n  2 pinned\nCLEAN  0 denied\n"
        );
    }
}

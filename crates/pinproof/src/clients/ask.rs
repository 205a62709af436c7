//! Asks a client for the canary, in its own environment, in a way that can install nothing and run no code of a package:
//! wheels only, one version with one hash, into a temporary folder.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use pinproof_core::Printable;
use pinproof_server::gateway::canary;
use tempfile::TempDir;

use super::{Client, Heard, Installed, project};
use crate::installer::{EnvironmentError, process};

/// Who asks, and where.
pub(crate) struct Asker {
    /// The folder that the client is started in: its settings count.
    pub(crate) folder: PathBuf,
    /// The project around it.
    pub(crate) project: PathBuf,
    /// The interpreter that uv resolves for; without one it finds its own.
    pub(crate) python: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It ran.
    Said {
        /// What was understood.
        heard: Heard,
        /// Whether it is content: then somebody has a canary to give.
        is_content: bool,
        /// The last things that it said.
        last: Vec<Printable>,
    },
    /// There is no such client: an interpreter without pip.
    NotThere,
    /// It could not be asked.
    NotAsked(Printable),
}

/// Lines that are shown of a client that was not refused.
const LAST_LINES: usize = 4;

impl Asker {
    /// Asks a client.
    pub(crate) fn ask(&self, installed: &Installed) -> Reply {
        let folder = match tempfile::tempdir() {
            Ok(folder) => folder,
            Err(error) => return not_asked(&format!("no temporary folder can be made: {error}")),
        };
        let asked = self.ask_for(canary::PROJECT, installed, &folder);
        let (heard, is_content, said) = match asked {
            Ok(asked) => asked,
            Err(reply) => return *reply,
        };
        let mut heard = heard;
        // uv stops at the first index that has a name; one that nobody has shows the others.
        if heard.refused.is_some() && matches!(installed.client, Client::UvPip | Client::Uv) {
            match self.ask_for(canary::ABSENT, installed, &folder) {
                Ok((others, ..)) => heard.places.extend(others.places),
                Err(reply) => return *reply,
            }
        }
        Reply::Said {
            heard,
            is_content,
            last: last_words(&said),
        }
    }

    fn ask_for(
        &self,
        name: &str,
        installed: &Installed,
        folder: &TempDir,
    ) -> Result<(Heard, bool, String), Box<Reply>> {
        let failed = |error: std::io::Error| {
            Box::new(not_asked(&format!("nothing can be written: {error}")))
        };
        let question = self
            .question(name, installed, folder.path())
            .map_err(failed)?;
        let asked = process::ask_client(
            &installed.program,
            &question.args,
            &question.variables,
            &question.at,
        );
        let told =
            asked.map_err(|error: EnvironmentError| Box::new(not_asked(&error.to_string())))?;
        if installed.is_module && !told.is_success && told.said.contains("No module named pip") {
            return Err(Box::new(Reply::NotThere));
        }
        Ok((Heard::read(&told.said), told.is_success, told.said))
    }

    fn question(
        &self,
        name: &str,
        installed: &Installed,
        folder: &Path,
    ) -> std::io::Result<Question> {
        let line = format!("{name}=={}", canary::VERSION);
        let file = folder.join(format!("{name}.txt"));
        fs::write(
            &file,
            format!("{line} --hash=sha256:{}\n", canary::sha256()),
        )?;
        Ok(match installed.client {
            Client::Pip => self.of_pip(installed, &file, folder),
            Client::UvPip => self.of_uv(&UV_PIP, &file),
            Client::Uv => {
                let script = folder.join(format!("{name}.py"));
                fs::write(
                    &script,
                    format!(
                        "# /// script\n# requires-python = \">=3.8\"\n# dependencies = [\"{line}\"]\n# ///\n"
                    ),
                )?;
                self.of_uv(&UV_LOCK, &script)
            }
            Client::Pdm => {
                project::write_pdm(&self.project, folder, &line)?;
                Question::new(&["lock", "-v", "-p"], folder, folder, &OF_PDM)
            }
            Client::Poetry => {
                project::write_poetry(&self.project, folder, &line)?;
                Question::new(
                    &["lock", "--no-interaction", "--no-cache", "-v", "-C"],
                    folder,
                    folder,
                    &OF_POETRY,
                )
            }
        })
    }

    fn of_pip(&self, installed: &Installed, file: &Path, into: &Path) -> Question {
        let module: &[&str] = if installed.is_module {
            &["-I", "-m", "pip"]
        } else {
            &[]
        };
        let mut question = Question::new(&[module, &PIP].concat(), file, &self.folder, &OF_PIP);
        question.args.extend(["--dest".into(), into.into()]);
        question
    }

    fn of_uv(&self, args: &[&str], what: &Path) -> Question {
        let mut question = Question::new(args, what, &self.folder, &OF_UV);
        if let Some(python) = &self.python {
            question.args.extend(["--python".into(), python.into()]);
        }
        question
    }
}

/// What a client says went wrong, or else the last that it said: most of the rest is for its own authors.
fn last_words(said: &str) -> Vec<Printable> {
    let is_trouble = |line: &&str| {
        let line = line.trim_start().to_ascii_lowercase();
        ["error", "cause:", "warning"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let lines = || said.lines().filter(|line| !line.trim().is_empty());
    let mut words: Vec<&str> = lines().filter(is_trouble).collect();
    if words.is_empty() {
        words = lines().collect();
    }
    let first = words.len().saturating_sub(LAST_LINES);
    let last = words.split_off(first).into_iter();
    last.map(|line| Printable::new(line.trim()).shortened(300))
        .collect()
}

/// How a client is started.
struct Question {
    args: Vec<OsString>,
    variables: Vec<(&'static str, Option<&'static str>)>,
    at: PathBuf,
}

impl Question {
    fn new(
        args: &[&str],
        last: &Path,
        at: &Path,
        variables: &[(&'static str, Option<&'static str>)],
    ) -> Self {
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        args.push(last.into());
        Self {
            args,
            variables: variables.to_vec(),
            at: at.to_owned(),
        }
    }
}

const PIP: [&str; 11] = [
    "download",
    "-vv",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--no-cache-dir",
    "--no-input",
    "--disable-pip-version-check",
    "--retries",
    "0",
    "-r",
];
/// What would hide the answer, or ask the user.
const OF_PIP: [(&str, Option<&str>); 4] = [
    ("PIP_QUIET", Some("0")),
    ("PIP_NO_COLOR", Some("1")),
    ("PIP_LOG", None),
    ("PIP_NO_BINARY", None),
];

/// It resolves and prints, and has no way to install.
const UV_PIP: [&str; 8] = [
    "pip",
    "compile",
    "-v",
    "--no-build",
    "--no-cache",
    "--no-header",
    "--color",
    "never",
];
const UV_LOCK: [&str; 7] = [
    "lock",
    "-v",
    "--no-build",
    "--no-cache",
    "--color",
    "never",
    "--script",
];
const OF_UV: [(&str, Option<&str>); 8] = [
    ("UV_HTTP_RETRIES", Some("0")),
    ("UV_PYTHON_DOWNLOADS", Some("never")),
    ("UV_NO_BINARY", None),
    ("UV_NO_BINARY_PACKAGE", None),
    ("UV_FROZEN", None),
    ("UV_LOCKED", None),
    ("RUST_LOG", None),
    ("UV_QUIET", None),
];

const OF_PDM: [(&str, Option<&str>); 7] = [
    ("PDM_ONLY_BINARY", Some(":all:")),
    ("PDM_NO_BINARY", None),
    ("PDM_USE_VENV", Some("0")),
    ("PDM_IGNORE_SAVED_PYTHON", Some("1")),
    ("PDM_CHECK_UPDATE", Some("0")),
    ("PDM_NO_CACHE", Some("1")),
    ("NO_COLOR", Some("1")),
];
const OF_POETRY: [(&str, Option<&str>); 2] = [
    ("POETRY_VIRTUALENVS_CREATE", Some("false")),
    ("NO_COLOR", Some("1")),
];

fn not_asked(why: &str) -> Reply {
    Reply::NotAsked(Printable::new(why))
}

//! The `pinproof` binary, built and run in an environment that holds nothing of the machine's.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Trouble, workspace};

/// What a run keeps of the machine's environment: how a trusted connection is made.
const KEPT: &[&str] = &[
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SystemRoot",
];

/// A binary with a home of its own, so that neither configuration nor cache of the machine counts.
#[derive(Debug)]
pub struct Binary {
    path: PathBuf,
    home: TempDir,
    /// A database of advisories that is new and speaks of no project that documents name: what a reader
    /// sees who has OSV's, and what a machine without OSV can show.
    database: PathBuf,
}

/// What a command printed, both streams in the order in which they were written, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// The output.
    pub output: String,
}

impl Binary {
    /// Builds the binary.
    pub fn build() -> Result<Self, Trouble> {
        let stdout = workspace::cargo(&[
            "build",
            "--quiet",
            "--locked",
            "--package",
            "pinproof",
            "--message-format=json-render-diagnostics",
        ])?;
        let messages = String::from_utf8(stdout)?;
        let path = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["target"]["name"] == "pinproof")
            .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
        Self::new(&path.ok_or("cargo built no binary `pinproof`")?)
    }

    /// A binary that is there.
    pub fn new(path: &Path) -> Result<Self, Trouble> {
        let home = tempfile::tempdir()?;
        let binary = Self {
            path: fs::canonicalize(path)?,
            database: home.path().join("quiet.db"),
            home,
        };
        binary.build_database()?;
        Ok(binary)
    }

    fn build_database(&self) -> Result<(), Trouble> {
        let now = jiff::Timestamp::now();
        let record = serde_json::json!({
            "id": "PYSEC-0000-1",
            "modified": now.to_string(),
            "affected": [{
                "package": {"ecosystem": "PyPI", "name": "spoken-of-by-nobody"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }],
        });
        let path = self.home.path().join("PYSEC-0000-1.json");
        fs::write(&path, record.to_string())?;
        let args = ["db", "build"].map(std::ffi::OsStr::new);
        let paths = [
            path.as_os_str(),
            "--output".as_ref(),
            self.database.as_os_str(),
        ];
        self.say(&[&args[..], &paths[..]].concat()).map(drop)
    }

    /// Runs it in `folder`.
    pub fn run(&self, args: &[impl AsRef<std::ffi::OsStr>], folder: &Path) -> Result<Ran, Trouble> {
        let (mut reader, writer) = std::io::pipe()?;
        let kept = KEPT
            .iter()
            .filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
        let mut command = Command::new(&self.path);
        command
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(kept)
            .env("HOME", self.home.path())
            .env("LOCALAPPDATA", self.home.path())
            .env("PINPROOF_DB", &self.database)
            .env("COLUMNS", "100")
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut child = command.spawn()?;
        // The pipe ends when its last writer is gone, and the command holds two.
        drop(command);
        let mut output = String::new();
        reader.read_to_string(&mut output)?;
        let status = child.wait()?;
        Ok(Ran {
            code: status.code().unwrap_or(101),
            output,
        })
    }

    /// Runs it where the folder does not matter; it has to succeed.
    pub fn say(&self, args: &[impl AsRef<std::ffi::OsStr>]) -> Result<String, Trouble> {
        let ran = self.run(args, self.home.path())?;
        match ran.code {
            0 => Ok(ran.output),
            code => Err(format!("the binary ended with {code}:\n{}", ran.output).into()),
        }
    }

    /// Whether `PyPI` answers here.
    pub fn reaches_pypi(&self) -> Result<bool, Trouble> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("requirements.txt"), "six==1.17.0\n")?;
        let asked = ["check", "--only", "unknown-release", "requirements.txt"];
        Ok(self.run(&asked, folder.path())?.code == 0)
    }
}

//! `pinproof db serve`, as long as a test needs it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use super::Sandbox;

/// A server that runs until it is dropped.
pub(crate) struct Served {
    child: Child,
    /// Its address.
    pub(crate) url: String,
}

impl Served {
    /// Serves a database of the project at a port that is free.
    pub(crate) fn start(sandbox: &Sandbox, database: &str, more: &[&str]) -> Self {
        let args = ["db", "serve", "--db", database, "--listen", "127.0.0.1:0"];
        let args = [&args[..], more].concat();
        let mut command = sandbox.command(&args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line
            .trim()
            .strip_prefix("answering at ")
            .expect("an address")
            .to_owned();
        Self { child, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

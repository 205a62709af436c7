//! A gateway that runs as long as a test needs it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::http::{Answer, get};
use crate::support::{NOW, Ran, Sandbox, quiet_db};

/// A gateway with its data in a project.
pub(crate) struct Gateway {
    child: Child,
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// What it said when it started.
    pub(crate) greeting: String,
    log: PathBuf,
}

impl Gateway {
    /// Starts one at the time of the tests, with more arguments.
    pub(crate) fn start(sandbox: &Sandbox, more: &[&str]) -> Self {
        Self::begin(sandbox, NOW, more, &[])
    }

    /// Starts one at another time.
    pub(crate) fn start_at(sandbox: &Sandbox, now: &str, more: &[&str]) -> Self {
        Self::begin(sandbox, now, more, &[])
    }

    /// Starts one at the time of the tests with variables of the environment.
    pub(crate) fn start_with(sandbox: &Sandbox, more: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::begin(sandbox, NOW, more, variables)
    }

    fn begin(sandbox: &Sandbox, now: &str, more: &[&str], variables: &[(&str, &str)]) -> Self {
        let usual = ["serve", "--as-of", now];
        let patience = ["--timeout", "3", "--retries", "0"];
        let has_patience = more.contains(&"--timeout") || more.contains(&"--retries");
        let patience = if has_patience { &[] } else { &patience[..] };
        let mut command = sandbox.command(&[&usual[..], more, patience].concat());
        if !more.contains(&"--data") {
            command.args(["--data", "data"]);
        }
        if !more.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        if !more.contains(&"--db") {
            command.env("PINPROOF_DB", quiet_db());
        }
        command.envs(variables.iter().copied());
        let log = sandbox.home().join("gateway.log");
        let stderr = std::fs::File::create(&log).expect("a file");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the binary runs");
        let greeting = greeting(child.stdout.take().expect("a pipe"));
        let line = greeting.lines().next().unwrap_or("");
        let url = line.strip_prefix("answering at ");
        let url = url.unwrap_or_else(|| {
            panic!(
                "it does not start: {}",
                std::fs::read_to_string(&log).expect("a log")
            )
        });
        Self {
            url: url.to_owned(),
            greeting,
            child,
            log,
        }
    }

    /// Starts one in front of this index.
    pub(crate) fn before(sandbox: &Sandbox, index: &str) -> Self {
        Self::start(sandbox, &["--index-url", index])
    }

    /// The address of the index.
    pub(crate) fn simple(&self) -> String {
        format!("{}/simple/", self.url)
    }

    /// What it answers at a path.
    pub(crate) fn get(&self, path: &str, headers: &[&str]) -> Answer {
        get(&self.url, path, headers)
    }

    /// The JSON page of a project.
    pub(crate) fn page(&self, project: &str) -> serde_json::Value {
        let accept = "Accept: application/vnd.pypi.simple.v1+json";
        let answer = self.get(&format!("/simple/{project}/"), &[accept]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// A file of a page by its name.
    pub(crate) fn listed(&self, project: &str, filename: &str) -> serde_json::Value {
        let page = self.page(project);
        let files = page["files"].as_array().expect("files");
        let found = files.iter().find(|file| file["filename"] == filename);
        found.unwrap_or_else(|| panic!("{page}")).clone()
    }

    /// The path of a listed file.
    pub(crate) fn path(&self, project: &str, filename: &str) -> String {
        let file = self.listed(project, filename);
        let url = file["url"].as_str().expect("an address");
        url.strip_prefix("../..")
            .expect("a relative address")
            .to_owned()
    }

    /// What it wrote on the side so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// Asks it to read its policy again.
    pub(crate) fn hang_up(&self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-HUP", &pid]).status();
        assert!(asked.expect("kill is there").success());
    }

    /// Waits until it has written this on the side.
    pub(crate) fn wait_for(&self, text: &str) {
        for _ in 0..600 {
            if self.log().contains(text) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("it never says {text:?}: {}", self.log());
    }

    /// Asks it to end, as a service manager does, and waits; its exit code is the answer.
    pub(crate) fn stop(self) -> i32 {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits until it ends; its exit code is the answer.
    pub(crate) fn wait(mut self) -> i32 {
        let ended = self.child.wait().expect("it ends");
        ended.code().expect("no signal ended it")
    }
}

/// What it says on stdout until it says where its data is, or ends.
fn greeting(stdout: ChildStdout) -> String {
    let (mut said, mut reader) = (String::new(), BufReader::new(stdout));
    while !said.contains("everything it knows is in") {
        if reader.read_line(&mut said).expect("text") == 0 {
            break;
        }
    }
    said
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The entries of the log of the project's gateway.
pub(crate) fn entries(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let exported: Ran = sandbox.run(&["serve", "log", "export", "--data", "data"]);
    exported.ends_with(0);
    let lines = exported.stdout.lines();
    lines
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            line["entry"].clone()
        })
        .collect()
}

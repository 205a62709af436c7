//! The real pip-audit and the real uv, run without a way out of this machine.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::findings::Findings;
use crate::support::{Reply, Sandbox, Server, environment};

/// The tools, with their versions.
const TOOLS: [&str; 2] = ["pip-audit==2.10.1", "uv==0.13.9"];

/// Where the tools are.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Installs them once; `None`, loudly, where that is not possible.
    pub(crate) fn new() -> Option<Self> {
        let folder = environment("other-tools", &TOOLS)?;
        Some(Self { folder })
    }

    /// pip-audit on the requirements of a project.
    pub(crate) fn pip_audit(&self, sandbox: &Sandbox, osv: &str) -> Findings {
        Findings::of_pip_audit(&json_of(&mut self.pip_audit_on(sandbox, osv)))
    }

    /// What pip-audit writes to standard error.
    pub(crate) fn pip_audit_says(&self, sandbox: &Sandbox, osv: &str) -> String {
        let output = self
            .pip_audit_on(sandbox, osv)
            .output()
            .expect("the tool runs");
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn pip_audit_on(&self, sandbox: &Sandbox, osv: &str) -> Command {
        let mut command = self.command("pip-audit", sandbox);
        command
            .args([
                "--requirement",
                "requirements.txt",
                "--no-deps",
                "--disable-pip",
            ])
            .args(["--vulnerability-service", "osv", "--osv-url"])
            .arg(format!("{osv}v1/query"))
            .args(["--format", "json", "--progress-spinner", "off"]);
        command
    }

    /// uv on a lock that pins what `report` judged.
    ///
    /// uv asks the index of each release for the status of its project: ours says that there is nothing to
    /// say of it.
    pub(crate) fn uv_audit(&self, sandbox: &Sandbox, report: &Value, osv: &str) -> Findings {
        let index = Server::new(|asked| {
            let name = asked
                .path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or("");
            let page = json!({"meta": {"api-version": "1.4"}, "name": name, "files": []});
            let kind = "application/vnd.pypi.simple.v1+json".to_owned();
            Reply::Says(
                200,
                vec![("Content-Type", kind)],
                page.to_string().into_bytes(),
            )
        });
        let pins = pins(report);
        sandbox.write("pyproject.toml", manifest(&pins));
        sandbox.write("uv.lock", lock(&pins, &index.url()));
        let mut command = self.command("uv", sandbox);
        command
            .args([
                "audit",
                "--frozen",
                "--output-format",
                "json",
                "--service-url",
                osv,
            ])
            .args(["--preview-features", "audit-command,json-output"]);
        Findings::of_uv(&json_of(&mut command))
    }

    fn command(&self, program: &str, sandbox: &Sandbox) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command
            .current_dir(sandbox.project())
            .env_clear()
            .env("HOME", sandbox.home())
            .env("PATH", "/usr/bin:/bin")
            .env("http_proxy", "http://127.0.0.1:1")
            .env("https_proxy", "http://127.0.0.1:1")
            .env("no_proxy", "127.0.0.1")
            .env("UV_NO_CONFIG", "1");
        command
    }
}

fn json_of(command: &mut Command) -> Value {
    let Output { stdout, stderr, .. } = command.output().expect("the tool runs");
    let said = || String::from_utf8_lossy(&stderr).into_owned();
    serde_json::from_slice(&stdout).unwrap_or_else(|error| panic!("{error}: {}", said()))
}

/// The names and versions that a report judged.
fn pins(report: &Value) -> Vec<(&str, &str)> {
    let decisions = report["decisions"].as_array().expect("decisions");
    decisions
        .iter()
        .map(|decision| {
            let name = decision["name"].as_str().expect("a name");
            (name, decision["release"].as_str().expect("a version"))
        })
        .collect()
}

fn manifest(pins: &[(&str, &str)]) -> String {
    let mut text = "[project]\nname = \"audited\"\nversion = \"0\"\nrequires-python = \">=3.11\"\ndependencies = [\n".to_owned();
    for (name, version) in pins {
        let _ = writeln!(text, "    \"{name}=={version}\",");
    }
    text + "]\n"
}

/// A lock as uv writes it; its files are never fetched.
fn lock(pins: &[(&str, &str)], index: &str) -> String {
    let mut text = "version = 1\nrevision = 3\nrequires-python = \">=3.11\"\n".to_owned();
    let (mut names, mut specifiers) = (String::new(), String::new());
    for (name, version) in pins {
        let hash = "0".repeat(64);
        let _ = write!(
            text,
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ registry = \"{index}simple\" }}\n\
             sdist = {{ url = \"{index}{name}-{version}.tar.gz\", hash = \"sha256:{hash}\", size = 1 }}\n"
        );
        let _ = writeln!(names, "    {{ name = \"{name}\" }},");
        let _ = writeln!(
            specifiers,
            "    {{ name = \"{name}\", specifier = \"=={version}\" }},"
        );
    }
    let _ = write!(
        text,
        "\n[[package]]\nname = \"audited\"\nversion = \"0\"\nsource = {{ virtual = \".\" }}\n\
         dependencies = [\n{names}]\n\n[package.metadata]\nrequires-dist = [\n{specifiers}]\n"
    );
    text
}

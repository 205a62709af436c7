//! What `run` starts goes through the gateway, whatever settings say; what it cannot lead is not started.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::shelf::{File, Shelf, names};
use crate::support::{Ran, Sandbox, quiet_db};
use crate::tools::Tools;

const YOUNG: &str = "2026-10-30T00:00:00Z";
const TOO_YOUNG: &str =
    "`demo` 2.0 is 2 days old, younger than the cooldown of 7 days [recent-release]";

struct World {
    tools: Tools,
    sandbox: Sandbox,
    shelf: Shelf,
    /// Where settings lead.
    other: Shelf,
}

impl World {
    fn new() -> Option<Self> {
        let world = Self {
            tools: Tools::get()?,
            sandbox: Sandbox::new(),
            shelf: Shelf::with(&[
                File::wheel("demo", "1.0"),
                File::wheel("demo", "2.0").uploaded(YOUNG),
            ]),
            other: Shelf::with(&[File::wheel("demo", "9999.0")]),
        };
        world.lead_astray();
        Some(world)
    }

    /// Every file that a client reads names another index.
    fn lead_astray(&self) {
        let (sandbox, other) = (&self.sandbox, self.other.url());
        let links = sandbox.home().join("links");
        std::fs::create_dir_all(&links).expect("a folder");
        let evil = File::wheel("demo", "9999.0");
        std::fs::write(links.join(&evil.name), &evil.bytes).expect("a file");
        let links = links.display();
        sandbox.write_home(
            ".config/pip/pip.conf",
            &format!("[global]\nindex-url = {other}\nfind-links = {links}\nproxy = http://127.0.0.1:1\n[install]\nextra-index-url = {other}\n[download]\nno-index = true\n"),
        );
        sandbox.write_home(".config/uv/uv.toml", &format!("index = [{{ url = {other:?} }}]\nfind-links = [\"{links}\"]\n[pip]\nextra-index-url = [{other:?}]\n"));
        sandbox.write(
            "pyproject.toml",
            format!("[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"demo\"]\n[[tool.uv.index]]\nname = \"more\"\nurl = {other:?}\n[tool.uv.sources]\ndemo = {{ index = \"more\" }}\n"),
        );
    }

    fn run(&self, command: &[&str]) -> Ran {
        let other = self.other.url();
        let variables = [
            ("PIP_EXTRA_INDEX_URL", other.as_str()),
            ("UV_INDEX", &other),
            ("UV_EXTRA_INDEX_URL", &other),
            ("UV_FIND_LINKS", &other),
            ("PDM_PYPI_URL", &other),
        ];
        self.tools
            .run(&self.sandbox, &self.shelf.url(), (command, &variables))
    }
}

/// No file of the project names an address of this machine that is none of these.
#[track_caller]
pub(crate) fn names_no_gateway(sandbox: &Sandbox, known: &[&str]) {
    let mut folders = vec![sandbox.project()];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            // pip, which Poetry puts into an environment, speaks of such addresses itself.
            if path.is_symlink() || path.ends_with("site-packages/pip") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            for address in known {
                text = text.replace(address, "");
            }
            assert!(!text.contains("http://127.0.0.1:"), "{}", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 0, "there is nothing to look at");
}

#[test]
fn each_client_is_led_to_the_gateway_whatever_its_settings_say() {
    let Some(world) = World::new() else {
        return;
    };
    let python = world.tools.python();
    let sandbox = &world.sandbox;
    sandbox.write("requirements.txt", "demo\n");
    let uv = ["--no-cache", "--python", "/usr/bin/python3"];
    let commands: [&[&str]; 5] = [
        &[
            "pip",
            "install",
            "--no-cache-dir",
            "--target",
            "into",
            "demo",
        ],
        &[
            &python,
            "-m",
            "pip",
            "install",
            "--no-cache-dir",
            "--target",
            "into",
            "-r",
            "requirements.txt",
        ],
        &[
            "pip",
            "download",
            "--no-cache-dir",
            "--dest",
            "into",
            "demo",
        ],
        &[
            "uv", "pip", "install", uv[0], uv[1], uv[2], "--target", "into", "demo",
        ],
        &[
            "uv",
            "pip",
            "sync",
            uv[0],
            uv[1],
            uv[2],
            "--target",
            "into",
            "requirements.txt",
        ],
    ];
    for command in commands {
        let ran = world.run(command);
        ran.ends_with(0)
            .notes("kept back: `demo` 2.0 is 2 days old");
        let there = names(sandbox, "into");
        assert!(
            there.iter().any(|name| name.contains("demo-1.0")),
            "{command:?}: {there:?}"
        );
        assert_eq!(
            world.other.asked(),
            Vec::<String>::new(),
            "{command:?}: {}",
            ran.all()
        );
        names_no_gateway(sandbox, &[&world.other.url()]);
        std::fs::remove_dir_all(sandbox.project().join("into")).expect("it was there");
    }
}

#[test]
fn what_was_refused_is_told_once_at_the_end_with_the_code_of_the_command() {
    let Some(world) = World::new() else {
        return;
    };
    let ran = world.run(&[
        "pip",
        "install",
        "--no-cache-dir",
        "--target",
        "into",
        "demo==2.0",
    ]);
    ran.ends_with(1)
        .notes(&format!("refused: {TOO_YOUNG}; 1.0 is admitted\n"));
    assert_eq!(
        ran.stderr.matches("warning: refused: ").count() + ran.stderr.matches("kept back").count(),
        1,
        "{}",
        ran.all()
    );
    let ran = world.run(&[
        "uv",
        "pip",
        "install",
        "--no-cache",
        "--target",
        "into",
        "--python",
        "/usr/bin/python3",
        "demo==2.0",
    ]);
    assert_ne!(ran.code, 0);
    ran.notes(&format!("refused: {TOO_YOUNG}; 1.0 is admitted\n"));
    // pip says only that there is none.
    let ran = world.run(&[
        "pip",
        "install",
        "--no-cache-dir",
        "--target",
        "into",
        "demo>1",
    ]);
    assert_ne!(ran.code, 0);
    ran.notes(&format!("kept back: {TOO_YOUNG}\n"));
    let there = names(&world.sandbox, "into");
    assert!(!there.iter().any(|name| name.contains("demo")), "{there:?}");
    assert_eq!(world.other.asked(), Vec::<String>::new());
}

#[test]
fn a_request_past_the_gateway_meets_the_fence() {
    let Some(world) = World::new() else {
        return;
    };
    let asks = format!(
        "import urllib.request as r; r.urlopen({:?})",
        world.other.url()
    );
    let ran = world.run(&[
        "uv",
        "run",
        "--no-project",
        "--no-cache",
        "--python",
        "/usr/bin/python3",
        "python",
        "-c",
        &asks,
    ]);
    assert_ne!(ran.code, 0);
    let why = format!(
        "{} is asked for past the gateway, and nobody decided about it",
        world.other.url()
    );
    ran.notes(&format!("refused: {why}"));
    assert_eq!(world.other.asked(), Vec::<String>::new());
}

#[test]
fn what_leads_around_or_writes_a_lock_is_not_started() {
    let Some(world) = World::new() else {
        return;
    };
    let (sandbox, other) = (&world.sandbox, world.other.url());
    sandbox.write("around.txt", "-r more.txt\n");
    sandbox.write("more.txt", format!("demo\n--extra-index-url {other}\n"));
    sandbox.write("unclear.txt", "demo\n--what-is-this\n");
    sandbox.write(
        "direct.txt",
        format!(
            "demo @ {}\n",
            world.other.url_of(&File::wheel("demo", "9999.0"))
        ),
    );
    for (command, why) in [
        (
            &["pip", "install", "-i", &other, "demo"][..],
            "`-i` leads around the gateway",
        ),
        (
            &["pip", "install", "-r", "around.txt"],
            "more.txt:2 names whom to ask",
        ),
        (
            &["uv", "pip", "sync", "around.txt"],
            "more.txt:2 names whom to ask",
        ),
        (&["pip", "install", "-r", "unclear.txt"], "unclear.txt:2: "),
        (&["pip", "install", "-r", "direct.txt"], "[direct-url]"),
        (&["pip", "install", "-r", "missing.txt"], "missing.txt: "),
        (
            &["uv", "pip", "install", "-r", "pyproject.toml"],
            "pyproject.toml:10 binds `demo` to index `more`",
        ),
        (&["uv", "lock"], "`uv lock` writes a lock file"),
        (&["uv", "sync"], "`uv sync` writes a lock file"),
        (&["uv", "sync", "--frozen"], "there is no uv.lock"),
        (&["poetry", "lock"], "`poetry lock` writes a lock file"),
        (&["pdm", "add", "demo"], "`pdm add` writes a lock file"),
        (
            &["make", "install"],
            "`make` is none of pip, uv, PDM and Poetry",
        ),
    ] {
        let ran = world.run(command);
        ran.ends_with(1)
            .notes("the command is not started: ")
            .notes(why);
    }
    assert_eq!(world.other.asked(), Vec::<String>::new());
    assert_eq!(world.shelf.asked(), Vec::<String>::new());
    let there = [
        "around.txt",
        "direct.txt",
        "more.txt",
        "pyproject.toml",
        "unclear.txt",
    ];
    assert_eq!(names(sandbox, ""), there);
}

#[test]
fn any_command_has_the_variables_and_keeps_its_code() {
    let Some(world) = World::new() else {
        return;
    };
    let url = world.shelf.url();
    let any = |script: &str| {
        let command = ["sh", "-c", script];
        world
            .tools
            .run_with(&world.sandbox, &url, &["--any-command"], (&command, &[]))
    };
    let ran = any("echo $PIP_INDEX_URL $UV_DEFAULT_INDEX $PDM_PYPI_URL; exit 7");
    ran.ends_with(7)
        .notes("only what of it honours their variables is protected");
    assert_eq!(ran.stdout.matches("/simple/").count(), 3, "{}", ran.all());
    any("kill -TERM $$").ends_with(143);
    let command = ["no-such-program"];
    let ran = world
        .tools
        .run_with(&world.sandbox, &url, &["--any-command"], (&command, &[]));
    ran.ends_with(2)
        .notes("`no-such-program` cannot be started");
}

/// A run that goes on until something is written to it.
fn waiting(sandbox: &Sandbox, script: &str) -> (std::process::Child, String) {
    let args = [
        "run",
        "--as-of",
        "2026-11-01",
        "--any-command",
        "--",
        "sh",
        "-c",
        script,
    ];
    let mut child = sandbox
        .command(&args)
        .env("PINPROOF_DB", quiet_db())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    (child, line)
}

#[test]
fn a_signal_reaches_the_command() {
    let sandbox = Sandbox::new();
    let script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    let (mut child, line) = waiting(&sandbox, script);
    assert_eq!(line, "ready\n");
    let sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(9));
}

#[test]
fn two_runs_at_once_work() {
    let sandbox = Sandbox::new();
    let (mut first, line) = waiting(&sandbox, "echo ready; read answer; echo $answer");
    assert_eq!(line, "ready\n");
    let (mut second, line) = waiting(&sandbox, "echo ready");
    assert_eq!(line, "ready\n");
    assert_eq!(second.wait().expect("it ends").code(), Some(0));
    let mut said = String::new();
    let stderr = second.stderr.as_mut().expect("a pipe");
    stderr.read_to_string(&mut said).expect("text");
    assert!(
        said.contains("another `pinproof run` is under way"),
        "{said}"
    );
    let stdin = first.stdin.as_mut().expect("a pipe");
    stdin.write_all(b"done\n").expect("it listens");
    assert_eq!(first.wait().expect("it ends").code(), Some(0));
}

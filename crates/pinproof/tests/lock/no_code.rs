//! No process is started, and no code of a package runs, while it is locked, fetched and checked.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{NOW, Offered, Ran, Sandbox, Shelf, Wheel, asking};

/// Programs that package managers start; here each leaves a mark.
const PROGRAMS: [&str; 12] = [
    "python",
    "python3",
    "python3.12",
    "pip",
    "pip3",
    "uv",
    "git",
    "gcc",
    "cc",
    "sh",
    "bash",
    "make",
];

/// Everything that runs somewhere between `pip install` and the first import.
fn hostile(mark: &str) -> Vec<Offered> {
    let python = format!("open({mark:?}, 'a').write(__file__)\n");
    let pth = format!("import os; open({mark:?}, 'a').write('pth')\n");
    let backend = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\n[project]\n\
                   name = \"acme-source\"\nversion = \"1.0\"\ndynamic = [\"dependencies\"]\n";
    let sources = [
        ("setup.py", python.as_str()),
        ("backend.py", &python),
        ("pyproject.toml", backend),
    ];
    let wheel = Wheel::new("acme-wheel", "1.0")
        .requires("acme-source")
        .member("acme_wheel/__main__.py", &python)
        .member("acme_wheel.pth", &pth)
        .member("sitecustomize.py", &python)
        .member(
            "acme_wheel-1.0.data/scripts/acme",
            &format!("#!python\n{python}"),
        )
        .member(
            "acme_wheel-1.0.dist-info/entry_points.txt",
            "[console_scripts]\nacme = acme_wheel:main\n",
        );
    // The second is read from the archive itself, once as a wheel and once as a source distribution.
    let bare = Wheel::new("acme-bare", "1.0")
        .member("acme_bare/hook.py", &python)
        .member("bare.pth", &pth);
    vec![
        wheel.offered(),
        bare.bare(),
        Offered::sdist("acme-wheel", "1.0", &sources),
        Offered::sdist("acme-source", "1.0", &sources),
        Offered::sdist("acme-dynamic", "1.0", &sources),
    ]
}

/// Commands of a person who locks, fetches and checks.
fn commands(url: &str) -> Vec<Vec<String>> {
    let lock =
        "lock --python 3.12 --platform linux-x86_64 --allow-build acme-source requirements.in";
    let commands = [
        &format!("{lock} --to requirements.txt"),
        &format!("{lock} --to pylock.toml"),
        &format!("{lock} --check"),
        "download -r requirements.txt -d files --python 3.12 --platform linux-x86_64",
        "download acme-wheel==1.0 --no-deps --kind all -d all",
        "download acme-dynamic==1.0 --no-deps --kind sdist -d sdist",
        "check --python 3.12",
    ];
    let with_index = |command: &&str| {
        let words = command.split(' ').map(str::to_owned);
        let more = ["--index-url", url, "--as-of", NOW].map(str::to_owned);
        words.chain(more).collect()
    };
    commands.iter().map(with_index).collect()
}

/// A folder of programs that leave a mark.
fn traps(sandbox: &Sandbox, mark: &str) -> String {
    let folder = sandbox.home().join("traps");
    for name in PROGRAMS {
        sandbox.write_home(
            &format!("traps/{name}"),
            &format!("#!/bin/sh\necho {name} >> {mark}\n"),
        );
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.join(name), mode).expect("a mode");
    }
    folder.display().to_string()
}

/// Every command, each started as `start` says.
fn run_all(start: impl Fn(&Sandbox, &[&str], &str) -> Ran) {
    let sandbox = asking("acme-wheel\nacme-bare\n");
    let mark = sandbox.home().join("mark").display().to_string();
    let shelf = Shelf::with(&hostile(&mark));
    let path = traps(&sandbox, &mark);
    for command in commands(&shelf.url()) {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let ran = start(&sandbox, &words, &path);
        assert!([0, 1].contains(&ran.code), "{words:?} {}", ran.all());
        let said = std::fs::read_to_string(&mark).unwrap_or_default();
        assert_eq!(said, "", "{words:?} left a mark");
    }
    // They did their work: what they would have had to run is there.
    let text = sandbox.read("requirements.txt");
    assert!(text.contains("acme-source==1.0"), "{text}");
    for file in [
        "files/acme_wheel-1.0-py3-none-any.whl",
        "all/acme_wheel-1.0.tar.gz",
        "sdist/acme_dynamic-1.0.tar.gz",
    ] {
        assert!(sandbox.project().join(file).is_file(), "{file}");
    }
}

#[test]
fn nothing_leaves_a_mark() {
    run_all(|sandbox, words, path| sandbox.run_with(words, &[("PATH", path)]));
}

/// The same with the system's word for it: one program is started, and that is pinproof.
#[test]
fn no_process_is_started() {
    let strace = Path::new("/usr/bin/strace");
    if !strace.exists() {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!in_ci, "strace is missing");
        eprintln!("SKIPPED: strace is missing");
        return;
    }
    run_all(|sandbox, words, path| {
        let log = sandbox.home().join("trace");
        let log_path = log.display().to_string();
        let args = [
            "-f",
            "-e",
            "trace=execve,execveat",
            "-o",
            &log_path,
            env!("CARGO_BIN_EXE_pinproof"),
        ];
        let ran = sandbox.run_program(strace, &[&args[..], words].concat(), &[("PATH", path)]);
        let log = std::fs::read_to_string(log).expect("what strace saw");
        let started = log.lines().filter(|line| line.contains("execve")).count();
        assert_eq!(started, 1, "{words:?}\n{log}");
        ran
    });
}

//! A8: nothing of a package runs, and no process is started, whatever is fetched.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::shelf::{File, Shelf, names, usual};
use crate::support::{Sandbox, quiet_db};

/// Programs that anybody may be tempted to start.
const PROGRAMS: [&str; 12] = [
    "python", "python3", "pip", "uv", "sh", "bash", "git", "tar", "unzip", "curl", "env", "gcc",
];

/// Packages that leave a mark wherever their code runs.
fn hostile(mark: &Path) -> Vec<File> {
    let code = format!("open({:?}, 'a').write('ran')\n", mark.display().to_string());
    let pth = format!("import os; {code}");
    let wheel = File::wheel_of(
        "aaa",
        "1.0",
        "py3-none-any",
        &[
            ("aaa/__init__.py", &code),
            ("aaa.pth", &pth),
            ("sitecustomize.py", &code),
        ],
    );
    let source = File::sdist("aaa", "1.0", &code);
    let backend = format!(
        "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n# {code}"
    );
    let top = "bbb-1.0";
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in [
        ("pyproject.toml", &backend),
        ("backend.py", &code),
        ("setup.py", &code),
    ] {
        use std::io::Write as _;
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{top}/{path}"), options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let built = File::new(
        "bbb",
        "1.0",
        format!("{top}.zip"),
        zip.finish().unwrap().into_inner(),
    );
    vec![wheel, source, built]
}

/// A folder of programs that leave a mark when they are started.
fn traps(sandbox: &Sandbox, mark: &Path) -> String {
    for program in PROGRAMS {
        let path = sandbox.home().join("traps").join(program);
        sandbox.write_home(
            &format!("traps/{program}"),
            &format!("#!/bin/sh\necho {program} >> '{}'\n", mark.display()),
        );
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.home().join("traps").display().to_string()
}

#[test]
fn no_process_is_started_and_no_code_runs() {
    let sandbox = Sandbox::new();
    let mark = sandbox.home().join("mark");
    let files = hostile(&mark);
    let shelf = Shelf::with(&files);
    let path = traps(&sandbox, &mark);
    let lock: String = files.iter().map(File::locked).collect();
    sandbox.write("requirements.txt", &lock);
    sandbox.write("setup.py", "open('mark', 'w')");
    let url = shelf.url();
    let runs: [&[&str]; 3] = [
        &["download", "-r", "requirements.txt", "-d", "wheels"],
        &[
            "download",
            "aaa==1.0",
            "bbb",
            "--no-deps",
            "--kind",
            "all",
            "-d",
            "all",
        ],
        &["check"],
    ];
    for run in runs {
        let args = [run, &usual(&url)].concat();
        sandbox.run_with(&args, &[("PATH", &path)]);
        assert!(
            !mark.exists(),
            "{run:?}: {}",
            fs::read_to_string(&mark).unwrap_or_default()
        );
    }
    assert_eq!(names(&sandbox, "wheels"), ["aaa-1.0-py3-none-any.whl"]);
    assert_eq!(names(&sandbox, "all").len(), 3);
    // The traps work, or the test proves nothing.
    let sprung = Command::new(Path::new(&path).join("pip")).status().unwrap();
    assert!(sprung.success() && mark.exists());
}

/// The kernel's own word on it, where `strace` is there.
#[test]
fn the_system_sees_no_program_but_pinproof() {
    let strace = ["/usr/bin/strace", "/bin/strace"]
        .into_iter()
        .find(|path| Path::new(path).exists());
    let Some(strace) = strace else {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!in_ci, "strace is not there");
        eprintln!("SKIPPED: strace is not there");
        return;
    };
    let sandbox = Sandbox::new();
    let files = hostile(&sandbox.home().join("mark"));
    let shelf = Shelf::with(&files);
    sandbox.write("requirements.txt", files[0].locked());
    let log = sandbox.home().join("trace");
    let url = shelf.url();
    let log_name = log.display().to_string();
    let trace = [
        "-f",
        "-qq",
        "-e",
        "trace=execve,execveat,fork,vfork",
        "-o",
        &log_name,
    ];
    let get = ["download", "-r", "requirements.txt", "-d", "wheels"];
    let binary = [env!("CARGO_BIN_EXE_pinproof")];
    let args = [&trace[..], &binary, &get, &usual(&url)].concat();
    let database = quiet_db().display().to_string();
    let ran = sandbox.run_program(Path::new(strace), &args, &[("PINPROOF_DB", &database)]);
    let Ok(traced) = fs::read_to_string(&log) else {
        eprintln!("SKIPPED: strace may not trace here: {}", ran.all());
        return;
    };
    if !traced.contains("execve") {
        eprintln!("SKIPPED: strace may not trace here: {}", ran.all());
        return;
    }
    ran.ends_with(0);
    let started: Vec<&str> = traced
        .lines()
        .filter(|line| line.contains("exec"))
        .collect();
    assert_eq!(started.len(), 1, "{traced}");
    assert!(!traced.contains("fork"), "{traced}");
}

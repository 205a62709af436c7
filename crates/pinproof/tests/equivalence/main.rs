//! With a policy that refuses nothing, clients get through the gateway what they get from the index itself: the same pages,
//! in JSON and HTML and as pip reads them, and the same resolutions by pip and uv.
//!
//! `benches/equivalence/run.py` compares; here it does so with 30 real projects, and with indexes of a test.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use support::{Reply, Sandbox, Server, Shelf, Wheel, environment};

/// What the script ends with where the index cannot be reached.
const UNREACHABLE: i32 = 77;

/// The script with its tools; none, loudly, where they cannot be had.
fn script() -> Option<(PathBuf, Vec<String>)> {
    let pip = environment("pip", &["pip==26.3"])?;
    let uv = environment("uv", &["uv==0.13.9"])?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/equivalence");
    let args = [
        folder.join("run.py").display().to_string(),
        "--pinproof".to_owned(),
        env!("CARGO_BIN_EXE_pinproof").to_owned(),
        "--uv".to_owned(),
        uv.join("uv").display().to_string(),
    ];
    Some((pip.join("python"), args.to_vec()))
}

fn all(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

/// It asks the index that the machine's pip is configured with.
#[test]
fn thirty_real_projects_are_the_same_through_the_gateway() {
    let Some((python, args)) = script() else {
        return;
    };
    let names = Path::new(&args[0]).with_file_name("thirty.txt");
    let mut command = Command::new(python);
    let output = command.args(args).arg(names).output().expect("it runs");
    if output.status.code() == Some(UNREACHABLE) {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!in_ci, "{}", all(&output));
        eprintln!("SKIPPED: {}", all(&output));
        return;
    }
    assert!(output.status.success(), "{}", all(&output));
    let counts = all(&output);
    assert!(counts.contains("\"differ\": 0"), "{counts}");
}

/// Compares on an index of the test.
fn compared(index: &str, names: &str) -> Option<(i32, String)> {
    let (python, args) = script()?;
    let sandbox = Sandbox::new();
    sandbox.write("names.txt", names);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let args = [&args[..], &["names.txt"]].concat();
    let ran = sandbox.run_program(&python, &args, &[("PIP_INDEX_URL", index)]);
    Some((ran.code, ran.all()))
}

#[test]
fn odd_names_reasons_and_withdrawn_releases_come_through_as_they_are() {
    let shelf = Shelf::with(&[
        Wheel::new("six", "1.0").offered(),
        Wheel::new("demo", "1.0").requires("odd-name>=1").offered(),
        Wheel::new("demo", "2.0")
            .yanked("it <breaks> \"x\" & 'y'\r\n\tsee\u{a0}there")
            .offered(),
        Wheel::new("odd-name", "1!2.0.post1+local.1")
            .python(">=3.6,<99")
            .offered(),
        Wheel::new("odd-name", "1.0").bare(),
    ]);
    let Some((code, said)) = compared(&shelf.url(), "demo\nOdd.Name\n") else {
        return;
    };
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("\"differ\": 0") && said.contains("\"pip\": 2"),
        "{said}"
    );
}

/// The comparison sees what it is there for.
#[test]
fn an_index_that_says_something_else_each_time_is_noticed() {
    let asked = AtomicUsize::new(0);
    let wheel = Wheel::new("six", "1.0").offered();
    let hash = wheel.sha256();
    let server = Server::new(move |request| {
        if !request.path.contains("/simple/") {
            return Reply::ok(wheel.bytes.clone());
        }
        let time = asked.fetch_add(1, Ordering::Relaxed);
        let page = json!({
            "meta": {"api-version": "1.1"}, "name": "six",
            "files": [{
                "filename": wheel.filename, "url": format!("/files/{}", wheel.filename),
                "hashes": {"sha256": hash}, "requires-python": format!(">=3.{}", time % 7),
                "upload-time": "2020-01-01T00:00:00Z", "yanked": false,
            }],
        });
        let kind = vec![(
            "Content-Type",
            "application/vnd.pypi.simple.v1+json".to_owned(),
        )];
        Reply::Says(200, kind, page.to_string().into_bytes())
    });
    let Some((code, said)) = compared(&format!("{}simple/", server.url()), "six\n") else {
        return;
    };
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("requires-python") && said.contains("\"differ\": 1"),
        "{said}"
    );
}

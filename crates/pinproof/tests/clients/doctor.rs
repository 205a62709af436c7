//! What `doctor` says of clients that go through a gateway, of those that reach nobody, and of a hostile index.

use crate::gateway::Gateway;
use crate::shelf::{File, Shelf, names};
use crate::support::{Ran, Sandbox};
use crate::tools::Tools;

/// The variables that point every client at an index.
pub(crate) fn pointed<'a>(index: &'a str, path: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("PATH", path),
        ("PIP_INDEX_URL", index),
        ("UV_DEFAULT_INDEX", index),
        ("PDM_PYPI_URL", index),
    ]
}

pub(crate) fn doctor(
    sandbox: &Sandbox,
    tools: &Tools,
    more: &[&str],
    variables: &[(&str, &str)],
) -> Ran {
    let python = tools.python();
    let args = [&["doctor", "--python-exe", &python][..], more].concat();
    sandbox.run_with(&args, variables)
}

#[test]
fn clients_behind_a_gateway_are_protected() {
    let Some(tools) = Tools::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let (index, path) = (gateway.simple(), tools.path(&sandbox, &["uv"]));
    let ran = doctor(&sandbox, &tools, &[], &pointed(&index, &path));
    ran.ends_with(0)
        .says("protected: pip (")
        .says("protected: uv pip (")
        .says("protected: uv (")
        .says(&format!("{} decides, by policy ", gateway.url))
        .says("which is that of this folder")
        .says("PROTECTED: of 3 clients, 3 through a gateway, 0 not, 0 not known");
    assert_eq!(shelf.asked(), Vec::<String>::new());
    let json = doctor(
        &sandbox,
        &tools,
        &["--format", "json", "--client", "uv-pip"],
        &pointed(&index, &path),
    );
    let report = json.ends_with(0).json();
    assert_eq!(report["clients"].as_array().expect("clients").len(), 1);
    let client = &report["clients"][0];
    assert_eq!(client["client"], "uv pip");
    assert_eq!(client["outcome"], "protected");
    assert_eq!(client["gateway"], gateway.url.as_str());
    assert_eq!(client["is_policy_of_this_folder"], true);
    let policy = report["policy"].as_str().expect("a digest");
    assert!(policy.starts_with(client["policy"].as_str().expect("digits")));
    assert_eq!(names(&sandbox, ""), ["data"]);
    // Another gateway than the one that has to answer.
    let another = ["--client", "pip", "--gateway", "http://gate.example"];
    doctor(&sandbox, &tools, &another, &pointed(&index, &path))
        .ends_with(1)
        .says("and not of http://gate.example");
    doctor(
        &sandbox,
        &tools,
        &["--client", "pip", "--gateway", &gateway.url],
        &pointed(&index, &path),
    )
    .ends_with(0);
}

#[test]
fn pdm_and_poetry_are_asked_where_the_project_is_theirs() {
    let Some(tools) = Tools::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[]));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let (index, path) = (gateway.simple(), tools.path(&sandbox, &["pdm", "poetry"]));
    // Its own scripts and plug-ins are not those of a question.
    let project = |tables: &str| {
        sandbox.write(
            "pyproject.toml",
            format!("[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"nobody-has-it\"]\n{tables}"),
        );
    };
    let hook = "[tool.pdm.scripts]\npre_lock = \"touch ran\"\n";
    project(&format!(
        "{hook}[[tool.poetry.source]]\nname = \"gate\"\nurl = \"{index}\"\npriority = \"primary\"\n"
    ));
    let ran = doctor(&sandbox, &tools, &[], &pointed(&index, &path));
    ran.ends_with(0)
        .says("protected: PDM (")
        .says("protected: Poetry (");
    assert_eq!(names(&sandbox, ""), ["data", "pyproject.toml"]);
    assert_eq!(shelf.asked(), Vec::<String>::new());
    project(
        "[tool.poetry]\n[[tool.pdm.source]]\nname = \"more\"\nurl = \"http://127.0.0.1:9/more/\"\n",
    );
    let ran = doctor(&sandbox, &tools, &[], &pointed(&index, &path));
    ran.ends_with(1)
        .says("not protected: PDM (")
        .says("pyproject.toml:9: http://127.0.0.1:9/more/ is asked, too")
        .says("not protected: Poetry (")
        .says("it asks PyPI: the project names no primary source");
    // A source that no other client has proven is not asked by a client that may build.
    project(
        "[[tool.poetry.source]]\nname = \"x\"\nurl = \"http://127.0.0.1:9/x/\"\npriority = \"primary\"\n",
    );
    let ran = doctor(
        &sandbox,
        &tools,
        &["--client", "poetry"],
        &pointed(&index, &path),
    );
    ran.ends_with(3)
        .says("not known: Poetry (")
        .says("nothing tells Poetry not to build");
}

#[test]
fn a_gateway_that_is_down_protects_nobody() {
    let Some(tools) = Tools::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let down = format!("{}simple/", crate::support::Server::refused());
    let path = tools.path(&sandbox, &["uv"]);
    let ran = doctor(&sandbox, &tools, &[], &pointed(&down, &path));
    ran.ends_with(3)
        .says("not known: pip (")
        .says("not known: uv pip (")
        .says("not known: uv (")
        .says("nobody answered it")
        .says("UNDECIDED");
    assert!(!ran.stdout.contains("\nprotected"), "{}", ran.all());
}

#[test]
fn a_hostile_index_with_a_canary_of_its_own_runs_nothing() {
    let Some(tools) = Tools::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let touched = sandbox.home().join("ran");
    let code = format!("open({:?}, 'w')\n", touched.display().to_string());
    let path_file = [("pinproof_canary.pth", format!("import sys; {code}"))];
    let members: Vec<_> = path_file
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let name = "pinproof-canary";
    let wheel = File::wheel_of(name, "1", "py3-none-any", &members);
    let sdist = File::sdist(name, "1", &code);
    let path = tools.path(&sandbox, &["uv", "pdm"]);
    sandbox.write("pdm.toml", "");
    for files in [vec![wheel], vec![sdist]] {
        let shelf = Shelf::with(&files);
        let ran = doctor(&sandbox, &tools, &[], &pointed(&shelf.url(), &path));
        ran.ends_with(1)
            .says("NOT PROTECTED: of 4 clients, 0 through a gateway, 4 not");
        assert!(
            shelf.asked().contains(&name.to_owned()),
            "{:?}",
            shelf.asked()
        );
        assert!(!touched.exists(), "{}", ran.all());
        assert_eq!(names(&sandbox, ""), ["pdm.toml"]);
    }
}

#[test]
fn no_client_is_no_protection() {
    let sandbox = Sandbox::new();
    let nothing = sandbox.home().display().to_string();
    let ran = sandbox.run_with(&["doctor"], &[("PATH", &nothing)]);
    ran.ends_with(2)
        .says("COULD NOT RUN: there is no client to ask");
    let ran = sandbox.run_with(&["doctor", "--client", "poetry"], &[("PATH", &nothing)]);
    ran.ends_with(2).says("not there: Poetry");
    sandbox
        .run_with(&["doctor", "--format", "sarif"], &[("PATH", &nothing)])
        .ends_with(2)
        .notes("`doctor` answers as text or json");
}

#[test]
fn a_program_of_the_project_is_not_started() {
    let sandbox = Sandbox::new();
    sandbox.write("bin/uv", "#!/bin/sh\ntouch ran\n");
    let uv = sandbox.project().join("bin/uv");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&uv, mode).expect("permissions");
    let path = sandbox.project().join("bin").display().to_string();
    let ran = sandbox.run_with(&["doctor"], &[("PATH", &path)]);
    ran.ends_with(3)
        .says("not known: uv (")
        .says("it lies in the project");
    assert_eq!(names(&sandbox, ""), ["bin"]);
}

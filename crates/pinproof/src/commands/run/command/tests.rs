//! Which commands are started, and which are not.

use std::ffi::OsString;

use super::{Client, Command};

fn read(line: &str) -> Result<Command, String> {
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    Command::read(&words).map_err(|refused| refused.why.to_string())
}

fn inputs(line: &str) -> Vec<String> {
    let command = read(line).expect("it is started");
    let shown = command.inputs.iter().map(|path| path.display().to_string());
    shown.collect()
}

#[test]
fn a_client_is_known_however_it_is_called() {
    for (line, client) in [
        ("pip install demo", Client::Pip),
        ("/opt/x/bin/pip3.12 install demo", Client::Pip),
        ("python -m pip install demo", Client::Pip),
        (
            ".venv/bin/python3 -I -X dev -m pip install demo",
            Client::Pip,
        ),
        ("pip --version", Client::Pip),
        ("uv pip install demo", Client::UvPip),
        ("python3 -m uv -q pip sync r.txt", Client::UvPip),
        ("uv --directory x pip list", Client::UvPip),
        ("uvx --from ruff==1 ruff check --index-url x", Client::Uv),
        ("uv sync --frozen", Client::Uv),
        ("uv run --frozen pytest -i x", Client::Uv),
        ("uv run --no-project --with demo python -c pass", Client::Uv),
        ("pdm sync", Client::Pdm),
        ("pdm -p x install --frozen-lockfile", Client::Pdm),
        ("poetry -C x install", Client::Poetry),
    ] {
        assert_eq!(read(line).expect(line).client, Some(client), "{line}");
    }
    for line in [
        "make",
        "bash -c pip",
        "python setup.py install",
        "pipx run x",
        "pip-compile",
        "python -c pip",
    ] {
        assert_eq!(read(line).expect(line).client, None, "{line}");
    }
}

#[test]
fn what_leads_around_is_not_started() {
    for line in [
        "pip install -i http://x demo",
        "pip install -qi http://x demo",
        "pip install -Uihttp://x demo",
        "pip install --index-url=http://x demo",
        "pip install --index-u http://x demo",
        "pip --proxy http://x install demo",
        "pip --isolated install demo",
        "pip install -f wheels demo",
        "pip install --extra-index http://x demo",
        "pip install demo@https://x.example/demo.whl",
        "pip install -e git+https://x.example/demo",
        "pip install --report out.json demo",
        "pip download --find-links x demo",
        "uv pip install --default-index http://x demo",
        "uv pip install --index x=http://x demo",
        "uv pip sync -f wheels r.txt",
        "uv pip install --torch-backend cpu torch",
        "uv --config-file x.toml pip install demo",
        "uv run --frozen --index http://x pytest",
        "uvx --index http://x ruff",
        "uvx --from git+https://x.example/y y",
        "pip install -Z demo",
    ] {
        assert!(read(line).is_err(), "{line}");
    }
}

#[test]
fn what_writes_a_lock_is_not_started() {
    for line in [
        "uv lock",
        "uv add demo",
        "uv remove demo",
        "uv sync",
        "uv run pytest --frozen",
        "uv -q sync --locked",
        "uv pip compile --format pylock.toml r.in",
        "uv pip compile -o pylock.toml r.in",
        "uv pip compile --emit-index-url r.in",
        "uv tool install ruff",
        "pip lock demo",
        "pdm install",
        "pdm add demo",
        "pdm -p x lock",
        "poetry lock",
        "poetry -C x add demo",
        "poetry update",
    ] {
        assert!(read(line).is_err(), "{line}");
    }
}

#[test]
fn the_files_that_are_read_are_named() {
    assert_eq!(
        inputs("pip install -r a.txt -cb.txt --requirement=c.txt --constraint d.txt x"),
        ["a.txt", "b.txt", "c.txt", "d.txt"]
    );
    assert_eq!(
        inputs("pip install -qUr a.txt --requirem b.txt"),
        ["a.txt", "b.txt"]
    );
    assert_eq!(
        inputs("uv pip sync a.txt b.txt --constraints c.txt"),
        ["a.txt", "b.txt", "c.txt"]
    );
    assert_eq!(
        inputs("uv pip compile a.in -o a.txt -c c.txt"),
        ["a.in", "c.txt"]
    );
    assert_eq!(
        read("uv sync --frozen --project x")
            .expect("it is started")
            .lock,
        Some("uv.lock")
    );
    assert_eq!(
        read("poetry install").expect("it is started").lock,
        Some("poetry.lock")
    );
}
